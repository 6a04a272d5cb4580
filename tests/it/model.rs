//! `model sign` and `model verify`: our own signatures, and those of every version of the reference.

use std::fs;
use std::path::Path;
use std::process::Command;

use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::key::{Algorithm, KeyError, SigningKey};
use assaymark::sigstore_bundle::SigstoreBundle;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::reasons;
use crate::support::{Ran, Workplace, codes};

/// A time at which every certificate of `testdata/oms` is valid but those that expired.
const AT: &str = "2026-12-01T00:00:00Z";

/// A folder with a copy of `testdata/oms`.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        Self(Workplace::of_oms())
    }

    fn key(&self, signature: &str, key: &str, more: &str) -> Ran {
        self.0.run(&format!("model verify key model --signature {signature} --public-key keys/{key}.pub{more}"))
    }

    fn certificate(&self, signature: &str, more: &str) -> Ran {
        let trusted = "--certificate-chain pki/root.crt";
        self.0.run(&format!("model verify certificate model --signature {signature} {trusted} --at {AT}{more}"))
    }

    /// Verifies with the key, and returns the codes that deny.
    #[track_caller]
    fn denied(&self, signature: &str, key: &str) -> Vec<String> {
        reasons::of_model(&self.key(signature, key, " --format json").exits(1).json())
    }

    #[track_caller]
    fn refused(&self, signature: &str, more: &str) -> Vec<String> {
        reasons::of_model(&self.certificate(signature, &format!(" --format json{more}")).exits(1).json())
    }

    fn bundle(&self, signature: &str) -> Value {
        serde_json::from_str(&self.0.read(signature)).unwrap()
    }

    fn statement(&self, signature: &str) -> Value {
        let payload = self.bundle(signature)["dsseEnvelope"]["payload"].as_str().unwrap().to_owned();
        serde_json::from_slice(&BASE64.decode(payload.as_bytes()).unwrap()).unwrap()
    }

    /// Signs a payload with the P-256 key, as `forged.sig`.
    fn forge(&self, payload: &[u8]) {
        let key = SigningKey::from_pem(&self.0.read("keys/p256.pem"), || Ok::<_, KeyError>(None)).unwrap();
        let signature = key.sign(Pae::new(IN_TOTO, payload).as_bytes());
        self.0.write("forged.sig", SigstoreBundle::write(payload, &key.public().key_id(), signature).unwrap());
    }

    /// Signs the statement of a signature with a change.
    fn forge_changed(&self, signature: &str, change: impl FnOnce(&mut Value)) {
        let mut statement = self.statement(signature);
        change(&mut statement);
        self.forge(statement.to_string().as_bytes());
    }
}

#[test]
fn every_form_of_the_reference_is_read() {
    let place = Place::new();
    for (signature, key) in [
        ("p256", "p256"),
        ("p384", "p384"),
        ("p521", "p521"),
        ("p256-sec1", "p256-sec1"),
        ("blake2b", "p256"),
        ("blake3", "p256"),
        ("p256", "p256-compressed"),
    ] {
        let ran = place.key(&format!("sig/{signature}.sig"), key, "").exits(0);
        assert!(ran.stdout.contains("PASS"), "{signature}: {}", ran.stdout);
    }
    for signature in ["shards-sha256", "shards-blake2b"] {
        let report = place.key(&format!("sig/{signature}.sig"), "p256", " --format json").exits(0).json();
        assert_eq!(codes(&report, "warn"), ["file-extra"], "{signature}: of an empty file there is no shard");
    }
    for old in ["0.3.1-shards", "0.3.1-shards-blake2b"] {
        let report = place.key(&format!("old/{old}.sig"), "p256", " --format json").exits(0).json();
        assert_eq!((&report["compared"], &report["unsigned"]), (&json!(8), &json!(1)), "{old}");
    }
    for old in ["0.2.0", "0.3.1", "1.0.0", "1.0.1"] {
        place.key(&format!("old/{old}-key.sig"), "p256", "").exits(0);
    }
    for old in ["0.2.0", "1.0.0", "1.0.1"] {
        place.certificate(&format!("old/{old}-certificate.sig"), "").exits(0);
    }
}

