//! A report for programs. `schemas/report.schema.json` is made from these types; fields are only added.

use serde::Serialize;

use crate::failure::Failure;
use crate::finding::{Finding, Findings, Place};
use crate::render::words::time;
use crate::verify::{PolicyScope, Report, Requirement, Scope};

use explanation::ExplanationJson;

mod explanation;

/// The version of this format.
const SCHEMA: &str = "https://assaymark.dev/schemas/report/v1";

/// What came of a verification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReportJson {
    /// The version of this format.
    schema: &'static str,
    /// `passed`, `rejected` or `incomplete`.
    verdict: String,
    /// The exit status that goes with the verdict.
    exit_status: u8,
    /// The release that the newest seal names, if a trusted releaser signed one.
    release: Option<ReleaseJson>,
    /// What was checked, under what, and what was not.
    scope: ScopeJson,
    /// What was demanded, and whether it is met.
    requirements: Vec<RequirementJson>,
    /// What is at fault.
    findings: Vec<FindingJson>,
    /// Of which codes there are more findings than are listed.
    omitted: Vec<OmittedJson>,
    /// What could not be checked.
    failures: Vec<FailureJson>,
    /// How the verdict came about, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationJson>,
}

/// A release.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReleaseJson {
    name: String,
    version: String,
}

/// What a verdict speaks of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScopeJson {
    /// The SHA-256 of the bundle, unless it was too large to read.
    bundle: Option<String>,
    hashed: Vec<String>,
    not_hashed: Vec<String>,
    trust: TrustJson,
    policy: PolicyJson,
    /// The time of the check.
    at: String,
    /// `clock` or `given`.
    time_source: String,
    /// The newest seal; whether there is a newer one elsewhere can't be known from the bundle.
    seal: Option<SealJson>,
    /// The list of withdrawals that was looked at.
    withdrawals: Option<WithdrawalsJson>,
    /// What was seen of this release before, in words; none without a memory.
    remembered: Option<String>,
    /// The flags that open unsafe doors.
    doors: Vec<String>,
}

/// Under which trust.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrustJson {
    source: String,
    /// The SHA-256 of the file.
    digest: String,
    signers: Vec<SignerJson>,
    /// Whom certificates may name.
    identities: Vec<IdentityJson>,
}

/// A trusted identity.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IdentityJson {
    attester: String,
    /// The subject, or a pattern from `^` to `$`.
    subject: String,
    /// The issuer, or the name of the own authority.
    issuer: String,
}

/// A trusted key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SignerJson {
    attester: String,
    algorithm: String,
    key_id: String,
}

/// Under which policy.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct PolicyJson {
    name: String,
    /// The SHA-256 of the policy file, or of what the baseline demands.
    digest: String,
    /// The version that it states.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// The stage whose rules were applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// The stages of the policy, where none was asked for with `--stage`: what they demand was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages_left_out: Option<Vec<String>>,
    /// Who signed it, if somebody had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    /// The SHA-256 of the package facts that were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    package_facts: Option<String>,
}

/// A list of withdrawals.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WithdrawalsJson {
    source: String,
    /// The SHA-256 of the file.
    digest: Option<String>,
    /// How many withdrawals it has.
    sequence: u64,
    /// When the newest was made, as its signer says.
    newest: String,
}

/// A seal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SealJson {
    sequence: u64,
    /// The SHA-256 of its payload, if the set is sound.
    payload: Option<String>,
    /// How many lines it names.
    members: usize,
    /// When it was made, as its signer says.
    sealed_at: String,
}

/// Something that is demanded.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RequirementJson {
    name: String,
    /// `met`, `denied`, `missing` or `undecided`.
    status: String,
    detail: String,
}

/// One fault. Texts are as they came: escape them before showing them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FindingJson {
    /// A heading of `docs/rules.md`.
    code: String,
    /// `deny`, `warn` or `waived`.
    severity: String,
    place: PlaceJson,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The waiver, of a finding that is waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<WaivedJson>,
}

/// A waiver.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WaivedJson {
    /// Who signed it.
    attester: String,
    /// Who answers for it.
    owner: String,
    reason: String,
    /// From when on it does not hold.
    until: String,
}

/// Where a fault is: a line of the bundle, a tree, a file of a tree, or the bundle if none is given.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlaceJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// `model`, `code` or `dataset:NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// Findings that are counted and not listed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OmittedJson {
    code: String,
    count: usize,
}

/// Something that could not be checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FailureJson {
    place: PlaceJson,
    summary: String,
}

