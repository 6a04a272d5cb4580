//! What a template reaches by a name that is not written in it.
//!
//! `x[k]` is an attribute of `x` if `k` is a text: of a special token, which is the model's, or of a message. So what
//! such a subscript gives may be anything, and little may be called on it.

use crate::scan::template::lexer::{Placed, Token};
use crate::scan::template::names::{Names, is_slice};
use crate::scan::template::numbers::Numbers;

/// Filters that give a text or a number, whatever they are given.
const PLAIN: &[&str] = &[
    "capitalize",
    "count",
    "e",
    "escape",
    "float",
    "forceescape",
    "int",
    "join",
    "length",
    "lower",
    "replace",
    "string",
    "striptags",
    "title",
    "tojson",
    "trim",
    "upper",
    "urlencode",
    "wordcount",
];

/// Values that were reached, by name.
#[derive(Default)]
pub(super) struct Reached {
    pub(super) names: std::collections::BTreeSet<String>,
    /// Something reached was put where it can't be followed.
    pub(super) everywhere: bool,
}

impl Reached {
    fn has(&self, name: &str) -> bool {
        self.everywhere || self.names.contains(name)
    }
}

/// An expression between two brackets.
#[derive(Default)]
struct Level {
    /// The value that is being read was reached.
    chain: bool,
    /// One before it was.
    any: bool,
    /// Where the bracket is, if it is a subscript.
    subscript: Option<usize>,
}

/// Says of each token whether the value that ends there was reached, and whether any was.
pub(super) fn reached(tokens: &[Placed], reached: &Reached, numbers: &Numbers) -> (Vec<bool>, bool) {
    let mut levels = vec![Level::default()];
    let mut found = Vec::with_capacity(tokens.len());
    for (index, (_, token)) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before)).map(|(_, token)| token);
        let follows = matches!(before, Some(Token::Sign('.' | '|')));
        let closed = if matches!(token, Token::Sign(')' | ']' | '}')) { levels.pop() } else { None };
        if levels.is_empty() {
            levels.push(Level::default());
        }
        let Some(level) = levels.last_mut() else { continue };
        match token {
            Token::Name(word) if follows && before == Some(&Token::Sign('|')) => {
                level.chain &= !PLAIN.contains(&word.as_str());
            }
            Token::Name(word) | Token::Text(word) => {
                let known = level.chain && follows;
                level.any |= level.chain && !follows;
                level.chain = known || reached.has(word);
            }
            // `x.0` is a subscript.
            Token::Number if follows => {}
            Token::Sign('.' | '|') => {}
            Token::Sign(open @ ('(' | '[' | '{')) => {
                let of_value = before.is_some_and(Names::ends_value);
                if !of_value {
                    level.any |= level.chain;
                    level.chain = false;
                }
                let subscript = (*open == '[' && of_value).then_some(index);
                found.push(level.chain);
                levels.push(Level { subscript, ..Level::default() });
                continue;
            }
            Token::Sign(')' | ']' | '}') => {
                let closed = closed.unwrap_or_default();
                let key = closed.subscript.and_then(|open| tokens.get(open + 1..index));
                level.chain |= closed.chain | closed.any | key.is_some_and(|key| !is_fixed(key, numbers));
            }
            _ => {
                level.any |= level.chain;
                level.chain = false;
            }
        }
        found.push(level.chain);
    }
    let any = levels.iter().any(|level| level.any | level.chain);
    (found, any)
}

/// Says whether a subscript is a name that is written there, a number, or a part of a list.
pub(super) fn is_fixed(key: &[Placed], numbers: &Numbers) -> bool {
    matches!(key, [] | [(_, Token::Text(_))]) || is_slice(key) || numbers.is_number(key)
}
