//! Who signed a model signature.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::certificate::{Authorities, ChainError, Leaf};
use crate::dsse::{Envelope, IN_TOTO, Pae};
use crate::finding::{Code, Finding, Place};
use crate::key::{Algorithm, VerifyingKey};
use crate::model::{TrustedSigner, keyless};
use crate::sigstore_bundle::{BundleError, Chain, SigstoreBundle};

pub(super) type Refusal = Box<Finding>;

/// A payload that somebody signed whom the caller trusts.
pub(super) struct SignedPayload {
    /// The very bytes that were signed.
    pub(super) payload: Vec<u8>,
    /// Whether they were signed as version 0.2.0 did it.
    pub(super) as_0_2: bool,
    /// The signer, in words.
    pub(super) signer: String,
    /// When it was signed at the latest, if somebody vouches for that.
    pub(super) proven: Option<DateTime<Utc>>,
}

pub(super) fn deny(code: Code, summary: impl Into<String>) -> Finding {
    Finding::deny(code, Place::Signature, summary.into())
}

/// Checks the signature of a bundle.
pub(super) fn authenticate(
    bytes: &[u8],
    trusted: &TrustedSigner<'_>,
    at: DateTime<Utc>,
) -> Result<SignedPayload, Refusal> {
    match trusted {
        TrustedSigner::Key { key, .. } => by_key(bytes, key),
        TrustedSigner::Certificate { authorities, .. } => by_certificate(bytes, authorities, at),
        TrustedSigner::Identity { root, identity, .. } => keyless::authenticate(bytes, root, identity, at),
    }
}

fn by_key(bytes: &[u8], key: &VerifyingKey) -> Result<SignedPayload, Refusal> {
    let (bundle, chain) = read(bytes)?;
    let signature = sole_signature(&bundle.envelope)?;
    if chain.is_some() {
        let summary = "it was made with a certificate, and is to be verified with a key";
        return Err(deny(Code::UntrustedSigner, summary).help("verify it with `model verify certificate`").into());
    }
    check_algorithm(key)?;
    let as_0_2 = check_key(&bundle, key, signature)?;
    let signer = format!("{} {}", key.algorithm().as_str(), key.key_id());
    Ok(SignedPayload { payload: bundle.envelope.payload, as_0_2, signer, proven: None })
}

fn by_certificate(bytes: &[u8], authorities: &Authorities, at: DateTime<Utc>) -> Result<SignedPayload, Refusal> {
    let (bundle, chain) = read(bytes)?;
    let signature = sole_signature(&bundle.envelope)?;
    let Some(chain) = chain else {
        let summary = "it was made with a key, and is to be verified with a certificate";
        return Err(deny(Code::UntrustedSigner, summary).help("verify it with `model verify key`").into());
    };
    let leaf = authorities.verify(&chain, at).map_err(|error| refuse_chain(&error, at))?;
    check_algorithm(leaf.key())?;
    let Some(as_0_2) = fits(&bundle.envelope, leaf.key(), signature) else {
        let summary = "the signature does not fit the content, though the certificate is trusted";
        return Err(deny(Code::BadSignature, summary).help(GET_AGAIN).into());
    };
    Ok(SignedPayload { payload: bundle.envelope.payload, as_0_2, signer: words(&leaf), proven: None })
}

/// Reads a bundle that a lasting key signed, and names any other as what it is.
fn read(bytes: &[u8]) -> Result<(SigstoreBundle, Option<Chain>), Refusal> {
    SigstoreBundle::parse_with_chain(bytes).map_err(|error| {
        if matches!(SigstoreBundle::parse_with_proofs(bytes), Ok(bundle) if bundle.certificate.is_some()) {
            let summary = "it was made without a lasting key, and is to be verified with one or with a certificate";
            return deny(Code::UntrustedSigner, summary).help("verify it with `model verify sigstore`").into();
        }
        unreadable(&error)
    })
}

/// Returns the one signature over a statement.
pub(super) fn sole_signature(envelope: &Envelope) -> Result<&[u8], Refusal> {
    let signature = match envelope.signatures.as_slice() {
        [signature] => signature.bytes.as_slice(),
        [] => return Err(deny(Code::Unsigned, "it holds no signature").into()),
        _ => return Err(deny(Code::MalformedLine, "it holds more than one signature").into()),
    };
    if envelope.payload_type != IN_TOTO {
        return Err(deny(Code::UnsupportedLine, "its payload is not an in-toto statement").into());
    }
    Ok(signature)
}

pub(super) const GET_AGAIN: &str = "get it again; if it still fails, tell the publisher and do not use the model";

