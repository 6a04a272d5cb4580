//! The instructions of pickles of the protocols 0 to 3, one after the other (CPython `Lib/pickletools.py`). Nothing is done.

/// An instruction with its argument, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'b> {
    /// An instruction.
    Whole(u8, &'b [u8]),
    /// The bytes end inside of an instruction, or before one.
    Cut,
    /// There is no such instruction.
    Unknown,
}

/// Bytes that are read as instructions.
pub(super) struct Steps<'b> {
    rest: &'b [u8],
}

/// How long an argument is.
enum Length {
    Fixed(usize),
    /// So many lines.
    Lines(usize),
    /// As its first bytes say, so many.
    Counted(usize),
}

impl<'b> Steps<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next instruction.
    pub(super) fn next(&mut self) -> Step<'b> {
        let [code, behind @ ..] = self.rest else { return Step::Cut };
        let Some(length) = length(*code) else { return Step::Unknown };
        let Some((argument, behind)) = taken(behind, &length) else { return Step::Cut };
        self.rest = behind;
        Step::Whole(*code, argument)
    }
}

fn length(code: u8) -> Option<Length> {
    Some(match code {
        b'('
        | b')'
        | b'.'
        | b'0'
        | b'1'
        | b'2'
        | b'N'
        | b'Q'
        | b'R'
        | b']'
        | b'a'
        | b'b'
        | b'd'
        | b'e'
        | b'l'
        | b'o'
        | b's'
        | b't'
        | b'u'
        | b'}'
        | 0x81
        | 0x85..=0x89 => Length::Fixed(0),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Length::Fixed(1),
        b'M' | 0x83 => Length::Fixed(2),
        b'J' | b'j' | b'r' | 0x84 => Length::Fixed(4),
        b'G' => Length::Fixed(8),
        b'F' | b'I' | b'L' | b'P' | b'S' | b'V' | b'g' | b'p' => Length::Lines(1),
        b'c' | b'i' => Length::Lines(2),
        b'C' | b'U' | 0x8a => Length::Counted(1),
        b'B' | b'T' | b'X' | 0x8b => Length::Counted(4),
        _ => return None,
    })
}

fn taken<'b>(bytes: &'b [u8], length: &Length) -> Option<(&'b [u8], &'b [u8])> {
    match *length {
        Length::Fixed(count) => bytes.split_at_checked(count),
        Length::Lines(count) => {
            let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            let (end, _) = ends.nth(count.checked_sub(1)?)?;
            let (argument, behind) = bytes.split_at_checked(end + 1)?;
            Some((argument.strip_suffix(b"\n").unwrap_or(argument), behind))
        }
        Length::Counted(width) => {
            let (count, behind) = bytes.split_at_checked(width)?;
            let count = count.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            behind.split_at_checked(count)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_come_with_their_arguments() {
        let mut steps = Steps::new(b"(ca\nb\np0\nK\x05U\x02hiX\x01\0\0\0x.");
        let expected: [(u8, &[u8]); 7] =
            [(b'(', b""), (b'c', b"a\nb"), (b'p', b"0"), (b'K', b"\x05"), (b'U', b"hi"), (b'X', b"x"), (b'.', b"")];
        for (code, argument) in expected {
            assert_eq!(steps.next(), Step::Whole(code, argument));
        }
        assert_eq!(steps.next(), Step::Cut);
        assert_eq!(Steps::new(b"T\xff\xff\xff\xffx").next(), Step::Cut);
        assert_eq!(Steps::new(b"# text").next(), Step::Unknown);
    }
}
