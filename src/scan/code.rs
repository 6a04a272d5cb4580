//! Programs: source that an interpreter runs, and native code.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, credentials};
use crate::source::ReadAt;

/// Extensions of source code.
const SOURCE: &[&str] = &[
    "asp", "aspx", "awk", "bash", "bat", "c", "cc", "cgi", "cjs", "cl", "clj", "cmake", "cmd", "coffee", "command",
    "cpp", "cs", "csh", "cu", "cuh", "cxx", "dart", "desktop", "ex", "exs", "f90", "fish", "fs", "fsx", "go", "gradle",
    "groovy", "h", "hh", "hpp", "hs", "hta", "hxx", "ipy", "java", "jl", "js", "jse", "jsp", "jsx", "ksh", "kt", "kts",
    "ll", "lua", "m", "metal", "mjs", "mk", "mm", "nim", "php", "pl", "ps1", "ps1xml", "psd1", "psm1", "ptx", "pxd",
    "py", "pyi", "pyw", "pyx", "pyz", "qmd", "r", "rb", "rmd", "rs", "sage", "scala", "scpt", "service", "sh", "swift",
    "tcl", "tcsh", "ts", "tsx", "vb", "vbe", "vbs", "vbscript", "wat", "wsf", "xsh", "xsl", "xslt", "zig", "zsh",
];
/// Files without extension that a program runs: `make`, a container builder, a shell that starts.
const SCRIPTS: &[&str] = &[
    ".bash_profile",
    ".bashrc",
    ".envrc",
    ".profile",
    ".zshrc",
    "containerfile",
    "dockerfile",
    "jenkinsfile",
    "justfile",
    "makefile",
    "pkgbuild",
    "rakefile",
    "vagrantfile",
];
/// How native code and byte code begin.
const NATIVE: &[(&[u8], &str)] = &[
    (b"\x7fELF", "a program or library for Linux"),
    (b"MZ", "a program or library for Windows"),
    (b"\xfe\xed\xfa\xce", "a program or library for macOS"),
    (b"\xfe\xed\xfa\xcf", "a program or library for macOS"),
    (b"\xce\xfa\xed\xfe", "a program or library for macOS"),
    (b"\xcf\xfa\xed\xfe", "a program or library for macOS"),
    (b"\xca\xfe\xba\xbe", "Java byte code, or a library for macOS"),
    (b"\0asm", "WebAssembly"),
    (b"!<arch>\n", "a native library"),
    (b"dex\n", "Android byte code"),
];

/// Says whether files with an extension are source code.
pub(super) fn is_source(extension: &str) -> bool {
    SOURCE.contains(&extension)
}

/// Source code, by its extension or its first line.
pub(super) struct Source;

impl Check for Source {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let script = head.bytes.starts_with(b"#!");
        let text = !head.bytes.is_empty() && !head.bytes.contains(&0);
        let name = head.name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let named = text && (is_source(&head.extension()) || SCRIPTS.contains(&name.as_str()));
        (script || named).then_some(Format::SourceCode)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let summary = "source code beside a model: a loader may run it";
        sheet.report(Observation::new(Reason::SourceCode, Rating::Suspicious, summary));
        credentials::scan(source, sheet)
    }
}

/// Native code and byte code, by how it begins.
pub(super) struct Native;

impl Check for Native {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        native(head.bytes).or_else(|| bytecode(head)).map(|_| Format::NativeCode)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let mut buffer = [0; 16];
        let bytes = crate::source::fill(source, 0, &mut buffer)?;
        let head = Head { bytes, source, name };
        let what = native(bytes).or_else(|| bytecode(&head)).unwrap_or("native code");
        sheet.report(Observation::new(Reason::NativeCode, Rating::Suspicious, format!("it is {what}")));
        Ok(())
    }
}

fn native(bytes: &[u8]) -> Option<&'static str> {
    NATIVE.iter().find_map(|(magic, what)| bytes.starts_with(magic).then_some(*what))
}

/// Python's byte code has a magic number that ends in a line break, and changes with each version.
fn bytecode(head: &Head<'_>) -> Option<&'static str> {
    let magic = matches!(head.bytes, [_, _, b'\r', b'\n', ..]);
    (magic && ["pyc", "pyo"].contains(&head.extension().as_str())).then_some("Python byte code")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    #[test]
    fn programs_are_suspicious() {
        for (name, bytes) in [
            ("train.py", &b"import os"[..]),
            ("modeling_x.py", b""),
            ("setup", b"#!/bin/sh\ntrue\n"),
            ("x.SH", b"true"),
            ("sub/Makefile", b"all:\n\ttrue\n"),
            ("lib.so", b"\x7fELF\x02\x01\x01"),
            ("model.bin", b"\x7fELF\x02\x01\x01"),
            ("x.exe", b"MZ\x90\0"),
            ("x.pyc", b"\xcb\r\r\n\0\0\0\0"),
        ] {
            let rating = scan(name, bytes).rating;
            let expected = if bytes.is_empty() { Rating::Inert } else { Rating::Suspicious };
            assert_eq!(rating, expected, "{name}");
        }
    }

    #[test]
    fn words_that_begin_like_a_program_are_text() {
        assert_eq!(scan("notes.txt", b"python is a language").rating, Rating::Inert);
    }
}
