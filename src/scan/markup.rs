//! HTML, SVG and other XML: documents that a viewer may run.

use crate::limits;
use crate::path::TreePath;
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, active};
use crate::source::{ReadAt, exactly};

/// How such documents begin.
const BEGINNINGS: [&str; 4] = ["<!doctype", "<html", "<svg", "<?xml"];
/// How they are named.
const EXTENSIONS: [&str; 7] = ["htm", "html", "mht", "mhtml", "svg", "xhtml", "xml"];

/// HTML, SVG and XML, by extension or beginning.
pub(super) struct Markup;

impl Check for Markup {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let named = EXTENSIONS.contains(&head.extension().as_str());
        let start = head.bytes.trim_ascii_start();
        let begins = BEGINNINGS
            .iter()
            .any(|mark| start.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes())));
        ((named || begins) && !head.bytes.is_empty() && Text.detect(head).is_some()).then_some(Format::Markup)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if source.len() > limits::SCAN_TEXT_BYTES {
            return Err(Stop::Limit(format!(
                "a document of more than {}",
                crate::text::bytes(limits::SCAN_TEXT_BYTES)
            )));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        if let Some(what) = active::active(&String::from_utf8_lossy(&bytes)) {
            let summary = "the document runs in the viewer";
            sheet.report(Observation::new(Reason::ActiveContent, Rating::Suspicious, summary).called(what));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    #[test]
    fn documents_are_inert_without_script() {
        assert_eq!(scan("a.svg", b"<svg><path d='M0 0'/></svg>").rating, Rating::Inert);
        for (name, text) in [
            ("a.svg", "<svg><script>x</script></svg>"),
            ("a.html", "<body ONLOAD=x>"),
            ("a", "<html><iframe>"),
            ("a.xml", "<?xml version='1.0'?><?xml-stylesheet href='a'?><a/>"),
            ("a", "<?xml?><svg onload=x>"),
        ] {
            assert_eq!(scan(name, text.as_bytes()).rating, Rating::Suspicious, "{name}");
        }
        assert_eq!(scan("README.md", b"# Title\n<img src=a.png>").rating, Rating::Inert);
    }
}
