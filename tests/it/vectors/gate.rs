//! The gate: approvals, waivers, promotions, withdrawals.

use assaymark::digest::Digest;
use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, key, sign, statement_like};

pub const APPROVAL: &str = "https://assaymark.dev/approval/v1";
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

pub fn cases() -> Vec<Case> {
    [judgements(), negative()].into_iter().flatten().collect()
}

impl Forged {
    /// Appends a statement about the model.
    pub fn state(self, kind: &str, signer: &str, predicate: &Value) -> Self {
        let statement = statement_like(&self.statement(BOM), kind, predicate);
        self.push(sign(statement.to_string().as_bytes(), &key(signer)))
    }

    /// Appends an approval of the seal at an index.
    pub fn approve(self, signer: &str, seal: usize) -> Self {
        let seal = Digest::of(&self.payload(seal)).to_string();
        self.state(APPROVAL, signer, &json!({"seal": seal, "approvedAt": "2026-01-01T00:00:00Z"}))
    }

    /// Appends the result of a scan.
    pub fn scan(self, result: &str) -> Self {
        let tool = json!({"name": "scanner", "uri": "pkg:pypi/modelscan@0.8.5"});
        self.state(TEST_RESULT, "scanner", &json!({"result": result, "configuration": [tool]}))
    }
}

fn gate(name: &'static str, why: &'static str, bundle: &Forged) -> Case {
    case(name, why).trust("gate.toml").bundle(bundle)
}

fn judgements() -> Vec<Case> {
    let good = Forged::good();
    let approved = good.clone().approve("second", FIRST_SEAL);
    let scanned = good.clone().scan("PASSED").seal_again("release", |_| {});
    let elsewhere = json!({"seal": Digest::of(b"elsewhere").to_string(), "approvedAt": "2026-01-01T00:00:00Z"});
    let later =
        json!({"seal": Digest::of(&good.payload(FIRST_SEAL)).to_string(), "approvedAt": "2126-01-01T00:00:00Z"});
    vec![
        gate("approval", "an approval of the newest seal counts unsealed", &approved),
        gate("approval-sealed", "an approval counts sealed as well", &approved.clone().seal_again("release", |_| {})),
        gate(
            "approval-before-scan",
            "an approval that was sealed before other evidence came still counts",
            &approved.clone().seal_again("release", |_| {}).scan("PASSED").seal_again("release", |_| {}),
        ),
        gate(
            "approval-outdated",
            "an approval of an older seal, after which a scan came, does not count",
            &scanned.clone().approve("second", FIRST_SEAL),
        )
        .warn(&["judgement-outdated"]),
        gate(
            "approval-outdated-sealed",
            "nor does it when a releaser seals it with the scan",
            &good.clone().scan("PASSED").approve("second", FIRST_SEAL).seal_again("release", |_| {}),
        )
        .deny(&["judgement-outdated"]),
        gate(
            "approval-of-another-chain",
            "an approval of a seal of another chain does not count",
            &good.clone().state(APPROVAL, "second", &elsewhere),
        )
        .warn(&["judgement-outdated"]),
        gate(
            "approval-without-role",
            "an approval by a scanner is no approval",
            &good.clone().approve("scanner", FIRST_SEAL),
        )
        .warn(&["wrong-role"]),
        gate(
            "approval-of-the-future",
            "an approval claims a time that is still to come",
            &good.clone().state(APPROVAL, "second", &later),
        )
        .deny(&["time-in-future"])
        .threats(&["N071"]),
        gate(
            "approval-with-unknown-field",
            "an approval for a stage alone is none that we know",
            &good.clone().state(APPROVAL, "second", &{
                let mut approval = elsewhere.clone();
                approval["stage"] = json!("production");
                approval
            }),
        )
        .warn(&["malformed-statement"]),
    ]
}

fn negative() -> Vec<Case> {
    let good = Forged::good();
    vec![
        gate("scan-unsealed", "an unsealed scan that passed does not count", &good.clone().scan("PASSED"))
            .warn(&["unsealed-line"]),
        gate("scan-failed-unsealed", "an unsealed scan that failed denies", &good.clone().scan("FAILED"))
            .warn(&["unsealed-line"])
            .deny(&["test-failed"]),
        gate(
            "scan-failed-then-passed",
            "a scan that failed denies, whatever another one says",
            &good.clone().scan("FAILED").scan("PASSED").seal_again("release", |_| {}),
        )
        .deny(&["test-failed"])
        .threats(&["N110"]),
        gate(
            "scan-passed-then-failed",
            "in the other order as well",
            &good.clone().scan("PASSED").scan("FAILED").seal_again("release", |_| {}),
        )
        .deny(&["test-failed"])
        .threats(&["N110"]),
    ]
}
