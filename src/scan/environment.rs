//! Environments that a model asks for: recorded releases of Jupyter, MLflow and Ray that have known faults.

use crate::limits;
use crate::path::TreePath;
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, yaml};
use crate::source::{ReadAt, exactly};

/// Files that record an environment, by name.
const NAMES: &[&str] = &[
    "conda.yaml",
    "conda.yml",
    "environment.yaml",
    "environment.yml",
    "mlmodel",
    "pipfile",
    "poetry.lock",
    "pyproject.toml",
    "python_env.yaml",
    "uv.lock",
];

/// Requirements, conda environments, lock files, MLflow's description of a model.
pub(super) struct Environment;

impl Check for Environment {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let listed = ["txt", "in"].contains(&head.extension().as_str());
        let name = head.name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let requirements = name.contains("requirements") && listed;
        let named = requirements || NAMES.contains(&name.as_str());
        (named && !head.bytes.is_empty() && Text.detect(head).is_some()).then_some(Format::Environment)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if source.len() > limits::SCAN_TEXT_BYTES {
            let limit = crate::text::bytes(limits::SCAN_TEXT_BYTES);
            return Err(Stop::Limit(format!("an environment of more than {limit}")));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        let text = String::from_utf8_lossy(&bytes);
        judge(&text, sheet);
        let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let description = name == "mlmodel";
        if description {
            model(&text, sheet);
        }
        let is_yaml = name.rsplit_once('.').is_some_and(|(_, extension)| ["yaml", "yml"].contains(&extension));
        if description || is_yaml { yaml::judge(&text, sheet) } else { Ok(()) }
    }
}

/// Looks for what MLflow's description of a model asks its loader to import.
fn model(text: &str, sheet: &mut Sheet) {
    yaml::values(text, &["loader_module", "code"], &mut |offset, key, value| {
        let harmless = match key {
            "code" => ["", "null", "~"].contains(&value.as_str()),
            _ => value.starts_with("mlflow."),
        };
        if !harmless {
            let summary = "names code that a loader imports";
            sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary).at(offset).called(value));
        }
    });
}

fn judge(text: &str, sheet: &mut Sheet) {
    let mut offset = 0;
    let mut package = String::new();
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(" = ")
            && let Some(value) = quoted(value)
        {
            // `name = "…"`, then `version = "…"`, as in lock files.
            match key.trim() {
                "name" => package = normalised(value),
                "version" => compare(&package, value, offset, sheet),
                _ => {}
            }
        } else if let Some((name, version)) = pinned(line) {
            compare(&name, version, offset, sheet);
        }
        offset += line.len() as u64;
    }
}

fn quoted(value: &str) -> Option<&str> {
    value.trim().strip_prefix('"')?.split('"').next()
}

/// Returns name and release of a requirement that names exactly one.
fn pinned(line: &str) -> Option<(String, &str)> {
    let line = line.trim().trim_start_matches("- ").trim_start_matches(['"', '\'']).split(['#', ';']).next()?;
    if let Some(version) = line.strip_prefix("mlflow_version:") {
        return Some(("mlflow".to_owned(), version.trim().trim_matches(['"', '\''])));
    }
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))?;
    let (name, rest) = line.split_at_checked(end)?;
    let rest = rest.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']')?.1.trim_start() } else { rest };
    let version = rest.strip_prefix('=')?.trim_start_matches('=').trim();
    let end = version.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(version.len());
    version.get(..end).filter(|version| !version.is_empty()).map(|version| (normalised(name), version))
}

/// Names of packages are compared as PyPI compares them (PEP 503).
fn normalised(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['_', '.'], "-")
}

fn compare(package: &str, version: &str, offset: u64, sheet: &mut Sheet) {
    let lines = include_str!("data/vulnerable.txt").lines().filter(|line| !line.starts_with('#'));
    for fault in lines.filter_map(Fault::of).filter(|fault| fault.package == package) {
        let found = release(version);
        if found >= release(fault.from) && found < release(fault.below) {
            let Fault { identifier, effect, below, .. } = fault;
            let summary = format!("{package} {version} has {identifier}, which {effect}; {below} has not");
            let seen = Observation::new(Reason::VulnerableVersion, Rating::Suspicious, summary);
            sheet.report(seen.at(offset).called(format!("{package}=={version}")));
        }
    }
}

