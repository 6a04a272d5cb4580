//! The docs say what the code does: codes, limits, commands.

use std::collections::BTreeSet;
use std::fs;

use assaymark::finding::Code;
use assaymark::limits;

use crate::support::repository;

fn read(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

#[test]
fn every_code_has_a_section_and_no_section_is_stale() {
    let rules = read("docs/rules.md");
    let sections: Vec<_> = rules.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(sections, codes);
}

#[test]
fn the_attack_table_covers_what_the_vectors_cover() {
    let rules = read("docs/rules.md");
    let table: BTreeSet<u32> = rules
        .lines()
        .filter_map(|line| line.strip_prefix("| N")?.split_once(" |").map(|(numbers, _)| numbers.replace('N', "")))
        .flat_map(|numbers| numbers.split(", ").flat_map(range).collect::<Vec<_>>())
        .collect();
    let all: BTreeSet<u32> = (1..=145).collect();
    assert_eq!(table, all, "docs/rules.md must say something of each number");
}

/// Tables of the cases of other suites name tests of ours.
#[test]
fn tests_that_the_tables_of_suites_name_are_there() {
    let page = read("docs/interop.md");
    let tables = page.split_once("## sigstore-conformance, case by case").unwrap().1;
    let named: BTreeSet<&str> = tables.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
    let named: Vec<&str> = named.into_iter().filter(|name| !name.contains(['-', '.', '/'])).collect();
    let mut sources = String::new();
    for folder in ["tests/it", "tests/it/suites"] {
        for entry in fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                sources += &fs::read_to_string(path).unwrap();
            }
        }
    }
    let absent: Vec<_> = named.iter().filter(|name| !sources.contains(&format!("fn {name}()"))).collect();
    assert!(named.len() > 25 && absent.is_empty(), "docs/interop.md names tests that are not there: {absent:?}");
}

#[test]
fn every_dependency_has_a_reason() {
    let page = read("docs/design/dependencies.md");
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let crates = manifest["dependencies"].as_table().unwrap();
    let unnamed: Vec<_> = crates.keys().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert_eq!(unnamed, Vec::<&String>::new(), "docs/design/dependencies.md must say why");
}

fn range(text: &str) -> Vec<u32> {
    let number = |text: &str| text.parse().unwrap();
    match text.split_once('–') {
        Some((first, last)) => (number(first)..=number(last)).collect(),
        None => vec![number(text)],
    }
}

#[test]
fn the_limits_are_the_documented_ones() {
    let format = read("docs/format.md");
    let grouped = |number: usize| {
        let digits = number.to_string();
        let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    };
    for text in [
        format!(
            "{} MiB, {} lines, {} MiB a line",
            limits::BUNDLE_BYTES >> 20,
            grouped(limits::BUNDLE_LINES),
            limits::LINE_BYTES >> 20
        ),
        format!(
            "{} levels, {} members an object, {} values",
            limits::JSON_DEPTH,
            grouped(limits::JSON_MEMBERS),
            grouped(limits::JSON_NODES)
        ),
        format!(
            "| {} MiB, {} values; {} in all of a bundle |",
            limits::PREDICATE_BYTES >> 20,
            grouped(limits::PREDICATE_NODES),
            grouped(limits::BUNDLE_NODES)
        ),
        format!("| state | {} MiB, {} releases |", limits::STATE_BYTES >> 20, grouped(limits::JSON_MEMBERS)),
        format!(
            "| list of withdrawals | {} MiB, {} lines |",
            limits::WITHDRAWALS_BYTES >> 20,
            grouped(limits::WITHDRAWALS_LINES)
        ),
        format!("{} GiB digested", limits::SIGNATURE_WORK >> 30),
        format!(
            "{} files, {} nested folders, {} bytes a path",
            grouped(limits::TREE_FILES),
            limits::TREE_DEPTH,
            grouped(limits::PATH_BYTES)
        ),
        format!("| {} MiB |", limits::CONFIGURATION_BYTES >> 20),
        format!(
            "{} MiB mixed by scrypt, {} iterations of PBKDF2",
            limits::SCRYPT_BYTES >> 20,
            grouped(limits::PBKDF2_ITERATIONS as usize)
        ),
        format!("{} of each code", grouped(limits::FINDINGS_PER_CODE)),
        format!(
            "{}, {} MiB of names, types and shapes; {} are recorded",
            grouped(limits::TENSORS),
            limits::TENSOR_TABLE_BYTES >> 20,
            grouped(limits::RECORDED_TENSORS)
        ),
        format!("up to {} files", grouped(limits::LISTED_FILES)),
        format!(
            "| Parquet | {} MiB of metadata, {} MiB of a page's header, {} groups inside groups; {} MiB of pages and \
             dictionaries at one time, {} GiB unpacked in all",
            limits::PARQUET_METADATA_BYTES >> 20,
            limits::PARQUET_PAGE_HEADER_BYTES >> 20,
            limits::PARQUET_DEPTH,
            limits::PARQUET_OPEN_BYTES >> 20,
            limits::PARQUET_UNPACKED_BYTES >> 30
        ),
        format!("| package facts | {} MiB |", limits::PACKAGE_FACTS_BYTES >> 20),
        format!(
            "{} KiB, {} seconds of a processor and {} in all, {} MiB of memory, {} MiB of evidence, {} MiB for a text that a builtin makes, {} messages",
            limits::CONDITION_BYTES >> 10,
            limits::CONDITION_TIME.as_secs(),
            limits::CONDITION_PATIENCE.as_secs(),
            limits::CONDITION_MEMORY >> 20,
            limits::CONDITION_INPUT_BYTES >> 20,
            limits::CONDITION_TEXT >> 20,
            limits::CONDITION_MESSAGES
        ),
    ] {
        assert!(format.contains(&text), "docs/format.md does not say: {text}");
    }
}

