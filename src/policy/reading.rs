//! What a policy file says, table by table, each fault with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::configuration::{ConfigurationError, Located};
use crate::finding::{Code, Severity};
use crate::limits;
use crate::name::Name;
use crate::policy::refusal::Refusal;
use crate::policy::rules::{RulesTable, condition, files_hashed, requirement};
use crate::policy::{Item, Origin, PolicyError, bound, names, stages};

/// The file that is being read, for its faults.
pub(super) struct Reading<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// The folder to which its paths are relative.
    pub(super) folder: &'a Path,
}

/// What was read, and where it stands.
pub(super) struct Placed<T> {
    /// In bytes from the start of the file.
    pub(super) offset: usize,
    pub(super) value: T,
}

/// A stage as it was read.
pub(super) struct ReadStage {
    pub(super) name: Placed<Name>,
    pub(super) after: Option<Placed<Name>>,
    pub(super) items: Vec<Placed<Item>>,
}

/// Everything that is demanded in one place: of every release, or at a stage.
pub(super) struct Demands {
    pub(super) require: Vec<Located<requirement::Table>>,
    pub(super) rules: RulesTable,
    pub(super) condition: Vec<Located<condition::Table>>,
}

impl Reading<'_> {
    /// Reports a fault at an offset.
    pub(super) fn at(&self, offset: usize, message: impl Into<String>) -> ConfigurationError {
        ConfigurationError::at(self.name, self.text, offset, message)
    }

    /// Reports what is wrong with a rule.
    pub(super) fn refuse(&self, offset: usize, rule: &str, refusal: impl Into<Refusal>) -> ConfigurationError {
        let Refusal { message, hint } = refusal.into();
        let error = self.at(offset, format!("{rule}: {message}"));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// Reads a text as a value; `what` names it in the fault.
    pub(super) fn value<T>(&self, text: &Located<String>, what: &str) -> Result<T, ConfigurationError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let message = |fault| format!("{what} `{}`: {fault}", text.get());
        text.get().parse().map_err(|fault| self.at(text.offset(), message(fault)))
    }

    /// Reads the codes that may be waived.
    pub(super) fn waivable(&self, codes: &[Located<String>]) -> Result<BTreeSet<Code>, ConfigurationError> {
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

    /// Reads what must be hashed again.
    pub(super) fn files(&self, trees: &[Located<String>]) -> Result<Vec<Placed<Item>>, ConfigurationError> {
        let Some(first) = trees.first() else { return Ok(Vec::new()) };
        let offset = first.offset();
        let trees: BTreeSet<_> = trees.iter().map(|tree| self.value(tree, "files")).collect::<Result<_, _>>()?;
        let rule = Arc::new(files_hashed::FilesHashed::new(trees));
        Ok(vec![Placed { offset, value: Item { rule, severity: Severity::Deny, origin: Origin::File } }])
    }

    /// Reads what is demanded in one place.
    pub(super) fn items(&self, demands: Demands, origin: &Origin) -> Result<Vec<Placed<Item>>, PolicyError> {
        let mut items = Vec::new();
        for table in demands.require {
            let (offset, table) = (table.offset(), table.into_inner());
            let (severity, name) = (table.severity.unwrap_or_default().into(), table.shown());
            let rule = requirement::build(table).map_err(|refusal| self.refuse(offset, &name, refusal))?;
            let value = Item { rule: Arc::new(rule), severity, origin: origin.clone() };
            items.push(Placed { offset, value });
        }
        demands.rules.build(self, origin, &mut items)?;
        for table in demands.condition {
            let (offset, severity) = (table.offset(), table.get().severity.unwrap_or_default().into());
            let rule = Arc::new(condition::build(self, table)?);
            items.push(Placed { offset, value: Item { rule, severity, origin: origin.clone() } });
        }
        Ok(items)
    }

    /// Reads a stage.
    pub(super) fn stage(
        &self,
        name: &Located<String>,
        after: Option<&Located<String>>,
        demands: Demands,
    ) -> Result<ReadStage, PolicyError> {
        let read = |text: &Located<String>| {
            self.value(text, "stage").map(|value: Name| Placed { offset: text.offset(), value })
        };
        let name = read(name)?;
        let after = after.map(read).transpose()?;
        let items = self.items(demands, &Origin::Stage(name.value.clone()))?;
        Ok(ReadStage { name, after, items })
    }

    /// Checks what concerns more than one table: stages and their order, names of rules, and that something denies.
    pub(super) fn check(&self, common: &[Placed<Item>], stages: &[ReadStage]) -> Result<(), ConfigurationError> {
        if let Some(beyond) = stages.get(limits::POLICY_STAGES) {
            let message = format!("there are more than {} stages", limits::POLICY_STAGES);
            return Err(self
                .at(beyond.name.offset, message)
                .with_hint("put what is of other releases into a policy of its own"));
        }
        let mut after = BTreeMap::new();
        for stage in stages {
            if after.insert(&stage.name.value, stage.after.as_ref().map(|after| &after.value)).is_some() {
                let message = format!("there are two stages `{}`", stage.name.value);
                let hint = "give one of them another name, or put what both demand into one";
                return Err(self.at(stage.name.offset, message).with_hint(hint));
            }
        }
        self.check_together(common.iter())?;
        for stage in stages {
            let path = stages::path(&stage.name.value, &after).map_err(|fault| self.disorder(stages, &fault))?;
            let of_path = stages.iter().filter(|stage| path.contains(&&stage.name.value));
            self.check_together(common.iter().chain(of_path.flat_map(|stage| &stage.items)))?;
        }
        self.check_teeth(common.iter().chain(stages.iter().flat_map(|stage| &stage.items)))
    }

    /// Checks what holds at one stage, or at none.
    fn check_together<'i>(
        &self,
        items: impl Iterator<Item = &'i Placed<Item>> + Clone,
    ) -> Result<(), ConfigurationError> {
        names::check_distinct(self, items.clone())?;
        bound::contradiction(items).map_or(Ok(()), |(item, message)| {
            let hint = "what holds for every release holds at each stage, and what holds at a stage at those after it";
            Err(self.refuse(item.offset, item.value.rule.name(), Refusal::from(message).hint(hint)))
        })
    }

    /// Reports an order of stages that is none, where it goes wrong.
    fn disorder(&self, stages: &[ReadStage], fault: &stages::Disorder<'_>) -> ConfigurationError {
        let stage = stages.iter().find(|stage| stage.name.value == *fault.stage);
        let offset = stage.and_then(|stage| stage.after.as_ref()).map_or(0, |after| after.offset);
        let names: Vec<_> = stages.iter().map(|stage| format!("`{}`", stage.name.value)).collect();
        let hint = format!("stages of this policy: {}; the first of them has no `after`", names.join(", "));
        self.at(offset, fault.message.clone()).with_hint(hint)
    }

    /// Refuses a policy that demands nothing, and one that demands and never denies: it would let everything pass that
    /// the baseline lets pass.
    fn check_teeth<'i>(&self, items: impl Iterator<Item = &'i Placed<Item>>) -> Result<(), ConfigurationError> {
        let mut offset = None;
        for item in items {
            if item.value.severity == Severity::Deny {
                return Ok(());
            }
            offset.get_or_insert(item.offset);
        }
        let Some(offset) = offset else {
            let message = "it demands nothing: it has no `[[require]]`, no `[rules]` and no `[[condition]]`";
            let hint = "`assaymark policy explain` shows all that can be demanded";
            return Err(ConfigurationError::new(self.name, message).with_hint(hint));
        };
        let message = "nothing in it denies: all that it demands, it only warns of, so it never says no";
        let hint =
            "leave out `severity = \"warn\"` where a release must not pass; `policy test` tries a policy on releases";
        Err(self.at(offset, message).with_hint(hint))
    }
}
