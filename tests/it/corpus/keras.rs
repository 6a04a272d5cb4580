//! Keras: the zip of version 3, HDF5 before, and bare configurations.

use super::make::hdf5::{Kept, hdf5};
use super::make::pickle::attack;
use super::make::zip::{Entry as Member, Zip, zip};
use super::{Entry, Technique};

const GROUP: &str = "keras";

/// What `Lambda` layers of version 3 hold; the code is four bytes of no meaning.
const LAMBDA: &str = r#"{"module":"keras.layers","class_name":"Lambda","config":{"name":"l","function":{"class_name":"__lambda__","config":{"code":"4wAAAA==","defaults":null,"closure":null}}},"registered_name":null}"#;
/// What they held before: name, code, module.
const OLD_LAMBDA: &str = r#"{"class_name":"Lambda","config":{"name":"l","function":["4wAAAA==",null,null],"function_type":"lambda","module":"__main__"}}"#;

pub fn entries() -> Vec<Entry> {
    [layers(), references(), containers(), hdf5_files()].concat()
}

/// The zip that Keras 3 writes.
pub fn keras(configuration: &str) -> Vec<u8> {
    keras_with(configuration, &[])
}

fn keras_with(configuration: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let weights = hdf5(&[], Kept::Inline);
    let files: [(&str, &[u8]); 3] = [
        ("metadata.json", br#"{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}"#),
        ("config.json", configuration.as_bytes()),
        ("model.weights.h5", &weights),
    ];
    zip(&[&files[..], more].concat())
}

/// A sequential model of layers.
pub fn sequential(layers: &str) -> String {
    format!(
        r#"{{"module":"keras","class_name":"Sequential","config":{{"name":"s","trainable":true,"layers":[{layers}]}},"registered_name":null,"build_config":{{"input_shape":[null,4]}}}}"#
    )
}

/// A dense layer with one more pair in its configuration.
pub fn dense(more: &str) -> String {
    format!(
        r#"{{"module":"keras.layers","class_name":"Dense","config":{{"name":"d","units":2,"activation":"relu"{more}}},"registered_name":null,"build_config":{{"input_shape":[null,4]}}}}"#
    )
}

fn layer(module: &str, class: &str, registered: &str, configuration: &str) -> String {
    format!(r#"{{"module":"{module}","class_name":"{class}","config":{configuration},"registered_name":{registered}}}"#)
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

fn model(name: &str, layers: &str) -> Entry {
    case(Technique::Keras, &format!("{name}.keras"), keras(&sequential(layers)))
}

/// `Lambda`, openly and inside other layers.
fn layers() -> Vec<Entry> {
    let wrapped =
        |class: &str, key: &str| layer("keras.layers", class, "null", &format!(r#"{{"name":"w","{key}":{LAMBDA}}}"#));
    vec![
        model("lambda", LAMBDA),
        model("lambda-old", OLD_LAMBDA),
        model("lambda-second", &format!("{},{LAMBDA}", dense(""))),
        model("lambda-nested", &sequential(LAMBDA)),
        model("lambda-wrapped", &wrapped("TimeDistributed", "layer")),
        model("lambda-both-ways", &wrapped("Bidirectional", "backward_layer")),
        model(
            "lambda-as-activation",
            &dense("").replace(r#""relu""#, r#"{"class_name":"__lambda__","config":{"code":"4wAAAA=="}}"#),
        ),
        model("lambda-other-module", &LAMBDA.replace("keras.layers", "keras.src.layers.core.lambda_layer")),
        model("lambda-escaped-name", &LAMBDA.replace("Lambda", "L\\u0061mbda")),
        model("lambda-registered", &layer("keras.layers", "Dense", r#""keras.layers>Lambda""#, "{}")),
        model("serialized-lambda-alone", r#"{"class_name":"__lambda__","config":{"code":"4wAAAA=="}}"#),
    ]
}

/// Modules and functions outside of Keras.
fn references() -> Vec<Entry> {
    let function = |module: &str, name: &str| layer(module, "function", "null", &format!(r#""{name}""#));
    vec![
        model("module-os", &layer("os", "system", "null", r#"{"command":"true"}"#)),
        model("module-subprocess", &layer("subprocess", "Popen", "null", r#"{"args":"true"}"#)),
        model("module-builtins", &function("builtins", "exec")),
        model("module-own", &layer("mymodel.layers", "Layer", r#""mymodel>Layer""#, "{}")),
        model("module-main", &layer("__main__", "Layer", r#""Layer""#, "{}")),
        model("activation-of-a-module", &dense("").replace(r#""relu""#, &function("os", "system"))),
        model("get-file", &layer("keras.utils", "get_file", "null", r#"{"origin":"http://host.invalid/"}"#)),
        model("get-file-as-function", &function("keras.src.utils.file_utils", "get_file")),
        model(
            "torch-module-wrapper",
            &layer("keras.layers", "TorchModuleWrapper", "null", &format!(r#"{{"module":"{}"}}"#, "gAJjb3MKc3lzdGVt")),
        ),
        model("load-model", &function("keras.models", "load_model")),
        model("config-safe-mode", &layer("keras.config", "enable_unsafe_deserialization", "null", "{}")),
        model("tf-op-layer", &layer("keras.src.ops.core", "Map", "null", r#"{"f":"os.system"}"#)),
        model(
            "string-lookup-from-a-path",
            &layer("keras.layers", "StringLookup", "null", r#"{"name":"v","vocabulary":"/nonexistent/file"}"#),
        ),
        model(
            "compile-config",
            &format!(r#"{},{{"compile_config":{{"loss":{}}}}}"#, dense(""), function("os", "system")),
        ),
    ]
}

/// What lies beside the configuration.
fn containers() -> Vec<Entry> {
    let plain = sequential(&dense(""));
    let doubled = format!(
        r#"{{"module":"keras","class_name":"Sequential","config":{{"layers":[]}},"config":{{"layers":[{LAMBDA}]}}}}"#
    );
    vec![
        case(Technique::Keras, "pickle-inside.keras", keras_with(&plain, &[("assets/a.pkl", &attack())])),
        case(Technique::Keras, "weights-of-numpy.keras", keras_with(&plain, &[("model.weights.npz", &attack())])),
        case(Technique::Keras, "key-twice.keras", keras(&doubled)),
        case(Technique::Keras, "configuration-twice.keras", {
            let first = Member::new("config.json", plain.clone());
            let second = Member::new("config.json", sequential(LAMBDA));
            Zip::new([Member::new("metadata.json", "{}"), first, second]).bytes()
        }),
        case(Technique::Extension, "lambda-as.zip", keras(&sequential(LAMBDA))),
        case(Technique::Keras, "configuration.json", sequential(LAMBDA)),
        case(Technique::Escape, "asset-escapes.keras", keras_with(&plain, &[("assets/../../nonexistent", b"text")])),
    ]
}

/// HDF5, whose attributes hold the configuration.
fn hdf5_files() -> Vec<Entry> {
    let old = |layer: &str| format!(r#"{{"class_name":"Sequential","config":{{"name":"s","layers":[{layer}]}}}}"#);
    let file = |configuration: &str, kept| {
        hdf5(&[("keras_version", "2.15.0"), ("backend", "tensorflow"), ("model_config", configuration)], kept)
    };
    let training = r#"{"loss":{"module":"os","class_name":"function","config":"system","registered_name":null}}"#;
    vec![
        case(Technique::Keras, "lambda.h5", file(&old(OLD_LAMBDA), Kept::Inline)),
        case(Technique::Keras, "lambda-in-heap.h5", file(&old(OLD_LAMBDA), Kept::Heap)),
        case(Technique::Keras, "lambda-of-3.h5", file(&sequential(LAMBDA), Kept::Heap)),
        case(Technique::Keras, "module.h5", file(&sequential(&layer("os", "system", "null", "{}")), Kept::Inline)),
        case(
            Technique::Keras,
            "training.h5",
            hdf5(&[("model_config", &old("")), ("training_config", training)], Kept::Heap),
        ),
        case(Technique::Extension, "lambda-as.bin", file(&old(OLD_LAMBDA), Kept::Heap)),
        case(Technique::Keras, "lambda.hdf5", file(&old(OLD_LAMBDA), Kept::Inline)),
        case(
            Technique::Polyglot,
            "behind-a-user-block.h5",
            [vec![b' '; 512], file(&old(OLD_LAMBDA), Kept::Inline)].concat(),
        ),
    ]
}
