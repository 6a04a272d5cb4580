//! The gate: approvals, waivers, promotions, withdrawals.

use std::fs;

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::links::dependency;
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE, key, sign, statement_like};
use crate::support::repository;

pub const APPROVAL: &str = "https://assaymark.dev/approval/v1";
pub const WAIVER: &str = "https://assaymark.dev/waiver/v1";
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

pub const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// Says that the release of a seal was let into a stage.
pub fn promotion(seal: &str, release: &str, stage: &str) -> Value {
    json!({
        "verifier": {"id": "https://gate.example.com/v1"},
        "timeVerified": "2026-01-01T00:00:00Z",
        "resourceUri": format!("https://assaymark.dev/release/{release}/stage/{stage}"),
        "policy": {"digest": {"sha256": "0".repeat(64)}},
        "inputAttestations": [{"digest": {"sha256": seal}}],
        "verificationResult": "PASSED",
        "verifiedLevels": [format!("ASSAYMARK_STAGE_{}", stage.to_uppercase())],
    })
}

pub fn cases() -> Vec<Case> {
    [
        judgements(),
        negative(),
        waivers(),
        withdrawals(),
        withdrawn_keys(),
        withdrawn_parts(),
        demotions(),
        promoters(),
        memory(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Forged {
    /// Appends a statement about the model.
    pub fn state(self, kind: &str, signer: &str, predicate: &Value) -> Self {
        let statement = statement_like(&self.statement(BOM), kind, predicate);
        self.push(sign(statement.to_string().as_bytes(), &key(signer)))
    }

    /// Appends an approval of the seal at an index.
    pub fn approve(self, signer: &str, seal: usize) -> Self {
        let seal = Digest::of(&self.payload(seal)).to_string();
        self.state(APPROVAL, signer, &json!({"seal": seal, "approvedAt": "2026-01-01T00:00:00Z"}))
    }

    /// Lets the release of the seal at an index into a stage.
    pub fn promote(self, release: &str, stage: &str, seal: usize) -> Self {
        let seal = Digest::of(&self.payload(seal)).to_string();
        self.state(SUMMARY, "promoter", &promotion(&seal, release, stage))
    }

    /// Appends the result of a scan.
    pub fn scan(self, result: &str) -> Self {
        let tool = json!({"name": "scanner", "uri": "pkg:pypi/modelscan@0.8.5"});
        self.state(TEST_RESULT, "scanner", &json!({"result": result, "configuration": [tool]}))
    }
}

fn gate(name: &'static str, why: &'static str, bundle: &Forged) -> Case {
    case(name, why).trust("gate.toml").bundle(bundle)
}

fn judgements() -> Vec<Case> {
    let good = Forged::good();
    let approved = good.clone().approve("second", FIRST_SEAL);
    let scanned = good.clone().scan("PASSED").seal_again("release", |_| {});
    let elsewhere = json!({"seal": Digest::of(b"elsewhere").to_string(), "approvedAt": "2026-01-01T00:00:00Z"});
    let later =
        json!({"seal": Digest::of(&good.payload(FIRST_SEAL)).to_string(), "approvedAt": "2126-01-01T00:00:00Z"});
    vec![
        gate("approval", "an approval of the newest seal counts unsealed", &approved),
        gate("approval-sealed", "an approval counts sealed as well", &approved.clone().seal_again("release", |_| {})),
        gate(
            "approval-before-scan",
            "an approval that was sealed before other evidence came still counts",
            &approved.clone().seal_again("release", |_| {}).scan("PASSED").seal_again("release", |_| {}),
        ),
        gate(
            "approval-outdated",
            "an approval of an older seal, after which a scan came, does not count",
            &scanned.clone().approve("second", FIRST_SEAL),
        )
        .warn(&["judgement-outdated"]),
        gate(
            "approval-outdated-sealed",
            "nor does it when a releaser seals it with the scan",
            &good.clone().scan("PASSED").approve("second", FIRST_SEAL).seal_again("release", |_| {}),
        )
        .deny(&["judgement-outdated"]),
        gate(
            "approval-of-another-chain",
            "an approval of a seal of another chain does not count",
            &good.clone().state(APPROVAL, "second", &elsewhere),
        )
        .warn(&["judgement-outdated"]),
        gate(
            "approval-without-role",
            "an approval by a scanner is no approval",
            &good.clone().approve("scanner", FIRST_SEAL),
        )
        .warn(&["wrong-role"]),
        gate(
            "approval-of-the-future",
            "an approval claims a time that is still to come",
            &good.clone().state(APPROVAL, "second", &later),
        )
        .deny(&["time-in-future"])
        .threats(&["N071"])
        .beside("approval"),
        gate(
            "approval-with-unknown-field",
            "an approval for a stage alone is none that we know",
            &good.clone().state(APPROVAL, "second", &{
                let mut approval = elsewhere.clone();
                approval["stage"] = json!("production");
                approval
            }),
        )
        .warn(&["malformed-statement"]),
    ]
}

fn negative() -> Vec<Case> {
    let good = Forged::good();
    vec![
        gate("scan-unsealed", "an unsealed scan that passed does not count", &good.clone().scan("PASSED"))
            .warn(&["unsealed-line"]),
        gate("scan-failed-unsealed", "an unsealed scan that failed denies", &good.clone().scan("FAILED"))
            .warn(&["unsealed-line"])
            .deny(&["test-failed"]),
        gate("scan-failed-in-part", "a scan that passed names a test that failed", &{
            let tool = json!({"name": "scanner", "uri": "pkg:pypi/modelscan@0.8.5"});
            let scan = json!({"result": "PASSED", "configuration": [tool], "failedTests": ["scan:a.bin"]});
            good.clone().state(TEST_RESULT, "scanner", &scan).seal_again("release", |_| {})
        })
        .deny(&["test-failed"])
        .threats(&["N110"]),
        gate(
            "scan-failed-then-passed",
            "a scan that failed denies, whatever another one says",
            &good.clone().scan("FAILED").scan("PASSED").seal_again("release", |_| {}),
        )
        .deny(&["test-failed"])
        .threats(&["N110"]),
        gate(
            "scan-passed-then-failed",
            "in the other order as well",
            &good.clone().scan("PASSED").scan("FAILED").seal_again("release", |_| {}),
        )
        .deny(&["test-failed"])
        .threats(&["N110"]),
    ]
}

/// Appends a waiver of the seal at an index.
pub(super) fn waived(forged: Forged, signer: &str, seal: usize, change: impl FnOnce(&mut Value)) -> Forged {
    let mut waiver = json!({
        "seal": Digest::of(&forged.payload(seal)).to_string(), "code": "test-failed", "owner": "risk-board",
        "reason": "ticket 12", "waivedAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-04-01T00:00:00Z",
    });
    change(&mut waiver);
    forged.state(WAIVER, signer, &waiver)
}

fn waivers() -> Vec<Case> {
    /// The seal over the failed scan.
    const SECOND_SEAL: usize = 5;
    let failed = Forged::good().scan("FAILED").seal_again("release", |_| {});
    let waive = |change: &dyn Fn(&mut Value)| waived(failed.clone(), "officer", SECOND_SEAL, change);
    // While the waivers hold.
    let gate = |name, why, bundle: &Forged| gate(name, why, bundle).with(&["--at", "2026-01-02T12:00:00Z"]);
    let other = waive(&|_| {}).resign(SECOND_SEAL + 1, "officer", |waiver| {
        waiver["subject"][1]["digest"]["sha256"] = json!("0".repeat(64));
    });
    let scan = Digest::of(&failed.payload(SECOND_SEAL - 1)).to_string();
    let bom = Digest::of(&failed.payload(BOM)).to_string();
    let under = |name, why, code: &str| {
        let policy = format!("[policy]\nname = \"vector\"\nfiles = [\"model\"]\nwaivable = [\"{code}\"]\n");
        gate(name, why, &waive(&|_| {})).write("policy.toml", &policy).with(&["--policy", "policy.toml"])
    };
    let demanded = |name, why, kinds: &[&str]| {
        let waived = waived(Forged::good(), "officer", FIRST_SEAL, |one| {
            one["code"] = json!("evidence-missing");
            one["rule"] = json!("require-scan");
        });
        let demands: Vec<_> = kinds.iter().map(|kind| format!("[[require]]\nevidence = \"{kind}\"\n")).collect();
        let demands = demands.concat();
        let policy = format!("[policy]\nname = \"vector\"\nwaivable = [\"evidence-missing\"]\n{demands}");
        gate(name, why, &waived).write("policy.toml", &policy).with(&["--policy", "policy.toml"])
    };
    vec![
        gate("waiver", "a failed scan is waived", &waive(&|_| {})),
        demanded("waiver-of-a-rule", "the absence of a scan is waived, for the rule that demands it", &["scan"]),
        demanded(
            "waiver-of-another-rule",
            "it does not stand for an approval that is absent as well",
            &["scan", "approval"],
        )
        .deny(&["evidence-missing"])
        .threats(&["N114"]),
        gate("waiver-sealed", "a waiver that is sealed holds", &waive(&|_| {}).seal_again("release", |_| {})),
        gate("waiver-of-a-line", "a waiver of this line holds", &waive(&|one| one["about"] = json!(scan))),
        gate(
            "waiver-of-another-line",
            "a waiver of another line does not hold",
            &waive(&|one| one["about"] = json!(Digest::of(b"x").to_string())),
        )
        .warn(&["waiver-void"])
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-a-sealed-line",
            "nor does a waiver of another line that its signer could see",
            &waive(&|one| one["about"] = json!(bom)),
        )
        .deny(&["test-failed"]),
        gate(
            "waiver-before-the-line",
            "a waiver of a line that the seal it names did not have",
            &waived(Forged::good(), "officer", FIRST_SEAL, |one| one["about"] = json!(scan))
                .seal_again("release", |_| {})
                .scan("FAILED")
                .seal_again("release", |_| {}),
        )
        .warn(&["waiver-void"])
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-no-seal",
            "a waiver names a seal that the bundle does not have",
            &waive(&|one| one["seal"] = json!(Digest::of(b"x").to_string())),
        )
        .warn(&["judgement-outdated"])
        .says("the waiver does not count: no seal of this bundle is the one that it names")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-an-older-seal",
            "a waiver names the seal before the one that names the failed scan",
            &waived(failed.clone(), "officer", FIRST_SEAL, |_| {}),
        )
        .warn(&["judgement-outdated"])
        .says("the waiver does not count: it names seal 1, and seal 2 names a test-result that its signer could not see")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-an-unsealed-line",
            "a waiver of the newest seal, which does not name the failed scan yet",
            &waived(Forged::good().scan("FAILED"), "officer", FIRST_SEAL, |_| {}),
        )
        .warn(&["unsealed-line", "waiver-void"])
        .says("the waiver of `test-failed` names seal 1, which does not list line 5, so it waives nothing there")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-another-code",
            "a waiver of another code does not hold",
            &waive(&|one| {
                one["code"] = json!("code-not-recorded");
            }),
        )
        .deny(&["test-failed"]),
        gate("waiver-expired", "a waiver has expired", &waive(&|one| one["expiresAt"] = json!("2026-01-02T00:00:00Z")))
            .warn(&["waiver-expired"])
            .deny(&["test-failed"])
            .threats(&["N114"]),
        gate("waiver-expires", "a waiver expires now", &waive(&|one| one["expiresAt"] = json!("2026-01-02T12:00:00Z")))
            .warn(&["waiver-expired"])
            .deny(&["test-failed"])
            .threats(&["N114"]),
        gate("waiver-for-another-model", "a waiver is for another model", &other)
            .warn(&["subject-mismatch"])
            .deny(&["test-failed"])
            .threats(&["N114"]),
        gate(
            "waiver-without-role",
            "a waiver is by an attester who may not waive",
            &waived(failed.clone(), "second", SECOND_SEAL, |_| {}),
        )
        .warn(&["wrong-role"])
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-by-stranger",
            "a waiver is by a stranger",
            &waived(failed.clone(), "stranger", SECOND_SEAL, |_| {}),
        )
        .warn(&["untrusted-signer"])
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-without-expiry",
            "a waiver has no end",
            &waive(&|one| {
                one.as_object_mut().unwrap().remove("expiresAt");
            }),
        )
        .warn(&["malformed-statement"])
        .deny(&["test-failed"]),
        gate(
            "waiver-before-the-fact",
            "a waiver of a seal that did not name the failed scan",
            &waived(Forged::good(), "officer", FIRST_SEAL, |_| {})
                .seal_again("release", |_| {})
                .scan("FAILED")
                .seal_again("release", |_| {}),
        )
        .warn(&["waiver-void"])
        .says("the waiver of `test-failed` names seal 1, which does not list line 7, so it waives nothing there")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-a-changed-file",
            "a changed file can't be waived",
            &waive(&|one| one["code"] = json!("file-changed")),
        )
        .flip("model/a.bin", 0)
        .deny(&["file-changed"]),
        gate(
            "waiver-of-a-quarter",
            "a waiver is made for as long as it may hold",
            &waive(&|one| one["expiresAt"] = json!("2026-04-01T00:00:00Z")),
        ),
        gate(
            "waiver-without-end",
            "a waiver is made for a second more than it may hold",
            &waive(&|one| one["expiresAt"] = json!("2026-04-01T00:00:01Z")),
        )
        .warn(&["waiver-void"])
        .says("a waiver holds for at most 90 days under baseline/v1, and this one is made for longer")
        .deny(&["test-failed"])
        .beside("waiver-of-a-quarter")
        .threats(&["N114"]),
        gate(
            "waiver-of-no-rule",
            "a waiver is of a rule that is not there",
            &waive(&|one| one["rule"] = json!("test-passed")),
        )
        .warn(&["waiver-void"])
        .says("baseline/v1 has no rule `test-passed`, so a waiver of it waives nothing")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        gate(
            "waiver-of-a-rule-without-the-code",
            "a waiver is of a code by which its rule never denies",
            &waive(&|one| one["rule"] = json!("code-recorded")),
        )
        .warn(&["waiver-void"])
        .says("the rule `code-recorded` never denies by `test-failed`, so a waiver of that waives nothing")
        .deny(&["test-failed"])
        .threats(&["N114"]),
        under("waiver-longer", "the policy lets waivers hold for a year", "test-failed")
            .bundle(&waive(&|one| one["expiresAt"] = json!("2026-12-31T00:00:00Z")))
            .write(
                "policy.toml",
                "[policy]\nname = \"vector\"\nfiles = [\"model\"]\nwaivable = [\"test-failed\"]\nlongest-waiver = \"52w\"\n",
            ),
        under("waiver-listed", "the policy lets this code be waived", "test-failed"),
        under("waiver-unlisted", "the policy lets another code be waived", "code-not-recorded")
            .warn(&["waiver-void"])
            .deny(&["test-failed"]),
        gate("waiver-void", "nor is a waiver of it worth anything", &waive(&|one| one["code"] = json!("file-changed")))
            .warn(&["waiver-void"])
            .deny(&["test-failed"]),
    ]
}

