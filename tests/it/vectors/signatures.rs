//! Lines, envelopes, signatures and statements.

use assaymark::dsse::Pae;
use assaymark::sigstore_bundle::SigstoreBundle;
use data_encoding::{BASE64, BASE64URL};
use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{BOM, Forged, PROVENANCE, key, sign};
use crate::support::repository;

pub fn cases() -> Vec<Case> {
    [signers(), envelopes(), base64(), lines(), statements(), windows()].into_iter().flatten().collect()
}

/// A fault of the BOM line, which the seal names: the line is reported, and the member is missing.
pub fn of_line(name: &str, why: &str, code: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    let forged = Forged::good().edit(BOM, change);
    case(name, why).bundle(&forged).warn(&[code]).deny(&["member-missing"]).at(&[2]).like("line-rewritten")
}

pub fn signature(line: &mut Value) -> &mut Value {
    &mut line["dsseEnvelope"]["signatures"][0]["sig"]
}

pub fn signature_bytes(line: &mut Value) -> Vec<u8> {
    BASE64.decode(signature(line).as_str().unwrap().as_bytes()).unwrap()
}

fn signers() -> Vec<Case> {
    let ecdsa = Forged::create(&repository("testdata/vectors/base"), "ecdsa", &[]);
    let hintless = |line: &mut Value| {
        line["verificationMaterial"]["publicKey"] = json!({});
        line["dsseEnvelope"]["signatures"][0]["keyid"] = json!("");
    };
    let misnamed = |line: &mut Value| line["verificationMaterial"]["publicKey"]["hint"] = json!("0");
    let good = Forged::good();
    let stolen = Forged::good().with_payload(BOM, "stranger", &good.payload(BOM)).edit(BOM, |line| {
        line["verificationMaterial"]["publicKey"]["hint"] = json!(key("release").public().key_id());
        line["dsseEnvelope"]["signatures"][0]["keyid"] = json!(key("release").public().key_id());
    });
    vec![
        case("line-rewritten", "the form of a line means nothing").bundle(&Forged::good().edit(BOM, |_| {})),
        case("ecdsa", "a bundle signed with ECDSA passes").trust("ecdsa.pub").bundle(&ecdsa),
        case("wrong-key", "another key is trusted")
            .trust("stranger.pub")
            .warn(&["untrusted-signer"])
            .deny(&["no-evidence"])
            .threats(&["N042"])
            .twin_trust("release.pub"),
        case("wrong-key-ecdsa", "a key of another algorithm is trusted")
            .trust("ecdsa.pub")
            .warn(&["untrusted-signer"])
            .deny(&["no-evidence"])
            .threats(&["N042"])
            .twin_trust("release.pub"),
        case("no-key-id", "the key id is only a hint").bundle(&Forged::good().edit(BOM, hintless)).threats(&["N044"]),
        case("wrong-key-id", "a wrong key id changes nothing").bundle(&Forged::good().edit(BOM, misnamed)),
        case("stolen-key-id", "a stranger's signature names the trusted key")
            .bundle(&stolen)
            .warn(&["bad-signature"])
            .deny(&["member-missing"])
            .threats(&["N043"]),
    ]
}

