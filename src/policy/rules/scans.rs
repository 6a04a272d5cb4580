//! How a model must be scanned: by how many scanners, with which rules, and all of it.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use serde::Deserialize;

use crate::finding::{Cause, Code, Finding, Place};
use crate::intoto::predicate::TestResult;
use crate::intoto::predicate::test_result::{COVERED, Coverage, NOT_COVERED, Purpose, SCANNER};
use crate::intoto::{Kind, Predicate};
use crate::policy::age::Age;
use crate::policy::refusal::Refusal;
use crate::policy::rules::requirement;
use crate::policy::{Case, Rule};
use crate::text;
use crate::trust::Role;

mod program;

/// Scans of the model.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[derive(Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Scans"))]
pub(super) struct Table {
    /// How many different scanners must have looked at it; 1 if not given.
    scanners: Option<u64>,
    /// Each must have read every file that the model signature lists: `true`.
    complete: Option<bool>,
    /// How old the rules of a scanner may be when the release is verified.
    rules_max_age: Option<Age>,
    /// A scan that ended with warnings (`WARNED`) counts too: `true`.
    warned: bool,
}

pub(super) struct Scans {
    table: Table,
    scanners: usize,
}

pub(super) fn build(table: Table) -> Result<Scans, Refusal> {
    if table.complete == Some(false) {
        return Err("`complete = false` demands nothing: leave the key out".into());
    }
    match table.scanners.unwrap_or(1) {
        0 => Err("0 scanners demand nothing".into()),
        count => Ok(Scans { scanners: requirement::bounded(count)?, table }),
    }
}

/// Names the program of a scan, if anybody knows it.
fn scanner(test: &TestResult) -> Option<String> {
    program::named(test.entry(SCANNER)?.uri.as_deref()?)
}

/// Returns the paths in an annotation, whichever entry has it; none if they are no list of texts.
fn paths(test: &TestResult, annotation: &str) -> Option<BTreeSet<String>> {
    let lists = test.configuration.iter().filter_map(|entry| entry.annotations.get(annotation));
    let mut paths = BTreeSet::new();
    for list in lists {
        for path in list.as_array()? {
            paths.insert(path.as_str()?.to_owned());
        }
    }
    Some(paths)
}

/// Says whether a result is of a scan of the model, as far as it says; of none, if nobody says what the files of the model are.
pub(super) fn is_of_model(case: &Case<'_>, test: &TestResult) -> bool {
    let files = case.model_files();
    test.purpose() == Purpose::Scan && !files.is_empty() && test.coverage(files) == Coverage::Model
}

/// Returns the files that a scan did not read.
fn unread(case: &Case<'_>, test: &TestResult) -> Vec<String> {
    let files = case.model_files().iter().cloned();
    let (Some(covered), Some(left_out)) = (paths(test, COVERED), paths(test, NOT_COVERED)) else {
        return files.collect();
    };
    files.filter(|path| !covered.contains(path) || left_out.contains(path)).collect()
}

impl Scans {
    /// Returns what is wrong with one scan.
    fn fault(&self, case: &Case<'_>, place: Place, test: &TestResult) -> Option<Finding> {
        if test.warned() && !self.table.warned {
            let first = test
                .warned_tests
                .first()
                .map_or_else(|| "it does not say of what".to_owned(), |what| format!("`{what}`"));
            let finding = Finding::deny(Code::TestFailed, place, "a scan ended with warnings").found(first);
            return Some(finding.help("judge what the scanner warns of; a policy may say `warned = true`"));
        }
        // Where the model signature is absent, that denies.
        let other = match test.coverage(case.model_files()) {
            Coverage::Model => None,
            Coverage::Nothing => Some("a scan read nothing, or does not say what"),
            Coverage::Others => Some("a scan read other files than those of the model"),
        };
        if let Some(summary) = other.filter(|_| !case.model_files().is_empty()) {
            let finding = Finding::deny(Code::ScanIncomplete, place, summary);
            return Some(finding.help("a scanner must scan this model and sign the result"));
        }
        let unread = unread(case, test);
        if let (true, Some(first)) = (self.table.complete.is_some(), unread.first()) {
            let summary = format!("a scan did not read {} of the model", text::count(unread.len(), "file"));
            let finding = Finding::deny(Code::ScanIncomplete, place, summary).found(format!("`{first}` first of all"));
            return Some(finding.help("a scanner must scan the whole model and sign the result"));
        }
        let age = self.table.rules_max_age?;
        let updated = test.rules_updated();
        if updated.is_some_and(|time| case.at.signed_duration_since(time) <= age.length()) {
            return None;
        }
        let found = updated
            .map_or_else(|| "it states no time".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        let finding = Finding::deny(Code::EvidenceStale, place, "the rules of a scanner are too old").found(found);
        Some(finding.help("a scanner must scan with the newest rules and sign the result"))
    }
}

impl Rule for Scans {
    fn name(&self) -> &'static str {
        "scans"
    }

    fn demand(&self) -> String {
        let nothing = if self.table.warned { "nothing worse than warnings" } else { "nothing" };
        let mut demand = format!("{} found {nothing}", text::count(self.scanners, "different scanner"));
        if self.table.complete.is_some() {
            demand += ", and read every file of the model";
        }
        if let Some(age) = self.table.rules_max_age {
            demand.extend([", with rules that are at most ", &age.to_string(), " old"]);
        }
        demand
    }

    fn codes(&self) -> Vec<Code> {
        let table = &self.table;
        let some = [
            (true, Code::EvidenceMissing),
            (self.scanners > 1, Code::TooFewAttesters),
            (!table.warned, Code::TestFailed),
            (true, Code::ScanIncomplete),
            (table.rules_max_age.is_some(), Code::EvidenceStale),
        ];
        some.into_iter().filter_map(|(can, code)| can.then_some(code)).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::TestResult]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::ModelSignature]
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::Scanner]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let findings = self.findings(case);
        let dated = |finding: Finding| match self.table.rules_max_age {
            Some(_) => finding.because(Cause::DatedRules),
            None => finding,
        };
        findings.into_iter().map(dated).collect()
    }
}

impl Scans {
    fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        let (mut scanners, mut others) = (BTreeSet::new(), BTreeSet::new());
        let mut faults = Vec::new();
        for line in case.evidence.members() {
            let Predicate::TestResult(test) = line.predicate() else { continue };
            if test.purpose() != Purpose::Scan || test.failed() {
                continue;
            }
            match self.fault(case, line.origin().place(), test) {
                None => scanners.extend(scanner(test)),
                Some(fault) => {
                    others.extend(scanner(test));
                    faults.push(fault.expected(self.demand()));
                }
            }
        }
        if scanners.len() >= self.scanners {
            return Vec::new();
        }
        // Whoever answers for the faults of some scans answers for no scan that nobody made.
        if faults.is_empty() || scanners.union(&others).count() < self.scanners {
            faults.push(self.too_few(scanners));
        }
        faults
    }

    fn too_few(&self, scanners: BTreeSet<String>) -> Finding {
        let code = if scanners.is_empty() { Code::EvidenceMissing } else { Code::TooFewAttesters };
        let summary = format!("the model was scanned by {}", text::count(scanners.len(), "scanner"));
        let found: Vec<_> = scanners.into_iter().collect();
        let found = if found.is_empty() { "none that counts".to_owned() } else { found.join(", ") };
        let finding = Finding::deny(code, Place::Bundle, summary).expected(self.demand()).found(found);
        finding.help("a scanner must scan the model with another program and sign the result")
    }
}
