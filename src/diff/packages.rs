//! Packages by their package URLs: added, removed, in another version, or of other bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diff::bom::components;
use crate::diff::{Side, Values};

/// The types of components that are packages.
const TYPES: [&str; 3] = ["library", "framework", "container"];

/// Reads the packages of the BOM, wherever in it they stand. One package may be there in several versions.
pub(super) fn values(side: &Side) -> Values {
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open: Vec<&Value> = side.inspection.bom().into_iter().flat_map(components).collect();
    while let Some(component) = open.pop() {
        open.extend(components(component));
        if is_package(component) {
            let (name, version) = package(component);
            packages.entry(name).or_default().insert(version);
        }
    }
    let mut values = Values::default();
    for (name, versions) in packages {
        values.add(name, versions.into_iter().collect::<Vec<_>>().join("; "));
    }
    values
}

/// Says whether a component is a package.
pub(super) fn is_package(component: &Value) -> bool {
    component.get("type").and_then(Value::as_str).is_some_and(|kind| TYPES.contains(&kind))
}

/// Returns the name of a package, and its version with the digests that are recorded of it.
fn package(component: &Value) -> (String, String) {
    let text = |key: &str| component.get(key).and_then(Value::as_str);
    let (name, version) = match text("purl") {
        Some(purl) => split(purl),
        None => (text("name").unwrap_or_default(), None),
    };
    let version = version.or(text("version")).unwrap_or("no version");
    (name.to_owned(), digests(component).fold(version.to_owned(), |all, digest| format!("{all} {digest}")))
}

/// Parts a package URL into the package and its version; qualifiers and subpaths are left out.
fn split(purl: &str) -> (&str, Option<&str>) {
    let bare = purl.split(['?', '#']).next().unwrap_or_default();
    match bare.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() && !name.ends_with('/') => (name, Some(version)),
        _ => (bare, None),
    }
}

/// Returns the digests of a component, those of its files among them, sorted.
fn digests(component: &Value) -> impl Iterator<Item = String> {
    let elsewhere = component.get("externalReferences").and_then(Value::as_array).into_iter().flatten();
    let hashes = std::iter::once(component).chain(elsewhere);
    let hashes = hashes.flat_map(|of| of.get("hashes").and_then(Value::as_array).into_iter().flatten());
    let text = |hash: &Value, key: &str| hash.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let all: BTreeSet<String> =
        hashes.map(|hash| format!("{}:{}", text(hash, "alg").to_lowercase(), text(hash, "content"))).collect();
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_has_a_name_and_a_version() {
        for (purl, expected) in [
            ("pkg:pypi/numpy@2.1.0", ("pkg:pypi/numpy", Some("2.1.0"))),
            ("pkg:npm/@scope/name@1?x=@2#y", ("pkg:npm/@scope/name", Some("1"))),
            ("pkg:npm/@scope", ("pkg:npm/@scope", None)),
            ("", ("", None)),
        ] {
            assert_eq!(split(purl), expected, "{purl}");
        }
    }

    #[test]
    fn digests_belong_to_the_version() {
        let component = json!({
            "type": "library", "name": "numpy", "version": "2.1.0", "hashes": [{"alg": "SHA-256", "content": "bb"}],
            "externalReferences": [{"hashes": [{"alg": "SHA-256", "content": "aa"}]}, {}],
        });
        assert_eq!(package(&component), ("numpy".to_owned(), "2.1.0 sha-256:aa sha-256:bb".to_owned()));
        assert_eq!(package(&json!({"purl": "pkg:cargo/x"})), ("pkg:cargo/x".to_owned(), "no version".to_owned()));
    }
}
