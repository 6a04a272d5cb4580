//! Zip archives: PyTorch files, `npz`, Keras files and others. Every byte is accounted for before a member is read.

use std::io::BufReader;

use zip::ZipArchive;

use crate::limits;
use crate::path::TreePath;
use crate::scan::spool::Spool;
use crate::scan::{self, Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop};
use crate::source::{Cursor, ReadAt, Window};

pub(super) use layout::{Entry, Layout};

mod fields;
mod layout;
mod skops;
mod torch;

/// A zip archive of any kind.
pub(super) struct Archive;

impl Check for Archive {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let starts = head.bytes.starts_with(b"PK\x03\x04") || head.bytes.starts_with(b"PK\x05\x06");
        // What begins otherwise and ends like an archive is scanned as what it begins with, and is a polyglot.
        starts.then_some(Format::Zip)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let layout = Layout::read(source, sheet)?;
        sheet.format = kind(&layout.entries);
        let mut members = Members::open(source, &layout.entries)?;
        if sheet.format == Format::PytorchZip {
            return torch::scan(&mut members, context, sheet);
        }
        if sheet.format == Format::Skops {
            let schema = layout.entries.iter().position(|entry| entry.name == skops::SCHEMA);
            schema.map_or(Ok(()), |index| skops::scan(&mut members, index, context, sheet))?;
        }
        (0..layout.entries.len()).try_for_each(|index| members.scan(index, name, context, sheet))
    }
}

/// Says what an archive is, by the names of its members.
fn kind(entries: &[Entry]) -> Format {
    let has = |name: &str| entries.iter().any(|entry| entry.name == name);
    if torch::root(entries).is_some() {
        Format::PytorchZip
    } else if !entries.is_empty()
        && entries.iter().all(|entry| entry.name.rsplit_once('.').is_some_and(|(_, kind)| kind == "npy"))
    {
        Format::Npz
    } else if has(skops::SCHEMA) {
        Format::Skops
    } else if has("config.json") && has("metadata.json") {
        Format::Keras
    } else {
        Format::Zip
    }
}

/// The members of an archive, whose layout was checked.
pub(super) struct Members<'s> {
    source: &'s dyn ReadAt,
    entries: &'s [Entry],
    reader: ZipArchive<BufReader<Cursor<'s>>>,
}

impl<'s> Members<'s> {
    fn open(source: &'s dyn ReadAt, entries: &'s [Entry]) -> Result<Self, Stop> {
        let broken = |error: zip::result::ZipError| Stop::Malformed(0, format!("the archive can't be read: {error}"));
        let reader = ZipArchive::new(BufReader::new(Cursor::new(source))).map_err(broken)?;
        if reader.len() != entries.len() || reader.offset() != 0 {
            return Err(Stop::Malformed(0, "the archive reads in two ways".to_owned()));
        }
        Ok(Self { source, entries, reader })
    }

