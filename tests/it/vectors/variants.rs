//! The variants of the attacks on keys and policies, each with its vector: a row of the list of attacks may have several,
//! and one vector for the row would hide that another has none.

use std::collections::BTreeMap;

use super::attacks::exists;
use super::{Case, all};

/// What answers a variant.
enum Answer {
    /// These vectors, which fail.
    Fails(&'static [&'static str]),
    /// These vectors, which pass: what the attack brings is not looked at.
    Ignored(&'static [&'static str]),
    /// This test, where files at rest can't show it.
    Test(&'static str),
    /// Nothing, because.
    Not(&'static str),
}

use Answer::{Fails, Ignored, Not, Test};

/// Number, variant, answer.
const VARIANTS: [(&str, &str, Answer); 54] = [
    ("N070", "an older release", Fails(&["state-newer-version", "state-other-spelling"])),
    ("N070", "an older seal", Fails(&["state-newer-seal", "policy-sequence"])),
    ("N070", "after a promotion", Test("gate::a_promotion_is_remembered")),
    ("N071", "older than the policy lets it be", Fails(&["require-stale"])),
    ("N071", "a statement from the future", Fails(&["provenance-in-future", "bom-in-future", "seal-in-future"])),
    ("N071", "a judgement from the future", Fails(&["approval-of-the-future"])),
    ("N071", "withdrawals from the future", Fails(&["withdrawals-of-the-future"])),
    ("N083", "case", Fails(&["keyless-capital-subject", "authority-capital-name"])),
    ("N083", "homoglyph", Fails(&["keyless-homoglyph-subject"])),
    ("N083", "suffix", Fails(&["keyless-longer-subject", "authority-longer-name"])),
    ("N083", "prefix", Fails(&["keyless-shorter-subject"])),
    ("N083", "a pattern that fits a part", Fails(&["keyless-pattern-part"])),
    ("N084", "another issuer", Fails(&["keyless-other-issuer"])),
    ("N084", "another own authority", Fails(&["authority-other-vouches"])),
    ("N085", "no subject", Fails(&["keyless-no-subject", "authority-call-no-names"])),
    ("N085", "no issuer", Fails(&["keyless-no-issuer"])),
    ("N086", "no SCT", Fails(&["keyless-no-sct"])),
    ("N086", "of a log that is not trusted", Fails(&["keyless-other-sct"])),
    (
        "N086",
        "a signature that is bad, or over another issuer",
        Not("one of another key is: the library has one check for all three; a line under a key alone has none"),
    ),
    ("N087", "one log twice for two", Fails(&["policy-two-logs"])),
    ("N088", "a key, signed after it was withdrawn", Fails(&["withdrawn-key"])),
    ("N088", "a certificate in a list", Fails(&["authority-revoked"])),
    ("N089", "signed before, and no time is proven", Fails(&["withdrawn-key-later"])),
    ("N089", "signed before, at a proven time", Fails(&["withdrawn-identity-proven"])),
    ("N090", "the window has passed", Fails(&["key-expired"])),
    ("N090", "signed after the window, at a proven time", Fails(&["keyless-key-ended"])),
    ("N091", "truncated", Fails(&["withdrawals-cut", "withdrawals-empty"])),
    ("N091", "unsigned", Fails(&["withdrawals-by-stranger", "withdrawals-without-role"])),
    ("N091", "older than the one that was seen", Fails(&["withdrawals-shorter"])),
    ("N091", "too old", Fails(&["withdrawals-stale"])),
    ("N105", "unsigned", Fails(&["policy-unsigned"])),
    ("N105", "signed by another key", Fails(&["policy-signed-by-another"])),
    ("N105", "changed after signing", Fails(&["policy-changed"])),
    ("N106", "an older version after a newer one", Fails(&["policy-older", "policy-same-version"])),
    ("N107", "no rules", Fails(&["policy-empty", "policy-rule-of-nothing"])),
    ("N107", "a stage of a policy without rules", Fails(&["policy-stage-of-nothing"])),
    ("N108", "misspelt", Fails(&["policy-misspelt"])),
    ("N108", "unknown", Fails(&["policy-rule-unknown"])),
    ("N109", "a longer name", Fails(&["require-type-similar", "metric-absent"])),
    ("N109", "a glob", Fails(&["policy-evidence-pattern"])),
    ("N110", "first bad, last good", Fails(&["test-failed-first", "scan-failed-then-passed", "metric-bad-then-good"])),
    ("N110", "first good, last bad", Fails(&["test-failed-last", "scan-passed-then-failed"])),
    ("N111", "a pattern", Fails(&["policy-pattern", "policy-package-starred"])),
    ("N112", "in the working directory", Ignored(&["policy-in-the-folder", "policy-in-the-home"])),
    ("N112", "in the model", Fails(&["policy-in-the-model"])),
    ("N113", "a flag", Fails(&["policy-files-vouched"])),
    ("N113", "an environment variable", Test("verify::trust_is_never_taken_from_the_environment_or_the_folder")),
    ("N114", "expired", Fails(&["waiver-expired", "waiver-expires"])),
    ("N114", "for another digest", Fails(&["waiver-for-another-model", "waiver-of-another-line", "waiver-of-no-seal"])),
    ("N114", "by another role, or a stranger", Fails(&["waiver-without-role", "waiver-by-stranger"])),
    ("N115", "missing", Fails(&["scans-none", "require-scan-absent"])),
    ("N115", "stale", Fails(&["scans-old-rules"])),
    ("N115", "for another digest", Fails(&["scan-of-other-files", "scan-read-others"])),
    ("N115", "crashed, or out of time", Test("gates::a_failed_run_of_a_scanner_is_not_attested")),
];

/// Rows without a variant here have no vector at all.
const WITHOUT: [&str; 1] = ["N116"];

#[test]
fn each_variant_of_the_attacks_on_keys_and_policies_has_its_vector() {
    let cases: BTreeMap<String, Case> = all().into_iter().map(|case| (case.name.clone(), case)).collect();
    let mut faults = Vec::new();
    for (number, variant, answer) in &VARIANTS {
        match answer {
            Fails(names) | Ignored(names) => faults.extend(names.iter().filter_map(|name| {
                let (fails, of) = (matches!(answer, Fails(_)), format!("{number}, {variant}: {name}"));
                match cases.get(*name) {
                    None => Some(format!("{of} is no vector")),
                    Some(case) if case.fails() != fails => Some(format!("{of} passes, or does not")),
                    Some(case) if !case.threats.contains(number) => Some(format!("{of} does not say that it is of it")),
                    Some(_) => None,
                }
            })),
            Test(test) => {
                faults.extend((!exists(test)).then(|| format!("{number}, {variant}: there is no test {test}")))
            }
            Not(reason) => faults.extend((reason.len() < 20).then(|| format!("{number}, {variant}: no reason"))),
        }
    }
    let due = (70..=71).chain(83..=91).chain(105..=116).map(|number| format!("N{number:03}"));
    let listed = |one: &String| VARIANTS.iter().any(|(number, ..)| number == one) || WITHOUT.contains(&one.as_str());
    faults.extend(due.filter(|one| !listed(one)).map(|one| format!("no variant of {one} is listed")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
