//! The one PEM block of a file that holds a key.

use crate::key::KeyError;
use crate::pem::{self, Block};

/// What OpenSSL writes before an `EC PRIVATE KEY`; the key repeats what it says.
const PARAMETERS: &str = "EC PARAMETERS";

/// How keys start that OpenSSH writes.
const OPENSSH: [&str; 5] = ["-----BEGIN OPENSSH PRIVATE KEY-----", "---- BEGIN SSH2", "ssh-", "ecdsa-sha2-", "sk-"];

/// Says whether a text looks like a key, in PEM or as OpenSSH writes it, and not like a file that names keys.
pub(super) fn is_key(text: &str) -> bool {
    // A file that names keys may hold certificates.
    pem::has_block(text, "KEY") || text.trim_start().starts_with("-----BEGIN") || is_of_openssh(text)
}

fn is_of_openssh(text: &str) -> bool {
    OPENSSH.iter().any(|start| text.trim_start().starts_with(start))
}

/// Decodes the only block of `text`, whatever text is around it.
pub(super) fn decode(text: &str) -> Result<Block, KeyError> {
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(KeyError::LegacyEncryption);
    }
    if is_of_openssh(text) {
        return Err(KeyError::OpenSsh);
    }
    let mut blocks = pem::blocks(text)?;
    blocks.retain(|block| block.label != PARAMETERS);
    let count = blocks.len();
    match (blocks.pop(), count) {
        (None, _) => Err(KeyError::Pem),
        (Some(block), 1) => Ok(block),
        _ => Err(KeyError::Several(count)),
    }
}
