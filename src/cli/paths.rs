//! What a call reads and what it writes: two things that must not be one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::cli::earlier;
use crate::cli::error::CliError;
use crate::cli::format::{Form, Output};
use crate::files;
use crate::release::{DatasetSource, ReleaseSpec};

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
    /// Those of them that are reports.
    reports: Vec<&'a Path>,
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
        // Of the code, what git does not track is no input: see `create::check_outputs`.
        let code = spec.code.as_path();
        self.read(named).read(bases).read([code]).hashed([spec.model.path.as_path()]).hashed(datasets)
    }

    /// Adds files that lie beside those that are named.
    pub(super) fn beside(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.beside.extend(paths);
        self
    }

    /// Adds files that are written.
    pub(super) fn written(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.written.extend(paths);
        self
    }

    /// Adds reports that are written.
    pub(super) fn reports<F: Form>(mut self, outputs: &'a [Output<F>]) -> Self {
        self.reports.extend(outputs.iter().filter_map(Output::file));
        let reports = self.reports.clone();
        self.written(reports)
    }

    /// Refuses an output that is an input or another output, and two inputs that are standard input. From here on the
    /// outputs are watched: what the call reads besides is not replaced either.
    pub(super) fn check(&self) -> Result<(), CliError> {
        self.written.iter().try_for_each(|path| check_name(path))?;
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
            let within = || self.hashed.iter().copied().find(|hashed| is_within(output, hashed));
            if let Some(input) = inputs.find(|input| is_same(output, input)).or_else(within) {
                return Err(would_replace(output, input));
            }
        }
        files::watch(self.written.iter().copied());
        earlier::note(self.reports.iter().copied());
        Ok(())
    }

    /// Does so for all outputs, as [`check_read`].
    pub(super) fn check_read(&self) -> Result<(), CliError> {
        check_read(self.written.iter().copied())
    }
}

/// Refuses an output of files alone that is named like standard output.
pub(super) fn check_name(output: &Path) -> Result<(), CliError> {
    if output.as_os_str() != "-" {
        return Ok(());
    }
    Err(CliError::usage("`-` is standard output, where this output can't go")
        .with_hint("give it a path; what has that very name is `./-`"))
}

/// Refuses an output that was read meanwhile, whoever named it: before anything takes long.
pub(super) fn check_read<'p>(written: impl IntoIterator<Item = &'p Path>) -> Result<(), CliError> {
    let read = written.into_iter().find_map(|output| Some((output, files::read_from(output)?)));
    read.map_or(Ok(()), |(output, input)| Err(would_replace(output, &input)))
}

fn would_replace(output: &Path, input: &Path) -> CliError {
    let message = format!("the output `{}` would replace the input `{}`", output.display(), input.display());
    CliError::usage(message).with_hint("write it somewhere else")
}

/// Says whether an output that is there lies in a folder that is hashed: then it is one of its files.
fn is_within(output: &Path, hashed: &Path) -> bool {
    let resolved = |path: &Path| fs::canonicalize(path).ok();
    hashed.is_dir() && resolved(output).zip(resolved(hashed)).is_some_and(|(output, folder)| output.starts_with(folder))
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
    fn a_file_of_a_folder_that_is_hashed_is_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("tree/sub")).unwrap();
        fs::write(at("tree/sub/a"), "a").unwrap();
        fs::write(at("b"), "b").unwrap();
        let fits =
            |name: &str| Paths::default().hashed([at("tree").as_path()]).written([at(name).as_path()]).check().is_ok();
        assert!(!fits("tree/sub/a") && !fits("tree/../tree/sub/a"));
        assert!(fits("b") && fits("tree/new"));
    }

    #[test]
    fn no_file_is_named_like_standard_output() {
        let written = |name: &str| Paths::default().written([Path::new(name)]).check();
        assert!(written("-").is_err_and(|error| error.message.contains("standard output")));
        assert!(written("./-").is_ok());
    }

    #[test]
    fn standard_input_is_read_once() {
        let dash = Path::new("-");
        assert!(Paths::default().read([dash, Path::new("x")]).hashed([dash]).check().is_ok());
        assert!(Paths::default().read([dash, dash]).check().is_err());
    }
}
