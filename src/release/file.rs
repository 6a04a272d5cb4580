//! The shape of `release.toml`. `schemas/release.schema.json` is made from these types.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::configuration::{self, ConfigurationError};
use crate::intoto::predicate::seal::Release;
use crate::release::draft::{DatasetDraft, Draft, Origin};
use crate::release::{
    AibomSpec, Approach, BaseSpec, CodeNotice, DatasetNotice, DatasetRole, EnergySource, EnergySpec, EnvironmentSpec,
    ModelIdentity, ReleaseIdentity, TrainingSpec,
};

/// What is released. Paths are relative to the folder of this file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ReleaseFile {
    #[serde(default)]
    release: ReleaseTable,
    #[serde(default)]
    model: ModelTable,
    #[serde(default)]
    dataset: Vec<DatasetTable>,
    code: Option<CodeTable>,
    #[serde(default)]
    environment: EnvironmentTable,
    #[serde(default)]
    training: TrainingTable,
    aibom: Option<AibomSpec>,
}

/// The release; name and version may be given by a flag instead.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReleaseTable {
    /// Its name: 1 to 64 letters, digits, `.`, `_`, `-`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    name: Option<Spanned<String>>,
    /// Its version, made of the same characters.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    version: Option<Spanned<String>>,
    /// Its licence, as an SPDX expression or `LicenseRef-…`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    license: Option<Spanned<String>>,
    /// Who supplies it.
    supplier: Option<String>,
    /// Its package URL.
    purl: Option<String>,
    /// Who puts it together, and so makes its BOM.
    #[serde(default)]
    authors: Vec<String>,
    /// Where to say that something is wrong with it: an address, such as `mailto:security@example.com`.
    security_contact: Option<String>,
}

/// The model; its path may be given by a flag instead.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ModelTable {
    /// A file or a folder.
    path: Option<PathBuf>,
    /// What it is for, such as `text-classification`.
    task: Option<String>,
    /// Its package URL, such as `pkg:huggingface/OWNER/NAME@COMMIT`.
    purl: Option<String>,
    /// Where it is kept.
    uri: Option<String>,
    /// How it learned.
    approach: Option<Approach>,
    /// What goes in, where no file states it: words or media types.
    #[serde(default)]
    inputs: Vec<String>,
    /// What comes out, where no file states it.
    #[serde(default)]
    outputs: Vec<String>,
    /// The models that it was made from.
    #[serde(default)]
    base: Vec<BaseTable>,
}

/// A model that this one was made from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BaseTable {
    /// Its name.
    #[cfg_attr(test, schemars(with = "String"))]
    name: Spanned<String>,
    /// Where it is, or its package URL with the commit.
    uri: Option<String>,
    /// Its licence, as an SPDX expression or `LicenseRef-…`; a bundle states its own.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    license: Option<Spanned<String>>,
    /// Its digest: `sha256:…` of a file, `tree:sha256:…` of a folder.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    digest: Option<Spanned<String>>,
    /// Its release bundle, which is verified and says what its digest is.
    bundle: Option<PathBuf>,
}

/// A dataset: hashed from `path`, or recorded as declared by `digest`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DatasetTable {
    /// Its name.
    #[cfg_attr(test, schemars(with = "String"))]
    name: Spanned<String>,
    /// A file or a folder, hashed now.
    path: Option<PathBuf>,
    /// Where it is kept.
    uri: Option<String>,
    /// Its digest, where it can't be hashed now: `sha256:…` of a file, `tree:sha256:…` of a folder.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    digest: Option<Spanned<String>>,
    /// What it was used for.
    role: Option<DatasetRole>,
    /// Its licence, as an SPDX expression or `LicenseRef-…`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    license: Option<Spanned<String>>,
    /// How confidential it is, such as `public`.
    classification: Option<String>,
    /// Whether the first row of each CSV file names the columns; without it, it does unless it has a number or a truth value.
    header: Option<bool>,
    /// Its version.
    version: Option<String>,
    /// Who supplies it.
    supplier: Option<String>,
    /// What it is, in words; without it, the first paragraph of its card.
    description: Option<String>,
    /// The kinds of sensitive data in it, such as `names`; an empty list says that there are none.
    sensitive: Option<Vec<String>>,
    /// Who answers for it.
    #[serde(default)]
    owners: Vec<String>,
    /// Who keeps it.
    #[serde(default)]
    custodians: Vec<String>,
    /// Who looks after what it means and how good it is.
    #[serde(default)]
    stewards: Vec<String>,
}

/// The training code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CodeTable {
    /// A folder; inside a git repository, its tracked files.
    path: PathBuf,
    /// Who supplies it.
    supplier: Option<String>,
    /// Its licence, as an SPDX expression or `LicenseRef-…`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    license: Option<Spanned<String>>,
}

/// The environment in which the model was trained.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EnvironmentTable {
    /// Lock files that say which packages were installed; without any, those at the top of the code folder.
    #[serde(default)]
    lock_files: Vec<PathBuf>,
    /// BOMs of others, CycloneDX or SPDX 2 in JSON, whose libraries are taken over.
    #[serde(default)]
    sboms: Vec<PathBuf>,
    /// The image of the container in which the training ran: `NAME@sha256:…`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    image: Option<Spanned<String>>,
}

/// How the model was trained.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrainingTable {
    /// The parameters that were chosen: texts, numbers or booleans, recorded as text.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    parameters: BTreeMap<String, Spanned<toml::Value>>,
    /// When it started, with a time zone.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    started: Option<Spanned<toml::value::Datetime>>,
    /// When it ended, with a time zone.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    finished: Option<Spanned<toml::value::Datetime>>,
    /// The machines that it ran on, in words.
    #[serde(default)]
    hardware: Vec<String>,
    /// What it cost in energy.
    #[serde(default)]
    energy: EnergyTable,
}

