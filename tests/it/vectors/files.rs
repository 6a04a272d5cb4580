//! The content of model, datasets and code.

use super::{Case, Edit, case};
use crate::forge::Forged;
use crate::support::repository;

pub fn cases() -> Vec<Case> {
    [contents(), names(), doors(), datasets(), without_files()].into_iter().flatten().collect()
}

fn contents() -> Vec<Case> {
    vec![
        case("good", "the good bundle and the good files pass"),
        case("byte-changed-first", "the first byte of a file is another").flip("model/a.bin", 0),
        case("byte-changed-middle", "a byte in the middle of a file is another").flip("model/a.bin", 2),
        case("byte-changed-last", "the last byte of a file is another").flip("model/a.bin", 4),
        case("file-truncated", "a file lost its last byte").write("model/a.bin", "hell").threats(&["N002"]),
        case("file-appended", "a file got a byte more").write("model/a.bin", "hello!").threats(&["N002"]),
        case("bytes-moved-between-files", "a byte moved from one file to its neighbour")
            .write("model/a.bin", "hell")
            .write("model/b.bin", "oworld")
            .threats(&["N005"]),
        case("files-swapped", "two files of one size changed names")
            .edit(Edit::Swap { one: "model/a.bin".into(), other: "model/b.bin".into() })
            .threats(&["N003"]),
        case("empty-file-filled", "an empty file is no longer empty").write("model/EMPTY", "x").threats(&["N011"]),
        case("git-attributes-changed", "a file that model signatures leave out is another")
            .write("model/.gitattributes", "* text\n")
            .threats(&["N008"]),
    ]
    .into_iter()
    .map(|case| match case.name.as_str() {
        "good" => case,
        name if name.starts_with("byte-changed") => case.deny(&["file-changed"]).threats(&["N001"]),
        _ => case.deny(&["file-changed"]),
    })
    .collect()
}

fn names() -> Vec<Case> {
    let excluded = Forged::create(&repository("testdata/vectors/base"), "release", &["sub"]);
    let renamed = Edit::Rename { from: "model/a.bin".into(), to: "model/aa_evil.py".into() };
    vec![
        case("file-missing", "a signed file is gone").remove("model/b.bin").deny(&["file-missing"]).threats(&["N010"]),
        case("empty-file-missing", "a signed empty file is gone")
            .remove("model/EMPTY")
            .deny(&["file-missing"])
            .threats(&["N011"]),
        case("file-renamed", "a file has another name at the same place in the order")
            .edit(renamed)
            .deny(&["file-renamed"])
            .threats(&["N004"]),
        case("file-extra", "a file more").write("model/evil.py", "x").deny(&["file-extra"]).threats(&["N006"]),
        case("empty-file-extra", "an empty file more").write("model/x", "").deny(&["file-extra"]).threats(&["N011"]),
        case("dotfile-extra", "a hidden file more").write("model/.evil", "x").deny(&["file-extra"]).threats(&["N007"]),
        case("github-file-extra", "a file more where model signatures don't look")
            .write("model/.github/evil.py", "x")
            .deny(&["file-extra"])
            .threats(&["N008"]),
        case("gitignore-extra", "a .gitignore more")
            .write("model/.gitignore", "x")
            .deny(&["file-extra"])
            .threats(&["N008"]),
        case("excluded-path-is-extra", "what the signer left out gives the verifier nothing")
            .bundle(&excluded)
            .deny(&["file-extra"])
            .threats(&["N009"])
            .like("excluded-path-absent")
            .twin_edit(Edit::Remove { path: "model/sub".into() }),
        case("excluded-path-absent", "what the signer left out may be absent").bundle(&excluded).remove("model/sub"),
        case("other-model", "a folder of other files")
            .remove("model")
            .write("model/other.bin", "other")
            .deny(&["file-extra", "file-missing"])
            .threats(&["N066"]),
        case("folder-empty", "the model folder has no file")
            .remove("model")
            .edit(Edit::Folder { path: "model/sub".into() })
            .deny(&["tree-empty"])
            .threats(&["N025"]),
        case("folder-empty-extra-allowed", "the door for extra files lets no empty folder through")
            .remove("model")
            .edit(Edit::Folder { path: "model/sub".into() })
            .with(&["--allow-extra-files"])
            .deny(&["tree-empty"])
            .threats(&["N025"]),
    ]
}

fn doors() -> Vec<Case> {
    vec![
        case("extra-allowed", "extra files pass through the door")
            .write("model/evil.py", "x")
            .with(&["--allow-extra-files"]),
        case("extra-allowed-changed", "the door for extra files lets no changed file through")
            .write("model/evil.py", "x")
            .flip("model/a.bin", 0)
            .with(&["--allow-extra-files"])
            .deny(&["file-changed", "file-extra"]),
        case("ignored-path", "an ignored path passes").write("model/logs/x", "x").with(&["--ignore-path", "logs"]),
        case("ignored-path-is-exact", "an ignored path is no prefix of names")
            .write("model/logs2/x", "x")
            .with(&["--ignore-path", "logs"])
            .deny(&["file-extra"]),
        case("ignored-path-signed", "a signed file can't be ignored")
            .with(&["--ignore-path", "sub"])
            .deny(&["file-missing"])
            .threats(&["N010"])
            .twin_with(&["--model", "model", "--ignore-path", "logs"]),
    ]
}

