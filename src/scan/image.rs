//! Images: nothing executes them, if they end where their format says.

use crate::path::TreePath;
use crate::scan::polyglot::has;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop};
use crate::source::ReadAt;
use crate::weights::reader::Reader;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The last chunk of a PNG: no data, its name, its checksum.
const PNG_END: &[u8] = b"\0\0\0\0IEND\xaeB\x60\x82";

/// PNG, JPEG and WebP.
pub(super) struct Image;

impl Check for Image {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let webp = head.bytes.starts_with(b"RIFF") && head.bytes.get(8..12) == Some(b"WEBP");
        let jpeg = head.bytes.starts_with(b"\xff\xd8\xff");
        (webp || jpeg || head.bytes.starts_with(PNG)).then_some(Format::Image)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, _: &mut Sheet) -> Result<(), Stop> {
        let length = source.len();
        let ends_with = |end: &[u8]| has(source, length.saturating_sub(end.len() as u64), end);
        let whole = match Reader::new(source).array::<2>().unwrap_or_default() {
            [0x89, _] => png_end(source)? == length && ends_with(PNG_END),
            [b'R', _] => {
                let mut reader = Reader::new(source);
                reader.skip(4)?;
                u64::from(reader.u32()?).next_multiple_of(2) + 8 == length
            }
            _ => ends_with(b"\xff\xd9"),
        };
        if whole {
            Ok(())
        } else {
            Err(Stop::Malformed(length, "the image does not end where the file does".to_owned()))
        }
    }
}

/// GIF. A pickle can begin as one, so that it is looked for before.
pub(super) struct Gif;

impl Check for Gif {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        (head.bytes.starts_with(b"GIF87a") || head.bytes.starts_with(b"GIF89a")).then_some(Format::Image)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, _: &mut Sheet) -> Result<(), Stop> {
        let length = source.len();
        if has(source, length.saturating_sub(1), b";") {
            Ok(())
        } else {
            Err(Stop::Malformed(length, "the image does not end where the file does".to_owned()))
        }
    }
}

/// Returns where the chunks of a PNG end.
fn png_end(source: &dyn ReadAt) -> Result<u64, Stop> {
    let mut reader = Reader::new(source);
    reader.skip(PNG.len() as u64)?;
    loop {
        let length = u64::from(reader.array().map(u32::from_be_bytes)?);
        let name = reader.array::<4>()?;
        reader.skip(length + 4)?;
        if name == *b"IEND" {
            return Ok(reader.offset());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Rating, test_support::scan};

    fn png() -> Vec<u8> {
        [PNG, b"\0\0\0\x03tEXtabc\0\0\0\0", PNG_END].concat()
    }

    #[test]
    fn whole_images_are_inert() {
        let webp = [&b"RIFF"[..], &6_u32.to_le_bytes(), b"WEBP", &[0, 0]].concat();
        for (name, bytes) in [
            ("a.png", png()),
            ("a.jpg", b"\xff\xd8\xff\xe0....\xff\xd9".to_vec()),
            ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0,\0;".to_vec()),
            ("a.webp", webp),
        ] {
            let scan = scan(name, &bytes);
            assert_eq!((scan.format, scan.rating), (Format::Image, Rating::Inert), "{name}");
        }
    }

    #[test]
    fn what_follows_or_misses_is_unknown() {
        for bytes in [
            [png(), b"more".to_vec()].concat(),
            [png(), PNG_END.to_vec()].concat(),
            png()[..20].to_vec(),
            b"\xff\xd8\xff\xe0.... more".to_vec(),
            b"GIF89a".to_vec(),
        ] {
            assert_eq!(scan("a", &bytes).rating, Rating::Unknown);
        }
    }
}
