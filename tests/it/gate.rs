//! The gate over time: promotion, withdrawals, memory.

use std::fs;

use serde_json::json;

use crate::forge::Forged;
use crate::support::{Ran, Workplace, codes, copy, repository};

const WITH: &str = "r.intoto.jsonl --trust gate.toml --model model";

const POLICY: &str = r#"
[policy]
name = "release"
version = 3

[[stage]]
name = "staging"

[[stage]]
name = "production"
after = "staging"
[[stage.require]]
evidence = "approval"
"#;

fn workplace() -> Workplace {
    let place = Workplace::new();
    place.create();
    place.write("policy.toml", POLICY);
    place
}

fn bundle(place: &Workplace, arguments: &str) -> Ran {
    let (verb, rest) = arguments.split_once(' ').unwrap();
    place.run(&format!("bundle {verb} {WITH} {rest}"))
}

fn verify(place: &Workplace, more: &str) -> Ran {
    bundle(place, format!("verify --format json {more}").trim_end())
}

fn promote(place: &Workplace, more: &str) -> Ran {
    bundle(place, &format!("promote --policy policy.toml --key promoter.key {more}"))
}

const RELEASE: &str = "--release digits@1.0.0";

#[test]
fn a_release_goes_from_stage_to_stage() {
    let place = workplace();
    let at = |stage: &str| verify(&place, &format!("--policy policy.toml {RELEASE} --stage {stage}"));
    let to = |stage: &str| promote(&place, &format!("{RELEASE} --to {stage}"));
    assert_eq!(codes(&at("staging").exits(1).json(), "deny"), ["not-promoted"]);
    let before = place.read("r.intoto.jsonl");
    to("production").exits(1);
    assert_eq!(place.read("r.intoto.jsonl"), before);
    to("staging").exits(0);
    let report = at("staging").exits(0).json();
    assert_eq!(report["scope"]["seal"]["sequence"], 2);
    assert_eq!(codes(&at("production").exits(1).json(), "deny"), ["evidence-missing", "not-promoted"]);
    to("production").exits(1);
    bundle(&place, "approve --key second.key").exits(0);
    to("production").exits(0);
    at("production").exits(0);
    at("staging").exits(0);
    let shown = place.run("bundle inspect r.intoto.jsonl").exits(0).stdout;
    assert!(shown.starts_with("UNVERIFIED"), "{shown}");
    let stages: Vec<_> = shown.lines().filter(|line| line.contains("https://gate.example.com/v1")).collect();
    assert!(stages.len() == 2 && stages[0].contains("staging") && stages[1].contains("production"), "{shown}");
}

#[test]
fn a_summary_names_everything_that_it_rests_on() {
    let place = workplace();
    promote(&place, &format!("{RELEASE} --to staging")).exits(0);
    let forged = Forged::of(place.read("r.intoto.jsonl").as_bytes());
    let summary = forged.statement(5);
    assert_eq!(summary["predicateType"], "https://slsa.dev/verification_summary/v1");
    let predicate = &summary["predicate"];
    let inputs: Vec<_> =
        predicate["inputAttestations"].as_array().unwrap().iter().map(|one| one["digest"]["sha256"].clone()).collect();
    let payload = |index| json!(assaymark::digest::Digest::of(&forged.payload(index)).to_string());
    assert_eq!(inputs, [payload(4), payload(0), payload(1), payload(2), payload(3)]);
    assert_eq!(predicate["verifier"]["id"], "https://gate.example.com/v1");
    assert_eq!(predicate["resourceUri"], "https://assaymark.dev/release/digits/1.0.0/stage/staging");
    assert_eq!(predicate["verifiedLevels"], json!(["ASSAYMARK_STAGE_STAGING"]));
    let policy = assaymark::digest::Digest::of(POLICY.as_bytes()).to_string();
    assert_eq!(predicate["policy"]["digest"]["sha256"], policy);
}

