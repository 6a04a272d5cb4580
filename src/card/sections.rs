//! The text of a card: sections by their headings.

use super::address::first;
use super::{Card, shown};
use crate::limits;

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Uses,
    Users,
    Application,
    Limitations,
    Safety,
    Ethics,
    TrainingData,
    Training,
    Preprocessing,
    Explainability,
    PersonalData,
}

/// Words in headings, the more particular ones first.
const HEADINGS: [(&str, Topic); 23] = [
    ("out-of-scope", Topic::Limitations),
    ("limitation", Topic::Limitations),
    ("known issues", Topic::Limitations),
    ("safety", Topic::Safety),
    ("risks", Topic::Limitations),
    ("personal and sensitive", Topic::PersonalData),
    ("ethic", Topic::Ethics),
    ("bias", Topic::Ethics),
    ("fairness", Topic::Ethics),
    ("intended user", Topic::Users),
    ("audience", Topic::Users),
    ("intended use", Topic::Uses),
    ("direct use", Topic::Uses),
    ("downstream use", Topic::Uses),
    ("use cases", Topic::Uses),
    ("how to use", Topic::Application),
    ("get started", Topic::Application),
    ("training data", Topic::TrainingData),
    ("training procedure", Topic::Training),
    ("preprocessing", Topic::Preprocessing),
    ("model examination", Topic::Explainability),
    ("explainability", Topic::Explainability),
    ("interpretability", Topic::Explainability),
];

/// Puts the sections of a text into a card.
pub(super) fn read(text: &str, card: &mut Card) {
    let (mut topic, mut level, mut fenced) = (None, 0, false);
    let mut paragraph = String::new();
    let mut commented = false;
    for line in text.lines().chain([""]) {
        let line = if fenced { line.to_owned() } else { uncommented(line, &mut commented) };
        let line = line.trim();
        if !fenced && is_rule(line) {
            // Beneath a line of text it makes a heading of it.
            if line.starts_with(['-', '=']) && is_title(&paragraph) {
                level = if line.starts_with('=') { 1 } else { 2 };
                topic = about(&std::mem::take(&mut paragraph));
            }
            put(&mut paragraph, topic, card);
            continue;
        }
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
        } else if !fenced && !line.starts_with("```") && !line.starts_with("~~~") {
            paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
            paragraph.push_str(line.strip_prefix(['-', '*']).map_or(line, str::trim_start));
        }
    }
    put(&mut paragraph, topic, card);
}

/// Leaves out comments of HTML, which may go over many lines.
fn uncommented(line: &str, within: &mut bool) -> String {
    let (mut shown, mut rest) = (String::new(), line);
    loop {
        if *within {
            let Some((_, behind)) = rest.split_once("-->") else { return shown };
            (rest, *within) = (behind, false);
        }
        let Some((before, behind)) = rest.split_once("<!--") else { return shown + rest };
        shown.push_str(before);
        (rest, *within) = (behind, true);
    }
}

/// Says whether a text could be a heading: no sentence, and not long.
fn is_title(text: &str) -> bool {
    !text.is_empty() && text.len() <= 80 && !text.ends_with(['.', '!', '?', ':', ';', ')'])
}

/// Says whether a line is one of dashes, stars and the like alone.
fn is_rule(line: &str) -> bool {
    let first = line.chars().next().filter(|first| "-=*_".contains(*first));
    first.is_some_and(|first| line.len() > 2 && line.chars().all(|c| c == first || c == ' '))
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
    // The place of a template that was never filled in.
    if text.is_empty() || text.to_lowercase().ends_with("[more information needed]") {
        return;
    }
    if is_source(text, card) {
        return;
    }
    let list = match topic {
        Some(Topic::Uses) => &mut card.use_cases,
        Some(Topic::Users) => &mut card.users,
        Some(Topic::Limitations) => &mut card.limitations,
        Some(Topic::Ethics) => &mut card.ethics,
        other => {
            single(other, card).get_or_insert_with(|| text.to_owned());
            return;
        }
    };
    if list.len() < limits::CARD_PARAGRAPHS {
        list.push(text.to_owned());
    }
}

