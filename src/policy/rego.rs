//! Rego, evaluated by `regorus`: bounded, offline, and with nothing but the input in view.

mod bounds;
mod guarded;

use std::num::{NonZeroU32, NonZeroUsize};

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, PolicyLengthConfig, Value};

use crate::limits;

use self::bounds::Unanswered;

/// The package in which a condition must be.
const PACKAGE: &str = "data.assaymark";

/// A module that was parsed and can be asked.
#[derive(Clone)]
pub(super) struct Module(Engine);

/// What modules are asked about.
pub(super) struct Input(Value);

impl Input {
    /// Reads what modules are asked about.
    pub(super) fn read(json: &str) -> Result<Self, String> {
        Value::from_json_str(json).map(Self).map_err(|error| shortened(&error.to_string()))
    }
}

/// What a module said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// `allow` is true, and `deny` is empty.
    Allowed,
    /// It denies, for these reasons; there may be none.
    Denied(Vec<String>),
    /// It gave no answer that counts, for this reason.
    Failed(String),
    /// It was not asked, because this machine can't bound it, for this reason.
    NotAsked(String),
}

impl Module {
    /// Parses a module, within the limits of its evaluation.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, String> {
        let (name, text) = (name.to_owned(), text.to_owned());
        let parsed = bounds::within(move || Self::parse_at_length(&name, &text));
        parsed.unwrap_or_else(|unanswered| Err(format!("it could not be read: {unanswered}")))
    }

    fn parse_at_length(name: &str, text: &str) -> Result<Self, String> {
        if let Some(builtin) = guarded::refused(text) {
            return Err(format!("`{builtin}` is not there for conditions"));
        }
        let mut engine = Engine::new();
        guarded::guard(&mut engine)?;
        engine.set_policy_length_config(PolicyLengthConfig {
            max_file_bytes: NonZeroUsize::new(limits::CONDITION_BYTES).unwrap_or(NonZeroUsize::MIN),
            ..PolicyLengthConfig::default()
        });
        let package =
            engine.add_policy(name.to_owned(), text.to_owned()).map_err(|error| shortened(&error.to_string()))?;
        if package != PACKAGE {
            return Err("a condition is in the package `assaymark`: start it with `package assaymark`".to_owned());
        }
        for rule in ["deny", "allow"] {
            if !engine.has_declared_rule_rooted_at(name, rule).unwrap_or(false) {
                return Err(format!("it has no rule `{rule}`"));
            }
        }
        engine.set_strict_builtin_errors(true);
        // Nobody reads what is printed, so it is not even put together.
        engine.set_gather_prints(false);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: limits::CONDITION_PATIENCE,
            check_interval: NonZeroU32::MIN,
        });
        Ok(Self(engine))
    }

    /// Asks it about an input. Whatever is not a plain yes denies.
    pub(super) fn ask(&self, input: &Input) -> Answer {
        let (mut engine, input) = (self.0.clone(), input.0.clone());
        let answer = bounds::within(move || {
            engine.set_input(input);
            answer(&mut engine)
        });
        answer.unwrap_or_else(|unanswered| match unanswered {
            Unanswered::Time | Unanswered::Memory => Answer::Failed(unanswered.to_string()),
            Unanswered::Unmeasured | Unanswered::NoThread | Unanswered::Patience => {
                Answer::NotAsked(unanswered.to_string())
            }
        })
    }
}

/// Asks for `deny` and `allow`.
fn answer(engine: &mut Engine) -> Answer {
    let reasons = match engine.eval_rule(format!("{PACKAGE}.deny")) {
        Ok(Value::Set(reasons)) => reasons,
        Ok(Value::Undefined) => return Answer::Failed("`deny` is undefined".to_owned()),
        Ok(_) => return Answer::Failed("`deny` is no set: write `deny contains message if { … }`".to_owned()),
        Err(error) => return Answer::Failed(shortened(&error.to_string())),
    };
    let mut messages = Vec::new();
    for reason in reasons.iter().take(limits::CONDITION_MESSAGES) {
        match reason {
            Value::String(message) => messages.push(shortened(message)),
            _ => return Answer::Failed("`deny` has a member that is no text".to_owned()),
        }
    }
    let allowed = match engine.eval_rule(format!("{PACKAGE}.allow")) {
        Ok(Value::Bool(allowed)) => allowed,
        Ok(Value::Undefined) => return Answer::Failed("`allow` is undefined".to_owned()),
        Ok(_) => return Answer::Failed("`allow` is not true or false".to_owned()),
        Err(error) => return Answer::Failed(shortened(&error.to_string())),
    };
    if allowed && messages.is_empty() { Answer::Allowed } else { Answer::Denied(messages) }
}