pub const WITHDRAWAL: &str = "https://assaymark.dev/withdrawal/v1";

/// Makes a list of withdrawals of the release itself or of another one.
pub(super) fn list(signer: &str, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": Digest::of(name.as_bytes()).to_string()}}],
        "predicateType": WITHDRAWAL,
        "predicate": {
            "sequence": 1, "previous": null, "withdrawn": {"kind": "release", "name": name}, "reason": "poisoned data",
            "withdrawnAt": "2026-01-01T00:00:00Z",
        },
    });
    change(&mut statement);
    String::from_utf8(sign(statement.to_string().as_bytes(), &key(signer))).unwrap()
}

/// A memory of a list of withdrawals of so many lines.
fn seen_withdrawals(sequence: u64) -> String {
    let seen = json!({"sequence": sequence, "payload": Digest::of(b"newer").to_string()});
    let schema = "https://assaymark.dev/schemas/state/v1";
    json!({"schema": schema, "releases": {}, "policies": {}, "withdrawals": seen}).to_string()
}

/// The good bundle, looked up in a list of withdrawals.
pub(super) fn withdrawing(name: &str, why: &str, list: &str) -> Case {
    case(name, why).trust("gate.toml").write("withdrawals.jsonl", list).with(&[
        "--withdrawals",
        "withdrawals.jsonl",
        "--at",
        "2026-01-02T00:00:00Z",
    ])
}

