//! Licences of the model, its datasets and its base models, as the BOM states them.

use serde::Deserialize;
use spdx::LicenseReq;

use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::Kind;
use crate::licence::{self, Member, Stated, Whose, has_own_terms, is_listed};
use crate::policy::refusal::Refusal;
use crate::policy::spdx_set::LicenseSet;
use crate::policy::{Case, Rule};
use crate::reference::Reference;

/// Licences that are allowed or denied; at least one of the two. What is neither known nor allowed is denied.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Licenses"))]
pub(super) struct Table {
    /// Nothing else is allowed: SPDX identifiers, `LicenseRef-…`, or classes.
    allow: LicenseSet,
    /// Never allowed: SPDX identifiers, `LicenseRef-…`, or classes.
    deny: LicenseSet,
}

pub(super) struct Licenses {
    of: Whose,
    table: Table,
}

pub(super) fn build(of: Whose, table: Table) -> Result<Licenses, Refusal> {
    if table.allow.is_empty() && table.deny.is_empty() {
        return Err("it neither allows nor denies a licence".into());
    }
    let Some((word, holding)) = table.allow.emptied_by(&table.deny) else { return Ok(Licenses { of, table }) };
    let holding: Vec<_> = holding.iter().map(|word| format!("`{word}`")).collect();
    let hint = format!("{} in `deny` takes all of it away: leave one or the other out", holding.join(" and "));
    Err(Refusal::from(format!("`{word}` is allowed and denied")).hint(hint))
}

/// What is to be said of a licence; what is worse comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Judgement {
    Denied,
    Unknown,
    Allowed,
}

impl Table {
    /// Judges a licence: one way to comply with it must be allowed throughout.
    fn judge(&self, stated: &Stated) -> Judgement {
        let Some(expression) = stated.expression() else { return Judgement::Unknown };
        let can_be = |least: Judgement| expression.evaluate(|one| self.judge_one(one) >= least);
        let best = [Judgement::Allowed, Judgement::Unknown].into_iter().find(|least| can_be(*least));
        best.unwrap_or(Judgement::Denied)
    }

    fn judge_one(&self, one: &LicenseReq) -> Judgement {
        let is_allowed = if self.allow.is_empty() { is_listed(one) } else { self.allow.has(one) };
        // What somebody adds of their own may take back whatever the licence gives.
        let is_whole = !has_own_terms(one) || self.allow.has_whole(one);
        match (self.deny.has(one), is_allowed) {
            (true, _) => Judgement::Denied,
            (false, true) if is_whole => Judgement::Allowed,
            (false, false) if !self.allow.is_empty() => Judgement::Denied,
            _ => Judgement::Unknown,
        }
    }
}

impl Licenses {
    fn noun(&self) -> &'static str {
        match self.of {
            Whose::Bases | Whose::Teachers => "base model",
            Whose::Datasets => "dataset",
            Whose::Model => "model",
        }
    }

    fn judge(&self, line: &MatchedStatement<'_>, member: Member<'_>) -> Option<Finding> {
        let name = member.name;
        let place = match member.reference {
            Some(Reference::Dataset(name)) => Place::Tree(Tree::Dataset(name)),
            _ => line.origin().place(),
        };
        let judged = member.licenses.iter().map(|stated| (stated.shown(), self.table.judge(stated)));
        let worst = judged.min_by_key(|(_, judgement)| *judgement);
        let finding = match worst {
            Some((_, Judgement::Allowed)) => return None,
            Some((text, Judgement::Denied)) => {
                let summary = format!("the licence of `{name}` is not allowed");
                Finding::deny(Code::LicenseDenied, place, summary).found(text)
            }
            Some((text, Judgement::Unknown)) => {
                let summary = format!("nothing is known of the licence of `{name}`");
                Finding::deny(Code::LicenseUnknown, place, summary).found(text)
            }
            None => Finding::deny(Code::LicenseUnknown, place, format!("`{name}` has no licence")).found("none"),
        };
        Some(finding.expected(self.demand()).help(format!(
            "the builder must make a release with a {} whose licence is allowed, and state it",
            self.noun()
        )))
    }
}

