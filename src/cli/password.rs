//! Passwords: from a file, from the environment, or asked for. Never from a flag.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::environment::{self, COSIGN_PASSWORD, PASSWORD};
use crate::cli::error::CliError;
use crate::cli::ui::Ui;
use crate::files;
use crate::key::{Password, SigningKey};
use crate::limits;

/// Reads a private key, asking for its password if it is encrypted.
pub(super) fn read_key(ui: &Ui, path: &Path, password_file: Option<&Path>) -> Result<SigningKey, CliError> {
    let text = Zeroizing::new(files::read_text(path, limits::CONFIGURATION_BYTES)?);
    let prompt = format!("Password of `{}`: ", path.display());
    // cosign's own variable counts for cosign's keys, where nothing of ours is given.
    let of_cosign = SigningKey::is_of_cosign(&text);
    let cosign = || environment::variable(COSIGN_PASSWORD).filter(|_| of_cosign).map(Zeroizing::new);
    let password = || Ok(given(password_file)?.or_else(cosign).or_else(|| ask(&prompt)));
    let key: Result<_, CliError> = SigningKey::from_pem(&text, password);
    let key = key.map_err(|error| error.about(path))?;
    if !text.contains("ENCRYPTED") {
        warn_of_readers(ui, path);
    }
    Ok(key)
}

/// Warns where others can read a private key that no password protects.
fn warn_of_readers(ui: &Ui, path: &Path) {
    let mode = path.metadata().map(|metadata| metadata.permissions().mode() & 0o777).unwrap_or_default();
    if mode & 0o077 != 0 {
        let path = path.display();
        ui.warning(&format!("the private key `{path}` is not encrypted, and others can read it (mode {mode:04o})"));
        ui.hint(&format!("chmod 600 {path}"));
    }
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