    /// Returns the entries.
    pub(super) fn entries(&self) -> &'s [Entry] {
        self.entries
    }

    /// Returns the bytes of a member that is stored as it is.
    pub(super) fn stored(&self, entry: &Entry) -> Option<Window<'s>> {
        (entry.method == layout::STORED).then(|| Window::new(self.source, entry.data, entry.size))
    }

    /// Scans a member as the file that it is.
    fn scan(&mut self, index: usize, outer: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let Some(entry) = self.entries.get(index).filter(|entry| !entry.name.ends_with('/')) else { return Ok(()) };
        let inner = self.look(index, outer, context)?;
        sheet.merge(&entry.name, inner);
        Ok(())
    }

    /// Scans a member, and returns what was seen.
    fn look(&mut self, index: usize, outer: &TreePath, context: &Context<'_>) -> Result<Sheet, Stop> {
        let entry = self.entry(index)?;
        let nested = context.nested()?;
        // A name that escapes was objected to already; its extension is a hint all the same.
        let name = TreePath::new(&entry.name).unwrap_or_else(|_| outer.clone());
        if let Some(window) = self.stored(entry) {
            let mut inner = scan::sheet_of(&window, &name, &nested);
            self.check(index, &mut inner);
            return Ok(inner);
        }
        match self.unpack(index, context) {
            Ok(spool) => Ok(scan::sheet_of(spool.source()?.as_ref(), &name, &nested)),
            Err(stop) => {
                let mut inner = Sheet::default();
                inner.stop(stop);
                Ok(inner)
            }
        }
    }

    /// Unpacks a member, whose checksum is compared on the way.
    pub(super) fn unpack(&mut self, index: usize, context: &Context<'_>) -> Result<Spool, Stop> {
        let entry = self.entry(index)?;
        context.unpack(entry.size)?;
        if entry.size > limits::SCAN_BOMB_BYTES && entry.size / limits::SCAN_BOMB_RATIO > entry.compressed {
            return Err(Stop::Limit(format!("it unpacks to more than {} times its size", limits::SCAN_BOMB_RATIO)));
        }
        let member = self.reader.by_index(index).map_err(|error| Stop::Malformed(entry.header, error.to_string()))?;
        Spool::fill(member, entry.size)
    }

    /// Compares the checksum of a member that is stored as it is.
    pub(super) fn check(&mut self, index: usize, sheet: &mut Sheet) {
        if let Err(stop) = self.checked(index, sheet) {
            sheet.stop(stop);
        }
    }

    fn checked(&mut self, index: usize, sheet: &mut Sheet) -> Result<(), Stop> {
        let entry = self.entry(index)?;
        let member = self.reader.by_index(index).map_err(|error| Stop::Malformed(entry.header, error.to_string()))?;
        let agrees = member.data_start() == Some(entry.data) && member.size() == entry.size;
        let read = std::io::copy(&mut { member }, &mut std::io::sink());
        match read {
            Ok(count) if agrees && count == entry.size => Ok(()),
            Err(error) if !is_corrupt(&error) => Err(Stop::Io(error)),
            _ => {
                let summary = format!("the checksum of `{}` is wrong", entry.name);
                sheet.report(Observation::new(Reason::ArchiveCorrupt, Rating::Unknown, summary).at(entry.header));
                Ok(())
            }
        }
    }

    fn entry(&self, index: usize) -> Result<&'s Entry, Stop> {
        self.entries.get(index).ok_or_else(|| Stop::Malformed(0, "a member is not in the archive".to_owned()))
    }
}

