//! Parameters of the training, as the provenance states them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::finding::{Code, Finding};
use crate::intoto::Kind;
use crate::policy::{Bound, Case, Rule, Values};

/// A parameter: exactly one of `equals`, `one-of` and `present`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Parameters"))]
pub(super) struct Table {
    /// Its name in `[training] parameters`, or a JSON pointer into `externalParameters` (`/workflow/ref`).
    name: String,
    /// The value that it must have, as text.
    equals: Option<String>,
    /// The values that it may have, as text.
    one_of: Option<BTreeSet<String>>,
    /// It must be there with any value: `true`.
    #[serde(default)]
    present: bool,
}

pub(super) struct Parameters(Vec<Demand>);

struct Demand {
    name: String,
    /// The values that are allowed; any if there are none.
    values: BTreeSet<String>,
}

pub(super) fn build(tables: Vec<Table>) -> Result<Parameters, String> {
    if tables.is_empty() {
        return Err("no parameter is named".to_owned());
    }
    let mut names = BTreeSet::new();
    if let Some(table) = tables.iter().find(|table| !names.insert(steps(&table.name))) {
        return Err(format!("the parameter `{}` stands twice", table.name));
    }
    tables.into_iter().map(demand).collect::<Result<_, _>>().map(Parameters)
}

fn demand(table: Table) -> Result<Demand, String> {
    let name = table.name;
    if ["", "/"].contains(&name.as_str()) {
        return Err(format!("a parameter has the name `{name}`, and none is called so"));
    }
    // RFC 6901, section 3.
    if name.starts_with('/') && name.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return Err(format!("`{name}` is no JSON pointer: behind a `~` stands 0 or 1"));
    }
    let values = match (table.equals, table.one_of, table.present) {
        (Some(value), None, false) => BTreeSet::from([value]),
        (None, Some(values), false) if !values.is_empty() => values,
        (None, None, true) => BTreeSet::new(),
        _ => {
            return Err(format!("the parameter `{name}` needs exactly one of `equals`, `one-of` and `present = true`"));
        }
    };
    match values.iter().find(|value| is_empty(value)) {
        Some(value) => Err(format!("the parameter `{name}` can't be `{value}`: an empty one counts as absent")),
        None => Ok(Demand { name, values }),
    }
}

/// Returns the steps from `externalParameters` to a parameter (RFC 6901, section 4): one may be named in two ways.
fn steps(name: &str) -> Vec<String> {
    match name.strip_prefix('/') {
        Some(pointer) => pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect(),
        None => vec!["parameters".to_owned(), name.to_owned()],
    }
}

/// Says whether a value is none: absent, null and empty are the same (SLSA v1).
fn is_empty(text: &str) -> bool {
    ["", "[]", "{}"].contains(&text)
}

impl Demand {
    fn words(&self) -> String {
        let values: Vec<_> = self.values.iter().map(|value| format!("`{value}`")).collect();
        match values.as_slice() {
            [] => format!("`{}` is stated", self.name),
            values => format!("`{}` is {}", self.name, values.join(" or ")),
        }
    }

    /// Returns the value as text, if there is one.
    fn value(&self, parameters: &Map<String, Value>) -> Option<String> {
        let value = match self.name.strip_prefix('/') {
            Some(pointer) => {
                let (first, rest) = pointer.find('/').map_or((pointer, ""), |slash| pointer.split_at(slash));
                // RFC 6901, section 4.
                parameters.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest)?
            }
            None => parameters.get("parameters")?.get(&self.name)?,
        };
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(text).filter(|text| !is_empty(text))
    }
}

impl Rule for Parameters {
    fn name(&self) -> &'static str {
        "parameters"
    }

    fn demand(&self) -> String {
        let mut words: Vec<_> = self.0.iter().map(Demand::words).collect();
        words.sort_unstable();
        format!("of the parameters of every training, {}", words.join(", and "))
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::ParameterMismatch]
    }

    fn bounds(&self) -> Vec<Bound> {
        let bound = |demand: &Demand| Bound {
            of: format!("parameter {:?}", steps(&demand.name)),
            part: None,
            values: Values::OneOf(demand.values.clone()),
            words: demand.words(),
        };
        self.0.iter().filter(|demand| !demand.values.is_empty()).map(bound).collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn needs(&self) -> Vec<Kind> {
        vec![Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (line, provenance) in case.trainings() {
            for demand in &self.0 {
                let value = demand.value(&provenance.build_definition.external_parameters);
                let holds =
                    value.as_ref().is_some_and(|value| demand.values.is_empty() || demand.values.contains(value));
                if !holds {
                    let summary = format!("the parameter `{}` of the training is not as demanded", demand.name);
                    let finding = Finding::deny(Code::ParameterMismatch, line.origin().place(), summary);
                    findings.push(
                        finding
                            .expected(demand.words())
                            .found(value.unwrap_or_else(|| "it is not stated".to_owned()))
                            .help("train again with the parameter that is demanded and make a new release"),
                    );
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(name: &str) -> Table {
        Table { name: name.into(), equals: None, one_of: None, present: true }
    }

    #[test]
    fn values_are_found_by_name_and_by_pointer() {
        let parameters = json!({"parameters": {"seed": "42", "layers": 3, "empty": ""}, "workflow": {"ref": "main", "none": null},
                "datasets": ["test", {"a/b~c": "x"}], "d/e": {"~1": "y"}});
        let value = |name: &str| demand(table(name)).unwrap().value(parameters.as_object().unwrap());
        assert_eq!(value("seed").as_deref(), Some("42"));
        assert_eq!(value("layers").as_deref(), Some("3"));
        assert_eq!(value("/workflow/ref").as_deref(), Some("main"));
        assert_eq!(value("/datasets/0").as_deref(), Some("test"));
        assert_eq!(value("/datasets/1/a~1b~0c").as_deref(), Some("x"));
        assert_eq!(value("/d~1e/~01").as_deref(), Some("y"));
        for index in ["/datasets/2", "/datasets/00", "/datasets/-", "/datasets/+0", "/datasets/1/a", "/d/e"] {
            assert_eq!(value(index), None, "{index}");
        }
        for absent in ["empty", "workflow", "/workflow/none", "/workflow/ref/x", "/seed", "/workflow/"] {
            assert_eq!(value(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_demand_is_one_thing() {
        let bad = |table: Table| build(vec![table]).err().unwrap();
        assert!(bad(Table { present: false, ..table("x") }).contains("exactly one"));
        assert!(bad(Table { equals: Some("1".into()), ..table("x") }).contains("exactly one"));
        assert!(bad(Table { one_of: Some(BTreeSet::new()), present: false, ..table("x") }).contains("exactly one"));
        for empty in ["", "[]", "{}"] {
            assert!(bad(Table { equals: Some(empty.into()), present: false, ..table("x") }).contains("absent"));
            let one_of = Some(BTreeSet::from(["1".to_owned(), empty.to_owned()]));
            assert!(bad(Table { one_of, present: false, ..table("x") }).contains("absent"));
        }
        assert!(bad(table("")).contains("none is called so") && bad(table("/")).contains("none is called so"));
        for (one, other) in [("x", "x"), ("x", "/parameters/x"), ("a/b~", "/parameters/a~1b~0"), ("/a~b", "/a~0b")] {
            assert!(build(vec![table(one), table(other)]).err().unwrap().contains("stands twice"), "{other}");
        }
        assert!(build(vec![table("x"), table("/x")]).is_ok());
        assert!(build(vec![]).is_err());
    }
}
