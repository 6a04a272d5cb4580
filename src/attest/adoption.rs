//! Taking over what others signed: lines as they stand in a bundle, of signatures that count under the trust at hand.
//!
//! A line is imported if a trusted attester signed it, its type is none that a command of ours makes, and the
//! verification of the bundle with it says that it is from its role and about the model. So nothing comes in by import that could
//! not stand there anyway, and nothing counts before a releaser seals it.

use std::collections::BTreeMap;

use crate::append::{Appended, Job, JobError, Refused, append_signed};
use crate::attest::{command, is_unknown_of_ours};
use crate::bundle::UnverifiedBundle;
use crate::digest::Digest;
use crate::evidence::{self, VerifiedStatement};
use crate::fault::Fault;
use crate::finding::{Code, Finding, Place};
use crate::foreign::{self, Candidate};
use crate::key::VerifyingKey;
use crate::signer::SignedLine;
use crate::text::Text;
use crate::trust::TrustRoot;

/// What was taken over.
#[derive(Debug)]
pub struct Adopted {
    /// The lines that were added; none if all were there already.
    pub appended: Appended,
    /// Those that were not, and why.
    pub refused: Vec<Refused>,
    /// Lines of the file that came in without their log entries and timestamps, which nothing at hand could check.
    pub unproven: Vec<usize>,
}

/// Adds the lines of a file of others that count, or says of each why it does not.
pub fn adopt(job: &Job<'_>, text: &[u8]) -> Result<Adopted, JobError> {
    let mut refused = Vec::new();
    let mut candidates = Vec::new();
    for (line, read) in foreign::read(text) {
        match read {
            Ok(read) => candidates.extend(read),
            Err(error) => refused.push(of_error(line, &error)),
        }
    }
    let mut unproven = Vec::new();
    let lines = Trial::of(&candidates, job.trust).run(job, &mut refused, &mut unproven);
    if lines.is_empty() {
        return Err(JobError::NotImported(refused));
    }
    let (appended, others) = append_signed(job, lines)?;
    refused.extend(others.into_iter().map(|(line, finding)| of_finding(line, &finding)));
    if appended.lines.is_empty() && !refused.is_empty() {
        return Err(JobError::NotImported(refused));
    }
    unproven.retain(|line| !refused.iter().any(|one| one.line == *line));
    unproven.dedup();
    Ok(Adopted { appended, refused, unproven })
}

fn of_error(line: usize, error: &foreign::ForeignError) -> Refused {
    let code = match error {
        foreign::ForeignError::Unsigned => format!("{}: ", Code::Unsigned.as_str()),
        _ => String::new(),
    };
    Refused { line, why: format!("{code}{error}").into(), hint: error.hint() }
}

fn of_finding(line: usize, finding: &Finding) -> Refused {
    let told = |word: &str, text: &Option<Text>| text.as_ref().map(|text| format!("; {word} {}", text.raw()));
    let more = [told("expected", &finding.expected), told("found", &finding.found)];
    let more: String = more.into_iter().flatten().collect();
    let why = format!("{}: {}{more}", finding.code.as_str(), finding.summary.raw());
    Refused { line, why: why.into(), hint: finding.help.as_ref().map(|help| help.raw().to_owned()) }
}

/// Candidates as lines of a bundle, to see which of them are authenticated: some with all that logs say, and all of keys
/// without it as well.
struct Trial<'c> {
    candidates: &'c [Candidate],
    bytes: Vec<u8>,
    /// For each candidate, the numbers of its lines.
    numbers: Vec<[Option<usize>; 2]>,
}

impl<'c> Trial<'c> {
    fn of(candidates: &'c [Candidate], trust: &TrustRoot) -> Self {
        let ids = key_ids(trust);
        let mut trial = Self { candidates, bytes: Vec::new(), numbers: Vec::new() };
        let mut lines = 0;
        for candidate in candidates {
            let known = candidate.hints.iter().find_map(|hint| ids.get(hint.as_str()));
            let id = known.or(candidate.hints.first()).map(String::as_str).unwrap_or_default();
            let numbers = [candidate.whole(), candidate.of_key(id)].map(|line| {
                let line = line?;
                lines += 1;
                trial.bytes.extend([line.as_slice(), b"\n"].concat());
                Some(lines)
            });
            trial.numbers.push(numbers);
        }
        trial
    }

