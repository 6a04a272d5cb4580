//! Demands for evidence, mutated: for each type that can be demanded, each way in which it can be wrong.

use std::fs;

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::gate::{APPROVAL, SUMMARY, TEST_RESULT, promotion};
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE, key, sign};
use crate::support::repository;

const VULNERABILITIES: &str = "https://in-toto.io/attestation/vulns/v0.2";
const NOTE: &str = "https://example.com/note/v1";
const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
const TENSORS: &str = "https://assaymark.dev/tensors/v1";

/// The types that a policy knows and can't demand.
const NEVER: [&str; 3] = ["seal", "waiver", "withdrawal"];

/// A type of evidence: how it is demanded, and how it is made.
#[derive(Clone, Copy)]
struct Demanded {
    name: &'static str,
    evidence: &'static str,
    /// The line of a good bundle that is one already.
    line: Option<usize>,
    predicate_type: &'static str,
    /// Where its times stand; a type without any can't be too old.
    times: &'static [&'static str],
    /// It names a seal, and so comes behind it.
    judges: bool,
}

const fn of(name: &'static str, predicate_type: &'static str, times: &'static [&'static str]) -> Demanded {
    Demanded { name, evidence: name, line: None, predicate_type, times, judges: false }
}

const FINISHED: &[&str] = &["/predicate/configuration/0/annotations/assaymark_finishedOn"];

fn demanded() -> [Demanded; 13] {
    let of_base = |line, one| Demanded { line: Some(line), ..one };
    let judging = |one| Demanded { judges: true, ..one };
    [
        of_base(MODEL_SIGNATURE, of("model-signature", "https://model_signing/signature/v1.0", &[])),
        of_base(BOM, of("bom", "https://cyclonedx.org/bom", &["/predicate/metadata/timestamp"])),
        of_base(
            PROVENANCE,
            of(
                "provenance",
                "https://slsa.dev/provenance/v1",
                &["/predicate/runDetails/metadata/startedOn", "/predicate/runDetails/metadata/finishedOn"],
            ),
        ),
        of("test-result", TEST_RESULT, FINISHED),
        of("evaluation", TEST_RESULT, FINISHED),
        of("scan", TEST_RESULT, FINISHED),
        of(
            "vulnerabilities",
            VULNERABILITIES,
            &["/predicate/metadata/scanStartedOn", "/predicate/metadata/scanFinishedOn"],
        ),
        of("openvex", "https://openvex.dev/ns", &["/predicate/timestamp"]),
        of("tensors", TENSORS, &[]),
        judging(of("approval", APPROVAL, &["/predicate/approvedAt"])),
        judging(of("verification-summary", SUMMARY, &["/predicate/timeVerified"])),
        of("link", "https://in-toto.io/attestation/link/v0.3", &[]),
        Demanded { evidence: NOTE, ..of("note", NOTE, &[]) },
    ]
}

/// One statement: who signs it, and what was done to it.
struct Signed {
    by: &'static str,
    change: fn(&mut Value, &Demanded),
    /// The same content in other bytes.
    spaced: bool,
}

fn by(by: &'static str, change: fn(&mut Value, &Demanded)) -> Signed {
    Signed { by, change, spaced: false }
}

fn as_it_is(_: &mut Value, _: &Demanded) {}

fn of_another_type(statement: &mut Value, of: &Demanded) {
    statement["predicateType"] = json!(format!("{}x", of.predicate_type));
}

fn of_another_model(statement: &mut Value, _: &Demanded) {
    for subject in statement["subject"].as_array_mut().unwrap() {
        subject["digest"]["sha256"] = json!(Digest::of(b"another").to_string());
    }
}

fn dated(statement: &mut Value, of: &Demanded, time: &str) {
    for pointer in of.times {
        *statement.pointer_mut(pointer).unwrap() = json!(time);
    }
}

fn old(statement: &mut Value, of: &Demanded) {
    dated(statement, of, "2025-12-01T00:00:00Z");
}

fn to_come(statement: &mut Value, of: &Demanded) {
    dated(statement, of, "2126-01-01T00:00:00Z");
}

