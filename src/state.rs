//! What a gate has seen: the newest seal of each release, policies, withdrawals. Older ones are a rollback.
//!
//! A file that can't be read in full is an error and never a fresh start.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::fault::{Blame, Fault};
use crate::files::{self, Access, Existing, FolderLock, LockError, ReadError, Staged, WriteError};
use crate::json::{self, JsonError};
use crate::limits;
use crate::name::Name;
use crate::text;

pub use version::{compare, is_same};

mod version;

/// The version of this format.
const SCHEMA: &str = "https://assaymark.dev/schemas/state/v1";

/// What a gate has seen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct State {
    /// The version of this format.
    schema: String,
    /// The newest of each release that passed, by its name.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, SeenRelease>"))]
    pub releases: BTreeMap<Name, SeenRelease>,
    /// The newest version of each policy that was applied, by its name.
    pub policies: BTreeMap<String, SeenPolicy>,
    /// The newest withdrawal.
    pub withdrawals: Option<SeenWithdrawals>,
}

/// A release that passed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenRelease {
    /// Its version.
    #[cfg_attr(test, schemars(with = "String"))]
    pub version: Name,
    /// The sequence of its newest seal.
    pub sequence: u64,
    /// The SHA-256 of the payload of that seal.
    #[cfg_attr(test, schemars(with = "String"))]
    pub seal: Digest,
    /// When its first seal was made, as its signer says.
    #[cfg_attr(test, schemars(with = "String"))]
    pub released_at: DateTime<Utc>,
}

/// A policy that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenPolicy {
    /// Its version.
    pub version: u64,
    /// Its SHA-256.
    #[cfg_attr(test, schemars(with = "String"))]
    pub digest: Digest,
}

/// The newest withdrawal of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenWithdrawals {
    /// Its sequence.
    pub sequence: u64,
    /// The SHA-256 of its payload.
    #[cfg_attr(test, schemars(with = "String"))]
    pub payload: Digest,
}

/// Why a state file can't be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file is damaged, or something else.
    #[error("the state file `{}` can't be understood: {source}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: JsonError,
    },
    /// The file would be larger than what is read.
    #[error("the state file `{}` would be larger than {}, or have more than {} releases", .0.display(), text::bytes(limits::STATE_BYTES as u64), limits::JSON_MEMBERS)]
    Full(PathBuf),
    /// The lock was not had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Fault for StateError {
    fn blame(&self) -> Blame {
        match self {
            Self::Damaged { .. } | Self::Full(_) => Blame::Call,
            Self::Lock(error) => error.blame(),
            Self::Read(error) => error.blame(),
            Self::Write(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Damaged { .. } => Some("restore it from a backup; without it, an old release would pass".to_owned()),
            Self::Full(_) => Some("begin another one for other releases: it is as it was".to_owned()),
            Self::Lock(error) => error.hint(),
            Self::Read(error) => error.hint(),
            Self::Write(error) => error.hint(),
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), releases: BTreeMap::new(), policies: BTreeMap::new(), withdrawals: None }
    }
}

