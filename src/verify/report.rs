//! The report: what was checked, what was found, and what follows.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::failure::Failure;
use crate::finding::{Finding, Findings, Tree};
use crate::intoto::predicate::Seal;
use crate::intoto::predicate::seal::Release;
use crate::name::Name;
use crate::policy::{Origin, PackageFacts, Policy};
use crate::reference::Reference;
use crate::sigstore::Identity;
use crate::state::{SeenPolicy, SeenRelease, SeenWithdrawals};
use crate::text::{self, Text};
use crate::trust::{Attester, Role};
use crate::verify::derivation::Derivation;
use crate::verify::door::Door;
use crate::verify::requirements::{self, Concern, Judge};
use crate::verify::{Artifact, Examined, Outcome, Request, Verdict, rollback};

pub use memory::{ListScope, Remembered, WithdrawalScope};

mod memory;

/// What came of a verification.
#[derive(Clone, Debug)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// The release that the newest seal names, if a trusted releaser signed one.
    pub release: Option<Release>,
    /// What was checked, under what, and what was not.
    pub scope: Scope,
    /// What was demanded, and whether it is met.
    pub requirements: Vec<Requirement>,
    /// What is at fault.
    pub findings: Findings,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// What there is to remember, if it passed.
    pub seen: Option<Seen>,
    /// How the verdict came about.
    pub derivation: Derivation,
}

/// What a gate remembers of a verification that passed.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The name of the release.
    pub name: Name,
    /// The release.
    pub release: SeenRelease,
    /// The policy that was applied, by its name, if it states a version.
    pub policy: Option<(String, SeenPolicy)>,
    /// The list of withdrawals that was looked at.
    pub withdrawals: Option<SeenWithdrawals>,
}

/// Whether a demand is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Something speaks against it.
    Denied,
    /// It was checked, and holds.
    Met,
    /// What it demands is absent.
    Missing,
    /// It was not checked.
    Undecided,
}

/// Something that is demanded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// Its name.
    pub name: Text,
    /// Whether it is met.
    pub status: Status,
    /// What was found, in words.
    pub detail: Text,
    /// What speaks against it: positions among the findings of the report.
    pub against: Vec<usize>,
}

/// What a verdict speaks of.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The SHA-256 of the bundle, unless it was too large to read.
    pub bundle: Option<Digest>,
    /// What was hashed.
    pub hashed: Vec<Text>,
    /// What was not hashed.
    pub not_hashed: Vec<Text>,
    /// Under which trust.
    pub trust: TrustScope,
    /// Under which policy.
    pub policy: PolicyScope,
    /// At which time.
    pub at: DateTime<Utc>,
    /// Where that time comes from.
    pub time_source: TimeSource,
    /// Which seal was the newest.
    pub seal: Option<SealScope>,
    /// Which list of withdrawals was looked at, if it is whole.
    pub withdrawals: Option<WithdrawalScope>,
    /// Which list of withdrawals was given, whole or not.
    pub withdrawals_given: Option<ListScope>,
    /// Whether it was compared with what was seen before: none without a memory, else what is remembered.
    pub remembered: Option<Remembered>,
    /// Which doors were open.
    pub doors: Vec<Door>,
}

/// Under which policy a verdict stands.
#[derive(Clone, Debug)]
pub struct PolicyScope {
    /// Its name.
    pub name: String,
    /// The version that it states.
    pub version: Option<u64>,
    /// The SHA-256 of the policy file, or of what the baseline demands.
    pub digest: Digest,
    /// The stage whose rules were applied.
    pub stage: Option<Name>,
    /// The stages of the policy, where none was asked for: what they demand was not checked.
    pub stages_left_out: Vec<Name>,
    /// Who signed it, if the caller demanded that somebody did.
    pub signer: Option<Name>,
    /// The SHA-256 of the package facts that were used.
    pub package_facts: Option<Digest>,
}

/// Under which trust a verdict stands.
#[derive(Clone, Debug)]
pub struct TrustScope {
    /// The file.
    pub source: Text,
    /// Its SHA-256.
    pub digest: Digest,
    /// The keys in it.
    pub signers: Vec<TrustedSigner>,
    /// The trusted identities.
    pub identities: Vec<TrustedIdentity>,
}

/// An identity that was trusted.
#[derive(Clone, Debug)]
pub struct TrustedIdentity {
    /// Whose it is.
    pub attester: String,
    /// The subject or the pattern that certificates must name.
    pub subject: Text,
    /// The issuer that they must name, or the name of the own authority that must vouch for it.
    pub issuer: Text,
    /// What its owner may say.
    pub roles: BTreeSet<Role>,
}

