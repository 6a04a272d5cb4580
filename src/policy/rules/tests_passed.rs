//! No scan and no test may have failed.

use crate::finding::{Code, Finding};
use crate::intoto::{Kind, Predicate};
use crate::policy::{Case, Rule};

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
                Finding::deny(Code::TestFailed, line.origin().place(), summary)
                    .help("mend what it found and make a new release")
            })
            .collect()
    }
}
