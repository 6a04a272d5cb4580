//! What must hold of a release: rules over evidence.
//!
//! A rule sees nothing but a [`Case`], which is evidence and values, and returns findings; there is no
//! boolean to misread. The baseline always applies; a `policy.toml` adds to it, and says alone what may be waived.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, OnceLock};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::digest::{Digest, Hasher};
use crate::evidence::{Evidence, MatchedStatement};
use crate::finding::{Cause, Code, Finding, Place, Severity, Tree};
use crate::intoto::predicate::Provenance;
use crate::intoto::{Kind, Predicate};
use crate::licence::{self, Whose};
use crate::name::Name;
use crate::trust::{Attester, Role};

pub use age::Age;
pub use bound::{Bound, Values};
pub use demotion::Demotion;
pub use difference::{Demand, demands, only_in};
pub use door::DoorKind;
pub use error::PolicyError;
pub use file::{PolicySource, Stage};
pub use lint::lint;
pub use package_facts::PackageFacts;
pub use waivable::{Voidness, Waivable};

mod age;
mod bom;
mod bound;
mod demotion;
mod difference;
mod door;
mod error;
mod evidence_name;
mod exploitability;
mod file;
mod idle;
mod lint;
mod names;
mod package_facts;
mod package_url;
mod reading;
mod refusal;
mod rego;
mod rules;
mod spdx_set;
mod stages;
mod waivable;
mod weight;

/// What a rule judges: evidence and values, and nothing else.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// The complete, sealed and linked set.
    pub evidence: &'c Evidence<'c>,
    /// The time of the check.
    pub at: DateTime<Utc>,
    /// What was hashed again by this process, and is as it was signed.
    pub hashed: &'c BTreeSet<Tree>,
    /// What is known of packages beside the evidence.
    pub package_facts: Option<&'c PackageFacts>,
    /// Which stages a release was taken out of.
    pub demotions: &'c [Demotion],
    /// What several rules make of the same evidence.
    pub shared: &'c Shared,
}

impl<'c> Case<'c> {
    /// Returns the BOMs among the members of the seal, each with its line.
    pub(crate) fn boms(&self) -> impl Iterator<Item = (&'c MatchedStatement<'c>, &'c Value)> {
        self.evidence.members().iter().filter_map(|line| match line.predicate() {
            Predicate::Bom(document) => Some((line, document.as_ref())),
            _ => None,
        })
    }

    /// Returns the provenances among the members that tell of the training, each with its line: where one does, one of a build of
    /// others that names nothing of ours is passed over; alone it is judged as any other.
    pub(crate) fn trainings(&self) -> impl Iterator<Item = (&'c MatchedStatement<'c>, &'c Provenance)> {
        let tells = self.evidence.provenances().any(|provenance| !provenance.is_beside());
        self.evidence.members().iter().filter_map(move |line| match line.predicate() {
            Predicate::Provenance(provenance) if !tells || !provenance.is_beside() => Some((line, provenance.as_ref())),
            _ => None,
        })
    }

    /// Returns the files of the model, as its signature lists them.
    pub(crate) fn model_files(&self) -> &'c BTreeSet<String> {
        let files = || self.evidence.model_files().map(|entry| entry.path.to_string()).collect();
        self.shared.model_files.get_or_init(files)
    }

    /// Returns the base models that BOMs name and no provenance does, as model cards name them, each with the line: nothing
    /// says from which data they were made.
    pub(crate) fn unrecorded_bases(&self) -> impl Iterator<Item = (&'c MatchedStatement<'c>, &'c str)> {
        self.boms().flat_map(|(line, document)| {
            let bases = licence::members(document, Whose::Bases).into_iter().filter(|base| base.reference.is_none());
            bases.map(move |base| (line, base.name))
        })
    }
}

/// What several rules make of one case, made once.
#[derive(Default)]
pub struct Shared {
    /// The case as conditions see it.
    input: OnceLock<Result<rego::Input, String>>,
    /// The files of the model: there may be millions.
    model_files: OnceLock<BTreeSet<String>>,
}

/// Something that is demanded of a release.
pub trait Rule: Send + Sync {
    /// Returns its name, in kebab-case; unique within a policy.
    fn name(&self) -> &str;

    /// Says in plain words what it demands; the same of two that demand the same, in whichever order and unit it was written.
    fn demand(&self) -> String;

    /// Says what it demands so that two that demand otherwise never say the same.
    fn demand_exactly(&self) -> String {
        self.demand()
    }

    /// Returns the codes of all findings that it may return. That what it needs is absent is not one of them.
    fn codes(&self) -> Vec<Code>;

    /// Returns the types of evidence that it looks at; none if it looks at all.
    fn rests_on(&self) -> Vec<Kind>;

    /// Returns the types of evidence without which it would judge nothing: where none of one is sealed, it denies by that,
    /// whatever other rules say of it. None for what looks for its evidence itself.
    fn needs(&self) -> Vec<Kind> {
        Vec::new()
    }

    /// Returns the roles that can meet it, where they are fewer than those from which such evidence counts.
    fn roles(&self) -> Vec<Role> {
        Vec::new()
    }

    /// Says whether it counts attesters, so that whoever signed can't meet it by signing again.
    fn counts_attesters(&self) -> bool {
        false
    }

    /// Says whether only what the newest seal names can meet it, even of what may stand beside a seal.
    fn demands_seal(&self) -> bool {
        false
    }

    /// Says whether only a timestamp or a log can meet it, so that whoever has a key alone never does.
    fn demands_proof(&self) -> bool {
        false
    }

    /// Returns the role in which others must have signed than those who meet it.
    fn apart_from(&self) -> Option<Role> {
        None
    }

