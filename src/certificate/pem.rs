//! Several PEM blocks (RFC 7468) of one kind, with text between them.

use crate::certificate::CertificateError;

/// Decodes the blocks of a label. A block of another label is an error, text around blocks is none.
pub(super) fn blocks(text: &str, label: &'static str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let block = rest.get(start..).unwrap_or_default();
        let Some(end) = block
            .find("-----END ")
            .and_then(|end| Some(end + block.get(end..)?.find('\n').unwrap_or_else(|| block.len() - end)))
        else {
            return Err(fault("a block does not end"));
        };
        let (one, more) = block.split_at(end);
        let (found, der) =
            pem_rfc7468::decode_vec(one.trim_end().as_bytes()).map_err(|error| fault(&error.to_string()))?;
        if found != label {
            return Err(CertificateError::Empty(label));
        }
        blocks.push(der);
        rest = more;
    }
    if blocks.is_empty() { Err(CertificateError::Empty(label)) } else { Ok(blocks) }
}

fn fault(fault: &str) -> CertificateError {
    CertificateError::Encoding { what: "a PEM block", fault: fault.to_owned() }
}