/// A trusted key and whose it is.
#[derive(Clone, Debug, Serialize)]
pub struct TrustedSigner {
    /// The attester.
    pub attester: String,
    /// The algorithm of the key.
    pub algorithm: &'static str,
    /// The id by which lines name the key.
    pub key_id: String,
    /// Its fingerprint: the SHA-256 of its `SubjectPublicKeyInfo`.
    pub fingerprint: Digest,
    /// What the attester may say.
    pub roles: BTreeSet<Role>,
    /// The key does not count before this time.
    pub valid_from: Option<DateTime<Utc>>,
    /// The key does not count from this time on.
    pub valid_until: Option<DateTime<Utc>>,
}

/// The newest seal. Whether there is a newer one elsewhere can't be known from the bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealScope {
    /// Its place in the chain.
    pub sequence: u64,
    /// The SHA-256 of its payload, if it is in the evidence.
    pub payload: Option<Digest>,
    /// How many lines it names.
    pub members: usize,
    /// When it was made, as its signer says.
    pub sealed_at: DateTime<Utc>,
}

/// Where the time of a check comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// The clock of the machine.
    Clock,
    /// The caller.
    Given,
}

/// Writes down what was examined, and judges.
pub(super) fn build(
    examined: &mut Examined,
    request: &Request<'_>,
    evidence: Option<&Evidence<'_>>,
    seal: Option<&Seal>,
    rules: Option<&[Vec<Finding>]>,
) -> Report {
    let findings = std::mem::take(&mut examined.findings);
    let failures = std::mem::take(&mut examined.failures);
    let judge = Judge { findings: &findings, failures: &failures };
    let mut requirements = requirements(&judge, examined, request, evidence, seal);
    let statements = std::mem::take(&mut examined.statements);
    let derivation = Derivation::new(statements, &requirements, request.policy.items(), rules, &findings);
    requirements.extend(policy(&judge, request.policy, rules));
    let verdict = Verdict::judge(evidence, &requirements, &findings, &failures, request.strict);
    let release = seal.map(|seal| seal.release.clone());
    let seen = evidence.filter(|_| verdict.outcome() == Outcome::Passed).and_then(rollback::seen);
    let withdrawals = examined.seen_withdrawals.take();
    let policy_seen = rollback::seen_policy(request.policy);
    let seen = seen.map(|(release, seen)| Seen { name: release.name, release: seen, policy: policy_seen, withdrawals });
    let mut scope = scope(examined, request, seal);
    if let (Some(seal), Some(evidence)) = (&mut scope.seal, evidence) {
        seal.payload = evidence.seals().last().map(|statement| statement.origin().payload());
    }
    Report { verdict, release, scope, requirements, findings, failures, seen, derivation }
}

fn requirements(
    judge: &Judge<'_>,
    examined: &Examined,
    request: &Request<'_>,
    evidence: Option<&Evidence<'_>>,
    seal: Option<&Seal>,
) -> Vec<Requirement> {
    let proven = evidence.is_some();
    let mut requirements = vec![
        judge.requirement("signatures", &Concern::Signatures, examined.signed > 0, signatures(examined)),
        judge.requirement("seal", &Concern::Seal, seal.is_some(), seal.map(sealed).unwrap_or_default()),
        judge.requirement("model", &Concern::Tree(Tree::Model), proven, model(examined, request)),
        judge.requirement("links", &Concern::Links, seal.is_some(), links(&examined.parts)),
    ];
    let trees = request.datasets.iter().map(|(name, _)| Tree::Dataset(name.clone()));
    for tree in trees.chain(request.code.is_some().then_some(Tree::Code)) {
        let agrees = proven && examined.agrees.contains(&tree);
        let detail = hashed_and_equal(examined, &tree);
        requirements.push(judge.requirement(&tree.to_string(), &Concern::Tree(tree), agrees, detail));
    }
    if request.withdrawals.is_some() {
        let list = examined.withdrawals.as_ref();
        let detail = list.map(|list| format!("{}, none of them strikes this release", withdrawals(list)));
        let proven = proven && list.is_some();
        requirements.push(judge.requirement("withdrawals", &Concern::Withdrawals, proven, detail.unwrap_or_default()));
    }
    requirements
}

/// Makes a line for the policy as a whole, and one for each demand of its file.
fn policy(judge: &Judge<'_>, policy: &Policy, rules: Option<&[Vec<Finding>]>) -> Vec<Requirement> {
    let total = policy.items().len();
    let denies = |findings: &&Vec<Finding>| findings.iter().any(Finding::denies);
    let met = rules.map_or(0, |rules| rules.len() - rules.iter().filter(denies).count());
    let detail = format!("{}, {met} of {total} rules", policy.name());
    let mut lines = vec![judge.requirement("policy", &Concern::Policy, met == total, detail)];
    for (index, item) in policy.items().iter().enumerate() {
        if item.origin != Origin::Baseline {
            let found = rules.and_then(|rules| rules.get(index)).map(Vec::as_slice);
            lines.push(requirements::of_rule(item, found, judge.findings));
        }
    }
    lines
}

