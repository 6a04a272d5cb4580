//! A real attestation of GitHub, as `gh attestation download` writes it, about a file that is a model here: imported under
//! the trusted root of Sigstore, sealed, and demanded.

use std::fs;

use assaymark::digest::Digest;
use assaymark::dsse::{IN_TOTO, Pae};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::suite;
use crate::forge::key;
use crate::support::{Workplace, codes, repository};

const WORKFLOW: &str = "https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com/hammer-time";

/// A release of the file that the attestation is about.
struct Place(Workplace);

impl Place {
    fn new() -> Self {
        let at = Workplace::new();
        fs::copy(suite("github-attestation/custom-issuer-artifact"), at.path("artifact.txt")).unwrap();
        let root = repository("testdata/third-party/sigstore-conformance/trusted_root.json");
        fs::copy(root, at.path("trusted_root.json")).unwrap();
        at.run("bundle create release.toml --model artifact.txt --key release.key --output r.intoto.jsonl").exits(0);
        let place = Self(at);
        place.trust(WORKFLOW, ISSUER);
        place.0.write(
            "policy.toml",
            "[policy]\nname = \"p\"\n[[require]]\nevidence = \"provenance\"\nby = [\"workflow\"]\n",
        );
        place
    }

    fn trust(&self, subject: &str, issuer: &str) {
        self.0.write(
            "trust.toml",
            format!(
                "[[attester]]\nname = \"release\"\nroles = [\"builder\", \"releaser\", \"scanner\"]\n[[attester.key]]\npath = \
                 \"release.pub\"\n[[attester]]\nname = \"workflow\"\nroles = [\"builder\"]\nidentity = {{ subject = \"{subject}\", \
                 issuer = \"{issuer}\" }}\n[sigstore]\ntrusted-root = \"trusted_root.json\"\n"
            ),
        );
    }

    /// Imports what `gh attestation download` writes: a line a bundle.
    fn import(&self, bundles: &[&Value]) -> (i32, String) {
        let lines: Vec<String> = bundles.iter().map(ToString::to_string).collect();
        self.0.write("sha256:afa2.jsonl", lines.join("\n"));
        let call = "bundle attest r.intoto.jsonl --trust trust.toml --model artifact.txt --import sha256:afa2.jsonl";
        let ran = self.0.run(call);
        (ran.status, ran.stderr)
    }
}

fn bundle() -> Value {
    serde_json::from_slice(&fs::read(suite("github-attestation/custom-issuer.sigstore.json")).unwrap()).unwrap()
}

#[test]
fn an_attestation_of_github_is_imported_sealed_and_verified() {
    let place = Place::new();
    let (status, said) = place.import(&[&bundle()]);
    assert_eq!(status, 0, "{said}");
    place.0.run("bundle seal r.intoto.jsonl --trust trust.toml --model artifact.txt --key release.key").exits(0);
    let verify = "bundle verify r.intoto.jsonl --trust trust.toml --model artifact.txt --format json";
    let report = place.0.run(verify).exits(0).json();
    assert_eq!(report["scope"]["seal"]["members"], 5);
    let text = place.0.read("r.intoto.jsonl");
    let line: Value = serde_json::from_str(text.lines().rev().nth(1).unwrap()).unwrap();
    assert_eq!(line["dsseEnvelope"]["payload"], bundle()["dsseEnvelope"]["payload"]);
    assert_eq!(line["verificationMaterial"]["tlogEntries"], bundle()["verificationMaterial"]["tlogEntries"]);
    place.trust("https://github.com/too-legit/attest", ISSUER);
    assert_eq!(codes(&place.0.run(verify).exits(1).json(), "deny"), ["member-missing"], "another workflow");
}

#[test]
fn an_attestation_of_github_is_refused_for_what_is_wrong_with_it() {
    let changed = |change: fn(&mut Value)| {
        let mut bundle = bundle();
        change(&mut bundle);
        bundle
    };
    for (code, bundle) in [
        ("bad-signature", changed(|one| one["dsseEnvelope"]["payload"] = json!("e30="))),
        ("wrong-log", changed(|one| one["verificationMaterial"]["tlogEntries"] = json!([]))),
        (
            "wrong-log",
            changed(|one| {
                one["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["rootHash"] =
                    json!(BASE64.encode(&[0; 32]));
            }),
        ),
        ("unsigned", changed(|one| one["dsseEnvelope"]["signatures"] = json!([]))),
    ] {
        let (status, said) = Place::new().import(&[&bundle]);
        assert!(status == 1 && said.contains(code), "{code}: {said}");
    }
    for (subject, issuer) in
        [(WORKFLOW, "https://token.actions.githubusercontent.com"), ("https://github.com/too-legit", ISSUER)]
    {
        let place = Place::new();
        place.trust(subject, issuer);
        let (status, said) = place.import(&[&bundle()]);
        assert!(status == 1 && said.contains("untrusted-signer"), "{said}");
    }
    let place = Place::new();
    place.0.write("artifact.txt", "another model");
    place
        .0
        .run("bundle create release.toml --model artifact.txt --key release.key --output r.intoto.jsonl --force")
        .exits(0);
    let (status, said) = place.import(&[&bundle()]);
    assert!(status == 1 && said.contains("subject-mismatch"), "{said}");
}

#[test]
fn one_of_several_files_may_be_the_model() {
    let place = Place::new();
    let trust = place.0.read("trust.toml");
    let more =
        "\n[[attester]]\nname = \"laboratory\"\nroles = [\"scanner\"]\n[[attester.key]]\npath = \"scanner.pub\"\n";
    place.0.write("trust.toml", trust.replace("[sigstore]", &format!("{more}[sigstore]")));
    let digest = Digest::of(b"hello-world").to_string();
    let other = json!({"name": "artifact.txt", "digest": {"sha256": "0".repeat(64)}});
    let model = json!({"name": "dist/weights.txt", "digest": {"sha256": digest, "sha512": "0".repeat(128)}});
    let commit = json!({"name": "", "digest": {"gitCommit": "0".repeat(40)}});
    let signed = |subjects: &[&Value]| {
        let payload = json!({
            "_type": "https://in-toto.io/Statement/v1", "subject": subjects,
            "predicateType": "https://witness.dev/attestation-collection/v0.1", "predicate": {"name": "build"},
        });
        let payload = payload.to_string();
        let signature = key("scanner").sign(Pae::new(IN_TOTO, payload.as_bytes()).as_bytes());
        json!({
            "payload": BASE64.encode(payload.as_bytes()), "payloadType": IN_TOTO,
            "signatures": [{"keyid": "", "sig": BASE64.encode(&signature)}],
        })
    };
    for subjects in [&[&other][..], &[&other, &commit], &[&commit]] {
        let (status, said) = place.import(&[&signed(subjects)]);
        assert!(status == 1 && said.contains("subject-mismatch"), "{said}");
    }
    let (status, said) = place.import(&[&signed(&[&commit, &other, &model])]);
    assert_eq!(status, 0, "{said}");
    place.0.run("bundle seal r.intoto.jsonl --trust trust.toml --model artifact.txt --key release.key").exits(0);
    place.0.run("bundle verify r.intoto.jsonl --trust trust.toml --model artifact.txt --strict").exits(0);
}
