//! Statements: the vectors of OpenSSF Model Signing, the examples of in-toto.

use std::fs;

use assaymark::digest::Digest;
use assaymark::intoto::{Kind, Predicate, Statement, StatementError};
use assaymark::json::JsonError;
use assaymark::sigstore_bundle::{BundleError, SigstoreBundle};
use serde_json::Value;

use super::{entries, name, suite};

fn parse(path: &str) -> Result<SigstoreBundle, BundleError> {
    SigstoreBundle::parse_with_proofs(&fs::read(suite("model-signing-spec/test-vectors/v1.0").join(path)).unwrap())
}

#[test]
fn the_model_signature_of_the_specification_is_read() {
    let bundle = parse("valid/key.bundle.json").unwrap();
    assert_eq!(bundle.envelope.payload_type, assaymark::dsse::IN_TOTO);
    assert_eq!(bundle.envelope.signatures.len(), 1);
    let statement = Statement::parse(&bundle.envelope.payload).unwrap();
    let Predicate::ModelSignature(signature) = &statement.predicate else { panic!("{:?}", statement.predicate) };
    let files: Vec<_> = signature.resources.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(files, ["signme-1", "signme-2"]);
    let digests: Vec<u8> = signature.resources.iter().flat_map(|entry| *entry.digest.as_bytes()).collect();
    assert_eq!(statement.subjects[0].sha256, Digest::of(&digests), "the root digest");
    // Its signer exempted `ignore-me`, which `verify` denies.
    assert!(!signature.ignores_git_names_only());
    assert!(signature.ignored.contains("ignore-me"));
}

#[test]
fn what_the_specification_calls_invalid_is_refused_by_name() {
    let shape = |path: &str| parse(&format!("invalid/{path}.bundle.json")).unwrap_err();
    assert!(matches!(shape("empty"), BundleError::Json(JsonError::Syntax(_))));
    let missing = BundleError::Shape("expected one of `dsseEnvelope` and `messageSignature`");
    assert_eq!(shape("missing-envelope"), missing);
    let missing = shape("missing-verification-material").to_string();
    assert!(missing.contains("missing field `verificationMaterial`"), "{missing}");
    // A certificate without a log entry is read, and counts only in a trust domain that has no logs.
    assert!(parse("invalid/missing-tlog-entries.bundle.json").unwrap().certified);
    let other = parse("invalid-payload/wrong-predicate.bundle.json").unwrap();
    let other = Statement::parse(&other.envelope.payload).unwrap();
    assert_eq!(other.predicate.kind(), Kind::Other("https://example.com/wrong-predicate/v1.0".into()));
}

#[test]
fn certificates_and_chains_are_told_apart() {
    let chained = parse("valid/certificate.bundle.json").unwrap();
    assert!(chained.certified && chained.chain.is_some() && chained.certificate.is_none());
    let alone = parse("valid/sigstore.bundle.json").unwrap();
    assert!(alone.certified && alone.chain.is_none() && alone.certificate.is_some());
}

/// Each example with its type, and whether it is read: as it is printed, and with its SHA-256 written out.
///
/// The pages print most digests cut short. A subject without a SHA-256 is read, and matched with nothing.
const EXAMPLES: [(&str, &str, [bool; 2]); 12] = [
    ("reference-1.json", "https://in-toto.io/attestation/reference/v0.1", [true, true]),
    ("reference-2.json", "https://in-toto.io/attestation/reference/v0.1", [true, true]),
    ("release-1.json", "https://in-toto.io/attestation/release/v0.1", [false, true]),
    ("release-3.json", "https://in-toto.io/attestation/release/v0.1", [false, true]),
    ("release-4.json", "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", [true, true]),
    ("release-5.json", "https://in-toto.io/attestation/release/v0.1", [true, true]),
    ("scai-2.json", "https://in-toto.io/attestation/scai/v0.3", [false, true]),
    ("scai-3.json", "https://in-toto.io/attestation/scai/v0.3", [false, true]),
    ("svr-1.json", "https://in-toto.io/attestation/svr/v0.2", [false, true]),
    ("svr-2.json", "https://in-toto.io/attestation/svr/v0.2", [false, true]),
    ("svr-3.json", "https://in-toto.io/attestation/svr/v0.2", [false, true]),
    ("test-result-1.json", "https://in-toto.io/attestation/test-result/v0.1", [true, true]),
];

/// Writes a digest that was cut short in full.
fn completed(mut statement: Value) -> Value {
    for subject in statement["subject"].as_array_mut().unwrap() {
        if let Some(digest) = subject["digest"].get_mut("sha256")
            && digest.as_str().unwrap().ends_with("...")
        {
            *digest = Digest::of(digest.as_str().unwrap().as_bytes()).to_string().into();
        }
    }
    statement
}

#[test]
fn the_example_statements_of_in_toto_are_read_or_refused_by_name() {
    let files = entries("in-toto").into_iter().map(|path| name(&path)).filter(|name| !name.starts_with("LICENSE"));
    assert!(files.eq(EXAMPLES.map(|(file, ..)| file.to_owned())));
    for (file, kind, answers) in EXAMPLES {
        let printed = fs::read(suite("in-toto").join(file)).unwrap();
        let completed = completed(serde_json::from_slice(&printed).unwrap()).to_string().into_bytes();
        for (text, is_read) in [printed, completed].into_iter().zip(answers) {
            match Statement::parse(&text) {
                Ok(statement) => assert!(is_read && statement.predicate.kind() == Kind::from(kind), "{file}"),
                Err(error) => assert!(!is_read && error == StatementError::Digest(0), "{file}: {error}"),
            }
        }
    }
}
