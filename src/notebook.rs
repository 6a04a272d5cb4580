//! Notebooks (nbformat 4): how much code is in one, and what it imports. Nothing is ever executed.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::json::{self, JsonError};
use crate::limits;

/// What a notebook says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notebook {
    /// The language of its kernel.
    pub language: Option<String>,
    /// How many cells hold code.
    pub code_cells: usize,
    /// The top-level modules that import statements of Python name.
    pub imports: BTreeSet<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    metadata: Metadata,
    cells: Vec<Cell>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    kernelspec: Option<Kernel>,
    language_info: Option<Language>,
}

#[derive(Deserialize)]
struct Kernel {
    language: Option<String>,
}

#[derive(Deserialize)]
struct Language {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    source: Source,
}

/// A text, or its lines.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Text(String),
    Lines(Vec<String>),
}

impl Notebook {
    /// Reads the bytes of a notebook.
    pub fn read(bytes: &[u8]) -> Result<Self, JsonError> {
        let file: File = json::parse(bytes)?;
        let language = file.metadata.language_info.and_then(|language| language.name);
        let language = language.or_else(|| file.metadata.kernelspec.and_then(|kernel| kernel.language));
        let mut notebook = Self { language: language.map(|word| shown(&word)), ..Self::default() };
        let python = notebook.language.as_deref().is_none_or(|language| language == "python");
        for cell in file.cells.iter().filter(|cell| cell.cell_type == "code") {
            notebook.code_cells += 1;
            let source = match &cell.source {
                Source::Text(text) => text.clone(),
                Source::Lines(lines) => lines.concat(),
            };
            // A cell of another language starts with a magic that says so.
            if python && !source.trim_start().starts_with("%%") {
                source.lines().for_each(|line| imported(line, &mut notebook.imports));
            }
        }
        Ok(notebook)
    }
}

/// Adds the modules that the import statements of a line name.
fn imported(line: &str, imports: &mut BTreeSet<String>) {
    for statement in line.split(';') {
        let statement = statement.trim_start();
        if let Some(names) = statement.strip_prefix("import ") {
            names.split(',').for_each(|name| keep(name, imports));
        } else if let Some((module, _)) = statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import")) {
            keep(module, imports);
        }
    }
}

/// Keeps the first name of a dotted path; a relative import has none.
fn keep(path: &str, imports: &mut BTreeSet<String>) {
    let name: String = path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let fits = name.chars().next().is_some_and(|first| !first.is_numeric()) && name.len() <= 100;
    if fits && imports.len() < limits::NOTEBOOK_IMPORTS {
        imports.insert(name);
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &str) -> Notebook {
        let text = format!(r#"{{"cells":[{cells}],"metadata":{{"kernelspec":{{"language":"python"}}}},"nbformat":4}}"#);
        Notebook::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn imports_are_found() {
        let notebook = read(concat!(
            r##"{"cell_type":"code","source":["import numpy as np, torch.nn\n","from sklearn.svm import SVC; import os\n","    import json"]},"##,
            r##"{"cell_type":"code","source":"from . import x\nfrom .y import z\n# import a\nprint('import b')\nimportlib = 1"},"##,
            r##"{"cell_type":"code","source":"%%bash\nimport c"},"##,
            r##"{"cell_type":"markdown","source":"import d"}"##,
        ));
        assert_eq!(
            notebook.imports.iter().map(String::as_str).collect::<Vec<_>>(),
            ["json", "numpy", "os", "sklearn", "torch"]
        );
        assert_eq!((notebook.code_cells, notebook.language.as_deref()), (3, Some("python")));
    }

    #[test]
    fn other_languages_import_nothing_that_we_read() {
        let text =
            br#"{"cells":[{"cell_type":"code","source":"import a"}],"metadata":{"language_info":{"name":"julia"}}}"#;
        assert!(Notebook::read(text).unwrap().imports.is_empty());
    }

    #[test]
    fn other_files_are_errors() {
        let deep = format!(r#"{{"cells":{}"#, "[".repeat(100_000));
        for text in ["", "[]", "{}", r#"{"cells":{}}"#, r#"{"cells":[{"cell_type":"code"}]}"#, r#"{"cells":["#, &deep] {
            assert!(Notebook::read(text.as_bytes()).is_err(), "{text:.30}");
        }
    }

    #[test]
    fn imports_are_bounded() {
        let lines: Vec<String> = (0..2 * limits::NOTEBOOK_IMPORTS).map(|n| format!("import a{n}\\n")).collect();
        let lines = lines.concat();
        let notebook = read(&format!(r#"{{"cell_type":"code","source":"{lines}"}}"#));
        assert_eq!(notebook.imports.len(), limits::NOTEBOOK_IMPORTS);
    }
}
