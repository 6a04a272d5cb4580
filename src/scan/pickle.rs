//! Pickles: programs that rebuild objects. What they import is judged, nothing is imported.

use crate::limits;
use crate::path::TreePath;
use crate::scan::{Allowance, Check, Context, Format, Head, Observation, Reason, Sheet, Stop};
use crate::source::ReadAt;
use crate::text::Text;

pub use allowed::{digest, reviewed};
pub(in crate::scan) use globals::{is_dangerous_name, judge_name};
pub(in crate::scan) use input::Input;
pub(in crate::scan) use machine::{Machine, Persistence, Storage};

mod allowed;
mod arrays;
mod calls;
mod containers;
mod data;
mod globals;
mod inner;
mod input;
mod machine;
mod memory;
mod number;
mod opcode;
mod value;

/// Names under which pickles lie, even broken ones.
const EXTENSIONS: [&str; 10] = ["pkl", "pickle", "pck", "p", "pt", "pth", "ckpt", "joblib", "dill", "cloudpickle"];

/// Bytes behind which, and instructions after which, it is no chance that a file reads as a pickle.
const CHANCE_BYTES: u64 = 64 << 10;
const CHANCE_INSTRUCTIONS: u64 = 16;

/// One pickle, or several behind each other.
pub(super) struct Pickle;

impl Check for Pickle {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let is_pickle = match head.bytes {
            [0x80, 0..=5, next, ..] => opcode::is_instruction(*next),
            [first, ..] => opcode::is_instruction(*first) && Probe::run(head.source).shows_itself,
            [] => false,
        };
        is_pickle.then_some(Format::Pickle)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        let mut input = Input::new(source);
        let mut machine = Machine::new(&mut input, sheet, context.allowance, Persistence::Refused);
        machine.is_joblib = name.contains(".joblib");
        streams(&mut machine)
    }
}

/// Runs pickles up to the end of the input.
pub(super) fn streams(machine: &mut Machine<'_, '_>) -> Result<(), Stop> {
    for _ in 0..limits::PICKLE_STREAMS {
        machine.run()?;
        if machine.input.is_at_end()? {
            return Ok(());
        }
    }
    Err(Stop::Limit(format!("more than {} pickles stand behind each other", limits::PICKLE_STREAMS)))
}

/// What comes of running a file as a pickle from its first byte on, whatever else it is.
struct Probe {
    sheet: Sheet,
    /// It is a pickle without the header of protocol 2. Much text begins with what could be an instruction: it must come
    /// to an end, or have done something, or break so late that it can't be chance.
    shows_itself: bool,
    /// It would run code.
    runs: bool,
}

impl Probe {
    fn run(source: &dyn ReadAt) -> Self {
        let allowance = Allowance::default();
        let mut sheet = Sheet::default();
        let mut input = Input::new(source);
        let mut machine = Machine::new(&mut input, &mut sheet, &allowance, Persistence::Refused);
        let ran = machine.run();
        let (acted, instructions) = (machine.acted(), machine.instruction);
        let late = input.offset() + 16 > CHANCE_BYTES && instructions >= CHANCE_INSTRUCTIONS;
        // At a limit, and inside a frame, CPython may go on.
        let acts = acted
            || match &ran {
                Ok(()) => false,
                Err(Stop::Malformed(..)) => input.is_in_whole_frame(),
                Err(_) => true,
            };
        let runs = acts || sheet.observations().iter().any(imports);
        Self { sheet, shows_itself: ran.is_ok() || acts || late, runs }
    }
}

/// Says whether an objection is to an import that is none by chance, such as of two lines that happen to be there.
fn imports(seen: &Observation) -> bool {
    let is_name = |text: &Text| text.raw().chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    match seen.reason {
        Reason::DangerousImport | Reason::EmbeddedCode | Reason::ImportNotAllowed => {
            seen.called.as_ref().is_some_and(is_name)
        }
        Reason::HiddenImport => seen.position.instruction.is_some_and(|number| number >= 2),
        _ => false,
    }
}

