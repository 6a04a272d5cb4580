//! The shape of `policy.toml`. `schemas/policy.schema.json` is made from these types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::configuration::{self, Located};
use crate::digest::Digest;
use crate::files;
use crate::finding::{Code, Severity};
use crate::limits;
use crate::name::Name;
use crate::policy::age::Age;
use crate::policy::reading::{Demands, Placed, ReadStage, Reading};
use crate::policy::rules::{self, RulesTable, condition, promoted, requirement};
use crate::policy::{DoorKind, Item, Origin, Policy, PolicyError, Waivable, stages};

/// What must hold of a release before it may be used.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PolicyFile {
    policy: PolicyTable,
    /// Evidence that must be there.
    #[serde(default)]
    require: Vec<Located<requirement::Table>>,
    /// What the evidence must say.
    #[serde(default)]
    rules: RulesTable,
    /// Conditions in Rego.
    #[serde(default)]
    condition: Vec<Located<condition::Table>>,
    /// Stages, each with demands of its own on top.
    #[serde(default)]
    stage: Vec<StageTable>,
}

/// The policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PolicyTable {
    /// Its name: 1 to 64 letters, digits, `.`, `_`, `-`.
    name: Located<String>,
    /// Its version, from 1; a newer policy has a higher one.
    version: Option<Located<u64>>,
    /// It can't be used from this time on, with a time zone.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    expires: Option<toml::Spanned<toml::value::Datetime>>,
    /// What must be hashed again: `model`, `code`, `dataset:NAME`.
    #[serde(default)]
    files: Vec<Located<String>>,
    /// The unsafe doors that may be open at a stage.
    permit: Option<Located<BTreeSet<DoorKind>>>,
    /// The codes whose denials a waiver may take away; without it, no waiver holds.
    #[serde(default)]
    waivable: Vec<Located<String>>,
    /// How long a waiver may hold, as in `30d`; 90 days if not given.
    longest_waiver: Option<Age>,
}

/// A stage of the life of a release.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StageTable {
    /// Its name.
    name: Located<String>,
    /// The stage before it, whose demands hold here as well.
    after: Option<Located<String>>,
    /// More evidence that must be there.
    #[serde(default)]
    require: Vec<Located<requirement::Table>>,
    /// More that the evidence must say.
    #[serde(default)]
    rules: RulesTable,
    /// More conditions in Rego.
    #[serde(default)]
    condition: Vec<Located<condition::Table>>,
}

/// A policy file that was read and makes sense, with all its stages.
pub struct PolicySource {
    name: Name,
    version: Option<u64>,
    expires: Option<DateTime<Utc>>,
    permitted: BTreeSet<DoorKind>,
    waivable: BTreeSet<Code>,
    longest_waiver: Option<Age>,
    common: Vec<Item>,
    stages: Vec<Stage>,
    signer: Option<Name>,
    bytes: Vec<u8>,
}

/// A stage of a policy.
pub struct Stage {
    /// Its name.
    pub name: Name,
    /// The stage before it.
    pub after: Option<Name>,
    items: Vec<Item>,
}

