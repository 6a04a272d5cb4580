//! sbom-tools on what `bom create` makes of `testdata/iris`: the standards that the documents must meet, and twins that miss one
//! demand of each.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::cases::Row;
use super::{Measured, tool};
use crate::iris;

const TOOL: &str = "sbom-tools";
/// A change of one place in a document.
type Change = fn(&mut Value);

/// The standards, each with a change that it must object to. `ai-act` finds no errors in systems of low risk, whatever they
/// lack: it is held to having no warning either.
const STANDARDS: [(&str, Change); 4] = [
    ("ntia", |bom| drop(bom["components"][0].as_object_mut().unwrap().remove("version"))),
    ("cisa-2026", |bom| drop(bom["metadata"].as_object_mut().unwrap().remove("authors"))),
    ("bsi-ai", |bom| drop(bom["components"][0].as_object_mut().unwrap().remove("purl"))),
    ("ai-act", |bom| drop(bom["components"][0]["modelCard"].as_object_mut().unwrap().remove("quantitativeAnalysis"))),
];

/// Holds documents to a standard: accepted is what has no error, and for `ai-act` no warning.
fn judged(program: &Path, folder: &Path, standard: &str, document: &str) -> (bool, String) {
    let file = folder.join("bom.cdx.json");
    std::fs::write(&file, document).unwrap();
    let output = Command::new(program).args(["validate", "--standard", standard, "-o", "json"]).arg(file).output();
    let said: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let applies = said["applicability"]["status"] == "applicable";
    let clean = said["error_count"] == json!(0) && (standard != "ai-act" || said["warning_count"] == json!(0));
    (applies && clean && said["is_compliant"] == json!(true), said["violations"].to_string())
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// Measures all standards.
pub(super) fn measure() -> Option<Measured> {
    let program = tool(TOOL)?;
    let place = iris::iris();
    let folder = place.path();
    let ours: Vec<String> = ["1.6", "1.7"].iter().map(|version| iris::bom(folder, version)).collect();
    let mut measured = Measured::new(TOOL, &version(&program));
    let row = |with, accepted| Row { did: "validates by a standard", with, accepted, cases: Vec::new() };
    for (standard, change) in STANDARDS {
        let results: Vec<_> = ours.iter().map(|one| judged(&program, folder, standard, one)).collect();
        measured.add(&row(named(standard), true), &results);
        let twins = ours.iter().map(|one| {
            let mut twin: Value = serde_json::from_str(one).unwrap();
            change(&mut twin);
            judged(&program, folder, standard, &twin.to_string())
        });
        measured.add(&row(missed(standard), false), &twins.collect::<Vec<_>>());
    }
    Some(measured)
}

fn named(standard: &str) -> &'static str {
    match standard {
        "ntia" => "`ntia`: `bom create` of `testdata/iris`, 1.6 and 1.7",
        "cisa-2026" => "`cisa-2026`: the same",
        "bsi-ai" => "`bsi-ai`: the same",
        _ => "`ai-act`: the same, without a warning",
    }
}

fn missed(standard: &str) -> &'static str {
    match standard {
        "ntia" => "`ntia`: the same without the version of the model",
        "cisa-2026" => "`cisa-2026`: the same without authors",
        "bsi-ai" => "`bsi-ai`: the same without the package URL of the model",
        _ => "`ai-act`: the same without metrics",
    }
}
