//! `model verify sigstore`: a real signature of the specification, those of `testdata/keyless`, and what is wrong with
//! others, told apart.

use std::fs;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::reasons;
use crate::support::{Ran, Workplace, codes, copy, repository, run};

const SUBJECT: &str = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main";
const ISSUER: &str = "https://accounts.example.com";

/// A folder with the model of the vectors and its keyless signature.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        let place = Workplace::new();
        fs::remove_dir_all(place.path("model")).unwrap();
        copy(&repository("testdata/vectors/base/model"), &place.path("model"));
        fs::copy(repository("testdata/keyless/trusted_root.json"), place.path("root.json")).unwrap();
        let lines = fs::read_to_string(repository("testdata/keyless/good.intoto.jsonl")).unwrap();
        place.write("model.sig", lines.lines().next().unwrap());
        Self(place)
    }

    fn verify(&self, signature: &str, more: &[&str]) -> Ran {
        let call = ["model", "verify", "sigstore", "model", "--signature", signature, "--trust-config", "root.json"];
        run(self.0.folder(), &[&call, more].concat())
    }

    fn by(&self, signature: &str, subject: &str, issuer: &str, more: &[&str]) -> Ran {
        self.verify(signature, &[&["--identity", subject, "--identity-provider", issuer], more].concat())
    }

    #[track_caller]
    fn denied(&self, signature: &str, more: &[&str]) -> Vec<String> {
        let more = [&["--format", "json"], more].concat();
        reasons::of_model(&self.by(signature, SUBJECT, ISSUER, &more).exits(1).json())
    }

    /// Verifies another signature, which says for what it is refused.
    #[track_caller]
    fn refused(&self, signature: impl AsRef<[u8]>) -> Vec<String> {
        self.0.write("other.sig", signature);
        self.denied("other.sig", &[])
    }

    /// Verifies the signature with a change.
    #[track_caller]
    fn changed(&self, change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut bundle: Value = serde_json::from_str(&self.0.read("model.sig")).unwrap();
        change(&mut bundle);
        self.refused(bundle.to_string())
    }
}

#[test]
fn a_keyless_signature_of_the_specification_is_verified() {
    const VECTORS: &str = "testdata/third-party/model-signing-spec/test-vectors/v1.0";
    const PERSON: [&str; 4] =
        ["--identity", "stefanb@us.ibm.com", "--identity_provider", "https://sigstore.verify.ibm.com/oauth2"];
    let place = Place::new();
    let root = fs::read_to_string(repository("testdata/third-party/sigstore-conformance/trusted_root.json")).unwrap();
    place.0.write("root.json", &root);
    place.0.write(
        "config.json",
        json!({
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": serde_json::from_str::<Value>(&root).unwrap(),
            "signingConfig": {},
        })
        .to_string(),
    );
    fs::remove_dir_all(place.0.path("model")).unwrap();
    place.0.write("model/signme-1", "signme-1");
    place.0.write("model/signme-2", "signme-2");
    fs::copy(repository(VECTORS).join("valid/sigstore.bundle.json"), place.0.path("model.sig")).unwrap();
    fs::copy(repository(VECTORS).join("invalid/missing-tlog-entries.bundle.json"), place.0.path("other.sig")).unwrap();
    let config = ["model", "verify", "sigstore", "model", "--trust_config", "config.json", "--format", "json"];
    for call in [[&config[..], &PERSON].concat(), [&config[..], &PERSON, &["--ignore_unsigned_files"]].concat()] {
        let report = run(place.0.folder(), &call).exits(0).json();
        assert_eq!(report["signer"], "stefanb@us.ibm.com of https://sigstore.verify.ibm.com/oauth2");
        assert_eq!(report["provenTime"], "2025-10-10T02:12:20Z");
        assert_eq!(report["compared"], 2);
    }
    let page = place.verify("model.sig", &PERSON).exits(0).stdout;
    assert!(page.contains("signed      at 2025-10-10T02:12:20Z at the latest"), "{page}");
    let code = |signature, more: &[&str]| {
        let call = [&PERSON[..], &["--format", "json"], more].concat();
        codes(&place.verify(signature, &call).exits(1).json(), "deny")
    };
    assert_eq!(code("other.sig", &[]), ["wrong-log"], "it has no log entry");
    assert_eq!(code("model.sig", &["--at", "2025-10-10T02:12:19Z"]), ["time-in-future"]);
    place.0.write("model/signme-2", "signme-3");
    assert_eq!(code("model.sig", &[]), ["file-changed"]);
    fs::copy(repository("testdata/keyless/trusted_root.json"), place.0.path("root.json")).unwrap();
    assert_eq!(
        code("model.sig", &[]),
        ["wrong-time"],
        "its timestamp, which is looked at first, is of no authority of the root"
    );
}

