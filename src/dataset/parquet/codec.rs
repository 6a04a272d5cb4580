//! Unpacking pages, each to exactly as many bytes as its header says.

use std::io::{self, Read};

use ruzstd::decoding::{DEFAULT_MAX_WINDOW_SIZE, StreamingDecoder};

/// How pages are packed (`parquet.thrift`, `CompressionCodec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
    Gzip,
    Brotli,
    Zstandard,
    Lz4,
}

/// The codecs by their numbers; those that are not read have only a name.
const CODECS: [(&str, Option<Codec>); 8] = [
    ("UNCOMPRESSED", Some(Codec::None)),
    ("SNAPPY", Some(Codec::Snappy)),
    ("GZIP", Some(Codec::Gzip)),
    ("LZO", None),
    ("BROTLI", Some(Codec::Brotli)),
    // Deprecated: three writers mean three frames by it.
    ("LZ4 (with frames of Hadoop)", None),
    ("ZSTD", Some(Codec::Zstandard)),
    ("LZ4_RAW", Some(Codec::Lz4)),
];

/// Bytes of a buffer of a decompressor.
const BUFFER: usize = 16 << 10;

impl Codec {
    /// Finds a codec by its number; refuses one that is not read by its name.
    pub(super) fn of(number: i64) -> Result<Self, String> {
        let known = usize::try_from(number).ok().and_then(|number| CODECS.get(number));
        known
            .map_or_else(|| Err(format!("an unknown codec, {number}")), |(name, codec)| codec.ok_or((*name).to_owned()))
    }

    /// Returns how many bytes more than those of the page are held while it is unpacked: the window of what came out last.
    pub(super) fn window(self, unpacked: u64) -> u64 {
        if self == Self::Zstandard { unpacked } else { 0 }
    }

    /// Unpacks a page. Memory grows with what comes out, never with what is claimed.
    pub(super) fn unpack(self, packed: Vec<u8>, claimed: usize) -> Option<Vec<u8>> {
        if self == Self::None {
            return (packed.len() == claimed).then_some(packed);
        }
        let packed = packed.as_slice();
        let unpacked = match self {
            Self::None => None,
            // A copy of 64 bytes takes at least two, and of 255 in LZ4 one.
            Self::Snappy => within(packed, claimed, 64)
                .filter(|()| snap::raw::decompress_len(packed).is_ok_and(|length| length == claimed))
                .and_then(|()| snap::raw::Decoder::new().decompress_vec(packed).ok()),
            Self::Lz4 => within(packed, claimed, 256).and_then(|()| {
                let mut unpacked = vec![0; claimed];
                let length = lz4_flex::block::decompress_into(packed, &mut unpacked).ok()?;
                (length == claimed).then_some(unpacked)
            }),
            Self::Gzip => read(flate2::read::MultiGzDecoder::new(packed), claimed).ok(),
            Self::Brotli => read(brotli_decompressor::Decompressor::new(packed, BUFFER), claimed).ok(),
            Self::Zstandard => zstandard(packed, claimed),
        };
        unpacked.filter(|unpacked| unpacked.len() == claimed)
    }
}

fn within(packed: &[u8], claimed: usize, ratio: usize) -> Option<()> {
    (claimed / ratio <= packed.len()).then_some(())
}

/// Reads what comes out, up to a byte more than is claimed. Room is made as it is needed, and never for more than that.
fn read(mut unpacked: impl Read, claimed: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() <= claimed {
        let step = bytes.len().max(BUFFER).min((claimed - bytes.len()).saturating_add(1));
        bytes.reserve_exact(step);
        if unpacked.by_ref().take(step as u64).read_to_end(&mut bytes)? == 0 {
            break;
        }
    }
    Ok(bytes)
}

fn zstandard(mut packed: &[u8], claimed: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    // A frame in one piece has itself as its window.
    let window = (claimed as u64).max(DEFAULT_MAX_WINDOW_SIZE);
    // Frames may follow each other.
    while !packed.is_empty() && unpacked.len() <= claimed {
        let frame = StreamingDecoder::new_with_max_window_size(&mut packed, window).ok()?;
        let left = claimed.checked_sub(unpacked.len())?;
        unpacked.append(&mut read(frame, left).ok()?);
    }
    Some(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_have_names() {
        assert_eq!(Codec::of(6), Ok(Codec::Zstandard));
        assert_eq!(Codec::of(3), Err("LZO".to_owned()));
        assert!(Codec::of(8).unwrap_err().contains('8') && Codec::of(-1).is_err());
    }

    #[test]
    fn a_page_is_as_long_as_it_says() {
        let packed = snap::raw::Encoder::new().compress_vec(&[b'a'; 1000]).unwrap();
        assert_eq!(Codec::Snappy.unpack(packed.clone(), 1000).unwrap(), [b'a'; 1000]);
        let lz4 = lz4_flex::block::compress(&[b'a'; 1000]);
        assert_eq!(Codec::Lz4.unpack(lz4.clone(), 1000).unwrap(), [b'a'; 1000]);
        for (codec, packed) in [(Codec::Snappy, packed), (Codec::Lz4, lz4), (Codec::None, vec![0; 1000])] {
            for claimed in [0, 999, 1001, usize::MAX] {
                assert!(codec.unpack(packed.clone(), claimed).is_none(), "{codec:?} {claimed}");
            }
        }
    }

    #[test]
    fn claims_cost_nothing() {
        // Snappy says its length itself.
        let huge = [0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        let all = [Codec::None, Codec::Snappy, Codec::Gzip, Codec::Brotli, Codec::Zstandard, Codec::Lz4];
        for codec in all {
            for claimed in [1, u32::MAX as usize] {
                assert!(codec.unpack(huge.to_vec(), claimed).is_none(), "{codec:?}");
            }
        }
    }
}
