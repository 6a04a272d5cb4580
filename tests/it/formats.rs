//! `--format`: each form is read by its schema or a reader of it, and none of them changes the verdict.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::peers::tool;
use crate::support::{Ran, Workplace, repository};

/// A name that would be markup, a command, a tag or an escape in one form or another.
const HOSTILE: &str = "x\n::error::forged]]><script>|`@all`[a](http://e.org) www.e.org %0A\u{1b}[2K\u{202e}";

const FORMATS: [&str; 6] = ["human", "json", "sarif", "junit", "github", "markdown"];

/// A release with a file that nobody signed, of a hostile name.
fn hostile() -> Workplace {
    let place = Workplace::new();
    place.create();
    // A slash can't be in a name.
    place.write(&format!("model/{}", HOSTILE.replace('/', ":")), "x");
    place
}

fn in_format(place: &Workplace, format: &str) -> Ran {
    place.run(&format!("bundle verify r.intoto.jsonl --trust release.pub --model model --format {format}"))
}

#[test]
fn no_format_changes_the_exit_status() {
    let good = Workplace::new();
    good.create();
    let bad = hostile();
    for format in FORMATS {
        assert!(!in_format(&good, format).exits(0).stdout.is_empty());
        assert!(!in_format(&bad, format).exits(1).stdout.is_empty());
        in_format(&bad, &format!("{format}=report.txt")).exits(1);
        assert!(bad.path("report.txt").exists());
    }
    let empty = Workplace::new();
    empty.write("r.intoto.jsonl", "");
    for format in FORMATS {
        in_format(&empty, format).exits(1);
    }
}

#[test]
fn several_formats_are_written_at_once() {
    let place = hostile();
    let all = "human --format json=r.json --format sarif=r.sarif --format junit=r.xml --format markdown=r.md";
    let ran = in_format(&place, all).exits(1);
    assert!(ran.stdout.contains("error["), "{}", ran.stdout);
    for name in ["r.json", "r.sarif", "r.xml", "r.md"] {
        assert!(!place.read(name).is_empty());
    }
    let two = in_format(&place, "sarif --format junit").exits(2);
    assert!(two.stderr.contains("two formats"), "{}", two.stderr);
    let useless = in_format(&place, "junit --explain").exits(2);
    assert!(useless.stderr.contains("`--explain` shows in no format"), "{}", useless.stderr);
}

#[test]
fn sarif_follows_the_schema() {
    let schema = fs::read_to_string(repository("schemas/third-party/sarif-2.1.0/sarif-2.1.0-rtm.5.json")).unwrap();
    // One pattern of the official file is no regular expression to a strict reader: it closes a bracket twice.
    let (broken, meant) = ("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    assert!(schema.contains(broken));
    let schema: Value = serde_json::from_str(&schema.replace(broken, meant)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{"tool": {}}]})));
    let good = Workplace::new();
    good.create();
    for (place, status) in [(good, 0), (hostile(), 1)] {
        let log: Value = in_format(&place, "sarif").exits(status).json();
        let errors: Vec<_> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["exitCode"], status);
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.iter().any(|result| result["level"] == "error"), status == 1);
        for result in results {
            let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte)), "{uri}");
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.contains("[a](") && !text.contains('\u{1b}'), "{text}");
        }
    }
}

#[test]
fn workflow_commands_can_not_be_forged() {
    let page = in_format(&hostile(), "github").exits(1).stdout;
    let lines: Vec<_> = page.lines().collect();
    assert!(lines.iter().all(|line| ["::error ", "::warning ", "::notice "].iter().any(|word| line.starts_with(word))));
    assert!(lines[0].starts_with("::error file=model/x"), "{page}");
    let heads: Vec<_> = lines.iter().map(|line| line.split("::").nth(1).unwrap()).collect();
    assert!(heads.iter().all(|head| !head.contains("forged") || head.starts_with("error file=model/x\\n%3A%3Aerror")));
    // What is left of a percent sign is what we wrote: an escape, and only of these.
    for part in page.split('%').skip(1) {
        assert!(["25", "0A", "3A", "2C"].iter().any(|escape| part.starts_with(escape)), "{part}");
    }
    let bundle = Workplace::new();
    bundle.create();
    let text = bundle.read("r.intoto.jsonl").replacen("\"sig\":\"", "\"sig\":\"AAAA", 1);
    bundle.write("r.intoto.jsonl", text);
    let page = in_format(&bundle, "github").exits(1).stdout;
    assert!(page.contains("::warning file=r.intoto.jsonl,title=bad-signature,line=1::"), "{page}");
    assert!(page.contains("::error file=r.intoto.jsonl,title=member-missing::"), "{page}");
    assert!(page.ends_with("1 error, 1 warning\n"), "{page}");
}