/// Others leave out the id of the key, or write that there is none.
#[test]
fn envelopes_without_a_key_id_are_read() {
    let place = Place::new();
    for signature in ["sig/p256.sig", "sig/cert-leaf-ok.sig"] {
        for id in [None, Some(Value::Null), Some(json!("")), Some(json!("of another making"))] {
            let mut bundle = place.bundle(signature);
            let envelope = bundle["dsseEnvelope"]["signatures"][0].as_object_mut().unwrap();
            envelope.remove("keyid");
            envelope.extend(id.clone().map(|id| ("keyid".to_owned(), id)));
            place.0.write("other.sig", bundle.to_string());
            let certified = signature.contains("cert");
            let ran = if certified { place.certificate("other.sig", "") } else { place.key("other.sig", "p256", "") };
            assert_eq!(ran.status, 0, "{signature} {id:?}: {}{}", ran.stdout, ran.stderr);
        }
    }
}

#[test]
fn a_single_file_is_read_in_both_forms() {
    let place = Place::new();
    let verify = |signature: &str, model: &str, more: &str| {
        place.0.run(&format!("model verify key {model} --signature {signature} --public-key keys/p256.pub{more}"))
    };
    verify("sig/single-file.sig", "model/config.json", "").exits(0);
    verify("sig/single-file.sig", "model/README.md", "").exits(1);
    let folder = verify("sig/single-file.sig", "model", " --format json").exits(1).json();
    assert_eq!(codes(&folder, "deny"), ["digest-kind"]);
    for (form, name) in [("", "config.json"), (" --dot-name", ".")] {
        place
            .0
            .run(&format!("model sign key model/config.json --private-key keys/p256.pem --signature one.sig{form}"))
            .exits(0);
        assert_eq!(place.statement("one.sig")["predicate"]["resources"][0]["name"], name);
        verify("one.sig", "model/config.json", "").exits(0);
        let other = verify("one.sig", "model/README.md", " --format json").exits(1).json();
        let code = if name == "." { "file-changed" } else { "subject-mismatch" };
        assert_eq!(codes(&other, "deny"), [code]);
    }
}

