//! `model_signing`, by its command line.

use std::fs;
use std::process::Command;

use super::cases::{Made, Row};
use super::{Measured, find};

/// Has it verify our model signatures, and changed models.
pub(super) fn measure(made: &Made) -> Option<Measured> {
    const TOOL: &str = "model_signing";
    let program = find(TOOL, TOOL)?;
    let run = |arguments: &[&str]| {
        let output = Command::new(&program).args(arguments).current_dir(made.place.folder()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let verify = |key: &str, model: &str| {
        run(&["verify", "key", model, "--signature", &format!("{key}.sig"), "--public_key", &format!("{key}.pub")])
    };
    let version = run(&["--version"]).1;
    let mut measured = Measured::new(TOOL, version.rsplit(' ').next().unwrap());
    for (key, with) in [("ecdsa", "the folder of a model, P-256"), ("p384", "the folder of a model, P-384")] {
        let row = Row { did: "verifies the model signature", with, accepted: true, cases: Vec::new() };
        made.place
            .run(&format!("bundle inspect {key}.intoto.jsonl --line model-signature --output {key}.sig"))
            .exits(0);
        measured.add(&row, &[verify(key, "odd")]);
    }
    let row = |with| Row { did: "verifies the model signature", with, accepted: false, cases: Vec::new() };
    let changed = made.place.path("changed");
    crate::support::copy(&made.place.path("odd"), &changed);
    fs::write(changed.join("tokenizer.json"), "changed").unwrap();
    let results = [verify("ecdsa", "changed")];
    fs::write(changed.join("tokenizer.json"), "{}").unwrap();
    assert!(verify("ecdsa", "changed").0);
    fs::write(changed.join("extra"), "x").unwrap();
    let [one] = results;
    measured.add(&row("a changed file, a file more"), &[one, verify("ecdsa", "changed")]);
    Some(measured)
}
