//! The names that a template defines, and which of them hold a text that it puts together.
//!
//! A subscript is an attribute by another name: `x[k]` with `k` put together from pieces reaches what no list of
//! attributes sees. So names are followed through `set`, `for`, `with` and the parameters of macros.

use std::collections::{BTreeMap, BTreeSet};

use crate::scan::template::lexer::{Placed, Tag, Token};

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
}

impl Names {
    /// Collects the names of a template.
    pub(super) fn of(tags: &[Tag]) -> Self {
        let mut names = Self::default();
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
            let known = self.computed.len();
            for tag in tags {
                self.pass_on(tag);
            }
            if self.computed.len() == known {
                return;
            }
        }
        self.computed.extend(self.assigned.iter().cloned());
        self.computed.extend(self.attributes.iter().cloned());
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
            }
            Some("with") => self.give(rest, rest),
            _ => {}
        }
        self.pass_to_macros(&tag.tokens);
        for (index, window) in tag.tokens.windows(2).enumerate() {
            let value = tag.tokens.get(index + 2..).unwrap_or_default();
            let compared = sign(value.first()) == Some('=');
            if let [(_, Token::Name(_)), (_, Token::Sign('='))] = window
                && !compared
            {
                let end = value.iter().position(|(_, token)| matches!(token, Token::Sign(',' | ')')));
                self.give(
                    window.get(..1).unwrap_or_default(),
                    value.get(..end.unwrap_or(value.len())).unwrap_or_default(),
                );
            }
        }
    }

    fn pass_to_macros(&mut self, tokens: &[Placed]) {
        for (index, window) in tokens.windows(2).enumerate() {
            let [(_, Token::Name(called)), (_, Token::Sign('('))] = window else { continue };
            let Some(parameters) = self.macros.get(called).cloned() else { continue };
            for (argument, parameter) in split(inside(tokens, index + 1)).zip(parameters) {
                if self.computes(argument) {
                    self.computed.insert(parameter);
                }
            }
        }
    }

    fn give(&mut self, targets: &[Placed], value: &[Placed]) {
        if self.computes(value) {
            self.mark(targets);
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
fn before_in(rest: &[Placed]) -> (&[Placed], &[Placed]) {
    let at = rest.iter().position(|(_, token)| matches!(token, Token::Name(name) if name == "in"));
    rest.split_at(at.unwrap_or(rest.len()))
}

/// Cuts what stands between brackets at its commas.
fn split(tokens: &[Placed]) -> impl Iterator<Item = &[Placed]> {
    let mut depth = 0_usize;
    tokens.split(move |(_, token)| {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Sign(',')
    })
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
