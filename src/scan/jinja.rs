//! Files that are chat templates.

use crate::limits;
use crate::path::TreePath;
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop, template};
use crate::source::{ReadAt, exactly};

/// Jinja, by its extension.
pub(super) struct Jinja;

impl Check for Jinja {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let named = ["j2", "jinja", "jinja2"].contains(&head.extension().as_str());
        (named && !head.bytes.is_empty() && Text.detect(head).is_some()).then_some(Format::ChatTemplate)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if source.len() > limits::METADATA_TEXT_BYTES {
            let limit = crate::text::bytes(limits::METADATA_TEXT_BYTES);
            return Err(Stop::Limit(format!("a template of more than {limit}")));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        template::judge(&String::from_utf8_lossy(&bytes), Some(0), sheet);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::{Rating, test_support::scan};

    #[test]
    fn files_with_templates_are_judged() {
        let rated = |text: &str| scan("chat_template.jinja", text.as_bytes()).rating;
        assert_eq!(rated("{% for m in messages %}{{ m.content }}{% endfor %}"), Rating::Clean);
        assert_eq!(rated("{{ x.__class__ }}"), Rating::Malicious);
        assert_eq!(rated(&"x".repeat(1 << 21)), Rating::Unknown);
    }
}
