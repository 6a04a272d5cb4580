//! More of statements and seals that a trusted key signed and that are wrong.

use serde_json::{Value, json};

use super::links::{dependency, of, resealed};
use super::signatures::of_statement;
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE, key, sign, statement_like};

pub fn cases() -> Vec<Case> {
    [types(), subjects(), digests(), predicates(), seals(), times(), results()].into_iter().flatten().collect()
}

fn types() -> Vec<Case> {
    vec![
        of_statement("statement-type-unknown", "a statement is of another type", |one| one["_type"] = json!("x"))
            .threats(&["N058"]),
        of_statement("statement-type-absent", "a statement does not say what it is", |one| {
            one.as_object_mut().unwrap().remove("_type");
        })
        .threats(&["N058"]),
        of_statement("statement-type-null", "the type of a statement is null", |one| one["_type"] = json!(null))
            .threats(&["N058"]),
        case("predicate-type-of-next-version", "a provenance of a later version is none that we know")
            .bundle(&resealed(PROVENANCE, |one| one["predicateType"] = json!("https://slsa.dev/provenance/v2")))
            .deny(&["evidence-missing"])
            .threats(&["N059"])
            .like("provenance-resigned"),
        case("predicate-type-other-case", "the type of a provenance is in capitals")
            .bundle(&resealed(PROVENANCE, |one| one["predicateType"] = json!("https://slsa.dev/Provenance/v1")))
            .deny(&["evidence-missing"])
            .threats(&["N059"])
            .like("provenance-resigned"),
        case("member-of-other-type", "the seal names the provenance as a BOM")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                let kinds = seal["predicate"]["members"].as_array_mut().unwrap();
                let one = kinds.iter_mut().find(|one| one["predicateType"] == "https://slsa.dev/provenance/v1");
                one.unwrap()["predicateType"] = json!("https://cyclonedx.org/bom");
            }))
            .deny(&["member-missing", "unsealed-line"])
            .threats(&["N059"])
            .like("seal-resigned"),
    ]
}

fn subjects() -> Vec<Case> {
    vec![
        of_statement("subject-digest-null", "the digest of a subject is null", |one| {
            one["subject"][1]["digest"] = json!(null);
        })
        .threats(&["N064"]),
        of_statement("subject-not-a-list", "a statement has one subject and no list", |one| {
            one["subject"] = one["subject"][1].clone();
        })
        .threats(&["N064"]),
        case("subject-name-kept", "the BOM is about another model under the right name")
            .bundle(&resealed(BOM, |one| one["subject"][1]["digest"]["sha256"] = json!("0".repeat(64))))
            .deny(&["subject-mismatch"])
            .threats(&["N065", "N121"])
            .like("bom-resigned"),
        case("subject-name-other", "the names of subjects are for readers")
            .bundle(&resealed(BOM, |one| one["subject"][1]["name"] = json!("other")))
            .threats(&["N065"]),
        case("subjects-swapped", "the root digest stands where the digest of the file list is due")
            .bundle(&resealed(BOM, |one| one["subject"].as_array_mut().unwrap().reverse()))
            .deny(&["subject-mismatch"])
            .threats(&["N065"])
            .like("bom-resigned"),
        case("subject-root-wrong", "the BOM names another root digest than the seal")
            .bundle(&resealed(BOM, |one| one["subject"][0]["digest"]["sha256"] = json!("0".repeat(64))))
            .deny(&["subject-mismatch"])
            .at(&[2])
            .threats(&["N065"])
            .like("bom-resigned"),
        of("oms-two-subjects", "a model signature has a second subject", "malformed-statement", &|one| {
            let second = one["subject"][0].clone();
            one["subject"].as_array_mut().unwrap().push(second);
        })
        .threats(&["N065"]),
    ]
}

