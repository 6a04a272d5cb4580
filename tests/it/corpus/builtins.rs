//! Built-in functions, under the names of Python 2 and 3.

use super::make::pickle::call;
use super::{Entry, Technique};

const GROUP: &str = "builtins";
const CODE: &str = "print('corpus')";

const CALLS: &[(&str, &[&str])] = &[
    ("eval", &[CODE]),
    ("exec", &[CODE]),
    ("compile", &[CODE, "corpus", "exec"]),
    ("__import__", &["this"]),
    ("open", &["/nonexistent/file"]),
    ("getattr", &["text", "upper"]),
    ("setattr", &["object", "name", "value"]),
    ("delattr", &["object", "name"]),
    ("input", &["corpus"]),
    ("breakpoint", &[]),
    ("globals", &[]),
    ("locals", &[]),
    ("vars", &[]),
    ("map", &["function", "values"]),
    ("filter", &["function", "values"]),
    ("apply", &["function", "values"]),
    ("execfile", &["/nonexistent/file"]),
    ("type", &["Name"]),
    ("memoryview", &["bytes"]),
    ("print", &["corpus"]),
    ("help", &["os"]),
    ("__build_class__", &["function", "Name"]),
    ("callable", &["name"]),
    ("classmethod", &["function"]),
];

pub fn entries() -> Vec<Entry> {
    let of = |(name, arguments): &(&str, &[&str])| {
        let module = if matches!(*name, "apply" | "execfile") { "__builtin__" } else { "builtins" };
        let file = format!("{}.pkl", name.trim_matches('_'));
        Entry::hostile(GROUP, Technique::Builtin, &file, call(4, module, name, arguments))
    };
    let mut entries: Vec<_> = CALLS.iter().map(of).collect();
    for name in ["eval", "exec", "__import__", "open"] {
        let file = format!("python-2-{}.pkl", name.trim_matches('_'));
        entries.push(Entry::hostile(GROUP, Technique::Builtin, &file, call(0, "__builtin__", name, &["1"])));
    }
    entries
}
