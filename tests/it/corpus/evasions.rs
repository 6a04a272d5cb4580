//! Evasions made against this scanner: files that two readers read in two ways, and words behind words.

use serde_json::json;

use super::keras::{dense, keras, sequential};
use super::make::containers::{Tar, file, npy, state_dict, tar, torch, torch_entries};
use super::make::deflate::{gzip, zlib};
use super::make::pickle::{Pickle, attack, harmless};
use super::make::protobuf::Message;
use super::make::weights::{
    gguf, gguf_string, onnx, onnx_external, onnx_graph, onnx_node, safetensors_with, saved_model, tflite,
};
use super::make::zip::{Entry as Member, Zip, zip};
use super::{Entry, Technique};

const GROUP: &str = "evasions";

pub fn entries() -> Vec<Entry> {
    [streams(), chains(), archives(), zips(), arrays(), models(), graphs(), templates(), folders()].concat()
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

/// Pickles whose meaning hangs on the memo of an earlier one, or on how a number or a name is read.
fn streams() -> Vec<Entry> {
    let names = Pickle::new(4).short_text("os").raw(b"\x94").short_text("system").raw(b"\x94");
    let get = Pickle::new(4).raw(b"h\0h\x01\x93").short_text("true").raw(b"\x85R");
    let decoy = Pickle::new(4).short_text("collections").raw(b"\x94").short_text("OrderedDict").raw(b"\x94");
    let same = Pickle::new(4).short_text("collections").raw(b"q\0").short_text("OrderedDict").raw(b"q\x01");
    let ordered = |pickle: Pickle| pickle.raw(b"h\0h\x01\x93)R");
    vec![
        // One reader of all streams keeps its memo: the numbers of the second then stand for the texts of the first.
        case(
            Technique::MemoAndStack,
            "memo-of-an-earlier-stream.pkl",
            [names.clone().stop(), ordered(decoy).stop()].concat(),
        ),
        case(Technique::MemoAndStack, "memo-kept.pkl", [names.clone().stop(), get.clone().stop()].concat()),
        case(
            Technique::MemoAndStack,
            "memo-turned.pkl",
            [ordered(same).stop(), names.raw(b"h\x02h\x03\x93").stop()].concat(),
        ),
        case(Technique::MemoAndStack, "memo-far.pkl", {
            let far = Pickle::new(2).long_text("os").raw(b"r\xff\xff\xff\x7f0").long_text("system").raw(b"q\0");
            far.raw(b"j\xff\xff\xff\x7fh\0\x93)R").stop()
        }),
        case(Technique::MemoAndStack, "memo-of-a-mark.pkl", Pickle::new(4).raw(b"(q\0").attack().stop()),
        case(Technique::MemoAndStack, "duplicate-below-a-mark.pkl", {
            Pickle::new(4).stack_global("os", "system").raw(b"(2").short_text("true").raw(b"to").stop()
        }),
        case(Technique::Direct, "carriage-return.pkl", b"cos\r\nsystem\r\n(S'true'\ntR.".as_slice()),
        case(Technique::Direct, "protocol-0-behind-many-numbers.pkl", {
            [b"I1\n0".repeat(5_000), b"cos\nsystem\n(S'true'\ntR.".to_vec()].concat()
        }),
        case(Technique::Direct, "behind-70000-bytes.txt", {
            [b"V".as_slice(), &b"a ".repeat(40_000), b"\n0cos\nsystem\n(S'true'\ntR."].concat()
        }),
        case(Technique::ExtensionRegistry, "extension-as-an-argument.pkl", {
            Pickle::new(2).import("collections", "defaultdict").raw(b"\x82\x01\x85R").stop()
        }),
        case(Technique::ExtensionRegistry, "extension-zero.pkl", Pickle::new(2).raw(b"\x84\0\0\0\0)R").stop()),
        case(Technique::DottedName, "module-with-a-colon.pkl", Pickle::new(4).stack_global("os:path", "join").stop()),
        case(Technique::DottedName, "name-with-a-colon.pkl", Pickle::new(4).stack_global("os", "path:join").stop()),
        case(Technique::MemoAndStack, "too-long-to-keep.pkl", {
            Pickle::new(4).short_text(&"a".repeat(200)).short_text("system").raw(b"\x93)R").stop()
        }),
        case(Technique::MemoAndStack, "after-a-vocabulary.pkl", {
            let words = (0..300_000).fold(Pickle::new(4).raw(b"]"), |pickle, number| {
                pickle.short_text(&format!("word-{number:09}")).raw(b"a")
            });
            words.stack_global("os", "system").raw(b")R").stop()
        }),
        case(Technique::ResultDropped, "twenty-thousand-imports.pkl", {
            (0..20_000)
                .fold(Pickle::new(2), |pickle, number| pickle.global("ours", &format!("f{number}")).raw(b"0"))
                .raw(b"N")
                .stop()
        }),
        case(Technique::PersistentId, "storage-of-no-class.pt", {
            torch(&Pickle::new(2).texts(&["storage", "FloatStorage", "0", "cpu", "4"]).raw(b"Q").stop())
        }),
        case(Technique::PersistentId, "module-of-code.pt", {
            let id = Pickle::new(2).raw(b"(").text("module").global("os", "system").text("a.py").text("source");
            torch(&id.raw(b"tQ)R").stop())
        }),
    ]
}

/// Calls of what is allowed, one after the other, until something else is reached.
fn chains() -> Vec<Entry> {
    let new = || Pickle::new(2);
    vec![
        case(Technique::Submodule, "rebuild-of-any-class.pkl", {
            new().global("copyreg", "_reconstructor").raw(b"(").global("subprocess", "Popen").raw(b"NNtR").stop()
        }),
        case(Technique::Submodule, "reconstruct-of-any-class.pkl", {
            let call = new().global("numpy.core.multiarray", "_reconstruct").global("ours", "Array");
            call.raw(b"K\0\x85C\x01b\x87R").stop()
        }),
        case(Technique::Submodule, "hooks-of-a-module.pkl", {
            let hooks = new().global("torch.nn.modules.linear", "Linear").raw(b")\x81}(").text("_forward_hooks");
            hooks.raw(b"}K\0").global("os", "system").raw(b"sub").stop()
        }),
        case(Technique::Submodule, "parameter-with-hooks.pkl", {
            let call = new().global("torch._utils", "_rebuild_parameter").raw(b"(N\x88").global("os", "system");
            call.raw(b"tR").stop()
        }),
        case(Technique::StringToCallable, "codec-of-code.pkl", {
            new().global("_codecs", "encode").text("x").text("zlib_codec").raw(b"\x86R").stop()
        }),
        case(Technique::StringToCallable, "codec-from-a-list.pkl", {
            new().global("_codecs", "encode").raw(b"]").text("x").raw(b"a").text("latin1").raw(b"a\x85R").stop()
        }),
        case(Technique::Submodule, "callable-as-default.pkl", {
            new().global("collections", "defaultdict").global("os", "getpid").raw(b"\x85R").stop()
        }),
        case(Technique::MemoAndStack, "class-gets-attributes.pkl", {
            new()
                .global("torch.nn.modules.linear", "Linear")
                .raw(b"}")
                .text("forward")
                .global("os", "system")
                .raw(b"sb")
                .stop()
        }),
        case(Technique::MemoAndStack, "state-in-two-parts.pkl", {
            let object = new().global("sklearn.svm._classes", "SVC").raw(b")\x81N}").text("fit").raw(b"K\x01s\x86b");
            object.stop()
        }),
        case(Technique::MemoAndStack, "call-of-an-object.pkl", {
            new().global("sklearn.svm._classes", "SVC").raw(b")\x81)R").stop()
        }),
        case(Technique::HiddenMember, "storage-from-bytes.pkl", {
            new().global("torch.storage", "_load_from_bytes").binary(&attack()).raw(b"\x85R").stop()
        }),
        case(Technique::HiddenMember, "training_args.bin", {
            // What `transformers` saves beside a checkpoint: a class that no list can vouch for.
            let object = new().global("transformers.training_args", "TrainingArguments").raw(b")\x81}(");
            let object = object.text("output_dir").text("out").text("lr_scheduler_type");
            let object = object.global("transformers.trainer_utils", "SchedulerType").text("linear").raw(b"\x85R");
            torch(&object.raw(b"ub").stop())
        }),
    ]
}

/// Archives in archives, and one thing in the clothes of another.
fn archives() -> Vec<Entry> {
    let bytes = attack();
    let deep = (0..4).fold(tar(&[file("a.pkl", &bytes)]), |inner, _| tar(&[file("a.tar", &inner)]));
    let old = tar(&[file("pickle", &bytes)]).into_iter().enumerate();
    // Before there was a mark, there was only the checksum.
    let old: Vec<u8> = old.map(|(at, byte)| if (257..265).contains(&at) { 0 } else { byte }).collect();
    vec![
        case(Technique::HiddenMember, "tar-in-tar-in-tar.tar", deep.clone()),
        case(Technique::HiddenMember, "tar-in-tar.tar.gz", gzip(&deep)),
        case(Technique::HiddenMember, "tar-without-mark.pt", summed(old)),
        case(Technique::Polyglot, "tar-in-a-pickle.pt", tar_in_a_pickle()),
        case(
            Technique::HiddenMember,
            "old-compressed.joblib",
            [b"ZF0x00000000000000002a".as_slice(), &zlib(&bytes)].concat(),
        ),
        case(Technique::HiddenMember, "archive.7z", [&b"7z\xbc\xaf\x27\x1c\0\x03"[..], &[7; 64]].concat()),
        case(Technique::HiddenMember, "zlib-in-zlib-in-zlib-in-zlib.joblib", zlib(&zlib(&zlib(&zlib(&bytes))))),
        case(Technique::HiddenMember, "gzip-with-a-name.pkl", {
            let mut named = gzip(&bytes);
            named[3] = 8;
            named.splice(10..10, *b"model.txt\0");
            named
        }),
        case(Technique::HiddenMember, "tar-member.zip", zip(&[("a.txt", b"text"), ("b", &tar(&[file("a", &bytes)]))])),
        case(Technique::Escape, "tar-link.pt", {
            tar(&[Tar { name: "storages", kind: b'2', link: "/nonexistent", content: b"" }, file("pickle", &bytes)])
        }),
    ]
}

/// Makes the sum of a tar's first header right again.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes
}

