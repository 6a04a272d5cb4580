//! Private keys.

use ed25519_dalek::pkcs8::KeypairBytes;
use p256::ecdsa::signature::Signer as _;
use p256::elliptic_curve::Generate;
use pem_rfc7468::LineEnding;
use pkcs8::der::Decode;
use pkcs8::{EncodePrivateKey, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::key::cosign::{self, CosignKey};
use crate::key::encryption::Encrypted;
use crate::key::{Algorithm, KeyError, VerifyingKey, pem};

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";

/// A password, wiped from memory when it is dropped.
pub type Password = Zeroizing<String>;

/// A private key with its public half.
pub struct SigningKey {
    key: Key,
    public: VerifyingKey,
}

enum Key {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

impl SigningKey {
    /// Makes a new key from the random numbers of the system.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let random = |_| KeyError::Random;
        let key = match algorithm {
            Algorithm::Ed25519 => {
                let secret = Zeroizing::new(<[u8; 32]>::try_generate().map_err(random)?);
                Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(&secret))
            }
            Algorithm::EcdsaP256 => Key::P256(p256::SecretKey::try_generate().map_err(random)?.into()),
            Algorithm::EcdsaP384 => Key::P384(p384::SecretKey::try_generate().map_err(random)?.into()),
            Algorithm::EcdsaP521 => Key::P521(p521::SecretKey::try_generate().map_err(random)?.into()),
        };
        Self::new(key)
    }

    /// Reads PKCS#8 (plain or encrypted), SEC1, or a key that cosign made. The password is asked for only where it is needed.
    pub fn from_pem<E: From<KeyError>>(
        text: &str,
        password: impl FnOnce() -> Result<Option<Password>, E>,
    ) -> Result<Self, E> {
        let block = pem::decode(text)?;
        Ok(match block.label.as_str() {
            PLAIN => Self::from_pkcs8(&block.der)?,
            ENCRYPTED => {
                let encrypted = Encrypted::from_der(&block.der)?;
                let password = password()?.ok_or(KeyError::Encrypted)?;
                Self::from_pkcs8(encrypted.decrypt(&password)?.as_bytes())?
            }
            SEC1 => Self::from_sec1(&block.der)?,
            label if cosign::LABELS.contains(&label) => {
                let encrypted = CosignKey::from_json(&block.der)?;
                let password = password()?.ok_or(KeyError::Encrypted)?;
                Self::from_pkcs8(&encrypted.decrypt(&password)?)?
            }
            "PUBLIC KEY" => return Err(KeyError::Public.into()),
            _ => return Err(KeyError::Algorithm.into()),
        })
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| KeyError::Encoding)?;
        if info.algorithm.oid == ed25519_dalek::pkcs8::ALGORITHM_OID {
            let key = ed25519_dalek::SigningKey::try_from(info).map_err(|_| KeyError::Encoding)?;
            return Self::new(Key::Ed25519(key));
        }
        if let Ok(key) = p256::ecdsa::SigningKey::try_from(info.clone()) {
            return Self::new(Key::P256(key));
        }
        if let Ok(key) = p384::ecdsa::SigningKey::try_from(info.clone()) {
            return Self::new(Key::P384(key));
        }
        let key = p521::ecdsa::SigningKey::try_from(info).map_err(|_| KeyError::Algorithm)?;
        Self::new(Key::P521(key))
    }

    fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        let info = sec1::EcPrivateKey::from_der(der).map_err(|_| KeyError::Encoding)?;
        match info.private_key.len() {
            32 => p256::SecretKey::from_sec1_der(der).ok().map(|key| Key::P256(key.into())),
            48 => p384::SecretKey::from_sec1_der(der).ok().map(|key| Key::P384(key.into())),
            66 => p521::SecretKey::from_sec1_der(der).ok().map(|key| Key::P521(key.into())),
            _ => None,
        }
        .ok_or(KeyError::Algorithm)
        .and_then(Self::new)
    }

    fn new(key: Key) -> Result<Self, KeyError> {
        let public = match &key {
            Key::Ed25519(key) => VerifyingKey::from_ed25519(key.verifying_key()),
            Key::P256(key) => VerifyingKey::from_p256(*key.verifying_key()),
            Key::P384(key) => VerifyingKey::from_p384(*key.verifying_key()),
            Key::P521(key) => VerifyingKey::from_p521(*key.verifying_key()),
        }?;
        Ok(Self { key, public })
    }

    /// Says whether a text is a private key as cosign writes it, whose password is in COSIGN_PASSWORD.
    pub fn is_of_cosign(text: &str) -> bool {
        cosign::LABELS.iter().any(|label| text.trim_start().starts_with(&format!("-----BEGIN {label}-----")))
    }

    /// Returns the public half.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// Signs a message; the same message gives the same signature. ECDSA is written in ASN.1 DER.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Key::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }

    /// Writes PKCS#8, encrypted with scrypt and AES-256-CBC if there is a password.
    ///
    /// Ed25519 keys are written without their public half, or OpenSSL could not read them.
    pub fn to_pem(&self, password: Option<&Password>) -> Result<Zeroizing<String>, KeyError> {
        let plain = self.to_pkcs8().map_err(|_| KeyError::Encoding)?;
        let encoded = match password {
            None => plain.to_pem(PLAIN, LineEnding::LF),
            Some(password) => {
                let info = PrivateKeyInfoRef::from_der(plain.as_bytes()).map_err(|_| KeyError::Encoding)?;
                let encrypted = info.encrypt(password.as_bytes()).map_err(|_| KeyError::Random)?;
                encrypted.to_pem(ENCRYPTED, LineEnding::LF)
            }
        };
        encoded.map_err(|_| KeyError::Encoding)
    }

    fn to_pkcs8(&self) -> pkcs8::Result<SecretDocument> {
        match &self.key {
            Key::Ed25519(key) => KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_der(),
            Key::P256(key) => key.to_pkcs8_der(),
            Key::P384(key) => key.to_pkcs8_der(),
            Key::P521(key) => key.to_pkcs8_der(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Algorithm; 4] = [Algorithm::Ed25519, Algorithm::EcdsaP256, Algorithm::EcdsaP384, Algorithm::EcdsaP521];

    fn read(text: &str, password: Option<&str>) -> Result<SigningKey, KeyError> {
        SigningKey::from_pem(text, || Ok(password.map(|text| Zeroizing::new(text.to_owned()))))
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        let password = Zeroizing::new("correct horse".to_owned());
        for algorithm in ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let plain = read(&key.to_pem(None).unwrap(), None).unwrap();
            let encrypted = read(&key.to_pem(Some(&password)).unwrap(), Some("correct horse")).unwrap();
            for other in [plain, encrypted] {
                assert_eq!(other.public().fingerprint(), key.public().fingerprint());
                assert_eq!(other.public().algorithm(), algorithm);
            }
        }
    }

    #[test]
    fn signatures_are_deterministic_and_verify_under_the_one_key() {
        for algorithm in ALL {
            let [key, other] = [(); 2].map(|()| SigningKey::generate(algorithm).unwrap());
            let signature = key.sign(b"message");
            assert_eq!(signature, key.sign(b"message"));
            assert!(key.public().verifies(b"message", &signature));
            assert!(!key.public().verifies(b"messagE", &signature));
            assert!(!other.public().verifies(b"message", &signature));
        }
    }

    #[test]
    fn an_encrypted_key_needs_its_password() {
        let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
        let text = key.to_pem(Some(&Zeroizing::new("one".into()))).unwrap();
        assert!(matches!(read(&text, None), Err(KeyError::Encrypted)));
        assert!(matches!(read(&text, Some("two")), Err(KeyError::Password)));
    }

    #[test]
    fn a_public_key_is_refused() {
        let key = SigningKey::generate(Algorithm::EcdsaP256).unwrap();
        assert!(matches!(read(&key.public().to_pem(), None), Err(KeyError::Public)));
    }
}
