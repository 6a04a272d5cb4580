//! Failures: what the machine kept us from checking. They decide nothing, and they never pass.

use serde::Serialize;

use crate::finding::Place;
use crate::text::Text;

/// Something that was to be checked and could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What was to be checked.
    pub place: Place,
    /// What happened.
    pub summary: Text,
}

impl Failure {
    /// Reports what happened while `place` was to be checked.
    pub fn new(place: Place, summary: impl Into<Text>) -> Self {
        Self { place, summary: summary.into() }
    }
}