struct Fault<'l> {
    package: &'l str,
    from: &'l str,
    below: &'l str,
    identifier: &'l str,
    effect: &'l str,
}

impl<'l> Fault<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let mut words = line.splitn(5, ' ');
        let mut word = || words.next();
        Some(Self { package: word()?, from: word()?, below: word()?, identifier: word()?, effect: word()? })
    }
}

/// A release as numbers, and whether it is a final one: `2.0rc1` comes before `2.0`.
fn release(version: &str) -> ([u64; 4], bool) {
    let mut numbers = [0; 4];
    let mut before = false;
    for (number, part) in numbers.iter_mut().zip(version.split('.')) {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        *number = part.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or_default();
        let rest = part.get(digits..).unwrap_or_default();
        before |= ["a", "b", "rc", "dev"].iter().any(|mark| rest.starts_with(mark));
    }
    (numbers, !before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    fn called(name: &str, text: &str) -> Vec<String> {
        let scan = scan(name, text.as_bytes());
        assert_eq!(scan.format, Format::Environment, "{name}");
        let mut called: Vec<String> =
            scan.observations.iter().filter_map(|seen| Some(seen.called.as_ref()?.raw().to_owned())).collect();
        called.dedup();
        called
    }

    #[test]
    fn a_description_of_mlflow_may_name_code() {
        let loader = |module: &str, code: &str| {
            let text = format!("flavors:\n  python_function:\n    loader_module: {module}\n    code: {code}\n");
            scan("MLmodel", text.as_bytes()).rating
        };
        assert_eq!(loader("mlflow.sklearn", "null"), Rating::Inert);
        assert_eq!(loader("ours", "null"), Rating::Suspicious);
        assert_eq!(loader("mlflow.pyfunc.model", "code"), Rating::Suspicious);
        assert_eq!(scan("MLmodel", b"{\"loader_modul\\x65\": ours}").rating, Rating::Suspicious);
    }

    #[test]
    fn releases_with_faults_are_found_in_every_notation() {
        for (name, text, expected) in [
            ("requirements.txt", "torch==2.1.0\nmlflow==2.2.0\n", "mlflow==2.2.0"),
            ("sub/requirements-dev.txt", "ray[default] == 2.7.1 ; python_version > '3'", "ray==2.7.1"),
            (
                "conda.yaml",
                "dependencies:\n- python=3.11\n- pip:\n  - Jupyter_Server===2.13.0\n",
                "jupyter-server==2.13.0",
            ),
            ("environment.yml", "dependencies:\n  - jupyterlab=4.2.0=pyhd8ed1ab_0\n", "jupyterlab==4.2.0"),
            ("MLmodel", "flavors:\nmlflow_version: 2.1.1\n", "mlflow==2.1.1"),
            ("uv.lock", "[[package]]\nname = \"ray\"\nversion = \"2.8.0\"\n", "ray==2.8.0"),
            ("requirements.txt", "mlflow==2.10.0rc0", "mlflow==2.10.0rc0"),
        ] {
            assert_eq!(called(name, text), [expected], "{name}");
        }
    }

    #[test]
    fn other_releases_and_ranges_are_inert() {
        for text in [
            "mlflow==2.10.0",
            "ray>=2.0",
            "ray",
            "notebook==6.5.0",
            "jupyterlab==4.2.5",
            "# mlflow==1.0",
            "xmlflow==1.0",
        ] {
            assert_eq!(called("requirements.txt", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn every_line_of_the_list_is_whole() {
        let lines: Vec<&str> =
            include_str!("data/vulnerable.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().all(|line| Fault::of(line).is_some_and(|fault| {
            fault.identifier.starts_with("CVE-") && release(fault.from) < release(fault.below)
        })));
    }
}