#[test]
fn the_tampered_are_rejected_each_for_its_reason() {
    let place = Place::new();
    for (signature, code) in [
        ("tampered/payload-flipped.sig", "bad-signature"),
        ("tampered/hint-wrong.sig", "bad-signature"),
        ("tampered/payloadtype-changed.sig", "unsupported-line"),
        ("tampered/no-signatures.sig", "unsigned"),
        ("sig/p384.sig", "untrusted-signer"),
        ("sig/cert-leaf-ok.sig", "untrusted-signer"),
    ] {
        assert_eq!(place.denied(signature, "p256"), [code], "{signature}");
    }
    let raw = place.0.read("sig/p256.sig");
    for (text, code) in [
        ("", "malformed-line"),
        (&raw[..100], "malformed-line"),
        (&format!("{raw}x"), "malformed-line"),
        (&raw.replace("bundle.v0.3", "bundle.v0.1"), "unsupported-line"),
        (&raw.replacen('{', "{\"mediaType\":\"x\",", 1), "malformed-line"),
        (&raw.replace("dsseEnvelope", "other"), "malformed-line"),
    ] {
        place.0.write("broken.sig", text);
        assert_eq!(place.denied("broken.sig", "p256"), [code], "{text:.60}");
    }
    place.0.write("rsa.pub", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n");
    place.0.run("model verify key model --signature sig/p256.sig --public-key rsa.pub").exits(2);
    place.key("sig/p256.sig", "secp256k1", "").exits(2);
    place.key("missing.sig", "p256", "").exits(2);
}

#[test]
fn changed_models_are_rejected_file_by_file() {
    let place = Place::new();
    let denied = || place.denied("sig/p256.sig", "p256");
    assert!(place.key("sig/p256.sig", "p256", "").exits(0).stdout.contains("9 files as they were signed"));
    place.0.write("model/extra.bin", "x");
    assert_eq!(denied(), ["file-extra"]);
    let allowed = place.key("sig/p256.sig", "p256", " --ignore_unsigned_files --format json").exits(0).json();
    assert_eq!(allowed["scope"]["doors"], json!(["--ignore-unsigned-files"]));
    place.key("sig/p256.sig", "p256", " --ignore-paths model/extra.bin").exits(0);
    let absolute = place.0.path("model/extra.bin").canonicalize().unwrap();
    place.key("sig/p256.sig", "p256", &format!(" --ignore_paths {}", absolute.display())).exits(0);
    place.key("sig/p256.sig", "p256", " --ignore-paths ../keys").exits(2);
    place.key("sig/p256.sig", "p256", " --ignore-paths /etc/passwd").exits(2);
    let absent =
        place.key("sig/p256.sig", "p256", " --ignore-paths model/extra.bin --ignore-paths model/exta.bin").exits(2);
    assert!(absent.stderr.contains("`--ignore-paths model/exta.bin`: the model has no such path"), "{}", absent.stderr);
    let relative = place.key("sig/p256.sig", "p256", " --ignore-paths extra.bin").exits(2);
    assert!(relative.stderr.contains("give `model/extra.bin`"), "{}", relative.stderr);
    fs::remove_file(place.0.path("model/extra.bin")).unwrap();
    let signed = place.key("sig/p256.sig", "p256", " --ignore-paths model/tokenizer --format json").exits(1).json();
    assert_eq!(codes(&signed, "deny"), ["not-hashed"]);
    place.0.write("model/README.md", "changed");
    assert_eq!(denied(), ["file-changed"]);
    fs::remove_file(place.0.path("model/README.md")).unwrap();
    assert_eq!(denied(), ["file-missing"]);
    std::os::unix::fs::symlink("config.json", place.0.path("model/README.md")).unwrap();
    assert_eq!(denied(), ["link-in-tree"]);
}

#[test]
fn files_that_nobody_signed_are_counted_and_named_apart() {
    let place = Place::new();
    place.0.write("model/extra.bin", "x");
    for signature in ["sig/p256.sig", "sig/blake3.sig", "sig/shards-sha256.sig"] {
        let open = |more: &str| place.key(signature, "p256", &format!(" --ignore-unsigned-files{more}"));
        let report = open(" --format json").exits(0).json();
        // Of the empty file there is no shard.
        let shards = usize::from(signature.contains("shards"));
        assert_eq!((&report["compared"], &report["unsigned"]), (&json!(9 - shards), &json!(1 + shards)), "{signature}");
        let warned = report["findings"].as_array().unwrap().iter();
        let named: Vec<_> = warned.map(|one| (&one["code"], &one["severity"], &one["place"]["path"])).collect();
        assert!(named.contains(&(&json!("file-extra"), &json!("warn"), &json!("extra.bin"))), "{signature}: {named:?}");
        let page = open("").exits(0).stdout;
        let files = if shards == 0 { "9 files as they were signed, 1 file that nobody signed" } else { "2 files that" };
        assert!(page.contains(files) && page.contains("`extra.bin` is there, nobody signed it"), "{signature}: {page}");
        open(" --strict").exits(1);
        open(" --no-ignore_unsigned_files").exits(1);
        assert_eq!(place.denied(signature, "p256"), ["file-extra"], "{signature}");
    }
}

#[test]
fn a_signature_replaces_a_signature_and_nothing_else() {
    let place = Place::new();
    place.forge(b"{}");
    place.0.write("notes.txt", "notes");
    place.0.write("empty", "");
    std::os::unix::fs::symlink("model.safetensors", place.0.path("model/link.sig")).unwrap();
    let weights = fs::read(place.0.path("model/model.safetensors")).unwrap();
    for kept in ["model/model.safetensors", "model/EMPTY", "model/link.sig", "notes.txt", "empty", "forged.sig"] {
        let before = fs::read(place.0.path(kept)).unwrap();
        let ran = place.0.run(&format!("model sign key model --private-key keys/p256.pem --signature {kept}")).exits(2);
        let said = if kept.contains("link") { "not a regular file" } else { "is no model signature" };
        assert!(ran.stderr.contains(said) || ran.stderr.contains("no model signature"), "{kept}: {}", ran.stderr);
        assert_eq!(fs::read(place.0.path(kept)).unwrap(), before, "{kept}");
    }
    assert_eq!(fs::read(place.0.path("model/model.safetensors")).unwrap(), weights);
    fs::remove_file(place.0.path("model/link.sig")).unwrap();
    let certificate = "certificate model --private-key pki/leaf-ok.key --signing-certificate pki/leaf-ok.crt";
    for signer in ["key model --private-key keys/p256.pem", certificate, certificate] {
        for target in ["model/model.sig", "model.sig", "old/0.2.0-key.sig", "old/0.3.1-key.sig"] {
            place.0.run(&format!("model sign {signer} --signature {target}")).exits(0);
        }
        fs::remove_file(place.0.path("model/model.sig")).unwrap();
    }
}

#[test]
fn shards_cover_every_byte() {
    for signature in
        ["sig/shards-sha256.sig", "sig/shards-blake2b.sig", "sig/blake3.sig", "sig/blake2b.sig", "old/0.3.1-shards.sig"]
    {
        let place = Place::new();
        let before = place.0.read("model/config.json");
        place.0.write("model/config.json", format!("{before}x"));
        let denied = place.denied(signature, "p256");
        assert_eq!(denied, ["file-changed"], "{signature}");
        place.0.write("model/config.json", &before[1..]);
        assert_eq!(place.denied(signature, "p256"), ["file-changed"], "{signature}");
        place.0.write("model/config.json", before.replacen('{', "[", 1));
        assert_eq!(place.denied(signature, "p256"), ["file-changed"], "{signature}");
        place.0.write("model/config.json", &before);
        place.0.write("model/new.bin", "x");
        assert_eq!(place.denied(signature, "p256"), ["file-extra"], "{signature}");
        fs::remove_file(place.0.path("model/new.bin")).unwrap();
        fs::remove_file(place.0.path("model/config.json")).unwrap();
        assert_eq!(place.denied(signature, "p256"), ["file-missing"], "{signature}");
    }
}

#[test]
fn what_the_signer_left_out_is_shown_and_can_be_refused() {
    let place = Place::new();
    let sign =
        "model sign key model --private_key keys/p256.pem --signature model/model.sig --ignore-paths model/tokenizer";
    place.0.run(sign).exits(0);
    place.0.run(&format!("{sign} --ignore-paths .git --ignore-paths model.sig")).exits(2);
    let named = format!("{sign} --ignore-paths model/.git --ignore-paths model/model.sig");
    fs::remove_file(place.0.path("model/model.sig")).unwrap();
    place.0.run(&named).exits(0);
    let statement = place.statement("model/model.sig");
    let ignored = &statement["predicate"]["serialization"]["ignore_paths"];
    assert_eq!(*ignored, json!([".git", ".gitattributes", ".github", ".gitignore", "model.sig", "tokenizer"]));
    let report = place.key("model/model.sig", "p256", " --format json").exits(0).json();
    assert_eq!(codes(&report, "warn"), ["oms-ignored-paths"]);
    assert!(report["scope"]["notHashed"].to_string().contains("`tokenizer`, as the signer wishes"));
    place.key("model/model.sig", "p256", " --strict").exits(1);
    place.key("model/model.sig", "p256", " --strict --ignore-paths model/tokenizer").exits(0);
    fs::remove_dir_all(place.0.path("model/tokenizer")).unwrap();
    place.key("model/model.sig", "p256", " --strict").exits(0);
}

#[test]
fn what_the_reference_lets_through_is_rejected() {
    let place = Place::new();
    let resource = |statement: &mut Value, index: usize| statement["predicate"]["resources"][index].clone();
    let changes: [(&str, Box<dyn Fn(&mut Value)>); 6] = [
        (
            "twice",
            Box::new(move |statement| {
                let one = resource(statement, 0);
                statement["predicate"]["resources"].as_array_mut().unwrap().push(one);
            }),
        ),
        ("no file", Box::new(|statement| statement["predicate"]["resources"] = json!([]))),
        ("climbs", Box::new(|statement| statement["predicate"]["resources"][0]["name"] = json!("../keys/p256.pub"))),
        ("all left out", Box::new(|statement| statement["predicate"]["serialization"]["ignore_paths"] = json!(["."]))),
        ("another type", Box::new(|statement| statement["predicateType"] = json!("https://slsa.dev/provenance/v1"))),
        (
            "two subjects",
            Box::new(|statement| {
                let one = statement["subject"][0].clone();
                statement["subject"].as_array_mut().unwrap().push(one);
            }),
        ),
    ];
    for (name, change) in changes {
        place.forge_changed("sig/p256.sig", |statement| {
            change(statement);
            // The root follows the list, or the list would not be looked at.
            let digests = statement["predicate"]["resources"].as_array().unwrap().iter();
            let bytes: Vec<u8> = digests
                .flat_map(|one| data_encoding::HEXLOWER.decode(one["digest"].as_str().unwrap().as_bytes()).unwrap())
                .collect();
            statement["subject"][0]["digest"]["sha256"] = json!(assaymark::digest::Digest::of(&bytes).to_string());
        });
        let ran = place.key("forged.sig", "p256", " --ignore-unsigned-files --format json").exits(1).json();
        assert_eq!(codes(&ran, "deny"), ["malformed-statement"], "{name}");
    }
    let payload = place.statement("sig/p256.sig").to_string().replacen('{', "{\"_type\":\"x\",", 1);
    place.forge(payload.as_bytes());
    assert_eq!(place.denied("forged.sig", "p256"), ["malformed-statement"]);
    place.forge(b"");
    assert_eq!(place.denied("forged.sig", "p256"), ["malformed-statement"]);
}

#[test]
fn only_0_2_signed_as_0_2_did() {
    let place = Place::new();
    let key = SigningKey::from_pem(&place.0.read("keys/p256.pem"), || Ok::<_, KeyError>(None)).unwrap();
    let sign = |payload: &str| {
        let message = format!("DSSEV1 {} {IN_TOTO} {} b'{payload}'", IN_TOTO.len(), payload.len());
        let bundle = SigstoreBundle::write(payload.as_bytes(), &key.public().key_id(), key.sign(message.as_bytes()));
        place.0.write("old.sig", bundle.unwrap());
    };
    let statement = place.statement("sig/p256.sig");
    let subjects: Vec<Value> = statement["predicate"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({"name": one["name"], "digest": {"sha256": one["digest"]}}))
        .collect();
    let mut old = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://model_signing/Digests/v0.1",
        "subject": subjects,
        "predicate": {"unused": "Unused, just passed due to API requirements"},
    });
    for subject in old["subject"].as_array_mut().unwrap() {
        // Names beyond ASCII are written as JSON escapes them, or this test would need Python.
        if !subject["name"].as_str().unwrap().is_ascii() {
            fs::rename(place.0.path("model").join(subject["name"].as_str().unwrap()), place.0.path("model/naive.txt"))
                .unwrap();
            subject["name"] = json!("naive.txt");
        }
    }
    sign(&old.to_string());
    place.key("old.sig", "p256", "").exits(0);
    place.0.write("model/extra", "x");
    assert_eq!(place.denied("old.sig", "p256"), ["file-extra"]);
    let new = statement.to_string();
    let ascii: String = new.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    sign(&ascii);
    assert_eq!(place.denied("old.sig", "p256"), ["bad-signature"]);
}

