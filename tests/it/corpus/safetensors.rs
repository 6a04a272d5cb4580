//! safetensors: what a format without code can still carry.

use super::make::pickle::attack;
use super::make::weights::{safetensors, safetensors_with};
use super::make::zip::zip;
use super::{Entry, Technique};

const GROUP: &str = "safetensors";

pub fn entries() -> Vec<Entry> {
    let plain = safetensors_with("{}");
    let secret = |name: &str, token: &str| {
        let bytes = safetensors_with(&format!(r#"{{"note":"{token}"}}"#));
        Entry::hostile(GROUP, Technique::Credentials, name, bytes)
    };
    let hidden = r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    vec![
        Entry::hostile(GROUP, Technique::Polyglot, "pickle-behind.safetensors", [plain.clone(), attack()].concat()),
        Entry::hostile(
            GROUP,
            Technique::Polyglot,
            "zip-behind.safetensors",
            [plain, zip(&[("a.pkl", &attack())])].concat(),
        ),
        Entry::hostile(
            GROUP,
            Technique::Polyglot,
            "not-in-the-header.safetensors",
            safetensors(hidden, &[&[0; 4][..], &attack()].concat()),
        ),
        secret("token-huggingface.safetensors", &["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_")),
        secret("token-github.safetensors", &["ghp", "abcdefghijklmnopqrstuvwxyz0123456789"].join("_")),
        secret("token-aws.safetensors", &["AKIA", "ABCDEFGHIJ234567"].concat()),
        secret(
            "private-key.safetensors",
            &[
                "-----BEGIN",
                "PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\\n-----END",
                "PRIVATE KEY-----",
            ]
            .join(" "),
        ),
    ]
}
