//! `bundle create`: what it makes, what it refuses, what it leaves behind.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::{Value, json};

use crate::support::{Workplace, codes, command, repository, run};

fn predicate(place: &Workplace, selector: &str) -> Value {
    place.run(&format!("bundle inspect r.intoto.jsonl --predicate {selector}")).exits(0).json()
}

#[test]
fn a_release_is_made_verified_and_written() {
    let place = Workplace::new();
    let ran = place.run("bundle create release.toml --key release.key --output r.intoto.jsonl").exits(0);
    assert!(ran.stdout.starts_with("r.intoto.jsonl  sha256:"), "{}", ran.stdout);
    assert!(ran.stderr.contains("Verified"), "{}", ran.stderr);
    place.verify("--dataset train=data/train --dataset test=data/test --code code --strict").exits(0);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let places = [Workplace::new(), Workplace::new()];
    for key in ["release", "ecdsa"] {
        let made = places.each_ref().map(|place| {
            place.run(&format!(
                "bundle create release.toml --key {key}.key --output {key}.intoto.jsonl --bom {key}.json"
            ));
            ["intoto.jsonl", "train.sha256", "json"].map(|suffix| place.read(&format!("{key}.{suffix}")))
        });
        assert!(made[0] == made[1], "two runs differ with the key {key}");
    }
}

#[test]
fn without_a_fixed_time_the_bundle_has_the_time_of_the_clock() {
    let place = Workplace::new();
    let mut command = command(place.folder());
    let arguments = ["bundle", "create", "release.toml", "--key", "release.key", "--output", "r.intoto.jsonl"];
    assert!(command.env_remove("SOURCE_DATE_EPOCH").args(arguments).status().unwrap().success());
    assert_ne!(predicate(&place, "seal")["sealedAt"], "2026-01-01T00:00:00Z");
    place.verify("").exits(0);
}

