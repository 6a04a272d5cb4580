//! Policies that are refused, each with its line, and stages.

use super::*;
use crate::fault::Fault;

#[test]
fn the_published_schema_is_that_of_these_types() {
    crate::test_support::assert_schema::<PolicyFile>("schemas/policy.schema.json");
}

fn load(text: &str) -> Result<PolicySource, PolicyError> {
    parse(Path::new("policy.toml"), format!("[policy]\nname = 'p'\n{text}"))
}

fn fault(text: &str) -> String {
    load(text).err().unwrap_or_else(|| panic!("it is accepted: {text}")).to_string()
}

#[test]
fn a_policy_demands_something() {
    for text in ["", "files = []", "[rules]", "[[stage]]\nname = 'a'"] {
        assert!(fault(text).contains("demands nothing"), "{text}");
    }
}

/// What is refused, with the line and words of the answer.
const FAULTS: &[(&str, usize, &str)] = &[
    ("files = ['modle']", 3, "expected `model`, `code` or `dataset:NAME`"),
    ("version = 0\nfiles = ['model']", 3, "count from 1"),
    ("[rules]\nmetrics = []", 4, "no metric is named"),
    ("[rules]\nmin-sequence = 0", 4, "seals count from 1"),
    ("[rules]\nmin-sequence = 1", 4, "that demands nothing"),
    ("[rules]\nmodel-formats = ['safetensor']", 4, "unknown value `safetensor`"),
    ("[rules]\nmodel-licenses = { allow = ['MIT'], deny = ['MIT'] }", 4, "`MIT` is allowed and denied"),
    (
        "[rules]\nmodel-licenses = { allow = ['Apache-2.0'], deny = ['osi-approved'] }",
        4,
        "model-licenses: `Apache-2.0` is allowed and denied",
    ),
    (
        "[rules]\nbase-licenses = { allow = ['MIT', 'CC-BY-NC-4.0'], deny = ['non-commercial'] }",
        4,
        "base-licenses: `CC-BY-NC-4.0` is allowed and denied",
    ),
    (
        "[rules]\ndataset-licenses = { allow = ['copyleft'], deny = ['copyleft'] }",
        4,
        "dataset-licenses: `copyleft` is allowed and denied",
    ),
    ("[rules]\nmodel-licenses = {}", 4, "neither allows nor denies"),
    ("[rules]\ndatasets = { allow = ['a'], deny = ['a'] }", 4, "datasets: `a` is allowed and denied"),
    ("[rules]\ndatasets = {}", 4, "neither allows nor denies"),
    (
        "[rules]\ndatasets = { deny = ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] }",
        4,
        "nobody knows the kind",
    ),
    ("[rules]\nmetrics = [{ name = 'a', min = 0 }]", 4, "metrics: `min = 0` demands nothing of the metric `a`"),
    (
        "[rules]\nmetrics = [{ name = 'a', max = 1 }, { name = 'a', min = 2, dataset = 'd' }]",
        4,
        "metrics: `a` is at most 1, and `a on the dataset d` is at least 2",
    ),
    ("[rules]\nmodel-formats = []", 4, "model-formats: no format"),
    ("[rules]\nparameters = []", 4, "parameters: no parameter"),
    ("[rules]\nparameters = [{ name = 'a', equals = '' }]", 4, "counts as absent"),
    ("[rules]\nparameters = [{ name = '/a~2b', equals = 'c' }]", 4, "is no JSON pointer"),
    ("[rules]\ncode = { refs = ['refs/heads/'] }", 4, "no full git ref"),
    ("[rules]\nparameters = [{ name = 'a', one-of = [] }]", 4, "exactly one of"),
    ("[rules]\nbom = { profile = 'ntia', min-score = 0 }", 4, "bom: `min-score` is a number from 1 to 100"),
    ("[rules]\nbom = { profile = 'ntia', min-score = 0.9 }", 4, "bom: `min-score` is a number from 1 to 100"),
    ("[rules]\nlicense-flow = false", 4, "license-flow: `false` demands nothing"),
    ("[rules]\npackages = { deny = [] }", 4, "packages: it demands nothing"),
    ("[rules]\npackages = { min-maintainers = 0 }", 4, "packages: 0 maintainers"),
    ("[rules]\npackages = { min-age = '0d' }", 4, "no age"),
    ("[rules]\nscans = { scanners = 1001 }", 4, "scans: a release bundle has at most 1000 lines"),
    ("[rules]\nscans = { rules-max-age = '0w' }", 4, "no age"),
    ("[rules]\nmin-sequence = 1001", 4, "min-sequence: a release bundle has at most 1000 lines"),
    ("[rules]\ncode = { refs = [''] }", 4, "code: an empty text is no repository"),
    ("[rules]\nvulnerabilities = { max-severity = 'low', database-max-age = '0h' }", 4, "no age"),
    ("files = ['model']\nlongest-waiver = '0d'", 4, "no age"),
    ("files = ['model']\npermit = ['at']", 4, "`permit` is about stages, and there is none"),
    ("[rules]\nmodel-licenses = { allow = ['Mit'] }", 4, "no SPDX licence identifier"),
    ("[rules]\ncode = {}", 4, "demands nothing of the code"),
    ("[rules]\ncode = { repositories = ['https://x/*'] }", 4, "there are no patterns"),
    ("[rules]\nbuilders = []", 4, "no builder is allowed"),
    ("[rules]\ntest-data-disjoint = false", 4, "`false` demands nothing"),
    ("[rules]\ntest-data-disjoint = 'Files'", 4, "unknown value `Files`"),
    ("[rules]\ntest-data-disjoint = 1", 4, "where `true`, `\"files\"` or `\"rows\"` is needed"),
    ("[rules]\nscans = { scanners = 0 }", 4, "0 scanners demand nothing"),
    ("[rules]\nmin-sequence = 2\nseverity = { metrics = 'warn' }", 5, "a rule that is not there"),
    ("[rules]\nmetrics = [{ name = 'a', min = 2, max = 1 }]", 4, "`min` is above `max`"),
    ("[[require]]\nevidence = 'bom'\ncount = 0", 3, "a count of 0"),
    ("[[require]]\nevidence = 'bill'", 4, "unknown value `bill`"),
    ("[[require]]\nevidence = 'bom'\nmax-age = '0d'", 5, "no age"),
    ("[[require]]\nevidence = 'bom'\nrole = 'approver'", 3, "counts from `builder` only"),
    ("[[require]]\nevidence = 'approval'\nrole = 'approver'\nnot-by = 'approver'", 3, "and not by one who signed"),
    (
        "[[require]]\nevidence = 'approval'\nnot-by = 'approver'",
        3,
        "require-approval: it must be by a `approver` and not by one who signed as `approver`",
    ),
    ("[[require]]\nevidence = 'scan'\nname = 'x'\nnot-by = 'scanner'", 3, "x: it must be by a `scanner`"),
    ("[[require]]\nevidence = 'provenance'\nnot-by = 'builder'", 3, "not by one who signed as `builder`"),
    ("[[require]]\nevidence = 'approval'\nnot-by = 'withdrawer'", 3, "nobody signs as `withdrawer`"),
    ("[[require]]\nevidence = 'approval'\ncount = 1001", 3, "at most 1000 lines"),
    ("[[require]]\nevidence = 'scan'\nname = 'tests-passed'", 3, "`tests-passed` is the name of a rule"),
    ("[[require]]\nevidence = 'scan'\nname = 'metrics'", 3, "`metrics` is the name of a rule"),
    ("[[require]]\nevidence = 'scan'\nname = 'test-failed'", 3, "is the name of a code of findings"),
    (
        "[[condition]]\nname = 'code-recorded'\nmessage = 'm'\nrego = 'package assaymark'",
        3,
        "condition `code-recorded`: `code-recorded` is the name of a rule",
    ),
    ("[[require]]\nevidence = 'scan'\n[[require]]\nevidence = 'scan'", 5, "two demands `require-scan`"),
    ("[[require]]\nevidence = 'scan'\nseverity = 'warn'", 3, "nothing in it denies"),
    ("[rules]\nmin-sequence = 2\nseverity = { min-sequence = 'warn' }", 4, "nothing in it denies"),
    ("[[stage]]\nname = 'a'\n[[stage.require]]\nevidence = 'scan'\nseverity = 'warn'", 5, "nothing in it denies"),
    ("[[require]]\nevidence = 'https://example.com/x'", 3, "needs the `role`"),
    ("[[require]]\nevidence = 'model-signature'\nmax-age = '1d'", 3, "states no time"),
    ("[[require]]\nevidence = 'seal'", 3, "always demanded"),
    ("[[requires]]\nevidence = 'bom'", 3, "unknown key `requires`"),
    ("files = ['model']\nwaivable = []", 4, "`waivable = []` demands nothing"),
    ("permit = []\n[[stage]]\nname = 'a'\n[stage.rules]\nmin-sequence = 2", 3, "`permit = []` demands nothing"),
    ("files = []\n[rules]\nmin-sequence = 2", 3, "`files = []` demands nothing"),
    ("[rules]\nscans = { scanners = 2, warned = false }", 4, "`warned = false` demands nothing"),
    ("[rules]\nparameters = [{ name = 'a', equals = '1', present = false }]", 4, "`present = false` demands nothing"),
    ("[[require]]\nevidence = 'approval'\nsealed = false", 5, "`sealed = false` demands nothing"),
    ("[rules]\ncode = { pinned = true, refs = [] }", 4, "`refs = []` demands nothing"),
    ("[rules]\ncode = { pinned = true, repositories = [] }", 4, "`repositories = []` demands nothing"),
    ("[rules]\ndatasets = { allow = ['a'], deny = [] }", 4, "`deny = []` demands nothing"),
    ("[rules]\nmodel-licenses = { allow = [], deny = ['MIT'] }", 4, "`allow = []` demands nothing"),
    ("[rules]\npackages = { min-age = '2d', deny = [] }", 4, "`deny = []` demands nothing"),
    (
        "[[stage]]\nname = 'a'\n[[stage.require]]\nevidence = 'approval'\nlogged = false",
        7,
        "`logged = false` demands nothing",
    ),
    ("[[condition]]\nname = 'c'\nmessage = 'm'\nrego = 'package other'", 3, "package assaymark"),
    ("[[condition]]\nname = 'c'\nmessage = 'm'", 3, "needs either `rego`, or `file` and `digest`"),
    ("[[condition]]\nname = 'c'\nmessage = 'm'\nfile = 'c.rego'", 3, "needs its `digest`"),
];

