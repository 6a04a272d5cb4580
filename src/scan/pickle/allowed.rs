//! What a pickle may import: whole names, each for certain uses. Everything else is a finding.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memmem;
#[cfg(test)]
use serde::Deserialize;

use crate::digest::Digest;

/// The list itself. `docs/scan.md` says how it is made and reviewed.
const TEXT: &str = include_str!("allowed.toml");
/// What no model needs.
const DANGEROUS: &str = include_str!("dangerous.toml");

/// What may be done with something imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Deserialize), serde(rename_all = "kebab-case"))]
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
    /// It may be called with numbers and nothing.
    Plain,
    /// It may be called with a type and bytes that stand in the pickle.
    Scalar,
}

/// A set of uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses(u32);

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

impl Use {
    /// Reads the word that stands in the list.
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "call" => Self::Call,
            "new" => Self::New,
            "build" => Self::Build,
            "attributes" => Self::Attributes,
            "items" => Self::Items,
            "latin1" => Self::Latin1,
            "element-type" => Self::ElementType,
            "array-in-stream" => Self::ArrayInStream,
            "makes-first" => Self::MakesFirst,
            "makes-tensor" => Self::MakesTensor,
            "array" => Self::Array,
            "storage1" => Self::Storage1,
            "storage2" => Self::Storage2,
            "storage4" => Self::Storage4,
            "storage8" => Self::Storage8,
            "storage16" => Self::Storage16,
            "plain" => Self::Plain,
            "scalar" => Self::Scalar,
            _ => return None,
        })
    }
}

/// Returns the day on which the list was reviewed last, as in `2026-11-24`.
pub fn reviewed() -> &'static str {
    TEXT.split_once("reviewed = ").and_then(|(_, rest)| quoted(rest).next()).unwrap_or_default()
}

/// Digests the list with all its reasons, and what it is judged against.
pub fn digest() -> Digest {
    Digest::of(format!("{TEXT}{DANGEROUS}").as_bytes())
}

/// What stands before the names of a line, and before the words of a group.
const NAMES: &str = "    \"";
const USES: &str = "uses = ";

/// Names after which a table of the list is worth its making: that takes longer than most scans of one file.
const MANY: usize = 64;

/// Says what may be done with a name; nothing where it may not even be imported.
pub(super) fn uses(module: &str, name: &str) -> Option<Uses> {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static TABLE: LazyLock<HashMap<(&str, &str), Uses>> = LazyLock::new(table);
    if ASKED.fetch_add(1, Ordering::Relaxed) < MANY {
        searched(module, name)
    } else {
        TABLE.get(&(module, name)).copied()
    }
}

/// Reads all of the list.
fn table() -> HashMap<(&'static str, &'static str), Uses> {
    let mut table = HashMap::new();
    let mut uses = Uses::default();
    for line in TEXT.lines() {
        if let Some((_, words)) = line.rsplit_once(USES) {
            uses = quoted(words).filter_map(Use::of).collect();
        }
        let names = Some(line).filter(|line| line.starts_with(NAMES)).into_iter().flat_map(quoted);
        table.extend(names.filter_map(|full| full.split_once(':')).map(|pair| (pair, uses)));
    }
    table
}

/// Searches the list, which is TOML, as it is: a reader of all of TOML takes longer still. A test compares the three.
fn searched(module: &str, name: &str) -> Option<Uses> {
    // Neither may reach beyond the quotation marks between which the two stand.
    if [module, name].iter().any(|part| part.contains(['"', '\n', ':'])) {
        return None;
    }
    let full = format!("\"{module}:{name}\"");
    let mut found = memmem::find_iter(TEXT.as_bytes(), &full).filter_map(|at| TEXT.get(..at));
    // Reasons and origins are no names.
    let before = found.find(|before| {
        let line = before.rfind('\n').map_or(0, |feed| feed + 1);
        TEXT.get(line..).is_some_and(|line| line.starts_with(NAMES))
    })?;
    let group = memmem::rfind(before.as_bytes(), USES.as_bytes())?;
    let words = before.get(group + USES.len()..)?.lines().next()?;
    Some(quoted(words).filter_map(Use::of).collect())
}

/// Returns every name of the list, with its module.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXT.lines().filter(|line| line.starts_with(NAMES)).flat_map(quoted).filter_map(|full| full.split_once(':'))
}

/// Returns what stands between quotation marks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
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

/// What no model needs, read as the list above is.
struct Dangerous {
    modules: HashSet<&'static str>,
    /// Modules and names.
    pairs: HashSet<(&'static str, &'static str)>,
    /// The names of all pairs.
    names: HashSet<&'static str>,
    code: HashSet<&'static str>,
}

static DANGEROUS_LIST: LazyLock<Dangerous> = LazyLock::new(|| {
    let pairs: HashSet<_> = dangerous("names").filter_map(|full| full.split_once(':')).collect();
    let names = pairs.iter().map(|(_, name)| *name).collect();
    Dangerous { modules: dangerous("modules").collect(), pairs, names, code: dangerous("code").collect() }
});

/// Returns the words of one list in the file of what is dangerous.
fn dangerous(list: &str) -> impl Iterator<Item = &'static str> {
    let start = DANGEROUS.split_once(&format!("\n{list} = ["));
    let words = start.and_then(|(_, rest)| rest.split_once(']')).map(|(words, _)| words);
    quoted(words.unwrap_or_default())
}

