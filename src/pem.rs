//! Blocks of PEM as people keep them (RFC 7468, the lax grammar of section 3): text around them, blank lines, spaces, a mark
//! at the start, base64 in lines of any length. What stands in a block is decoded by the library.

use pem_rfc7468::Decoder;
use thiserror::Error;
use zeroize::Zeroizing;

/// How the line starts that opens a block, and the one that closes it.
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
/// What some editors write before a text.
const MARK: char = '\u{feff}';

/// A decoded block.
pub(crate) struct Block {
    /// What it holds, as it says itself.
    pub(crate) label: String,
    /// The bytes, which may be a secret.
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Why a text is no PEM that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PemError {
    /// The library can't decode a block.
    #[error("the PEM block that begins in line {line} can't be read: {fault}")]
    Block {
        /// Where it begins, counted from 1.
        line: usize,
        /// What the library says.
        fault: pem_rfc7468::Error,
    },
    /// A block has no end, or another begins before it.
    #[error("the PEM block that begins in line {0} does not end")]
    Open(usize),
}

/// Says whether a line of a text opens a block that says so of itself: with this in its label.
pub(crate) fn has_block(text: &str, of: &str) -> bool {
    lines(text).any(|(_, line)| line.strip_prefix(BEGIN).is_some_and(|label| label.contains(of)))
}

/// Decodes all blocks of a text, in their order, whatever stands around them.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Vec<&str>)> = None;
    for (number, line) in lines(text) {
        let begins = line.starts_with(BEGIN);
        match &mut open {
            Some((at, _)) if begins => return Err(PemError::Open(*at)),
            Some((_, block)) => block.push(line),
            None if begins => open = Some((number, vec![line])),
            None => continue,
        }
        if let Some((at, block)) = open.take_if(|_| line.starts_with(END)) {
            blocks.push(decode(&block).map_err(|fault| PemError::Block { line: at, fault })?);
        }
    }
    open.map_or(Ok(blocks), |(at, _)| Err(PemError::Open(at)))
}

/// Parts a text into lines, each with its number and without the spaces around it.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let numbered = text.split('\n').enumerate();
    // A carriage return alone ends a line as well, which nobody counts.
    numbered.flat_map(|(index, line)| line.split('\r').map(move |part| (index + 1, part.trim())))
}

/// Decodes a block, whose base64 is one line for the library: it takes no lines of different lengths.
fn decode(lines: &[&str]) -> Result<Block, pem_rfc7468::Error> {
    let [begin, base64 @ .., end] = lines else { return Err(pem_rfc7468::Error::PostEncapsulationBoundary) };
    let base64 = Zeroizing::new(base64.concat());
    let block = Zeroizing::new(format!("{begin}\n{}\n{end}", *base64));
    let mut der = Zeroizing::new(Vec::new());
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes())?;
    decoder.decode_to_end(&mut der)?;
    Ok(Block { label: decoder.type_label().to_owned(), der })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";

    fn read(text: &str) -> Vec<(String, Vec<u8>)> {
        let read = blocks(text).unwrap();
        read.into_iter().map(|block| (block.label, block.der.to_vec())).collect()
    }

    #[test]
    fn blocks_are_read_as_people_keep_them() {
        let (one, other) = BASE64.split_at(64);
        let bytes: Vec<u8> = (0..64).collect();
        for text in [
            format!("-----BEGIN X-----\n{one}\n{other}\n-----END X-----\n"),
            format!("-----BEGIN X-----\r\n{one}\r\n{other}\r\n-----END X-----"),
            format!("-----BEGIN X-----\r{one}\r{other}\r-----END X-----\r"),
            format!("\u{feff}-----BEGIN X-----\n{one}\n{other}\n-----END X-----\n"),
            format!("-----BEGIN X-----\n{BASE64}\n-----END X-----\n"),
            format!("-----BEGIN X-----\n{}\n{}\n-----END X-----\n", &BASE64[..76], &BASE64[76..]),
            format!(
                "Bag Attributes\n  name: -----x\n  -----BEGIN X-----\n\n  {one} \n\t{other}\n-----END X-----  \nend"
            ),
        ] {
            assert_eq!(read(&text), [("X".to_owned(), bytes.clone())], "{text}");
            assert!(has_block(&text, "") && has_block(&text, "X") && !has_block(&text, "Y"));
        }
        let two = "-----BEGIN X Y-----\nAAEC\n-----END X Y-----\ntext\n-----BEGIN Z-----\nAA==\n-----END Z-----";
        assert_eq!(read(two), [("X Y".to_owned(), vec![0, 1, 2]), ("Z".to_owned(), vec![0])]);
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in ["", "x", "key = '-----BEGIN X-----'", "-----END X-----"] {
            assert!(read(text).is_empty() && !has_block(text, ""), "{text}");
        }
    }

    #[test]
    fn what_is_damaged_is_refused_with_its_line() {
        let refused = |text: &str| blocks(text).err().map(|error| error.to_string()).unwrap();
        let open = "the PEM block that begins in line 2 does not end";
        assert_eq!(refused("\n-----BEGIN X-----\nAAEC\n"), open);
        assert_eq!(refused("\n-----BEGIN X-----\n-----BEGIN X-----\nAAEC\n-----END X-----"), open);
        for body in ["AAE", "A*==", "Proc-Type: 4,ENCRYPTED\n\nAAEC", "AA==AA==", "\u{e9}AEC", ""] {
            let text = format!("-----BEGIN X-----\n{body}\n-----END X-----");
            assert!(refused(&text).starts_with("the PEM block that begins in line 1 can't be read: "), "{body}");
        }
        for text in ["-----BEGIN X-----\nAAEC\n-----END Y-----", "-----BEGIN X----\nAAEC\n-----END X----"] {
            assert!(refused(text).contains("can't be read"), "{text}");
        }
    }
}
