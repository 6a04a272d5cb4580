//! The codes that a fixture expects: each is one that is there, and that this policy can give.

use std::collections::BTreeSet;

use crate::configuration::{self, ConfigurationError, Located};
use crate::finding::{Code, Severity};
use crate::policy::Policy;

/// The file of a fixture, for its faults.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

/// Reads the codes by which a fixture is denied, or which it is warned of.
pub(super) fn read(
    source: &Source<'_>,
    policy: &Policy,
    severity: Severity,
    codes: &[Located<String>],
) -> Result<BTreeSet<String>, ConfigurationError> {
    let at = |text: &Located<String>, message: String, hint: String| {
        ConfigurationError::at(source.name, source.text, text.offset(), message).with_hint(hint)
    };
    let mut expected = BTreeSet::new();
    for text in codes {
        let Ok(code) = text.get().parse::<Code>() else {
            return Err(at(text, format!("there is no code `{}`", text.get()), meant(text.get())));
        };
        if let Some(reason) = impossible(code, policy, severity) {
            return Err(at(text, format!("`{code}` {reason}"), possible(policy, severity)));
        }
        expected.insert(code.to_string());
    }
    Ok(expected)
}

/// Finds the code that is meant by a word that is none.
fn meant(word: &str) -> String {
    let known: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let near = configuration::nearest(word, &known);
    near.map_or_else(|| "`docs/rules.md` has every code".to_owned(), |near| format!("did you mean {near}?"))
}

/// Says why no fixture can have a code, as far as that is known beforehand.
fn impossible(code: Code, policy: &Policy, severity: Severity) -> Option<&'static str> {
    let verb = |deny, warn| if severity == Severity::Deny { deny } else { warn };
    match code {
        Code::DatasetUnread
        | Code::DeclaredContradicted
        | Code::RowsNotCompared
        | Code::ShardMismatch
        | Code::TrainTestOverlap
        | Code::WeightsMalformed => Some("is found when a release is made, and never when one is verified"),
        Code::PolicyRollback | Code::Withdrawn | Code::WithdrawalsBroken | Code::WithdrawalsStale => {
            Some("is found with a memory or a list of withdrawals, and a fixture has neither")
        }
        Code::WaiverExpired | Code::WaiverVoid if severity == Severity::Deny => Some("only warns"),
        code if code.is_of_rules() && !policy.codes(severity).contains(&code) => {
            Some(verb("is denied by no rule of this policy", "is warned of by no rule of this policy"))
        }
        _ => None,
    }
}

/// Lists what the rules of a policy can say.
fn possible(policy: &Policy, severity: Severity) -> String {
    let verb = if severity == Severity::Deny { "deny" } else { "warn" };
    let codes: Vec<_> = policy.codes(severity).into_iter().map(Code::as_str).collect();
    if codes.is_empty() {
        return format!("none of its rules can {verb}");
    }
    format!("its rules {verb} by {}", codes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_no_codes_get_the_nearest() {
        assert_eq!(meant("evidence-mising"), "did you mean `evidence-missing`?");
        assert_eq!(meant("zzzz"), "`docs/rules.md` has every code");
    }

    #[test]
    fn what_no_rule_gives_is_impossible() {
        let policy = Policy::baseline();
        let impossible = |code, severity| impossible(code, policy, severity).is_some();
        for code in [Code::TestFailed, Code::EvidenceMissing, Code::FileChanged, Code::SealBroken] {
            assert!(!impossible(code, Severity::Deny), "{code}");
        }
        for code in [Code::MetricMissing, Code::NotPromoted, Code::Withdrawn, Code::RowsNotCompared, Code::WaiverVoid] {
            assert!(impossible(code, Severity::Deny), "{code}");
        }
        assert!(impossible(Code::TestFailed, Severity::Warn) && !impossible(Code::WaiverVoid, Severity::Warn));
    }
}