fn withdrawals() -> Vec<Case> {
    let with = |name, why, text: String| withdrawing(name, why, &text);
    vec![
        with("withdrawals", "a list strikes another release", list("officer", "other", |_| {})),
        with("withdrawn", "the release was withdrawn", list("officer", "vector", |_| {}))
            .deny(&["withdrawn"])
            .beside("withdrawals"),
        with("withdrawals-by-stranger", "a list is by a stranger", list("stranger", "other", |_| {}))
            .deny(&["withdrawals-broken"])
            .threats(&["N091"]),
        with("withdrawals-without-role", "a list is by an approver", list("second", "other", |_| {}))
            .deny(&["withdrawals-broken"])
            .threats(&["N091"]),
        with(
            "withdrawals-cut",
            "the start of a list was cut away",
            list("officer", "other", |one| {
                one["predicate"]["sequence"] = json!(2);
            }),
        )
        .deny(&["withdrawals-broken"])
        .threats(&["N091"]),
        with("withdrawals-shorter", "a longer list was seen before", list("officer", "other", |_| {}))
            .write("state.json", &seen_withdrawals(2))
            .with(&["--state", "state.json"])
            .deny(&["withdrawals-broken"])
            .twin_with(&["--model", "model"])
            .threats(&["N091"]),
        with("withdrawals-empty", "a list has no line", String::new()).deny(&["withdrawals-broken"]).threats(&["N091"]),
        with(
            "withdrawals-of-something-else",
            "a withdrawal is about something else than it says",
            list("officer", "other", |one| one["predicate"]["withdrawn"]["name"] = json!("vector")),
        )
        .deny(&["withdrawals-broken"]),
        with(
            "withdrawals-of-the-future",
            "a withdrawal claims a time that is still to come",
            list("officer", "other", |one| one["predicate"]["withdrawnAt"] = json!("2026-01-03T00:00:00Z")),
        )
        .deny(&["withdrawals-broken"])
        .threats(&["N071"]),
        with("withdrawals-stale", "a list is older than allowed", list("officer", "other", |_| {}))
            .with(&["--withdrawals-max-age", "23h"])
            .deny(&["withdrawals-stale"])
            .threats(&["N091"]),
    ]
}