impl Demanded {
    fn predicate(&self, seal: &str) -> Value {
        let finished =
            |name: &str| json!({"name": name, "annotations": {"assaymark_finishedOn": "2026-01-01T00:00:00Z"}});
        let test = |entry: Value| json!({"result": "PASSED", "configuration": [entry]});
        match self.name {
            "test-result" => test(finished("ci.yml")),
            "evaluation" => test(finished("metrics")),
            "scan" => test(finished("scanner")),
            "vulnerabilities" => json!({
                "scanner": {"uri": "pkg:pypi/pip-audit@2", "db": {"lastUpdate": "2025-12-31T00:00:00Z"}, "result": []},
                "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:00Z"},
            }),
            "openvex" => json!({
                "@context": OPENVEX, "@id": "https://example.com/vex/1", "author": "laboratory", "version": 1,
                "timestamp": "2026-01-01T00:00:00Z",
                "statements": [{"vulnerability": {"name": "CVE-1"}, "status": "fixed"}],
            }),
            "tensors" => {
                let digest =
                    Digest::of(&fs::read(repository("testdata/vectors/base/model/a.bin")).unwrap()).to_string();
                let tensor = json!({"name": "w", "dtype": "F32", "shape": [1], "sha256": digest});
                json!({"files": [{"path": "a.bin", "sha256": digest, "format": "safetensors", "tensors": [tensor]}]})
            }
            "approval" => json!({"seal": seal, "approvedAt": "2026-01-01T00:00:00Z"}),
            "verification-summary" => promotion(seal, "vector/1.0.0", "staging"),
            "link" => json!({"name": "train", "materials": []}),
            _ => json!({"note": 1}),
        }
    }

    /// Makes a line of this type.
    fn line(&self, good: &Forged, signed: &Signed) -> Vec<u8> {
        let seal = Digest::of(&good.payload(FIRST_SEAL)).to_string();
        let mut statement = good.statement(self.line.unwrap_or(BOM));
        if self.line.is_none() {
            statement["predicateType"] = json!(self.predicate_type);
            statement["predicate"] = self.predicate(&seal);
        }
        (signed.change)(&mut statement, self);
        let spaced = if signed.spaced { " " } else { "" };
        sign(format!("{statement}{spaced}").as_bytes(), &key(signed.by))
    }

    /// Makes a bundle with these statements and no others of the type, sealed as far as they can be.
    fn bundle(&self, statements: &[Signed], sealed: bool) -> Forged {
        let good = Forged::good();
        let lines: Vec<_> = statements.iter().map(|signed| self.line(&good, signed)).collect();
        let mut bundle = good;
        let seal = bundle.lines.remove(FIRST_SEAL);
        if let Some(line) = self.line {
            bundle.lines.remove(line);
        }
        if self.judges || !sealed {
            bundle.lines.push(seal);
            let bundle = if self.judges { bundle } else { bundle.sealed_last() };
            return lines.into_iter().fold(bundle, Forged::push);
        }
        bundle.lines.extend(lines);
        bundle.lines.push(seal);
        bundle.sealed_last()
    }

    fn policy(&self) -> String {
        let role = if self.name == "note" { "role = \"evaluator\"\n" } else { "" };
        let age = if self.times.is_empty() { "" } else { "max-age = \"2d\"\n" };
        format!("[policy]\nname = \"demand\"\n[[require]]\nevidence = \"{}\"\n{role}{age}count = 2\n", self.evidence)
    }

    fn case(&self, row: &str, why: &str, bundle: &Forged) -> Case {
        let name = if row.is_empty() { format!("demand-{}", self.name) } else { format!("demand-{}-{row}", self.name) };
        case(&name, &format!("{} of two attesters is demanded: {why}", self.name))
            .trust("demand.toml")
            .bundle(bundle)
            .write("policy.toml", &self.policy())
            .with(&["--policy", "policy.toml", "--at", "2026-01-02T00:00:00Z"])
    }

    fn rows(&self) -> Vec<Case> {
        let both = |change: fn(&mut Value, &Self)| [by("release", change), by("second", change)];
        let good = self.bundle(&both(as_it_is), true);
        let twice = [by("release", as_it_is), Signed { spaced: true, ..by("release", as_it_is) }];
        let strangers = [by("stranger", as_it_is), by("stranger", |one, _| one["x"] = json!(1))];
        let mut rows = vec![
            self.case("", "it is there", &good),
            self.case("absent", "it is absent", &self.bundle(&[], true)).deny(&["evidence-missing"]),
            self.case("stranger", "strangers signed it", &self.bundle(&strangers, false))
                .warn(&["untrusted-signer"])
                .deny(&["evidence-missing"]),
            self.case("twice", "one attester signed it twice", &self.bundle(&twice, true)).deny(&["too-few-attesters"]),
            self.case("two-keys", "one attester signed it with two keys", &good)
                .trust("demand-two-keys.toml")
                .deny(&["too-few-attesters"]),
        ];
        let other_model =
            self.case("other-model", "it is about another model", &self.bundle(&both(of_another_model), true));
        let wrong = [by("scanner", as_it_is), by("builder", as_it_is)];
        let other_role = self.case("other-role", "others signed it than may", &self.bundle(&wrong, true));
        let other_type = self.case("other-type", "it is of another type", &self.bundle(&both(of_another_type), true));
        rows.extend(match (self.judges, self.name) {
            // Its subject must be what it lists.
            (false, "model-signature") => [
                other_model.deny(&["malformed-statement"]),
                other_role.deny(&["wrong-role"]),
                other_type.deny(&["evidence-missing"]),
            ],
            (false, name) => [
                other_model.deny(&["subject-mismatch"]),
                other_role.deny(&[if name == "note" { "evidence-missing" } else { "wrong-role" }]),
                other_type.deny(&["evidence-missing"]),
            ],
            (true, _) => [
                other_model.warn(&["subject-mismatch"]).deny(&["evidence-missing"]),
                other_role.warn(&["wrong-role"]).deny(&["evidence-missing"]),
                other_type.warn(&["unsealed-line"]).deny(&["evidence-missing"]),
            ],
        });
        rows.extend(self.times_of());
        rows
    }

    fn times_of(&self) -> Vec<Case> {
        let both = |change: fn(&mut Value, &Self)| [by("release", change), by("second", change)];
        if self.times.is_empty() {
            let case = self.case("aged", "it states no time, and may not be old", &Forged::good());
            let text = format!("{}max-age = \"2d\"\n", self.policy());
            return vec![case.write("policy.toml", &text).refused("`max-age` can't be met")];
        }
        vec![
            self.case("old", "it is too old", &self.bundle(&both(old), true)).deny(&["evidence-stale"]),
            self.case("to-come", "it is of a time to come", &self.bundle(&both(to_come), true))
                .deny(&["time-in-future"]),
        ]
    }
}

