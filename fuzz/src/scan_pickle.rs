//! Pickles.

use assaymark::scan::{Format, Rating};

/// A call of what no model needs.
const CALL: &[u8] = b"cos\nsystem\n(S'true'\ntR.";

/// A pickle that passes does not pass without its last byte, nor with a call behind it; one that is put before it
/// is found.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    let scan = super::scanned("model.pkl", data);
    super::scanned("model.joblib", data);
    if scan.format != Format::Pickle {
        return;
    }
    let before = super::scanned("model.pkl", &[CALL, data].concat());
    assert_eq!(before.rating, Rating::Malicious, "a call before it is not seen");
    if scan.rating.passes() {
        let behind = super::scanned("model.pkl", &[data, CALL].concat());
        assert_eq!(behind.rating, Rating::Malicious, "a call behind it is not seen");
        let cut = super::scanned("model.pkl", &data[..data.len() - 1]);
        assert!(cut.format != Format::Pickle || !cut.rating.passes(), "it passes without its end");
    }
}