fn datasets() -> Vec<Case> {
    let list = file_list("data/train");
    let train = &["--dataset", "train=data/train"];
    vec![
        case("dataset-good", "the recorded dataset passes").with(train),
        case("dataset-changed", "a dataset file is another, and the list beside the bundle names it")
            .flip("data/train/1.csv", 0)
            .with(train)
            .deny(&["file-changed"])
            .threats(&["N072"]),
        case("dataset-file-extra", "a dataset has a file more")
            .write("data/train/3.csv", "c,3\n")
            .with(train)
            .deny(&["file-extra"]),
        case("dataset-file-missing", "a dataset lacks a file")
            .remove("data/train/2.csv")
            .with(train)
            .deny(&["file-missing"]),
        case("dataset-changed-without-list", "without the list the dataset is named as a whole")
            .flip("data/train/1.csv", 0)
            .remove("bundle.train.sha256")
            .with(train)
            .deny(&["dataset-mismatch"]),
        case("dataset-list-forged", "a list that is not the signed one names nothing")
            .flip("data/train/1.csv", 0)
            .write("bundle.train.sha256", &list.replace("1.csv", "0.csv"))
            .with(train)
            .deny(&["dataset-mismatch"]),
        case("dataset-names-collide", "two names of a dataset that fold together are a warning")
            .write("data/train/A.csv", "1")
            .write("data/train/a.csv", "2")
            .with(train)
            .deny(&["file-extra"])
            .warn(&["name-collision"]),
        case("dataset-unknown", "the release has no dataset of that name")
            .with(&["--dataset", "validation=data/train"])
            .deny(&["dataset-unknown"])
            .threats(&["N109"])
            .twin_with(&["--model", "model", "--dataset", "train=data/train"]),
        case("dataset-file-for-folder", "the file list itself is offered as the dataset")
            .with(&["--dataset", "train=bundle.train.sha256"])
            .deny(&["digest-kind"])
            .twin_with(&["--model", "model", "--dataset", "train=data/train"]),
        case("dataset-declared", "a dataset whose digest was declared passes if it is that file")
            .write("crawl.txt", "")
            .with(&["--dataset", "crawl=crawl.txt"]),
        case("dataset-declared-changed", "a dataset whose digest was declared is another")
            .write("crawl.txt", "x")
            .with(&["--dataset", "crawl=crawl.txt"])
            .deny(&["file-changed"])
            .threats(&["N072"])
            .twin_edit(Edit::Write { path: "crawl.txt".into(), text: String::new() }),
        case("code-good", "the recorded code passes").with(&["--code", "code"]),
        case("code-changed", "the code is another")
            .flip("code/train.py", 0)
            .with(&["--code", "code"])
            .deny(&["code-mismatch"]),
    ]
}

fn without_files() -> Vec<Case> {
    let tree = model_digest();
    let other = "tree:sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let file = tree.trim_start_matches("tree:").to_owned();
    vec![
        case("vouched", "the caller vouches for the digest of the model").only(&[
            "--without-files",
            "--model-digest",
            &tree,
        ]),
        case("vouched-other", "the caller vouches for another digest")
            .only(&["--without-files", "--model-digest", other])
            .deny(&["model-mismatch"])
            .threats(&["N065"])
            .twin_with(&["--without-files", "--model-digest", &tree]),
        case("vouched-file-for-folder", "the digest of a file is offered for a folder")
            .only(&["--without-files", "--model-digest", &file])
            .deny(&["digest-kind"])
            .twin_with(&["--without-files", "--model-digest", &tree]),
        case("list-for-folder", "a file that holds the file list is offered for the folder")
            .write("list", &file_list("model"))
            .only(&["--model", "list"])
            .deny(&["digest-kind"])
            .twin_with(&["--model", "model"]),
    ]
}

/// Returns the file list of a folder of the base.
pub fn file_list(folder: &str) -> String {
    use assaymark::file_list;
    use assaymark::finding::Tree;
    use assaymark::inventory::{Options, take};
    let taken = take(&repository("testdata/vectors/base").join(folder), &Options::new(Tree::Model)).unwrap();
    let mut list = Vec::new();
    file_list::write(taken.inventory.unwrap().entries(), &mut list).unwrap();
    String::from_utf8(list).unwrap()
}

pub fn model_digest() -> String {
    format!("tree:sha256:{}", assaymark::digest::Digest::of(file_list("model").as_bytes()))
}
