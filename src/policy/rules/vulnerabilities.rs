//! How severe known vulnerabilities may be.

use serde::Deserialize;

use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place};
use crate::intoto::predicate::Vulnerabilities as Found;
use crate::intoto::predicate::vulnerabilities::Rating;
use crate::intoto::{Kind, Predicate};
use crate::policy::age::Age;
use crate::policy::{Case, Rule};

/// The result of a vulnerability scanner is demanded, and bounded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Table {
    /// The highest severity that is accepted. One that is not known is denied.
    max_severity: Ceiling,
    /// How old the database of the scanner may be when the release is verified.
    database_max_age: Option<Age>,
}

/// A severity that is still accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Ceiling {
    /// No vulnerability is accepted that does any harm.
    None,
    /// Up to 3.9.
    Low,
    /// Up to 6.9.
    Medium,
    /// Up to 8.9.
    High,
}

impl Ceiling {
    fn rating(self) -> Rating {
        match self {
            Self::None => Rating::None,
            Self::Low => Rating::Low,
            Self::Medium => Rating::Medium,
            Self::High => Rating::High,
        }
    }
}

pub(super) struct Vulnerabilities(Table);

#[allow(clippy::unnecessary_wraps, reason = "every rule is built alike")]
pub(super) fn build(table: Table) -> Result<Vulnerabilities, String> {
    Ok(Vulnerabilities(table))
}

fn word(rating: Rating) -> &'static str {
    match rating {
        Rating::None => "none",
        Rating::Low => "low",
        Rating::Medium => "medium",
        Rating::High => "high",
        Rating::Critical => "critical",
    }
}

impl Vulnerabilities {
    /// Says whether the database was up to date.
    fn is_fresh(&self, case: &Case<'_>, found: &Found) -> bool {
        let Some(age) = self.0.database_max_age else { return true };
        case.at.signed_duration_since(found.scanner.db.last_update) <= age.length()
    }

    fn too_severe(&self, line: &MatchedStatement<'_>, found: &Found) -> Vec<Finding> {
        let ceiling = self.0.max_severity.rating();
        let over = found.scanner.result.iter().filter(|one| one.rating().is_none_or(|rating| rating > ceiling));
        over.map(|one| {
            let severity = one.rating().map_or("not known", word);
            let summary = format!("the vulnerability `{}` is more severe than allowed", one.id);
            Finding::deny(Code::Vulnerable, line.origin().place(), summary)
                .expected(self.demand())
                .found(format!("severity {severity}"))
                .help("the builder must get rid of what is vulnerable and make a new release")
        })
        .collect()
    }
}

impl Rule for Vulnerabilities {
    fn name(&self) -> &'static str {
        "vulnerabilities"
    }

    fn demand(&self) -> String {
        let age = self.0.database_max_age.map(|age| format!(", with a database at most {age} old")).unwrap_or_default();
        let ceiling = word(self.0.max_severity.rating());
        format!("a vulnerability scanner{age} looked, and nothing it found has a severity above {ceiling}")
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Vulnerabilities]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (mut any, mut fresh) = (false, false);
        for line in case.evidence.members() {
            let Predicate::Vulnerabilities(found) = line.predicate() else { continue };
            any = true;
            fresh |= self.is_fresh(case, found);
            findings.extend(self.too_severe(line, found));
        }
        if !fresh {
            let (code, summary) = if any {
                (Code::EvidenceStale, "no vulnerability scan had a database that is new enough")
            } else {
                (Code::EvidenceMissing, "there is no result of a vulnerability scanner")
            };
            let finding = Finding::deny(code, Place::Bundle, summary).expected(self.demand());
            findings.push(finding.help("a scanner must look again, sign the result, and a releaser seal it"));
        }
        findings
    }
}
