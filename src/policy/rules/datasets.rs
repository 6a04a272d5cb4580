//! Datasets that are allowed or denied, by name or digest.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::digest::{ArtifactDigest, Digest};
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::Kind;
use crate::intoto::predicate::Provenance;
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::licence::{self, Data};
use crate::name::Name;
use crate::policy::refusal::Refusal;
use crate::policy::{Bound, Case, Rule, Values};
use crate::reference::{Inherited, Reference};

use self::named::Named;

mod named;

/// Datasets, each by its name in the release, or by `sha256:…` or `tree:sha256:…`; at least one of the two.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Datasets"))]
pub(super) struct Table {
    /// No other dataset may be used.
    allow: BTreeSet<String>,
    /// Datasets that may not be used, such as one that was withdrawn.
    deny: BTreeSet<String>,
}

pub(super) struct Datasets(Table);

pub(super) fn build(table: Table) -> Result<Datasets, Refusal> {
    if table.allow.is_empty() && table.deny.is_empty() {
        return Err("it neither allows nor denies a dataset".into());
    }
    // A name may be written so, and no dataset is meant by it.
    if let Some(word) = table.allow.union(&table.deny).find(|word| word.parse::<Digest>().is_ok()) {
        let refusal = Refusal::from(format!("`{word}` is a digest of which nobody knows the kind"));
        return Err(refusal.hint("write `sha256:` in front of the digest of a file, `tree:sha256:` of a folder"));
    }
    let fits = |word: &str| word.parse::<ArtifactDigest>().is_ok() || word.parse::<Name>().is_ok();
    if let Some(word) = table.allow.union(&table.deny).find(|word| !fits(word)) {
        return Err(format!("`{word}` is neither the name nor the digest of a dataset").into());
    }
    match table.allow.intersection(&table.deny).next() {
        Some(both) => Err(format!("`{both}` is allowed and denied").into()),
        None => Ok(Datasets(table)),
    }
}

/// What bounds are about: datasets by their names, by their digests, or some by the one and some by the other. A dataset
/// that is allowed by its digest may have any name.
const NAMES: &str = "datasets";
const DIGESTS: &str = "datasets by digest";
const EITHER: &str = "datasets by name or digest";

/// Says how datasets are written.
fn written(words: &BTreeSet<String>) -> &'static str {
    match words.iter().filter(|word| word.parse::<Name>().is_ok()).count() {
        0 => DIGESTS,
        names if names == words.len() => NAMES,
        _ => EITHER,
    }
}

/// Says that a rule can be met only by a release that has a dataset.
pub(super) fn needed(name: &Name, words: String) -> Bound {
    Bound { of: NAMES.to_owned(), part: None, values: Values::Having(name.to_string()), words }
}

impl Datasets {
    fn denies(&self, name: &Name, dependency: &ResourceDescriptor) -> bool {
        let digest = dependency.artifact_digest().map(|digest| digest.to_string());
        let named = |set: &BTreeSet<String>| {
            set.contains(name.as_str()) || digest.as_ref().is_some_and(|digest| set.contains(digest))
        };
        named(&self.0.deny) || !self.0.allow.is_empty() && !named(&self.0.allow)
    }

    /// Says whether a dataset of a base model may not be used. Its name is that of another release: enough to deny it, and
    /// not to allow it.
    fn denies_inherited(&self, inherited: &Inherited, dependency: &ResourceDescriptor) -> bool {
        let digest = dependency.artifact_digest().map(|digest| digest.to_string());
        let by_digest = |set: &BTreeSet<String>| digest.as_ref().is_some_and(|digest| set.contains(digest));
        let by_name = matches!(&inherited.part, Reference::Dataset(name) if self.0.deny.contains(name.as_str()));
        by_name || by_digest(&self.0.deny) || !self.0.allow.is_empty() && !by_digest(&self.0.allow)
    }

