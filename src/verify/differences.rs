//! From differences between files to findings.

use chrono::SecondsFormat;

use crate::digest::Digest;
use crate::evidence::VerifiedStatement;
use crate::finding::{Cause, Code, Finding, Place, Tree};
use crate::intoto::predicate::Seal;
use crate::inventory::Difference;

/// Who recorded the files, and when, in words.
pub(crate) struct Recorder(String);

impl Recorder {
    /// Takes what was said of them.
    pub(crate) fn new(words: String) -> Self {
        Self(words)
    }

    /// Takes them from the seal: its signer and its claimed time.
    pub(super) fn of(statements: &[&VerifiedStatement<'_>], seal: &Seal) -> Self {
        use crate::intoto::Predicate;
        let of_seal = |statement: &&&VerifiedStatement<'_>| matches!(statement.predicate(), Predicate::Seal(other) if **other == *seal);
        let signer = statements.iter().find(of_seal).map(|statement| statement.origin().attester());
        let name = signer.map_or_else(|| "nobody".to_owned(), |attester| format!("`{}`", attester.name));
        Self(format!("recorded by {name}, {}", seal.sealed_at.to_rfc3339_opts(SecondsFormat::Secs, true)))
    }

    /// Appends the words to a text.
    pub(crate) fn with(&self, text: &str) -> String {
        format!("{text}, {}", self.0)
    }
}

/// Turns a difference into a finding.
pub(crate) fn finding(tree: &Tree, difference: Difference, recorder: &Recorder) -> Finding {
    match difference {
        Difference::Changed { path, signed, found, holds } => {
            let finding = changed(tree, &path, signed, found, recorder);
            match holds {
                Some(other) => finding.found(format!("sha256:{found}, the bytes that were signed as `{other}`")),
                None => finding,
            }
        }
        Difference::Extra(entry) => {
            let summary = format!("`{}` is there, and nobody signed it", entry.path);
            let finding = Finding::deny(Code::FileExtra, Place::file(tree, entry.path.as_str()), summary);
            finding.found(format!("sha256:{}", entry.digest)).help("remove it, or have a new release made with it")
        }
        Difference::Missing(entry) => {
            let summary = format!("`{}` was signed, and is not there", entry.path);
            let finding = Finding::deny(Code::FileMissing, Place::file(tree, entry.path.as_str()), summary);
            finding.expected(recorder.with(&format!("sha256:{}", entry.digest))).help("get the file from its publisher")
        }
        Difference::Renamed { signed, found, digest } => {
            let summary = format!("`{signed}` was signed, and lies there as `{found}`");
            let finding = Finding::deny(Code::FileRenamed, Place::file(tree, found.as_str()), summary);
            finding
                .because(Cause::SignedAs(signed.as_str().into()))
                .expected(recorder.with(&format!("sha256:{digest} as `{signed}`")))
                .help("give the file its name back")
        }
    }
}

/// Reports a file with other bytes.
pub(super) fn changed(tree: &Tree, path: &str, signed: Digest, found: Digest, recorder: &Recorder) -> Finding {
    let summary = format!("`{path}` is not the file that was signed");
    Finding::deny(Code::FileChanged, Place::file(tree, path), summary)
        .expected(recorder.with(&format!("sha256:{signed}")))
        .found(format!("sha256:{found}"))
        .help("restore the file, or have a new release made if the change is intended")
}
