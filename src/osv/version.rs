//! Versions, each in the order of its ecosystem.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::osv::Answer;

/// How versions are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// PEP 440.
    Python,
    /// Semantic Versioning 2.0.0.
    Semantic,
    /// In a way that is not known here.
    Unknown,
}

/// A version as it is written, and how it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    order: Order,
    text: String,
}

impl Version {
    pub(super) fn new(order: Order, text: String) -> Self {
        Self { order, text }
    }

    /// Reads another version of the same package.
    pub(super) fn with(&self, text: &str) -> Self {
        Self { order: self.order, text: text.to_owned() }
    }

    /// Compares with another version of the same package, if both can be read.
    pub(super) fn compare(&self, other: &str) -> Option<Ordering> {
        match self.order {
            Order::Python => Some(python(&self.text)?.cmp(&python(other)?)),
            // Metadata of a build do not count.
            Order::Semantic => Some(semantic(&self.text)?.cmp_precedence(&semantic(other)?)),
            Order::Unknown => None,
        }
    }

    /// Compares as [`Self::compare`] does, where ranges are of semantic versions whatever the ecosystem is.
    pub(super) fn compare_semantic(&self, other: &str) -> Option<Ordering> {
        Some(semantic(&self.text)?.cmp_precedence(&semantic(other)?))
    }

    /// Says whether it is a listed version. A build of one's own (`1.0+cu118`) is the version that it was built from.
    pub(super) fn equals(&self, listed: &str) -> bool {
        if self.text == listed {
            return true;
        }
        match self.order {
            Order::Python => python(&self.text).is_some_and(|own| {
                python(listed).is_some_and(|listed| own == listed || own.clone().without_local() == listed)
            }),
            _ => self.compare(listed) == Some(Ordering::Equal),
        }
    }

    /// Says whether it is a version that somebody names, as [`Self::equals`] does; nobody can say where one of the two is none.
    pub(super) fn answer(&self, named: &str) -> Answer {
        if self.equals(named) {
            Answer::Yes
        } else if self.order == Order::Unknown || self.compare(named).is_some() {
            Answer::No
        } else {
            Answer::Undecided
        }
    }

    /// Says whether it can be a version of its ecosystem.
    pub(super) fn is_readable(&self) -> bool {
        self.order == Order::Unknown || self.compare(&self.text).is_some()
    }

    pub(super) fn is_semantic(&self) -> bool {
        self.order == Order::Semantic
    }
}

fn python(text: &str) -> Option<pep440_rs::Version> {
    pep440_rs::Version::from_str(text).ok()
}

fn semantic(text: &str) -> Option<semver::Version> {
    semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}