fn digests() -> Vec<Case> {
    let of_digest = |name, why, digest: fn(String) -> Value| {
        of_statement(name, why, |one| {
            let good = one["subject"][1]["digest"]["sha256"].as_str().unwrap().to_owned();
            one["subject"][1]["digest"] = digest(good);
        })
    };
    let of_dependency = |name, why, digest: fn(String) -> Value| {
        let forged = resealed(PROVENANCE, |one| {
            let good = dependency(one, "dataset:train")["digest"]["dirHash"].as_str().unwrap().to_owned();
            dependency(one, "dataset:train")["digest"] = digest(good);
        });
        case(name, why).bundle(&forged).deny(&["lineage-mismatch"]).like("provenance-resigned")
    };
    let zeros = || "0".repeat(64);
    vec![
        of_digest("subject-digest-of-md5", "a subject has an MD5 alone", |_| json!({"md5": "0".repeat(32)}))
            .threats(&["N031"]),
        of_digest(
            "subject-digest-unknown",
            "a subject has a digest of an unknown kind alone",
            |good| json!({"sha999": good}),
        )
        .threats(&["N031"]),
        of_digest(
            "subject-digest-mislabelled",
            "a subject has its SHA-256 under the name of SHA-1",
            |good| json!({"sha1": good}),
        )
        .threats(&["N031"]),
        of_digest(
            "subject-second-digest-weak",
            "a subject has an MD5 beside its SHA-256",
            |good| json!({"sha256": good, "md5": "0".repeat(32)}),
        )
        .threats(&["N030"]),
        of_digest(
            "subject-digest-short",
            "the digest of a subject lacks two digits",
            |good| json!({"sha256": good[2..]}),
        )
        .threats(&["N032"]),
        of_digest("subject-digest-odd", "the digest of a subject lacks a digit", |good| json!({"sha256": good[1..]}))
            .threats(&["N032"]),
        of_digest(
            "subject-digest-long",
            "the digest of a subject has two digits more",
            |good| json!({"sha256": good + "00"}),
        )
        .threats(&["N032"]),
        of_digest(
            "subject-digest-spaced",
            "the digest of a subject has a space before it",
            |good| json!({"sha256": format!(" {good}")}),
        )
        .threats(&["N032"]),
        of_digest("subject-digest-empty", "the digest of a subject is empty", |_| json!({"sha256": ""}))
            .threats(&["N032"]),
        of_digest("subject-digest-number", "the digest of a subject is a number", |_| json!({"sha256": 0}))
            .threats(&["N032"]),
        of("oms-algorithm-weak", "a listed file has an MD5", "malformed-statement", &|one| {
            one["predicate"]["resources"][0]["algorithm"] = json!("md5");
        })
        .threats(&["N031"]),
        of("oms-hash-type-other", "a model signature is of another digest", "malformed-statement", &|one| {
            one["predicate"]["serialization"]["hash_type"] = json!("blake3");
        })
        .threats(&["N031", "N033"]),
        of_dependency("dataset-weak-digest", "a dataset has a SHA-1 alone", |_| json!({"sha1": "0".repeat(40)}))
            .threats(&["N031"]),
        of_dependency(
            "dataset-digest-uppercase",
            "the digest of a dataset is in capitals",
            |good| json!({"dirHash": good.to_uppercase()}),
        )
        .threats(&["N032"]),
        of_dependency(
            "dataset-two-kinds",
            "a dataset is a folder and a file",
            |good| json!({"dirHash": good, "sha256": good}),
        )
        .threats(&["N030"]),
        of_dependency(
            "dataset-two-spellings",
            "a dataset has two digests under two spellings of their kind",
            |good| json!({"dirHash": good, "dirHash1": "0".repeat(64)}),
        )
        .threats(&["N030"]),
        case("dataset-other-spelling", "the digest of a dataset is spelt as in an example of the specification")
            .bundle(&resealed(PROVENANCE, |one| {
                let good = dependency(one, "dataset:train")["digest"]["dirHash"].clone();
                dependency(one, "dataset:train")["digest"] = json!({"dirHash1": good});
            }))
            .threats(&["N030"]),
        case("seal-member-malformed", "the digest of a member is malformed")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                seal["predicate"]["members"][0]["payload"] = json!(zeros().replace('0', "G"));
            }))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N032"])
            .like("seal-resigned"),
    ]
}

fn predicates() -> Vec<Case> {
    vec![
        of_statement("predicate-null", "a provenance is null", |one| one["predicate"] = json!(null)).threats(&["N060"]),
        of_statement("predicate-text", "a provenance is a text", |one| one["predicate"] = json!("{}"))
            .threats(&["N060"]),
        of_statement("predicate-absent", "a statement claims nothing", |one| {
            one.as_object_mut().unwrap().remove("predicate");
        })
        .threats(&["N060"]),
        of_statement("provenance-empty", "a provenance has nothing in it", |one| one["predicate"] = json!({}))
            .threats(&["N060"]),
        of_statement("provenance-without-builder", "a provenance does not say who ran it", |one| {
            one["predicate"]["runDetails"] = json!({});
        })
        .threats(&["N060"]),
        of_statement("provenance-of-values", "a provenance is an array of its values", |one| {
            one["predicate"] = json!([one["predicate"]["buildDefinition"], one["predicate"]["runDetails"]]);
        })
        .threats(&["N060"]),
        of("oms-not-an-object", "a model signature is an array", "malformed-statement", &|one| {
            one["predicate"] = json!([]);
        })
        .threats(&["N060"]),
        of("oms-links-allowed", "a model signature allows links", "malformed-statement", &|one| {
            one["predicate"]["serialization"]["allow_symlinks"] = json!(true);
        })
        .threats(&["N014"]),
    ]
}

