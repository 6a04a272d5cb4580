//! Where the training code must come from, and in which state.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::digest::ArtifactDigest;
use crate::finding::{Code as FindingCode, Finding};
use crate::intoto::Kind;
use crate::intoto::predicate::Provenance;
use crate::intoto::{Predicate, ResourceDescriptor};
use crate::policy::bom::{self, Part};
use crate::policy::{Bound, Case, Rule, Values};
use crate::reference::Reference;

/// The training code; at least one of these. What is not recorded is denied.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Code"))]
pub(super) struct Table {
    /// It is as its commit has it: `true`.
    clean: Option<bool>,
    /// Its git commit and the digest of its files are recorded: `true`.
    pinned: Option<bool>,
    /// The addresses of repositories from which it may come, compared exactly.
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
    match table.refs.iter().find(|name| !name.starts_with("refs/")) {
        Some(name) => Err(format!("`{name}` is no full git ref, such as `refs/heads/main`")),
        None => Ok(CodeRule { clean, pinned, repositories: table.repositories, refs: table.refs }),
    }
}

/// Says whether a text is a git commit in full: SHA-1 or SHA-256. Of zeros alone, it is git's word for none.
fn is_commit(text: &str) -> bool {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    [40, 64].contains(&text.len()) && is_hex && text.bytes().any(|byte| byte != b'0')
}

/// Returns where the code comes from, by its own address: the repository, and what it is pinned to behind an `@`.
fn address(code: Option<&ResourceDescriptor>) -> Option<(&str, Option<&str>)> {
    let uri = code?.uri.as_deref()?;
    let address = uri.strip_prefix("git+").unwrap_or(uri);
    // An `@` may also stand before a host.
    Some(match address.rsplit_once('@') {
        Some((_, revision)) if !is_commit(revision) && !revision.starts_with("refs/") => (address, None),
        Some((address, revision)) => (address, Some(revision)),
        None => (address, None),
    })
}

/// Returns the repositories that a provenance names: that of the code, and that of a workflow.
fn repositories(provenance: &Provenance, code: Option<&ResourceDescriptor>) -> Vec<String> {
    let of_code = address(code).map(|(repository, _)| repository.to_owned());
    of_code.into_iter().chain(workflow(provenance, "repository")).collect()
}

/// Returns the refs that a provenance names: that of the code, if it is there, and that of a workflow.
fn refs(provenance: &Provenance, code: Option<&ResourceDescriptor>) -> Vec<String> {
    let of_code = address(code).and_then(|(_, revision)| revision).filter(|revision| revision.starts_with("refs/"));
    of_code.map(str::to_owned).into_iter().chain(workflow(provenance, "ref")).collect()
}

/// Returns the training code, as a BOM has it.
fn of_bom(document: &Value) -> impl Iterator<Item = Part<'_>> {
    bom::parts(document).into_iter().filter(|part| part.reference() == Some(Reference::Code))
}