#[test]
fn the_command_line_is_the_documented_one() {
    let mut page = String::from("# Command line\n\nMade by `cargo test` from the program itself.\n");
    for path in commands(&assaymark::cli::command(), "assaymark") {
        let mut command = assaymark::cli::command().term_width(110);
        let words: Vec<&str> = path.split(' ').skip(1).collect();
        let mut found = &mut command;
        for word in words {
            found = found.find_subcommand_mut(word).unwrap();
        }
        let help = found.clone().bin_name(&path).term_width(110).render_long_help().to_string();
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        page.extend(["\n## `", path.as_str(), "`\n\n```text\n", help.join("\n").trim_end(), "\n```\n"]);
    }
    let place = repository("docs/cli.md");
    if std::env::var_os("ASSAYMARK_BLESS").is_some() {
        fs::write(&place, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(place).unwrap_or_default(), page, "run with ASSAYMARK_BLESS=1");
}

/// Returns the commands among the examples of the help, each in one line.
fn examples(page: &str) -> Vec<String> {
    let joined = page.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let lines = lines.filter_map(|line| line.strip_prefix("ASSAYMARK_KEY_PASSWORD=… ").or(Some(line)));
    let starts = |line: &&str| {
        ["bom ", "bundle ", "key ", "policy ", "scan ", "completions "]
            .iter()
            .any(|noun| line.starts_with(&format!("assaymark {noun}")))
    };
    lines.filter(starts).map(|line| line.split(" > ").next().unwrap().to_owned()).collect()
}

#[test]
fn the_examples_of_the_help_are_commands() {
    let page = read("docs/cli.md");
    let examples = examples(&page);
    assert!(examples.len() >= 14, "{examples:?}");
    for example in examples {
        let parsed = assaymark::cli::command().try_get_matches_from(example.split_whitespace());
        assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
    }
}

fn commands(command: &clap::Command, path: &str) -> Vec<String> {
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let inner = inner.flat_map(|inner| commands(inner, &format!("{path} {}", inner.get_name())));
    std::iter::once(path.to_owned()).chain(inner).collect()
}

#[test]
fn vendored_files_are_the_recorded_ones() {
    for folder in fs::read_dir(repository("schemas/third-party")).unwrap() {
        let folder = folder.unwrap().path();
        let source = fs::read_to_string(folder.join("SOURCE.md")).unwrap();
        assert!(folder.join("LICENSE").exists(), "{}", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.file_name().unwrap().to_str().unwrap();
                let digest = assaymark::digest::Digest::of(&fs::read(&path).unwrap());
                assert!(source.contains(&format!("| `{name}` | `{digest}` |")), "{name} is not the recorded file");
            }
        }
    }
}

#[test]
fn every_reason_and_format_of_the_scan_is_documented() {
    let page = read("docs/scan.md");
    let reasons = assaymark::scan::Reason::ALL.iter().map(|reason| reason.as_str());
    let formats = assaymark::scan::Format::ALL.iter().map(|format| format.as_str());
    for word in reasons.chain(formats) {
        assert!(page.contains(&format!("| `{word}` |")), "docs/scan.md does not say `{word}`");
    }
}
