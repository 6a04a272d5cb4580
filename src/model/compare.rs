//! Comparing what was signed with what is there.

use crate::digest::{ArtifactDigest, Digest};
use crate::failure::Failure;
use crate::file_list::Entry;
use crate::finding::{Code, Finding, Place, Tree};
use crate::inventory::{self, Difference, Inventory, Taken};
use crate::model::ModelRequest;
use crate::model::measure::Found;
use crate::model::report::ModelReport;
use crate::oms::{Item, Manifest};
use crate::verify::{Recorder, difference_finding};

/// Compares, and counts the files that somebody signed apart from those that nobody did.
pub(super) fn compare(
    request: &ModelRequest<'_>,
    manifest: Manifest,
    taken: &Taken,
    found: Option<Found>,
    report: &mut ModelReport,
) {
    let Some(inventory) = &taken.inventory else { return };
    report.scope.hashed = Some(inventory.summary().into());
    let single = matches!(inventory.digest(), ArtifactDigest::File(_));
    let Some(manifest) = fit(manifest, inventory, single, report) else { return };
    let signer = report.signer.as_ref().map(|signer| signer.raw().to_owned()).unwrap_or_default();
    let recorder = Recorder::new(format!("signed by {signer}"));
    match found {
        None => compare_files(request, manifest, inventory, &recorder, report),
        Some(found) => compare_parts(request, &manifest, &found, inventory, &recorder, report),
    }
    report.compared = Some(inventory.entries().len().saturating_sub(report.unsigned));
}

/// Gives the one item of a single file its name on disk. A file is no folder, and the reverse.
fn fit(manifest: Manifest, inventory: &Inventory, single: bool, report: &mut ModelReport) -> Option<Manifest> {
    let place = Place::Tree(Tree::Model);
    if !single {
        if !manifest.is_single() {
            return Some(manifest);
        }
        let finding = Finding::deny(Code::DigestKind, place, "the signature is of a single file, and this is a folder");
        report.findings.push(finding.help("name the file itself"));
        return None;
    }
    let name = inventory.entries().first().map(|entry| entry.path.clone());
    let names: std::collections::BTreeSet<_> = manifest.items.keys().map(|item| &item.path).collect();
    if manifest.is_single() || (names.len() == 1 && names.contains(&name)) {
        let items = manifest.items.into_iter().map(|(item, digest)| (Item { path: name.clone(), ..item }, digest));
        return Some(Manifest { items: items.collect(), ..manifest });
    }
    let expected = manifest.items.keys().filter_map(|item| item.path.as_deref()).take(3).collect::<Vec<_>>().join(", ");
    let finding = Finding::deny(Code::SubjectMismatch, place, "the signature is of other files than this one");
    report.findings.push(finding.expected(expected).found(name.map(|name| name.to_string()).unwrap_or_default()));
    None
}

/// Compares whole files by SHA-256, so that renamed and swapped ones are named as such.
fn compare_files(
    request: &ModelRequest<'_>,
    manifest: Manifest,
    inventory: &Inventory,
    recorder: &Recorder,
    report: &mut ModelReport,
) {
    let entry = |(item, digest): (Item, Vec<u8>)| {
        let digest = data_encoding::HEXLOWER.encode(&digest).parse().ok()?;
        Some(Entry { path: item.path?, digest })
    };
    let signed: Vec<Entry> = manifest.items.into_iter().filter_map(entry).collect();
    inventory::compare(signed, inventory.entries(), |difference| match difference {
        Difference::Extra(entry) => extra(request, entry, recorder, report),
        other => report.findings.push(difference_finding(&Tree::Model, other, recorder)),
    });
}

/// Says of a file that nobody signed it, whether or not the caller puts up with it.
fn extra(request: &ModelRequest<'_>, entry: Entry, recorder: &Recorder, report: &mut ModelReport) {
    report.unsigned += 1;
    if !request.allow_unsigned_files {
        report.findings.push(difference_finding(&Tree::Model, Difference::Extra(entry), recorder));
        return;
    }
    let summary = format!("`{}` is there, nobody signed it, and `--ignore-unsigned-files` lets it stay", entry.path);
    let finding = Finding::warn(Code::FileExtra, Place::file(&Tree::Model, entry.path.as_str()), summary);
    report.findings.push(finding.found(format!("sha256:{}", entry.digest)));
}

/// Compares digests of other algorithms, and shards.
fn compare_parts(
    request: &ModelRequest<'_>,
    manifest: &Manifest,
    found: &Found,
    inventory: &Inventory,
    recorder: &Recorder,
    report: &mut ModelReport,
) {
    let hex = |digest: &[u8]| format!("{}:{}", manifest.hash, data_encoding::HEXLOWER.encode(digest));
    let place = |path: &str| Place::file(&Tree::Model, path);
    for (path, error) in &found.failed {
        report.failures.push(Failure::new(place(path), format!("`{path}` can't be read: {error}")));
    }
    for (item, digest) in &found.changed {
        let path = item.path.as_deref().unwrap_or(".");
        let bytes = item.range.map(|(start, end)| format!(", bytes {start} to {end},")).unwrap_or_default();
        let summary = format!("`{path}`{bytes} is not what was signed");
        let finding = Finding::deny(Code::FileChanged, place(path), summary).found(hex(digest));
        let signed = manifest.items.get(item).map(|digest| hex(digest));
        report.findings.push(finding.expected(recorder.with(&signed.unwrap_or_default())));
    }
    for (path, signed, length) in &found.resized {
        let finding = Finding::deny(Code::FileChanged, place(path), format!("`{path}` is not as long as was signed"));
        let finding = finding.expected(recorder.with(&format!("{signed} bytes")));
        report.findings.push(finding.found(format!("{length} bytes")));
    }
    let mut missing = None;
    for path in manifest.items.keys().filter_map(|item| item.path.as_ref()) {
        if !found.seen.contains(path) && missing.replace(path) != Some(path) {
            let summary = format!("`{path}` was signed, and is not there");
            let finding = Finding::deny(Code::FileMissing, place(path), summary);
            report.findings.push(finding.help("get the file from its publisher"));
        }
    }
    for entry in inventory.entries().iter().filter(|entry| !found.seen.contains(&entry.path)) {
        if manifest.shard.is_some() && entry.digest == Digest::of(b"") {
            report.unsigned += 1;
            let summary = format!("`{}` is empty, and signatures of shards don't cover empty files", entry.path);
            report.findings.push(Finding::warn(Code::FileExtra, place(&entry.path), summary));
        } else {
            extra(request, entry.clone(), recorder, report);
        }
    }
}
