//! The names that a template defines, and which of them hold a text that it puts together.
//!
//! A subscript is an attribute by another name: `x[k]` with `k` put together from pieces reaches what no list of
//! attributes sees. So names are followed through `set`, `for`, `with` and the parameters of macros.

use std::collections::{BTreeMap, BTreeSet};

use crate::scan::template::lexer::{Placed, Tag, Token};
use crate::scan::template::numbers::Numbers;
use crate::scan::template::reach::{Reached, reached};

/// How often names are followed; a template that needs more has all its names taken for put together.
const ROUNDS: usize = 32;
/// Methods and filters that put texts together.
const BUILDERS: &[&str] = &[
    "capitalize",
    "center",
    "format",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "removeprefix",
    "removesuffix",
    "replace",
    "reverse",
    "rjust",
    "rstrip",
    "strftime_now",
    "string",
    "strip",
    "title",
    "tojson",
    "trim",
    "truncate",
    "upper",
    "zfill",
];

/// The names that a template defines itself.
#[derive(Default)]
pub(super) struct Names {
    /// Macros with their parameters.
    macros: BTreeMap<String, Vec<String>>,
    /// Names that get a value: by `set`, `for`, `with`, or as a parameter.
    assigned: BTreeSet<String>,
    /// Attributes that get one: by `set`, or as an argument by name, as `namespace` takes them.
    attributes: BTreeSet<String>,
    /// Names and attributes that hold a text put together here.
    computed: BTreeSet<String>,
    /// Those that hold what a subscript reached by a name that is not written.
    reached: Reached,
    /// Those that hold numbers.
    pub(super) numbers: Numbers,
}

/// Methods that put their arguments into a list or a mapping.
const KEEPERS: &[&str] = &["append", "extend", "insert", "update"];
/// Words that are no values.
const WORDS: &[&str] = &["and", "elif", "else", "for", "if", "in", "is", "not", "or", "recursive", "set", "with"];

impl Names {
    /// Collects the names of a template.
    pub(super) fn of(tags: &[Tag]) -> Self {
        let mut names = Self { numbers: Numbers::of(tags), ..Self::default() };
        for tag in tags {
            names.arguments(&tag.tokens);
            if let Some(word) = name(tag.tokens.first()).filter(|_| tag.statement) {
                names.statement(word, tag.tokens.get(1..).unwrap_or_default());
            }
        }
        names.follow(tags);
        names
    }

    /// Says whether a name gets a value.
    pub(super) fn is_assigned(&self, name: &str) -> bool {
        self.assigned.contains(name)
    }

    /// Says whether an attribute, or an argument, gets a value.
    pub(super) fn is_attribute(&self, name: &str) -> bool {
        self.attributes.contains(name)
    }

    /// Says whether a name is a macro of the template.
    pub(super) fn is_macro(&self, name: &str) -> bool {
        self.macros.contains_key(name)
    }

    /// Says of each token whether the value that ends there was reached by a name that is not written.
    pub(super) fn reached(&self, tokens: &[Placed]) -> Vec<bool> {
        reached(tokens, &self.reached, &self.numbers).0
    }

    fn reaches(&self, expression: &[Placed]) -> bool {
        reached(expression, &self.reached, &self.numbers).1
    }

    /// Says whether a value may end with a token, so that a bracket behind it is a call or a subscript.
    pub(super) fn ends_value(token: &Token) -> bool {
        match token {
            Token::Name(name) => !WORDS.contains(&name.as_str()),
            Token::Text(_) | Token::Number | Token::Sign(')' | ']' | '}') => true,
            Token::Sign(_) => false,
        }
    }

    /// Says whether an expression puts a text together, or holds one that was.
    pub(super) fn computes(&self, expression: &[Placed]) -> bool {
        // What `range` gives are numbers.
        if name(expression.first()) == Some("range") && !self.is_assigned("range") {
            return false;
        }
        let texts = expression.iter().any(|(_, token)| matches!(token, Token::Text(_)));
        expression.iter().enumerate().any(|(index, (_, token))| match token {
            Token::Sign('~') => true,
            Token::Sign('%') => texts,
            Token::Sign('+') => beside_text(expression, index),
            Token::Name(word) if matches!(sign(before(expression, index)), Some('.' | '|')) => {
                self.computed.contains(word) || (texts && BUILDERS.contains(&word.as_str()))
            }
            Token::Name(word) => {
                self.computed.contains(word) || self.is_macro(word) || word == "caller" || word == "strftime_now"
            }
            _ => false,
        })
    }

