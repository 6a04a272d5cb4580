//! Step 4: whether the statements make one sealed and linked set.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::digest::Digest;
use crate::evidence::chain::{self, names, seal_of};
use crate::evidence::subject::{MatchedStatement, Model, Sealed, is_of, speaks_of};
use crate::evidence::{Evidence, LineFault, VerifiedStatement, links};
use crate::finding::{Code, Finding, Findings, Place, Severity};
use crate::intoto::predicate::Seal;
use crate::intoto::predicate::seal::{Member, SealedModel};
use crate::intoto::{Kind, Predicate};
use crate::name::Name;
use crate::oms;

/// What the caller demands of the set beyond its completeness.
#[derive(Clone, Debug)]
pub struct Demands {
    /// The release, and its version if that matters.
    pub release: Option<(Name, Option<Name>)>,
    /// The lowest sequence that the newest seal may have.
    pub min_sequence: Option<u64>,
    /// The time of the check: nothing is signed later.
    pub at: DateTime<Utc>,
}

/// What came of assembling a set.
#[derive(Debug)]
pub struct Assembly<'t> {
    /// The set, if nothing is wrong with it.
    pub evidence: Option<Evidence<'t>>,
    /// The statements, if something is: of use to explain, never to pass.
    pub rest: Vec<VerifiedStatement<'t>>,
    /// The newest seal, counted or not.
    pub seal: Option<Seal>,
    /// What is wrong.
    pub findings: Findings,
}

/// Assembles verified statements to a set of evidence about a model.
///
/// Without a model at hand, or with another one, there are findings and never evidence.
pub fn assemble<'t>(
    statements: Vec<VerifiedStatement<'t>>,
    faults: Vec<LineFault<'t>>,
    model: Option<Model<'_>>,
    demands: &Demands,
) -> Assembly<'t> {
    let mut set = Set { faults, ..Set::default() };
    let (seals, others) = statements.into_iter().partition(|statement| statement.kind() == Kind::Seal);
    let Some(sealed) = set.take_seals(seals, model) else {
        if !others.is_empty() || !set.faults.is_empty() {
            set.findings.push(unsealed());
        }
        return set.fail(others, None);
    };
    let Some(newest) = set.seals.last().and_then(seal_of).cloned() else { return set.fail(others, None) };
    let chain = chain::check(&set.seals);
    set.findings.append(chain);
    let sealed = Sealed { other_root: other_root(&others, &newest), model: sealed };
    let rest = set.take_members(others, &newest, &sealed);
    set.check_demands(&newest, demands);
    set.check_times(demands.at);
    set.findings.append(links::check(&set.members.iter().collect::<Vec<_>>(), &newest));
    match model {
        Some(model) => set.finish(rest, newest, &sealed, model),
        None => set.fail(rest, Some(newest)),
    }
}

#[derive(Default)]
struct Set<'t> {
    seals: Vec<VerifiedStatement<'t>>,
    members: Vec<VerifiedStatement<'t>>,
    judgements: Vec<VerifiedStatement<'t>>,
    /// From their roles and about the model, and named by no seal.
    unsealed: Vec<VerifiedStatement<'t>>,
    faults: Vec<LineFault<'t>>,
    findings: Findings,
}

impl<'t> Set<'t> {
    /// Keeps the seals of one model: the one at hand, or else the one that the first seal names.
    fn take_seals(&mut self, seals: Vec<VerifiedStatement<'t>>, model: Option<Model<'_>>) -> Option<SealedModel> {
        let (seals, strangers): (Vec<_>, Vec<_>) = seals.into_iter().partition(VerifiedStatement::has_role);
        self.faults.extend(strangers.iter().map(VerifiedStatement::wrong_role));
        let models = || seals.iter().filter_map(seal_of).map(|seal| &seal.model);
        let at_hand = model.and_then(|model| models().find(|sealed| model.is(sealed)));
        let sealed = at_hand.or_else(|| models().next())?.clone();
        let named = Sealed { model: sealed.clone(), other_root: None };
        for statement in seals {
            let same = seal_of(&statement).is_some_and(|seal| seal.model == sealed);
            if same && speaks_of(&statement, &named) {
                self.seals.push(statement);
            } else {
                self.faults.push(other_model(&statement));
            }
        }
        self.seals.sort_by_key(|statement| seal_of(statement).map(|seal| seal.sequence));
        (!self.seals.is_empty()).then_some(sealed)
    }

