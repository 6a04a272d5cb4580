//! Passwords: from a file, from the environment, or asked for. Never from a flag.

use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::environment::{self, PASSWORD};
use crate::cli::error::CliError;
use crate::files;
use crate::key::{Password, SigningKey};
use crate::limits;

/// Reads a private key, asking for its password if it is encrypted.
pub(super) fn read_key(path: &Path, password_file: Option<&Path>) -> Result<SigningKey, CliError> {
    let text = Zeroizing::new(files::read_text(path, limits::CONFIGURATION_BYTES)?);
    let prompt = format!("Password of `{}`: ", path.display());
    let key: Result<_, CliError> = SigningKey::from_pem(&text, || Ok(given(password_file)?.or_else(|| ask(&prompt))));
    key.map_err(|error| error.about(path))
}

/// Returns the password that a file or the environment gives.
pub(super) fn given(file: Option<&Path>) -> Result<Option<Password>, CliError> {
    let Some(file) = file else { return Ok(environment::variable(PASSWORD).map(Zeroizing::new)) };
    let text = Zeroizing::new(files::read_text(file, limits::CONFIGURATION_BYTES)?);
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() {
        return Err(CliError::usage(format!("`{}` has no password on its first line", file.display())));
    }
    Ok(Some(Zeroizing::new(first.to_owned())))
}

/// Asks on the terminal; without one there is no answer.
pub(super) fn ask(prompt: &str) -> Option<Password> {
    rpassword::prompt_password(prompt).ok().map(Zeroizing::new)
}
