//! An open file, read where bytes are needed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::source::ReadAt;

/// An open file with the size that it had when it was opened; what is appended later is not seen.
pub struct FileSource<'f> {
    file: &'f File,
    size: u64,
}

impl<'f> FileSource<'f> {
    /// Looks at an open file. Its position is neither used nor moved.
    pub fn new(file: &'f File) -> io::Result<Self> {
        Ok(Self { file, size: file.metadata()?.len() })
    }
}

impl ReadAt for FileSource<'_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        buffer.get_mut(..wanted).map_or(Ok(0), |buffer| self.file.read_at(buffer, offset))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::source::{exactly, fill};

    #[test]
    fn a_file_is_read_where_it_is_asked_up_to_its_size() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::new(&file).unwrap();
        (&file).write_all(b"later").unwrap();
        assert_eq!(source.len(), 10);
        assert_eq!(exactly(&source, 8, 2).unwrap(), b"89");
        assert_eq!(fill(&source, 8, &mut [0; 9]).unwrap(), b"89");
        assert_eq!(fill(&source, 10, &mut [0; 9]).unwrap(), b"");
    }
}
