//! Chat templates, by themselves and in the configuration of a tokenizer.

use assaymark::scan::Reason;

/// A template that is refused in a file of its own is refused in the configuration of a tokenizer.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let alone = super::scanned("chat_template.jinja", data);
    let Ok(text) = str::from_utf8(data) else { return };
    if !alone.observations.iter().any(|seen| seen.reason == Reason::Template) {
        return;
    }
    let configuration = serde_json::json!({ "chat_template": text }).to_string();
    let inside = super::scanned("tokenizer_config.json", configuration.as_bytes());
    assert!(!inside.rating.passes(), "refused alone, passed in a configuration");
}
