//! `bundle inspect`

use assaymark::digest::Digest;

use crate::support::Workplace;

#[test]
fn every_page_says_that_nothing_was_verified() {
    let place = Workplace::new();
    place.create();
    for view in ["summary", "statements", "bom", "files"] {
        let human = place.run(&format!("bundle inspect r.intoto.jsonl --show {view}")).exits(0);
        assert!(human.stdout.starts_with("UNVERIFIED"), "{}", human.stdout);
        let json = place.run(&format!("bundle inspect r.intoto.jsonl --show {view} --format json")).exits(0);
        assert!(json.stdout.starts_with("{\n  \"unverified\": true,\n"), "{}", json.stdout);
        assert_eq!(json.json()["unverified"], true);
    }
}

#[test]
fn the_summary_names_release_parts_and_lines() {
    let place = Workplace::new();
    place.create();
    let page = place.run("bundle inspect r.intoto.jsonl").exits(0).stdout;
    for word in ["digits 1.0.0", "dataset:train", "model-signature", "bom", "provenance", "seal", "tree:sha256:"] {
        assert!(page.contains(word), "{word}: {page}");
    }
}

#[test]
fn the_files_are_a_list_for_sha256sum() {
    let place = Workplace::new();
    place.create();
    let page = place.run("bundle inspect r.intoto.jsonl --show files").exits(0).stdout;
    let digest = Digest::of(place.read("model/config.json").as_bytes());
    assert!(page.contains(&format!("{digest}  config.json\n")), "{page}");
}

#[test]
fn lines_payloads_and_predicates_are_extracted() {
    let place = Workplace::new();
    place.create();
    place.run("bundle inspect r.intoto.jsonl --line model-signature --output model.sig").exits(0);
    assert!(place.read("r.intoto.jsonl").starts_with(place.read("model.sig").trim_end()));
    let payload = place.run("bundle inspect r.intoto.jsonl --payload 2").exits(0).stdout;
    let seal = place.run("bundle inspect r.intoto.jsonl --predicate seal").exits(0).json();
    assert_eq!(seal["members"][1]["payload"], Digest::of(payload.as_bytes()).to_string());
    let exists = place.run("bundle inspect r.intoto.jsonl --line 1 --output model.sig").exits(2);
    assert!(exists.stderr.contains("already exists"), "{}", exists.stderr);
    place.run("bundle inspect r.intoto.jsonl --line 1 --output model.sig --force").exits(0);
    let absent = place.run("bundle inspect r.intoto.jsonl --line 9").exits(2);
    assert!(absent.stderr.contains("no line `9`"), "{}", absent.stderr);
    place.run("bundle inspect r.intoto.jsonl --line 1 --predicate 1").exits(2);
}

#[test]
fn what_can_not_be_read_is_shown_harmless() {
    let place = Workplace::new();
    place.create();
    let noise = place.read("r.intoto.jsonl") + "{\"mediaType\":\"\\u001b[2K\"}\nnoise\n";
    place.write("r.intoto.jsonl", noise);
    let page = place.run("bundle inspect r.intoto.jsonl").exits(0).stdout;
    assert!(page.contains("can't be read") && !page.contains('\u{1b}'), "{page}");
    place.run("bundle inspect r.intoto.jsonl --payload 6").exits(1);
}

#[test]
fn what_has_no_line_that_can_be_read_is_no_bundle() {
    let place = Workplace::new();
    place.write("empty", "");
    for file in ["release.toml", "release.pub", "model/config.json", "empty"] {
        for view in ["summary", "statements", "bom", "files"] {
            let ran = place.run(&format!("bundle inspect {file} --show {view}")).exits(1);
            let message = format!("`{file}`: no line of it is a signed statement");
            assert!(ran.stdout.starts_with("UNVERIFIED") && ran.stderr.contains(&message), "{}", ran.stderr);
        }
    }
}
