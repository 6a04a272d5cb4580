//! Policies on the command line: their faults, their life, and what they never let pass.

use std::fs;

use assaymark::digest::Digest;
use serde_json::{Value, json};

use crate::forge::{FIRST_SEAL, Forged};
use crate::support::{Ran, Workplace, codes, copy, repository, run};

/// A folder with the release of the vectors and a policy.
struct Place(tempfile::TempDir);

impl Place {
    fn new(policy: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        copy(&repository("testdata/vectors/base"), place.0.path());
        copy(&repository("testdata/vectors/keys"), place.0.path());
        place.write("policy.toml", format!("[policy]\nname = \"test\"\n{policy}\n"));
        place
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.0.path().join(name).parent().unwrap()).unwrap();
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn run(&self, arguments: &str) -> Ran {
        run(self.0.path(), &arguments.split(' ').collect::<Vec<_>>())
    }

    fn verify(&self, more: &str) -> Ran {
        let arguments = "bundle verify bundle.intoto.jsonl --model model --policy policy.toml --format json";
        let trust = if more.contains("--trust") { "" } else { " --trust gate.toml" };
        self.run(format!("{arguments}{trust} {more}").trim_end())
    }
}

#[test]
fn a_report_names_its_policy() {
    let place = Place::new("version = 7\nfiles = [\"model\"]");
    let report = place.verify("").exits(0).json();
    let text = fs::read(place.0.path().join("policy.toml")).unwrap();
    let expected = json!({"name": "test", "version": 7, "digest": Digest::of(&text).to_string()});
    assert_eq!(report["scope"]["policy"], expected);
    let requirements = report["requirements"].as_array().unwrap();
    let rule = requirements.iter().find(|one| one["name"] == "files-hashed").unwrap();
    assert_eq!(rule["status"], "met");
    let human = place.run("bundle verify bundle.intoto.jsonl --trust gate.toml --model model --policy policy.toml");
    assert!(human.exits(0).stdout.contains("test version 7 sha256:"));
}

#[test]
fn a_policy_that_can_not_be_used_is_exit_2() {
    for (policy, words) in [
        ("", "demands nothing"),
        ("expires = 2026-01-01T00:00:00Z\nfiles = [\"model\"]", "expired"),
        ("files = [\"model\"]\n[[requires]]\nevidence = \"bom\"", "unknown key `requires`"),
        ("[[require]]\nevidence = \"bom\"\ncount = 0", "a count of 0"),
        ("[[stage]]\nname = \"a\"\n[stage.rules]\nmin-sequence = 2", "demands nothing without a stage"),
    ] {
        let ran = Place::new(policy).verify("").exits(2);
        assert!(ran.stderr.contains(words) && ran.stdout.is_empty(), "{policy}: {}", ran.stderr);
    }
    let place = Place::new("files = [\"model\"]");
    let missing = place.verify("--policy-trust missing.pub").exits(2);
    assert!(missing.stderr.contains("missing.pub"), "{}", missing.stderr);
    let stage = place.verify("--stage production --release vector@1.0.0").exits(2);
    assert!(stage.stderr.contains("no stage `production`"), "{}", stage.stderr);
}

#[test]
fn nothing_in_the_working_directory_or_the_model_is_a_policy() {
    let place = Place::new("[[require]]\nevidence = \"approval\"");
    let verify = "bundle verify bundle.intoto.jsonl --trust gate.toml --model model --format json";
    let report = place.run(verify).exits(0).json();
    assert_eq!(report["scope"]["policy"]["name"], "baseline/v1");
}

