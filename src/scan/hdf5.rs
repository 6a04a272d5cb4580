//! HDF5: Keras configurations and pickles in attributes, data in other files, bytes around the format.

use crate::limits;
use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, credentials, json, keras};
use crate::source::ReadAt;
use crate::weights::hdf5;

/// Attributes that Keras reads back as configurations.
const CONFIGURATIONS: [&str; 2] = ["model_config", "training_config"];

/// HDF5.
pub(super) struct Hdf5;

impl Check for Hdf5 {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        (hdf5::start(head.source) == Some(0)).then_some(Format::Hdf5)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let facts = hdf5::read(source)?;
        if source.len() != facts.start.saturating_add(facts.end) {
            return Err(Stop::Malformed(facts.end, "the file does not end where HDF5 says".to_owned()));
        }
        for (object, name, text) in &facts.texts {
            credentials::text(text, 0, sheet);
            let configuration = object.is_empty() && CONFIGURATIONS.contains(&name.as_str());
            let judged = json::judge(text.as_bytes(), context, sheet);
            if configuration {
                // Losses and metrics of `training_config` are objects below other keys.
                keras::judge(text.as_bytes(), context, sheet)?;
                judged
                    .map_err(|_| Stop::Malformed(0, format!("the attribute `{name}` is not JSON that can be read")))?;
            }
        }
        sheet.format = Format::Hdf5;
        for path in &facts.pickles {
            note(Reason::EmbeddedPickle, "an attribute or dataset holds a pickle", path, sheet);
        }
        for name in &facts.external {
            note(Reason::ExternalData, "data is read from another file", name, sheet);
        }
        Ok(())
    }
}

fn note(reason: Reason, summary: &str, called: &str, sheet: &mut Sheet) {
    let called: String = called.chars().take(limits::SHOWN_CHARACTERS).collect();
    sheet.report(Observation::new(reason, Rating::Suspicious, summary.to_owned()).called(called));
}

#[cfg(test)]
#[cfg(feature = "hdf5")]
mod tests {
    use super::*;
    use crate::scan::FileScan;
    use crate::scan::test_support::scan;

    fn made(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/testdata/hdf5/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn scanned(name: &str) -> FileScan {
        scan(name, &made(name))
    }

    #[test]
    fn files_of_keras_are_clean() {
        for name in ["keras.h5", "latest.h5", "weights.h5"] {
            let scan = scanned(name);
            assert_eq!((scan.format, scan.rating), (Format::Hdf5, Rating::Clean), "{name} {scan:?}");
        }
    }

    #[test]
    fn what_reaches_out_is_suspicious() {
        for (name, reason) in [
            ("lambda.h5", Reason::KerasLambda),
            ("fixed_string.h5", Reason::KerasLambda),
            ("pickled.h5", Reason::EmbeddedPickle),
            ("link.h5", Reason::ExternalData),
            ("external.h5", Reason::ExternalData),
        ] {
            let scan = scanned(name);
            assert_eq!(scan.rating, Rating::Suspicious, "{name} {scan:?}");
            assert_eq!(scan.observations[0].reason, reason, "{name}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_not_clean() {
        for name in ["broken_config.h5", "virtual.h5"] {
            assert_eq!(scanned(name).rating, Rating::Unknown, "{name}");
        }
        assert!(!scanned("user_block.h5").rating.passes());
        let whole = made("keras.h5");
        assert_eq!(scan("keras.h5", &[&whole[..], b"more"].concat()).rating, Rating::Unknown);
        for length in (8..whole.len()).step_by(whole.len() / 40) {
            assert!(!scan("keras.h5", &whole[..length]).rating.passes(), "{length}");
        }
    }

    #[test]
    fn no_flipped_byte_makes_a_program_clean() {
        let whole = made("lambda.h5");
        for at in (0..whole.len()).step_by(97) {
            let mut broken = whole.clone();
            broken[at] ^= 0x40;
            // Whatever the reader makes of it, it must come back.
            let _ = scan("lambda.h5", &broken);
        }
    }
}
