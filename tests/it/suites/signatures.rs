//! Signatures: Wycheproof, the edge cases of Ed25519, DSSE.

use std::collections::{BTreeMap, BTreeSet};

use assaymark::dsse::Pae;
use assaymark::key::{Algorithm, VerifyingKey};
use data_encoding::BASE64;
use p256::pkcs8::EncodePublicKey;

use super::{ed25519, hex, pem, read};

/// Runs a file of Wycheproof and returns how many vectors it has, and how many of them are valid.
///
/// Whatever verifies must not verify with one more byte, nor with one less.
fn wycheproof(file: &str, algorithm: Algorithm) -> (usize, usize) {
    let suite = read(&format!("wycheproof/{file}"));
    let (mut count, mut valid) = (0, 0);
    for group in suite["testGroups"].as_array().unwrap() {
        let key = VerifyingKey::from_pem(group["publicKeyPem"].as_str().unwrap()).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
            let verifies = key.verifies(&message, &signature);
            assert_eq!(verifies, test["result"] == "valid", "{file} {}: {}", test["tcId"], test["comment"]);
            count += 1;
            if verifies {
                valid += 1;
                let longer = [signature.as_slice(), &[0]].concat();
                assert!(!key.verifies(&message, &longer), "{file} {}", test["tcId"]);
                assert!(!key.verifies(&message, &signature[..signature.len() - 1]), "{file} {}", test["tcId"]);
            }
        }
    }
    assert_eq!(suite["numberOfTests"], count);
    (count, valid)
}

#[test]
fn wycheproof_signatures_are_judged_as_they_should() {
    assert_eq!(wycheproof("ed25519_test.json", Algorithm::Ed25519), (151, 88));
    assert_eq!(wycheproof("ecdsa_secp256r1_sha256_test.json", Algorithm::EcdsaP256), (484, 174));
    assert_eq!(wycheproof("ecdsa_secp384r1_sha384_test.json", Algorithm::EcdsaP384), (504, 194));
}

/// The vectors of CCTV that are accepted, by the flags that they have.
const CCTV_ACCEPTED: [(&str, &[u64]); 3] = [
    ("", &[305]),
    ("low_order_component_A", &[50, 182, 438, 538, 638, 738, 832]),
    (
        "low_order_component_A low_order_component_R",
        &[
            7, 29, 117, 139, 161, 249, 411, 425, 465, 473, 481, 489, 497, 511, 525, 565, 573, 581, 589, 597, 611, 625,
            665, 673, 681, 689, 697, 711, 725, 765, 773, 781, 789, 797, 899,
        ],
    ),
];

#[test]
fn cctv_ed25519_edge_cases_are_accepted_as_pinned() {
    let suite = read("cctv-ed25519/ed25519vectors.json");
    let vectors = suite.as_array().unwrap();
    assert_eq!(vectors.len(), 914);
    let mut accepted: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for vector in vectors {
        let message = vector["msg"].as_str().unwrap().as_bytes();
        if ed25519(&hex(&vector["key"])).is_some_and(|key| key.verifies(message, &hex(&vector["sig"]))) {
            let flags = vector["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
            let flags: BTreeSet<_> = flags.iter().map(|flag| flag.as_str().unwrap()).collect();
            let flags = Vec::from_iter(flags).join(" ");
            accepted.entry(flags).or_default().push(vector["number"].as_u64().unwrap());
        }
    }
    let pinned: BTreeMap<_, _> =
        CCTV_ACCEPTED.into_iter().map(|(flags, numbers)| (flags.to_owned(), numbers.to_vec())).collect();
    assert_eq!(accepted, pinned);
    assert_eq!(accepted.values().map(Vec::len).sum::<usize>(), 43);
    // A point of low order is signed for by nobody, and a second encoding of a point is a second signature.
    for flag in ["low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"] {
        assert!(!accepted.keys().any(|flags| flags.split(' ').any(|found| found == flag)), "{flag}");
    }
}

#[test]
fn speccheck_is_answered_as_a_strict_verifier_does() {
    let suite = read("ed25519-speccheck/cases.json");
    let answers = suite.as_array().unwrap().iter().map(|case| {
        let key = ed25519(&hex(&case["pub_key"]));
        if key.is_some_and(|key| key.verifies(&hex(&case["message"]), &hex(&case["signature"]))) { 'V' } else { 'X' }
    });
    assert_eq!(answers.collect::<String>(), "XXXVXXXXXXXX");
}

#[test]
fn the_dsse_vector_verifies() {
    let vector = read("dsse/spec-vector.json");
    let envelope = &vector["envelope"];
    let payload = BASE64.decode(envelope["payload"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(payload, vector["payload_utf8"].as_str().unwrap().as_bytes());
    let signed = Pae::new(envelope["payloadType"].as_str().unwrap(), &payload);
    assert_eq!(signed.as_bytes(), vector["pae_utf8"].as_str().unwrap().as_bytes());
    assert_eq!(signed.payload(), payload);
    // The specification gives the key in decimal digits, and the signature without ASN.1.
    let [x, y, d] = ["X", "Y", "d"].map(|name| decimal(vector[name].as_str().unwrap()));
    let key = p256::SecretKey::from_slice(&d).unwrap().public_key();
    assert_eq!(key.to_sec1_bytes().as_ref(), [&[4][..], &x, &y].concat());
    let public = VerifyingKey::from_pem(&pem(key.to_public_key_der().unwrap().as_bytes())).unwrap();
    let raw = BASE64.decode(envelope["signatures"][0]["sig"].as_str().unwrap().as_bytes()).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&raw).unwrap();
    assert!(public.verifies(signed.as_bytes(), signature.to_der().as_bytes()));
    assert!(!public.verifies(&payload, signature.to_der().as_bytes()), "the encoding is what is signed");
    assert!(!public.verifies(signed.as_bytes(), &raw), "signatures are ASN.1 here");
}

/// Turns decimal digits into 32 bytes.
fn decimal(digits: &str) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    for digit in digits.bytes() {
        let mut carry = u32::from(digit - b'0');
        for byte in bytes.iter_mut().rev() {
            let value = u32::from(*byte) * 10 + carry;
            *byte = (value & 0xff) as u8;
            carry = value >> 8;
        }
    }
    bytes
}
