//! Ranges of versions, as events on the line of all versions.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::osv::Answer;
use crate::osv::version::Version;

/// A range.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Range {
    kind: Kind,
    events: Vec<Event>,
}

/// A range as it is written. The schema demands an event `introduced`: without one it would be a range in which nothing is.
#[derive(Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: Kind,
    events: Vec<Event>,
}

impl TryFrom<Written> for Range {
    type Error = &'static str;

    fn try_from(Written { kind, events }: Written) -> Result<Self, Self::Error> {
        let begins = events.iter().any(|event| matches!(event, Event::Introduced(_)));
        if begins { Ok(Self { kind, events }) } else { Err("a range has no event `introduced`") }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    Ecosystem,
    /// Commits, which packages do not name.
    Git,
    Semver,
}

/// Something that happened at a version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Members")]
enum Event {
    Fixed(String),
    Introduced(String),
    LastAffected(String),
    Limit(String),
}

/// An event as it is written: an object with one member.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Members {
    fixed: Option<String>,
    introduced: Option<String>,
    last_affected: Option<String>,
    limit: Option<String>,
}

impl TryFrom<Members> for Event {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        match (members.fixed, members.introduced, members.last_affected, members.limit) {
            (Some(version), None, None, None) => Ok(Self::Fixed(version)),
            (None, Some(version), None, None) => Ok(Self::Introduced(version)),
            (None, None, Some(version), None) => Ok(Self::LastAffected(version)),
            (None, None, None, Some(version)) => Ok(Self::Limit(version)),
            _ => Err("an event has exactly one of `introduced`, `fixed`, `last_affected`, `limit`"),
        }
    }
}

impl Event {
    fn version(&self) -> &str {
        match self {
            Self::Fixed(version) | Self::Introduced(version) | Self::LastAffected(version) | Self::Limit(version) => {
                version
            }
        }
    }

    /// The start of all versions, and the end.
    fn is_boundless(&self) -> bool {
        matches!((self, self.version()), (Self::Introduced(_), "0") | (Self::Limit(_), "*"))
    }
}

impl Range {
    /// Says whether a version is in it ("Evaluation" in the specification).
    pub(super) fn answer(&self, version: &Version) -> Answer {
        if self.kind == Kind::Git {
            return Answer::No;
        }
        match self.has(version) {
            Some(true) => Answer::Yes,
            Some(false) => Answer::No,
            None => Answer::Undecided,
        }
    }

    fn has(&self, version: &Version) -> Option<bool> {
        let compare = |other: &str| match self.kind {
            Kind::Semver if !version.is_semantic() => version.compare_semantic(other),
            _ => version.compare(other),
        };
        let place =
            |event: &Event| if event.is_boundless() { Some(Ordering::Greater) } else { compare(event.version()) };
        let places = self.events.iter().map(|event| Some((event, place(event)?))).collect::<Option<Vec<_>>>()?;
        let mut limits = places.iter().filter(|(event, _)| matches!(event, Event::Limit(_))).peekable();
        let within =
            limits.peek().is_none() || limits.any(|(event, place)| event.is_boundless() || *place == Ordering::Less);
        Some(within && self.is_affected(&places, version))
    }

    /// Looks at the last event that is not after the version. Where there are several, it is affected.
    fn is_affected(&self, places: &[(&Event, Ordering)], version: &Version) -> bool {
        let reached = places.iter().filter(|(event, place)| match event {
            Event::Introduced(_) | Event::Fixed(_) => place.is_ge(),
            Event::LastAffected(_) => place.is_gt(),
            Event::Limit(_) => false,
        });
        let latest =
            reached.max_by(|(one, _), (other, _)| self.order(one, other, version).then(rank(one).cmp(&rank(other))));
        latest.is_some_and(|(event, _)| matches!(event, Event::Introduced(_)))
    }

    /// Compares the versions of two events.
    fn order(&self, one: &Event, other: &Event, like: &Version) -> Ordering {
        match (one.is_boundless(), other.is_boundless()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => {
                let one = like.with(one.version());
                let semantic = self.kind == Kind::Semver && !like.is_semantic();
                let order = if semantic { one.compare_semantic(other.version()) } else { one.compare(other.version()) };
                order.unwrap_or(Ordering::Equal)
            }
        }
    }
}

/// What wins at one version: that it is introduced.
fn rank(event: &Event) -> u8 {
    u8::from(matches!(event, Event::Introduced(_)))
}
