//! What a pickle may import: whole names, each for certain uses. Everything else is a finding.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::digest::Digest;

/// The list itself. `docs/scan.md` says how it is made and reviewed.
const TEXT: &str = include_str!("allowed.toml");
/// What no model needs.
const DANGEROUS: &str = include_str!("dangerous.toml");

/// What may be done with something imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Use {
    /// It may be called (`REDUCE`, `INST`, `OBJ`) with any arguments.
    Call,
    /// Objects of it may be made without calling its constructor (`NEWOBJ`).
    New,
    /// What was made of it may be given a state, of two parts too (`BUILD`).
    Build,
    /// What was made of it may be given attributes (`BUILD`), but not in two parts, where each is set one by one.
    Attributes,
    /// What was made of it may be given items (`APPENDS`, `SETITEMS`, `ADDITEMS`).
    Items,
    /// It may be called with a text and `latin1`, as arrays of bytes are written by old protocols.
    Latin1,
    /// It is `numpy.dtype`, of which arguments and state are checked against each other.
    ElementType,
    /// It is joblib's description of an array whose bytes follow in the stream.
    ArrayInStream,
    /// Its first argument is the class of which it makes an object.
    MakesFirst,
    /// It calls its first argument, which must be a function that makes a tensor.
    MakesTensor,
    /// It is a class of arrays.
    Array,
    /// It is a class of PyTorch storages with elements of some bytes, and is named in persistent ids.
    Storage1,
    /// The same with elements of 2 bytes.
    Storage2,
    /// The same with elements of 4 bytes.
    Storage4,
    /// The same with elements of 8 bytes.
    Storage8,
    /// The same with elements of 16 bytes.
    Storage16,
}

/// A set of uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses(u16);

impl Uses {
    /// Everything, for what was refused already or what the user allows.
    pub(super) const ALL: Self = Self((1 << (Use::Items as u16 + 1)) - 1);

    /// Says whether a use is among them.
    pub(super) fn has(self, one: Use) -> bool {
        self.0 & (1 << one as u16) != 0
    }

    /// Returns the bytes of an element, of a class of storages.
    pub(super) fn storage(self) -> Option<u64> {
        let sizes =
            [(Use::Storage1, 1), (Use::Storage2, 2), (Use::Storage4, 4), (Use::Storage8, 8), (Use::Storage16, 16)];
        sizes.into_iter().find(|(one, _)| self.has(*one)).map(|(_, bytes)| bytes)
    }
}

impl FromIterator<Use> for Uses {
    fn from_iter<I: IntoIterator<Item = Use>>(uses: I) -> Self {
        Self(uses.into_iter().fold(0, |set, one| set | 1 << one as u16))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    reviewed: String,
    group: Vec<Group>,
}

/// Names of one origin, for the same uses, for one reason.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code, reason = "origin and reason are for those who review the list"))]
struct Group {
    origin: String,
    reason: String,
    uses: Vec<Use>,
    /// `module:name`; neither is a pattern, and a name has no dot.
    names: Vec<String>,
}

/// Returns the day on which the list was reviewed last, as in `2026-11-24`.
pub fn reviewed() -> &'static str {
    &LIST.0
}

/// Digests the list with all its reasons, and what it is judged against.
pub fn digest() -> Digest {
    Digest::of(format!("{TEXT}{DANGEROUS}").as_bytes())
}

static LIST: LazyLock<(String, HashMap<String, Uses>)> = LazyLock::new(|| {
    // A list that can't be read would allow nothing; a test reads it.
    let Ok(file) = toml::from_str::<File>(TEXT) else { return (String::new(), HashMap::new()) };
    let uses = |group: Group| {
        let uses: Uses = group.uses.into_iter().collect();
        group.names.into_iter().map(move |name| (name, uses))
    };
    (file.reviewed, file.group.into_iter().flat_map(uses).collect())
});

/// Says what may be done with a name; nothing where it may not even be imported.
pub(super) fn uses(module: &str, name: &str) -> Option<Uses> {
    if module.contains(':') || name.contains(':') {
        return None;
    }
    LIST.1.get(&format!("{module}:{name}")).copied()
}

