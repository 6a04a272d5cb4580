//! The training code must be recorded.

use crate::digest::ArtifactDigest;
use crate::finding::{Code, Finding};
use crate::intoto::Kind;
use crate::policy::{Case, Rule};
use crate::reference::Reference;

pub(super) struct CodeRecorded;

impl Rule for CodeRecorded {
    fn name(&self) -> &'static str {
        "code-recorded"
    }

    fn demand(&self) -> String {
        "every provenance that tells of the training names the code with the SHA-256 of its file list".to_owned()
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::CodeNotRecorded]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, provenance) in case.trainings() {
            let code = provenance.references().find(|(reference, _)| *reference == Reference::Code);
            let digest = code.and_then(|(_, dependency)| dependency.artifact_digest());
            if !matches!(digest, Some(ArtifactDigest::Tree(_))) {
                let summary = "the provenance does not say which code trained the model";
                let finding = Finding::deny(Code::CodeNotRecorded, line.origin().place(), summary);
                findings.push(
                    finding.help("the builder must record the code with its `dirHash`; a git commit alone is SHA-1"),
                );
            }
        }
        findings
    }
}
