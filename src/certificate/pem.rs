//! Several PEM blocks of one kind, with text between them.

use crate::certificate::CertificateError;
use crate::pem;

/// Decodes the blocks of a label. A block of another label is an error, text around blocks is none.
pub(super) fn blocks(text: &str, label: &'static str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let blocks = pem::blocks(text)?;
    if blocks.is_empty() {
        return Err(CertificateError::Empty(label));
    }
    match blocks.iter().find(|block| block.label != label) {
        Some(other) => Err(CertificateError::Label { expected: label, found: other.label.clone() }),
        None => Ok(blocks.into_iter().map(|block| block.der.to_vec()).collect()),
    }
}
