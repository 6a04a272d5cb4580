//! Names in signed lists that lead elsewhere, or stand twice.

use serde_json::{Value, json};

use super::links::{bom, component, of, resealed, resources, rooted};
use super::{Case, case};
use crate::forge::{BOM, MODEL_SIGNATURE, PROVENANCE};

/// Names that no list may have, by the row of the threat table.
const HOSTILE: [(&str, &str, &str, &str); 9] = [
    ("climbs-later", "climbs out after going in", "sub/../../x", "N022"),
    ("is-dots", "is the folder above", "..", "N022"),
    ("double-slash", "starts with two slashes", "//x", "N023"),
    ("dot", "starts with the folder itself", "./x", "N023"),
    ("slash-behind", "ends with a slash", "x/", "N023"),
    ("empty-inside", "has an empty component", "a//b", "N023"),
    ("empty", "is empty", "", "N023"),
    ("backslash", "has a backslash", "..\\x", "N021"),
    ("escape", "writes to the terminal", "\u{1b}[2Kx", "N019"),
];

pub fn cases() -> Vec<Case> {
    let hostile = HOSTILE.into_iter().map(|(name, why, path, threat)| {
        of(&format!("oms-path-{name}"), &format!("a listed path {why}"), "malformed-statement", &|one| {
            let mut list = resources(one);
            list[0]["name"] = json!(path);
            rooted(one, list);
        })
        .threats(&[threat])
    });
    hostile.chain(in_other_lists()).chain(twice()).chain(roots()).collect()
}

fn in_other_lists() -> Vec<Case> {
    vec![
        bom("bom-path-climbs", "the BOM lists a file outside of the model", "bom-mismatch", |bom| {
            component(bom, "model")["components"][0]["name"] = json!("../outside.txt");
        })
        .threats(&["N022"]),
        bom("bom-path-absolute", "the BOM lists a file by an absolute path", "bom-mismatch", |bom| {
            component(bom, "model")["components"][0]["name"] = json!("/etc/hostname");
        })
        .threats(&["N023"]),
        case("provenance-path-climbs", "the provenance lists a file outside of the model")
            .bundle(&resealed(PROVENANCE, |one| one["subject"][2]["name"] = json!("../outside.txt")))
            .deny(&["lineage-mismatch"])
            .threats(&["N022"])
            .like("provenance-resigned"),
        case("provenance-path-absolute", "the provenance lists a file by an absolute path")
            .bundle(&resealed(PROVENANCE, |one| one["subject"][2]["name"] = json!("/etc/hostname")))
            .deny(&["lineage-mismatch"])
            .threats(&["N023"])
            .like("provenance-resigned"),
    ]
}

fn twice() -> Vec<Case> {
    let wrong = |one: &Value| {
        let mut wrong = one.clone();
        wrong["digest"] = json!("0".repeat(64));
        wrong
    };
    vec![
        of("oms-duplicate-wrong-first", "a file is listed twice, first wrong", "malformed-statement", &|one| {
            let mut list = resources(one);
            list.insert(0, wrong(&list[0]));
            rooted(one, list);
        })
        .threats(&["N024"]),
        of("oms-duplicate-wrong-last", "a file is listed twice, last wrong", "malformed-statement", &|one| {
            let mut list = resources(one);
            list.push(wrong(&list[0]));
            rooted(one, list);
        })
        .threats(&["N024"]),
        bom("bom-file-twice", "the BOM lists a file twice", "bom-mismatch", |bom| {
            let files = component(bom, "model")["components"].as_array_mut().unwrap();
            let mut again = files[0].clone();
            again["bom-ref"] = json!("model/again");
            files.push(again);
        })
        .threats(&["N024"]),
        case("provenance-file-twice", "the provenance lists a file twice")
            .bundle(&resealed(PROVENANCE, |one| {
                let again = one["subject"][2].clone();
                one["subject"].as_array_mut().unwrap().push(again);
            }))
            .deny(&["lineage-mismatch"])
            .threats(&["N024"])
            .like("provenance-resigned"),
        case("oms-empty-extra-allowed", "no file is listed, and extra files are allowed")
            .bundle(&resealed(MODEL_SIGNATURE, |one| rooted(one, vec![])))
            .with(&["--allow-extra-files"])
            .deny(&["malformed-statement"])
            .threats(&["N025"])
            .like("model-signature-resigned"),
    ]
}

fn roots() -> Vec<Case> {
    vec![
        of("oms-exemption-climbs", "the signer exempted what is outside of the model", "oms-ignored-paths", &|one| {
            one["predicate"]["serialization"]["ignore_paths"].as_array_mut().unwrap().push(json!("../x"));
        })
        .threats(&["N009"]),
        of("oms-files-swapped", "two listed files have changed names", "subject-mismatch", &|one| {
            let mut list = resources(one);
            let name = list[0]["name"].clone();
            list[0]["name"] = list[1]["name"].clone();
            list[1]["name"] = name;
            rooted(one, list);
        })
        .threats(&["N003"]),
        case("bom-files-swapped", "two files of the BOM have changed names")
            .bundle(&resealed(BOM, |one| {
                let files = &mut component(&mut one["predicate"], "model")["components"];
                let name = files[0]["name"].clone();
                files[0]["name"] = files[1]["name"].clone();
                files[1]["name"] = name;
            }))
            .deny(&["bom-mismatch"])
            .threats(&["N003"])
            .like("bom-resigned"),
    ]
}
