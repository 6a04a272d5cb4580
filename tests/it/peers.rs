//! Other tools on our output: each accepts what is ours and rejects its changed twin; and we on what they signed. Each says so
//! where it is not installed, and what it did stands in `docs/interop.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::repository;
use cases::{Made, Row};

mod cases;
mod imports;
mod keyless;
mod model_signing;
mod sbom_tools;

const PAGE: &str = "docs/interop.md";
const HEAD: &str = "| tool | version | what it did | with | result |\n|---|---|---|---|---|\n";

/// What a tool did with our output.
struct Measured {
    tool: &'static str,
    version: String,
    /// What it did, with what, and the result.
    rows: Vec<[String; 3]>,
    /// What was not as expected.
    wrong: Vec<String>,
}

impl Measured {
    fn new(tool: &'static str, version: &str) -> Self {
        Self { tool, version: version.trim().to_owned(), rows: Vec::new(), wrong: Vec::new() }
    }

    /// Takes down what came of the cases of a row: what was accepted, and what was said of the rest.
    fn add(&mut self, row: &Row, results: &[(bool, String)]) {
        let accepted = results.iter().filter(|(accepted, _)| *accepted).count();
        let (word, count) = if row.accepted { ("accepts", accepted) } else { ("rejects", results.len() - accepted) };
        self.rows.push([row.did.to_owned(), row.with.to_owned(), format!("{word} {count} of {}", results.len())]);
        if results.is_empty() || count != results.len() {
            self.wrong.push(format!("{}: {}, {}: {results:?}", self.tool, row.did, row.with));
        }
    }

    fn lines(&self) -> String {
        let line = |[did, with, result]: &[String; 3]| {
            format!("| {} | {} | {did} | {with} | {result} |\n", self.tool, self.version)
        };
        self.rows.iter().map(line).collect()
    }
}

/// Returns the folders in which other tools are looked for: those of `.ci/run`, then those of the path.
fn folders() -> Vec<PathBuf> {
    let named = std::env::var_os("ASSAYMARK_PEERS").into_iter().chain(std::env::var_os("PATH"));
    named.flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>()).collect()
}

fn notice(tool: &str, reason: &str) {
    eprintln!("NOTICE: {tool} is not installed, so this was not checked: {}", reason.trim());
}

/// Finds a tool of those folders.
pub fn tool(name: &str) -> Option<PathBuf> {
    find(name, name)
}

/// Finds a file in those folders.
fn find(tool: &str, name: &str) -> Option<PathBuf> {
    let found = folders().into_iter().map(|folder| folder.join(name)).find(|path| path.exists());
    if found.is_none() {
        notice(tool, &format!("there is no {name}"));
    }
    found
}

/// What a driver says: the version of the tool, and of each case whether it was accepted, and what was said.
type Answers = (String, Vec<(bool, String)>);

/// Starts a driver of `tests/peers` on some cases.
fn ask(tool: &str, program: &Path, script: &str, folder: &Path, cases: &[&Value]) -> Option<Answers> {
    let file = folder.join(script).with_extension("json");
    fs::write(&file, serde_json::to_vec(cases).unwrap()).unwrap();
    let mut command = Command::new(program);
    command.arg(repository("tests/peers").join(script)).arg(file).env("PYTHONDONTWRITEBYTECODE", "1");
    if program == Path::new("node") {
        command.arg(find(tool, &format!("node_modules/{tool}"))?.ancestors().nth(3).unwrap());
    }
    let output = command.output();
    let output = match output {
        Ok(output) if output.status.code() == Some(77) => {
            notice(tool, &String::from_utf8_lossy(&output.stdout));
            return None;
        }
        Ok(output) => output,
        Err(error) => {
            notice(tool, &error.to_string());
            return None;
        }
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = said["results"].as_array().unwrap().iter();
    let results: Vec<_> =
        results.map(|one| (one["accepted"].as_bool().unwrap(), one["said"].as_str().unwrap().to_owned())).collect();
    assert_eq!(results.len(), cases.len());
    Some((said["version"].as_str().unwrap().to_owned(), results))
}

/// Starts a driver of `tests/peers` on all cases of some rows.
fn drive(tool: &'static str, program: &Path, script: &str, folder: &Path, rows: &[Row]) -> Option<Measured> {
    let cases: Vec<&Value> = rows.iter().flat_map(|row| &row.cases).collect();
    let (version, results) = ask(tool, program, script, folder, &cases)?;
    let mut measured = Measured::new(tool, &version);
    let mut rest = results.as_slice();
    for row in rows {
        let (these, others) = rest.split_at(row.cases.len());
        measured.add(row, these);
        rest = others;
    }
    Some(measured)
}

fn python(tool: &'static str, script: &str, folder: &Path, rows: &[Row]) -> Option<Measured> {
    drive(tool, &find(tool, "python3")?, script, folder, rows)
}

#[test]
fn other_tools_accept_what_is_ours_and_reject_what_is_changed() {
    let made = Made::new();
    let folder = made.place.folder();
    let measured: Vec<Option<Measured>> = std::thread::scope(|scope| {
        let tools = [
            scope.spawn(|| model_signing::measure(&made)),
            scope.spawn(|| {
                let mut measured = python("in-toto-attestation", "statements.py", folder, &cases::statements(&made))?;
                imports::links(&made, &mut measured)?;
                Some(measured)
            }),
            scope.spawn(|| python("cyclonedx-python-lib", "boms.py", folder, &cases::boms(&made))),
            scope.spawn(sbom_tools::measure),
            scope.spawn(|| {
                let mut measured = python("securesystemslib", "envelopes.py", folder, &cases::envelopes(&made))?;
                imports::envelopes(&made, &mut measured)?;
                Some(measured)
            }),
            scope.spawn(|| python("sigstore", "keyless.py", folder, &keyless::of_sigstore_python())),
            scope.spawn(|| {
                let rows = [cases::lines(&made), keyless::of_sigstore_js()].concat();
                drive("@sigstore/verify", Path::new("node"), "lines.cjs", folder, &rows)
            }),
        ];
        tools.map(|tool| tool.join().unwrap()).into_iter().collect()
    });
    let present: Vec<&Measured> = measured.iter().flatten().collect();
    let wrong: Vec<&String> = present.iter().flat_map(|one| &one.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    if std::env::var_os("ASSAYMARK_BLESS").is_some() {
        if present.len() < measured.len() {
            eprintln!("NOTICE: {PAGE} is written only where every tool is installed");
        } else {
            let page = fs::read_to_string(repository(PAGE)).unwrap();
            let table = present.iter().map(|one| one.lines()).collect::<String>();
            let before = page.split(HEAD).next().unwrap();
            let after = page.split(HEAD).nth(1).unwrap().split_once("\n\n").map_or("", |(_, after)| after);
            fs::write(repository(PAGE), format!("{before}{HEAD}{table}\n{after}")).unwrap();
        }
    }
    let page = fs::read_to_string(repository(PAGE)).unwrap();
    assert!(page.contains(HEAD), "{PAGE} has no table");
    for one in present {
        let start = format!("| {} |", one.tool);
        let said: String = page.split_inclusive('\n').filter(|line| line.starts_with(&start)).collect();
        assert_eq!(said, one.lines(), "{PAGE}: run with ASSAYMARK_BLESS=1 where every tool of .ci/run is installed");
    }
}
