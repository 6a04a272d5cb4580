//! Notebooks: cells that a person runs, and outputs that a viewer shows at once.

use std::collections::BTreeSet;

use crate::limits;
use crate::scan::active::{active, scheme};
use crate::scan::json_walk::{Keys, Node, walk};
use crate::scan::{Observation, Rating, Reason, Sheet, Stop};

/// Magics that run another program, another language or a file.
const MAGICS: &[&str] = &[
    "alias",
    "bash",
    "cmd",
    "conda",
    "file",
    "javascript",
    "js",
    "load",
    "loadpy",
    "mamba",
    "micromamba",
    "perl",
    "pip",
    "pypy",
    "python",
    "python2",
    "python3",
    "run",
    "ruby",
    "sc",
    "script",
    "sh",
    "sx",
    "system",
    "uv",
    "writefile",
];
/// What the shell of `IPython` is asked for by name.
const METHODS: &[&str] = &[".system", ".getoutput", "run_line_magic", "run_cell_magic", ".magic", ".run_cell"];
/// Cells that are shown and not run.
const SHOWN: &[&str] = &["%%html", "%%latex", "%%markdown", "%%svg"];

/// Judges the cells of a notebook.
pub(super) fn judge(text: &[u8], sheet: &mut Sheet) -> Result<(), Stop> {
    let mut seen = BTreeSet::new();
    let mut report = |keys: Keys<'_>, text: &str| {
        if let Some((reason, called)) = objection(keys, text)
            && seen.insert((reason, called.clone()))
        {
            let summary = match reason {
                Reason::ShellMagic => "a cell runs a program of the machine",
                _ => "what the notebook shows runs in the viewer",
            };
            sheet.report(Observation::new(reason, Rating::Suspicious, summary).called(called));
        }
    };
    let mut pieces = Pieces::default();
    let walked = walk(text, &mut |keys, node| match node {
        Node::Text(text) => pieces.take(keys, text, &mut report),
        _ => pieces.end(&mut report),
    });
    pieces.end(&mut report);
    walked.map_err(|(offset, message)| Stop::Malformed(offset, message))
}

/// A text that a notebook keeps as a list of its pieces, which may end anywhere.
#[derive(Default)]
struct Pieces {
    keys: Vec<String>,
    text: String,
}

impl Pieces {
    /// Takes an element of a list as one more piece, and any other text as a whole.
    fn take(&mut self, keys: Keys<'_>, text: &str, each: &mut dyn FnMut(Keys<'_>, &str)) {
        if keys.last().is_some_and(String::is_empty) {
            if self.keys != keys {
                self.end(each);
                self.keys = keys.to_vec();
            }
            self.text.push_str(text);
        } else {
            self.end(each);
            each(keys, text);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Keys<'_>, &str)) {
        if !self.text.is_empty() {
            each(&self.keys, &self.text);
        }
        *self = Self::default();
    }
}

fn objection(keys: Keys<'_>, text: &str) -> Option<(Reason, String)> {
    let keyed = |key: &str| keys.iter().any(|one| one == key);
    if keyed("outputs") || keyed("attachments") {
        return shown(keys, text);
    }
    if !keyed("source") && !keyed("input") {
        return None;
    }
    if let Some(line) = text.lines().find(|line| is_shell(line)) {
        return Some((Reason::ShellMagic, cut(line.trim())));
    }
    // Markdown is shown, and may hold HTML.
    let cell = text.trim_start();
    let runs = cell.starts_with("%%") && !SHOWN.iter().any(|magic| cell.starts_with(magic));
    active(text).filter(|_| !runs).map(|what| (Reason::ActiveContent, what))
}

fn shown(keys: Keys<'_>, text: &str) -> Option<(Reason, String)> {
    let kind = keys.iter().rev().find(|key| key.contains('/'))?;
    let is = |word: &str| kind.contains(word);
    let what = if is("javascript") && !text.trim().is_empty() {
        Some(kind.clone())
    } else if is("html") || is("svg") || is("markdown") {
        active(text)
    } else if is("latex") {
        scheme(text).map(str::to_owned)
    } else {
        None
    };
    what.map(|what| (Reason::ActiveContent, what))
}

/// Says whether a line of a cell leaves Python.
fn is_shell(line: &str) -> bool {
    let line = line.trim_start();
    let assigned = line.split_once('=').map(|(_, value)| value.trim_start()).unwrap_or_default();
    let asked = line.contains("get_ipython") && METHODS.iter().any(|method| line.contains(method));
    asked || leaves(line) || leaves(assigned)
}

/// Says whether what stands at the start of a line, or behind `=`, is for the shell.
fn leaves(text: &str) -> bool {
    if text.starts_with('!') {
        return !text.starts_with("!=");
    }
    let Some(magic) = text.strip_prefix('%') else { return false };
    let magic = magic.trim_start_matches('%');
    let end = magic.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(magic.len());
    let (name, rest) = magic.split_at_checked(end).unwrap_or_default();
    MAGICS.contains(&name) || rest.trim_start().starts_with('!')
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
            r#"{"cell_type":"code","source":["import numpy as np\n","x = 1 != 2\n","%matplotlib inline\n","%load_ext autoreload\n","%time x == y"],"outputs":[]}"#,
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
            r#"{"source":"get_ipython ().run_line_magic('sx', 'ls')"}"#,
            r#"{"source":"files = !ls"}"#,
            r#"{"source":"a, b = %sx ls"}"#,
            r#"{"source":"%timeit !ls"}"#,
            r#"{"source":"%pip install x"}"#,
            r#"{"source":["%%ba","sh\nls"]}"#,
            r#"{"source":["x\n","!","ls"]}"#,
        ] {
            assert_eq!(rated(cell), [Reason::ShellMagic], "{cell}");
        }
        for cell in [
            r#"{"outputs":[{"data":{"application/javascript":["alert(1)"]}}]}"#,
            r#"{"outputs":[{"data":{"text/html":["<SCRIPT>alert(1)</SCRIPT>"]}}]}"#,
            r#"{"outputs":[{"data":{"image/svg+xml":"<svg onload=alert(1)>"}}]}"#,
            r#"{"cell_type":"markdown","source":"<img src=x onerror=alert(1)>"}"#,
            r#"{"outputs":[{"data":{"text/html":["<scr","ipt>alert(1)</script>"]}}]}"#,
            r#"{"outputs":[{"data":{"text/latex":"\\href{javascript:x}{y}"}}]}"#,
            r#"{"source":"%%html\n<b onpointerenter=x>"}"#,
        ] {
            assert_eq!(rated(cell), [Reason::ActiveContent], "{cell}");
        }
    }
}
