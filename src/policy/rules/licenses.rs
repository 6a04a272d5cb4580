//! Licences of the model, its datasets and its base models, as the BOM states them.

use serde::Deserialize;
use spdx::Expression;

use crate::cyclonedx::MODEL_REF;
use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::Kind;
use crate::policy::bom::{self, Part};
use crate::policy::refusal::Refusal;
use crate::policy::spdx_set::{LicenseSet, is_known};
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

/// Whose licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Bases,
    Datasets,
    Model,
}

pub(super) struct Licenses {
    of: Of,
    table: Table,
}

pub(super) fn build(of: Of, table: Table) -> Result<Licenses, Refusal> {
    if table.allow.is_empty() && table.deny.is_empty() {
        return Err("it neither allows nor denies a licence".into());
    }
    let Some((word, holding)) = table.allow.emptied_by(&table.deny) else { return Ok(Licenses { of, table }) };
    let holding: Vec<_> = holding.iter().map(|word| format!("`{word}`")).collect();
    let hint = format!("{} in `deny` takes all of it away: leave one or the other out", holding.join(" and "));
    Err(Refusal::from(format!("`{word}` is allowed and denied")).hint(hint))
}

/// What is to be said of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    Allowed,
    Denied,
    Unknown,
}

impl Table {
    /// Judges an expression: one way to comply with it must be allowed throughout.
    fn judge(&self, text: &str) -> Judgement {
        let Ok(expression) = Expression::parse(text) else { return Judgement::Unknown };
        let allowed = |one: &_| if self.allow.is_empty() { is_known(one) } else { self.allow.has(one) };
        if expression.evaluate(|one| allowed(one) && !self.deny.has(one)) {
            return Judgement::Allowed;
        }
        let unknown = |one: &_| !is_known(one) && !self.deny.has(one);
        if self.allow.is_empty() && expression.evaluate(|one| (is_known(one) && !self.deny.has(one)) || unknown(one)) {
            return Judgement::Unknown;
        }
        Judgement::Denied
    }
}

impl Licenses {
    fn noun(&self) -> &'static str {
        match self.of {
            Of::Bases => "base model",
            Of::Datasets => "dataset",
            Of::Model => "model",
        }
    }

    fn is_meant(&self, part: Part<'_>) -> bool {
        match (self.of, part.reference()) {
            (Of::Bases, Some(Reference::Base(_))) | (Of::Datasets, Some(Reference::Dataset(_))) => true,
            (Of::Model, _) => part.name() == Some(MODEL_REF),
            _ => false,
        }
    }

    fn judge(&self, line: &MatchedStatement<'_>, part: Part<'_>) -> Option<Finding> {
        let name = part.name().unwrap_or_default();
        let place = match part.reference() {
            Some(Reference::Dataset(name)) => Place::Tree(Tree::Dataset(name)),
            _ => line.origin().place(),
        };
        let licenses = part.licenses();
        let judged = licenses.iter().map(|text| (text, self.table.judge(text)));
        let worst = judged.max_by_key(|(_, judgement)| match judgement {
            Judgement::Allowed => 0,
            Judgement::Unknown => 1,
            Judgement::Denied => 2,
        });
        let finding = match worst {
            Some((_, Judgement::Allowed)) => return None,
            Some((text, Judgement::Denied)) => {
                let summary = format!("the licence of `{name}` is not allowed");
                Finding::deny(Code::LicenseDenied, place, summary).found(text.clone())
            }
            Some((text, Judgement::Unknown)) => {
                let summary = format!("nothing is known of the licence of `{name}`");
                Finding::deny(Code::LicenseUnknown, place, summary).found(text.clone())
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
            Of::Bases => "base-licenses",
            Of::Datasets => "dataset-licenses",
            Of::Model => "model-licenses",
        }
    }

    fn demand(&self) -> String {
        let every = if self.of == Of::Model { "the" } else { "every" };
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

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, document) in case.boms() {
            let parts = bom::parts(document).into_iter().filter(|part| self.is_meant(*part));
            findings.extend(parts.filter_map(|part| self.judge(line, part)));
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

    #[test]
    fn unknown_is_never_permissive() {
        let deny = table(&[], &["non-commercial"]);
        let allow = table(&["MIT", "Apache-2.0", "LicenseRef-Ours"], &[]);
        for (table, text, judgement) in [
            (&deny, "MIT", Judgement::Allowed),
            (&deny, "CC-BY-NC-4.0", Judgement::Denied),
            (&deny, "CC-BY-NC-4.0 OR MIT", Judgement::Allowed),
            (&deny, "CC-BY-NC-4.0 AND MIT", Judgement::Denied),
            (&deny, "LicenseRef-Llama-2", Judgement::Unknown),
            (&deny, "LicenseRef-Llama-2 AND CC-BY-NC-4.0", Judgement::Denied),
            (&deny, "openrail", Judgement::Unknown),
            (&deny, "", Judgement::Unknown),
            (&allow, "MIT AND Apache-2.0", Judgement::Allowed),
            (&allow, "MIT AND ISC", Judgement::Denied),
            (&allow, "LicenseRef-Ours", Judgement::Allowed),
            (&allow, "LicenseRef-Theirs", Judgement::Denied),
            (&allow, "Apache-2.0 WITH LLVM-exception", Judgement::Allowed),
        ] {
            assert_eq!(table.judge(text), judgement, "{text}");
        }
        let both = table(&["osi-approved"], &["copyleft"]);
        assert_eq!(both.judge("GPL-3.0-only"), Judgement::Denied);
        assert_eq!(both.judge("MIT"), Judgement::Allowed);
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(build(Of::Model, table(&["MIT"], &["MIT"])).is_err());
        assert!(build(Of::Model, table(&["copyleft"], &["copyleft"])).is_err());
        assert!(build(Of::Model, table(&[], &[])).is_err());
        assert!(build(Of::Bases, table(&["MIT", "Apache-2.0"], &["osi-approved"])).is_err());
        assert!(build(Of::Datasets, table(&["CC-BY-NC-4.0"], &["non-commercial", "MIT"])).is_err());
        assert!(build(Of::Model, table(&["osi-approved"], &["MIT"])).is_ok(), "but for one");
        assert!(build(Of::Model, table(&["MIT"], &["copyleft"])).is_ok());
    }
}
