//! A report in Markdown, for the summary of a CI job or a comment on a change.

use crate::finding::{Finding, Severity};
use crate::render::words;
use crate::text::Text;
use crate::verify::{Report, Scope};

/// How many findings are shown; `--format json` has them all. GitHub takes 1 MiB.
const SHOWN: usize = 100;

/// Writes a report; with the fixes if they are asked for.
pub fn report(report: &Report, explain: bool) -> String {
    let mut page = format!("## {}\n\n", text(&words::verdict(report)));
    page += "| | demand | found |\n|---|---|---|\n";
    for requirement in &report.requirements {
        let (name, detail) = (code(&requirement.name), requirement.detail.for_markdown());
        page.extend([format!("| {} | {name} | {detail} |\n", words::status(requirement.status))]);
    }
    page.push('\n');
    let of = |severity| report.findings.iter().filter(move |finding| finding.severity == severity);
    let all: Vec<_> = of(Severity::Deny).chain(of(Severity::Waived)).chain(of(Severity::Warn)).collect();
    for finding in all.iter().take(SHOWN) {
        page += &block(finding);
    }
    if all.len() > SHOWN {
        page.extend([format!("... and {} more\n\n", all.len() - SHOWN)]);
    }
    for failure in &report.failures {
        page.extend([format!("- **not checked**: {}\n\n", failure.summary.for_markdown())]);
    }
    if explain {
        page += &fixes(report);
    }
    page + &scope(&report.scope)
}

fn text(raw: &str) -> String {
    Text::from(raw).for_markdown()
}

/// Shows a text as code. Entities stay what they are in it, while backticks in the text would end a span.
fn code(text: &Text) -> String {
    format!("<code>{}</code>", text.for_markdown())
}

fn block(finding: &Finding) -> String {
    let head = match finding.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Waived => "waived",
    };
    let mut block = format!("- **{head}** `{}`: {}\n", finding.code, finding.summary.for_markdown());
    block.extend([format!("  - where: {}\n", words::place(&finding.place).for_markdown())]);
    for (label, value) in words::details(finding) {
        block.extend([format!("  - {label}: {}\n", value.for_markdown())]);
    }
    block + "\n"
}

fn fixes(report: &Report) -> String {
    let fixes = report.fixes();
    if fixes.is_empty() {
        return String::new();
    }
    let mut page = String::from("### What must be done\n\n");
    for (number, fix) in fixes.iter().enumerate().take(SHOWN) {
        let (who, act) = (fix.who.text().for_markdown(), fix.act.text().for_markdown());
        page.extend([format!("{}. **{who}**: {act}\n", number + 1)]);
    }
    page + "\n"
}

fn scope(scope: &Scope) -> String {
    let joined = |parts: &[Text]| {
        let shown: Vec<_> = parts.iter().map(Text::for_markdown).collect();
        if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
    };
    let doors: Vec<Text> = scope.doors.iter().map(crate::verify::Door::flag).collect();
    let bundle = scope.bundle.map_or_else(|| "not read".to_owned(), |digest| digest.to_string());
    let rows = [
        ("bundle", format!("<code>{bundle}</code>")),
        ("hashed", joined(&scope.hashed)),
        ("not hashed", joined(&scope.not_hashed)),
        ("trust", format!("{} <code>{}</code>", scope.trust.source.for_markdown(), scope.trust.digest)),
        ("policy", format!("{} <code>{}</code>", text(&scope.policy.name), scope.policy.digest)),
        ("time", words::time(scope.at)),
        ("doors open", joined(&doors)),
    ];
    let left_out = words::stages_left_out(&scope.policy).map(|words| ("stages", text(&words)));
    let rows: Vec<_> =
        rows.into_iter().chain(left_out).map(|(name, value)| format!("| {name} | {value} |\n")).collect();
    format!("<details><summary>scope</summary>\n\n| | |\n|---|---|\n{}\n</details>\n", rows.concat())
}
