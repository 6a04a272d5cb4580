//! Chat templates (Jinja): what a template may do with messages, and what it never needs.
//!
//! Loaders render the template of a model, and a renderer without sandbox runs what a template asks for. So a template
//! may use attributes that are no internals, methods, functions, filters and tests of a list, and macros of its own.

mod lexer;
mod names;
mod numbers;
mod reach;
mod rules;

use crate::limits;
use crate::scan::{Observation, Rating, Reason, Sheet};

/// Judges a template that starts at `offset` of the file, if that is known.
pub(super) fn judge(template: &str, offset: Option<u64>, sheet: &mut Sheet) {
    match lexer::tags(template) {
        Ok(tags) => rules::objections(&tags).iter().for_each(|seen| report("the chat template", seen, offset, sheet)),
        Err((at, message)) => {
            let mut seen = Observation::new(
                Reason::Template,
                Rating::Unknown,
                format!("the chat template can't be read: {message}"),
            );
            seen.position.offset = offset.map(|offset| offset.saturating_add(at as u64));
            sheet.report(seen);
        }
    }
}

/// Judges a text that may be a template, of a prompt for instance: no text reaches for internals of Python by chance.
pub(super) fn suspect(text: &str, offset: Option<u64>, sheet: &mut Sheet) {
    if !text.contains("{{") && !text.contains("{%") {
        return;
    }
    let seen = lexer::tags(text).map(|tags| rules::objections(&tags)).unwrap_or_default();
    for seen in seen.iter().filter(|seen| seen.rating == Rating::Malicious) {
        report("a template", seen, offset, sheet);
    }
}

