//! Model signatures alone, outside of a release bundle, as the reference reads them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::file_list::Entry;
use crate::oms::{ModelSignature, TYPE, root};

/// Writes the payload for the files of a folder.
pub fn payload(name: &str, signature: &ModelSignature) -> serde_json::Result<Vec<u8>> {
    write(name, signature.root, signature)
}

/// Writes the payload for a model that is a single file, under the name `.`: the reference takes no other.
pub fn payload_of_dot(name: &str, file: &Entry) -> serde_json::Result<Vec<u8>> {
    let resource = ResourceOut { name: ".", algorithm: "sha256", digest: file.digest };
    let serialization =
        SerializationOut { method: "files", hash_type: "sha256", allow_symlinks: false, ignore_paths: [] };
    write(name, root([file]), &PredicateOut { serialization, resources: [resource] })
}

fn write(name: &str, root: Digest, predicate: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&StatementOut {
        kind: "https://in-toto.io/Statement/v1",
        subject: [SubjectOut { name, digest: BTreeMap::from([("sha256", root)]) }],
        predicate_type: TYPE,
        predicate,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementOut<'a, P> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: [SubjectOut<'a>; 1],
    predicate_type: &'static str,
    predicate: &'a P,
}

#[derive(Serialize)]
struct SubjectOut<'a> {
    name: &'a str,
    digest: BTreeMap<&'static str, Digest>,
}

#[derive(Serialize)]
struct PredicateOut {
    serialization: SerializationOut,
    resources: [ResourceOut; 1],
}

#[derive(Serialize)]
struct SerializationOut {
    method: &'static str,
    hash_type: &'static str,
    allow_symlinks: bool,
    ignore_paths: [&'static str; 0],
}

#[derive(Serialize)]
struct ResourceOut {
    name: &'static str,
    algorithm: &'static str,
    digest: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oms::Manifest;
    use crate::path::TreePath;

    #[test]
    fn what_is_written_is_read() {
        let file = Entry { path: TreePath::new("a").unwrap(), digest: Digest::of(b"a") };
        let folder = Manifest::parse(&payload("m", &ModelSignature::of_tree([&file])).unwrap()).unwrap();
        let dot = Manifest::parse(&payload_of_dot("m", &file).unwrap()).unwrap();
        assert_eq!((folder.name.as_str(), folder.is_single()), ("m", false));
        assert_eq!((dot.name.as_str(), dot.is_single()), ("m", true));
        assert_eq!(folder.items.values().collect::<Vec<_>>(), dot.items.values().collect::<Vec<_>>());
    }
}
