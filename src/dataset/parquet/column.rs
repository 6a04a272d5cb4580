//! A column of a row group, value by value over all its pages.

use serde_json::Value;

use crate::dataset::parquet::chunk::Chunk;
use crate::dataset::parquet::codec::Codec;
use crate::dataset::parquet::hybrid::Hybrid;
use crate::dataset::parquet::meaning;
use crate::dataset::parquet::meter::Meter;
use crate::dataset::parquet::page::{Header, PageKind};
use crate::dataset::parquet::schema::Leaf;
use crate::dataset::parquet::values::{Decoder, Dictionary, Odd, Raw, word};
use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// The encoding of levels: runs and packed bits.
const RUNS: i64 = 3;
/// What a value of a dictionary costs besides its bytes.
const PLACE: u64 = 8;

/// Where a value stands in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    pub(super) repetition: u16,
    pub(super) definition: u16,
}

/// A column that is being read.
pub(super) struct Column<'f> {
    source: &'f dyn ReadAt,
    meter: &'f Meter,
    pub(super) leaf: &'f Leaf,
    chunk: Chunk,
    /// Values of the chunk that no page had yet.
    left: u64,
    dictionary: Option<Dictionary>,
    page: Option<Page>,
    /// The levels of the next value.
    next: Option<Levels>,
    held: u64,
}

struct Page {
    start: u64,
    bytes: Vec<u8>,
    left: u64,
    held: u64,
    repetition: Option<Hybrid>,
    definition: Option<Hybrid>,
    decoder: Decoder,
}

impl<'f> Column<'f> {
    pub(super) fn new(source: &'f dyn ReadAt, meter: &'f Meter, leaf: &'f Leaf, chunk: Chunk) -> Self {
        Self { source, meter, leaf, chunk, left: chunk.values, dictionary: None, page: None, next: None, held: 0 }
    }

    /// Returns the levels of the next value, or none at the end of the row group.
    pub(super) fn peek(&mut self) -> Result<Option<Levels>, FormatError> {
        while self.next.is_none() {
            let Some(page) = self.page.as_mut().filter(|page| page.left > 0) else {
                if self.left == 0 {
                    return Ok(None);
                }
                self.turn()?;
                continue;
            };
            page.left -= 1;
            let levels = page.levels().filter(|levels| {
                levels.repetition <= self.leaf.repetition && levels.definition <= self.leaf.definition
            });
            let start = page.start;
            self.next = Some(levels.ok_or_else(|| self.odd(start, Odd("has levels that its schema has not")))?);
        }
        Ok(self.next)
    }

    /// Takes the next value, which is there.
    pub(super) fn take(&mut self) -> Result<Value, FormatError> {
        self.next = None;
        let Some(page) = self.page.as_mut() else { return Ok(Value::Null) };
        let (start, leaf) = (page.start, self.leaf);
        let raw = page.decoder.next(&page.bytes, self.dictionary.as_ref(), leaf);
        let raw = raw.map_err(|odd| fault(leaf, start, odd))?;
        self.meter.value(if let Raw::Bytes(bytes) = raw { bytes.len() } else { 0 })?;
        meaning::value(raw, leaf).map_err(|odd| fault(leaf, start, odd))
    }

    /// Passes over a value that is not there.
    pub(super) fn pass(&mut self) -> Result<(), FormatError> {
        self.next = None;
        self.meter.value(0)
    }

    /// Says what is wrong with the page that is open.
    pub(super) fn mismatched(&self, what: &'static str) -> FormatError {
        self.odd(self.page.as_ref().map_or(self.chunk.start, |page| page.start), Odd(what))
    }

    fn odd(&self, start: u64, odd: Odd) -> FormatError {
        fault(self.leaf, start, odd)
    }

    /// Reads the next page, whatever it holds.
    fn turn(&mut self) -> Result<(), FormatError> {
        if let Some(page) = self.page.take() {
            self.meter.close(page.held);
        }
        let start = self.chunk.start;
        if start >= self.chunk.end {
            return Err(self.odd(start, Odd("has fewer values than it says")));
        }
        let header = Header::read(self.source, start, self.chunk.end)?;
        self.chunk.start = start + header.length + header.packed;
        match header.kind {
            PageKind::Other => Ok(()),
            PageKind::Dictionary => self.open_dictionary(start, &header),
            PageKind::First | PageKind::Second => {
                self.left = self
                    .left
                    .checked_sub(header.values)
                    .ok_or_else(|| self.odd(start, Odd("has more values in its pages than it says")))?;
                self.open(start, &header)
            }
        }
    }

