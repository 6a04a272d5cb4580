//! Writing Parquet files that no library would write.

use crate::weights::protobuf::write::varint;

/// A struct of the compact protocol that is being written.
#[derive(Default)]
pub(super) struct Fields {
    bytes: Vec<u8>,
    last: u8,
}

/// Writes a number in groups of seven bits, its sign last.
fn zigzag(value: i64) -> Vec<u8> {
    varint(((value << 1) ^ (value >> 63)).cast_unsigned())
}

impl Fields {
    fn field(mut self, field: u8, kind: u8, value: &[u8]) -> Self {
        self.bytes.push((field - self.last) << 4 | kind);
        self.bytes.extend(value);
        self.last = field;
        self
    }

    pub(super) fn number(self, field: u8, value: i64) -> Self {
        self.field(field, 6, &zigzag(value))
    }

    pub(super) fn text(self, field: u8, text: &str) -> Self {
        self.field(field, 8, &[varint(text.len() as u64), text.as_bytes().to_vec()].concat())
    }

    pub(super) fn part(self, field: u8, part: Self) -> Self {
        self.field(field, 12, &part.finish())
    }

    pub(super) fn parts(self, field: u8, parts: Vec<Self>) -> Self {
        let mut bytes = vec![0xfc];
        bytes.extend(varint(parts.len() as u64));
        bytes.extend(parts.into_iter().flat_map(Self::finish));
        self.field(field, 9, &bytes)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

/// A file with one column of a list of texts, and what it says of itself.
pub(super) struct Forged {
    pub(super) repeated: bool,
    pub(super) codec: i64,
    pub(super) values: i64,
    pub(super) rows: i64,
    pub(super) pages: Vec<u8>,
    pub(super) chunk: fn(Fields) -> Fields,
}

impl Default for Forged {
    fn default() -> Self {
        Self { repeated: false, codec: 0, values: 1, rows: 1, pages: Vec::new(), chunk: |chunk| chunk }
    }
}

impl Forged {
    /// Adds a dictionary of one text.
    pub(super) fn dictionary(mut self, text: &[u8]) -> Self {
        let value = [u32::try_from(text.len()).unwrap().to_le_bytes().to_vec(), text.to_vec()].concat();
        let size = i64::try_from(value.len()).unwrap();
        let inner = Fields::default().number(1, 1).number(2, 0);
        let header = Fields::default().number(1, 2).number(2, size).number(3, size).part(7, inner);
        self.pages.extend([header.finish(), value].concat());
        self
    }

    /// Adds a page with an encoding.
    pub(super) fn page(mut self, values: i64, encoding: i64, bytes: &[u8]) -> Self {
        let size = i64::try_from(bytes.len()).unwrap();
        let inner = Fields::default().number(1, values).number(2, encoding).number(3, 3).number(4, 3);
        let header = Fields::default().number(1, 0).number(2, size).number(3, size).part(5, inner);
        self.pages.extend([header.finish(), bytes.to_vec()].concat());
        self
    }

    pub(super) fn file(self) -> Vec<u8> {
        let repetition = if self.repeated { 2 } else { 0 };
        let root = Fields::default().text(4, "schema").number(5, 1);
        let column = Fields::default().number(1, 6).number(3, repetition).text(4, "a\u{1b}");
        let length = i64::try_from(self.pages.len()).unwrap();
        let said = Fields::default().number(1, 6).number(4, self.codec).number(5, self.values);
        let said = said.number(6, length).number(7, length).number(9, 4);
        let chunk = (self.chunk)(Fields::default().part(3, said));
        let group = Fields::default().parts(1, vec![chunk]).number(3, self.rows);
        let metadata = Fields::default().number(1, 2).parts(2, vec![root, column]).number(3, self.rows);
        let metadata = metadata.parts(4, vec![group]).finish();
        let size = u32::try_from(metadata.len()).unwrap().to_le_bytes();
        [b"PAR1", self.pages.as_slice(), &metadata, &size, b"PAR1"].concat()
    }
}

/// Writes levels or places as one run.
pub(super) fn run(count: u64, value: u8) -> Vec<u8> {
    [varint(count << 1), vec![value]].concat()
}

/// Writes levels with their length before them.
pub(super) fn levels(runs: &[Vec<u8>]) -> Vec<u8> {
    let bytes = runs.concat();
    [u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec(), bytes].concat()
}
