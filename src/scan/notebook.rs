//! Notebooks: cells that a person runs, and outputs that a viewer shows at once.

use std::collections::BTreeSet;

use crate::limits;
use crate::scan::json_walk::{Keys, Node, walk};
use crate::scan::{Observation, Rating, Reason, Sheet, Stop};

/// Cell magics that run another language, or a file.
const MAGICS: &[&str] =
    &["bash", "cmd", "javascript", "js", "load", "perl", "run", "ruby", "script", "sh", "sx", "system", "writefile"];
/// What makes HTML run.
const ACTIVE: &[&str] = &[
    "<script",
    "javascript:",
    "<iframe",
    "<object",
    "<embed",
    "<meta",
    "onerror=",
    "onload=",
    "onclick=",
    "onmouseover=",
    "srcdoc=",
];

/// Judges the cells of a notebook.
pub(super) fn judge(text: &[u8], sheet: &mut Sheet) -> Result<(), Stop> {
    let mut seen = BTreeSet::new();
    let walked = walk(text, &mut |keys, node| {
        if let Some((reason, called)) = objection(keys, node)
            && seen.insert((reason, called.clone()))
        {
            let summary = match reason {
                Reason::ShellMagic => "a cell runs a program of the machine",
                _ => "what the notebook shows runs in the viewer",
            };
            sheet.report(Observation::new(reason, Rating::Suspicious, summary).called(called));
        }
    });
    walked.map_err(|(offset, message)| Stop::Malformed(offset, message))
}

fn objection(keys: Keys<'_>, node: Node<'_>) -> Option<(Reason, String)> {
    let keyed = |key: &str| keys.iter().any(|one| one == key);
    match node {
        Node::Text(text) if keyed("outputs") || keyed("attachments") => shown(keys, text),
        // A source is a text, or a list of lines.
        Node::Text(text) if keyed("source") || keyed("input") => {
            if let Some(line) = text.lines().find(|line| is_shell(line)) {
                return Some((Reason::ShellMagic, cut(line.trim())));
            }
            // Markdown is shown, and may hold HTML.
            active(text)
                .filter(|_| !text.trim_start().starts_with("%%"))
                .map(|what| (Reason::ActiveContent, what.into()))
        }
        _ => None,
    }
}

fn shown(keys: Keys<'_>, text: &str) -> Option<(Reason, String)> {
    let kind = keys.iter().rev().find(|key| key.contains('/'));
    let program = kind.filter(|kind| kind.contains("javascript"));
    let program = program.filter(|_| !text.trim().is_empty()).cloned();
    let html = kind.is_some_and(|kind| kind.contains("html") || kind.contains("svg") || kind.contains("markdown"));
    program.or_else(|| active(text).filter(|_| html).map(str::to_owned)).map(|what| (Reason::ActiveContent, what))
}

/// Returns what makes a piece of HTML run.
pub(super) fn active(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    ACTIVE.iter().find(|mark| text.contains(**mark)).copied()
}

/// Says whether a line of a cell leaves Python.
fn is_shell(line: &str) -> bool {
    let line = line.trim_start();
    let magic = line.trim_start_matches('%').split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
    line.starts_with('!')
        || line.contains("get_ipython().system")
        || (line.starts_with('%') && magic.is_some_and(|magic| MAGICS.contains(&magic)))
}

fn cut(text: &str) -> String {
    text.chars().take(limits::SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Format, test_support::scan};

    fn rated(cell: &str) -> Vec<Reason> {
        let text = format!(r#"{{"cells":[{cell}],"metadata":{{}},"nbformat":4,"nbformat_minor":5}}"#);
        let scan = scan("a.ipynb", text.as_bytes());
        assert_eq!(scan.format, Format::Notebook);
        scan.observations.iter().map(|seen| seen.reason).collect()
    }

    #[test]
    fn ordinary_cells_are_inert() {
        for cell in [
            "",
            r#"{"cell_type":"code","source":["import numpy as np\n","x = 1 != 2\n","%matplotlib inline"],"outputs":[]}"#,
            r#"{"cell_type":"code","source":"x","outputs":[{"data":{"text/html":["<table><tr><td>1</td></tr></table>"],"image/png":"iVBOR"}}]}"#,
            r##"{"cell_type":"markdown","source":"# Title\n100 % of it!"}"##,
            r#"{"cell_type":"code","source":"x","outputs":[{"name":"stdout","text":["print('<script')"]}]}"#,
        ] {
            assert_eq!(rated(cell), [], "{cell}");
        }
    }

    #[test]
    fn shell_and_scripts_are_suspicious() {
        for cell in [
            r#"{"source":["x = 1\n","  !pip install x"]}"#,
            r#"{"source":"%%bash\nls"}"#,
            r#"{"source":"%run x.py"}"#,
            r#"{"source":"%%javascript\nalert(1)"}"#,
            r#"{"source":"get_ipython().system('ls')"}"#,
        ] {
            assert_eq!(rated(cell), [Reason::ShellMagic], "{cell}");
        }
        for cell in [
            r#"{"outputs":[{"data":{"application/javascript":["alert(1)"]}}]}"#,
            r#"{"outputs":[{"data":{"text/html":["<SCRIPT>alert(1)</SCRIPT>"]}}]}"#,
            r#"{"outputs":[{"data":{"image/svg+xml":"<svg onload=alert(1)>"}}]}"#,
            r#"{"cell_type":"markdown","source":"<img src=x onerror=alert(1)>"}"#,
        ] {
            assert_eq!(rated(cell), [Reason::ActiveContent], "{cell}");
        }
    }
}
