//! Just at a limit and just beyond it; and what a mutation of the core would let through.

use std::fs;

use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::limits;
use assaymark::sigstore_bundle::SigstoreBundle;
use serde_json::{Value, json};

use super::links::{component, resealed};
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE, key, sign};
use crate::support::{copy, repository};

pub fn cases() -> Vec<Case> {
    [times(), members(), work(), listed()].into_iter().flatten().collect()
}

fn times() -> Vec<Case> {
    vec![
        case("key-valid-from-its-start", "a key counts from the second on that is its start")
            .trust("window.toml")
            .with(&["--at", "2026-01-01T00:00:00Z"]),
        case("key-valid-to-its-end", "a key counts in the second before its end")
            .trust("window.toml")
            .with(&["--at", "2026-12-31T23:59:59Z"]),
        case("time-now", "a seal of this very second is not of a time to come").with(&["--at", "2026-01-01T00:00:00Z"]),
    ]
}

fn members() -> Vec<Case> {
    let noise = sign(b"not a statement", &key("release"));
    let short = |parts: &[&str]| {
        resealed(BOM, |one| {
            for part in parts {
                component(&mut one["predicate"], part)["hashes"][0]["content"] = json!("0".repeat(40));
            }
        })
    };
    let fault = "the BOM is not valid CycloneDX 1.6: a SHA-256 digest must have 64 lowercase hexadecimal digits";
    vec![
        case("member-missing-beside-a-fault", "another faulty line of the same signer does not stand for a member")
            .bundle(&Forged::good().push(noise).remove(BOM))
            .warn(&["malformed-statement"])
            .deny(&["member-missing"])
            .at(&[4])
            .like("payload-of-noise"),
        case("bom-hash-of-another-length", "a SHA-256 of the BOM has the length of a SHA-1")
            .bundle(&short(&["code"]))
            .deny(&["bom-invalid"])
            .at(&[2])
            .says(fault)
            .like("bom-resigned"),
        case("bom-hashes-of-another-length", "two hashes of the BOM have the length of a SHA-1")
            .bundle(&short(&["code", "dataset:train"]))
            .deny(&["bom-invalid"])
            .at(&[2])
            .says(&format!("{fault} (and 1 more)"))
            .like("bom-resigned"),
    ]
}

/// How many keys `many.toml` has besides the right one.
const MANY: u8 = 61;

/// How many lines of a stranger, each tried with every key, almost use up what may be spent on signatures.
const STRANGERS: usize = 264;

/// Writes one of the many keys, in PEM.
fn one_of_many(number: u8) -> String {
    let key = ed25519_dalek::SigningKey::from_bytes(&[number; 32]).verifying_key();
    let info = [&b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"[..], key.as_bytes()].concat();
    let info = data_encoding::BASE64.encode(&info);
    format!("-----BEGIN PUBLIC KEY-----\n{info}\n-----END PUBLIC KEY-----\n")
}

/// Writes the trust file with many keys, and the keys.
pub fn write_many(write: impl Fn(&str, &str)) {
    let mut trust = "# Many keys, for the limit of work: `tests/it/vectors/edges.rs` makes them.\n".to_owned();
    trust += "[[attester]]\nname = \"release\"\nroles = [\"builder\", \"releaser\"]\n";
    trust += "[[attester.key]]\npath = \"release.pub\"\n";
    trust += "\n[[attester]]\nname = \"many\"\nroles = [\"approver\"]\n";
    for number in 1..=MANY {
        let path = format!("many/{number:02}.pub");
        write(&path, &one_of_many(number));
        trust += &["[[attester.key]]\npath = \"", &path, "\"\n"].concat();
    }
    write("many.toml", &trust);
}

/// The good lines and then those of a stranger, whose signatures take just so much work to check.
fn takes(work: usize) -> Forged {
    let stranger = key("stranger");
    let check = |payload: &[u8]| (64 << 10) + Pae::new(IN_TOTO, payload).as_bytes().len();
    let tried = usize::from(MANY) + 1;
    let padded = |number: usize, spaces: usize| [format!("{number:03}").into_bytes(), vec![b' '; spaces]].concat();
    let mut forged = Forged::good();
    let good: usize = (0..forged.lines.len()).map(|index| check(&forged.payload(index))).sum();
    let strangers: usize = (0..STRANGERS).map(|number| tried * check(&padded(number, 0))).sum();
    let left = work.checked_sub(good + strangers).unwrap();
    // What is left: spaces behind the payloads of strangers, where each counts once a key, and of the seal.
    let (more, rest) = (left / tried, left % tried);
    assert!(more / STRANGERS < 6, "the lengths of payloads get a second digit");
    let seal = [forged.payload(FIRST_SEAL), vec![b' '; rest]].concat();
    forged = forged.with_payload(FIRST_SEAL, "release", &seal);
    for number in 0..STRANGERS {
        let payload = padded(number, more / STRANGERS + usize::from(number < more % STRANGERS));
        let signature = stranger.sign(Pae::new(IN_TOTO, &payload).as_bytes());
        forged.lines.push(SigstoreBundle::write(&payload, &stranger.public().key_id(), signature).unwrap());
    }
    forged
}

fn work() -> Vec<Case> {
    let all: Vec<u64> = (5..=u64::try_from(STRANGERS + 4).unwrap()).collect();
    vec![
        case("signature-work", "signatures take the work that is allowed, to the byte")
            .trust("many.toml")
            .bundle(&takes(limits::SIGNATURE_WORK))
            .warn(&["untrusted-signer"])
            .at(&all),
        case("signature-work-over", "signatures take a byte more work than is allowed")
            .trust("many.toml")
            .bundle(&takes(limits::SIGNATURE_WORK + 1))
            .warn(&["untrusted-signer"])
            .deny(&["limit-exceeded"])
            .at(&all)
            .like("signature-work"),
    ]
}

/// The bundle of a folder of so many files, with the arguments that vouch for it.
pub fn folder_of(files: usize) -> (Forged, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    copy(&repository("testdata/vectors/base"), place.path());
    fs::remove_dir_all(place.path().join("model")).unwrap();
    fs::create_dir(place.path().join("model")).unwrap();
    for number in 0..files {
        fs::write(place.path().join(format!("model/{number:04}")), number.to_string()).unwrap();
    }
    let forged = Forged::create(place.path(), "release", &[]);
    let list = forged.statement(FIRST_SEAL)["predicate"]["model"]["fileList"].as_str().unwrap().to_owned();
    let arguments = ["--without-files".to_owned(), "--model-digest".to_owned(), format!("tree:sha256:{list}")];
    (forged, arguments.to_vec())
}

fn listed() -> Vec<Case> {
    let unlisted = |bom: &mut Value| {
        component(&mut bom["predicate"], "model").as_object_mut().unwrap().remove("components");
    };
    let (over, over_arguments) = folder_of(limits::LISTED_FILES + 1);
    let (at, arguments) = folder_of(limits::LISTED_FILES);
    let at = at
        .resign(BOM, "release", unlisted)
        .resign(PROVENANCE, "release", |one| one["subject"].as_array_mut().unwrap().truncate(2))
        .reseal("release");
    let [over_arguments, arguments] =
        [&over_arguments, &arguments].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    vec![
        case("folder-of-1001", "of a folder of 1,001 files the BOM may list none").only(&over_arguments).bundle(&over),
        case("folder-of-1000", "of a folder of 1,000 files the BOM must list all")
            .only(&arguments)
            .bundle(&at)
            .deny(&["bom-mismatch"])
            .at(&[2])
            .like("folder-of-1001")
            .twin_with(&over_arguments),
    ]
}
