//! What a call reads and what it writes: two things that must not be one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::cli::error::CliError;
use crate::release::{DatasetSource, ReleaseSpec};
use crate::{files, limits};

/// The paths of a call.
#[derive(Default)]
pub(super) struct Paths<'a> {
    /// Files that are read whole, where `-` is standard input.
    read: Vec<&'a Path>,
    /// Files and folders that are hashed.
    hashed: Vec<&'a Path>,
    /// Files that are read without being named, for they lie beside one that is.
    beside: Vec<PathBuf>,
    /// Files that are written, or replaced.
    written: Vec<&'a Path>,
}

impl<'a> Paths<'a> {
    /// Adds files that are read whole.
    pub(super) fn read(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.read.extend(paths);
        self
    }

    /// Adds files and folders that are hashed.
    pub(super) fn hashed(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.hashed.extend(paths);
        self
    }

    /// Adds what a release is made of.
    pub(super) fn of_release(self, spec: &'a ReleaseSpec) -> Self {
        let environment = spec.environment.lock_files.iter().chain(&spec.environment.sboms);
        let named = environment.chain(&spec.training.energy.emissions).map(PathBuf::as_path);
        let bases = spec.model.base.iter().filter_map(|base| base.bundle.as_deref());
        let datasets = spec.datasets.iter().filter_map(|dataset| match &dataset.source {
            DatasetSource::Path(path) => Some(path.as_path()),
            DatasetSource::Declared(_) => None,
        });
        self.read(named).read(bases).hashed([spec.model.path.as_path(), spec.code.as_path()]).hashed(datasets)
    }

    /// Adds files that lie beside those that are named.
    pub(super) fn beside(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.beside.extend(paths);
        self
    }

    /// Adds what configuration files name in turn: keys, authorities with their lists and the trusted root of a trust file,
    /// the modules of a policy.
    pub(super) fn naming(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.beside.extend(paths.into_iter().flat_map(named_by));
        self
    }

    /// Adds files that are written.
    pub(super) fn written(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.written.extend(paths);
        self
    }

    /// Refuses an output that is an input or another output, and two inputs that are standard input.
    pub(super) fn check(&self) -> Result<(), CliError> {
        if self.read.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(CliError::usage("standard input can't be two inputs")
                .with_hint("give one of them as a file: `-` stands for standard input once"));
        }
        for (index, output) in self.written.iter().enumerate() {
            let shown = output.display();
            if self.written.iter().skip(index + 1).any(|other| is_same(output, other)) {
                return Err(CliError::usage(format!("`{shown}` is named for two outputs")));
            }
            let beside = self.beside.iter().map(PathBuf::as_path);
            let mut inputs = self.read.iter().chain(&self.hashed).copied().chain(beside);
            if let Some(input) = inputs.find(|input| is_same(output, input)) {
                let message = format!("the output `{shown}` would replace the input `{}`", input.display());
                return Err(CliError::usage(message).with_hint("write it somewhere else"));
            }
        }
        Ok(())
    }
}

/// Returns the files that a configuration file names. What can't be read here is refused where it is read for good.
fn named_by(path: &Path) -> Vec<PathBuf> {
    let text = (path.as_os_str() != "-").then(|| files::read_text(path, limits::CONFIGURATION_BYTES).ok()).flatten();
    let mut named = Vec::new();
    if let Some(table) = text.and_then(|text| text.parse::<toml::Table>().ok()) {
        named_in(&toml::Value::Table(table), &mut named);
    }
    named.into_iter().map(|one| files::folder(path).join(one)).collect()
}

/// The keys whose values are files, one or several.
const NAMING: [&str; 5] = ["certificate", "file", "path", "revocation-lists", "trusted-root"];

fn named_in(value: &toml::Value, named: &mut Vec<String>) {
    match value {
        toml::Value::Array(items) => items.iter().for_each(|item| named_in(item, named)),
        toml::Value::Table(table) => {
            for (key, value) in table {
                let files = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                if NAMING.contains(&key.as_str()) {
                    named.extend(files.iter().filter_map(toml::Value::as_str).map(str::to_owned));
                }
                named_in(value, named);
            }
        }
        _ => {}
    }
}

/// Says whether two paths lead to one file, however they are written and linked.
fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    match (identity(one), identity(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => resolved(one).is_some_and(|one| resolved(other) == Some(one)),
        _ => false,
    }
}

/// Resolves the folder of a file that need not exist.
fn resolved(path: &Path) -> Option<PathBuf> {
    Some(files::folder(path).canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_one_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("a"), "a").unwrap();
        fs::write(at("b"), "a").unwrap();
        fs::hard_link(at("a"), at("hard")).unwrap();
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        for same in ["a", "./a", "sub/../a", "hard", "soft"] {
            assert!(is_same(&at("a"), &at(same)), "{same}");
        }
        assert!(is_same(&at("new"), &at("sub/../new")));
        for other in ["b", "new", "sub"] {
            assert!(!is_same(&at("a"), &at(other)), "{other}");
        }
        assert!(!is_same(&at("new"), &at("sub/new")));
    }

    #[test]
    fn what_configuration_names_is_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.pub", "root.json", "night.rego", "own.pem", "a.crl", "b.crl", "free"] {
            fs::write(at(name), "x").unwrap();
        }
        let trust = "[[attester]]\nname = 'free'\n[[attester.key]]\npath = 'a.pub'\n[sigstore]\ntrusted-root = 'root.json'\n\
             [[authority]]\nname = 'own'\ncertificate = 'own.pem'\nrevocation-lists = ['a.crl', 'b.crl']";
        fs::write(at("trust.toml"), trust).unwrap();
        fs::write(at("policy.toml"), "[[stage]]\nname = 'x'\n[[stage.condition]]\nfile = './night.rego'").unwrap();
        let (trust, policy, none) = (at("trust.toml"), at("policy.toml"), at("absent"));
        let written = |name: &str| {
            let output = at(name);
            let paths = Paths::default().naming([trust.as_path(), &policy, &none, Path::new("-")]);
            paths.written([output.as_path()]).check().is_ok()
        };
        assert!(written("free") && written("new"));
        for name in ["a.pub", "root.json", "night.rego", "own.pem", "a.crl", "b.crl"] {
            assert!(!written(name), "{name}");
        }
    }

    #[test]
    fn standard_input_is_read_once() {
        let dash = Path::new("-");
        assert!(Paths::default().read([dash, Path::new("x")]).hashed([dash]).check().is_ok());
        assert!(Paths::default().read([dash, dash]).check().is_err());
    }
}
