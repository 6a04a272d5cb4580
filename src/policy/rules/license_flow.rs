//! Licences of datasets and base models must flow into that of the release.

use crate::finding::{Code, Finding};
use crate::intoto::Kind;
use crate::licence::{self, Obstacle};
use crate::policy::{Case, Rule};

pub(super) struct LicenseFlow;

pub(super) fn build(wanted: bool) -> Result<LicenseFlow, String> {
    if wanted { Ok(LicenseFlow) } else { Err("`false` demands nothing: leave the key out".to_owned()) }
}

fn code(obstacle: &Obstacle) -> Code {
    match obstacle.kind {
        licence::Kind::Conflict => Code::LicenseConflict,
        licence::Kind::Unknown => Code::LicenseUnknown,
    }
}

impl Rule for LicenseFlow {
    fn name(&self) -> &'static str {
        "license-flow"
    }

    fn demand(&self) -> String {
        "the licence of every dataset and base model is known and lets the model be released under its own".to_owned()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::LicenseConflict, Code::LicenseUnknown]
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
            findings.extend(licence::obstacles(document).into_iter().map(|obstacle| {
                Finding::deny(code(&obstacle), line.origin().place(), obstacle.to_string())
                    .expected(self.demand())
                    .found(obstacle.path.join(" → "))
                    .help("the builder must make a release without it, or under a licence into which it flows")
            }));
        }
        findings
    }
}
