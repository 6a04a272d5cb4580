//! ONNX: files outside the folder of the model, and operators that need native code of their own.

use crate::limits;
use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, credentials};
use crate::source::ReadAt;
use crate::weights::onnx::{self, Onnx as Model};

/// Domains whose operators ONNX and its common runtime define, none of which runs foreign code.
pub(super) const DOMAINS: &[&str] = &[
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "ai.onnx.training",
    "com.microsoft",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
];
/// Operators of these domains that run what an attribute names.
pub(super) const RUNNERS: &[&str] = &["ATen", "EPContext", "PyOp", "PythonOp", "PythonOpGrad"];

/// ONNX models.
pub(super) struct Onnx;

impl Check for Onnx {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        (head.extension() == "onnx" && !head.bytes.is_empty() && !head.bytes.starts_with(b"PK")
            || onnx::recognises(head.source))
        .then_some(Format::Onnx)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        if !onnx::recognises(source) {
            return Err(Stop::Malformed(0, "it is no ONNX model".to_owned()));
        }
        let model = onnx::read(source)?;
        operators(&model, context, sheet);
        for (location, offset) in &model.external {
            external(location, *offset, name, sheet);
        }
        for (offset, text) in model.metadata.values() {
            credentials::text(text, *offset, sheet);
        }
        Ok(())
    }
}

fn operators(model: &Model, context: &Context<'_>, sheet: &mut Sheet) {
    for ((domain, operator), offset) in &model.operators {
        let known = DOMAINS.contains(&domain.as_str()) && !RUNNERS.contains(&operator.as_str());
        let brought = model.functions.contains(&(domain.clone(), operator.clone()));
        if known || brought {
            continue;
        }
        let full = if domain.is_empty() { operator.clone() } else { format!("{domain}.{operator}") };
        if let Some(reason) = context.allowance.reason(&full) {
            sheet.allow(full.as_str().into(), reason.into());
            continue;
        }
        let summary = "an operator needs a library of its own, or runs what it names";
        let shown: String = full.chars().take(limits::SHOWN_CHARACTERS).collect();
        let seen = Observation::new(Reason::GraphOperation, Rating::Suspicious, summary);
        sheet.report(seen.at(*offset).called(shown));
    }
}

/// Judges a file that holds tensors: it must lie beside the model or below.
fn external(location: &str, offset: u64, name: &TreePath, sheet: &mut Sheet) {
    let folder = name.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    // The specification writes `./` before names, and means nothing by it.
    let beside = location.trim_start_matches("./");
    let colon = beside.contains(':') || location.starts_with('/');
    match TreePath::new(&format!("{folder}{beside}")) {
        Ok(path) if !colon => sheet.raw_data(path),
        _ => {
            let shown: String = location.chars().take(limits::SHOWN_CHARACTERS).collect();
            let summary = "tensors are read from a file outside the folder of the model";
            let seen = Observation::new(Reason::ExternalData, Rating::Malicious, summary);
            sheet.report(seen.at(offset).called(shown));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::FileScan;
    use crate::scan::test_support::scan;
    use crate::weights::onnx::write::{external, graph, model, node};
    use crate::weights::protobuf::write::bytes;

    fn scanned(nodes: &[Vec<u8>], tensors: &[Vec<u8>], more: &[u8]) -> FileScan {
        scan("sub/model.onnx", &model(&graph(nodes, tensors), more))
    }

    #[test]
    fn ordinary_models_are_clean() {
        let nodes = [
            node("", "Relu", &[]),
            node("com.microsoft", "FusedMatMul", &[]),
            node("ai.onnx.ml", "TreeEnsembleClassifier", &[]),
        ];
        let scan = scanned(&nodes, &[external("model.onnx_data"), external("./w/a.bin")], &[]);
        assert_eq!((scan.format, scan.rating), (Format::Onnx, Rating::Clean));
        let raw: Vec<&str> = scan.raw.iter().map(TreePath::as_str).collect();
        assert_eq!(raw, ["sub/w/a.bin", "sub/model.onnx_data"]);
    }

    #[test]
    fn functions_of_the_model_itself_are_known() {
        let function = [bytes(1, "F"), bytes(10, "pkg.torch"), bytes(7, node("", "Relu", &[]))].concat();
        assert_eq!(scanned(&[node("pkg.torch", "F", &[])], &[], &bytes(25, &function)).rating, Rating::Clean);
        assert_eq!(scanned(&[node("pkg.torch", "G", &[])], &[], &bytes(25, &function)).rating, Rating::Suspicious);
    }

    #[test]
    fn foreign_operators_are_suspicious() {
        for (domain, operator) in [("ai.onnx.contrib", "PyOp"), ("own", "Op"), ("com.microsoft", "ATen"), ("", "PyOp")]
        {
            let scan = scanned(&[node(domain, operator, &[])], &[], &[]);
            assert_eq!(scan.rating, Rating::Suspicious, "{domain}.{operator}");
            assert!(scan.observations[0].called.as_ref().unwrap().raw().ends_with(operator));
        }
    }

    #[test]
    fn files_outside_the_folder_are_malicious() {
        for location in
            ["../x", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "file:///x", "", "a//b", "./../x", "a\nb", "c:x"]
        {
            let scan = scanned(&[], &[external(location)], &[]);
            assert_eq!(scan.rating, Rating::Malicious, "{location:?}");
            assert_eq!(scan.observations[0].reason, Reason::ExternalData);
        }
    }

    #[test]
    fn what_only_bears_the_name_is_unknown() {
        assert_eq!(scan("a.onnx", b"hello").rating, Rating::Unknown);
        let whole = model(&graph(&[node("", "Relu", &[])], &[]), &[]);
        assert_eq!(scan("a.onnx", &whole[..whole.len() - 1]).rating, Rating::Unknown);
        assert_eq!(scan("a.bin", &whole).format, Format::Onnx);
    }
}
