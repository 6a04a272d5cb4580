//! TensorFlow: graphs with operations that read, write or run Python, and models of TensorFlow Lite with foreign ones.

use crate::limits;
use crate::path::TreePath;
use crate::scan::list::List;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, credentials, json};
use crate::source::{ReadAt, Window};
use crate::weights::saved_model::{self, Kind};
use crate::weights::tflite;

/// Operations that compute on tensors alone.
const PURE: List = List::of(include_str!("data/tensorflow.txt"));
/// Operations that no model needs: files, Python, other machines.
const HOSTILE: &[&str] = &[
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "DebugIdentity",
    "DebugIdentityV2",
    "EagerPyFunc",
    "LoadDataset",
    "MatchingFiles",
    "PrintV2",
    "PyFunc",
    "PyFuncStateless",
    "ReadFile",
    "RemoteCall",
    "RpcCall",
    "RpcClient",
    "RpcServer",
    "SaveDataset",
    "SaveDatasetV2",
    "WholeFileReader",
    "WholeFileReaderV2",
    "WriteFile",
];
/// Operators that the library of TensorFlow Lite itself calls custom.
const LITE: &[&str] = &["AudioSpectrogram", "Mfcc", "NumericVerify", "TFLite_Detection_PostProcess"];

/// SavedModel, frozen graphs, Keras's metadata beside them, fingerprints.
pub(super) struct Graph;

impl Check for Graph {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        saved_model::recognises(head.source).map(|kind| match kind {
            Kind::SavedModel => Format::SavedModel,
            Kind::Graph => Format::TensorFlowGraph,
            Kind::KerasMetadata => Format::KerasConfiguration,
            Kind::Fingerprint => Format::TensorFlowFingerprint,
        })
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let kind = saved_model::recognises(source);
        let kind = kind.ok_or_else(|| Stop::Malformed(0, "it is no graph".to_owned()))?;
        let model = saved_model::read(source, kind)?;
        for (operation, offset) in &model.operations {
            judge(operation, *offset, context, sheet);
        }
        let format = sheet.format;
        for (offset, text) in &model.metadata {
            credentials::text(text, *offset, sheet);
            // Objects of Keras are described in JSON; those of others in whatever they like.
            let _ = json::judge(text.as_bytes(), context, sheet);
        }
        sheet.format = format;
        Ok(())
    }
}

/// Writes down an operation that does more than compute on tensors, unless the user allows it.
pub(super) fn judge(operation: &str, offset: u64, context: &Context<'_>, sheet: &mut Sheet) {
    if !PURE.has("operations", operation) {
        foreign(operation, offset, context, sheet);
    }
}

/// Writes down an operation that is not on the list, unless the user allows it.
fn foreign(operation: &str, offset: u64, context: &Context<'_>, sheet: &mut Sheet) {
    if let Some(reason) = context.allowance.reason(operation) {
        sheet.allow(operation.into(), reason.into());
        return;
    }
    let (rating, summary) = if HOSTILE.contains(&operation) {
        (Rating::Malicious, "an operation reaches outside the model")
    } else {
        (Rating::Suspicious, "an operation is not on the list of those that compute on tensors alone")
    };
    let shown: String = operation.chars().take(limits::SHOWN_CHARACTERS).collect();
    sheet.report(Observation::new(Reason::GraphOperation, rating, summary).at(offset).called(shown));
}

/// TensorFlow Lite.
pub(super) struct Lite;

impl Check for Lite {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        tflite::recognises(head.source).then_some(Format::TfLite)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let model = tflite::read(&Window::new(source, 0, source.len()))?;
        credentials::text(&model.description, 0, sheet);
        for (offset, operator) in &model.custom {
            match operator.strip_prefix("Flex") {
                Some(operation) => judge(operation, *offset, context, sheet),
                None if LITE.contains(&operator.as_str()) => {}
                None => foreign(operator, *offset, context, sheet),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;
    use crate::weights::saved_model::write::{graph, keras_metadata, library, model};
    use crate::weights::tflite::write;

    #[test]
    fn ordinary_graphs_are_clean() {
        let operations =
            graph(&["Const", "MatMul", "VarHandleOp", "SaveV2", "RestoreV2", "StatefulPartitionedCall", "NoOp"]);
        let scan = scan("saved_model.pb", &model(&operations, r#"{"class_name":"Dense","config":{}}"#));
        assert_eq!((scan.format, scan.rating, scan.observations), (Format::SavedModel, Rating::Clean, vec![]));
    }

    #[test]
    fn operations_with_effects_are_found_in_graphs_and_functions() {
        for (operation, rating) in [
            ("ReadFile", Rating::Malicious),
            ("WriteFile", Rating::Malicious),
            ("PyFunc", Rating::Malicious),
            ("TextLineDataset", Rating::Suspicious),
            ("InitializeTableFromTextFileV2", Rating::Suspicious),
            ("OwnOp", Rating::Suspicious),
        ] {
            let body = [graph(&["Const"]), library(&[operation])].concat();
            for bytes in [model(&graph(&["Const", operation]), ""), model(&body, ""), body] {
                let scan = scan("model.pb", &bytes);
                assert_eq!(scan.rating, rating, "{operation}");
                assert_eq!(scan.observations[0].called.as_ref().unwrap().raw(), operation);
            }
        }
    }

    #[test]
    fn keras_objects_beside_the_graph_are_judged() {
        let lambda = r#"{"class_name":"Lambda","config":{"function":"x"}}"#;
        for bytes in [model(&graph(&["Const"]), lambda), keras_metadata(lambda)] {
            let scan = scan("a.pb", &bytes);
            assert_eq!((scan.rating, scan.observations[0].reason), (Rating::Suspicious, Reason::KerasLambda));
        }
        assert_eq!(scan("keras_metadata.pb", &keras_metadata("{\"a\":1}")).rating, Rating::Clean);
    }

    #[test]
    fn lite_models_are_judged_by_their_operators() {
        for (custom, rating) in [
            (&[][..], Rating::Clean),
            (&["TFLite_Detection_PostProcess", "FlexErf"], Rating::Clean),
            (&["FlexReadFile"], Rating::Malicious),
            (&["Own"], Rating::Suspicious),
            (&["Const"], Rating::Suspicious),
        ] {
            assert_eq!(scan("a.tflite", &write::model(&[0, 3], custom)).rating, rating, "{custom:?}");
        }
    }

    #[test]
    fn no_operation_with_effects_is_called_pure() {
        assert!(PURE.has("operations", "MatMul"));
        for operation in HOSTILE.iter().chain(&["TextLineDataset", "LookupTableImportFile", "TFRecordDataset"]) {
            assert!(!PURE.has("operations", operation), "{operation}");
        }
    }
}
