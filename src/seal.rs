//! `bundle seal`: a new seal over everything that has come since the last one.

use crate::append::{Appended, Demand, Job, JobError, append};
use crate::finding::Place;

/// Verifies the chain and seals every authenticated line about the model.
///
/// A result that fails is sealed too: then nobody can take it away. Judgements are sealed if nothing else
/// came, for else they do not judge what is sealed now.
pub fn seal(job: &Job<'_>) -> Result<Appended, JobError> {
    append(job, Demand::Sound, |ground, lines| {
        let base = &ground.base;
        if let Some(fault) = &base.unsealable
            && let Place::Line(line) = fault.place
        {
            return Err(JobError::UnsealableLine { line, fault: Box::new(fault.clone()) });
        }
        let more = if base.fresh.is_empty() { &base.judgements } else { &base.fresh };
        if more.is_empty() {
            let message = format!("seal {} names every line that could be sealed", base.seal.sequence);
            return Err(JobError::call_with_hint(message, "`assaymark bundle verify` says why a line does not count"));
        }
        let seal = base.next_seal(more.iter().cloned(), lines.now());
        lines.sign(seal).map(drop)
    })
}
