//! The text of a card: sections by their headings.

use super::{Card, shown};
use crate::limits;

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Uses,
    Users,
    Limitations,
    Ethics,
    TrainingData,
    Training,
}

/// Words in headings, the more particular ones first.
const HEADINGS: [(&str, Topic); 15] = [
    ("out-of-scope", Topic::Limitations),
    ("limitation", Topic::Limitations),
    ("known issues", Topic::Limitations),
    ("risks", Topic::Limitations),
    ("ethic", Topic::Ethics),
    ("bias", Topic::Ethics),
    ("fairness", Topic::Ethics),
    ("intended user", Topic::Users),
    ("audience", Topic::Users),
    ("intended use", Topic::Uses),
    ("direct use", Topic::Uses),
    ("downstream use", Topic::Uses),
    ("use cases", Topic::Uses),
    ("training data", Topic::TrainingData),
    ("training procedure", Topic::Training),
];

/// Puts the sections of a text into a card.
pub(super) fn read(text: &str, card: &mut Card) {
    let (mut topic, mut level, mut fenced) = (None, 0, false);
    let mut paragraph = String::new();
    for line in text.lines().map(str::trim).chain([""]) {
        fenced ^= line.starts_with("```") || line.starts_with("~~~");
        let depth = line.bytes().take_while(|byte| *byte == b'#').count();
        let heading = !fenced && (1..=6).contains(&depth) && line.as_bytes().get(depth) == Some(&b' ');
        if heading || line.is_empty() || fenced || is_item(line) {
            put(&mut paragraph, topic, card);
        }
        if heading {
            let found = about(line);
            // A section goes on beneath headings of a lower level that name no topic.
            if found.is_some() || depth <= level {
                topic = found;
                level = depth;
            }
        } else if !fenced && !line.starts_with("```") && !line.starts_with("<!--") {
            paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
            paragraph.push_str(line.strip_prefix(['-', '*']).map_or(line, str::trim_start));
        }
    }
    put(&mut paragraph, topic, card);
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

fn about(heading: &str) -> Option<Topic> {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    if heading == "uses" || heading == "use" {
        return Some(Topic::Uses);
    }
    if heading == "users" {
        return Some(Topic::Users);
    }
    HEADINGS.iter().find(|(word, _)| heading.contains(word)).map(|(_, topic)| *topic)
}

fn put(paragraph: &mut String, topic: Option<Topic>, card: &mut Card) {
    let text = shown(&std::mem::take(paragraph));
    let text = text.trim();
    // What stands between brackets alone was never filled in.
    if text.is_empty() || text.eq_ignore_ascii_case("[more information needed]") {
        return;
    }
    let list = match topic {
        Some(Topic::Uses) => &mut card.use_cases,
        Some(Topic::Users) => &mut card.users,
        Some(Topic::Limitations) => &mut card.limitations,
        Some(Topic::Ethics) => &mut card.ethics,
        Some(Topic::TrainingData) => return card.training_data = card.training_data.take().or(Some(text.to_owned())),
        Some(Topic::Training) => return card.training = card.training.take().or(Some(text.to_owned())),
        None => return card.description = card.description.take().or(Some(text.to_owned())),
    };
    if list.len() < limits::CARD_PARAGRAPHS {
        list.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_go_where_their_headings_say() {
        let text = "\n# Digits\n\nTells digits\napart.\n\n## Intended uses & limitations\n\nMind the limits.\n\n## Uses\n\n- Sorting post\n- Reading forms\n\n\
                    ### Out-of-Scope Use\n\nCheques.\n\n## How to run\n\n```python\n# Limitations\nx = 1\n```\n\nRun it.\n\n\
                    ## Ethical considerations\n\n[More Information Needed]\n\n## Training data\n\n1,797 images.\n";
        let mut card = Card::default();
        read(text, &mut card);
        assert_eq!(card.description.as_deref(), Some("Tells digits apart."));
        assert_eq!(card.use_cases, ["Sorting post", "Reading forms"]);
        assert_eq!(card.limitations, ["Mind the limits.", "Cheques."]);
        assert!(card.ethics.is_empty());
        assert_eq!(card.training_data.as_deref(), Some("1,797 images."));
    }

    #[test]
    fn texts_are_bounded() {
        let mut card = Card::default();
        read(&format!("# Limitations\n{}\n{}", "x ".repeat(1 << 20), "- y\n".repeat(10_000)), &mut card);
        assert!(card.limitations.len() <= limits::CARD_PARAGRAPHS);
        assert!(card.limitations.iter().all(|text| text.chars().count() <= limits::CARD_TEXT_CHARACTERS));
    }
}
