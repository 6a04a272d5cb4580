//! Evidence must be there: from a role, from enough attesters, fresh enough, and not by the wrong ones.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::evidence::{MatchedStatement, roles_of};
use crate::finding::{Cause, Code, Finding, Place};
use crate::intoto::predicate::test_result::Purpose;
use crate::intoto::predicate::verification_summary::VerificationResult;
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::policy::refusal::Refusal;
use crate::policy::rules::scans;
use crate::policy::{Case, Rule};
use crate::text;
use crate::trust::{Attester, Role};

pub(in crate::policy) use table::Table;
pub(super) use table::bounded;

mod table;

/// Evidence of one type is demanded.
pub(in crate::policy) struct Requirement {
    name: String,
    table: Table,
    count: usize,
}

pub(in crate::policy) fn build(table: Table) -> Result<Requirement, Refusal> {
    let count = table.check()?;
    Ok(Requirement { name: table.shown(), table, count })
}

type Line<'c> = &'c MatchedStatement<'c>;

impl Requirement {
    /// Says whether a line is of the demanded type and signed in the demanded role.
    fn is_meant(&self, case: &Case<'_>, line: &MatchedStatement<'_>) -> bool {
        let purpose = match (self.table.evidence.role, line.predicate()) {
            (Some(Role::Evaluator), Predicate::TestResult(test)) => test.purpose() == Purpose::Evaluation,
            (Some(Role::Scanner), Predicate::TestResult(test)) => scans::is_of_model(case, test),
            (_, Predicate::VerificationSummary(summary)) => summary.verification_result == VerificationResult::Passed,
            _ => true,
        };
        let role = self.table.role.or(self.table.evidence.role);
        purpose && role.is_none_or(|role| line.origin().attester().roles.contains(&role))
    }

