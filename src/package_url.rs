//! Package URLs (ECMA-427) in their parts, as far as packages are told apart by them: qualifiers and subpaths are left out.

/// The parts of a package URL, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The type, in lower case.
    pub(crate) kind: String,
    /// Namespace and name, as they are written; not empty.
    pub(crate) name: String,
    /// The version, which may be an empty text.
    pub(crate) version: Option<String>,
}

impl Parts {
    /// Reads a package URL, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix("pkg:").ok_or("it does not start with `pkg:`")?.trim_start_matches('/');
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (package, version) = match rest.rsplit_once('@') {
            // A scope of npm is written with `%40`, but not by everybody.
            Some((package, version)) if !package.is_empty() && !package.ends_with('/') => (package, Some(version)),
            _ => (rest, None),
        };
        let (kind, name) = package.split_once('/').ok_or("it has no name")?;
        let name = decoded(name.trim_end_matches('/')).filter(|name| !name.is_empty()).ok_or("it has no name")?;
        let version = version.map(|version| decoded(version).ok_or("its version can't be read")).transpose()?;
        Ok(Self { kind: kind.to_ascii_lowercase(), name, version })
    }
}

/// Decodes `%xx`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
