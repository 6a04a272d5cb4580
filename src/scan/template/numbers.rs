//! Which names of a template hold numbers: a subscript with a number is never an attribute.
//!
//! A name counts only where every use of it lies behind an assignment, in the block of that assignment: elsewhere the
//! renderer may know another value under the same name, such as a special token, which is a text of the model.

use std::collections::{BTreeMap, BTreeSet};

use crate::scan::template::lexer::{Placed, Tag, Token};
use crate::scan::template::names::{before_in, cut, inside, name, sign};

/// What `loop` counts.
const COUNTS: &[&str] = &["depth", "depth0", "index", "index0", "length", "revindex", "revindex0"];
/// Filters that give numbers, without arguments.
const COUNTING: &[&str] = &["count", "int", "length"];
/// Words that make of an expression another one than the arithmetic that it seems.
const WORDS: &[&str] = &["and", "else", "if", "in", "is", "not", "or"];
/// Statements that open a block.
const BLOCKS: &[&str] = &["autoescape", "block", "call", "filter", "for", "generation", "if", "macro", "with"];

/// How often names are followed; a template that needs more has no numbers.
const ROUNDS: usize = 32;

/// The names of a template that hold numbers.
#[derive(Default)]
pub(super) struct Numbers {
    /// Names, and attributes of namespaces with a dot in front, that get nothing but numbers.
    numbers: BTreeSet<String>,
    /// Names that hold nothing but a namespace of the template itself.
    spaces: BTreeSet<String>,
}

impl Numbers {
    /// Finds the names of a template that hold numbers.
    pub(super) fn of(tags: &[Tag]) -> Self {
        let mut given = Given::default();
        for tag in tags {
            given.tag(tag);
        }
        let all = |holds: &dyn Fn(&[Placed]) -> bool| -> BTreeSet<String> {
            let own = given.values.iter().filter(|(word, _)| word.starts_with('.') || given.is_own(word));
            own.filter(|(_, values)| values.iter().all(|value| holds(value))).map(|(word, _)| word.clone()).collect()
        };
        let spaces = all(&|value| {
            name(value.first()) == Some("namespace")
                && sign(value.get(1)) == Some('(')
                && inside(value, 1).len() + 3 == value.len()
        });
        let mut found = Self { numbers: given.values.keys().cloned().collect(), spaces };
        // What hangs on what is no number is none either.
        for _ in 0..ROUNDS {
            let next: BTreeSet<String> = all(&|value| found.is_number(value));
            let settled = next.len() >= found.numbers.len();
            found.numbers = next;
            if settled {
                return found;
            }
        }
        found.numbers.clear();
        found
    }

    /// Says whether an expression is a number, whatever the renderer knows.
    pub(super) fn is_number(&self, expression: &[Placed]) -> bool {
        let mut operands = cut(expression, &['+', '-', '*', '/', '%']).filter(|operand| !operand.is_empty()).peekable();
        operands.peek().is_some() && operands.all(|operand| self.is_operand(operand))
    }

    fn is_operand(&self, operand: &[Placed]) -> bool {
        match operand {
            [(_, Token::Number)] => true,
            [(_, Token::Name(word))] => self.numbers.contains(word),
            [(_, Token::Name(of)), (_, Token::Sign('.')), (_, Token::Name(word))] => {
                (of == "loop" && COUNTS.contains(&word.as_str()))
                    || (self.spaces.contains(of) && self.numbers.contains(&format!(".{word}")))
            }
            [(_, Token::Sign('(')), within @ .., (_, Token::Sign(')'))] if inside(operand, 0).len() == within.len() => {
                self.is_number(within)
            }
            [value @ .., (_, Token::Sign('|')), (_, Token::Name(filter))] => {
                COUNTING.contains(&filter.as_str()) && is_plain(value)
            }
            _ => false,
        }
    }
}

/// Says whether a filter behind an expression is for all of it.
fn is_plain(value: &[Placed]) -> bool {
    let word = |(_, token): &Placed| matches!(token, Token::Name(name) if WORDS.contains(&name.as_str()));
    cut(value, &[',', '=', '<', '>', '~', ':', '!']).count() == 1 && !value.iter().any(word)
}

