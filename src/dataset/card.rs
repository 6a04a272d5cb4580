//! The card of a dataset: the front matter of its README, as the Hugging Face layout has it. All of it is declared.

use serde::Deserialize;

use crate::card::{Card, parts};
use crate::limits;
use crate::yaml;

/// What a card says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetCard {
    /// Its name for people.
    pub pretty_name: Option<String>,
    /// Its licences, by the words of the card.
    pub licenses: Vec<String>,
    /// What it is for.
    pub tasks: Vec<String>,
    /// How large it is, in classes such as `10K<n<100K`.
    pub sizes: Vec<String>,
    /// Its languages.
    pub languages: Vec<String>,
    /// The first paragraph.
    pub description: Option<String>,
    /// Which personal and sensitive data are in it, in words.
    pub personal_data: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FrontMatter {
    pretty_name: Option<String>,
    license: Words,
    task_categories: Words,
    size_categories: Words,
    language: Words,
}

/// A word, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
    None(()),
}

impl Default for Words {
    fn default() -> Self {
        Self::None(())
    }
}

impl Words {
    fn into_vec(self) -> Vec<String> {
        let words = match self {
            Self::One(word) => vec![word],
            Self::Many(words) => words,
            Self::None(()) => Vec::new(),
        };
        words.iter().take(100).map(|word| shown(word)).collect()
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect()
}

impl DatasetCard {
    /// Reads the text of a README; none if it has no front matter. The text below it is that of any card.
    pub fn read(text: &str) -> Result<Option<Self>, String> {
        let parts = parts::split(text)?;
        let Some(matter) = parts.matter.filter(|matter| !matter.trim().is_empty()) else { return Ok(None) };
        let matter: FrontMatter = yaml::parse(&matter)?;
        let body = Card::of_text(&parts.body);
        Ok(Some(Self {
            pretty_name: matter.pretty_name.map(|name| shown(&name)),
            licenses: matter.license.into_vec(),
            tasks: matter.task_categories.into_vec(),
            sizes: matter.size_categories.into_vec(),
            languages: matter.language.into_vec(),
            description: body.description,
            personal_data: body.personal_data,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_read() {
        let text = "---\npretty_name: Reviews\nlicense: cc-by-4.0\ntask_categories:\n- text-classification\n\
                    size_categories: [1K<n<10K]\nlanguage: [en, de]\ndataset_info: {features: [{name: x}]}\n---\n# Reviews\n\nThey are\nshort.\n\n\
                    ## Personal and Sensitive Information\n\nNames.\n";
        let card = DatasetCard::read(text).unwrap().unwrap();
        assert_eq!(card.pretty_name.as_deref(), Some("Reviews"));
        assert_eq!(card.licenses, ["cc-by-4.0"]);
        assert_eq!((card.tasks.len(), card.languages.len(), card.sizes[0].as_str()), (1, 2, "1K<n<10K"));
        assert_eq!(card.description.as_deref(), Some("They are short."));
        assert_eq!(card.personal_data.as_deref(), Some("Names."));
        assert_eq!(DatasetCard::read("# Reviews\n"), Ok(None));
        assert_eq!(DatasetCard::read("---\nlanguage:\n---\n"), Ok(Some(DatasetCard::default())));
    }

    #[test]
    fn bad_front_matter_is_an_error() {
        let deep = format!("---\na: {}\n---\n", "[".repeat(10_000));
        for text in
            ["---\n", "---\n[a\n---\n", "---\nlicense: {a: b}\n---\n", "---\nlicense: a\nlicense: b\n---\n", &deep]
        {
            assert!(DatasetCard::read(text).is_err(), "{text:.20}");
        }
    }
}
