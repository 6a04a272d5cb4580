//! What a bundle says, for people and for programs. Every page begins with the word `UNVERIFIED`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Value, json};

use crate::file_list;
use crate::inspect::{Claim, Inspection, Line};
use crate::intoto::predicate::verification_summary::VerificationResult;
use crate::intoto::predicate::{Provenance, Seal};
use crate::render::UNVERIFIED;
use crate::render::style::{DOUBTFUL, STRONG, styled};
use crate::text::{self, for_terminal};

/// The parts that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The BOM.
    Bom,
    /// The files of the model.
    Files,
    /// Every statement.
    Statements,
    /// What the bundle is about, and its lines.
    Summary,
}

/// Writes a view for people.
pub fn human(inspection: &Inspection, view: View) -> String {
    let head = format!("{}\n\n", styled(DOUBTFUL, UNVERIFIED));
    let body = match view {
        View::Summary => summary(inspection),
        View::Files => files(inspection),
        View::Bom => inspection.bom().map_or_else(|| "no BOM\n".to_owned(), pretty),
        View::Statements => inspection.lines.iter().map(statement).collect(),
    };
    head + &body
}

/// Writes a view as JSON, with the member `unverified` in front.
pub fn json(inspection: &Inspection, view: View) -> serde_json::Result<String> {
    let value = match view {
        View::Summary => summary_json(inspection),
        View::Files => {
            let files = inspection.files().unwrap_or_default().iter();
            json!(files.map(|entry| json!({"path": entry.path, "sha256": entry.digest})).collect::<Vec<_>>())
        }
        View::Bom => inspection.bom().cloned().unwrap_or_default(),
        View::Statements => Value::Array(inspection.lines.iter().map(statement_json).collect()),
    };
    let name = match view {
        View::Bom => "bom",
        View::Files => "files",
        View::Statements => "statements",
        View::Summary => "summary",
    };
    let page = Page { unverified: true, view: BTreeMap::from([(name, value)]) };
    Ok(serde_json::to_string_pretty(&page)? + "\n")
}

/// A view as JSON: whoever reads the start of it knows what it is worth.
#[derive(Serialize)]
struct Page {
    unverified: bool,
    #[serde(flatten)]
    view: BTreeMap<&'static str, Value>,
}

fn summary(inspection: &Inspection) -> String {
    let mut page = String::new();
    if let Some(seal) = inspection.seal() {
        page.push_str(&release(seal));
    }
    if let Some(provenance) = inspection.provenance() {
        page.push_str(&parts(provenance));
    }
    page.push_str(&stages(inspection));
    let _ = writeln!(page, "{}", styled(STRONG, "lines"));
    for line in &inspection.lines {
        let _ = writeln!(page, "  {:>4}  {}", line.number, describe(line));
    }
    page
}

fn release(seal: &Seal) -> String {
    let at = seal.sealed_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let members = text::count(seal.members.len(), "line");
    let model = seal.model.digest();
    format!(
        "{}\n  model     {model}\n  seal      {}, the newest here, names {members}, made {at}\n",
        styled(STRONG, &seal.release.to_string()),
        seal.sequence,
    )
}

/// Writes the history of stages: one line for each summary that names one of this release.
fn stages(inspection: &Inspection) -> String {
    let mut page = String::new();
    for (stage, summary) in inspection.stages() {
        let at = summary.time_verified.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default();
        let result = match summary.verification_result {
            VerificationResult::Failed => "FAILED",
            VerificationResult::Passed => "PASSED",
        };
        let _ = writeln!(page, "  stage     {stage} {result} {at}  {}", for_terminal(&summary.verifier.id));
    }
    if !page.is_empty() {
        page.push('\n');
    }
    page
}

fn parts(provenance: &Provenance) -> String {
    let mut page = String::new();
    for (reference, dependency) in provenance.references() {
        let digest = dependency.artifact_digest().map_or_else(|| "no digest".to_owned(), |digest| digest.to_string());
        let uri = dependency.uri.as_deref().map(|uri| format!("  {}", for_terminal(uri))).unwrap_or_default();
        let _ = writeln!(page, "  {:<8}  {digest}{uri}", reference.to_string());
    }
    let _ = writeln!(page, "  builder   {}", for_terminal(&provenance.run_details.builder.id));
    page.push('\n');
    page
}

fn describe(line: &Line) -> String {
    match &line.claim {
        Ok(claim) => {
            let kind = claim.statement.predicate.kind();
            let size = text::bytes(line.bytes.len() as u64);
            let signer = match &claim.certificate {
                Some(name) => format!("certificate of {}", for_terminal(name)),
                None => format!("key {}", for_terminal(claim.key_id.as_deref().unwrap_or("none"))),
            };
            format!("{:<16}  {size:>10}  {signer}", for_terminal(kind.name()))
        }
        Err(reason) => format!("can't be read: {}", reason.for_terminal()),
    }
}

fn files(inspection: &Inspection) -> String {
    let Some(files) = inspection.files() else { return "no model signature\n".to_owned() };
    let mut page = Vec::new();
    // Writing to a vector can't fail, and paths were checked when they were read.
    let _ = file_list::write(files, &mut page);
    String::from_utf8(page).unwrap_or_default()
}

fn statement(line: &Line) -> String {
    let head = styled(STRONG, &format!("line {}", line.number));
    match line.claim.as_ref().map(payload) {
        Ok(payload) => format!("{head}\n{}\n", pretty(&payload)),
        Err(reason) => format!("{head}\ncan't be read: {}\n\n", reason.for_terminal()),
    }
}

/// Indents JSON; a bundle can put no control character into it, since JSON escapes them, but for the
/// characters that change the direction of text.
fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.lines().map(|line| for_terminal(line) + "\n").collect()
}

fn payload(claim: &Claim) -> Value {
    serde_json::from_slice(&claim.payload).unwrap_or_default()
}

fn summary_json(inspection: &Inspection) -> Value {
    let lines = inspection.lines.iter().map(|line| match &line.claim {
        Ok(claim) => json!({
            "line": line.number,
            "predicateType": claim.statement.predicate.kind().uri(),
            "keyId": claim.key_id,
            "certificate": claim.certificate,
            "payloadSha256": crate::digest::Digest::of(&claim.payload),
        }),
        Err(reason) => json!({"line": line.number, "error": reason}),
    });
    json!({
        "bundleSha256": inspection.digest,
        "seal": inspection.seal(),
        "provenance": inspection.provenance(),
        "stages": inspection.stages().map(|(stage, summary)| json!({
            "stage": stage,
            "result": summary.verification_result,
            "at": summary.time_verified,
            "verifier": summary.verifier.id,
        })).collect::<Vec<_>>(),
        "lines": lines.collect::<Vec<_>>(),
    })
}

fn statement_json(line: &Line) -> Value {
    match line.claim.as_ref().map(payload) {
        Ok(statement) => json!({"line": line.number, "statement": statement}),
        Err(reason) => json!({"line": line.number, "error": reason}),
    }
}
