//! Names of demands: each means one thing, to whoever reads a report and to a waiver.

use std::collections::BTreeSet;

use crate::configuration::ConfigurationError;
use crate::finding::Code;
use crate::policy::reading::{Placed, Reading};
use crate::policy::refusal::Refusal;
use crate::policy::rules::{self, condition, files_hashed, promoted};
use crate::policy::{Item, Origin};

/// Refuses a name for a demand that something else has already.
pub(super) fn check_own(name: &str) -> Result<(), Refusal> {
    let built_in = rules::is_key(name) || [files_hashed::NAME, promoted::NAME].contains(&name);
    let taken = if built_in || rules::baseline().iter().any(|item| item.rule.name() == name) {
        "a rule"
    } else if Code::ALL.iter().any(|code| code.as_str() == name) {
        "a code of findings"
    } else if name.starts_with(condition::PREFIX) {
        "conditions"
    } else {
        return Ok(());
    };
    let refusal =
        Refusal::from(format!("`{name}` is the name of {taken}, so nobody could tell what a waiver of it means"));
    Err(refusal.hint(format!("choose a `name` of your own, such as `our-{name}`")))
}

/// Refuses two demands of one name, which could not be told apart in a report. Rules of the same kind at a later
/// stage are told apart by their stage.
pub(super) fn check_distinct<'i>(
    reading: &Reading<'_>,
    items: impl Iterator<Item = &'i Placed<Item>>,
) -> Result<(), ConfigurationError> {
    let mut names = BTreeSet::new();
    for item in items {
        let scope = match &item.value.origin {
            Origin::Stage(name) => Some(name),
            Origin::Baseline | Origin::File => None,
        };
        let name = item.value.rule.name();
        if !names.insert((scope, name.to_owned())) {
            let message = format!("there are two demands `{name}`: give one of them another `name`");
            return Err(reading
                .at(item.offset, message)
                .with_hint("a `name` is any of your own, such as `two-people`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_has_a_name_keeps_it() {
        for name in ["tests-passed", "metrics", "files-hashed", "promoted", "test-failed", "condition-x"] {
            let refusal = check_own(name).unwrap_err();
            assert!(refusal.message.contains(name) && refusal.hint.unwrap().contains("our-"), "{name}");
        }
        for name in ["two-people", "require-scan", "tests", "our-metrics", "conditions"] {
            assert!(check_own(name).is_ok(), "{name}");
        }
    }
}
