//! What is different between two release bundles, for people.

use std::fmt::Write as _;

use crate::diff::tensors::{Counts, Group, TensorChange, TensorComparison, Verdict};
use crate::diff::{Change, Comparison, Counting, Head, Section};
use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::text;

pub use json::json;
pub use markdown::markdown;

mod json;
mod markdown;

/// What stands in front of a comparison of which nothing was verified.
const UNVERIFIED: &str = "UNVERIFIED: this is what the bundles say; no signature and no file was checked";
/// Differences of one topic that are shown; `--format json` has them all.
const SHOWN: usize = 100;
/// Characters of a digest that are shown of two that differ.
const DIGEST_CHARACTERS: usize = 12;

/// Writes a comparison for people.
pub fn human(comparison: &Comparison) -> String {
    let mut page = match &comparison.trust {
        None => format!("{}\n\n", styled(DOUBTFUL, UNVERIFIED)),
        Some(trust) => {
            format!("compared is what attesters of {} signed; no file was checked\n\n", trust.for_terminal())
        }
    };
    for (word, head) in [("old", &comparison.old), ("new", &comparison.new)] {
        page += &head_page(word, head, comparison.trust.is_some());
    }
    for section in &comparison.sections {
        page += &section_page(section);
    }
    if let Some(tensors) = &comparison.tensors {
        page += &tensors_page(tensors);
    }
    for note in &comparison.notes {
        let _ = writeln!(page, "{}: {}", styled(DOUBTFUL, "note"), note.for_terminal());
    }
    page + &summary(comparison) + "\n"
}

fn head_page(word: &str, head: &Head, verified: bool) -> String {
    let release = head.release.as_ref().map_or_else(|| "no seal".to_owned(), text::Text::for_terminal);
    let mut page = format!("{}  {}, {release}\n", styled(STRONG, word), head.path.for_terminal());
    if !verified {
        return page;
    }
    for line in &head.lines {
        let kind = line.kind.as_ref().map(text::Text::for_terminal).unwrap_or_default();
        let counting = match &line.counting {
            Counting::Unverified => continue,
            Counting::SignedBy { attester, key_id } => {
                format!("authenticated: {}, key {}", attester.for_terminal(), text::for_terminal(key_id))
            }
            Counting::Refused(reason) => format!("{}: {}", styled(BAD, "not compared"), reason.for_terminal()),
        };
        let _ = writeln!(page, "  line {:>3}  {kind:<20}  {counting}", line.number);
    }
    page
}

fn section_page(section: &Section) -> String {
    let mut page = format!("\n{}\n", styled(STRONG, &title(section)));
    for change in section.changes.iter().take(SHOWN) {
        page += &change_line(change);
    }
    if section.changes.len() > SHOWN {
        let _ = writeln!(page, "  ... and {} more", section.changes.len() - SHOWN);
    }
    page
}

/// Names a section.
fn title(section: &Section) -> String {
    match &section.dataset {
        Some(name) => format!("files of the dataset {name}"),
        None => section.topic.to_owned(),
    }
}

fn change_line(change: &Change) -> String {
    let line = match change {
        Change::Added { name, new } => format!("{} {}{}", styled(GOOD, "+"), name.for_terminal(), after(new)),
        Change::Removed { name, old } => format!("{} {}{}", styled(BAD, "-"), name.for_terminal(), after(old)),
        Change::Renamed { name, to, .. } => {
            format!("{} {} -> {}", styled(DOUBTFUL, ">"), name.for_terminal(), to.for_terminal())
        }
        Change::Changed { name, old, new } => {
            let (old, new) = (or_nothing(short(old)), or_nothing(short(new)));
            format!("{} {}: {old} -> {new}", styled(DOUBTFUL, "~"), name.for_terminal())
        }
    };
    format!("  {line}\n")
}

fn after(value: &text::Text) -> String {
    let value = short(value);
    if value.is_empty() { value } else { format!(": {value}") }
}

fn or_nothing(value: String) -> String {
    if value.is_empty() { "nothing".to_owned() } else { value }
}

/// Shows a value; a digest by its first characters.
fn short(value: &text::Text) -> String {
    shorten(&value.for_terminal())
}

