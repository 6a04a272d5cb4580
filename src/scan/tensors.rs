//! Files of tensors with a header: safetensors and GGUF.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop, credentials, template};
use crate::source::ReadAt;
use crate::weights::{gguf, safetensors};

/// safetensors.
pub(super) struct Safetensors;

impl Check for Safetensors {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let named = head.extension() == "safetensors" && head.bytes.get(8) == Some(&b'{');
        (named || safetensors::recognises(head.source)).then_some(Format::Safetensors)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let facts = safetensors::read(source)?;
        // The place of a text in the header is not known any more; that of the header is.
        facts.metadata.values().for_each(|text| credentials::text(text, 8, sheet));
        Ok(())
    }
}

/// GGUF.
pub(super) struct Gguf;

impl Check for Gguf {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        gguf::recognises(head.source).then_some(Format::Gguf)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let facts = gguf::read(source)?;
        for (key, (offset, text)) in &facts.texts {
            if key.starts_with("tokenizer.chat_template") {
                template::judge(text, Some(*offset), sheet);
            }
            credentials::text(text, *offset, sheet);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Rating, Reason, test_support::scan};
    use crate::weights::gguf::write::{file, pair, text};

    #[test]
    fn a_header_is_read_whatever_the_name() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0]].concat();
        for name in ["model.safetensors", "model"] {
            let scan = scan(name, &bytes);
            assert_eq!((scan.format, scan.rating), (Format::Safetensors, Rating::Inert));
        }
        assert_eq!(scan("model.safetensors", &bytes[..bytes.len() - 1]).rating, Rating::Unknown);
    }

    #[test]
    fn templates_of_gguf_are_judged_at_their_place() {
        let with = |key: &str, template: &str| file(&[pair(key, 8, &text(template))], &[], 0);
        let ordinary = with("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
        assert_eq!(scan("a.gguf", &ordinary).rating, Rating::Clean);
        for key in ["tokenizer.chat_template", "tokenizer.chat_template.tool_use"] {
            let scan = scan("a.gguf", &with(key, "{{ x.__class__ }}"));
            assert_eq!(scan.rating, Rating::Malicious);
            let expected = (24 + 8 + key.len() + 4 + 8 + 5) as u64;
            assert_eq!(scan.observations[0].position.offset, Some(expected));
        }
        let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        assert_eq!(scan("a.gguf", &with("general.name", &token)).observations[0].reason, Reason::Credential);
    }
}