/// A pickle of one byte string, which is a tar with another pickle in it to a reader that asks for tar first.
fn tar_in_a_pickle() -> Vec<u8> {
    let mut bytes = tar(&[file("aaaaaaaaaa", b"text"), file("pickle", &attack())]);
    let length = u32::try_from(bytes.len() - 7).unwrap().to_le_bytes();
    bytes[..7].copy_from_slice(&[&[0x80, 2, b'B'][..], &length].concat());
    let mut bytes = summed(bytes);
    bytes.push(b'.');
    bytes
}

/// Zips that stream readers, readers of the directory and readers of PyTorch read in different ways.
fn zips() -> Vec<Entry> {
    let mut entries = torch_entries(&harmless());
    let hidden = |entry: Member| {
        let mut entries = torch_entries(&harmless());
        entries.push(entry);
        Zip::new(entries)
    };
    let torch_zip = |name: &str, zip: &Zip| case(Technique::ZipHeaders, name, zip.bytes());
    let descriptor = |packed: &[u8]| [packed, b"PK\x07\x08", &[9; 12]].concat();
    let late = |entry: &mut Member| {
        entry.flags |= 8;
        entry.local_flags |= 8;
    };
    entries[0] = entries[0].clone().with(late).with(|entry| entry.packed = descriptor(&entry.packed));
    vec![
        torch_zip("descriptor-lies.pt", &Zip::new(entries)),
        torch_zip("descriptor-that-is-not-there.pt", &hidden(Member::new("archive/x", "text").with(late))),
        torch_zip("same-name-in-another-form.pt", &hidden(Member::new("archive/./data.pkl", attack()))),
        torch_zip("same-name-with-a-slash.pt", &hidden(Member::new("archive//data.pkl", attack()))),
        torch_zip("same-name-in-capitals.pt", &hidden(Member::new("Archive/Data.pkl", attack()))),
        torch_zip("second-root.pt", &hidden(Member::new("other/data.pkl", attack()))),
        torch_zip("root-without-folder.pt", &hidden(Member::new("data.pkl", attack()))),
        torch_zip("storage-is-a-pickle.pt", &hidden(Member::new("archive/data/7", attack()))),
        torch_zip("constants.pt", &hidden(Member::new("archive/constants.pkl", attack()))),
        torch_zip("extra-file.pt", &hidden(Member::new("archive/extra/a", attack()))),
        torch_zip("deflated-pickle.pt", &hidden(Member::new("archive/b.pkl", attack()).deflated())),
        torch_zip("prefix.pt", &Zip::new(torch_entries(&harmless())).with(|zip| zip.stub = attack())),
        torch_zip("prefix-counted.pt", &Zip::new(torch_entries(&harmless())).with(|zip| zip.before = attack())),
        torch_zip("count-wraps.pt", &Zip::new(torch_entries(&harmless())).with(|zip| zip.count = Some(3))),
        torch_zip("folder-with-content.pt", &hidden(Member::new("archive/x/", attack()))),
        torch_zip("byte-order.pt", &{
            let mut entries = torch_entries(&state_dict(2).stop());
            entries[1] = Member::new("archive/byteorder", attack());
            Zip::new(entries)
        }),
        case(Technique::HiddenMember, "many-bombs.zip", bombs()),
    ]
}