fn withdrawals(list: &WithdrawalScope) -> String {
    let newest = list.newest.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{}, the newest from {newest}", text::count(usize::try_from(list.sequence).unwrap_or(usize::MAX), "line"))
}

fn hashed_and_equal(examined: &Examined, tree: &Tree) -> String {
    examined.hashed.get(tree).map(|summary| format!("hashed and equal: {summary}")).unwrap_or_default()
}

fn signatures(examined: &Examined) -> String {
    let by: Vec<_> = examined.signers.iter().map(|name| format!("`{name}`")).collect();
    format!("{} of {} signed by {}", examined.signed, text::count(examined.lines, "line"), by.join(", "))
}

fn sealed(seal: &Seal) -> String {
    format!(
        "seal {}, the newest here, names {}, all of them here",
        seal.sequence,
        text::count(seal.members.len(), "line")
    )
}

fn model(examined: &Examined, request: &Request<'_>) -> String {
    match &request.model {
        Artifact::Vouched(_) => "not hashed: the caller vouches for its digest".to_owned(),
        Artifact::Path(_) | Artifact::Taken(_) => hashed_and_equal(examined, &Tree::Model),
    }
}

fn links(parts: &BTreeSet<Reference>) -> String {
    let datasets = parts.iter().filter(|part| matches!(part, Reference::Dataset(_))).count();
    let bases = parts.iter().filter(|part| matches!(part, Reference::Base(_))).count();
    let code = if parts.contains(&Reference::Code) { ", training code" } else { "" };
    let bases = if bases > 0 { format!(", {}", text::count(bases, "base model")) } else { String::new() };
    format!("model <- {}{code}{bases}", text::count(datasets, "dataset"))
}

fn scope(examined: &mut Examined, request: &Request<'_>, seal: Option<&Seal>) -> Scope {
    let signers = request.trust.keys().map(|(attester, trusted)| TrustedSigner {
        attester: attester.name.to_string(),
        algorithm: trusted.key.algorithm().as_str(),
        key_id: trusted.key.key_id(),
        fingerprint: trusted.key.fingerprint(),
        roles: attester.roles.clone(),
        valid_from: trusted.valid_from,
        valid_until: trusted.valid_until,
    });
    Scope {
        bundle: examined.bundle_digest,
        hashed: examined.hashed.iter().map(|(tree, summary)| format!("{tree} ({summary})").into()).collect(),
        not_hashed: not_hashed(examined, request),
        trust: TrustScope {
            source: request.trust.source().to_string_lossy().into_owned().into(),
            digest: request.trust.digest(),
            signers: signers.collect(),
            identities: request.trust.identities().chain(request.trust.certified()).map(identity).collect(),
        },
        policy: PolicyScope {
            name: request.policy.name().to_owned(),
            version: request.policy.version(),
            digest: request.policy.digest(),
            stage: request.policy.stage().cloned(),
            stages_left_out: request.policy.left_out().to_vec(),
            signer: request.policy.signer().cloned(),
            package_facts: request.package_facts.map(PackageFacts::digest),
        },
        at: request.at,
        time_source: request.time_source,
        seal: seal.map(|seal| SealScope {
            sequence: seal.sequence,
            payload: None,
            members: seal.members.len(),
            sealed_at: seal.sealed_at,
        }),
        withdrawals: examined.withdrawals.take(),
        withdrawals_given: request.withdrawals.as_ref().map(|list| ListScope { digest: list.lines.digest() }),
        remembered: request.state.map(|state| Remembered::of(state, seal)),
        doors: Door::open(request),
    }
}

fn identity((attester, identity): (&Attester, &Identity)) -> TrustedIdentity {
    let (subject, issuer) = (identity.subject.to_string().into(), identity.issuer.as_str().into());
    TrustedIdentity { attester: attester.name.to_string(), subject, issuer, roles: attester.roles.clone() }
}

/// Names the parts of the release that this verification says nothing about.
fn not_hashed(examined: &Examined, request: &Request<'_>) -> Vec<Text> {
    let datasets = request.datasets.iter().map(|(name, _)| Tree::Dataset(name.clone()).to_string());
    let parts = examined.parts.iter().map(Reference::to_string);
    let parts: BTreeSet<String> = parts.chain(datasets).chain([Tree::Model.to_string()]).collect();
    let hashed: BTreeSet<String> = examined.hashed.keys().map(Tree::to_string).collect();
    parts.difference(&hashed).map(|part| part.as_str().into()).collect()
}
