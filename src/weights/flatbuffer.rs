//! FlatBuffers, as far as a few fields of a table need it: every offset is checked before it is followed.

use crate::source::{ReadAt, exactly};
use crate::weights::FormatError;

/// A table of a `FlatBuffer`.
#[derive(Clone, Copy)]
pub struct Table<'s> {
    source: &'s dyn ReadAt,
    offset: u64,
    fields: u64,
    size: u64,
}

impl<'s> Table<'s> {
    /// Returns the table at the root.
    pub fn root(source: &'s dyn ReadAt) -> Result<Self, FormatError> {
        Self::at(source, u64::from(word(source, 0)?))
    }

    /// Returns the table at the root of a buffer that begins at a place.
    pub fn root_at(source: &'s dyn ReadAt, start: u64) -> Result<Self, FormatError> {
        Self::at(source, start.saturating_add(u64::from(word(source, start)?)))
    }

    fn at(source: &'s dyn ReadAt, offset: u64) -> Result<Self, FormatError> {
        let distance = i64::from(i32::from_le_bytes(array(source, offset)?));
        let fields = offset.checked_add_signed(-distance);
        let fields = fields.ok_or_else(|| FormatError::malformed(offset, "a table's fields are outside the file"))?;
        let size = u64::from(u16::from_le_bytes(array(source, fields)?));
        if size < 4 || size % 2 != 0 {
            return Err(FormatError::malformed(fields, "a table of fields has no valid size"));
        }
        Ok(Self { source, offset, fields, size })
    }

    /// Returns the place of the table.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the place of a field, if the table has it.
    fn field(&self, index: u64) -> Result<Option<u64>, FormatError> {
        let entry = 4 + 2 * index;
        if entry + 2 > self.size {
            return Ok(None);
        }
        let distance = u16::from_le_bytes(array(self.source, self.fields.saturating_add(entry))?);
        Ok((distance != 0).then(|| self.offset.saturating_add(u64::from(distance))))
    }

    /// Returns a field of one byte, or 0.
    pub fn byte(&self, index: u64) -> Result<i8, FormatError> {
        self.field(index)?.map_or(Ok(0), |offset| Ok(i8::from_le_bytes(array(self.source, offset)?)))
    }

    /// Returns a field of four bytes, or 0.
    pub fn number(&self, index: u64) -> Result<i32, FormatError> {
        self.field(index)?.map_or(Ok(0), |offset| Ok(i32::from_le_bytes(array(self.source, offset)?)))
    }

    /// Returns a field of eight bytes, or 0.
    pub fn long(&self, index: u64) -> Result<i64, FormatError> {
        self.field(index)?.map_or(Ok(0), |offset| Ok(i64::from_le_bytes(array(self.source, offset)?)))
    }

    /// Returns a table inside this one, or nothing.
    pub fn table(&self, index: u64) -> Result<Option<Self>, FormatError> {
        self.field(index)?.map(|field| Self::at(self.source, follow(self.source, field)?)).transpose()
    }

    /// Returns a text, or nothing.
    pub fn text(&self, index: u64, limit: u64) -> Result<Option<String>, FormatError> {
        let Some((offset, length)) = self.vector(index)? else { return Ok(None) };
        FormatError::bounded(length, limit, "bytes of a text")?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = exactly(self.source, offset, length).map_err(|error| place(error, offset))?;
        String::from_utf8(bytes).map(Some).map_err(|_| FormatError::malformed(offset, "a text is not UTF-8"))
    }

    /// Returns the numbers of a vector.
    pub fn numbers(&self, index: u64, limit: u64) -> Result<Vec<i32>, FormatError> {
        let Some((offset, count)) = self.vector(index)? else { return Ok(Vec::new()) };
        FormatError::bounded(count, limit, "numbers of a vector")?;
        let length = usize::try_from(4 * count).unwrap_or(usize::MAX);
        let bytes = exactly(self.source, offset, length).map_err(|error| place(error, offset))?;
        let number = |bytes: &[u8]| bytes.first_chunk().copied().map(i32::from_le_bytes);
        Ok(bytes.chunks_exact(4).filter_map(number).collect())
    }

    /// Returns where the entries of a vector begin, and how many there are.
    pub fn vector(&self, index: u64) -> Result<Option<(u64, u64)>, FormatError> {
        let Some(field) = self.field(index)? else { return Ok(None) };
        let offset = follow(self.source, field)?;
        Ok(Some((offset.saturating_add(4), u64::from(word(self.source, offset)?))))
    }

    /// Returns the tables of a vector.
    pub fn tables(&self, index: u64, limit: u64) -> Result<Vec<Self>, FormatError> {
        let Some((first, count)) = self.vector(index)? else { return Ok(Vec::new()) };
        FormatError::bounded(count, limit, "entries of a vector")?;
        let entry = |index| Self::at(self.source, follow(self.source, first.saturating_add(4 * index))?);
        (0..count).map(entry).collect()
    }
}

/// Follows the offset that stands at a place.
fn follow(source: &dyn ReadAt, place: u64) -> Result<u64, FormatError> {
    Ok(place.saturating_add(u64::from(word(source, place)?)))
}

fn word(source: &dyn ReadAt, offset: u64) -> Result<u32, FormatError> {
    array(source, offset).map(u32::from_le_bytes)
}

fn array<const N: usize>(source: &dyn ReadAt, offset: u64) -> Result<[u8; N], FormatError> {
    let bytes = exactly(source, offset, N).map_err(|error| place(error, offset))?;
    bytes.try_into().map_err(|_| FormatError::malformed(offset, "an offset leads behind the file"))
}

fn place(error: std::io::Error, offset: u64) -> FormatError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => FormatError::malformed(offset, "an offset leads behind the file"),
        _ => error.into(),
    }
}