fn seals() -> Vec<Case> {
    let second = || Forged::good().seal_again("release", |_| {});
    let malformed = || Forged::good().seal_again("release", |seal| seal["predicate"]["members"] = json!("all of them"));
    vec![
        case("seal-resigned", "the form of a seal means nothing").bundle(&Forged::good().reseal("release")),
        case("seal-names-twice", "a seal names a member twice")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                let members = seal["predicate"]["members"].as_array_mut().unwrap();
                members.push(members[0].clone());
            }))
            .deny(&["seal-broken"])
            .like("seal-resigned"),
        case("seal-names-nothing", "a seal names no member")
            .bundle(&Forged::good().reseal_with("release", |seal| seal["predicate"]["members"] = json!([])))
            .warn(&["unsealed-line"])
            .deny(&["evidence-missing"])
            .threats(&["N061"])
            .like("seal-resigned"),
        case("seal-names-a-stranger", "a seal names another signer of a member")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                seal["predicate"]["members"][0]["signer"] = json!("0".repeat(64));
            }))
            .warn(&["unsealed-line"])
            .deny(&["member-missing"])
            .like("seal-resigned"),
        case("seal-model-kind", "a seal says that the folder is a file")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                let list = seal["predicate"]["model"]["fileList"].clone();
                seal["predicate"]["model"] = json!({"kind": "file", "sha256": list});
            }))
            .warn(&["subject-mismatch"])
            .deny(&["unsealed"])
            .like("seal-resigned"),
        case("newest-seal-malformed", "a newer seal that can't be read counts as one that is not there")
            .bundle(&malformed())
            .warn(&["malformed-statement"]),
        case("newest-seal-malformed-noticed", "a newer seal that can't be read does not hide where it is demanded")
            .bundle(&malformed())
            .with(&["--min-sequence", "2"])
            .warn(&["malformed-statement"])
            .deny(&["rollback"])
            .threats(&["N070"])
            .like("two-seals"),
        case("newest-seal-damaged", "a newer seal that is damaged does not hide where it is demanded")
            .bundle(&second().edit(FIRST_SEAL + 1, |line| line["dsseEnvelope"]["payloadType"] = json!("x")))
            .with(&["--min-sequence", "2"])
            .warn(&["bad-signature"])
            .deny(&["rollback"])
            .threats(&["N070"])
            .like("two-seals"),
    ]
}

fn times() -> Vec<Case> {
    let late = "2099-01-01T00:00:00Z";
    let at = &["--at", "2026-06-01T00:00:00Z"];
    vec![
        case("provenance-in-future", "a training ends at a time that is still to come")
            .bundle(&resealed(PROVENANCE, |one| {
                one["predicate"]["runDetails"]["metadata"]["finishedOn"] = json!(late);
            }))
            .with(at)
            .deny(&["time-in-future"])
            .threats(&["N071"])
            .like("provenance-resigned"),
        case("bom-in-future", "a BOM is of a time that is still to come")
            .bundle(&resealed(BOM, |one| one["predicate"]["metadata"]["timestamp"] = json!(late)))
            .with(at)
            .deny(&["time-in-future"])
            .threats(&["N071"])
            .like("bom-resigned"),
        case("seal-in-future", "a seal is of a time that is still to come")
            .bundle(&Forged::good().reseal_with("release", |seal| seal["predicate"]["sealedAt"] = json!(late)))
            .with(at)
            .deny(&["time-in-future"])
            .threats(&["N071"])
            .like("seal-resigned"),
        case("seal-time-malformed", "the time of a seal is a date that is not")
            .bundle(&Forged::good().reseal_with("release", |seal| {
                seal["predicate"]["sealedAt"] = json!("2026-02-30T00:00:00Z");
            }))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N071"])
            .like("seal-resigned"),
    ]
}

fn results() -> Vec<Case> {
    let results = |results: &[&str]| {
        let bom = Forged::good().statement(BOM);
        let kind = "https://in-toto.io/attestation/test-result/v0.1";
        let line = |(index, result): (usize, &&str)| {
            let configuration = json!([{"name": format!("scanner {index}")}]);
            let predicate = json!({"result": result, "configuration": configuration});
            sign(statement_like(&bom, kind, &predicate).to_string().as_bytes(), &key("release"))
        };
        let lines = results.iter().enumerate().map(line);
        lines.fold(Forged::good(), Forged::push).reseal("release")
    };
    let other = |one: &mut Value| {
        let mut list = super::links::resources(one);
        list[0]["digest"] = json!("0".repeat(64));
        super::links::rooted(one, list);
    };
    vec![
        case("two-tests-passed", "two sealed test results that passed").bundle(&results(&["PASSED", "PASSED"])),
        case("test-failed-first", "of two sealed test results the first failed")
            .bundle(&results(&["FAILED", "PASSED"]))
            .deny(&["test-failed"])
            .threats(&["N110"])
            .like("two-tests-passed"),
        case("test-failed-last", "of two sealed test results the last failed")
            .bundle(&results(&["PASSED", "FAILED"]))
            .deny(&["test-failed"])
            .threats(&["N110"])
            .like("two-tests-passed"),
        case("oms-of-another-checkpoint", "the model signature is of another checkpoint")
            .bundle(&resealed(MODEL_SIGNATURE, other))
            .deny(&["subject-mismatch"])
            .threats(&["N073"])
            .like("model-signature-resigned"),
    ]
}
