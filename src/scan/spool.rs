//! What was unpacked: in memory while it is small, else in a temporary file without a name.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::files::FileSource;
use crate::limits;
use crate::scan::Stop;
use crate::source::ReadAt;

/// Unpacked bytes that can be read anywhere.
pub(super) enum Spool {
    Memory(Vec<u8>),
    Disk(File),
}

impl Spool {
    /// Unpacks exactly `size` bytes.
    pub(super) fn fill(packed: impl Read, size: u64) -> Result<Self, Stop> {
        let (spool, count) = Self::up_to(packed, size)?;
        if count == size {
            Ok(spool)
        } else {
            Err(Stop::Malformed(0, "it unpacks to another size than it says".to_owned()))
        }
    }

    /// Unpacks what there is, and says how much; more than `limit` bytes stop it.
    pub(super) fn up_to(packed: impl Read, limit: u64) -> Result<(Self, u64), Stop> {
        let mut packed = packed.take(limit.saturating_add(1));
        let mut start = Vec::new();
        (&mut packed).take(limits::SCAN_MEMORY_BYTES as u64).read_to_end(&mut start).map_err(broken)?;
        let mut count = start.len() as u64;
        let mut spool = Self::Memory(start);
        if let Self::Memory(start) = &spool
            && start.len() == limits::SCAN_MEMORY_BYTES
        {
            let mut file = tempfile::tempfile()?;
            file.write_all(start)?;
            count += copy(&mut packed, &mut file)?;
            spool = Self::Disk(file);
        }
        if count > limit {
            return Err(Stop::Limit(format!("it unpacks to more than {}", crate::text::bytes(limit))));
        }
        Ok((spool, count))
    }

    /// Returns the bytes to read.
    pub(super) fn source(&self) -> Result<Box<dyn ReadAt + '_>, Stop> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(bytes.as_slice()),
            Self::Disk(file) => Box::new(FileSource::new(file)?),
        })
    }
}

/// Copies, and tells what can't be unpacked from what can't be written.
fn copy(packed: &mut impl Read, file: &mut File) -> Result<u64, Stop> {
    let mut buffer = vec![0; limits::READ_BUFFER];
    let mut count = 0;
    loop {
        let read = match packed.read(&mut buffer) {
            Ok(0) => return Ok(count),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(error)),
        };
        file.write_all(buffer.get(..read).unwrap_or_default()).map_err(Stop::Io)?;
        count += read as u64;
    }
}

/// Decompressors report content that breaks its format in several ways.
fn broken(error: io::Error) -> Stop {
    match error.kind() {
        io::ErrorKind::Other | io::ErrorKind::InvalidInput => Stop::Malformed(0, error.to_string()),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::exactly;

    #[test]
    fn small_and_large_are_read_alike() {
        for size in [0, 10, limits::SCAN_MEMORY_BYTES, limits::SCAN_MEMORY_BYTES + 10] {
            let bytes = vec![7; size];
            let spool = Spool::fill(bytes.as_slice(), size as u64).unwrap();
            let source = spool.source().unwrap();
            assert_eq!(source.len(), size as u64);
            assert_eq!(exactly(source.as_ref(), 0, size).unwrap(), bytes);
        }
    }

    #[test]
    fn sizes_are_kept() {
        assert!(matches!(Spool::fill(b"123".as_slice(), 4), Err(Stop::Malformed(..))));
        assert!(matches!(Spool::fill(b"12345".as_slice(), 4), Err(Stop::Limit(_))));
    }
}