    /// Returns the lines that count as far as they alone can say, each with the line of the file from which it comes.
    fn run(self, job: &Job<'_>, refused: &mut Vec<Refused>, unproven: &mut Vec<usize>) -> Vec<(usize, SignedLine)> {
        let (bundle, limits) = UnverifiedBundle::split(&self.bytes);
        let (authenticated, unsigned) = evidence::authenticate(bundle, job.trust, (job.clock)());
        let (statements, faults) = evidence::read(authenticated);
        let of_bundle = limits.iter().chain(unsigned.iter()).filter(|finding| finding.place == Place::Bundle);
        refused.extend(of_bundle.map(|finding| of_finding(1, finding)));
        let findings: Vec<Finding> = unsigned.iter().cloned().chain(faults.into_iter().map(Into::into)).collect();
        let mut lines = Vec::new();
        for (candidate, numbers) in self.candidates.iter().zip(&self.numbers) {
            match chosen(numbers, &statements, &findings) {
                Ok((statement, whole)) => match line(candidate, statement, whole, job.trust) {
                    Ok(line) => {
                        unproven
                            .extend((!whole && numbers.first().is_some_and(Option::is_some)).then_some(candidate.line));
                        lines.push((candidate.line, line));
                    }
                    Err(reason) => refused.push(Refused { line: candidate.line, ..reason }),
                },
                Err(Some(finding)) => refused.push(of_finding(candidate.line, finding)),
                // It says what another one says, by the same signer.
                Err(None) => {}
            }
        }
        lines
    }
}

/// Names every trusted key in the ways of those who write key ids, and gives our way for it.
fn key_ids(trust: &TrustRoot) -> BTreeMap<String, String> {
    let names = |key: &VerifyingKey| {
        let fingerprint = key.fingerprint();
        // Sigstore's: the digest of the key in DER, in base64.
        let sigstore = data_encoding::BASE64.encode(fingerprint.as_bytes());
        [key.key_id(), fingerprint.to_string(), sigstore].map(|name| (name, key.key_id()))
    };
    trust.keys().flat_map(|(_, trusted)| names(&trusted.key)).collect()
}

/// Chooses the line with all that logs say if it is authenticated; the one without, where that is beyond us.
fn chosen<'s, 't>(
    numbers: &[Option<usize>; 2],
    statements: &'s [VerifiedStatement<'t>],
    findings: &'s [Finding],
) -> Result<(&'s VerifiedStatement<'t>, bool), Option<&'s Finding>> {
    let [whole, bare] = numbers;
    let read = |number: &Option<usize>| statements.iter().find(|one| Some(one.origin().line()) == *number);
    let fault = |number: &Option<usize>| findings.iter().find(|one| number.map(Place::Line) == Some(one.place.clone()));
    match (read(whole), fault(whole)) {
        (Some(statement), _) => Ok((statement, true)),
        (None, Some(finding)) if finding.code != Code::UnsupportedLine || bare.is_none() => Err(Some(finding)),
        _ => read(bare).map(|statement| (statement, false)).ok_or_else(|| fault(bare)),
    }
}

/// Writes the line, unless there is a command for what it says.
fn line(
    candidate: &Candidate,
    statement: &VerifiedStatement<'_>,
    whole: bool,
    trust: &TrustRoot,
) -> Result<SignedLine, Refused> {
    let refuse = |why: String, hint: Option<String>| Refused { line: 0, why: why.into(), hint };
    let kind = statement.kind();
    if let Some(command) = command(&kind) {
        return Err(refuse(format!("a {} is not imported", kind.name()), Some(format!("use `{command}`"))));
    }
    if is_unknown_of_ours(&kind) {
        return Err(refuse(format!("`{}` is no evidence about a model", kind.name()), None));
    }
    let bytes = if whole { candidate.whole() } else { candidate.of_key(&key_id(statement.origin().signer(), trust)) };
    let bytes = bytes.ok_or_else(|| refuse("it can't be written as a line".to_owned(), None))?;
    Ok(SignedLine { bytes, member: statement.as_member() })
}

/// Returns the id of the key that signed.
fn key_id(signer: Digest, trust: &TrustRoot) -> String {
    let of = trust.keys().find(|(_, trusted)| trusted.key.fingerprint() == signer);
    of.map(|(_, trusted)| trusted.key.key_id()).unwrap_or_default()
}
