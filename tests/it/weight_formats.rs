//! Files of weights through `bom create`: of each format a good file, the same cut at any eighth, and hostile ones. What is not as
//! its format demands is named, and a file of 100 GiB costs no more than its header.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use assaymark::source::ReadAt;
use assaymark::weights::summary;
use serde_json::Value;

use crate::corpus::make::containers::{npy, state_dict, torch, torch_legacy};
use crate::corpus::make::deflate::zeros;
use crate::corpus::make::pickle::{Pickle, harmless};
use crate::corpus::make::protobuf::Message;
use crate::corpus::make::weights::{onnx, onnx_external, onnx_graph, onnx_node, saved_model};
use crate::corpus::make::zip::{Entry, Zip, zip};
use crate::corpus::{keras, malformed};
use crate::support::{Workplace, repository};

fn made(name: &str) -> Vec<u8> {
    std::fs::read(repository("testdata").join(name)).unwrap()
}

/// A good file of each format: the word for it, a name, the bytes.
fn formats() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("safetensors", "model.safetensors", made("iris/model/model.safetensors")),
        ("gguf", "model.gguf", made("weights/tiny.gguf")),
        ("onnx", "model.onnx", made("weights/tiny.onnx")),
        ("pytorch", "model.pt", torch(&state_dict(2).stop())),
        ("pytorch-legacy", "model.pth", torch_legacy(&state_dict(2).stop())),
        ("pickle", "model.pkl", made("demo/pickle/model.pkl")),
        ("pickle", "model.joblib", made("weights/tiny.joblib")),
        ("npy", "model.npy", made("weights/tiny.npy")),
        ("npz", "model.npz", made("weights/tiny.npz")),
        ("keras", "model.keras", keras::keras(&keras::sequential(&keras::dense("")))),
        ("hdf5", "model.h5", made("hdf5/keras.h5")),
        ("tensorflow-saved-model", "saved_model.pb", saved_model(&["MatMul"], &["Relu"])),
        ("tflite", "model.tflite", made("weights/tiny.tflite")),
    ]
}

/// A release whose model is nothing but these files.
fn of(files: &[(String, Vec<u8>)]) -> Workplace {
    let place = Workplace::new();
    std::fs::remove_dir_all(place.path("model")).unwrap();
    for (name, bytes) in files {
        place.write(&format!("model/{name}"), bytes);
    }
    place
}

/// Makes a BOM of files that can't all be right, and returns those that are named as malformed.
fn refused(files: &[(String, Vec<u8>)]) -> Vec<String> {
    let ran = of(files).run("bom create release.toml --output -").exits(1);
    let named = |name: &String| {
        let line = format!("error[weights-malformed]: `{name}` ");
        ran.stderr.lines().any(|said| said.starts_with(&line))
    };
    files.iter().map(|(name, _)| name.clone()).filter(named).collect()
}

