//! Statements in the forms of others: one subject, version 0.1, other names of keys, other builds; and links.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::bytes::made_with;
use super::gate::APPROVAL;
use super::{Case, Edit, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, PROVENANCE, key, sign, statement_like};

const NOTE: &str = "https://example.com/note/v1";
const LINK: &str = "https://in-toto.io/attestation/link/v0.3";
const OLD: &str = "https://in-toto.io/Statement/v0.1";

pub fn cases() -> Vec<Case> {
    [subjects(), forms(), builds(), links()].into_iter().flatten().collect()
}

/// Appends a statement of others about the model, and seals it.
fn stated(good: Forged, kind: &str, by: &str, predicate: &Value, change: impl FnOnce(&mut Value)) -> Forged {
    let mut statement = statement_like(&good.statement(BOM), kind, predicate);
    change(&mut statement);
    good.push(sign(statement.to_string().as_bytes(), &key(by)))
}

fn noted(change: impl FnOnce(&mut Value)) -> Forged {
    stated(Forged::good(), NOTE, "scanner", &json!({}), change).seal_again("release", |_| {})
}

fn keep(statement: &mut Value, indices: &[usize]) {
    let kept: Vec<_> = indices.iter().map(|index| statement["subject"][index].clone()).collect();
    statement["subject"] = Value::Array(kept);
}

/// A release of others: an archive, the model by its root, and the commit.
fn among(one: &mut Value) {
    keep(one, &[0]);
    let root = one["subject"][0].take();
    let archive = json!({"name": "model.tar.gz", "digest": {"sha256": "1".repeat(64), "sha1": "2".repeat(40)}});
    one["subject"] = json!([archive, root, {"name": "code", "digest": {"gitCommit": "3".repeat(40)}}]);
}

fn of(name: &str, why: &str, bundle: &Forged) -> Case {
    case(&format!("foreign-{name}"), why).trust("gate.toml").bundle(bundle)
}

