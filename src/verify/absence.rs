//! Why what must be there does not count, where another finding says it: getting the bundle again mends none of that.

use crate::finding::{Cause, Code, Finding, Findings, Severity};

/// What a line is that must be there and does not count.
const ABSENT: [Code; 3] = [Code::MemberMissing, Code::NoEvidence, Code::Unsealed];

/// Each warning that explains an absence, and who mends it.
const REASONS: [(Code, &str); 5] = [
    (
        Code::KeyExpired,
        "lines are signed with a key that has expired: whoever publishes the release makes it again, with a key that is valid",
    ),
    (
        Code::KeyNotYetValid,
        "lines are signed with a key that does not count yet: its owner says from when on it does, or signs with another one",
    ),
    (
        Code::CertificateExpired,
        "lines are signed under a certificate that has expired: whoever publishes the release makes it again, and has it timestamped",
    ),
    (
        Code::CertificateNotYetValid,
        "lines are signed under a certificate that does not count yet: check the clock, or have the release made again",
    ),
    (
        Code::CertificateRevoked,
        "lines are signed under a certificate that was revoked: whoever publishes the release makes it again",
    ),
];

/// Why nothing is sealed, where a seal is there.
const NO_ROLE: &str =
    "a seal is there, by somebody without the role for it: whoever is builder and releaser makes the release again";

/// Says of each absence what explains it.
pub(super) fn explain(findings: &mut Findings) {
    let warned = |code: Code| findings.iter().any(|one| one.code == code && one.severity == Severity::Warn);
    let late = REASONS.into_iter().find(|(code, _)| warned(*code)).map(|(_, reason)| reason);
    let refused = findings.iter().any(|one| one.cause == Some(Cause::NoSealer)).then_some(NO_ROLE);
    findings.amend(|finding: &mut Finding| {
        let reason = late.or_else(|| refused.filter(|_| finding.code == Code::Unsealed));
        if let Some(reason) = reason.filter(|_| finding.denies() && ABSENT.contains(&finding.code)) {
            finding.help = Some(reason.into());
        }
    });
}