/// Writes a report as one JSON object with a line feed; with its explanation if that is asked for.
pub fn report(report: &Report, explain: bool) -> serde_json::Result<String> {
    let json = ReportJson {
        schema: SCHEMA,
        verdict: word(&report.verdict)?,
        exit_status: report.verdict.exit_status(),
        release: report
            .release
            .as_ref()
            .map(|release| ReleaseJson { name: release.name.to_string(), version: release.version.to_string() }),
        scope: scope(&report.scope)?,
        requirements: report.requirements.iter().map(requirement).collect::<Result<_, _>>()?,
        findings: report.findings.iter().map(finding).collect::<Result<_, _>>()?,
        omitted: omitted(&report.findings),
        failures: report.failures.iter().map(failure).collect(),
        explanation: explain.then(|| explanation::explanation(report)).transpose()?,
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

/// Returns the kebab-case word of a value that serialises to one.
pub(super) fn word(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_owned())
}

fn scope(scope: &Scope) -> serde_json::Result<ScopeJson> {
    let texts = |texts: &[crate::text::Text]| texts.iter().map(|text| text.raw().to_owned()).collect();
    let signers = scope.trust.signers.iter().map(|signer| SignerJson {
        attester: signer.attester.clone(),
        algorithm: signer.algorithm.to_owned(),
        key_id: signer.key_id.clone(),
    });
    let identities = scope.trust.identities.iter().map(|identity| IdentityJson {
        attester: identity.attester.clone(),
        subject: identity.subject.raw().to_owned(),
        issuer: identity.issuer.raw().to_owned(),
    });
    Ok(ScopeJson {
        bundle: scope.bundle.map(|digest| digest.to_string()),
        hashed: texts(&scope.hashed),
        not_hashed: texts(&scope.not_hashed),
        trust: TrustJson {
            source: scope.trust.source.raw().to_owned(),
            digest: scope.trust.digest.to_string(),
            signers: signers.collect(),
            identities: identities.collect(),
        },
        policy: policy(&scope.policy),
        at: time(scope.at),
        time_source: word(&scope.time_source)?,
        seal: scope.seal.map(|seal| SealJson {
            sequence: seal.sequence,
            payload: seal.payload.map(|payload| payload.to_string()),
            members: seal.members,
            sealed_at: time(seal.sealed_at),
        }),
        withdrawals: scope.withdrawals.as_ref().map(|list| WithdrawalsJson {
            source: list.source.raw().to_owned(),
            digest: list.digest.map(|digest| digest.to_string()),
            sequence: list.sequence,
            newest: time(list.newest),
        }),
        remembered: scope.remembered.as_ref().map(|remembered| remembered.text().raw().to_owned()),
        doors: scope.doors.iter().map(|door| door.flag().raw().to_owned()).collect(),
    })
}

fn policy(policy: &PolicyScope) -> PolicyJson {
    PolicyJson {
        name: policy.name.clone(),
        digest: policy.digest.to_string(),
        version: policy.version,
        stage: policy.stage.as_ref().map(ToString::to_string),
        stages_left_out: (!policy.stages_left_out.is_empty())
            .then(|| policy.stages_left_out.iter().map(ToString::to_string).collect()),
        signer: policy.signer.as_ref().map(ToString::to_string),
        package_facts: policy.package_facts.map(|digest| digest.to_string()),
    }
}

fn requirement(requirement: &Requirement) -> serde_json::Result<RequirementJson> {
    Ok(RequirementJson {
        name: requirement.name.raw().to_owned(),
        status: word(&requirement.status)?,
        detail: requirement.detail.raw().to_owned(),
    })
}

pub(super) fn finding(finding: &Finding) -> serde_json::Result<FindingJson> {
    let text = |text: &Option<crate::text::Text>| text.as_ref().map(|text| text.raw().to_owned());
    Ok(FindingJson {
        code: finding.code.to_string(),
        severity: word(&finding.severity)?,
        place: place(&finding.place),
        summary: finding.summary.raw().to_owned(),
        expected: text(&finding.expected),
        found: text(&finding.found),
        help: text(&finding.help),
        waived: finding.waived.as_ref().map(|by| WaivedJson {
            attester: by.attester.to_string(),
            owner: by.owner.raw().to_owned(),
            reason: by.reason.raw().to_owned(),
            until: time(by.until),
        }),
    })
}

/// Returns of which codes there are more findings than are kept.
pub(super) fn omitted(findings: &Findings) -> Vec<OmittedJson> {
    findings.omitted().map(|(code, count)| OmittedJson { code: code.to_string(), count }).collect()
}

pub(super) fn failure(failure: &Failure) -> FailureJson {
    FailureJson { place: place(&failure.place), summary: failure.summary.raw().to_owned() }
}

fn place(place: &Place) -> PlaceJson {
    let nowhere = PlaceJson { line: None, tree: None, path: None };
    match place {
        Place::Bundle | Place::Signature => nowhere,
        Place::Line(number) => PlaceJson { line: Some(*number), ..nowhere },
        Place::Tree(tree) => PlaceJson { tree: Some(tree.to_string()), ..nowhere },
        Place::File { tree, path } => {
            PlaceJson { tree: Some(tree.to_string()), path: Some(path.raw().to_owned()), ..nowhere }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<ReportJson>("schemas/report.schema.json");
    }
}