fn is_corrupt(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | Other | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::CompressionMethod;
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::scan::FileScan;
    use crate::scan::test_support::scan;

    const TENSOR: &[u8] = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQK\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.";
    const CALL: &[u8] = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.";

    fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
        zip(members, CompressionMethod::Stored)
    }

    fn torch(members: &[(&str, &[u8])]) -> FileScan {
        scan("model.pt", &stored(members))
    }

    #[test]
    fn pytorch_files_are_clean() {
        let scan =
            torch(&[("m/data.pkl", TENSOR), ("m/version", b"3\n"), ("m/byteorder", b"little"), ("m/data/0", &[7; 8])]);
        assert_eq!((scan.format, scan.rating), (Format::PytorchZip, Rating::Clean), "{:?}", scan.observations);
    }

    #[test]
    fn storages_must_be_the_ones_that_the_pickle_names() {
        for data in [("m/data/0", [0; 9].as_slice()), ("m/data/1", &[0; 8])] {
            assert_eq!(torch(&[("m/data.pkl", TENSOR), data]).rating, Rating::Unknown);
        }
        let hidden = torch(&[("m/data.pkl", TENSOR), ("m/data/0", &[0; 8]), ("m/data/1", CALL)]);
        assert_eq!(hidden.rating, Rating::Malicious);
        assert_eq!(torch(&[("m/data.pkl", CALL)]).rating, Rating::Malicious);
        assert_eq!(torch(&[("m/data.pkl", b"\x80\x02N."), ("n/data.pkl", CALL)]).rating, Rating::Malicious);
        assert_eq!(torch(&[("m/data.pkl", b"\x80\x02N.rest")]).rating, Rating::Unknown);
    }

    #[test]
    fn a_storage_is_no_array_of_numpy() {
        let array = b"\x93NUMPY\x01";
        let scan = torch(&[
            ("m/data.pkl", TENSOR),
            ("m/version", b"3"),
            ("m/data/0", [&array[..], b"\0"].concat().as_slice()),
        ]);
        assert_eq!(
            (scan.rating, scan.observations.iter().any(|seen| seen.reason == Reason::Polyglot)),
            (Rating::Suspicious, true)
        );
    }

    #[test]
    fn torchscript_code_is_listed() {
        let scan = torch(&[("m/data.pkl", b"\x80\x02N."), ("m/code/__torch__.py", b"def forward(self): ...")]);
        assert_eq!(scan.rating, Rating::Suspicious);
        assert_eq!(scan.observations[0].reason, Reason::EmbeddedCode);
    }

    #[test]
    fn members_are_scanned_as_what_they_are() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            assert_eq!(
                scan("a.zip", &zip(&[("a.txt", b"text"), ("b/c.pkl", b"\x80\x02N.")], method)).rating,
                Rating::Clean
            );
            assert_eq!(scan("a.zip", &zip(&[("a.txt", b"text"), ("weights", CALL)], method)).rating, Rating::Malicious);
            let nested = zip(&[("inner.zip", &zip(&[("a", CALL)], method))], method);
            assert_eq!(scan("a.bin", &nested).rating, Rating::Malicious);
        }
    }

    #[test]
    fn nothing_stands_outside_the_parts() {
        let good = stored(&[("a.txt", b"text"), ("b.txt", b"text")]);
        assert_eq!(scan("a.zip", &good).rating, Rating::Clean);
        let before = [b"x", good.as_slice()].concat();
        let behind = [good.as_slice(), b"x"].concat();
        let twice = [good.as_slice(), &good].concat();
        for bytes in [&before, &behind, &twice, &good[..good.len() - 1].to_vec()] {
            assert_eq!(scan("a.zip", bytes).rating, Rating::Unknown);
        }
    }

    /// Writes over the bytes at some place after the first occurrence of a mark.
    fn patched(bytes: &[u8], mark: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let start = bytes.windows(mark.len()).position(|window| window == mark).unwrap() + at;
        bytes[start..start + with.len()].copy_from_slice(with);
        bytes
    }

    #[test]
    fn headers_must_agree_and_be_plain() {
        let good = stored(&[("aa.txt", b"text")]);
        let (local, central, end) = (b"PK\x03\x04".as_slice(), b"PK\x01\x02".as_slice(), b"PK\x05\x06".as_slice());
        for bytes in [
            patched(&good, local, 30, b"bb"),
            patched(&good, central, 46, b"bb"),
            patched(&good, local, 6, &[1, 0]),
            patched(&good, central, 8, &[0x20, 0]),
            patched(&good, central, 10, &[99, 0]),
            patched(&good, local, 14, &[1, 2, 3, 4]),
            patched(&good, central, 20, &[3, 0, 0, 0]),
            patched(&good, central, 42, &[1, 0, 0, 0]),
            patched(&good, end, 8, &[2, 0, 2, 0]),
            patched(&good, end, 16, &[0, 0, 0, 0]),
            patched(&good, end, 20, &[1, 0]),
            patched(&good, b"text", 0, b"tEXT"),
        ] {
            let rating = scan("a.zip", &bytes).rating;
            assert!(!rating.passes(), "{rating}");
        }
    }

    #[test]
    fn names_that_escape_and_flags_are_objected_to() {
        let reasons = |bytes: &[u8]| -> Vec<Reason> {
            scan("a.zip", bytes).observations.iter().map(|seen| seen.reason).collect()
        };
        for name in ["../aa", "C:/aaa", "a\\..\\b"] {
            assert!(reasons(&stored(&[(name, b"x")])).contains(&Reason::PathEscape), "{name}");
        }
        assert!(reasons(&stored(&[("A", b"x"), ("a", b"x")])).contains(&Reason::ArchiveAmbiguous));
        let flagged = patched(&stored(&[("a", b"text")]), b"PK\x03\x04", 6, &[1, 0]);
        let flagged = patched(&flagged, b"PK\x01\x02", 8, &[1, 0]);
        assert!(reasons(&flagged).contains(&Reason::ArchiveUnread));
        let method = patched(&stored(&[("a", b"text")]), b"PK\x03\x04", 8, &[99, 0]);
        let method = patched(&method, b"PK\x01\x02", 10, &[99, 0]);
        assert!(reasons(&method).contains(&Reason::ArchiveUnread));
    }

    #[test]
    fn bombs_stop() {
        let bomb = zip(&[("a.bin", &vec![0; 64 << 20])], CompressionMethod::Deflated);
        let scan = scan("a.zip", &bomb);
        assert_eq!((scan.rating, scan.observations[0].reason), (Rating::Unknown, Reason::OverLimit));
    }
}
