//! Archives that are known by their content and not read: tar, 7z, RAR and Zstandard. They are unknown, with the way out.
//! So is what R serializes, in which a function is a value like any other and a promise runs when it is looked at.
//!
//! A tar is a chain of headers that extend and overrule each other, and its readers disagree about most of that; no
//! format of models needs it but NeMo's, whose files are configuration and checkpoint side by side.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop};
use crate::source::ReadAt;

/// Bytes of a header of tar, and where its checksum stands.
const TAR_HEADER: usize = 512;
const TAR_SUM: std::ops::Range<usize> = 148..156;

/// Formats by what they begin with.
const MAGIC: [(&[u8], Format); 3] = [
    (b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (b"Rar!\x1a\x07", Format::Rar),
    (b"\x28\xb5\x2f\xfd", Format::Zstandard),
];

/// How what R serializes begins (R Internals, "Serialization Formats"): in XDR, native and as text, alone and as a workspace.
const R_MAGIC: [&[u8]; 18] = [
    b"X\n\0\0\0\x01",
    b"B\n\x01\0\0\0",
    b"A\n1\n",
    b"RDX1\n",
    b"RDB1\n",
    b"RDA1\n",
    b"X\n\0\0\0\x02",
    b"X\n\0\0\0\x03",
    b"B\n\x02\0\0\0",
    b"B\n\x03\0\0\0",
    b"A\n2\n",
    b"A\n3\n",
    b"RDX2\n",
    b"RDX3\n",
    b"RDB2\n",
    b"RDB3\n",
    b"RDA2\n",
    b"RDA3\n",
];

/// What R serializes. It is asked for before pickles, which may begin alike.
pub(super) struct Serialized;

impl Check for Serialized {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        R_MAGIC.iter().any(|magic| head.bytes.starts_with(magic)).then_some(Format::RData)
    }

    fn scan(&self, _: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let summary = "what R serializes may be code, and is not read here";
        sheet.report(Observation::new(Reason::UnknownFormat, Rating::Unknown, summary));
        Ok(())
    }
}

/// An archive that is not read.
pub(super) struct Unread;

impl Check for Unread {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let known = MAGIC.iter().find(|(magic, _)| head.bytes.starts_with(magic)).map(|(_, format)| *format);
        known.or_else(|| is_tar(head.bytes).then_some(Format::Tar))
    }

    fn scan(&self, _: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let summary = format!("{} is not read here: unpack it and scan what was in it", sheet.format);
        sheet.report(Observation::new(Reason::ArchiveUnread, Rating::Unknown, summary));
        Ok(())
    }
}

/// Says whether a file begins with a header of tar, as the checksum in it tells (POSIX.1 `pax`, "ustar").
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..TAR_HEADER) else { return false };
    let text = header.get(TAR_SUM).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default();
    let Ok(expected) = u32::from_str_radix(text.trim_matches([' ', '\0']), 8) else { return false };
    // The field counts as blanks. Old writers added bytes as signed numbers, and readers take both.
    let value = |(place, byte): (usize, &u8)| if TAR_SUM.contains(&place) { b' ' } else { *byte };
    let bytes = || header.iter().enumerate().map(value);
    let unsigned: u32 = bytes().map(u32::from).sum();
    let signed: i32 = bytes().map(|byte| i32::from(byte.cast_signed())).sum();
    header.iter().any(|byte| *byte != 0) && (unsigned == expected || i64::from(signed) == i64::from(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    fn header(sum: &str) -> Vec<u8> {
        let mut header = vec![0; TAR_HEADER];
        header[..5].copy_from_slice(b"a.txt");
        header[TAR_SUM.start..TAR_SUM.start + sum.len()].copy_from_slice(sum.as_bytes());
        header
    }

    #[test]
    fn they_are_unknown_by_name() {
        let letters: u32 = b"a.txt".iter().map(|byte| u32::from(*byte)).sum();
        let tar = header(&format!("{:06o}\0 ", letters + 8 * 32));
        assert!(is_tar(&tar) && !is_tar(&header("000001\0 ")) && !is_tar(&[0; TAR_HEADER]) && !is_tar(&tar[..511]));
        for (bytes, format) in [
            (tar.as_slice(), Format::Tar),
            (b"7z\xbc\xaf\x27\x1c\0\x04", Format::SevenZip),
            (b"Rar!\x1a\x07\x01\0", Format::Rar),
            (b"\x28\xb5\x2f\xfd\x04\x58\0\0", Format::Zstandard),
        ] {
            let scan = scan("model.bin", bytes);
            assert_eq!((scan.format, scan.rating), (format, Rating::Unknown));
            assert_eq!(scan.observations[0].reason, Reason::ArchiveUnread, "{scan:?}");
        }
        for bytes in [&b"A\n3\n262657\n197888\n5\nUTF-8\n6\n1\n262153\n4\neval\n254\n"[..], b"RDX3\nX\n", R_MAGIC[0]] {
            let scan = scan("model", bytes);
            assert_eq!((scan.format, scan.rating), (Format::RData, Rating::Unknown));
        }
    }
}