impl Forged {
    /// Lets the seal, the last line that is one, name what stands there now.
    fn sealed_last(mut self) -> Self {
        let members = self.members();
        let mut seal = self.statement(self.lines.len() - 1);
        seal["predicate"]["members"] = members;
        self.lines.pop();
        self.push(sign(seal.to_string().as_bytes(), &key("release")))
    }
}

/// What speaks for itself, and the seal, can't be demanded.
fn never() -> Vec<Case> {
    let refused = |(name, words): (&str, &'static str)| {
        let text = format!("[policy]\nname = \"demand\"\n[[require]]\nevidence = \"{name}\"\n");
        case(&format!("demand-{name}"), &format!("a {name} is demanded"))
            .write("policy.toml", &text)
            .with(&["--policy", "policy.toml"])
            .refused(words)
    };
    let words = ["a seal is always demanded", "never demanded", "never demanded"];
    NEVER.into_iter().zip(words).map(refused).collect()
}

pub fn cases() -> Vec<Case> {
    demanded().iter().flat_map(Demanded::rows).chain(never()).collect()
}

/// Every type that a policy can name has its row here, and a URI has one.
#[test]
fn every_type_of_evidence_has_its_rows() {
    let schema = fs::read_to_string(repository("schemas/policy.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let names = schema["$defs"]["EvidenceName"]["anyOf"][0]["enum"].as_array().unwrap();
    let names: Vec<_> = names.iter().map(|name| name.as_str().unwrap()).collect();
    for (_, kind) in assaymark::intoto::Kind::KNOWN {
        assert!(names.contains(&kind.name()), "the schema does not know {}", kind.name());
    }
    let rows: Vec<_> = demanded().iter().map(|one| one.evidence).chain(NEVER).collect();
    let missing: Vec<_> = names.iter().filter(|name| !rows.contains(name)).collect();
    assert!(missing.is_empty(), "types that can be demanded and have no row: {missing:?}");
    assert!(rows.contains(&NOTE) && rows.len() == names.len() + 1, "{rows:?}");
    // The faults of each row, by the ends of their names.
    let cases = cases();
    for one in demanded() {
        let faults = ["absent", "stranger", "twice", "two-keys", "other-model", "other-role", "other-type"];
        let timed: &[&str] = if one.times.is_empty() { &["aged"] } else { &["old", "to-come"] };
        for fault in faults.iter().chain(timed) {
            let name = format!("demand-{}-{fault}", one.name);
            let case = cases.iter().find(|case| case.name == name);
            assert!(case.is_some_and(Case::fails), "there is no {name}, or it passes");
        }
    }
}
