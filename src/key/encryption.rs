//! Private keys under a password: PBES2 (RFC 8018), its cost bounded before it is spent.

use pkcs8::der::Decode;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, ScryptParams};
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};

use crate::key::{KeyError, Password};
use crate::limits;

/// A private key under a password that is affordable to try.
pub(super) struct Encrypted<'a>(EncryptedPrivateKeyInfoRef<'a>);

impl<'a> Encrypted<'a> {
    /// Reads the DER of an `EncryptedPrivateKeyInfo`.
    pub(super) fn from_der(der: &'a [u8]) -> Result<Self, KeyError> {
        let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| KeyError::Encoding)?;
        check_cost(&info.encryption_algorithm)?;
        Ok(Self(info))
    }

    /// Decrypts the PKCS#8 within.
    pub(super) fn decrypt(&self, password: &Password) -> Result<SecretDocument, KeyError> {
        self.0.decrypt(password.as_bytes()).map_err(|_| KeyError::Password)
    }
}

/// The file itself says how much work its password costs: four bytes can ask for days or for all memory.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), KeyError> {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(parameters)) if parameters.iteration_count <= limits::PBKDF2_ITERATIONS => Ok(()),
        Some(Kdf::Scrypt(parameters)) => {
            let ScryptParams { cost_parameter, block_size, parallelization, .. } = parameters;
            check_scrypt(*cost_parameter, (*block_size).into(), (*parallelization).into())
        }
        Some(_) => Err(KeyError::Cost),
        None => Err(KeyError::LegacyEncryption),
    }
}

/// RFC 7914 demands a power of two above 1; the library panics on 0. The block is in units of 128 bytes.
pub(super) fn check_scrypt(cost: u64, block: u64, passes: u64) -> Result<(), KeyError> {
    if !cost.is_power_of_two() || cost == 1 {
        return Err(KeyError::Encoding);
    }
    let bytes = block.checked_mul(128).and_then(|bytes| bytes.checked_mul(cost));
    match bytes.and_then(|bytes| bytes.checked_mul(passes)) {
        Some(bytes) if bytes <= limits::SCRYPT_BYTES => Ok(()),
        _ => Err(KeyError::Cost),
    }
}

#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::{Parameters, Pbkdf2Params};
    use zeroize::Zeroizing;

    use super::*;

    fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16) -> Result<(), KeyError> {
        check_scrypt(cost_parameter, block_size.into(), parallelization.into())
    }

    #[test]
    fn the_cost_of_a_password_is_bounded() {
        assert!(scrypt(1 << 14, 8, 1).is_ok(), "what OpenSSL and we write");
        assert!(scrypt(1 << 18, 8, 1).is_ok());
        for (cost, block, passes) in [(1 << 19, 8, 1), (1 << 14, 8, 17), (1 << 63, u16::MAX, u16::MAX), (2, 8, 0)] {
            let result = scrypt(cost, block, passes);
            assert_eq!(matches!(result, Err(KeyError::Cost)), passes > 0, "{cost} {block} {passes}: {result:?}");
        }
        for cost in [0, 1, 3, (1 << 14) + 1] {
            assert!(matches!(scrypt(cost, 8, 1), Err(KeyError::Encoding)), "{cost}");
        }
    }

    #[test]
    fn iterations_are_bounded() {
        let scheme = |iteration_count| {
            let mut kdf = Pbkdf2Params::hmac_sha256(1, &[0; 8]).unwrap();
            kdf.iteration_count = iteration_count;
            let encryption = pkcs8::pkcs5::pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] };
            EncryptionScheme::from(Parameters { kdf: kdf.into(), encryption })
        };
        assert!(check_cost(&scheme(600_000)).is_ok());
        assert!(matches!(check_cost(&scheme(limits::PBKDF2_ITERATIONS + 1)), Err(KeyError::Cost)));
    }

    #[test]
    fn a_key_that_asks_for_nothing_or_too_much_is_no_panic() {
        for (cost, answer) in [("0200", "form"), ("020100", "form"), ("02050100000000", "work")] {
            let key = encrypted(cost);
            let error = Encrypted::from_der(&key).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(answer), "{cost}: {error}");
        }
        let key = encrypted("02020400");
        let wrong = Encrypted::from_der(&key).unwrap().decrypt(&Zeroizing::new("x".into()));
        assert!(matches!(wrong, Err(KeyError::Password)));
    }

    /// Writes an `EncryptedPrivateKeyInfo` whose scrypt has the cost of this DER integer.
    fn encrypted(cost: &str) -> Vec<u8> {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let sequence = |tag: u8, parts: &[&[u8]]| {
            let body = parts.concat();
            [&[tag, u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
        };
        let scrypt = sequence(0x30, &[&hex("04080000000000000000"), &hex(cost), &hex("020108"), &hex("020101")]);
        let kdf = sequence(0x30, &[&hex("06092b06010401da47040b"), &scrypt]);
        let iv = sequence(0x04, &[&[0; 16]]);
        let cipher = sequence(0x30, &[&hex("060960864801650304012a"), &iv]);
        let parameters = sequence(0x30, &[&kdf, &cipher]);
        let scheme = sequence(0x30, &[&hex("06092a864886f70d01050d"), &parameters]);
        sequence(0x30, &[&scheme, &sequence(0x04, &[&[0; 16]])])
    }
}