#[test]
fn a_stage_refuses_unsafe_doors_unless_each_is_permitted() {
    let text = |permit: &str| format!("{permit}\nfiles = [\"code\"]\n[[stage]]\nname = \"live\"");
    let at = "--stage live --release vector@1.0.0 --at 2026-01-02T00:00:00Z --code code";
    let refused = Place::new(&text("")).verify(at).exits(2);
    assert!(refused.stderr.contains("does not permit `--at`"), "{}", refused.stderr);
    let other = Place::new(&text("permit = [\"without-files\"]")).verify(at).exits(2);
    assert!(other.stderr.contains("does not permit `--at`"), "{}", other.stderr);
    let permitted = Place::new(&text("permit = [\"at\"]")).verify(at).exits(1).json();
    assert_eq!(codes(&permitted, "deny"), ["not-promoted"]);
    assert_eq!(permitted["scope"]["doors"], json!(["--at"]));
    let unnamed = Place::new(&text("permit = [\"at\"]")).verify("--stage live").exits(2);
    assert!(unnamed.stderr.contains("--release"), "{}", unnamed.stderr);
}

#[test]
fn a_report_says_that_stages_were_left_out() {
    let stages = "[[stage]]\nname = \"staging\"\n[[stage]]\nname = \"live\"\nafter = \"staging\"";
    let place = Place::new(&format!("files = [\"model\"]\n{stages}"));
    let ran = place.verify("").exits(0);
    let words =
        "what is demanded at the stages `staging`, `live` was not checked: ask for one of them with `--stage NAME`";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert_eq!(ran.json()["scope"]["policy"]["stagesLeftOut"], json!(["staging", "live"]));
    let other = "bundle verify bundle.intoto.jsonl --trust gate.toml --model model --policy policy.toml --format";
    for (format, words) in [
        ("human", words),
        ("markdown", "stages `staging`, `live` was not checked"),
        ("github", "::notice title=policy::what is demanded at the stages"),
    ] {
        let shown = place.run(&format!("{other} {format}")).exits(0).stdout;
        assert!(shown.replace("&#96;", "`").replace("\\`", "`").contains(words), "{format}: {shown}");
    }
    let asked = place.verify("--stage staging --release vector@1.0.0").exits(1);
    assert!(
        !asked.stderr.contains("was not checked") && asked.json()["scope"]["policy"].get("stagesLeftOut").is_none()
    );
    let without = Place::new("files = [\"model\"]").verify("--strict").exits(0);
    assert!(!without.stderr.contains("--stage"), "{}", without.stderr);
}

#[test]
fn a_signed_policy_is_demanded_and_checked() {
    let place = Place::new("files = [\"model\"]");
    let unsigned = place.verify("--policy-trust stranger.pub").exits(2);
    assert!(unsigned.stderr.contains("is not signed"), "{}", unsigned.stderr);
    place.run("policy sign policy.toml --key stranger.key").exits(0);
    let report = place.verify("--policy-trust stranger.pub").exits(0).json();
    assert_eq!(report["scope"]["policy"]["signer"], "stranger");
    let other = place.verify("--policy-trust ecdsa.pub").exits(2);
    assert!(other.stderr.contains("signed by nobody"), "{}", other.stderr);
    let own = place.verify("--policy-trust release.pub").exits(2);
    assert!(own.stderr.contains("trusted for releases and for policies"), "{}", own.stderr);
    place.write("policy.toml", "[policy]\nname = \"test\"\nfiles = [\"code\"]\n");
    let changed = place.verify("--policy-trust stranger.pub").exits(2);
    assert!(changed.stderr.contains("changed after it was signed"), "{}", changed.stderr);
    assert!(changed.stdout.is_empty());
}

