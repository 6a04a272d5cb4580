//! YAML: tags that make a loader build or call something, and keys that name what a loader calls.

use memchr::memmem;

use crate::limits;
use crate::path::TreePath;
use crate::scan::json::{IMPORTS, TARGETS};
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, pickle, template};
use crate::source::{ReadAt, exactly};
use crate::yaml::{Node, walk};

/// What every tag of YAML's own types begins with.
const TYPES: &str = "tag:yaml.org,2002:";
/// Types that are data: YAML's own, and those of Python that `PyYAML` writes for plain values.
const DATA: &[&str] = &[
    "binary",
    "bool",
    "float",
    "int",
    "map",
    "merge",
    "null",
    "omap",
    "pairs",
    "seq",
    "set",
    "str",
    "timestamp",
    "value",
];
const PYTHON_DATA: &[&str] =
    &["bool", "bytes", "complex", "dict", "float", "int", "list", "long", "none", "str", "tuple", "unicode"];
/// Types that are calls.
const CALLS: [&str; 2] = ["python/object/apply:", "python/object/new:"];
/// The key with the function that Hydra calls.
const TARGET: &str = "_target_";
/// Where YAML 1.1, which Python reads, breaks a line, and YAML 1.2 does not.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Extensions of what people read, and of rows and values of other formats: YAML there is an example.
const PROSE: [&str; 11] = ["csv", "htm", "html", "ipynb", "jsonl", "md", "mdx", "rst", "tex", "tsv", "txt"];

/// Says whether a text has tags of Python, which no other format has, and is no JSON.
fn is_tagged(text: &[u8]) -> bool {
    if let [b'{' | b'[', ..] = text.trim_ascii_start() {
        return false;
    }
    ["!!python/", "tag:yaml.org,2002:python/"].iter().any(|tag| memmem::find(text, tag.as_bytes()).is_some())
}

/// YAML, by its extension, or by tags of Python near its beginning.
pub(super) struct Yaml;

impl Check for Yaml {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let extension = head.extension();
        let named = ["yaml", "yml"].contains(&extension.as_str())
            || is_tagged(head.bytes) && !PROSE.contains(&extension.as_str());
        (named && !head.bytes.is_empty() && Text.detect(head).is_some()).then_some(Format::Yaml)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if source.len() > limits::SCAN_TEXT_BYTES {
            return Err(Stop::Limit(format!("YAML of more than {}", crate::text::bytes(limits::SCAN_TEXT_BYTES))));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        judge(&String::from_utf8_lossy(&bytes), sheet)
    }
}

/// Judges YAML, as both versions of it are read.
pub(super) fn judge(text: &str, sheet: &mut Sheet) -> Result<(), Stop> {
    look(text, sheet)?;
    // A comment that ends for one reader and goes on for another hides what follows.
    if text.contains(BREAKS) { look(&text.replace(BREAKS, "\n"), sheet) } else { Ok(()) }
}

fn look(text: &str, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut is_template = false;
    let walked = walk(text, &mut |offset, node| match node {
        Node::Tag(tag) => judge_tag(tag, offset, sheet),
        Node::Text(text) if is_template => {
            is_template = false;
            template::judge(text, Some(offset), sheet);
        }
        Node::Text(text) => {
            is_template = text == "chat_template";
            template::suspect(text, Some(offset), sheet);
        }
    });
    walked.map_err(|(offset, message)| Stop::Malformed(offset, message))?;
    values(text, &[TARGET], &mut |offset, _, called| {
        let summary = "names a function that a loader of its configuration calls";
        sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary).at(offset).called(called));
    });
    values(text, TARGETS, &mut |offset, _, called| {
        if pickle::is_dangerous_name(&called) {
            let summary = "names what no model needs, which a loader of its configuration calls";
            sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary).at(offset).called(called));
        }
    });
    values(text, &[IMPORTS], &mut |offset, _, _| {
        let summary = "names modules that a loader imports";
        sheet.report(Observation::new(Reason::RemoteCode, Rating::Suspicious, summary).at(offset).called(IMPORTS));
    });
    Ok(())
}

/// A tag is data, or something that a loader has to know how to build.
fn judge_tag(tag: &str, offset: u64, sheet: &mut Sheet) {
    let (rating, summary) = match tag.strip_prefix(TYPES) {
        Some(kind) if CALLS.iter().any(|call| kind.starts_with(call)) => {
            (Rating::Malicious, "a tag calls a function when the file is loaded")
        }
        Some(kind) if DATA.contains(&kind) => return,
        Some(kind) if kind.strip_prefix("python/").is_some_and(|kind| PYTHON_DATA.contains(&kind)) => return,
        None if tag == "!" => return,
        _ => (Rating::Suspicious, "a tag has the loader import, build or call something"),
    };
    let called: String = tag.strip_prefix(TYPES).unwrap_or(tag).chars().take(limits::SHOWN_CHARACTERS).collect();
    sheet.report(Observation::new(Reason::YamlObject, rating, summary).at(offset).called(called));
}

