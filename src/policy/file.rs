//! The shape of `policy.toml`. `schemas/policy.schema.json` is made from these types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::configuration::{self, ConfigurationError, Located};
use crate::digest::Digest;
use crate::files;
use crate::finding::{Code, Severity};
use crate::limits;
use crate::name::Name;
use crate::policy::rules::{self, RulesTable, condition, files_hashed, promoted, requirement};
use crate::policy::{DoorKind, Item, Origin, Policy, PolicyError, stages};

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
#[serde(deny_unknown_fields)]
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
    #[serde(default)]
    permit: BTreeSet<DoorKind>,
    /// The codes whose denials a waiver may take away; without it, no waiver holds.
    #[serde(default)]
    waivable: Vec<Located<String>>,
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

    /// Returns the codes whose denials a waiver may take away.
    pub fn waivable(&self) -> &BTreeSet<Code> {
        &self.waivable
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
        } else if self.common.is_empty() {
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
            signer: self.signer.clone(),
            permitted: self.permitted.clone(),
            waivable: self.waivable.clone(),
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
    let source = Source { name: &file_name, text: &text, folder: files::folder(path) };
    let name = source.value(&file.policy.name, "policy")?;
    if let Some(version) = file.policy.version.as_ref().filter(|version| *version.get() == 0) {
        return Err(source.at(version.offset(), "versions count from 1").into());
    }
    let expires = file.policy.expires.map(|time| configuration::time(&file_name, &text, &time)).transpose()?;
    let mut common = source.files(&file.policy.files)?;
    common.extend(source.items(file.require, file.rules, file.condition, &Origin::File)?);
    let stages: Vec<_> = file.stage.into_iter().map(|table| source.stage(table)).collect::<Result<_, _>>()?;
    if common.is_empty() && stages.iter().all(|stage| stage.items.is_empty()) {
        let message = "it demands nothing: it has no `[[require]]`, no `[rules]` and no `[[condition]]`";
        return Err(ConfigurationError::new(&file_name, message)
            .with_hint("`assaymark policy explain` shows all that can be demanded")
            .into());
    }
    let permitted = file.policy.permit;
    let waivable = source.waivable(&file.policy.waivable)?;
    let policy = PolicySource {
        name,
        version: file.policy.version.map(Located::into_inner),
        expires,
        permitted,
        waivable,
        common,
        stages,
        signer: None,
        bytes: Vec::new(),
    };
    source.check(&policy)?;
    Ok(PolicySource { bytes: text.into_bytes(), ..policy })
}

/// The file that is being read, for its faults.
pub(super) struct Source<'a> {
    name: &'a str,
    text: &'a str,
    /// The folder to which its paths are relative.
    pub(super) folder: &'a Path,
}

impl Source<'_> {
    /// Reports a fault at an offset.
    pub(super) fn at(&self, offset: usize, message: impl Into<String>) -> ConfigurationError {
        ConfigurationError::at(self.name, self.text, offset, message)
    }

    fn value<T>(&self, text: &Located<String>, what: &str) -> Result<T, ConfigurationError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let message = |fault| format!("{what} `{}`: {fault}", text.get());
        text.get().parse().map_err(|fault| self.at(text.offset(), message(fault)))
    }

    fn waivable(&self, codes: &[Located<String>]) -> Result<BTreeSet<Code>, ConfigurationError> {
        let mut waivable = BTreeSet::new();
        for text in codes {
            let code: Code = self.value(text, "waivable")?;
            if !code.is_waivable() {
                let message =
                    format!("`{code}` can't be waived: files, signatures and seals are sound or they are not");
                return Err(self.at(text.offset(), message));
            }
            waivable.insert(code);
        }
        Ok(waivable)
    }

    fn files(&self, trees: &[Located<String>]) -> Result<Vec<Item>, ConfigurationError> {
        let trees: BTreeSet<_> = trees.iter().map(|tree| self.value(tree, "files")).collect::<Result<_, _>>()?;
        let rule = (!trees.is_empty()).then(|| files_hashed::FilesHashed::new(trees));
        let item = |rule| Item { rule: std::sync::Arc::new(rule), severity: Severity::Deny, origin: Origin::File };
        Ok(rule.map(item).into_iter().collect())
    }

    fn items(
        &self,
        require: Vec<Located<requirement::Table>>,
        rules: RulesTable,
        conditions: Vec<Located<condition::Table>>,
        origin: &Origin,
    ) -> Result<Vec<Item>, PolicyError> {
        let mut items = Vec::new();
        for table in require {
            let (offset, table) = (table.offset(), table.into_inner());
            let severity = table.severity.unwrap_or_default().into();
            let rule = requirement::build(table).map_err(|message| self.at(offset, message))?;
            items.push(Item { rule: std::sync::Arc::new(rule), severity, origin: origin.clone() });
        }
        rules.build(self, origin, &mut items)?;
        for table in conditions {
            let severity = table.get().severity.unwrap_or_default().into();
            let rule = condition::build(self, table)?;
            items.push(Item { rule: std::sync::Arc::new(rule), severity, origin: origin.clone() });
        }
        Ok(items)
    }

    fn stage(&self, table: StageTable) -> Result<Stage, PolicyError> {
        let name: Name = self.value(&table.name, "stage")?;
        let after = table.after.map(|after| self.value(&after, "stage")).transpose()?;
        let items = self.items(table.require, table.rules, table.condition, &Origin::Stage(name.clone()))?;
        Ok(Stage { name, after, items })
    }

    /// Checks what concerns more than one table: stages and their order, names of rules.
    fn check(&self, policy: &PolicySource) -> Result<(), ConfigurationError> {
        let mut after = BTreeMap::new();
        for stage in &policy.stages {
            if after.insert(&stage.name, stage.after.as_ref()).is_some() {
                return Err(ConfigurationError::new(self.name, format!("there are two stages `{}`", stage.name)));
            }
        }
        let whole = |message| ConfigurationError::new(self.name, message);
        check_names(policy.common.iter()).map_err(whole)?;
        for stage in &policy.stages {
            let path = stages::path(&stage.name, &after).map_err(whole)?;
            let of_path = policy.stages.iter().filter(|stage| path.contains(&&stage.name));
            check_names(policy.common.iter().chain(of_path.flat_map(|stage| &stage.items))).map_err(whole)?;
        }
        Ok(())
    }
}