/// A pipeline that runs again changes nothing, and whatever is new is judged anew.
#[test]
fn a_promotion_is_made_once() {
    let place = workplace();
    let to = |stage: &str, more: &str| promote(&place, format!("{RELEASE} --to {stage} {more}").trim_end());
    let unchanged = |why: &str, ran: &Ran| assert!(ran.stderr.contains("Unchanged"), "{why}: {}", ran.stderr);
    to("staging", "").exits(0);
    let once = place.read("r.intoto.jsonl");
    let again = to("staging", "").exits(0);
    unchanged("the same again", &again);
    assert!(
        again.stderr.contains("is in `staging` already") && again.stderr.contains("`--withdrawals`"),
        "{}",
        again.stderr
    );
    assert_eq!(place.read("r.intoto.jsonl"), once);
    let lines = || place.read("r.intoto.jsonl").lines().count();
    let grows = |why: &str, stage: &str, more: &str| {
        let before = lines();
        to(stage, more).exits(0);
        assert_eq!(lines(), before + 2, "{why}");
        let kept = place.read("r.intoto.jsonl");
        unchanged(why, &to(stage, more).exits(0));
        assert_eq!(place.read("r.intoto.jsonl"), kept, "{why}");
    };
    bundle(&place, "approve --key second.key").exits(0);
    grows("an approval came", "staging", "");
    bundle(&place, "approve --key second.key").exits(0);
    grows("the next stage", "production", "");
    unchanged("a stage that saw the same", &to("production", "").exits(0));
    place.write("policy.toml", POLICY.replace("version = 3", "version = 4"));
    grows("another policy", "production", "");
    withdraw(&place, &format!("{RELEASE} --stage production --reason regression")).exits(0);
    // What was promoted in the second of a withdrawal is undone by it.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    grows("it was taken out", "production", "--withdrawals w.jsonl");
    let failed = Forged::of(place.read("r.intoto.jsonl").as_bytes());
    let index = failed.newest_seal() - 1;
    let mut statement = failed.statement(index);
    statement["predicate"]["verificationResult"] = json!("FAILED");
    let line = crate::forge::sign(statement.to_string().as_bytes(), &crate::forge::key("promoter"));
    place.write("r.intoto.jsonl", failed.push(line).bytes());
    let before = lines();
    to("production", "").exits(0);
    assert_eq!(lines(), before + 2, "a promoter took it out: it is let in anew");
}

#[test]
fn only_a_promoter_promotes_what_it_names() {
    let place = workplace();
    let before = place.read("r.intoto.jsonl");
    let digest = "tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (call, status) in [
        (format!("promote {WITH} --policy policy.toml --key release.key {RELEASE} --to staging"), 2),
        (format!("promote {WITH} --policy policy.toml --key promoter.key --to staging"), 2),
        (format!("promote {WITH} --policy policy.toml --key promoter.key {RELEASE} --to nowhere"), 2),
        (format!("promote {WITH} --policy policy.toml --key promoter.key --release digits@1.0.1 --to staging"), 1),
        (
            format!(
                "promote r.intoto.jsonl --trust gate.toml --without-files --model-digest {digest} --policy policy.toml \
                 --key promoter.key {RELEASE} --to staging"
            ),
            2,
        ),
    ] {
        let ran = place.run(&format!("bundle {call}"));
        assert_eq!(ran.status, status, "{call}: {}", ran.stderr);
        assert_eq!(place.read("r.intoto.jsonl"), before, "{call}");
    }
}

fn withdraw(place: &Workplace, more: &str) -> Ran {
    place.run(&format!("bundle withdraw w.jsonl --trust gate.toml --key officer.key {more}"))
}