/// Says whether a BOM has the code otherwise than its commit.
fn is_dirty(document: &Value) -> bool {
    let says = |part: Part<'_>, name, clean| part.properties(name).any(|value| value != Some(clean));
    of_bom(document).any(|part| says(part, "assaymark:dirty", "false") || says(part, "assaymark:changed-files", "0"))
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
    fn faults(&self, provenance: &Provenance, boms: &[&Value]) -> Vec<(&'static str, String, String)> {
        let code = provenance.references().find(|(reference, _)| *reference == Reference::Code).map(|(_, code)| code);
        let mut faults = Vec::new();
        let commit =
            code.and_then(|code| code.digest.get("gitCommit")).map(String::as_str).filter(|text| is_commit(text));
        let tree = code.and_then(ResourceDescriptor::artifact_digest);
        if self.pinned && !(commit.is_some() && matches!(tree, Some(ArtifactDigest::Tree(_)))) {
            let found = commit.map_or("no git commit is recorded", |_| "no digest of the files is recorded");
            faults.push((
                "is not pinned",
                "a full git commit, and the digest of its files".to_owned(),
                found.to_owned(),
            ));
        }
        let others = || boms.iter().flat_map(|document| of_bom(document)).filter_map(|part| part.text("version"));
        let other = commit.and_then(|commit| others().find(|other| is_commit(other) && *other != commit));
        if let Some(other) = other.filter(|_| self.pinned) {
            let found = format!("the BOM says {other}");
            faults.push(("is not pinned", format!("the commit {}", commit.unwrap_or_default()), found));
        }
        let dirty = code.and_then(|code| code.annotations.get("assaymark_dirty")).and_then(Value::as_bool);
        if self.clean && dirty != Some(false) {
            let found = if dirty.is_some() { "files differ from the commit" } else { "it is not recorded" };
            faults.push(("is not clean", "files as the commit has them".to_owned(), found.to_owned()));
        } else if self.clean && boms.iter().any(|document| is_dirty(document)) {
            let found = "the BOM says that files differ from the commit";
            faults.push(("is not clean", "files as the commit has them".to_owned(), found.to_owned()));
        }
        let sets = [
            ("is from a repository that is not allowed", &self.repositories, repositories(provenance, code)),
            ("is from a ref that is not allowed", &self.refs, refs(provenance, code)),
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
        let sets = [("repository", &self.repositories), ("ref", &self.refs)];
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
        vec![Kind::Provenance, Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let boms: Vec<_> = case.boms().map(|(_, document)| document).collect();
        for line in case.evidence.members() {
            let Predicate::Provenance(provenance) = line.predicate() else { continue };
            for (fault, expected, found) in self.faults(provenance, &boms) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provenance(uri: &str, commit: &str) -> Provenance {
        let code = json!({
            "name": "code", "uri": uri, "digest": {"dirHash": "a".repeat(64), "gitCommit": commit},
            "annotations": {"assaymark_dirty": false},
        });
        let parameters = json!({"workflow": {"ref": "refs/heads/main", "repository": "https://git.example.com/ml"}});
        let definition = json!({"buildType": "x", "externalParameters": parameters, "resolvedDependencies": [code]});
        let text = json!({"buildDefinition": definition, "runDetails": {"builder": {"id": "https://ci"}}});
        serde_json::from_value(text).unwrap()
    }

    fn faults(rule: Value, uri: &str, commit: &str, code: &Value) -> usize {
        let mut code = code.clone();
        code["bom-ref"] = json!("code");
        let bom = json!({"components": [code]});
        let rule = build(serde_json::from_value(rule).unwrap()).unwrap();
        rule.faults(&provenance(uri, commit), &[&bom]).len()
    }

    #[test]
    fn what_the_bom_says_otherwise_is_heard() {
        let commit = "1".repeat(40);
        let said = |name: &str, value: &str| json!({"properties": [{"name": name, "value": value}]});
        let clean = |code: &Value| faults(json!({"clean": true}), "git+https://git.example.com/ml", &commit, code);
        for good in [json!({}), said("assaymark:dirty", "false"), said("assaymark:changed-files", "0")] {
            assert_eq!(clean(&good), 0, "{good}");
        }
        let twice = json!({"properties": [
            {"name": "assaymark:dirty", "value": "false"}, {"name": "assaymark:dirty", "value": "true"}]});
        for bad in [said("assaymark:dirty", "true"), said("assaymark:changed-files", "3"), twice] {
            assert_eq!(clean(&bad), 1, "{bad}");
        }
        let pinned = |code: &Value| faults(json!({"pinned": true}), "git+https://git.example.com/ml", &commit, code);
        assert_eq!((pinned(&json!({"version": commit})), pinned(&json!({"version": "1.2.0"}))), (0, 0));
        assert_eq!(pinned(&json!({"version": "2".repeat(40)})), 1);
    }

    #[test]
    fn the_ref_in_the_address_of_the_code_counts() {
        let refs = json!({"refs": ["refs/heads/main"]});
        let at = |revision: &str| {
            let uri = format!("git+https://git.example.com/ml{revision}");
            faults(refs.clone(), &uri, &"1".repeat(40), &json!({}))
        };
        assert_eq!([at(""), at("@refs/heads/main"), at(&format!("@{}", "1".repeat(40)))], [0; 3]);
        assert_eq!(at("@refs/heads/evil"), 1);
        let from = |uri: &str| faults(json!({"repositories": ["https://git.example.com/ml"]}), uri, "", &json!({}));
        assert_eq!([from("git+https://git.example.com/ml@refs/heads/x"), from("https://git.example.com/ml")], [0; 2]);
        assert_eq!([from("https://git.example.com/ml@v1"), from("https://you@git.example.com/ml")], [1; 2]);
    }

    #[test]
    fn zeros_are_no_commit() {
        let pinned = |commit: &str| faults(json!({"pinned": true}), "https://git.example.com/ml", commit, &json!({}));
        assert_eq!(
            (pinned(&"0".repeat(40)), pinned(&"0".repeat(64)), pinned(&format!("{}1", "0".repeat(39)))),
            (1, 1, 0)
        );
    }
}
