//! The trusted root: the authorities and logs whose word counts.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use sigstore_trust_root::TrustedRoot;
use sigstore_verify::Verifier;
use thiserror::Error;

use crate::certificate::Authorities;
use crate::fault::{Blame, Fault};
use crate::json::{self, JsonError};

/// How the media type of a client trust config begins.
const CLIENT_CONFIG: &str = "application/vnd.dev.sigstore.clienttrustconfig.";

/// Certificate authorities, transparency logs and timestamp authorities, each with its window.
#[derive(Clone)]
pub struct Root {
    pub(super) verifier: Arc<Verifier>,
    pub(super) authorities: Authorities,
    pub(super) demands_logs: bool,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").field("demands_logs", &self.demands_logs).finish_non_exhaustive()
    }
}

/// Why a text is not a trusted root that we can use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RootError {
    /// It is not JSON that we accept.
    #[error("the trusted root: {0}")]
    Json(#[from] JsonError),
    /// It has logs, and the caller says that there are none.
    #[error("the trusted root has transparency logs, and `without-logs` says that there are none")]
    Logs,
    /// It has no log, and nothing says that this is meant.
    #[error("the trusted root has no transparency log")]
    NoLogs,
    /// The library refuses it.
    #[error("the trusted root can't be used: {0}")]
    Unusable(String),
}

impl Fault for RootError {
    fn blame(&self) -> Blame {
        Blame::Call
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoLogs => Some(
                "if this is a trust domain that has none, say `without-logs = true`: then a timestamp is demanded instead"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// A client trust config, of which the root alone is read; or a root.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Either<'a> {
    media_type: String,
    #[serde(borrow)]
    trusted_root: Option<&'a RawValue>,
}

impl Root {
    /// Reads a `trusted_root.json` or a client trust config. Every signature with a certificate must then be in a
    /// log, and so must the certificate.
    pub fn parse(text: &str) -> Result<Self, RootError> {
        let root = read(text)?;
        if root.tlogs.is_empty() {
            return Err(RootError::NoLogs);
        }
        Self::new(&root, true)
    }

    /// Reads the root of a trust domain that has no logs: signatures have timestamps instead.
    pub fn parse_without_logs(text: &str) -> Result<Self, RootError> {
        let root = read(text)?;
        if !(root.tlogs.is_empty() && root.ctlogs.is_empty()) {
            return Err(RootError::Logs);
        }
        Self::new(&root, false)
    }

    fn new(root: &TrustedRoot, demands_logs: bool) -> Result<Self, RootError> {
        let verifier = Verifier::new(root).map_err(|error| RootError::Unusable(error.to_string()))?;
        let chains = root.certificate_authorities.iter().map(|authority| &authority.cert_chain.certificates);
        let chains = chains.map(|chain| chain.iter().map(|one| one.raw_bytes.as_bytes()).collect());
        Ok(Self { verifier: Arc::new(verifier), authorities: Authorities::of_chains(chains), demands_logs })
    }
}

fn read(text: &str) -> Result<TrustedRoot, RootError> {
    let either: Either<'_> = json::parse(text.as_bytes())?;
    let inner = match either.trusted_root {
        Some(root) if either.media_type.starts_with(CLIENT_CONFIG) => root.get(),
        _ => text,
    };
    TrustedRoot::from_json(inner).map_err(|error| RootError::Unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::*;

    fn root() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/keyless/trusted_root.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Root, RootError> {
        let mut root = root();
        change(&mut root);
        Root::parse(&root.to_string())
    }

    #[test]
    fn a_client_trust_config_holds_a_root() {
        let config = json!({
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": root(),
            "signingConfig": {},
        });
        assert!(Root::parse(&config.to_string()).is_ok());
        assert!(changed(|_| {}).is_ok());
    }

    #[test]
    fn a_root_that_is_not_whole_is_refused() {
        let faults: [fn(&mut Value); 6] = [
            |root| root["tlogs"][1] = root["tlogs"][0].clone(),
            |root| root["tlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA"),
            |root| root["tlogs"][0]["publicKey"]["validFor"]["end"] = json!("2000-01-01T00:00:00Z"),
            |root| root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([]),
            |root| root["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = json!("AAAA"),
            |root| root["ctlogs"][0]["logId"]["keyId"] = json!("AAAA"),
        ];
        for (index, fault) in faults.into_iter().enumerate() {
            assert!(matches!(changed(fault), Err(RootError::Unusable(_))), "{index}");
        }
        for text in ["", "[]", "{}", "{\"mediaType\": \"a\", \"mediaType\": \"b\"}"] {
            assert!(matches!(Root::parse(text), Err(RootError::Json(_))), "{text}");
        }
    }

    #[test]
    fn that_there_are_no_logs_must_be_said_and_be_true() {
        let without = |root: &mut Value| root["tlogs"] = json!([]);
        assert!(matches!(changed(without), Err(RootError::NoLogs)));
        let mut root = root();
        assert!(matches!(Root::parse_without_logs(&root.to_string()), Err(RootError::Logs)));
        without(&mut root);
        assert!(
            matches!(Root::parse_without_logs(&root.to_string()), Err(RootError::Logs)),
            "a log of certificates is one"
        );
        root["ctlogs"] = json!([]);
        assert!(!Root::parse_without_logs(&root.to_string()).unwrap().demands_logs);
    }
}