/// A policy over policies: whatever is wrong with a required approval, nothing passes.
#[test]
fn a_required_approval_is_never_met_by_anything_else() {
    let good = Forged::good();
    let seal = Digest::of(&good.payload(FIRST_SEAL)).to_string();
    let approval = |seal: &str, at: &str| json!({"seal": seal, "approvedAt": at});
    let (now, kind) = ("2026-01-01T00:00:00Z", "https://assaymark.dev/approval/v1");
    let by = |signer: &str, kind: &str, predicate: Value| good.clone().state(kind, signer, &predicate);
    let place = Place::new("[[require]]\nevidence = \"approval\"\nmax-age = \"30d\"\nnot-by = \"builder\"");
    let verify = |bundle: &Forged, trust: &str| {
        place.write("bundle.intoto.jsonl", bundle.bytes());
        place.verify(&format!("--trust {trust} --at 2026-01-10T00:00:00Z"))
    };
    verify(&by("second", kind, approval(&seal, now)), "gate.toml").exits(0);
    let mut other_subject = Forged::good().statement(FIRST_SEAL);
    other_subject["subject"][1]["digest"]["sha256"] = json!("0".repeat(64));
    other_subject["predicateType"] = json!(kind);
    other_subject["predicate"] = approval(&seal, now);
    let elsewhere = crate::forge::sign(other_subject.to_string().as_bytes(), &crate::forge::key("second"));
    for (what, bundle, trust) in [
        ("absent", good.clone(), "gate.toml"),
        ("wrong type", by("second", "https://assaymark.dev/approval/v2", approval(&seal, now)), "gate.toml"),
        (
            "wrong type at the end",
            by("second", "https://assaymark.dev/approval/v1/", approval(&seal, now)),
            "gate.toml",
        ),
        ("wrong signer", by("stranger", kind, approval(&seal, now)), "gate.toml"),
        ("wrong role", by("scanner", kind, approval(&seal, now)), "gate.toml"),
        ("stale", by("second", kind, approval(&seal, "2025-12-01T00:00:00Z")), "gate.toml"),
        ("from the future", by("second", kind, approval(&seal, "2026-02-01T00:00:00Z")), "gate.toml"),
        ("wrong subject", good.clone().push(elsewhere), "gate.toml"),
        ("wrong seal", by("second", kind, approval(&"0".repeat(64), now)), "gate.toml"),
        ("by the builder", by("release", kind, approval(&seal, now)), "own-approver.toml"),
    ] {
        let ran = verify(&bundle, trust);
        assert_eq!(ran.status, 1, "{what}: {}{}", ran.stdout, ran.stderr);
    }
    let two = Place::new("[[require]]\nevidence = \"approval\"\ncount = 2");
    let twice = |one: Value, other: Value| good.clone().state(kind, "second", &one).state(kind, "second", &other);
    for (what, bundle, trust) in [
        ("duplicate", twice(approval(&seal, now), approval(&seal, now)), "approvers.toml"),
        ("twice", twice(approval(&seal, now), approval(&seal, "2026-01-01T00:00:01Z")), "approvers.toml"),
        (
            "two keys of one person",
            good.clone().approve("second", FIRST_SEAL).approve("stranger", FIRST_SEAL),
            "two-keys.toml",
        ),
    ] {
        two.write("bundle.intoto.jsonl", bundle.bytes());
        let report = two.verify(&format!("--trust {trust}")).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["too-few-attesters"], "{what}");
    }
}

#[test]
fn the_guide_is_a_first_policy() {
    let place = Workplace::new();
    let guide = place.run("policy explain").exits(0).stdout;
    place.write("policy.toml", &guide);
    let explained = place.run("policy explain policy.toml").exits(0).stdout;
    for words in ["files-hashed", "two-people", "At the stage live", "no-night-releases", "warns   packages"] {
        assert!(explained.contains(words), "{words}: {explained}");
    }
    // A newcomer keeps a line or two of it.
    place.create();
    place.write(
        "first.toml",
        "[policy]\nname = \"first\"\nfiles = [\"model\"]\n[rules]\nmodel-formats = [\"safetensors\"]\n",
    );
    place.verify("--policy first.toml").exits(0);
}

