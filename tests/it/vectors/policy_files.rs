//! Policies that are not the ones that were meant: unsigned, changed, older, empty, misspelt, found by chance.

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{key, sign};

const POLICY: &str = "[policy]\nname = \"vector\"\nversion = 2\nfiles = [\"model\"]\n";

pub fn cases() -> Vec<Case> {
    [signed(), older(), senseless(), found()].into_iter().flatten().collect()
}

pub(super) fn under(name: &str, why: &str, text: &str) -> Case {
    case(name, why).write("policy.toml", text).with(&["--policy", "policy.toml"])
}

/// The signature of a policy, changed as a statement.
fn signature(signer: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "vector", "digest": {"sha256": Digest::of(POLICY.as_bytes()).to_string()}}],
        "predicateType": "https://assaymark.dev/policy/v1",
        "predicate": {"name": "vector", "version": 2, "signedAt": "2026-01-01T00:00:00Z"},
    });
    change(&mut statement);
    String::from_utf8(sign(statement.to_string().as_bytes(), &key(signer))).unwrap()
}

fn signed() -> Vec<Case> {
    let of = |author: &str, name, why, text: &str| {
        under(name, why, text)
            .write("policy.pub", &key(author).public().to_pem())
            .with(&["--policy-trust", "policy.pub"])
    };
    let by =
        |name, why, signature: &str| of("officer", name, why, POLICY).write("policy.toml.sigstore.json", signature);
    let refused = |case: Case, words| case.refused(words).beside("policy-signed").threats(&["N105"]);
    let good = signature("officer", |_| {});
    let weaker = POLICY.replace("version = 2", "version = 2 ");
    vec![
        by("policy-signed", "whoever keeps the policy signed it", &good),
        refused(of("officer", "policy-unsigned", "the policy has no signature", POLICY), "is not signed"),
        refused(
            by("policy-signed-by-another", "another attester signed the policy", &signature("second", |_| {})),
            "signed by nobody",
        ),
        refused(
            of("officer", "policy-changed", "the policy was changed after it was signed", &weaker)
                .write("policy.toml.sigstore.json", &good),
            "changed after it was signed",
        ),
        refused(
            by(
                "policy-signed-as-another",
                "it was signed as something else than a policy",
                &signature("officer", |one| one["predicateType"] = json!("https://example.com/note/v1")),
            ),
            "as something else than a policy",
        ),
        refused(
            by(
                "policy-signed-in-future",
                "it was signed at a time that is still to come",
                &signature("officer", |one| one["predicate"]["signedAt"] = json!("2999-01-01T00:00:00Z")),
            ),
            "still to come",
        ),
        refused(
            by(
                "policy-signed-undated",
                "nobody says when it was signed",
                &signature("officer", |one| drop(one["predicate"].as_object_mut().unwrap().remove("signedAt"))),
            ),
            "does not say when",
        ),
        refused(
            of("release", "policy-signed-for-releases", "whoever signs releases signed the policy", POLICY)
                .write("policy.toml.sigstore.json", &signature("release", |_| {})),
            "for releases and for policies",
        ),
    ]
}

fn older() -> Vec<Case> {
    let seen = |version: u64, text: &str| {
        let seen = json!({"version": version, "digest": Digest::of(text.as_bytes()).to_string()});
        let schema = "https://assaymark.dev/schemas/state/v1";
        json!({"schema": schema, "releases": {}, "policies": {"vector": seen}, "withdrawals": null}).to_string()
    };
    let of =
        |name, why, state: &str| under(name, why, POLICY).write("state.json", state).with(&["--state", "state.json"]);
    let denied = |case: Case| case.deny(&["policy-rollback"]).beside("policy-seen").threats(&["N106"]);
    vec![
        of("policy-seen", "the very policy was seen before", &seen(2, POLICY)),
        of("policy-newer", "an older version of the policy was seen before", &seen(1, "older")),
        denied(of("policy-older", "a newer version of the policy was seen before", &seen(3, "newer"))),
        denied(of("policy-same-version", "another policy of this version was seen before", &seen(2, "other"))),
    ]
}

