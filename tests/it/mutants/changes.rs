//! The single changes that a mutant can have.

use data_encoding::{BASE64, BASE64URL};
use serde_json::{Value, json};

use super::node::Node;

/// A text that differs from a good one in one place.
pub struct Mutant {
    /// Where, as a JSON pointer with `*` for positions in arrays.
    pub place: String,
    /// What was done there.
    pub change: &'static str,
    /// The text.
    pub text: String,
}

/// Changes of a member or item within its object or array.
const OF_MEMBERS: [&str; 7] =
    ["delete", "duplicate", "duplicate, null first", "duplicate, null last", "rename", "blank key", "neighbour"];
/// Changes of a value, whatever is around it.
const OF_VALUES: [&str; 16] = [
    "null",
    "empty",
    "retype",
    "wrap",
    "unknown field",
    "first character",
    "last character",
    "space",
    "other case",
    "number",
    "huge number",
    "base64 line feed",
    "base64 unpadded",
    "base64 of addresses",
    "base64 spare bits",
    "text behind",
];

/// Returns every mutant of a JSON text.
pub fn mutants(good: &Node) -> Vec<Mutant> {
    let mut made = Vec::new();
    let original = good.to_string();
    for spot in good.spots() {
        for change in OF_MEMBERS.into_iter().chain(OF_VALUES) {
            let Some(changed) = apply(good, &spot, change) else { continue };
            let text = changed.to_string();
            if text != original {
                made.push(Mutant { place: good.pointer(&spot), change, text });
            }
        }
    }
    made
}

/// Makes one change; none where it makes no sense.
pub fn apply(good: &Node, spot: &[usize], change: &str) -> Option<Node> {
    let mut root = good.clone();
    if OF_MEMBERS.contains(&change) {
        let (index, parent) = spot.split_last()?;
        change_member(root.at_mut(parent), *index, change)?;
    } else {
        let value = root.at_mut(spot);
        *value = change_value(value, change)?;
    }
    Some(root)
}

/// Returns a change of any kind by a number, for tests that choose at random.
pub fn numbered(number: usize) -> &'static str {
    let all: Vec<_> = OF_MEMBERS.into_iter().chain(OF_VALUES).collect();
    all[number % all.len()]
}

fn change_member(parent: &mut Node, index: usize, change: &str) -> Option<()> {
    if change == "neighbour" {
        let other = parent.child((index + 1) % parent.len()).clone();
        *parent.child_mut(index) = other;
        return Some(());
    }
    match parent {
        Node::Array(items) => match change {
            "delete" => drop(items.remove(index)),
            "duplicate" => items.insert(index, items[index].clone()),
            _ => return None,
        },
        Node::Object(members) => {
            let (key, value) = members[index].clone();
            let null = || Node::Leaf(Value::Null);
            match change {
                "delete" => drop(members.remove(index)),
                "duplicate" => members.insert(index, (key, value)),
                "duplicate, null first" => members.insert(index, (key, null())),
                "duplicate, null last" => members.insert(index + 1, (key, null())),
                "rename" => members[index].0.push('x'),
                "blank key" => members[index].0.clear(),
                _ => return None,
            }
        }
        Node::Leaf(_) | Node::Raw(_) => return None,
    }
    Some(())
}

fn change_value(value: &Node, change: &str) -> Option<Node> {
    let leaf = |value: Value| Some(Node::Leaf(value));
    match (change, value) {
        ("null", _) => leaf(Value::Null),
        ("wrap", value) => Some(Node::Array(vec![value.clone()])),
        ("text behind", value) => Some(Node::Raw(format!("{value} x"))),
        ("empty", Node::Array(_)) => Some(Node::Array(vec![])),
        ("empty", Node::Object(_)) => Some(Node::Object(vec![])),
        ("empty", Node::Leaf(Value::String(_))) => leaf(json!("")),
        ("empty", Node::Leaf(Value::Number(_))) => leaf(json!(0)),
        ("empty", Node::Leaf(Value::Bool(value))) => leaf(json!(!value)),
        ("unknown field", Node::Object(members)) => {
            let unknown = ("x_unknown".to_owned(), Node::Leaf(json!(1)));
            Some(Node::Object([members.clone(), vec![unknown]].concat()))
        }
        ("retype", value) => Some(retype(value)),
        ("number", Node::Leaf(Value::Number(number))) => leaf(json!(number.as_f64()? + 0.5)),
        ("huge number", Node::Leaf(Value::Number(_))) => Some(Node::Raw("1e400".into())),
        (_, Node::Leaf(Value::String(text))) => change_text(text, change).map(|text| Node::Leaf(json!(text))),
        _ => None,
    }
}

/// An array for an object with its values, and the reverse; a text for a number, and the reverse.
fn retype(value: &Node) -> Node {
    match value {
        Node::Array(items) => {
            Node::Object(items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone())).collect())
        }
        Node::Object(members) => Node::Array(members.iter().map(|(_, value)| value.clone()).collect()),
        Node::Leaf(Value::String(_)) => Node::Leaf(json!(1)),
        Node::Leaf(other) => Node::Leaf(json!(other.to_string())),
        Node::Raw(text) => Node::Leaf(json!(text)),
    }
}

fn change_text(text: &str, change: &str) -> Option<String> {
    let swapped = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    match change {
        "first character" => replace(text, 0),
        "last character" => replace(text, text.chars().count().checked_sub(1)?),
        "space" => Some(format!("{text} ")),
        "other case" => Some(text.chars().map(swapped).collect()),
        _ => change_base64(text, change),
    }
}

fn replace(text: &str, at: usize) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    let character = characters.get_mut(at)?;
    *character = if *character == '0' { '1' } else { '0' };
    Some(characters.into_iter().collect())
}

/// Writes the same bytes, or nearly, in a form of base64 that is not canonical.
fn change_base64(text: &str, change: &str) -> Option<String> {
    let bytes = BASE64.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() > 8)?;
    Some(match change {
        "base64 line feed" => format!("{}\n{}", &text[..4], &text[4..]),
        "base64 unpadded" => match text.trim_end_matches('=') {
            unpadded if unpadded == text => format!("{text}===="),
            unpadded => unpadded.to_owned(),
        },
        "base64 of addresses" => BASE64URL.encode(&[bytes.as_slice(), &[0xff, 0xff, 0xff]].concat()),
        "base64 spare bits" => spare_bits(text)?,
        _ => return None,
    })
}

/// Sets a bit of the last letter that decodes to nothing.
fn spare_bits(text: &str) -> Option<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let unpadded = text.trim_end_matches('=');
    let last = unpadded.bytes().last().filter(|_| unpadded.len() < text.len())?;
    let place = LETTERS.iter().position(|letter| *letter == last)?;
    let other = char::from(LETTERS[place ^ 1]);
    Some(format!("{}{other}{}", &unpadded[..unpadded.len() - 1], &text[unpadded.len()..]))
}