#[test]
fn good_files_of_each_format_are_described() {
    let formats = formats();
    let files: Vec<_> = formats.iter().map(|(_, name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    let bom = of(&files).run("bom create release.toml --output -").exits(0).json();
    let described: Vec<&Value> = bom["components"][0]["components"].as_array().unwrap().iter().collect();
    for (format, name, _) in formats {
        let file = described.iter().find(|file| file["name"] == name).unwrap();
        let properties = file["properties"].as_array().unwrap();
        let stated = properties.iter().find(|property| property["name"] == "assaymark:format").unwrap();
        assert_eq!(stated["value"], format, "{name}");
    }
}

#[test]
fn cut_files_of_each_format_are_named() {
    for (format, name, bytes) in formats() {
        let (stem, extension) = name.rsplit_once('.').unwrap();
        let cut = |eighth: usize| {
            // Its whole name says what the file of TensorFlow is.
            let name = if stem == "saved_model" { format!("{eighth}/{name}") } else { format!("{eighth}.{extension}") };
            (name, bytes[..bytes.len() * eighth / 8].to_vec())
        };
        let cuts: Vec<_> = (1..8).map(cut).collect();
        let expected = cuts.iter().map(|(name, _)| name.clone());
        assert_eq!(refused(&cuts), expected.collect::<Vec<_>>(), "{format}");
    }
}

/// Broken files of the corpus of `scan` that headers alone do not give away: what follows the array, or lies deeper in an archive.
const DEEPER: [&str; 3] = ["bomb.pt", "count-more.pt", "data-more.npy"];

/// A model of Keras whose configuration unpacks to 64 MiB.
fn keras_bomb() -> Vec<u8> {
    let size = 64 << 20;
    let configuration = Entry::new("config.json", []).with(|entry| {
        entry.packed = zeros(size);
        entry.size = u32::try_from(size).unwrap();
        entry.local_size = entry.size;
        entry.crc = 0xb2eb_30ed;
        entry.method = 8;
        entry.local_method = 8;
    });
    Zip::new([Entry::new("metadata.json", "{}"), configuration]).bytes()
}

/// Hostile files of the formats of which the corpus of `scan` has none.
fn hostile() -> Vec<(String, Vec<u8>)> {
    let long = "x".repeat(2_000);
    let files = [
        ("bomb.keras", keras_bomb()),
        ("name/saved_model.pb", saved_model(&[&long], &[])),
        ("length/saved_model.pb", [saved_model(&["MatMul"], &[]), b"\x12\xff\xff\xff\x7f".to_vec()].concat()),
        ("no-array.npz", zip(&[("a.npy", b"no array")])),
        ("header.npz", zip(&[("a.npy", b"\x93NUMPY\x02\0\xff\xff\xff\xff")])),
        ("protocol.pkl", b"\x80\x09.".to_vec()),
        ("endless.joblib", [b"\x80\x04\x95".to_vec(), vec![0xff; 100]].concat()),
        ("magic.pth", torch_legacy(&harmless())[..6].to_vec()),
    ];
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

#[test]
fn hostile_headers_are_named() {
    let known = ["safetensors", "gguf", "container", "graph"];
    let weights = |name: &str| [".gz", ".zlib", ".tar", ".zip"].iter().all(|end| !name.ends_with(end));
    let entries = malformed::entries();
    let entries = entries.iter().filter(|entry| known.contains(&entry.group) && weights(&entry.name));
    let mut files: Vec<_> = entries.map(|entry| (entry.name.clone(), entry.files[0].1.clone())).collect();
    files.retain(|(name, _)| !DEEPER.contains(&name.as_str()));
    files.extend(hostile());
    assert!(files.len() > 70, "{}", files.len());
    // Of one code, people are shown ten findings.
    let named: Vec<String> = files.chunks(10).flat_map(refused).collect();
    let silent: Vec<_> = files.iter().map(|(name, _)| name).filter(|name| !named.contains(name)).collect();
    assert!(silent.is_empty(), "nobody names {silent:?}");
}

fn external(location: &str) -> Vec<u8> {
    let graph = Message { bytes: onnx_graph(&[onnx_node("Relu", "")]).bytes };
    onnx(&graph.field(5, onnx_external(&[("location", location)])), &[""]).bytes
}

#[test]
fn tensors_outside_of_the_folder_are_named() {
    for location in ["../w.bin", "a/../../w.bin", "/etc/passwd", "C:\\w.bin", "..\\w.bin", "file:w.bin"] {
        assert_eq!(refused(&[("m.onnx".to_owned(), external(location))]), ["m.onnx"], "{location}");
    }
    for location in ["w.bin", "./w.bin", "data/w.bin"] {
        let file = location.trim_start_matches("./").to_owned();
        let files = [("m.onnx".to_owned(), external(location)), (file.clone(), vec![0; 16])];
        of(&files).run("bom create release.toml --output -").exits(0);
        // Four numbers take 16 bytes.
        assert_eq!(refused(&[files[0].clone(), (file, vec![0; 15])]), ["m.onnx"], "{location}");
        assert_eq!(refused(&files[..1]), ["m.onnx"], "{location}");
    }
    // A model of one file has no other beside it.
    let place = of(&[("m.onnx".to_owned(), external("w.bin")), ("w.bin".to_owned(), vec![0; 16])]);
    let alone = place.run("bom create release.toml --model model/m.onnx --output -").exits(1);
    assert!(alone.stderr.contains("not among the files of the model"), "{}", alone.stderr);
}

#[test]
fn hdf5_in_other_files_is_named() {
    for name in ["external.h5", "link.h5"] {
        assert_eq!(refused(&[(name.to_owned(), made(&format!("hdf5/{name}")))]), [name]);
    }
}

#[test]
fn what_holds_no_weights_is_named() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".to_vec();
    for name in ["pytorch_model.bin", "m.pkl", "m.joblib", "m.pt", "notes.txt"] {
        assert_eq!(refused(&[(name.to_owned(), pointer.clone())]), [name]);
    }
    let configuration = keras::sequential(&keras::dense(""));
    let empty: [(&str, &[u8]); 2] = [("metadata.json", b"{}"), ("config.json", configuration.as_bytes())];
    let cut: [(&str, &[u8]); 3] = [empty[0], empty[1], ("model.weights.h5", &made("hdf5/weights.h5")[..1000])];
    for (name, members) in [("empty.keras", &empty[..]), ("cut.keras", &cut[..])] {
        assert_eq!(refused(&[(name.to_owned(), zip(members))]), [name]);
    }
}

#[test]
fn tensors_of_keras_and_behind_a_user_block_are_counted() {
    let configuration = keras::sequential(&keras::dense(""));
    let weights = made("hdf5/weights.h5");
    let count = |name: &str, bytes: Vec<u8>| {
        let facts = summary::read(&bytes).unwrap_or_else(|| panic!("{name}")).unwrap();
        (facts.tensors, facts.parameters())
    };
    let bare = count("weights.h5", weights.clone());
    let members: [(&str, &[u8]); 3] =
        [("metadata.json", b"{}"), ("config.json", configuration.as_bytes()), ("model.weights.h5", &weights)];
    assert!(bare.0.is_some_and(|tensors| tensors > 0));
    assert_eq!(count("m.keras", zip(&members)), bare);
    assert!(count("user_block.h5", made("hdf5/user_block.h5")).0.is_some_and(|tensors| tensors > 0));
}

#[test]
fn parts_that_are_missing_are_named() {
    let part = |number: usize| {
        let name = format!("model-{number:05}-of-00002.safetensors");
        let bytes = made(&format!("weights/{name}"));
        (name, bytes)
    };
    of(&[part(1), part(2)]).run("bom create release.toml --output -").exits(0);
    for (there, missing) in [(1, 2), (2, 1)] {
        let ran = of(&[part(there)]).run("bom create release.toml --output -").exits(1);
        assert!(ran.stderr.contains("error[shard-mismatch]"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("`model-0000{missing}-of-00002.safetensors` is not there")),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn names_that_promise_something_else_are_named() {
    let pickle = harmless();
    for name in ["m.safetensors", "m.gguf", "m.onnx", "m.npy", "m.keras", "m.tflite", "m.h5"] {
        assert_eq!(refused(&[(name.to_owned(), pickle.clone())]), [name]);
    }
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n".to_vec();
    assert_eq!(refused(&[("m.safetensors".to_owned(), pointer)]), ["m.safetensors"]);
}

/// Bytes of the large file.
const LARGE: u64 = 100 << 30;

/// A file of 100 GiB: bytes at its start, holes, bytes at its end. It counts what is read of it.
struct Sparse {
    head: Vec<u8>,
    tail: Vec<u8>,
    read: AtomicU64,
}

impl ReadAt for Sparse {
    fn len(&self) -> u64 {
        LARGE
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = LARGE - self.tail.len() as u64;
        let count = usize::try_from(LARGE.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        for (place, byte) in (offset..).zip(&mut buffer[..count]) {
            let head = usize::try_from(place).ok().and_then(|place| self.head.get(place));
            let tail = place.checked_sub(start).and_then(|place| self.tail.get(usize::try_from(place).unwrap()));
            *byte = head.or(tail).copied().unwrap_or_default();
        }
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The start and the end of a large file of each format.
fn large() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let header = |end: u64| format!(r#"{{"w":{{"dtype":"U8","shape":[{end}],"data_offsets":[0,{end}]}}}}"#);
    let length = header(LARGE).len() as u64;
    let end = LARGE - 8 - length;
    let padded = format!("{:length$}", header(end), length = usize::try_from(length).unwrap());
    let safetensors = [&length.to_le_bytes()[..], padded.as_bytes()].concat();
    // One tensor of bytes (type 24), behind a header that is filled up to 64.
    let mut gguf = b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    gguf.extend([&1_u64.to_le_bytes()[..], b"w", &1_u32.to_le_bytes(), &(LARGE - 64).to_le_bytes()].concat());
    gguf.extend([&24_u32.to_le_bytes()[..], &0_u64.to_le_bytes()].concat());
    assert!((33..=64).contains(&gguf.len()));
    // The last field is one of bytes that goes to the end: its length has six bytes, and a key of two stands before.
    let to_the_end = |message: Vec<u8>, field: u64| {
        let rest = LARGE - message.len() as u64 - if field < 16 { 7 } else { 8 };
        let made = Message::new().number(field, rest).bytes;
        // A number is written as a length is: only the kind of the field differs.
        let key = if field < 16 { 1 } else { 2 };
        let mut made = made;
        made[0] |= 2;
        assert_eq!(made.len(), key + 6);
        [message, made].concat()
    };
    let array = npy("|u1", &format!("({},)", LARGE - 128), &[]);
    vec![
        ("safetensors", safetensors, vec![]),
        ("gguf", gguf, vec![]),
        ("onnx", to_the_end(onnx(&onnx_graph(&[onnx_node("Relu", "")]), &[""]).bytes, 6), vec![]),
        ("pytorch", b"PK\x03\x04".to_vec(), torch(&state_dict(2).stop())),
        ("pytorch-legacy", torch_legacy(&state_dict(2).stop()), vec![]),
        ("pickle", Pickle::new(4).raw(b"}").bytes, b".".to_vec()),
        ("npy", array.clone(), vec![]),
        ("npz", b"PK\x03\x04".to_vec(), zip(&[("a.npy", &npy("<f4", "(1,)", &[0; 4]))])),
        ("keras", b"PK\x03\x04".to_vec(), keras::keras(&keras::sequential(&keras::dense("")))),
        ("hdf5", made("hdf5/keras.h5"), vec![]),
        ("tflite", made("weights/tiny.tflite"), vec![]),
        ("tensorflow-saved-model", to_the_end(saved_model(&["MatMul"], &[]), 2), vec![]),
    ]
}

#[test]
fn a_file_of_100_gib_costs_no_more_than_its_header() {
    let cases = large();
    let known: Vec<&str> = cases.iter().map(|(format, _, _)| *format).collect();
    assert!(formats().iter().all(|(format, _, _)| known.contains(format)));
    for (format, head, tail) in cases {
        let source = Sparse { head, tail, read: AtomicU64::new(0) };
        let facts = summary::read(&source).unwrap_or_else(|| panic!("{format} is of no format"));
        if format != "tensorflow-saved-model" {
            assert_eq!(facts.unwrap().format, format);
        }
        let read = source.read.into_inner();
        assert!(read < 1 << 20, "{format}: {read} bytes were read");
    }
}

#[test]
fn every_format_of_the_documentation_is_here() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    let row = page.lines().find(|line| line.starts_with("| `format`, `formatVersion` |")).unwrap();
    for (format, _, _) in formats() {
        assert!(row.contains(&format!("`{format}`")), "{format}");
    }
}
