//! Lists of words in `data/`: sections with a name, comments with origin and date.

use std::collections::{BTreeMap, BTreeSet};

/// Words by section.
#[derive(Debug, Default)]
pub(super) struct List(BTreeMap<&'static str, BTreeSet<&'static str>>);

impl List {
    /// Reads a list: `# comment`, `section:`, words between spaces.
    pub(super) fn of(text: &'static str) -> Self {
        let mut list = Self::default();
        let mut section = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_suffix(':') {
                Some(name) => section = name,
                None => list.0.entry(section).or_default().extend(line.split_ascii_whitespace()),
            }
        }
        list
    }

    /// Says whether a word is in a section.
    pub(super) fn has(&self, section: &str, word: &str) -> bool {
        self.0.get(section).is_some_and(|words| words.contains(word))
    }

    /// Returns the names of the sections.
    pub(super) fn sections(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_belong_to_their_section() {
        let list = List::of("# a comment\nnumbers:\n  one two\n  three\nletters:\n  a\n");
        assert!(list.has("numbers", "three") && list.has("letters", "a"));
        assert!(!list.has("letters", "one") && !list.has("none", "one") && !list.has("numbers", "#"));
        assert_eq!(list.sections().collect::<Vec<_>>(), ["letters", "numbers"]);
    }
}
