//! Text from outside, and how it is shown.
//!
//! A file can be called `ok\x1b[2K PASS`. A [`Text`] has no `Display`: whoever shows it must say where,
//! and gets it escaped for that place. New places (HTML, a CI log) add a method here.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

/// A text that may hold anything, kept as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Returns the text for a terminal or a log: one line, nothing that moves the cursor or reorders.
    pub fn for_terminal(&self) -> String {
        for_terminal(&self.0)
    }

    /// Returns the text for the message of a workflow command of GitHub Actions.
    pub fn for_workflow_message(&self) -> String {
        for_terminal(&self.0).replace('%', "%25")
    }

    /// Returns the text for a property of a workflow command, where colons and commas have a meaning.
    pub fn for_workflow_property(&self) -> String {
        self.for_workflow_message().replace(':', "%3A").replace(',', "%2C")
    }

    /// Returns the text for Markdown: nothing in it is markup, a link or a mention.
    pub fn for_markdown(&self) -> String {
        for_markdown(&self.0)
    }

    /// Returns the text for XML 1.0, between tags and inside quotes.
    pub fn for_xml(&self) -> String {
        for_xml(&self.0)
    }

    /// Returns the text as it came, for formats that escape by themselves, such as JSON.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Escapes control characters, characters that change the direction of text, and those that nobody sees.
pub fn for_terminal(raw: &str) -> String {
    let mut shown = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            c if c.is_control() || is_line_separator(c) || is_invisible(c) => {
                // Writing to a `String` can't fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Escapes a text for Markdown, as entities: backslashes stop neither mentions nor bare links.
pub fn for_markdown(raw: &str) -> String {
    let mut shown = String::with_capacity(raw.len());
    for character in for_terminal(raw).chars() {
        let starts_link = character == '.' && shown.get(shown.len().saturating_sub(3)..).is_some_and(is_www);
        if starts_link || MARKUP.contains(character) {
            // Writing to a `String` can't fail.
            let _ = write!(shown, "&#{};", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

fn is_www(text: &str) -> bool {
    text.eq_ignore_ascii_case("www")
}

/// What Markdown, its tables and the extensions of GitHub read as markup, in the middle of a line.
const MARKUP: &str = "&<>\"'\\`*_~[]|@#$:";

/// Escapes a text for XML 1.0, which has no way to write most control characters.
pub fn for_xml(raw: &str) -> String {
    let mut shown = String::with_capacity(raw.len());
    for character in for_terminal(raw).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    shown
}

/// Says whether a character reorders the text around it (Unicode "Bidi_Control").
pub fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_line_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Says whether a character has no shape of its own (Unicode 16, `Default_Ignorable_Code_Point`, and the category `Cf`):
/// two names that look alike may differ in it.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Formats a number of bytes with a binary unit, as in `1.3 GiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = "KiB";
    for next in UNITS.iter().skip(1) {
        if tenths < 10240 {
            break;
        }
        tenths /= 1024;
        unit = next;
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Formats a count with its noun, as in `1 file` or `3 files`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_harmless() {
        let text = Text::from("ok\u{1b}[2K\r\n\u{202e}PASS\u{2028}\u{9b}");
        assert_eq!(text.for_terminal(), "ok\\u{1b}[2K\\u{d}\\n\\u{202e}PASS\\u{2028}\\u{9b}");
        assert!(text.raw().contains('\u{1b}'));
    }

    #[test]
    fn what_nobody_sees_is_shown() {
        for hidden in ['\u{200b}', '\u{ad}', '\u{2060}', '\u{feff}', '\u{fe0f}', '\u{3164}', '\u{e0041}', '\u{2066}'] {
            let shown = Text::from(format!("model{hidden}.bin")).for_terminal();
            assert_eq!(shown, format!("model\\u{{{:x}}}.bin", u32::from(hidden)));
        }
        // Every character that changes the direction of text is one of them.
        let all = (0..=0x10_ffff).filter_map(char::from_u32);
        assert!(all.filter(|c| is_bidirectional_control(*c)).all(is_invisible));
    }

    #[test]
    fn ordinary_text_is_shown_as_it_is() {
        assert_eq!(Text::from("naïve 日本.bin").for_terminal(), "naïve 日本.bin");
    }

    #[test]
    fn hostile_text_is_no_workflow_command() {
        let text = Text::from("a\n::error::b%0A,c:d\r");
        assert_eq!(text.for_workflow_message(), "a\\n::error::b%250A,c:d\\u{d}");
        assert_eq!(text.for_workflow_property(), "a\\n%3A%3Aerror%3A%3Ab%250A%2Cc%3Ad\\u{d}");
    }

    #[test]
    fn hostile_text_is_no_markdown() {
        let text = Text::from("[x](http://e) @user #1 | `a` *b* <img> www.e.org");
        let shown = text.for_markdown();
        for markup in ["[", "]", "http:", "@", " #1", "|", "`", "*", "<", ">", "www."] {
            assert!(!shown.contains(markup), "{markup}: {shown}");
        }
        assert!(shown.ends_with("www&#46;e.org"), "{shown}");
    }

    #[test]
    fn hostile_text_is_no_xml() {
        let text = Text::from("a</b>\u{0}\"'&amp;\u{ffff}");
        assert_eq!(text.for_xml(), "a&lt;/b&gt;\\u{0}&quot;&apos;&amp;amp;\u{fffd}");
    }

    #[test]
    fn bytes_have_units() {
        for (count, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1 << 30, "1.0 GiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(bytes(count), shown);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}