#[test]
fn markdown_shows_foreign_text_as_text() {
    let place = hostile();
    let page = in_format(&place, "markdown --explain").exits(1).stdout;
    for markup in ["<script", "`@all`", "@all", "[a](", "http://", "www.", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup}:\n{page}");
    }
    assert!(page.starts_with("## FAIL&#58; digits 1.0.0"), "{page}");
    assert!(page.contains("### What must be done\n\n1. **whoever verifies**: get the model again"), "{page}");
    let rows = page.lines().filter(|line| line.starts_with('|'));
    for row in rows {
        assert!([3, 4].contains(&row.matches('|').count()), "{row}");
    }
}

#[test]
fn junit_is_read_by_a_reader_of_it() {
    let place = hostile();
    let page = in_format(&place, "junit").exits(1).stdout;
    assert!(page.contains("<testcase classname=\"assaymark.verify\" name=\"verdict\""), "{page}");
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    in_format(&place, "junit=bad.xml").exits(1);
    let good = Workplace::new();
    good.create();
    place.write("good.xml", in_format(&good, "junit").exits(0).stdout);
    let Some(python) = tool("python3") else { return };
    let script = "import sys, junitparser\n\
        def read(path):\n    xml = junitparser.JUnitXml.fromfile(path); suite = next(iter(xml))\n\
        \x20   return [xml.tests, xml.failures, xml.errors, suite.skipped, len(list(suite)),\n\
        \x20       sum(1 for case in suite for result in case.result if isinstance(result, junitparser.Failure))]\n\
        print(read(sys.argv[1]), read(sys.argv[2]))";
    let known = Command::new(&python).args(["-c", "import junitparser"]).output().unwrap().status.success();
    if !known {
        eprintln!("NOTICE: junitparser is not installed, so JUnit was not read by it");
        return;
    }
    let mut command = Command::new(python);
    let ran = command.args(["-c", script, "good.xml", "bad.xml"]).current_dir(place.folder()).output().unwrap();
    let read = String::from_utf8(ran.stdout).unwrap();
    // Of six cases, the model and the verdict fail, and the policy is not decided.
    assert_eq!(read, "[6, 0, 0, 0, 6, 0] [6, 2, 0, 1, 6, 2]\n", "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn an_explanation_leads_from_the_verdict_to_keys_and_times() {
    let place = Workplace::new();
    place.create();
    let report = in_format(&place, "json --explain").exits(0).json();
    let why = &report["explanation"];
    let demands = why["demands"].as_array().unwrap();
    let rule = demands.iter().find(|one| one["name"] == "required-evidence").unwrap();
    assert_eq!(rule["origin"], "baseline");
    assert_eq!(rule["lines"], serde_json::json!([1, 2, 3]));
    for demand in demands {
        assert_eq!(demand["status"], "met", "{demand}");
        for line in demand["lines"].as_array().unwrap() {
            let statement = why["statements"].as_array().unwrap().iter().find(|one| one["line"] == *line).unwrap();
            let key = why["keys"].as_array().unwrap().iter().find(|one| one["key"] == statement["key"]).unwrap();
            assert_eq!(key["attester"], statement["attester"]);
        }
    }
    assert_eq!(why["fixes"], serde_json::json!([]));
    assert!(in_format(&place, "json").exits(0).json().get("explanation").is_none());
    let human = in_format(&place, "human --explain").exits(0).stdout;
    for part in ["\nwhy\n", "\nstatements\n", "\nkeys\n", "\ntime\n", "by lines 1-5", "counts at all times", "PASS  "] {
        assert!(human.contains(part), "{part}:\n{human}");
    }
    assert!(!human.contains("what must be done"));
}

#[test]
fn an_explanation_says_what_must_be_done() {
    let place = Workplace::new();
    place.create();
    place.write("model/extra.py", "x");
    let human = in_format(&place, "human --explain").exits(1).stdout;
    let (_, fixes) = human.split_once("what must be done\n").unwrap();
    assert!(fixes.contains("  1  remove `extra.py` from the model\n"), "{human}");
    assert!(fixes.contains("who  whoever verifies\n      for  file-extra\n"), "{human}");
}