/// Takes the tables of the guide apart: each key of `[policy]` and `[rules]`, each table of the others, alone.
fn examples_of(guide: &str) -> Vec<(String, String)> {
    let guide: toml::Table = toml::from_str(guide).unwrap();
    let written = |place: &str, value: toml::Value| {
        let mut table: toml::Table = toml::from_str("[policy]\nname = 'one'").unwrap();
        let (outer, key) = place.split_once('.').unwrap_or((place, ""));
        if key.is_empty() {
            table.insert(outer.to_owned(), value);
        } else {
            let inner = table.entry(outer).or_insert_with(|| toml::Table::new().into());
            inner.as_table_mut().unwrap().insert(key.to_owned(), value);
        }
        (place.to_owned(), toml::to_string(&table).unwrap())
    };
    let of_table = |name: &'static str| {
        let keys = guide[name].as_table().unwrap().clone();
        keys.into_iter().map(move |(key, value)| (format!("{name}.{key}"), value))
    };
    let single = of_table("policy").chain(of_table("rules").filter(|(key, _)| key != "rules.severity"));
    let single = single.map(|(key, value)| written(&key, value));
    let listed = ["require", "condition"].into_iter().flat_map(|name| {
        let tables = guide[name].as_array().unwrap().clone();
        tables.into_iter().map(move |table| (name, toml::Value::Array(vec![table])))
    });
    single
        .chain(listed.map(|(name, value)| written(name, value)))
        .chain([written("stage", guide["stage"].clone())])
        .collect()
}

#[test]
fn each_example_of_the_guide_is_a_policy() {
    let place = Workplace::new();
    let guide = place.run("policy explain").exits(0).stdout;
    let examples = examples_of(&guide);
    let rules = examples.iter().filter(|(key, _)| key.starts_with("rules.")).count();
    assert!(rules >= 15 && examples.len() >= rules + 9, "{examples:?}");
    for (key, text) in examples {
        // A key of `[policy]` demands nothing but for `files`; what it stands beside does.
        let more = if key.starts_with("policy.") { "\n[[require]]\nevidence = 'approval'\n" } else { "" };
        place.write("one.toml", format!("{text}{more}"));
        place.run("policy check one.toml").exits(0);
        let explained = place.run("policy explain one.toml").exits(0).stdout;
        let (_, own) =
            explained.split_once("by this policy:").or_else(|| explained.split_once("At the stage")).unwrap();
        let name = key.strip_prefix("rules.").unwrap_or_default();
        assert!(own.contains("unless") && own.contains(name), "{key}: {explained}");
    }
    // What is commented out is an example as well.
    for line in ["timestamped = true", "logged = true"] {
        assert!(guide.contains(&format!("# {line}")), "{line}");
        place.write("one.toml", format!("[policy]\nname = 'one'\n[[require]]\nevidence = 'scan'\n{line}\n"));
        place.run("policy explain one.toml").exits(0);
    }
    for line in ["waivable = [\"test-failed\"]", "permit = [\"without-files\"]"] {
        assert!(guide.contains(&format!("# {line}")), "{line}");
        place.write("one.toml", format!("[policy]\nname = 'one'\n{line}\nfiles = ['model']\n[[stage]]\nname = 'a'\n"));
        place.run("policy explain one.toml").exits(0);
    }
    // Two policies stand side by side in the text.
    let columns =
        guide.lines().filter_map(|line| line.strip_prefix("#   ")).skip_while(|line| !line.starts_with("[policy]"));
    let (one, other): (Vec<_>, Vec<_>) = columns.take(4).map(|line| line.split_at(line.rfind("  ").unwrap())).unzip();
    for small in [one, other] {
        place.write("one.toml", small.join("\n"));
        place.run("policy check one.toml").exits(0);
    }
}

/// Two reviewers, and the others who have a part in the first policy.
const FIRST_TRUST: &str = "[[attester]]\nname = 'release'\nroles = ['builder', 'releaser', 'scanner']\n\
    [[attester.key]]\npath = 'release.pub'\n[[attester]]\nname = 'laboratory'\nroles = ['evaluator']\n\
    [[attester.key]]\npath = 'scanner.pub'\n[[attester]]\nname = 'alice'\nroles = ['approver']\n\
    [[attester.key]]\npath = 'second.pub'\n[[attester]]\nname = 'bob'\nroles = ['approver']\n\
    [[attester.key]]\npath = 'officer.pub'\n";

