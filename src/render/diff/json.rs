//! The same for programs. `schemas/diff.schema.json` is made from these types; fields are only added.

use serde::Serialize;

use crate::diff::tensors::{Counts, TensorChange, TensorComparison, Verdict};
use crate::diff::{Change, Comparison, Counting, Head, LineHead, Section};

/// The version of this format.
const SCHEMA: &str = "https://assaymark.dev/schemas/diff/v1";

/// What is different between two release bundles.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DiffJson {
    /// Whether no signature was checked: then this is what the bundles say.
    unverified: bool,
    /// The version of this format.
    schema: &'static str,
    /// Whether both say the same.
    same: bool,
    /// The trust file whose attesters signed what is compared.
    trust: Option<String>,
    old: HeadJson,
    new: HeadJson,
    /// What is different, by topic.
    sections: Vec<SectionJson>,
    /// The weights, tensor by tensor, where the tensors of both are known.
    tensors: Option<TensorsJson>,
    /// What could not be compared.
    notes: Vec<String>,
}

/// One of two bundles.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HeadJson {
    path: String,
    /// The SHA-256 of the file.
    sha256: Option<String>,
    /// The release that the newest seal names.
    release: Option<String>,
    lines: Vec<LineJson>,
}

/// A line of one of two bundles.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LineJson {
    line: usize,
    /// The type, if the line can be read.
    kind: Option<String>,
    /// Whether the line was compared.
    compared: bool,
    /// The attester who signed it, if that was verified.
    attester: Option<String>,
    /// The id of the key, if that was verified.
    key_id: Option<String>,
    /// Why the line was not compared.
    refused: Option<String>,
}

/// The differences of one topic.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SectionJson {
    topic: &'static str,
    /// The dataset whose files are compared.
    dataset: Option<String>,
    changes: Vec<ChangeJson>,
}

/// One difference.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ChangeJson {
    /// `added`, `changed`, `removed` or `renamed`.
    change: &'static str,
    name: String,
    /// The new name of what was renamed.
    to: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

/// The weights, tensor by tensor.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TensorsJson {
    /// `different`, `none`, `same`, `other-header` (same weights, other header) or `unknown`.
    verdict: &'static str,
    /// Where the old tensors are known from.
    old_source: String,
    /// Where the new tensors are known from.
    new_source: String,
    counts: CountsJson,
    /// The groups in which something is different.
    groups: Vec<GroupJson>,
    /// Files that both models have with other bytes and the same tensors.
    other_headers: Vec<String>,
    /// Files whose tensors are not known.
    unread: Vec<UnreadJson>,
}

/// How many tensors there are of each sort.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CountsJson {
    same: usize,
    changed: usize,
    retyped: usize,
    added: usize,
    removed: usize,
    renamed: usize,
}

/// The tensors of a layer, or of another part of a model.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GroupJson {
    name: String,
    counts: CountsJson,
    changes: Vec<TensorJson>,
}

/// A tensor that is different.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TensorJson {
    /// `added`, `changed`, `removed`, `renamed` or `retyped`.
    change: &'static str,
    name: String,
    /// The new name of what was renamed.
    to: Option<String>,
    /// The SHA-256 of the old bytes where the bytes changed, else the old type and shape.
    old: Option<String>,
    /// The same of the new tensor.
    new: Option<String>,
    /// Whether what was retyped has the same bytes.
    same_bytes: Option<bool>,
}

/// A file whose tensors are not known.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnreadJson {
    /// `old` or `new`, and the path.
    file: String,
    reason: String,
}

/// Writes a comparison as JSON.
pub fn json(comparison: &Comparison) -> serde_json::Result<String> {
    let page = DiffJson {
        unverified: comparison.trust.is_none(),
        schema: SCHEMA,
        same: comparison.is_same(),
        trust: comparison.trust.as_ref().map(|trust| trust.raw().to_owned()),
        old: HeadJson::of(&comparison.old),
        new: HeadJson::of(&comparison.new),
        sections: comparison.sections.iter().map(SectionJson::of).collect(),
        tensors: comparison.tensors.as_ref().map(TensorsJson::of),
        notes: comparison.notes.iter().map(|note| note.raw().to_owned()).collect(),
    };
    Ok(serde_json::to_string_pretty(&page)? + "\n")
}