#[test]
fn faults_have_their_line() {
    for (text, line, words) in FAULTS {
        let fault = fault(text);
        assert!(fault.contains(words) && fault.contains(&format!("line {line}:")), "{text}\n{fault}");
        assert!(load(text).err().unwrap().hint().is_some(), "{text}");
    }
    let error = load("[[requires]]\nevidence = 'bom'").err().unwrap();
    assert_eq!(error.hint().as_deref(), Some("did you mean `require`?"));
    assert_eq!(error.details(), ["3 | [[requires]]", "  |   ^"]);
}

#[test]
fn what_denies_once_is_a_policy() {
    let warns = "[[require]]\nevidence = 'scan'\nseverity = 'warn'\n";
    load(&format!("files = ['model']\n{warns}")).unwrap();
    load(&format!("{warns}[[require]]\nevidence = 'approval'")).unwrap();
    let staged = load(&format!("{warns}[[stage]]\nname = 'a'\n[stage.rules]\nmin-sequence = 2")).unwrap();
    // Without its stage it would only warn.
    assert!(matches!(staged.policy(None), Err(PolicyError::StageNeeded(_))));
    staged.policy(Some(&"a".parse().unwrap())).unwrap();
}

#[test]
fn duties_that_can_be_separated_are() {
    for text in [
        "evidence = 'approval'\nnot-by = 'builder'",
        "evidence = 'test-result'\nnot-by = 'scanner'",
        "evidence = 'model-signature'\nnot-by = 'releaser'",
        "evidence = 'approval'\nnot-by = 'waiver'",
    ] {
        load(&format!("[[require]]\n{text}")).unwrap();
    }
}