    /// Sorts the statements: those that count, those that may only deny, and the rest, which is returned.
    fn take_members(
        &mut self,
        statements: Vec<VerifiedStatement<'t>>,
        newest: &Seal,
        sealed: &Sealed,
    ) -> Vec<VerifiedStatement<'t>> {
        let mut rest = Vec::new();
        for member in &newest.members {
            self.check_present(member, &statements);
        }
        for statement in statements {
            if !statement.has_role() {
                self.faults.push(statement.wrong_role());
                rest.push(statement);
            } else if !speaks_of(&statement, sealed) {
                self.faults.push(other_model(&statement));
                rest.push(statement);
            } else {
                self.take(statement, newest);
            }
        }
        for fault in std::mem::take(&mut self.faults) {
            let origin = &fault.origin;
            let named = |member: &Member| member.payload == origin.payload() && member.signer == origin.signer();
            let denies = newest.members.iter().any(named);
            self.findings.push(fault.into_finding(if denies { Severity::Deny } else { Severity::Warn }));
        }
        rest
    }

    /// Takes a statement about the model from its role.
    fn take(&mut self, statement: VerifiedStatement<'t>, newest: &Seal) {
        let named = newest.members.iter().any(|member| names(member, &statement));
        let judgement = statement.kind().is_judgement();
        if judgement && let Some(lapse) = chain::lapse(&statement, &self.seals) {
            let summary = format!("the {} does not count: {lapse}", statement.kind().name());
            self.faults.push(LineFault::new(statement.origin(), Code::JudgementOutdated, summary));
            self.unsealed.push(statement);
        } else if named {
            self.findings.extend(exempts_others(&statement));
            self.members.push(statement);
        } else if judgement {
            self.judgements.push(statement);
        } else {
            let summary = format!("seal {} does not name this line, so it does not count", newest.sequence);
            self.faults.push(LineFault::new(statement.origin(), Code::UnsealedLine, summary));
            self.unsealed.push(statement);
        }
    }

    /// A member must be there, signed by the key that the seal names and of the type that it names.
    fn check_present(&mut self, member: &Member, statements: &[VerifiedStatement<'t>]) {
        let present = statements.iter().any(|statement| names(member, statement));
        let faulty = self
            .faults
            .iter()
            .any(|fault| fault.origin.payload() == member.payload && fault.origin.signer() == member.signer);
        if present || faulty {
            return;
        }
        let kind = Kind::from(member.predicate_type.as_str());
        let summary = format!("the seal names a {} that the bundle does not have", kind.name());
        self.findings.push(
            Finding::deny(Code::MemberMissing, Place::Bundle, summary)
                .expected(format!("payload {} signed by key {}", member.payload, member.signer))
                .help("the bundle is incomplete or was changed; get it again from the publisher"),
        );
    }

    fn check_demands(&mut self, newest: &Seal, demands: &Demands) {
        if let Some(least) = demands.min_sequence.filter(|least| newest.sequence < *least) {
            let summary = format!("the newest seal is number {}, and at least {least} is demanded", newest.sequence);
            let finding = Finding::deny(Code::Rollback, Place::Bundle, summary);
            self.findings.push(finding.help("this bundle is out of date or was cut; get the newest one"));
        }
        if let Some((name, version)) = &demands.release
            && (newest.release.name != *name
                || version.as_ref().is_some_and(|version| newest.release.version != *version))
        {
            let version = version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
            let finding = Finding::deny(Code::ReleaseMismatch, Place::Bundle, "the bundle is of another release");
            self.findings.push(finding.expected(format!("{name}{version}")).found(newest.release.to_string()));
        }
    }

    fn check_times(&mut self, at: DateTime<Utc>) {
        let statements = self.seals.iter().chain(&self.members).chain(&self.judgements);
        self.findings.extend(statements.filter_map(|statement| is_to_come(statement, at)));
    }

    /// Makes evidence if nothing denies and every statement matches the model at hand.
    fn finish(
        mut self,
        mut rest: Vec<VerifiedStatement<'t>>,
        newest: Seal,
        sealed: &Sealed,
        model: Model<'_>,
    ) -> Assembly<'t> {
        let same = model.digest() == newest.model.digest();
        if same && !model.is(&newest.model) {
            let place = self.seals.last().map_or(Place::Bundle, |seal| seal.origin().place());
            let summary = "the seal names a root digest of model signing that is not that of the files";
            self.findings.push(Finding::deny(Code::SubjectMismatch, place, summary));
        }
        if self.findings.deny() || !same {
            return self.fail(rest, Some(newest));
        }
        let seals = self.matched(|set| &mut set.seals, model, sealed, &mut rest);
        let members = self.matched(|set| &mut set.members, model, sealed, &mut rest);
        let judgements = self.matched(|set| &mut set.judgements, model, sealed, &mut rest);
        let unsealed = std::mem::take(&mut self.unsealed).into_iter();
        let unsealed = unsealed.filter_map(|one| MatchedStatement::new(one, sealed, model).ok()).collect();
        let evidence = (!self.findings.deny()).then_some(Evidence { seals, members, judgements, unsealed });
        Assembly { evidence, rest, seal: Some(newest), findings: self.findings }
    }

    /// Matches statements with the model at hand; one that does not match denies.
    fn matched(
        &mut self,
        statements: impl FnOnce(&mut Self) -> &mut Vec<VerifiedStatement<'t>>,
        model: Model<'_>,
        sealed: &Sealed,
        rest: &mut Vec<VerifiedStatement<'t>>,
    ) -> Vec<MatchedStatement<'t>> {
        let mut matched = Vec::new();
        for statement in std::mem::take(statements(self)) {
            match MatchedStatement::new(statement, sealed, model) {
                Ok(proof) => matched.push(proof),
                Err(statement) => {
                    self.findings.push(other_model(&statement).into_finding(Severity::Deny));
                    rest.push(*statement);
                }
            }
        }
        matched
    }

    fn fail(mut self, mut rest: Vec<VerifiedStatement<'t>>, seal: Option<Seal>) -> Assembly<'t> {
        let faults = self.faults.into_iter().map(|fault| fault.into_finding(Severity::Warn));
        self.findings.extend(faults);
        rest.append(&mut self.members);
        rest.append(&mut self.judgements);
        rest.append(&mut self.unsealed);
        rest.append(&mut self.seals);
        Assembly { evidence: None, rest, seal, findings: self.findings }
    }
}

