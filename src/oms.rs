//! OpenSSF Model Signing v1.0 (ossf/model-signing-spec `spec/v1.0.md`): the predicate that lists every
//! model file.
//!
//! We write files with SHA-256 in the order of the specification (§5.2.1), and read any order. We are
//! stricter than the reference: no duplicate names, no other digests, no signer-chosen exemptions. Model
//! signatures that others made, outside of a release bundle, are a [`Manifest`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use crate::digest::{Digest, Hasher};
use crate::file_list::Entry;

pub use hash_type::HashType;
pub use manifest::{Item, Manifest, ManifestError, TYPE_0_2};
pub use writing::{payload, payload_of_dot};

mod hash_type;
mod manifest;
mod writing;

/// The predicate type.
pub const TYPE: &str = "https://model_signing/signature/v1.0";

/// The top-level names that the specification (§6.1) leaves out, and no others.
pub const IGNORED: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// The files of a model with their digests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PredicateJson")]
pub struct ModelSignature {
    /// The files, sorted by path.
    pub resources: Vec<Entry>,
    /// The root digest over the files in the order in which they were listed (§6.5.1).
    pub root: Digest,
    /// What the signer left out.
    pub ignored: BTreeSet<String>,
}

impl ModelSignature {
    /// Lists the files of a tree, which must be sorted by path, without the [`IGNORED`] names.
    pub fn of_tree<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let signed = |entry: &&Entry| !IGNORED.contains(&entry.path.top());
        let resources: Vec<Entry> = entries.into_iter().filter(signed).cloned().collect();
        let ignored = IGNORED.map(str::to_owned).into();
        Self { root: root(&resources), resources, ignored }
    }

    /// Returns the root digest over the files in the specification's order, however they were listed.
    pub fn canonical_root(&self) -> Digest {
        root(&self.resources)
    }

    /// Says whether the signer left out exactly what the specification leaves out.
    pub fn ignores_git_names_only(&self) -> bool {
        self.ignored.iter().map(String::as_str).eq(IGNORED)
    }
}

/// Digests the concatenated digests of `entries` (§6.5.1). Names are not bound by it.
pub fn root<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Digest {
    let mut hasher = Hasher::new();
    for entry in entries {
        hasher.update(entry.digest.as_bytes());
    }
    hasher.finish()
}

/// Digests the concatenated digests in the order in which the reference implementation lists files, which is that
/// of their components: `a/b` before `a.txt`, where the specification's order (§5.2.1) has it behind.
pub fn root_by_component(entries: &[Entry]) -> Digest {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by(|one, other| one.path.split('/').cmp(other.path.split('/')));
    root(entries)
}

/// Why a predicate is not a model signature that we accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OmsError {
    /// A name stands twice.
    #[error("`{0}` is listed twice")]
    Duplicate(String),
    /// No file is listed.
    #[error("it lists no file")]
    Empty,
    /// The files were hashed in a way that we don't accept.
    #[error("expected whole files hashed with sha256 and links refused")]
    Serialization,
}

#[derive(Deserialize, Serialize)]
struct PredicateJson {
    serialization: SerializationJson,
    resources: Vec<ResourceJson>,
}

#[derive(Deserialize, Serialize)]
struct SerializationJson {
    method: String,
    hash_type: String,
    allow_symlinks: bool,
    #[serde(default)]
    ignore_paths: BTreeSet<String>,
}

#[derive(Deserialize, Serialize)]
struct ResourceJson {
    name: crate::path::TreePath,
    algorithm: Algorithm,
    digest: Digest,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Algorithm {
    Sha256,
}

impl TryFrom<PredicateJson> for ModelSignature {
    type Error = OmsError;

