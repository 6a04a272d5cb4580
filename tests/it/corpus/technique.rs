//! What attacks on readers of models have tried, and where that was published.

/// A way to hide code.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Technique {
    /// `os.system` and its like, named openly.
    Direct,
    /// Built-in functions that run, open or import.
    Builtin,
    /// A function of the standard library that block lists forget.
    StandardLibrary,
    /// A function of NumPy or PyTorch that block lists forget.
    NumericLibrary,
    /// A function of any other package.
    OtherPackage,
    /// A string becomes something that can be called.
    StringToCallable,
    /// A harmless module is the way to a harmful one.
    DottedName,
    /// The file shadows what another check allowed.
    ShadowedAllowList,
    /// Memo and stack hide what a name is.
    MemoAndStack,
    /// What a call returns is dropped.
    ResultDropped,
    /// A number of the extension registry instead of a name.
    ExtensionRegistry,
    /// What a persistent id means is up to whoever reads it.
    PersistentId,
    /// The parser stops before the attack.
    ParserStops,
    /// A frame that lies about its length.
    FrameDivergence,
    /// Something before the pickle, or several pickles.
    SeveralStreams,
    /// The extension says something else.
    Extension,
    /// Headers of a zip contradict each other.
    ZipHeaders,
    /// A pickle where no pickle is expected in an archive.
    HiddenMember,
    /// A name that leaves the folder.
    Escape,
    /// A submodule or subclass of what is blocked.
    Submodule,
    /// The magic number of PyTorch is computed.
    ComputedMagic,
    /// A file is two things.
    Polyglot,
    /// Code in a Keras model.
    Keras,
    /// Code that a NeMo configuration names.
    Nemo,
    /// Code that a skops schema names.
    Skops,
    /// A template that reaches Python.
    Template,
    /// A graph whose operators read, write or run.
    Operators,
    /// Weights in a file outside the folder.
    ExternalData,
    /// Code beside the weights.
    CodeBeside,
    /// A format other than pickle builds objects or calls functions.
    OtherSerializer,
    /// What a viewer shows runs.
    ActiveContent,
    /// Secrets in metadata.
    Credentials,
}

use Technique as T;

/// Every technique that was published, with its advisories and issues.
pub const TECHNIQUES: &[(Technique, &[&str])] = &[
    (
        T::StandardLibrary,
        &[
            "CVE-2025-1716",
            "GHSA-v7x6-rv5q-mhwc",
            "GHSA-49gj-c84q-6qm9",
            "GHSA-9w88-8rmg-7g2p",
            "GHSA-7wx9-6375-f5wh",
            "GHSA-x696-vm39-cp64",
            "GHSA-6vqj-c2q5-j97w",
            "GHSA-5qwp-399c-mjwf",
            "GHSA-g344-hcph-8vgg",
            "GHSA-fqq6-7vqf-w3fg",
            "GHSA-cj3c-v495-4xqh",
            "GHSA-m869-42cg-3xwr",
            "GHSA-j343-8v2j-ff7w",
            "GHSA-3gf5-cxq9-w223",
            "GHSA-8r4j-24qv-fmq9",
            "GHSA-9xph-j2h6-g47v",
            "GHSA-6w4w-5w54-rjvr",
            "GHSA-7cq8-mj8x-j263",
            "GHSA-3vg9-h568-4w9m",
            "GHSA-f54q-57x4-jg88",
            "GHSA-p9w7-82w4-7q8m",
            "GHSA-xp4f-hrf8-rxw7",
            "GHSA-4675-36f9-wf6r",
            "GHSA-vqmv-47xg-9wpr",
            "GHSA-m273-6v24-x4m4",
            "GHSA-q77w-mwjj-7mqx",
            "GHSA-g38g-8gr9-h9xp",
            "GHSA-r7v6-mfhq-g3m2",
            "GHSA-565g-hwwr-4pp3",
            "GHSA-wfq2-52f7-7qvj",
            "GHSA-q5qq-mvfm-j35x",
            "GHSA-p523-jq9w-64x9",
            "GHSA-5hvc-6wx8-mvv4",
            "GHSA-5hwf-rc88-82xm",
            "GHSA-6ggj-6f2q-f7mx",
            "GHSA-m6fh-58r7-x697",
            "GHSA-pc6j-px3p-rrj4",
        ],
    ),
    (
        T::NumericLibrary,
        &[
            "GHSA-4r9r-ch6f-vxmx",
            "GHSA-4whj-rm5r-c2v8",
            "GHSA-86cj-95qr-2p4f",
            "GHSA-f4x7-rfwp-v3xw",
            "GHSA-f745-w6jp-hpxx",
            "GHSA-jhph-76pp-mggw",
            "GHSA-h3qp-7fh3-f8h4",
            "GHSA-vr7h-p6mm-wpmh",
            "GHSA-vv6j-3g6g-2pvj",
            "GHSA-r8g5-cgf2-4m4m",
        ],
    ),
    (
        T::StringToCallable,
        &["GHSA-vvpj-8cmc-gx39", "GHSA-84r2-jw7c-4r5q", "GHSA-955r-x9j8-7rhh", "picklescan #66", "picklescan #74"],
    ),
    (T::DottedName, &["GHSA-5j3x-jp52-966f", "GHSA-h4rm-mm56-xf63"]),
    (T::ShadowedAllowList, &["GHSA-cffv-grgg-g429"]),
    (T::MemoAndStack, &["picklescan #22", "GHSA-46h3-79wf-xr6c", "modelscan #85"]),
    (T::ResultDropped, &["GHSA-mxhj-88fx-4pcv"]),
    (T::ParserStops, &["GHSA-9gvj-pp9x-gcfr", "modelscan #354", "CVE-2025-10156"]),
    (T::Extension, &["CVE-2025-1889", "CVE-2025-10155"]),
    (T::ZipHeaders, &["CVE-2025-1944", "CVE-2025-1945"]),
    (T::Submodule, &["CVE-2025-10157"]),
    (T::ComputedMagic, &["GHSA-97f8-7cmv-76j2"]),
    (T::FrameDivergence, &["cpython #154848", "fickling #317"]),
    (
        T::Keras,
        &[
            "CVE-2024-3660",
            "CVE-2025-1550",
            "CVE-2025-8747",
            "CVE-2025-9905",
            "CVE-2025-9906",
            "CVE-2025-49655",
            "modelscan #343",
        ],
    ),
    (T::Nemo, &["CVE-2025-23304"]),
    (T::Skops, &["CVE-2025-54412", "CVE-2025-54413", "CVE-2025-54886"]),
    (T::Template, &["CVE-2024-34359"]),
    (T::OtherSerializer, &["CVE-2023-47248", "CVE-2024-27322", "CVE-2024-52338"]),
    // Not in an advisory about a scanner, but tried on readers of models.
    (T::ActiveContent, &[]),
    (T::Builtin, &[]),
    (T::Credentials, &[]),
    (T::CodeBeside, &[]),
    (T::Direct, &[]),
    (T::Escape, &["CVE-2024-54132"]),
    (T::ExtensionRegistry, &[]),
    (T::ExternalData, &["CVE-2022-25882", "CVE-2024-27318", "CVE-2025-51480"]),
    (T::HiddenMember, &[]),
    (T::Operators, &[]),
    (T::OtherPackage, &[]),
    (T::PersistentId, &[]),
    (T::Polyglot, &[]),
    (T::SeveralStreams, &[]),
];
