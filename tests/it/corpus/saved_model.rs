//! TensorFlow graphs and TFLite models with operators that read, write or run.

use super::make::weights::{saved_model, tflite};
use super::{Entry, Technique};

const GROUP: &str = "savedmodel";

pub fn entries() -> Vec<Entry> {
    let operators = [
        "ReadFile",
        "WriteFile",
        "MatchingFiles",
        "PyFunc",
        "PyFuncStateless",
        "EagerPyFunc",
        "ImmutableConst",
        "DebugIdentity",
        "WholeFileReaderV2",
        "DataServiceDataset",
        "NotAnOperator",
    ];
    let mut entries: Vec<_> =
        operators.iter().map(|name| folder(&format!("operator-{name}"), &saved_model(&["Const", name], &[]))).collect();
    entries.extend([
        folder("in-a-function", &saved_model(&["Const", "StatefulPartitionedCall"], &["Identity", "WriteFile"])),
        folder("in-a-function-python", &saved_model(&["Const"], &["PyFunc"])),
        folder("custom-operator", &saved_model(&["Const", "MyCompany>Operator"], &[])),
        Entry::hostile_folder(
            GROUP,
            Technique::CodeBeside,
            "library-beside",
            &[
                ("saved_model.pb", &saved_model(&["Const"], &[])),
                ("assets.extra/operators.so", b"\x7fELF\x02\x01\x01\0"),
            ],
        ),
        Entry::hostile(GROUP, Technique::Extension, "graph.bin", saved_model(&["ReadFile"], &[])),
        Entry::hostile(GROUP, Technique::Operators, "custom.tflite", tflite(&[Ok(0), Err("MyOperator")])),
        Entry::hostile(GROUP, Technique::Operators, "flex.tflite", tflite(&[Err("FlexReadFile")])),
        Entry::hostile(GROUP, Technique::Extension, "custom.bin", tflite(&[Err("FlexWriteFile")])),
    ]);
    entries
}

fn folder(name: &str, graph: &[u8]) -> Entry {
    Entry::hostile_folder(
        GROUP,
        Technique::Operators,
        name,
        &[("saved_model.pb", graph), ("variables/variables.index", b"")],
    )
}
