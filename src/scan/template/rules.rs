//! What a template may do. Calls are what matters: without one, nothing that a template reaches runs.

use crate::scan::Rating;
use crate::scan::list::List;
use crate::scan::template::lexer::{Placed, Tag, Token};
use crate::scan::template::names::{Names, inside, is_slice, name, sign};

/// Something in a template that goes beyond the subset.
pub(super) struct Objection {
    /// Where.
    pub(super) offset: usize,
    /// How bad it is.
    pub(super) rating: Rating,
    /// What is named there.
    pub(super) what: String,
    /// What it does.
    pub(super) summary: &'static str,
}

/// The words of Jinja by kind; `data/jinja.txt` says what each kind is.
const WORDS: List = List::of(include_str!("../data/jinja.txt"));

/// Returns what goes beyond the subset.
pub(super) fn objections(tags: &[Tag]) -> Vec<Objection> {
    let names = Names::of(tags);
    let mut found = Vec::new();
    for tag in tags {
        let reached = names.reached(&tag.tokens);
        let mut walk =
            Walk { tokens: &tag.tokens, statement: tag.statement, reached, names: &names, found: &mut found };
        walk.statement();
        (0..tag.tokens.len()).for_each(|index| walk.token(index));
    }
    found
}

struct Walk<'a> {
    tokens: &'a [Placed],
    statement: bool,
    /// Of each token, whether the value that ends there was reached by a name that is not written.
    reached: Vec<bool>,
    names: &'a Names,
    found: &'a mut Vec<Objection>,
}

impl<'a> Walk<'a> {
    fn object(&mut self, index: usize, rating: Rating, summary: &'static str) {
        let Some((offset, token)) = self.tokens.get(index) else { return };
        let what = match token {
            Token::Name(name) => name.clone(),
            Token::Text(text) => text.clone(),
            Token::Number => "a number".to_owned(),
            Token::Sign(sign) => sign.to_string(),
        };
        self.found.push(Objection { offset: *offset, rating, what, summary });
    }

