//! Certificates, transparency logs and timestamps: lines of `testdata/keyless`, which its script signs, as they are
//! and changed. Each fault is in the BOM line, which the seal names.

use std::fs;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::signatures::{signature, signature_bytes};
use super::{Case, case};
use crate::forge::{BOM, Forged};
use crate::support::repository;

const TRUST: &str = "keyless.toml";
const PROOFS: &str =
    "[policy]\nname = \"vector\"\n[[require]]\nevidence = \"bom\"\ntimestamped = true\nlogged = true\n";

pub fn cases() -> Vec<Case> {
    [passing(), signers(), logs(), promises(), times(), forms(), keys(), calls()].into_iter().flatten().collect()
}

fn bundle(name: &str) -> Forged {
    Forged::of(&fs::read(repository("testdata/keyless").join(name)).unwrap())
}

fn good() -> Forged {
    bundle("good.intoto.jsonl")
}

fn line(name: &str) -> Vec<u8> {
    let text = fs::read(repository("testdata/keyless/lines").join(name).with_extension("json")).unwrap();
    text.trim_ascii().to_vec()
}

fn with(mut forged: Forged, name: &str) -> Forged {
    forged.lines[BOM] = line(name);
    forged
}

/// A vector with another BOM line than the good one.
fn of(name: &str, why: &str, forged: &Forged, code: &'static str) -> Case {
    let case = case(&format!("keyless-{name}"), why).trust(TRUST).bundle(forged).warn(&[code]);
    case.deny(&["member-missing"]).at(&[2]).like("keyless")
}

/// A vector whose BOM line the script made.
fn made(name: &str, why: &str, code: &'static str) -> Case {
    of(name, why, &with(good(), name), code)
}

/// A vector whose BOM line is changed after it was signed.
fn changed(name: &str, why: &str, code: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    of(name, why, &good().edit(BOM, change), code)
}

fn entry(line: &mut Value) -> &mut Value {
    &mut line["verificationMaterial"]["tlogEntries"][0]
}

fn flip(text: &mut Value, at: usize) {
    let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    bytes[at] ^= 1;
    *text = json!(BASE64.encode(&bytes));
}

fn part(name: &str, pointer: &str) -> Value {
    let line: Value = serde_json::from_slice(&line(name)).unwrap();
    line.pointer(pointer).unwrap().clone()
}

fn passing() -> Vec<Case> {
    let of = |name: &str, why: &str, forged: &Forged| case(name, why).trust(TRUST).bundle(forged);
    vec![
        of("keyless", "every line is signed with a certificate, and is in a log", &good()),
        of("keyless-log-2", "a line is in a log of version 2, with a timestamp", &with(good(), "log-2")),
        of("keyless-both-logs", "a line is in two logs, with a timestamp", &with(good(), "both-logs")),
        of("keyless-proofs", "a line must be in a log and have a timestamp, and is and has", &with(good(), "log-2"))
            .write("policy.toml", PROOFS)
            .with(&["--policy", "policy.toml"]),
        of("keyless-pattern", "a pattern fits the whole subject", &good()).trust("keyless-pattern.toml"),
    ]
}

fn signers() -> Vec<Case> {
    let other = |name: &str, why: &str| made(name, why, "untrusted-signer");
    let swapped = part("other-payload", "/verificationMaterial/certificate");
    let stranger = |name: &str, why: &str, trust| {
        case(name, why)
            .trust(trust)
            .bundle(&good())
            .warn(&["untrusted-signer"])
            .deny(&["no-evidence"])
            .twin_trust(TRUST)
            .like("keyless")
    };
    vec![
        other("longer-subject", "the subject begins with the trusted one").threats(&["N083"]),
        other("shorter-subject", "the trusted subject begins with the subject").threats(&["N083"]),
        other("capital-subject", "the subject differs by a capital").threats(&["N083"]),
        case("keyless-homoglyph-subject", "a letter of the trusted subject only looks like the one that signed")
            .trust("keyless-homoglyph.toml")
            .bundle(&good())
            .warn(&["untrusted-signer"])
            .deny(&["no-evidence"])
            .twin_trust(TRUST)
            .like("keyless")
            .threats(&["N083"]),
        other("mail-subject", "the subject is somebody else").threats(&["N083"]),
        other("other-issuer", "another issuer vouches for the subject").threats(&["N084"]),
        other("other-authority", "an authority that is not trusted issued the certificate").threats(&["N080"]),
        other("server-usage", "the certificate is for servers and not for code").threats(&["N082"]),
        changed("certificate-swapped", "the certificate is that of another line", "bad-signature", |line| {
            line["verificationMaterial"]["certificate"] = swapped;
        })
        .threats(&["N080"]),
        stranger("keyless-no-identity", "a key is trusted, and no identity", "release.pub").threats(&["N080"]),
        stranger("keyless-pattern-part", "a pattern fits a part of the subject", "keyless-pattern-part.toml")
            .threats(&["N083"]),
        stranger("keyless-two-fit", "two patterns fit the subject, of two attesters", "keyless-two-fit.toml")
            .threats(&["N083"]),
    ]
}

