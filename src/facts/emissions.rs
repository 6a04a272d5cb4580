//! What a training cost in energy, as CodeCarbon wrote it down (`emissions.csv`).
//!
//! Read are `energy_consumed` (kWh), `emissions` (kg of carbon dioxide or what warms as much), `cpu_model`, `gpu_model` and
//! `codecarbon_version`, by their names in the header. The file has a row a run: only one of them can be the training.

use std::path::Path;

use csv::ReaderBuilder;
use serde_json::Number;
use thiserror::Error;

use crate::digest::Digest;
use crate::fault::{Blame, Fault};
use crate::files::{self, ReadError};
use crate::limits;

/// What a training cost in energy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emissions {
    /// The name of the file.
    pub file: String,
    /// Its SHA-256.
    pub digest: Digest,
    /// The energy, in kWh.
    pub energy: Number,
    /// What it emitted, in tonnes of carbon dioxide or what warms as much.
    pub carbon: Option<Number>,
    /// The processors that it ran on.
    pub hardware: Vec<String>,
}

/// Why a file of emissions can't be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EmissionsError {
    /// It is not what CodeCarbon writes.
    #[error("`{file}` is no file of emissions of one training: {reason}")]
    Content {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// It is not there, or too large.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Fault for EmissionsError {
    fn blame(&self) -> Blame {
        match self {
            Self::Content { .. } => Blame::Evidence,
            Self::Read(error) => error.blame(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Content { .. } => Some(
                "give the `emissions.csv` of CodeCarbon with its header and the row of this training alone".to_owned(),
            ),
            Self::Read(error) => error.hint(),
        }
    }
}

impl Emissions {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self, EmissionsError> {
        let bytes = files::read(path, limits::CONFIGURATION_BYTES)?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self::read(&file, &bytes).map_err(|reason| EmissionsError::Content { file, reason })
    }

    fn read(file: &str, bytes: &[u8]) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new().from_reader(bytes);
        let header = reader.headers().map_err(|error| error.to_string())?.clone();
        let mut rows = reader.records();
        let row = rows.next().ok_or("it has no row")?.map_err(|error| error.to_string())?;
        if rows.next().is_some() {
            return Err("it has more rows than one".to_owned());
        }
        let value = |name: &str| {
            let place = header.iter().position(|column| column == name)?;
            row.get(place).map(str::trim).filter(|value| !value.is_empty())
        };
        let energy = value("energy_consumed").ok_or("it has no `energy_consumed`")?;
        let tonnes = |name: &str| value(name).map(|text| amount(name, text, 1e-3)).transpose();
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(limits::SHOWN_CHARACTERS).collect();
        Ok(Self {
            file: file.to_owned(),
            digest: Digest::of(bytes),
            energy: amount("energy_consumed", energy, 1.0)?,
            carbon: tonnes("emissions")?,
            hardware: ["cpu_model", "gpu_model"].into_iter().filter_map(value).map(plain).collect(),
        })
    }
}

/// Reads an amount in another unit: a number that is not negative.
fn amount(name: &str, text: &str, factor: f64) -> Result<Number, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.and_then(|number| Number::from_f64(number * factor)).ok_or_else(|| format!("its `{name}` is no amount"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "timestamp,emissions,energy_consumed,cpu_model,gpu_model\n";

    fn read(rows: &str) -> Result<Emissions, String> {
        Emissions::read("emissions.csv", format!("{HEADER}{rows}").as_bytes())
    }

    #[test]
    fn energy_carbon_and_machines_are_read() {
        let emissions = read("2026-01-01T00:00:00,0.5,1.25,AMD EPYC,\n").unwrap();
        assert_eq!((emissions.energy.as_f64(), emissions.carbon.unwrap().as_f64()), (Some(1.25), Some(0.0005)));
        assert_eq!(emissions.hardware, ["AMD EPYC"]);
    }

    #[test]
    fn anything_else_is_an_error() {
        for rows in ["", "t,1,2,,\nt,1,2,,\n", "t,1,-2,,\n", "t,1,NaN,,\n", "t,x,2,,\n", "t,1,,,\n", "t,1\n"] {
            assert!(read(rows).is_err(), "{rows}");
        }
        assert!(Emissions::read("x", b"a,b\n1,2\n").is_err());
        assert!(Emissions::read("x", b"\xff\xfe").is_err());
    }
}
