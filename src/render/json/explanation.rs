//! Why a verdict is as it is, for programs.

use serde::Serialize;

use super::word;
use crate::render::words::time;
use crate::verify::{Act, Counts, Fix, Party, Report, Step, Trace, TrustedSigner};

/// How a verdict came about, and what must be done.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ExplanationJson {
    /// What was demanded, each with the lines that it looked at.
    demands: Vec<DemandJson>,
    /// The statements of trusted attesters, by line.
    statements: Vec<StatementJson>,
    /// The entries of the trust file.
    keys: Vec<KeyJson>,
    /// What must be done; each finding that denies is in one of them.
    fixes: Vec<FixJson>,
}

/// Something that was demanded.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DemandJson {
    /// The name of a requirement or a rule.
    name: String,
    /// Of a rule: `baseline`, `policy` or `stage NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// In plain words.
    demand: String,
    /// `met`, `denied`, `missing` or `undecided`.
    status: String,
    /// The lines that it looked at.
    lines: Vec<usize>,
    /// What speaks against it: positions in `findings`, from 0.
    findings: Vec<usize>,
}

/// A statement.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StatementJson {
    line: usize,
    predicate_type: String,
    /// `seal`, `member` of the newest seal, `judgement` of it, or `nothing`.
    counts: String,
    /// Who signed it, by the name in the trust file.
    attester: String,
    /// The fingerprint of the key, as in `keys`.
    key: String,
    /// The SHA-256 of its payload.
    payload: String,
    /// The time that it claims.
    claimed: Option<String>,
}

/// A trusted key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KeyJson {
    attester: String,
    roles: Vec<String>,
    algorithm: String,
    /// The SHA-256 of its `SubjectPublicKeyInfo`.
    key: String,
    valid_from: Option<String>,
    valid_until: Option<String>,
}

/// What must be done.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FixJson {
    /// `close-door`, `correct-argument`, `get-bundle`, `get-newest-bundle`, `get-tree`, `get-withdrawals`,
    /// `make-release`, `promote`, `remove-file`, `rename-file`, `restore-file`, `seal`, `settle`
    /// or `sign`.
    act: String,
    /// In plain words.
    text: String,
    who: WhoJson,
    /// What they can type, in this order; a word in capitals is theirs to fill in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commands: Vec<String>,
    /// What it mends: positions in `findings`, from 0.
    findings: Vec<usize>,
    /// The tree that is to be mended: `model`, `code` or `dataset:NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    /// A path in that tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The path that the file must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// The argument that must be right, or the flag that must go.
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
    /// The release whose bundle is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    /// The types of evidence that must be signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
}

/// Who must act.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WhoJson {
    /// `attesters`, `caller`, `policy-keeper`, `publisher` or `withdrawals-keeper`.
    party: String,
    /// The roles that are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// The attesters of the trust file who could.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attesters: Vec<String>,
}

pub(super) fn explanation(report: &Report) -> serde_json::Result<ExplanationJson> {
    let derivation = &report.derivation;
    Ok(ExplanationJson {
        demands: derivation.steps.iter().map(demand).collect::<Result<_, _>>()?,
        statements: derivation.statements.iter().map(statement).collect(),
        keys: report.scope.trust.signers.iter().map(key).collect(),
        fixes: report.fixes().iter().map(|one| fix(one, report)).collect(),
    })
}

fn demand(step: &Step) -> serde_json::Result<DemandJson> {
    Ok(DemandJson {
        name: step.name.raw().to_owned(),
        origin: step.origin.clone(),
        demand: step.demand.raw().to_owned(),
        status: word(&step.status)?,
        lines: step.lines.clone(),
        findings: step.findings.clone(),
    })
}

fn statement(trace: &Trace) -> StatementJson {
    let counts = match trace.counts {
        Counts::Judgement => "judgement",
        Counts::Member => "member",
        Counts::Nothing => "nothing",
        Counts::Seal => "seal",
    };
    StatementJson {
        line: trace.line,
        predicate_type: trace.kind.uri().to_owned(),
        counts: counts.to_owned(),
        attester: trace.attester.to_string(),
        key: trace.key.to_string(),
        payload: trace.payload.to_string(),
        claimed: trace.claimed.map(time),
    }
}

fn key(signer: &TrustedSigner) -> KeyJson {
    KeyJson {
        attester: signer.attester.clone(),
        roles: signer.roles.iter().map(ToString::to_string).collect(),
        algorithm: signer.algorithm.to_owned(),
        key: signer.fingerprint.to_string(),
        valid_from: signer.valid_from.map(time),
        valid_until: signer.valid_until.map(time),
    }
}

fn fix(fix: &Fix, report: &Report) -> FixJson {
    let text = |text: &crate::text::Text| Some(text.raw().to_owned());
    let plain = FixJson {
        act: fix.act.word().to_owned(),
        text: fix.act.text().raw().to_owned(),
        who: who(&fix.who),
        commands: fix.commands(report),
        findings: fix.findings.clone(),
        ..FixJson::default()
    };
    match &fix.act {
        Act::CloseDoor(door) => FixJson { argument: text(door), ..plain },
        Act::Correct(argument) => FixJson { argument: Some(argument.clone()), ..plain },
        Act::GetBundle(release) => FixJson { release: release.as_ref().and_then(text), ..plain },
        Act::GetTree(tree) => FixJson { tree: Some(tree.to_string()), ..plain },
        Act::RemoveFile(tree, path) | Act::RestoreFile(tree, path) => {
            FixJson { tree: Some(tree.to_string()), path: text(path), ..plain }
        }
        Act::RenameFile(tree, from, to) => {
            FixJson { tree: Some(tree.to_string()), path: text(from), to: text(to), ..plain }
        }
        Act::Seal(evidence) | Act::Sign { kinds: evidence, .. } | Act::SignApart { kinds: evidence, .. } => {
            FixJson { evidence: evidence.clone(), ..plain }
        }
        Act::GetNewestBundle | Act::GetWithdrawals | Act::MakeRelease | Act::Promote(_) | Act::Settle(_) => plain,
    }
}

fn who(party: &Party) -> WhoJson {
    let (roles, attesters) = match party {
        Party::Attesters(roles, names) => (roles.iter().map(ToString::to_string).collect(), names.clone()),
        _ => (Vec::new(), Vec::new()),
    };
    WhoJson { party: party.word().to_owned(), roles, attesters }
}