#[test]
fn certificates_are_rejected_each_for_its_reason() {
    let place = Place::new();
    for good in ["cert-leaf-ok", "cert-fullchain", "cert-leaf-p384", "cert-leaf-ekuonly"] {
        place.certificate(&format!("sig/{good}.sig"), "").exits(0);
    }
    let ran = place.certificate("sig/cert-leaf-ok.sig", "").exits(0);
    assert!(ran.stdout.contains("https://ci.example.com/release, release@example.com"), "{}", ran.stdout);
    for (signature, code) in [
        ("sig/cert-leaf-expired.sig", "certificate-expired"),
        ("sig/cert-leaf-serverauth.sig", "untrusted-signer"),
        ("sig/cert-leaf-noku.sig", "untrusted-signer"),
        ("sig/p256.sig", "untrusted-signer"),
    ] {
        assert_eq!(place.refused(signature, ""), [code], "{signature}");
    }
    let at = |time: &str| {
        let ran = place.0.run(&format!(
            "model verify certificate model --signature sig/cert-leaf-ok.sig --certificate_chain pki/root.crt --at {time} --format json"
        ));
        codes(&ran.exits(1).json(), "deny")
    };
    assert_eq!(at("2026-01-01T00:00:00Z"), ["certificate-not-yet-valid"]);
    assert_eq!(at("2028-01-01T00:00:00Z"), ["certificate-expired"]);
    let lists = " --revocation-list pki/revoked.pem";
    place.certificate("sig/cert-leaf-ok.sig", lists).exits(0);
    assert_eq!(place.refused("sig/cert-leaf-p384.sig", lists), ["certificate-revoked"]);
    assert_eq!(place.refused("sig/cert-leaf-ok.sig", " --revocation-list pki/root.crl"), ["certificate-revoked"]);
    place.certificate("sig/cert-leaf-ok.sig", " --revocation-list pki/root.crt").exits(2);
    let mut bundle = place.bundle("sig/cert-leaf-ok.sig");
    bundle["verificationMaterial"]["x509CertificateChain"]["certificates"].as_array_mut().unwrap().truncate(1);
    place.0.write("short.sig", bundle.to_string());
    assert_eq!(place.refused("short.sig", ""), ["untrusted-signer"]);
    place.certificate("short.sig", " --certificate-chain pki/int.crt").exits(0);
    bundle["dsseEnvelope"]["payload"] = json!(BASE64.encode(b"{}"));
    place.0.write("short.sig", bundle.to_string());
    assert_eq!(place.refused("short.sig", " --certificate-chain pki/int.crt"), ["bad-signature"]);
    place
        .0
        .run("model verify certificate model --signature sig/cert-leaf-ok.sig --certificate-chain pki/int.crt")
        .exits(2);
}

