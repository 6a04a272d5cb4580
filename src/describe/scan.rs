//! The result of a scan as a test result (`docs/format.md`, "The scan").

use chrono::{DateTime, SecondsFormat, Utc};

use crate::digest::{ArtifactDigest, Digest};
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::TestResult;
use crate::intoto::predicate::test_result::{
    COVERED, FILES, FINISHED_ON, NOT_COVERED, Outcome, RULES_UPDATED, SCANNER,
};
use crate::limits;
use crate::path::TreePath;
use crate::scan::{Allowance, FileScan, TreeScan, pickle};

/// What a scan was made with, and of what.
pub struct ScanFacts<'a> {
    /// What it says.
    pub scan: &'a TreeScan,
    /// The model as a whole.
    pub model: ArtifactDigest,
    /// The paths of the model folder that were left out.
    pub excluded: &'a [TreePath],
    /// What the user allowed.
    pub allowance: &'a Allowance,
    /// The SHA-256 of the program that scanned, if it is known.
    pub program: Option<Digest>,
    /// The time of the release, by which the scan had ended.
    pub at: DateTime<Utc>,
}

/// Describes a scan: its result, with what and by which list, and which files it covers.
pub fn scan(facts: &ScanFacts<'_>) -> TestResult {
    let files = &facts.scan.files;
    let named = |passing: bool| -> Vec<String> {
        let of = files.iter().filter(|file| file.rating.passes() == passing);
        of.take(limits::LISTED_FILES).map(|file| format!("scan:{}", file.path.raw())).collect()
    };
    TestResult {
        result: if facts.scan.passes() { Outcome::Passed } else { Outcome::Failed },
        configuration: configuration(facts),
        passed_tests: named(true),
        failed_tests: named(false),
        warned_tests: Vec::new(),
        url: None,
    }
}

fn configuration(facts: &ScanFacts<'_>) -> Vec<ResourceDescriptor> {
    let version = env!("CARGO_PKG_VERSION");
    let mut scanner = ResourceDescriptor {
        name: SCANNER.to_owned(),
        uri: Some(format!("pkg:cargo/{}@{version}", env!("CARGO_PKG_NAME"))),
        ..ResourceDescriptor::default()
    }
    .annotated(RULES_UPDATED, format!("{}T00:00:00Z", pickle::reviewed()))
    .annotated(FINISHED_ON, facts.at.to_rfc3339_opts(SecondsFormat::Secs, true));
    if let Some(program) = facts.program {
        scanner.digest.insert("sha256".to_owned(), program.to_string());
    }
    let list = ResourceDescriptor::new("allow-list", ArtifactDigest::File(pickle::digest()))
        .annotated("assaymark_reviewed", pickle::reviewed());
    let unread: Vec<&str> =
        facts.scan.files.iter().filter(|file| is_unread(file)).map(|file| file.path.raw()).collect();
    let excluded = facts.excluded.iter().map(TreePath::as_str);
    let uncovered = listed(excluded.chain(unread.iter().copied()));
    let covered = listed(facts.scan.files.iter().filter(|file| !is_unread(file)).map(|file| file.path.raw()));
    let files =
        ResourceDescriptor::new(FILES, facts.model).annotated(COVERED, covered).annotated(NOT_COVERED, uncovered);
    let allowed = facts.allowance.iter().map(|(name, reason)| {
        let digest = ArtifactDigest::File(Digest::of(name.as_bytes()));
        ResourceDescriptor::new(format!("allowed:{name}"), digest).annotated("assaymark_reason", reason)
    });
    [scanner, list, files].into_iter().chain(allowed).collect()
}

/// Lists paths, as many as a predicate has room for: what a policy demands to be covered must stand there.
fn listed<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut room = limits::COVERED_BYTES;
    let fits = |path: &&str| {
        let left = room.checked_sub(path.len() + 32);
        room = left.unwrap_or_default();
        left.is_some()
    };
    paths.take_while(fits).collect()
}

/// Says whether nothing is known of a file because it could not be read or is of no known format.
fn is_unread(file: &FileScan) -> bool {
    file.rating == crate::scan::Rating::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_listed_as_far_as_there_is_room() {
        let path = "x".repeat(68);
        let room = limits::COVERED_BYTES / 100;
        assert_eq!(listed(std::iter::repeat_n(path.as_str(), room + 9)).len(), room);
        assert_eq!(listed(std::iter::repeat_n(path.as_str(), 2_000)).len(), 2_000);
    }
}
