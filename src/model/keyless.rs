//! Who signed a model signature without a lasting key: somebody with a certificate of Sigstore.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::dsse::{IN_TOTO, Pae};
use crate::finding::Code;
use crate::model::authenticate::{GET_AGAIN, Refusal, SignedPayload, deny, sole_signature, unreadable};
use crate::sigstore::{Certified, Identity, Refusal as Refused, Root};
use crate::sigstore_bundle::SigstoreBundle;

/// Checks certificate, logs, timestamps and signature, and compares the identity.
pub(super) fn authenticate(
    bytes: &[u8],
    root: &Root,
    identity: &Identity,
    at: DateTime<Utc>,
) -> Result<SignedPayload, Refusal> {
    let bundle = SigstoreBundle::parse_of_client(bytes).map_err(|error| unreadable(&error))?;
    if bundle.chain.is_some() {
        let summary = "it was made with a certificate of an own authority, and is to be verified with an identity";
        return Err(deny(Code::UntrustedSigner, summary).help("verify it with `model verify certificate`").into());
    }
    sole_signature(&bundle.envelope)?;
    if !bundle.certified {
        let summary = "it was made with a key, and is to be verified with an identity";
        return Err(deny(Code::UntrustedSigner, summary).help("verify it with `model verify key`").into());
    }
    let message = Pae::new(IN_TOTO, &bundle.envelope.payload);
    let Certified { subject, issuer, proof } = root.certified(bytes, &message).map_err(|refused| refuse(&refused))?;
    let signer = format!("{subject} of {issuer}");
    if !identity.fits(&subject, &issuer) {
        let finding = deny(Code::UntrustedSigner, "it was made with a certificate, but of somebody else");
        let finding = finding.expected(identity.to_string()).found(signer);
        return Err(finding.help("if the publisher signs as somebody else now, learn that from them directly").into());
    }
    if let Some(late) = proof.times.iter().find(|time| **time > at) {
        let summary = "it was made after the time of this check, says who vouches for the time";
        let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let finding = deny(Code::TimeInFuture, summary).expected(format!("before {}", shown(at)));
        return Err(finding.found(shown(*late)).into());
    }
    let proven = proof.times.iter().min().copied();
    Ok(SignedPayload { payload: bundle.envelope.payload, as_0_2: false, signer, proven })
}

fn refuse(refused: &Refused) -> Refusal {
    let summary = match refused.code {
        Code::BadSignature => "the signature does not fit the content or the certificate",
        Code::UntrustedSigner => "the certificate is of no authority that is trusted",
        Code::WrongLog => "no trusted log vouches for it",
        Code::WrongTime => "no trusted time at which the certificate was valid is proven for it",
        Code::MalformedLine | Code::MalformedStatement => "it can't be read",
        _ => "it can't be checked",
    };
    let finding = deny(refused.code, summary).found(refused.reason.clone());
    if refused.code == Code::BadSignature { finding.help(GET_AGAIN) } else { finding }.into()
}
