//! Lists of words in `data/`: sections with a name, comments with origin and date.
//!
//! They are searched as they are: to build a table of them takes longer than most scans.

use memchr::memmem;

/// Words by section.
#[derive(Clone, Copy, Debug)]
pub(super) struct List(&'static str);

impl List {
    /// Takes a list: `# comment`, `section:`, words between spaces.
    pub(super) const fn of(text: &'static str) -> Self {
        Self(text)
    }

    /// Says whether a word is in a section.
    pub(super) fn has(self, section: &str, word: &str) -> bool {
        let text = self.section(section);
        let is_word = !word.is_empty() && !word.contains(|c: char| c.is_whitespace());
        is_word && memmem::find_iter(text.as_bytes(), word).any(|at| stands_alone(text, at, word.len()))
    }

    /// Returns the names of the sections.
    pub(super) fn sections(self) -> impl Iterator<Item = &'static str> {
        self.0.lines().filter_map(name)
    }

    /// Returns what stands between the name of a section and that of the next.
    fn section(self, section: &str) -> &'static str {
        let begins = |at: &usize| {
            let line = self.0.get(*at..).unwrap_or_default().lines().next();
            (*at == 0 || self.0.as_bytes().get(at - 1) == Some(&b'\n')) && line.and_then(name) == Some(section)
        };
        let start = memmem::find_iter(self.0.as_bytes(), section).find(begins);
        let rest = start.and_then(|start| self.0.get(start + section.len() + 1..)).unwrap_or_default();
        let mut ends = memmem::find_iter(rest.as_bytes(), ":\n").map(|at| line_at(rest, at));
        let end = ends.find(|start| rest.get(*start..).and_then(|rest| rest.lines().next()).and_then(name).is_some());
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }
}

/// Returns the name of the section that a line begins.
fn name(line: &str) -> Option<&str> {
    line.strip_suffix(':').filter(|_| !line.starts_with('#'))
}

/// Returns where the line begins in which something stands.
fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1)
}

/// Says whether a word has blanks around it, and is in no comment.
fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    blank(before) && blank(bytes.get(at + length)) && bytes.get(line_at(text, at)) != Some(&b'#')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn words_belong_to_their_section() {
        let list = List::of(
            "# a: comment:\nnumbers:\n  one two\n# of six\n  three\nletters:\n  a numbers\nmore.letters:\n  b\n",
        );
        assert!(list.has("numbers", "three") && list.has("numbers", "one") && list.has("letters", "a"));
        assert!(list.has("letters", "numbers") && list.has("more.letters", "b"));
        for (section, word) in [
            ("letters", "one"),
            ("letters", "b"),
            ("none", "one"),
            ("numbers", "#"),
            ("numbers", "six"),
            ("numbers", "thre"),
            ("numbers", "wo"),
            ("numbers", "one two"),
            ("numbers", ""),
            ("", "one"),
            ("# a: comment", "one"),
        ] {
            assert!(!list.has(section, word), "{section} {word}");
        }
        assert_eq!(list.sections().collect::<Vec<_>>(), ["numbers", "letters", "more.letters"]);
    }

    #[test]
    fn every_word_of_every_list_is_found_in_its_section_alone() {
        for text in
            [include_str!("data/keras.txt"), include_str!("data/tensorflow.txt"), include_str!("data/jinja.txt")]
        {
            let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            let mut section = "";
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                match line.strip_suffix(':') {
                    Some(name) => section = name,
                    None => all.entry(section).or_default().extend(line.split_ascii_whitespace()),
                }
            }
            let list = List::of(text);
            assert_eq!(list.sections().collect::<BTreeSet<_>>(), all.keys().copied().collect());
            let words: BTreeSet<&str> = all.values().flatten().copied().collect();
            for (section, own) in &all {
                assert!(words.iter().all(|word| list.has(section, word) == own.contains(word)), "{section}");
            }
        }
    }
}
