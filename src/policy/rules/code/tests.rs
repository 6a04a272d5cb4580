//! What provenance and BOM may state of the code, and what denies.

use serde_json::{Value, json};

use super::*;
use crate::intoto::predicate::Provenance;

const REPOSITORY: &str = "https://git.example.com/ml";

fn provenance(uri: &str, commit: &str) -> Value {
    let code = json!({
        "name": "code", "uri": uri, "digest": {"dirHash": "a".repeat(64), "gitCommit": commit},
        "annotations": {"assaymark_dirty": false},
    });
    let parameters = json!({"workflow": {"ref": "refs/heads/main", "repository": REPOSITORY}});
    let definition = json!({"buildType": "x", "externalParameters": parameters, "resolvedDependencies": [code]});
    json!({"buildDefinition": definition, "runDetails": {"builder": {"id": "https://ci"}}})
}

fn faults_of(rule: Value, provenance: Value, code: &Value) -> usize {
    let mut code = code.clone();
    code["bom-ref"] = json!("code");
    let bom = json!({"components": [code]});
    let rule = build(serde_json::from_value(rule).unwrap()).unwrap();
    let provenance: Provenance = serde_json::from_value(provenance).unwrap();
    rule.faults(&Stated::by(&provenance, &[&bom])).len()
}

fn faults(rule: Value, uri: &str, commit: &str, code: &Value) -> usize {
    faults_of(rule, provenance(uri, commit), code)
}

#[test]
fn what_the_bom_says_otherwise_is_heard() {
    let (commit, other) = ("1".repeat(40), "2".repeat(40));
    let said = |name: &str, value: &str| json!({"properties": [{"name": name, "value": value}]});
    let clean = |code: &Value| faults(json!({"clean": true}), REPOSITORY, &commit, code);
    for good in [json!({}), said("assaymark:dirty", "false"), said("assaymark:changed-files", "0")] {
        assert_eq!(clean(&good), 0, "{good}");
    }
    let twice = json!({"properties": [
        {"name": "assaymark:dirty", "value": "false"}, {"name": "assaymark:dirty", "value": "true"}]});
    let patched = json!({"pedigree": {"patches": [{"type": "unofficial"}]}});
    let within =
        json!({"components": [{"type": "file", "name": "x.py", "pedigree": {"patches": [{"type": "unofficial"}]}}]});
    let others = [
        json!({"modified": true}),
        json!({"version": "v1.0-3-gaaaaaaa-dirty"}),
        said("assaymark:changed-file", "x.py"),
    ];
    let own = [said("assaymark:dirty", "true"), said("assaymark:changed-files", "3"), twice, patched, within];
    for bad in own.into_iter().chain(others) {
        assert_eq!(clean(&bad), 1, "{bad}");
    }
    let pinned = |code: &Value| faults(json!({"pinned": true}), REPOSITORY, &commit, code);
    let trail = |commit: &str| json!({"pedigree": {"commits": [{"uid": commit}]}});
    let address =
        |commit: &str| json!({"externalReferences": [{"type": "vcs", "url": format!("{REPOSITORY}@{commit}")}]});
    for good in [json!({"version": commit}), json!({"version": "1.2.0"}), trail(&commit), address(&commit)] {
        assert_eq!(pinned(&good), 0, "{good}");
    }
    let capital = json!({"version": "A".repeat(40)});
    let purl = |commit: &str| json!({"purl": format!("pkg:github/o/r@{commit}?checksum=sha1:{}", "f".repeat(40))});
    let heritage =
        |commit: &str| json!({"swhid": [format!("swh:1:rev:{commit}"), format!("swh:1:dir:{}", "f".repeat(40))]});
    assert_eq!([purl(&commit), heritage(&commit)].map(|code| pinned(&code)), [0, 0]);
    for bad in [json!({"version": other}), trail(&other), address(&other), capital, purl(&other), heritage(&other)] {
        assert_eq!(pinned(&bad), 1, "{bad}");
    }
}

#[test]
fn a_ref_counts_wherever_it_is_stated() {
    let (refs, commit) = (json!({"refs": ["refs/heads/main"]}), "1".repeat(40));
    let at = |behind: &str| {
        let address = format!("{REPOSITORY}{behind}");
        let of_bom = json!({"externalReferences": [{"type": "vcs", "url": address}]});
        let by_bom = faults(refs.clone(), REPOSITORY, &commit, &of_bom);
        (faults(refs.clone(), &format!("git+{address}"), &commit, &json!({})), by_bom)
    };
    assert_eq!([at(""), at("@refs/heads/main"), at(&format!("@{commit}"))], [(0, 0); 3]);
    for behind in ["@refs/heads/evil", "@main", "@HEAD", "@", "#refs/heads/evil", "?ref=evil"] {
        assert_eq!(at(behind), (1, 1), "{behind}");
    }
    let mut listed = provenance(REPOSITORY, &commit);
    listed["buildDefinition"]["externalParameters"]["workflow"]["ref"] = json!(["refs/heads/main"]);
    assert_eq!(faults_of(refs.clone(), listed, &json!({})), 1);
    for behind in ["@refs/heads/evil", "#evil", "?ref=evil", "/tree/evil"] {
        let mut elsewhere = provenance(REPOSITORY, &commit);
        let repository = &mut elsewhere["buildDefinition"]["externalParameters"]["workflow"]["repository"];
        *repository = json!(format!("{REPOSITORY}{behind}"));
        assert_eq!(faults_of(refs.clone(), elsewhere, &json!({})), 1, "{behind}");
    }
}

#[test]
fn every_repository_that_is_stated_must_be_allowed() {
    let rule = json!({"repositories": [REPOSITORY]});
    let from = |uri: &str| faults(rule.clone(), uri, "", &json!({}));
    assert_eq!([from("git+https://git.example.com/ml@refs/heads/x"), from(REPOSITORY)], [0; 2]);
    assert_eq!([from("https://GIT.example.com/ml.git"), from("https://git.example.com/ml/")], [0; 2]);
    assert_eq!([from("https://git.example.com/ml@v1"), from("https://you@git.example.com/ml")], [1; 2]);
    let elsewhere = json!({"externalReferences": [{"type": "vcs", "url": "https://evil.example/ml"}]});
    assert_eq!(faults(rule, REPOSITORY, "", &elsewhere), 1);
}

#[test]
fn an_address_at_another_commit_pins_nothing() {
    let pinned = |uri: &str, commit: &str| faults(json!({"pinned": true}), uri, commit, &json!({}));
    let (commit, other) = ("1".repeat(40), "2".repeat(40));
    assert_eq!(pinned(&format!("{REPOSITORY}@{commit}"), &commit), 0);
    for behind in ["@", "#", "?rev=", "/commit/", "/-/tree/"] {
        assert_eq!(pinned(&format!("{REPOSITORY}{behind}{commit}"), &commit), 0, "{behind}");
        assert_eq!(pinned(&format!("{REPOSITORY}{behind}{other}#x"), &commit), 1, "{behind}");
    }
    assert_eq!((pinned(REPOSITORY, &"0".repeat(40)), pinned(REPOSITORY, "")), (1, 1));
}
