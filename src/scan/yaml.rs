//! YAML: tags that make Python's loader build any object.

use crate::limits;
use crate::path::TreePath;
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop};
use crate::source::{ReadAt, exactly};

/// Tags that call something, and tags that name something.
const CALLS: [&str; 2] = ["python/object/apply:", "python/object/new:"];
const NAMES: [&str; 3] = ["python/object:", "python/name:", "python/module:"];

/// YAML, by its extension.
pub(super) struct Yaml;

impl Check for Yaml {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let named = ["yaml", "yml"].contains(&head.extension().as_str());
        (named && !head.bytes.is_empty() && Text.detect(head).is_some()).then_some(Format::Yaml)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if source.len() > limits::SCAN_TEXT_BYTES {
            return Err(Stop::Limit(format!("YAML of more than {}", crate::text::bytes(limits::SCAN_TEXT_BYTES))));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        judge(&String::from_utf8_lossy(&bytes), sheet);
        Ok(())
    }
}

/// Looks for tags in YAML.
pub(super) fn judge(text: &str, sheet: &mut Sheet) {
    let mut report = |tag: &str, rating, summary: &str| {
        for (offset, _) in text.match_indices(tag).take(limits::SCAN_OBSERVATIONS) {
            let rest = text.get(offset..).unwrap_or_default().split_whitespace().next().unwrap_or_default();
            let called: String = rest.chars().take(limits::SHOWN_CHARACTERS).collect();
            sheet.report(Observation::new(Reason::YamlObject, rating, summary).at(offset as u64).called(called));
        }
    };
    for tag in CALLS {
        report(tag, Rating::Malicious, "a tag calls a function when the file is loaded");
    }
    for tag in NAMES {
        report(tag, Rating::Suspicious, "a tag imports a name when the file is loaded");
    }
    // Escapes in a tag hide its name.
    report("tag:yaml.org,2002:%", Rating::Suspicious, "a tag is written so that its name is hidden");
    report("!!%", Rating::Suspicious, "a tag is written so that its name is hidden");
    report("!!pyth%", Rating::Suspicious, "a tag is written so that its name is hidden");
    for (offset, called) in values(text, "_target_") {
        let summary = "names a function that a loader of its configuration calls";
        sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary).at(offset).called(called));
    }
}

/// Returns the values of a key, wherever it stands, each with the place of the key.
pub(super) fn values<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = (u64, String)> + 't {
    let value = move |(offset, _): (usize, &str)| {
        let before = text.get(..offset)?.chars().next_back();
        let rest = text.get(offset + key.len()..)?.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix(':')?.lines().next()?;
        let word = before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == '-');
        let value = rest.split(" #").next()?.trim().trim_matches(['"', '\'']);
        let shown = value.chars().take(limits::SHOWN_CHARACTERS).collect();
        (!word).then_some((offset as u64, shown))
    };
    text.match_indices(key).filter_map(value).take(limits::SCAN_OBSERVATIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    #[test]
    fn targets_are_found_in_every_notation() {
        for text in ["a:\n  _target_: os.system\n", "{_target_: os.system}", "- \"_target_\" : 'os.system' # x"] {
            let scan = scan("a.yaml", text.as_bytes());
            assert_eq!(scan.rating, Rating::Suspicious, "{text}");
            assert!(scan.observations[0].called.as_ref().unwrap().raw().starts_with("os.system"), "{text}");
        }
        for text in ["my_target_: x", "# _target_ is no key", "a: _target_\n"] {
            assert_eq!(scan("a.yaml", text.as_bytes()).rating, Rating::Inert, "{text}");
        }
    }

    #[test]
    fn tags_of_python_are_found() {
        for (text, rating) in [
            ("a: 1\nb: [x, !!str y]\n", Rating::Inert),
            ("!!python/tuple [1, 2]", Rating::Inert),
            ("a: !!python/object/apply:os.system ['true']", Rating::Malicious),
            ("%TAG ! tag:yaml.org,2002:python/object/new:\n--- !os.system x", Rating::Malicious),
            ("a: !<tag:yaml.org,2002:python/name:os.system> ''", Rating::Suspicious),
            ("a: !!%70ython/object/apply:os.system []", Rating::Suspicious),
        ] {
            let found = scan("a.yaml", text.as_bytes()).rating;
            assert!(found == rating || (rating == Rating::Suspicious && found > rating), "{text} {found}");
        }
        assert_eq!(scan("conda.yaml", b"a: !!python/object/apply:os.system []").rating, Rating::Malicious);
    }
}
