//! Evidence in the forms of others, as `bundle attest --import` reads it.

use assaymark::foreign;
use assaymark::limits;
use assaymark::sigstore_bundle::SigstoreBundle;

/// What comes out is lines of a release bundle, each with one signature; lines with and without what logs say have the
/// same payload and signature, and reading such a line anew gives it again.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let mut signatures = 0;
    for (_, read) in foreign::read(data) {
        let candidates = match read {
            Ok(candidates) => candidates,
            Err(error) => {
                super::explain(&error);
                continue;
            }
        };
        assert!(!candidates.is_empty());
        signatures += candidates.len();
        for candidate in candidates {
            let line = candidate.of_key("id");
            assert!(line.is_some() || candidate.whole().is_some(), "it is no line");
            let parsed = line.map(|line| {
                let parsed = SigstoreBundle::parse(&line).expect("what we write is read");
                assert_eq!((parsed.envelope.signatures.len(), parsed.key_hint.as_deref()), (1, Some("id")));
                let again = foreign::read(&line).remove(0).1.expect("a line can be imported").remove(0);
                assert_eq!(again.of_key("id"), Some(line));
                parsed.envelope
            });
            let whole = candidate.whole().and_then(|line| SigstoreBundle::parse_line(&line).ok());
            if let (Some(one), Some(other)) = (parsed, whole) {
                let other = other.envelope;
                assert_eq!((one.payload, one.payload_type), (other.payload, other.payload_type));
                assert_eq!(one.signatures[0].bytes, other.signatures[0].bytes);
            }
        }
    }
    assert!(signatures <= limits::BUNDLE_LINES / 2);
}
