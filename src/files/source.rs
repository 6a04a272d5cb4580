//! An open file, read where bytes are needed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use crate::source::ReadAt;

/// Bytes at the start of a file that are read once and kept: every check of a format asks for some of them.
const HEAD_BYTES: u64 = 64 * 1024;

/// An open file with the size that it had when it was opened; what is appended later is not seen.
pub struct FileSource<'f> {
    file: &'f File,
    size: u64,
    head: OnceLock<Vec<u8>>,
    fault: OnceLock<io::Error>,
}

impl<'f> FileSource<'f> {
    /// Looks at an open file. Its position is neither used nor moved.
    pub fn new(file: &'f File) -> io::Result<Self> {
        Ok(Self { file, size: file.metadata()?.len(), head: OnceLock::new(), fault: OnceLock::new() })
    }

    /// Returns the first fault of the machine, whatever its reader made of it.
    pub fn into_fault(self) -> Option<io::Error> {
        self.fault.into_inner()
    }

    /// Returns the bytes of a place that lies in the head; nothing where it reaches beyond, or where the head can't be read.
    fn in_head(&self, offset: u64, count: usize) -> Option<&[u8]> {
        let end = offset.checked_add(count as u64).filter(|end| *end <= HEAD_BYTES)?;
        let head = self.head.get_or_init(|| self.read_head().unwrap_or_default());
        head.get(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
    }

    fn read_head(&self) -> io::Result<Vec<u8>> {
        let mut head = vec![0; usize::try_from(self.size.min(HEAD_BYTES)).unwrap_or_default()];
        self.file.read_exact_at(&mut head, 0)?;
        Ok(head)
    }

    fn note(&self, error: &io::Error) {
        if error.kind() != io::ErrorKind::Interrupted {
            let same = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            // The first is kept.
            drop(self.fault.set(same));
        }
    }
}

impl ReadAt for FileSource<'_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if let Some((head, buffer)) = self.in_head(offset, wanted).zip(buffer.get_mut(..wanted)) {
            buffer.copy_from_slice(head);
            return Ok(wanted);
        }
        let read = buffer.get_mut(..wanted).map_or(Ok(0), |buffer| self.file.read_at(buffer, offset));
        read.inspect_err(|error| self.note(error))
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
        assert!(exactly(&source, 8, 9).is_err() && source.into_fault().is_none());
    }

    #[test]
    fn bytes_are_the_same_in_the_head_behind_it_and_across() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..HEAD_BYTES + 100).map(|place| (place % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        let source = FileSource::new(&file).unwrap();
        let end = bytes.len();
        for (start, stop) in [(0, 9), (end - 200, end - 100), (end - 101, end - 99), (end - 99, end), (0, end)] {
            assert_eq!(exactly(&source, start as u64, stop - start).unwrap(), bytes[start..stop], "{start}..{stop}");
        }
        assert!(exactly(&source, HEAD_BYTES, 101).is_err());
    }

    #[test]
    fn a_file_that_became_shorter_ends_where_it_ends_now() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::new(&file).unwrap();
        file.set_len(4).unwrap();
        assert_eq!(fill(&source, 2, &mut [0; 8]).unwrap(), b"23");
        assert!(exactly(&source, 2, 8).is_err() && source.into_fault().is_none());
    }

    #[test]
    fn a_fault_of_the_machine_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let closed = std::fs::OpenOptions::new().write(true).create_new(true).open(folder.path().join("a")).unwrap();
        (&closed).write_all(b"unreadable").unwrap();
        let source = FileSource::new(&closed).unwrap();
        assert!(exactly(&source, 0, 1).is_err());
        assert!(source.into_fault().is_some());
    }
}