#[test]
fn what_is_signed_is_verified_by_key_and_by_certificate() {
    let place = Place::new();
    for key in ["p256", "p384", "p521"] {
        place.0.run(&format!("model sign key model --private-key keys/{key}.pem")).exits(0);
        assert!(place.0.path("model.sig").exists(), "the default is `model.sig` in the working directory");
        place.key("model.sig", key, "").exits(0);
    }
    let names: Vec<String> = place.statement("model.sig")["predicate"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "the specification sorts by code points");
    assert!(!names.iter().any(|name| name == ".gitattributes"));
    place.0.run("model sign key model --private-key keys/p256.pem --no_ignore_git_paths").exits(0);
    assert!(place.0.read("model.sig").len() > 100);
    place.key("model.sig", "p256", "").exits(0);
    place.0.write("model/.gitattributes", "changed");
    assert_eq!(place.denied("model.sig", "p256"), ["file-changed"], "what is listed is never passed over");
    let sign = "model sign certificate model --private-key pki/leaf-ok.key --signing_certificate pki/leaf-ok.crt";
    place.0.run(&format!("{sign} --certificate_chain pki/int.crt --signature cert.sig")).exits(0);
    place.certificate("cert.sig", "").exits(0);
    place.0.run(&sign.replace("leaf-ok.key", "leaf-p384.key")).exits(2);
    place.0.run(&sign.replace("leaf-ok", "leaf-ed25519")).exits(2);
    place.0.run(&sign.replace("leaf-ok.crt", "leaf-serverauth.crt")).exits(2);
}

