//! The floors of `docs/architecture.md`: imports go down, and within a floor along the edges named here.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every module with its floor.
const FLOORS: [(&str, &[&str]); 9] = [
    (
        "values",
        &[
            "closed_list",
            "digest",
            "failure",
            "fault",
            "finding",
            "json",
            "limits",
            "name",
            "obtained",
            "path",
            "source",
            "text",
            "yaml",
        ],
    ),
    (
        "formats",
        &[
            "card",
            "configuration",
            "cyclonedx",
            "dataset",
            "dsse",
            "file_list",
            "foreign",
            "intoto",
            "lockfile",
            "notebook",
            "oms",
            "osv",
            "package_url",
            "pem",
            "reference",
            "release",
            "sigstore_bundle",
            "weights",
        ],
    ),
    (
        "outside",
        &[
            "bundle",
            "certificate",
            "code_tree",
            "files",
            "git",
            "inventory",
            "key",
            "signer",
            "sigstore",
            "state",
            "tensors",
            "trust",
        ],
    ),
    ("core", &["evidence"]),
    ("judgement", &["completeness", "describe", "facts", "licence", "policy", "scan"]),
    ("verdict", &["verify"]),
    (
        "jobs",
        &[
            "append",
            "approve",
            "attest",
            "create",
            "diff",
            "inspect",
            "model",
            "policy_signature",
            "policy_test",
            "promote",
            "receipt",
            "seal",
            "validate",
            "withdraw",
        ],
    ),
    ("paper", &["render"]),
    ("edge", &["cli"]),
];

/// The imports within a floor.
const WITHIN: &[(&str, &str)] = &[
    ("approve", "append"),
    ("attest", "append"),
    ("code_tree", "files"),
    ("code_tree", "git"),
    ("code_tree", "inventory"),
    ("bundle", "files"),
    ("certificate", "key"),
    ("create", "inspect"),
    ("cyclonedx", "file_list"),
    ("cyclonedx", "intoto"),
    ("cyclonedx", "reference"),
    ("dataset", "card"),
    ("dataset", "weights"),
    ("describe", "facts"),
    ("describe", "scan"),
    ("diff", "inspect"),
    ("facts", "scan"),
    ("failure", "finding"),
    ("failure", "text"),
    ("finding", "closed_list"),
    ("finding", "limits"),
    ("finding", "name"),
    ("finding", "text"),
    ("foreign", "dsse"),
    ("foreign", "sigstore_bundle"),
    ("intoto", "oms"),
    ("intoto", "reference"),
    ("inventory", "files"),
    ("json", "limits"),
    ("name", "digest"),
    ("oms", "file_list"),
    ("osv", "package_url"),
    ("path", "digest"),
    ("path", "limits"),
    ("path", "text"),
    ("release", "configuration"),
    ("release", "cyclonedx"),
    ("release", "intoto"),
    ("policy", "completeness"),
    ("policy", "licence"),
    ("promote", "append"),
    ("seal", "append"),
    ("signer", "certificate"),
    ("signer", "key"),
    ("source", "limits"),
    ("sigstore_bundle", "dsse"),
    ("sigstore", "certificate"),
    ("sigstore", "key"),
    ("state", "files"),
    ("tensors", "inventory"),
    ("trust", "certificate"),
    ("trust", "files"),
    ("trust", "key"),
    ("trust", "sigstore"),
    ("yaml", "limits"),
];

/// Lines of a file without its tests.
const LONGEST_FILE: usize = 400;

struct Source {
    path: PathBuf,
    module: String,
    /// The text before the tests.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            // Lists and tables that are compiled in are no modules.
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let inside = path.strip_prefix(&root).unwrap();
            let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            sources.push(Source { path, module, code });
        }
    }
    sources.retain(|source| !["lib", "main", "test_support"].contains(&source.module.as_str()));
    sources
}

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|(_, modules)| modules.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` stands on no floor: add it to FLOORS and to docs/architecture.md"))
}

/// Returns the modules that a text names behind `crate::`.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let named: BTreeSet<String> = code.split("crate::").skip(1).map(word).collect();
    named.into_iter().filter(|word| !word.is_empty() && word != "test_support").collect()
}

fn edges() -> BTreeMap<(String, String), PathBuf> {
    let mut edges = BTreeMap::new();
    for source in sources() {
        for target in imports(&source.code).into_iter().filter(|target| *target != source.module) {
            edges.insert((source.module.clone(), target), source.path.clone());
        }
    }
    edges
}

#[test]
fn imports_go_down() {
    for ((from, to), path) in edges() {
        let allowed = floor(&to) < floor(&from) || WITHIN.contains(&(from.as_str(), to.as_str()));
        assert!(allowed, "{}: `{from}` must not import `{to}`", path.display());
    }
}

#[test]
fn every_edge_within_a_floor_is_used_and_none_makes_a_circle() {
    let edges = edges();
    for (from, to) in WITHIN {
        assert_eq!(floor(from), floor(to), "{from} -> {to} is not within a floor");
        assert!(edges.contains_key(&((*from).to_owned(), (*to).to_owned())), "{from} -> {to} is not used");
    }
    let mut open: Vec<(&str, &str)> = WITHIN.to_vec();
    while let Some(leaf) = open.iter().find(|(_, to)| !open.iter().any(|(from, _)| from == to)).copied() {
        open.retain(|edge| *edge != leaf);
    }
    assert!(open.is_empty(), "these make a circle: {open:?}");
}

#[test]
fn every_module_stands_on_a_floor_and_in_the_docs() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).unwrap();
    let found: BTreeSet<String> = sources().into_iter().map(|source| source.module).collect();
    for (_, modules) in FLOORS {
        for module in modules {
            assert!(found.contains(*module), "`{module}` is not in src");
            assert!(docs.contains(&format!("`{module}`")), "docs/architecture.md does not name `{module}`");
        }
    }
    for module in found {
        floor(&module);
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    for source in sources() {
        let lines = source.code.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", source.path.display());
        assert!(source.code.starts_with("//! "), "{} does not say what it is", source.path.display());
    }
}

#[test]
fn there_is_no_network() {
    for source in sources() {
        for word in ["std::net", "TcpStream", "UnixStream", "reqwest", "tokio"] {
            assert!(!source.code.contains(word), "{} names {word}", source.path.display());
        }
    }
}

/// The one stopwatch outside of the edge: it says when a condition is given up, and no time of day.
const STOPWATCH: &str = "src/policy/rego/bounds.rs";

#[test]
fn only_the_edge_reads_environment_terminal_and_clock() {
    for source in sources().into_iter().filter(|source| source.module != "cli") {
        for word in ["std::env", "env::var", "Utc::now", "SystemTime", "Instant", "stdout()", "stderr()", "is_terminal"]
        {
            let stopwatch = word == "Instant" && source.path.ends_with(STOPWATCH);
            assert!(stopwatch || !source.code.contains(word), "{} names {word}", source.path.display());
        }
    }
}

#[test]
fn proofs_are_made_in_the_core_alone() {
    for source in sources().into_iter().filter(|source| source.module != "evidence") {
        for word in ["MatchedStatement(", "VerifiedStatement {", "Authenticated {", "Evidence {"] {
            let made = source
                .code
                .match_indices(word)
                .any(|(start, _)| !source.code[..start].ends_with(|before: char| before.is_alphanumeric()));
            assert!(!made, "{} makes a proof: {word}", source.path.display());
        }
    }
}