    fn before(&self, index: usize, back: usize) -> Option<&'a Placed> {
        index.checked_sub(back).and_then(|index| self.tokens.get(index))
    }

    fn statement(&mut self) {
        if !self.statement {
            return;
        }
        match name(self.tokens.first()) {
            Some("include" | "import" | "from" | "extends") => {
                self.object(0, Rating::Suspicious, "loads another template");
            }
            Some(word) if WORDS.has("statements", word) => {}
            _ => self.object(0, Rating::Suspicious, "has a statement that chat templates do not need"),
        }
        if name(self.tokens.first()) == Some("filter") {
            self.filter(1);
        }
    }

    fn token(&mut self, index: usize) {
        match self.tokens.get(index) {
            Some((_, Token::Text(text))) if is_dunder(text) => {
                self.object(index, Rating::Malicious, "names an internal of Python");
            }
            Some((_, Token::Name(name))) => self.name(index, name),
            Some((_, Token::Sign('('))) => self.call(index),
            Some((_, Token::Sign('['))) => self.subscript(index),
            _ => {}
        }
    }

    fn name(&mut self, index: usize, word: &str) {
        match (sign(self.before(index, 1)), name(self.before(index, 1)), name(self.before(index, 2))) {
            (Some('.'), ..) => self.attribute(index, word),
            (Some('|'), ..) => self.filter(index),
            (_, Some("is"), _) if word == "not" => {}
            (_, Some("is"), _) | (_, Some("not"), Some("is")) if WORDS.has("tests", word) => {}
            (_, Some("is"), _) | (_, Some("not"), Some("is")) => {
                self.object(index, Rating::Suspicious, "has an unknown test");
            }
            _ if WORDS.has("handles", word) => {
                self.object(index, Rating::Suspicious, "uses a global that leads into the interpreter");
            }
            _ if is_dunder(word) => self.object(index, Rating::Malicious, "names an internal of Python"),
            _ if self.is_function(word) && !self.is_used_as_function(index) => {
                self.object(index, Rating::Suspicious, "takes a function for a value");
            }
            _ => {}
        }
    }

    fn is_function(&self, word: &str) -> bool {
        (WORDS.has("functions", word) || self.names.is_macro(word)) && !self.names.is_assigned(word)
    }

    /// Functions are called, asked for, and have a few attributes; names of arguments may be the same.
    fn is_used_as_function(&self, index: usize) -> bool {
        let (before, next) = (self.before(index, 1), self.tokens.get(index + 1));
        let asked = matches!(name(before), Some("if" | "elif" | "not")) && !matches!(sign(next), Some('[' | '|'));
        asked
            || matches!(sign(next), Some('(' | '.' | '='))
            || name(next) == Some("is")
            || matches!(name(before), Some("endmacro" | "macro"))
    }

    fn attribute(&mut self, index: usize, word: &str) {
        if is_dunder(word) || WORDS.has("internals", word) {
            self.object(index, Rating::Malicious, "reaches for an internal of Python");
        } else if word.starts_with('_') || !word.is_ascii() {
            self.object(index, Rating::Suspicious, "reaches for a private attribute");
        }
    }

    fn filter(&mut self, index: usize) {
        match name(self.tokens.get(index)) {
            Some("attr") => self.object(index, Rating::Malicious, "takes an attribute by a name that it computes"),
            Some(word) if WORDS.has("naming", word) => self.naming(index),
            Some(word) if WORDS.has("filters", word) => {}
            _ => self.object(index, Rating::Suspicious, "has an unknown filter"),
        }
    }

    /// Filters that take names must take them as they are written.
    fn naming(&mut self, index: usize) {
        if sign(self.tokens.get(index + 1)) != Some('(') {
            return;
        }
        let inside = inside(self.tokens, index + 1);
        let first = match self.tokens.get(index + 2) {
            Some((_, Token::Name(keyword))) if keyword == "attribute" => index + 4,
            _ => index + 2,
        };
        match self.tokens.get(first) {
            Some((_, Token::Text(text))) if text == "attr" => {
                self.object(first, Rating::Malicious, "takes an attribute by a name that it computes");
            }
            Some((_, Token::Text(_))) if matches!(sign(self.tokens.get(first + 1)), Some(',' | ')')) => {}
            _ if inside.is_empty() => {}
            _ => self.object(index, Rating::Suspicious, "gives a filter a name that it computes"),
        }
    }

    fn call(&mut self, index: usize) {
        let callee = self.before(index, 1);
        match (name(callee), sign(callee)) {
            (Some(word), _) => self.call_by_name(index - 1, word),
            (_, Some(')' | ']')) => self.object(index, Rating::Suspicious, "calls what it computes"),
            (None, None) if callee.is_some() => self.object(index, Rating::Suspicious, "calls what is no function"),
            _ => {}
        }
    }

    fn call_by_name(&mut self, index: usize, word: &str) {
        let assigned = self.names.is_assigned(word);
        match (sign(self.before(index, 1)), name(self.before(index, 1))) {
            // Judged as a filter or as a test.
            (Some('|'), _) | (_, Some("is")) => {}
            (_, Some("not")) if name(self.before(index, 2)) == Some("is") => {}
            (_, Some("macro" | "filter")) if self.statement && index == 1 => {}
            (Some('.'), _) if word == "format" && self.before(index, 2).is_some_and(is_plain_format) => {}
            (Some('.'), _) if WORDS.has("methods", word) && !self.names.is_attribute(word) => {
                // The dot stands before the name, and what it is called on ends before the dot.
                let reached = index.checked_sub(2).and_then(|index| self.reached.get(index));
                if reached.copied().unwrap_or(true) && !WORDS.has("quiet", word) {
                    self.object(
                        index,
                        Rating::Suspicious,
                        "calls a method of what it reaches by a name that is not written",
                    );
                }
            }
            (Some('.'), _) => self.object(index, Rating::Suspicious, "calls an unknown method"),
            _ if WORDS.has("words", word) => {}
            _ if WORDS.has("functions", word) && !assigned && !self.names.is_attribute(word) => {}
            _ if self.names.is_macro(word) && !assigned => {}
            _ => self.object(index, Rating::Suspicious, "calls an unknown function"),
        }
    }

    /// A subscript is an attribute by another name, unless it is a literal list.
    fn subscript(&mut self, index: usize) {
        let of_value = match self.before(index, 1) {
            Some((_, Token::Name(name))) => !WORDS.has("words", name),
            Some((_, Token::Text(_) | Token::Sign(')' | ']' | '}'))) => true,
            _ => false,
        };
        if !of_value {
            return;
        }
        let inside = inside(self.tokens, index);
        if is_slice(inside) {
            return;
        }
        let texts = inside.iter().any(|(_, token)| matches!(token, Token::Text(_)));
        let computes = inside.iter().any(|(_, token)| match token {
            Token::Sign('~') => true,
            Token::Sign('+' | '|' | '%') => texts,
            _ => false,
        });
        match inside {
            [(_, Token::Text(text))] => self.attribute(index + 1, text),
            _ if computes || self.names.computes(inside) => {
                self.object(index, Rating::Suspicious, "takes an attribute by a name that it computes");
            }
            _ => {}
        }
    }
}

/// Says whether a value is a text whose fields reach for no attribute: `{}` or `{0}`.
fn is_plain_format(value: &Placed) -> bool {
    let (_, Token::Text(text)) = value else { return false };
    text.split('{').skip(1).all(|field| field.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('}'))
}

/// Says whether a text has a name with two underscores on both sides.
fn is_dunder(text: &str) -> bool {
    text.match_indices("__").any(|(start, _)| {
        let rest = text.get(start + 2..).unwrap_or_default();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        length > 0 && rest.get(length..).is_some_and(|rest| rest.starts_with("__"))
    })
}
