//! Names of tensors: in the order in which people count, and in groups of a layer each.

use std::cmp::Ordering;

/// Compares two names so that `layers.2` stands before `layers.10`.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (first, second) = (run(left), run(right));
        let order = match (number(first), number(second)) {
            (Some(first), Some(second)) => (first.len(), first).cmp(&(second.len(), second)),
            _ => first.cmp(second),
        };
        if order.is_ne() || first.is_empty() {
            // Equal numbers may be written in two ways.
            return order.then_with(|| one.cmp(other));
        }
        left = left.get(first.len()..).unwrap_or_default();
        right = right.get(second.len()..).unwrap_or_default();
    }
}

/// Returns the digits, or all that is no digit, at the start of a text.
fn run(text: &str) -> &str {
    let is_digit = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Returns digits without leading zeros.
fn number(run: &str) -> Option<&str> {
    run.starts_with(|c: char| c.is_ascii_digit()).then(|| run.trim_start_matches('0'))
}

/// Names the group of a tensor: up to its first number, which counts layers, else all but the last word.
///
/// `model.layers.12.mlp.up_proj.weight` is one of `model.layers.12.*`, `lm_head.weight` of `lm_head.*`.
pub(super) fn group(name: &str) -> String {
    let mut end = 0;
    for word in name.split('.') {
        end += word.len();
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && end < name.len() {
            return format!("{}.*", name.get(..end).unwrap_or_default());
        }
        end += 1;
    }
    name.rsplit_once('.').map_or_else(|| name.to_owned(), |(prefix, _)| format!("{prefix}.*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted() {
        let mut names = ["l.10.b", "l.2.a", "l", "", "l.02.a", "l.2", "m.1", "é.1", "l.99999999999999999999999.x"];
        names.sort_by(|one, other| natural(one, other));
        let expected = ["", "l", "l.2", "l.02.a", "l.2.a", "l.10.b", "l.99999999999999999999999.x", "m.1", "é.1"];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_layer_is_a_group() {
        for (name, expected) in [
            ("model.layers.12.mlp.up_proj.weight", "model.layers.12.*"),
            ("blk.0.attn_q.weight", "blk.0.*"),
            ("model.layers.3.experts.7.w1.weight", "model.layers.3.*"),
            ("lm_head.weight", "lm_head.*"),
            ("model.embed_tokens.weight", "model.embed_tokens.*"),
            ("net.0", "net.*"),
            ("weight", "weight"),
            ("", ""),
            ("..", "..*"),
        ] {
            assert_eq!(group(name), expected, "{name}");
        }
    }
}
