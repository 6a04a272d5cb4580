//! Model signatures of others: every form that `model_signing` wrote since 0.2.0, read strictly.
//!
//! Release bundles hold one form alone ([`crate::oms::ModelSignature`]). Here are shards, other algorithms,
//! files in any order, the name `.` of a single file, and the predicate of version 0.2.0.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::digest::{Digest, Hasher};
use crate::json::{self, JsonError};
use crate::limits;
use crate::oms::hash_type::HashType;
use crate::path::TreePath;

/// The predicate type of version 0.2.0, which lists files as subjects.
pub const TYPE_0_2: &str = "https://model_signing/Digests/v0.1";
/// How predicate types of the first major version begin; a minor version only adds fields.
const TYPE_1: &str = "https://model_signing/signature/v1.";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The name of a model that is a single file, as the reference writes it.
const DOT: &str = ".";

/// A part of a model that has a digest: a file, or a range of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Where the file is; none where the model is a single file that is named `.`.
    pub path: Option<TreePath>,
    /// The first byte and the one behind the last, where files are cut into shards.
    pub range: Option<(u64, u64)>,
}

/// What a signer says of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// How the signer calls the model; informational.
    pub name: String,
    /// The algorithm of the digests.
    pub hash: HashType,
    /// The bytes of a shard, where files are cut into shards.
    pub shard: Option<u64>,
    /// What the signer left out.
    pub ignored: Vec<TreePath>,
    /// The digests.
    pub items: BTreeMap<Item, Vec<u8>>,
    /// Whether it is in the form of version 0.2.0.
    pub is_of_0_2: bool,
}

