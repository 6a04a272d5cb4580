//! What must be done where what must be there does not count.

use crate::finding::{Cause, Code};
use crate::verify::fix::Act;
use crate::verify::{Door, Report};

impl Report {
    /// Finds what to do where lines do not count: it depends on why they do not.
    pub(super) fn act_on_absence(&self, code: Code) -> Act {
        let late = self.warns(Code::KeyExpired) || self.warns(Code::KeyNotYetValid);
        let outlived = self.warns(Code::CertificateExpired) || self.warns(Code::CertificateNotYetValid);
        match (late, self.is_open(&Door::At)) {
            (_, true) if late || outlived || self.warns(Code::TimeInFuture) => Act::CloseDoor(Door::At.flag()),
            (true, false) => Act::MakeRelease,
            _ if code == Code::NoEvidence && outlived => Act::MakeRelease,
            _ if code == Code::NoEvidence && self.warns(Code::CertificateRevoked) => {
                Act::Settle("publish new lists of revoked certificates, or sign the release with one that is on none")
            }
            _ if code == Code::NoEvidence && self.warns(Code::UntrustedSigner) => {
                Act::Settle("say, by another way than this bundle, which bundle is theirs and who signs it")
            }
            _ if code == Code::Unsealed && self.is_sealed_without_role() => Act::MakeRelease,
            _ => Act::GetBundle(None),
        }
    }

    /// Says whether a seal is there, by somebody who may not seal: nobody can seal what has no seal, so the release is made
    /// again.
    pub(super) fn is_sealed_without_role(&self) -> bool {
        self.findings.iter().any(|one| one.cause == Some(Cause::NoSealer))
    }
}
