//! Denials that nothing at hand can mend: who must act, and what they are told. No test can stand in for them.

use serde_json::Value;

/// What the keeper of the policy is told where a proof is demanded that no line has.
const PROVE: &str = "say what is to prove it: a log entry or a timestamp, which a trusted root checks";

/// What somebody must say, since anybody could have made the bundle.
const THEIRS: &str = "say, by another way than this bundle, which bundle is theirs and who signs it";

/// What the publisher is told where certificates were revoked, or nobody says that they were not.
const LISTS: &str = "publish new lists of revoked certificates, or sign the release with one that is on none";

/// What must be made anew.
const MAKE: &str = "make, seal and publish a release without this fault";

const APPROVE: &str = "sign what is demanded (approval) for this release, and have it sealed";

/// The vector, who must act, and what they must do. Of attesters, their names, or the roles that nobody else has: the
/// trust file is not for whoever verifies to change.
const ELSEWHERE: [(&str, &str, &str); 28] = [
    ("approvals-own", "nobody with approver", APPROVE),
    ("approvals-two-keys", "nobody with approver", APPROVE),
    ("authority-bound-mail", "publisher", THEIRS),
    ("authority-ended-root", "release", MAKE),
    ("authority-lists-ended", "publisher", LISTS),
    ("authority-lists-gap", "publisher", LISTS),
    ("authority-long-root", "publisher", THEIRS),
    ("authority-other", "publisher", THEIRS),
    ("authority-other-vouches", "publisher", THEIRS),
    ("authority-revoked-issuer", "publisher", LISTS),
    ("authority-two-fit", "publisher", THEIRS),
    ("authority-wildcard", "publisher", THEIRS),
    ("condition-false", "release", MAKE),
    ("keyless-homoglyph-subject", "publisher", THEIRS),
    ("keyless-key-ended", "release", MAKE),
    ("keyless-no-identity", "publisher", THEIRS),
    ("keyless-pattern-part", "publisher", THEIRS),
    ("keyless-two-fit", "publisher", THEIRS),
    ("require-log", "policy-keeper", PROVE),
    ("require-timestamp", "policy-keeper", PROVE),
    ("require-timestamp-absent", "policy-keeper", PROVE),
    ("state-other-chain", "release", "say which of the seals holds, and publish a bundle with that one alone"),
    ("withdrawals-shorter", "withdrawals-keeper", "hand out the whole and newest list of withdrawals"),
    ("withdrawn-identity-proven", "nobody with builder, releaser", MAKE),
    ("withdrawn-key", "nobody with builder, releaser", MAKE),
    ("withdrawn-key-later", "nobody with builder, releaser", MAKE),
    ("wrong-key", "publisher", THEIRS),
    ("wrong-key-ecdsa", "publisher", THEIRS),
];

/// Where one person with two keys signed what two must sign: the type in the words of the fix, and the roles.
const TWO_KEYS: [(&str, &str, &str); 13] = [
    ("approval", "approval", "approver"),
    ("bom", "bom", "builder"),
    ("evaluation", "test-result", "evaluator"),
    ("link", "link", "builder"),
    ("model-signature", "model-signature", "builder, releaser"),
    ("note", "https://example.com/note/v1", "evaluator"),
    ("openvex", "openvex", "evaluator, scanner"),
    ("provenance", "provenance", "builder"),
    ("scan", "test-result", "scanner"),
    ("tensors", "tensors", "builder"),
    ("test-result", "test-result", "evaluator, scanner"),
    ("verification-summary", "verification-summary", "promoter"),
    ("vulnerabilities", "vulnerabilities", "scanner"),
];

/// Returns who must act for a vector, and what they must do, if nobody else can.
pub fn of(vector: &str) -> Option<(String, String)> {
    let row = ELSEWHERE.iter().find(|(name, ..)| *name == vector);
    if let Some((_, who, what)) = row {
        return Some(((*who).to_owned(), (*what).to_owned()));
    }
    let demand = vector.strip_prefix("demand-")?.strip_suffix("-two-keys")?;
    let (_, kind, roles) = TWO_KEYS.iter().find(|(name, ..)| *name == demand)?;
    let what = format!("sign what is demanded ({kind}) for this release, and have it sealed");
    Some((format!("nobody with {roles}"), what))
}

/// Names who must act in a fix.
pub fn who(fix: &Value) -> String {
    let who = &fix["who"];
    let words = |key: &str| {
        let words = who.get(key).and_then(Value::as_array).into_iter().flatten();
        words.map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(", ")
    };
    match (who["party"].as_str().unwrap(), words("attesters")) {
        ("attesters", names) if names.is_empty() => format!("nobody with {}", words("roles")),
        ("attesters", names) => names,
        (party, _) => party.to_owned(),
    }
}
