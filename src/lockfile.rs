//! Lock files: which packages an environment was made of, one file a format.
//!
//! A file is read for what it pins and nothing is resolved. What can't be read as the format is an error, and so is a
//! version of a format that is not known: half a list would look like a whole one.

use thiserror::Error;

use crate::json::JsonError;
use crate::limits;

pub use hash::PackageHash;
pub use package::{Ecosystem, Package};

mod cargo;
mod conda_lock;
mod conda_url;
mod hash;
mod package;
mod pipfile;
mod pixi;
mod poetry;
mod requirements;
pub mod sbom;
mod uv;

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockFormat {
    /// `Cargo.lock`
    Cargo,
    /// `conda-lock.yml`
    CondaLock,
    /// `Pipfile.lock`
    Pipfile,
    /// `pixi.lock`
    Pixi,
    /// `poetry.lock`
    Poetry,
    /// `requirements.txt`
    Requirements,
    /// `uv.lock`
    Uv,
}

/// What a lock file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The packages, sorted, none twice.
    pub packages: Vec<Package>,
    /// Whether it may leave something out: a requirement without a version, or another file that it names.
    pub partial: bool,
}

/// Why a lock file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is JSON that we don't accept.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It has more of something than is read.
    #[error("more than {limit} {noun}")]
    Limit {
        /// How much is read.
        limit: usize,
        /// Of what.
        noun: &'static str,
    },
    /// It is not of the shape of its format.
    #[error("{0}")]
    Shape(String),
    /// Its format has a version that is not known.
    #[error("version {0} of its format is not known")]
    Version(String),
}

impl LockFormat {
    /// Every format with the file name by which it is found.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Cargo, "Cargo.lock"),
        (Self::CondaLock, "conda-lock.yml"),
        (Self::CondaLock, "conda-lock.yaml"),
        (Self::Pipfile, "Pipfile.lock"),
        (Self::Pixi, "pixi.lock"),
        (Self::Poetry, "poetry.lock"),
        (Self::Requirements, "requirements.txt"),
        (Self::Uv, "uv.lock"),
        (Self::Requirements, "requirements.lock"),
    ];

    /// Finds the format of a file by its name, with whatever stands before it: `gpu-requirements.txt`.
    pub fn of(name: &str) -> Option<Self> {
        Self::exactly(name).or_else(|| {
            let requirements = name.strip_suffix(".txt").is_some_and(|stem| stem.contains("requirements"));
            let suffix = |end: &str| {
                let before = name.strip_suffix(end)?;
                before.ends_with(['-', '.', '_']).then_some(())
            };
            let found = Self::ALL.iter().find(|(_, end)| suffix(end).is_some()).map(|(format, _)| *format);
            found.or(requirements.then_some(Self::Requirements))
        })
    }

    /// Finds the format of a file that has exactly the usual name.
    pub fn exactly(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(format, _)| *format)
    }

    /// Reads a lock file.
    pub fn read(self, bytes: &[u8]) -> Result<LockFile, LockError> {
        if bytes.len() > limits::LOCK_FILE_BYTES {
            return Err(LockError::Limit { limit: limits::LOCK_FILE_BYTES, noun: "bytes" });
        }
        let text = || std::str::from_utf8(bytes).map_err(|_| LockError::Shape("it is not UTF-8".to_owned()));
        let mut file = match self {
            Self::Cargo => cargo::read(text()?),
            Self::CondaLock => conda_lock::read(text()?),
            Self::Pipfile => pipfile::read(bytes),
            Self::Pixi => pixi::read(text()?),
            Self::Poetry => poetry::read(text()?),
            Self::Requirements => requirements::read(text()?),
            Self::Uv => uv::read(text()?),
        }?;
        for package in &file.packages {
            package.check()?;
        }
        file.packages = package::merged(file.packages);
        if file.packages.len() > limits::PACKAGES {
            return Err(LockError::Limit { limit: limits::PACKAGES, noun: "packages" });
        }
        Ok(file)
    }
}

/// Reads TOML into a type.
fn toml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, LockError> {
    toml::from_str(text).map_err(|error| LockError::Shape(shown(error.message())))
}

/// Reads YAML into a type.
fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, LockError> {
    crate::yaml::parse(text).map_err(LockError::Shape)
}

/// The start of a message, which may hold megabytes of a hostile value.
fn shown(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_name() {
        for (name, format) in [
            ("uv.lock", Some(LockFormat::Uv)),
            ("gpu.uv.lock", Some(LockFormat::Uv)),
            ("requirements-gpu.txt", Some(LockFormat::Requirements)),
            ("dev-requirements.txt", Some(LockFormat::Requirements)),
            ("conda-lock.yml", Some(LockFormat::CondaLock)),
            ("Cargo.lock", Some(LockFormat::Cargo)),
            ("notes.txt", None),
            ("luv.lock", None),
            ("lock", None),
        ] {
            assert_eq!(LockFormat::of(name), format, "{name}");
        }
        assert_eq!(LockFormat::exactly("gpu.uv.lock"), None);
    }

    #[test]
    fn hostile_files_are_errors() {
        let deep = "[".repeat(100_000);
        let nested = format!("a={}", "[".repeat(100_000));
        let brackets = format!("package: {}", "[".repeat(100_000));
        let spaces: Vec<String> = (0..20_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 300))).collect();
        let spaces = spaces.concat();
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            bomb.extend([format!("a{level}: &a{level} [{before}]\n")]);
        }
        bomb += "version: 1\npackage: *a11\n";
        for text in ["", "\0", "x", "{", "[]", "null", "---", &deep, &nested, &brackets, &spaces, &bomb, "version = 9"]
        {
            for (format, name) in LockFormat::ALL {
                // Any list of words is a list of requirements.
                if format == LockFormat::Requirements || (text.is_empty() && format == LockFormat::Cargo) {
                    let _ = format.read(text.as_bytes());
                    continue;
                }
                assert!(format.read(text.as_bytes()).is_err(), "{name}: {text:.40}");
            }
        }
        for (format, name) in LockFormat::ALL {
            assert!(format.read(b"\xff\xfe").is_err(), "{name}");
            assert!(format.read(&vec![b'#'; limits::LOCK_FILE_BYTES + 1]).is_err(), "{name}");
        }
    }

    #[test]
    fn too_many_packages_are_an_error() {
        let lines: Vec<String> = (0..=limits::PACKAGES).map(|n| format!("p{n}==1\n")).collect();
        let error = LockFormat::Requirements.read(lines.concat().as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "more than 10000 packages");
    }

    #[test]
    fn names_with_control_characters_are_refused() {
        let lock = "version = 1\n[[package]]\nname = \"a\\u001b\"\nversion = \"1\"\nsource = { registry = \"x\" }\n";
        assert!(LockFormat::Uv.read(lock.as_bytes()).is_err());
        let lock = format!("version = 1\n[[package]]\nname = \"{}\"\nversion = \"1\"\n", "a".repeat(2_000));
        assert!(LockFormat::Uv.read(lock.as_bytes()).is_err());
    }
}
