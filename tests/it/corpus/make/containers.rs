//! PyTorch, NumPy and tar, around pickles and arrays.

use super::pickle::Pickle;
use super::zip::{Entry, Zip};

/// The entries of a model that `torch.save` writes, around one pickle.
pub fn torch_entries(pickle: &[u8]) -> Vec<Entry> {
    vec![
        Entry::new("archive/data.pkl", pickle),
        Entry::new("archive/byteorder", "little"),
        Entry::new("archive/data/0", [0; 16]),
        Entry::new("archive/version", "3\n"),
        Entry::new("archive/.data/serialization_id", "0".repeat(40)),
    ]
}

/// A model as `torch.save` writes it.
pub fn torch(pickle: &[u8]) -> Vec<u8> {
    Zip::new(torch_entries(pickle)).bytes()
}

/// The pickle of a state dictionary with one tensor of four floats.
pub fn state_dict(protocol: u8) -> Pickle {
    Pickle::new(protocol)
        .import("collections", "OrderedDict")
        .raw(b")R(")
        .text("weight")
        .import("torch._utils", "_rebuild_tensor_v2")
        .raw(b"((")
        .text("storage")
        .import("torch", "FloatStorage")
        .text("0")
        .text("cpu")
        .raw(b"K\x04tQK\0K\x04\x85K\x01\x85\x89")
        .import("collections", "OrderedDict")
        .raw(b")RtRu")
}

/// The file of `torch.save` before version 1.6: four pickles, keys and storages, around the third pickle.
pub fn torch_legacy(pickle: &[u8]) -> Vec<u8> {
    let magic = Pickle::new(2).raw(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19").stop();
    let protocol = Pickle::new(2).raw(b"M\xe9\x03").stop();
    let system =
        Pickle::new(2).raw(b"}(").text("protocol_version").raw(b"M\xe9\x03").text("little_endian").raw(b"\x88u").stop();
    [magic, protocol, system, pickle.to_vec(), legacy_storages()].concat()
}

/// The keys of the storages, and one storage of four floats.
pub fn legacy_storages() -> Vec<u8> {
    let keys = Pickle::new(2).raw(b"]").text("0").raw(b"a").stop();
    [keys, 4u64.to_le_bytes().to_vec(), vec![0; 16]].concat()
}

/// An array file, version 1.0, with a header and what follows it.
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), data].concat()
}

/// A file, link or whatever else tar has.
pub struct Tar<'a> {
    pub name: &'a str,
    pub kind: u8,
    pub link: &'a str,
    pub content: &'a [u8],
}

/// A regular file.
pub fn file<'a>(name: &'a str, content: &'a [u8]) -> Tar<'a> {
    Tar { name, kind: b'0', link: "", content }
}

/// A tar with two blocks of zeros at its end.
pub fn tar(members: &[Tar<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        out.extend(tar_header(member));
        out.extend(member.content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn tar_header(member: &Tar<'_>) -> Vec<u8> {
    let mut header = vec![0; 512];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, member.name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", member.content.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[member.kind]);
    put(157, member.link.as_bytes());
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