fn envelopes() -> Vec<Case> {
    let flip = |line: &mut Value| {
        let mut bytes = signature_bytes(line);
        bytes[10] ^= 1;
        *signature(line) = json!(BASE64.encode(&bytes));
    };
    let cut = |line: &mut Value| *signature(line) = json!(BASE64.encode(&signature_bytes(line)[..63]));
    let long = |line: &mut Value| {
        let bytes = [signature_bytes(line), vec![0]].concat();
        *signature(line) = json!(BASE64.encode(&bytes));
    };
    let payload = |line: &mut Value| {
        let text = line["dsseEnvelope"]["payload"].as_str().unwrap();
        let mut bytes = BASE64.decode(text.as_bytes()).unwrap();
        bytes[40] ^= 1;
        line["dsseEnvelope"]["payload"] = json!(BASE64.encode(&bytes));
    };
    let two = |line: &mut Value| {
        line["dsseEnvelope"]["signatures"].as_array_mut().unwrap().push(json!({"sig": "AAAA"}));
    };
    let good = Forged::good();
    let raw = SigstoreBundle::write(
        &good.payload(BOM),
        &key("release").public().key_id(),
        key("release").sign(&good.payload(BOM)),
    );
    let mut without_encoding = Forged::good();
    without_encoding.lines[BOM] = raw.unwrap();
    vec![
        of_line("signature-flipped", "a bit of a signature is another", "bad-signature", flip).threats(&["N035"]),
        of_line("signature-cut", "a signature lacks its last byte", "bad-signature", cut).threats(&["N035"]),
        of_line("signature-longer", "a signature has a byte more", "bad-signature", long).threats(&["N035"]),
        of_line("signature-empty", "a signature is empty", "bad-signature", |line| *signature(line) = json!(""))
            .threats(&["N035"]),
        of_line("payload-flipped", "a bit of a payload is another", "bad-signature", payload).threats(&["N034"]),
        of_line("payload-type-changed", "the payload type is another", "bad-signature", |line| {
            line["dsseEnvelope"]["payloadType"] = json!("application/vnd.in-toto+JSON");
        })
        .threats(&["N038"]),
        of_line("payload-type-empty", "the payload type is empty", "bad-signature", |line| {
            line["dsseEnvelope"]["payloadType"] = json!("");
        })
        .threats(&["N038"]),
        of_line("unsigned", "a line has no signature", "unsigned", |line| {
            line["dsseEnvelope"]["signatures"] = json!([]);
        })
        .threats(&["N036"]),
        of_line("two-signatures", "a line has a second, worthless signature", "malformed-line", two).threats(&["N037"]),
        case("signed-without-encoding", "a signature covers the payload and not its encoding")
            .bundle(&without_encoding)
            .warn(&["bad-signature"])
            .deny(&["member-missing"])
            .threats(&["N039"]),
        other_payload_type(),
    ]
}

/// A trusted key signed something that is not a statement, and says so.
fn other_payload_type() -> Case {
    let good = Forged::good();
    let payload = good.payload(BOM);
    let signature = key("release").sign(Pae::new("text/plain", &payload).as_bytes());
    let forged = good.edit(BOM, |line| {
        line["dsseEnvelope"]["payloadType"] = json!("text/plain");
        line["dsseEnvelope"]["signatures"][0]["sig"] = json!(BASE64.encode(&signature));
    });
    case("payload-type-signed", "a trusted key signed another payload type")
        .bundle(&forged)
        .warn(&["unsupported-line"])
        .deny(&["member-missing"])
        .threats(&["N038"])
}

fn base64() -> Vec<Case> {
    let of = |name, why, change: fn(String) -> String| {
        of_line(name, why, "malformed-line", move |line| {
            let text = signature(line).as_str().unwrap().to_owned();
            *signature(line) = json!(change(text));
        })
        .threats(&["N041"])
    };
    vec![
        of("base64-newline", "base64 has a line feed", |text| format!("{}\n{}", &text[..8], &text[8..])),
        of("base64-unpadded", "base64 lacks its padding", |text| text.trim_end_matches('=').to_owned()),
        of("base64-spare-bits", "base64 has bits that decode to nothing", |text| {
            text.replace("==", "").split_at(85).0.to_owned() + "B=="
        }),
        of("base64-url", "base64 has the letters of addresses", |text| {
            BASE64URL.encode(&[&BASE64.decode(text.as_bytes()).unwrap()[..61], &[0xff, 0xff, 0xfe]].concat())
        }),
    ]
}