    /// Judges the data from which the base models were made; of one without evidence nobody knows them.
    fn judge_bases(&self, place: &Place, provenance: &Provenance) -> Vec<Finding> {
        let denied =
            provenance.inherited_datasets().filter(|(inherited, found)| self.denies_inherited(inherited, found));
        let denied = denied.map(|(inherited, found)| {
            let digest = found.artifact_digest().map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
            (format!("the dataset `{inherited}` of a base model may not be used"), digest)
        });
        let denied = denied.map(|(summary, found)| self.of_base(place.clone(), summary, found));
        denied.chain(provenance.unknown_bases().map(|base| self.unknown_base(place.clone(), base))).collect()
    }

    /// Says whether data that a BOM alone names may not be used. Whoever made it chose the name of what is no dataset of the release: enough
    /// to deny it, and not to allow it. What stands in a dataset is allowed with it.
    fn denies_data(&self, data: &Data<'_>) -> bool {
        let Table { allow, deny } = &self.0;
        let known = |set: &BTreeSet<String>| {
            has_digest(set, &data.digests) || data.dataset.as_ref().is_some_and(|name| set.contains(name.as_str()))
        };
        deny.contains(data.name) || known(deny) || data.is_source && !allow.is_empty() && !known(allow)
    }

    /// Says whether what a provenance names, and does not call a dataset of the release, may not be used. It is denied by its name or any of its
    /// digests; what says that it is a dataset is allowed by its digest alone.
    fn denies_named(&self, named: &Named) -> bool {
        let Table { allow, deny } = &self.0;
        let known = |set| has_digest(set, &named.digests);
        let may_be_data = named.is_dataset || named.name.parse::<Reference>().is_err();
        may_be_data && deny.contains(&named.name)
            || known(deny)
            || named.is_dataset && !allow.is_empty() && !known(allow)
    }

    fn judge_named(&self, place: &Place, provenance: &Provenance) -> Vec<Finding> {
        let denied = Named::all(provenance).filter(|named| self.denies_named(named));
        let denied = denied.map(|named| {
            let summary = format!("`{}`, which the provenance names, may not be used", named.name);
            self.of_data(place.clone(), summary, &named.digests)
        });
        denied.collect()
    }

    /// Judges the data that BOMs name and no provenance does: what datasets and the code were made with, or have in them.
    fn judge_documents(&self, case: &Case<'_>) -> Vec<Finding> {
        let recorded = recorded(case);
        let is_recorded = |data: &Data<'_>| data.dataset.as_ref().is_some_and(|name| recorded.contains(name));
        let mut findings = Vec::new();
        for (line, document) in case.boms() {
            let others = licence::data(document).into_iter().filter(|data| !is_recorded(data));
            let denied = others.filter(|data| self.denies_data(data));
            findings.extend(denied.map(|data| self.of_document(line.origin().place(), &data)));
        }
        findings
    }

    /// Denies a provenance that names no data, where only some data may be used: of which ones nobody says.
    fn nothing(&self, place: Place, provenance: &Provenance) -> Option<Finding> {
        let names = provenance.references().any(|(part, _)| matches!(part, Reference::Dataset(_)));
        let finding = Finding::deny(Code::DatasetDenied, place, "the provenance names no dataset");
        let finding = finding.expected(self.demand()).found("nobody says from which data the model was made");
        let denied = !names && !self.0.allow.is_empty();
        denied.then(|| {
            finding
                .help("the builder must record the data, as `[[dataset]]` in the release file, and make a new release")
        })
    }

    fn of_document(&self, place: Place, data: &Data<'_>) -> Finding {
        let summary = format!("the data `{}`, which the BOM alone names, may not be used", data.name);
        self.of_data(place, summary, &data.digests)
    }

    fn of_data(&self, place: Place, summary: String, digests: &BTreeSet<Digest>) -> Finding {
        let digests: Vec<_> = digests.iter().map(ToString::to_string).collect();
        let found = if digests.is_empty() { "no digest".to_owned() } else { digests.join(", ") };
        let finding = Finding::deny(Code::DatasetDenied, place, summary).expected(self.demand()).found(found);
        finding.help("the builder must train without it and make a new release")
    }

