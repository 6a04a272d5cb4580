//! Which of two versions is the later one, where that can be said.

use std::cmp::Ordering;

/// Says whether two texts name one version, however they are spelled: `1.0` is `1.0.0`.
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || compare(one, other).is_some_and(Ordering::is_eq)
}

/// Compares versions that are numbers between dots, such as `1.10.0`, with or without a `v` in front.
///
/// Of any others, such as `1.0.0-rc1` or `spring`, there is no order.
pub fn compare(one: &str, other: &str) -> Option<Ordering> {
    let (mut one, mut other) = (numbers(one)?, numbers(other)?);
    let longest = one.len().max(other.len());
    one.resize(longest, 0);
    other.resize(longest, 0);
    Some(one.cmp(&other))
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.strip_prefix('v').unwrap_or(version);
    version.split('.').map(|part| part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (one, other, order) in [
            ("1.2.0", "1.10.0", Some(Ordering::Less)),
            ("v2", "1.9.9", Some(Ordering::Greater)),
            ("1.0", "1.0.0", Some(Ordering::Equal)),
            ("1.0.0-rc1", "1.0.0", None),
            ("spring", "1", None),
            ("1..2", "1", None),
            ("1.99999999999999999999999", "1", None),
        ] {
            assert_eq!(compare(one, other), order, "{one} {other}");
        }
    }
}
