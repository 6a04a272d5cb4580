//! Builtins that can make a large text of small ones in one step: asked for no more than a bound.
//!
//! Extensions of the same name come before the builtins of `regorus`. Each one looks at what it is given, and hands
//! it on to the builtin in an engine that knows nothing else.

use std::fmt::Write as _;
use std::io::Error;
use std::sync::OnceLock;

use regorus::{Engine, Value};

use crate::limits;
use crate::text;

/// Builtins that are refused, because they make much of little, or something else each time.
const REFUSED: [(&str, u8); 6] = [
    ("json.marshal_with_options", 2),
    ("numbers.range", 2),
    ("numbers.range_step", 3),
    ("opa.runtime", 0),
    ("rand.intn", 2),
    ("strings.replace_n", 2),
];

/// How many bytes a builtin may write beyond those of its arguments; `None` where that can't be said.
type Growth = fn(&[Value]) -> Option<usize>;

/// Builtins that are asked for no more than the bound, with their number of arguments.
const GUARDED: [(&str, u8, Growth); 6] = [
    ("bits.lsh", 2, |arguments| usize::try_from(arguments.get(1)?.as_u64().ok()? / 8).ok()),
    ("concat", 2, concat),
    ("json.marshal", 1, |_| Some(0)),
    ("regex.replace", 3, regex_replace),
    ("replace", 3, replace),
    ("sprintf", 2, sprintf),
];

/// How deep a value may be that is written as text.
const DEPTH: usize = 128;

/// Returns the builtin that a module names and may not have, if there is one.
pub(super) fn refused(module: &str) -> Option<&'static str> {
    REFUSED.iter().map(|(name, _)| *name).find(|name| module.contains(name))
}

/// Puts the guards before the builtins of an engine.
pub(super) fn guard(engine: &mut Engine) -> Result<(), String> {
    for (name, count) in REFUSED {
        // A name can be spelled in ways that a look at the text does not find: `numbers["range"]`.
        let refuse = move |_: Vec<Value>| Err(Error::other(format!("`{name}` is not there for conditions")))?;
        engine.add_extension(name.to_owned(), count, Box::new(refuse)).map_err(|error| error.to_string())?;
    }
    for (row, (name, count, growth)) in GUARDED.into_iter().enumerate() {
        let guarded = move |arguments: Vec<Value>| {
            check(name, &arguments, growth)?;
            let mut engine = unguarded().clone();
            engine.set_input(Value::from(arguments));
            engine.eval_rule(format!("data.unguarded.made{row}"))
        };
        engine.add_extension(name.to_owned(), count, Box::new(guarded)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// An engine with a rule for each guarded builtin, and no guards.
fn unguarded() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut module = "package unguarded\nimport rego.v1\n".to_owned();
        for (row, (name, count, _)) in GUARDED.into_iter().enumerate() {
            let arguments = (0..count).map(|number| format!("input[{number}]")).collect::<Vec<_>>().join(", ");
            // A text takes whatever is written.
            let _ = writeln!(module, "made{row} := {name}({arguments})");
        }
        let mut engine = Engine::new();
        // Without its rules it would give no answer, which denies.
        let _ = engine.add_policy("unguarded.rego".to_owned(), module);
        engine.set_strict_builtin_errors(true);
        engine
    })
}

/// Says what is too large, before it is made.
fn check(name: &str, arguments: &[Value], growth: Growth) -> Result<(), Error> {
    let mut left = limits::CONDITION_TEXT;
    let given = arguments.iter().all(|argument| written(argument, &mut left, DEPTH));
    if given && growth(arguments).is_some_and(|more| more <= left) {
        return Ok(());
    }
    let limit = text::bytes(limits::CONDITION_TEXT as u64);
    Err(Error::other(format!("`{name}` could make a text of more than {limit}, or of more than {DEPTH} levels")))
}

/// Takes what a value has as text from what is left; says whether that was enough.
fn written(value: &Value, left: &mut usize, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let own = match value {
        Value::String(text) => text.len() + 2,
        _ => 4,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| written(item, left, depth)),
        Value::Set(items) => items.iter().all(|item| written(item, left, depth)),
        Value::Object(members) => {
            members.iter().all(|(key, value)| written(key, left, depth) && written(value, left, depth))
        }
        _ => true,
    }
}

fn string(arguments: &[Value], number: usize) -> Option<&str> {
    match arguments.get(number)? {
        Value::String(text) => Some(text),
        _ => Some(""),
    }
}

fn concat(arguments: &[Value]) -> Option<usize> {
    let items = match arguments.get(1)? {
        Value::Array(items) => items.len(),
        Value::Set(items) => items.len(),
        _ => 0,
    };
    string(arguments, 0)?.len().checked_mul(items)
}