    fn try_from(json: PredicateJson) -> Result<Self, OmsError> {
        let how = json.serialization;
        if how.method != "files" || how.hash_type != "sha256" || how.allow_symlinks {
            return Err(OmsError::Serialization);
        }
        let entry = |resource: ResourceJson| Entry { path: resource.name, digest: resource.digest };
        let mut resources: Vec<Entry> = json.resources.into_iter().map(entry).collect();
        if resources.is_empty() {
            return Err(OmsError::Empty);
        }
        let root = root(&resources);
        resources.sort_unstable();
        let mut pairs = resources.iter().zip(resources.iter().skip(1));
        if let Some((twice, _)) = pairs.find(|(one, next)| one.path == next.path) {
            return Err(OmsError::Duplicate(twice.path.to_string()));
        }
        Ok(Self { resources, root, ignored: how.ignore_paths })
    }
}

impl Serialize for ModelSignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Writes the entries one by one, since there may be 100,000 of them.
        struct Resources<'e>(&'e [Entry]);

        impl Serialize for Resources<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(|entry| ResourceJson {
                    name: entry.path.clone(),
                    algorithm: Algorithm::Sha256,
                    digest: entry.digest,
                }))
            }
        }

        #[derive(Serialize)]
        struct PredicateOut<'e> {
            serialization: SerializationJson,
            resources: Resources<'e>,
        }

        let serialization = SerializationJson {
            method: "files".into(),
            hash_type: "sha256".into(),
            allow_symlinks: false,
            ignore_paths: self.ignored.clone(),
        };
        PredicateOut { serialization, resources: Resources(&self.resources) }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::path::TreePath;

    fn entry(path: &str) -> Entry {
        Entry { path: TreePath::new(path).unwrap(), digest: Digest::of(path.as_bytes()) }
    }

    fn good() -> Value {
        serde_json::to_value(ModelSignature::of_tree(&[entry("a"), entry("b")])).unwrap()
    }

    fn refused(pointer: &str, value: Value) -> String {
        let mut json = good();
        *json.pointer_mut(pointer).unwrap() = value;
        serde_json::from_value::<ModelSignature>(json).unwrap_err().to_string()
    }

    #[test]
    fn git_names_at_the_top_are_left_out() {
        let entries = [".gitattributes", ".github/x", ".gitignore", ".gitmodules", "a", "b/.gitignore"].map(entry);
        let names: Vec<_> =
            ModelSignature::of_tree(&entries).resources.iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(names, [".gitmodules", "a", "b/.gitignore"]);
    }

    #[test]
    fn a_predicate_reads_as_it_was_written() {
        let signature: ModelSignature = serde_json::from_value(good()).unwrap();
        assert_eq!(signature, ModelSignature::of_tree(&[entry("a"), entry("b")]));
        assert!(signature.ignores_git_names_only());
    }

    #[test]
    fn any_order_is_read_and_the_root_is_that_of_the_listed_order() {
        let mut json = good();
        json["resources"].as_array_mut().unwrap().reverse();
        let signature: ModelSignature = serde_json::from_value(json).unwrap();
        assert_eq!(signature.root, root(&[entry("b"), entry("a")]));
        assert_eq!(signature.canonical_root(), root(&[entry("a"), entry("b")]));
    }

    #[test]
    fn what_the_reference_lets_through_is_refused() {
        assert!(refused("/resources/1/name", json!("a")).contains("twice"));
        assert!(refused("/resources", json!([])).contains("no file"));
        assert!(refused("/resources/0/name", json!("../a")).contains("unsafe path"));
        assert!(refused("/resources/0/digest", json!("E3")).contains("64 lowercase"));
        assert!(refused("/resources/0/algorithm", json!("md5")).contains("md5"));
        assert!(refused("/serialization/allow_symlinks", json!(true)).contains("links refused"));
        assert!(refused("/serialization/hash_type", json!("blake3")).contains("sha256"));
        assert!(refused("/serialization/method", json!("shards")).contains("whole files"));
    }

    #[test]
    fn exemptions_chosen_by_the_signer_are_seen() {
        let mut json = good();
        json["serialization"]["ignore_paths"] = json!([".git", "logs"]);
        assert!(!serde_json::from_value::<ModelSignature>(json).unwrap().ignores_git_names_only());
    }
}