#[test]
fn what_is_withdrawn_is_rejected() {
    let place = workplace();
    let seal = Forged::of(place.read("r.intoto.jsonl").as_bytes()).statement(4);
    let model = format!("tree:sha256:{}", seal["predicate"]["model"]["fileList"].as_str().unwrap());
    let provenance = Forged::of(place.read("r.intoto.jsonl").as_bytes()).statement(2);
    let dependencies = provenance["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap().clone();
    let dataset = dependencies.iter().find(|one| one["name"] == "dataset:train").unwrap();
    let dataset = format!("tree:sha256:{}", dataset["digest"]["dirHash"].as_str().unwrap());
    for (what, struck) in [
        ("--nothing".to_owned(), false),
        ("--release other --reason x".to_owned(), false),
        ("--release digits@1.0.1 --reason x".to_owned(), false),
        ("--withdrawn-key stranger.pub --reason x".to_owned(), false),
        (format!("--dataset-digest {model} --reason x"), false),
        (format!("--model-digest {dataset} --reason x"), false),
        (format!("--model-digest {} --reason x", model.replace("tree:", "")), false),
        ("--release digits --reason x".to_owned(), true),
        ("--release digits@1.0.0 --reason x".to_owned(), true),
        (format!("--model-digest {model} --reason x"), true),
        (format!("--dataset-digest {dataset} --reason x"), true),
        ("--withdrawn-key release.pub --reason x".to_owned(), true),
        ("--withdrawn-key release.pub --from 2126-01-01T00:00:00Z --reason x".to_owned(), true),
    ] {
        let _ = fs::remove_file(place.path("w.jsonl"));
        withdraw(&place, &what).exits(0);
        let report = verify(&place, "--withdrawals w.jsonl").json();
        let expected = if struck { vec!["withdrawn".to_owned()] } else { vec![] };
        assert_eq!(codes(&report, "deny"), expected, "{what}");
        assert_eq!(report["scope"]["withdrawals"]["sequence"], 1);
    }
    verify(&place, "").exits(0);
}

#[test]
fn an_empty_list_of_withdrawals_is_not_begun_anew() {
    let place = workplace();
    place.write("w.jsonl", "");
    withdraw(&place, "--nothing").exits(1);
    assert_eq!(place.read("w.jsonl"), "");
}

#[test]
fn no_output_takes_the_place_of_what_is_read_through_others() {
    let place = workplace();
    let rego = "package assaymark\nimport rego.v1\ndeny contains \"x\" if false\nallow := true\n";
    place.write("night.rego", rego);
    let digest = assaymark::digest::Digest::of(rego.as_bytes());
    let condition =
        format!("[[condition]]\nname = 'c'\nmessage = 'm'\nfile = 'night.rego'\ndigest = 'sha256:{digest}'\n");
    place.write("night.toml", format!("[policy]\nname = 'night'\n{condition}"));
    for read in ["release.pub", "night.rego"] {
        let before = place.read(read);
        for output in [
            format!("--format json={read}"),
            format!("--receipt {read} --receipt-key promoter.key"),
            format!("--state {read}"),
        ] {
            let ran = bundle(&place, &format!("verify --policy night.toml {output}")).exits(2);
            assert!(ran.stderr.contains("would replace the input"), "{output}: {}", ran.stderr);
            assert_eq!(place.read(read), before, "{output}");
        }
    }
}

#[test]
fn a_list_of_withdrawals_is_whole_and_fresh() {
    let place = workplace();
    let broken = |why: &str, text: &str, code: &str| {
        place.write("x.jsonl", text);
        let report = verify(&place, "--withdrawals x.jsonl").exits(1).json();
        assert_eq!(codes(&report, "deny"), [code], "{why}");
    };
    for what in ["--nothing", "--release digits@0.9.0 --reason x", "--nothing"] {
        withdraw(&place, what).exits(0);
    }
    let list = place.read("w.jsonl");
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 3);
    verify(&place, "--withdrawals w.jsonl").exits(0);
    verify(&place, &format!("--withdrawals w.jsonl {}", "--state s.json")).exits(0);
    broken("an empty list", "", "withdrawals-broken");
    broken("a gap", &[lines[0], lines[2]].join("\n"), "withdrawals-broken");
    broken("no start", &lines[1..].join("\n"), "withdrawals-broken");
    broken("noise", &format!("{list}noise"), "withdrawals-broken");
    let approval = Forged::good().approve("second", 3).lines.pop().unwrap();
    broken("another statement", &format!("{list}{}", String::from_utf8(approval).unwrap()), "withdrawals-broken");
    // The tail can be cut unseen, but not where it was seen before.
    place.write("x.jsonl", lines[..2].join("\n"));
    verify(&place, "--withdrawals x.jsonl").exits(0);
    let report = verify(&place, "--withdrawals x.jsonl --state s.json").exits(1).json();
    assert_eq!(codes(&report, "deny"), ["withdrawals-broken"]);
    verify(&place, "--withdrawals w.jsonl --withdrawals-max-age 2w").exits(0);
    for age in ["45m", "0d", "2W", "10001d", "w"] {
        verify(&place, &format!("--withdrawals w.jsonl --withdrawals-max-age {age}")).exits(2);
    }
    let report =
        verify(&place, "--withdrawals w.jsonl --withdrawals-max-age 1h --at 2126-01-01T00:00:00Z").exits(1).json();
    assert_eq!(codes(&report, "deny"), ["withdrawals-stale"]);
    place.run("bundle withdraw w.jsonl --trust gate.toml --key second.key --nothing").exits(2);
    place.run("bundle withdraw x.jsonl --trust roles.toml --key officer.key --nothing").exits(1);
    assert_eq!(place.read("w.jsonl"), list);
    verify(&place, "--withdrawals missing.jsonl").exits(2);
}

