//! `trust.toml`, in a folder with the keys `a.pub` and `b.pub`.

use std::collections::BTreeSet;
use std::fs;

use assaymark::trust::TrustRoot;

/// The keys that the input may name.
const KEYS: [(&str, &str); 2] = [
    (
        "a.pub",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
         -----END PUBLIC KEY-----\n",
    ),
    (
        "b.pub",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n\
         -----END PUBLIC KEY-----\n",
    ),
];

/// Whoever is trusted has a name, a role and a key of their own.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in KEYS {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    let path = folder.path().join("trust.toml");
    fs::write(&path, data).expect("a file can be written");
    let trust = match TrustRoot::load(&path) {
        Ok(trust) => trust,
        Err(error) => return super::explain(&error),
    };
    assert!(!trust.attesters().is_empty());
    assert!(trust.attesters().iter().all(|attester| !attester.roles.is_empty() && !attester.keys.is_empty()));
    let names: BTreeSet<_> = trust.attesters().iter().map(|attester| &attester.name).collect();
    assert_eq!(names.len(), trust.attesters().len());
    let keys: BTreeSet<_> = trust.keys().map(|(_, trusted)| trusted.key.fingerprint()).collect();
    assert_eq!(keys.len(), trust.keys().count());
    for (_, trusted) in trust.keys() {
        assert!(trusted.valid_from.zip(trusted.valid_until).is_none_or(|(from, until)| from < until));
    }
}
