//! Signing statements into lines.

use crate::create::CreateError;
use crate::intoto::Statement;
use crate::intoto::predicate::seal::Member;
use crate::signer::{Signer, sign_line};

/// The lines of a bundle that is being made, all by one signer.
pub(super) struct Lines<'s> {
    signer: &'s dyn Signer,
    bundle: Vec<u8>,
    members: Vec<Member>,
}

impl<'s> Lines<'s> {
    pub(super) fn new(signer: &'s dyn Signer) -> Self {
        Self { signer, bundle: Vec::new(), members: Vec::new() }
    }

    /// Signs a statement and appends its line.
    pub(super) fn sign(&mut self, statement: &Statement) -> Result<(), CreateError> {
        let line = sign_line(self.signer, statement)?;
        self.members.push(line.member);
        self.bundle.extend_from_slice(&line.bytes);
        self.bundle.push(b'\n');
        Ok(())
    }

    /// Returns the lines so far as a seal names them.
    pub(super) fn members(&self) -> Vec<Member> {
        self.members.clone()
    }

    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    pub(super) fn into_bundle(self) -> Vec<u8> {
        self.bundle
    }
}
