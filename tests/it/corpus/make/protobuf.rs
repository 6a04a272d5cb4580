//! Protocol buffers: fields one after another.

/// A message in the making.
#[derive(Clone, Default)]
pub struct Message {
    pub bytes: Vec<u8>,
}

impl Message {
    pub fn new() -> Self {
        Self::default()
    }

    /// A field with a number.
    pub fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    /// A field with bytes, a string or a message.
    pub fn field(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        self.varint(field << 3 | 2);
        self.varint(u64::try_from(value.as_ref().len()).unwrap());
        self.bytes.extend(value.as_ref());
        self
    }

    /// Each value in a field of its own.
    pub fn repeated<V: AsRef<[u8]>>(self, field: u64, values: impl IntoIterator<Item = V>) -> Self {
        values.into_iter().fold(self, |message, value| message.field(field, value))
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        self.bytes.push(u8::try_from(value).unwrap());
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
