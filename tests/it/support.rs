//! Running the binary, and places to run it in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The time of every release that tests make: 2026-01-01T00:00:00Z.
pub const EPOCH: &str = "1767225600";

/// Returns a path of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What came of running the binary.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the JSON on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    /// Fails unless the status is the expected one.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Prepares the binary without anything of the environment of the tests.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assaymark"));
    command.current_dir(folder).env_clear().env("SOURCE_DATE_EPOCH", EPOCH).stdin(Stdio::null());
    command
}

/// Runs the binary in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    Ran::of(command(folder).args(arguments).output().unwrap())
}

/// Runs the binary with some bytes on standard input.
pub fn run_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = command(folder);
    let mut child =
        child.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The binary may refuse before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    Ran::of(child.wait_with_output().unwrap())
}

/// A folder with a copy of the demo, and keys to sign it with.
pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    /// Makes one with a copy of `testdata/oms`, whose model takes the place of the demo's.
    pub fn of_oms() -> Self {
        let place = Self::new();
        fs::remove_dir_all(place.path("model")).unwrap();
        copy(&repository("testdata/oms"), place.folder());
        place
    }

    /// Copies the demo.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&repository("testdata/demo"), folder.path());
        for entry in fs::read_dir(repository("testdata/vectors/keys")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() && entry.file_name() != "README.md" {
                fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
            }
        }
        // Who makes a bundle scans the model as well.
        let gate = fs::read_to_string(folder.path().join("gate.toml")).unwrap();
        let gate = gate.replacen(r#"["builder", "releaser"]"#, r#"["builder", "releaser", "scanner"]"#, 1);
        fs::write(folder.path().join("gate.toml"), gate).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the binary here; arguments are separated by spaces.
    pub fn run(&self, arguments: &str) -> Ran {
        run(self.folder(), &arguments.split(' ').collect::<Vec<_>>())
    }

    /// Makes the release bundle `r.intoto.jsonl`.
    pub fn create(&self) -> &Self {
        self.run("bundle create release.toml --key release.key --output r.intoto.jsonl").exits(0);
        self
    }

    /// Verifies `r.intoto.jsonl` with more arguments, and returns the report.
    pub fn verify(&self, more: &str) -> Ran {
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        self.run(&format!("bundle verify r.intoto.jsonl --trust release.pub --model model --format json{more}"))
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// Returns the names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Returns the codes of a report with a severity, sorted and without repetition.
pub fn codes(report: &Value, severity: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let of = findings.iter().filter(|finding| finding["severity"] == severity);
    let mut codes: Vec<_> = of.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}
