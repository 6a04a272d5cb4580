//! Public keys.

use data_encoding::BASE64;
use ed25519_dalek::pkcs8::DecodePublicKey;
use p256::pkcs8::EncodePublicKey;
use pem_rfc7468::LineEnding;
use pkcs8::der::Decode;
use pkcs8::spki::SubjectPublicKeyInfoRef;

use crate::digest::Digest;
use crate::key::{Algorithm, KeyError, pem};

/// The label of a public key in PEM.
const LABEL: &str = "PUBLIC KEY";

/// A public key, decoded once and known not to be weak.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    key: Key,
    /// The one DER form of the key: SPKI, points uncompressed.
    spki: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Key {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

impl VerifyingKey {
    /// Says whether a text looks like a key, of whatever kind, and not like a file that names keys.
    pub fn is_key_file(text: &str) -> bool {
        pem::is_key(text)
    }

    /// Reads one `PUBLIC KEY` block. Points may be compressed.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let block = pem::decode(text)?;
        if block.label.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        if block.label != LABEL {
            return Err(KeyError::Algorithm);
        }
        Self::from_spki(&block.der)
    }

    /// Reads the DER of a `SubjectPublicKeyInfo`. Points may be compressed.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyError::Encoding)?;
        if info.algorithm.oid == ed25519_dalek::pkcs8::ALGORITHM_OID {
            let key = ed25519_dalek::VerifyingKey::from_public_key_der(der).map_err(|_| KeyError::Encoding)?;
            return Self::from_ed25519(key);
        }
        if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(der) {
            return Self::from_p256(key);
        }
        if let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_der(der) {
            return Self::from_p384(key);
        }
        Self::from_p521(p521::ecdsa::VerifyingKey::from_public_key_der(der).map_err(|_| KeyError::Algorithm)?)
    }

    pub(super) fn from_ed25519(key: ed25519_dalek::VerifyingKey) -> Result<Self, KeyError> {
        if key.is_weak() { Err(KeyError::Weak) } else { Self::new(Key::Ed25519(key)) }
    }

    pub(super) fn from_p256(key: p256::ecdsa::VerifyingKey) -> Result<Self, KeyError> {
        Self::new(Key::P256(key))
    }

    pub(super) fn from_p384(key: p384::ecdsa::VerifyingKey) -> Result<Self, KeyError> {
        Self::new(Key::P384(key))
    }

    pub(super) fn from_p521(key: p521::ecdsa::VerifyingKey) -> Result<Self, KeyError> {
        Self::new(Key::P521(key))
    }

    fn new(key: Key) -> Result<Self, KeyError> {
        let document = match &key {
            Key::Ed25519(key) => key.to_public_key_der(),
            Key::P256(key) => key.to_public_key_der(),
            Key::P384(key) => key.to_public_key_der(),
            Key::P521(key) => key.to_public_key_der(),
        };
        let spki = document.map_err(|_| KeyError::Encoding)?.into_vec();
        Ok(Self { key, spki })
    }

    /// Says whether `signature` over `message` was made with this key.
    ///
    /// Ed25519 as `verify_strict` does it (no low-order points, canonical encodings); ECDSA in ASN.1 DER.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        use p256::ecdsa::signature::Verifier;
        match &self.key {
            Key::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Key::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Key::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Key::P521(key) => p521::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }

    /// Returns the algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::Ed25519(_) => Algorithm::Ed25519,
            Key::P256(_) => Algorithm::EcdsaP256,
            Key::P384(_) => Algorithm::EcdsaP384,
            Key::P521(_) => Algorithm::EcdsaP521,
        }
    }

    /// Returns the SHA-256 of the DER SPKI: what two keys are compared by.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.spki)
    }

    /// Returns the SHA-256 of the PEM text: what Sigstore bundles of model signatures call the key.
    pub fn key_id(&self) -> String {
        Digest::of(self.to_pem().as_bytes()).to_string()
    }

    /// Says whether a hint names the key, in one of the ways in which tools write that: the SHA-256 of the PEM in
    /// hexadecimal (`model_signing`), or of the DER in hexadecimal or base64 (cosign, sigstore-go).
    pub fn is_named(&self, hint: &str) -> bool {
        let fingerprint = self.fingerprint();
        hint == self.key_id() || hint == fingerprint.to_string() || hint == BASE64.encode(fingerprint.as_bytes())
    }

    /// Writes the key as `openssl pkey -pubout` does.
    pub fn to_pem(&self) -> String {
        // Encoding fails only where a length overflows, and a key has under 200 bytes.
        pem_rfc7468::encode_string(LABEL, LineEnding::LF, &self.spki).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `openssl pkey -pubout` of the key of RFC 8032, test 1.
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
        -----END PUBLIC KEY-----\n";

    #[test]
    fn a_key_is_written_as_it_was_read() {
        let key = VerifyingKey::from_pem(ED25519).unwrap();
        assert_eq!(key.to_pem(), ED25519);
        assert_eq!(key.key_id(), Digest::of(ED25519.as_bytes()).to_string());
        assert_eq!(key.algorithm(), Algorithm::Ed25519);
    }

    #[test]
    fn the_signature_of_rfc_8032_verifies_and_no_other() {
        let signature = data_encoding::HEXLOWER
            .decode(
                b"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b\
                  d25bf5f0595bbe24655141438e7a100b",
            )
            .unwrap();
        let key = VerifyingKey::from_pem(ED25519).unwrap();
        assert!(key.verifies(b"", &signature));
        assert!(!key.verifies(b"x", &signature));
        assert!(!key.verifies(b"", &signature[..63]));
        assert!(!key.verifies(b"", &[]));
    }

    #[test]
    fn low_order_points_are_refused() {
        // The eight points of small order, as they are encoded canonically.
        for point in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ] {
            let mut der = data_encoding::HEXLOWER.decode(b"302a300506032b6570032100").unwrap();
            der.extend(data_encoding::HEXLOWER.decode(point.as_bytes()).unwrap());
            let pem = pem_rfc7468::encode_string(LABEL, LineEnding::LF, &der).unwrap();
            assert!(matches!(VerifyingKey::from_pem(&pem), Err(KeyError::Weak)), "{point}");
        }
    }

    #[test]
    fn what_is_not_one_public_key_is_refused_with_its_reason() {
        let private = ED25519.replace("PUBLIC", "PRIVATE");
        let certificate = ED25519.replace("PUBLIC KEY", "CERTIFICATE");
        let damaged = ED25519.replace("MCow", "MCox");
        assert!(matches!(VerifyingKey::from_pem(&private), Err(KeyError::Private)));
        assert!(matches!(VerifyingKey::from_pem(&certificate), Err(KeyError::Algorithm)));
        assert!(matches!(VerifyingKey::from_pem(&damaged), Err(KeyError::Encoding)));
        for text in ["", "key", &format!("x{ED25519}")] {
            assert!(matches!(VerifyingKey::from_pem(text), Err(KeyError::Pem)), "{text}");
        }
        assert!(matches!(VerifyingKey::from_pem(&ED25519.repeat(2)), Err(KeyError::Several(2))));
        let open = ED25519.replace("-----END", "-----BEGIN");
        assert!(matches!(VerifyingKey::from_pem(&open), Err(KeyError::PemBlock(_))));
        VerifyingKey::from_pem(&format!("\u{feff}the key:\n{ED25519}")).unwrap();
    }
}
