//! How much of anything is read before it is refused.
//!
//! A limit is checked before memory is spent on what it limits. Going over one is the finding
//! `limit-exceeded`, or an error where the file is the user's own. `docs/format.md` repeats the table.

use std::time::Duration;

/// Bytes of one line of a release bundle: 64 MiB, room for the model signature of 200,000 files.
pub const LINE_BYTES: usize = 64 << 20;
/// Bytes of a release bundle: 128 MiB.
pub const BUNDLE_BYTES: usize = 128 << 20;
/// Lines of a release bundle.
pub const BUNDLE_LINES: usize = 1_000;
/// Work spent on signatures of one release bundle, in bytes digested (each check counts 64 KiB on top).
pub const SIGNATURE_WORK: usize = 1 << 30;
/// Entries of transparency logs that one line may have.
pub const LOG_ENTRIES: usize = 32;
/// Timestamps that one line may have.
pub const TIMESTAMPS: usize = 32;
/// Nested arrays and objects in JSON.
pub const JSON_DEPTH: usize = 96;
/// Members of one JSON object.
pub const JSON_MEMBERS: usize = 10_000;
/// Values in one JSON text.
pub const JSON_NODES: usize = 4_000_000;
/// Bytes of a predicate that is not a model signature: 8 MiB.
pub const PREDICATE_BYTES: usize = 8 << 20;
/// Values in a predicate that is not a model signature: small objects take far more memory than text.
pub const PREDICATE_NODES: usize = 500_000;
/// Bytes of a path inside a tree.
pub const PATH_BYTES: usize = 4_096;
/// Nested folders in a tree.
pub const TREE_DEPTH: usize = 128;
/// Files in a tree.
pub const TREE_FILES: usize = 10_000_000;
/// Model files up to which BOM and provenance name each file.
pub const LISTED_FILES: usize = 1_000;
/// Bytes of a file that the user writes: `release.toml`, `trust.toml`, a key, a password.
pub const CONFIGURATION_BYTES: usize = 1 << 20;
/// Certificates that may stand between that of a signer and that of an authority: so many does the library follow.
pub const CHAIN_BETWEEN: usize = 6;
/// Certificates that a signature may carry: the signer's, those between, and the authority's.
pub const CHAIN_CERTIFICATES: usize = CHAIN_BETWEEN + 2;
/// Shards of one model signature: 200 TB in those of 1 GB that the reference makes unless one asks for others.
pub const MODEL_SHARDS: usize = 200_000;
/// Bytes of a list of revoked certificates: 16 MiB.
pub const REVOCATION_BYTES: usize = 16 << 20;
/// Bytes that scrypt mixes for the password of a private key, memory times passes: 256 MiB.
pub const SCRYPT_BYTES: u64 = 256 << 20;
/// Iterations of PBKDF2 for the password of a private key.
pub const PBKDF2_ITERATIONS: u32 = 2_000_000;
/// Bytes that a program prints that signs: 64 KiB.
pub const SIGNER_OUTPUT_BYTES: usize = 64 << 10;
/// Time that a program takes for one signature.
pub const SIGNER_TIME: Duration = Duration::from_secs(60);
/// Findings of one code that are kept; the rest is counted.
pub const FINDINGS_PER_CODE: usize = 1_000;
/// Bytes of the paths that the statement of a scan lists as covered, 32 more each; as many of those that are not: 3 MiB.
pub const COVERED_BYTES: usize = 3 << 20;
/// Bytes read at once while hashing.
pub const READ_BUFFER: usize = 256 << 10;
/// Bytes of a condition in Rego: 64 KiB.
pub const CONDITION_BYTES: usize = 64 << 10;
/// Bytes of evidence that a condition sees: 16 MiB.
pub const CONDITION_INPUT_BYTES: usize = 16 << 20;
/// Time of a processor that a condition may take.
pub const CONDITION_TIME: Duration = Duration::from_secs(2);
/// Time after which nobody waits for a condition any more, however little of a processor it had.
pub const CONDITION_PATIENCE: Duration = Duration::from_secs(20);
/// Memory that a condition may take: 256 MiB.
pub const CONDITION_MEMORY: u64 = 256 << 20;
/// Address space for the stack of a condition: 1 GiB. A value of [`CONDITION_MEMORY`] that is nothing but depth is
/// taken apart within it.
pub const CONDITION_STACK: usize = 1 << 30;
/// Bytes that a text may have that a builtin makes of others in a condition: 16 MiB.
pub const CONDITION_TEXT: usize = 16 << 20;
/// Messages of one condition that are kept.
pub const CONDITION_MESSAGES: usize = 100;
/// Colons in the name of a scanned file at which the path of a file may end.
pub const SCAN_NAME_COLONS: usize = 16;
/// The most comparisons of OpenVEX statements with vulnerabilities; what is left after them is not excused.
pub const OPENVEX_COMPARISONS: usize = 10_000_000;
/// Bytes of a file of package facts: 16 MiB.
pub const PACKAGE_FACTS_BYTES: usize = 16 << 20;
/// Stages of a policy.
pub const POLICY_STAGES: usize = 100;
/// Fixtures of one run of `policy test`.
pub const POLICY_FIXTURES: usize = 1_000;
/// Findings that a receipt lists; the rest is counted.
pub const RECEIPT_FINDINGS: usize = 500;
/// How often a lock is tried for, at intervals of [`LOCK_INTERVAL_MILLISECONDS`]: two minutes in all.
pub const LOCK_TRIES: usize = 6_000;
/// The time between two tries for a lock.
pub const LOCK_INTERVAL_MILLISECONDS: u64 = 20;
/// Bytes of a state file: 4 MiB, room for as many releases as an object of JSON may have members.
pub const STATE_BYTES: usize = 4 << 20;
/// Values of all predicates of a release bundle together, model signatures excepted.
pub const BUNDLE_NODES: usize = 1_000_000;
/// Lines of a list of withdrawals.
pub const WITHDRAWALS_LINES: usize = 100_000;
/// Bytes of a file with withdrawals: 16 MiB.
pub const WITHDRAWALS_BYTES: usize = 16 << 20;
/// Bytes of a lock file: 16 MiB.
pub const LOCK_FILE_BYTES: usize = 16 << 20;
/// Values in a text in YAML, and events of its parser.
pub const YAML_NODES: usize = 2_000_000;
/// Sequences and mappings inside each other in YAML.
pub const YAML_DEPTH: usize = 32;
/// Anchors, and aliases of them, in YAML.
pub const YAML_ALIASES: usize = 1_000;
/// Packages that lock files, notebooks and other BOMs may name together.
pub const PACKAGES: usize = 10_000;
/// Digests of packages that a BOM lists; of what comes after them, none.
pub const PACKAGE_HASHES: usize = 20_000;
/// Bytes of the name, version or address of a package.
pub const PACKAGE_TEXT_BYTES: usize = 1_000;
/// Changed files and tags of the code that BOM and provenance name; of more, the first.
pub const LISTED_CHANGES: usize = 100;
/// Bytes of a notebook: 32 MiB.
pub const NOTEBOOK_BYTES: u64 = 32 << 20;
/// Modules that one notebook imports; of more, the first.
pub const NOTEBOOK_IMPORTS: usize = 200;
/// Bytes of a file of a dataset up to which its rows are counted where that means to read it: 64 MiB.
pub const DATASET_COUNTED_BYTES: u64 = 64 << 20;
/// Rows of a larger file from which its columns are known.
pub const DATASET_SAMPLED_ROWS: u64 = 1_000;
/// Bytes of one row of CSV or JSON Lines: 8 MiB.
pub const DATASET_ROW_BYTES: u64 = 8 << 20;
/// Values in one row of JSON Lines.
pub const DATASET_ROW_NODES: usize = 100_000;
/// Columns of a table.
pub const DATASET_COLUMNS: u64 = 10_000;
/// Columns of a dataset that a BOM lists.
pub const LISTED_COLUMNS: usize = 500;
/// Classes of a folder of pictures that a BOM lists.
pub const LISTED_CLASSES: usize = 500;
/// Rows of all datasets of a release that are compared, 16 bytes each: 256 MiB.
pub const COMPARED_ROWS: usize = 16 << 20;
/// Rows that stand on both sides and are named by file and number; the rest is counted.
pub const NAMED_ROWS: usize = 3;
/// Bytes of the card of a dataset: 1 MiB.
pub const DATASET_CARD_BYTES: u64 = 1 << 20;
/// Bytes of the metadata of a Parquet file: 64 MiB.
pub const PARQUET_METADATA_BYTES: u64 = 64 << 20;
/// Groups inside groups in the schema of a Parquet file.
pub const PARQUET_DEPTH: usize = 64;
/// Bytes of the header of a page of a Parquet file, with the statistics in it: 16 MiB.
pub const PARQUET_PAGE_HEADER_BYTES: u64 = 16 << 20;
/// Bytes of pages and dictionaries of a Parquet file that are unpacked at one time, over all its columns: 512 MiB.
pub const PARQUET_OPEN_BYTES: u64 = 512 << 20;
/// Bytes to which a Parquet file may unpack, in pages and in rows, where each value counts eight more: 32 GiB.
pub const PARQUET_UNPACKED_BYTES: u64 = 32 << 30;
/// Messages of an Arrow file.
pub const ARROW_MESSAGES: u64 = 100_000;
/// Bytes of a report of another tool that is imported: 64 MiB.
pub const REPORT_BYTES: usize = 64 << 20;
/// Bytes of one entry of a database of vulnerabilities: 16 MiB.
pub const OSV_ENTRY_BYTES: usize = 16 << 20;
/// Vulnerabilities that a database may know of the packages of one document.
pub const OSV_MATCHES: usize = 100_000;
/// Bytes of a bill of materials that is validated by itself: 64 MiB.
pub const BOM_BYTES: usize = 64 << 20;
/// Objections of one file that a scan keeps; the rest is counted.
pub const SCAN_OBSERVATIONS: usize = 100;
/// Files that one file may name as its raw data.
pub const SCAN_RAW_FILES: usize = 10_000;
/// Archives inside archives.
pub const SCAN_DEPTH: usize = 3;
/// Bytes of a reader's buffer.
pub const FORMAT_BUFFER: usize = 16 << 10;
/// Bytes of the header of a safetensors file: 32 MiB.
pub const SAFETENSORS_HEADER_BYTES: u64 = 32 << 20;
/// Tensors of one file, and of one model whose tensors are digested.
pub const TENSORS: usize = 1_000_000;
/// Bytes of the names, types and shapes of the tensors of one model: 256 MiB.
pub const TENSOR_TABLE_BYTES: usize = 256 << 20;
/// Tensors whose digests a bundle records.
pub const RECORDED_TENSORS: usize = 25_000;
/// Keys of the metadata of a GGUF file.
pub const GGUF_PAIRS: u64 = 100_000;
/// Arrays inside arrays in GGUF.
pub const GGUF_ARRAY_DEPTH: usize = 4;
/// Bytes of one text of a model's metadata, such as a chat template: 1 MiB.
pub const METADATA_TEXT_BYTES: u64 = 1 << 20;
/// Bytes of all such texts that are kept of one file: 64 MiB.
pub const METADATA_BYTES: u64 = 64 << 20;
/// Bytes of the name of an operator or a domain in a graph.
pub const GRAPH_NAME_BYTES: u64 = 1_024;
/// Distinct names of one kind in a graph.
pub const GRAPH_NAMES: u64 = 10_000;
/// Tensors and buffers of a TensorFlow Lite model.
pub const TFLITE_TENSORS: u64 = 100_000;
/// Dimensions of one of its tensors.
pub const TENSOR_DIMENSIONS: u64 = 64;
/// Graphs inside graphs.
pub const GRAPH_DEPTH: usize = 32;
/// Places where an HDF5 file may begin that are looked at: 0, and doublings of 512.
pub const HDF5_STARTS: usize = 24;
/// Groups and datasets of one HDF5 file.
pub const HDF5_OBJECTS: u64 = 1_000_000;
/// Bytes read of one HDF5 file: 1 GiB of groups and attributes.
pub const HDF5_BYTES: u64 = 1 << 30;
/// Bytes of the header of one HDF5 object.
pub const HDF5_HEADER_BYTES: usize = 16 << 20;
/// Seconds without progress after which reading HDF5 ends.
pub const HDF5_SECONDS: u64 = 60;
/// Characters of foreign text that are kept to be shown.
pub const SHOWN_CHARACTERS: usize = 200;
/// Bytes of a JSON file that a scan walks through: 128 MiB, room for the largest vocabularies.
pub const SCAN_JSON_BYTES: u64 = 128 << 20;
/// Bytes of YAML, HTML or a list of packages that a scan reads: 16 MiB.
pub const SCAN_TEXT_BYTES: u64 = 16 << 20;
/// Bytes of the configuration of a Keras model: 16 MiB.
pub const KERAS_CONFIGURATION_BYTES: u64 = 16 << 20;
/// Bytes at the end of a file in which a zip archive may end: its last record with the longest comment.
pub const ZIP_END_BYTES: u64 = 22 + 65_535;
/// Bytes to which the archives of one file may unpack: 16 GiB.
pub const SCAN_UNPACKED_BYTES: u64 = 16 << 30;
/// Values that wait on the stack of a pickle.
pub const PICKLE_STACK: usize = 2 << 20;
/// Open marks of a pickle.
pub const PICKLE_MARKS: usize = 1 << 20;
/// Values in the memo of a pickle of which more is known than that they are there.
pub const PICKLE_MEMO: usize = 4 << 20;
/// Numbers in the memo of a pickle that are set before those below them.
pub const PICKLE_SCATTERED: usize = 64 << 10;
/// Bytes of short texts of a pickle that are kept: 4 MiB.
pub const PICKLE_TEXTS: usize = 4 << 20;
/// Items of short tuples of a pickle that are kept.
pub const PICKLE_TUPLES: usize = 2 << 20;
/// Bytes of a text, or items of a tuple, up to which it is short.
pub const PICKLE_KEPT: u8 = 128;
/// Different names that one pickle may import.
pub const PICKLE_GLOBALS: usize = 10_000;
/// Pickles behind each other in one file.
pub const PICKLE_STREAMS: usize = 10_000;
/// Members of an archive, and storages of a pickle.
pub const SCAN_MEMBERS: usize = 200_000;
/// Unpacked bytes of one member from which the ratio of packing counts: 32 MiB.
pub const SCAN_BOMB_BYTES: u64 = 32 << 20;
/// How many times its size a large member may unpack to.
pub const SCAN_BOMB_RATIO: u64 = 200;
/// Unpacked bytes that are kept in memory: 16 MiB; more goes into a temporary file.
pub const SCAN_MEMORY_BYTES: usize = 16 << 20;
/// KiB of the dictionary of a file packed with xz.
pub const SCAN_XZ_KIB: u32 = 64 << 10;
/// Bytes of a value that a BOM takes over from the metadata of a file, and of its key.
pub const NOTED_BYTES: usize = 256;
/// Bytes of one licence expression that is looked into.
pub const LICENCE_BYTES: usize = 1_024;
/// Steps between models and what they were made from that are followed for licences, and bytes of licences on the way.
pub const LICENCE_STEPS: usize = 5_000_000;
/// Licences that do not flow into a release that are listed; the rest is counted.
pub const LISTED_OBSTACLES: usize = 1_000;
/// How many values of one kind a BOM takes over from a file.
pub const NOTED_TEXTS: usize = 64;
/// Bytes of a NumPy header: numpy itself refuses more than 10,000.
pub const NPY_HEADER_BYTES: u64 = 64 << 10;
/// Bytes at the start of a pickle that are looked at for its class and version.
pub const PICKLE_HEAD_BYTES: usize = 64 << 10;
/// Bytes at the start of a file that is packed as a whole that are unpacked, to look for a pickle.
pub const PACKED_HEAD_BYTES: u64 = 8 << 20;
/// Bytes that come of it.
pub const UNPACKED_HEAD_BYTES: usize = 1 << 20;
/// Bytes of the directory of a zip file that facts are read from.
pub const ZIP_DIRECTORY_BYTES: u32 = 32 << 20;
/// Bytes of a model card.
pub const CARD_BYTES: u64 = 1 << 20;
/// Characters of a paragraph of a model card, and paragraphs of one topic.
pub const CARD_TEXT_CHARACTERS: usize = 2_000;
/// Paragraphs of one topic of a model card.
pub const CARD_PARAGRAPHS: usize = 20;
