//! The card of a model: the README of the Hugging Face layout. Everything in it is declared.
//!
//! The front matter is YAML, read within a budget; of the text, the sections whose headings say what they are about.

pub mod address;
mod front_matter;
pub mod parts;
mod sections;

use crate::limits;

pub use front_matter::Metric;

/// The file that has a card, at the top of a folder.
const FILE: &str = "README.md";

/// Says whether a path is that of a card: some write its name in small letters.
pub fn is_card(path: &str) -> bool {
    path.eq_ignore_ascii_case(FILE)
}

/// Says whether a card is to be read rather than another beside it, whose name is the same but for its case.
pub fn comes_before(path: &str, other: &str) -> bool {
    let order = |path| (path != FILE, path);
    order(path) < order(other)
}

/// What a card says. What it does not say is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The licences, by the words of the card, such as `apache-2.0` or `other`. All of them apply.
    pub licenses: Vec<String>,
    /// What a licence of no known word is called.
    pub license_name: Option<String>,
    /// Where its text is.
    pub license_link: Option<String>,
    /// What the model is for, such as `text-classification`.
    pub task: Option<String>,
    /// The library that loads it.
    pub library: Option<String>,
    /// What it was made from, mostly as `owner/name`.
    pub base_models: Vec<String>,
    /// How it was made from them, such as `finetune` or `quantized`.
    pub base_relation: Option<String>,
    /// The datasets that it was trained on, by name.
    pub datasets: Vec<String>,
    /// Its languages.
    pub languages: Vec<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// How good it is.
    pub metrics: Vec<Metric>,
    /// What its training emitted, in grams of carbon dioxide or what warms as much.
    pub emissions: Option<String>,
    /// The first paragraph.
    pub description: Option<String>,
    /// What it is meant for.
    pub use_cases: Vec<String>,
    /// Who is meant to use it.
    pub users: Vec<String>,
    /// What it can't do.
    pub limitations: Vec<String>,
    /// Whom it may harm.
    pub ethics: Vec<String>,
    /// What it was trained on, in words.
    pub training_data: Option<String>,
    /// How it was trained, in words.
    pub training: Option<String>,
    /// What was done to the data before, in words.
    pub preprocessing: Option<String>,
    /// How its outputs are explained, in words.
    pub explainability: Option<String>,
    /// How it is put to use, in words.
    pub application: Option<String>,
    /// What may go wrong, in words.
    pub safety: Option<String>,
    /// Which personal and sensitive data there are, in words.
    pub personal_data: Option<String>,
    /// Addresses of its sources.
    pub sources: Sources,
}

/// Where more about a model is, by the list of sources of its card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Its repository.
    pub repository: Option<String>,
    /// The paper about it.
    pub paper: Option<String>,
    /// Where it can be tried, or its page.
    pub website: Option<String>,
}

impl Card {
    /// Reads the text of a README. Without front matter there is still the text.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts = parts::split(text)?;
        let mut card = parts.matter.as_deref().map(front_matter::read).transpose()?.unwrap_or_default();
        sections::read(&parts.body, &mut card);
        Ok(card)
    }

    /// Reads the sections of a text that has no front matter.
    pub fn of_text(text: &str) -> Self {
        let mut card = Self::default();
        sections::read(text, &mut card);
        card
    }

    /// Says whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Keeps of a text what may stand in a document.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(limits::CARD_TEXT_CHARACTERS).collect()
}
