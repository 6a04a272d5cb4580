//! The gates of `docs/ci.md`, run as they stand there.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::peers::tool;
use crate::support::{Workplace, command, copy, repository};

/// Returns the blocks of the page in a language, each with the heading that it stands under.
fn blocks(language: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(repository("docs/ci.md")).unwrap();
    let sections = page.split("\n## ").skip(1);
    let of = |section: &str| {
        let heading = section.lines().next().unwrap().to_owned();
        let block = section.split(&format!("```{language}\n")).nth(1)?.split("\n```").next()?.to_owned();
        Some((heading, block))
    };
    sections.filter_map(of).collect()
}

/// Returns the command of a block: its line with those that go on with it.
fn shell(block: &str) -> String {
    let lines: Vec<_> = block.lines().map(str::trim).collect();
    let first = lines.iter().position(|line| line.starts_with("assaymark bundle verify")).unwrap();
    let rest = lines[first + 1..].iter().take_while(|line| line.starts_with("--"));
    let words = std::iter::once(&lines[first]).chain(rest).map(|line| line.trim_end_matches('\\'));
    words.collect::<Vec<_>>().join(" ")
}

/// Puts the release of the demo where the gates look for it.
fn release() -> Workplace {
    let place = Workplace::new();
    place.create();
    for folder in ["dist", "ci", "trust", "release", "verified"] {
        fs::create_dir(place.path(folder)).unwrap();
    }
    for folder in ["dist", "release"] {
        fs::copy(place.path("r.intoto.jsonl"), place.path(folder).join("digits-1.0.0.intoto.jsonl")).unwrap();
        copy(&place.path("model"), &place.path(folder).join("model"));
    }
    for folder in ["ci", "trust"] {
        fs::copy(place.path("release.pub"), place.path(folder).join("release.pub")).unwrap();
    }
    place
}

fn run_shell(place: &Workplace, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_assaymark")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", binary.display());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-euc", line]).current_dir(place.folder()).env_clear().env("PATH", path);
    shell.env("GITHUB_STEP_SUMMARY", place.path("summary.md")).output().unwrap()
}

/// A scanner of the page: how it is called, and which statuses are a result.
struct Scanner {
    tool: String,
    statuses: Vec<i32>,
    call: String,
}

/// Reads the table of scanners.
fn scanners(page: &str) -> Vec<Scanner> {
    let table = page.split("\n## Reports of scanners").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| tool"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        let statuses = cells[1].split(' ').map(|status| status.parse().unwrap()).collect();
        Scanner { tool: cells[0].to_owned(), statuses, call: cells[3].to_owned() }
    };
    rows.map(row).collect()
}

/// A report in which a tool found nothing.
fn clean(tool: &str) -> &'static str {
    match tool {
        "fickling" => r#"{"severity": "LIKELY_SAFE", "analysis": "", "detailed_results": {}}"#,
        "grype" => {
            r#"{"descriptor": {"name": "grype", "version": "1", "db": {"status": {"built": "2026-11-01T00:00:00Z"}}}, "matches": [], "source": {"type": "directory"}}"#
        }
        "modelaudit" => {
            r#"{"has_errors": false, "success": true, "files_scanned": 1, "assets": [{"path": "config.json"}], "issues": []}"#
        }
        "modelscan" => {
            r#"{"summary": {"total_issues": 0, "modelscan_version": "1", "timestamp": "2026-11-01T00:00:00", "scanned": {"total_scanned": 1, "scanned_files": ["config.json"]}}, "issues": [], "errors": []}"#
        }
        "osv-scanner" => r#"{"results": [{"packages": [{"package": {"name": "jinja2", "version": "3.0.0"}}]}]}"#,
        "picklescan" => {
            "----------- SCAN SUMMARY -----------\nScanned files: 1\nInfected files: 0\nDangerous globals: 0"
        }
        "pip-audit" => r#"{"dependencies": [{"name": "jinja2", "version": "3.0.0", "vulns": []}], "fixes": []}"#,
        "trivy" => {
            r#"{"SchemaVersion": 2, "CreatedAt": "2026-11-01T00:00:00Z", "Results": [{"Target": "uv.lock", "Class": "lang-pkgs", "Packages": [{"Name": "a"}]}]}"#
        }
        _ => panic!("{tool}"),
    }
}

/// Runs a script where a tool ends with a status, after it wrote a report that looks clean.
fn run_with_tool(place: &Workplace, script: &str, tool: &str, status: i32) -> Output {
    let fake = format!(
        "#!/bin/sh\nto=/dev/stdout\nwhile [ $# -gt 0 ]; do case $1 in report) to=report;; esac; shift; done\ncat > $to <<'END'\n{}\nEND\nexit {status}\n",
        clean(tool)
    );
    place.write(&format!("bin/{tool}"), fake);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(place.path(&format!("bin/{tool}")), executable).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_assaymark")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", place.path("bin").display(), binary.display());
    let mut shell = Command::new("/bin/bash");
    shell.args(["-c", script]).current_dir(place.folder()).env_clear().env("PATH", path).output().unwrap()
}

