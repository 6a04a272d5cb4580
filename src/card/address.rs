//! Addresses in a card: of the web, without credentials, and such that any reader of a document takes them.

/// Returns the first address of a text, bare or in a link of Markdown.
pub(super) fn first(text: &str) -> Option<String> {
    let start = text.find("https://").or_else(|| text.find("http://"))?;
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| c.is_whitespace() || "()<>[]\"`\\^{}|".contains(c)).unwrap_or(rest.len());
    let address = rest.get(..end)?.trim_end_matches(['.', ',', ';', '*']);
    is_plain(address).then(|| address.to_owned())
}

/// Says whether a text is an address (RFC 3986) of the web whose host is a name or number, with nobody's credentials before it.
pub fn is_plain(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let numbered = port.bytes().all(|byte| byte.is_ascii_digit());
    let path = rest.get(authority.len()..).unwrap_or_default();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte);
    let encoded = path
        .split('%')
        .skip(1)
        .all(|part| part.as_bytes().first_chunk::<2>().is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    named && numbered && encoded && path.bytes().all(known) && path.matches('#').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_any_reader_takes() {
        for good in ["https://example.com", "http://a-b.example:8080/x%20y?q=1#z", "https://doi.org/10.1/a;b"] {
            assert_eq!(first(&format!("see [it]({good}).")).as_deref(), Some(good));
        }
        for odd in [
            "https://",
            "https://u:p@x",
            "https://x:port/",
            "https://a/%zz",
            "https://a/%2",
            "ftp://a",
            "https://é/",
            "https://a/\u{202e}",
            "https://a#b#c",
            "javascript:alert(1)",
        ] {
            assert_eq!(first(odd), None, "{odd}");
        }
    }
}
