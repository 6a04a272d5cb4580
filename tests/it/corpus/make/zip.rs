//! Zip files in which every header can lie.

use super::checksum::crc32;
use super::deflate::deflate;

/// An entry, with what its local and its central header say.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub content: Vec<u8>,
    /// What the local header calls it.
    pub local_name: String,
    pub local_flags: u16,
    pub flags: u16,
    pub method: u16,
    pub local_method: u16,
    pub crc: u32,
    pub size: u32,
    pub local_size: u32,
    /// The bytes in the file.
    pub packed: Vec<u8>,
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    /// The mode of Unix in the upper half: a link is 0o120777.
    pub attributes: u32,
    /// Not in the central directory.
    pub hidden: bool,
}

impl Entry {
    /// A stored entry.
    pub fn new(name: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = u32::try_from(content.len()).unwrap();
        Self {
            name: name.to_owned(),
            local_name: name.to_owned(),
            local_flags: 0,
            flags: 0,
            method: 0,
            local_method: 0,
            crc: crc32(&content),
            size,
            local_size: size,
            packed: content.clone(),
            content,
            extra: Vec::new(),
            local_extra: Vec::new(),
            attributes: 0,
            hidden: false,
        }
    }

    /// Deflates it.
    pub fn deflated(mut self) -> Self {
        self.packed = deflate(&self.content);
        self.method = 8;
        self.local_method = 8;
        self
    }

    /// Changes it.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn local(&self) -> Vec<u8> {
        let packed = u32::try_from(self.packed.len()).unwrap();
        let packed = if self.local_size == 0 && self.size != 0 { 0 } else { packed };
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend(self.local_flags.to_le_bytes());
        out.extend(self.local_method.to_le_bytes());
        out.extend([0, 0, 0x21, 0]);
        out.extend(self.crc.to_le_bytes());
        out.extend(packed.to_le_bytes());
        out.extend(self.local_size.to_le_bytes());
        out.extend(short(self.local_name.len()));
        out.extend(short(self.local_extra.len()));
        out.extend(self.local_name.as_bytes());
        out.extend(&self.local_extra);
        out.extend(&self.packed);
        out
    }

    fn central(&self, offset: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0]);
        out.extend(self.crc.to_le_bytes());
        out.extend(u32::try_from(self.packed.len()).unwrap().to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.extend(short(self.name.len()));
        out.extend(short(self.extra.len()));
        out.extend([0; 6]);
        out.extend(self.attributes.to_le_bytes());
        out.extend(u32::try_from(offset).unwrap().to_le_bytes());
        out.extend(self.name.as_bytes());
        out.extend(&self.extra);
        out
    }
}

/// A zip in the making.
#[derive(Clone, Default)]
pub struct Zip {
    pub entries: Vec<Entry>,
    /// Bytes before the first entry, which offsets count.
    pub before: Vec<u8>,
    /// Bytes before the first entry, which offsets don't count.
    pub stub: Vec<u8>,
    /// Bytes between entries and central directory.
    pub between: Vec<u8>,
    /// Bytes behind the end record.
    pub after: Vec<u8>,
    pub comment: Vec<u8>,
    /// How many entries the end record counts.
    pub count: Option<u16>,
}

impl Zip {
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self { entries: entries.into_iter().collect(), ..Self::default() }
    }

    /// Changes it.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut central = Vec::new();
        let mut listed = 0;
        for entry in &self.entries {
            if !entry.hidden {
                central.extend(entry.central(out.len()));
                listed += 1;
            }
            out.extend(entry.local());
        }
        out.extend(&self.between);
        let offset = out.len();
        out.extend(&central);
        let count = self.count.unwrap_or(listed).to_le_bytes();
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(count);
        out.extend(count);
        out.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
        out.extend(u32::try_from(offset).unwrap().to_le_bytes());
        out.extend(short(self.comment.len()));
        out.extend(&self.comment);
        out.extend(&self.after);
        [self.stub.clone(), out].concat()
    }
}

fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_le_bytes()
}

/// A zip of stored files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    Zip::new(files.iter().map(|(name, content)| Entry::new(name, *content))).bytes()
}
