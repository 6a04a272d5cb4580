//! The set: seals, members, and what happens to them.

use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE, key, sign, statement_like};
use crate::support::repository;

pub fn cases() -> Vec<Case> {
    [members(), chains(), roles(), demands()].into_iter().flatten().collect()
}

/// The bundle of another release by the same key: other files, other name.
fn other_release() -> Forged {
    let place = tempfile::tempdir().unwrap();
    crate::support::copy(&repository("testdata/vectors/base"), place.path());
    std::fs::write(place.path().join("model/a.bin"), "other").unwrap();
    let text = std::fs::read_to_string(place.path().join("release.toml")).unwrap();
    std::fs::write(place.path().join("release.toml"), text.replace("\"vector\"", "\"other\"")).unwrap();
    Forged::create(place.path(), "release", &[])
}

fn replaced(index: usize) -> Forged {
    let mut forged = Forged::good();
    forged.lines[index] = other_release().lines[index].clone();
    forged
}

fn members() -> Vec<Case> {
    let approval = |signer: &str| {
        let statement =
            statement_like(&Forged::good().statement(BOM), "https://example.com/note/v1", &json!({"note": 1}));
        sign(statement.to_string().as_bytes(), &key(signer))
    };
    let reordered = Forged { lines: Forged::good().lines.into_iter().rev().collect() };
    let mut duplicated = Forged::good();
    duplicated.lines.extend(Forged::good().lines);
    let changed = Forged::good().resign(BOM, "release", |bom| bom["predicate"]["version"] = json!(2));
    vec![
        case("model-signature-removed", "the model signature was removed")
            .bundle(&Forged::good().remove(MODEL_SIGNATURE)),
        case("bom-removed", "the BOM was removed").bundle(&Forged::good().remove(BOM)),
        case("provenance-removed", "the provenance was removed").bundle(&Forged::good().remove(PROVENANCE)),
    ]
    .into_iter()
    .map(|case| case.deny(&["member-missing"]).threats(&["N061"]))
    .chain([
        case("member-replaced", "the BOM was replaced by another one of the same key")
            .bundle(&changed)
            .warn(&["unsealed-line"])
            .deny(&["member-missing"]),
        case("member-replayed", "the BOM was replaced by that of another release")
            .bundle(&replaced(BOM))
            .warn(&["subject-mismatch"])
            .deny(&["member-missing"])
            .threats(&["N066", "N121"]),
        case("member-of-other-signer", "a member is signed by another trusted key than the sealed one")
            .trust("roles.toml")
            .bundle(&Forged::good().with_payload(BOM, "builder", &Forged::good().payload(BOM)))
            .warn(&["unsealed-line"])
            .deny(&["member-missing"]),
        case("reordered", "the order of lines means nothing").bundle(&reordered),
        case("duplicated", "exact duplicates collapse").bundle(&duplicated),
        case("blank-lines", "blank lines mean nothing")
            .raw_bundle([b"\n\n".as_slice(), &Forged::good().bytes(), b"\n"].concat()),
        case("line-of-stranger", "a stranger's line is reported and changes nothing")
            .bundle(&Forged::good().push(approval("stranger")))
            .warn(&["untrusted-signer"]),
        case("line-unsealed", "a trusted line that no seal names is reported and changes nothing")
            .bundle(&Forged::good().push(approval("release")))
            .warn(&["unsealed-line"]),
        case("lines-of-another-release", "all lines of another release were added")
            .bundle(&Forged { lines: [Forged::good().lines, other_release().lines].concat() })
            .warn(&["subject-mismatch"])
            .threats(&["N066"]),
        case("bundle-of-another-release", "the bundle is of another release")
            .bundle(&other_release())
            .deny(&["file-changed"])
            .threats(&["N066"]),
        case("bundle-empty", "the bundle has no byte")
            .raw_bundle(b"".as_slice())
            .deny(&["no-evidence"])
            .threats(&["N062"]),
        case("bundle-blank", "the bundle has blank lines alone")
            .raw_bundle(b"\n\n".as_slice())
            .deny(&["no-evidence"])
            .threats(&["N062"]),
    ])
    .collect()
}