    fn statement(&mut self, word: &str, rest: &[Placed]) {
        match word {
            "macro" => {
                let parameters = rest.get(1..).unwrap_or_default();
                self.targets(parameters, &[]);
                if let Some(name) = name(rest.first()) {
                    let names = split(inside(parameters, 0)).map(|parameter| name_of(parameter).to_owned());
                    self.macros.insert(name.to_owned(), names.collect());
                }
            }
            "call" if sign(rest.first()) == Some('(') => self.targets(inside(rest, 0), &[]),
            "set" => self.targets(rest, &['=']),
            "for" => self.targets(before_in(rest).0, &[]),
            "with" => self.targets(rest, &[]),
            _ => {}
        }
    }

    /// Every name before one of the signs may get a value.
    fn targets(&mut self, tokens: &[Placed], until: &[char]) {
        let before = tokens.iter().take_while(|(_, token)| !matches!(token, Token::Sign(sign) if until.contains(sign)));
        let mut attribute = false;
        for (_, token) in before {
            match token {
                Token::Name(name) if attribute => _ = self.attributes.insert(name.clone()),
                Token::Name(name) => _ = self.assigned.insert(name.clone()),
                _ => {}
            }
            attribute = *token == Token::Sign('.');
        }
    }

    /// `name=` in a call may give a value to an attribute.
    fn arguments(&mut self, tokens: &[Placed]) {
        for window in tokens.windows(3) {
            if let [(_, Token::Name(name)), (_, Token::Sign('=')), (_, next)] = window
                && *next != Token::Sign('=')
            {
                self.attributes.insert(name.clone());
            }
        }
    }

    /// Follows texts from name to name until nothing changes.
    fn follow(&mut self, tags: &[Tag]) {
        for _ in 0..ROUNDS {
            let known = self.size();
            for tag in tags {
                self.pass_on(tag);
            }
            if self.size() == known {
                return;
            }
        }
        self.computed.extend(self.assigned.iter().cloned());
        self.computed.extend(self.attributes.iter().cloned());
        self.reached.everywhere = true;
    }

    fn size(&self) -> (usize, usize, bool) {
        (self.computed.len(), self.reached.names.len(), self.reached.everywhere)
    }

    fn pass_on(&mut self, tag: &Tag) {
        let rest = tag.tokens.get(1..).unwrap_or_default();
        match name(tag.tokens.first()).filter(|_| tag.statement) {
            Some("set") => match rest.iter().position(|(_, token)| *token == Token::Sign('=')) {
                Some(at) => {
                    let (targets, value) = rest.split_at(at);
                    self.give(targets, value);
                }
                // The text of a block.
                None => self.mark(rest),
            },
            Some("for") => {
                let (targets, value) = before_in(rest);
                self.give(targets, value.get(1..).unwrap_or_default());
                if self.reaches(value) {
                    self.reached.names.extend(["nextitem", "previtem"].map(str::to_owned));
                }
            }
            Some("with") => self.give(rest, rest),
            _ => {}
        }
        self.pass_to_macros(&tag.tokens);
        self.pass_to_keepers(&tag.tokens);
        for (index, window) in tag.tokens.windows(3).enumerate() {
            let [(_, Token::Sign('(' | ',')), target @ (_, Token::Name(_)), (_, Token::Sign('='))] = window else {
                continue;
            };
            let value = tag.tokens.get(index + 3..).unwrap_or_default();
            if sign(value.first()) != Some('=') {
                self.give(std::slice::from_ref(target), cut(value, &[',', ')', ']', '}']).next().unwrap_or_default());
            }
        }
    }