#[test]
fn rules_that_leave_nothing_together_are_refused() {
    let stage = |rule: &str| format!("[[stage]]\nname = 'live'\n[stage.rules]\n{rule}");
    for (every, at_stage, words) in [
        (
            "metrics = [{ name = 'a', max = 0.5 }]",
            "metrics = [{ name = 'a', min = 0.9 }]",
            "metrics: `a` is at most 0.5, and `a` is at least 0.9: both can't hold",
        ),
        ("builders = ['https://a/']", "builders = ['https://b/', 'https://c/']", "builders: every provenance names"),
        ("code = { refs = ['refs/heads/main'] }", "code = { refs = ['refs/tags/v1'] }", "the ref of the code is"),
        ("code = { repositories = ['x'] }", "code = { repositories = ['y'] }", "the repository of the code is"),
        (
            "parameters = [{ name = 'seed', equals = '1' }]",
            "parameters = [{ name = 'seed', one-of = ['2', '3'] }]",
            "parameters: `seed` is `1`, and `seed` is `2` or `3`",
        ),
        (
            "metrics = [{ name = 'a', min = 0.9, dataset = 'test' }]",
            "datasets = { allow = ['train'] }",
            "`a on the dataset test` is measured, and every dataset is one of `train`",
        ),
        (
            "parameters = [{ name = 'seed', equals = '1' }]",
            "parameters = [{ name = '/parameters/seed', equals = '2' }]",
            "parameters: `seed` is `1`, and `/parameters/seed` is `2`",
        ),
        (
            "datasets = { allow = ['a', 'b'] }",
            "datasets = { deny = ['a', 'b', 'c'] }",
            "datasets: every dataset is one",
        ),
        ("datasets = { deny = ['a'] }", "datasets = { allow = ['a'] }", "datasets: no dataset is one"),
        ("datasets = { allow = ['a'] }", "datasets = { allow = ['b'] }", "datasets: every dataset is one"),
        (
            "datasets = { allow = ['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] }",
            "datasets = { allow = ['tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] }",
            "datasets: every dataset is one",
        ),
        (
            "model-formats = ['onnx', 'gguf']",
            "model-formats = ['safetensors']",
            "model-formats: every file of the model is, by its name, gguf or onnx or a text, and every",
        ),
    ] {
        let text = format!("[rules]\n{every}\n{}", stage(at_stage));
        let fault = fault(&text);
        assert!(fault.contains(words) && fault.contains("line 8:"), "{text}\n{fault}");
        assert!(load(&text).err().unwrap().hint().unwrap().contains("at each stage"), "{text}");
        // At stages that never hold together, each may hold.
        let apart = format!("files = ['model']\n{}\n{}", stage(every).replace("live", "other"), stage(at_stage));
        load(&apart).unwrap();
    }
    assert!(fault("files = ['dataset:a']\n[rules]\ndatasets = { deny = ['a'] }").contains("`dataset:a` is hashed"));
    for rules in [
        "datasets = { allow = ['a'] }",
        "datasets = { allow = ['tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] }",
        "datasets = { deny = ['b'] }\nmetrics = [{ name = 'x', min = 0.9, dataset = 'a' }]",
    ] {
        load(&format!("files = ['dataset:a']\n[rules]\n{rules}")).unwrap();
    }
}

