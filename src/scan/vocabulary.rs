//! Vocabularies that are not text: SentencePiece.

use crate::path::TreePath;
use crate::scan::{Check, Context, Format, Head, Sheet, Stop};
use crate::source::ReadAt;
use crate::weights::sentencepiece;

/// SentencePiece models.
pub(super) struct Vocabulary;

impl Check for Vocabulary {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        sentencepiece::recognises(head.source).then_some(Format::SentencePiece)
    }

    fn scan(&self, source: &dyn ReadAt, _: &TreePath, _: &Context<'_>, _: &mut Sheet) -> Result<(), Stop> {
        sentencepiece::read(source)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Rating, test_support::scan};

    #[test]
    fn pieces_are_inert() {
        let model = sentencepiece::tests::model();
        assert_eq!(scan("spiece.model", &model).rating, Rating::Inert);
        assert_eq!(scan("spiece.model", &model[..model.len() - 1]).rating, Rating::Unknown);
    }
}
