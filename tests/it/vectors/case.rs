//! One vector, as its table describes it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CaseFile;
use crate::forge::Forged;

/// A vector.
pub struct Case {
    pub name: String,
    pub why: String,
    pub deny: Vec<&'static str>,
    pub warn: Vec<&'static str>,
    pub lines: Vec<u64>,
    pub says: Vec<String>,
    pub threats: Vec<&'static str>,
    pub trust: &'static str,
    pub arguments: Vec<String>,
    pub edits: Vec<Edit>,
    pub bundle: Option<Vec<u8>>,
    /// What the answer says where the call is at fault and nothing is verified.
    pub refusal: Option<&'static str>,
    pub twin: Twin,
}

/// The same call without the fault, which must pass: the base under the same trust and arguments, but for
/// what stands here; or a passing vector as a whole.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Twin {
    /// The passing vector that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// The passing vector whose bundle it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edit: Vec<Edit>,
}

/// Something that is done to the files of the base.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Edit {
    /// Flips the lowest bit of a byte.
    Flip { path: String, offset: usize },
    /// Writes a file, in folders that are made.
    Write { path: String, text: String },
    /// Writes a file of so many bytes, in which no two chunks are equal.
    Fill { path: String, bytes: usize },
    /// Makes an empty folder.
    Folder { path: String },
    /// Removes a file or a folder.
    Remove { path: String },
    /// Gives a file another name.
    Rename { from: String, to: String },
    /// Lets two files change names.
    Swap { one: String, other: String },
    /// Makes a link.
    Link { path: String, target: String },
    /// Makes a pipe.
    Pipe { path: String },
    /// Makes a socket.
    Socket { path: String },
    /// Makes a file whose name is given in hexadecimal digits, in a folder.
    HexName { folder: String, name: String },
    /// Sets the mode of a file.
    Mode { path: String, mode: u32 },
}

impl Edit {
    pub fn apply(&self, folder: &Path) {
        let at = |path: &str| folder.join(path);
        match self {
            Self::Flip { path, offset } => {
                let mut bytes = fs::read(at(path)).unwrap();
                bytes[*offset] ^= 1;
                fs::write(at(path), bytes).unwrap();
            }
            Self::Write { path, text } => {
                fs::create_dir_all(at(path).parent().unwrap()).unwrap();
                fs::write(at(path), text).unwrap();
            }
            Self::Fill { path, bytes } => {
                let text: Vec<u8> = (0..*bytes).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
                fs::write(at(path), text).unwrap();
            }
            Self::Folder { path } => fs::create_dir_all(at(path)).unwrap(),
            Self::Remove { path } if at(path).is_dir() => fs::remove_dir_all(at(path)).unwrap(),
            Self::Remove { path } => fs::remove_file(at(path)).unwrap(),
            Self::Rename { from, to } => fs::rename(at(from), at(to)).unwrap(),
            Self::Swap { one, other } => {
                fs::rename(at(one), at("swap")).unwrap();
                fs::rename(at(other), at(one)).unwrap();
                fs::rename(at("swap"), at(other)).unwrap();
            }
            Self::Link { path, target } => symlink(target, at(path)).unwrap(),
            Self::Pipe { path } => {
                let mode = rustix::fs::Mode::RUSR;
                rustix::fs::mknodat(rustix::fs::CWD, at(path), rustix::fs::FileType::Fifo, mode, 0).unwrap();
            }
            Self::Socket { path } => drop(std::os::unix::net::UnixListener::bind(at(path)).unwrap()),
            Self::HexName { folder, name } => {
                let name = OsString::from_vec(data_encoding::HEXLOWER.decode(name.as_bytes()).unwrap());
                fs::write(at(folder).join(name), "x").unwrap();
            }
            Self::Mode { path, mode } => fs::set_permissions(at(path), fs::Permissions::from_mode(*mode)).unwrap(),
        }
    }
}

