//! Policies in words: what they demand, how they differ, how they were tested.

use serde_json::{Value, json};

use crate::finding::Severity;
use crate::policy::{Demand, Item, Origin, PolicySource};
use crate::policy_test::Tested;
use crate::render::style::{BAD, DOUBTFUL, GOOD, STRONG, styled};
use crate::text::{self, for_terminal};

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "denies",
        Severity::Warn | Severity::Waived => "warns",
    }
}

fn add(page: &mut String, text: &str) {
    page.push_str(text);
}

fn demand_line(page: &mut String, name: &str, severity: Severity, words: &str) {
    let verb = word(severity);
    add(
        page,
        &format!("  {verb:<6}  {}\n          unless {}\n", styled(STRONG, &for_terminal(name)), for_terminal(words)),
    );
}

fn section(page: &mut String, title: &str, items: &[Item]) {
    add(page, &format!("{title}\n"));
    if items.is_empty() {
        add(page, "  nothing more\n");
    }
    for item in items {
        demand_line(page, item.rule.name(), item.severity, &item.rule.demand());
    }
    add(page, "\n");
}

/// Explains a policy for people.
pub fn explanation(source: &PolicySource, baseline: &[Item]) -> String {
    let mut page = format!("{}\n", styled(STRONG, source.name().as_str()));
    if let Some(version) = source.version() {
        add(&mut page, &format!("  version  {version}\n"));
    }
    let expires = source.expires().map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    add(&mut page, &format!("  expires  {}\n\n", expires.unwrap_or_else(|| "never".to_owned())));
    section(&mut page, "For every release, with or without a policy:", baseline);
    let common: Vec<_> = source.items().filter(|item| item.origin == Origin::File).cloned().collect();
    section(&mut page, "For every release, by this policy:", &common);
    for stage in source.stages() {
        let of: Vec<_> =
            source.items().filter(|item| item.origin == Origin::Stage(stage.name.clone())).cloned().collect();
        let after = stage.after.as_ref().map(|after| format!(", with all that holds at {after}")).unwrap_or_default();
        let title = format!("At the stage {}{after}; a promoter must have let the release in:", stage.name);
        section(&mut page, &title, &of);
    }
    if !source.stages().is_empty() {
        let doors: Vec<_> = source.permitted().iter().map(ToString::to_string).collect();
        let doors = if doors.is_empty() { "none".to_owned() } else { doors.join(", ") };
        add(&mut page, &format!("Unsafe doors that may be open at a stage: {doors}\n"));
    }
    let waivable = source.waivable();
    let codes: Vec<_> = waivable.codes().iter().map(|code| code.as_str()).collect();
    let waived = match codes.as_slice() {
        [] => "nothing".to_owned(),
        codes => format!("{}, for at most {}", codes.join(", "), waivable.longest()),
    };
    add(&mut page, &format!("What may be waived: {waived}\n"));
    page
}

/// Explains a policy for programs.
pub fn explanation_json(source: &PolicySource, baseline: &[Item]) -> Value {
    let rules = baseline.iter().chain(source.items()).map(|item| {
        let origin = match &item.origin {
            Origin::Baseline => json!("baseline"),
            Origin::File => json!("policy"),
            Origin::Stage(stage) => json!({"stage": stage}),
        };
        json!({"name": item.rule.name(), "origin": origin, "severity": item.severity, "demand": item.rule.demand()})
    });
    let waivable = source.waivable();
    let stages = source.stages().iter().map(|stage| json!({"name": stage.name, "after": stage.after}));
    json!({
        "name": source.name(),
        "version": source.version(),
        "expires": source.expires(),
        "digest": crate::digest::Digest::of(source.bytes()),
        "stages": stages.collect::<Vec<_>>(),
        "waivable": {"codes": waivable.codes(), "longest": waivable.longest()},
        "rules": rules.collect::<Vec<_>>(),
    })
}

/// Shows demands that only one of two policies has, under the names of the two.
pub fn difference(names: [&str; 2], only: [&[Demand]; 2]) -> String {
    let mut page = String::new();
    for (name, demands) in names.iter().zip(only) {
        add(&mut page, &format!("Only in {}\n", styled(STRONG, &for_terminal(name))));
        if demands.is_empty() {
            add(&mut page, "  nothing\n");
        }
        for demand in demands {
            demand_line(&mut page, &demand.name, demand.severity, &demand.words);
        }
        page += "\n";
    }
    page
}

/// Shows the same for programs.
pub fn difference_json(only: [&[Demand]; 2]) -> Value {
    let list = |demands: &[Demand]| -> Vec<Value> {
        let one = |demand: &Demand| json!({"name": demand.name, "severity": demand.severity, "demand": demand.words});
        demands.iter().map(one).collect()
    };
    let [first, second] = only;
    json!({"onlyInFirst": list(first), "onlyInSecond": list(second)})
}

/// Shows how a policy was tested.
pub fn tested(tested: &Tested) -> String {
    let mut page = format!("{}\n", styled(STRONG, "fixtures"));
    let joined = |codes: &std::collections::BTreeSet<String>| {
        let codes: Vec<_> = codes.iter().map(|code| for_terminal(code)).collect();
        if codes.is_empty() { "a pass".to_owned() } else { codes.join(", ") }
    };
    for fixture in &tested.fixtures {
        let name = for_terminal(&fixture.name);
        add(
            &mut page,
            &if fixture.passed {
                format!("  {}  {name}: {}\n", styled(GOOD, "ok     "), joined(&fixture.found))
            } else {
                format!(
                    "  {}  {name}: {} instead of {}\n",
                    styled(BAD, "FAIL   "),
                    joined(&fixture.found),
                    joined(&fixture.expected)
                )
            },
        );
    }
    add(&mut page, &format!("\n{}\n", styled(STRONG, "rules, each removed once")));
    for rule in &tested.rules {
        let stage = rule.stage.as_ref().map(|stage| format!(" of {stage}")).unwrap_or_default();
        let name = for_terminal(&rule.name);
        add(
            &mut page,
            &match &rule.noticed_by {
                Some(fixture) => {
                    format!("  {}  {name}{stage}: noticed by {}\n", styled(GOOD, "ok     "), for_terminal(fixture))
                }
                None => format!("  {}  {name}{stage}: no fixture needs it\n", styled(DOUBTFUL, "UNTRIED")),
            },
        );
    }
    let noticed = tested.rules.iter().filter(|rule| rule.noticed_by.is_some()).count();
    let failed = tested.fixtures.iter().filter(|fixture| !fixture.passed).count();
    let fixtures = text::count(tested.fixtures.len(), "fixture");
    add(
        &mut page,
        &format!("\n{fixtures}, {failed} failed; {noticed} of {} noticed\n", text::count(tested.rules.len(), "rule")),
    );
    page
}

/// Shows the same for programs.
pub fn tested_json(tested: &Tested) -> Value {
    let fixtures = tested.fixtures.iter().map(|fixture| {
        json!({"name": fixture.name, "passed": fixture.passed, "expected": fixture.expected, "found": fixture.found})
    });
    let rules =
        tested.rules.iter().map(|rule| json!({"name": rule.name, "stage": rule.stage, "noticedBy": rule.noticed_by}));
    json!({"fixtures": fixtures.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>()})
}
