//! `tests/conformance/oms`, with the calls of the conformance suite of OpenSSF Model Signing: what each of its cases
//! without a network is about, on models and keys of our own.

use std::fs;
use std::process::{Command, Stdio};

use assaymark::dsse::{IN_TOTO, Pae};
use assaymark::key::{KeyError, SigningKey};
use assaymark::sigstore_bundle::SigstoreBundle;
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::{Workplace, repository};

/// Runs the adapter, all paths absolute as the suite gives them, and says whether it succeeded.
#[track_caller]
fn adapter(arguments: &[String]) -> bool {
    let ran = Command::new(repository("tests/conformance/oms"))
        .args(arguments)
        .env("ASSAYMARK", env!("CARGO_BIN_EXE_assaymark"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let status = ran.status.code().unwrap();
    assert!((0..=2).contains(&status), "{arguments:?}: {status} {}", String::from_utf8_lossy(&ran.stderr));
    status == 0
}

/// A folder with a copy of `testdata/oms`, and certificates that are valid now.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        Self(Workplace::of_oms())
    }

    fn at(&self, name: &str) -> String {
        self.0.path(name).to_str().unwrap().to_owned()
    }

    /// Makes a call: `--flag=name` stands for a flag with the absolute path of a file here.
    fn call(&self, verb: &str, method: &str, model: &str, flags: &[&str]) -> bool {
        let mut arguments = vec![verb.to_owned(), "--method".to_owned(), method.to_owned()];
        arguments.extend(["--model-path".to_owned(), self.at(model)]);
        for flag in flags {
            match flag.split_once('=') {
                Some((flag, name)) => arguments.extend([flag.to_owned(), self.at(name)]),
                None => arguments.push((*flag).to_owned()),
            }
        }
        adapter(&arguments)
    }

    fn sign(&self, model: &str, bundle: &str, key: &str, more: &[&str]) -> bool {
        let flags = [format!("--output-bundle={bundle}"), format!("--private-key=keys/{key}.pem")];
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        self.call("sign-model", "key", model, &flags)
    }

    fn verify(&self, model: &str, bundle: &str, key: &str, more: &[&str]) -> bool {
        let flags = [format!("--bundle={bundle}"), format!("--public-key=keys/{key}.pub")];
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        self.call("verify-model", "key", model, &flags)
    }

    fn statement(&self, bundle: &str) -> Value {
        let bundle: Value = serde_json::from_str(&self.0.read(bundle)).unwrap();
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes();
        serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
    }

    /// Returns what a bundle lists, in its order.
    fn listed(&self, bundle: &str) -> Vec<String> {
        let statement = self.statement(bundle);
        let resources = statement["predicate"]["resources"].as_array().unwrap();
        resources.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Signs a statement with the P-256 key, as `forged.sig`.
    fn forge(&self, statement: &Value) {
        let key = SigningKey::from_pem(&self.0.read("keys/p256.pem"), || Ok::<_, KeyError>(None)).unwrap();
        let payload = statement.to_string();
        let signature = key.sign(Pae::new(IN_TOTO, payload.as_bytes()).as_bytes());
        let bundle = SigstoreBundle::write(payload.as_bytes(), &key.public().key_id(), signature);
        self.0.write("forged.sig", bundle.unwrap());
    }

    fn openssl(&self, arguments: &str) {
        let made = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.folder()).output().unwrap();
        assert!(made.status.success(), "{arguments}: {made:?}");
    }

    /// Makes a root, an intermediate authority, a leaf that signs and one that expired, and another root.
    fn make_certificates(&self) {
        self.0.write("ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
        self.0.write("leaf.ext", "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n");
        for name in ["root", "other-root", "middle", "leaf", "expired"] {
            self.openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {name}.key"));
            self.openssl(&format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"));
        }
        for name in ["root", "other-root"] {
            self.openssl(&format!(
                "x509 -req -in {name}.csr -signkey {name}.key -extfile ca.ext -days 30 -out {name}.crt"
            ));
        }
        self.openssl("x509 -req -in middle.csr -CA root.crt -CAkey root.key -CAcreateserial -extfile ca.ext -days 30 -out middle.crt");
        let leaf = "-CA middle.crt -CAkey middle.key -CAcreateserial -extfile leaf.ext";
        self.openssl(&format!("x509 -req -in leaf.csr {leaf} -days 30 -out leaf.crt"));
        // OpenSSL takes an end before the beginning, and no beginning but now.
        self.openssl(&format!("x509 -req -in expired.csr {leaf} -days -1 -out expired.crt"));
    }
}

#[test]
fn every_kind_of_model_is_signed_and_verified() {
    let place = Place::new();
    let every_byte: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let models: [(&str, &[(&str, &[u8])], &[&str]); 8] = [
        (
            "nested",
            &[("weights.bin", b"w"), ("config.json", b"{}"), ("subdir/adapter.bin", b"a")],
            &["config.json", "subdir/adapter.bin", "weights.bin"],
        ),
        ("one", &[("model.bin", b"m")], &["model.bin"]),
        (
            "git",
            &[
                ("model.bin", b"m"),
                (".git/HEAD", b"r"),
                (".github/ci.yml", b"c"),
                (".gitignore", b"i"),
                (".gitattributes", b"t"),
            ],
            &["model.bin"],
        ),
        (
            "dots",
            &[("model.bin", b"m"), (".config", b"c"), (".env.example", b"e")],
            &[".config", ".env.example", "model.bin"],
        ),
        (
            "hidden",
            &[(".cache/weights.bin", b"w"), (".local/share/data.bin", b"d")],
            &[".cache/weights.bin", ".local/share/data.bin"],
        ),
        ("empty-file", &[("empty.bin", b""), ("signme", b"s")], &["empty.bin", "signme"]),
        (
            "bytes",
            &[("header.bin", b"\x89PNG\r\n\x1a\n"), ("weights.bin", &every_byte)],
            &["header.bin", "weights.bin"],
        ),
        (
            "names",
            &[("模型.bin", b"m"), ("file (copy).bin", b"c"), ("path with spaces/model.bin", b"s"), ("Z", b"z")],
            &["Z", "file (copy).bin", "path with spaces/model.bin", "模型.bin"],
        ),
    ];
    for (model, files, listed) in models {
        for (name, content) in files {
            place.0.write(&format!("{model}/{name}"), content);
        }
        assert!(place.sign(model, "made.sig", "p256", &[]), "{model}");
        assert_eq!(place.listed("made.sig"), listed, "{model}");
        assert!(place.verify(model, "made.sig", "p256", &[]), "{model}");
        assert!(!place.verify(model, "made.sig", "p384", &[]), "{model}");
        place.0.write(&format!("{model}/{}", listed[0]), "changed");
        assert!(!place.verify(model, "made.sig", "p256", &[]), "{model}");
    }
    assert!(place.sign("nested/weights.bin", "file.sig", "p256", &[]));
    assert_eq!(place.listed("file.sig"), ["weights.bin"]);
    assert!(place.verify("nested/weights.bin", "file.sig", "p256", &[]));
}

#[test]
fn every_curve_signs_and_the_same_is_listed_twice() {
    let place = Place::new();
    for key in ["p256", "p384", "p521"] {
        for bundle in ["one.sig", "two.sig"] {
            assert!(place.sign("model", bundle, key, &[]), "{key}");
            assert!(place.verify("model", bundle, key, &[]), "{key}");
        }
        assert_eq!(place.statement("one.sig"), place.statement("two.sig"), "{key}");
    }
    assert!(!place.sign("model", "one.sig", "ed25519", &[]));
}

#[test]
fn what_is_left_out_is_left_out_on_both_sides() {
    let place = Place::new();
    let ignored = ["--ignore-paths=model/tokenizer", "--ignore-paths=model/EMPTY"];
    assert!(place.sign("model", "model/bundle.sig", "p256", &ignored));
    let listed = place.listed("model/bundle.sig");
    assert!(!listed.iter().any(|name| name.starts_with("tokenizer/") || name == "EMPTY" || name == "bundle.sig"));
    assert!(place.verify("model", "model/bundle.sig", "p256", &ignored));
    place.0.write("model/extra.bin", "x");
    assert!(!place.verify("model", "model/bundle.sig", "p256", &ignored));
    assert!(place.verify("model", "model/bundle.sig", "p256", &[ignored[0], ignored[1], "--ignore-unsigned-files"]));
    place.0.write("model/README.md", "changed");
    assert!(!place.verify("model", "model/bundle.sig", "p256", &[ignored[0], ignored[1], "--ignore-unsigned-files"]));
}

#[test]
fn models_that_can_not_be_signed_are_refused() {
    let place = Place::new();
    place.0.write("nothing/.gitignore", "*");
    assert!(!place.sign("nothing", "made.sig", "p256", &[]), "a model without a file");
    for target in ["README.md", "/tmp/nonexistent-target", "."] {
        let link = place.0.path("model/link");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(!place.sign("model", "made.sig", "p256", &[]), "{target}");
        fs::remove_file(link).unwrap();
    }
    assert!(!place.0.path("made.sig").exists());
}

#[test]
fn what_is_not_as_it_was_signed_is_rejected() {
    let place = Place::new();
    assert!(place.sign("model", "good.sig", "p256", &[]));
    let good = place.0.read("good.sig");
    let mut unsigned: Value = serde_json::from_str(&good).unwrap();
    unsigned["dsseEnvelope"]["signatures"] = json!([]);
    let mut without: Value = serde_json::from_str(&good).unwrap();
    without.as_object_mut().unwrap().remove("dsseEnvelope");
    for (fault, bundle) in [
        ("corrupted", format!("not JSON {good}")),
        ("truncated", good[..100].to_owned()),
        ("empty", String::new()),
        ("another media type", good.replace("bundle.v0.3", "bundle.v0.1")),
        ("another payload type", good.replace("vnd.in-toto+json", "vnd.other+json")),
        ("no signature", unsigned.to_string()),
        ("no envelope", without.to_string()),
    ] {
        assert_ne!(bundle, good, "{fault}");
        place.0.write("bad.sig", bundle);
        assert!(!place.verify("model", "bad.sig", "p256", &[]), "{fault}");
    }
    let changes: [(&str, fn(&mut Value)); 6] = [
        ("another predicate", |one| one["predicateType"] = json!("https://slsa.dev/provenance/v1")),
        ("another statement", |one| one["_type"] = json!("https://in-toto.io/Statement/v0.1")),
        ("no predicate", |one| drop(one.as_object_mut().unwrap().remove("predicate"))),
        ("no subject", |one| one["subject"] = json!([])),
        ("no resource", |one| one["predicate"]["resources"] = json!([])),
        ("another root", |one| one["subject"][0]["digest"]["sha256"] = json!("0".repeat(64))),
    ];
    for (fault, change) in changes {
        let mut statement = place.statement("good.sig");
        place.forge(&statement);
        assert!(place.verify("model", "forged.sig", "p256", &[]), "signed again, it is good");
        change(&mut statement);
        place.forge(&statement);
        assert!(!place.verify("model", "forged.sig", "p256", &[]), "{fault}");
    }
    assert!(!place.verify("model", "good.sig", "p384", &[]), "another key");
    fs::remove_file(place.0.path("model/EMPTY")).unwrap();
    assert!(!place.verify("model", "good.sig", "p256", &[]), "a file less");
}

#[test]
fn older_signatures_are_verified() {
    let place = Place::new();
    for old in ["0.2.0", "0.3.1", "1.0.0", "1.0.1"] {
        assert!(place.verify("model", &format!("old/{old}-key.sig"), "p256", &[]), "{old}");
        assert!(!place.verify("model", &format!("old/{old}-key.sig"), "p384", &[]), "{old}");
    }
}

#[test]
fn certificates_are_signed_with_and_verified() {
    let place = Place::new();
    place.make_certificates();
    let sign = |leaf: &str, more: &[&str]| {
        let flags = [
            "--output-bundle=made.sig".to_owned(),
            format!("--private-key={leaf}.key"),
            format!("--signing-cert={leaf}.crt"),
        ];
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        place.call("sign-model", "certificate", "model", &flags)
    };
    let verify = |root: &str| {
        place.call("verify-model", "certificate", "model", &["--bundle=made.sig", &format!("--cert-chain={root}.crt")])
    };
    for chain in [&["--cert-chain=middle.crt"][..], &["--cert-chain=middle.crt", "--cert-chain=root.crt"][..]] {
        assert!(sign("leaf", chain), "{chain:?}");
        assert!(verify("root"), "{chain:?}");
        assert!(!verify("other-root"), "{chain:?}");
    }
    assert!(!place.verify("model", "made.sig", "p256", &[]), "a key can't verify what a certificate signed");
    assert!(sign("expired", &["--cert-chain=middle.crt"]));
    assert!(!verify("root"), "an expired certificate");
    assert!(place.sign("model", "made.sig", "p256", &[]));
    assert!(!verify("root"), "a certificate can't verify what a key signed");
    place.openssl("req -x509 -key leaf.key -out self.crt -days 30 -subj /CN=self -addext keyUsage=digitalSignature");
    fs::copy(place.0.path("leaf.key"), place.0.path("self.key")).unwrap();
    for chain in [&[][..], &["--cert-chain=self.crt"][..]] {
        assert!(sign("self", chain), "{chain:?}");
        assert!(verify("self") && !verify("root"), "{chain:?}");
    }
    place.0.write("model/README.md", "changed");
    assert!(!verify("self"), "a changed model");
}

#[test]
fn signatures_without_a_lasting_key_are_verified_each_for_its_identity() {
    const PERSON: [&str; 2] = ["--identity", "stefanb@us.ibm.com"];
    const PROVIDER: [&str; 2] = ["--identity-provider", "https://sigstore.verify.ibm.com/oauth2"];
    let place = Place::new();
    let verify = |bundle: &str, more: &[&[&str]]| {
        let bundle = format!("--bundle={bundle}");
        place.call("verify-model", "sigstore", "signed", &[&[bundle.as_str()], more.concat().as_slice()].concat())
    };
    let spec = "testdata/third-party/model-signing-spec/test-vectors/v1.0";
    let bundles = [
        ("0.3.1", "testdata/third-party/model-transparency/v0.3.1-sigstore/model.sig".to_owned()),
        ("1.1.0", format!("{spec}/valid/sigstore.bundle.json")),
    ];
    for (version, path) in bundles {
        place.0.write("signed/signme-1", "signme-1");
        place.0.write("signed/signme-2", "signme-2");
        fs::copy(repository(&path), place.0.path("signed.sig")).unwrap();
        assert!(verify("signed.sig", &[&PERSON, &PROVIDER]), "{version}");
        let refused: [&[&[&str]]; 5] = [
            &[&["--identity", "somebody@us.ibm.com"], &PROVIDER],
            &[&PERSON, &["--identity-provider", "https://accounts.example.com"]],
            &[&PERSON],
            &[&PROVIDER],
            &[&PERSON, &PROVIDER, &["--use-staging"]],
        ];
        for more in refused {
            assert!(!verify("signed.sig", more), "{version} {more:?}");
        }
        assert!(!verify("sig/p256.sig", &[&PERSON, &PROVIDER]), "a key signed it");
        place.0.write("signed/extra", "x");
        assert!(!verify("signed.sig", &[&PERSON, &PROVIDER]), "{version}: a file more");
        assert!(verify("signed.sig", &[&PERSON, &PROVIDER, &["--ignore-unsigned-files"]]), "{version}");
        assert!(verify("signed.sig", &[&PERSON, &PROVIDER, &["--ignore-paths=signed/extra"]]), "{version}");
        place.0.write("signed/signme-1", "other");
        let changed = verify("signed.sig", &[&PERSON, &PROVIDER, &["--ignore-unsigned-files"]]);
        assert!(!changed, "{version}: a changed file");
        fs::remove_dir_all(place.0.path("signed")).unwrap();
    }
    place.0.write("signed/signme-1", "signme-1");
    place.0.write("signed/signme-2", "signme-2");
    let no_log = repository(&format!("{spec}/invalid/missing-tlog-entries.bundle.json"));
    fs::copy(no_log, place.0.path("no-log.sig")).unwrap();
    assert!(!verify("no-log.sig", &[&PERSON, &PROVIDER]), "in no log");
}

#[test]
fn what_the_adapter_does_not_know_it_refuses() {
    let place = Place::new();
    let good = ["--bundle=sig/p256.sig", "--public-key=keys/p256.pub"];
    assert!(place.call("verify-model", "key", "model", &good));
    for (verb, method, more) in [
        ("verify", "key", &[][..]),
        ("verify-model", "other", &[]),
        ("verify-model", "key", &["--use-staging"]),
        ("verify-model", "key", &["--bundle"]),
        ("sign-model", "sigstore", &["--identity-token=model"]),
    ] {
        assert!(!place.call(verb, method, "model", &[&good[..], more].concat()), "{verb} {method} {more:?}");
    }
    assert!(!adapter(&[]));
}