/// Returns the root in the other order of a model signature that the newest seal names. Only statements in the form of
/// others need it.
fn other_root(statements: &[VerifiedStatement<'_>], newest: &Seal) -> Option<Digest> {
    let needed = |statement: &VerifiedStatement<'_>| !statement.is_of_folder() && statement.predicate().is_common();
    statements.iter().find(|statement| needed(statement))?;
    statements.iter().find_map(|statement| match statement.predicate() {
        Predicate::ModelSignature(signature)
            if statement.has_role()
                && is_of(signature, &newest.model)
                && newest.members.iter().any(|member| names(member, statement)) =>
        {
            Some(oms::root_by_component(&signature.resources))
        }
        _ => None,
    })
}

/// Only four names of git may be exempted from a model signature.
pub(super) fn exempts_others(statement: &VerifiedStatement<'_>) -> Option<Finding> {
    let Predicate::ModelSignature(signature) = statement.predicate() else { return None };
    if signature.ignores_git_names_only() {
        return None;
    }
    let ignored: Vec<_> = signature.ignored.iter().map(|path| format!("`{path}`")).collect();
    let summary = "the signer exempted other paths from the model signature than the four git names";
    Some(Finding::deny(Code::OmsIgnoredPaths, statement.origin().place(), summary).found(ignored.join(", ")))
}

/// Nobody signs a time that is still to come.
pub(super) fn is_to_come(statement: &VerifiedStatement<'_>, at: DateTime<Utc>) -> Option<Finding> {
    let time = statement.claimed_time().filter(|time| *time > at)?;
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let summary = "the line claims a time that is still to come";
    let finding = Finding::deny(Code::TimeInFuture, statement.origin().place(), summary);
    let finding = finding.expected(format!("not after {}", shown(at))).found(shown(time));
    Some(finding.help("check the clock of this machine, or the time given with `--at`"))
}

fn other_model<'t>(statement: &VerifiedStatement<'t>) -> LineFault<'t> {
    let summary = format!("the {} is about another model", statement.kind().name());
    LineFault::new(statement.origin(), Code::SubjectMismatch, summary)
}

fn unsealed() -> Finding {
    Finding::deny(Code::Unsealed, Place::Bundle, "no seal of a trusted releaser closes this bundle")
        .help("the releaser must publish the bundle with its seal; without one, lines can be removed unseen")
}