fn chains() -> Vec<Case> {
    let first = Forged::good();
    let second = first.clone().seal_again("release", |_| {});
    let set = |pointer: &'static str, value: Value| {
        move |seal: &mut Value| *seal.pointer_mut(&format!("/predicate/{pointer}")).unwrap() = value
    };
    let broken = [
        case("seal-previous-wrong", "a seal names another seal before it")
            .bundle(&first.clone().seal_again("release", set("previous", json!("0".repeat(64))))),
        case("seal-previous-absent", "a later seal names none before it")
            .bundle(&first.clone().seal_again("release", set("previous", json!(null)))),
        case("seal-gap", "the seal between two others is missing")
            .bundle(&second.clone().seal_again("release", |_| {}).remove(FIRST_SEAL + 1)),
        case("seal-first-missing", "the chain does not start with seal 1").bundle(&second.clone().remove(FIRST_SEAL)),
        case("seal-first-with-previous", "seal 1 names one before it")
            .bundle(&first.clone().reseal_with("release", set("previous", json!("0".repeat(64))))),
        case("seal-sequence-zero", "a chain starts with seal 0")
            .bundle(&first.clone().reseal_with("release", set("sequence", json!(0)))),
        case("seal-release-changed", "a later seal is of another version")
            .bundle(&first.clone().seal_again("release", set("release/version", json!("1.0.1")))),
        case("seal-names-a-seal", "a seal names a seal as member").bundle(&first.clone().seal_again(
            "release",
            |seal| {
                seal["predicate"]["members"].as_array_mut().unwrap().push(json!({
                    "payload": assaymark::digest::Digest::of(&Forged::good().payload(FIRST_SEAL)).to_string(),
                    "predicateType": crate::forge::SEAL,
                    "signer": key("release").public().fingerprint().to_string(),
                }));
            },
        )),
    ];
    let forked = first
        .clone()
        .seal_again("release", |_| {})
        .push(first.clone().seal_again("release", set("sealedAt", json!("2026-01-02T00:00:00Z"))).lines.pop().unwrap());
    let other = first.clone().push(
        first.clone().reseal_with("release", set("sealedAt", json!("2026-01-02T00:00:00Z"))).lines[FIRST_SEAL].clone(),
    );
    let dropped = first.clone().seal_again("release", |seal| {
        seal["predicate"]["members"].as_array_mut().unwrap().remove(0);
    });
    broken
        .into_iter()
        .map(|case| match case.name.as_str() {
            // The newest seal names a line that is no member: it is a seal.
            "seal-names-a-seal" => case.deny(&["member-missing", "seal-broken"]),
            // BOM and provenance are of the release that the first seal names.
            "seal-release-changed" => case.deny(&["bom-mismatch", "lineage-mismatch", "seal-broken"]),
            _ => case.deny(&["seal-broken"]),
        })
        .chain([
            case("two-seals", "a chain of two seals passes").bundle(&second),
            case("seal-forked", "two seals continue one")
                .bundle(&forked)
                .deny(&["seal-forked"])
                .at(&[6])
                .says("lines 5 and 6 are both seal 2"),
            case("seal-forked-first", "two seals are the first").bundle(&other).deny(&["seal-forked"]),
            case("member-dropped", "a later seal leaves out a member")
                .bundle(&dropped)
                .warn(&["unsealed-line"])
                .deny(&["member-dropped"]),
            case("seal-model-root-wrong", "the seal names another root of the model")
                .bundle(&first.clone().reseal_with("release", set("model/omsRoot", json!("0".repeat(64)))))
                .warn(&["subject-mismatch"])
                .deny(&["unsealed"])
                .at(&[4]),
            case(
                "model-root-wrong-everywhere",
                "all lines agree on another root of the model, which nobody's files have",
            )
            .bundle(&other_root())
            .deny(&["subject-mismatch"]),
            case("seal-subject-wrong", "a seal is about another model than it says")
                .bundle(&first.clone().resign(FIRST_SEAL, "release", |seal| {
                    seal["subject"][1]["digest"]["sha256"] = json!("0".repeat(64));
                }))
                .warn(&["subject-mismatch"])
                .deny(&["unsealed"]),
            case(
                "model-root-wrong-unsigned",
                "all lines agree on another root, and no model signature lists the files",
            )
            .bundle(&unsigned(other_root()))
            .deny(&["subject-mismatch"])
            .at(&[3]),
            case("seal-subject-root-wrong", "a seal is about another root than it says")
                .bundle(&first.clone().resign(FIRST_SEAL, "release", |seal| {
                    seal["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
                }))
                .warn(&["subject-mismatch"])
                .deny(&["unsealed"])
                .at(&[4]),
            case("seal-malformed", "the seal has a field that seals don't have")
                .bundle(&first.clone().resign(FIRST_SEAL, "release", |seal| seal["predicate"]["x"] = json!(1)))
                .warn(&["malformed-statement"])
                .deny(&["unsealed"]),
            case("seal-removed", "the seal was removed").bundle(&first.remove(FIRST_SEAL)).deny(&["unsealed"]),
        ])
        .collect()
}

