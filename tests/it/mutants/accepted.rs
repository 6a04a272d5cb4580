//! The classes of single changes that may pass, each with its reason.
//!
//! Of a line that nobody signed again, a change may pass only where it is in none of the signed bytes. Of a
//! payload that the trusted key signed again, it may pass where the signer said something that the baseline
//! does not judge: the report must then say what it said before, or what is signed now.

/// How many mutants there are.
pub const MUTANTS: usize = 16_177;

/// Mutants that pass for one reason.
pub struct Class {
    pub name: &'static str,
    pub why: &'static str,
    rules: &'static [Rule],
}

/// Level, lines, places (with `**` at the end for all beneath), changes; `*` for all.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// Changes of a text that leave it a text.
const OTHER_TEXT: &[&str] = &[
    "empty",
    "neighbour",
    "first character",
    "last character",
    "space",
    "other case",
    "base64 line feed",
    "base64 unpadded",
    "base64 of addresses",
    "base64 spare bits",
];
/// Changes by which a member is no longer there under its name.
const GONE: &[&str] = &["delete", "rename", "blank key", "null"];
const LESS: &[&str] = &["delete", "empty"];
const ANY: &[&str] = &["*"];

pub const CLASSES: &[Class] = &[
    Class {
        name: "unknown field of a line",
        why: "DSSE and Sigstore bundles demand that it be ignored; no signature covers it",
        rules: &[(
            "line",
            ANY,
            &[
                "",
                "/dsseEnvelope",
                "/dsseEnvelope/signatures/*",
                "/verificationMaterial",
                "/verificationMaterial/publicKey",
            ],
            &["unknown field"],
        )],
    },
    Class {
        name: "hint",
        why: "a key id says which key to try first and proves nothing",
        rules: &[
            ("line", ANY, HINTS, OTHER_TEXT),
            ("line", ANY, HINTS, GONE),
            ("line", ANY, &["/verificationMaterial/publicKey"], &["empty"]),
        ],
    },
    Class {
        name: "empty list left out",
        why: "a list without an entry may be absent; one with an entry is refused",
        rules: &[("line", ANY, &["/verificationMaterial/tlogEntries"], GONE)],
    },
    Class {
        name: "unknown field of a statement",
        why: "in-toto demands that it be ignored; seals and BOMs refuse it in their predicates",
        rules: &[
            ("payload", ANY, &["", "/subject/*"], &["unknown field"]),
            ("payload", &["provenance", "model-signature", "test-result"], &["/predicate**"], &["unknown field"]),
        ],
    },
    Class {
        name: "name of a subject",
        why: "it is for readers; the digest decides. Where names bind, in the list of a provenance, it is refused",
        rules: &[("payload", ANY, &["/subject/*/name"], OTHER_TEXT), ("payload", ANY, &["/subject/*/name"], GONE)],
    },
    Class {
        name: "subject that is not matched",
        why: "of a folder the first two subjects are matched; what follows them binds in a provenance alone",
        rules: &[("payload", UNMATCHED, &["/subject/*"], &["duplicate"])],
    },
    Class {
        name: "one of two subjects",
        why: "others know one digest of a folder, so either is enough in what they write too; the seal names both",
        rules: &[("payload", &["bom", "test-result"], &["/subject/*"], &["delete", "neighbour"])],
    },
    Class {
        name: "name of a single file",
        why: "a model of one file is the same file under any name",
        rules: &[("payload", &["model-signature"], &["/predicate/resources/*/name"], OTHER_TEXT)],
    },
    Class {
        name: "exemption twice",
        why: "the four exempted names are a set",
        rules: &[("payload", &["model-signature"], &["/predicate/serialization/ignore_paths/*"], &["duplicate"])],
    },
    Class {
        name: "another time",
        why: "the signer claims it; only a time to come is refused",
        rules: &[
            ("payload", &["seal"], &["/predicate/sealedAt"], OTHER_TEXT),
            ("payload", &["bom"], &["/predicate/metadata/timestamp"], OTHER_TEXT),
            ("payload", &["provenance"], TIMES, OTHER_TEXT),
            ("payload", &["provenance"], TIMES, GONE),
        ],
    },
    Class {
        name: "absent for null",
        why: "a first seal has none before it, whether it says null or nothing",
        rules: &[("payload", &["seal"], &["/predicate/previous"], &["delete"])],
    },
    Class {
        name: "seal that names less",
        why: "the releaser says which lines count, and the report how many; the newest seal can't leave out what an older one named",
        rules: &[("payload", &["seal"], &["/predicate/members", "/predicate/members/*"], LESS)],
    },
    Class {
        name: "BOM says less",
        why: "what CycloneDX lets a BOM leave out; digests and files of the model can't be left out",
        rules: &[("payload", &["bom"], &["/predicate/**"], LESS)],
    },
    Class {
        name: "BOM says otherwise",
        why: "what the baseline does not judge: names, addresses, licences, properties that are not digests",
        rules: &[
            ("payload", &["bom"], &["/predicate/**"], OTHER_TEXT),
            ("payload", &["bom"], &["/predicate/**"], &["duplicate"]),
        ],
    },
    Class {
        name: "parameters of the training",
        why: "SLSA leaves their form to the build; digests stand elsewhere",
        rules: &[("payload", &["provenance"], &["/predicate/buildDefinition/externalParameters**"], ANY)],
    },
    Class {
        name: "annotation or address of a part",
        why: "the name and the digest of a part bind; these are for readers",
        rules: &[
            ("payload", &["provenance"], ANNOTATIONS, ANY),
            ("payload", &["provenance"], &["/predicate/buildDefinition/resolvedDependencies/*/uri"], OTHER_TEXT),
            ("payload", &["provenance"], &["/predicate/buildDefinition/resolvedDependencies/*/uri"], GONE),
        ],
    },
    Class {
        name: "build system",
        why: "the baseline does not judge which system ran the training; the key says who vouches for it",
        rules: &[
            ("payload", &["provenance"], BUILD_TEXTS, OTHER_TEXT),
            ("payload", &["provenance"], BUILD_EXTRAS, OTHER_TEXT),
            ("payload", &["provenance"], BUILD_EXTRAS, GONE),
        ],
    },
    Class {
        name: "details of a test",
        why: "the result alone is judged",
        rules: &[("payload", &["test-result"], &["/predicate/configuration**", "/predicate/passedTests**"], ANY)],
    },
];

