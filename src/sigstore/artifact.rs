//! A Sigstore bundle of any version about one artifact, as other clients make and check it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sigstore_types::{
    Artifact as Input, Bundle, DerPublicKey, PublicKeyIdentifier, Sha256Hash, SignatureContent,
    VerificationMaterialContent,
};
use sigstore_verify::PublicKeyVerificationPolicy;

use crate::certificate;
use crate::digest::Digest;
use crate::finding::Code;
use crate::json;
use crate::key::VerifyingKey;
use crate::limits;
use crate::sigstore::{Certified, Identity, Proof, Refusal, Root, verify};

/// The types of in-toto statements that clients of Sigstore sign.
const STATEMENTS: [&str; 2] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];

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
        check_signed(text)?;
        let bundle = Bundle::from_json(text)?;
        check_entries(&bundle)?;
        check_signer(&bundle, demanded)?;
        check_type(&bundle)?;
        match demanded {
            Demanded::Identity(identity) => {
                let result = self.verifier.verify(input(artifact)?, &bundle, &self.policy())?;
                let certified = self.certify(&result, &bundle)?;
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
                let result = self.verifier.verify(input(artifact)?, &bundle, &policy);
                let result = result.map_err(|error| of_another_key(error.into(), &bundle, key))?;
                verify::proof(&result, &bundle)
            }
        }
    }
}

/// The library calls a bundle without a signature malformed, which says less.
fn check_signed(text: &str) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Signed {
        dsse_envelope: Option<Envelope>,
        message_signature: Option<Message>,
    }
    #[derive(Deserialize)]
    struct Envelope {
        signatures: Vec<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Message {
        signature: Option<String>,
    }
    // What is none of this is left to the library, which says what it is.
    let unsigned = serde_json::from_str::<Signed>(text).is_ok_and(|signed| {
        signed.dsse_envelope.is_some_and(|envelope| envelope.signatures.is_empty())
            || signed.message_signature.is_some_and(|message| message.signature.unwrap_or_default().is_empty())
    });
    if unsigned { Err(Refusal::new(Code::Unsigned, "the bundle has no signature")) } else { Ok(()) }
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

/// A key and a certificate don't stand for each other.
fn check_signer(bundle: &Bundle, demanded: &Demanded) -> Result<(), Refusal> {
    let reason = match (demanded, &bundle.verification_material.content) {
        (Demanded::Identity(_), VerificationMaterialContent::PublicKey(_)) => {
            "it is signed with a key, and an identity is demanded"
        }
        (Demanded::Key(_), VerificationMaterialContent::PublicKey(_)) | (Demanded::Identity(_), _) => {
            return check_chain(bundle);
        }
        (Demanded::Key(_), _) => "it is signed with a certificate, and a key is demanded",
    };
    Err(Refusal::new(Code::UntrustedSigner, reason))
}

/// A chain of the versions before 0.3 ends below its authority, which the verifier names and the signer does not.
fn check_chain(bundle: &Bundle) -> Result<(), Refusal> {
    let VerificationMaterialContent::X509CertificateChain { certificates } = &bundle.verification_material.content
    else {
        return Ok(());
    };
    let malformed = |reason: String| Refusal::new(Code::MalformedLine, reason);
    for one in certificates {
        let signed_itself = certificate::is_self_issued(one.raw_bytes.as_bytes());
        if signed_itself.map_err(|error| malformed(format!("a certificate can't be read: {error}")))? {
            return Err(malformed("its chain has an authority that signed itself".to_owned()));
        }
    }
    Ok(())
}

/// The type of a statement says how it is read, and the library takes any.
fn check_type(bundle: &Bundle) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "_type")]
        name: String,
    }
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else { return Ok(()) };
    let malformed = |reason: String| Refusal::new(Code::MalformedStatement, reason);
    let payload = envelope.payload.as_bytes();
    json::check(payload).map_err(|error| malformed(format!("the statement can't be read: {error}")))?;
    let typed: Typed =
        serde_json::from_slice(payload).map_err(|error| malformed(format!("the statement can't be read: {error}")))?;
    if STATEMENTS.contains(&typed.name.as_str()) {
        return Ok(());
    }
    Err(malformed(format!("the statement is of another type: {}", typed.name)))
}

/// A bundle that names another key is signed by somebody else; otherwise it has been changed.
fn of_another_key(refusal: Refusal, bundle: &Bundle, key: &VerifyingKey) -> Refusal {
    let VerificationMaterialContent::PublicKey(PublicKeyIdentifier { hint, .. }) =
        &bundle.verification_material.content
    else {
        return refusal;
    };
    if refusal.code != Code::BadSignature || hint.is_empty() || key.is_named(hint) {
        return refusal;
    }
    Refusal::new(Code::UntrustedSigner, format!("it names the key {hint}, which is another"))
}

fn input(artifact: &Artifact) -> Result<Input<'_>, Refusal> {
    match artifact {
        Artifact::Bytes(bytes) => Ok(bytes.into()),
        Artifact::Digest(digest) => Ok(Sha256Hash::from_hex(&digest.to_string())?.into()),
    }
}
