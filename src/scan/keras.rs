//! Configurations of Keras models: which classes and functions they name.
//!
//! Loaders turn `{"module": …, "class_name": …}` into objects. What is not on the list in `data/keras.txt` is code: of
//! the file itself (`Lambda`), of a package, or of whoever registers it. All objects are looked at, however nested.

use data_encoding::BASE64_MIME_PERMISSIVE;
use serde_json::{Map, Value};

use crate::limits;
use crate::scan::list::List;
use crate::scan::{Context, Observation, Rating, Reason, Sheet, Stop};

/// Packages under whose names Keras is kept.
const PREFIXES: [&str; 4] = ["tensorflow.python.keras", "tensorflow.keras", "tf_keras.src", "tf_keras"];
/// Python objects that Keras writes without a class.
const PLAIN: &[&str] = &[
    "__bytes__",
    "__complex__",
    "__ellipsis__",
    "__keras_tensor__",
    "__numpy__",
    "__slice__",
    "__tensor__",
    "__tuple__",
    "__typespec__",
    "TensorShape",
];
/// Layers and wrappers that load code from elsewhere.
const LOADERS: &[&str] = &["FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"];
/// Packages of Python whose functions no model needs.
const HOSTILE: &[&str] = &[
    "_posixsubprocess",
    "asyncio",
    "builtins",
    "code",
    "ctypes",
    "http",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pathlib",
    "pickle",
    "pip",
    "posix",
    "pty",
    "requests",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "timeit",
    "urllib",
    "webbrowser",
];
/// What a program in a layer betrays itself by.
const TRACES: &[&[u8]] = &[
    b"__import__",
    b"subprocess",
    b"system",
    b"popen",
    b"exec",
    b"eval",
    b"socket",
    b"urllib",
    b"requests",
    b"builtins",
    b"__builtins__",
    b"posix",
    b"importlib",
    b"marshal",
    b"pickle",
];

/// The classes that may be named, by module; and the functions, by `function ` and module.
const KNOWN: List = List::of(include_str!("data/keras.txt"));

/// Which of the two a name is of.
#[derive(Clone, Copy)]
enum Kind {
    Class,
    Function,
}

/// Judges a configuration, which must be one JSON value without duplicate keys.
pub(super) fn judge(text: &[u8], context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
    let limit = crate::text::bytes(limits::KERAS_CONFIGURATION_BYTES);
    if text.len() as u64 > limits::KERAS_CONFIGURATION_BYTES {
        return Err(Stop::Limit(format!("a Keras configuration of more than {limit}")));
    }
    let value: Value = crate::json::parse(text).map_err(|error| Stop::Malformed(0, error.to_string()))?;
    visit(&value, context, sheet);
    Ok(())
}

/// `crate::json` has bounded the depth.
fn visit(value: &Value, context: &Context<'_>, sheet: &mut Sheet) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, context, sheet)),
        Value::Object(members) => {
            object(members, context, sheet);
            for (key, member) in members {
                option(key, member, sheet);
                visit(member, context, sheet);
            }
        }
        _ => {}
    }
}

/// Judges what an object says it is an instance of.
fn object(members: &Map<String, Value>, context: &Context<'_>, sheet: &mut Sheet) {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let module = text("module");
    if members.get("class_name").is_some_and(|class| !class.is_string()) && module.is_some() {
        // Keras imports the module before it looks at the class.
        note(module.unwrap_or_default(), severity(module), "is imported for a class without a name", context, sheet);
    }
    let (Some(class), true) = (text("class_name"), members.contains_key("config")) else { return };
    let registered = text("registered_name").filter(|name| *name != class && *name != "function");
    let full = |name: &str| module.map_or(name.to_owned(), |module| format!("{module}.{name}"));
    match class {
        "function" => function(module, text("config").unwrap_or_default(), context, sheet),
        "Lambda" | "__lambda__" => lambda(members, &full(class), sheet),
        _ if LOADERS.contains(&class) => {
            note(&full(class), Rating::Suspicious, "loads code from elsewhere", context, sheet);
        }
        "__typespec__" if is_spec(module, text("spec_name")) => {}
        _ if PLAIN.contains(&class) && class != "__typespec__" && module.is_none_or(|module| module == "builtins") => {}
        _ if !is_known(Kind::Class, module, class) => {
            note(&full(class), severity(module), "is not on the list of Keras's own classes", context, sheet);
        }
        _ => {}
    }
    if let Some(name) = registered {
        note(name, Rating::Suspicious, "is a name that code outside Keras registers", context, sheet);
    }
}

/// Says whether it is the shape and type of a tensor of TensorFlow. Keras imports what is named there, and calls it.
fn is_spec(module: Option<&str>, name: Option<&str>) -> bool {
    let own = module.is_none_or(|module| module == "tensorflow" || module.starts_with("tensorflow.python.framework."));
    own && name.is_none_or(|name| name.ends_with("TensorSpec"))
}