/// Each of these is met by some release: what is left out at a stage, a dataset that has both its name and its digest,
/// a model under two licences of which one is taken at each stage.
#[test]
fn rules_that_leave_something_are_not() {
    let digest = "tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (every, at_stage) in [
        ("datasets = { allow = ['a', 'b'] }", "datasets = { deny = ['a'] }".to_owned()),
        ("datasets = { allow = ['a'] }", format!("datasets = {{ allow = ['{digest}'] }}")),
        ("datasets = { allow = ['a'] }", format!("datasets = {{ allow = ['b', '{digest}'] }}")),
        ("datasets = { deny = ['a'] }", "datasets = { deny = ['b'] }".to_owned()),
        ("model-formats = ['onnx', 'gguf']", "model-formats = ['gguf']".to_owned()),
        ("model-licenses = { allow = ['MIT'] }", "model-licenses = { allow = ['Apache-2.0'] }".to_owned()),
        ("model-licenses = { allow = ['MIT'] }", "model-licenses = { deny = ['osi-approved'] }".to_owned()),
    ] {
        load(&format!("[rules]\n{every}\n[[stage]]\nname = 'live'\n[stage.rules]\n{at_stage}")).unwrap();
    }
}

#[test]
fn stages_are_in_order() {
    let many: Vec<_> = (0..=limits::POLICY_STAGES).map(|stage| format!("[[stage]]\nname = 's{stage}'\n")).collect();
    assert!(fault(&format!("files = ['model']\n{}", many.concat())).contains("more than 100 stages"));
    for (text, line, words) in [
        ("[[stage]]\nname = 'a'\n[[stage]]\nname = 'a'", 7, "two stages `a`"),
        ("[[stage]]\nname = 'a'\nafter = 'b'", 6, "which is no stage"),
        ("[[stage]]\nname = 'c'\nafter = 'a'\n[[stage]]\nname = 'a'\nafter = 'b'", 9, "which is no stage"),
        ("[[stage]]\nname = 'a'\nafter = 'a'", 6, "comes after itself"),
        ("[[stage]]\nname = 'a'\nafter = 'b'\n[[stage]]\nname = 'b'\nafter = 'a'", 6, "comes after itself"),
    ] {
        let text = format!("files = ['model']\n{text}");
        let fault = fault(&text);
        assert!(fault.contains(words) && fault.contains(&format!("line {line}:")), "{text}\n{fault}");
        assert!(load(&text).err().unwrap().hint().is_some(), "{text}");
    }
}

