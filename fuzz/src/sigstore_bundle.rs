//! Sigstore bundles: one line of a release bundle.

use assaymark::sigstore_bundle::SigstoreBundle;

/// What is read, and written anew with its first signature, reads as the same.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let Ok(bundle) = SigstoreBundle::parse(data) else { return };
    super::envelope::accepted(&bundle.envelope, data);
    let Some(signature) = bundle.envelope.signatures.first() else { return };
    let key = bundle.key_hint.as_deref().unwrap_or("none");
    let line =
        SigstoreBundle::write(&bundle.envelope.payload, key, signature.bytes.clone()).expect("it can be written");
    let again = SigstoreBundle::parse(&line).expect("what we write is read");
    assert_eq!(again.key_hint.as_deref(), Some(key));
    assert_eq!(again.envelope.payload, bundle.envelope.payload);
    assert_eq!(again.envelope.signatures.len(), 1);
    assert_eq!(again.envelope.signatures[0].bytes, signature.bytes);
}