    fn open_dictionary(&mut self, start: u64, header: &Header) -> Result<(), FormatError> {
        if self.dictionary.is_some() || !matches!(header.encoding, 0 | 2) {
            return Err(self.odd(start, Odd("has two dictionaries, or one that is packed")));
        }
        let places = header.values.min(header.unpacked) * PLACE;
        self.meter.open(places)?;
        self.held = header.unpacked + places;
        let packed = self.packed(start, header)?;
        let bytes = self.unpack(start, self.chunk.codec, packed, header.unpacked)?;
        self.meter.close(self.passing(header));
        let dictionary = Dictionary::new(bytes, header.values, self.leaf).map_err(|odd| self.odd(start, odd))?;
        self.dictionary = Some(dictionary);
        Ok(())
    }

    fn open(&mut self, start: u64, header: &Header) -> Result<(), FormatError> {
        let packed = self.packed(start, header)?;
        let levels = header.definition.saturating_add(header.repetition);
        let bytes = if header.kind == PageKind::First {
            self.unpack(start, self.chunk.codec, packed, header.unpacked)?
        } else {
            let short = || self.odd(start, Odd("has more levels than a page has bytes"));
            let mut packed = packed;
            let values =
                usize::try_from(levels).ok().filter(|levels| *levels <= packed.len()).map(|at| packed.split_off(at));
            let (values, rest) = values.zip(header.unpacked.checked_sub(levels)).ok_or_else(short)?;
            let codec = if header.plain || values.is_empty() && rest == 0 { Codec::None } else { self.chunk.codec };
            packed.append(&mut self.unpack(start, codec, values, rest)?);
            packed
        };
        self.meter.close(self.passing(header));
        self.page = Some(self.parts(start, header, bytes)?);
        Ok(())
    }

    /// Returns how many bytes are held only until a page is unpacked.
    fn passing(&self, header: &Header) -> u64 {
        header.packed + self.chunk.codec.window(header.unpacked)
    }

    /// Reads the bytes of a page as they are, once there is room for them and for what they unpack to.
    fn packed(&self, start: u64, header: &Header) -> Result<Vec<u8>, FormatError> {
        self.meter.open(header.unpacked + self.passing(header))?;
        Ok(exactly(self.source, start + header.length, usize::try_from(header.packed).unwrap_or(usize::MAX))?)
    }

    fn unpack(&self, start: u64, codec: Codec, packed: Vec<u8>, claimed: u64) -> Result<Vec<u8>, FormatError> {
        let unpacked = codec.unpack(packed, usize::try_from(claimed).unwrap_or(usize::MAX));
        unpacked.ok_or_else(|| self.odd(start, Odd("has a page that does not unpack to what it says")))
    }

    /// Finds levels and values in a page.
    fn parts(&self, start: u64, header: &Header, bytes: Vec<u8>) -> Result<Page, FormatError> {
        let odd = |odd| self.odd(start, odd);
        let [definition, repetition] = header.levels;
        let (mut at, first) = (0, header.kind == PageKind::First);
        let mut levels = |highest: u16, encoding: i64, length: u64| {
            if highest == 0 && first {
                return Ok(None);
            }
            let length = if first {
                if encoding != RUNS {
                    return Err(Odd("has levels in the deprecated encoding BIT_PACKED, which is not read"));
                }
                at += 4;
                word(&bytes, at - 4)?
            } else {
                usize::try_from(length).unwrap_or(usize::MAX)
            };
            let begin = at;
            at = at.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(Odd("has levels that end early"))?;
            Ok(Hybrid::new(begin, at, Hybrid::width_of(highest)).filter(|_| highest > 0))
        };
        let repetition = levels(self.leaf.repetition, repetition, header.repetition).map_err(odd)?;
        let definition = levels(self.leaf.definition, definition, header.definition).map_err(odd)?;
        let decoder = Decoder::new(header.encoding, &bytes, at, self.leaf).map_err(odd)?.ok_or_else(|| {
            FormatError::Unsupported(format!(
                "the column `{}` has values in the encoding {}, which is not read for them: write the file again with the \
                 defaults of its library",
                self.leaf.path, header.encoding
            ))
        })?;
        Ok(Page { start, bytes, left: header.values, held: header.unpacked, repetition, definition, decoder })
    }
}

impl Drop for Column<'_> {
    fn drop(&mut self) {
        self.meter.close(self.held + self.page.as_ref().map_or(0, |page| page.held));
    }
}

impl Page {
    fn levels(&mut self) -> Option<Levels> {
        let level = |levels: &mut Option<Hybrid>| match levels {
            None => Some(0),
            Some(levels) => levels.next(&self.bytes).and_then(|level| u16::try_from(level).ok()),
        };
        Some(Levels { repetition: level(&mut self.repetition)?, definition: level(&mut self.definition)? })
    }
}

fn fault(leaf: &Leaf, start: u64, odd: Odd) -> FormatError {
    FormatError::malformed(start, format!("the column `{}` {}", leaf.path, odd.0))
}
