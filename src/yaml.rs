//! YAML within a budget: hardly any alias, no include, bounded nodes and depth.

use serde::de::DeserializeOwned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use crate::limits;

pub use walk::{Node, YamlFault, walk};

mod walk;

/// Reads one document; the error is the start of what the parser says.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 1,
            max_events: limits::YAML_NODES,
            max_nodes: limits::YAML_NODES,
            max_depth: limits::YAML_DEPTH,
            flow_nesting_limit: limits::YAML_DEPTH,
            max_aliases: limits::YAML_ALIASES,
            max_anchors: limits::YAML_ALIASES,
            max_merge_keys: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        // A metric that is not a number is no reason to read nothing of a card.
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100 * limits::YAML_ALIASES },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        // The words for developers speak of the options of the parser.
        let message = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
        message.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn one_document_without_duplicates_is_read() {
        assert_eq!(parse::<Value>("a: [1, x]\n").unwrap(), serde_json::json!({"a": [1, "x"]}));
        for text in ["a: 1\na: 2\n", "a: 1\n---\nb: 2\n", "a: &x {b: 1}\nc:\n  <<: *x\n", "a: [1"] {
            assert!(parse::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            laughs.extend([format!("a{level}: &a{level} [{before}]\n")]);
        }
        let deep = "[".repeat(100_000);
        let indented: Vec<String> = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        let indented = indented.concat();
        let wide = format!("[{}]", "1, ".repeat(limits::YAML_NODES));
        for text in [laughs, deep, indented, wide] {
            assert!(parse::<Value>(&text).is_err());
        }
    }
}