#[test]
fn a_first_policy_is_cut_out_of_the_guide() {
    let place = Workplace::new();
    let guide = place.run("policy explain").exits(0).stdout;
    let kept = [
        "[policy]",
        "name = \"production\"",
        "version =",
        "expires =",
        "files =",
        "[[require]]",
        "evidence = \"scan\"",
        "[[require]]",
        "evidence = \"approval\"",
        "count = 2",
        "not-by =",
        "[rules]",
        "model-formats =",
        "model-licenses =",
        "dataset-licenses =",
        "metrics = [",
        "    { name = \"accuracy\", min = 0.90 },",
        "]",
    ];
    let mut lines = guide.lines();
    let cut: Vec<_> = kept.iter().map(|start| lines.find(|line| line.starts_with(start)).expect(start)).collect();
    place.write("first.toml", cut.join("\n"));
    place.write("trust.toml", FIRST_TRUST);
    place.write("metrics.json", r#"{"accuracy": 0.95}"#);
    place.run("policy check first.toml --trust trust.toml").exits(0);
    place.create();
    let verify =
        || place.run("bundle verify r.intoto.jsonl --trust trust.toml --model model --policy first.toml --format json");
    let codes_of = || codes(&verify().exits(1).json(), "deny");
    assert_eq!(codes_of(), ["evidence-missing", "metric-missing"]);
    let with = "r.intoto.jsonl --trust trust.toml --model model --key";
    place.run(&format!("bundle attest {with} scanner.key --metrics metrics.json")).exits(0);
    place.run(&format!("bundle seal {with} release.key")).exits(0);
    assert_eq!(codes_of(), ["evidence-missing"]);
    place.run(&format!("bundle approve {with} second.key")).exits(0);
    assert_eq!(codes_of(), ["too-few-attesters"]);
    place.run(&format!("bundle approve {with} officer.key")).exits(0);
    verify().exits(0);
}

#[test]
fn what_a_newcomer_gets_wrong_is_answered_with_what_is_right() {
    let place = Workplace::new();
    for (text, answers) in [
        ("[rules]\nmin-sequence = 2", ["the table `[policy]` is missing", "`assaymark policy explain` shows"]),
        ("[policy]\nname = 'p'\n[require]\nevidence = 'approval'", ["line 3", "write `[[require]]`"]),
        ("[policy]\nname = 'p'\n[[require]]\nevidence = 'slsa-provenance'", ["line 4", "`provenance`"]),
        (
            "[policy]\nname = 'p'\n[[require]]\nevidence = 'approval'\ncount = '2'",
            ["line 5", "a whole number is needed"],
        ),
        (
            "[policy]\nname = 'p'\n[rules]\nlicenses = { allow = ['MIT'] }",
            ["line 4", "`base-licenses` or `dataset-licenses`"],
        ),
        (
            "[policy]\nname = 'p'\n[rules]\nmodel-licenses = { allow = ['Apache 2.0'] }",
            ["line 4", "did you mean `Apache-2.0`"],
        ),
        (
            "[policy]\nname = 'p'\n[rules]\nmetrics = { accuracy = 0.9 }",
            ["a table where a list", "`assaymark policy explain` shows"],
        ),
        ("[policy]\nname = 'p'\n[rules]\nmodel-formats = ['safetensor']", ["line 4", "`safetensors`"]),
    ] {
        place.write("wrong.toml", text);
        let ran = place.run("policy check wrong.toml").exits(2);
        for answer in answers {
            assert!(ran.stderr.contains(answer), "{answer}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_policy_is_explained_for_programs() {
    let place =
        Place::new("files = [\"model\"]\n[[stage]]\nname = \"live\"\n[[stage.require]]\nevidence = \"approval\"");
    let explained = place.run("policy explain policy.toml --format json").exits(0).json();
    let rules = explained["rules"].as_array().unwrap();
    assert_eq!(rules.iter().filter(|rule| rule["origin"] == "baseline").count(), 4);
    let approval = rules.iter().find(|rule| rule["name"] == "require-approval").unwrap();
    assert_eq!(approval["origin"], json!({"stage": "live"}));
    assert_eq!(approval["demand"], "there is an approval by an attester with the role `approver`");
}

#[test]
fn check_finds_what_can_never_hold() {
    let place = Place::new(
        "expires = 2999-01-01T00:00:00Z\nversion = 1\n[[require]]\nevidence = \"approval\"\ncount = 2\n\
         [[require]]\nevidence = \"scan\"\ntimestamped = true\n[[stage]]\nname = \"live\"",
    );
    place.run("policy check policy.toml").exits(0);
    let ran = place.run("policy check policy.toml --trust roles.toml").exits(1);
    for words in [
        "require-approval: it needs 2",
        "require-scan: keys alone",
        "require-scan: it needs 1",
        "promoted: no attester",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let good = Place::new("[[require]]\nevidence = \"approval\"\nnot-by = \"builder\"");
    let ran = good.run("policy check policy.toml --trust gate.toml").exits(0);
    assert!(ran.stderr.contains("no `version`") && ran.stderr.contains("no `expires`"), "{}", ran.stderr);
    let own = good.run("policy check policy.toml --trust own-approver.toml").exits(1);
    assert!(own.stdout.contains("the only builder"), "{}", own.stdout);
}

#[test]
fn diff_shows_what_a_later_gate_demands_more() {
    let place = Place::new(
        "files = [\"model\"]\n[[stage]]\nname = \"staging\"\n[stage.rules]\nmin-sequence = 2\n\
         [[stage]]\nname = \"live\"\nafter = \"staging\"\n[[stage.require]]\nevidence = \"approval\"",
    );
    place.run("policy diff policy.toml policy.toml").exits(0);
    let ran = place.run("policy diff policy.toml policy.toml --stages staging live --format json").exits(1).json();
    let names = |key: &str| -> Vec<String> {
        ran[key].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("onlyInFirst"), ["promoted"]);
    assert_eq!(names("onlyInSecond"), ["require-approval", "promoted"]);
    place.write("other.toml", "[policy]\nname = \"other\"\nfiles = [\"model\"]\n[rules]\nmin-sequence = 2\n");
    let human = place.run("policy diff policy.toml other.toml").exits(1).stdout;
    assert!(human.contains("the newest seal is number 2 or higher"), "{human}");
}

#[test]
fn diff_shows_whatever_lets_more_pass() {
    let place = Place::new("");
    let condition = |body: &str| {
        let rego = format!("package assaymark\\nimport rego.v1\\ndeny contains 1 if {body}\\nallow := true");
        format!("[[condition]]\nname = \"c\"\nmessage = \"m\"\nrego = \"{rego}\"\n")
    };
    let stage = |name: &str, more: &str| format!("[[stage]]\nname = \"{name}\"\n{more}\n");
    let rules = "[rules]\nmin-sequence = 2\n";
    let approval = "[[stage.require]]\nevidence = \"approval\"";
    let ordered = stage("a", "") + &stage("b", "after = \"a\"");
    for (first, second, words) in [
        (condition("true"), condition("false"), "m (a condition in Rego, sha256:"),
        (rules.to_owned(), format!("waivable = [\"test-failed\"]\n{rules}"), "nobody waives `test-failed`"),
        (
            format!("expires = 2999-01-01T00:00:00Z\n{rules}"),
            format!("expires = 2999-01-02T00:00:00Z\n{rules}"),
            "used before 2999-01-01T00:00:00Z",
        ),
        (ordered, stage("a", "") + &stage("b", ""), "at the stage `b`: promoters let this release into the stages"),
        (stage("a", approval), stage("a", ""), "at the stage `a`: there is an approval"),
        (
            stage("a", ""),
            format!("permit = [\"at\"]\n{}", stage("a", "")),
            "at the stage `a`: nobody verifies with `--at`",
        ),
        (
            format!("longest-waiver = \"30d\"\n{rules}"),
            format!("longest-waiver = \"31d\"\n{rules}"),
            "nobody waives for more than 30 days",
        ),
    ] {
        // A policy that demands nothing is refused.
        let files = "files = [\"model\"]";
        place.write("first.toml", format!("[policy]\nname = \"p\"\n{files}\n{first}"));
        place.write("second.toml", format!("[policy]\nname = \"p\"\n{files}\n{second}"));
        let human = place.run("policy diff first.toml second.toml").exits(1).stdout;
        let (first, _) = human.split_once("Only in second.toml").unwrap();
        assert!(first.contains(words), "{words}: {human}");
        place.run("policy diff first.toml first.toml").exits(0);
    }
}

#[test]
fn diff_compares_what_is_demanded_and_not_how_it_is_written() {
    let place = Place::new("");
    let written = |age: &str, hours: &str, metrics: &str, parameters: &str, more: &str| {
        format!(
            "[policy]\nname = \"p\"\nlongest-waiver = \"{age}\"\n[[require]]\nevidence = \"scan\"\nmax-age = \"{hours}\"\n\
             [rules]\nmetrics = [{metrics}]\nparameters = [{parameters}]\n{more}"
        )
    };
    let (least, most) = ("{ name = \"a\", min = 0.9 }", "{ name = \"b\", max = 1 }");
    let (x, y) = ("{ name = \"x\", present = true }", "{ name = \"y\", one-of = [\"1\", \"2\"] }");
    let more = |deny: &str, openvex: &str| {
        format!(
            "packages = {{ min-age = \"336h\", deny = [{deny}] }}\n\
             vulnerabilities = {{ max-severity = \"low\", openvex = [{openvex}] }}\n"
        )
    };
    let (p, q) = ("\"pkg:pypi/p\"", "\"pkg:pypi/q\"");
    let one = more(&format!("{p}, {q}"), "\"fixed\", \"not-affected\"");
    let other = more(&format!("{q}, {p}"), "\"not-affected\", \"fixed\"").replace("336h", "2w");
    place.write("first.toml", written("14d", "2d", &format!("{least}, {most}"), &format!("{x}, {y}"), &one));
    let y = y.replace("\"1\", \"2\"", "\"2\", \"1\"");
    place.write("second.toml", written("2w", "48h", &format!("{most}, {least}"), &format!("{y}, {x}"), &other));
    place.run("policy diff first.toml second.toml").exits(0);
    let score =
        |least: &str| format!("[policy]\nname = \"p\"\n[rules]\nbom = {{ profile = \"ntia\", min-score = {least} }}\n");
    place.write("first.toml", score("90"));
    place.write("second.toml", score("90.0"));
    place.run("policy diff first.toml second.toml").exits(0);
    place.write("second.toml", score("90.04"));
    place.run("policy diff first.toml second.toml").exits(1);
}

#[test]
fn fixtures_try_a_policy_and_find_what_nobody_would_miss() {
    let place = Place::new("[[require]]\nevidence = \"approval\"\n[rules]\nmin-sequence = 2");
    let good = || Forged::good().seal_again("release", |_| {});
    let case = |name: &str, bundle: &Forged, expect: &str| {
        place.write(&format!("fixtures/{name}/bundle.intoto.jsonl"), bundle.bytes());
        let case = format!(
            "bundle = \"bundle.intoto.jsonl\"\ntrust = \"../../gate.toml\"\nmodel = \"../../model\"\n\
             at = 2026-01-02T00:00:00Z\nexpect = [{expect}]\n"
        );
        place.write(&format!("fixtures/{name}/case.toml"), case);
    };
    case("approved", &good().approve("second", FIRST_SEAL + 1), "");
    case("alone", &good(), "\"evidence-missing\"");
    let tested = place.run("policy test policy.toml --fixtures fixtures --format json").exits(0).json();
    let rules = json!([
        {"name": "require-approval", "stage": null, "noticedBy": "alone"},
        {"name": "min-sequence", "stage": null, "noticedBy": null},
    ]);
    assert_eq!(tested["rules"], rules);
    place.run("policy test policy.toml --fixtures fixtures --strict").exits(1);
    case("wrong", &good(), "\"rollback\"");
    let human = place.run("policy test policy.toml --fixtures fixtures").exits(1).stdout;
    assert!(human.contains("wrong: evidence-missing instead of rollback"), "{human}");
    // What no fixture can have is refused before any is tried.
    let policy =
        "[[require]]\nevidence = \"approval\"\n[rules]\nmin-sequence = 2\nseverity = { min-sequence = \"warn\" }";
    place.write("policy.toml", format!("[policy]\nname = \"test\"\n{policy}\n"));
    for (expect, words) in [
        ("\"evidence-mising\"", ["there is no code `evidence-mising`", "did you mean `evidence-missing`?"]),
        ("\"metric-missing\"", ["is denied by no rule of this policy", "code-not-recorded, test-failed"]),
        ("\"rollback\"", ["is denied by no rule of this policy", "its rules deny by evidence-missing"]),
        ("\"evidence-stale\"", ["is denied by no rule of this policy", "its rules deny by evidence-missing"]),
        ("\"withdrawn\"", ["a fixture has neither", "its rules deny by"]),
        ("\"waiver-void\"", ["only warns", "its rules deny by"]),
        ("]\nwarn = [\"rolback\"", ["there is no code `rolback`", "did you mean `rollback`?"]),
        ("]\nwarn = [\"test-failed\"", ["is warned of by no rule of this policy", "its rules warn by rollback"]),
    ] {
        case("wrong", &good(), expect);
        let ran = place.run("policy test policy.toml --fixtures fixtures").exits(2);
        let line = format!("line {}", if expect.contains("warn") { 6 } else { 5 });
        let said = words.iter().all(|word| ran.stderr.contains(word));
        assert!(said && ran.stderr.contains(&line) && ran.stderr.contains("case.toml"), "{expect}: {}", ran.stderr);
    }
    case("wrong", &good(), "\"evidence-missing\"]\nwarn = [\"unsealed-line\"");
    place.run("policy test policy.toml --fixtures fixtures").exits(1);
    // A folder that is no fixture is not passed over; what is hidden, and what is no folder, is.
    place.write("fixtures/.git/HEAD", "");
    place.write("fixtures/README", "");
    place.run("policy test policy.toml --fixtures fixtures").exits(1);
    place.write("fixtures/forgotten/Case.toml", "");
    let forgotten = place.run("policy test policy.toml --fixtures fixtures").exits(2);
    assert!(forgotten.stderr.contains("forgotten` has no `case.toml`"), "{}", forgotten.stderr);
    assert!(forgotten.stderr.contains("in small letters"), "{}", forgotten.stderr);
    fs::remove_dir_all(place.0.path().join("fixtures")).unwrap();
    fs::create_dir(place.0.path().join("fixtures")).unwrap();
    place.run("policy test policy.toml --fixtures fixtures").exits(2);
}

#[test]
fn a_condition_in_a_file_is_the_one_that_the_policy_means() {
    let rego = "package assaymark\nimport rego.v1\ndeny contains \"x\" if false\nallow := true\n";
    let digest = Digest::of(rego.as_bytes());
    let place = Place::new(&format!(
        "[[condition]]\nname = \"c\"\nmessage = \"m\"\nfile = \"c.rego\"\ndigest = \"sha256:{digest}\""
    ));
    place.write("c.rego", rego);
    place.verify("").exits(0);
    place.write("c.rego", rego.replace("if false", "if 1 == 2"));
    let changed = place.verify("").exits(2);
    assert!(changed.stderr.contains("and not the one that stands here"), "{}", changed.stderr);
}
