//! One PEM block (RFC 7468) out of a file.

use zeroize::Zeroizing;

use crate::key::KeyError;

/// A decoded block.
pub(super) struct Block {
    pub(super) label: String,
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// The block that OpenSSL writes before an `EC PRIVATE KEY`; the key repeats what it says.
const PARAMETERS: [&str; 2] = ["-----BEGIN EC PARAMETERS-----", "-----END EC PARAMETERS-----"];

/// How keys start that OpenSSH writes.
const OPENSSH: [&str; 5] = ["-----BEGIN OPENSSH PRIVATE KEY-----", "---- BEGIN SSH2", "ssh-", "ecdsa-sha2-", "sk-"];

/// Says whether a text looks like a key, in PEM or as OpenSSH writes it, and not like a file that names keys.
pub(super) fn is_key(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("-----BEGIN") || OPENSSH.iter().any(|start| text.starts_with(start))
}

/// Decodes the only block of `text`.
pub(super) fn decode(text: &str) -> Result<Block, KeyError> {
    let text = without_parameters(text).trim();
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(KeyError::LegacyEncryption);
    }
    if OPENSSH.iter().any(|start| text.starts_with(start)) {
        return Err(KeyError::OpenSsh);
    }
    if text.matches("-----BEGIN ").count() != 1 || !text.starts_with("-----BEGIN ") {
        return Err(KeyError::Pem);
    }
    let (label, der) = pem_rfc7468::decode_vec(text.as_bytes()).map_err(|_| KeyError::Pem)?;
    Ok(Block { label: label.to_owned(), der: Zeroizing::new(der) })
}

fn without_parameters(text: &str) -> &str {
    let rest = text.trim_start().strip_prefix(PARAMETERS[0]);
    rest.and_then(|rest| rest.split_once(PARAMETERS[1])).map_or(text, |(_, rest)| rest)
}