/// Withdrawals of what a release consists of, each beside one of the same kind that strikes something else.
fn withdrawn_parts() -> Vec<Case> {
    let good = Forged::good();
    let seal: Value = serde_json::from_slice(&good.payload(FIRST_SEAL)).unwrap();
    let model = format!("tree:sha256:{}", seal["predicate"]["model"]["fileList"].as_str().unwrap());
    let mut provenance: Value = serde_json::from_slice(&good.payload(PROVENANCE)).unwrap();
    let mut folder = |name| {
        let digest = dependency(&mut provenance, name)["digest"]["dirHash"].as_str().unwrap().to_owned();
        format!("tree:sha256:{digest}")
    };
    let (base, train, code) = (folder("base:parent"), folder("dataset:train"), folder("code"));
    let web = format!("tree:sha256:{}", "1".repeat(64));
    let inherits = good.clone().resign(PROVENANCE, "release", |one| {
        dependency(one, "base:parent")["annotations"]["assaymark_release"] = json!("vector@0.1.0");
        let dependencies = one["predicate"]["buildDefinition"]["resolvedDependencies"].as_array_mut().unwrap();
        dependencies.push(json!({"name": "base:parent/dataset:web", "digest": {"dirHash": "1".repeat(64)}}));
    });
    let inherits = inherits.reseal("release");
    let of = |name, why, withdrawn: Value| {
        let subject = withdrawn["digest"].as_str().map_or_else(
            || Digest::of(format!("vector@{}", withdrawn["version"].as_str().unwrap()).as_bytes()).to_string(),
            |digest| digest.rsplit(':').next().unwrap().to_owned(),
        );
        let text = list("officer", "other", |one| {
            one["subject"][0]["digest"]["sha256"] = json!(subject);
            one["predicate"]["withdrawn"] = withdrawn;
        });
        withdrawing(name, why, &text)
    };
    let kind = |kind: &str, digest: &str| json!({"kind": kind, "digest": digest});
    let version = |version: &str| json!({"kind": "release", "name": "vector", "version": version});
    let struck = |name, why, withdrawn, twin: &str| of(name, why, withdrawn).deny(&["withdrawn"]).beside(twin);
    vec![
        of("withdrawn-model-other", "another model was withdrawn", kind("model", &train)),
        struck("withdrawn-model", "the model was withdrawn", kind("model", &model), "withdrawn-model-other"),
        struck("withdrawn-base", "its base model was withdrawn", kind("model", &base), "withdrawn-model-other"),
        of("withdrawn-dataset-other", "a dataset has the digest of the code", kind("dataset", &code)),
        struck("withdrawn-dataset", "a dataset was withdrawn", kind("dataset", &train), "withdrawn-dataset-other"),
        of("withdrawn-version-other", "another version was withdrawn", version("0.9.0")),
        of(
            "withdrawn-base-dataset-other",
            "a dataset of its base model has the digest of that model",
            kind("model", &web),
        )
        .bundle(&inherits),
        struck(
            "withdrawn-base-dataset",
            "a dataset of its base model was withdrawn",
            kind("dataset", &web),
            "withdrawn-base-dataset-other",
        )
        .bundle(&inherits),
        struck(
            "withdrawn-base-release",
            "the release of its base model was withdrawn",
            version("0.1.0"),
            "withdrawn-version-other",
        )
        .bundle(&inherits),
        struck("withdrawn-version", "this version was withdrawn", version("1.0.0"), "withdrawn-version-other"),
    ]
}