#[test]
fn the_gate_remembers_the_newest() {
    let place = workplace();
    let old = place.read("r.intoto.jsonl");
    let with = "--state s.json";
    let report = verify(&place, with).exits(0).json();
    assert_eq!(report["scope"]["remembered"], "nothing of this release");
    let first = place.read("s.json");
    bundle(&place, "approve --key second.key").exits(0);
    bundle(&place, "seal --key release.key").exits(0);
    let newer = place.read("r.intoto.jsonl");
    place.write("model/extra", "x");
    verify(&place, with).exits(1);
    fs::remove_file(place.path("model/extra")).unwrap();
    assert_eq!(place.read("s.json"), first, "a denial is not remembered");
    let report = verify(&place, with).exits(0).json();
    assert_eq!(report["scope"]["remembered"], "1.0.0, seal 1");
    let kept = place.read("s.json");
    place.write("r.intoto.jsonl", &old);
    assert_eq!(codes(&verify(&place, with).exits(1).json(), "deny"), ["rollback"]);
    // The same sequence in another chain.
    let forked = Forged::of(old.as_bytes()).seal_again("release", |_| {});
    place.write("r.intoto.jsonl", forked.bytes());
    assert_eq!(codes(&verify(&place, with).exits(1).json(), "deny"), ["seal-forked"]);
    // An older version, made later or earlier.
    for (version, status) in [("0.9.0", 1), ("1.0.1", 0), ("1.0.0", 1)] {
        place.run(&format!("bundle create release.toml --release digits@{version} --key release.key --output r.intoto.jsonl --force")).exits(0);
        let ran = verify(&place, with);
        assert_eq!(ran.status, status, "{version} {}", ran.stdout);
    }
    assert_ne!(place.read("s.json"), kept);
    place.write("r.intoto.jsonl", &newer);
    assert_eq!(codes(&verify(&place, with).exits(1).json(), "deny"), ["rollback"]);
}