/// The values that names get, and which names are the template's own wherever they are used.
#[derive(Default)]
struct Given<'t> {
    values: BTreeMap<String, Vec<&'t [Placed]>>,
    foreign: BTreeSet<&'t str>,
    /// How many open blocks give a name its value.
    held: BTreeMap<&'t str, usize>,
    blocks: Vec<Vec<&'t str>>,
}

impl<'t> Given<'t> {
    fn is_own(&self, word: &str) -> bool {
        !self.foreign.contains(word)
    }

    fn tag(&mut self, tag: &'t Tag) {
        let tokens = tag.tokens.as_slice();
        let rest = tokens.get(1..).unwrap_or_default();
        let word = name(tokens.first()).filter(|_| tag.statement).unwrap_or_default();
        if word.starts_with("end") || ["elif", "else"].contains(&word) {
            self.close();
        }
        self.arguments(tokens);
        match word {
            "set" => self.set(rest),
            "for" => self.each(rest),
            _ => {
                // Whatever else gives names their values gives them something unknown.
                let all = ["macro", "call", "with"].contains(&word);
                self.used(rest, all);
                self.used(tokens.get(..1).unwrap_or_default(), false);
            }
        }
        if BLOCKS.contains(&word) && word != "for" || ["elif", "else"].contains(&word) {
            self.blocks.push(Vec::new());
        }
    }

    fn set(&mut self, rest: &'t [Placed]) {
        let at = rest.iter().position(|(_, token)| *token == Token::Sign('='));
        let (targets, value) = rest.split_at(at.unwrap_or(rest.len()));
        let value = value.get(1..).unwrap_or_default();
        self.used(value, false);
        match targets {
            [(_, Token::Name(word))] if at.is_some() => {
                self.values.entry(word.clone()).or_default().push(value);
                self.hold(word);
            }
            [(_, Token::Name(_)), (_, Token::Sign('.')), (_, Token::Name(word))] if at.is_some() => {
                self.used(targets.get(..1).unwrap_or_default(), false);
                self.values.entry(format!(".{word}")).or_default().push(value);
            }
            _ => {
                self.used(targets, true);
                if at.is_none() {
                    self.blocks.push(Vec::new());
                }
            }
        }
    }

    fn each(&mut self, rest: &'t [Placed]) {
        let (targets, value) = before_in(rest);
        self.used(value, false);
        self.blocks.push(Vec::new());
        let counts = name(value.get(1)) == Some("range")
            && sign(value.get(2)) == Some('(')
            && inside(value, 2).len() + 4 == value.len();
        match targets {
            [(_, Token::Name(word))] if counts => {
                self.values.entry(word.clone()).or_default();
                self.hold(word);
            }
            _ => self.used(targets, true),
        }
    }

    /// An argument by name may be an attribute of a namespace.
    fn arguments(&mut self, tokens: &'t [Placed]) {
        for (index, window) in tokens.windows(3).enumerate() {
            let [(_, Token::Sign('(' | ',')), (_, Token::Name(word)), (_, Token::Sign('='))] = window else { continue };
            let value = tokens.get(index + 3..).unwrap_or_default();
            let value = cut(value, &[',', ')', ']', '}']).next().unwrap_or_default();
            self.values.entry(format!(".{word}")).or_default().push(value);
        }
    }

    /// Notes the names that are used; outside the block of their value, or if they get an unknown one, they are foreign.
    fn used(&mut self, tokens: &'t [Placed], unknown: bool) {
        for (index, (_, token)) in tokens.iter().enumerate() {
            let attribute = index > 0 && sign(tokens.get(index - 1)) == Some('.');
            if let Token::Name(word) = token
                && !attribute
                && (unknown || self.held.get(word.as_str()).is_none_or(|held| *held == 0))
            {
                self.foreign.insert(word);
            }
        }
    }

    fn hold(&mut self, word: &'t str) {
        *self.held.entry(word).or_default() += 1;
        if let Some(block) = self.blocks.last_mut() {
            block.push(word);
        }
    }

    fn close(&mut self) {
        for word in self.blocks.pop().unwrap_or_default() {
            if let Some(held) = self.held.get_mut(word) {
                *held -= 1;
            }
        }
    }
}