fn lines() -> Vec<Case> {
    let duplicate = {
        let mut forged = Forged::good();
        let text = String::from_utf8(forged.lines[BOM].clone()).unwrap();
        forged.lines[BOM] = text.replacen('{', "{\"mediaType\":\"x\",", 1).into_bytes();
        forged
    };
    let deep = "[".repeat(200_000);
    vec![
        of_line("media-type-unknown", "the media type is another", "unsupported-line", |line| {
            line["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.3.1+json");
        })
        .threats(&["N056"]),
        of_line("media-type-absent", "the media type is absent", "malformed-line", |line| {
            line.as_object_mut().unwrap().remove("mediaType");
        })
        .threats(&["N056"]),
        of_line("log-entry", "a line has a log entry, and no log is trusted", "unsupported-line", |line| {
            line["verificationMaterial"]["tlogEntries"] = json!([{"logIndex": "1"}]);
        })
        .threats(&["N092"]),
        of_line(
            "certificate",
            "a line is signed with a certificate, and no identity is trusted",
            "untrusted-signer",
            |line| {
                line["verificationMaterial"] = json!({"certificate": {"rawBytes": "AAAA"}});
            },
        )
        .threats(&["N080"]),
        of_line(
            "certificate-chain",
            "a line signed with a trusted key has a chain of certificates in its place",
            "untrusted-signer",
            |line| {
                line["verificationMaterial"] =
                    json!({"x509CertificateChain": {"certificates": [{"rawBytes": "AAAA"}]}});
            },
        )
        .threats(&["N080"]),
        of_line("key-and-certificate", "a line has a key and a certificate", "malformed-line", |line| {
            line["verificationMaterial"]["certificate"] = json!({"rawBytes": "AAAA"});
        })
        .threats(&["N080"]),
        of_line(
            "algorithm-in-envelope",
            "an envelope names an algorithm, and nobody listens",
            "bad-signature",
            |line| {
                line["dsseEnvelope"]["signatures"][0]["alg"] = json!("none");
                *signature(line) = json!("");
            },
        )
        .threats(&["N054"]),
        case("unknown-fields", "unknown fields of a line are ignored, as DSSE demands")
            .bundle(&Forged::good().edit(BOM, |line| line["x_unknown"] = json!({"a": [1]})))
            .threats(&["N057"]),
        case("duplicate-key", "a line has a key twice")
            .bundle(&duplicate)
            .warn(&["malformed-line"])
            .deny(&["member-missing"])
            .threats(&["N067"]),
        case("line-of-noise", "a line is not JSON")
            .bundle(&Forged::good().push(b"noise".to_vec()))
            .warn(&["malformed-line"])
            .threats(&["N068"]),
        case("line-cut", "the last line is cut")
            .raw_bundle(&Forged::good().bytes()[..Forged::good().bytes().len() - 100])
            .warn(&["malformed-line"])
            .deny(&["unsealed"])
            .threats(&["N144"]),
        case("line-too-deep", "a line is nested 200,000 deep")
            .bundle(&Forged::good().push(deep.into_bytes()))
            .deny(&["limit-exceeded"])
            .threats(&["N069"]),
        case("line-not-utf8", "a line is not UTF-8")
            .bundle(&Forged::good().push(b"{\"mediaType\":\"\xff\"}".to_vec()))
            .warn(&["malformed-line"])
            .threats(&["N068"]),
        case("line-with-mark", "a line starts with a byte order mark")
            .raw_bundle([b"\xef\xbb\xbf".as_slice(), &Forged::good().bytes()].concat())
            .warn(&["malformed-line"])
            .deny(&["member-missing"])
            .threats(&["N068"]),
        case("too-many-lines", "a bundle has 1,001 lines")
            .raw_bundle((0..1001).map(|line| line.to_string()).collect::<Vec<_>>().join("\n"))
            .deny(&["limit-exceeded"])
            .threats(&["N097"]),
    ]
}

/// A fault of the provenance statement, signed and sealed by the trusted key.
pub fn of_statement(name: &str, why: &str, change: impl FnOnce(&mut Value)) -> Case {
    let forged = Forged::good().resign(PROVENANCE, "release", change).reseal("release");
    case(name, why).bundle(&forged).deny(&["malformed-statement"]).at(&[3]).like("provenance-resigned")
}