fn replace(arguments: &[Value]) -> Option<usize> {
    let [text, old, new] = [string(arguments, 0)?, string(arguments, 1)?, string(arguments, 2)?];
    text.matches(old).count().checked_mul(new.len())
}

/// Each character may be a match of its own, and each `$` of the replacement a whole match.
fn regex_replace(arguments: &[Value]) -> Option<usize> {
    let [text, new] = [string(arguments, 0)?, string(arguments, 2)?];
    let groups = new.matches('$').count();
    (text.len() + 1).checked_mul(new.len() - groups)?.checked_add(text.len().checked_mul(groups)?)
}

/// The widths of a format: `%20d`. The standard library takes no greater one than `u16` holds.
fn sprintf(arguments: &[Value]) -> Option<usize> {
    let mut all = 0_usize;
    for verb in string(arguments, 0)?.split('%').skip(1) {
        let digits = verb.trim_start_matches('.').split(|one: char| !one.is_numeric()).next().unwrap_or_default();
        let width: u16 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        all = all.checked_add(usize::from(width))?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(expression: &str) -> Result<Value, String> {
        let mut engine = Engine::new();
        guard(&mut engine).unwrap();
        engine.set_strict_builtin_errors(true);
        engine.add_policy("x.rego".into(), format!("package x\nimport rego.v1\nx := {expression}")).unwrap();
        engine.eval_rule("data.x.x".into()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_small_is_made_as_ever() {
        for (expression, expected) in [
            ("bits.lsh(3, 4)", "48"),
            (r#"concat(", ", ["a", "b"])"#, r#""a, b""#),
            (r#"concat("-", {"b", "a"})"#, r#""a-b""#),
            (r#"json.marshal({"a": [1, true, null]})"#, r#""{\"a\":[1,true,null]}""#),
            (r#"regex.replace("a1b22", "[0-9]+", "<$0>")"#, r#""a<1>b<22>""#),
            (r#"replace("banana", "a", "oo")"#, r#""boonoonoo""#),
            (r#"sprintf("%s has %5d of %v", ["x", 42, [1, "a"]])"#, r#""x has    42 of [1, \"a\"]""#),
        ] {
            assert_eq!(made(expression).unwrap().to_string(), expected, "{expression}");
        }
    }

    #[test]
    fn what_would_be_large_is_not_made() {
        let (long, text) = (Value::from("a".repeat(5_000)), |text: &str| Value::from(text));
        let many = Value::from(vec![text(""); 4_000]);
        for (name, arguments) in [
            ("bits.lsh", vec![Value::from(1_u64), Value::from(u64::from(u32::MAX))]),
            ("concat", vec![long.clone(), many.clone()]),
            ("json.marshal", vec![Value::from(vec![many; 3_000])]),
            ("regex.replace", vec![long.clone(), text("a"), long.clone()]),
            ("regex.replace", vec![long.clone(), text("a"), text(&"$0".repeat(4_000))]),
            ("replace", vec![long.clone(), text("a"), long.clone()]),
            ("replace", vec![long.clone(), text(""), long.clone()]),
            ("sprintf", vec![text("%999999999d"), Value::from(vec![Value::from(1_u64)])]),
            ("sprintf", vec![text("%.70000f"), Value::from(vec![Value::from(1_u64)])]),
            ("sprintf", vec![text("%.99999999999999999999d"), Value::from(vec![Value::from(1_u64)])]),
        ] {
            let (_, _, growth) = GUARDED.into_iter().find(|(one, ..)| *one == name).unwrap();
            let refused = check(name, &arguments, growth).unwrap_err().to_string();
            assert!(refused.contains("could make a text of more than 16"), "{name}: {refused}");
        }
        assert!(made("sprintf(\"%999999999d\", [1])").unwrap_err().contains("could make a text of more than 16"));
    }

    #[test]
    fn faults_of_the_call_are_told_as_ever() {
        assert!(made("concat(1, [])").unwrap_err().contains("expects string"));
        assert!(made("concat(\"\")").is_err());
        assert!(made("sprintf(\"%s\", [])").unwrap_err().contains("no argument"));
    }

    #[test]
    fn another_spelling_does_not_evade() {
        for expression in [r#"numbers["range"](1, 3)"#, r#"strings["replace_n"]({"a": "b"}, "a")"#] {
            assert!(made(expression).unwrap_err().contains("is not there for conditions"), "{expression}");
        }
    }

    #[test]
    fn what_is_shared_is_counted_as_often_as_it_is_written() {
        let mut shared = Value::from("a text");
        for _ in 0..40 {
            shared = Value::from(vec![shared.clone(), shared]);
        }
        assert!(!written(&shared, &mut 1_000_000, DEPTH));
        let mut deep = Value::from(1_u64);
        for _ in 0..200 {
            deep = Value::from(vec![deep]);
        }
        assert!(!written(&deep, &mut 1_000_000, DEPTH));
    }
}