/// A release that was promoted and taken out of a stage.
fn demotions() -> Vec<Case> {
    let good = Forged::good();
    let seal = Digest::of(&good.payload(FIRST_SEAL)).to_string();
    let promoted = |bundle: Forged, time: &str| {
        let mut summary = json!({
            "verifier": {"id": "https://gate.example.com/v1"}, "timeVerified": time,
            "resourceUri": "https://assaymark.dev/release/vector/1.0.0/stage/production",
            "policy": {"uri": "https://example.com/policy"},
            "inputAttestations": [{"digest": {"sha256": seal}}],
            "verificationResult": "PASSED", "verifiedLevels": ["ASSAYMARK_STAGE_PRODUCTION"],
        });
        if time.is_empty() {
            summary.as_object_mut().unwrap().remove("timeVerified");
        }
        bundle.state("https://slsa.dev/verification_summary/v1", "promoter", &summary)
    };
    let before = promoted(good.clone(), "2026-01-01T00:00:00Z");
    let of = |name: &'static str, why, bundle: &Forged, version: &str, stage: &str| {
        let subject = format!("vector@{version}/{stage}");
        let text = list("officer", "other", |one| {
            one["subject"][0]["digest"]["sha256"] = json!(Digest::of(subject.as_bytes()).to_string());
            one["predicate"]["withdrawn"] =
                json!({"kind": "stage", "name": "vector", "version": version, "stage": stage});
        });
        let policy =
            "[policy]\nname = \"p\"\nfiles = [\"model\"]\npermit = [\"at\"]\n[[stage]]\nname = \"production\"\n";
        withdrawing(name, why, &text).bundle(bundle).write("policy.toml", policy).with(&[
            "--policy",
            "policy.toml",
            "--stage",
            "production",
            "--release",
            "vector@1.0.0",
        ])
    };
    vec![
        of("demoted-version-other", "another version was taken out of the stage", &before, "0.9.0", "production"),
        of("demoted-stage-other", "it was taken out of another stage", &before, "1.0.0", "staging"),
        of(
            "demoted-in-capitals",
            "it was taken out, and the stage is written otherwise",
            &before,
            "1.0.0",
            "Production",
        )
        .deny(&["not-promoted"])
        .beside("demoted-version-other"),
        of("demoted", "it was taken out of the stage after a promoter let it in", &before, "1.0.0", "production")
            .deny(&["not-promoted"])
            .says("the release was taken out of the stage `production` by a withdrawal")
            .beside("demoted-version-other"),
        of(
            "demoted-undated",
            "it was taken out of the stage, and the promoter does not say when it was let in",
            &promoted(good.clone(), ""),
            "1.0.0",
            "production",
        )
        .deny(&["not-promoted"])
        .beside("demoted-version-other"),
        of(
            "demoted-and-promoted",
            "it was taken out of the stage, and a promoter let it in again",
            &promoted(before.clone(), "2026-01-01T00:00:01Z"),
            "1.0.0",
            "production",
        ),
    ]
}

