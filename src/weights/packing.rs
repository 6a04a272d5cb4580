//! Files that are packed as a whole, as joblib writes them: gzip, zlib, bzip2, xz, LZMA, LZ4.

use std::io::{BufReader, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use lz4_flex::frame::FrameDecoder;
use lzma_rust2::{LzmaReader, XzReader};

use crate::limits;
use crate::source::{Cursor, ReadAt, Window, fill};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
    /// bzip2.
    Bzip2,
    /// The container of LZMA2.
    Xz,
    /// The form before xz.
    Lzma,
    /// Frames of LZ4.
    Lz4,
}

/// The beginning of what is packed.
pub(super) struct Unpacked {
    pub(super) packing: Packing,
    pub(super) bytes: Vec<u8>,
    /// Whether that is all of it.
    pub(super) whole: bool,
}

impl Packing {
    /// Knows a packing by the first bytes of a file.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Self::Zlib),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Self::Bzip2),
            // The usual properties, by which joblib knows it; any dictionary.
            [0x5d, 0, _, _, _, ..] => Some(Self::Lzma),
            _ => None,
        }
    }

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Lz4 => "lz4",
        }
    }
}

/// Unpacks the beginning of a file, if it is packed and can be unpacked: of so many bytes at the most, to so many.
pub(super) fn unpack(source: &dyn ReadAt) -> Option<Unpacked> {
    let packing = Packing::of(fill(source, 0, &mut [0; 8]).ok()?)?;
    let window = Window::new(source, 0, limits::PACKED_HEAD_BYTES);
    let packed = BufReader::with_capacity(limits::FORMAT_BUFFER, Cursor::new(&window));
    let bytes = match packing {
        Packing::Gzip => beginning(GzDecoder::new(packed)),
        Packing::Zlib => beginning(ZlibDecoder::new(packed)),
        Packing::Bzip2 => beginning(BzDecoder::new(packed)),
        Packing::Xz => beginning(XzReader::new_mem_limit(packed, false, limits::SCAN_XZ_KIB)),
        Packing::Lzma => beginning(LzmaReader::new_mem_limit(packed, limits::SCAN_XZ_KIB, None).ok()?),
        Packing::Lz4 => beginning(FrameDecoder::new(packed)),
    }?;
    let whole = bytes.len() < limits::UNPACKED_HEAD_BYTES && source.len() <= limits::PACKED_HEAD_BYTES;
    Some(Unpacked { packing, bytes, whole })
}

/// Reads up to a limit; what comes before a fault is read all the same, if there is any.
fn beginning(reader: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(limits::UNPACKED_HEAD_BYTES as u64).read_to_end(&mut bytes);
    (read.is_ok() || !bytes.is_empty()).then_some(bytes)
}