fn logs() -> Vec<Case> {
    let wrong = |name: &str, why: &str, change: fn(&mut Value)| changed(name, why, "wrong-log", change);
    vec![
        made("no-log", "a line is in no log", "wrong-log").threats(&["N092"]),
        made("other-log", "a line is in a log that is not trusted", "wrong-log").threats(&["N094"]),
        made("good-and-other-log", "of two entries one is of a log that is not trusted", "wrong-log")
            .threats(&["N094"]),
        made("no-sct", "the certificate is in no certificate log", "wrong-log").threats(&["N086"]),
        made("other-sct", "the certificate is in a log that is not trusted", "wrong-log").threats(&["N086"]),
        wrong("entry-swapped", "the log entry is that of another line", |line| {
            line["verificationMaterial"]["tlogEntries"] = part("other-payload", "/verificationMaterial/tlogEntries");
        })
        .threats(&["N093"]),
        wrong("proof-absent", "the log entry has a promise and no proof", |line| {
            entry(line).as_object_mut().unwrap().remove("inclusionProof");
        })
        .threats(&["N092"]),
        wrong("proof-hash", "a hash of the proof is another", |line| {
            flip(&mut entry(line)["inclusionProof"]["hashes"][0], 0);
        })
        .threats(&["N092"]),
        wrong("proof-shorter", "the proof lacks a hash", |line| {
            entry(line)["inclusionProof"]["hashes"].as_array_mut().unwrap().pop();
        })
        .threats(&["N092"]),
        wrong("proof-index", "the proof is of another place", |line| {
            entry(line)["inclusionProof"]["logIndex"] = json!("2");
        })
        .threats(&["N092"]),
        wrong("proof-size", "the proof is of another size", |line| {
            entry(line)["inclusionProof"]["treeSize"] = json!("5");
        })
        .threats(&["N092"]),
        wrong("proof-root", "the root of the proof is not that of the checkpoint", |line| {
            flip(&mut entry(line)["inclusionProof"]["rootHash"], 0);
        })
        .threats(&["N095"]),
        wrong("checkpoint", "the signature of the checkpoint is another", |line| {
            let note = &mut entry(line)["inclusionProof"]["checkpoint"]["envelope"];
            let text = note.as_str().unwrap().to_owned();
            let (before, signature) = text.trim_end().rsplit_once(' ').unwrap();
            let mut signature = json!(signature);
            flip(&mut signature, 20);
            *note = json!(format!("{before} {}\n", signature.as_str().unwrap()));
        })
        .threats(&["N094"]),
        wrong("promise", "the promise of the log is another", |line| {
            flip(&mut entry(line)["inclusionPromise"]["signedEntryTimestamp"], 10);
        })
        .threats(&["N079"]),
        wrong("time-changed", "the time of the log is a minute later", |line| {
            let time: u64 = entry(line)["integratedTime"].as_str().unwrap().parse().unwrap();
            entry(line)["integratedTime"] = json!((time + 60).to_string());
        })
        .threats(&["N079"]),
    ]
}

/// Writes a line as version 0.1 does, whose log entry is promised and not proven.
fn promised(line: &mut Value) {
    line["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1");
    entry(line).as_object_mut().unwrap().remove("inclusionProof").unwrap();
    let material = line["verificationMaterial"].as_object_mut().unwrap();
    if let Some(leaf) = material.remove("certificate") {
        material.insert("x509CertificateChain".into(), json!({"certificates": [leaf]}));
    }
}

