//! Where the training code must come from, and in which state.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::digest::ArtifactDigest;
use crate::finding::{Code as FindingCode, Finding};
use crate::intoto::Kind;
use crate::intoto::predicate::Provenance;
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::policy::{Bound, Case, Rule, Values};
use crate::reference::Reference;

/// The training code; at least one of these. What is not recorded is denied.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Code"))]
pub(super) struct Table {
    /// It is as its commit has it: `true`.
    clean: bool,
    /// Its git commit and the digest of its files are recorded: `true`.
    pinned: bool,
    /// The addresses of repositories from which it may come, compared exactly.
    repositories: BTreeSet<String>,
    /// The git refs that may be built, such as `refs/heads/main`, compared exactly.
    refs: BTreeSet<String>,
}

pub(super) struct CodeRule(Table);

pub(super) fn build(table: Table) -> Result<CodeRule, String> {
    if !table.clean && !table.pinned && table.repositories.is_empty() && table.refs.is_empty() {
        return Err("it demands nothing of the code".to_owned());
    }
    if table.repositories.union(&table.refs).any(String::is_empty) {
        return Err("an empty text is no repository and no ref".to_owned());
    }
    if let Some(word) = table.repositories.union(&table.refs).find(|word| word.contains(['*', '?', ' '])) {
        return Err(format!("`{word}`: repositories and refs are compared exactly, there are no patterns"));
    }
    match table.refs.iter().find(|name| !name.starts_with("refs/")) {
        Some(name) => Err(format!("`{name}` is no full git ref, such as `refs/heads/main`")),
        None => Ok(CodeRule(table)),
    }
}

/// Says whether a text is a git commit in full: SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Returns the repositories that a provenance names: that of the code, and that of a workflow.
fn repositories(provenance: &Provenance, code: Option<&ResourceDescriptor>) -> Vec<String> {
    let of_code = code.and_then(|code| code.uri.as_deref()).map(|uri| {
        let address = uri.strip_prefix("git+").unwrap_or(uri);
        match address.rsplit_once('@') {
            Some((address, revision)) if is_commit(revision) || revision.starts_with("refs/") => address.to_owned(),
            _ => address.to_owned(),
        }
    });
    of_code.into_iter().chain(workflow(provenance, "repository")).collect()
}

fn workflow(provenance: &Provenance, key: &str) -> Option<String> {
    let workflow = provenance.build_definition.external_parameters.get("workflow")?;
    workflow.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn quoted(set: &BTreeSet<String>) -> String {
    set.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or ")
}

impl CodeRule {
    /// Returns what is wrong with the code of one provenance: what was demanded, and what was found.
    fn faults(&self, provenance: &Provenance) -> Vec<(&'static str, String, String)> {
        let code = provenance.references().find(|(reference, _)| *reference == Reference::Code).map(|(_, code)| code);
        let mut faults = Vec::new();
        let commit =
            code.and_then(|code| code.digest.get("gitCommit")).map(String::as_str).filter(|text| is_commit(text));
        let tree = code.and_then(ResourceDescriptor::artifact_digest);
        if self.0.pinned && !(commit.is_some() && matches!(tree, Some(ArtifactDigest::Tree(_)))) {
            let found = commit.map_or("no git commit is recorded", |_| "no digest of the files is recorded");
            faults.push((
                "is not pinned",
                "a full git commit, and the digest of its files".to_owned(),
                found.to_owned(),
            ));
        }
        let dirty = code.and_then(|code| code.annotations.get("assaymark_dirty")).and_then(Value::as_bool);
        if self.0.clean && dirty != Some(false) {
            let found = if dirty.is_some() { "files differ from the commit" } else { "it is not recorded" };
            faults.push(("is not clean", "files as the commit has them".to_owned(), found.to_owned()));
        }
        let sets = [
            ("is from a repository that is not allowed", &self.0.repositories, repositories(provenance, code)),
            ("is from a ref that is not allowed", &self.0.refs, workflow(provenance, "ref").into_iter().collect()),
        ];
        for (fault, allowed, found) in sets {
            let fits = !found.is_empty() && found.iter().all(|one| allowed.contains(one));
            if !allowed.is_empty() && !fits {
                let found = if found.is_empty() { "it is not recorded".to_owned() } else { found.join(", ") };
                faults.push((fault, quoted(allowed), found));
            }
        }
        faults
    }
}

impl Rule for CodeRule {
    fn name(&self) -> &'static str {
        "code"
    }

    fn demand(&self) -> String {
        let mut demands = Vec::new();
        if self.0.pinned {
            demands.push("is recorded with its full git commit and the digest of its files".to_owned());
        }
        if self.0.clean {
            demands.push("is as its commit has it".to_owned());
        }
        if !self.0.repositories.is_empty() {
            demands.push(format!("is from exactly {}", quoted(&self.0.repositories)));
        }
        if !self.0.refs.is_empty() {
            demands.push(format!("is at the ref {}", quoted(&self.0.refs)));
        }
        format!("the training code {}", demands.join(", and "))
    }

    fn codes(&self) -> Vec<FindingCode> {
        vec![FindingCode::CodeOrigin]
    }

    fn bounds(&self) -> Vec<Bound> {
        let sets = [("repository", &self.0.repositories), ("ref", &self.0.refs)];
        let sets = sets.into_iter().filter(|(_, set)| !set.is_empty());
        let bound = |(what, set): (&str, &BTreeSet<String>)| Bound {
            of: what.to_owned(),
            part: None,
            values: Values::OneOf(set.clone()),
            words: format!("the {what} of the code is {}", quoted(set)),
        };
        sets.map(bound).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for line in case.evidence.members() {
            let Predicate::Provenance(provenance) = line.predicate() else { continue };
            for (fault, expected, found) in self.faults(provenance) {
                let summary = format!("the training code {fault}");
                let finding = Finding::deny(FindingCode::CodeOrigin, line.origin().place(), summary);
                findings.push(
                    finding
                        .expected(expected)
                        .found(found)
                        .help("train again from a clean checkout of an allowed commit and make a new release"),
                );
            }
        }
        findings
    }
}
