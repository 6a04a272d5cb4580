//! JSON as it is written: members keep their order, and a key may stand twice.

use std::fmt;

use serde_json::Value;

/// A JSON value that can be wrong in ways that a [`Value`] can't.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A text, a number, a boolean or null.
    Leaf(Value),
    /// What is written as it stands, JSON or not.
    Raw(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// The way from the root to a value, by positions.
pub type Spot = Vec<usize>;

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
            leaf => Self::Leaf(leaf.clone()),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |index: usize| if index > 0 { "," } else { "" };
        match self {
            Self::Leaf(value) => write!(f, "{value}"),
            Self::Raw(text) => f.write_str(text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", comma(index))?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", comma(index), Value::from(key.as_str()))?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Node {
    pub fn parse(text: &[u8]) -> Self {
        Self::from(&serde_json::from_slice::<Value>(text).unwrap())
    }

    /// Returns the number of values directly within.
    pub fn len(&self) -> usize {
        match self {
            Self::Array(items) => items.len(),
            Self::Object(members) => members.len(),
            Self::Leaf(_) | Self::Raw(_) => 0,
        }
    }

    pub fn child(&self, index: usize) -> &Self {
        match self {
            Self::Array(items) => &items[index],
            Self::Object(members) => &members[index].1,
            Self::Leaf(_) | Self::Raw(_) => panic!("a leaf has nothing within"),
        }
    }

    pub fn child_mut(&mut self, index: usize) -> &mut Self {
        match self {
            Self::Array(items) => &mut items[index],
            Self::Object(members) => &mut members[index].1,
            Self::Leaf(_) | Self::Raw(_) => panic!("a leaf has nothing within"),
        }
    }

    pub fn at_mut(&mut self, spot: &[usize]) -> &mut Self {
        spot.iter().fold(self, |node, index| node.child_mut(*index))
    }

    /// Returns every value with the way to it, the root first.
    pub fn spots(&self) -> Vec<Spot> {
        let mut spots = vec![vec![]];
        for index in 0..self.len() {
            let below = self.child(index).spots();
            spots.extend(below.into_iter().map(|spot| [vec![index], spot].concat()));
        }
        spots
    }

    /// Names a place as a JSON pointer, with `*` for positions in arrays.
    pub fn pointer(&self, spot: &[usize]) -> String {
        let mut pointer = String::new();
        let mut node = self;
        for index in spot {
            pointer.push('/');
            match node {
                Self::Object(members) => pointer.push_str(&members[*index].0),
                _ => pointer.push('*'),
            }
            node = node.child(*index);
        }
        pointer
    }
}