#[test]
fn no_time_of_a_release_is_still_to_come() {
    let place = Workplace::new();
    let text = place.read("release.toml");
    place.write("future.toml", text.replace("[training]", "[training]\nfinished = 2999-01-01T00:00:00Z"));
    let ran = place.run("bundle create future.toml --key release.key --output r.intoto.jsonl").exits(2);
    assert!(ran.stderr.contains("the end of the training is still to come"), "{}", ran.stderr);
    // A commit, say, is older than the training of its code.
    place.write("past.toml", text.replace("[training]", "[training]\nfinished = 2026-02-01T00:00:00Z"));
    place.run("bundle create past.toml --key release.key --output r.intoto.jsonl").exits(0);
    place.verify("").exits(0);
    let mut command = command(place.folder());
    let arguments = ["bundle", "create", "release.toml", "--key", "release.key", "--output", "f.intoto.jsonl"];
    let output = command.env("SOURCE_DATE_EPOCH", "32503680000").args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn flags_alone_describe_a_release() {
    let place = Workplace::new();
    place
        .run("bundle create --release flags@2 --license Apache-2.0 --model model --dataset train=data/train --code code --key release.key --output r.intoto.jsonl")
        .exits(0);
    let seal = predicate(&place, "seal");
    assert_eq!(seal["release"], json!({"name": "flags", "version": "2"}));
    place.verify("--release flags@2").exits(0);
}

#[test]
fn flags_stand_on_top_of_the_file() {
    let place = Workplace::new();
    place.write("other/x.csv", "1");
    place
        .run("bundle create release.toml --release digits@1.0.1 --dataset train=other --key release.key --output r.intoto.jsonl")
        .exits(0);
    place.verify("--release digits@1.0.1 --dataset train=other").exits(0);
    place.verify("--dataset train=data/train").exits(1);
}

#[test]
fn a_dataset_of_other_files_is_not_kept_where_those_of_the_file_are() {
    let place = Workplace::new();
    place.write("other/x.csv", "1");
    let create = |dataset: &str| {
        let call = format!(
            "bundle create release.toml --dataset train={dataset} --key release.key --output r.intoto.jsonl --force"
        );
        let ran = place.run(&call).exits(0);
        let dependencies = predicate(&place, "provenance")["buildDefinition"]["resolvedDependencies"].clone();
        let train = dependencies.as_array().unwrap().iter().find(|one| one["name"] == "dataset:train").unwrap().clone();
        (train["uri"].as_str().map(str::to_owned), ran.stderr)
    };
    let (uri, said) = create("data/train/");
    assert!(uri.unwrap().starts_with("https://archive") && !said.contains("has no `uri`"), "{said}");
    let (uri, said) = create("other");
    assert!(uri.is_none() && said.contains("the dataset `train` has no `uri`"), "{said}");
}

#[test]
fn flags_stand_for_tables_that_the_file_has_not() {
    let place = Workplace::new();
    place.write("part.toml", "[release]\nlicense = \"Apache-2.0\"\n[code]\npath = \"code\"\n");
    place.write("code.toml", "[code]\npath = \"code\"\n");
    for file in ["part.toml", "code.toml"] {
        let call = format!("bundle create {file} --key release.key --output r.intoto.jsonl --force");
        let missing = place.run(&call).exits(2);
        assert!(missing.stderr.contains("the release is not given"), "{}", missing.stderr);
        let missing = place.run(&format!("{call} --release a@1")).exits(2);
        assert!(missing.stderr.contains("the model is not given"), "{}", missing.stderr);
        place.run(&format!("{call} --release a@1 --model model")).exits(0);
        place.verify("--release a@1").exits(0);
    }
}

#[test]
fn a_single_file_is_a_model() {
    let place = Workplace::new();
    place
        .run("bundle create release.toml --model model/model.safetensors --key release.key --output r.intoto.jsonl")
        .exits(0);
    let verify = |model: &str| place.run(&format!("bundle verify r.intoto.jsonl --trust release.pub --model {model}"));
    verify("model/model.safetensors").exits(0);
    place.write("renamed.bin", fs::read(place.path("model/model.safetensors")).unwrap());
    verify("renamed.bin").exits(0);
    let changed = verify("tampered/model.safetensors").exits(1);
    assert!(changed.stdout.contains("error[file-changed]"), "{}", changed.stdout);
    let folder = verify("model").exits(1);
    assert!(folder.stdout.contains("error[digest-kind]"), "{}", folder.stdout);
    let digest = assaymark::digest::Digest::of(&fs::read(place.path("renamed.bin")).unwrap());
    let vouched = |digest: &str| {
        place.run(&format!("bundle verify r.intoto.jsonl --trust release.pub --without-files --model-digest {digest}"))
    };
    vouched(&format!("sha256:{digest}")).exits(0);
    vouched(&format!("tree:sha256:{digest}")).exits(1);
}

#[test]
fn the_bom_links_model_data_and_code() {
    let place = Workplace::new();
    place.create();
    let bom = predicate(&place, "bom");
    assert_eq!(bom["components"][0]["type"], "machine-learning-model");
    let datasets = &bom["components"][0]["modelCard"]["modelParameters"]["datasets"];
    assert_eq!(*datasets, json!([{"ref": "dataset:test"}, {"ref": "dataset:train"}]));
    let model = bom["dependencies"].as_array().unwrap().iter().find(|one| one["ref"] == "model").unwrap();
    assert_eq!(model["dependsOn"], json!(["code", "dataset:test", "dataset:train"]));
    assert_eq!(bom["metadata"]["timestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(assaymark::cyclonedx::schema::faults(&bom), Ok(vec![]));
    assert_eq!(assaymark::cyclonedx::semantics::faults(&bom), Vec::<String>::new());
}

#[test]
fn the_bom_alone_is_the_bom_that_is_signed() {
    let place = Workplace::new();
    place.run("bundle create release.toml --key release.key --output r.intoto.jsonl --bom bom.json").exits(0);
    let alone: Value = serde_json::from_str(&place.read("bom.json")).unwrap();
    assert_eq!(alone, predicate(&place, "bom"));
}

#[test]
fn file_lists_lie_beside_the_bundle_and_check_with_sha256sum() {
    let place = Workplace::new();
    place.create();
    let status = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "../../r.train.sha256"])
        .current_dir(place.path("data/train"))
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn provenance_says_what_went_in() {
    let place = Workplace::new();
    place.write("model/logs/x", "x");
    place.run("bundle create release.toml --exclude logs/ --key release.key --output r.intoto.jsonl").exits(0);
    let provenance = predicate(&place, "provenance");
    let parameters = &provenance["buildDefinition"]["externalParameters"];
    assert_eq!(parameters["parameters"]["random_state"], "42");
    assert_eq!(parameters["excluded"], json!(["logs"]));
    let names: Vec<_> = provenance["buildDefinition"]["resolvedDependencies"].as_array().unwrap().iter().collect();
    assert_eq!(
        names.iter().map(|one| one["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["code", "dataset:test", "dataset:train"]
    );
    assert_eq!(names[2]["annotations"]["assaymark_role"], "training");
    place.verify("").exits(1);
    place.verify("--ignore-path logs").exits(0);
}

#[test]
fn what_is_excluded_must_be_there() {
    let place = Workplace::new();
    let ran = place.run("bundle create release.toml --exclude log --key release.key --output r.intoto.jsonl").exits(2);
    assert!(ran.stderr.contains("no such path"), "{}", ran.stderr);
}

#[test]
fn a_key_that_others_can_read_is_warned_of() {
    let place = Workplace::new();
    let create = |mode| {
        fs::set_permissions(place.path("release.key"), fs::Permissions::from_mode(mode)).unwrap();
        place.run("bundle create release.toml --key release.key --output r.intoto.jsonl --force").exits(0).stderr
    };
    assert!(create(0o644).contains("others can read it (mode 0644)"));
    assert!(!create(0o600).contains("others can read it"));
}

#[test]
fn code_in_git_is_recorded_with_its_commit() {
    let place = Workplace::new();
    let repository = git2::Repository::init(place.path("code")).unwrap();
    repository.remote("origin", "https://user:hunter2@git.example.com/ml/digits.git").unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*.py"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::now("a", "a@example.com").unwrap();
    let commit = repository.commit(Some("HEAD"), &author, &author, "x", &tree, &[]).unwrap().to_string();
    place.create();
    let dependencies = predicate(&place, "provenance")["buildDefinition"]["resolvedDependencies"].clone();
    assert_eq!(dependencies[0]["digest"]["gitCommit"], json!(commit));
    assert_eq!(dependencies[0]["uri"], json!(format!("git+https://git.example.com/ml/digits.git@{commit}")));
    // requirements.txt is not tracked.
    assert_eq!(dependencies[0]["annotations"]["assaymark_dirty"], json!(true));
    assert!(!place.read("r.intoto.jsonl").contains("hunter2"));
    place.verify("--code code").exits(0);
    fs::remove_dir_all(place.path("code/.git")).unwrap();
    let plain = place.verify("--code code").exits(1);
    assert!(plain.stdout.contains(&format!("git diff {commit}")), "{}", plain.stdout);
}

#[test]
fn the_run_of_a_ci_system_is_recorded_and_no_secret_of_it() {
    let place = Workplace::new();
    let secret = "s3cr3t-in-the-environment";
    let mut command = command(place.folder());
    for (name, value) in [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://user:s3cr3t-in-the-environment@github.com"),
        ("GITHUB_REPOSITORY", "ml/digits"),
        ("GITHUB_WORKFLOW_REF", "ml/digits/.github/workflows/train.yml@refs/heads/main"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_TOKEN", secret),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", secret),
        ("CI_JOB_TOKEN", secret),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("USER", secret),
        ("HOME", secret),
        ("HOSTNAME", secret),
    ] {
        command.env(name, value);
    }
    let arguments = "bundle create release.toml --key release.key --output r.intoto.jsonl --bom bom.json --format json";
    let output = command.args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success());
    let provenance = predicate(&place, "provenance");
    let workflow = json!({"repository": "https://github.com/ml/digits", "ref": "refs/heads/main", "path": ".github/workflows/train.yml"});
    assert_eq!(provenance["buildDefinition"]["externalParameters"]["workflow"], workflow);
    let (name, text) = ("policy.toml", "[policy]\nname = \"p\"\n[rules]\ncode = { refs = [\"refs/heads/REF\"] }\n");
    for (reference, status) in [("main", 0), ("other", 1)] {
        place.write(name, text.replace("REF", reference));
        place.run("bundle verify r.intoto.jsonl --model model --trust release.pub --policy policy.toml").exits(status);
    }
    let details = &provenance["runDetails"];
    assert_eq!(details["builder"]["id"], "https://github.com/ml/digits/.github/workflows/train.yml@refs/heads/main");
    assert_eq!(details["metadata"]["invocationId"], "https://github.com/ml/digits/actions/runs/42/attempts/1");
    let statements = place.run("bundle inspect r.intoto.jsonl --show statements").exits(0).stdout;
    let texts = [statements, place.read("r.intoto.jsonl"), place.read("bom.json"), place.read("r.train.sha256")];
    for text in texts.into_iter().chain([output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())) {
        assert!(!text.contains(secret), "{text}");
        assert!(!text.contains(place.folder().to_str().unwrap()), "a path of this machine: {text}");
    }
}

#[test]
fn nothing_is_overwritten_without_force() {
    let place = Workplace::new();
    place.create();
    let before = place.read("r.intoto.jsonl");
    for arguments in [
        "bundle create release.toml --key release.key --output r.intoto.jsonl",
        "bundle create release.toml --key release.key --output new.intoto.jsonl --bom r.intoto.jsonl",
    ] {
        let ran = place.run(arguments).exits(2);
        assert!(ran.stderr.contains("already exists") && ran.stderr.contains("--force"), "{}", ran.stderr);
    }
    assert_eq!(place.read("r.intoto.jsonl"), before);
    place.write("r.test.sha256", "");
    fs::remove_file(place.path("r.intoto.jsonl")).unwrap();
    place.run("bundle create release.toml --key release.key --output r.intoto.jsonl").exits(2);
    assert!(!place.path("r.intoto.jsonl").exists(), "a list that is there keeps the bundle from being written");
    place.run("bundle create release.toml --key release.key --output r.intoto.jsonl --force").exits(0);
    place.verify("--dataset test=data/test").exits(0);
}

#[test]
fn an_output_never_lies_in_a_hashed_tree() {
    let place = Workplace::new();
    for output in ["model/r.intoto.jsonl", "data/train/r.intoto.jsonl", "code/r.intoto.jsonl"] {
        let ran = place.run(&format!("bundle create release.toml --key release.key --output {output}")).exits(2);
        assert!(ran.stderr.contains("would lie inside"), "{}", ran.stderr);
    }
    let report = place
        .run("bundle create release.toml --key release.key --output r.intoto.jsonl --format json=model/x")
        .exits(2);
    assert!(report.stderr.contains("would lie inside"), "{}", report.stderr);
    assert_eq!(place.names("model"), ["README.md", "config.json", "model.safetensors"]);
}

#[test]
fn a_bundle_may_go_to_standard_output() {
    let place = Workplace::new();
    let ran = place.run("bundle create release.toml --key release.key --output -").exits(0);
    place.write("r.intoto.jsonl", &ran.stdout);
    place.verify("").exits(0);
    place.run("bundle create release.toml --key release.key --output - --format json").exits(2);
    let twice = place.run("bundle create release.toml --key release.key --output x --bom x").exits(2);
    assert!(twice.stderr.contains("two outputs"), "{}", twice.stderr);
}

#[test]
fn trees_that_can_not_be_signed_are_refused_with_every_reason() {
    let place = Workplace::new();
    std::os::unix::fs::symlink("config.json", place.path("model/link")).unwrap();
    place.write("model/a\nb", "x");
    place.write("data/train/.git/config", "a dataset may have one");
    place.write("model/.git/config", "x");
    place.write("model/CONFIG.json", "x");
    let ran = place.run("bundle create release.toml --key release.key --output r.intoto.jsonl").exits(1);
    for code in ["link-in-tree", "unsafe-path", "git-directory", "name-collision"] {
        assert!(ran.stderr.contains(&format!("error[{code}]")), "{code}: {}", ran.stderr);
    }
    assert!(ran.stderr.contains("`a\\nb`"), "{}", ran.stderr);
    assert!(!place.path("r.intoto.jsonl").exists());
}

#[test]
fn a_model_of_files_that_model_signatures_leave_out_is_refused() {
    let place = Workplace::new();
    for path in ["only/.gitignore", "only/.github/x"] {
        place.write(path, "x");
    }
    for model in ["only", "only/.gitignore"] {
        let call = format!("bundle create release.toml --model {model} --key release.key --output r.intoto.jsonl");
        let ran = place.run(&call).exits(1);
        assert!(ran.stderr.contains("error[tree-empty]"), "{}", ran.stderr);
    }
}

#[test]
fn a_file_that_can_not_be_read_decides_nothing() {
    let place = Workplace::new();
    place.create();
    fs::set_permissions(place.path("model/config.json"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(place.path("model/config.json")).is_ok() {
        // Nothing is unreadable for root: take its privilege away by another user.
        return unreadable_for_nobody(&place);
    }
    let report = place.verify("").exits(3).json();
    assert_eq!(report["verdict"], "incomplete");
    place.run("bundle create release.toml --key release.key --output new.intoto.jsonl").exits(3);
}

/// Returns a way to run the binary as user `nobody`, where the tests run as root; else as whoever runs them.
fn as_nobody(place: &Workplace) -> impl Fn(&str) -> std::process::Output {
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    let binary = place.path("assaymark");
    fs::copy(env!("CARGO_BIN_EXE_assaymark"), &binary).unwrap();
    let root = fs::metadata(place.folder()).unwrap().uid() == 0;
    let folder = place.folder().to_owned();
    move |arguments| {
        loop {
            let mut command = std::process::Command::new(&binary);
            command.args(arguments.split(' ')).current_dir(&folder);
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            match command.output() {
                // A process that another test started meanwhile still holds the copy open for writing.
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                output => return output.unwrap(),
            }
        }
    }
}

/// One file that can't be read hides no other that was tampered with.
#[test]
fn tampering_beside_an_unreadable_file_is_a_denial() {
    let place = Workplace::new();
    place.create();
    place.write("model/sub/extra.bin", "x");
    let run = as_nobody(&place);
    let verify = |more: &str| {
        let output = run(&format!("bundle verify r.intoto.jsonl --trust release.pub --format json {more}"));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), codes(&report, "deny"), report)
    };
    let lock = |path: &str, mode| fs::set_permissions(place.path(path), fs::Permissions::from_mode(mode)).unwrap();
    let denied = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    lock("model/config.json", 0o000);
    let (status, codes, report) = verify("--model model");
    assert_eq!((status, codes), (1, denied(&["file-extra"])));
    assert_eq!(report["failures"][0]["place"]["path"], "config.json");
    assert!(!report["scope"]["hashed"].to_string().contains("model"), "{report}");
    // The door leaves nothing but the failure: nothing is decided.
    assert_eq!(verify("--model model --allow-extra-files").0, 3);
    lock("model/sub", 0o000);
    assert_eq!(verify("--model model").0, 3, "what lies in a folder that can't be listed is not known");
    place.write("model/model.safetensors", "poison");
    let (status, codes, report) = verify("--model model --allow-extra-files --copy-to copy");
    assert_eq!((status, codes), (1, denied(&["file-changed"])));
    assert_eq!(report["findings"][0]["place"]["path"], "model.safetensors");
    fs::remove_file(place.path("model/model.safetensors")).unwrap();
    assert_eq!(verify("--model model").1, denied(&["file-missing"]));
    assert!(!place.path("copy").exists());
    lock("model/sub", 0o755);
    let names = place.names("data/test");
    lock(&format!("data/test/{}", names[0]), 0o000);
    place.write("data/test/extra.csv", "x");
    fs::write(
        place.path("model/model.safetensors"),
        fs::read(repository("testdata/demo/model/model.safetensors")).unwrap(),
    )
    .unwrap();
    fs::remove_dir_all(place.path("model/sub")).unwrap();
    lock("model/config.json", 0o644);
    let (status, codes, _) = verify("--model model --dataset test=data/test");
    assert_eq!((status, codes), (1, denied(&["file-extra"])));
}

/// The same as user `nobody`, where the tests run as root.
fn unreadable_for_nobody(place: &Workplace) {
    let run = as_nobody(place);
    let verified = run("bundle verify r.intoto.jsonl --trust release.pub --model model --format json");
    assert_eq!(verified.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(report["failures"][0]["place"]["path"], "config.json");
    fs::write(place.path("model/extra"), "one denial decides").unwrap();
    fs::set_permissions(place.path("model/config.json"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(place.path("data/train"), fs::Permissions::from_mode(0o000)).unwrap();
    let denied = run("bundle verify r.intoto.jsonl --trust release.pub --model model --dataset train=data/train");
    assert_eq!(denied.status.code(), Some(1));
    let created = run("bundle create release.toml --key release.key --output new.intoto.jsonl");
    assert_eq!(created.status.code(), Some(3));
    assert!(!place.path("new.intoto.jsonl").exists());
}

#[test]
fn mistakes_in_the_release_file_have_a_line_and_a_hint() {
    let place = Workplace::new();
    let text = place.read("release.toml");
    for (from, to, message, hint) in [
        ("license = \"Apache", "licence = \"Apache", "unknown key `licence`", "did you mean `license`?"),
        ("\"Apache-2.0\"", "\"free\"", "not an SPDX licence expression", ""),
        ("path = \"data/test\"", "", "neither `path` nor `digest`", "tree:sha256:"),
        ("role = \"testing\"", "role = \"test\"", "unknown value `test`", "did you mean `testing`?"),
        ("version = \"1.0.0\"", "version = \"1 0\"", "version `1 0`", ""),
        ("[training]", "[trainin]", "unknown key `trainin`", "did you mean `training`?"),
    ] {
        place.write("wrong.toml", text.replace(from, to));
        let ran = place.run("bundle create wrong.toml --key release.key --output r.intoto.jsonl").exits(2);
        assert!(ran.stderr.contains("`wrong.toml` line ") && ran.stderr.contains(message), "{}", ran.stderr);
        assert!(ran.stderr.contains(hint), "{}", ran.stderr);
    }
    for secret in ["https://user:hunter2@archive", "https://hunter2@archive", "s3://key:hunter2@archive"] {
        place.write("wrong.toml", text.replace("https://archive", secret));
        let ran = place.run("bundle create wrong.toml --key release.key --output r.intoto.jsonl").exits(2);
        assert!(ran.stderr.contains("holds credentials") && ran.stderr.contains("`wrong.toml`"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    place.write("wrong.toml", text.replace("https://archive", "not a url: https://archive"));
    let ran = place.run("bundle create wrong.toml --key release.key --output r.intoto.jsonl").exits(2);
    assert!(ran.stderr.contains("would not be valid CycloneDX"), "{}", ran.stderr);
}

#[test]
fn the_code_is_a_folder() {
    let place = Workplace::new();
    place.create();
    let create = place.run("bundle create release.toml --code code/train.py --key release.key --output new").exits(2);
    place.write("file.toml", place.read("release.toml").replace("path = \"code\"", "path = \"code/train.py\""));
    let written = place.run("bundle create file.toml --key release.key --output new").exits(2);
    for ran in [create, written, place.verify("--code code/train.py").exits(2)] {
        assert!(ran.stderr.contains("the code must be a folder") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    assert!(!place.path("new").exists());
}

#[test]
fn the_answer_for_programs_names_all_that_was_hashed() {
    let place = Workplace::new();
    let call = "bundle create release.toml --key release.key --output r.intoto.jsonl --format json";
    let made = place.run(call).exits(0).json();
    let hashed: Vec<_> = made["hashed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().split(" (").next().unwrap())
        .collect();
    let mut sorted = hashed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["code", "dataset:test", "dataset:train", "model"]);
    assert_eq!(made["release"], json!({"name": "digits", "version": "1.0.0"}));
}

/// Runs the second example of the help as it stands there.
#[test]
fn the_example_without_a_file_works() {
    let place = Workplace::new();
    fs::rename(place.path("code"), place.path("src")).unwrap();
    let help = place.run("bundle create --help").exits(0).stdout;
    let example =
        help.split("The same from flags alone:").nth(1).unwrap().split("\n\n").next().unwrap().replace('\\', " ");
    let arguments: Vec<_> = example.split_whitespace().skip(1).collect();
    run(place.folder(), &arguments).exits(0);
    assert!(place.path("sentiment-1.2.0.intoto.jsonl").exists(), "{example}");
}

#[test]
fn what_is_missing_is_named_with_its_flag() {
    let place = Workplace::new();
    let ran = run(place.folder(), &["bundle", "create", "--key", "release.key", "--release", "a@1", "--code", "code"])
        .exits(2);
    assert!(ran.stderr.contains("the model is not given") && ran.stderr.contains("--model PATH"), "{}", ran.stderr);
    let missing = place.run("bundle create release.toml --model nowhere --key release.key").exits(2);
    assert!(missing.stderr.contains("`nowhere`"), "{}", missing.stderr);
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let place = Workplace::new();
    let full = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 4; trap '' XFSZ; exec \"$0\" bundle create release.toml --key release.key --output r.intoto.jsonl"])
        .arg(env!("CARGO_BIN_EXE_assaymark"))
        .current_dir(place.folder())
        .output()
        .unwrap();
    assert_eq!(full.status.code(), Some(3), "{}", String::from_utf8_lossy(&full.stderr));
    assert!(
        !place.names(".").iter().any(|name| name.starts_with("r.") || name.starts_with(".assaymark")),
        "{:?}",
        place.names(".")
    );
}

#[test]
fn bundles_that_replace_each_other_never_mix_their_lists() {
    let place = Workplace::new();
    place.write("a/one.csv", "1\n");
    place.write("b/two.csv", "2\n");
    let start = |data: &str| {
        let call =
            "bundle create --release r@1 --model model --code code --key release.key --force --output r.intoto.jsonl";
        let dataset = format!("x={data}");
        command(place.folder()).args(call.split(' ')).args(["--dataset", &dataset]).spawn().unwrap()
    };
    for _ in 0..8 {
        let children: Vec<_> = ["a", "b", "a", "b"].into_iter().map(start).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let list = assaymark::digest::Digest::of(place.read("r.x.sha256").as_bytes());
        let bom = place.run("bundle inspect r.intoto.jsonl --show bom").exits(0).stdout;
        assert!(bom.contains(&format!("tree:sha256:{list}")), "the list is of another bundle");
    }
}
