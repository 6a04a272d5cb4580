//! The formats of model files, by their names in the model signature.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::{Kind, Predicate};
use crate::path::TreePath;
use crate::policy::{Bound, Case, Rule, Values, bom};

/// A format of weights or code. Texts that describe a model are always allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum Format {
    /// `.mlmodel`
    CoreMl,
    /// `.msgpack`
    Flax,
    /// `.gguf`
    Gguf,
    /// `.h5`, `.hdf5`, `.keras`
    Keras,
    /// `.npy`, `.npz`
    Numpy,
    /// `.onnx`
    Onnx,
    /// `.joblib`, `.pickle`, `.pkl`: runs code when it is loaded.
    Pickle,
    /// `.bin`, `.ckpt`, `.pt`, `.pth`: mostly pickles.
    Pytorch,
    /// `.py`: code.
    Python,
    /// `.safetensors`
    Safetensors,
    /// `.pb`
    Tensorflow,
    /// `.tflite`
    Tflite,
}

impl Format {
    const ALL: [(Self, &'static str, &'static [&'static str]); 12] = [
        (Self::CoreMl, "core-ml", &["mlmodel"]),
        (Self::Flax, "flax", &["msgpack"]),
        (Self::Gguf, "gguf", &["gguf"]),
        (Self::Keras, "keras", &["h5", "hdf5", "keras"]),
        (Self::Numpy, "numpy", &["npy", "npz"]),
        (Self::Onnx, "onnx", &["onnx"]),
        (Self::Pickle, "pickle", &["joblib", "pickle", "pkl"]),
        (Self::Pytorch, "pytorch", &["bin", "ckpt", "pt", "pth"]),
        (Self::Python, "python", &["py"]),
        (Self::Safetensors, "safetensors", &["safetensors"]),
        (Self::Tensorflow, "tensorflow", &["pb"]),
        (Self::Tflite, "tflite", &["tflite"]),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(_, name, _)| name)
    }
}

/// Endings of texts that describe a model.
const TEXTS: [&str; 8] = ["json", "md", "txt", "jinja", "yaml", "yml", "toml", "csv"];
/// Names of texts, whatever their ending.
const TEXT_NAMES: [&str; 6] = [".gitattributes", ".gitignore", "LICENCE", "LICENSE", "NOTICE", "README"];

/// What a name says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Format(Format),
    Text,
    Unknown,
}

fn guess(path: &TreePath) -> Guess {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if TEXT_NAMES.contains(&name) || TEXTS.contains(&ending.as_str()) {
        return Guess::Text;
    }
    let found = Format::ALL.iter().find(|(_, _, endings)| endings.contains(&ending.as_str()));
    found.map_or(Guess::Unknown, |(format, ..)| Guess::Format(*format))
}

pub(super) struct ModelFormats(BTreeSet<Format>);

pub(super) fn build(formats: Vec<Format>) -> Result<ModelFormats, String> {
    if formats.is_empty() {
        Err("no format is allowed".to_owned())
    } else {
        Ok(ModelFormats(formats.into_iter().collect()))
    }
}

impl Rule for ModelFormats {
    fn name(&self) -> &'static str {
        "model-formats"
    }

    fn demand(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|format| format.name()).collect();
        format!("every file of the model is, by its name, {} or a text", names.join(" or "))
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::ModelFormat]
    }

    fn bounds(&self) -> Vec<Bound> {
        let names = self.0.iter().map(|format| format.name().to_owned()).collect();
        vec![Bound { of: "formats".to_owned(), part: None, values: Values::Only(names), words: self.demand() }]
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::ModelSignature, Kind::Bom]
    }

    fn needs(&self) -> Vec<Kind> {
        self.rests_on()
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let listed: BTreeSet<TreePath> =
            case.evidence.members().iter().flat_map(|line| names(line.predicate())).collect();
        let mut findings = Vec::new();
        for path in listed {
            let found = match guess(&path) {
                Guess::Text => continue,
                Guess::Format(format) if self.0.contains(&format) => continue,
                Guess::Format(format) => format.name(),
                Guess::Unknown => "a format that its name does not tell",
            };
            let summary = format!("`{path}` has a format that is not allowed");
            findings.push(
                Finding::deny(Code::ModelFormat, Place::file(&Tree::Model, path.as_str()), summary)
                    .expected(self.demand())
                    .found(found)
                    .help("the builder must convert the model and make a new release"),
            );
        }
        findings
    }
}

/// Returns the names of model files that a statement lists: the model signature has all but those under git
/// names, the BOM has these as well.
fn names(predicate: &Predicate) -> Vec<TreePath> {
    match predicate {
        Predicate::ModelSignature(signature) => signature.resources.iter().map(|entry| entry.path.clone()).collect(),
        Predicate::Bom(document) => {
            let files = bom::parts(document).into_iter().filter_map(|part| part.name()?.strip_prefix("model/"));
            files.filter_map(|path| TreePath::new(path).ok()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_tells_the_format() {
        let guess = |name: &str| guess(&TreePath::new(name).unwrap());
        assert_eq!(guess("a/model.safetensors"), Guess::Format(Format::Safetensors));
        assert_eq!(guess("model.safetensors.PKL"), Guess::Format(Format::Pickle));
        for text in ["config.json", "README.md", "LICENSE"] {
            assert_eq!(guess(text), Guess::Text);
        }
        for unknown in
            ["model", "safetensors", "model.safetensors ", "x.exe", "license.d/x", ".safetensors/x", ".github/x"]
        {
            assert_eq!(guess(unknown), Guess::Unknown, "{unknown}");
        }
    }

    #[test]
    fn names_are_those_of_the_file() {
        for (format, name, _) in Format::ALL {
            assert_eq!(serde_json::from_value::<Format>(serde_json::json!(name)).unwrap(), format);
        }
    }
}
