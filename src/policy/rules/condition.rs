//! Conditions in Rego, for what no rule can say.

use std::path::PathBuf;

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use crate::configuration::Located;
use crate::digest::{ArtifactDigest, Digest};
use crate::evidence::MatchedStatement;
use crate::files;
use crate::finding::{Code, Finding, Place};
use crate::intoto::predicate::seal::Release;
use crate::intoto::{Kind, Predicate};
use crate::limits;
use crate::name::Name;
use crate::policy::reading::Reading;
use crate::policy::rego::{Answer, Input, Module};
use crate::policy::weight::Weight;
use crate::policy::{Case, PolicyError, Rule, names};
use crate::text;

/// A condition in Rego: `file` or `rego`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Condition"))]
pub(in crate::policy) struct Table {
    /// A name for it.
    name: Name,
    /// What it demands, in plain words.
    message: String,
    /// The file of the module, relative to the folder of this file.
    file: Option<PathBuf>,
    /// The digest of the file, `sha256:…`: so the policy speaks for the module as well.
    digest: Option<String>,
    /// The module itself.
    rego: Option<String>,
    /// `deny`, or `warn`.
    pub(in crate::policy) severity: Option<Weight>,
}

/// A condition in Rego.
pub(in crate::policy) struct Condition {
    name: String,
    message: String,
    module: Module,
    digest: ArtifactDigest,
}

/// What the name of each begins with.
pub(in crate::policy) const PREFIX: &str = "condition-";

pub(in crate::policy) fn build(reading: &Reading<'_>, table: Located<Table>) -> Result<Condition, PolicyError> {
    let offset = table.offset();
    let table = table.into_inner();
    let name = format!("{PREFIX}{}", table.name);
    let rule = format!("condition `{}`", table.name);
    let fault = |message: String| reading.refuse(offset, &rule, message);
    names::check_own(table.name.as_str()).map_err(|refusal| reading.refuse(offset, &rule, refusal))?;
    if table.message.trim().is_empty() {
        return Err(fault("its `message` is empty".to_owned()).into());
    }
    let text = match (table.rego, table.file, table.digest) {
        (Some(text), None, None) => text,
        (None, Some(file), Some(digest)) => {
            let text = files::read_text(&reading.folder.join(file), limits::CONDITION_BYTES)?;
            let found = ArtifactDigest::File(Digest::of(text.as_bytes())).to_string();
            if found != digest {
                return Err(
                    fault(format!("the file has the digest `{found}`, and not the one that stands here")).into()
                );
            }
            text
        }
        (None, Some(_), None) => {
            let message = "a `file` needs its `digest`, `sha256:…`, so that the policy speaks for it as well";
            return Err(fault(message.to_owned()).into());
        }
        _ => return Err(fault("it needs either `rego`, or `file` and `digest`".to_owned()).into()),
    };
    let module = Module::parse(&name, &text).map_err(fault)?;
    let digest = ArtifactDigest::File(Digest::of(text.as_bytes()));
    Ok(Condition { name, message: table.message, module, digest })
}

/// A text that does not grow beyond what conditions see.
#[derive(Default)]
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > limits::CONDITION_INPUT_BYTES {
            return Err(std::io::Error::other("too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a condition may see: evidence that was verified, and values.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seen<'c> {
    at: String,
    at_seconds: i64,
    release: Option<&'c Release>,
    sequence: Option<u64>,
    model: Option<String>,
    hashed: Vec<String>,
    statements: Vec<Line<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'c> {
    #[serde(rename = "line")]
    number: usize,
    #[serde(rename = "type")]
    name: String,
    predicate_type: String,
    payload: Digest,
    attester: &'c Name,
    roles: Vec<String>,
    claimed_seconds: Option<i64>,
    subjects: Vec<Named<'c>>,
    predicate: &'c Predicate,
}

#[derive(Serialize)]
struct Named<'c> {
    name: &'c str,
    sha256: Digest,
}

/// Returns what a condition may see, made of one text, so that nothing of it is converted twice.
fn input(case: &Case<'_>) -> Result<Input, String> {
    let seal = case.evidence.seal();
    let seen = Seen {
        at: case.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        at_seconds: case.at.timestamp(),
        release: seal.map(|seal| &seal.release),
        sequence: seal.map(|seal| seal.sequence),
        model: seal.map(|seal| seal.model.digest().to_string()),
        hashed: case.hashed.iter().map(ToString::to_string).collect(),
        statements: case.evidence.counted().map(|statement| line(statement)).collect(),
    };
    let mut text = Bounded::default();
    serde_json::to_writer(&mut text, &seen).map_err(|error| {
        let limit = text::bytes(limits::CONDITION_INPUT_BYTES as u64);
        if error.is_io() {
            format!("the evidence has more than {limit}, which is more than conditions see")
        } else {
            error.to_string()
        }
    })?;
    let text = String::from_utf8(text.0).map_err(|error| error.to_string())?;
    Input::read(&text)
}

fn line<'c>(line: &'c MatchedStatement<'_>) -> Line<'c> {
    let origin = line.origin();
    Line {
        number: origin.line(),
        name: line.kind().name().to_owned(),
        predicate_type: line.kind().uri().to_owned(),
        payload: origin.payload(),
        attester: &origin.attester().name,
        roles: origin.attester().roles.iter().map(ToString::to_string).collect(),
        claimed_seconds: line.claimed_time().map(|time| time.timestamp()),
        subjects: line.subjects().iter().map(|one| Named { name: &one.name, sha256: one.sha256 }).collect(),
        predicate: line.predicate(),
    }
}

impl Condition {
    fn finding(&self, code: Code, summary: String) -> Finding {
        Finding::deny(code, Place::Bundle, summary).expected(self.message.clone())
    }
}

impl Rule for Condition {
    fn name(&self) -> &str {
        &self.name
    }

    fn demand(&self) -> String {
        format!("{} (a condition in Rego)", self.message)
    }

    fn demand_exactly(&self) -> String {
        format!("{} (a condition in Rego, {})", self.message, self.digest)
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::ConditionDenied, Code::ConditionFailed]
    }

    fn rests_on(&self) -> Vec<Kind> {
        Vec::new()
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let answer = match case.shared.input.get_or_init(|| input(case)) {
            Ok(input) => self.module.ask(input),
            Err(reason) => Answer::Failed(reason.clone()),
        };
        match answer {
            Answer::Allowed => Vec::new(),
            Answer::Denied(reasons) if reasons.is_empty() => {
                vec![self.finding(Code::ConditionDenied, format!("`{}` does not hold", self.name))]
            }
            Answer::Denied(reasons) => {
                let finding = |reason| self.finding(Code::ConditionDenied, format!("`{}`: {reason}", self.name));
                reasons.into_iter().map(finding).collect()
            }
            Answer::Failed(reason) => {
                let finding = self.finding(Code::ConditionFailed, format!("`{}` gave no answer", self.name));
                vec![finding.found(reason).help("whoever keeps the policy must mend the condition")]
            }
            Answer::NotAsked(reason) => {
                let finding = self.finding(Code::ConditionFailed, format!("`{}` could not be asked", self.name));
                let address_space = text::bytes(limits::CONDITION_STACK as u64);
                let help = format!(
                    "verify where `/proc` can be read, a processor is free, and a thread may have {address_space} of address space"
                );
                vec![finding.found(reason).help(help)]
            }
        }
    }
}
