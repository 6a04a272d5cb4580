//! What a policy lets be waived: which codes, of which rules, and for how long.

use std::collections::{BTreeMap, BTreeSet};

use crate::configuration;
use crate::finding::Code;
use crate::intoto::predicate::Waiver;
use crate::policy::Item;
use crate::policy::age::Age;

/// How long a waiver may last where a policy does not say: a quarter of a year, so that somebody looks again.
pub(super) const LONGEST: Age = Age::days(90);

/// What may be waived under a policy.
#[derive(Clone, Debug)]
pub struct Waivable {
    policy: String,
    codes: BTreeSet<Code>,
    /// The rules at any stage, each with the codes of its findings.
    rules: BTreeMap<String, BTreeSet<Code>>,
    longest: Age,
}

/// Why a waiver takes no denial away under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voidness {
    /// What is wrong with it, in words.
    pub reason: String,
    /// What would be right.
    pub hint: String,
}

impl Waivable {
    pub(super) fn new<'i>(
        policy: &str,
        codes: BTreeSet<Code>,
        items: impl Iterator<Item = &'i Item>,
        longest: Option<Age>,
    ) -> Self {
        let mut rules: BTreeMap<String, BTreeSet<Code>> = BTreeMap::new();
        for item in items {
            rules.entry(item.rule.name().to_owned()).or_default().extend(item.codes());
        }
        Self { policy: policy.to_owned(), codes, rules, longest: longest.unwrap_or(LONGEST) }
    }

    /// Says whether a waiver may take away a denial of a code.
    pub fn lets_waive(&self, code: Code) -> bool {
        code.is_waivable() && self.codes.contains(&code)
    }

    /// Returns the codes whose denials may be waived.
    pub fn codes(&self) -> &BTreeSet<Code> {
        &self.codes
    }

    /// Says for how long a waiver may hold, in words.
    pub fn longest(&self) -> String {
        self.longest.to_string()
    }

    /// Says why a waiver takes nothing away, if that is so at any time.
    pub fn voidness(&self, waiver: &Waiver) -> Option<Voidness> {
        let void = |reason, hint| Some(Voidness { reason, hint });
        let policy = &self.policy;
        let known = waiver.code.parse::<Code>().ok().filter(|code| code.is_waivable());
        let codes = match &waiver.rule {
            None => None,
            Some(rule) => match self.rules.get(rule) {
                Some(codes) => Some((rule, codes)),
                // A code that nobody ever waives is the greater fault.
                None if known.is_none() => None,
                None => {
                    let reason = format!("{policy} has no rule `{rule}`, so a waiver of it waives nothing");
                    return void(reason, self.meant(rule));
                }
            },
        };
        let Some(code) = known.filter(|code| self.lets_waive(*code)) else {
            let hint = "only what a policy demands can be waived, if it says so; see `docs/rules.md`, \"Waivers\"";
            return void(format!("`{}` can't be waived under {policy}", waiver.code), hint.to_owned());
        };
        if let Some((rule, codes)) = codes.filter(|(_, codes)| !codes.contains(&code)) {
            let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
            let reason = format!("the rule `{rule}` never denies by `{code}`, so a waiver of that waives nothing");
            return void(reason, format!("its findings have the code {}", codes.join(" or ")));
        }
        if waiver.expires_at.signed_duration_since(waiver.waived_at) > self.longest.length() {
            let longest = self.longest;
            let reason =
                format!("a waiver holds for at most {longest} under {policy}, and this one is made for longer");
            return void(
                reason,
                format!("waive it for {longest} or less, and again then; a policy says `longest-waiver`"),
            );
        }
        None
    }

    fn meant(&self, rule: &str) -> String {
        let known: Vec<_> = self.rules.keys().map(String::as_str).collect();
        let near = configuration::nearest(rule, &known).map(|near| format!("did you mean {near}?"));
        near.unwrap_or_else(|| format!("its rules are {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use crate::digest::Digest;
    use crate::policy::Policy;

    use super::*;

    fn voidness(code: &str, rule: Option<&str>, until: &str) -> Option<String> {
        let waiver = Waiver {
            seal: Digest::of(b""),
            code: code.to_owned(),
            rule: rule.map(str::to_owned),
            about: None,
            owner: "o".to_owned(),
            reason: "r".to_owned(),
            waived_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            expires_at: until.parse().unwrap(),
        };
        Policy::baseline().waivable().voidness(&waiver).map(|void| format!("{}; {}", void.reason, void.hint))
    }

    #[test]
    fn a_waiver_lasts_for_ninety_days_at_most() {
        assert_eq!(voidness("test-failed", None, "2026-04-01T00:00:00Z"), None);
        assert!(voidness("test-failed", None, "2026-04-01T00:00:01Z").unwrap().contains("at most 90 days"));
    }

    #[test]
    fn a_waiver_is_of_a_code_and_a_rule_that_are_there() {
        let soon = "2026-01-02T00:00:00Z";
        assert_eq!(voidness("test-failed", Some("tests-passed"), soon), None);
        for (code, rule, words) in [
            ("file-changed", None, "can't be waived"),
            ("no-such", None, "can't be waived"),
            ("test-failed", Some("test-passed"), "did you mean `tests-passed`?"),
            ("test-failed", Some("zzz"), "its rules are code-recorded, "),
            ("test-failed", Some("code-recorded"), "have the code `evidence-missing` or `code-not-recorded`"),
        ] {
            let void = voidness(code, rule, soon).unwrap();
            assert!(void.contains(words), "{void}");
        }
    }
}
