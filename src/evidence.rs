//! The only place where proofs are made.
//!
//! Each step consumes the one before and can't be skipped, because the types that prove it have private
//! fields and one constructor (in-toto `validation.md` names the steps):
//!
//! bytes → [`Authenticated`] (signed by a trusted attester) → [`VerifiedStatement`] (read as its type
//! demands) → [`MatchedStatement`] (about the model at hand) → [`Evidence`] (a complete, sealed and linked
//! set).
//!
//! Whoever holds an [`Evidence`] knows that every step passed. There is no other way to one:
//!
//! ```compile_fail
//! let evidence = assaymark::evidence::Evidence {
//!     seals: vec![], members: vec![], judgements: vec![], unsealed: vec![],
//! };
//! ```
//! ```compile_fail
//! let evidence: assaymark::evidence::Evidence<'_> = Default::default();
//! ```
//! ```compile_fail
//! fn forge(statement: assaymark::evidence::VerifiedStatement<'_>) -> assaymark::evidence::MatchedStatement<'_> {
//!     assaymark::evidence::MatchedStatement(statement)
//! }
//! ```
//! ```compile_fail
//! fn twice<'t>(proof: &assaymark::evidence::MatchedStatement<'t>) -> assaymark::evidence::MatchedStatement<'t> {
//!     Clone::clone(proof)
//! }
//! ```
//! ```compile_fail
//! let proof: assaymark::evidence::Authenticated<'_> = serde_json::from_str("{}").unwrap();
//! ```

pub use authenticate::{Authenticated, Origin, authenticate};
pub use complete::{Assembly, Demands, assemble};
pub use counted::Evidence;
pub use statement::{LineFault, VerifiedStatement, read, roles_of};
pub use subject::{MatchedStatement, Model};
pub use withdrawals::{Withdrawals, withdrawals};

mod authenticate;
mod chain;
mod complete;
mod counted;
mod links;
mod statement;
mod subject;
mod withdrawals;
