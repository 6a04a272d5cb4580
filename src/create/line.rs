//! Signing statements into lines.

use crate::create::CreateError;
use crate::digest::Digest;
use crate::dsse::{IN_TOTO, Pae};
use crate::intoto::Statement;
use crate::intoto::predicate::seal::Member;
use crate::limits;
use crate::signer::Signer;
use crate::sigstore_bundle::SigstoreBundle;

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
        let kind = statement.predicate.kind();
        let signed = Pae::new(IN_TOTO, &statement.to_payload()?);
        let signature = self.signer.sign(signed.as_bytes())?;
        let line = SigstoreBundle::write(signed.payload(), &self.signer.public().key_id(), signature)?;
        if line.len() > limits::LINE_BYTES {
            return Err(CreateError::LineTooLong { kind: kind.name().to_owned() });
        }
        self.members.push(Member {
            payload: Digest::of(signed.payload()),
            predicate_type: kind.uri().to_owned(),
            signer: self.signer.public().fingerprint(),
        });
        self.bundle.extend_from_slice(&line);
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