/// Starts a vector that passes: the good bundle, the files as they are, the right key.
pub fn case(name: &str, why: &str) -> Case {
    Case {
        name: name.to_owned(),
        why: why.to_owned(),
        deny: vec![],
        warn: vec![],
        lines: vec![],
        says: vec![],
        threats: vec![],
        trust: "release.pub",
        arguments: vec!["--model".into(), "model".into()],
        edits: vec![],
        bundle: None,
        refusal: None,
        twin: Twin::default(),
    }
}

impl Case {
    pub fn deny(mut self, codes: &[&'static str]) -> Self {
        self.deny = codes.to_vec();
        self.deny.sort_unstable();
        self
    }

    pub fn warn(mut self, codes: &[&'static str]) -> Self {
        self.warn = codes.to_vec();
        self.warn.sort_unstable();
        self
    }

    pub fn threats(mut self, numbers: &[&'static str]) -> Self {
        self.threats = numbers.to_vec();
        self
    }

    /// The findings name these lines and no others.
    pub fn at(mut self, lines: &[u64]) -> Self {
        self.lines = lines.to_vec();
        self
    }

    /// One of the findings says this, in these words.
    pub fn says(mut self, words: &str) -> Self {
        self.says.push(words.to_owned());
        self
    }

    /// Exit status 2, and words of the answer.
    pub fn refused(mut self, words: &'static str) -> Self {
        self.refusal = Some(words);
        self
    }

    /// The twin is this vector.
    pub fn beside(mut self, vector: &str) -> Self {
        self.twin.vector = Some(vector.to_owned());
        self
    }

    /// The twin takes the bundle of this vector.
    pub fn like(mut self, vector: &str) -> Self {
        self.twin.bundle = Some(vector.to_owned());
        self
    }

    /// The twin trusts this file.
    pub fn twin_trust(mut self, file: &str) -> Self {
        self.twin.trust = Some(file.to_owned());
        self
    }

    /// The twin has these arguments.
    pub fn twin_with(mut self, arguments: &[&str]) -> Self {
        self.twin.arguments = Some(arguments.iter().map(|argument| (*argument).to_owned()).collect());
        self
    }

    /// This is done to the files of the twin.
    pub fn twin_edit(mut self, edit: Edit) -> Self {
        self.twin.edit.push(edit);
        self
    }

    pub fn fails(&self) -> bool {
        self.refusal.is_some() || !self.deny.is_empty()
    }

    pub fn trust(mut self, file: &'static str) -> Self {
        self.trust = file;
        self
    }

    /// Adds arguments behind `--model model`.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Gives all arguments, without `--model model`.
    pub fn only(mut self, arguments: &[&str]) -> Self {
        self.arguments.clear();
        self.with(arguments)
    }

    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    pub fn write(self, path: &str, text: &str) -> Self {
        self.edit(Edit::Write { path: path.into(), text: text.into() })
    }

    pub fn remove(self, path: &str) -> Self {
        self.edit(Edit::Remove { path: path.into() })
    }

    pub fn flip(self, path: &str, offset: usize) -> Self {
        self.edit(Edit::Flip { path: path.into(), offset })
    }

    pub fn bundle(mut self, forged: &Forged) -> Self {
        self.bundle = Some(forged.bytes());
        self
    }

    pub fn raw_bundle(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bundle = Some(bytes.into());
        self
    }

    pub(super) fn file(&self) -> CaseFile {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        CaseFile {
            why: self.why.clone(),
            expect: owned(&self.deny),
            warn: owned(&self.warn),
            lines: self.lines.clone(),
            says: self.says.clone(),
            threats: owned(&self.threats),
            trust: self.trust.to_owned(),
            arguments: self.arguments.clone(),
            refusal: self.refusal.unwrap_or_default().to_owned(),
            edit: self.edits.clone(),
            twin: self.twin.clone(),
        }
    }
}
