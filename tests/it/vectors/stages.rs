//! Stages: into which a release was let, in which order, and out of which it was taken.

use assaymark::digest::Digest;
use serde_json::json;

use super::Case;
use super::gate::{SUMMARY, promotion};
use super::policies::policy;
use crate::forge::Forged;

const RELEASE: &str = "vector/1.0.0";
const ORDER: &str =
    "files = [\"model\"]\n[[stage]]\nname = \"staging\"\n[[stage]]\nname = \"production\"\nafter = \"staging\"";
const PRODUCTION: [&str; 4] = ["--stage", "production", "--release", "vector@1.0.0"];

pub fn cases() -> Vec<Case> {
    [orders(), demotions(), doors()].into_iter().flatten().collect()
}

impl Forged {
    /// Lets the release of its newest seal into a stage.
    pub(super) fn enter(self, release: &str, stage: &str) -> Self {
        let newest = self.newest_seal();
        self.promote(release, stage, newest)
    }

    /// Lets the release into both stages, each with the seal of its promoter.
    pub fn promote_twice(self, release: &str) -> Self {
        self.enter(release, "staging").by_promoter().enter(release, "production").by_promoter()
    }

    pub(super) fn by_promoter(self) -> Self {
        self.seal_again("promoter", |_| {})
    }

    /// Takes the release out of a stage, as others would write it.
    fn demote(self, release: &str, stage: &str) -> Self {
        let seal = Digest::of(&self.payload(self.newest_seal())).to_string();
        self.demote_from(&seal, release, stage)
    }

    fn demote_from(self, seal: &str, release: &str, stage: &str) -> Self {
        let mut summary = promotion(seal, release, stage);
        summary["verificationResult"] = json!("FAILED");
        summary["verifiedLevels"] = json!(["FAILED"]);
        self.state(SUMMARY, "promoter", &summary)
    }
}

fn at(name: &'static str, why: &'static str, bundle: &Forged) -> Case {
    policy(name, why, bundle, ORDER).with(&PRODUCTION)
}

fn orders() -> Vec<Case> {
    let good = Forged::good();
    let staged = good.clone().enter(RELEASE, "staging").by_promoter();
    vec![
        at(
            "stage",
            "promoters let the release in, into one stage after the other",
            &good.clone().promote_twice(RELEASE),
        ),
        at("stage-not-promoted", "nobody let the release in", &good).deny(&["not-promoted"]),
        at("stage-other", "a promoter let the release into another stage", &staged)
            .deny(&["not-promoted"])
            .threats(&["N109"]),
        at("stage-skipped", "the stage before was passed over", &good.clone().enter(RELEASE, "production"))
            .deny(&["not-promoted"])
            .says("no promoter let the release into the stage `staging`")
            .says("no promoter let the release into the stage `production`"),
        at(
            "stage-order",
            "the stages were entered in the wrong order",
            &good.clone().enter(RELEASE, "production").by_promoter().enter(RELEASE, "staging"),
        )
        .deny(&["not-promoted"]),
        at(
            "stage-together",
            "who let it into production had not seen it in staging",
            &good.clone().enter(RELEASE, "staging").enter(RELEASE, "production"),
        )
        .deny(&["not-promoted"]),
        at("stage-of-another-version", "promoters let in another version", &good.clone().promote_twice("vector/1.0.1"))
            .deny(&["not-promoted"]),
        policy(
            "stage-after",
            "what holds at the stage before is not met",
            &good.promote_twice(RELEASE),
            &ORDER.replace("name = \"staging\"\n", "name = \"staging\"\n[stage.rules]\nmin-sequence = 4\n"),
        )
        .with(&PRODUCTION)
        .deny(&["rollback"]),
    ]
}

fn demotions() -> Vec<Case> {
    let promoted = Forged::good().promote_twice(RELEASE);
    let demoted = promoted.clone().demote(RELEASE, "production").by_promoter();
    let of_no_seal = promoted.clone().demote_from(&Digest::of(b"elsewhere").to_string(), RELEASE, "production");
    vec![
        at(
            "stage-demoted-other",
            "another version was taken out",
            &promoted.clone().demote("vector/1.0.1", "production"),
        ),
        at("stage-demoted", "a promoter took the release out of the stage", &demoted)
            .deny(&["not-promoted"])
            .says("a promoter took the release out of the stage `production`, or of one before it"),
        at(
            "stage-demoted-unsealed",
            "one who is not sealed yet counts as well",
            &promoted.clone().demote(RELEASE, "production"),
        )
        .deny(&["not-promoted"]),
        at("stage-demoted-of-no-seal", "of a summary that names no seal, nobody knows when it was", &of_no_seal)
            .warn(&["judgement-outdated"])
            .deny(&["not-promoted"]),
        at(
            "stage-demoted-before",
            "what is taken out of the stage before is taken out of this one",
            &promoted.clone().demote(RELEASE, "staging").by_promoter(),
        )
        .deny(&["not-promoted"]),
        at(
            "stage-demoted-twice-in-one",
            "a summary of the same seal does not outweigh it",
            &promoted.demote(RELEASE, "production").enter(RELEASE, "production"),
        )
        .deny(&["not-promoted"]),
        at(
            "stage-demoted-in-one",
            "who let it into production had not seen it in staging, and somebody took it out",
            &Forged::good().enter(RELEASE, "staging").enter(RELEASE, "production").demote(RELEASE, "production"),
        )
        .deny(&["not-promoted"])
        .says("no promoter let the release into the stage `production`"),
        at("stage-promoted-again", "it was let in again", &demoted.enter(RELEASE, "production")),
    ]
}

fn doors() -> Vec<Case> {
    let bundle = Forged::good().promote_twice(RELEASE);
    let door = ["--at", "2026-01-02T00:00:00Z"];
    let open = format!("permit = [\"at\"]\n{ORDER}");
    vec![
        at("stage-door", "a door is open that the policy does not let open at a stage", &bundle)
            .with(&door)
            .refused("does not permit `--at`"),
        policy("stage-door-good", "a door is open that the policy lets open", &bundle, &open)
            .with(&PRODUCTION)
            .with(&door),
    ]
}
