//! What is written down about a file while it is scanned, bounded whatever the file does.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::limits;
use crate::path::TreePath;
use crate::scan::{Format, Observation, Rating, Reason};
use crate::text::Text;
use crate::weights::FormatError;

/// Something outside the built-in list that the user allowed, and that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AllowedUse {
    /// What is named, as in `package.module.name`.
    pub name: Text,
    /// Why the user allows it.
    pub reason: Text,
}

/// The notes of one file.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What the file is.
    pub format: Format,
    observations: Vec<Observation>,
    omitted: usize,
    worst: Rating,
    failed: bool,
    allowed: BTreeMap<Text, Text>,
    raw: Vec<TreePath>,
    /// A loader would open the file under its own name, so that it is not only the data of another.
    pub(super) opens_itself: bool,
}

/// Why a check ended before the end of the file.
#[derive(Debug)]
pub enum Stop {
    /// The file can't be read.
    Io(io::Error),
    /// The content breaks the rules of its format; where and how.
    Malformed(u64, String),
    /// The file is larger, deeper or more laborious than a scan bears; what is too much.
    Limit(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Sources know their length: what ends early is content that promises more than there is.
            io::ErrorKind::UnexpectedEof => Self::Malformed(0, "the file ends too early".to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Malformed(0, error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<FormatError> for Stop {
    fn from(error: FormatError) -> Self {
        match error {
            FormatError::Read(error) => error.into(),
            FormatError::Malformed { offset, message } => Self::Malformed(offset, message),
            unread @ (FormatError::Unsupported(_) | FormatError::Limit { .. }) => Self::Limit(unread.to_string()),
            FormatError::Text(message) => Self::Malformed(0, message),
        }
    }
}

impl Sheet {
    /// Writes down an objection. The first ones are kept, the others counted.
    pub fn report(&mut self, observation: Observation) {
        self.worst = self.worst.max(observation.rating);
        if self.observations.len() < limits::SCAN_OBSERVATIONS {
            self.observations.push(observation);
        } else {
            self.omitted += 1;
        }
    }

    /// Writes down that the user allowed what the file names.
    pub fn allow(&mut self, name: Text, reason: Text) {
        if self.allowed.len() < limits::SCAN_OBSERVATIONS {
            self.allowed.insert(name, reason);
        }
    }

    /// Writes down that another file of the tree is raw data of this one, such as external tensors.
    pub fn raw_data(&mut self, path: TreePath) {
        if self.raw.len() < limits::SCAN_RAW_FILES {
            self.raw.push(path);
        }
    }

    /// Writes down why a check ended early.
    pub fn stop(&mut self, stop: Stop) {
        let (reason, offset, summary) = match stop {
            Stop::Io(error) => {
                self.failed = true;
                (Reason::Unreadable, None, format!("can't be read: {error}"))
            }
            Stop::Malformed(offset, summary) => (Reason::Malformed, Some(offset), summary),
            Stop::Limit(summary) => (Reason::OverLimit, None, summary),
        };
        let mut observation = Observation::new(reason, Rating::Unknown, summary);
        observation.position.offset = offset;
        self.report(observation);
    }

    /// Takes over what was seen in a member of an archive.
    pub fn merge(&mut self, member: &str, inner: Self) {
        for mut observation in inner.observations {
            observation.position.inside.insert(0, member.into());
            self.report(observation);
        }
        self.omitted += inner.omitted;
        self.worst = self.worst.max(inner.worst);
        self.failed |= inner.failed;
        for (name, reason) in inner.allowed {
            self.allow(name, reason);
        }
    }

    /// Forgets that the content is of no known format, if nothing else was seen.
    pub(super) fn forget_unknown(&mut self) {
        let nothing_else = self.observations.iter().all(|seen| seen.reason == Reason::UnknownFormat);
        if nothing_else && self.omitted == 0 {
            self.observations.clear();
            self.worst = Rating::Inert;
        }
    }

    /// Returns the worst that was seen so far.
    pub fn worst(&self) -> Rating {
        self.worst
    }

    /// Returns what was objected to so far, as far as it was kept.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    pub(super) fn finish(self, path: &str, size: u64) -> FileScan {
        let allowed = self.allowed.into_iter().map(|(name, reason)| AllowedUse { name, reason });
        FileScan {
            path: path.into(),
            size,
            format: self.format,
            rating: self.worst.max(self.format.best()),
            observations: self.observations,
            omitted: self.omitted,
            allowed: allowed.collect(),
            failed: self.failed,
            raw: self.raw,
            opens_itself: self.opens_itself,
        }
    }
}

/// What a scan says about one file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileScan {
    /// The file, inside the tree that was scanned.
    pub path: Text,
    /// Its size in bytes.
    pub size: u64,
    /// What it is.
    pub format: Format,
    /// What the scan makes of it.
    pub rating: Rating,
    /// What it objects to.
    pub observations: Vec<Observation>,
    /// How many more objections there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub omitted: usize,
    /// What the user allowed and the file names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<AllowedUse>,
    /// The machine kept the file from being read: nothing was decided.
    #[serde(skip)]
    pub failed: bool,
    #[serde(skip)]
    pub(super) raw: Vec<TreePath>,
    #[serde(skip)]
    pub(super) opens_itself: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rating: Rating) -> Observation {
        Observation::new(Reason::Malformed, rating, "x")
    }

    #[test]
    fn the_worst_counts_and_notes_are_bounded() {
        let mut sheet = Sheet { format: Format::Text, ..Sheet::default() };
        for _ in 0..limits::SCAN_OBSERVATIONS {
            sheet.report(seen(Rating::Unknown));
        }
        sheet.report(seen(Rating::Malicious));
        let scan = sheet.finish("a", 1);
        assert_eq!(scan.rating, Rating::Malicious);
        assert_eq!((scan.observations.len(), scan.omitted), (limits::SCAN_OBSERVATIONS, 1));
    }

    #[test]
    fn what_is_not_known_never_passes() {
        assert_eq!(Sheet::default().finish("a", 1).rating, Rating::Unknown);
    }

    #[test]
    fn members_keep_their_way() {
        let (mut outer, mut middle, mut inner) = (Sheet::default(), Sheet::default(), Sheet::default());
        inner.report(seen(Rating::Suspicious));
        middle.merge("b", inner);
        outer.merge("a", middle);
        let position = &outer.observations()[0].position;
        assert_eq!(position.inside, [Text::from("a"), Text::from("b")]);
        assert_eq!(outer.worst(), Rating::Suspicious);
    }
}