fn promoters() -> Vec<Case> {
    let good = Forged::good();
    let summary = |verifier: &str, seal: &str| {
        json!({
            "verifier": {"id": verifier}, "timeVerified": "2026-01-01T00:00:00Z",
            "resourceUri": "https://assaymark.dev/release/vector/1.0.0/stage/production",
            "policy": {"uri": "https://example.com/policy"},
            "inputAttestations": [{"digest": {"sha256": seal}}],
            "verificationResult": "PASSED", "verifiedLevels": ["ASSAYMARK_STAGE_PRODUCTION"],
        })
    };
    let seal = Digest::of(&good.payload(FIRST_SEAL)).to_string();
    let summaries = "https://slsa.dev/verification_summary/v1";
    let by_promoter = |forged: Forged| forged.seal_again("promoter", |_| {});
    let id = "https://gate.example.com/v1";
    vec![
        gate("summary", "a promoter's summary", &good.clone().state(summaries, "promoter", &summary(id, &seal))),
        gate(
            "sealed-by-promoter",
            "a promoter seals an approval and a summary, after a scan that a releaser sealed",
            &by_promoter(
                good.clone().scan("PASSED").seal_again("release", |_| {}).approve("second", FIRST_SEAL + 2).promote(
                    "vector/1.0.0",
                    "production",
                    FIRST_SEAL + 2,
                ),
            ),
        ),
        gate(
            "sealed-by-promoter-first",
            "a promoter makes the first seal",
            &good.clone().with_payload(FIRST_SEAL, "promoter", &good.payload(FIRST_SEAL)),
        )
        .deny(&["wrong-role"])
        .says("`gate` may not make the first seal of a release"),
        gate(
            "sealed-by-promoter-alone",
            "a promoter seals a scan that no releaser sealed",
            &by_promoter(good.clone().scan("PASSED")),
        )
        .deny(&["wrong-role"])
        .says("`gate` may not seal a test-result that no releaser sealed"),
        gate(
            "sealed-by-promoter-then",
            "nor is that mended by a releaser who seals after them",
            &by_promoter(good.clone().scan("PASSED")).seal_again("release", |_| {}),
        )
        .deny(&["wrong-role"]),
        gate(
            "summary-of-another-verifier",
            "a promoter speaks under the name of another verifier",
            &good.clone().state(summaries, "promoter", &summary("https://gate.example.com/v2", &seal)),
        )
        .warn(&["wrong-role"]),
        gate(
            "summary-without-role",
            "a releaser speaks under the name of the promoter",
            &good.clone().state(summaries, "release", &summary(id, &seal)),
        )
        .warn(&["wrong-role"]),
        gate(
            "summary-of-another-chain",
            "a summary rests on another chain",
            &good.clone().state(summaries, "promoter", &summary(id, &Digest::of(b"x").to_string())),
        )
        .warn(&["judgement-outdated"]),
    ]
}