/// Keeps messages to a bearable length.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 500;
    let message = message.trim();
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(rego: &str) -> Answer {
        Module::parse("x.rego", &format!("package assaymark\nimport rego.v1\n{rego}"))
            .unwrap()
            .ask(&Input::read(r#"{"x": 1}"#).unwrap())
    }

    fn fails(rego: &str) -> String {
        match ask(rego) {
            Answer::Failed(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_yes_allows() {
        assert_eq!(ask("deny contains \"no\" if input.x != 1\nallow if input.x == 1"), Answer::Allowed);
    }

    #[test]
    fn reasons_deny_even_if_it_allows() {
        let denied = ask("deny contains \"no\" if input.x == 1\nallow := true");
        assert_eq!(denied, Answer::Denied(vec!["no".into()]));
        assert_eq!(ask("deny contains \"no\" if input.x == 2\nallow := false"), Answer::Denied(vec![]));
    }

    #[test]
    fn what_can_not_be_read_is_no_input() {
        assert!(Input::read("{").is_err());
        assert!(Input::read("").is_err());
    }

    #[test]
    fn everything_else_fails() {
        assert!(fails("deny contains \"x\" if false\nallow if input.x == 2").contains("`allow` is undefined"));
        assert!(fails("deny contains \"x\" if false\nallow := 1").contains("not true or false"));
        assert!(fails("deny contains 1 if true\nallow := true").contains("no text"));
        assert!(fails("deny := true\nallow := true").contains("no set"));
        assert!(!fails("deny contains \"x\" if to_number(\"a\") == 1\nallow := true").is_empty());
    }

    #[test]
    fn time_is_bounded() {
        let slow = "allow := true\ndeny contains \"x\" if {\n\
                    some a in n; some b in n; some c in n; some d in n; some e in n; some f in n; some g in n; a + b + c + d + e + f + g < 0 }\n\
                    n := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]";
        let reason = fails(slow);
        assert_eq!(reason, "it takes more than 2 s");
    }

    #[test]
    fn what_reaches_outside_is_refused() {
        let parse = |rego: &str| Module::parse("x.rego", &format!("package assaymark\nimport rego.v1\n{rego}"));
        for builtin in ["numbers.range(1, 1000000000)", "rand.intn(\"a\", 2)", "opa.runtime()"] {
            let refused = parse(&format!("allow if {builtin}\ndeny contains \"x\" if false"));
            assert!(refused.err().unwrap().contains("is not there"), "{builtin}");
        }
        // These are not built in at all.
        for builtin in [
            "time.now_ns()",
            "http.send({\"url\": \"http://127.0.0.1\"})",
            "net.lookup_ip_addr(\"x\")",
            "uuid.rfc4122(\"x\")",
        ] {
            let text = format!("allow if {builtin}\ndeny contains \"x\" if false");
            let refused = parse(&text)
                .map_or(true, |module| matches!(module.ask(&Input::read("{}").unwrap()), Answer::Failed(_)));
            assert!(refused, "{builtin}");
        }
    }

    #[test]
    fn faults_of_form_are_named() {
        assert!(Module::parse("x.rego", "package other\nallow := true").err().unwrap().contains("package assaymark"));
        assert!(Module::parse("x.rego", "allow if {").is_err());
        let of = |rule: &str| Module::parse("x.rego", &format!("package assaymark\n{rule}")).err().unwrap();
        assert_eq!(of("allow := true"), "it has no rule `deny`");
        assert_eq!(of("deny := set()"), "it has no rule `allow`");
        let long =
            format!("package assaymark\nallow := true\ndeny := set()\n#{}", "x\n#".repeat(limits::CONDITION_BYTES));
        assert!(Module::parse("x.rego", &long).is_err());
    }
}