/// Says whether a module or one that it is in is among these.
fn is_within(module: &str, roots: &HashSet<&'static str>) -> bool {
    let ends = module.match_indices('.').map(|(dot, _)| dot).chain([module.len()]);
    ends.filter_map(|end| module.get(..end)).any(|root| roots.contains(root))
}

/// Says what is known of a name outside the list. It decides a word, never whether a file passes.
pub(super) fn suspicion(module: &str, name: &str) -> Suspicion {
    let list = &*DANGEROUS_LIST;
    // A dotted name reaches through the module: each of its parts may be what is dangerous.
    let reached =
        || name.contains('.') && module.split('.').chain(name.split('.')).any(|part| list.modules.contains(part));
    if is_within(module, &list.code) {
        Suspicion::Code
    } else if is_within(module, &list.modules) || list.pairs.contains(&(module, name)) || reached() {
        Suspicion::Dangerous
    } else {
        Suspicion::Unlisted
    }
}

/// Says whether a text is the name of a module, or of something in one, that no model needs.
pub(super) fn is_dangerous_word(text: &str) -> bool {
    suspicion(text, "") != Suspicion::Unlisted || DANGEROUS_LIST.names.contains(text)
}

/// Says whether a text is a module or a name of the list: these are remembered however many texts there are.
pub(super) fn is_listed_word(text: &[u8]) -> bool {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| Words::of(names().flat_map(|(module, name)| [module.as_bytes(), name.as_bytes()])));
    WORDS.has(text)
}

/// Words, behind a table that tells nearly all other texts from them by a few of their bytes: a model may have
/// a hundred million texts.
struct Words {
    words: HashSet<&'static [u8]>,
    shapes: Vec<bool>,
}

impl Words {
    const SHAPES: usize = 1 << 16;

    fn of(words: impl Iterator<Item = &'static [u8]>) -> Self {
        let mut all = Self { words: words.collect(), shapes: vec![false; Self::SHAPES] };
        for word in &all.words {
            if let Some(known) = all.shapes.get_mut(Self::shape(word)) {
                *known = true;
            }
        }
        all
    }

    fn has(&self, text: &[u8]) -> bool {
        self.shapes.get(Self::shape(text)).is_some_and(|known| *known) && self.words.contains(text)
    }

    fn shape(text: &[u8]) -> usize {
        let byte = |place: usize| usize::from(text.get(place).copied().unwrap_or_default());
        let ends = byte(0) | byte(text.len().wrapping_sub(1)) << 8;
        (ends ^ byte(text.len() / 2).wrapping_mul(0x1f35) ^ text.len().wrapping_mul(0x4e6d)) % Self::SHAPES
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct File {
        reviewed: String,
        group: Vec<Group>,
    }

    /// Names of one origin, for the same uses, for one reason.
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct Group {
        origin: String,
        reason: String,
        uses: Vec<Use>,
        /// `module:name`; neither is a pattern, and a name has no dot.
        names: Vec<String>,
    }

    #[test]
    fn lines_are_read_as_a_reader_of_toml_reads_them() {
        let file: File = toml::from_str(TEXT).unwrap();
        let (table, mut listed) = (table(), BTreeSet::new());
        for group in &file.group {
            let expected: Uses = group.uses.iter().copied().collect();
            for full in &group.names {
                let (module, name) = full.split_once(':').unwrap();
                assert_eq!(searched(module, name), Some(expected), "{full}");
                assert_eq!(table.get(&(module, name)), Some(&expected), "{full}");
                listed.insert((module, name));
            }
        }
        assert_eq!((reviewed(), names().collect()), (file.reviewed.as_str(), listed.clone()));
        assert_eq!(table.len(), listed.len());
        assert!(listed.len() > 900, "{}", listed.len());
        let file: BTreeMap<String, Vec<String>> = toml::from_str(DANGEROUS).unwrap();
        assert_eq!(file.keys().collect::<Vec<_>>(), ["code", "modules", "names"]);
        for (list, words) in &file {
            assert_eq!(words.iter().map(String::as_str).collect::<Vec<_>>(), dangerous(list).collect::<Vec<_>>());
        }
        assert!(file["names"].iter().all(|full| full.split_once(':').is_some()));
    }

    #[test]
    fn listed_words_are_known_and_others_are_not() {
        for (module, name) in names() {
            assert!(is_listed_word(module.as_bytes()) && is_listed_word(name.as_bytes()), "{module}:{name}");
        }
        let others = [b"".as_slice(), b"x", b"os", b"system", b"torch.", b"Tensorx"];
        assert!(others.iter().all(|word| !is_listed_word(word)));
    }

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
            ("collections", "OrderedDict\", \"collections:deque"),
            ("collections", "OrderedDict\",\n    \"torch"),
            ("", "OrderedDict"),
            ("collections", ""),
            ("", ""),
            ("ollections", "OrderedDict"),
            ("collections", "OrderedDic"),
            ("os", "system"),
        ] {
            assert_eq!(searched(module, name), None, "{module} {name}");
            assert_eq!(table().get(&(module, name)), None, "{module} {name}");
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
