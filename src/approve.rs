//! `bundle approve`: somebody stands for the newest seal of a bundle that passes.

use crate::append::{Appended, Demand, Job, JobError, append};
use crate::intoto::Predicate;
use crate::intoto::predicate::Approval;

/// Verifies a bundle and approves its newest seal.
pub fn approve(job: &Job<'_>, comment: Option<String>) -> Result<Appended, JobError> {
    append(job, Demand::Passed, |ground, lines| {
        let base = &ground.base;
        base.check_sealed()?;
        let approval = Approval { seal: base.payload, approved_at: lines.now(), comment };
        lines.sign(Predicate::Approval(approval)).map(drop)
    })
}