fn report(which: &str, objection: &rules::Objection, offset: Option<u64>, sheet: &mut Sheet) {
    let summary = format!("{which} {}", objection.summary);
    let mut seen = Observation::new(Reason::Template, objection.rating, summary);
    seen.position.offset = offset.map(|offset| offset.saturating_add(objection.offset as u64));
    seen.called = Some(objection.what.chars().take(limits::SHOWN_CHARACTERS).collect::<String>().into());
    sheet.report(seen);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Format;

    fn rating(template: &str) -> Rating {
        let mut sheet = Sheet::default();
        sheet.format = Format::ChatTemplate;
        judge(template, Some(0), &mut sheet);
        sheet.finish("a", 1).rating
    }

    #[test]
    fn ordinary_templates_are_clean() {
        for template in ORDINARY {
            let mut sheet = Sheet::default();
            judge(template, Some(0), &mut sheet);
            assert_eq!(sheet.observations(), [], "{template}");
        }
    }

    /// The constructs of templates of Llama, Qwen, Mistral, Gemma, Phi and ChatML, written anew.
    const ORDINARY: &[&str] = &[
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}",
        "{%- if not date_string is defined %}\n{%- if strftime_now is defined %}{%- set date_string = strftime_now(\"%d %b %Y\") %}{%- else %}{%- set date_string = \"26 Jul 2024\" %}{%- endif %}{%- endif %}{%- if messages[0].role == 'system' %}{%- set messages = messages[1:] %}{%- endif %}{{- \"Environment: ipython\\n\" }}{{- \"Tools: \" + builtin_tools | reject('equalto', 'code_interpreter') | join(\", \") + \"\\n\\n\"}}{%- for t in tools %}{{- t | tojson(indent=4) }}{%- endfor %}",
        "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}{%- for message in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi_step_tool and message.role == \"user\" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}{%- set reasoning = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}",
        "{%- set user_messages = loop_messages | selectattr(\"role\", \"equalto\", \"user\") | list %}{%- if user_messages|length > 1 or (message['content'] is not string) %}{%- for block in message['content'] %}{%- if block['type'] in ['image', 'image_url'] %}[IMG]{%- endif %}{%- endfor %}{%- endif %}",
        "{%- macro render(items, depth=0) -%}{%- for key, val in items.items()|sort %}{%- if val is mapping %}{{ render(val, depth + 1) }}{% else %}{{ key ~ ': ' ~ val|string|replace('\"', '') }}{% endif %}{%- endfor %}{%- endmacro %}{{ render(tools[0].function.parameters.properties) }}",
        "{% generation %}{{ message.content }}{% endgeneration %}{% for m in messages if m.role != 'system' %}{% if loop.last %}{% break %}{% else %}{% continue %}{% endif %}{% endfor %}{# a comment with {{ x.__class__ }} #}{% raw %}{{ x.__class__ }}{% endraw %}",
        "{%- for message in messages -%}{%- set role_map = {'user': 'Human', 'assistant': {'a': 'b'}} -%}{{ role_map[message.role] or role_map.get(message['role'], 'x') }}{{ [1, 2][0] }}{{ ('a', 'b')|join }}{{ message.content[:10] if message.content else '' }}{%- endfor -%}",
        "{% if messages[-1]['role'] == 'assistant' and messages[-1].get('tool_calls') is not none %}{% set tool = messages[-1].tool_calls|first %}{{ tool.function.arguments if tool.function.arguments is string else tool.function.arguments|tojson }}{% endif %}{% call(item) wrap() %}{{ item }}{% endcall %}{% macro wrap() %}{{ caller('x') }}{% endmacro %}{% filter upper %}x{% endfilter %}",
        "{{ '<{}|{0}>'.format(x) }}{{ indent[: (indent|length - '  '|length) ] }}{{ x['a':] }}",
        "{% set n = x['a'] + 1 %}{% for i in range(n, messages|length) %}{{ messages[i + 1] }}{% endfor %}{{ y[n - 1] }}{% if n == 'a' + 'b' %}{{ x[n] }}{% endif %}",
        "{% for i in range(1, messages|length) %}{% set m = messages[i] %}{{ m.content.replace('a', 'b') }}{{ m.get('x') }}{% endfor %}",
        "{% set ns = namespace(last=messages|length - 1) %}{% set ns.last = ns.last - 1 %}{{ messages[ns.last].content.replace('a', 'b') }}{{ messages[loop.index0 + 1].get('x') }}{{ messages[(messages|length - 1) - loop.index0].pop() }}",
        "{% for k in p %}{{ p[k]['type'] | replace('a', 'b') }}{% for a, b in p[k].items() %}{{ a.split('x')[0].strip() if a else b }}{% endfor %}{% endfor %}{% if strftime_now %}{{ strftime_now('%d') }}{% endif %}",
        "{% set t = p[key] | string %}{{ t.replace('a', 'b') }}{% macro m(x) %}{{ x.get('a') }}{% endmacro %}{{ m(messages[0]) }}",
        "Plain text with } and { and __class__ outside.",
        "",
    ];

    #[test]
    fn internals_of_python_are_malicious() {
        for template in [
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ cycler.__init__.__globals__.os.popen('true').read() }}",
            "{{ x['__class__'] }}",
            "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}",
            "{{ x[\"\\u005f_class__\"] }}",
            "{{ x['_' '_class__'] }}",
            "{{ x['\\N{LOW LINE}_class_\\137'] }}",
            "{{ x|attr('y') }}",
            "{{ [x]|map('attr', 'y')|list }}",
            "{{ x|map(attribute='__class__')|list }}",
            "{% for c in ().__class__.__base__.__subclasses__() %}{% endfor %}",
            "{% if x.__class__ %}{% endif %}",
            "{% set ns.a = x.__init__ %}",
            "{{ {'a': {}}['a'] }}{{ x.func_globals }}",
            "{% macro m(a=x.__class__) %}{% endmacro %}",
            "{% filter attr('y') %}{% endfilter %}",
            "{{ x.gi_frame.f_back }}",
        ] {
            assert_eq!(rating(template), Rating::Malicious, "{template}");
        }
    }

    #[test]
    fn what_goes_beyond_the_subset_is_suspicious() {
        for template in [
            "{% include 'other' %}",
            "{% import 'other' as o %}",
            "{% from 'other' import o %}",
            "{% extends 'other' %}",
            "{{ unknown() }}",
            "{{ x.unknown() }}",
            "{{ x['a']() }}",
            "{{ (x)() }}",
            "{{ x.get('a')() }}",
            "{{ x['_' ~ '_class_' ~ '_'] }}",
            "{{ x['ssalc'|reverse] }}",
            "{{ x['_class' + y] }}",
            "{{ x._private }}",
            "{{ x|unknown }}",
            "{{ x is unknown }}",
            "{{ x|map(y)|list }}",
            "{{ '{0.a}'.format(x) }}",
            "{{ '{a[b]}'.format(x) }}",
            "{{ x.format(y) }}",
            "{% set k = '_' ~ '_class_' ~ '_' %}{{ x[k] }}",
            "{% set a = '_' + '_class_' + '_' %}{% set b = a %}{% set c = b %}{{ x[c] }}",
            "{% set k = ('_') + y %}{{ x[k] }}",
            "{% set range = ['_' ~ 'x'] %}{% for k in range %}{{ x[k] }}{% endfor %}",
            "{% set k %}_{% endset %}{{ x[k] }}",
            "{% macro k() %}_{% endmacro %}{{ x[k()] }}",
            "{% macro k() %}_{% endmacro %}{% set j = k() %}{{ x[j] }}",
            "{% macro m(a, k) %}{{ x[k] }}{% endmacro %}{{ m(1, '_' ~ 'x') }}",
            "{% set ns.k = '%s' % '_' %}{{ x[ns.k] }}",
            "{% for k in ['_'.join(['', 'x'])] %}{{ x[k] }}{% endfor %}",
            "{% macro m() %}{{ caller() }}{% endmacro %}{{ m(caller=x) }}",
            "{% raw %}{%  endraw  %}{{ unknown() }}{% raw %}{%- endraw +%}",
            "{{ x[{'a': 'b'} ~ 'c'] }}",
            "{% set range = x %}{{ range(1) }}",
            "{% for dict in x %}{{ dict() }}{% endfor %}",
            "{% macro m(range) %}{{ range() }}{% endmacro %}",
            "{% macro m() %}{% endmacro %}{% set m = x %}{{ m() }}",
            "{% set ns = namespace(get=x) %}{{ ns.get() }}",
            "{% set ns.strip = x %}{{ ns.strip() }}",
            "{{ lipsum }}",
            "{% unknown %}",
            "{% with range = x %}{{ range() }}{% endwith %}",
            "{{ self }}",
            "{{ cycler[bos_token][eos_token]['os'].replace('a', 'b') }}",
            "{{ x[bos_token][eos_token]['sys'].modules.get('shutil').copy('a', 'b') }}",
            "{{ ([cycler]|first)[bos_token] }}",
            "{{ raise_exception[bos_token]['os'].path.join('a') }}",
            "{% set o = x[bos_token][eos_token] %}{{ o.replace('a', 'b') }}",
            "{% for m in messages %}{{ m[bos_token][eos_token].get('x') }}{% endfor %}",
            "{% set ns.o = x[bos_token] %}{{ ns['o'].pop() }}",
            "{% set l = [] %}{% set k = l %}{% do l.append(x[y]) %}{{ k[0].copy('a', 'b') }}",
            "{% macro m(o) %}{{ o.update(1) }}{% endmacro %}{{ m(x[y]) }}",
            "{% macro m() %}{{ varargs[0].copy('a') }}{% endmacro %}{{ m(1, x[y]) }}",
            "{% for o in [x[y]] %}{{ o.insert(0, 'a') }}{% endfor %}",
            "{% for o in [1, x[y]] %}{{ loop.nextitem.replace('a', 'b') }}{% endfor %}",
            "{% macro m() %}{{ caller(x[y]) }}{% endmacro %}{% call(o) m() %}{{ o.replace('a', 'b') }}{% endcall %}",
        ] {
            assert_eq!(rating(template), Rating::Suspicious, "{template}");
        }
    }

    #[test]
    fn what_a_name_that_is_not_written_reaches_is_suspicious() {
        for template in [
            "{% if false %}{% set bos_token = 1 %}{% endif %}{{ x[bos_token].replace('a', 'b') }}",
            "{% for bos_token in range(1) %}{% endfor %}{{ x[bos_token].replace('a', 'b') }}",
            "{{ x[y if z else z|length].replace('a', 'b') }}",
            "{% set ns.content = 1 %}{{ x[bos_token.content].replace('a', 'b') }}",
            "{{ x[y].0.replace('a', 'b') }}",
            "{{ (x[y]|truncate).pop() }}",
            "{{ f(a=[1, x[y]]) }}{{ a.replace('a', 'b') }}",
        ] {
            assert_eq!(rating(template), Rating::Suspicious, "{template}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_unknown() {
        for template in ["{{ x", "{% if", "{# x", "{{ 'x }}", "{{ x ] }}", "{% raw %}", "{{ ` }}", "{{ (x }}"] {
            assert_eq!(rating(template), Rating::Unknown, "{template}");
        }
    }

    #[test]
    fn a_large_template_takes_no_longer_than_its_size() {
        let half = "a[".repeat(100_000);
        let nested = format!("{{{{ {half}1{} }}}}", "]".repeat(100_000));
        let chained = format!("{{{{ a{} }}}}", ".b(c)[d]".repeat(5_000));
        let named = format!("{{{{ f({}1) }}}}", "a=".repeat(15_000));
        let escapes = format!("{{{{ '{}' }}}}", "\\N".repeat(50_000));
        let macros =
            format!("{{% macro m({}) %}}{{{{ {}1 }}}}{{% endmacro %}}", "a,".repeat(5_000), "m(),".repeat(5_000));
        let many = "{% set a = b[c] %}{{ a.d }}".repeat(2_000);
        for template in [nested, chained, named, escapes, macros, many] {
            let start = std::time::Instant::now();
            let rating = rating(&template);
            let took = start.elapsed();
            assert!(took < std::time::Duration::from_secs(20), "{took:?} {rating:?} {}", &template[..40]);
        }
    }

    #[test]
    fn objections_have_their_place() {
        let mut sheet = Sheet::default();
        judge("ab{{ x.__class__ }}", Some(100), &mut sheet);
        assert_eq!(sheet.observations()[0].position.offset, Some(107));
        assert_eq!(sheet.observations()[0].called.as_ref().unwrap().raw(), "__class__");
    }
}
