//! `--rescan`: what a scan of the model says now, as findings.

use crate::failure::Failure;
use crate::finding::{Code, Finding, Place, Tree};
use crate::inventory::Taken;
use crate::scan::{FileScan, TreeScan};

/// Adds what the scan objects to.
pub(super) fn judge(scan: &TreeScan, taken: &mut Taken) {
    for file in scan.files.iter().filter(|file| !file.rating.passes()) {
        let place = Place::file(&Tree::Model, file.path.clone());
        let summary = format!("`{}` does not pass the scan: {}", file.path.raw(), objection(file));
        if file.failed {
            taken.failures.push(Failure::new(place, summary));
        } else {
            let finding = Finding::deny(Code::TestFailed, place, summary).found(file.rating.as_str());
            taken.findings.push(finding.help("`assaymark scan` shows everything that it objects to"));
        }
    }
}

/// Says the worst that is objected to.
fn objection(file: &FileScan) -> &str {
    let worst = file.observations.iter().max_by_key(|seen| seen.rating);
    worst.map_or("it is of no known format", |seen| seen.summary.raw())
}