fn promises() -> Vec<Case> {
    let made = |name: &str, why: &str, by: &str, code| {
        let forged = with(good(), by).edit(BOM, promised);
        of(&format!("promised-{name}"), why, &forged, code).like("keyless-promised")
    };
    let changed = |name: &str, why: &str, code, change: fn(&mut Value)| {
        let forged = good().edit(BOM, promised).edit(BOM, change);
        of(&format!("promised-{name}"), why, &forged, code).like("keyless-promised")
    };
    vec![
        case("keyless-promised", "a line has a promise of the log and no proof, as version 0.1 may")
            .trust(TRUST)
            .bundle(&good().edit(BOM, promised)),
        changed("flipped", "the promise of the log is another", "wrong-log", |line| {
            flip(&mut entry(line)["inclusionPromise"]["signedEntryTimestamp"], 10);
        })
        .threats(&["N079"]),
        changed("time", "the time that the log promised is another", "wrong-log", |line| {
            let time: u64 = entry(line)["integratedTime"].as_str().unwrap().parse().unwrap();
            entry(line)["integratedTime"] = json!((time + 60).to_string());
        })
        .threats(&["N079"]),
        changed("index", "the place that the log promised is another", "wrong-log", |line| {
            entry(line)["logIndex"] = json!("2");
        })
        .threats(&["N079"]),
        changed("swapped", "the promise is for the entry of another line", "wrong-log", |line| {
            *entry(line) = part("other-payload", "/verificationMaterial/tlogEntries/0");
            entry(line).as_object_mut().unwrap().remove("inclusionProof").unwrap();
        })
        .threats(&["N093"]),
        changed("of-a-file", "the promise is for the entry of a file", "wrong-log", |line| {
            let file = fs::read(repository("testdata/keyless/bundles/file.json")).unwrap();
            let file: Value = serde_json::from_slice(&file).unwrap();
            *entry(line) = file["verificationMaterial"]["tlogEntries"][0].clone();
            entry(line).as_object_mut().unwrap().remove("inclusionProof").unwrap();
        })
        .threats(&["N093"]),
        made("other-log", "the promise is of a log that is not trusted", "other-log", "wrong-log").threats(&["N094"]),
        made("late", "the promise is from after the end of the certificate", "late-entry", "wrong-time")
            .threats(&["N076"]),
        made("other-issuer", "a line with a promise is of another issuer", "other-issuer", "untrusted-signer")
            .threats(&["N084"]),
        changed("nothing", "an entry of version 0.1 has neither promise nor proof", "malformed-line", |line| {
            entry(line).as_object_mut().unwrap().remove("inclusionPromise").unwrap();
        })
        .threats(&["N092"]),
        changed("no-entry", "a line of version 0.1 has no entry", "unsupported-line", |line| {
            line["verificationMaterial"]["tlogEntries"] = json!([]);
        })
        .threats(&["N092"]),
        changed("proven", "a line of version 0.1 has a proof, which version 0.3 is for", "unsupported-line", |line| {
            entry(line)["inclusionProof"] = part("late-entry", "/verificationMaterial/tlogEntries/0/inclusionProof");
        })
        .threats(&["N092"]),
        changed(
            "certificate",
            "a line of version 0.1 has its certificate outside of a chain",
            "malformed-line",
            |line| {
                let material = line["verificationMaterial"].as_object_mut().unwrap();
                let chain = material.remove("x509CertificateChain").unwrap();
                material.insert("certificate".into(), chain["certificates"][0].clone());
            },
        )
        .threats(&["N080"]),
    ]
}

fn times() -> Vec<Case> {
    let wrong = |name: &str, why: &str| made(name, why, "wrong-time");
    let stamps = "/verificationMaterial/timestampVerificationData";
    let other = {
        let forged = with(good(), "log-2");
        forged.edit(BOM, |line| line["verificationMaterial"]["timestampVerificationData"] = part("both-logs", stamps))
    };
    vec![
        wrong("no-time", "nothing proves when a line was signed").threats(&["N075"]),
        wrong("late-entry", "the line was logged after its certificate had expired").threats(&["N076"]),
        wrong("early-entry", "the line was logged before its certificate was valid").threats(&["N076"]),
        wrong("late-timestamp", "the line was timestamped after its certificate had expired").threats(&["N076"]),
        wrong("one-late-timestamp", "of two times one is after the certificate had expired").threats(&["N078"]),
        wrong("other-time-authority", "the timestamp is of an authority that is not trusted").threats(&["N100"]),
        wrong("retired-time-authority", "the timestamp is of an authority after its end").threats(&["N101"]),
        of("timestamp-swapped", "the timestamp is that of another signature", &other, "wrong-time").threats(&["N100"]),
        case("keyless-before", "the check is at a time before the line was signed")
            .trust(TRUST)
            .bundle(&good())
            .with(&["--at", "2026-06-01T00:00:00Z"])
            .warn(&["time-in-future"])
            .deny(&["no-evidence"])
            .like("keyless")
            .twin_with(&["--model", "model"])
            .threats(&["N071"]),
    ]
}

