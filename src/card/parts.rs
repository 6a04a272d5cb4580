//! The two parts of a card: front matter between lines of `---`, and text.

/// A card, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The front matter, if there is any.
    pub matter: Option<String>,
    /// The text.
    pub body: String,
}

/// Takes a card apart. What some reader takes for front matter is front matter here, or a licence in it would count for them
/// and not for us: the Hub passes over space before it, others over space behind the dashes.
pub fn split(text: &str) -> Result<Parts, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let mut lines = start.split_inclusive('\n');
    if lines.next().is_none_or(|first| !is_mark(first)) {
        return Ok(Parts { matter: None, body: text });
    }
    let mut matter = String::new();
    for line in lines.by_ref() {
        if is_mark(line) {
            return Ok(Parts { matter: Some(matter), body: lines.collect() });
        }
        matter.push_str(line);
    }
    Err("its first line is `---`, which begins front matter, and no other line `---` ends it".to_owned())
}

fn is_mark(line: &str) -> bool {
    line.trim_end() == "---"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_found_wherever_readers_look_for_it() {
        for text in [
            "---\na: 1\n---\n# x\n",
            "---\r\na: 1\r\n---\r\n# x\r\n",
            "---\ra: 1\r---\r# x\r",
            "\u{feff}---\na: 1\n---\n# x\n",
            "\n \t---\na: 1\n---\n# x\n",
            "--- \na: 1\n---\t\n# x\n",
        ] {
            let parts = split(text).unwrap();
            assert_eq!((parts.matter.as_deref(), parts.body.as_str()), (Some("a: 1\n"), "# x\n"), "{text:?}");
        }
        for text in ["", "# x\n---\na: 1\n---\n", "----\n", "--- a\n---\n"] {
            assert_eq!(split(text).unwrap().matter, None, "{text:?}");
        }
        assert_eq!(split("---\n---\n").unwrap(), Parts { matter: Some(String::new()), body: String::new() });
    }

    #[test]
    fn front_matter_ends_with_its_mark_alone() {
        for text in ["---", "---\na: 1\n...\n# x\n", "---\na: 1\n----\n", "---\na: 1\n --- b\n"] {
            assert!(split(text).unwrap_err().contains("ends it"), "{text:?}");
        }
    }
}
