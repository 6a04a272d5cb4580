//! ONNX: weights outside the folder, and operators that no standard has.

use super::make::protobuf::Message;
use super::make::weights::{onnx, onnx_external, onnx_graph, onnx_node};
use super::{Entry, Technique};

const GROUP: &str = "onnx";

pub fn entries() -> Vec<Entry> {
    let external = [
        ("parent", "../nonexistent/file"),
        ("deep-parent", "a/b/../../../nonexistent"),
        ("absolute", "/nonexistent/file"),
        ("backslash", "..\\nonexistent"),
        ("drive", "C:\\nonexistent"),
        ("address", "http://host.invalid/file"),
        ("empty", ""),
    ];
    let of = |(name, location): &(&str, &str)| {
        let bytes = external_model(&[("location", location)]);
        Entry::hostile(GROUP, Technique::ExternalData, &format!("external-{name}.onnx"), bytes)
    };
    let mut entries: Vec<_> = external.iter().map(of).collect();
    let subgraph = onnx_graph(&[onnx_node("Thing", "com.example")]);
    let branch = Message::new().field(1, "then_branch").field(6, &subgraph).number(20, 5);
    let function =
        Message::new().field(1, "Function").repeated(7, [onnx_node("Thing", "com.example")]).field(10, "local");
    let plain = onnx_graph(&[onnx_node("Relu", "")]);
    entries.extend([
        operator("domain-own.onnx", &onnx(&onnx_graph(&[onnx_node("Thing", "com.example")]), &["", "com.example"])),
        operator(
            "domain-python.onnx",
            &onnx(&onnx_graph(&[onnx_node("PyOp", "ai.onnx.contrib")]), &["", "ai.onnx.contrib"]),
        ),
        operator(
            "domain-aten.onnx",
            &onnx(&onnx_graph(&[onnx_node("ATen", "org.pytorch.aten")]), &["", "org.pytorch.aten"]),
        ),
        operator("in-a-branch.onnx", &onnx(&onnx_graph(&[onnx_node("If", "").field(5, branch)]), &[""])),
        operator("in-a-function.onnx", &onnx(&plain, &["", "local"]).field(25, function)),
        operator("domain-not-imported.onnx", &onnx(&onnx_graph(&[onnx_node("Thing", "com.example")]), &[""])),
        Entry::hostile_folder(
            GROUP,
            Technique::ExternalData,
            "external-is-a-pickle",
            &[
                ("model.onnx", &external_model(&[("location", "weights.pkl")])),
                ("weights.pkl", &super::make::pickle::attack()),
            ],
        ),
        Entry::hostile(
            GROUP,
            Technique::Extension,
            "external-as.bin",
            external_model(&[("location", "../nonexistent")]),
        ),
    ]);
    entries
}

fn operator(name: &str, model: &Message) -> Entry {
    Entry::hostile(GROUP, Technique::Operators, name, model.bytes.clone())
}

/// A model with one tensor in another file.
pub fn external_model(pairs: &[(&str, &str)]) -> Vec<u8> {
    let graph = onnx_graph(&[onnx_node("Relu", "")]).field(5, onnx_external(pairs));
    onnx(&graph, &[""]).bytes
}