impl State {
    /// Reads a state file; one that is not there yet remembers nothing.
    pub fn load(path: &Path) -> Result<Option<Self>, StateError> {
        let bytes = match files::read_own(path, limits::STATE_BYTES) {
            Err(ReadError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound && path.symlink_metadata().is_err() =>
            {
                return Ok(None);
            }
            read => read?,
        };
        let damaged = |source| StateError::Damaged { path: path.to_owned(), source };
        let state: Self = json::parse(&bytes).map_err(damaged)?;
        if state.schema != SCHEMA {
            return Err(damaged(JsonError::Shape(format!("its schema is not {SCHEMA}"))));
        }
        Ok(Some(state))
    }

    /// Remembers more, under a lock. What others remembered meanwhile is kept: nothing becomes older.
    pub fn remember(path: &Path, seen: impl FnOnce(&mut Self)) -> Result<(), StateError> {
        let _lock = FolderLock::of(path)?;
        let mut state = Self::load(path)?.unwrap_or_default();
        seen(&mut state);
        let mut text = serde_json::to_vec_pretty(&state).map_err(|error| StateError::Damaged {
            path: path.to_owned(),
            source: JsonError::Shape(error.to_string()),
        })?;
        text.push(b'\n');
        // Nobody could read it again.
        if text.len() > limits::STATE_BYTES || json::check(&text).is_err() {
            return Err(StateError::Full(path.to_owned()));
        }
        Staged::with(path, Existing::Replace, Access::Public, &text)?.commit()?;
        Ok(())
    }

    /// Remembers a release, unless a newer one is remembered.
    pub fn see_release(&mut self, name: &Name, seen: SeenRelease) {
        match self.releases.get(name) {
            Some(kept) if kept.is_newer_than(&seen) || kept.is_spelled_differently(&seen) => {}
            _ => drop(self.releases.insert(name.clone(), seen)),
        }
    }

    /// Remembers a policy, unless a newer one is remembered.
    pub fn see_policy(&mut self, name: &str, seen: SeenPolicy) {
        match self.policies.get(name) {
            Some(kept) if kept.version > seen.version => {}
            _ => drop(self.policies.insert(name.to_owned(), seen)),
        }
    }

    /// Remembers a list of withdrawals, unless a longer one is remembered.
    pub fn see_withdrawals(&mut self, seen: SeenWithdrawals) {
        match &self.withdrawals {
            Some(kept) if kept.sequence > seen.sequence => {}
            _ => self.withdrawals = Some(seen),
        }
    }
}

impl SeenRelease {
    /// Says whether this is newer: a later seal of one version, or a later version.
    ///
    /// Versions of numbers are compared as such; others by the time of their first seals, which nobody can
    /// change in a release that is replayed.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        if self.version == other.version {
            return self.sequence > other.sequence;
        }
        match compare(self.version.as_str(), other.version.as_str()) {
            Some(order) => order.is_gt(),
            None => self.released_at > other.released_at,
        }
    }

    /// Says whether this is another spelling of one version, as `1.0` and `1.0.0`: which of the two releases is meant,
    /// nobody can tell.
    pub fn is_spelled_differently(&self, other: &Self) -> bool {
        self.version != other.version
            && compare(self.version.as_str(), other.version.as_str()).is_some_and(Ordering::is_eq)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<State>("schemas/state.schema.json");
    }

    fn seen(version: &str, sequence: u64, day: u32) -> SeenRelease {
        SeenRelease {
            version: version.parse().unwrap(),
            sequence,
            seal: Digest::of(version.as_bytes()),
            released_at: format!("2026-01-{day:02}T00:00:00Z").parse().unwrap(),
        }
    }

    #[test]
    fn what_is_remembered_is_read_back_and_never_becomes_older() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert!(State::load(&path).unwrap().is_none());
        let name: Name = "sentiment".parse().unwrap();
        for (next, kept) in [
            (seen("1.2.0", 2, 2), seen("1.2.0", 2, 2)),
            (seen("1.2.0", 1, 2), seen("1.2.0", 2, 2)),
            (seen("1.10.0", 1, 1), seen("1.10.0", 1, 1)),
            (seen("1.9.0", 5, 9), seen("1.10.0", 1, 1)),
            (seen("1.10", 5, 9), seen("1.10.0", 1, 1)),
            (seen("v01.10.0", 5, 9), seen("1.10.0", 1, 1)),
            (seen("may", 1, 3), seen("may", 1, 3)),
            (seen("april", 1, 2), seen("may", 1, 3)),
        ] {
            State::remember(&path, |state| state.see_release(&name, next)).unwrap();
            assert_eq!(State::load(&path).unwrap().unwrap().releases[&name], kept);
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let good = serde_json::to_string(&State::default()).unwrap();
        for text in
            ["", "{}", "null", &good[..good.len() - 1], &good.replace("v1", "v2"), &good.replace("releases", "x")]
        {
            fs::write(&path, text).unwrap();
            assert_eq!(State::load(&path).unwrap_err().blame(), Blame::Call, "{text}");
            assert!(State::remember(&path, |_| {}).is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn nothing_is_remembered_that_could_not_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let policy = |number: usize| (format!("p{number}"), SeenPolicy { version: 1, digest: Digest::of(b"") });
        State::remember(&path, |state| state.policies.extend((0..limits::JSON_MEMBERS).map(policy))).unwrap();
        let text = fs::read(&path).unwrap();
        let more = |state: &mut State| state.policies.extend([policy(limits::JSON_MEMBERS)]);
        assert!(matches!(State::remember(&path, more), Err(StateError::Full(_))));
        assert_eq!(fs::read(&path).unwrap(), text);
        assert!(State::load(&path).unwrap().is_some());
    }

    #[test]
    fn policies_and_withdrawals_never_become_older() {
        let mut state = State::default();
        let policy = |version| SeenPolicy { version, digest: Digest::of(b"") };
        let list = |sequence| SeenWithdrawals { sequence, payload: Digest::of(b"") };
        for version in [2, 1] {
            state.see_policy("production", policy(version));
            state.see_withdrawals(list(version));
        }
        assert_eq!((&state.policies["production"], state.withdrawals), (&policy(2), Some(list(2))));
    }
}
