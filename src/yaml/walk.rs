//! Walking through YAML without building it: every text and every tag, in the order in which they stand.

use serde_saphyr::granit_parser::{Event, Parser, Tag};

use crate::limits;

/// Something in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node<'t> {
    /// A tag as it resolves, such as `tag:yaml.org,2002:str` for `!!str`.
    Tag(&'t str),
    /// A scalar, its escapes resolved: a key, a value or an element.
    Text(&'t str),
}

/// Why a text is not YAML: the byte and the message of the parser.
pub type YamlFault = (u64, String);

/// Walks through all documents of `text`. Each node comes with the byte at which it stands.
pub fn walk(text: &str, each: &mut dyn FnMut(u64, Node<'_>)) -> Result<(), YamlFault> {
    for (count, event) in Parser::new_from_str(text).enumerate() {
        let (event, span) =
            event.map_err(|error| (byte(error.marker().byte_offset()), format!("not YAML: {error:.160}")))?;
        let at = byte(span.start.byte_offset());
        if count > limits::YAML_NODES {
            return Err((at, format!("YAML of more than {} nodes", limits::YAML_NODES)));
        }
        match event {
            Event::Scalar(text, _, _, tag) => {
                tagged(tag.as_deref(), at, each);
                each(at, Node::Text(&text));
            }
            Event::SequenceStart(_, _, tag) | Event::MappingStart(_, _, tag) => tagged(tag.as_deref(), at, each),
            _ => {}
        }
    }
    Ok(())
}

fn tagged(tag: Option<&Tag>, at: u64, each: &mut dyn FnMut(u64, Node<'_>)) {
    if let Some(tag) = tag {
        each(at, Node::Tag(&format!("{}{}", tag.handle(), tag.suffix())));
    }
}

fn byte(offset: Option<usize>) -> u64 {
    offset.unwrap_or_default() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(text: &str) -> Result<Vec<String>, YamlFault> {
        let mut seen = Vec::new();
        walk(text, &mut |at, node| {
            seen.push(match node {
                Node::Tag(tag) => format!("{at}<{tag}>"),
                Node::Text(text) => format!("{at}={text}"),
            });
        })?;
        Ok(seen)
    }

    #[test]
    fn texts_and_tags_come_as_they_resolve() {
        assert_eq!(nodes("é: \"b\\x63\" # d\n").unwrap(), ["0=é", "4=bc"]);
        assert_eq!(nodes("--- a\n--- b\n").unwrap(), ["4=a", "10=b"]);
        assert!(nodes("!!st%72 x").unwrap()[0].ends_with("<tag:yaml.org,2002:str>"));
        assert!(nodes("%TAG !p! tag:yaml.org,2002:st\n--- !p!r x").unwrap()[0].ends_with("<tag:yaml.org,2002:str>"));
        assert!(nodes("!new:a.b {}").unwrap()[0].ends_with("<!new:a.b>"));
    }

    #[test]
    fn what_is_not_yaml_has_a_place() {
        assert_eq!(nodes("a: [1").unwrap_err().0, 3);
        assert!(nodes(&"[".repeat(10_000)).is_err());
        assert!(nodes("a: *b").is_err());
    }
}