fn function(module: Option<&str>, name: &str, context: &Context<'_>, sheet: &mut Sheet) {
    let own = matches!(module, None | Some("builtins"));
    if !is_known(Kind::Function, module.filter(|_| !own), name) {
        let full = module.map_or(name.to_owned(), |module| format!("{module}.{name}"));
        // A function without a package of its own is one that the caller must bring along.
        let rating = if own && !HOSTILE_BUILTINS.contains(&name) { Rating::Suspicious } else { severity(module) };
        note(&full, rating, "is not on the list of Keras's own functions", context, sheet);
    }
}

/// Builtins of Python that no model calls.
const HOSTILE_BUILTINS: [&str; 9] =
    ["__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "open", "setattr"];

fn severity(module: Option<&str>) -> Rating {
    let package = module.unwrap_or_default().split('.').next().unwrap_or_default();
    if HOSTILE.contains(&package) { Rating::Malicious } else { Rating::Suspicious }
}

/// Judges a layer that carries a program.
fn lambda(members: &Map<String, Value>, name: &str, sheet: &mut Sheet) {
    let mut programs = Vec::new();
    collect(members.get("config"), &mut programs);
    let hostile = programs.iter().any(|text| {
        let bytes = BASE64_MIME_PERMISSIVE.decode(text.as_bytes()).unwrap_or_default();
        TRACES.iter().any(|trace| bytes.windows(trace.len()).any(|window| window == *trace))
    });
    let (rating, summary) = if hostile {
        (Rating::Malicious, "carries a Python program that reaches outside the model")
    } else {
        (Rating::Suspicious, "carries a Python program, or names a function of the caller")
    };
    sheet.report(Observation::new(Reason::KerasLambda, rating, format!("the layer {summary}")).called(name));
}

/// Collects the texts in a value, where a program may stand.
fn collect<'v>(value: Option<&'v Value>, texts: &mut Vec<&'v str>) {
    match value {
        Some(Value::String(text)) if text.len() > 16 => texts.push(text),
        Some(Value::Array(items)) => items.iter().for_each(|item| collect(Some(item), texts)),
        Some(Value::Object(members)) => members.values().for_each(|member| collect(Some(member), texts)),
        _ => {}
    }
}

/// Judges options that make Keras's own classes reach out.
fn option(key: &str, value: &Value, sheet: &mut Sheet) {
    let reach = match (key, value) {
        ("custom_objects", Value::Object(members)) if !members.is_empty() => "needs objects that the caller registers",
        ("vocabulary" | "idf_weights", Value::String(path)) if !path.is_empty() => "reads a file when it is loaded",
        ("safe_mode", Value::Bool(false)) | ("enable_unsafe_deserialization", _) => "asks to be loaded unsafely",
        _ => return,
    };
    let summary = format!("the configuration {reach}");
    sheet.report(Observation::new(Reason::KerasObject, Rating::Suspicious, summary).called(key));
}

fn is_known(kind: Kind, module: Option<&str>, name: &str) -> bool {
    let prefix = match kind {
        Kind::Class => "",
        Kind::Function => "function ",
    };
    let listed = |module: &str| KNOWN.has(&format!("{prefix}{module}"), name);
    let Some(module) = module else {
        let is_of_kind = |section: &&str| section.starts_with("function ") == matches!(kind, Kind::Function);
        return KNOWN.sections().filter(is_of_kind).any(|section| KNOWN.has(section, name));
    };
    let own = PREFIXES.iter().find_map(|prefix| module.strip_prefix(prefix)).map(|rest| format!("keras{rest}"));
    let module = own.as_deref().unwrap_or(module);
    listed(module) || public(module).is_some_and(|module| listed(&module))
}

/// Returns the public module of one below, such as `keras.layers` of `keras.src.layers.core.dense`.
fn public(module: &str) -> Option<String> {
    let rest = module.strip_prefix("keras.src.").or_else(|| module.strip_prefix("keras."))?;
    rest.split_once('.').map_or(Some(rest), |(first, _)| Some(first)).map(|first| format!("keras.{first}"))
}