/// What a name outside the list tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// It runs programs or code, or reaches what does.
    Dangerous,
    /// It makes functions of code that the pickle brings.
    Code,
    /// Nothing is known of it.
    Unlisted,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dangerous {
    modules: Vec<String>,
    names: Vec<String>,
    code: Vec<String>,
}

static DANGEROUS_LIST: LazyLock<Dangerous> = LazyLock::new(|| toml::from_str(DANGEROUS).unwrap_or_default());

/// Says what is known of a name outside the list. It decides a word, never whether a file passes.
pub(super) fn suspicion(module: &str, name: &str) -> Suspicion {
    let list = &*DANGEROUS_LIST;
    let within =
        |root: &String| module == root || module.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('.'));
    // A dotted name reaches through the module: each of its parts may be what is dangerous.
    let full = format!("{module}.{name}");
    let reached = |root: &String| full.split('.').any(|part| part == root) && name.contains('.');
    if list.code.iter().any(within) {
        Suspicion::Code
    } else if list.modules.iter().any(|root| within(root) || reached(root))
        || list.names.iter().any(|known| known.split_once(':').is_some_and(|(of, known)| module == of && name == known))
    {
        Suspicion::Dangerous
    } else {
        Suspicion::Unlisted
    }
}

/// Says whether a text is the name of a module, or of something in one, that no model needs.
pub(super) fn is_dangerous_word(text: &str) -> bool {
    let list = &*DANGEROUS_LIST;
    suspicion(text, "") != Suspicion::Unlisted
        || list.names.iter().any(|known| known.split_once(':').is_some_and(|(_, name)| name == text))
}

/// Returns every module and every name of the list, which are remembered however many texts there are.
pub(super) fn is_listed_word(text: &[u8]) -> bool {
    static WORDS: LazyLock<std::collections::HashSet<&'static [u8]>> = LazyLock::new(|| {
        LIST.1
            .keys()
            .filter_map(|full| full.split_once(':'))
            .flat_map(|(module, name)| [module.as_bytes(), name.as_bytes()])
            .collect()
    });
    WORDS.contains(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_read_and_its_names_are_whole() {
        let file: File = toml::from_str(TEXT).unwrap();
        let mut seen = BTreeSet::new();
        for group in &file.group {
            assert!(group.origin.len() > 3 && group.reason.len() > 10, "{}", group.origin);
            for full in &group.names {
                let (module, name) = full.split_once(':').unwrap();
                assert!(!name.contains('.') && !name.is_empty() && !module.is_empty(), "{full}");
                assert!(seen.insert(full), "{full} is listed twice");
                assert_ne!(suspicion(module, name), Suspicion::Dangerous, "{full} is allowed and dangerous");
            }
        }
        assert!(chrono::NaiveDate::parse_from_str(reviewed(), "%Y-%m-%d").is_ok());
    }

    #[test]
    fn names_are_compared_whole() {
        assert!(uses("collections", "OrderedDict").is_some());
        for (module, name) in [
            ("collections", "OrderedDict.update"),
            ("collections.abc", "OrderedDict"),
            ("Collections", "OrderedDict"),
            ("collections:OrderedDict", ""),
            ("", "collections:OrderedDict"),
            ("os", "system"),
        ] {
            assert_eq!(uses(module, name), None, "{module} {name}");
        }
    }

    #[test]
    fn what_runs_programs_is_dangerous() {
        for (module, name) in [
            ("os", "system"),
            ("subprocess", "Popen"),
            ("builtins", "eval"),
            ("__builtin__", "exec"),
            ("collections", "abc.sys.modules"),
        ] {
            assert_eq!(suspicion(module, name), Suspicion::Dangerous, "{module}.{name}");
        }
        assert_eq!(suspicion("dill._dill", "_create_function"), Suspicion::Code);
        assert_eq!(suspicion("ours", "Model"), Suspicion::Unlisted);
    }
}