impl PolicySource {
    /// Reads a `policy.toml`, and the conditions that it names.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
        parse(path, text)
    }

    /// Returns its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Returns its version.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Returns when it expires.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        self.expires
    }

    /// Returns the very bytes that were read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Refuses a policy that has expired.
    pub fn check_expiry(&self, at: DateTime<Utc>) -> Result<(), PolicyError> {
        match self.expires {
            Some(expires) if at >= expires => Err(PolicyError::Expired { name: self.name.to_string(), expires, at }),
            _ => Ok(()),
        }
    }

    /// Records who signed it, once that was checked.
    #[must_use]
    pub fn signed_by(self, signer: Name) -> Self {
        Self { signer: Some(signer), ..self }
    }

    /// Returns its stages, in the order of the file.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Returns the unsafe doors that may be open at a stage.
    pub fn permitted(&self) -> &BTreeSet<DoorKind> {
        &self.permitted
    }

    /// Returns what a waiver may take away, at whichever stage.
    pub fn waivable(&self) -> Waivable {
        let baseline = rules::baseline();
        let items = baseline.iter().chain(self.items());
        Waivable::new(self.name.as_str(), self.waivable.clone(), items, self.longest_waiver)
    }

    /// Returns every rule of the file, whatever its stage.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.common.iter().chain(self.stages.iter().flat_map(|stage| &stage.items))
    }

    /// Returns what holds where a release is used: at a stage, it must have been let in, and into those before.
    pub fn policy(&self, stage: Option<&Name>) -> Result<Policy, PolicyError> {
        let mut policy = self.collect(stage)?;
        if let Some(stage) = stage {
            policy.items.push(promotion(stage, policy.stages.clone()));
        } else if !self.common.iter().any(|item| item.severity == Severity::Deny) {
            return Err(PolicyError::StageNeeded(self.name.to_string()));
        }
        Ok(policy)
    }

    /// Returns what holds for a release that is to be let into a stage: it must be in the stages before.
    pub fn policy_to_enter(&self, stage: &Name) -> Result<Policy, PolicyError> {
        let mut policy = self.collect(Some(stage))?;
        let before: Vec<_> = policy.stages.iter().filter(|one| *one != stage).cloned().collect();
        if !before.is_empty() {
            policy.items.push(promotion(stage, before));
        }
        Ok(policy)
    }

    /// Collects the baseline, the rules of the file, and those of a stage and of the ones before it.
    fn collect(&self, stage: Option<&Name>) -> Result<Policy, PolicyError> {
        let mut items = rules::baseline();
        items.extend(self.common.iter().cloned());
        let path = stage.map(|stage| self.path(stage)).transpose()?.unwrap_or_default();
        for name in &path {
            let of = self.stages.iter().filter(|stage| stage.name == **name);
            items.extend(of.flat_map(|stage| stage.items.iter().cloned()));
        }
        Ok(Policy {
            name: self.name.to_string(),
            version: self.version,
            expires: self.expires,
            digest: Digest::of(&self.bytes),
            stages: path.into_iter().cloned().collect(),
            left_out: self.stages.iter().map(|one| one.name.clone()).filter(|_| stage.is_none()).collect(),
            signer: self.signer.clone(),
            permitted: self.permitted.clone(),
            waivable: self.waivable(),
            items,
        })
    }

    fn path<'s>(&'s self, stage: &'s Name) -> Result<Vec<&'s Name>, PolicyError> {
        let after: BTreeMap<_, _> = self.stages.iter().map(|stage| (&stage.name, stage.after.as_ref())).collect();
        let known = after.contains_key(stage);
        stages::path(stage, &after).ok().filter(|_| known).ok_or_else(|| PolicyError::StageUnknown {
            policy: self.name.to_string(),
            stage: stage.clone(),
            known: self.stages.iter().map(|stage| stage.name.clone()).collect(),
        })
    }
}

fn promotion(stage: &Name, demanded: Vec<Name>) -> Item {
    let rule = promoted::Promoted::new(demanded);
    Item { rule: std::sync::Arc::new(rule), severity: Severity::Deny, origin: Origin::Stage(stage.clone()) }
}

fn parse(path: &Path, text: String) -> Result<PolicySource, PolicyError> {
    let file_name = path.display().to_string();
    let file: PolicyFile = configuration::parse(&file_name, &text)?;
    let reading = Reading { name: &file_name, text: &text, folder: files::folder(path) };
    let name = reading.value(&file.policy.name, "policy")?;
    if let Some(version) = file.policy.version.as_ref().filter(|version| *version.get() == 0) {
        return Err(reading.at(version.offset(), "versions count from 1").into());
    }
    let expires = file.policy.expires.map(|time| configuration::time(&file_name, &text, &time)).transpose()?;
    let mut common = reading.files(&file.policy.files)?;
    let demands = Demands { require: file.require, rules: file.rules, condition: file.condition };
    common.extend(reading.items(demands, &Origin::File)?);
    let stages = file.stage.into_iter().map(|table| {
        let demands = Demands { require: table.require, rules: table.rules, condition: table.condition };
        reading.stage(&table.name, table.after.as_ref(), demands)
    });
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    reading.check(&common, &stages)?;
    let permitted = file.policy.permit;
    if let Some(permit) = permitted.as_ref().filter(|permit| stages.is_empty() && !permit.get().is_empty()) {
        let message =
            "`permit` is about stages, and there is none: without a stage, whoever verifies may open any door";
        let hint = "add a `[[stage]]` and verify with `--stage`, or leave `permit` out";
        return Err(reading.at(permit.offset(), message).with_hint(hint).into());
    }
    Ok(PolicySource {
        name,
        version: file.policy.version.map(Located::into_inner),
        expires,
        permitted: permitted.map(Located::into_inner).unwrap_or_default(),
        waivable: reading.waivable(&file.policy.waivable)?,
        longest_waiver: file.policy.longest_waiver,
        common: values(common),
        stages: stages.into_iter().map(Stage::from).collect(),
        signer: None,
        bytes: text.into_bytes(),
    })
}

fn values(items: Vec<Placed<Item>>) -> Vec<Item> {
    items.into_iter().map(|item| item.value).collect()
}

impl From<ReadStage> for Stage {
    fn from(read: ReadStage) -> Self {
        let after = read.after.map(|after| after.value);
        Self { name: read.name.value, after, items: values(read.items) }
    }
}

#[cfg(test)]
mod tests {
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
        ("[rules]\nparameters = [{ name = 'a', one-of = [] }]", 4, "exactly one of"),
        ("[rules]\nbom = { profile = 'ntia', min-score = 0 }", 4, "bom: `min-score` must be more than 0"),
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
            (
                "builders = ['https://a/']",
                "builders = ['https://b/', 'https://c/']",
                "builders: every provenance names",
            ),
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

    #[test]
    fn stages_are_in_order() {
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
}