/// Writes down a name outside the list, unless the user allows it.
fn note(name: &str, rating: Rating, summary: &str, context: &Context<'_>, sheet: &mut Sheet) {
    let shown: String = name.chars().take(limits::SHOWN_CHARACTERS).collect();
    if let Some(reason) = context.allowance.reason(name) {
        sheet.allow(shown.into(), reason.into());
        return;
    }
    sheet.report(Observation::new(Reason::KerasObject, rating, format!("`{shown}` {summary}")).called(shown));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;
    use crate::scan::{FileScan, Format};

    fn layer(inner: &str) -> FileScan {
        let text = format!(
            r#"{{"module":"keras","class_name":"Sequential","config":{{"layers":[{inner}]}},"registered_name":null}}"#
        );
        scan("config.json", text.as_bytes())
    }

    #[test]
    fn ordinary_models_are_clean() {
        for inner in [
            r#"{"module":"keras.layers","class_name":"Dense","config":{"units":1,"activation":"relu"},"registered_name":null}"#,
            r#"{"class_name":"Dense","config":{}}"#,
            r#"{"module":"keras.src.layers.core.dense","class_name":"Dense","config":{},"registered_name":"Dense"}"#,
            r#"{"module":"tf_keras.layers","class_name":"Conv2D","config":{}}"#,
            r#"{"module":"keras.initializers","class_name":"GlorotUniform","config":{"seed":null}}"#,
            r#"{"module":"builtins","class_name":"function","config":"relu","registered_name":"function"}"#,
            r#"{"module":"keras.activations","class_name":"function","config":"gelu"}"#,
            r#"{"class_name":"__keras_tensor__","config":{"shape":[null,1]}}"#,
            r#"{"class_name":"__tuple__","config":{},"module":"builtins"}"#,
            r#"{"module":"keras.src.models.functional","class_name":"Functional","config":{}}"#,
            r#"{"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":["a"]}}"#,
        ] {
            let scan = layer(inner);
            assert_eq!((scan.format, scan.rating), (Format::KerasConfiguration, Rating::Clean), "{inner} {scan:?}");
        }
    }

    #[test]
    fn names_outside_the_list_are_suspicious() {
        for inner in [
            r#"{"module":"keras.layers","class_name":"Lambda","config":{"function":"AAAA"}}"#,
            r#"{"module":"keras.layers","class_name":"TorchModuleWrapper","config":{}}"#,
            r#"{"class_name":"TFSMLayer","config":{}}"#,
            r#"{"module":"own.layers","class_name":"Dense","config":{},"registered_name":"Dense"}"#,
            r#"{"module":"keras.layers","class_name":"Own","config":{}}"#,
            r#"{"module":"keras.utils","class_name":"get_file","config":{}}"#,
            r#"{"module":"keras.layers.x","class_name":"Own","config":{}}"#,
            r#"{"module":null,"class_name":"Own","config":{},"registered_name":"Custom>Own"}"#,
            r#"{"module":"keras.layers","class_name":"Dense","config":{},"registered_name":"Custom>Dense"}"#,
            r#"{"module":"builtins","class_name":"function","config":"my_loss"}"#,
            r#"{"class_name":"Dense","config":{"custom_objects":{"a":1}}}"#,
            r#"{"class_name":"StringLookup","config":{"vocabulary":"/etc/passwd"}}"#,
            r#"{"class_name":"Dense","config":{"deep":[{"x":{"class_name":"__lambda__","config":{}}}]}}"#,
            r#"{"class_name":"TimeDistributed","config":{"layer":{"class_name":"Lambda","config":{}}}}"#,
        ] {
            assert_eq!(layer(inner).rating, Rating::Suspicious, "{inner}");
        }
    }

    #[test]
    fn what_reaches_into_the_machine_is_malicious() {
        // `b"..system.."` as marshalled code holds it.
        let program = data_encoding::BASE64.encode(b"\xe3\x01\0\0posix\xda\x06system");
        let with_program = format!(r#"{{"class_name":"Lambda","config":{{"function":["{program}",null,null]}}}}"#);
        let wrapped = format!(
            r#"{{"class_name":"Lambda","config":{{"function":{{"class_name":"__lambda__","config":{{"code":"{program}"}}}}}}}}"#
        );
        for inner in [
            r#"{"module":"os","class_name":"system","config":"true"}"#,
            r#"{"module":"builtins","class_name":"exec","config":{}}"#,
            r#"{"module":"os","class_name":null,"config":{}}"#,
            r#"{"module":"subprocess","class_name":"function","config":"run","registered_name":"function"}"#,
            r#"{"module":"builtins","class_name":"function","config":"eval"}"#,
            &with_program,
            &wrapped,
        ] {
            assert_eq!(layer(inner).rating, Rating::Malicious, "{inner}");
        }
    }

    #[test]
    fn two_readings_of_one_key_are_unknown() {
        let scan = scan("c.json", br#"{"class_name":"Sequential","config":{"a":1,"a":2}}"#);
        assert_eq!(scan.rating, Rating::Unknown);
    }

    #[test]
    fn the_list_has_no_loader_and_no_program() {
        for class in LOADERS.iter().chain(&["Lambda", "Layer", "deserialize", "load_model"]) {
            assert!(!is_known(Kind::Class, None, class), "{class}");
        }
        assert!(is_known(Kind::Class, None, "Dense"));
        assert!(!is_known(Kind::Function, None, "deserialize"));
    }
}