/// Members that each are below the limit and together far above it.
fn bombs() -> Vec<u8> {
    use std::io::Write;
    let zeros = vec![0; 8 << 20];
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&zeros).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() * 200 < zeros.len(), "{}", packed.len());
    let mut sum = flate2::Crc::new();
    sum.update(&zeros);
    let member = |number: usize| {
        Member::new(&format!("{number}.npy"), "").with(|entry| {
            (entry.method, entry.local_method, entry.crc) = (8, 8, sum.sum());
            (entry.size, entry.local_size) = (8 << 20, 8 << 20);
            entry.packed.clone_from(&packed);
        })
    };
    Zip::new((0..40).map(member)).bytes()
}

/// Headers of arrays that say what numpy would have to run or to unpickle.
fn arrays() -> Vec<Entry> {
    let with = |descr: &str| {
        let array = npy("X", "(1,)", &attack());
        let at = array.windows(3).position(|window| window == b"'X'").unwrap();
        let mut out = array;
        let added = u16::try_from(descr.len()).unwrap() - 3;
        out.splice(at..at + 3, descr.bytes());
        let length = u16::from_le_bytes([out[8], out[9]]) + added;
        out[8..10].copy_from_slice(&length.to_le_bytes());
        out
    };
    vec![
        case(Technique::HiddenMember, "call-in-a-header.npy", with("__import__('os').system('true')")),
        case(Technique::HiddenMember, "objects-of-8-bytes.npy", npy("O8", "(1,)", &attack())),
        case(Technique::HiddenMember, "no-objects-and-a-pickle.npy", npy("|O", "(0,)", &attack())),
        case(Technique::HiddenMember, "objects-in-a-field-of-a-field.npy", with("[('a', [('b', '|O')])]")),
        case(Technique::HiddenMember, "objects-in-a-subarray.npy", with("[('a', '|O', (2,))]")),
        case(Technique::HiddenMember, "shape-too-large.npy", npy("<f8", "(4611686018427387904, 4)", &attack())),
        case(Technique::HiddenMember, "shape-below-zero.npy", npy("<f8", "(-1,)", &attack())),
        case(Technique::HiddenMember, "array-of-another-name.npz", zip(&[("a.npy", &npy("|O", "()", &attack()))])),
        case(Technique::HiddenMember, "memory-map.joblib", {
            let pickle = Pickle::new(2).import("joblib.numpy_pickle", "NumpyArrayWrapper").raw(b")\x81}(");
            let pickle = pickle.text("subclass").import("numpy", "memmap").text("filename").text("/nonexistent");
            pickle.raw(b"ub").stop()
        }),
        case(Technique::HiddenMember, "array-in-another-file.joblib", {
            let pickle = Pickle::new(2).import("joblib.numpy_pickle_compat", "NDArrayWrapper").raw(b")\x81}(");
            pickle.text("filename").text("../nonexistent.npy").raw(b"ub").stop()
        }),
    ]
}