    fn pass_to_macros(&mut self, tokens: &[Placed]) {
        for (index, window) in tokens.windows(2).enumerate() {
            let [(_, Token::Name(called)), (_, Token::Sign('('))] = window else { continue };
            let Some(parameters) = self.macros.get(called) else { continue };
            let arguments = inside(tokens, index + 1);
            let given = split(arguments).zip(parameters);
            let put: Vec<String> =
                given.clone().filter(|(argument, _)| self.computes(argument)).map(|(_, name)| name.clone()).collect();
            let reach: Vec<String> =
                given.filter(|(argument, _)| self.reaches(argument)).map(|(_, name)| name.clone()).collect();
            self.computed.extend(put);
            if self.reaches(arguments) {
                self.reached.names.extend(["kwargs", "varargs"].map(str::to_owned));
            }
            self.reached.names.extend(reach);
        }
    }

    /// What is put into a list, or handed to who calls, turns up under any name.
    fn pass_to_keepers(&mut self, tokens: &[Placed]) {
        for (index, window) in tokens.windows(2).enumerate() {
            let [(_, Token::Name(called)), (_, Token::Sign('('))] = window else { continue };
            let method = sign(before(tokens, index)) == Some('.');
            let keeps =
                if method { KEEPERS.contains(&called.as_str()) } else { ["caller", "loop"].contains(&called.as_str()) };
            self.reached.everywhere |= keeps && self.reaches(inside(tokens, index + 1));
        }
    }

    fn give(&mut self, targets: &[Placed], value: &[Placed]) {
        if self.computes(value) {
            self.mark(targets);
        }
        if self.reaches(value) {
            self.reached.names.extend(targets.iter().filter_map(|target| name(Some(target))).map(str::to_owned));
        }
    }

    fn mark(&mut self, targets: &[Placed]) {
        self.computed.extend(targets.iter().filter_map(|target| name(Some(target))).map(str::to_owned));
    }
}

fn before(tokens: &[Placed], index: usize) -> Option<&Placed> {
    index.checked_sub(1).and_then(|index| tokens.get(index))
}

/// Says whether a text stands on either side of a sign, in brackets or not.
fn beside_text(tokens: &[Placed], index: usize) -> bool {
    let (left, right) = tokens.split_at(index);
    let bracket = |placed: &&Placed| matches!(placed.1, Token::Sign('(' | ')'));
    let left = left.iter().rev().find(|placed| !bracket(placed));
    let right = right.iter().skip(1).find(|placed| !bracket(placed));
    [left, right].into_iter().flatten().any(|(_, token)| matches!(token, Token::Text(_)))
}

/// Cuts the rest of a `for` at its `in`.
pub(super) fn before_in(rest: &[Placed]) -> (&[Placed], &[Placed]) {
    let at = rest.iter().position(|(_, token)| matches!(token, Token::Name(name) if name == "in"));
    rest.split_at(at.unwrap_or(rest.len()))
}

/// Cuts what stands between brackets at its commas.
fn split(tokens: &[Placed]) -> impl Iterator<Item = &[Placed]> + Clone {
    cut(tokens, &[','])
}

/// Cuts an expression at signs that stand in no brackets of its own.
pub(super) fn cut<'t>(tokens: &'t [Placed], at: &'static [char]) -> impl Iterator<Item = &'t [Placed]> + Clone {
    let mut depth = 0_usize;
    tokens.split(move |(_, token)| {
        let Token::Sign(sign) = token else { return false };
        let outside = depth == 0;
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        outside && at.contains(sign)
    })
}

/// Says whether a subscript takes a part of a list: that is never an attribute.
pub(super) fn is_slice(inside: &[Placed]) -> bool {
    cut(inside, &[':']).nth(1).is_some()
}

fn name_of(parameter: &[Placed]) -> &str {
    name(parameter.first()).unwrap_or_default()
}

/// Returns the tokens between a bracket and its partner; the lexer has seen to it that there is one.
pub(super) fn inside(tokens: &[Placed], index: usize) -> &[Placed] {
    let rest = tokens.get(index + 1..).unwrap_or_default();
    let mut depth = 0_usize;
    for (length, (_, token)) in rest.iter().enumerate() {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') if depth == 0 => return rest.get(..length).unwrap_or_default(),
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    rest
}

/// Returns the name that a token is.
pub(super) fn name(token: Option<&Placed>) -> Option<&str> {
    match token {
        Some((_, Token::Name(name))) => Some(name),
        _ => None,
    }
}

/// Returns the sign that a token is.
pub(super) fn sign(token: Option<&Placed>) -> Option<char> {
    match token {
        Some((_, Token::Sign(sign))) => Some(*sign),
        _ => None,
    }
}