    /// Returns what is at fault, or nothing.
    fn check(&self, case: &Case<'_>) -> Vec<Finding>;

    /// Returns what it leaves of the values that something may have, so that two rules which leave nothing are refused.
    fn bounds(&self) -> Vec<Bound> {
        Vec::new()
    }

    /// Says why it can never hold, as far as that is known: under some trust, if attesters are given.
    fn impossible(&self, _attesters: Option<&[Attester]>) -> Vec<String> {
        Vec::new()
    }
}

/// A rule, and what it does to the verdict.
#[derive(Clone)]
pub struct Item {
    /// The rule.
    pub rule: Arc<dyn Rule>,
    /// What its findings do to the verdict.
    pub severity: Severity,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is built in.
    Baseline,
    /// The policy file, for every release.
    File,
    /// A stage of the policy file.
    Stage(Name),
}

impl Item {
    fn baseline(rule: impl Rule + 'static) -> Self {
        Self { rule: Arc::new(rule), severity: Severity::Deny, origin: Origin::Baseline }
    }

    /// Returns what is at fault, with the severity that the policy gives to it.
    pub fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let weighed = |finding| Finding { severity: self.severity, ..finding };
        let found = self.rule.check(case);
        debug_assert!(
            found.iter().all(|one| self.rule.codes().contains(&one.code)),
            "a code that it does not own up to"
        );
        self.absent(case).chain(found).map(weighed).collect()
    }

    /// Returns the codes of all findings that it may give.
    pub fn codes(&self) -> Vec<Code> {
        let absence = (!self.rule.needs().is_empty()).then_some(Code::EvidenceMissing);
        self.rule.codes().into_iter().chain(absence).collect()
    }

    /// Says which evidence is absent that the rule needs, in the same words for every rule: what several say is shown once,
    /// and waived for each by itself.
    fn absent(&self, case: &Case<'_>) -> impl Iterator<Item = Finding> {
        let sealed = |kind: &Kind| case.evidence.members().iter().any(|line| line.kind() == *kind);
        let absent = self.rule.needs().into_iter().filter(move |kind| !sealed(kind));
        absent.map(|kind| {
            let summary = format!("the sealed set has no {}", kind.name());
            Finding::deny(Code::EvidenceMissing, Place::Bundle, summary)
                .because(Cause::Absent(kind.name().to_owned()))
                .help("the builder must sign one and the releaser seal it: `assaymark bundle create` does both")
        })
    }
}

/// The rules that one verification applies.
#[derive(Clone)]
pub struct Policy {
    name: String,
    version: Option<u64>,
    expires: Option<DateTime<Utc>>,
    digest: Digest,
    /// That stage and those before it, the first one first.
    stages: Vec<Name>,
    /// The stages of the file, where none of them was asked for.
    left_out: Vec<Name>,
    signer: Option<Name>,
    permitted: BTreeSet<DoorKind>,
    waivable: Waivable,
    items: Vec<Item>,
}

impl Policy {
    /// Returns the rules that hold for every release.
    pub fn baseline() -> &'static Self {
        static BASELINE: LazyLock<Policy> = LazyLock::new(|| {
            let (name, items) = ("baseline/v1", rules::baseline());
            // What a sealed line says can be answered for, and nobody answers for what is not there.
            let codes = items.iter().flat_map(|item| item.rule.codes()).filter(|code| code.is_waivable()).collect();
            Policy {
                name: name.to_owned(),
                version: None,
                expires: None,
                digest: digest(&items),
                stages: Vec::new(),
                left_out: Vec::new(),
                signer: None,
                permitted: DoorKind::ALL.into(),
                waivable: Waivable::new(name, codes, items.iter(), None),
                items,
            }
        });
        &BASELINE
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version that the file states.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Returns the stage whose rules are among these.
    pub fn stage(&self) -> Option<&Name> {
        self.stages.last()
    }

    /// Returns the stages of the file whose rules are not among these, because no stage was asked for.
    pub fn left_out(&self) -> &[Name] {
        &self.left_out
    }

    /// Returns who signed it, if that was checked.
    pub fn signer(&self) -> Option<&Name> {
        self.signer.as_ref()
    }

    /// Returns its rules, those of the baseline first.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Returns the SHA-256 of the policy file; of the baseline, of a line `name: demand` for each rule.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the codes of the findings by which its rules deny, or of which they warn.
    pub fn codes(&self, severity: Severity) -> BTreeSet<Code> {
        let items = self.items.iter().filter(|item| item.severity == severity);
        items.flat_map(Item::codes).collect()
    }

    /// Says whether an unsafe door may be open. Without a stage, whoever calls may open any.
    pub fn permits(&self, door: DoorKind) -> bool {
        self.stages.is_empty() || self.permitted.contains(&door)
    }

    /// Returns what may be waived. Of a policy file, it names the codes.
    pub fn waivable(&self) -> &Waivable {
        &self.waivable
    }

    /// Refuses a policy that has expired.
    pub fn check_expiry(&self, at: DateTime<Utc>) -> Result<(), PolicyError> {
        match self.expires {
            Some(expires) if at >= expires => Err(PolicyError::Expired { name: self.name.clone(), expires, at }),
            _ => Ok(()),
        }
    }

    /// Returns the policy without one of its rules, to see whether anybody would notice.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut policy = self.clone();
        if index < policy.items.len() {
            policy.items.remove(index);
        }
        policy
    }
}

fn digest(items: &[Item]) -> Digest {
    let mut hasher = Hasher::new();
    for item in items {
        hasher.update(format!("{}: {}\n", item.rule.name(), item.rule.demand()).as_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_has_rules_with_distinct_names() {
        let policy = Policy::baseline();
        let mut names: Vec<_> = policy.items().iter().map(|item| item.rule.name()).collect();
        assert!(!names.is_empty());
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
