//! Whether model signature, BOM and provenance tell one story.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cyclonedx::{Linkage, schema, semantics};
use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::VerifiedStatement;
use crate::file_list::{self, Entry};
use crate::finding::{Code, Finding, Findings};
use crate::intoto::predicate::provenance::BUILD_TYPE;
use crate::intoto::predicate::seal::{Release, SealedModel};
use crate::intoto::predicate::test_result::{MODEL, Purpose};
use crate::intoto::predicate::{Provenance, Seal, TestResult};
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::limits;
use crate::oms::{self, ModelSignature};
use crate::path::TreePath;
use crate::reference::Reference;

mod tensors;

/// What a statement says of data, code and base models.
type References = BTreeMap<Reference, Option<ArtifactDigest>>;

/// Checks that the members of a set agree with each other and with the seal.
pub(super) fn check(members: &[&VerifiedStatement<'_>], seal: &Seal) -> Findings {
    let mut findings = Findings::default();
    let signature = members.iter().find_map(|member| match member.predicate() {
        Predicate::ModelSignature(signature) => Some(signature),
        _ => None,
    });
    let mut story: Option<References> = None;
    let tells = members.iter().any(|member| provenance_of(member).is_some_and(|provenance| !provenance.is_beside()));
    let boms = || members.iter().filter_map(|member| bom_of(member));
    for member in members {
        let told = match member.predicate() {
            Predicate::Bom(bom) => check_bom(member, bom, seal, signature, &mut findings),
            Predicate::Provenance(provenance) if tells && provenance.is_beside() => None,
            Predicate::Provenance(provenance) => Some(check_provenance(member, provenance, seal, &mut findings)),
            Predicate::Tensors(record) => {
                findings.extend(tensors::check(member, record, signature, boms()));
                None
            }
            Predicate::TestResult(test) => {
                findings.extend(check_scan(member, test, seal, signature));
                None
            }
            _ => None,
        };
        match (told, &story) {
            (Some(told), Some(story)) => findings.extend(disagreement(member, story, &told)),
            (told, _) => story = story.or(told),
        }
    }
    findings
}

fn provenance_of<'m>(member: &'m VerifiedStatement<'_>) -> Option<&'m Provenance> {
    match member.predicate() {
        Predicate::Provenance(provenance) => Some(provenance),
        _ => None,
    }
}

fn bom_of<'m>(member: &'m VerifiedStatement<'_>) -> Option<&'m Value> {
    match member.predicate() {
        Predicate::Bom(document) => Some(document),
        _ => None,
    }
}

fn check_bom(
    member: &VerifiedStatement<'_>,
    bom: &Value,
    seal: &Seal,
    signature: Option<&ModelSignature>,
    findings: &mut Findings,
) -> Option<References> {
    let faults = match schema::faults(bom) {
        Ok(faults) if faults.is_empty() => semantics::faults(bom),
        Ok(faults) => faults,
        Err(error) => vec![error.to_string()],
    };
    if let Some(fault) = faults.first() {
        let more = if faults.len() > 1 { format!(" (and {} more)", faults.len() - 1) } else { String::new() };
        let summary = format!("the BOM is not valid CycloneDX 1.6: {fault}{more}");
        findings.push(Finding::deny(Code::BomInvalid, member.origin().place(), summary));
        return None;
    }
    let linkage = Linkage::of(bom);
    let fault = model_fault(&linkage, &seal.model).or_else(|| files_fault(&linkage, &seal.model, signature));
    let fault = fault.or_else(|| release_fault(bom, &seal.release));
    if let Some(summary) = fault.or_else(|| linkage.contradiction.clone()) {
        findings.push(Finding::deny(Code::BomMismatch, member.origin().place(), summary));
    }
    Some(linkage.references)
}

/// The BOM must be of the sealed release: what it is about must have its name, and no other version.
fn release_fault(bom: &Value, release: &Release) -> Option<String> {
    let component = bom.pointer("/metadata/component");
    let text = |key| component.and_then(|component| component.get(key)).and_then(Value::as_str);
    let (name, version) = (text("name").unwrap_or_default(), text("version"));
    if name == release.name.as_str() && version.is_none_or(|version| version == release.version.as_str()) {
        return None;
    }
    Some(format!("the BOM is of {name} {}, and the seal of {release}", version.unwrap_or("without version")))
}

/// The BOM must name the sealed model.
fn model_fault(linkage: &Linkage, sealed: &SealedModel) -> Option<String> {
    let hash = match sealed {
        SealedModel::File { sha256 } => *sha256,
        SealedModel::Tree { oms_root, .. } => *oms_root,
    };
    if linkage.model == Some(sealed.digest()) && linkage.model_hash == Some(hash) {
        return None;
    }
    let found = linkage.model.map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
    Some(format!("the BOM names another model than the seal: {found} instead of {}", sealed.digest()))
}

/// The BOM of a folder must list its files, as far as it has to, and no others.
fn files_fault(linkage: &Linkage, sealed: &SealedModel, signature: Option<&ModelSignature>) -> Option<String> {
    let SealedModel::Tree { file_list, .. } = sealed else { return None };
    let Some(files) = &linkage.files else { return Some("a file component has no path or no SHA-256".to_owned()) };
    let due = signature.is_none_or(|signature| signature.resources.len() <= limits::LISTED_FILES);
    if files.is_empty() && !due || file_list::digest(files) == *file_list {
        return None;
    }
    let by_path = |entries: &[Entry]| -> BTreeMap<TreePath, Digest> {
        let counted = entries.iter().filter(|entry| !oms::IGNORED.contains(&entry.path.top()));
        counted.map(|entry| (entry.path.clone(), entry.digest)).collect()
    };
    let signed = signature.map(|signature| by_path(&signature.resources)).unwrap_or_default();
    Some(first_difference(&by_path(files), &signed))
}

fn first_difference(listed: &BTreeMap<TreePath, Digest>, signed: &BTreeMap<TreePath, Digest>) -> String {
    for (path, digest) in listed {
        match signed.get(path) {
            None => return format!("the BOM lists `{path}`, which is not signed"),
            Some(other) if other != digest => {
                return format!("the BOM has {digest} for `{path}`, and {other} is signed");
            }
            Some(_) => {}
        }
    }
    match signed.keys().find(|path| !listed.contains_key(*path)) {
        Some(path) => format!("the BOM leaves out `{path}`"),
        None => "the file components of the BOM are not the files of the model".to_owned(),
    }
}

fn check_provenance(
    member: &VerifiedStatement<'_>,
    provenance: &Provenance,
    seal: &Seal,
    findings: &mut Findings,
) -> References {
    let definition = &provenance.build_definition;
    if definition.build_type == BUILD_TYPE
        && definition.external_parameters.get("release") != serde_json::to_value(&seal.release).ok().as_ref()
    {
        let summary = format!("the provenance is of another release than the seal, which is of {}", seal.release);
        findings.push(Finding::deny(Code::LineageMismatch, member.origin().place(), summary));
    }
    let listed = || member.listed_files().map(|files| file_list::digest(&files));
    if member.lists_files() && listed() != tree_digest(&seal.model) {
        let summary = "the provenance lists other files than the model has";
        findings.push(Finding::deny(Code::LineageMismatch, member.origin().place(), summary));
    }
    let mut references = References::new();
    for (reference, dependency) in provenance.references() {
        if references.insert(reference.clone(), dependency.artifact_digest()).is_some() {
            let summary = format!("the provenance names `{reference}` twice");
            findings.push(Finding::deny(Code::LineageMismatch, member.origin().place(), summary));
        }
    }
    references
}

/// A scan that names by a digest what it was of must be of the sealed model.
fn check_scan(
    member: &VerifiedStatement<'_>,
    test: &TestResult,
    seal: &Seal,
    signature: Option<&ModelSignature>,
) -> Option<Finding> {
    if test.purpose() != Purpose::Scan {
        return None;
    }
    let other = test.scanned().find(|entry| !is_sealed_model(entry, &seal.model, signature))?;
    let found: Vec<_> = other.digest.iter().map(|(algorithm, hex)| format!("{algorithm}:{hex}")).collect();
    let finding =
        Finding::deny(Code::LineageMismatch, member.origin().place(), "the scan is of other files than the model");
    Some(finding.expected(seal.model.digest().to_string()).found(found.join(", ")))
}

/// Says whether a scan names the sealed model: by its digest and none that nobody here can compare, or, as a scanner of others
/// may, by its root or one of its files.
fn is_sealed_model(entry: &ResourceDescriptor, sealed: &SealedModel, signature: Option<&ModelSignature>) -> bool {
    let known = |algorithm: &String| ["dirHash", "dirHash1", "sha256"].contains(&algorithm.as_str());
    let (digest, root) = (entry.artifact_digest(), sealed.oms_root());
    if digest == Some(sealed.digest()) && entry.digest.keys().all(known) {
        return true;
    }
    let Some(ArtifactDigest::File(of_file)) = digest.filter(|_| entry.name == MODEL) else { return false };
    let mut files = signature.into_iter().flat_map(|signature| &signature.resources);
    root == Some(of_file) || files.any(|file| file.digest == of_file)
}

fn tree_digest(sealed: &SealedModel) -> Option<Digest> {
    match sealed.digest() {
        ArtifactDigest::Tree(digest) => Some(digest),
        ArtifactDigest::File(_) => None,
    }
}

fn disagreement(member: &VerifiedStatement<'_>, story: &References, told: &References) -> Option<Finding> {
    let names = story.keys().chain(told.keys());
    let name = names.into_iter().find(|name| story.get(*name) != told.get(*name))?;
    let shown = |references: &References| match references.get(name) {
        None => "not mentioned".to_owned(),
        Some(None) => "without a digest".to_owned(),
        Some(Some(digest)) => digest.to_string(),
    };
    let summary = format!("BOM and provenance disagree on `{name}`");
    let finding = Finding::deny(Code::LineageMismatch, member.origin().place(), summary);
    Some(finding.expected(shown(story)).found(shown(told)))
}
