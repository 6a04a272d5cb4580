//! Numbers as pickles write them, in bytes and in lines of text.

/// Reads a little-endian number in two's complement, if it is not too large.
pub(super) fn whole_number(digits: &[u8]) -> Option<i64> {
    let negative = digits.last().is_some_and(|last| last & 0x80 != 0);
    let mut all = [if negative { 0xff } else { 0 }; 8];
    all.get_mut(..digits.len())?.copy_from_slice(digits);
    Some(i64::from_le_bytes(all))
}

/// Reads a number as CPython's `int` does, as far as it can be the number of something kept.
pub(super) fn lenient_number(text: &str) -> Option<u64> {
    let text = text.split('\0').next().unwrap_or_default().trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    digits.replace('_', "").parse().ok()
}

/// Says whether digits are what picklers write.
pub(super) fn is_decimal(digits: &[u8]) -> bool {
    let digits = digits.strip_prefix(b"-").unwrap_or(digits);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || !digits.starts_with(b"0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_cpython_reads_them() {
        assert_eq!(whole_number(&[]), Some(0));
        assert_eq!(whole_number(&[0xff]), Some(-1));
        assert_eq!(whole_number(&[0xff, 0]), Some(255));
        assert_eq!(whole_number(&[1; 9]), None);
        assert_eq!((lenient_number(" +1_0 "), lenient_number("1__0"), lenient_number("-1")), (Some(10), None, None));
        assert!(is_decimal(b"-10") && is_decimal(b"0") && !is_decimal(b"01") && !is_decimal(b"+1") && !is_decimal(b""));
    }
}