    fn unknown_base(&self, place: Place, base: &str) -> Finding {
        let summary = format!("nobody says here from which data `{base}` was made");
        self.of_base(place, summary, "it came without a release bundle".to_owned())
    }

    fn of_base(&self, place: Place, summary: String, found: String) -> Finding {
        let finding = Finding::deny(Code::DatasetDenied, place, summary).expected(self.demand()).found(found);
        finding.help(
            "the builder must start from a base model whose release bundle names other data, and make a new release",
        )
    }
}

/// Returns the names of the datasets that provenances name, which are judged there.
fn recorded(case: &Case<'_>) -> BTreeSet<Name> {
    let references = case.evidence.provenances().flat_map(Provenance::references);
    let names = references.filter_map(|(reference, _)| match reference {
        Reference::Dataset(name) => Some(name),
        Reference::Base(_) | Reference::Code => None,
    });
    names.collect()
}

/// Says whether words name one of some digests: nobody knows of what these are.
fn has_digest(words: &BTreeSet<String>, digests: &BTreeSet<Digest>) -> bool {
    let mut named = words.iter().filter_map(|word| word.parse::<ArtifactDigest>().ok());
    named.any(|digest| digests.contains(&digest.without_kind()))
}

impl Rule for Datasets {
    fn name(&self) -> &'static str {
        "datasets"
    }

    fn demand(&self) -> String {
        let joined = |set: &BTreeSet<String>| set.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match (self.0.allow.is_empty(), self.0.deny.is_empty()) {
            (true, _) => {
                format!("no dataset is one of {}, and none of a base model or behind a dataset", joined(&self.0.deny))
            }
            (_, true) => {
                format!(
                    "every dataset is one of {}, and so is each of a base model or behind a dataset",
                    joined(&self.0.allow)
                )
            }
            _ => format!(
                "every dataset is one of {}, and none of {}, and so is each of a base model or behind a dataset",
                joined(&self.0.allow),
                joined(&self.0.deny)
            ),
        }
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::DatasetDenied]
    }

    fn bounds(&self) -> Vec<Bound> {
        let Table { allow, deny } = &self.0;
        let bound = |of: &str, values| Bound { of: of.to_owned(), part: None, values, words: self.demand() };
        let only = (!allow.is_empty()).then(|| bound(written(allow), Values::Only(allow.clone())));
        let without = [NAMES, DIGESTS, EITHER].map(|of| bound(of, Values::Without(deny.clone())));
        only.into_iter().chain(without).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance, Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let unrecorded = case.unrecorded_bases();
        let mut findings: Vec<_> =
            unrecorded.map(|(line, base)| self.unknown_base(line.origin().place(), base)).collect();
        findings.extend(self.judge_documents(case));
        findings
            .extend(case.trainings().filter_map(|(line, provenance)| self.nothing(line.origin().place(), provenance)));
        for line in case.evidence.members() {
            let Predicate::Provenance(provenance) = line.predicate() else { continue };
            for (reference, dependency) in provenance.references() {
                let Reference::Dataset(name) = reference else { continue };
                if self.denies(&name, dependency) {
                    let digest = dependency.artifact_digest().map_or_else(String::new, |digest| format!(" {digest}"));
                    let found = format!("{name}{digest}");
                    let summary = format!("the dataset `{name}` may not be used");
                    let place = Place::Tree(Tree::Dataset(name));
                    findings.push(
                        Finding::deny(Code::DatasetDenied, place, summary)
                            .expected(self.demand())
                            .found(found)
                            .help("the builder must train without it and make a new release"),
                    );
                }
            }
            findings.extend(self.judge_named(&line.origin().place(), provenance));
            findings.extend(self.judge_bases(&line.origin().place(), provenance));
        }
        findings
    }
}
