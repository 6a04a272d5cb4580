//! What `model sign` and `model verify` have in common: the model, its signature, and what is left out.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::error::CliError;
use crate::fault::{self, Blame};
use crate::files;
use crate::oms;
use crate::path::TreePath;

#[derive(Args)]
pub(super) struct ModelArguments {
    /// The model: a file or a folder.
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,
    /// The signature.
    #[arg(long, value_name = "FILE", default_value = "model.sig")]
    pub(super) signature: PathBuf,
    /// A file or folder of the model to leave out, as seen from the working directory; it must be there. May be
    /// repeated.
    #[arg(long, alias = "ignore_paths", value_name = "PATH")]
    ignore_paths: Vec<PathBuf>,
    /// Leave out `.git`, `.gitattributes`, `.github` and `.gitignore` at the top; this is the default.
    #[arg(long, alias = "ignore_git_paths", overrides_with = "no_ignore_git_paths")]
    ignore_git_paths: bool,
    /// Treat those as any other file.
    #[arg(long, aliases = ["no-ignore_git_paths", "no_ignore_git_paths"])]
    no_ignore_git_paths: bool,
    #[arg(long, alias = "allow_symlinks", hide = true)]
    allow_symlinks: bool,
}

impl ModelArguments {
    /// Says whether the git names are left out.
    pub(super) fn ignores_git_names(&self) -> bool {
        !self.no_ignore_git_paths || self.ignore_git_paths
    }

    /// Refuses what `model_signing` offers and no safe tool does.
    pub(super) fn check(&self) -> Result<(), CliError> {
        if self.allow_symlinks {
            return Err(CliError::usage("links are never followed, so there is no `--allow-symlinks`")
                .with_hint("put the files themselves there, for instance with `cp -rL`"));
        }
        if self.model.is_file() && !self.ignore_paths.is_empty() {
            return Err(CliError::usage("`--ignore-paths` is of no use with a single file"));
        }
        Ok(())
    }

    /// Returns what the caller leaves out, as paths inside the model.
    ///
    /// A path that is not there is more likely misspelt than meant, and would be signed as one that anything may
    /// be put at later. What is left out anyway may be named whether it is there or not.
    pub(super) fn ignored(&self) -> Result<Vec<TreePath>, CliError> {
        let paths = self.ignore_paths.iter().map(|path| self.inside(path)).collect::<Result<Vec<_>, _>>()?;
        match paths.iter().find(|path| !self.is_left_out_anyway(path) && self.is_absent(path)) {
            Some(path) => {
                let path = self.model.join(path.as_str());
                let message = format!("`--ignore-paths {}`: the model has no such path", path.display());
                Err(CliError::usage(message).with_hint(CORRECT))
            }
            None => Ok(paths),
        }
    }

    fn is_left_out_anyway(&self, path: &TreePath) -> bool {
        let git = self.ignores_git_names() && oms::IGNORED.contains(&path.as_str());
        git || self.signature_inside().as_ref() == Some(path)
    }

    fn is_absent(&self, path: &TreePath) -> bool {
        let found = std::fs::symlink_metadata(self.model.join(path.as_str()));
        self.model.is_dir() && found.is_err_and(|error| fault::blame_io(&error) == Blame::Call)
    }

    fn inside(&self, path: &Path) -> Result<TreePath, CliError> {
        let shown = path.display();
        let Some(relative) = beneath(&self.model, path) else {
            let error = CliError::usage(format!("`--ignore-paths {shown}`: the model has no such path"));
            let meant = self.model.join(path);
            // What the reference passes over in silence.
            return Err(if path.is_relative() && meant.exists() {
                let meant = meant.display();
                error.with_hint(format!("paths are as seen from the working directory: give `{meant}`"))
            } else {
                error.with_hint(CORRECT)
            });
        };
        TreePath::new(relative.to_str().unwrap_or_default())
            .map_err(|fault| CliError::usage(format!("`{shown}` can't be left out: {fault}")))
    }

    /// Refuses an output inside the model, which would be an unsigned file of it.
    pub(super) fn check_outside(&self, output: &Path) -> Result<(), CliError> {
        if self.model.is_dir() && beneath(&self.model, output).is_some() {
            let message = format!("the output `{}` would lie inside the model", output.display());
            return Err(CliError::usage(message).with_hint("write it somewhere else"));
        }
        Ok(())
    }

    /// Returns where the signature is, if that is inside the model: it can't sign itself.
    pub(super) fn signature_inside(&self) -> Option<TreePath> {
        if !self.model.is_dir() {
            return None;
        }
        TreePath::new(beneath(&self.model, &self.signature)?.to_str()?).ok()
    }
}

const CORRECT: &str = "correct it, or leave it out: `model_signing` says nothing of it";

/// Returns the path of a file, which need not exist, relative to a folder that it is in.
fn beneath(folder: &Path, file: &Path) -> Option<PathBuf> {
    let parent = files::folder(file).canonicalize().ok()?;
    let parent = parent.strip_prefix(folder.canonicalize().ok()?).ok()?.to_owned();
    Some(parent.join(file.file_name()?))
}
