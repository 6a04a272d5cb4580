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

/// A run that failed leaves a report that looks clean: what the page says attests nothing then.
#[test]
fn a_failed_run_of_osv_scanner_is_not_attested() {
    let place = release();
    let page = fs::read_to_string(repository("docs/ci.md")).unwrap();
    let script = page.split("```bash\n").find(|block| block.contains("osv-scanner scan")).unwrap();
    let script = script.split("```").next().unwrap().replace("trust.toml", "gate.toml");
    fs::copy(place.path("r.intoto.jsonl"), place.path("digits-1.0.0.intoto.jsonl")).unwrap();
    let clean = r#"{"results": [{"packages": [{"package": {"name": "jinja2", "version": "3.0.0"}}]}]}"#;
    let before = place.read("digits-1.0.0.intoto.jsonl");
    for (status, attested) in [(0, true), (1, true), (127, false), (128, false)] {
        place.write("digits-1.0.0.intoto.jsonl", &before);
        place.write("bin/osv-scanner", format!("#!/bin/sh\necho '{clean}'\nexit {status}\n"));
        fs::set_permissions(place.path("bin/osv-scanner"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_assaymark")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", place.path("bin").display(), binary.display());
        let mut shell = Command::new("/bin/bash");
        let ran =
            shell.args(["-c", &script]).current_dir(place.folder()).env_clear().env("PATH", path).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(if attested { 0 } else { status }), "{status}: {said}");
        assert_eq!(place.read("digits-1.0.0.intoto.jsonl") != before, attested, "{status}: {said}");
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
