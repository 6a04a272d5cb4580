//! What one policy demands that another does not.

use chrono::SecondsFormat;

use crate::finding::{Code, Severity};
use crate::name::Name;
use crate::policy::{DoorKind, Policy, PolicyError, PolicySource};

/// A demand in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The name of its rule.
    pub name: String,
    /// What its findings do.
    pub severity: Severity,
    /// What it demands.
    pub words: String,
}

/// Returns the demands of a file at a stage. Without a stage, those of each of its stages too.
pub fn demands(source: &PolicySource, stage: Option<&Name>) -> Result<Vec<Demand>, PolicyError> {
    if stage.is_some() || source.stages().is_empty() {
        return Ok(of(&source.policy(stage)?));
    }
    let common = match source.policy(None) {
        // Whatever it demands, it demands at a stage.
        Err(PolicyError::StageNeeded(_)) => Vec::new(),
        policy => of(&policy?),
    };
    let mut all = common.clone();
    for stage in source.stages() {
        let own = of(&source.policy(Some(&stage.name))?).into_iter().filter(|demand| !common.contains(demand));
        all.extend(
            own.map(|demand| Demand { words: format!("at the stage `{}`: {}", stage.name, demand.words), ..demand }),
        );
    }
    Ok(all)
}

/// Returns what a policy demands: by its rules, and of those who use it.
fn of(policy: &Policy) -> Vec<Demand> {
    let rules = policy.items().iter().map(|item| Demand {
        name: item.rule.name().to_owned(),
        severity: item.severity,
        words: item.rule.demand_exactly(),
    });
    let denied = |name: &str, words: String| Demand { name: name.to_owned(), severity: Severity::Deny, words };
    let expiry = policy.expires.map(|time| {
        let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        denied("expires", format!("the policy is used before {time}"))
    });
    let shut = DoorKind::ALL.into_iter().filter(|door| !policy.permits(*door));
    let shut = shut.map(|door| denied("permit", format!("nobody verifies with `{door}`")));
    let waivable = policy.waivable();
    let firm = Code::ALL.iter().filter(|code| code.is_waivable() && !waivable.lets_waive(**code));
    let firm = firm.map(|code| denied("waivable", format!("nobody waives `{code}`")));
    let longest = denied("longest-waiver", format!("nobody waives for more than {}", waivable.longest()));
    rules.chain(expiry).chain(shut).chain(firm).chain([longest]).collect()
}

/// Returns the demands of `one` that `other` does not have, word for word and as strict.
pub fn only_in(one: &[Demand], other: &[Demand]) -> Vec<Demand> {
    one.iter().filter(|demand| !other.contains(demand)).cloned().collect()
}