/// Two demands of one name could not be told apart in a report. Rules of the same kind at a later stage
/// are told apart by their stage.
fn check_names<'i>(items: impl Iterator<Item = &'i Item>) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for item in items {
        let scope = match &item.origin {
            Origin::Stage(name) => Some(name),
            Origin::Baseline | Origin::File => None,
        };
        if !names.insert((scope, item.rule.name().to_owned())) {
            return Err(format!("there are two demands `{}`: give one of them another `name`", item.rule.name()));
        }
    }
    Ok(())
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

    #[test]
    fn faults_have_their_line() {
        for (text, line, words) in [
            ("files = ['modle']", 3, "expected `model`, `code` or `dataset:NAME`"),
            ("version = 0\nfiles = ['model']", 3, "count from 1"),
            ("[rules]\nmetrics = []", 4, "no metric is named"),
            ("[rules]\nmin-sequence = 0", 4, "seals count from 1"),
            ("[rules]\nmodel-formats = ['safetensor']", 4, "unknown value `safetensor`"),
            ("[rules]\nmodel-licenses = { allow = ['MIT'], deny = ['MIT'] }", 4, "`MIT` is allowed and denied"),
            ("[rules]\nmodel-licenses = { allow = ['Mit'] }", 4, "no SPDX licence identifier"),
            ("[rules]\ncode = {}", 4, "demands nothing of the code"),
            ("[rules]\ncode = { repositories = ['https://x/*'] }", 4, "there are no patterns"),
            ("[rules]\nbuilders = []", 4, "no builder is allowed"),
            ("[rules]\ntest-data-disjoint = false", 4, "`false` demands nothing"),
            ("[rules]\nscans = { scanners = 0 }", 4, "0 scanners demand nothing"),
            ("[rules]\nmin-sequence = 1\nseverity = { metrics = 'warn' }", 5, "a rule that is not there"),
            ("[rules]\nmetrics = [{ name = 'a', min = 2, max = 1 }]", 4, "`min` is above `max`"),
            ("[[require]]\nevidence = 'bom'\ncount = 0", 3, "a count of 0"),
            ("[[require]]\nevidence = 'bill'", 4, "unknown value `bill`"),
            ("[[require]]\nevidence = 'bom'\nmax-age = '0d'", 5, "no age"),
            ("[[require]]\nevidence = 'bom'\nrole = 'approver'", 3, "counts from `builder` only"),
            (
                "[[require]]\nevidence = 'approval'\nrole = 'approver'\nnot-by = 'approver'",
                3,
                "and not by one who signed",
            ),
            ("[[require]]\nevidence = 'https://example.com/x'", 3, "needs the `role`"),
            ("[[require]]\nevidence = 'model-signature'\nmax-age = '1d'", 3, "states no time"),
            ("[[require]]\nevidence = 'seal'", 3, "always demanded"),
            ("[[requires]]\nevidence = 'bom'", 3, "unknown key `requires`"),
            ("[[condition]]\nname = 'c'\nmessage = 'm'\nrego = 'package other'", 3, "package assaymark"),
            ("[[condition]]\nname = 'c'\nmessage = 'm'", 3, "needs either `rego`, or `file` and `digest`"),
            ("[[condition]]\nname = 'c'\nmessage = 'm'\nfile = 'c.rego'", 3, "needs its `digest`"),
        ] {
            let fault = fault(text);
            assert!(fault.contains(words) && fault.contains(&format!("line {line}:")), "{text}\n{fault}");
        }
        let error = load("[[requires]]\nevidence = 'bom'").err().unwrap();
        assert_eq!(error.hint().as_deref(), Some("did you mean `require`?"));
        assert_eq!(error.details(), ["3 | [[requires]]", "  |   ^"]);
    }

    #[test]
    fn stages_are_in_order() {
        for (text, words) in [
            ("[[stage]]\nname = 'a'\n[[stage]]\nname = 'a'", "two stages `a`"),
            ("[[stage]]\nname = 'a'\nafter = 'b'", "which is no stage"),
            ("[[stage]]\nname = 'a'\nafter = 'a'", "comes after itself"),
            ("[[stage]]\nname = 'a'\nafter = 'b'\n[[stage]]\nname = 'b'\nafter = 'a'", "comes after itself"),
        ] {
            assert!(fault(&format!("files = ['model']\n{text}")).contains(words), "{text}");
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
        let source = load("[[stage]]\nname = 'a'\n[stage.rules]\nmin-sequence = 1").unwrap();
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
