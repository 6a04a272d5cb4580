//! How severe known vulnerabilities may be.

use serde::Deserialize;

use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place};
use crate::intoto::predicate::Vulnerabilities as Found;
use crate::intoto::predicate::openvex::Status;
use crate::intoto::predicate::vulnerabilities::{Rating, Vulnerability};
use crate::intoto::{Kind, Predicate};
use crate::policy::age::Age;
use crate::policy::exploitability::Exploitability;
use crate::policy::{Case, Rule};

/// The result of a vulnerability scanner is demanded, and bounded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Vulnerabilities"))]
pub(super) struct Table {
    /// The highest severity that is accepted. One that is not known is denied.
    max_severity: Ceiling,
    /// How old the database of the scanner may be when the release is verified.
    database_max_age: Option<Age>,
    /// What a sealed OpenVEX document may say of a vulnerability so that it is accepted: `not-affected`, `fixed`.
    /// Nothing is accepted for it if not given.
    openvex: Option<Vec<Excuse>>,
}

/// What may be said of a vulnerability so that it is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Excuse {
    /// It was there and no longer is.
    Fixed,
    /// It does not matter here.
    NotAffected,
}

impl Excuse {
    fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::NotAffected => "not affected",
        }
    }

    fn status(self) -> Status {
        match self {
            Self::Fixed => Status::Fixed,
            Self::NotAffected => Status::NotAffected,
        }
    }
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

pub(super) fn build(table: Table) -> Result<Vulnerabilities, String> {
    let accepted = table.openvex.as_deref().unwrap_or_default();
    if table.openvex.is_some() && accepted.is_empty() {
        return Err("`openvex = []` accepts nothing: leave the key out".to_owned());
    }
    let twice = |(index, one): (usize, &Excuse)| accepted.iter().skip(index + 1).any(|other| other == one);
    if accepted.iter().enumerate().any(twice) {
        return Err("a status stands twice in `openvex`".to_owned());
    }
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
    /// Says whether the database was up to date. What came into it after the scan was not looked for.
    fn is_fresh(&self, case: &Case<'_>, found: &Found) -> bool {
        let Some(age) = self.0.database_max_age else { return true };
        let used = found.scanner.db.last_update.min(found.metadata.scan_finished_on);
        case.at.signed_duration_since(used) <= age.length()
    }

    /// Says whether everybody who speaks of a vulnerability says what is accepted, and somebody does.
    fn is_excused(&self, said: &Exploitability<'_>, found: &Vulnerability) -> bool {
        let said = said.statuses(found);
        let accepted = |status: &Status| self.0.openvex.iter().flatten().any(|excuse| excuse.status() == *status);
        !said.is_empty() && said.iter().all(accepted)
    }

    fn too_severe(&self, said: &Exploitability<'_>, line: &MatchedStatement<'_>, found: &Found) -> Vec<Finding> {
        let ceiling = self.0.max_severity.rating();
        let over = found.scanner.result.iter().filter(|one| one.rating().is_none_or(|rating| rating > ceiling));
        over.filter(|one| !self.is_excused(said, one))
            .map(|one| {
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
        let mut words: Vec<_> = self.0.openvex.iter().flatten().map(|excuse| excuse.word()).collect();
        words.sort_unstable();
        let excuses = match words.join(" or ") {
            words if words.is_empty() => String::new(),
            words => format!(", but for what sealed OpenVEX statements agree to be {words}"),
        };
        format!("a vulnerability scanner{age} looked, and nothing it found has a severity above {ceiling}{excuses}")
    }

    fn codes(&self) -> Vec<Code> {
        let stale = self.0.database_max_age.map(|_| Code::EvidenceStale);
        [Code::EvidenceMissing, Code::Vulnerable].into_iter().chain(stale).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        let openvex = self.0.openvex.as_ref().map(|_| Kind::OpenVex);
        std::iter::once(Kind::Vulnerabilities).chain(openvex).collect()
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let said = Exploitability::of(case);
        let (mut any, mut fresh) = (false, false);
        for line in case.evidence.members() {
            let Predicate::Vulnerabilities(found) = line.predicate() else { continue };
            any = true;
            fresh |= self.is_fresh(case, found);
            findings.extend(self.too_severe(&said, line, found));
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
