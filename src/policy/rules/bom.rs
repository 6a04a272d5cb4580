//! How complete the BOM is, by the list of a profile.

use serde::Deserialize;
use serde_json::Value;

use crate::completeness::Profile;
use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding};
use crate::intoto::Kind;
use crate::policy::refusal::Refusal;
use crate::policy::{Case, Rule};

/// The least score of a BOM in a profile of `bom validate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Bom"))]
pub(super) struct Table {
    /// By which list.
    profile: Profile,
    /// From 1 to 100.
    min_score: f64,
}

pub(super) struct Bom(Table);

pub(super) fn build(table: Table) -> Result<Bom, Refusal> {
    if (1.0..=100.0).contains(&table.min_score) {
        return Ok(Bom(table));
    }
    let refusal = Refusal::from("`min-score` is a number from 1 to 100, and less demands next to nothing");
    Err(refusal.hint("write 90 for nine tenths of what the profile lists"))
}

/// Missing elements that a finding names; the rest is counted.
const NAMED: usize = 8;

impl Bom {
    fn judge(&self, line: &MatchedStatement<'_>, document: &Value) -> Option<Finding> {
        let Table { profile, min_score } = &self.0;
        let completeness = profile.completeness(document);
        if completeness.score >= *min_score {
            return None;
        }
        let missing: Vec<_> = completeness.missing.iter().filter(|missing| missing.counted).collect();
        let names: Vec<_> = missing.iter().take(NAMED).map(|missing| missing.element).collect();
        let more = missing.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let summary = format!("the BOM is not complete: {profile} gives it {:.1} of 100", completeness.score);
        let finding = Finding::deny(Code::BomIncomplete, line.origin().place(), summary)
            .expected(self.demand())
            .found(format!("missing: {}{more}", names.join(", ")))
            .help(format!(
                "the builder must make a release whose BOM says it: `bom validate --profile {profile}` says where"
            ));
        Some(finding)
    }
}

impl Rule for Bom {
    fn name(&self) -> &'static str {
        "bom"
    }

    fn demand(&self) -> String {
        format!("the BOM has a score of {} or more in the profile {}", self.0.min_score, self.0.profile)
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::BomIncomplete]
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
            findings.extend(self.judge(line, document));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_score_is_one_of_a_profile() {
        let table = |value| serde_json::from_value::<Table>(value);
        assert!(table(json!({"profile": "other", "min-score": 1})).is_err());
        for (score, is_good) in
            [(0.0, false), (0.9, false), (1.0, true), (90.0, true), (100.0, true), (100.5, false), (-1.0, false)]
        {
            let table = table(json!({"profile": "g7-ai", "min-score": score})).unwrap();
            assert_eq!(build(table).is_ok(), is_good, "{score}");
        }
    }
}