    fn lines<'c>(&self, case: &Case<'c>) -> Vec<Line<'c>> {
        let counted: Vec<Line<'c>> = if self.table.sealed {
            case.evidence.members().iter().filter(|line| line.kind() == self.table.evidence.kind).collect()
        } else {
            case.evidence.of_kind(&self.table.evidence.kind).collect()
        };
        counted.into_iter().filter(|line| self.is_meant(case, line)).collect()
    }

    fn finding(&self, code: Code, place: Place, summary: String) -> Finding {
        Finding::deny(code, place, summary).expected(self.demand())
    }

    fn missing(&self) -> Finding {
        let who = self.who();
        let summary = format!("there is no {} that counts", self.table.evidence.text);
        let help = format!("{who} must sign one for this release, and then it must be sealed or name the seal");
        self.finding(Code::EvidenceMissing, Place::Bundle, summary).help(help)
    }

    fn who(&self) -> String {
        format!("an attester with the role {}", table::quoted(&self.table.roles()))
    }

    /// Names what is demanded, with its article.
    fn what(&self) -> String {
        let text = &self.table.evidence.text;
        let article = if text.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {text}")
    }

    fn is_fresh(&self, line: &MatchedStatement<'_>, at: DateTime<Utc>) -> bool {
        let Some(age) = self.table.max_age else { return true };
        made_at(line).is_some_and(|time| at.signed_duration_since(time) <= age.length())
    }

    fn stale(&self, line: &MatchedStatement<'_>, at: DateTime<Utc>) -> Finding {
        let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let made = made_at(line);
        let found = match (made, line.origin().proven_time()) {
            (None, _) => "it states no time that can be read".to_owned(),
            (Some(time), Some(proven)) if proven == time => {
                format!("{}, as is proven, checked at {}", shown(time), shown(at))
            }
            (Some(time), _) => format!("{}, as its signer claims, checked at {}", shown(time), shown(at)),
        };
        let summary = format!("the {} by `{}` is too old", self.table.evidence.text, line.origin().attester().name);
        let finding = self.finding(Code::EvidenceStale, line.origin().place(), summary).found(found);
        let finding = if made.is_none() { finding.because(Cause::Undated) } else { finding };
        finding.help(format!("{} must do it again and sign what comes of it", self.who()))
    }

    /// Says that nobody signed in the role from which others must differ.
    fn unsigned(&self, case: &Case<'_>) -> Option<Finding> {
        let role = self.table.not_by.filter(|role| signed_as(case, *role, false).is_empty())?;
        let summary = format!("nobody signed as {role} here, so nobody can be told apart from them");
        Some(self.finding(Code::DutiesNotSeparated, Place::Bundle, summary))
    }

    /// Leaves out what is signed by those by whom it must not be.
    fn separate<'c>(&self, case: &Case<'c>, lines: Vec<Line<'c>>) -> Result<Vec<Line<'c>>, Box<Finding>> {
        let Some(role) = self.table.not_by else { return Ok(lines) };
        let signed = signed_as(case, role, true);
        let (same, others): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| signed.contains(&line.origin().attester().name));
        match same.first() {
            Some(line) if others.is_empty() => {
                let name = &line.origin().attester().name;
                let summary = format!("`{name}` signed the {} and as {role} as well", self.table.evidence.text);
                let finding = self.finding(Code::DutiesNotSeparated, line.origin().place(), summary);
                Err(finding.help(format!("{} who did not sign as {role} must sign one", self.who())).into())
            }
            _ => Ok(others),
        }
    }

    /// Returns what speaks against what is there, whoever else signed.
    fn unmet(&self, case: &Case<'_>) -> Vec<Finding> {
        let lines = self.lines(case);
        if lines.is_empty() {
            return vec![self.missing()];
        }
        let unproven = self.unproven(&lines);
        if !unproven.is_empty() {
            return unproven;
        }
        let lines = match self.separate(case, lines) {
            Ok(lines) => lines,
            Err(finding) => return vec![*finding],
        };
        let (fresh, old): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| self.is_fresh(line, case.at));
        let found = attesters(&fresh);
        if found.len() >= self.count {
            return Vec::new();
        }
        if !old.is_empty() {
            return old.iter().map(|line| self.stale(line, case.at)).collect();
        }
        let names: Vec<_> = found.iter().map(|name| format!("`{name}`")).collect();
        let summary = format!(
            "the {} is signed by {}, and {} are demanded",
            self.table.evidence.text,
            text::count(found.len(), "attester"),
            self.count
        );
        let finding = self.finding(Code::TooFewAttesters, Place::Bundle, summary).found(names.join(", "));
        vec![
            finding.help(format!(
                "another one, {}, must sign one; a second key of the same one does not count",
                self.who()
            )),
        ]
    }

    fn unproven(&self, lines: &[Line<'_>]) -> Vec<Finding> {
        let unproven = |line: &Line<'_>| {
            let origin = line.origin();
            let proof = match (self.table.timestamped, self.table.logged) {
                (true, _) if !origin.is_timestamped() => "timestamp of a trusted authority",
                (_, true) if !origin.is_logged() => "proof of a transparency log",
                _ => return None,
            };
            let summary = format!("the {} has no {proof}", self.table.evidence.text);
            let finding = self.finding(Code::ProofMissing, origin.place(), summary);
            Some(finding.help(format!("{} must sign it with one", self.who())))
        };
        lines.iter().filter_map(unproven).collect()
    }
}

/// Returns when a line was made: at the latest when that is proven, and earlier if its signer says so. What the signer
/// says and nobody can read may be earlier.
fn made_at(line: &MatchedStatement<'_>) -> Option<DateTime<Utc>> {
    if line.is_dated_unreadably() {
        return None;
    }
    let (done, proven) = (line.done_at(), line.origin().proven_time());
    done.into_iter().chain(proven).min()
}