fn subjects() -> Vec<Case> {
    let denied = |name: &str, why: &str, change: fn(&mut Value)| {
        of(name, why, &noted(change))
            .deny(&["subject-mismatch"])
            .at(&[5])
            .like("foreign-subject-list")
            .threats(&["N065"])
    };
    // The reference implementation lists `sub/c.bin` before `sub.bin`, the specification behind it.
    let edit = Edit::Write { path: "model/sub.bin".into(), text: "beside a folder of nearly its name".into() };
    let other_order = {
        let good = made_with(std::slice::from_ref(&edit), &[]);
        let signature: Value = good.statement(0);
        let mut resources = signature["predicate"]["resources"].as_array().unwrap().clone();
        resources.sort_by_key(|one| one["name"].as_str().unwrap().split('/').map(str::to_owned).collect::<Vec<_>>());
        let digest = |one: &Value| data_encoding::HEXLOWER.decode(one["digest"].as_str().unwrap().as_bytes()).unwrap();
        let root = assaymark::digest::Digest::of(&resources.iter().flat_map(digest).collect::<Vec<u8>>()).to_string();
        assert_ne!(signature["subject"][0]["digest"]["sha256"], root);
        stated(good, NOTE, "scanner", &json!({}), |one| {
            one["subject"] = json!([{"name": "m", "digest": {"sha256": root}}]);
        })
        .seal_again("release", |_| {})
    };
    vec![
        of("subject-list", "the one subject of a note is the file list", &noted(|one| keep(one, &[1]))),
        of("subject-root", "the one subject of a note is the root of model signing", &noted(|one| keep(one, &[0]))),
        of("subject-root-other-order", "the one subject is the root in the order of the reference", &other_order)
            .edit(edit),
        of("subject-both", "a note has both subjects of ours", &noted(|_| {})),
        denied("subject-file", "the one subject of a note is a file of the model", |one| {
            let digest = assaymark::digest::Digest::of(b"").to_string();
            one["subject"] = json!([{"name": "EMPTY", "digest": {"sha256": digest}}]);
        }),
        denied("subject-list-twice", "a note has the file list twice", |one| keep(one, &[1, 1])),
        denied("subjects-swapped", "a note has the file list first", |one| keep(one, &[1, 0])),
        of("subject-root-among", "a note is about other things as well, which have other digests", &noted(among)),
        of(
            "subject-more-digests",
            "the one subject has more digests than ours",
            &noted(|one| {
                keep(one, &[1]);
                one["subject"][0]["digest"]["sha512"] = json!("0".repeat(128));
                one["subject"][0]["digest"]["gitCommit"] = json!("0".repeat(40));
            }),
        ),
        denied("subjects-of-others", "a note is about several things, none of which is the model", |one| {
            among(one);
            one["subject"].as_array_mut().unwrap().remove(1);
        }),
        denied("subject-commit", "the one subject is a commit, which is no model", |one| {
            one["subject"] = json!([{"name": "m", "digest": {"gitCommit": "0".repeat(40)}}]);
        }),
        denied("subject-sha512", "the one subject is known by a SHA-512 alone", |one| {
            one["subject"] = json!([{"name": "m", "digest": {"sha512": "0".repeat(128)}}]);
        }),
        denied("subject-list-among", "a note is about the list as a file, beside a commit", |one| {
            keep(one, &[1]);
            let commit = json!({"name": "code", "digest": {"gitCommit": "0".repeat(40)}});
            one["subject"].as_array_mut().unwrap().push(commit);
        }),
        denied("subject-list-of-another", "a note has the root, and another list in the place of ours", |one| {
            one["subject"][1]["digest"]["sha256"] = json!("0".repeat(64));
        }),
        denied("subject-root-of-another", "a note has the list, and another root in the place of ours", |one| {
            one["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
        }),
        denied("subject-with-file", "a note has the file list and a file", |one| {
            keep(one, &[1, 1]);
            one["subject"][1]["digest"]["sha256"] = json!(assaymark::digest::Digest::of(b"").to_string());
        }),
        of("approval-one-subject", "an approval has one subject, and is ours", &{
            let seal = assaymark::digest::Digest::of(&Forged::good().payload(FIRST_SEAL)).to_string();
            let approval = json!({"seal": seal, "approvedAt": "2026-01-01T00:00:00Z"});
            stated(Forged::good(), APPROVAL, "second", &approval, |one| keep(one, &[1]))
        })
        .warn(&["subject-mismatch"]),
    ]
}

fn forms() -> Vec<Case> {
    let old = |one: &mut Value| {
        one["_type"] = json!(OLD);
        keep(one, &[1]);
    };
    let hint = BASE64.encode(key("scanner").public().fingerprint().as_bytes());
    let hinted = noted(|_| {}).edit(4, |line| {
        line["verificationMaterial"]["publicKey"]["hint"] = json!(hint);
        line["dsseEnvelope"]["signatures"][0].as_object_mut().unwrap().remove("keyid");
    });
    let approval = {
        let seal = assaymark::digest::Digest::of(&Forged::good().payload(FIRST_SEAL)).to_string();
        let approval = json!({"seal": seal, "approvedAt": "2026-01-01T00:00:00Z"});
        stated(Forged::good(), APPROVAL, "second", &approval, |one| one["_type"] = json!(OLD))
    };
    let newer = noted(|_| {}).resign(4, "scanner", |one| one["_type"] = json!("https://in-toto.io/Statement/v2"));
    vec![
        of("statement-old", "a note is a statement of version 0.1", &noted(old)),
        of("statement-old-approval", "an approval is a statement of version 0.1, and is ours", &approval)
            .warn(&["malformed-statement"])
            .threats(&["N058"]),
        of("statement-newer", "a note is a statement of version 2", &newer.remove(5))
            .warn(&["malformed-statement"])
            .threats(&["N058"]),
        of("hint-of-cosign", "the key is named as cosign does, and no `keyid` is there", &hinted),
    ]
}

/// A provenance of a build of others.
fn build(one: &mut Value) {
    one["predicate"]["buildDefinition"]["buildType"] = json!("https://actions.github.io/buildtypes/workflow/v1");
    one["predicate"]["buildDefinition"]["externalParameters"] = json!({"workflow": {"ref": "refs/heads/main"}});
    one["predicate"]["buildDefinition"]["resolvedDependencies"] =
        json!([{"uri": "git+https://example.com/train", "digest": {"gitCommit": "0".repeat(40)}}]);
    keep(one, &[1]);
}

fn builds() -> Vec<Case> {
    let provenance = "https://slsa.dev/provenance/v1";
    let predicate = Forged::good().statement(PROVENANCE)["predicate"].clone();
    let beside = |change: fn(&mut Value)| {
        stated(Forged::good(), provenance, "release", &predicate, change).seal_again("release", |_| {})
    };
    let alone = Forged::good().resign(PROVENANCE, "release", build).reseal("release");
    vec![
        of("build-beside", "a build of others, which knows no dataset, stands beside ours", &beside(build)),
        of("build-alone", "a build of others, which knows no dataset, stands for ours", &alone)
            .deny(&["lineage-mismatch"])
            .like("foreign-build-beside"),
        of(
            "build-contradicts",
            "a build of others names another dataset than ours",
            &beside(|one| {
                build(one);
                one["predicate"]["buildDefinition"]["resolvedDependencies"] =
                    json!([{"name": "dataset:train", "digest": {"dirHash": "0".repeat(64)}}]);
            }),
        )
        .deny(&["lineage-mismatch"])
        .like("foreign-build-beside"),
    ]
}

fn links() -> Vec<Case> {
    let link = json!({"name": "train", "command": ["python", "train.py"],
        "materials": [{"name": "data", "digest": {"sha256": "0".repeat(64)}}], "byproducts": {"return-value": 0.0}});
    let signed = |by: &str, predicate: &Value, sealed: bool| {
        let bundle = stated(Forged::good(), LINK, by, predicate, |one| keep(one, &[1]));
        if sealed { bundle.seal_again("release", |_| {}) } else { bundle }
    };
    let demanded = |name: &str, why: &str, bundle: &Forged| {
        of(name, why, bundle)
            .write("policy.toml", "[policy]\nname = \"vector\"\n[[require]]\nevidence = \"link\"\n")
            .with(&["--policy", "policy.toml"])
    };
    vec![
        demanded("link-good", "a link of the builder is demanded and there", &signed("release", &link, true)),
        demanded("link-of-scanner", "a scanner signed the link", &signed("scanner", &link, false))
            .warn(&["wrong-role"])
            .deny(&["evidence-missing"])
            .beside("foreign-link-good"),
        demanded("link-unsealed", "no seal names the link", &signed("release", &link, false))
            .warn(&["unsealed-line"])
            .deny(&["evidence-missing"])
            .beside("foreign-link-good"),
        demanded("link-malformed", "a link has no name", &signed("release", &json!({"materials": []}), false))
            .warn(&["malformed-statement"])
            .deny(&["evidence-missing"])
            .beside("foreign-link-good"),
    ]
}