fn withdrawn_keys() -> Vec<Case> {
    let keyless = Forged::of(&fs::read(repository("testdata/keyless/good.intoto.jsonl")).unwrap());
    let of_identity = list("officer", "other", |one| {
        let subject = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main";
        let issuer = "https://accounts.example.com";
        let digest = Digest::of(format!("identity\n{issuer}\n{subject}\n").as_bytes()).to_string();
        one["subject"] = json!([{"name": "identity", "digest": {"sha256": digest}}]);
        one["predicate"]["withdrawn"] = json!({"kind": "identity", "subject": subject, "issuer": issuer});
        one["predicate"]["withdrawn"]["from"] = json!("2026-11-30T00:00:00Z");
        one["predicate"]["withdrawnAt"] = json!("2026-11-30T00:00:00Z");
    });
    let fingerprint = key("release").public().fingerprint().to_string();
    let of = |name, why, change: &dyn Fn(&mut Value)| {
        let text = list("officer", "other", |one| {
            one["subject"] = json!([{"name": "key", "digest": {"sha256": fingerprint}}]);
            one["predicate"]["withdrawn"] = json!({"kind": "key", "fingerprint": fingerprint});
            change(one);
        });
        withdrawing(name, why, &text).deny(&["withdrawn"]).beside("withdrawals")
    };
    vec![
        of("withdrawn-key", "the key that signed was withdrawn", &|_| {}).threats(&["N088"]),
        of("withdrawn-key-later", "it was withdrawn from a later time on, and no time is proven", &|one| {
            one["predicate"]["withdrawn"]["from"] = json!("2026-01-01T12:00:00Z");
        })
        .threats(&["N089"]),
        case("withdrawn-identity-proven", "whoever signed was withdrawn, and a log proves that it was before")
            .trust("keyless-gate.toml")
            .bundle(&keyless)
            .write("withdrawals.jsonl", &of_identity)
            .with(&["--withdrawals", "withdrawals.jsonl", "--at", "2026-12-01T00:00:00Z"])
            .deny(&["withdrawn"])
            .beside("keyless")
            .threats(&["N089"]),
        of("withdrawn-key-of-two", "the key that signed was withdrawn, and others may make the release", &|_| {})
            .trust("two-makers.toml")
            .twin_trust("two-makers.toml"),
    ]
}