/// Returns where the first paragraph of a topic goes; that of none is the description.
fn single(topic: Option<Topic>, card: &mut Card) -> &mut Option<String> {
    match topic {
        Some(Topic::TrainingData) => &mut card.training_data,
        Some(Topic::Training) => &mut card.training,
        Some(Topic::Preprocessing) => &mut card.preprocessing,
        Some(Topic::Explainability) => &mut card.explainability,
        Some(Topic::Application) => &mut card.application,
        Some(Topic::Safety) => &mut card.safety,
        Some(Topic::PersonalData) => &mut card.personal_data,
        _ => &mut card.description,
    }
}

/// Takes an item of the list of sources, `**Repository:** https://…`, as the template of model cards has it.
fn is_source(text: &str, card: &mut Card) -> bool {
    let Some((label, rest)) = text.strip_prefix("**").and_then(|rest| rest.split_once(":**")) else { return false };
    let label = label.trim_end_matches("[optional]").trim().to_lowercase();
    let place = match label.as_str() {
        "repository" => &mut card.sources.repository,
        "paper" => &mut card.sources.paper,
        "demo" | "website" | "homepage" => &mut card.sources.website,
        _ => return false,
    };
    if let Some(address) = first(rest) {
        place.get_or_insert(address);
    }
    true
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
    fn comments_places_to_fill_in_and_rules_are_no_facts() {
        let text = "<!-- Provide a\nsummary. -->\n---\n# x\n\n- **Developed by:** [More Information Needed]\n\n***\n\nIt <!-- a --> tells.\n---\n\n\
                    ## Limitations\n\n<!--\n## Uses\n\nNone.\n-->\n\n[More Information Needed]\n\nIntended uses\n=============\n\nTelling.\n\n\
                    Limitations\n-----------\n\nMany.\n\n```\n<!--\n```\n\nMore.\n";
        let mut card = Card::default();
        read(text, &mut card);
        assert_eq!(
            (card.use_cases, card.limitations),
            (vec!["Telling.".to_owned()], vec!["Many.".to_owned(), "More.".to_owned()])
        );
        assert_eq!(card.description.as_deref(), Some("It  tells."));
        let mut card = Card::default();
        read("# x\n\n<!-- a -->It tells.<!-- b\n-->\n\n---\n\nRest.\n", &mut card);
        assert_eq!(card.description.as_deref(), Some("It tells."));
    }

    #[test]
    fn the_template_of_model_cards_is_read() {
        let text = "# x\n\nIt is.\n\n### Model Sources\n\n- **Repository:** [git](https://git.example.com/x)\n\
                    - **Paper [optional]:** https://example.com/paper.pdf.\n- **Demo [optional]:** <https://u:p@example.com>\n\n\
                    ## How to Get Started with the Model\n\nLoad it.\n\n### Training Procedure\n\nOnce.\n\n\
                    #### Preprocessing [optional]\n\nScaled.\n\n## Model Examination [optional]\n\nLook at it.\n\n\
                    ## Safety risks\n\nFew.\n\n## Personal and Sensitive Information\n\nNone.\n";
        let mut card = Card::default();
        read(text, &mut card);
        let sources = &card.sources;
        assert_eq!(sources.repository.as_deref(), Some("https://git.example.com/x"));
        assert_eq!(
            (sources.paper.as_deref(), sources.website.as_deref()),
            (Some("https://example.com/paper.pdf"), None)
        );
        let words = [card.application, card.training, card.preprocessing, card.explainability, card.safety];
        assert_eq!(words.map(Option::unwrap), ["Load it.", "Once.", "Scaled.", "Look at it.", "Few."]);
        assert_eq!((card.personal_data.as_deref(), card.description.as_deref()), (Some("None."), Some("It is.")));
    }

    #[test]
    fn texts_are_bounded() {
        let mut card = Card::default();
        read(&format!("# Limitations\n{}\n{}", "x ".repeat(1 << 20), "- y\n".repeat(10_000)), &mut card);
        assert!(card.limitations.len() <= limits::CARD_PARAGRAPHS);
        assert!(card.limitations.iter().all(|text| text.chars().count() <= limits::CARD_TEXT_CHARACTERS));
    }
}
