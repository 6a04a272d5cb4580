//! Single changes of good bundles: each JSON value and key deleted, emptied, doubled, retyped, replaced by
//! its neighbour. No mutant panics, none takes two seconds, and each one that passes is in a class that says
//! why it may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use assaymark::digest::Digest;
use assaymark::sigstore_bundle::SigstoreBundle;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::forge::Forged;
use crate::support::repository;

pub mod accepted;
pub mod changes;
pub mod good;
pub mod node;

use accepted::{CLASSES, class_of};
use changes::Mutant;
use good::{Files, Good, meaning, passed};
use node::Node;

/// A mutant of one line, as a bundle.
struct Job<'g> {
    good: &'g Good,
    level: &'static str,
    /// The short name of the line.
    line: String,
    index: usize,
    mutant: Mutant,
}

impl Job<'_> {
    fn bundle(&self) -> Vec<u8> {
        if self.level == "payload" {
            return self.good.resign(self.index, self.mutant.text.as_bytes());
        }
        let mut forged = self.good.forged.clone();
        forged.lines[self.index] = self.mutant.text.replace('\n', " ").into_bytes();
        forged.bytes()
    }

    fn title(&self) -> String {
        format!(
            "{} of `{}`, {} line, {}: {}",
            self.level, self.good.name, self.line, self.mutant.place, self.mutant.change
        )
    }
}

/// What came of one mutant.
struct Answer {
    /// The class of a mutant that passed.
    class: Option<&'static str>,
    fault: Option<String>,
    took: Duration,
}

fn short_name(good: &Good, index: usize) -> String {
    let statement = good.forged.statement(index);
    let uri = statement["predicateType"].as_str().unwrap();
    assaymark::intoto::Kind::from(uri).name().to_owned()
}

fn jobs(good: &Good) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for index in 0..good.forged.lines.len() {
        let line = short_name(good, index);
        let mut texts = vec![("line", good.forged.lines[index].clone())];
        if good.own.contains(&line.as_str()) {
            texts.push(("payload", good.forged.payload(index)));
        }
        for (level, text) in texts {
            let mutants = changes::mutants(&Node::parse(&text)).into_iter();
            jobs.extend(mutants.map(|mutant| Job { good, level, line: line.clone(), index, mutant }));
        }
    }
    jobs
}

/// The payloads of a bundle, each once.
fn payloads(bundle: &[u8]) -> BTreeSet<Vec<u8>> {
    let lines = Forged::of(bundle).lines;
    lines.iter().filter_map(|line| SigstoreBundle::parse(line).ok()).map(|line| line.envelope.payload).collect()
}

/// What a report must say: what it said before, but for the release, the time and the number of lines that
/// the newest seal says now.
fn expected(job: &Job<'_>, before: &Value, bundle: &[u8]) -> Value {
    let mut expected = before.clone();
    let newest = job.index + 1 == job.good.forged.lines.len();
    if job.level == "payload" {
        // Whatever is signed anew, the newest seal names it, and so is another one.
        let lines = Forged::of(bundle);
        let seal = Digest::of(&lines.payload(lines.lines.len() - 1));
        expected["scope"]["seal"]["payload"] = Value::from(seal.to_string());
    }
    if job.level == "payload" && newest {
        let said: Value = serde_json::from_str(&job.mutant.text).unwrap_or_default();
        expected["release"] = said["predicate"]["release"].clone();
        let time: Option<DateTime<Utc>> = said["predicate"]["sealedAt"].as_str().and_then(|time| time.parse().ok());
        let time = time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        expected["scope"]["seal"]["sealedAt"] = Value::from(time);
        let members = said["predicate"]["members"].as_array().map_or(0, Vec::len);
        expected["scope"]["seal"]["members"] = Value::from(members);
        let sequence = &said["predicate"]["sequence"];
        let detail = format!("seal {sequence}, the newest here, names {members} lines, all of them here");
        expected["requirements"][1]["detail"] = Value::from(detail);
    }
    expected
}

fn judge(job: &Job<'_>, before: &Value) -> Answer {
    let start = Instant::now();
    let bundle = job.bundle();
    let report = catch_unwind(AssertUnwindSafe(|| job.good.verify(&bundle, &Files::Hashed)));
    let took = start.elapsed();
    let answer = |class, fault: Option<String>| Answer { class, fault, took };
    let report = match report {
        Err(_) => return answer(None, Some("panics".into())),
        Ok(Err(error)) => return answer(None, Some(format!("is an error: {error}"))),
        Ok(Ok(report)) => report,
    };
    if !passed(&report) {
        return answer(None, None);
    }
    let class = class_of(job.level, &job.line, &job.mutant.place, job.mutant.change).map(|class| class.name);
    let fault = if class.is_none() {
        Some("passes, and no class says why".to_owned())
    } else if meaning(&report) != expected(job, before, &bundle) {
        Some(format!("passes, and changes what is said:\n{:#}", meaning(&report)))
    } else if job.level == "line" && payloads(&bundle) != payloads(&job.good.forged.bytes()) {
        Some("passes with another payload".to_owned())
    } else {
        None
    };
    answer(class, fault)
}

/// Judges all mutants of one bundle on every processor.
fn judge_all(jobs: &[Job<'_>], before: &Value) -> Vec<Answer> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let chunks = jobs.chunks(jobs.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let running: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().map(|job| judge(job, before)).collect::<Vec<_>>()))
            .collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn no_single_change_passes_but_in_a_class_that_says_why() {
    let start = Instant::now();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut per_bundle = Vec::new();
    let mut slowest = Duration::ZERO;
    for good in Good::all() {
        let untouched = good.verify(&good.forged.bytes(), &Files::Hashed).unwrap();
        assert!(passed(&untouched), "{}: {:?}", good.name, untouched.findings);
        let jobs = jobs(&good);
        let answers = judge_all(&jobs, &meaning(&untouched));
        for (job, answer) in jobs.iter().zip(answers) {
            faults.extend(answer.fault.map(|fault| format!("{}: {fault}", job.title())));
            *counts.entry(answer.class.unwrap_or("rejected")).or_default() += 1;
            slowest = slowest.max(answer.took);
        }
        per_bundle.push((good.name, jobs.len()));
    }
    let total: usize = counts.values().sum();
    eprintln!("{total} mutants in {:.0?}, the slowest in {slowest:.0?}: {per_bundle:?}", start.elapsed());
    eprintln!("{:>7}  rejected", counts["rejected"]);
    for class in CLASSES {
        eprintln!("{:>7}  {}: {}", counts.get(class.name).unwrap_or(&0), class.name, class.why);
    }
    faults.sort();
    assert!(faults.is_empty(), "{} mutants are judged wrong:\n{}", faults.len(), faults.join("\n"));
    assert!(slowest < Duration::from_secs(2), "a mutant took {slowest:?}");
    let unused: Vec<_> =
        CLASSES.iter().filter(|class| !counts.contains_key(class.name)).map(|class| class.name).collect();
    assert!(unused.is_empty(), "classes without a mutant: {unused:?}");
    assert_eq!(total, accepted::MUTANTS, "state the new number of mutants");
    let page = fs::read_to_string(repository("docs/reliability.md")).unwrap();
    for class in CLASSES {
        let row = format!("| {} | {} | {} |", class.name, counts[class.name], class.why);
        assert!(page.contains(&row), "docs/reliability.md does not say: {row}");
    }
}
