//! Public keys.

use assaymark::key::VerifyingKey;

/// A key has one form in which we write it, and no key verifies nothing.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let key = match VerifyingKey::from_pem(text) {
        Ok(key) => key,
        Err(error) => return super::explain(&error),
    };
    let written = key.to_pem();
    let again = VerifyingKey::from_pem(&written).expect("what we write is read");
    assert_eq!(again.to_pem(), written);
    assert_eq!(again.fingerprint(), key.fingerprint());
    assert_eq!(again.algorithm(), key.algorithm());
    for signature in [&[][..], &[0; 64], &[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00], &[1; 72]] {
        assert!(!key.verifies(b"", signature), "nobody signed this");
    }
}
