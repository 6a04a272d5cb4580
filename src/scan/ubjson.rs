//! UBJSON: data by itself. Models of `XGBoost` are.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop, credentials};
use crate::source::ReadAt;
use crate::weights::ubjson;

/// UBJSON.
pub(super) struct Ubjson;

impl Check for Ubjson {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        ubjson::recognises(head.source).then_some(Format::Ubjson)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Ok(ubjson::read(source, &mut |text, at| credentials::text(text, at, sheet))?)
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::{Rating, test_support::scan};

    #[test]
    fn objects_are_inert_and_tokens_in_them_are_not() {
        assert_eq!(scan("model.ubj", b"{i\x01aSi\x01b}").rating, Rating::Inert);
        assert_eq!(scan("model.ubj", b"{i\x01aSi\x01b").rating, Rating::Unknown);
        let token = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");
        let object = [b"{i\x01aSi\x25", token.as_bytes(), b"}"].concat();
        assert_eq!(scan("model.ubj", &object).rating, Rating::Suspicious);
    }
}
