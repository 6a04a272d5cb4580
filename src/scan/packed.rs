//! Files packed as a whole, as joblib writes them: gzip, zlib, bzip2, xz, LZMA, LZ4. What is inside is scanned as what it is.

use std::io::{BufRead, BufReader};

use bzip2::bufread::BzDecoder;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use lz4_flex::frame::FrameDecoder;
use lzma_rust2::{LzmaReader, XzReader};

use crate::limits;
use crate::path::TreePath;
use crate::scan::spool::Spool;
use crate::scan::{self, Check, Context, Format, Head, Sheet, Stop};
use crate::source::{Cursor, ReadAt};
use crate::weights::packing::Packing;

/// Any of the packings.
pub(super) struct Packed;

impl Check for Packed {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        Some(match Packing::of(head.bytes)? {
            Packing::Gzip => Format::Gzip,
            Packing::Zlib => Format::Zlib,
            Packing::Bzip2 => Format::Bzip2,
            Packing::Xz => Format::Xz,
            Packing::Lzma => Format::Lzma,
            Packing::Lz4 => Format::Lz4,
        })
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let nested = context.nested()?;
        let most =
            source.len().saturating_mul(limits::SCAN_BOMB_RATIO).max(limits::SCAN_BOMB_BYTES).min(context.left());
        let mut packed = BufReader::with_capacity(limits::READ_BUFFER, Cursor::new(source));
        let (spool, count) = match sheet.format {
            Format::Gzip => Spool::up_to(GzDecoder::new(&mut packed), most)?,
            Format::Zlib => Spool::up_to(ZlibDecoder::new(&mut packed), most)?,
            Format::Xz => Spool::up_to(XzReader::new_mem_limit(&mut packed, false, limits::SCAN_XZ_KIB), most)?,
            Format::Bzip2 => Spool::up_to(BzDecoder::new(&mut packed), most)?,
            Format::Lzma => {
                let reader = LzmaReader::new_mem_limit(&mut packed, limits::SCAN_XZ_KIB, None);
                let mut reader = reader.map_err(|error| Stop::Malformed(0, error.to_string()))?;
                let unpacked = Spool::up_to(&mut reader, most)?;
                // It reads ahead: what it did not use stands behind.
                if !reader.into_parts().1.is_empty() {
                    return Err(bytes_behind());
                }
                unpacked
            }
            _ => Spool::up_to(FrameDecoder::new(&mut packed), most)?,
        };
        // Some readers go on with what comes behind, others don't.
        if !packed.fill_buf()?.is_empty() {
            return Err(bytes_behind());
        }
        context.unpack(count)?;
        // `model.pkl.gz` is a `model.pkl`.
        let inner = name.rsplit_once('.').and_then(|(inner, _)| TreePath::new(inner).ok());
        let inner = inner.filter(|inner| inner.rsplit('/').next().is_some_and(|name| name.contains('.')));
        let unpacked = scan::sheet_of(spool.source()?.as_ref(), inner.as_ref().unwrap_or(name), &nested);
        sheet.merge(unpacked.format.as_str(), unpacked);
        Ok(())
    }
}

fn bytes_behind() -> Stop {
    Stop::Malformed(0, "bytes stand behind what is packed".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;
    use crate::scan::Rating;
    use crate::scan::test_support::scan;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_packed_is_scanned() {
        for (packed, format) in [(gzip(b"\x80\x02N."), Format::Gzip), (zlib(b"\x80\x02N."), Format::Zlib)] {
            let scan = scan("model.joblib", &packed);
            assert_eq!((scan.format, scan.rating), (format, Rating::Clean));
        }
        let hostile = scan("model.joblib", &gzip(&zlib(b"cos\nsystem\n(S'true'\ntR.")));
        assert_eq!(hostile.rating, Rating::Malicious);
        let inside: Vec<&str> = hostile.observations[0].position.inside.iter().map(crate::text::Text::raw).collect();
        assert_eq!(inside, ["zlib", "pickle"]);
    }

    /// What Python's `lzma` makes of an empty pickle, in the format before xz.
    const LZMA: &[u8] =
        b"\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x40\x00\x85\x74\xd1\x3a\x0f\xff\xff\xfc\x3f\x00\x00";

    #[test]
    fn nothing_stands_behind_a_reader_that_reads_ahead() {
        let scanned = |bytes: &[u8]| scan("model.joblib", bytes);
        assert_eq!((scanned(LZMA).format, scanned(LZMA).rating), (Format::Lzma, Rating::Clean));
        for behind in [&b"x"[..], b"cos\nsystem\n(S'true'\ntR.", LZMA, &[0; 9000]] {
            assert_eq!(scanned(&[LZMA, behind].concat()).rating, Rating::Unknown);
        }
    }

    #[test]
    fn what_is_broken_or_too_much_is_unknown() {
        let whole = gzip(b"\x80\x02N.");
        let behind = [whole.as_slice(), &gzip(b"cos\nsystem\n.")].concat();
        let bomb = gzip(&vec![0; 64 << 20]);
        for bytes in [&whole[..whole.len() - 4], &behind, &bomb, b"\x1f\x8b\x08", b"x\x9cgarbage"] {
            assert_eq!(scan("model.joblib", bytes).rating, Rating::Unknown);
        }
        let mut deep = b"\x80\x02N.".to_vec();
        for _ in 0..=limits::SCAN_DEPTH {
            deep = zlib(&deep);
        }
        assert_eq!(scan("a.pkl", &deep).rating, Rating::Unknown);
    }
}
