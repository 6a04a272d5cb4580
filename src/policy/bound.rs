//! What rules leave of the values that something may have: two of them may leave nothing.

use std::collections::BTreeSet;

use crate::policy::Item;
use crate::policy::reading::Placed;

/// What must hold of one thing.
#[derive(Clone, Debug)]
pub struct Bound {
    /// What it is about.
    pub of: String,
    /// The part that it is about alone; what holds without a part holds of each.
    pub part: Option<String>,
    /// The values that are left.
    pub values: Values,
    /// What must hold, in words.
    pub words: String,
}

/// Values that are left.
#[derive(Clone, Debug)]
pub enum Values {
    /// A number from here to there.
    Between(Option<f64>, Option<f64>),
    /// It is a set, and has this member.
    Having(String),
    /// It has one value, and that is one of these.
    OneOf(BTreeSet<String>),
    /// It is a set with some member, and has no others.
    Only(BTreeSet<String>),
    /// It is a set, and has none of these members.
    Without(BTreeSet<String>),
}

impl Values {
    /// Says whether nothing is left by both.
    fn exclude(&self, other: &Self) -> bool {
        let above = |min: Option<f64>, max: Option<f64>| min.zip(max).is_some_and(|(min, max)| min > max);
        match (self, other) {
            (Self::Between(min, max), Self::Between(least, most)) => above(*min, *most) || above(*least, *max),
            (Self::OneOf(one), Self::OneOf(other)) | (Self::Only(one), Self::Only(other)) => one.is_disjoint(other),
            (Self::Only(all), Self::Without(none)) | (Self::Without(none), Self::Only(all)) => all.is_subset(none),
            (Self::Having(member), Self::Only(all)) | (Self::Only(all), Self::Having(member)) => !all.contains(member),
            (Self::Having(member), Self::Without(none)) | (Self::Without(none), Self::Having(member)) => {
                none.contains(member)
            }
            _ => false,
        }
    }
}

impl Bound {
    fn contradicts(&self, other: &Self) -> bool {
        let part = self.part.is_none() || other.part.is_none() || self.part == other.part;
        self.of == other.of && part && self.values.exclude(&other.values)
    }
}

/// Finds two bounds that no release can keep; where the later one stands, and both in words.
pub(super) fn contradiction<'i>(items: impl Iterator<Item = &'i Placed<Item>>) -> Option<(&'i Placed<Item>, String)> {
    let mut before: Vec<Bound> = Vec::new();
    for item in items {
        for bound in item.value.rule.bounds() {
            if let Some(other) = before.iter().find(|other| other.contradicts(&bound)) {
                return Some((item, format!("{}, and {}: both can't hold", other.words, bound.words)));
            }
            before.push(bound);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &str) -> BTreeSet<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_leaves_nothing_is_found_in_either_order() {
        let having = |word: &str| Values::Having(word.to_owned());
        let between = Values::Between;
        for (one, other, exclude) in [
            (between(Some(0.9), None), between(None, Some(0.5)), true),
            (between(Some(0.5), None), between(None, Some(0.5)), false),
            (between(Some(0.5), Some(0.6)), between(Some(0.6), None), false),
            (between(Some(0.5), None), between(Some(0.9), None), false),
            (Values::OneOf(set("a b")), Values::OneOf(set("b c")), false),
            (Values::OneOf(set("a b")), Values::OneOf(set("c d")), true),
            (having("a"), Values::Only(set("a b")), false),
            (having("c"), Values::Only(set("a b")), true),
            (having("a"), Values::Without(set("a b")), true),
            (having("c"), Values::Without(set("a b")), false),
            (having("a"), having("b"), false),
            (Values::Only(set("a b")), Values::Only(set("b c")), false),
            (Values::Only(set("a")), Values::Only(set("b")), true),
            (Values::Only(set("a b")), Values::Without(set("a")), false),
            (Values::Only(set("a b")), Values::Without(set("c b a")), true),
        ] {
            assert_eq!(one.exclude(&other), exclude, "{one:?} {other:?}");
            assert_eq!(other.exclude(&one), exclude, "{other:?} {one:?}");
        }
    }

    #[test]
    fn what_is_about_something_else_contradicts_nothing() {
        let bound = |of: &str, part: Option<&str>, word: &str| Bound {
            of: of.to_owned(),
            part: part.map(str::to_owned),
            values: Values::OneOf(set(word)),
            words: String::new(),
        };
        let all = bound("x", None, "a");
        assert!(all.contradicts(&bound("x", None, "b")) && all.contradicts(&bound("x", Some("p"), "b")));
        assert!(!all.contradicts(&bound("y", None, "b")) && !all.contradicts(&bound("x", None, "a")));
        let part = bound("x", Some("p"), "a");
        assert!(part.contradicts(&bound("x", Some("p"), "b")) && !part.contradicts(&bound("x", Some("q"), "b")));
    }
}