/// Keras configurations that name code where none is looked for.
fn models() -> Vec<Entry> {
    let model = |name: &str, layer: &str| case(Technique::Keras, name, keras(&sequential(layer)));
    let typed = r#"{"class_name":"__typespec__","spec_name":"TensorSpec","module":"os","config":{}}"#;
    let function = r#"{"module":"os","class_name":"function","config":"system","registered_name":"system"}"#;
    let deep = (0..60).fold(function.to_owned(), |inner, _| sequential(&inner));
    vec![
        model("typespec-of-a-module.keras", &dense("").replace(r#""relu""#, typed)),
        model("sixty-models-deep.keras", &deep),
        model("in-a-list-in-a-list.keras", &dense(&format!(r#","x":[[[{function}]]]"#))),
        model(
            "in-call-arguments.keras",
            &dense(&format!(r#","inbound_nodes":[{{"args":[],"kwargs":{{"f":{function}}}}}]"#)),
        ),
        model("key-is-escaped.keras", &dense(&format!(r#","x":{}"#, function.replace("module", "modul\\u0065")))),
        model(
            "lambda-by-its-long-name.keras",
            &dense("").replace(r#""relu""#, r#"{"class_name":"keras.layers.Lambda","config":{"function":"x"}}"#),
        ),
        model(
            "lambda-of-a-custom-package.keras",
            r#"{"module":"keras.layers","class_name":"Custom>Lambda","config":{"function":["4wAAAA==",null,null]},"registered_name":"Custom>Lambda"}"#,
        ),
        case(Technique::Keras, "mark-of-unicode.keras", keras(&format!("\u{feff}{}", sequential(function)))),
        case(Technique::Keras, "build-configuration.keras", {
            keras(
                &sequential(&dense("")).replace(r#""build_config":{"#, &format!(r#""build_config":{{"x":{function},"#)),
            )
        }),
        case(Technique::Keras, "compile-configuration.keras", {
            let compiled = format!(r#""compile_config":{{"loss":{function}}},"registered_name":null,"build_config""#);
            keras(&sequential(&dense("")).replacen(r#""registered_name":null,"build_config""#, &compiled, 1))
        }),
        case(
            Technique::Keras,
            "in-another-file.json",
            sequential(r#"{"class_name":"Lambda","config":{"function":["4wAAAA==",null,null]}}"#),
        ),
    ]
}

/// Operators and tensors where a reader of the main graph does not look.
fn graphs() -> Vec<Entry> {
    let outside = || onnx_external(&[("location", "inside.bin"), ("location", "../nonexistent")]);
    let plain = || onnx_graph(&[onnx_node("Relu", "")]);
    let own = || onnx_graph(&[onnx_node("Thing", "com.example")]);
    let with = |name: &str, technique, model: Message| case(technique, name, model.bytes);
    let sparse = Message::new().field(1, outside());
    let attribute = |field: u64, value: &Message| Message::new().field(1, "value").field(field, value).number(20, 4);
    let constant = |attribute: Message| onnx(&onnx_graph(&[onnx_node("Constant", "").field(5, attribute)]), &[""]);
    let default = Message::new().field(1, "body").field(6, own()).number(20, 5);
    let function =
        Message::new().field(1, "F").field(11, default).repeated(7, [onnx_node("Relu", "")]).field(10, "local");
    vec![
        with("location-twice.onnx", Technique::ExternalData, onnx(&plain().field(5, outside()), &[""])),
        with("in-an-attribute.onnx", Technique::ExternalData, constant(attribute(5, &outside()))),
        with("in-attributes.onnx", Technique::ExternalData, constant(attribute(10, &outside()))),
        with("in-a-sparse-attribute.onnx", Technique::ExternalData, constant(attribute(22, &sparse))),
        with("in-a-sparse-tensor.onnx", Technique::ExternalData, onnx(&plain().field(15, &sparse), &[""])),
        with("in-training.onnx", Technique::Operators, onnx(&plain(), &[""]).field(20, Message::new().field(2, own()))),
        with("in-a-default.onnx", Technique::Operators, onnx(&plain(), &["", "local"]).field(25, function)),
        with("graph-twice.onnx", Technique::Operators, onnx(&plain(), &["", "com.example"]).field(7, own())),
        with("through-the-folder.onnx", Technique::ExternalData, {
            onnx(&plain().field(5, onnx_external(&[("location", "a/./../../nonexistent")])), &[""])
        }),
        with("address-of-a-file.onnx", Technique::ExternalData, {
            onnx(&plain().field(5, onnx_external(&[("location", "file:///nonexistent")])), &[""])
        }),
        case(Technique::Operators, "read-in-a-function-of-a-function", saved_model(&["Const"], &["Const", "ReadFile"])),
        case(Technique::Operators, "second-graph", {
            let graph = Message::new().field(1, Message::new().field(1, "n").field(2, "WriteFile"));
            let more = Message::new().field(2, Message::new().field(2, graph));
            [saved_model(&["Const"], &[]), more.bytes].concat()
        }),
        case(Technique::Operators, "custom-behind-builtin.tflite", tflite(&[Ok(0), Ok(9), Err("Thing")])),
        case(Technique::Operators, "custom-without-a-name.tflite", tflite(&[Err("")])),
    ]
}

/// Ways out of a template that need no word with underscores in one piece.
const TEMPLATES: &[(&str, &str)] = &[
    ("joined-by-standing-side-by-side", "{{ messages['__cla' 'ss__'] }}"),
    ("name-of-an-attribute-from-a-variable", "{% set a = ['_','_','class','_','_']|join %}{{ messages|attr(a) }}"),
    ("item-from-a-variable", "{% set a = '_' * 2 ~ 'class' ~ '_' * 2 %}{{ messages[a].mro() }}"),
    ("map-of-attr", "{{ [messages]|map('attr', '__class__')|list }}"),
    ("keyword-as-a-name", "{{ messages[dict(__class__=1)|first] }}"),
    ("percent", "{{ messages['%c%cclass%c%c' % (95, 95, 95, 95)] }}"),
    ("wide-underscores", "{{ messages.\u{ff3f}\u{ff3f}class\u{ff3f}\u{ff3f} }}"),
    ("raw-block-that-ends", "{% raw %}{{ x }}{% endraw %}{{ ''.__class__ }}"),
    ("string-that-looks-like-an-end", "{{ '}}' ~ ''.__class__ }}"),
    ("comment-in-a-string", "{{ '{#' }}{{ ''.__class__ }}{{ '#}' }}"),
    ("call-block", "{% call(x) messages.append.__self__() %}{% endcall %}"),
    ("do", "{% do messages.__class__ %}"),
    ("in-a-slice", "{{ messages[''.__class__:] }}"),
    ("in-a-test", "{% if messages is sameas ''.__class__ %}{% endif %}"),
    ("in-a-condition", "{{ 1 if ''.__class__ else 2 }}"),
    ("in-a-dictionary", "{{ {'a': ''.__class__} }}"),
    ("generator-frame", "{{ (messages|map('upper')).gi_frame.f_builtins }}"),
    ("undefined", "{{ nothing.__init__.__globals__ }}"),
    ("loop", "{% for x in messages recursive %}{{ loop.__init__ }}{% endfor %}"),
    ("macro", "{% macro m() %}{% endmacro %}{{ m.__init__ }}"),
    ("caller", "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}"),
    ("template-from-a-variable", "{% include messages[0] %}"),
];

fn templates() -> Vec<Entry> {
    let of = |(name, text): &(&str, &str)| case(Technique::Template, &format!("{name}.jinja"), *text);
    let mut entries: Vec<_> = TEMPLATES.iter().map(of).collect();
    let text = "{{ ''.__class__ }}";
    entries.extend([
        case(
            Technique::Template,
            "template-twice.gguf",
            gguf(&[("tokenizer.chat_template", gguf_string("x")), ("tokenizer.chat_template", gguf_string(text))]),
        ),
        case(
            Technique::Template,
            "template-of-a-tool.gguf",
            gguf(&[("tokenizer.chat_template.tool_use", gguf_string(text))]),
        ),
    ]);
    entries
}

/// Folders with code that a loader finds by a name in a configuration.
fn folders() -> Vec<Entry> {
    let weights = safetensors_with("{}");
    let folder = |name: &str, path: &str, bytes: &[u8]| {
        let files: [(&str, &[u8]); 2] = [("model.safetensors", &weights), (path, bytes)];
        Entry::hostile_folder(GROUP, Technique::CodeBeside, name, &files)
    };
    let json = |value: serde_json::Value| value.to_string().into_bytes();
    vec![
        folder("auto-map-in-a-list", "config.json", &json(json!({"a": [{"auto_map": {"AutoConfig": ["c.C", null]}}]}))),
        folder("auto-map-in-the-generation", "generation_config.json", &json(json!({"auto_map": {"x": "c.C"}}))),
        folder("kernel-from-a-hub", "config.json", &json(json!({"_attn_implementation": "owner/kernel"}))),
        folder(
            "kernel-from-a-hub-inside",
            "config.json",
            &json(json!({"text_config": {"attn_implementation": {"": "owner/kernel:f"}}})),
        ),
        folder(
            "library-of-an-adapter",
            "adapter_config.json",
            &json(json!({"auto_mapping": {"base_model_class": "Popen", "parent_library": "subprocess"}})),
        ),
        folder("batch", "install.bat", b"@echo off\r\nexit\r\n"),
        folder("power-shell", "install.ps1", b"Write-Output 'corpus'\n"),
        folder("java-script", "processor.js", b"console.log('corpus');\n"),
        folder("web-assembly", "model.wasm", b"\0asm\x01\0\0\0"),
        folder("java-class", "Model.class", b"\xca\xfe\xba\xbe\0\0\0\x34"),
        folder("mach-o", "model.dylib", b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x06\0\0\0"),
        folder("lua-bytecode", "model.luac", b"\x1bLua\x54\0\x19\x93\r\n\x1a\n"),
        folder("pickle-as-a-card", "README.md", &Pickle::new(0).attack().stop()),
    ]
}
