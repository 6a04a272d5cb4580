//! What is read from the environment: a fixed list of variables.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;

use chrono::{DateTime, SubsecRound, Utc};

use crate::cli::error::CliError;
use crate::digest::{Digest, Hasher};
use crate::facts::Invocation;
use crate::files::{self, ReadError};

/// The signing key.
pub(super) const KEY: &str = "ASSAYMARK_KEY";
/// The password of a signing key that cosign made.
pub(super) const COSIGN_PASSWORD: &str = "COSIGN_PASSWORD";
/// The password of the signing key.
pub(super) const PASSWORD: &str = "ASSAYMARK_KEY_PASSWORD";
/// The time of a reproducible release, in seconds since 1970 (reproducible-builds.org).
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Returns a variable, if it is set to a text.
pub(super) fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "the edge is the one place that reads the environment")]
    env::var(name).ok()
}

/// Returns the run of the CI system that this is.
pub(super) fn invocation() -> Invocation {
    Invocation::detect(variable)
}

/// Returns the time of a new release: `SOURCE_DATE_EPOCH`, or now.
pub(super) fn release_time() -> Result<DateTime<Utc>, CliError> {
    let Some(text) = variable(SOURCE_DATE_EPOCH) else { return Ok(now()) };
    let seconds = text.parse().ok();
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| CliError::usage(format!("{SOURCE_DATE_EPOCH} is `{text}`, not a number of seconds since 1970")))
}

/// Returns the time of this machine, in whole seconds.
#[allow(clippy::disallowed_methods, reason = "the edge is the one place that reads the clock")]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

/// Returns the SHA-256 of this program.
pub(super) fn program() -> Result<Digest, ReadError> {
    let failed = |path: &Path, source| ReadError::Io { path: path.to_owned(), source };
    let path = env::current_exe().map_err(|source| failed(Path::new("/proc/self/exe"), source))?;
    let mut file = BufReader::with_capacity(1 << 20, files::open(&path)?);
    let mut hasher = Hasher::new();
    while let Some(length) =
        file.fill_buf().map(|chunk| take(&mut hasher, chunk)).map_err(|source| failed(&path, source))?
    {
        file.consume(length);
    }
    Ok(hasher.finish())
}

/// Digests a chunk and returns its length, or nothing at the end.
fn take(hasher: &mut Hasher, chunk: &[u8]) -> Option<usize> {
    hasher.update(chunk);
    (!chunk.is_empty()).then_some(chunk.len())
}