fn senseless() -> Vec<Case> {
    let of = |name, why, more: &str, words| {
        under(name, why, &format!("{POLICY}{more}")).refused(words).beside("policy-seen")
    };
    let empty = "[policy]\nname = \"vector\"\n";
    vec![
        under("policy-empty", "a policy demands nothing", empty)
            .refused("demands nothing")
            .beside("policy-seen")
            .threats(&["N107"]),
        under(
            "policy-stage-of-nothing",
            "a stage of a policy that demands nothing",
            &format!("{empty}[[stage]]\nname = \"live\"\n"),
        )
        .with(&["--stage", "live", "--release", "vector"])
        .refused("demands nothing")
        .beside("policy-seen")
        .threats(&["N107"]),
        of(
            "policy-evidence-pattern",
            "a pattern is no type of evidence",
            "[[require]]\nevidence = \"scan*\"\n",
            "scan*",
        )
        .threats(&["N109"]),
        of(
            "policy-of-none",
            "a demand is met by nobody",
            "[[require]]\nevidence = \"bom\"\ncount = 0\n",
            "a count of 0",
        )
        .threats(&["N107"]),
        of("policy-rule-of-nothing", "a rule has nothing in it", "[rules]\nmodel-formats = []\n", "model-formats")
            .threats(&["N107"]),
        of("policy-misspelt", "a key is misspelt", "[[requires]]\nevidence = \"bom\"\n", "unknown key `requires`")
            .threats(&["N108"]),
        of("policy-rule-unknown", "a rule is not known", "[rules]\nmodel-format = [\"onnx\"]\n", "model-formats")
            .threats(&["N108"]),
        of("policy-twice", "a key is there twice", "[rules]\nmin-sequence = 2\nmin-sequence = 3\n", "duplicate key")
            .threats(&["N108"]),
        of(
            "policy-license-contradicted",
            "a licence is allowed, and denied by a class that holds it",
            "[rules]\nmodel-licenses = { allow = [\"Apache-2.0\"], deny = [\"osi-approved\"] }\n",
            "`Apache-2.0` is allowed and denied",
        )
        .threats(&["N107"]),
        of(
            "policy-threshold-0",
            "a metric may be 0 at least",
            "[rules]\nmetrics = [{ name = \"accuracy\", min = 0 }]\n",
            "`min = 0` demands nothing",
        )
        .threats(&["N107"]),
        of(
            "policy-duties-not-separable",
            "an approver must approve, and must not be one",
            "[[require]]\nevidence = \"approval\"\nnot-by = \"approver\"\n",
            "not by one who signed as `approver`",
        )
        .threats(&["N107"]),
        of(
            "policy-of-false",
            "a key that can only demand is false",
            "[[require]]\nevidence = \"approval\"\nsealed = false\n",
            "`sealed = false` demands nothing",
        )
        .threats(&["N107"]),
        of(
            "policy-stage-contradicts",
            "a stage denies all data that are allowed everywhere",
            "[rules]\ndatasets = { allow = [\"train\"] }\n[[stage]]\nname = \"live\"\n[stage.rules]\ndatasets = { deny = [\"train\"] }\n",
            "both can't hold",
        )
        .threats(&["N107"]),
        of(
            "policy-two-logs",
            "a proof of two logs is demanded, and one log could be counted twice",
            "[[require]]\nevidence = \"bom\"\nlogged = 2\n",
            "`2` where `true` or `false` is needed",
        )
        .threats(&["N087", "N096"]),
        of(
            "policy-name-taken",
            "a demand has the name of a rule of the baseline",
            "[[require]]\nevidence = \"approval\"\nname = \"tests-passed\"\n",
            "`tests-passed` is the name of a rule",
        ),
        under(
            "policy-of-warnings",
            "a policy warns of everything and denies nothing",
            &format!("{empty}[[require]]\nevidence = \"approval\"\nseverity = \"warn\"\n"),
        )
        .refused("nothing in it denies")
        .beside("policy-seen")
        .threats(&["N107"]),
        of("policy-pattern", "a dataset is named by a pattern", "[rules]\ndatasets = { deny = [\"tr*\"] }\n", "tr*")
            .threats(&["N111"]),
    ]
}

/// What lies in the folder of the call, or in that of the model, is no policy and no trust.
fn found() -> Vec<Case> {
    let strict = "[policy]\nname = \"found\"\n[[require]]\nevidence = \"approval\"\n";
    let of = |name: &str, why: &str, path: &str| case(name, why).write(path, strict).threats(&["N112"]);
    vec![
        of("policy-in-the-folder", "a policy lies in the folder of the call", "policy.toml"),
        of(
            "policy-in-the-home",
            "a policy lies where others have their configuration",
            ".config/assaymark/policy.toml",
        ),
        of("policy-in-the-model", "a policy lies in the folder of the model", "model/policy.toml")
            .deny(&["file-extra"]),
    ]
}
