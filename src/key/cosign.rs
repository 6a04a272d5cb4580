//! Private keys as cosign writes them: PKCS#8 in NaCl's secretbox, under scrypt, as JSON in PEM.

use crypto_secretbox::aead::{Aead, KeyInit};
use crypto_secretbox::{Nonce, XSalsa20Poly1305};
use data_encoding::BASE64;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::json;
use crate::key::encryption::check_scrypt;
use crate::key::{KeyError, Password};

/// The labels of such keys: of newer versions, and of older ones.
pub(super) const LABELS: [&str; 2] = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];
/// Bytes of the nonce of `XSalsa20`.
const NONCE_BYTES: usize = 24;
/// Bytes of the key of `XSalsa20`.
const KEY_BYTES: usize = 32;

#[derive(Deserialize)]
struct KeyFile<'a> {
    #[serde(borrow)]
    kdf: Kdf<'a>,
    cipher: Cipher<'a>,
    ciphertext: &'a str,
}

#[derive(Deserialize)]
struct Kdf<'a> {
    name: &'a str,
    params: Parameters,
    salt: &'a str,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "N")]
    cost: u64,
    #[serde(rename = "r")]
    block: u32,
    #[serde(rename = "p")]
    passes: u32,
}

#[derive(Deserialize)]
struct Cipher<'a> {
    name: &'a str,
    nonce: &'a str,
}

/// A private key under a password that is affordable to try.
pub(super) struct CosignKey {
    parameters: scrypt::Params,
    salt: Vec<u8>,
    nonce: [u8; NONCE_BYTES],
    ciphertext: Vec<u8>,
}

impl CosignKey {
    /// Reads the JSON within the PEM.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, KeyError> {
        let file: KeyFile<'_> = json::parse(text).map_err(|_| KeyError::Encoding)?;
        if file.kdf.name != "scrypt" || file.cipher.name != "nacl/secretbox" {
            return Err(KeyError::Algorithm);
        }
        let Parameters { cost, block, passes } = file.kdf.params;
        check_scrypt(cost, block.into(), passes.into())?;
        // The cost is a power of two above 1, so its logarithm is below 64.
        let logarithm = u8::try_from(cost.ilog2()).map_err(|_| KeyError::Encoding)?;
        let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| KeyError::Encoding);
        Ok(Self {
            parameters: scrypt::Params::new(logarithm, block, passes).map_err(|_| KeyError::Encoding)?,
            salt: bytes(file.kdf.salt)?,
            nonce: bytes(file.cipher.nonce)?.try_into().map_err(|_| KeyError::Encoding)?,
            ciphertext: bytes(file.ciphertext)?,
        })
    }

    /// Decrypts the PKCS#8 within. It is authenticated with all that it depends on: nothing of the file can be changed.
    pub(super) fn decrypt(&self, password: &Password) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        scrypt::scrypt(password.as_bytes(), &self.salt, &self.parameters, key.as_mut())
            .map_err(|_| KeyError::Encoding)?;
        let cipher = XSalsa20Poly1305::new_from_slice(key.as_ref()).map_err(|_| KeyError::Encoding)?;
        let plain = cipher.decrypt(&Nonce::from(self.nonce), self.ciphertext.as_slice());
        plain.map(Zeroizing::new).map_err(|_| KeyError::Password)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parsed(change: impl Fn(&mut Value)) -> Result<CosignKey, KeyError> {
        let mut key = json!({
            "kdf": {"name": "scrypt", "params": {"N": 1024, "r": 8, "p": 1}, "salt": BASE64.encode(&[1; 32])},
            "cipher": {"name": "nacl/secretbox", "nonce": BASE64.encode(&[2; NONCE_BYTES])},
            "ciphertext": BASE64.encode(&[3; 64]),
        });
        change(&mut key);
        CosignKey::from_json(key.to_string().as_bytes())
    }

    #[test]
    fn the_cost_is_bounded_before_it_is_spent() {
        assert!(parsed(|_| ()).is_ok());
        for (name, value) in
            [("N", json!(1 << 19)), ("N", json!(1_u64 << 63)), ("r", json!(u32::MAX)), ("p", json!(300))]
        {
            let cost = parsed(|key| {
                key["kdf"]["params"]["N"] = json!(1 << 17);
                key["kdf"]["params"][name] = value.clone();
            });
            assert!(matches!(cost, Err(KeyError::Cost)), "{name} {value}");
        }
        for (name, value) in [("N", 0), ("N", 1), ("N", 3), ("r", 0), ("p", 0)] {
            let form = parsed(|key| key["kdf"]["params"][name] = json!(value));
            assert!(matches!(form, Err(KeyError::Encoding)), "{name} {value}");
        }
    }

    #[test]
    fn what_is_not_such_a_key_is_refused() {
        type Change = fn(&mut Value);
        let changes: [(&str, Change); 6] = [
            ("form", |key| key["cipher"]["nonce"] = json!("AAAA")),
            ("form", |key| key["kdf"]["salt"] = json!("*")),
            ("form", |key| key["kdf"]["params"]["N"] = json!(-1)),
            ("form", |key| drop(key.as_object_mut().unwrap().remove("ciphertext"))),
            ("supported", |key| key["kdf"]["name"] = json!("argon2")),
            ("supported", |key| key["cipher"]["name"] = json!("none")),
        ];
        for (expected, change) in changes {
            let error = parsed(change).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let password = Zeroizing::new("x".to_owned());
        assert!(matches!(parsed(|_| ()).unwrap().decrypt(&password), Err(KeyError::Password)));
        let short = parsed(|key| key["ciphertext"] = json!("")).unwrap();
        assert!(matches!(short.decrypt(&password), Err(KeyError::Password)));
    }
}
