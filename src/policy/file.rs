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
use crate::policy::age::Age;
use crate::policy::reading::{Demands, Placed, ReadStage, Reading};
use crate::policy::rules::{self, RulesTable, condition, promoted, requirement};
use crate::policy::{DoorKind, Item, Origin, Policy, PolicyError, Waivable, idle, stages};

/// What must hold of a release before it may be used.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PolicyFile {
    #[cfg_attr(test, schemars(with = "PolicyTable"))]
    policy: Option<PolicyTable>,
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
    let Some(policy) = file.policy else { return Err(nameless(&file_name).into()) };
    let name = reading.value(&policy.name, "policy")?;
    if let Some(version) = policy.version.as_ref().filter(|version| *version.get() == 0) {
        return Err(reading.at(version.offset(), "versions count from 1").into());
    }
    let expires = policy.expires.map(|time| configuration::time(&file_name, &text, &time)).transpose()?;
    let mut common = reading.files(&policy.files)?;
    let demands = Demands { require: file.require, rules: file.rules, condition: file.condition };
    common.extend(reading.items(demands, &Origin::File)?);
    let stages = file.stage.into_iter().map(|table| {
        let demands = Demands { require: table.require, rules: table.rules, condition: table.condition };
        reading.stage(&table.name, table.after.as_ref(), demands)
    });
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    reading.check(&common, &stages)?;
    idle::check(&reading)?;
    let permitted = policy.permit;
    if let Some(permit) = permitted.as_ref().filter(|_| stages.is_empty()) {
        let message =
            "`permit` is about stages, and there is none: without a stage, whoever verifies may open any door";
        let hint = "add a `[[stage]]` and verify with `--stage`, or leave `permit` out";
        return Err(reading.at(permit.offset(), message).with_hint(hint).into());
    }
    Ok(PolicySource {
        name,
        version: policy.version.map(Located::into_inner),
        expires,
        permitted: permitted.map(Located::into_inner).unwrap_or_default(),
        waivable: reading.waivable(&policy.waivable)?,
        longest_waiver: policy.longest_waiver,
        common: values(common),
        stages: stages.into_iter().map(Stage::from).collect(),
        signer: None,
        bytes: text.into_bytes(),
    })
}

/// Reports that nothing says whose demands they are.
fn nameless(file: &str) -> ConfigurationError {
    let error = ConfigurationError::new(file, "the table `[policy]` is missing, which gives the policy its `name`");
    error.with_hint("begin it with `[policy]` and `name = \"production\"`; `assaymark policy explain` shows every key")
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
mod tests;