fn words(leaf: &Leaf) -> String {
    let names = if leaf.names().is_empty() { String::new() } else { format!(" ({})", leaf.names().join(", ")) };
    format!("{} {}{names}", leaf.key().algorithm().as_str(), leaf.subject())
}

fn check_algorithm(key: &VerifyingKey) -> Result<(), Refusal> {
    match key.algorithm() {
        Algorithm::Ed25519 => {
            let finding = deny(Code::UnsupportedLine, "OpenSSF Model Signing has no ed25519");
            Err(finding.help("`bundle verify` reads release bundles by such keys").into())
        }
        Algorithm::EcdsaP256 | Algorithm::EcdsaP384 | Algorithm::EcdsaP521 => Ok(()),
    }
}

/// Checks the signature of a key. The bundle may name none; if it names one, it is this.
fn check_key(bundle: &SigstoreBundle, key: &VerifyingKey, signature: &[u8]) -> Result<bool, Refusal> {
    let named = bundle.key_hint.as_deref().map(|hint| (hint, key.is_named(hint)));
    let as_0_2 = fits(&bundle.envelope, key, signature);
    let finding = match (as_0_2, named) {
        (Some(as_0_2), None | Some((_, true))) => return Ok(as_0_2),
        (Some(_), Some((_, false))) => {
            deny(Code::BadSignature, "it names another key than the one that made the signature")
        }
        (None, None | Some((_, true))) => {
            deny(Code::BadSignature, "the signature does not fit the content and this key").help(GET_AGAIN)
        }
        (None, Some((_, false))) => deny(Code::UntrustedSigner, "it is signed, but with another key")
            .help("if the publisher changed keys, get the new one from them directly"),
    };
    let finding = finding.expected(format!("{} {}", key.algorithm().as_str(), key.key_id()));
    Err(match named {
        Some((hint, _)) => finding.found(format!("it names the key {hint}, which is a claim and no proof")),
        None => finding.found("it names no key"),
    }
    .into())
}

/// Says whether a signature fits, and whether only as version 0.2.0 of the reference signed.
fn fits(envelope: &Envelope, key: &VerifyingKey, signature: &[u8]) -> Option<bool> {
    if key.verifies(Pae::new(IN_TOTO, &envelope.payload).as_bytes(), signature) {
        return Some(false);
    }
    key.verifies(&pae_0_2(&envelope.payload), signature).then_some(true)
}

/// Encodes as version 0.2.0 of the reference did: the payload as Python shows bytes. It is one to one, and
/// can't be taken for the encoding of DSSE, which begins otherwise.
fn pae_0_2(payload: &[u8]) -> Vec<u8> {
    use std::fmt::Write as _;
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("DSSEV1 {} {IN_TOTO} {} b{quote}", IN_TOTO.len(), payload.len());
    for byte in payload {
        match char::from(*byte) {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            shown if shown == quote => {
                text.push('\\');
                text.push(shown);
            }
            shown @ ' '..='~' => text.push(shown),
            // Writing to a `String` can't fail.
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text.push(quote);
    text.into_bytes()
}

fn refuse_chain(error: &ChainError, at: DateTime<Utc>) -> Refusal {
    let finding = deny(error.code(), format!("the chain of certificates is refused: {error}"));
    match error {
        ChainError::Expired(_) | ChainError::NotYetValid(_) => {
            finding.found(format!("checked at {}", at.to_rfc3339_opts(SecondsFormat::Secs, true)))
        }
        _ => finding,
    }
    .into()
}

pub(super) fn unreadable(error: &BundleError) -> Refusal {
    let code = match error {
        BundleError::Json(json) if json.is_limit() => Code::LimitExceeded,
        BundleError::Proofs => Code::LimitExceeded,
        BundleError::Unsupported(_) => Code::UnsupportedLine,
        _ => Code::MalformedLine,
    };
    deny(code, format!("it is not a signature that can be checked: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_0_2_signed_what_python_shows() {
        let shown = |payload: &[u8]| {
            let text = String::from_utf8(pae_0_2(payload)).unwrap();
            text.split_once(IN_TOTO).unwrap().1.to_owned()
        };
        assert_eq!(shown(b"{\"a\":1}\n"), " 8 b'{\"a\":1}\\n'");
        assert_eq!(shown(b"it's"), " 4 b\"it's\"");
        assert_eq!(shown(b"\"it's\""), " 6 b'\"it\\'s\"'");
        assert_eq!(shown("é\\\t\u{7f}".as_bytes()), " 5 b'\\xc3\\xa9\\\\\\t\\x7f'");
    }
}
