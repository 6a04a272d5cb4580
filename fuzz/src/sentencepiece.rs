//! Vocabularies of SentencePiece.

use assaymark::weights::sentencepiece;

/// What is read has no more pieces than bytes, and reads alike in small pieces.
///
/// # Panics
///
/// Where that is not so.
pub fn run(data: &[u8]) {
    super::same_in_pieces(data, sentencepiece::read);
    if let Ok(pieces) = sentencepiece::read(&data) {
        assert!(pieces <= data.len() as u64);
    }
    super::scanned("tokenizer.model", data);
}
