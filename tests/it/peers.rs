//! Other tools on our lines. Each test says so where its tool is not installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::Workplace;

/// Finds a tool of the virtual environment that `.ci/run` makes, or of the path.
pub fn tool(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("ASSAYMARK_PEERS").into_iter().chain(std::env::var_os("PATH"));
    let folders: Vec<PathBuf> = folders.flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>()).collect();
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("NOTICE: {name} is not installed, so this was not checked");
    }
    found
}

#[test]
fn model_signing_verifies_the_model_signature() {
    let Some(model_signing) = tool("model_signing") else { return };
    let place = Workplace::new();
    for name in ["tokenizer.json", "tokenizer/vocab.txt", "naïve file.txt", "EMPTY", ".gitattributes"] {
        place.write(&format!("model/{name}"), if name == "EMPTY" { "" } else { name });
    }
    place.run("bundle create release.toml --key ecdsa.key --output r.intoto.jsonl").exits(0);
    place.run("bundle inspect r.intoto.jsonl --line model-signature --output model.sig").exits(0);
    let verify = |model: &str| {
        let mut command = Command::new(&model_signing);
        command.args(["verify", "key", model, "--signature", "model.sig", "--public_key", "ecdsa.pub"]);
        command.current_dir(place.folder()).output().unwrap()
    };
    let good = verify("model");
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    fs::write(place.path("model/tokenizer.json"), "changed").unwrap();
    assert!(!verify("model").status.success());
    place.write("model/tokenizer.json", "tokenizer.json");
    assert!(verify("model").status.success());
    place.write("model/extra", "x");
    assert!(!verify("model").status.success());
}