/// Hands over each text that is one of `keys`, wherever it stands, with its place and the text after it: the value, where
/// the key is one. What is no YAML has none.
pub(super) fn values(text: &str, keys: &[&str], each: &mut dyn FnMut(u64, &str, String)) {
    let mut key: Option<(u64, String)> = None;
    let _ = walk(text, &mut |offset, node| {
        let Node::Text(text) = node else { return };
        if let Some((at, key)) = key.take() {
            each(at, &key, text.chars().take(limits::SHOWN_CHARACTERS).collect());
        }
        key = keys.contains(&text).then(|| (offset, text.to_owned()));
    });
    if let Some((at, key)) = key {
        each(at, &key, String::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    #[test]
    fn targets_are_found_in_every_notation() {
        for text in [
            "a:\n  _target_: os.system\n",
            "{_target_: os.system}",
            "- \"_target_\" : 'os.system' # x",
            "? _target_\n: os.system\n",
            "\"_targ\\x65t_\": os.system\n",
            "a: {!!str _target_ : os.system}",
            "# a comment\u{2028}_target_: os.system\n",
        ] {
            let scan = scan("a.yaml", text.as_bytes());
            assert_eq!(scan.rating, Rating::Suspicious, "{text}");
            assert!(scan.observations[0].called.as_ref().unwrap().raw().starts_with("os.system"), "{text}");
        }
        assert_eq!(scan("a.yaml", b"a: &k _target_\nb: {*k : os.system}\n").rating, Rating::Suspicious);
        for text in ["my_target_: x", "# _target_ is no key", "a: the _target_\n"] {
            assert_eq!(scan("a.yaml", text.as_bytes()).rating, Rating::Inert, "{text}");
        }
    }

    #[test]
    fn only_tags_of_data_are_inert() {
        for (text, rating) in [
            ("a: 1\nb: [x, !!str y]\nc: ! z\n", Rating::Inert),
            ("!!python/tuple [1, 2]", Rating::Inert),
            ("a: '!apply:os.system'\nb: |\n  !apply:os.system\n", Rating::Inert),
            ("a: !!python/object/apply:os.system ['true']", Rating::Malicious),
            ("%TAG ! tag:yaml.org,2002:python/object/new:\n--- !os.system x", Rating::Malicious),
            ("%TAG !p! tag:yaml.org,2002:py\n--- !p!thon/object/apply:os.system []", Rating::Malicious),
            ("a: !!p%79thon/object/apply:os.system []", Rating::Malicious),
            ("a: !<tag:yaml.org,2002:python/name:os.system> ''", Rating::Suspicious),
            ("a: !new:os.system []", Rating::Suspicious),
            ("a: !!javax.script.ScriptEngineManager []", Rating::Suspicious),
        ] {
            assert_eq!(scan("a.yaml", text.as_bytes()).rating, rating, "{text}");
        }
        assert_eq!(scan("conda.yaml", b"a: !!python/object/apply:os.system []").rating, Rating::Malicious);
    }

    #[test]
    fn templates_that_reach_for_internals_are_found_and_what_is_no_yaml_is_unknown() {
        assert_eq!(scan("prompts.yaml", b"a: \"{{ ''.__class__ }}\"").rating, Rating::Malicious);
        assert_eq!(scan("prompts.yaml", b"a: \"{{ anything.at(all) }} {% x\"").rating, Rating::Inert);
        assert_eq!(scan("a.yaml", b"a: [1").rating, Rating::Unknown);
        assert_eq!(scan("a.yaml", b"chat_template: \"{{ unknown() }}\"").rating, Rating::Suspicious);
        assert_eq!(scan("a.yaml", b"model:\n  target: os.system\n").rating, Rating::Suspicious);
        assert_eq!(scan("a.yaml", b"model:\n  target: ldm.models.Model\n").rating, Rating::Inert);
        assert_eq!(scan("a.yaml", b"custom_imports:\n  imports: [ours]\n").rating, Rating::Suspicious);
        for name in ["a.cfg", "a.conf", "a.dvc", "dvc.lock", "hparams", "a.yaml.bak"] {
            let text = b"# of a run\na: !!python/object/apply:os.system [true]\n";
            assert_eq!(scan(name, text).rating, Rating::Malicious, "{name}");
        }
        assert_eq!(scan("README.md", b"a: !!python/object/apply:os.system [true]\n").rating, Rating::Inert);
    }
}
