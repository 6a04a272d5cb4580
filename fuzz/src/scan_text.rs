//! Files that are text: what the first byte chooses.

const NAMES: [&str; 12] = [
    "requirements.txt",
    "conda.yaml",
    "MLmodel",
    "poetry.lock",
    "params.yml",
    "README.md",
    "index.html",
    "card.svg",
    "modeling.py",
    "tokenizer.json",
    "records.jsonl",
    "vocab.txt",
];

/// Scans the rest under a name.
///
/// # Panics
///
/// Where what every scan keeps to is not so.
pub fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    super::scanned(NAMES[usize::from(*first) % NAMES.len()], rest);
}
