//! Signed policies: a Sigstore bundle beside the file, whose statement has the file as its subject.
//!
//! Whoever signs what is judged may not sign what judges it: the keys of a policy and the keys of releases
//! have nothing in common.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use thiserror::Error;

use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::fault::{Blame, Fault};
use crate::files;
use crate::intoto::{Kind, Predicate, Statement, Subject};
use crate::limits;
use crate::name::Name;
use crate::policy::{PolicyError, PolicySource};
use crate::signer::{SignError, Signer};
use crate::sigstore_bundle::SigstoreBundle;
use crate::trust::TrustRoot;

/// The predicate type of a statement about a policy.
pub const TYPE: &str = "https://assaymark.dev/policy/v1";
/// What the name of a signature has behind the name of the policy.
const SUFFIX: &str = ".sigstore.json";

/// Why a policy is not trusted, or was not signed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// One key may sign releases and policies.
    #[error("the key of `{signer}` is trusted for releases and for policies")]
    Conflict {
        /// The attester of the trust file for releases.
        signer: Name,
    },
    /// The statement can't be written.
    #[error("the statement can't be written: {0}")]
    Json(#[from] serde_json::Error),
    /// There is no signature.
    #[error("the policy `{}` is not signed: there is no `{}`", policy.display(), signature.display())]
    Missing {
        /// The policy.
        policy: PathBuf,
        /// Where its signature should be.
        signature: PathBuf,
    },
    /// The signature is of something else.
    #[error("`{}`: {fault}", signature.display())]
    Other {
        /// The signature.
        signature: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The policy itself can't be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Fault for SignatureError {
    fn blame(&self) -> Blame {
        match self {
            Self::Policy(error) => error.blame(),
            Self::Sign(error) => error.blame(),
            Self::Json(_) => Blame::Machine,
            Self::Conflict { .. } | Self::Missing { .. } | Self::Other { .. } => Blame::Call,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Policy(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Conflict { .. } => Some("whoever signs releases may not sign what judges them".to_owned()),
            Self::Missing { .. } => Some("whoever keeps the policy must sign it: `assaymark policy sign`".to_owned()),
            Self::Other { .. } => Some("get policy and signature again from whoever keeps the policy".to_owned()),
            Self::Policy(error) => error.hint(),
            Self::Sign(error) => error.hint(),
            Self::Json(_) => None,
        }
    }
}

/// Returns where the signature of a policy is: beside it.
pub fn path(policy: &Path) -> PathBuf {
    let mut name = OsString::from(policy);
    name.push(SUFFIX);
    name.into()
}

/// Signs a policy at a time, and returns the signature as a Sigstore bundle.
pub fn sign(source: &PolicySource, signer: &dyn Signer, at: DateTime<Utc>) -> Result<Vec<u8>, SignatureError> {
    let subject = Subject { name: source.name().to_string(), sha256: Digest::of(source.bytes()) };
    let predicate = json!({
        "name": source.name(),
        "version": source.version(),
        "signedAt": at.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    let predicate = Predicate::Other(TYPE.to_owned(), Box::new(predicate));
    let payload = Statement::new(vec![subject], predicate).to_payload()?;
    let signature = signer.sign(Pae::new(IN_TOTO, &payload).as_bytes())?;
    Ok(SigstoreBundle::write(&payload, &signer.public().key_id(), signature)?)
}

/// Reads a policy that somebody signed who may: not anybody of `releases`, whom it judges.
pub fn load(
    policy: &Path,
    trust: &TrustRoot,
    releases: &TrustRoot,
    at: DateTime<Utc>,
) -> Result<PolicySource, SignatureError> {
    let keys: BTreeMap<_, _> = releases.keys().map(|(attester, key)| (key.key.fingerprint(), &attester.name)).collect();
    if let Some(signer) = trust.keys().find_map(|(_, key)| keys.get(&key.key.fingerprint())) {
        return Err(SignatureError::Conflict { signer: (*signer).clone() });
    }
    let source = PolicySource::load(policy)?;
    let signature = path(policy);
    if !signature.exists() {
        return Err(SignatureError::Missing { policy: policy.to_owned(), signature });
    }
    let bytes = files::read(&signature, limits::CONFIGURATION_BYTES).map_err(PolicyError::from)?;
    let signer = check(&bytes, &source, trust, at);
    let signer = signer.map_err(|fault| SignatureError::Other { signature, fault })?;
    Ok(source.signed_by(signer))
}

/// Returns who signed a policy with a key that counts, or what is wrong.
fn check(bytes: &[u8], source: &PolicySource, trust: &TrustRoot, at: DateTime<Utc>) -> Result<Name, String> {
    let bundle = SigstoreBundle::parse(bytes).map_err(|error| format!("it is not a Sigstore bundle: {error}"))?;
    let [signature] = bundle.envelope.signatures.as_slice() else {
        return Err("it must have exactly one signature".to_owned());
    };
    if bundle.envelope.payload_type != IN_TOTO {
        return Err("its payload is not an in-toto statement".to_owned());
    }
    let signed = Pae::new(&bundle.envelope.payload_type, &bundle.envelope.payload);
    let mut keys = trust.keys();
    let Some((attester, key)) = keys.find(|(_, key)| key.key.verifies(signed.as_bytes(), &signature.bytes)) else {
        return Err("it is signed by nobody whom `--policy-trust` names".to_owned());
    };
    if key.valid_from.is_some_and(|from| at < from) || key.valid_until.is_some_and(|until| at >= until) {
        return Err(format!("the key of `{}` does not count at the time of this check", attester.name));
    }
    let statement = Statement::parse(signed.payload()).map_err(|error| error.to_string())?;
    if statement.predicate.kind() != Kind::Other(TYPE.to_owned()) {
        return Err("it is signed, but as something else than a policy".to_owned());
    }
    check_time(&statement.predicate, at)?;
    match statement.subjects.as_slice() {
        [subject] if subject.sha256 == Digest::of(source.bytes()) => Ok(attester.name.clone()),
        _ => Err("it is the signature of another policy, or this one was changed after it was signed".to_owned()),
    }
}

/// A claimed time that is still to come is refused, as everywhere; one that can't be read is no time.
fn check_time(predicate: &Predicate, at: DateTime<Utc>) -> Result<(), String> {
    let content = if let Predicate::Other(_, content) = predicate { content.get("signedAt") } else { None };
    let claimed = content.and_then(Value::as_str).and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    match claimed {
        None => Err("it does not say when it was signed".to_owned()),
        Some(time) if time > at => Err(format!(
            "it claims to be signed at {}, a time that is still to come; check the clock of this machine, or the time given with `--at`",
            time.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
        )),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::key::{Algorithm, SigningKey};

    struct Place {
        folder: tempfile::TempDir,
        author: SigningKey,
        releaser: SigningKey,
    }

    impl Place {
        fn new() -> Self {
            let key = || SigningKey::generate(Algorithm::Ed25519).unwrap();
            let place = Self { folder: tempfile::tempdir().unwrap(), author: key(), releaser: key() };
            fs::write(place.policy(), "[policy]\nname = 'p'\nfiles = ['model']\n").unwrap();
            place.sign(&place.author);
            place
        }

        fn policy(&self) -> PathBuf {
            self.folder.path().join("policy.toml")
        }

        fn sign(&self, key: &SigningKey) {
            let source = PolicySource::load(&self.policy()).unwrap();
            fs::write(path(&self.policy()), sign(&source, key, DateTime::UNIX_EPOCH).unwrap()).unwrap();
        }

        fn load(&self, trusted: &SigningKey) -> Result<PolicySource, String> {
            let trust = TrustRoot::of_key("author", trusted.public().clone());
            let releases = TrustRoot::of_key("release", self.releaser.public().clone());
            load(&self.policy(), &trust, &releases, DateTime::UNIX_EPOCH).map_err(|error| error.to_string())
        }

        fn fails(&self) -> String {
            self.load(&self.author).err().unwrap()
        }
    }

    #[test]
    fn a_signed_policy_names_its_signer() {
        let place = Place::new();
        let policy = place.load(&place.author).unwrap().policy(None).unwrap();
        assert_eq!(policy.signer().unwrap().as_str(), "author");
    }

    #[test]
    fn other_policies_signers_and_statements_are_refused() {
        let place = Place::new();
        fs::write(place.policy(), "[policy]\nname = 'p'\nfiles = ['code']\n").unwrap();
        assert!(place.fails().contains("changed after"));
        place.sign(&place.releaser);
        assert!(place.fails().contains("signed by nobody"));
        fs::write(path(&place.policy()), "{}").unwrap();
        assert!(place.fails().contains("not a Sigstore bundle"));
        fs::remove_file(path(&place.policy())).unwrap();
        assert!(place.fails().contains("is not signed"));
        place.sign(&place.author);
        place.load(&place.author).unwrap();
        assert!(place.load(&place.releaser).err().unwrap().contains("trusted for releases and for policies"));
    }

    #[test]
    fn a_signature_of_the_future_counts_from_its_time_on() {
        let place = Place::new();
        let source = PolicySource::load(&place.policy()).unwrap();
        let late = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1);
        fs::write(path(&place.policy()), sign(&source, &place.author, late).unwrap()).unwrap();
        assert!(place.fails().contains("1970-01-01T00:00:01Z, a time that is still to come"));
        let [trust, releases] =
            [&place.author, &place.releaser].map(|key| TrustRoot::of_key("x", key.public().clone()));
        assert!(load(&place.policy(), &trust, &releases, late).is_ok());
    }

    #[test]
    fn a_statement_of_another_type_is_no_policy() {
        let place = Place::new();
        let subjects = vec![Subject { name: "p".into(), sha256: Digest::of(&fs::read(place.policy()).unwrap()) }];
        let predicate = Predicate::Other("https://example.com/x/v1".into(), Box::new(json!({})));
        let payload = Statement::new(subjects, predicate).to_payload().unwrap();
        let signature = place.author.sign(Pae::new(IN_TOTO, &payload).as_bytes());
        let line = SigstoreBundle::write(&payload, &place.author.public().key_id(), signature).unwrap();
        fs::write(path(&place.policy()), line).unwrap();
        assert!(place.fails().contains("something else than a policy"));
    }
}
