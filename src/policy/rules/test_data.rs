//! Testing data must be others than training data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::digest::ArtifactDigest;
use crate::evidence::MatchedStatement;
use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::predicate::provenance::ROLE;
use crate::intoto::{Kind, Predicate, ResourceDescriptor};
use crate::name::Name;
use crate::policy::{Case, Rule};
use crate::reference::Reference;

use self::made_from::{Purpose, mixed};
use self::roles::contradicted;

mod made_from;
mod roles;

/// `true` compares the digests of whole datasets; `"files"` and `"rows"` demand that the builder compared more.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub(super) enum Wanted {
    /// Whole datasets.
    Whole(bool),
    /// What must have been compared.
    Compared(Compared),
}

/// What must have been compared when the release was made.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub(super) enum Compared {
    /// Each file.
    Files,
    /// Each file, and each row of it.
    Rows,
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Words)
    }
}

/// Reads what is wanted: unlike an untagged enum, it says which words there are.
struct Words;

impl de::Visitor<'_> for Words {
    type Value = Wanted;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true`, `\"files\"` or `\"rows\"`")
    }

    fn visit_bool<E: de::Error>(self, whole: bool) -> Result<Wanted, E> {
        Ok(Wanted::Whole(whole))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Wanted, E> {
        match word {
            "files" => Ok(Wanted::Compared(Compared::Files)),
            "rows" => Ok(Wanted::Compared(Compared::Rows)),
            _ => Err(E::unknown_variant(word, &["true", "files", "rows"])),
        }
    }
}

pub(super) struct TestDataDisjoint(Option<Compared>);

pub(super) fn build(wanted: Wanted) -> Result<TestDataDisjoint, String> {
    match wanted {
        Wanted::Whole(true) => Ok(TestDataDisjoint(None)),
        Wanted::Whole(false) => Err("`false` demands nothing: leave the key out".to_owned()),
        Wanted::Compared(compared) => Ok(TestDataDisjoint(Some(compared))),
    }
}

impl Compared {
    fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Rows => "rows",
        }
    }

    /// Says whether a dataset is recorded as disjoint from another in this way, or a stricter one.
    fn is_recorded(self, dependency: &ResourceDescriptor, other: &Name) -> bool {
        let recorded = dependency.annotations.get("assaymark_disjoint").and_then(|others| others.get(other.as_str()));
        match recorded.and_then(Value::as_str) {
            Some("rows") => true,
            Some("files") => self == Self::Files,
            _ => false,
        }
    }
}

/// The roles of data from which a model learns, in some way.
const LEARNT: [&str; 3] = ["training", "validation", "calibration"];

/// The role of data from which no model may learn.
const TESTING: &str = "testing";

fn role(dependency: &ResourceDescriptor) -> Option<&str> {
    dependency.annotations.get(ROLE)?.as_str()
}

const HELP: &str = "the builder must evaluate on data that the model never saw, and record the role of every dataset";

fn finding(name: &Name, summary: String) -> Finding {
    Finding::deny(Code::TestDataInTraining, Place::Tree(Tree::Dataset(name.clone())), summary).help(HELP)
}

impl TestDataDisjoint {
    /// Finds the datasets with which a testing dataset was not compared as demanded.
    fn unrecorded(&self, name: &Name, dependency: &ResourceDescriptor, others: &[Name]) -> Vec<Finding> {
        let Some(compared) = self.0 else { return Vec::new() };
        let missing = others.iter().filter(|other| !compared.is_recorded(dependency, other));
        let finding = |other: &Name| {
            let word = compared.as_str();
            let summary =
                format!("it is not recorded that the {word} of `{name}` were compared with those of `{other}`");
            let place = Place::Tree(Tree::Dataset(name.clone()));
            Finding::deny(Code::TestDataInTraining, place, summary)
                .help("the builder must make the release with both at hand, for rows with `bundle create --rows`")
        };
        missing.map(finding).collect()
    }
}

impl Rule for TestDataDisjoint {
    fn name(&self) -> &'static str {
        "test-data-disjoint"
    }

    fn demand(&self) -> String {
        let demand = "every dataset has one role, and no testing dataset has the digest of a training, validation or calibration \
                      dataset, of base models as well, or was made from one, or one from it";
        self.0.map_or_else(
            || demand.to_owned(),
            |compared| format!("{demand}, nor any of their {}, by the word of the builder", compared.as_str()),
        )
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::TestDataInTraining]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance, Kind::Bom, Kind::TestResult]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let unknown = |line: &MatchedStatement<'_>, base: &str| {
            let summary =
                format!("nobody says here from which data `{base}` was made: it came without a release bundle");
            let finding = Finding::deny(Code::TestDataInTraining, line.origin().place(), summary);
            finding.help("the builder must start from a base model that has a release bundle, and make a new release")
        };
        let mut findings: Vec<Finding> = case.unrecorded_bases().map(|(line, base)| unknown(line, base)).collect();
        for line in case.evidence.members() {
            let Predicate::Provenance(provenance) = line.predicate() else { continue };
            // What a base model learnt, the model knows as well.
            let of_bases = provenance.inherited_datasets().filter(|(_, found)| role(found) != Some(TESTING));
            let mut learnt: BTreeMap<ArtifactDigest, String> = of_bases
                .filter_map(|(inherited, found)| Some((found.artifact_digest()?, inherited.to_string())))
                .collect();
            findings.extend(provenance.unknown_bases().map(|base| unknown(line, base)));
            findings.extend(contradicted(case, provenance));
            let mut tested: Vec<(Name, &ResourceDescriptor)> = Vec::new();
            let mut others: Vec<Name> = Vec::new();
            for (reference, dependency) in provenance.references() {
                let Reference::Dataset(name) = reference else { continue };
                let digest = dependency.artifact_digest();
                match role(dependency) {
                    Some(TESTING) => tested.push((name, dependency)),
                    Some(role) if LEARNT.contains(&role) => {
                        others.push(name.clone());
                        learnt.extend(digest.map(|digest| (digest, name.to_string())));
                    }
                    _ => findings.push(finding(&name, format!("the dataset `{name}` has no role that is known"))),
                }
            }
            if tested.is_empty() {
                let summary = "the provenance names no testing dataset";
                findings.push(Finding::deny(Code::TestDataInTraining, line.origin().place(), summary));
            }
            let digests = tested.iter().filter_map(|(_, dependency)| dependency.artifact_digest());
            let testing = Purpose {
                names: tested.iter().map(|(name, _)| name.clone()).collect(),
                digests: digests.map(|digest| digest.without_kind()).collect(),
                ..Purpose::default()
            };
            let digests = learnt.keys().map(ArtifactDigest::without_kind).collect();
            let learning = Purpose { names: others.iter().cloned().collect(), digests, ..Purpose::default() };
            findings.extend(mixed(case, &testing, &learning));
            for (name, dependency) in tested {
                findings.extend(self.unrecorded(&name, dependency, &others));
                let digest = dependency.artifact_digest();
                if let Some(other) = digest.and_then(|digest| learnt.get(&digest)) {
                    let summary = format!("the model learnt from its testing data: `{name}` is `{other}`");
                    findings.push(finding(&name, summary));
                }
            }
        }
        findings
    }
}
