//! Faults of disk and process: the files of before or those of after, never between.
//!
//! `.ci/faults` injects them; here a sample of its calls. `docs/reliability.md` has the figures of all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Workplace, command, repository};

/// Runs `.ci/faults` on a tool, or says why it can't be run.
fn faults(tool: &Path, more: &[&str]) -> Option<Output> {
    let mut command = Command::new("python3");
    let output = command.arg(repository(".ci/faults")).arg("--tool").arg(tool).args(more).output();
    let notice = match &output {
        Err(error) => format!("NOTICE: python3 can't be run ({error}), so no fault was injected"),
        Ok(output) if output.status.code() == Some(77) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(_) => return output.ok(),
    };
    eprintln!("{notice}");
    None
}

#[test]
fn a_sample_of_faults_leaves_the_old_files_or_the_new_ones() {
    let Some(output) = faults(Path::new(env!("CARGO_BIN_EXE_assaymark")), &["--sample", "2"]) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(" 0 failures"), "{said}");
}

/// A tool that writes its bundle in place is caught: the sweep can fail.
#[test]
fn writing_in_place_is_found() {
    let place = Workplace::new();
    let script = format!(
        "#!/bin/sh\n\"{}\" \"$@\" || exit\nif [ -e r.intoto.jsonl ]; then cat r.intoto.jsonl > .assaymark-x && cat .assaymark-x > r.intoto.jsonl && rm .assaymark-x; fi\n",
        env!("CARGO_BIN_EXE_assaymark")
    );
    place.write("careless", script);
    fs::set_permissions(place.path("careless"), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(output) = faults(&place.path("careless"), &["--sample", "3", "--only", "create"]) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("is neither old nor new"), "{said}");
}

#[test]
fn a_device_is_no_place_for_an_output() {
    let place = Workplace::new();
    for arguments in ["--output /dev/full", "--output r.intoto.jsonl --bom /dev/full"] {
        let ran = place.run(&format!("bundle create release.toml --key release.key --force {arguments}")).exits(2);
        assert!(ran.stderr.contains("`/dev/full` is not a regular file"), "{}", ran.stderr);
    }
    assert!(!place.path("r.intoto.jsonl").exists() && !place.path("r.train.sha256").exists());
}

/// Where standard output gets the product, nobody has it if the pipe is closed.
#[test]
fn a_product_that_nobody_took_is_no_success() {
    let place = Workplace::new();
    place.create();
    for (arguments, expected) in [
        ("bundle create release.toml --key release.key --output -", 3),
        ("bundle inspect r.intoto.jsonl --predicate bom", 3),
        ("bundle inspect r.intoto.jsonl --line 1", 3),
        ("bundle inspect r.intoto.jsonl --payload seal --output -", 3),
        ("bundle inspect r.intoto.jsonl", 0),
        ("bundle verify r.intoto.jsonl --trust release.pub --model model", 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = command(place.folder()).args(arguments.split(' ')).stdout(writer).status().unwrap();
        assert_eq!(status.code(), Some(expected), "{arguments}");
    }
}

#[test]
fn a_full_standard_output_is_no_success() {
    let place = Workplace::new();
    place.create();
    for arguments in [
        "bundle create release.toml --key release.key --output -",
        "bundle create release.toml --key release.key --output s.intoto.jsonl",
        "bundle verify r.intoto.jsonl --trust release.pub --model model --copy-to copy",
        "bundle inspect r.intoto.jsonl",
        "key generate --no-password --output new.key",
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = command(place.folder());
        let status = command.args(arguments.split(' ')).stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(3), "{arguments}");
    }
    assert_eq!(place.read("s.intoto.jsonl"), place.read("r.intoto.jsonl"));
    assert_eq!(place.names("copy"), place.names("model"));
}
