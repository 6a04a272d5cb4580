//! The same in Markdown, for a comment on a change.

use crate::diff::{Change, Comparison, Counting, Section};
use crate::render::diff::{SHOWN, counts, listed, short, summary, tensor_words, title};
use crate::text::Text;

/// Writes a comparison in Markdown.
pub fn markdown(comparison: &Comparison) -> String {
    let heading = Text::from(anstream::adapter::strip_str(summary(comparison).trim()).to_string());
    let mut page = format!("## {}\n\n", heading.for_markdown());
    page.extend([match &comparison.trust {
        None => format!("**{}**\n\n", super::UNVERIFIED),
        Some(trust) => {
            format!("Compared is what attesters of {} signed; no file was checked.\n\n", trust.for_markdown())
        }
    }]);
    for (word, head) in [("old", &comparison.old), ("new", &comparison.new)] {
        let release = head.release.as_ref().map_or_else(|| "no seal".to_owned(), Text::for_markdown);
        page.extend([format!("- {word}: {}, {release}\n", code(&head.path))]);
        for line in &head.lines {
            if let Counting::Refused(reason) = &line.counting {
                page.extend([format!("  - line {} is not compared: {}\n", line.number, reason.for_markdown())]);
            }
        }
    }
    page.push('\n');
    for section in &comparison.sections {
        page += &table(section);
    }
    page += &tensors(comparison);
    for note in &comparison.notes {
        page.extend([format!("- note: {}\n", note.for_markdown())]);
    }
    page
}

/// Shows a text as code. Entities stay what they are in it, while backticks in the text would end a span.
fn code(text: &Text) -> String {
    format!("<code>{}</code>", text.for_markdown())
}

fn value(text: &Text) -> String {
    code(&Text::from(short(text)))
}

fn table(section: &Section) -> String {
    let mut page = format!("### {}\n\n| | | old | new |\n|---|---|---|---|\n", title(section));
    for change in section.changes.iter().take(SHOWN) {
        page.extend([match change {
            Change::Added { name, new } => format!("| added | {} | | {} |\n", code(name), value(new)),
            Change::Changed { name, old, new } => {
                format!("| changed | {} | {} | {} |\n", code(name), value(old), value(new))
            }
            Change::Removed { name, old } => format!("| removed | {} | {} | |\n", code(name), value(old)),
            Change::Renamed { name, to, value: of } => {
                format!("| renamed | {} | {} | {} |\n", value(of), code(name), code(to))
            }
        }]);
    }
    if section.changes.len() > SHOWN {
        page.extend([format!("\n... and {} more\n", section.changes.len() - SHOWN)]);
    }
    page + "\n"
}

fn tensors(comparison: &Comparison) -> String {
    let Some(tensors) = &comparison.tensors else { return String::new() };
    let mut page = String::from("### tensors\n\n");
    for line in tensor_words(tensors) {
        page.extend([format!("- {}\n", line.for_markdown())]);
    }
    for group in &tensors.groups {
        page.extend([format!("- {}: {}\n", code(&group.name), counts(&group.counts))]);
        for line in listed(group) {
            page.extend([format!("  - {}\n", code(&line))]);
        }
    }
    page + "\n"
}
