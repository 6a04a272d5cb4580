//! A Sigstore bundle of any version about one artifact, as other clients make and check it.

use sigstore_types::{Artifact as Input, Bundle, DerPublicKey, Sha256Hash};
use sigstore_verify::PublicKeyVerificationPolicy;

use crate::digest::Digest;
use crate::finding::Code;
use crate::json;
use crate::key::VerifyingKey;
use crate::limits;
use crate::sigstore::{Certified, Identity, Proof, Refusal, Root, verify};

/// What a bundle must be about.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// The bytes of a file.
    Bytes(Vec<u8>),
    /// Whatever has this SHA-256.
    Digest(Digest),
}

/// Who must have signed.
#[derive(Clone, Debug)]
pub enum Demanded {
    /// Somebody with a certificate.
    Identity(Identity),
    /// Somebody with a key.
    Key(Box<VerifyingKey>),
}

impl Root {
    /// Checks a bundle about an artifact, and returns what is proven of the signature.
    pub fn artifact(&self, text: &[u8], artifact: &Artifact, demanded: &Demanded) -> Result<Proof, Refusal> {
        let malformed = |reason: String| Refusal::new(Code::MalformedLine, reason);
        json::check(text).map_err(|error| malformed(error.to_string()))?;
        let text = std::str::from_utf8(text).map_err(|_| malformed("the bundle is not UTF-8".to_owned()))?;
        let bundle = Bundle::from_json(text)?;
        check_entries(&bundle)?;
        match demanded {
            Demanded::Identity(identity) => {
                let result = self.verifier.verify(input(artifact)?, &bundle, &self.policy())?;
                let certified = verify::certified(&result, &bundle)?;
                if identity.fits(&certified.subject, &certified.issuer) {
                    Ok(certified.proof)
                } else {
                    let Certified { subject, issuer, .. } = certified;
                    let reason = format!("it is signed by {subject} of {issuer}, and {identity} is demanded");
                    Err(Refusal::new(Code::UntrustedSigner, reason))
                }
            }
            Demanded::Key(key) => {
                let policy = PublicKeyVerificationPolicy::new(DerPublicKey::from_pem(&key.to_pem())?);
                let result = self.verifier.verify(input(artifact)?, &bundle, &policy)?;
                verify::proof(&result, &bundle)
            }
        }
    }
}

/// An entry that proves nothing must not stand beside one that does.
fn check_entries(bundle: &Bundle) -> Result<(), Refusal> {
    let entries = &bundle.verification_material.tlog_entries;
    let timestamps = &bundle.verification_material.timestamp_verification_data.rfc3161_timestamps;
    if entries.len() > limits::LOG_ENTRIES || timestamps.len() > limits::TIMESTAMPS {
        return Err(Refusal::new(Code::LimitExceeded, "the bundle has more log entries or timestamps than are read"));
    }
    if entries.iter().any(|entry| entry.inclusion_proof.is_none() && entry.inclusion_promise.is_none()) {
        return Err(Refusal::new(Code::WrongLog, "a log entry has neither proof nor promise"));
    }
    Ok(())
}

fn input(artifact: &Artifact) -> Result<Input<'_>, Refusal> {
    match artifact {
        Artifact::Bytes(bytes) => Ok(bytes.into()),
        Artifact::Digest(digest) => Ok(Sha256Hash::from_hex(&digest.to_string())?.into()),
    }
}