#[test]
fn a_later_stage_has_what_an_earlier_has() {
    let text = "files = ['model']\n[[stage]]\nname = 'a'\n[stage.rules]\nmin-sequence = 2\n\
                [[stage]]\nname = 'b'\nafter = 'a'\n[[stage.require]]\nevidence = 'approval'";
    let source = load(text).unwrap();
    let names = |policy: Policy| -> Vec<String> {
        let items = policy.items().iter().filter(|item| item.origin != Origin::Baseline);
        items.map(|item| item.rule.name().to_owned()).collect()
    };
    let (a, b, c) = ("a".parse().unwrap(), "b".parse().unwrap(), "c".parse().unwrap());
    assert_eq!(names(source.policy(None).unwrap()), ["files-hashed"]);
    assert_eq!(names(source.policy(Some(&a)).unwrap()), ["files-hashed", "min-sequence", "promoted"]);
    let all = ["files-hashed", "min-sequence", "require-approval", "promoted"];
    assert_eq!(names(source.policy(Some(&b)).unwrap()), all);
    assert_eq!(names(source.policy_to_enter(&a).unwrap()), ["files-hashed", "min-sequence"]);
    assert_eq!(names(source.policy_to_enter(&b).unwrap()), all);
    assert!(source.policy(Some(&c)).err().unwrap().hint().unwrap().contains("`a`, `b`"));
}

#[test]
fn two_demands_of_one_name_are_refused() {
    let one = "[[require]]\nevidence = 'test-result'\n";
    assert!(fault(&one.repeat(2)).contains("another `name`"));
    load(&format!("{one}{one}name = 'other'")).unwrap();
}

#[test]
fn a_policy_whose_rules_belong_to_stages_needs_one() {
    let source = load("[[stage]]\nname = 'a'\n[stage.rules]\nmin-sequence = 2").unwrap();
    assert!(matches!(source.policy(None), Err(PolicyError::StageNeeded(_))));
}

#[test]
fn an_expired_policy_is_refused() {
    let source = load("expires = 2026-01-01T00:00:00Z\nfiles = ['model']").unwrap();
    let at = |text: &str| source.policy(None).unwrap().check_expiry(text.parse().unwrap());
    assert!(at("2025-12-31T23:59:59Z").is_ok());
    assert!(at("2026-01-01T00:00:00Z").is_err());
}
