//! The README, run as a newcomer would, every line of its output compared.

use std::fs;
use std::process::Command;

use crate::support::{copy, repository};

/// A command of the README with what it must print.
struct Session {
    command: String,
    status: i32,
    output: Vec<String>,
}

/// Reads the `console` blocks: `$ command`, going on where a line ends with `\` or `&&`, `? status`, output.
fn sessions(readme: &str) -> Vec<Session> {
    let blocks = readme.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    let session = |block: &str| {
        let mut lines = block.lines();
        let mut command = lines.next().unwrap().strip_prefix("$ ").unwrap().to_owned();
        while command.ends_with('\\') || command.ends_with("&&") {
            command += "\n";
            command += lines.next().unwrap();
        }
        let mut output: Vec<String> = lines.map(str::to_owned).collect();
        let status = output.first().and_then(|line| line.strip_prefix("? ")).map(|status| status.parse().unwrap());
        if status.is_some() {
            output.remove(0);
        }
        Session { command, status: status.unwrap_or(0), output }
    };
    blocks.map(session).collect()
}

/// Compares lines: `...` stands for any lines, `[..]` for any text within one.
fn matches(expected: &[String], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => (0..=found.len()).any(|start| matches(rest, &found[start..])),
        (Some((first, rest)), Some((line, others))) => matches_line(first, line) && matches(rest, others),
        _ => false,
    }
}

fn matches_line(expected: &str, found: &str) -> bool {
    let Some((start, end)) = expected.split_once("[..]") else { return expected == found };
    found.len() >= start.len() + end.len() && found.starts_with(start) && found.ends_with(end)
}

#[test]
fn the_readme_is_true() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let sessions = sessions(&readme);
    assert_eq!(sessions.len(), 2);
    assert!(readme.contains("The tests: `cargo test`"));
    let place = tempfile::tempdir().unwrap();
    copy(&repository("testdata/demo"), &place.path().join("testdata/demo"));
    for session in sessions {
        let script = session.command.replace("cargo run --release --", env!("CARGO_BIN_EXE_assaymark"));
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(place.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(session.status), "{script}\n{text}");
        let found: Vec<&str> = text.lines().collect();
        assert!(matches(&session.output, &found), "{script}\nprints\n{text}");
    }
}
