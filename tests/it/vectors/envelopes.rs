//! More of envelopes and signatures: each variant of what was done to them elsewhere.

use assaymark::digest::Digest;
use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::sigstore_bundle::SigstoreBundle;
use data_encoding::{BASE64, BASE64URL};
use serde_json::{Value, json};

use super::signatures::{of_line, signature, signature_bytes};
use super::{Case, case};
use crate::forge::{BOM, Forged, key};
use crate::support::repository;

pub fn cases() -> Vec<Case> {
    [payloads(), signatures(), ecdsa(), counts(), encodings(), base64(), media_types()].into_iter().flatten().collect()
}

fn change_payload(line: &mut Value, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = BASE64.decode(line["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes()).unwrap();
    change(&mut bytes);
    line["dsseEnvelope"]["payload"] = json!(BASE64.encode(&bytes));
}

fn payloads() -> Vec<Case> {
    let of = |name, why, change: fn(&mut Vec<u8>)| {
        of_line(name, why, "bad-signature", |line| change_payload(line, change)).threats(&["N034"])
    };
    vec![
        of("payload-flipped-first", "a bit of the first byte of a payload is another", |bytes| bytes[0] ^= 1),
        of("payload-flipped-last", "a bit of the last byte of a payload is another", |bytes| {
            *bytes.last_mut().unwrap() ^= 1;
        }),
        of("payload-cut", "a payload lacks its last byte", |bytes| bytes.truncate(bytes.len() - 1)),
        of("payload-longer", "a payload has a space more", |bytes| bytes.push(b' ')),
        of("payload-gone", "a payload is empty", Vec::clear),
    ]
}

/// Adds the order of the group to the second half of an Ed25519 signature, which changes nothing for a
/// verifier that does not look (RFC 8032 §8.4).
fn add_order(signature: &mut [u8]) {
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let order = data_encoding::HEXLOWER.decode(ORDER.as_bytes()).unwrap();
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
}

/// HMAC-SHA256 (RFC 2104) with a key of less than a block.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect::<Vec<u8>>();
    let inner = Digest::of(&[pad(0x36), message.to_vec()].concat());
    *Digest::of(&[pad(0x5c), inner.as_bytes().to_vec()].concat()).as_bytes()
}

fn signatures() -> Vec<Case> {
    let of = |name, why, change: &dyn Fn(&mut Vec<u8>)| {
        of_line(name, why, "bad-signature", |line| {
            let mut bytes = signature_bytes(line);
            change(&mut bytes);
            *signature(line) = json!(BASE64.encode(&bytes));
        })
    };
    let payload = Forged::good().payload(BOM);
    let fingerprint = *key("release").public().fingerprint().as_bytes();
    let mac = hmac(&fingerprint, Pae::new(IN_TOTO, &payload).as_bytes());
    let point = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let identity = point("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    let zero = point("0000000000000000000000000000000000000000000000000000000000000080");
    vec![
        of("signature-flipped-first", "a bit of the first byte of a signature is another", &|bytes| bytes[0] ^= 1)
            .threats(&["N035"]),
        of("signature-flipped-last", "a bit of the last byte of a signature is another", &|bytes| bytes[63] ^= 1)
            .threats(&["N035"]),
        of("signature-of-zeros", "a signature is zero", &|bytes| bytes.fill(0)).threats(&["N035"]),
        of("ed25519-not-reduced", "the second half of a signature has the order of the group on top", &|bytes| {
            add_order(bytes);
        })
        .threats(&["N049"]),
        of("ed25519-not-canonical", "the first half of a signature is the identity, written another way", &|bytes| {
            bytes[..32].copy_from_slice(&identity);
        })
        .threats(&["N051"]),
        of("ed25519-low-order", "the first half of a signature is a point of low order", &|bytes| {
            bytes[..32].copy_from_slice(&zero);
        })
        .threats(&["N051"]),
        of("algorithm-hmac", "a code over the payload, with the public key as secret", &|bytes| *bytes = mac.to_vec())
            .threats(&["N054"]),
    ]
}

fn ecdsa() -> Vec<Case> {
    let good = || Forged::create(&repository("testdata/vectors/base"), "ecdsa", &[]);
    let of = |name, why, change: fn(&mut Vec<u8>)| {
        let forged = good().edit(BOM, |line| {
            let mut bytes = signature_bytes(line);
            change(&mut bytes);
            *signature(line) = json!(BASE64.encode(&bytes));
        });
        case(name, why)
            .trust("ecdsa.pub")
            .bundle(&forged)
            .warn(&["bad-signature"])
            .deny(&["member-missing"])
            .threats(&["N035"])
            .like("ecdsa")
    };
    let twin = good().edit(BOM, |line| {
        let parsed = p256::ecdsa::Signature::from_der(&signature_bytes(line)).unwrap();
        let other = p256::ecdsa::Signature::from_scalars(parsed.r(), -parsed.s()).unwrap();
        *signature(line) = json!(BASE64.encode(other.to_der().as_bytes()));
    });
    vec![
        of("ecdsa-flipped", "a bit of an ECDSA signature is another", |bytes| bytes[10] ^= 1),
        of("ecdsa-cut", "an ECDSA signature lacks its last byte", |bytes| bytes.truncate(bytes.len() - 1)),
        of("ecdsa-longer", "an ECDSA signature has a byte behind it", |bytes| bytes.push(0)),
        of("ecdsa-length-padded", "the length of an ECDSA signature is written in two bytes", |bytes| {
            bytes.insert(1, 0x81);
        }),
        of("ecdsa-of-zeros", "both numbers of an ECDSA signature are zero", |bytes| {
            *bytes = vec![0x30, 6, 2, 1, 0, 2, 1, 0];
        }),
        case("ecdsa-twin", "the other form of an ECDSA signature says the same, and counts once")
            .trust("ecdsa.pub")
            .bundle(&twin)
            .threats(&["N047"]),
        case("ecdsa-twin-beside", "a line with both forms of its signature, as two lines, counts once")
            .trust("ecdsa.pub")
            .bundle(&Forged { lines: [good().lines, vec![twin.lines[BOM].clone()]].concat() })
            .threats(&["N045", "N047"]),
    ]
}

fn counts() -> Vec<Case> {
    let of = |name, why, change: fn(&mut Vec<Value>)| {
        of_line(name, why, "malformed-line", |line| {
            change(line["dsseEnvelope"]["signatures"].as_array_mut().unwrap());
        })
        .threats(&["N037"])
    };
    vec![
        of("two-signatures-worthless-first", "a line has a worthless signature before the good one", |list| {
            list.insert(0, json!({"sig": "AAAA"}));
        }),
        of("two-signatures-equal", "a line has its signature twice", |list| list.push(list[0].clone())),
        of("signatures-1001", "a line has 1,001 signatures", |list| {
            let one = json!({"sig": "AAAA"});
            list.extend(std::iter::repeat_n(one, 1_000));
        })
        .threats(&["N037", "N097"]),
        case("log-entries-33", "a line has 33 log entries")
            .bundle(&Forged::good().edit(BOM, |line| {
                line["verificationMaterial"]["tlogEntries"] = json!(vec![json!({"logIndex": "1"}); 33]);
            }))
            .deny(&["limit-exceeded", "member-missing"])
            .like("line-rewritten")
            .threats(&["N097"]),
        of_line("timestamp", "a line has a timestamp, and no authority is trusted", "unsupported-line", |line| {
            line["verificationMaterial"]["timestampVerificationData"] =
                json!({"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]});
        })
        .threats(&["N100"]),
        of_line("signatures-null", "the signatures of a line are null", "malformed-line", |line| {
            line["dsseEnvelope"]["signatures"] = json!(null);
        })
        .threats(&["N036"]),
        of_line("signatures-absent", "a line has no list of signatures", "malformed-line", |line| {
            line["dsseEnvelope"].as_object_mut().unwrap().remove("signatures");
        })
        .threats(&["N036"]),
    ]
}

/// Puts a payload in place of the BOM, with a signature over bytes of the attacker's choice.
fn signed_over(payload: &[u8], kind: &str, signed: &[u8]) -> Forged {
    let release = key("release");
    let mut forged = Forged::good();
    forged.lines[BOM] = SigstoreBundle::write(payload, &release.public().key_id(), release.sign(signed)).unwrap();
    forged.edit(BOM, |line| line["dsseEnvelope"]["payloadType"] = json!(kind))
}

fn encodings() -> Vec<Case> {
    let payload = Forged::good().payload(BOM);
    let text = String::from_utf8(payload.clone()).unwrap();
    let characters = text.chars().count();
    assert!(characters < payload.len(), "the payload must have a character of two bytes");
    let pae = |kind: &str, kind_length: usize, length: usize| format!("DSSEv1 {kind_length} {kind} {length} {text}");
    let other = "application/vnd.in-toto+jsön";
    let of = |name, why, code, kind: &str, signed: String| {
        case(name, why)
            .bundle(&signed_over(&payload, kind, signed.as_bytes()))
            .warn(&[code])
            .deny(&["member-missing"])
            .like("line-rewritten")
    };
    vec![
        of(
            "encoding-counts-characters",
            "a signature covers an encoding that counts characters",
            "bad-signature",
            IN_TOTO,
            pae(IN_TOTO, IN_TOTO.len(), characters),
        )
        .threats(&["N040"]),
        of(
            "encoding-counts-characters-of-type",
            "a signature covers an encoding that counts the characters of the type",
            "bad-signature",
            other,
            pae(other, other.chars().count(), payload.len()),
        )
        .threats(&["N040"]),
        of(
            "payload-type-not-ascii",
            "a payload type that is not ASCII, signed as it should be",
            "unsupported-line",
            other,
            pae(other, other.len(), payload.len()),
        )
        .threats(&["N040"]),
        of(
            "encoding-of-version-2",
            "a signature covers an encoding of a version that is not",
            "bad-signature",
            IN_TOTO,
            pae(IN_TOTO, IN_TOTO.len(), payload.len()).replace("DSSEv1", "DSSEv2"),
        )
        .threats(&["N039"]),
        of_line("payload-type-text", "the payload type is plain text", "bad-signature", |line| {
            line["dsseEnvelope"]["payloadType"] = json!("text/plain");
        })
        .threats(&["N038"]),
    ]
}

fn base64() -> Vec<Case> {
    let of = |name, why, change: fn(&str) -> String| {
        of_line(name, why, "malformed-line", move |line| {
            let text = line["dsseEnvelope"]["payload"].as_str().unwrap().to_owned();
            line["dsseEnvelope"]["payload"] = json!(change(&text));
        })
        .threats(&["N041"])
    };
    vec![
        of("base64-payload-newline", "base64 of a payload has a line feed", |text| {
            format!("{}\n{}", &text[..8], &text[8..])
        }),
        of("base64-payload-space", "base64 of a payload has a space behind it", |text| format!("{text} ")),
        of("base64-payload-padded", "base64 of a payload has padding that is not due", |text| format!("{text}====")),
        of("base64-payload-url", "base64 of a payload has the letters of addresses", |text| {
            BASE64URL.encode(&[&BASE64.decode(text.as_bytes()).unwrap()[..], &[0xff, 0xff, 0xff]].concat())
        }),
        of("base64-payload-plain", "a payload is not in base64", |_| "{}".to_owned()),
    ]
}

fn media_types() -> Vec<Case> {
    let of = |name, why, media: &'static str| {
        of_line(name, why, "unsupported-line", |line| line["mediaType"] = json!(media)).threats(&["N056"])
    };
    let everywhere = |line: &mut Value| {
        for pointer in ["", "/verificationMaterial", "/verificationMaterial/publicKey", "/dsseEnvelope"] {
            line.pointer_mut(pointer).unwrap()["x_unknown"] = json!([{"deep": null}]);
        }
        line["dsseEnvelope"]["signatures"][0]["x_unknown"] = json!(1e3);
    };
    vec![
        of(
            "media-type-0-1",
            "a line says that it is of version 0.1",
            "application/vnd.dev.sigstore.bundle+json;version=0.1",
        ),
        of(
            "media-type-0-2",
            "a line says that it is of version 0.2",
            "application/vnd.dev.sigstore.bundle+json;version=0.2",
        ),
        of(
            "media-type-0-3-old",
            "a line names version 0.3 in the old way",
            "application/vnd.dev.sigstore.bundle+json;version=0.3",
        ),
        of("media-type-empty", "the media type of a line is empty", ""),
        of_line("media-type-null", "the media type of a line is null", "malformed-line", |line| {
            line["mediaType"] = json!(null);
        })
        .threats(&["N056"]),
        case("unknown-fields-everywhere", "unknown fields at every level of a line are ignored")
            .bundle(&Forged::good().edit(BOM, everywhere))
            .threats(&["N057"]),
    ]
}