/// Why a payload is not a model signature that we accept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The payload is JSON, but says something that can't be.
    #[error("{0}")]
    Form(String),
    /// The payload is not JSON, or not of the expected shape.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It lists more shards than we compare.
    #[error("it lists more than {} shards", limits::MODEL_SHARDS)]
    Limit,
    /// The digest of the whole is not that of the parts.
    #[error("the root digest {stated} is not that of the listed digests, {computed}")]
    Root {
        /// What the subject says.
        stated: String,
        /// What follows from the list.
        computed: Digest,
    },
    /// The statement is of another type.
    #[error("its {what} is `{found}`, so it is no model signature")]
    Type {
        /// `_type` or `predicateType`.
        what: &'static str,
        /// What stands there.
        found: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson<'a> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<SubjectJson>,
    predicate_type: String,
    #[serde(borrow)]
    predicate: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct SubjectJson {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct PredicateJson {
    serialization: SerializationJson,
    resources: Vec<ResourceJson>,
}

#[derive(Deserialize)]
struct SerializationJson {
    method: String,
    hash_type: String,
    shard_size: Option<serde_json::Number>,
    /// Links are refused on disk, so that nothing is left that this could change.
    #[serde(rename = "allow_symlinks")]
    _allow_symlinks: bool,
    #[serde(default)]
    ignore_paths: Vec<String>,
}

#[derive(Deserialize)]
struct ResourceJson {
    name: String,
    algorithm: String,
    digest: String,
}

fn form<T>(message: impl Into<String>) -> Result<T, ManifestError> {
    Err(ManifestError::Form(message.into()))
}

impl Manifest {
    /// Reads the payload of an envelope.
    pub fn parse(payload: &[u8]) -> Result<Self, ManifestError> {
        let json: StatementJson<'_> = json::parse(payload)?;
        if json.kind != STATEMENT {
            return Err(ManifestError::Type { what: "`_type`", found: json.kind });
        }
        if json.predicate_type == TYPE_0_2 {
            return Self::of_subjects(json.subject);
        }
        let minor = json.predicate_type.strip_prefix(TYPE_1);
        if !minor.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(ManifestError::Type { what: "`predicateType`", found: json.predicate_type });
        }
        let Some(predicate) = json.predicate else { return form("it has no predicate") };
        let predicate: PredicateJson =
            json::parse_checked(predicate.get()).map_err(|error| ManifestError::Form(error.to_string()))?;
        Self::of_predicate(json.subject, predicate)
    }

    /// Version 0.2.0: each file is a subject, and there is no root.
    fn of_subjects(subjects: Vec<SubjectJson>) -> Result<Self, ManifestError> {
        let mut manifest = Self {
            name: String::new(),
            hash: HashType::Sha256,
            shard: None,
            ignored: Vec::new(),
            items: BTreeMap::new(),
            is_of_0_2: true,
        };
        for subject in subjects {
            let digest = match subject.digest.get("sha256") {
                Some(digest) if subject.digest.len() == 1 => digest,
                _ => return form(format!("`{}` must have a `sha256` digest and no other", subject.name)),
            };
            manifest.add(&subject.name, digest)?;
        }
        manifest.checked()
    }

    fn of_predicate(subjects: Vec<SubjectJson>, predicate: PredicateJson) -> Result<Self, ManifestError> {
        let how = predicate.serialization;
        let shard = match (how.method.as_str(), how.shard_size) {
            ("files", None) => None,
            ("shards", Some(size)) => Some(positive(&size)?),
            (method, _) => {
                return form(format!("files can't be listed by the method `{method}`, or it lacks its size"));
            }
        };
        let Some(hash) = hash_of(&how.hash_type, shard) else {
            return form(format!("`{}` is no algorithm of model signatures", how.hash_type));
        };
        if shard.is_some() && predicate.resources.len() > limits::MODEL_SHARDS {
            return Err(ManifestError::Limit);
        }
        let [subject] = <[SubjectJson; 1]>::try_from(subjects)
            .map_err(|all| ManifestError::Form(format!("expected one subject, found {}", all.len())))?;
        let ignored = how.ignore_paths.iter().map(|path| ignored(path)).collect::<Result<_, _>>()?;
        let mut manifest = Self { name: subject.name, hash, shard, ignored, items: BTreeMap::new(), is_of_0_2: false };
        let mut hasher = Hasher::new();
        for resource in &predicate.resources {
            manifest.check_algorithm(resource)?;
            hasher.update(&manifest.add(&resource.name, &resource.digest)?);
        }
        let computed = hasher.finish();
        let stated = subject.digest.get("sha256").cloned().unwrap_or_default();
        if subject.digest.len() != 1 || stated != computed.to_string() {
            return Err(ManifestError::Root { stated, computed });
        }
        manifest.checked()
    }

    fn check_algorithm(&self, resource: &ResourceJson) -> Result<(), ManifestError> {
        let name = resource.algorithm.as_str();
        if hash_of(name, self.shard) == Some(self.hash) {
            return Ok(());
        }
        form(format!("`{}` is hashed with `{name}`, where the whole says `{}`", resource.name, self.hash))
    }

    fn add(&mut self, name: &str, digest: &str) -> Result<Vec<u8>, ManifestError> {
        let item = self.item(name)?;
        let bytes = HEXLOWER.decode(digest.as_bytes()).ok().filter(|bytes| bytes.len() == self.hash.length());
        let Some(bytes) = bytes else {
            return form(format!("the digest of `{name}` is not {} lowercase digits", 2 * self.hash.length()));
        };
        if self.items.insert(item, bytes.clone()).is_some() {
            return form(format!("`{name}` is listed twice"));
        }
        Ok(bytes)
    }

    fn item(&self, name: &str) -> Result<Item, ManifestError> {
        let (path, range) = match self.shard {
            None => (name, None),
            Some(size) => {
                let Some((path, range)) = shard(name, size) else {
                    return form(format!("`{name}` does not name a shard of {size} bytes"));
                };
                (path, Some(range))
            }
        };
        if path == DOT {
            return Ok(Item { path: None, range });
        }
        let path = TreePath::new(path).map_err(|fault| ManifestError::Form(format!("`{path}`: {fault}")))?;
        Ok(Item { path: Some(path), range })
    }

    /// Checks the items against each other and against what is left out.
    fn checked(self) -> Result<Self, ManifestError> {
        if self.items.is_empty() {
            return form("it lists no file");
        }
        if self.is_single() && self.items.keys().any(|item| item.path.is_some()) {
            return form("it lists `.`, a model that is a single file, and others beside it");
        }
        let mut paths = self.items.keys().filter_map(|item| item.path.as_ref());
        if let Some(path) = paths.find(|path| self.ignored.iter().any(|ignored| path.is_within(ignored))) {
            return form(format!("it lists `{path}` and says that it was left out"));
        }
        self.check_shards()?;
        Ok(self)
    }

    /// The shards of a file follow each other from its first byte: one that was left out could be of any content.
    fn check_shards(&self) -> Result<(), ManifestError> {
        let mut before: (Option<&Option<TreePath>>, u64) = (None, 0);
        for (path, (start, end)) in self.items.keys().filter_map(|item| Some((&item.path, item.range?))) {
            let expected = if before.0 == Some(path) { before.1 } else { 0 };
            if start != expected {
                let path = path.as_deref().unwrap_or(DOT);
                return form(format!("a shard of `{path}` starts at byte {start}, where one at {expected} was due"));
            }
            before = (Some(path), end);
        }
        Ok(())
    }

    /// Returns what was signed of a file: its shards in their order, or the whole.
    pub fn parts(&self, path: Option<&TreePath>) -> impl Iterator<Item = (&Item, &Vec<u8>)> {
        let first = Item { path: path.cloned(), range: None };
        let last = Item { path: path.cloned(), range: Some((u64::MAX, u64::MAX)) };
        self.items.range(first..=last)
    }

    /// Says whether this is of a single file that is named `.`.
    pub fn is_single(&self) -> bool {
        self.items.keys().next().is_some_and(|item| item.path.is_none())
    }
}

/// Finds an algorithm by its name; the reference writes `sha256-sharded-1000` where shards have 1000 bytes, version 0.3.1
/// of the whole as well.
fn hash_of(name: &str, shard: Option<u64>) -> Option<HashType> {
    let bare = shard.and_then(|size| name.strip_suffix(&format!("-sharded-{size}")));
    HashType::named(bare.unwrap_or(name))
}

/// Reads `PATH:START:END`, where a shard starts at a multiple of its size and is no longer than that.
fn shard(name: &str, size: u64) -> Option<(&str, (u64, u64))> {
    let mut parts = name.rsplitn(3, ':');
    let (end, start, path) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let (start, end) = (number(start)?, number(end)?);
    (start % size == 0 && start < end && end - start <= size).then_some((path, (start, end)))
}

/// Reads a whole number, which protocol buffers write as `10.0`.
fn positive(number: &serde_json::Number) -> Result<u64, ManifestError> {
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text).parse().ok().filter(|size| *size > 0);
    whole.map_or_else(|| form(format!("a shard can't have {text} bytes")), Ok)
}