fn memory() -> Vec<Case> {
    let seal = Digest::of(&Forged::good().payload(FIRST_SEAL)).to_string();
    let seen = |version: &str, sequence: u64, seal: &str| {
        let release = json!({
            "version": version, "sequence": sequence, "seal": seal, "releasedAt": "2026-01-01T00:00:00Z",
        });
        let schema = "https://assaymark.dev/schemas/state/v1";
        json!({"schema": schema, "releases": {"vector": release}, "policies": {}, "withdrawals": null}).to_string()
    };
    let with = |name, why, state: String| case(name, why).write("state.json", &state).with(&["--state", "state.json"]);
    let other = Digest::of(b"other").to_string();
    let second = Forged::good().seal_again("release", |_| {});
    let second = Digest::of(&second.payload(FIRST_SEAL + 1)).to_string();
    vec![
        with("state-same", "the very seal was seen before", seen("1.0.0", 1, &seal)),
        with("state-older-version", "an older version was seen before", seen("0.9.0", 7, &other)),
        with("state-newer-version", "a newer version was seen before", seen("1.0.1", 1, &other))
            .deny(&["rollback"])
            .threats(&["N070"]),
        with("state-other-spelling", "the version was seen before in another spelling", seen("1.0", 1, &other))
            .deny(&["rollback"])
            .threats(&["N070"]),
        with("state-newer-seal", "a newer seal of this version was seen before", seen("1.0.0", 2, &second))
            .deny(&["rollback"])
            .threats(&["N070"]),
        with("state-other-chain", "another chain of this version was seen before", seen("1.0.0", 1, &other))
            .deny(&["seal-forked"]),
        with(
            "state-not-comparable",
            "a version that can't be compared was seen at the same time",
            seen("spring", 1, &other),
        ),
    ]
}