/// A run that failed leaves a report that looks clean: what the page says attests nothing then, of any scanner.
#[test]
fn a_failed_run_of_a_scanner_is_not_attested() {
    let place = release();
    let page = fs::read_to_string(repository("docs/ci.md")).unwrap();
    let script = page.split("```bash\n").find(|block| block.contains("osv-scanner scan")).unwrap();
    let script = script.split("```").next().unwrap().replace("trust.toml", "gate.toml");
    fs::copy(place.path("r.intoto.jsonl"), place.path("digits-1.0.0.intoto.jsonl")).unwrap();
    let before = place.read("digits-1.0.0.intoto.jsonl");
    let scanners = scanners(&page);
    let tools: Vec<_> = scanners.iter().map(|scanner| scanner.tool.as_str()).collect();
    let all = ["fickling", "grype", "modelaudit", "modelscan", "osv-scanner", "picklescan", "pip-audit", "trivy"];
    assert_eq!(tools, all, "every tool whose reports are read, but for SARIF");
    let line = script.lines().find(|line| line.starts_with("scan \"")).unwrap();
    assert!(
        scanners.iter().any(|scanner| line.ends_with(&scanner.call)),
        "the call of the script is that of the table"
    );
    for Scanner { tool, statuses, call } in scanners {
        let words: Vec<_> = statuses.iter().map(i32::to_string).collect();
        let of_tool = script.replace(line, &format!("scan \"{}\" report {call}", words.join(" ")));
        let of_tool = of_tool.replace("--report osv-scanner=osv.json", &format!("--report {tool}=report"));
        for status in [0, 1, 2, 3, 4, 127, 128, 129, 130] {
            place.write("digits-1.0.0.intoto.jsonl", &before);
            // The report of the day before.
            place.write("report", clean(&tool));
            let ran = run_with_tool(&place, &of_tool, &tool, status);
            let said = String::from_utf8_lossy(&ran.stderr);
            let attested = statuses.contains(&status);
            assert_eq!(ran.status.code(), Some(if attested { 0 } else { status }), "{tool}, {status}: {said}");
            assert_eq!(place.read("digits-1.0.0.intoto.jsonl") != before, attested, "{tool}, {status}: {said}");
            assert_eq!(place.path("report").exists(), attested, "{tool}, {status}");
        }
        // It ends as if it had found something, and wrote nothing.
        place.write("digits-1.0.0.intoto.jsonl", &before);
        place.write("report", clean(&tool));
        let silent = of_tool.replace(&call, "false");
        let ran = run_with_tool(&place, &silent, &tool, 0);
        assert_ne!(ran.status.code(), Some(0), "{tool}");
        assert_eq!(place.read("digits-1.0.0.intoto.jsonl"), before, "{tool}");
    }
}

#[test]
fn the_gates_let_the_release_pass_and_stop_a_changed_one() {
    let place = release();
    let (mut gates, written) = (blocks("yaml"), ["assaymark.sarif", "summary.md", "assaymark.xml", "assaymark.json"]);
    gates.retain(|(heading, _)| heading != "Kubernetes");
    gates.extend(blocks("groovy"));
    let names: Vec<_> = gates.iter().map(|(heading, _)| heading.as_str()).collect();
    assert_eq!(names, ["GitHub Actions", "GitLab CI", "Jenkins"]);
    for changed in [false, true] {
        if changed {
            place.write("dist/model/config.json", "{}");
        }
        for (heading, block) in &gates {
            let ran = run_shell(&place, &shell(block));
            let said = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(i32::from(changed)), "{heading}: {said}");
        }
        for name in written {
            assert!(!place.read(name).is_empty(), "{name}");
            fs::remove_file(place.path(name)).unwrap();
        }
    }
}

#[test]
fn the_init_container_hands_over_what_it_verified() {
    let place = release();
    let (_, block) = blocks("yaml").into_iter().find(|(heading, _)| heading == "Kubernetes").unwrap();
    let lines = block.lines().map(str::trim).skip_while(|line| *line != "args:").skip(1);
    let words = lines.map_while(|line| line.strip_prefix("- "));
    let root = place.folder().to_str().unwrap().to_owned();
    let here = |word: &str| match word.split_once("=/") {
        Some((flag, path)) => format!("{flag}={root}/{path}"),
        None if word.starts_with('/') => format!("{root}{word}"),
        None => word.to_owned(),
    };
    let words: Vec<_> = words.map(here).collect();
    let ran = command(place.folder()).args(&words).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(place.names("verified/model"), place.names("release/model"));
    fs::remove_dir_all(place.path("verified/model")).unwrap();
    place.write("release/model/config.json", "{}");
    assert_eq!(command(place.folder()).args(&words).output().unwrap().status.code(), Some(1));
    assert!(!place.path("verified/model").exists());
}

#[test]
fn the_files_of_the_gates_are_yaml() {
    let Some(python) = tool("python3") else { return };
    let known = Command::new(&python).args(["-c", "import yaml"]).output().unwrap().status.success();
    if !known {
        eprintln!("NOTICE: PyYAML is not installed, so the YAML of docs/ci.md was not read");
        return;
    }
    for (heading, block) in blocks("yaml") {
        let script = "import sys, yaml; assert isinstance(yaml.safe_load(sys.argv[1]), dict)";
        let ran = Command::new(&python).args(["-c", script, &block]).output().unwrap();
        assert!(ran.status.success(), "{heading}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}
