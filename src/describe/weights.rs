//! What files of weights state about themselves, as properties of components.

use crate::cyclonedx::Component;
use crate::facts::{ModelFacts, Totals};
use crate::limits;
use crate::weights::FileFacts;

/// Characters that are kept for saying how many more there are.
const MORE_CHARACTERS: usize = 24;

/// Says what a file of weights states about itself.
pub(super) fn of_file(component: Component, facts: &FileFacts) -> Component {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let shape = |(name, shape): &(String, Vec<u64>)| format!("{} {shape:?}", shortened(name));
    let stated = [
        ("format", Some(facts.format.to_owned())),
        ("formatVersion", facts.version.clone()),
        ("tensors", number(facts.tensors)),
        ("parameters", number(facts.parameters())),
        ("types", types(facts.elements.iter())),
        ("largestTensor", facts.largest.as_ref().map(shape)),
        ("architecture", facts.architecture.clone()),
        ("quantisation", facts.quantisation.clone()),
        ("contextLength", number(facts.context_length)),
        ("producer", facts.producer.clone()),
        ("chatTemplate", facts.chat_template.map(|digest| format!("sha256:{digest}"))),
        ("externalData", (!facts.external.is_empty()).then(|| names(facts.external.keys()))),
    ];
    let component = noted(component, stated);
    facts.metadata.iter().fold(component, |component, (key, text)| {
        component.with_property(format!("assaymark:metadata:{}", shortened(key)), shortened(text))
    })
}

/// Says of the model what its weights are together, and what configuration and tokenizer say.
pub(super) fn of_model(component: Component, facts: &ModelFacts) -> Component {
    let totals = facts.totals();
    let component = match &totals {
        Some(totals) => noted(component, summed(totals)),
        None => component,
    };
    let config = facts.config.clone().unwrap_or_default();
    let tokenizer = facts.tokenizer.clone().unwrap_or_default();
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let template = facts.chat_template.or(tokenizer.chat_template).or_else(|| facts.first(|file| file.chat_template));
    noted(
        component,
        [
            ("quantisation", config.quantisation.or_else(|| facts.first(|file| file.quantisation.clone()))),
            ("contextLength", number(config.context_length.or_else(|| facts.first(|file| file.context_length)))),
            ("vocabularySize", number(config.vocabulary)),
            ("layers", number(config.layers)),
            ("hiddenSize", number(config.hidden_size)),
            ("declaredType", config.dtype),
            ("transformersVersion", config.library),
            ("tokenizer", tokenizer.class),
            ("tokenizerLongest", number(tokenizer.longest)),
            ("chatTemplate", template.map(|digest| format!("sha256:{digest}"))),
        ],
    )
}

fn summed(totals: &Totals) -> [(&'static str, Option<String>); 5] {
    [
        ("format", Some(totals.format.to_owned())),
        ("weightFiles", Some(totals.files.to_string())),
        ("tensors", (totals.tensors > 0).then(|| totals.tensors.to_string())),
        ("parameters", (!totals.elements.is_empty()).then(|| totals.parameters().to_string())),
        ("types", types(totals.elements.iter())),
    ]
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    listed(names.cloned().collect())
}

/// Joins words as far as they fit into a value, and says how many more there are.
fn listed(words: Vec<String>) -> String {
    let (all, mut text, mut shown) = (words.len(), String::new(), 0);
    for word in words {
        let fits = text.chars().count() + word.chars().count() + MORE_CHARACTERS <= limits::NOTED_BYTES;
        if !fits && shown > 0 {
            break;
        }
        if shown > 0 {
            text.push(' ');
        }
        text += &word;
        shown += 1;
    }
    let more = all - shown;
    if more == 0 { text } else { format!("{text} … and {more} more") }
}

fn types<'a>(elements: impl Iterator<Item = (&'a String, &'a u64)>) -> Option<String> {
    let words: Vec<String> = elements.map(|(kind, count)| format!("{kind}:{count}")).collect();
    (!words.is_empty()).then(|| listed(words))
}

fn noted<const N: usize>(component: Component, stated: [(&str, Option<String>); N]) -> Component {
    let there = stated.into_iter().filter_map(|(name, value)| Some((name, value?)));
    there.fold(component, |component, (name, value)| {
        component.with_property(format!("assaymark:{name}"), shortened(&value))
    })
}

/// Names and versions come from files, and need not be fit for a document. What is cut off is marked.
fn shortened(text: &str) -> String {
    let mut plain = text.chars().filter(|c| !c.is_control());
    let mut kept: String = plain.by_ref().take(limits::NOTED_BYTES).collect();
    if plain.next().is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let many: Vec<String> = (0..100).map(|number| format!("type{number:02}:1")).collect();
        let text = listed(many.clone());
        let shown = text.split(" … ").next().unwrap().split(' ').count();
        assert!(text.ends_with(&format!(" … and {} more", 100 - shown)) && text.len() < 260, "{text}");
        assert_eq!(listed(many[..3].to_vec()), "type00:1 type01:1 type02:1");
        assert_eq!(shortened(&"x".repeat(257)), format!("{}…", "x".repeat(255)));
        assert_eq!(shortened(&"x".repeat(256)), "x".repeat(256));
        let long = listed(vec!["y".repeat(300), "z".to_owned()]);
        assert!(shortened(&long).ends_with('…'));
    }
}