/// Reads a path that was left out: exact and relative (specification, section 6.2.1).
fn ignored(path: &str) -> Result<TreePath, ManifestError> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    match TreePath::new(trimmed) {
        Ok(path) if !trimmed.contains(['*', '?', '[']) => Ok(path),
        _ => form(format!("`{path}` can't be left out: expected the exact path of a file or folder")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn hex(text: &str) -> String {
        Digest::of(text.as_bytes()).to_string()
    }

    fn good() -> Value {
        let root = {
            let mut hasher = Hasher::new();
            hasher.update(Digest::of(b"b").as_bytes());
            hasher.update(Digest::of(b"a").as_bytes());
            hasher.finish().to_string()
        };
        json!({
            "_type": STATEMENT,
            "subject": [{"name": "model", "digest": {"sha256": root}}],
            "predicateType": "https://model_signing/signature/v1.0",
            "predicate": {
                "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false},
                "resources": [
                    {"name": "b", "algorithm": "sha256", "digest": hex("b")},
                    {"name": "a", "algorithm": "sha256", "digest": hex("a")},
                ],
            },
        })
    }

    fn parse(value: &Value) -> Result<Manifest, String> {
        Manifest::parse(value.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    fn changed(pointer: &str, value: Value) -> Result<Manifest, String> {
        let mut json = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match json.pointer_mut(parent).unwrap() {
            Value::Array(all) => all[key.parse::<usize>().unwrap()] = value,
            other => other[key] = value,
        }
        parse(&json)
    }

    #[test]
    fn any_order_is_read() {
        let manifest = parse(&good()).unwrap();
        let paths: Vec<_> = manifest.items.keys().map(|item| item.path.as_deref().unwrap()).collect();
        assert_eq!(paths, ["a", "b"]);
        assert_eq!((manifest.name.as_str(), manifest.shard, manifest.is_single()), ("model", None, false));
    }

    #[test]
    fn later_minor_versions_are_read_and_other_types_are_not() {
        assert!(changed("/predicateType", json!("https://model_signing/signature/v1.7")).is_ok());
        for other in ["https://model_signing/signature/v1.", "https://model_signing/signature/v2.0", "x"] {
            assert!(changed("/predicateType", json!(other)).unwrap_err().contains("no model signature"), "{other}");
        }
        assert!(changed("/_type", json!("https://in-toto.io/Statement/v0.1")).unwrap_err().contains("_type"));
    }

    #[test]
    fn what_the_reference_lets_through_is_refused() {
        for (pointer, value, fault) in [
            ("/predicate/resources/1/name", json!("b"), "twice"),
            ("/predicate/resources/1/name", json!("./a"), "`.`"),
            ("/predicate/resources/1/name", json!("../a"), "`..`"),
            ("/predicate/resources/1/name", json!("/a"), "empty component"),
            ("/predicate/resources/1/name", json!("."), "others beside it"),
            ("/predicate/resources/1/digest", json!(hex("a").to_uppercase()), "lowercase"),
            ("/predicate/resources/1/digest", json!("00"), "lowercase"),
            ("/predicate/resources/1/digest", json!(hex("c")), "root digest"),
            ("/predicate/resources/1/algorithm", json!("blake3"), "where the whole says"),
            ("/predicate/resources", json!([]), "root digest"),
            ("/predicate/serialization/hash_type", json!("md5"), "no algorithm"),
            ("/predicate/serialization/method", json!("shards"), "method `shards`"),
            ("/predicate/serialization/shard_size", json!(10), "method `files`"),
            ("/predicate/serialization/ignore_paths", json!(["."]), "exact path"),
            ("/predicate/serialization/ignore_paths", json!(["../x"]), "exact path"),
            ("/predicate/serialization/ignore_paths", json!(["/x"]), "exact path"),
            ("/predicate/serialization/ignore_paths", json!(["*.bin"]), "exact path"),
            ("/predicate/serialization/ignore_paths", json!(["a"]), "left out"),
            ("/subject", json!([]), "one subject"),
            ("/subject/0/digest", json!({"sha256": hex("a"), "sha512": ""}), "root digest"),
        ] {
            let error = changed(pointer, value).unwrap_err();
            assert!(error.contains(fault), "{pointer}: {error}");
        }
        let text = good().to_string().replacen("\"subject\"", "\"_type\":\"x\",\"subject\"", 1);
        assert!(Manifest::parse(text.as_bytes()).unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn nothing_is_listed_in_an_empty_model() {
        let mut json = good();
        json["predicate"]["resources"] = json!([]);
        json["subject"][0]["digest"]["sha256"] = json!(hex(""));
        assert!(parse(&json).unwrap_err().contains("no file"));
    }

    #[test]
    fn shards_are_ranges_of_their_size() {
        assert_eq!(shard("a:0:10", 10), Some(("a", (0, 10))));
        assert_eq!(shard("a:b:10:15", 10), Some(("a:b", (10, 15))));
        for name in ["a:0:11", "a:5:10", "a:10:10", "a:10:5", "a:00:10", "a:0:+5", "a:0", "a:-0:1", ":0:x"] {
            assert_eq!(shard(name, 10), None, "{name}");
        }
    }

    /// A statement of shards of 10 bytes, with the root that follows from them.
    fn sharded(hash_type: &str, names: &[&str]) -> Value {
        let mut json = good();
        let mut hasher = Hasher::new();
        for name in names {
            hasher.update(Digest::of(name.as_bytes()).as_bytes());
        }
        json["subject"][0]["digest"]["sha256"] = json!(hasher.finish().to_string());
        json["predicate"]["serialization"] =
            json!({"method": "shards", "hash_type": hash_type, "shard_size": 10.0, "allow_symlinks": false});
        let resource = |name: &&str| json!({"name": name, "algorithm": "sha256-sharded-10", "digest": hex(name)});
        json["predicate"]["resources"] = names.iter().map(resource).collect();
        json
    }

    #[test]
    fn the_algorithm_may_be_named_with_the_size_of_shards() {
        for (name, fits) in
            [("sha256", true), ("sha256-sharded-10", true), ("sha256-sharded-11", false), ("md5-sharded-10", false)]
        {
            assert_eq!(parse(&sharded(name, &["a:0:10", "a:10:12"])).is_ok(), fits, "{name}");
        }
        assert!(changed("/predicate/serialization/hash_type", json!("sha256-sharded-10")).is_err());
    }

    #[test]
    fn shards_follow_each_other() {
        for names in [&["a:0:10", "a:20:25"][..], &["a:10:20"], &["a:0:5", "a:0:10"], &["a:0:10", "b:10:20"]] {
            assert!(parse(&sharded("sha256", names)).unwrap_err().contains("was due"), "{names:?}");
        }
        let manifest = parse(&sharded("sha256", &["b:0:3", "a:10:12", "a:0:10"])).unwrap();
        let a = TreePath::new("a").unwrap();
        let ranges: Vec<_> = manifest.parts(Some(&a)).filter_map(|(item, _)| item.range).collect();
        assert_eq!(ranges, [(0, 10), (10, 12)]);
        assert_eq!(manifest.parts(None).count(), 0);
    }

    #[test]
    fn shards_are_bounded() {
        let subject = || vec![SubjectJson { name: String::new(), digest: BTreeMap::new() }];
        let predicate = |count: usize| {
            let one = |_| ResourceJson { name: String::new(), algorithm: String::new(), digest: String::new() };
            let serialization = SerializationJson {
                method: "shards".to_owned(),
                hash_type: "sha256".to_owned(),
                shard_size: Some(10.into()),
                _allow_symlinks: false,
                ignore_paths: Vec::new(),
            };
            PredicateJson { serialization, resources: (0..count).map(one).collect() }
        };
        let read = |count| Manifest::of_predicate(subject(), predicate(count)).unwrap_err();
        assert_eq!(read(limits::MODEL_SHARDS + 1), ManifestError::Limit);
        assert!(matches!(read(limits::MODEL_SHARDS), ManifestError::Form(_)));
    }

    #[test]
    fn shard_sizes_may_be_integral_floats() {
        for (text, size) in [("10", Some(10)), ("10.0", Some(10)), ("0", None), ("0.5", None), ("-1", None)] {
            assert_eq!(positive(&serde_json::from_str(text).unwrap()).ok(), size, "{text}");
        }
    }

    #[test]
    fn version_0_2_lists_files_as_subjects() {
        let mut json = json!({
            "_type": STATEMENT, "predicateType": TYPE_0_2, "predicate": {"unused": "x"},
            "subject": [{"name": "a", "digest": {"sha256": hex("a")}}],
        });
        assert_eq!(parse(&json).unwrap().items.len(), 1);
        json["subject"][0]["digest"] = json!({"sha512": ""});
        assert!(parse(&json).is_err());
    }
}
