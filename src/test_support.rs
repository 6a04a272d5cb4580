//! What unit tests share.

use std::{env, fs};

use schemars::JsonSchema;

/// Compares a published JSON Schema with that of a type; with `ASSAYMARK_BLESS=1`, writes it.
pub(crate) fn assert_schema<T: JsonSchema>(path: &str) {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap() + "\n";
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("ASSAYMARK_BLESS").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), schema, "{path}: run with ASSAYMARK_BLESS=1");
}