const HINTS: &[&str] = &["/dsseEnvelope/signatures/*/keyid", "/verificationMaterial/publicKey/hint"];
const UNMATCHED: &[&str] = &["bom", "provenance", "seal", "test-result"];
const TIMES: &[&str] = &["/predicate/runDetails/metadata/startedOn", "/predicate/runDetails/metadata/finishedOn"];
const ANNOTATIONS: &[&str] = &["/predicate/buildDefinition/resolvedDependencies/*/annotations**"];
const BUILD_TEXTS: &[&str] = &["/predicate/buildDefinition/buildType", "/predicate/runDetails/builder/id"];
const BUILD_EXTRAS: &[&str] = &[
    "/predicate/runDetails/builder/version",
    "/predicate/runDetails/builder/version/assaymark",
    "/predicate/runDetails/metadata",
];

/// Finds the class of a mutant that passed.
pub fn class_of(level: &str, line: &str, place: &str, change: &str) -> Option<&'static Class> {
    let fits = |(of, lines, places, changes): &Rule| {
        let one_of = |all: &[&str], one: &str| all.contains(&"*") || all.contains(&one);
        let within = |pattern: &&str| match pattern.strip_suffix("**") {
            Some(start) => place.starts_with(start),
            None => place == *pattern,
        };
        *of == level && one_of(lines, line) && places.iter().any(within) && one_of(changes, change)
    };
    CLASSES.iter().find(|class| class.rules.iter().any(fits))
}