/// What the training cost in energy.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EnergyTable {
    /// The `emissions.csv` that CodeCarbon wrote, with the row of this training alone.
    emissions: Option<PathBuf>,
    /// Who provided the energy.
    provider: Option<String>,
    /// Where it came from.
    #[serde(default)]
    source: EnergySource,
}

/// Reads the text of the file `name` in the folder `directory`.
pub(super) fn parse(name: &str, text: &str, directory: &Path) -> Result<Draft, ConfigurationError> {
    let file: ReleaseFile = configuration::parse(name, text)?;
    let source = Source { name, text, directory };
    let release = source.optional(file.release.name.as_ref(), "release")?;
    let version = source.optional(file.release.version.as_ref(), "version")?;
    let release = release.zip(version).map(|(name, version)| Release { name, version });
    let datasets = file.dataset.into_iter().map(|table| source.dataset(table));
    let base = file.model.base.into_iter().map(|table| source.base(table));
    let code_notice = file.code.as_ref().map(|table| source.code(table)).transpose()?.unwrap_or_default();
    Ok(Draft {
        origin: Some(Origin { file: name.to_owned(), text: text.to_owned() }),
        release,
        license: source.optional(file.release.license.as_ref(), "license")?,
        supplier: file.release.supplier,
        identity: ReleaseIdentity {
            purl: file.release.purl,
            authors: file.release.authors,
            security_contact: file.release.security_contact,
        },
        aibom: file.aibom,
        model_identity: ModelIdentity {
            purl: file.model.purl,
            uri: file.model.uri,
            approach: file.model.approach,
            inputs: file.model.inputs,
            outputs: file.model.outputs,
        },
        code_notice,
        model: file.model.path.map(|path| directory.join(path)),
        task: file.model.task,
        base: base.collect::<Result<_, _>>()?,
        datasets: datasets.collect::<Result<_, _>>()?,
        code: file.code.map(|table| directory.join(table.path)),
        environment: EnvironmentSpec {
            lock_files: file.environment.lock_files.into_iter().map(|path| directory.join(path)).collect(),
            sboms: file.environment.sboms.into_iter().map(|path| directory.join(path)).collect(),
            image: source.optional(file.environment.image.as_ref(), "image")?,
        },
        training: source.training(file.training)?,
    })
}

/// The file that is being read, for its faults.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
    directory: &'a Path,
}

impl Source<'_> {
    /// Reads a text that must have a certain form.
    fn value<T>(&self, text: &Spanned<String>, what: &str) -> Result<T, ConfigurationError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.get_ref().parse().map_err(|fault| {
            let message = format!("{what} `{}`: {fault}", text.get_ref());
            ConfigurationError::at(self.name, self.text, text.span().start, message)
        })
    }

    fn optional<T>(&self, text: Option<&Spanned<String>>, what: &str) -> Result<Option<T>, ConfigurationError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.map(|text| self.value(text, what)).transpose()
    }

    fn base(&self, table: BaseTable) -> Result<BaseSpec, ConfigurationError> {
        Ok(BaseSpec {
            name: self.value(&table.name, "base model")?,
            uri: table.uri,
            license: self.optional(table.license.as_ref(), "license")?,
            digest: self.optional(table.digest.as_ref(), "digest")?,
            bundle: table.bundle.map(|path| self.directory.join(path)),
            verified: None,
        })
    }

    fn dataset(&self, table: DatasetTable) -> Result<DatasetDraft, ConfigurationError> {
        Ok(DatasetDraft {
            name: self.value(&table.name, "dataset")?,
            offset: Some(table.name.span().start),
            path: table.path.map(|path| self.directory.join(path)),
            digest: self.optional(table.digest.as_ref(), "digest")?,
            uri: table.uri,
            role: table.role,
            license: self.optional(table.license.as_ref(), "license")?,
            classification: table.classification,
            header: table.header,
            notice: DatasetNotice {
                version: table.version,
                supplier: table.supplier,
                description: table.description,
                sensitive: table.sensitive,
                owners: table.owners,
                custodians: table.custodians,
                stewards: table.stewards,
            },
        })
    }

    fn code(&self, table: &CodeTable) -> Result<CodeNotice, ConfigurationError> {
        let license = self.optional(table.license.as_ref(), "license")?;
        Ok(CodeNotice { supplier: table.supplier.clone(), license })
    }

    fn training(&self, table: TrainingTable) -> Result<TrainingSpec, ConfigurationError> {
        let parameters = table.parameters.into_iter().map(|(name, value)| {
            let text = self.parameter(&value)?;
            Ok((name, text))
        });
        let time = |time| configuration::time(self.name, self.text, &time);
        Ok(TrainingSpec {
            parameters: parameters.collect::<Result<_, _>>()?,
            started: table.started.map(time).transpose()?,
            finished: table.finished.map(time).transpose()?,
            hardware: table.hardware,
            energy: EnergySpec {
                emissions: table.energy.emissions.map(|path| self.directory.join(path)),
                provider: table.energy.provider,
                source: table.energy.source,
            },
        })
    }

    fn parameter(&self, value: &Spanned<toml::Value>) -> Result<String, ConfigurationError> {
        match value.get_ref() {
            toml::Value::String(text) => Ok(text.clone()),
            toml::Value::Integer(number) => Ok(number.to_string()),
            toml::Value::Float(number) => Ok(number.to_string()),
            toml::Value::Boolean(truth) => Ok(truth.to_string()),
            _ => {
                let message = "a parameter is a text, a number or a boolean";
                Err(ConfigurationError::at(self.name, self.text, value.span().start, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_these_types() {
        crate::test_support::assert_schema::<ReleaseFile>("schemas/release.schema.json");
    }
}
