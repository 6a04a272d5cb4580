//! Jinja as tokens, cut where Jinja cuts (`jinja2/lexer.py`): strings with their escapes read, braces balanced.

/// A token in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a word of the language.
    Name(String),
    /// A text, its escapes read; texts side by side are one.
    Text(String),
    /// A number.
    Number,
    /// A sign, such as `(` or `|`.
    Sign(char),
}

/// A token and its place.
pub(super) type Placed = (usize, Token);

/// What stands between `{{` and `}}`, or between `{%` and `%}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// Whether it is a statement.
    pub(super) statement: bool,
    /// What is in it.
    pub(super) tokens: Vec<Placed>,
}

/// Why a template can't be read: where, and what is wrong.
pub(super) type LexError = (usize, &'static str);

/// Cuts a template into its tags; text between them and comments are left out.
pub(super) fn tags(template: &str) -> Result<Vec<Tag>, LexError> {
    let mut tags = Vec::new();
    let mut lexer = Lexer { template, at: 0 };
    while let Some(opening) = lexer.opening() {
        match opening {
            '#' => lexer.behind("#}").ok_or((lexer.at, "a comment has no end"))?,
            opening => {
                let tag = Tag { statement: opening == '%', tokens: lexer.tag(opening)? };
                if tag.statement && matches!(tag.tokens.as_slice(), [(_, Token::Name(name))] if name == "raw") {
                    lexer.behind_raw().ok_or((lexer.at, "`raw` has no end"))?;
                } else {
                    tags.push(tag);
                }
            }
        }
    }
    Ok(tags)
}

struct Lexer<'t> {
    template: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.template.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes behind the next opening brace of a tag, and returns the character that says which.
    fn opening(&mut self) -> Option<char> {
        loop {
            self.at += self.rest().find('{')? + 1;
            if let Some(kind @ ('{' | '%' | '#')) = self.peek() {
                self.at += 1;
                return Some(kind);
            }
        }
    }

    fn behind(&mut self, end: &str) -> Option<()> {
        self.at += self.rest().find(end)? + end.len();
        Some(())
    }

    /// Goes behind the tag that ends `raw`, whatever spaces and signs it has.
    fn behind_raw(&mut self) -> Option<()> {
        loop {
            self.behind("{%")?;
            let start = self.rest();
            let word = start.strip_prefix(['-', '+']).unwrap_or(start).trim_start().strip_prefix("endraw");
            let Some(end) = word.map(str::trim_start) else { continue };
            if let Some(rest) = end.strip_prefix(['-', '+']).unwrap_or(end).strip_prefix("%}") {
                self.at += start.len() - rest.len();
                return Some(());
            }
        }
    }

    fn tag(&mut self, opening: char) -> Result<Vec<Placed>, LexError> {
        let start = self.at;
        let end = if opening == '{' { "}}" } else { "%}" };
        let mut tokens: Vec<Placed> = Vec::new();
        let mut open = Vec::new();
        if let Some('-' | '+') = self.peek() {
            self.at += 1;
        }
        loop {
            let rest = self.rest();
            let controlled = rest.strip_prefix(['-', '+']).filter(|rest| rest.starts_with(end));
            if open.is_empty() && (rest.starts_with(end) || controlled.is_some()) {
                self.at += end.len() + usize::from(controlled.is_some());
                return Ok(tokens);
            }
            let at = self.at;
            let Some(next) = self.peek() else { return Err((start, "a tag has no end")) };
            if next.is_whitespace() {
                self.at += next.len_utf8();
                continue;
            }
            let token = self.token(next)?;
            balance(&token, &mut open).map_err(|message| (at, message))?;
            match (tokens.last_mut(), token) {
                (Some((_, Token::Text(before))), Token::Text(text)) => before.push_str(&text),
                (_, token) => tokens.push((at, token)),
            }
        }
    }

    fn token(&mut self, next: char) -> Result<Token, LexError> {
        let at = self.at;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if next == '\'' || next == '"' {
            return self.text(next).map(Token::Text);
        }
        if word(next) {
            let length = self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
            let name = self.rest().get(..length).unwrap_or_default();
            self.at += length;
            let number = next.is_ascii_digit();
            return Ok(if number { Token::Number } else { Token::Name(name.to_owned()) });
        }
        if !"+-/*%~[](){}=!<>.:|,;".contains(next) {
            return Err((at, "a character that Jinja does not know"));
        }
        self.at += 1;
        Ok(Token::Sign(next))
    }

    /// Reads a text in quotes, with Python's escapes.
    fn text(&mut self, quote: char) -> Result<String, LexError> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => {
                    let (read, length) = escape(self.template.get(start + at + 1..).unwrap_or_default());
                    text.extend(read);
                    // One of them is consumed here, the others with `nth`.
                    if length > 0 && characters.nth(length - 1).is_none() {
                        break;
                    }
                }
                c if c == quote => {
                    self.at = start + at + 1;
                    return Ok(text);
                }
                c => text.push(c),
            }
        }
        Err((start, "a text has no end"))
    }
}