impl HeadJson {
    fn of(head: &Head) -> Self {
        Self {
            path: head.path.raw().to_owned(),
            sha256: head.digest.map(|digest| digest.to_string()),
            release: head.release.as_ref().map(|release| release.raw().to_owned()),
            lines: head.lines.iter().map(LineJson::of).collect(),
        }
    }
}

impl LineJson {
    fn of(head: &LineHead) -> Self {
        let kind = head.kind.as_ref().map(|kind| kind.raw().to_owned());
        let line = Self { line: head.number, kind, compared: true, attester: None, key_id: None, refused: None };
        match &head.counting {
            Counting::Unverified => line,
            Counting::SignedBy { attester, key_id } => {
                Self { attester: Some(attester.raw().to_owned()), key_id: Some(key_id.clone()), ..line }
            }
            Counting::Refused(reason) => Self { compared: false, refused: Some(reason.raw().to_owned()), ..line },
        }
    }
}

impl SectionJson {
    fn of(section: &Section) -> Self {
        Self {
            topic: section.topic,
            dataset: section.dataset.as_ref().map(ToString::to_string),
            changes: section.changes.iter().map(ChangeJson::of).collect(),
        }
    }
}

impl ChangeJson {
    fn of(change: &Change) -> Self {
        let owned = |text: &crate::text::Text| Some(text.raw().to_owned());
        let (change, name, to, old, new) = match change {
            Change::Added { name, new } => ("added", name, None, None, owned(new)),
            Change::Changed { name, old, new } => ("changed", name, None, owned(old), owned(new)),
            Change::Removed { name, old } => ("removed", name, None, owned(old), None),
            Change::Renamed { name, to, value } => ("renamed", name, owned(to), owned(value), owned(value)),
        };
        Self { change, name: name.raw().to_owned(), to, old, new }
    }
}

impl TensorsJson {
    fn of(tensors: &TensorComparison) -> Self {
        let [old, new] = &tensors.sources;
        Self {
            verdict: match tensors.verdict {
                Verdict::Different => "different",
                Verdict::None => "none",
                Verdict::Same => "same",
                Verdict::OtherHeader => "other-header",
                Verdict::Unknown => "unknown",
            },
            old_source: old.raw().to_owned(),
            new_source: new.raw().to_owned(),
            counts: CountsJson::of(&tensors.counts),
            groups: tensors
                .groups
                .iter()
                .map(|group| GroupJson {
                    name: group.name.raw().to_owned(),
                    counts: CountsJson::of(&group.counts),
                    changes: group.changes.iter().map(TensorJson::of).collect(),
                })
                .collect(),
            other_headers: tensors.other_headers.iter().map(|file| file.raw().to_owned()).collect(),
            unread: tensors
                .unread
                .iter()
                .map(|(file, reason)| UnreadJson { file: file.raw().to_owned(), reason: reason.raw().to_owned() })
                .collect(),
        }
    }
}

impl CountsJson {
    fn of(counts: &Counts) -> Self {
        let Counts { same, changed, retyped, added, removed, renamed } = *counts;
        Self { same, changed, retyped, added, removed, renamed }
    }
}

impl TensorJson {
    fn of(change: &TensorChange) -> Self {
        let owned = |text: &crate::text::Text| Some(text.raw().to_owned());
        let of = |change, name: &crate::text::Text| Self {
            change,
            name: name.raw().to_owned(),
            to: None,
            old: None,
            new: None,
            same_bytes: None,
        };
        match change {
            TensorChange::Added { name, new } => Self { new: owned(new), ..of("added", name) },
            TensorChange::Changed { name, old, new } => {
                Self { old: Some(old.to_string()), new: Some(new.to_string()), ..of("changed", name) }
            }
            TensorChange::Removed { name, old } => Self { old: owned(old), ..of("removed", name) },
            TensorChange::Renamed { name, to } => Self { to: owned(to), ..of("renamed", name) },
            TensorChange::Retyped { name, old, new, same_bytes } => {
                Self { old: owned(old), new: owned(new), same_bytes: Some(*same_bytes), ..of("retyped", name) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<DiffJson>("schemas/diff.schema.json");
    }
}
