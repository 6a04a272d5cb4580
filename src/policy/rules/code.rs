//! Where the training code must come from, and in which state.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::finding::{Code as FindingCode, Finding};
use crate::intoto::Kind;
use crate::policy::{Bound, Case, Rule, Values};

use address::plain;
use stated::Stated;

mod address;
mod stated;

/// The training code; at least one of these. What is not recorded is denied.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Code"))]
pub(super) struct Table {
    /// It is as its commit has it: `true`.
    clean: Option<bool>,
    /// Its git commit and the digest of its files are recorded: `true`.
    pinned: Option<bool>,
    /// The addresses of repositories from which it may come, compared whole; the case of the host, a slash and `.git` at the end
    /// make no difference.
    repositories: BTreeSet<String>,
    /// The git refs that may be built, such as `refs/heads/main`, compared exactly.
    refs: BTreeSet<String>,
}

pub(super) struct CodeRule {
    clean: bool,
    pinned: bool,
    repositories: BTreeSet<String>,
    refs: BTreeSet<String>,
}

pub(super) fn build(table: Table) -> Result<CodeRule, String> {
    if [table.clean, table.pinned].contains(&Some(false)) {
        return Err("`false` demands nothing: leave the key out".to_owned());
    }
    let (clean, pinned) = (table.clean.is_some(), table.pinned.is_some());
    if !clean && !pinned && table.repositories.is_empty() && table.refs.is_empty() {
        return Err("it demands nothing of the code".to_owned());
    }
    if table.repositories.union(&table.refs).any(String::is_empty) {
        return Err("an empty text is no repository and no ref".to_owned());
    }
    if let Some(word) = table.repositories.union(&table.refs).find(|word| word.contains(['*', '?', ' '])) {
        return Err(format!("`{word}`: repositories and refs are compared exactly, there are no patterns"));
    }
    match table.refs.iter().find(|name| !name.starts_with("refs/") || name.ends_with('/')) {
        Some(name) => Err(format!("`{name}` is no full git ref, such as `refs/heads/main`")),
        None => Ok(CodeRule { clean, pinned, repositories: table.repositories, refs: table.refs }),
    }
}

fn quoted(set: &BTreeSet<String>) -> String {
    set.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or ")
}

/// What is wrong with code.
struct Fault {
    summary: &'static str,
    expected: String,
    found: String,
}

impl Fault {
    fn new(summary: &'static str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { summary, expected: expected.into(), found: found.into() }
    }
}

impl CodeRule {
    /// Returns what is wrong with the code of one provenance.
    fn faults(&self, stated: &Stated<'_>) -> Vec<Fault> {
        let unpinned = self.pinned.then(|| unpinned(stated)).into_iter().flatten();
        let unclean = stated.why_unclean().filter(|_| self.clean);
        let unclean = unclean.map(|why| Fault::new("is not clean", "files as the commit has them", why));
        let foreign = [
            (
                "is from a repository that is not allowed",
                &self.repositories,
                plain as fn(&str) -> String,
                stated.repositories(),
            ),
            ("is from a ref that is not allowed", &self.refs, str::to_owned, stated.refs()),
        ];
        let foreign = foreign.into_iter().filter_map(|(summary, allowed, form, found)| {
            let forms: BTreeSet<String> = allowed.iter().map(|one| form(one)).collect();
            let fits = !found.is_empty() && found.iter().all(|one| forms.contains(&form(one)));
            let found = if found.is_empty() { "it is not recorded".to_owned() } else { found.join(", ") };
            (!allowed.is_empty() && !fits).then(|| Fault::new(summary, quoted(allowed), found))
        });
        unpinned.chain(unclean).chain(foreign).collect()
    }
}

fn unpinned(stated: &Stated<'_>) -> Vec<Fault> {
    const SUMMARY: &str = "is not pinned";
    let commit = stated.commit();
    let absent = match commit {
        Some(_) if stated.has_files() => None,
        Some(_) => Some("no digest of the files is recorded"),
        None => Some("no git commit is recorded"),
    };
    let absent = absent.map(|found| Fault::new(SUMMARY, "a full git commit, and the digest of its files", found));
    let other = commit.and_then(|commit| Some((commit, stated.other_commit(commit)?)));
    let other = other.map(|(commit, (who, other))| {
        Fault::new(SUMMARY, format!("the commit {commit}"), format!("{who} says {other}"))
    });
    absent.into_iter().chain(other).collect()
}

impl Rule for CodeRule {
    fn name(&self) -> &'static str {
        "code"
    }

    fn demand(&self) -> String {
        let mut demands = Vec::new();
        if self.pinned {
            demands.push("is recorded with its full git commit and the digest of its files".to_owned());
        }
        if self.clean {
            demands.push("is as its commit has it".to_owned());
        }
        if !self.repositories.is_empty() {
            demands.push(format!("is from exactly {}", quoted(&self.repositories)));
        }
        if !self.refs.is_empty() {
            demands.push(format!("is at the ref {}", quoted(&self.refs)));
        }
        format!("the training code {}", demands.join(", and "))
    }

    fn codes(&self) -> Vec<FindingCode> {
        vec![FindingCode::CodeOrigin]
    }

    fn bounds(&self) -> Vec<Bound> {
        let repositories = self.repositories.iter().map(|one| plain(one)).collect();
        let sets = [("repository", &self.repositories, repositories), ("ref", &self.refs, self.refs.clone())];
        let sets = sets.into_iter().filter(|(_, set, _)| !set.is_empty());
        let bound = |(what, set, forms): (&str, &BTreeSet<String>, BTreeSet<String>)| Bound {
            of: what.to_owned(),
            part: None,
            values: Values::OneOf(forms),
            words: format!("the {what} of the code is {}", quoted(set)),
        };
        sets.map(bound).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance, Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let boms: Vec<_> = case.boms().map(|(_, document)| document).collect();
        for (line, provenance) in case.trainings() {
            for Fault { summary, expected, found } in self.faults(&Stated::by(provenance, &boms)) {
                let summary = format!("the training code {summary}");
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

#[cfg(test)]
mod tests;