/// Returns who signed something that counts from a role, having that role; `ever`, also what does not count here: a line that no seal
/// names, or of a type that we don't know, which may count from any role. Those exclude their signers, and are no proof that
/// somebody signed in the role.
fn signed_as<'c>(case: &Case<'c>, role: Role, ever: bool) -> BTreeSet<&'c Name> {
    let uncounted = case.evidence.unsealed().iter().filter(|_| ever);
    let lines = case.evidence.counted().chain(case.evidence.seals()).chain(uncounted);
    let signed = lines.filter(|line| {
        let roles = roles_of(&line.kind());
        let counts = roles.contains(&role) || ever && roles.is_empty();
        counts && line.origin().attester().roles.contains(&role)
    });
    signed.map(|line| &line.origin().attester().name).collect()
}

fn attesters<'c>(lines: &[Line<'c>]) -> BTreeSet<&'c Name> {
    lines.iter().map(|line| &line.origin().attester().name).collect()
}

impl Rule for Requirement {
    fn name(&self) -> &str {
        &self.name
    }

    fn demand(&self) -> String {
        let table = &self.table;
        let mut demand = match self.count {
            1 => format!("there is {} by {}", self.what(), self.who()),
            count => {
                let who = self.who().replacen("an attester", &format!("{count} different attesters"), 1);
                format!("there is {} by each of {who}", self.what())
            }
        };
        if let Some(role) = table.not_by {
            demand.extend([", not by anybody who signed as ", &role.to_string()]);
        }
        if let Some(age) = table.max_age {
            demand.extend([", at most ", &age.to_string(), " old by the time that it claims or proves"]);
        }
        for (asked, words) in [
            (table.sealed, ", named by the newest seal"),
            (table.timestamped, ", with a trusted timestamp"),
            (table.logged, ", with a proof of a transparency log"),
        ] {
            if asked {
                demand += words;
            }
        }
        demand
    }

    fn codes(&self) -> Vec<Code> {
        let table = &self.table;
        let some = [
            (true, Code::EvidenceMissing),
            (self.count > 1, Code::TooFewAttesters),
            (table.not_by.is_some(), Code::DutiesNotSeparated),
            (table.max_age.is_some(), Code::EvidenceStale),
            (table.timestamped || table.logged, Code::ProofMissing),
        ];
        some.into_iter().filter_map(|(can, code)| can.then_some(code)).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![self.table.evidence.kind.clone()]
    }

    fn roles(&self) -> Vec<Role> {
        self.table.roles()
    }

    fn counts_attesters(&self) -> bool {
        true
    }

    fn demands_seal(&self) -> bool {
        self.table.sealed
    }

    fn demands_proof(&self) -> bool {
        self.table.timestamped || self.table.logged
    }

    fn apart_from(&self) -> Option<Role> {
        self.table.not_by
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        self.unsigned(case).into_iter().chain(self.unmet(case)).collect()
    }

    fn impossible(&self, attesters: Option<&[Attester]>) -> Vec<String> {
        let Some(attesters) = attesters else { return Vec::new() };
        let mut faults = Vec::new();
        let roles = self.table.roles();
        let may = |attester: &&Attester| roles.iter().any(|role| attester.roles.contains(role));
        let able: Vec<_> = attesters.iter().filter(may).collect();
        // A line that is signed with a key alone has neither.
        let proven = |attester: &Attester| !attester.identities.is_empty() || !attester.certified.is_empty();
        if (self.table.timestamped || self.table.logged) && !able.iter().any(|attester| proven(attester)) {
            faults.push(
                "keys alone prove no time and no log, and no attester of the trust file has an identity".to_owned(),
            );
        }
        if able.len() < self.count {
            let who = self.who().replacen("an attester", "attesters", 1);
            faults.push(format!("it needs {} {who}, and the trust file has {}", self.count, able.len()));
        }
        if let Some(role) = self.table.not_by {
            let mut builders = attesters.iter().filter(|attester| attester.roles.contains(&role));
            match (builders.next(), builders.next()) {
                (None, _) => faults.push(format!("no attester of the trust file has the role {role} of `not-by`")),
                (Some(only), None) if able.iter().filter(|one| one.name != only.name).count() < self.count => {
                    faults.push(format!("`{}` is the only {role}, and without them too few are left", only.name));
                }
                _ => {}
            }
        }
        faults
    }
}