#[test]
fn a_self_signed_certificate_can_be_trusted_by_itself() {
    let place = Place::new();
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.crt -days 30 -subj /CN=self -addext keyUsage=digitalSignature".split(' '))
        .current_dir(place.0.folder()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    place
        .0
        .run("model sign certificate model --private-key self.key --signing-certificate self.crt --signature self.sig")
        .exits(0);
    place.0.run("model verify certificate model --signature self.sig --certificate-chain self.crt").exits(0);
    let other = place
        .0
        .run("model verify certificate model --signature self.sig --certificate-chain pki/root.crt --format json");
    assert_eq!(codes(&other.exits(1).json(), "deny"), ["untrusted-signer"]);
}

#[test]
fn what_can_not_be_signed_is_not() {
    let place = Place::new();
    let ed25519 = place.0.run("model sign key model --private-key keys/ed25519.pem").exits(2);
    assert!(ed25519.stderr.contains("has no ed25519") && ed25519.stderr.contains("ecdsa-p256"), "{}", ed25519.stderr);
    let absent = place.0.run("model sign key model --private-key keys/p256.pem --ignore-paths model/.cache").exits(2);
    assert!(absent.stderr.contains("no such path") && absent.stderr.contains("hint"), "{}", absent.stderr);
    let links = place.0.run("model sign key model --private-key keys/p256.pem --allow_symlinks").exits(2);
    assert!(links.stderr.contains("never followed"), "{}", links.stderr);
    let password = place.0.run("model sign key model --private-key keys/p256.pem --password x").exits(2);
    assert!(password.stderr.contains("--password-file"), "{}", password.stderr);
    fs::create_dir(place.0.path("empty")).unwrap();
    let empty = place.0.run("model sign key empty --private-key keys/p256.pem").exits(1);
    assert!(empty.stderr.contains("tree-empty"), "{}", empty.stderr);
    std::os::unix::fs::symlink("config.json", place.0.path("model/link")).unwrap();
    let link = place.0.run("model sign key model --private-key keys/p256.pem").exits(1);
    assert!(link.stderr.contains("link-in-tree"), "{}", link.stderr);
    place.0.run("model sign key model/config.json --private-key keys/p256.pem --signature model/config.json").exits(2);
    assert!(!Path::new(&place.0.path("model.sig")).exists());
}

#[test]
fn ed25519_is_no_algorithm_of_model_signing() {
    let place = Place::new();
    let key = SigningKey::generate(Algorithm::Ed25519).unwrap();
    place.0.write("keys/ed.pub", key.public().to_pem());
    assert_eq!(place.denied("sig/p256.sig", "ed"), ["unsupported-line"]);
}
