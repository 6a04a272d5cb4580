//! Why no release bundle was made.

use chrono::{DateTime, SecondsFormat, Utc};
use thiserror::Error;

use crate::code_tree::CodeError;
use crate::create::BaseFault;
use crate::cyclonedx::schema::SchemaError;
use crate::facts::{EmissionsError, EnvironmentError};
use crate::failure::Failure;
use crate::fault::{Blame, Fault};
use crate::files::ReadError;
use crate::finding::Findings;
use crate::limits;
use crate::name::Name;
use crate::path::TreePath;
use crate::scan::{Conclusion, TreeScan};
use crate::signer::{CredentialError, LineError};
use crate::text::{self, Text};
use crate::verify::{Report, VerifyError};

/// Why no release bundle was made. Nothing was written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CreateError {
    /// A base model can't be verified as the call stands.
    #[error("the base model `{name}`: {fault}")]
    Base {
        /// Its name.
        name: Name,
        /// What is wrong.
        fault: BaseFault,
    },
    /// The bundle of a base model does not verify.
    #[error("the bundle of the base model `{name}` does not verify")]
    BaseRejected {
        /// Its name.
        name: Name,
        /// What was found.
        report: Box<Report>,
    },
    /// What the user wrote does not fit into a BOM.
    #[error("the BOM would not be valid CycloneDX: {fault}")]
    Bom {
        /// What is wrong, with the place in the document.
        fault: String,
    },
    /// The code can't be read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The certificate of the signer is of no use.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// What the code runs in can't be read.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// What the training cost in energy can't be read.
    #[error(transparent)]
    Emissions(#[from] EmissionsError),
    /// Some files could not be read.
    #[error("some files could not be read")]
    Failed(Vec<Failure>),
    /// A time of the release is still to come.
    #[error("the time of {what} is still to come: {}", time.to_rfc3339_opts(SecondsFormat::Secs, true))]
    Future {
        /// Of what.
        what: &'static str,
        /// The time.
        time: DateTime<Utc>,
    },
    /// A value can't be written as JSON: a bug.
    #[error("a value can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A line could not be signed.
    #[error(transparent)]
    Line(#[from] LineError),
    /// There is no tensor to record.
    #[error("`--tensors` is of no use: the model has no file of safetensors or GGUF with a tensor in it")]
    NoTensors,
    /// An output would lie in a tree that is hashed.
    #[error("the output `{output}` would lie inside the {tree}, which is hashed")]
    OutputInside {
        /// The output.
        output: String,
        /// The tree.
        tree: String,
    },
    /// The bundle does not verify: a bug.
    #[error("the bundle that was made does not verify, so it was not written")]
    OwnVerification(Box<Report>),
    /// A path leads nowhere.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The files can't be signed.
    #[error("the files can't be signed as they are")]
    Refused(Findings),
    /// The scan of the model found something.
    #[error("the model does not pass the scan")]
    Scan(Box<TreeScan>),
    /// The embedded schema is damaged: a bug.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The names of the tensors are too long for a bundle.
    #[error("the tensors can't be recorded: their names take more than {}", text::bytes(limits::PREDICATE_BYTES as u64))]
    TensorNames,
    /// The tensors of a file are not known.
    #[error("the tensors of `{path}` can't be recorded: {}", reason.raw())]
    TensorsUnread {
        /// The file.
        path: TreePath,
        /// Why.
        reason: Text,
    },
    /// The model has more tensors than a bundle records.
    #[error("the model has {count} tensors, and a bundle records at most {}", limits::RECORDED_TENSORS)]
    TooManyTensors {
        /// How many it has.
        count: usize,
    },
    /// The bundle could not be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Fault for CreateError {
    fn blame(&self) -> Blame {
        match self {
            Self::Base { .. }
            | Self::Bom { .. }
            | Self::Future { .. }
            | Self::NoTensors
            | Self::OutputInside { .. }
            | Self::TensorNames
            | Self::TooManyTensors { .. } => Blame::Call,
            Self::Code(error) => error.blame(),
            Self::Emissions(error) => error.blame(),
            Self::Credential(error) => error.blame(),
            Self::Environment(error) => error.blame(),
            Self::Failed(_) | Self::Json(_) | Self::OwnVerification(_) | Self::Schema(_) => Blame::Machine,
            Self::Line(error) => error.blame(),
            Self::Scan(scan) if scan.conclusion() == Conclusion::Incomplete => Blame::Machine,
            Self::BaseRejected { .. } | Self::Refused(_) | Self::Scan(_) | Self::TensorsUnread { .. } => {
                Blame::Evidence
            }
            Self::Read(error) => error.blame(),
            Self::Verify(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Base { fault, .. } => Some(fault.hint().to_owned()),
            Self::Bom { .. } => Some("mend the value in the release file or the flags".to_owned()),
            Self::Code(error) => error.hint(),
            Self::Emissions(error) => error.hint(),
            Self::Credential(error) => error.hint(),
            Self::Environment(error) => error.hint(),
            Self::Future { .. } => {
                Some("check the clock of this machine, SOURCE_DATE_EPOCH and `[training]`".to_owned())
            }
            Self::Line(error) => error.hint(),
            Self::OutputInside { .. } => Some("write it somewhere else with `--output`".to_owned()),
            Self::Scan(_) => Some(
                "remove or convert the files, or record the failure with `--record-failed-scan`: such a bundle is denied"
                    .to_owned(),
            ),
            Self::NoTensors | Self::TensorNames | Self::TensorsUnread { .. } | Self::TooManyTensors { .. } => {
                Some("leave out `--tensors`; `bundle diff` compares two models as well that lie in folders".to_owned())
            }
            Self::OwnVerification(_) => Some("please report this; the bundle is not at fault, we are".to_owned()),
            _ => None,
        }
    }
}