#[test]
fn a_damaged_memory_is_an_error_and_never_a_reset() {
    let place = workplace();
    verify(&place, "--state s.json").exits(0);
    let good = place.read("s.json");
    for text in ["", "{}", "x", &good[..good.len() / 2]] {
        place.write("s.json", text);
        let ran = verify(&place, "--state s.json").exits(2);
        assert!(ran.stderr.contains("restore it from a backup"), "{}", ran.stderr);
        assert_eq!(place.read("s.json"), text);
    }
    fs::remove_file(place.path("s.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", place.path("s.json")).unwrap();
    verify(&place, "--state s.json").exits(2);
}

#[test]
fn an_older_policy_is_a_rollback() {
    let place = workplace();
    promote(&place, &format!("{RELEASE} --to staging")).exits(0);
    let with = |policy: &str| {
        place.write("policy.toml", policy);
        verify(&place, &format!("--policy policy.toml {RELEASE} --stage staging --state s.json"))
    };
    with(POLICY).exits(0);
    for other in ["version = 2", "", "version = 3 # changed"] {
        let report = with(&POLICY.replace("version = 3", other)).exits(1).json();
        assert_eq!(codes(&report, "deny"), ["policy-rollback"], "{other}");
    }
    with(&POLICY.replace("version = 3", "version = 4")).exits(0);
    with(POLICY).exits(1);
}

/// A gate that promotes remembers the seal that it made: the bundle of before is a rollback to it.
#[test]
fn a_promotion_is_remembered() {
    let place = workplace();
    let old = place.read("r.intoto.jsonl");
    promote(&place, &format!("{RELEASE} --to staging --state s.json")).exits(0);
    let state: serde_json::Value = serde_json::from_str(&place.read("s.json")).unwrap();
    assert_eq!(state["releases"]["digits"]["sequence"], 2);
    promote(&place, &format!("{RELEASE} --to staging --state s.json")).exits(0);
    place.write("r.intoto.jsonl", old);
    assert_eq!(codes(&verify(&place, "--state s.json").exits(1).json(), "deny"), ["rollback"]);
}

#[test]
fn a_policy_says_what_can_be_waived() {
    let place = workplace();
    place.write("result.json", r#"{"result": "FAILED", "configuration": []}"#);
    bundle(&place, "attest --key scanner.key --type test-result --predicate result.json").exits(0);
    bundle(&place, "seal --key release.key").exits(0);
    let until = (chrono::Utc::now() + chrono::TimeDelta::days(10)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let waive = format!("attest --key officer.key --waive test-failed --owner o --reason r --expires {until}");
    bundle(&place, &waive).exits(0);
    let under = |key: &str| {
        place.write("policy.toml", format!("[policy]\nname = 'p'\n{key}\n[[require]]\nevidence = 'bom'\n"));
        verify(&place, "--policy policy.toml")
    };
    under("waivable = ['test-failed']").exits(0);
    let report = under("").exits(1).json();
    assert_eq!(
        (codes(&report, "deny"), codes(&report, "warn")),
        (vec!["test-failed".into()], vec!["waiver-void".into()])
    );
    under("waivable = ['vulnerable']").exits(1);
    under("waivable = ['file-changed']").exits(2);
    under("waivable = ['no-such-code']").exits(2);
}

#[test]
fn a_base_model_is_verified_and_its_withdrawal_denies() {
    let place = workplace();
    let release = place
        .read("release.toml")
        .replace("[model]\n", "[model]\nbase = [{ name = \"digits\", bundle = \"r.intoto.jsonl\" }]\n");
    place.write("derived.toml", release.replace("\"digits\"\nversion", "\"derived\"\nversion"));
    let create = |more: &str| {
        place.run(
            format!("bundle create derived.toml --key release.key --output d.intoto.jsonl --force {more}").trim_end(),
        )
    };
    let refused = create("").exits(2);
    assert!(refused.stderr.contains("--base-trust"), "{}", refused.stderr);
    create("--base-trust stranger.pub").exits(1);
    withdraw(&place, "--nothing").exits(0);
    create("--base-trust gate.toml --base-withdrawals w.jsonl").exits(0);
    let provenance = place.run("bundle inspect d.intoto.jsonl --predicate provenance").exits(0).json();
    let base = &provenance["buildDefinition"]["resolvedDependencies"][0];
    let bundle = assaymark::digest::Digest::of(place.read("r.intoto.jsonl").as_bytes()).to_string();
    assert_eq!((&base["name"], &base["annotations"]["assaymark_bundle"]), (&json!("base:digits"), &json!(bundle)));
    assert_eq!(base["annotations"]["assaymark_obtained"], "imported");
    let bom = place.run("bundle inspect d.intoto.jsonl --predicate bom").exits(0).json();
    let ancestor = &bom["components"][0]["pedigree"]["ancestors"][0];
    assert_eq!(ancestor["licenses"], bom["metadata"]["component"]["licenses"], "the licence is that of the bundle");
    assert_eq!(ancestor["version"], "1.0.0");
    let with_licence = |licence: &str| {
        let base = format!("bundle = \"r.intoto.jsonl\", license = \"{licence}\"");
        place.write("other.toml", place.read("derived.toml").replace("bundle = \"r.intoto.jsonl\"", &base));
        place.run("bom create other.toml --output - --base-trust gate.toml")
    };
    with_licence("Apache-2.0").exits(0);
    let refused = with_licence("MIT").exits(2);
    let told = refused.stderr.contains("another licence") && !refused.stderr.contains("give the trust file");
    assert!(told, "{}", refused.stderr);
    let verify = || {
        place.run("bundle verify d.intoto.jsonl --trust gate.toml --model model --withdrawals w.jsonl --format json")
    };
    verify().exits(0);
    let digest = base["digest"]["dirHash"].as_str().unwrap();
    withdraw(&place, &format!("--model-digest tree:sha256:{digest} --reason backdoor")).exits(0);
    let report = verify().exits(1).json();
    assert_eq!(codes(&report, "deny"), ["withdrawn"]);
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["summary"].as_str().unwrap().contains("base model `digits`"))
    );
    create("--base-trust gate.toml --base-withdrawals w.jsonl").exits(1);
    create("--base-trust gate.toml").exits(0);
    // What the base model rests on, and what that rests on in turn.
    let second = release
        .replace("r.intoto.jsonl", "d.intoto.jsonl")
        .replace("name = \"digits\", bundle", "name = \"middle\", bundle");
    place.write("second.toml", second.replace("\"digits\"\nversion", "\"second\"\nversion"));
    let list = format!("{}.jsonl", "w");
    fs::remove_file(place.path(&list)).unwrap();
    withdraw(&place, "--nothing").exits(0);
    place.run("bundle create second.toml --key release.key --output s.intoto.jsonl --base-trust gate.toml").exits(0);
    let names = place.run("bundle inspect s.intoto.jsonl --predicate provenance").exits(0).json();
    let parts = names["buildDefinition"]["resolvedDependencies"].as_array().unwrap().clone();
    let part = |name: &str| {
        parts.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {parts:?}")).clone()
    };
    let train = part("base:middle/base:digits/dataset:train")["digest"]["dirHash"].as_str().unwrap().to_owned();
    let digits = part("base:middle/base:digits");
    assert_eq!(digits["annotations"]["assaymark_release"], "digits@1.0.0");
    for (what, said) in [
        (
            format!("--dataset-digest tree:sha256:{train} --reason x"),
            "the dataset `train` of the base model `digits` of the base model `middle`",
        ),
        (
            format!("--model-digest tree:sha256:{} --reason x", digits["digest"]["dirHash"].as_str().unwrap()),
            "the base model `digits` of the base model `middle`",
        ),
        (
            format!(
                "--model-digest sha256:{} --reason x",
                digits["annotations"]["assaymark_omsRoot"].as_str().unwrap()
            ),
            "the base model `digits` of the base model `middle`",
        ),
        ("--release derived@1.0.0 --reason x".into(), "the base model `middle`"),
        ("--release digits --reason x".into(), "the base model `digits` of the base model `middle`"),
        ("--withdrawn-key release.pub --reason x".into(), "a key that signed the base model `middle`"),
    ] {
        let _ = fs::remove_file(place.path(&list));
        withdraw(&place, &what).exits(0);
        let report = place
            .run("bundle verify s.intoto.jsonl --trust gate.toml --model model --withdrawals w.jsonl --format json")
            .exits(1)
            .json();
        assert_eq!(codes(&report, "deny"), ["withdrawn"], "{what}");
        let summaries: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["summary"].as_str().unwrap().to_owned())
            .collect();
        assert!(summaries.iter().any(|one| one.starts_with(&format!("{said} was withdrawn"))), "{what}: {summaries:?}");
    }
    let _ = fs::remove_file(place.path(&list));
    withdraw(&place, "--release digits@1.0.1 --reason x").exits(0);
    place.run("bundle verify s.intoto.jsonl --trust gate.toml --model model --withdrawals w.jsonl").exits(0);
    // A bundle that was changed.
    place.write("r.intoto.jsonl", place.read("r.intoto.jsonl").lines().skip(1).collect::<Vec<_>>().join("\n"));
    create("--base-trust gate.toml").exits(1);
}

