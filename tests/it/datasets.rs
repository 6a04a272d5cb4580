//! What a BOM says of datasets, and what never stands on both sides.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Ran, Workplace, codes, repository};

const CREATE: &str = "bundle create release.toml --key release.key --output r.intoto.jsonl";

fn dataset(place: &Workplace, name: &str) -> Value {
    let bom = place.run("bundle inspect r.intoto.jsonl --predicate bom").exits(0).json();
    assert_eq!(assaymark::cyclonedx::schema::faults(&bom), Ok(vec![]));
    let found = bom["components"].as_array().unwrap().iter().find(|one| one["bom-ref"] == format!("dataset:{name}"));
    found.unwrap().clone()
}

fn properties(component: &Value, name: &str) -> Vec<String> {
    let all = component["properties"].as_array().into_iter().flatten();
    all.filter(|one| one["name"] == name).map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

fn disjoint(place: &Workplace) -> Value {
    let provenance = place.run("bundle inspect r.intoto.jsonl --predicate provenance").exits(0).json();
    let parts = provenance["buildDefinition"]["resolvedDependencies"].as_array().unwrap().clone();
    let test = parts.into_iter().find(|part| part["name"] == "dataset:test").unwrap();
    test["annotations"]["assaymark_disjoint"].clone()
}

/// A workplace whose data are these files: of training and of testing.
fn with_data(train: &[(&str, &str)], test: &[(&str, &str)]) -> Workplace {
    let place = Workplace::new();
    for (side, files) in [("train", train), ("test", test)] {
        fs::remove_dir_all(place.path(&format!("data/{side}"))).unwrap();
        for (name, text) in files {
            place.write(&format!("data/{side}/{name}"), text);
        }
    }
    place
}

fn refused(ran: Ran, code: &str, words: &str) {
    let ran = ran.exits(1);
    assert!(ran.stderr.contains(code) || ran.stdout.contains(code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(words) || ran.stdout.contains(words), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_bom_says_what_is_in_a_dataset() {
    let place = with_data(
        &[("a.csv", "text,label\nx,1\ny,2\n"), ("b.csv", "label,text\n3,z\n")],
        &[
            ("README.md", "---\nlicense: cc-by-4.0\npretty_name: Reviews\nlanguage: [en]\n---\n"),
            ("cat/1.png", "\u{1}"),
        ],
    );
    fs::write(place.path("data/test/cat/1.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    for file in ["rows.parquet", "rows.arrow", "stream.arrow"] {
        fs::copy(repository(&format!("testdata/datasets/{file}")), place.path(&format!("data/test/{file}"))).unwrap();
    }
    place.run(CREATE).exits(0);
    let train = dataset(&place, "train");
    assert_eq!(properties(&train, "assaymark:format"), ["csv 2"]);
    assert_eq!(properties(&train, "assaymark:rows"), ["3"]);
    assert_eq!(properties(&train, "assaymark:column"), ["text: text", "label: integer"]);
    let test = dataset(&place, "test");
    assert_eq!(properties(&test, "assaymark:format"), ["arrow 2", "image 1", "parquet 1", "other 1"]);
    assert_eq!(properties(&test, "assaymark:rows"), ["9"]);
    assert_eq!(properties(&test, "assaymark:classes"), ["1"]);
    assert_eq!(properties(&test, "assaymark:card:license"), ["cc-by-4.0"]);
    assert_eq!(properties(&test, "assaymark:obtained:assaymark:card:license"), ["declared"]);
    assert_eq!(properties(&test, "assaymark:disjoint"), ["train by files"]);
    assert_eq!(disjoint(&place), json!({"train": "files"}));
}

#[test]
fn the_demo_has_the_rows_that_it_has() {
    let place = Workplace::new();
    place.run(&format!("{CREATE} --rows")).exits(0);
    let lines = |name: &str| place.read(name).lines().count();
    let train: usize = (0..4).map(|part| lines(&format!("data/train/part-{part}.csv"))).sum();
    let rows: usize = properties(&dataset(&place, "train"), "assaymark:rows")[0].parse().unwrap();
    // Each file may have a header.
    assert!(rows == train || rows == train - 4, "{rows} of {train} lines");
    assert_eq!(disjoint(&place), json!({"train": "rows"}));
}

#[test]
fn a_file_on_both_sides_is_refused() {
    let place = with_data(&[("a.csv", "a\nx\n"), ("empty", "")], &[("b.csv", "a\nx\n"), ("empty", "")]);
    refused(place.run(CREATE), "train-test-overlap", "`b.csv`, there `a.csv`");
    assert!(!place.path("r.intoto.jsonl").exists());
    // What goes with the data is no data.
    let place = with_data(
        &[("a.csv", "a\nx\n"), ("LICENSE", "MIT"), ("sub/README.md", "#")],
        &[("b.csv", "a\ny\n"), ("LICENSE", "MIT"), ("sub/README.md", "#")],
    );
    place.run(CREATE).exits(0);
}

#[test]
fn a_row_on_both_sides_is_refused_with_rows() {
    let (train, test) =
        ("text,label\nx,1\ny,2\n", "{\"label\": 3, \"text\": \"z\"}\n{\"label\": 2, \"text\": \"y\"}\n");
    let place = with_data(&[("a.csv", train)], &[("b.jsonl", test)]);
    place.run(CREATE).exits(0);
    assert_eq!(disjoint(&place), json!({"train": "files"}));
    refused(place.run(&format!("{CREATE} --rows --force")), "train-test-overlap", "1 different row");
}

#[test]
fn rows_that_can_not_be_compared_are_refused_with_rows() {
    let rows = format!("{CREATE} --rows");
    let place = with_data(&[("a.csv", "a,b\n1,2\n")], &[("b.csv", "a,b\n1\n")]);
    refused(place.run(&rows), "rows-not-compared", "`b.csv`");
    // Without, the file is signed as it is, with a warning.
    let ran = place.run(CREATE).exits(0);
    assert!(ran.stderr.contains("dataset-unread"), "{}", ran.stderr);
    assert_eq!(properties(&dataset(&place, "test"), "assaymark:rows"), Vec::<String>::new());
    let place = with_data(&[("a.csv", "a,b\n1,2\n")], &[("b.bin", "x")]);
    refused(place.run(&rows), "rows-not-compared", "`b.bin`");
}

#[test]
fn a_gate_can_demand_that_rows_were_compared() {
    let place = with_data(&[("a.csv", "a\nx\n")], &[("b.csv", "a\ny\n")]);
    place.write("policy.toml", "[policy]\nname = \"p\"\n[rules]\ntest-data-disjoint = \"rows\"\n");
    place.run(CREATE).exits(0);
    let report = place.verify("--policy policy.toml").exits(1).json();
    assert_eq!(codes(&report, "deny"), ["test-data-in-training"]);
    place.run(&format!("{CREATE} --rows --force")).exits(0);
    place.verify("--policy policy.toml").exits(0);
}

/// A workplace whose data are one Parquet file on each side.
fn with_tables(train: &str, test: &[u8]) -> Workplace {
    let place = with_data(&[], &[]);
    place.write("data/test/test.parquet", test);
    let train = fs::read(repository("testdata/datasets").join(train)).unwrap();
    place.write("data/train/train.parquet", train);
    place
}

#[test]
fn a_row_of_parquet_on_both_sides_is_refused_with_rows() {
    let rows = format!("{CREATE} --rows");
    let one = fs::read(repository("testdata/datasets/parquet/one.parquet")).unwrap();
    for name in
        ["none", "snappy", "gzip", "brotli", "zstd", "lz4", "groups", "pages", "plain", "renamed-lists", "encodings"]
    {
        let place = with_tables(&format!("parquet/{name}.parquet"), &one);
        refused(place.run(&rows), "train-test-overlap", "1 different row");
    }
    let lines = fs::read_to_string(repository("testdata/datasets/parquet/rows.jsonl")).unwrap();
    let place = with_tables("parquet/zstd.parquet", &one);
    fs::remove_file(place.path("data/test/test.parquet")).unwrap();
    place.write("data/test/test.jsonl", lines.lines().nth(11).unwrap());
    refused(place.run(&rows), "train-test-overlap", "1 different row");
}

#[test]
fn a_gate_can_demand_that_rows_of_parquet_were_compared() {
    let one = fs::read(repository("testdata/datasets/parquet/one.parquet")).unwrap();
    let place = with_tables("rows.parquet", &one);
    place.write("policy.toml", "[policy]\nname = \"p\"\n[rules]\ntest-data-disjoint = \"rows\"\n");
    place.run(&format!("{CREATE} --rows")).exits(0);
    assert_eq!(disjoint(&place), json!({"train": "rows"}));
    assert_eq!(properties(&dataset(&place, "test"), "assaymark:rows"), ["1"]);
    place.verify("--policy policy.toml").exits(0);
}

#[test]
fn parquet_that_can_not_be_read_is_refused_with_rows() {
    let rows = format!("{CREATE} --rows");
    let one = fs::read(repository("testdata/datasets/parquet/one.parquet")).unwrap();
    // The first page is damaged, and the metadata at the end say what they said.
    let mut damaged = one.clone();
    damaged[4..24].fill(0xff);
    let place = with_tables("rows.parquet", &damaged);
    refused(place.run(&rows), "rows-not-compared", "`test.parquet` of the dataset `test`");
    place.run(CREATE).exits(0);
    let place = with_tables("rows.parquet", &one[..one.len() / 2]);
    refused(place.run(&rows), "rows-not-compared", "does not end as Parquet does");
    let bomb = fs::read(repository("fuzz/corpus/parquet_rows/long-row-refused")).unwrap();
    let place = with_tables("rows.parquet", &bomb);
    refused(place.run(&rows), "rows-not-compared", "more than 100000 values in one row");
}

/// Makes a release with rows compared.
fn compared(train: &[(&str, &str)], test: &[(&str, &str)]) -> Ran {
    with_data(train, test).run(&format!("{CREATE} --rows"))
}

#[test]
fn ordinary_tables_with_nothing_in_common_pass() {
    for (train, test) in [
        (",text,label\n0,x,1\n1,y,0\n", ",text,label\n0,z,1\n"),
        ("0,1,2\n5,6,7\n", "0,1,2\n8,9,7\n"),
        ("\"\",\"a\"\n\"1\",2\n", "\"\",\"a\"\n\"1\",3\n"),
        ("a,a\nx,y\n", "a,a\nx,z\n"),
        ("1,2\n3,4\n", "5,6\n7,8\n"),
    ] {
        compared(&[("a.csv", train)], &[("b.csv", test)]).exits(0);
    }
    let long = "123456789012345678901234567890";
    let one = format!("{{\"a\": {long}}}\n");
    let other = format!("{{\"a\": {}1}}\n", &long[..29]);
    compared(&[("a.jsonl", &one)], &[("b.jsonl", &other)]).exits(0);
    refused(
        compared(&[("a.jsonl", &one)], &[("b.csv", &format!("a\nx{long}\n{long}\n"))]),
        "train-test-overlap",
        "1 different row",
    );
}

#[test]
fn rows_in_disguise_are_found() {
    let train = "text,label\nx,1\n\"y\nz\",2\n";
    for test in ["text|label\nx|1\n", "text,label\n\"y\r\nz\",2\n", ",label,text\n17,1,x\n"] {
        refused(compared(&[("a.csv", train)], &[("b.csv", test)]), "train-test-overlap", "1 different row");
    }
    for name in ["README.csv", "LICENSES_of_flowers.csv"] {
        refused(compared(&[("a.csv", train)], &[(name, train)]), "train-test-overlap", "there `a.csv`");
    }
}

#[test]
fn what_proves_nothing_is_not_compared() {
    let train = "text,label\nx,1\ny,2\n";
    for (test, words) in [
        ("text,label\n", "has no rows"),
        ("", "has no rows"),
        ("text,label\n\"z,3\nx,1\n", "a quote is opened"),
        ("t\0e\0x\0t\0,\0l\0\n\0", "zero byte"),
        ("bye,neg\nhi,pos\n", "columns of other names"),
        ("1,2\n3,4\n", "columns of other names"),
    ] {
        refused(compared(&[("a.csv", train)], &[("b.csv", test)]), "rows-not-compared", words);
    }
    // Without rows: nothing has nothing in common with anything.
    let place = with_data(&[("a.csv", train)], &[("b.csv", "")]);
    place.run(CREATE).exits(0);
    assert_eq!(disjoint(&place), Value::Null);
}

#[test]
fn the_release_file_says_whether_there_is_a_header() {
    let train = [("a.csv", "hi,pos\nbye,neg\n")];
    let test = [("b.csv", "bye,neg\nso,so\n")];
    let with = |header: &str, train: &[(&str, &str)], test: &[(&str, &str)]| {
        let place = with_data(train, test);
        let release = place.read("release.toml").replace("role = ", &format!("header = {header}\nrole = "));
        place.write("release.toml", release);
        place
    };
    let rows = format!("{CREATE} --rows");
    refused(with("false", &train, &test).run(&rows), "train-test-overlap", "1 different row");
    let years = [("a.csv", "country,2019,2020\nDE,1,2\n")];
    let others = [("b.csv", "country,2019,2020\nFR,1,2\n")];
    refused(compared(&years, &others), "train-test-overlap", "1 different row");
    let place = with("true", &years, &others);
    place.run(&rows).exits(0);
    let train = dataset(&place, "train");
    assert_eq!(properties(&train, "assaymark:header"), ["true"]);
    assert_eq!(properties(&train, "assaymark:column"), ["country: text", "2019: integer", "2020: integer"]);
    // Whoever reads the files again knows it as well.
    let bom = place.run("bundle inspect r.intoto.jsonl --predicate bom").exits(0).stdout;
    place.write("bom.json", bom);
    place.run("bom validate bom.json --dataset train=data/train").exits(0);
}
