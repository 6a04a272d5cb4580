//! Test results (in-toto/attestation `spec/predicates/test-result.md`, v0.1): scans and evaluations.

use serde::{Deserialize, Serialize};

use crate::intoto::ResourceDescriptor;

/// The predicate type.
pub const TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The result of a scan or a test.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// The result.
    pub result: Outcome,
    /// What was tested with, and of what.
    #[serde(default)]
    pub configuration: Vec<ResourceDescriptor>,
    /// Names of the tests that passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_tests: Vec<String>,
    /// Names of the tests that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_tests: Vec<String>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It passed.
    Passed,
    /// It passed with warnings.
    Warned,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_results_are_known() {
        let read = |text: &str| serde_json::from_str::<TestResult>(text).map(|test| test.result).ok();
        assert_eq!(read(r#"{"result":"PASSED","configuration":[]}"#), Some(Outcome::Passed));
        assert_eq!(read(r#"{"result":"passed"}"#), None);
        assert_eq!(read("{}"), None);
    }
}
