//! The digests that we print, made by hand with the tools that every Unix has.

use std::process::Command;

use crate::support::Workplace;

/// The command of `docs/format.md`, "File lists".
const BY_HAND: &str = r"find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum | LC_ALL=C sed 's,^\(.\{64\}  \)\./,\1,' | sha256sum";

/// Says whether jq is there, and prints a notice where it is not.
pub fn has_jq() -> bool {
    let there = Command::new("jq").arg("--version").output().is_ok();
    if !there {
        eprintln!("NOTICE: jq is not installed, so this was not checked");
    }
    there
}

pub fn shell(place: &Workplace, folder: &str, script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).current_dir(place.path(folder)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_digest_of_a_tree_is_made_by_hand() {
    let place = Workplace::new();
    for name in [
        "a b.txt",
        "it's \"quoted\".txt",
        "naïve/日本.bin",
        "-dash",
        "a-b/c",
        "a/b",
        "a.b",
        "%20",
        "$HOME",
        "`x`",
        "--help",
        "x=y;z",
    ] {
        place.write(&format!("model/{name}"), name);
    }
    place.create();
    let docs = std::fs::read_to_string(crate::support::repository("docs/format.md")).unwrap();
    assert!(docs.contains(BY_HAND), "docs/format.md has another command");
    let by_hand = shell(&place, "model", BY_HAND);
    let digest = by_hand.split(' ').next().unwrap();
    let shown = place.run("bundle inspect r.intoto.jsonl").exits(0).stdout;
    assert!(shown.contains(&format!("tree:sha256:{digest}")), "{shown}\n{digest}");
    place
        .run(&format!(
            "bundle verify r.intoto.jsonl --trust release.pub --without-files --model-digest tree:sha256:{digest}"
        ))
        .exits(0);
}

#[test]
fn a_line_is_verified_by_hand() {
    if !has_jq() {
        return;
    }
    let place = Workplace::new();
    place.run("bundle create release.toml --key ecdsa.key --output r.intoto.jsonl").exits(0);
    let docs = std::fs::read_to_string(crate::support::repository("docs/format.md")).unwrap();
    let script = docs.split("```sh\n").find(|block| block.contains("openssl dgst")).unwrap();
    let script =
        script.split("```").next().unwrap().replace("BUNDLE", "r.intoto.jsonl").replace("KEY.pub", "ecdsa.pub");
    assert!(shell(&place, ".", &script).contains("Verified OK"));
    let other = script.replace("ecdsa.pub", "release.pub");
    let output = Command::new("sh").args(["-c", &other]).current_dir(place.folder()).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("Verified OK"));
}