impl Rule for Licenses {
    fn name(&self) -> &'static str {
        match self.of {
            Whose::Bases | Whose::Teachers => "base-licenses",
            Whose::Datasets => "dataset-licenses",
            Whose::Model => "model-licenses",
        }
    }

    fn demand(&self) -> String {
        let every = if self.of == Whose::Model { "the" } else { "every" };
        let mut demand = format!("{every} {} has a licence that is known", self.noun());
        for (set, words) in [(&self.table.allow, ", and is one of"), (&self.table.deny, ", and is none of")] {
            if !set.is_empty() {
                demand.extend([words, " ", &set.words().join(", ")]);
            }
        }
        demand
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::LicenseDenied, Code::LicenseUnknown]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Bom]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, document) in case.boms() {
            let members = licence::members(document, self.of).into_iter();
            findings.extend(members.filter_map(|member| self.judge(line, member)));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(allow: &[&str], deny: &[&str]) -> Table {
        serde_json::from_value(serde_json::json!({"allow": allow, "deny": deny})).unwrap()
    }

    fn stated(text: &str) -> Stated {
        Stated::Expression(text.to_owned())
    }

    #[test]
    fn unknown_is_never_permissive() {
        let deny = table(&[], &["non-commercial"]);
        let allow = table(&["MIT", "Apache-2.0", "LicenseRef-Ours"], &[]);
        let whole = table(&["MIT WITH AdditionRef-ours"], &[]);
        for (table, text, judgement) in [
            (&deny, "MIT", Judgement::Allowed),
            (&deny, "CC-BY-NC-4.0", Judgement::Denied),
            (&deny, "CC-BY-NC-4.0 OR MIT", Judgement::Allowed),
            (&deny, "CC-BY-NC-4.0 AND MIT", Judgement::Denied),
            (&deny, "LicenseRef-Llama-2", Judgement::Unknown),
            (&deny, "LicenseRef-Llama-2 AND CC-BY-NC-4.0", Judgement::Denied),
            (&deny, "openrail", Judgement::Unknown),
            (&deny, "", Judgement::Unknown),
            (&deny, "NOASSERTION", Judgement::Unknown),
            (&deny, "NOASSERTION OR MIT", Judgement::Allowed),
            (&deny, "NOASSERTION AND CC-BY-NC-4.0", Judgement::Denied),
            (&deny, "MIT WITH AdditionRef-nc", Judgement::Unknown),
            (&deny, "CC-BY-NC-4.0 WITH AdditionRef-free", Judgement::Denied),
            (&deny, "NCGL-UK-2.0", Judgement::Denied),
            (&allow, "MIT WITH AdditionRef-nc", Judgement::Unknown),
            (&allow, "MIT WITH AdditionRef-nc OR Apache-2.0", Judgement::Allowed),
            (&allow, "ISC WITH AdditionRef-nc", Judgement::Denied),
            (&allow, "NOASSERTION", Judgement::Denied),
            (&whole, "MIT WITH AdditionRef-ours", Judgement::Allowed),
            (&whole, "MIT WITH AdditionRef-nc", Judgement::Denied),
            (&whole, "MIT", Judgement::Denied),
            (&allow, "MIT AND Apache-2.0", Judgement::Allowed),
            (&allow, "MIT AND ISC", Judgement::Denied),
            (&allow, "LicenseRef-Ours", Judgement::Allowed),
            (&allow, "LicenseRef-Theirs", Judgement::Denied),
            (&allow, "Apache-2.0 WITH LLVM-exception", Judgement::Allowed),
        ] {
            assert_eq!(table.judge(&stated(text)), judgement, "{text}");
        }
        let both = table(&["osi-approved"], &["copyleft"]);
        assert_eq!(both.judge(&stated("GPL-3.0-only")), Judgement::Denied);
        assert_eq!(both.judge(&stated("MIT")), Judgement::Allowed);
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(build(Whose::Model, table(&["MIT"], &["MIT"])).is_err());
        assert!(build(Whose::Model, table(&["copyleft"], &["copyleft"])).is_err());
        assert!(build(Whose::Model, table(&[], &[])).is_err());
        assert!(build(Whose::Bases, table(&["MIT", "Apache-2.0"], &["osi-approved"])).is_err());
        assert!(build(Whose::Datasets, table(&["CC-BY-NC-4.0"], &["non-commercial", "MIT"])).is_err());
        assert!(build(Whose::Model, table(&["osi-approved"], &["MIT"])).is_ok(), "but for one");
        assert!(build(Whose::Model, table(&["MIT"], &["copyleft"])).is_ok());
    }
}