/// How many brackets may stand inside each other: what is inside is read once for each, and Python bears no more than 200.
const DEPTH: usize = 64;

fn balance(token: &Token, open: &mut Vec<char>) -> Result<(), &'static str> {
    let Token::Sign(sign) = token else { return Ok(()) };
    if open.len() > DEPTH {
        return Err("brackets stand too deep inside each other");
    }
    match sign {
        '(' => open.push(')'),
        '[' => open.push(']'),
        '{' => open.push('}'),
        ')' | ']' | '}' if open.pop() != Some(*sign) => return Err("brackets do not match"),
        _ => {}
    }
    Ok(())
}

/// The longest name of a character is shorter.
const NAME: usize = 128;

/// Reads an escape behind its backslash: the character that it stands for, and how many characters it has.
fn escape(rest: &str) -> (Option<char>, usize) {
    let Some(kind) = rest.chars().next() else { return (None, 0) };
    let digits = |start: usize, radix: u32, most: usize| {
        let digits: String =
            rest.get(start..).unwrap_or_default().chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        (u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32), start + digits.len())
    };
    match kind {
        'n' => (Some('\n'), 1),
        't' => (Some('\t'), 1),
        'r' => (Some('\r'), 1),
        'x' => digits(1, 16, 2),
        'u' => digits(1, 16, 4),
        'U' => digits(1, 16, 8),
        '0'..='7' => digits(0, 8, 3),
        // A character by its name: no template needs it, so it stands for the one that would matter.
        'N' => (Some('_'), rest.chars().take(NAME).position(|c| c == '}').map_or(1, |end| end + 1)),
        '\n' => (None, 1),
        other => (Some(other), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(template: &str) -> String {
        let tags = tags(template).unwrap();
        let tokens = tags.iter().flat_map(|tag| &tag.tokens);
        tokens
            .map(|(_, token)| match token {
                Token::Name(name) => name.clone(),
                Token::Text(text) => format!("<{text}>"),
                Token::Number => "0".to_owned(),
                Token::Sign(sign) => sign.to_string(),
            })
            .collect()
    }

    #[test]
    fn tags_end_where_jinja_ends_them() {
        assert_eq!(signs("a {{ {'a': {'b': 1}}['a'] }} b"), "{<a>:{<b>:0}}[<a>]");
        assert_eq!(signs("{{ '}}' }}{%- if x -%}{%+ endif +%}"), "<}}>ifxendif");
        assert_eq!(signs("{# {{ x #}{% raw %}{{ y }}{% endraw %}{{z}}"), "z");
        assert_eq!(signs("{{ x - }}"), "x-");
    }

    #[test]
    fn escapes_are_those_of_python() {
        assert_eq!(signs(r"{{ '\x5f\137\u005f\U0000005f\n\'\\' '日\N{LOW LINE}' }}"), "<____\n'\\日_>");
    }

    #[test]
    fn what_does_not_end_is_an_error() {
        for template in ["{{", "{{ 'x", r"{{ '\", "{% x", "{#", "{{ ( }}", "{{ ) }}", "{% raw %}{% endfor %}"] {
            assert!(tags(template).is_err(), "{template}");
        }
        assert!(tags(&"{{ (".repeat(100_000)).is_err());
    }
}
