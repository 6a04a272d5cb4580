//! Chat templates that reach Python, in every file that holds one.

use serde_json::json;

use super::make::weights::{Gguf, gguf, gguf_string, gguf_text};
use super::{Entry, Technique};

const GROUP: &str = "templates";

/// Ways out of a template. Each prints at most.
const TEMPLATES: &[(&str, &str)] = &[
    ("class", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    ("globals", "{{ cycler.__init__.__globals__.os.popen('true') }}"),
    ("lipsum", "{{ lipsum.__globals__['os'].popen('true') }}"),
    ("namespace", "{{ namespace.__init__.__globals__ }}"),
    ("joiner", "{{ joiner.__init__.__globals__ }}"),
    ("self", "{{ self.__init__.__globals__ }}"),
    ("self-private", "{{ self._TemplateReference__context }}"),
    ("attribute-filter", "{{ ''|attr('__class__') }}"),
    ("attribute-item", "{{ messages['__class__'] }}"),
    ("attribute-joined", "{{ messages['__cla' ~ 'ss__'] }}"),
    ("attribute-added", "{{ messages['__cla' + 'ss__'] }}"),
    ("attribute-escaped", "{{ messages['\\x5f\\x5fclass\\x5f\\x5f'] }}"),
    ("attribute-reversed", "{{ messages['__ssalc__'[::-1]] }}"),
    ("attribute-map", "{{ messages|map(attribute='__class__')|list }}"),
    ("attribute-group", "{{ messages|groupby('__class__') }}"),
    ("attribute-select", "{{ messages|selectattr('__class__')|list }}"),
    ("attribute-sort", "{{ messages|sort(attribute='__class__') }}"),
    ("format", "{{ '{0.__class__}'.format(messages) }}"),
    ("format-filter", "{{ '%s'|format(messages.__class__) }}"),
    ("format-map", "{{ '{x.__class__}'.format_map({'x': messages}) }}"),
    ("import", "{% import 'os' as os %}{{ os }}"),
    ("from", "{% from 'os' import system %}"),
    ("include", "{% include '/nonexistent/file' %}"),
    ("extends", "{% extends '/nonexistent/file' %}"),
    ("in-set", "{% set x = ''.__class__ %}{{ x }}"),
    ("in-for", "{% for x in ''.__class__.__mro__ %}{{ x }}{% endfor %}"),
    ("in-if", "{% if ''.__class__ %}x{% endif %}"),
    ("in-macro", "{% macro m(x=''.__class__) %}{{ x }}{% endmacro %}{{ m() }}"),
    ("in-filter-block", "{% filter attr('__class__') %}x{% endfilter %}"),
    ("in-a-comment-that-ends", "{# comment #}{{ ''.__class__ }}"),
    ("whitespace-control", "{{- ''  .  __class__ -}}"),
    ("mutates", "{{ messages.append.__self__ }}"),
    ("callable", "{{ raise_exception.__globals__ }}"),
];

pub fn entries() -> Vec<Entry> {
    let mut entries: Vec<_> =
        TEMPLATES.iter().map(|(name, text)| case(&format!("{name}.gguf"), in_gguf(text))).collect();
    for (name, text) in TEMPLATES.iter().take(8) {
        let configuration = json!({"tokenizer_class": "LlamaTokenizer", "chat_template": text});
        entries.push(folder(&format!("tokenizer-{name}"), "tokenizer_config.json", &configuration.to_string()));
        entries.push(folder(&format!("jinja-{name}"), "chat_template.jinja", text));
    }
    let text = TEMPLATES[1].1;
    let named =
        json!({"chat_template": [{"name": "default", "template": "{{ x }}"}, {"name": "tool", "template": text}]});
    entries.extend([
        folder("tokenizer-named", "tokenizer_config.json", &named.to_string()),
        folder("template-json", "chat_template.json", &json!({"chat_template": text}).to_string()),
        folder("processor", "processor_config.json", &json!({"chat_template": text}).to_string()),
        folder("additional", "additional_chat_templates/tool.jinja", text),
        case(
            "named.gguf",
            gguf(&[
                (
                    "tokenizer.chat_templates",
                    Gguf(9, [&8u32.to_le_bytes()[..], &1u64.to_le_bytes(), &gguf_text("tool")].concat()),
                ),
                ("tokenizer.chat_template.tool", gguf_string(text)),
            ]),
        ),
        Entry::hostile(GROUP, Technique::Extension, "template-as.bin", in_gguf(text)),
    ]);
    entries
}

fn in_gguf(text: &str) -> Vec<u8> {
    gguf(&[("general.architecture", gguf_string("llama")), ("tokenizer.chat_template", gguf_string(text))])
}

fn case(name: &str, bytes: Vec<u8>) -> Entry {
    Entry::hostile(GROUP, Technique::Template, name, bytes)
}

fn folder(name: &str, file: &str, text: &str) -> Entry {
    Entry::hostile_folder(GROUP, Technique::Template, name, &[("config.json", b"{}"), (file, text.as_bytes())])
}