/// Returns what a reader of pickles would do with a file that is recognised as something else, if it would run code.
/// Such readers begin at the first byte, whatever the file is and however it is called.
pub(super) fn hidden(head: &Head<'_>) -> Option<Sheet> {
    // Ids in text, with which a zip and many others begin, are refused by every known reader.
    let begins = matches!(head.bytes, [first, ..] if *first != b'P' && opcode::is_instruction(*first));
    let probe = begins.then(|| Probe::run(head.source))?;
    probe.runs.then_some(probe.sheet)
}

/// What is called a pickle and does not look like one: it is read as one all the same.
pub(super) struct Named;

impl Check for Named {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let named = !head.bytes.is_empty() && EXTENSIONS.contains(&head.extension().as_str());
        named.then_some(Format::Pickle)
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Pickle.scan(source, name, context, sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;
    use crate::scan::{Rating, Reason};

    fn reasons(bytes: &[u8]) -> Vec<Reason> {
        let scan = scan("model.bin", bytes);
        assert_eq!(scan.format, Format::Pickle, "{bytes:?}");
        scan.observations.iter().map(|seen| seen.reason).collect()
    }

    fn rating(bytes: &[u8]) -> Rating {
        scan("model.pkl", bytes).rating
    }

    /// A pickle of protocol 4 in one frame.
    fn framed(body: &[u8]) -> Vec<u8> {
        [b"\x80\x04\x95".as_slice(), &(body.len() as u64).to_le_bytes(), body].concat()
    }

    #[test]
    fn plain_data_is_clean() {
        for bytes in [
            b"\x80\x04N.".as_slice(),
            b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01U\x01bG\x00\x00\x00\x00\x00\x00\x00\x00u.",
            b"(lp0\nI1\naL2L\naF1.5\naS'x'\naVy\na(dp1\nS'k'\nI01\nsa.",
            b"\x80\x03C\x02ab.",
            b"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab.",
            b"\x80\x04\x8f(K\x01K\x02\x90.",
            b"\x80\x04K\x01K\x02K\x03\x87\x94h\x00\x8620.",
        ] {
            assert_eq!(rating(bytes), Rating::Clean, "{}", bytes.escape_ascii());
        }
        assert_eq!(rating(&framed(b"\x8c\x01a\x94.")), Rating::Clean);
    }

    #[test]
    fn whatever_imports_what_models_do_not_need_is_malicious() {
        for bytes in [
            b"cos\nsystem\n(S'true'\ntR.".as_slice(),
            b"cposix\nsystem\n(S'true'\ntR.",
            b"(S'true'\nios\nsystem\n.",
            b"(cos\nsystem\nS'true'\no.",
            b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
            b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\x00h\x01\x93\x8c\x04true\x85R.",
            b"\x80\x02X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.",
            b"S'os'\nS'system'\n\x93S'true'\n\x85R.",
            b"\x80\x02cos\nsystem\n0N.",
            b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R",
            b"\x80\x02N.\x80\x02cos\nsystem\n.",
            b"\x80\x04\x8c\x0bcollections\x8c\x0fabc.sys.modules\x93.",
            b"c__builtin__\neval\n(S'1'\ntR.",
        ] {
            assert_eq!(rating(bytes), Rating::Malicious, "{}", bytes.escape_ascii());
            assert_eq!(scan("model.txt", bytes).rating, Rating::Malicious, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn spellings_that_cpython_bears_hide_nothing() {
        for bytes in [
            b"I1_0\n0cos\nsystem\n(S'true'\ntR.".as_slice(),
            b"cos\nsystem\np 0_1 \n0g1\n(S'true'\ntR.",
            b"N\x80\x00cos\nsystem\n(S'true'\ntR.",
            b"I0x10\n0(S'true'\nios\nsystem\n.",
        ] {
            for name in ["model.txt", "model.bin", "model"] {
                assert_eq!(scan(name, bytes).rating, Rating::Malicious, "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn names_that_are_no_constants_are_hidden() {
        assert_eq!(reasons(b"\x80\x04C\x02osC\x06system\x93."), [Reason::HiddenImport]);
        assert_eq!(reasons(b"V\\u006fs\nVsystem\n\x93)R."), [Reason::HiddenImport]);
        assert_eq!(reasons(b"\x80\x02\x82\x01)R."), [Reason::HiddenImport]);
        assert_eq!(reasons(b"\x80\x02\x83\x01\x00)R."), [Reason::HiddenImport]);
        assert_eq!(reasons(b"\x80\x02\x84\x01\x00\x00\x00)R."), [Reason::HiddenImport]);
    }

    #[test]
    fn what_is_not_listed_is_suspicious() {
        assert_eq!(reasons(b"\x80\x02cours\nModel\n)\x81}b."), [Reason::ImportNotAllowed]);
        assert_eq!(reasons(b"\x80\x04\x8c\x0adill._dill\x8c\x10_create_function\x93."), [Reason::EmbeddedCode]);
        assert_eq!(reasons(b"\x80\x02X\x01\x00\x00\x00aQ."), [Reason::PersistentId]);
        assert_eq!(reasons(b"Pstorage\n."), [Reason::PersistentId]);
    }

    #[test]
    fn listed_names_are_for_their_uses_alone() {
        let ordered = b"\x80\x02ccollections\nOrderedDict\n)R}(X\x01\x00\x00\x00aK\x01ub.";
        assert_eq!(rating(ordered), Rating::Clean);
        for bytes in [
            // A class, not an object of it, gets a state.
            b"\x80\x02ccollections\nOrderedDict\n}b.".as_slice(),
            // A name that is only a value is called.
            b"\x80\x02ctorch\nfloat32\n)R.",
            // What a call returned is called.
            b"\x80\x02ccollections\nOrderedDict\n)R)R.",
            // An estimator gets attributes one by one.
            b"\x80\x02csklearn.svm._classes\nSVC\n)\x81N}\x86b.",
            // A codec but latin1.
            b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.",
            // A class of arrays that are none.
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\x00\x85C\x01b\x87R(K\x01tb.",
            // A generator of random numbers would call its second argument, or another class.
            b"\x80\x02cnumpy.random._pickle\n__generator_ctor\nX\x01\x00\x00\x00acnumpy\nabs\n\x86R.",
            b"\x80\x02cnumpy.random._pickle\n__bit_generator_ctor\nclightgbm.basic\nBooster\n\x85R.",
            // A text is made of bytes.
            b"\x80\x02cbuiltins\nstr\nU\x01a\x85R.",
            // A time has a time zone.
            b"\x80\x02cpandas._libs.tslibs.timestamps\n_unpickle_timestamp\n(K\x00Ncsklearn.svm._classes\nSVC\n)\x81K\x09tR.",
            // Attributes are no dictionary.
            b"\x80\x02csklearn.svm._classes\nSVC\n)\x81cpandas\nSeries\n)\x81b.",
            // An object gets a method of its own.
            b"\x80\x02csklearn.svm._classes\nSVC\n)\x81}X\x0c\x00\x00\x00__setstate__cnumpy\nabs\nsb.",
            b"csklearn.svm._classes\nSVC\n)\x81}V\\u005f_setstate__\ncnumpy\nabs\nsb.",
            b"\x80\x02cpandas\nDataFrame\n)\x81}X\x0c\x00\x00\x00__setstate__cnumpy\nabs\nsb.",
            // Any function in place of one that makes tensors.
            b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cnumpy\ndtype\nctorch\nTensor\n)}tR.",
        ] {
            assert_eq!(reasons(bytes), [Reason::UnexpectedCall], "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn values_that_libraries_make_are_clean() {
        for bytes in [
            b"\x80\x02cnumpy.random._pickle\n__generator_ctor\nX\x05\x00\x00\x00PCG64cnumpy.random._pickle\n__bit_generator_ctor\n\x86R.".as_slice(),
            b"\x80\x02cpandas._libs.tslibs.timestamps\n_unpickle_timestamp\n(K\x00NNK\x09tR.",
            b"\x80\x02cpandas._libs.tslibs.timedeltas\n_timedelta_unpickle\nK\x00K\x09\x86R.",
            b"\x80\x02cpandas\nNA\n.",
            b"\x80\x02cpandas.arrays\nIntegerArray\n)\x81}X\x05\x00\x00\x00_dataNsb.",
        ] {
            assert_eq!(rating(bytes), Rating::Clean, "{}", bytes.escape_ascii());
        }
    }

    /// An array of objects as joblib 1.6 writes it, in a file of joblib: the inner stream is of protocol 5.
    fn joblib(before: &[u8], inner: &[u8]) -> Vec<u8> {
        let wrapper = b"\x8c\x13joblib.numpy_pickle\x8c\x11NumpyArrayWrapper\x93)\x81}(\x8c\x08subclass\x8c\x05numpy\x8c\x07ndarray\x93\x8c\x05shapeK\x01\x85\x8c\x05order\x8c\x01C\x8c\x05dtype\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02O8\x89\x88\x87R(K\x03\x8c\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ftb\x8c\x0aallow_mmap\x89ub";
        [b"\x80\x04".as_slice(), before, wrapper, b"\x80\x05", inner, b"."].concat()
    }

    #[test]
    fn inner_streams_of_later_protocols_mean_the_same_to_every_reader() {
        // What joblib 1.6 writes: the module of the type is taken from the memo.
        let array = b"\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x01\x85\x94h\x03\x8c\x05dtype\x94\x93\x94\x8c\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ft\x94b\x89]\x94\x8c\x01x\x94at\x94b.";
        let rated = |before: &[u8], inner: &[u8]| scan("model.pkl", &joblib(before, inner)).rating;
        assert_eq!(rated(b"", array), Rating::Clean, "{:?}", scan("model.pkl", &joblib(b"", array)));
        // To a reader of plain pickles `h\x03` is another text, or another function.
        let text =
            |text: &str| [b"\x8c", [u8::try_from(text.len()).unwrap()].as_slice(), text.as_bytes(), b"\x940"].concat();
        let four = |last: &str| [text("a"), text("b"), text("c"), text(last)].concat();
        assert_eq!(rated(&four("steps"), array), Rating::Clean);
        assert!(!rated(&four("subprocess"), array).passes());
        let name = b"\x8c\x05numpy\x94\x8c\x03abs\x9400h\x00\x8c\x03abs\x94\x93.";
        assert!(!rated(b"", name).passes());
        let taken = b"\x8c\x03abs\x940\x8c\x05numpy\x94h\x00\x93.";
        assert!(!rated(b"", taken).passes());
        let calls = b"\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x940h\x02)R.";
        let function = [four("a"), text("b")].concat();
        assert_eq!(rated(&[text("a"), text("b")].concat(), calls), Rating::Clean);
        let other = [text("a"), text("b"), b"\x8c\x05numpy\x8c\x03abs\x93\x940".to_vec()].concat();
        assert!(!rated(&other, calls).passes());
        assert_eq!(rated(&function, calls), Rating::Clean);
        // Counted and numbered values mix.
        assert!(!rated(b"", b"\x8c\x01a\x94q\x050N.").passes());
    }

    #[test]
    fn types_must_not_lie_about_objects() {
        let array = |kind: &str, flags: u8| {
            let head = b"\x80\x02cnumpy\ndtype\nX\x02\x00\x00\x00";
            let state = b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK";
            let parts: [&[u8]; 7] =
                [head, kind.as_bytes(), b"K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00|", state, &[flags], b"tb.", b""];
            parts.concat()
        };
        assert_eq!(rating(&array("f8", 0)), Rating::Clean);
        assert_eq!(rating(&array("O8", 63)), Rating::Clean);
        assert_eq!(reasons(&array("O8", 0)), [Reason::UnexpectedCall]);
        assert_eq!(reasons(&array("f8", 63)), [Reason::UnexpectedCall]);
        assert_eq!(reasons(&array("i,", 0)), [Reason::UnexpectedCall, Reason::UnexpectedCall]);
    }

    #[test]
    fn frames_are_enforced() {
        // A frame that ends inside the text that follows: CPython loses the rest and runs what it holds.
        let lying = b"\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00\x8c\x10AAcos\nsystem\n)R..";
        assert_eq!(reasons(lying), [Reason::Malformed]);
        assert_eq!(rating(&[framed(b"N."), b"x".to_vec()].concat()), Rating::Unknown);
        let early = [b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00N.".as_slice(), b"NNNN."].concat();
        assert_eq!(reasons(&early), [Reason::Malformed]);
        let nested = framed(b"\x95\x01\x00\x00\x00\x00\x00\x00\x00N.");
        assert_eq!(reasons(&nested), [Reason::Malformed]);
    }

    #[test]
    fn what_breaks_is_unknown() {
        for bytes in [
            b"\x80\x04".as_slice(),
            b"\x80\x04N",
            b"\x80\x04.",
            b"\x80\x04h\x00.",
            b"\x80\x04K\x01\x85\x86.",
            b"\x80\x04t.",
            b"\x80\x04(K\x01d.",
            b"\x80\x04\x8c\x05ab.",
            b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.",
            b"\x80\x02T\xff\xff\xff\xffab.",
            b"\x80\x05\x97.",
            b"\x80\x02N.garbage",
            b"hello",
        ] {
            assert_eq!(rating(bytes), Rating::Unknown, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn text_is_no_pickle() {
        for text in
            ["config of\nthe model\n(and more)", "N", "(((", "# Readme\n", "import os\nos.system('x')\n", "]}\n"]
        {
            assert_eq!(scan("a.md", text.as_bytes()).rating, Rating::Inert, "{text}");
        }
    }

    #[test]
    fn positions_and_names_are_told() {
        let scan = scan("model.pkl", b"\x80\x02Ncos\nsystem\n.");
        let seen = &scan.observations[0];
        assert_eq!((seen.position.offset, seen.position.instruction), (Some(3), Some(2)));
        assert_eq!(seen.called.as_ref().map(Text::raw), Some("os.system"));
    }

    #[test]
    fn a_pickle_behind_a_long_text_shows_itself() {
        let attack = b"cos\nsystem\n(S'true'\ntR.";
        let long = |start: &[u8]| [start, &70_000_u32.to_le_bytes(), &vec![0; 70_000], b"0", attack].concat();
        for bytes in [long(b"B"), long(b"GIF89a\x01\0\x01B"), [&b"V"[..], &vec![b'a'; 70_000], b"\n0", attack].concat()]
        {
            for name in ["pytorch_model.bin", "a.gif", "variables.data-00000-of-00001"] {
                assert_eq!((scan(name, &bytes).format, scan(name, &bytes).rating), (Format::Pickle, Rating::Malicious));
            }
        }
    }

    #[test]
    fn a_buffer_that_is_made_read_only_hides_nothing() {
        assert_eq!(rating(b"\x80\x05C\x01a\x980cos\nsystem\n)R."), Rating::Malicious);
        assert_eq!(rating(b"\x80\x05C\x01a\x98."), Rating::Unknown);
        assert_eq!(rating(b"\x80\x05\x98."), Rating::Unknown);
    }
}
