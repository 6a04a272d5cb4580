//! The BOM of a release alone: everything is hashed and described as for a bundle, and nothing is signed.

use chrono::{DateTime, Utc};

use crate::create::{CreateError, Inputs, check_bom, hashing, sealed_model};
use crate::cyclonedx::SpecVersion;
use crate::describe;
use crate::facts::{Invocation, Size};
use crate::finding::Findings;
use crate::inventory::Progress;
use crate::path::TreePath;
use crate::release::ReleaseSpec;

/// What to describe, and how.
pub struct BillJob<'a> {
    /// The release.
    pub spec: &'a ReleaseSpec,
    /// Paths of the model folder that are left out, exactly.
    pub excluded: &'a [TreePath],
    /// The version of CycloneDX.
    pub version: SpecVersion,
    /// The time that the document states.
    pub at: DateTime<Utc>,
    /// Whether training and testing data are compared row by row.
    pub compare_rows: bool,
    /// The tags of the code that are told; all of them where nobody says which.
    pub tags: Option<&'a [&'a str]>,
    /// Where to report progress.
    pub progress: &'a dyn Progress,
}

/// A BOM that fits its schema.
#[derive(Debug)]
pub struct Bill {
    /// The document, indented, with a line feed.
    pub document: Vec<u8>,
    /// What was hashed.
    pub size: Size,
    /// Warnings of hashing and describing.
    pub warnings: Findings,
    /// The tags of the code that are not told.
    pub untold: Vec<String>,
}

/// Makes the BOM of a release.
pub fn bill(job: &BillJob<'_>) -> Result<Bill, CreateError> {
    let inputs = Inputs {
        spec: job.spec,
        excluded: job.excluded,
        progress: job.progress,
        scan: None,
        tensors: false,
        compare_rows: job.compare_rows,
    };
    let mut hashed = hashing::hash(&inputs)?;
    let untold = job.tags.map(|told| hashed.keep_tags(told)).unwrap_or_default();
    let sealed = sealed_model(&hashed.model);
    // A BOM says nothing of the run that made it.
    let invocation = Invocation { builder: String::new(), run: None, workflow: None };
    let facts = hashed.facts(&inputs, invocation, job.at);
    let bom = describe::bom(&facts, &sealed, job.version)?;
    check_bom(&serde_json::to_value(&bom)?, job.version)?;
    let mut document = serde_json::to_vec_pretty(&bom)?;
    document.push(b'\n');
    drop(facts);
    Ok(Bill { document, size: hashed.size(), warnings: hashed.warnings, untold })
}
