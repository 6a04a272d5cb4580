//! Values of flags that more than one subcommand has.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::cli::error::CliError;
use crate::intoto::predicate::seal::Release;
use crate::name::Name;
use crate::path::TreePath;

/// A dataset and where it is.
#[derive(Clone, Debug)]
pub(super) struct NamedPath {
    pub(super) name: Name,
    pub(super) path: PathBuf,
}

/// Reads `NAME=PATH`.
pub(super) fn named_path(text: &str) -> Result<NamedPath, String> {
    let (name, path) = text.split_once('=').ok_or("expected NAME=PATH")?;
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    Ok(NamedPath { name: name.parse().map_err(|fault| format!("`{name}`: {fault}"))?, path: path.into() })
}

/// Checks that no dataset is given twice.
pub(super) fn check_distinct(datasets: &[NamedPath]) -> Result<(), CliError> {
    let mut names: Vec<_> = datasets.iter().map(|dataset| &dataset.name).collect();
    names.sort_unstable();
    match names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
        Some((twice, _)) => Err(CliError::usage(format!("the dataset `{twice}` is given twice"))),
        None => Ok(()),
    }
}

/// Reads `NAME@VERSION`.
pub(super) fn release(text: &str) -> Result<Release, String> {
    match demanded_release(text)? {
        (name, Some(version)) => Ok(Release { name, version }),
        (_, None) => Err("expected NAME@VERSION".to_owned()),
    }
}

/// Reads `NAME` or `NAME@VERSION`.
pub(super) fn demanded_release(text: &str) -> Result<(Name, Option<Name>), String> {
    let name = |text: &str| text.parse::<Name>().map_err(|fault| format!("`{text}`: {fault}"));
    match text.split_once('@') {
        Some((release, version)) => Ok((name(release)?, Some(name(version)?))),
        None => Ok((name(text)?, None)),
    }
}

/// Reads a path inside a tree.
pub(super) fn tree_path(text: &str) -> Result<TreePath, String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    TreePath::new(path).map_err(|fault| format!("not a path inside the folder: {fault}"))
}

/// Reads a point in time.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc()).map_err(|_| "expected a time such as 2026-01-01T00:00:00Z".to_owned())
}
