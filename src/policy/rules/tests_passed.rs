//! No scan and no test may have failed.

use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding};
use crate::intoto::{Kind, Predicate};
use crate::policy::{Case, Rule};

/// How many of the tests that failed are named.
const SHOWN: usize = 3;

pub(super) struct TestsPassed;

impl Rule for TestsPassed {
    fn name(&self) -> &'static str {
        "tests-passed"
    }

    fn demand(&self) -> String {
        "no scan or test result is FAILED, sealed or not".to_owned()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::TestFailed]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::TestResult]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let failed = case
            .evidence
            .members()
            .iter()
            .chain(case.evidence.unsealed())
            .filter(|line| matches!(line.predicate(), Predicate::TestResult(test) if test.failed()));
        failed
            .map(|line| {
                let attester = &line.origin().attester().name;
                let summary = format!("a scan or test of the model failed, says `{attester}`");
                let finding = Finding::deny(Code::TestFailed, line.origin().place(), summary);
                let finding = if let Some(names) = named(line) { finding.found(names) } else { finding };
                finding.help("mend what it found and make a new release")
            })
            .collect()
    }
}

/// Names the first tests that failed, and says how many more there are; nothing where the result names none.
fn named(line: &MatchedStatement<'_>) -> Option<String> {
    let Predicate::TestResult(test) = line.predicate() else { return None };
    let first: Vec<_> = test.failed_tests.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = test.failed_tests.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| format!("failed: {}{more}", first.join(", ")))
}
