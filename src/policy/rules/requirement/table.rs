//! The table of a demand for evidence, and what makes no sense in one.

use serde::Deserialize;

use crate::evidence::roles_of;
use crate::intoto::Kind;
use crate::limits;
use crate::name::Name;
use crate::policy::age::Age;
use crate::policy::evidence_name::EvidenceName;
use crate::policy::names;
use crate::policy::refusal::Refusal;
use crate::policy::weight::Weight;
use crate::trust::Role;

/// Evidence that must be there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Requirement"))]
pub(in crate::policy) struct Table {
    /// Its type: a short name, or the URI of a predicate type.
    pub(super) evidence: EvidenceName,
    /// A name for this demand, where two of them are about one type.
    name: Option<Name>,
    /// The role that its signer must have; needed for types that are given by their URI.
    pub(super) role: Option<Role>,
    /// How many different attesters must have signed one; 1 if not given.
    count: Option<u64>,
    /// None of the attesters who signed in this role here counts. If nobody did, nobody counts.
    pub(super) not_by: Option<Role>,
    /// How old it may be, as in `12h`, `30d`, `2w`.
    pub(super) max_age: Option<Age>,
    /// The newest seal must name it, even if it is an approval.
    #[serde(default)]
    pub(super) sealed: bool,
    /// A trusted authority must have stamped its time.
    #[serde(default)]
    pub(super) timestamped: bool,
    /// A transparency log must have it.
    #[serde(default)]
    pub(super) logged: bool,
    /// `deny`, or `warn`.
    pub(in crate::policy) severity: Option<Weight>,
}

impl Table {
    /// Refuses a table that makes no sense; returns how many attesters must have signed.
    pub(super) fn check(&self) -> Result<usize, Refusal> {
        let count = match self.count.unwrap_or(1) {
            0 => return Err("a count of 0 demands nothing".into()),
            count => bounded(count)?,
        };
        self.check_evidence()?;
        self.check_separation()?;
        if let Some(name) = &self.name {
            names::check_own(name.as_str())?;
        }
        Ok(count)
    }

    /// Names the demand as reports do.
    pub(in crate::policy) fn shown(&self) -> String {
        self.name.as_ref().map_or_else(|| format!("require-{}", self.evidence.text), Name::to_string)
    }

    /// Returns the roles from which it counts; none of a type that we don't know, if no role is given.
    pub(super) fn roles(&self) -> Vec<Role> {
        let role = self.role.or(self.evidence.role);
        role.map_or_else(|| roles_of(&self.evidence.kind).to_vec(), |role| vec![role])
    }

    /// Refuses evidence that nobody demands, and roles from which it never counts.
    fn check_evidence(&self) -> Result<(), Refusal> {
        let evidence = &self.evidence;
        if matches!(evidence.kind, Kind::Waiver | Kind::Withdrawal) {
            return Err(format!("a {} is never demanded: it speaks for itself", evidence.text).into());
        }
        if evidence.kind == Kind::Seal {
            return Err("a seal is always demanded; for its number there is `min-sequence`".into());
        }
        let counted = roles_of(&evidence.kind);
        match self.role {
            None if matches!(evidence.kind, Kind::Other(_)) => {
                Err("a type that is given by its URI needs the `role` of its signer".into())
            }
            Some(role) if !counted.is_empty() && !counted.contains(&role) => {
                let counted = quoted(counted);
                Err(format!("a {} counts from {counted} only, never from `{role}`", evidence.text).into())
            }
            _ if self.max_age.is_some() && !evidence.kind.states_time() => {
                Err(format!("`max-age` can't be met: a {} states no time", evidence.text).into())
            }
            _ => Ok(()),
        }
    }

    /// Refuses a separation of duties that nobody can keep.
    fn check_separation(&self) -> Result<(), Refusal> {
        let (roles, not_by) = (self.roles(), self.not_by);
        let hint = "name in `not-by` the role of those who must be others, such as `builder`";
        match not_by {
            Some(role) if roles.iter().all(|one| *one == role) => {
                let message = format!("it must be by a `{role}` and not by one who signed as `{role}`");
                Err(Refusal::from(message).hint(hint))
            }
            // Withdrawals stand in a list of their own.
            Some(Role::Withdrawer) => {
                let message = "nobody signs as `withdrawer` in a release bundle, so nobody can be told apart from them";
                Err(Refusal::from(message).hint(hint))
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn quoted(roles: &[Role]) -> String {
    roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(" or ")
}

/// Refuses a number of signers that no bundle can have.
pub(in crate::policy::rules) fn bounded(count: u64) -> Result<usize, Refusal> {
    let lines = limits::BUNDLE_LINES;
    let fits = usize::try_from(count).ok().filter(|count| *count <= lines);
    fits.ok_or_else(|| format!("a release bundle has at most {lines} lines, so {count} can never be met").into())
}
