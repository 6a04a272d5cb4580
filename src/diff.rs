//! What two release bundles say differently.
//!
//! Nothing is judged. Without a trust root every line is compared that can be read, and nothing was verified; under
//! one, only those lines are that its attesters signed in their roles. One file a topic.

use crate::digest::Digest;
use crate::name::Name;
use crate::text::Text;

pub use error::DiffError;
pub use side::{Counting, Side};
pub use tensors::{TensorComparison, Weights};
pub use values::Values;

mod base_models;
mod bom;
mod code;
mod datasets;
mod error;
mod evidence;
mod files;
mod licenses;
mod metrics;
mod packages;
mod parameters;
mod release;
mod side;
mod signers;
mod statements;
pub mod tensors;
mod values;

/// How a topic is read.
type Read = fn(&Side) -> Values;

/// What is compared, in the order in which it is told: its name, and how it is read.
const TOPICS: [(&str, Read); 10] = [
    ("release", release::values),
    ("datasets", datasets::values),
    ("packages", packages::values),
    ("licences", licenses::values),
    ("base models", base_models::values),
    ("code", code::values),
    ("parameters", parameters::values),
    ("evidence", evidence::values),
    ("metrics", metrics::values),
    ("signers", signers::values),
];

/// What is different between two release bundles.
#[derive(Debug)]
pub struct Comparison {
    /// What was compared with.
    pub old: Head,
    /// What was compared.
    pub new: Head,
    /// Where the trust came from, if lines were verified.
    pub trust: Option<Text>,
    /// What is different; never an empty section.
    pub sections: Vec<Section>,
    /// The weights, tensor by tensor, where the tensors of both are known.
    pub tensors: Option<TensorComparison>,
    /// What could not be compared, in words.
    pub notes: Vec<Text>,
}

/// One of two bundles.
#[derive(Debug)]
pub struct Head {
    /// Its path.
    pub path: Text,
    /// The SHA-256 of the file.
    pub digest: Option<Digest>,
    /// The release that the newest seal names.
    pub release: Option<Text>,
    /// Its lines.
    pub lines: Vec<LineHead>,
}

/// A line of one of two bundles.
#[derive(Clone, Debug)]
pub struct LineHead {
    /// Its number, from 1.
    pub number: usize,
    /// What type it is of, if it can be read.
    pub kind: Option<Text>,
    /// Whether it was compared, and who signed it or why it does not count.
    pub counting: Counting,
}

/// The differences of one topic.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// The topic.
    pub topic: &'static str,
    /// The dataset that it is about, where it is about the files of one.
    pub dataset: Option<Name>,
    /// What is different.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The old bundle has nothing of the name.
    Added {
        /// What it is.
        name: Text,
        /// What the new bundle says of it.
        new: Text,
    },
    /// Both have it, and say different things of it.
    Changed {
        /// What it is.
        name: Text,
        /// What the old bundle says of it.
        old: Text,
        /// What the new bundle says of it.
        new: Text,
    },
    /// The new bundle has nothing of the name.
    Removed {
        /// What it is.
        name: Text,
        /// What the old bundle says of it.
        old: Text,
    },
    /// The new bundle has the same under another name.
    Renamed {
        /// What it was called.
        name: Text,
        /// What it is called.
        to: Text,
        /// What both say of it.
        value: Text,
    },
}

impl Comparison {
    /// Compares two bundles, and their weights where those of both are known.
    pub fn of(old: &Side, new: &Side, weights: Option<[&Weights; 2]>) -> Self {
        let mut sections = vec![section("files", None, files::compare(old, new))];
        let values = TOPICS.iter().map(|(topic, read)| section(topic, None, values::compare(read(old), read(new))));
        sections.extend(values);
        let mut notes: Vec<Text> = old.notes().chain(new.notes()).cloned().collect();
        for (name, changes) in datasets::file_by_file(old, new, &mut notes) {
            sections.push(section("dataset files", Some(name), changes));
        }
        sections.push(section("bom", None, values::compare(bom::values(old), bom::values(new))));
        sections.retain(|section| !section.changes.is_empty());
        if sections.is_empty() {
            let rest = section("statements", None, values::compare(statements::values(old), statements::values(new)));
            sections.extend(Some(rest).filter(|rest| !rest.changes.is_empty()));
        }
        if weights.is_none() {
            notes.extend(tensors::uncompared(old, new));
        }
        let tensors = weights.map(|[old, new]| TensorComparison::of(old, new));
        Self { old: old.head(), new: new.head(), trust: old.trust().cloned(), sections, tensors, notes }
    }

    /// Says whether both bundles say the same.
    pub fn is_same(&self) -> bool {
        self.sections.is_empty()
    }
}

fn section(topic: &'static str, dataset: Option<Name>, changes: Vec<Change>) -> Section {
    Section { topic, dataset, changes }
}