/// Shortens each word of a text that is a SHA-256.
fn shorten(shown: &str) -> String {
    let word = |word: &str| {
        let (prefix, hex) = word.rfind(':').map_or(("", word), |colon| word.split_at(colon + 1));
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let kept = hex.get(..DIGEST_CHARACTERS).filter(|_| is_digest);
        kept.map_or_else(|| word.to_owned(), |kept| format!("{prefix}{kept}…"))
    };
    shown.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn tensors_page(tensors: &TensorComparison) -> String {
    let mut page = format!("\n{}\n", styled(STRONG, "tensors"));
    for line in tensor_words(tensors) {
        let _ = writeln!(page, "  {}", line.for_terminal());
    }
    for group in &tensors.groups {
        let _ = writeln!(page, "  {}  {}", styled(STRONG, &group.name.for_terminal()), counts(&group.counts));
        for line in listed(group) {
            let _ = writeln!(page, "    {}", line.for_terminal());
        }
    }
    page
}

/// Says what the comparison of tensors comes to, a line each.
fn tensor_words(tensors: &TensorComparison) -> Vec<text::Text> {
    let [old, new] = &tensors.sources;
    let mut lines = vec![format!("old: {}; new: {}", old.raw(), new.raw()).into()];
    let all = text::count(tensors.counts.same, "tensor");
    lines.push(match tensors.verdict {
        Verdict::Different => counts(&tensors.counts).into(),
        Verdict::None => "neither model has tensors".into(),
        Verdict::Same => format!("same weights: {all}, in the same files").into(),
        Verdict::OtherHeader => format!("same weights, other header: {all} are the same, and the files are not").into(),
        Verdict::Unknown => format!("{all} are the same; those of some files are not known").into(),
    });
    if tensors.verdict == Verdict::Different {
        for file in &tensors.other_headers {
            lines.push(format!("{}: same weights, other header", file.raw()).into());
        }
    }
    for (file, reason) in &tensors.unread {
        lines.push(format!("not known: the tensors of {}: {}", file.raw(), reason.raw()).into());
    }
    lines
}

/// Says how many tensors there are of each sort, where there are any.
fn counts(counts: &Counts) -> String {
    let sorts = [
        (counts.changed, "changed"),
        (counts.retyped, "retyped"),
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.renamed, "renamed"),
        (counts.same, "the same"),
    ];
    let sorts: Vec<_> =
        sorts.iter().filter(|(count, _)| *count > 0).map(|(count, sort)| format!("{count} {sort}")).collect();
    sorts.join(", ")
}

/// Names the tensors of a group that are different, unless they changed all alike.
fn listed(group: &Group) -> Vec<text::Text> {
    if group.counts.changed == group.counts.different() && group.counts.same == 0 && group.counts.changed > 1 {
        return Vec::new();
    }
    let mut lines: Vec<text::Text> = group.changes.iter().take(SHOWN).map(tensor_line).collect();
    if group.changes.len() > SHOWN {
        lines.push(format!("... and {} more", group.changes.len() - SHOWN).into());
    }
    lines
}

fn tensor_line(change: &TensorChange) -> text::Text {
    let line = match change {
        TensorChange::Added { name, new } => format!("+ {}: {}", name.raw(), new.raw()),
        TensorChange::Changed { name, old, new } => {
            format!("~ {}: {}", name.raw(), shorten(&format!("{old} -> {new}")))
        }
        TensorChange::Removed { name, old } => format!("- {}: {}", name.raw(), old.raw()),
        TensorChange::Renamed { name, to } => format!("> {} -> {}", name.raw(), to.raw()),
        TensorChange::Retyped { name, old, new, same_bytes } => {
            let bytes = if *same_bytes { ", the same bytes" } else { "" };
            format!("~ {}: {} -> {}{bytes}", name.raw(), old.raw(), new.raw())
        }
    };
    line.into()
}

/// Says in one line what came of it.
fn summary(comparison: &Comparison) -> String {
    let differences: usize = comparison.sections.iter().map(|section| section.changes.len()).sum();
    let words = if comparison.is_same() {
        "SAME: both bundles say the same".to_owned()
    } else {
        let topics: Vec<_> = comparison.sections.iter().map(title).collect();
        format!("DIFFERENT: {} in {}", text::count(differences, "difference"), topics.join(", "))
    };
    let unverified = if comparison.trust.is_none() { "; nothing was verified" } else { "" };
    format!("\n{}", styled(STRONG, &format!("{words}{unverified}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn digests_are_shown_short_and_nothing_else_is() {
        let digest = Digest::of(b"").to_string();
        assert_eq!(shorten(&format!("2.1 sha-256:{digest} {digest} x")), "2.1 sha-256:e3b0c44298fc… e3b0c44298fc… x");
        assert_eq!(shorten("tree:sha256:e3b0"), "tree:sha256:e3b0");
        let not_hexadecimal = "é".repeat(32);
        assert_eq!(shorten(&not_hexadecimal), not_hexadecimal);
    }
}