const SUBJECT: &str = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main";
const ISSUER: &str = "https://accounts.example.com";

/// What somebody signed with certificates is struck by their name and its issuer, and by nothing like it.
#[test]
fn an_identity_is_withdrawn() {
    let place = workplace();
    copy(&repository("testdata/vectors/base"), &place.path("v"));
    fs::copy(repository("testdata/vectors/keyless/bundle.intoto.jsonl"), place.path("v/keyless")).unwrap();
    let officer = "[[attester]]\nname = 'officer'\nroles = ['withdrawer']\n[[attester.key]]\npath = 'officer.pub'\n";
    let root = repository("testdata/keyless/trusted_root.json");
    let own = |subject: &str| {
        format!(
            "[[attester]]\nname = 'release'\nroles = ['builder', 'releaser', 'scanner']\n\
             identity = {{ subject = '{subject}', {} }}\n",
            if subject == SUBJECT { format!("issuer = '{ISSUER}'") } else { "authority = 'pki'".to_owned() }
        )
    };
    let keyless = format!("{}[sigstore]\ntrusted-root = '{}'\n{officer}", own(SUBJECT), root.display());
    place.write("keyless.toml", keyless);
    copy(&repository("testdata/authority"), &place.path("pki"));
    let authority = "[[authority]]\nname = 'pki'\ncertificate = 'pki/root.pem'\nnames = ['release@example.com']\n";
    place.write("pki.toml", format!("{}{authority}{officer}", own("release@example.com")));
    let create = "bundle create release.toml --key release.key --output p --signing-certificate pki/chains/good.pem";
    place.run(create).exits(0);
    let window = "--from 2025-01-01T00:00:00Z --until 2025-02-01T00:00:00Z";
    for (bundle, subject, issuer, more, struck) in [
        ("keyless", SUBJECT, ISSUER, "", true),
        ("keyless", SUBJECT, ISSUER, window, true),
        ("keyless", SUBJECT, "https://accounts.example.org", "", false),
        ("keyless", "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/other", ISSUER, "", false),
        ("keyless", "https://ci.example.com/models", ISSUER, "", false),
        ("p", "release@example.com", "pki", "", true),
        ("p", "release@example.com", "other", "", false),
        ("p", "elease@example.com", "pki", "", false),
    ] {
        let _ = fs::remove_file(place.path("w.jsonl"));
        withdraw(
            &place,
            format!("--withdrawn-identity {subject} --withdrawn-issuer {issuer} --reason x {more}").trim_end(),
        )
        .exits(0);
        let (trust, place_of) =
            if bundle == "p" { ("pki.toml", ("p", "model")) } else { ("keyless.toml", ("v/keyless", "v/model")) };
        let (bundle, model) = place_of;
        let verify = format!(
            "bundle verify {bundle} --trust {trust} --model {model} --withdrawals w.jsonl --format json --explain"
        );
        let report = place.run(&verify).exits(i32::from(struck)).json();
        let expected = if struck { vec!["withdrawn".to_owned()] } else { vec![] };
        assert_eq!(codes(&report, "deny"), expected, "{subject} {issuer}");
        if struck {
            let summary = report["findings"][0]["summary"].as_str().unwrap();
            assert!(summary.starts_with("an identity of `release` was withdrawn"), "{summary}");
        }
        if struck && trust == "keyless.toml" {
            let who = report["explanation"]["fixes"][0]["who"].to_string();
            assert!(!who.contains("\"release\""), "whose identity was withdrawn can't mend it: {who}");
        }
    }
    let list = place.read("w.jsonl");
    for wrong in [
        format!("--withdrawn-identity {SUBJECT} --reason x"),
        format!("--withdrawn-issuer {ISSUER} --reason x"),
        format!("--withdrawn-identity {SUBJECT} --withdrawn-issuer {ISSUER} --withdrawn-key release.pub --reason x"),
        format!("--withdrawn-identity {SUBJECT} --withdrawn-issuer {ISSUER} --nothing"),
        format!("--withdrawn-identity {SUBJECT} --withdrawn-issuer {ISSUER}"),
        format!(
            "--withdrawn-identity {SUBJECT} --withdrawn-issuer {ISSUER} --reason x --from 2026-02-01T00:00:00Z --until 2026-01-01T00:00:00Z"
        ),
        "--nothing --from 2025-01-01T00:00:00Z".to_owned(),
    ] {
        withdraw(&place, &wrong).exits(2);
    }
    assert_eq!(place.read("w.jsonl"), list);
}
