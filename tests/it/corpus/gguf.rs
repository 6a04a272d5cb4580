//! GGUF apart from its templates.

use super::make::pickle::attack;
use super::make::weights::{gguf, gguf_string, gguf_tensor};
use super::make::zip::zip;
use super::{Entry, Technique};

const GROUP: &str = "gguf";

pub fn entries() -> Vec<Entry> {
    let plain = || gguf(&[("general.architecture", gguf_string("llama"))]);
    let token = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");
    vec![
        Entry::hostile(
            GROUP,
            Technique::Polyglot,
            "pickle-behind.gguf",
            [gguf_tensor(0, &[32], 0, 128), attack()].concat(),
        ),
        Entry::hostile(GROUP, Technique::Polyglot, "zip-behind.gguf", [plain(), zip(&[("a.pkl", &attack())])].concat()),
        Entry::hostile(
            GROUP,
            Technique::Credentials,
            "token.gguf",
            gguf(&[("general.architecture", gguf_string("llama")), ("general.description", gguf_string(&token))]),
        ),
    ]
}