#[test]
fn the_identity_is_compared_exactly_and_so_is_its_provider() {
    let place = Place::new();
    let report = place.by("model.sig", SUBJECT, ISSUER, &["--format", "json"]).exits(0).json();
    assert_eq!(report["signer"], format!("{SUBJECT} of {ISSUER}"));
    assert!(report["scope"]["trust"].as_str().unwrap().contains(SUBJECT), "{report}");
    for (subject, issuer) in [
        (&SUBJECT[..SUBJECT.len() - 1], ISSUER),
        (&SUBJECT.to_uppercase(), ISSUER),
        (&format!("{SUBJECT}s"), ISSUER),
        ("^.*$", ISSUER),
        (SUBJECT, "https://accounts.example.com/"),
        (SUBJECT, "https://example.com"),
    ] {
        let report = place.by("model.sig", subject, issuer, &["--format", "json"]).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["untrusted-signer"], "{subject} {issuer}");
        assert_eq!(report["findings"][0]["found"], format!("{SUBJECT} of {ISSUER}"));
    }
}

#[test]
fn what_is_not_an_identity_or_a_root_is_refused_as_a_call() {
    let place = Place::new();
    for (subject, issuer) in [("", ISSUER), (SUBJECT, "")] {
        place.by("model.sig", subject, issuer, &[]).exits(2);
    }
    place.verify("model.sig", &["--identity", SUBJECT]).exits(2);
    place.verify("model.sig", &["--identity-provider", ISSUER]).exits(2);
    let staging = place.by("model.sig", SUBJECT, ISSUER, &["--use_staging"]).exits(2);
    assert!(staging.stderr.contains("nothing is fetched"), "{}", staging.stderr);
    fs::copy(repository("testdata/keyless/root_without_logs.json"), place.0.path("root.json")).unwrap();
    let without = place.by("model.sig", SUBJECT, ISSUER, &[]).exits(2);
    assert!(without.stderr.contains("no transparency log"), "{}", without.stderr);
    assert!(!without.stderr.contains("without-logs = true"), "a flag that is not here: {}", without.stderr);
    place.0.write("root.json", "{}");
    place.by("model.sig", SUBJECT, ISSUER, &[]).exits(2);
}

