//! What a verdict rests on besides the release: withdrawals, and what was seen before.

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::evidence::Withdrawals;
use crate::intoto::predicate::Seal;
use crate::state::{SeenRelease, State};
use crate::text::Text;
use crate::verify::WithdrawalList;

/// A list of withdrawals as a file.
#[derive(Clone, Debug)]
pub struct ListScope {
    /// Its SHA-256.
    pub digest: Option<Digest>,
}

/// What was remembered of the release at hand.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Nothing, or the newest that passed.
    pub release: Option<SeenRelease>,
}

impl Remembered {
    pub(super) fn of(state: &State, seal: Option<&Seal>) -> Self {
        Self { release: seal.and_then(|seal| state.releases.get(&seal.release.name)).cloned() }
    }

    /// Says it in words.
    pub fn text(&self) -> Text {
        self.release.as_ref().map_or_else(
            || "nothing of this release".into(),
            |kept| format!("{}, seal {}", kept.version, kept.sequence).into(),
        )
    }
}

/// A list of withdrawals that was looked at.
#[derive(Clone, Debug)]
pub struct WithdrawalScope {
    /// The file.
    pub source: Text,
    /// Its SHA-256.
    pub digest: Option<Digest>,
    /// How many withdrawals it has.
    pub sequence: u64,
    /// When the newest was made, as its signer says.
    pub newest: DateTime<Utc>,
}

impl WithdrawalScope {
    pub(in crate::verify) fn of(list: &WithdrawalList, withdrawals: &Withdrawals<'_>) -> Option<Self> {
        let (_, newest) = withdrawals.newest()?;
        Some(Self {
            source: list.source.to_string_lossy().into_owned().into(),
            digest: withdrawals.digest(),
            sequence: newest.sequence,
            newest: newest.withdrawn_at,
        })
    }
}
