//! The classes of single changes that may pass, each with its reason.

/// How many mutants there are.
pub const MUTANTS: usize = 0;

/// Mutants that pass for one reason.
pub struct Class {
    pub name: &'static str,
    pub why: &'static str,
    rules: &'static [Rule],
}

/// Level, lines, places (with `**` at the end for all beneath), changes; `*` for all.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

pub const CLASSES: &[Class] = &[];

/// Finds the class of a mutant that passed.
pub fn class_of(level: &str, line: &str, place: &str, change: &str) -> Option<&'static str> {
    let fits = |(of, lines, places, changes): &Rule| {
        let one_of = |all: &[&str], one: &str| all.contains(&"*") || all.contains(&one);
        let within = |pattern: &&str| match pattern.strip_suffix("**") {
            Some(start) => place.starts_with(start),
            None => place == *pattern,
        };
        *of == level && one_of(lines, line) && places.iter().any(|pattern| within(pattern)) && one_of(changes, change)
    };
    CLASSES.iter().find(|class| class.rules.iter().any(fits)).map(|class| class.name)
}