/// Takes away the model signature, which the seal then does not name.
fn unsigned(forged: Forged) -> Forged {
    let kind = forged.statement(MODEL_SIGNATURE)["predicateType"].clone();
    let without = |seal: &mut Value| {
        seal["predicate"]["members"].as_array_mut().unwrap().retain(|one| one["predicateType"] != kind);
    };
    forged.resign(FIRST_SEAL, "release", without).remove(MODEL_SIGNATURE)
}

/// Model signature, BOM and seal agree on a root that is not that of the files.
fn other_root() -> Forged {
    let digest = assaymark::digest::Digest::of(b"other");
    let root = json!(assaymark::digest::Digest::of(digest.as_bytes()).to_string());
    Forged::good()
        .resign(MODEL_SIGNATURE, "release", |one| {
            one["subject"][0]["digest"]["sha256"] = root.clone();
            let resource = json!({"name": "other", "algorithm": "sha256", "digest": digest.to_string()});
            one["predicate"]["resources"] = json!([resource]);
        })
        .resign(BOM, "release", |one| {
            one["subject"][0]["digest"]["sha256"] = root.clone();
            let model = &mut one["predicate"]["components"][0];
            model["hashes"][0]["content"] = root.clone();
            let properties = model["properties"].as_array_mut().unwrap();
            properties.iter_mut().find(|one| one["name"] == "assaymark:omsRoot").unwrap()["value"] = root.clone();
        })
        .resign(PROVENANCE, "release", |one| one["subject"][0]["digest"]["sha256"] = root.clone())
        .reseal_with("release", |seal| {
            seal["subject"][0]["digest"]["sha256"] = root.clone();
            seal["predicate"]["model"]["omsRoot"] = root.clone();
        })
}

fn roles() -> Vec<Case> {
    let by_builder = Forged::create(&repository("testdata/vectors/base"), "builder", &[]);
    let good = Forged::good();
    let bom_by_approver = good.clone().with_payload(BOM, "second", &good.payload(BOM)).reseal("release");
    vec![
        case("roles", "attesters with roles pass").trust("roles.toml"),
        case("sealed-without-role", "the seal is by an attester who is no releaser")
            .trust("roles.toml")
            .bundle(&by_builder)
            .warn(&["wrong-role"])
            .deny(&["unsealed"]),
        case("sealed-by-stranger", "the seal is by a stranger")
            .bundle(&good.clone().with_payload(FIRST_SEAL, "stranger", &good.payload(FIRST_SEAL)))
            .warn(&["untrusted-signer"])
            .deny(&["unsealed"]),
        case("bom-without-role", "the BOM is by an attester who is no builder")
            .trust("roles.toml")
            .bundle(&bom_by_approver)
            .deny(&["wrong-role"]),
        case("members-by-builder", "the builder signs, the releaser seals").trust("roles.toml").bundle(
            &good
                .clone()
                .with_payload(BOM, "builder", &good.payload(BOM))
                .with_payload(PROVENANCE, "builder", &good.payload(PROVENANCE))
                .reseal("release"),
        ),
    ]
}

fn demands() -> Vec<Case> {
    let second = Forged::good().seal_again("release", |_| {});
    vec![
        case("older-seal-unnoticed", "a bundle that was cut to an older seal passes where nobody asks for more"),
        case("older-seal-noticed", "a bundle that was cut to an older seal fails where a newer one is demanded")
            .with(&["--min-sequence", "2"])
            .deny(&["rollback"])
            .threats(&["N070"])
            .like("two-seals"),
        case("newer-seal", "a newer seal than demanded passes").bundle(&second).with(&["--min-sequence", "2"]),
        case("release-demanded", "the demanded release passes").with(&["--release", "vector@1.0.0"]),
        case("release-name-demanded", "the demanded name passes in any version").with(&["--release", "vector"]),
        case("release-other-version", "another version is demanded")
            .with(&["--release", "vector@1.0.1"])
            .deny(&["release-mismatch"])
            .threats(&["N109"])
            .twin_with(&["--model", "model", "--release", "vector@1.0.0"]),
        case("release-other-name", "another name is demanded, and a prefix is no match")
            .with(&["--release", "vecto"])
            .deny(&["release-mismatch"])
            .threats(&["N109"])
            .twin_with(&["--model", "model", "--release", "vector"]),
    ]
}