fn forms() -> Vec<Case> {
    let chain = |certificates: fn(Value) -> Value| {
        move |line: &mut Value| {
            let material = line["verificationMaterial"].as_object_mut().unwrap();
            let leaf = material.remove("certificate").unwrap();
            material.insert("x509CertificateChain".into(), json!({"certificates": certificates(leaf)}));
        }
    };
    vec![
        changed("signature-flipped", "a bit of the signature is another", "bad-signature", |line| {
            let mut bytes = signature_bytes(line);
            bytes[20] ^= 1;
            *signature(line) = json!(BASE64.encode(&bytes));
        })
        .threats(&["N035"]),
        changed("payload-flipped", "a bit of the payload is another", "bad-signature", |line| {
            flip(&mut line["dsseEnvelope"]["payload"], 40);
        })
        .threats(&["N034"]),
        changed("two-signatures", "a line has a second, worthless signature", "malformed-line", |line| {
            line["dsseEnvelope"]["signatures"].as_array_mut().unwrap().push(json!({"sig": "AAAA"}));
        })
        .threats(&["N037"]),
        changed(
            "chain",
            "a chain stands in the place of the certificate",
            "unsupported-line",
            chain(|leaf| json!([leaf])),
        )
        .threats(&["N080"]),
        changed("chain-empty", "an empty chain stands there", "malformed-line", chain(|_| json!([])))
            .threats(&["N081"]),
        changed("certificate-empty", "the certificate is empty", "malformed-line", |line| {
            line["verificationMaterial"]["certificate"] = json!({"rawBytes": ""});
        })
        .threats(&["N081"]),
        case("keyless-entries-33", "a line has its log entry 33 times")
            .trust(TRUST)
            .bundle(&good().edit(BOM, |line| {
                let one = entry(line).clone();
                line["verificationMaterial"]["tlogEntries"] = json!(vec![one; 33]);
            }))
            .deny(&["limit-exceeded", "member-missing"])
            .like("keyless")
            .threats(&["N097"]),
    ]
}

fn keys() -> Vec<Case> {
    const KEYS: &str = "keyless-keys.toml";
    let logged = || bundle("logged.intoto.jsonl");
    let wrong = |name: &str, why: &str, code| {
        let case = case(&format!("keyless-{name}"), why).trust(KEYS).bundle(&with(logged(), name));
        case.warn(&[code]).deny(&["member-missing"]).at(&[2]).like("keyless-key-logged")
    };
    vec![
        case("keyless-key-logged", "a key signed every line, and a log has them").trust(KEYS).bundle(&logged()),
        case("keyless-key-promised", "a key signed a line, and a log promises to have it")
            .trust(KEYS)
            .bundle(&logged().edit(BOM, promised)),
        case("keyless-key-timestamped", "a key signed a line, with a timestamp")
            .trust(KEYS)
            .bundle(&with(logged(), "key-timestamped")),
        case("keyless-key-outlived", "a key has ended, and what it signed before was logged")
            .trust("keyless-window.toml")
            .bundle(&logged())
            .with(&["--at", "2028-01-01T00:00:00Z"]),
        case("keyless-key-ended", "a key had ended when what it signed was logged")
            .trust("keyless-window-past.toml")
            .bundle(&logged())
            .with(&["--at", "2028-01-01T00:00:00Z"])
            .warn(&["key-expired"])
            .deny(&["no-evidence"])
            .like("keyless-key-logged")
            .twin_trust("keyless-window.toml")
            .threats(&["N090"]),
        wrong("key-other-time-authority", "a key signed, and the authority of the time is not trusted", "wrong-time")
            .threats(&["N100"]),
        wrong("key-entry-of-another", "a key signed, and the log entry is of another key", "wrong-log")
            .threats(&["N093"]),
    ]
}

fn calls() -> Vec<Case> {
    let refused = |name: &str, why: &str, words| {
        let file: &'static str = Box::leak(format!("{name}.toml").into_boxed_str());
        case(name, why).trust(file).bundle(&good()).refused(words).twin_trust(TRUST).like("keyless").threats(&["N085"])
    };
    vec![
        refused("keyless-no-root", "an identity is trusted, and no authority", "names no trusted root"),
        refused("keyless-no-issuer", "an identity has no issuer", "issuer"),
        refused("keyless-no-subject", "an identity has no subject", "has a `subject`"),
        refused("keyless-not-anchored", "a pattern is not anchored", "must begin with `^`"),
        refused("keyless-root-log-twice", "a trusted root has a log twice", "duplicate").threats(&["N102"]),
        refused("keyless-root-without-logs", "a trusted root has no log, and nobody says so", "no transparency log")
            .threats(&["N102"]),
        refused("keyless-twice", "one identity stands twice", "one identity stands twice"),
    ]
}