fn statements() -> Vec<Case> {
    let hex = "0".repeat(64);
    let twice = {
        let good = Forged::good();
        let payload = String::from_utf8(good.payload(PROVENANCE)).unwrap();
        let payload = payload.replacen('{', "{\"predicateType\":\"https://slsa.dev/provenance/v1\",", 1);
        let mut forged = good.with_payload(PROVENANCE, "release", payload.as_bytes());
        // The seal must name this payload, which `members` can't read.
        let member = json!({
            "payload": assaymark::digest::Digest::of(payload.as_bytes()).to_string(),
            "predicateType": "https://slsa.dev/provenance/v1",
            "signer": key("release").public().fingerprint().to_string(),
        });
        forged = forged.reseal_with("release", |seal| {
            seal["predicate"]["members"]
                .as_array_mut()
                .unwrap()
                .retain(|one| one["predicateType"] != member["predicateType"]);
            seal["predicate"]["members"].as_array_mut().unwrap().push(member);
        });
        forged
    };
    let noise = Forged::good().push(sign(b"not a statement", &key("release")));
    vec![
        of_statement("statement-type-old", "a statement is of version 0.1", |statement| {
            statement["_type"] = json!("https://in-toto.io/Statement/v0.1");
        })
        .threats(&["N058"]),
        of_statement("predicate-not-an-object", "a provenance is an array", |statement| {
            statement["predicate"] = json!([]);
        })
        .threats(&["N060"]),
        of_statement("subject-absent", "a statement has no subject", |statement| statement["subject"] = json!([]))
            .threats(&["N064"]),
        of_statement("subject-null", "the subject of a statement is null", |statement| {
            statement["subject"] = json!(null)
        })
        .threats(&["N064"]),
        of_statement("subject-without-digest", "a subject has no digest", |statement| {
            statement["subject"][1]["digest"] = json!({});
        })
        .threats(&["N064"]),
        of_statement("subject-weak-digest", "a subject has a SHA-1 alone", |statement| {
            statement["subject"][1]["digest"] = json!({"sha1": "00"});
        })
        .threats(&["N031"]),
        of_statement("subject-second-digest", "a subject has a second digest that nobody checks", |statement| {
            statement["subject"][1]["digest"]["sha512"] = json!(hex.repeat(2));
        })
        .threats(&["N030"]),
        of_statement("subject-digest-uppercase", "the digest of a subject is in capitals", |statement| {
            let digest = statement["subject"][1]["digest"]["sha256"].as_str().unwrap().to_uppercase();
            statement["subject"][1]["digest"]["sha256"] = json!(digest);
        })
        .threats(&["N032"]),
        case("statement-duplicate-key", "a statement has a key twice")
            .bundle(&twice)
            .deny(&["malformed-statement"])
            .threats(&["N067"]),
        case("payload-of-noise", "a trusted key signed noise, which no seal names")
            .bundle(&noise)
            .warn(&["malformed-statement"])
            .threats(&["N068"]),
        case("subject-of-another-model", "the provenance is about another model")
            .bundle(
                &Forged::good()
                    .resign(PROVENANCE, "release", |one| one["subject"][1]["digest"]["sha256"] = json!(hex))
                    .reseal("release"),
            )
            .deny(&["subject-mismatch"])
            .threats(&["N065"]),
        case("subject-of-one-file", "a statement about a file list as a file does not stand for the folder")
            .bundle(
                &Forged::good()
                    .resign(PROVENANCE, "release", |one| {
                        let list = one["subject"][1].clone();
                        one["subject"] = json!([list]);
                    })
                    .reseal("release"),
            )
            .deny(&["subject-mismatch"]),
        case("type-of-another", "a provenance says that it is a BOM")
            .bundle(
                &Forged::good()
                    .resign(PROVENANCE, "release", |one| one["predicateType"] = json!("https://cyclonedx.org/bom"))
                    .reseal("release"),
            )
            .deny(&["bom-invalid"])
            .threats(&["N059"]),
    ]
}

fn windows() -> Vec<Case> {
    vec![
        case("key-valid", "a key counts inside its window")
            .trust("window.toml")
            .with(&["--at", "2026-06-01T00:00:00Z"]),
        case("key-expired", "a key does not count from its end on")
            .trust("window.toml")
            .with(&["--at", "2027-01-01T00:00:00Z"])
            .warn(&["key-expired"])
            .deny(&["no-evidence"])
            .threats(&["N090"])
            .twin_with(&["--model", "model", "--at", "2026-12-31T23:59:59Z"]),
        case("key-not-yet-valid", "a key does not count before its start")
            .trust("window.toml")
            .with(&["--at", "2025-12-31T23:59:59Z"])
            .warn(&["key-not-yet-valid"])
            .deny(&["no-evidence"])
            .threats(&["N090"])
            .twin_with(&["--model", "model", "--at", "2026-01-01T00:00:00Z"]),
        case("time-in-future", "the seal claims a time that is still to come")
            .with(&["--at", "2025-12-31T23:59:59Z"])
            .deny(&["time-in-future"])
            .threats(&["N071"])
            .twin_with(&["--model", "model", "--at", "2026-01-01T00:00:00Z"]),
    ]
}
