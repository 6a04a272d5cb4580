//! Making release bundles that are wrong in one way, with keys that only tests have.

use std::fs;
use std::path::Path;

use assaymark::create::{self, Job};
use assaymark::digest::Digest;
use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::facts::Invocation;
use assaymark::inventory::NoProgress;
use assaymark::key::{KeyError, SigningKey};
use assaymark::path::TreePath;
use assaymark::release::Draft;
use assaymark::sigstore_bundle::SigstoreBundle;
use chrono::DateTime;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::{copy, repository};

/// The type of a seal.
pub const SEAL: &str = "https://assaymark.dev/seal/v1";

/// Reads a private key of the vectors.
pub fn key(name: &str) -> SigningKey {
    let text = fs::read_to_string(repository("testdata/vectors/keys").join(format!("{name}.key"))).unwrap();
    SigningKey::from_pem(&text, || Ok::<_, KeyError>(None)).unwrap()
}

/// A release bundle in pieces.
#[derive(Clone)]
pub struct Forged {
    pub lines: Vec<Vec<u8>>,
}

/// The positions of the lines that `create` makes.
pub const MODEL_SIGNATURE: usize = 0;
pub const BOM: usize = 1;
pub const PROVENANCE: usize = 2;
pub const FIRST_SEAL: usize = 3;

impl Forged {
    /// Makes the good bundle of a folder that has a `release.toml`.
    pub fn create(folder: &Path, signer: &str, exclude: &[&str]) -> Self {
        // A copy outside of any git repository, so that the bundle has no commit in it.
        let place = tempfile::tempdir().unwrap();
        copy(folder, place.path());
        let text = fs::read_to_string(place.path().join("release.toml")).unwrap();
        let spec = Draft::parse("release.toml", &text, place.path()).unwrap().finish().unwrap();
        let excluded: Vec<_> = exclude.iter().map(|path| TreePath::new(path).unwrap()).collect();
        let made = create::create(&Job {
            spec: &spec,
            excluded: &excluded,
            signer: &key(signer),
            invocation: Invocation::default(),
            at: DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
            now: DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
            progress: &NoProgress,
            compare_rows: false,
            scan: None,
            tensors: false,
        });
        Self::of(&made.unwrap().bundle)
    }

    /// Makes the good bundle of the base release of the vectors.
    pub fn good() -> Self {
        Self::create(&repository("testdata/vectors/base"), "release", &[])
    }

    pub fn of(bundle: &[u8]) -> Self {
        Self {
            lines: bundle.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect()
    }

    /// Returns a line as JSON.
    pub fn line(&self, index: usize) -> Value {
        serde_json::from_slice(&self.lines[index]).unwrap()
    }

    pub fn payload(&self, index: usize) -> Vec<u8> {
        BASE64.decode(self.line(index)["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes()).unwrap()
    }

    pub fn statement(&self, index: usize) -> Value {
        serde_json::from_slice(&self.payload(index)).unwrap()
    }

    /// Changes a line as JSON, leaving its signature as it is.
    pub fn edit(mut self, index: usize, change: impl FnOnce(&mut Value)) -> Self {
        let mut line = self.line(index);
        change(&mut line);
        self.lines[index] = line.to_string().into_bytes();
        self
    }

    /// Changes a statement and signs it again.
    pub fn resign(self, index: usize, signer: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut statement = self.statement(index);
        change(&mut statement);
        self.with_payload(index, signer, statement.to_string().as_bytes())
    }

    /// Puts a payload in place of another.
    pub fn with_payload(mut self, index: usize, signer: &str, payload: &[u8]) -> Self {
        self.lines[index] = sign(payload, &key(signer));
        self
    }

    /// Names in the first seal what is there now, and signs it again.
    pub fn reseal(self, signer: &str) -> Self {
        self.reseal_with(signer, |_| {})
    }

    pub fn reseal_with(self, signer: &str, change: impl FnOnce(&mut Value)) -> Self {
        let members = self.members();
        self.resign(FIRST_SEAL, signer, |seal| {
            seal["predicate"]["members"] = members;
            change(seal);
        })
    }

    /// Appends a seal that continues the last one.
    pub fn seal_again(self, signer: &str, change: impl FnOnce(&mut Value)) -> Self {
        let last = self.newest_seal();
        let mut seal = self.statement(last);
        seal["predicate"]["sequence"] = json!(seal["predicate"]["sequence"].as_u64().unwrap() + 1);
        seal["predicate"]["previous"] = json!(Digest::of(&self.payload(last)).to_string());
        seal["predicate"]["members"] = self.members();
        change(&mut seal);
        self.push(sign(seal.to_string().as_bytes(), &key(signer)))
    }

    /// Returns the position of the last seal.
    pub fn newest_seal(&self) -> usize {
        (0..self.lines.len()).rev().find(|index| self.statement(*index)["predicateType"] == SEAL).unwrap()
    }

    /// Gives the base model evidence of its own, which says from which dataset it was made, and for what that was.
    pub fn with_known_base(self, dataset: &str, role: &str) -> Self {
        let part = json!({
            "name": "base:parent/dataset:corpus", "digest": {"dirHash": dataset}, "annotations": {"assaymark_role": role},
        });
        let known = |statement: &mut Value| {
            let parts = &mut statement["predicate"]["buildDefinition"]["resolvedDependencies"];
            let parts = parts.as_array_mut().unwrap();
            let base = parts.iter_mut().find(|one| one["name"] == "base:parent").unwrap();
            base["annotations"]["assaymark_release"] = json!("parent@1.0.0");
            base["annotations"]["assaymark_bundle"] = json!("b".repeat(64));
            base["annotations"]["assaymark_signers"] = json!(["a".repeat(64)]);
            parts.push(part);
        };
        self.resign(PROVENANCE, "release", known).reseal("release")
    }

    pub fn push(mut self, line: Vec<u8>) -> Self {
        self.lines.push(line);
        self
    }

    pub fn remove(mut self, index: usize) -> Self {
        self.lines.remove(index);
        self
    }

    /// Returns the lines as a seal names them.
    pub fn members(&self) -> Value {
        let members = (0..self.lines.len()).filter_map(|index| {
            let line = self.line(index);
            let payload = self.payload(index);
            let statement: Value = serde_json::from_slice(&payload).ok()?;
            let kind = statement["predicateType"].as_str()?.to_owned();
            let hint = line["verificationMaterial"]["publicKey"]["hint"].as_str()?.to_owned();
            let signer = signers().into_iter().find(|(id, _)| *id == hint)?.1;
            (kind != SEAL)
                .then(|| json!({"payload": Digest::of(&payload).to_string(), "predicateType": kind, "signer": signer}))
        });
        Value::Array(members.collect())
    }
}

/// Returns the ids and fingerprints of every key of the vectors.
fn signers() -> Vec<(String, String)> {
    let names = ["release", "stranger", "ecdsa", "builder", "second", "scanner", "officer", "promoter"];
    let ids = names.map(|name| {
        let key = key(name);
        (key.public().key_id(), key.public().fingerprint().to_string())
    });
    ids.into()
}

/// Signs a payload as a line.
pub fn sign(payload: &[u8], key: &SigningKey) -> Vec<u8> {
    let signature = key.sign(Pae::new(IN_TOTO, payload).as_bytes());
    SigstoreBundle::write(payload, &key.public().key_id(), signature).unwrap()
}

/// Makes a statement about what another statement is about.
pub fn statement_like(other: &Value, kind: &str, predicate: &Value) -> Value {
    json!({"_type": other["_type"], "subject": other["subject"], "predicateType": kind, "predicate": predicate})
}
