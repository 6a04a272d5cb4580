//! `assaymark key generate`

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::error::CliError;
use crate::cli::paths::Paths;
use crate::cli::ui::Ui;
use crate::cli::{exit, password};
use crate::files::{self, Access, Existing, Staged};
use crate::key::{Algorithm, Password, SigningKey};

const EXAMPLES: &str = "\
Examples:
  Make release.key, encrypted, and release.pub:
    assaymark key generate --output release.key

  Make a key whose model signatures model_signing can read:
    assaymark key generate --algorithm ecdsa-p256 --output release.key

  Make a key in a script, its password in a file:
    assaymark key generate --password-file password.txt --output release.key";

/// Make a key pair.
///
/// The private key is PKCS#8 in PEM, encrypted unless `--no-password` is given, for its owner alone. The
/// public key is written beside it, with the suffix `.pub`. OpenSSL reads both. Nothing is overwritten.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct GenerateArguments {
    /// Where to write the private key.
    #[arg(short, long, value_name = "FILE", default_value = "assaymark.key")]
    output: PathBuf,
    /// The algorithm. OpenSSF model signatures are ECDSA only.
    #[arg(long, value_enum, default_value_t = AlgorithmArgument::Ed25519)]
    algorithm: AlgorithmArgument,
    /// The file that has the password on its first line; else ASSAYMARK_KEY_PASSWORD, else it is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "no_password")]
    password_file: Option<PathBuf>,
    /// Write the private key unencrypted.
    #[arg(long)]
    no_password: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum AlgorithmArgument {
    Ed25519,
    EcdsaP256,
}

impl GenerateArguments {
    pub(super) fn run(self, ui: &Ui) -> Result<u8, CliError> {
        Paths::default().written([self.output.as_path()]).check()?;
        let public_path = public_path(&self.output)?;
        for path in [&self.output, &public_path] {
            if fs::symlink_metadata(path).is_ok() {
                let error = CliError::usage(format!("`{}` already exists", path.display()));
                return Err(error.with_hint("keys are never overwritten; choose another path with `--output`"));
            }
        }
        let password = if self.no_password { None } else { Some(self.password()?) };
        let algorithm = match self.algorithm {
            AlgorithmArgument::Ed25519 => Algorithm::Ed25519,
            AlgorithmArgument::EcdsaP256 => Algorithm::EcdsaP256,
        };
        let key = SigningKey::generate(algorithm)?;
        let private = key.to_pem(password.as_ref())?;
        let public = key.public().to_pem();
        let private = Staged::with(&self.output, Existing::Keep, Access::Private, private.as_bytes())?;
        let public = Staged::with(&public_path, Existing::Keep, Access::Public, public.as_bytes())?;
        // Without its private half the public key is of no use to anybody, the other way round it can be made again.
        files::commit_all(vec![private, public])?;
        let how = if password.is_some() { "encrypted" } else { "NOT encrypted" };
        ui.status("Wrote", &format!("`{}`, the private key, {how}: keep it secret", self.output.display()));
        ui.status("Wrote", &format!("`{}`, the public key: give it to those who verify", public_path.display()));
        if algorithm == Algorithm::Ed25519 {
            ui.hint("model_signing reads ECDSA only; for it, make a key with `--algorithm ecdsa-p256`");
        }
        ui.result(&format!("{}  {}\n", key.public().key_id(), public_path.display()));
        Ok(exit::DONE)
    }

    fn password(&self) -> Result<Password, CliError> {
        let given = password::given(self.password_file.as_deref())?;
        let password = match given {
            Some(password) => password,
            None => asked_twice()?,
        };
        if password.is_empty() {
            return Err(CliError::usage("the password is empty").with_hint("choose one, or say `--no-password`"));
        }
        Ok(password)
    }
}

fn asked_twice() -> Result<Password, CliError> {
    let no_terminal = || {
        CliError::usage("there is no password, and no terminal to ask for one")
            .with_hint("give `--password-file FILE`, set ASSAYMARK_KEY_PASSWORD, or say `--no-password`")
    };
    let first = password::ask("Password for the new key: ").ok_or_else(no_terminal)?;
    let second = password::ask("The same again: ").ok_or_else(no_terminal)?;
    if first == second { Ok(first) } else { Err(CliError::usage("the two passwords differ")) }
}

fn public_path(private: &Path) -> Result<PathBuf, CliError> {
    let public = private.with_extension("pub");
    if public == private || private.file_name().is_none() {
        let error = CliError::usage(format!("`{}` can't be the name of a private key", private.display()));
        return Err(error.with_hint("the public key is written beside it with the suffix `.pub`"));
    }
    Ok(public)
}
