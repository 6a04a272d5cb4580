//! An open file, read where bytes are needed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use crate::source::ReadAt;

/// An open file with the size that it had when it was opened; what is appended later is not seen.
pub struct FileSource<'f> {
    file: &'f File,
    size: u64,
    fault: OnceLock<io::Error>,
}

impl<'f> FileSource<'f> {
    /// Looks at an open file. Its position is neither used nor moved.
    pub fn new(file: &'f File) -> io::Result<Self> {
        Ok(Self { file, size: file.metadata()?.len(), fault: OnceLock::new() })
    }

    /// Returns the first fault of the machine, whatever its reader made of it.
    pub fn into_fault(self) -> Option<io::Error> {
        self.fault.into_inner()
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
    fn a_fault_of_the_machine_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let closed = std::fs::OpenOptions::new().write(true).create_new(true).open(folder.path().join("a")).unwrap();
        (&closed).write_all(b"unreadable").unwrap();
        let source = FileSource::new(&closed).unwrap();
        assert!(exactly(&source, 0, 1).is_err());
        assert!(source.into_fault().is_some());
    }
}