/// The lines of the script say which of their parts is at fault, whatever they are about.
#[test]
fn signatures_are_rejected_each_for_its_reason() {
    let place = Place::new();
    for (line, code) in [
        ("longer-subject", "untrusted-signer"),
        ("mail-subject", "untrusted-signer"),
        ("other-issuer", "untrusted-signer"),
        ("other-authority", "untrusted-signer"),
        ("server-usage", "untrusted-signer"),
        ("no-log", "wrong-log"),
        ("other-log", "wrong-log"),
        ("good-and-other-log", "wrong-log"),
        ("no-sct", "wrong-log"),
        ("other-sct", "wrong-log"),
        ("no-time", "wrong-time"),
        ("late-entry", "wrong-time"),
        ("early-entry", "wrong-time"),
        ("one-late-timestamp", "wrong-time"),
        ("other-time-authority", "wrong-time"),
        ("retired-time-authority", "wrong-time"),
        ("log-2", "malformed-statement"),
    ] {
        let text = fs::read(repository("testdata/keyless/lines").join(line).with_extension("json")).unwrap();
        assert_eq!(place.refused(text), [code], "{line}");
    }
    let cut = |bundle: &mut Value| bundle["dsseEnvelope"]["signatures"] = json!([]);
    assert_eq!(place.changed(cut), ["unsigned"]);
    let doubled = |bundle: &mut Value| {
        let signatures = bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
        signatures.push(signatures[0].clone());
    };
    assert_eq!(place.changed(doubled), ["malformed-line"]);
    for part in ["/dsseEnvelope/signatures/0/sig", "/dsseEnvelope/payload"] {
        let flipped = |bundle: &mut Value| {
            let text = bundle.pointer_mut(part).unwrap();
            let mut bytes = BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
            bytes[30] ^= 1;
            *text = json!(BASE64.encode(&bytes));
        };
        assert_eq!(place.changed(flipped), ["bad-signature"], "{part}");
    }
    let crowded = |bundle: &mut Value| {
        let entries = bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap();
        entries.resize(33, entries[0].clone());
    };
    assert_eq!(place.changed(crowded), ["limit-exceeded"]);
    assert_eq!(place.refused("{}"), ["malformed-line"]);
}

#[test]
fn each_kind_of_signature_is_named_to_those_who_expect_another() {
    let place = Place::new();
    let oms = |name: &str| fs::read(repository("testdata/oms/sig").join(name)).unwrap();
    for (signature, words) in [("p256.sig", "model verify key"), ("cert-leaf-ok.sig", "model verify certificate")] {
        place.0.write("other.sig", oms(signature));
        let report = place.by("other.sig", SUBJECT, ISSUER, &["--format", "json"]).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["untrusted-signer"], "{signature}");
        assert!(report["findings"][0]["help"].as_str().unwrap().contains(words), "{report}");
    }
    copy(&repository("testdata/oms/keys"), &place.0.path("keys"));
    copy(&repository("testdata/oms/pki"), &place.0.path("pki"));
    for call in ["key model --public-key keys/p256.pub", "certificate model --certificate-chain pki/root.crt"] {
        let report = place.0.run(&format!("model verify {call} --format json")).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["untrusted-signer"], "{call}");
        assert!(report["findings"][0]["help"].as_str().unwrap().contains("model verify sigstore"), "{report}");
    }
}

#[test]
fn the_model_is_compared_file_by_file() {
    let place = Place::new();
    place.0.write("model/more.txt", "more");
    assert_eq!(place.denied("model.sig", &[]), ["file-extra"]);
    for more in [["--ignore-unsigned-files"].as_slice(), &["--ignore-paths", "model/more.txt"]] {
        place.by("model.sig", SUBJECT, ISSUER, more).exits(0);
    }
    assert_eq!(place.denied("model.sig", &["--ignore-paths", "model/config.json"]), ["file-extra", "not-hashed"]);
    fs::remove_file(place.0.path("model/more.txt")).unwrap();
    place.0.write("model/config.json", "{}");
    assert_eq!(place.denied("model.sig", &[]), ["file-changed"]);
}

/// sigstore-python takes it as well; that of a key or of a chain the reference refuses.
#[test]
fn the_former_name_of_the_media_type_is_taken() {
    let place = Place::new();
    let before = |text: String| text.replace("bundle.v0.3+json", "bundle+json;version=0.3");
    place.0.write("before.sig", before(place.0.read("model.sig")));
    place.by("before.sig", SUBJECT, ISSUER, &[]).exits(0);
    place.0.write("before.sig", before(place.0.read("model.sig")).replace("version=0.3", "version=0.4"));
    assert_eq!(place.denied("before.sig", &[]), ["unsupported-line"]);
}
