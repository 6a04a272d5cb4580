//! Private keys. No password is given: what it would cost to try one is bounded, and still too much to try often.

use assaymark::key::{KeyError, SigningKey};

/// A key that is read signs what its public half verifies, and reads as it was written.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let key = match SigningKey::from_pem(text, || Ok::<_, KeyError>(None)) {
        Ok(key) => key,
        Err(error) => return super::explain(&error),
    };
    let signature = key.sign(data);
    assert!(key.public().verifies(data, &signature));
    let written = key.to_pem(None).expect("a key can be written");
    let again = SigningKey::from_pem(&written, || Ok::<_, KeyError>(None)).expect("what we write is read");
    assert_eq!(again.public().fingerprint(), key.public().fingerprint());
    assert_eq!(again.sign(data), signature);
}
