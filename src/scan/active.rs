//! What makes HTML and SVG run in a viewer.

/// Elements and instructions that run, load or lead away, and schemes that run.
const MARKS: &[&str] = &[
    "<script",
    ":script",
    "<iframe",
    "<frame",
    "<object",
    "<embed",
    "<applet",
    "<meta",
    "<base",
    "<!entity",
    "<?xml-stylesheet",
    "srcdoc=",
];
const SCHEMES: &[&str] = &["javascript:", "vbscript:", "data:text/html"];

/// Returns what makes a piece of HTML or SVG run.
pub(super) fn active(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let mark = MARKS.iter().find(|mark| text.contains(**mark)).map(|mark| (*mark).to_owned());
    mark.or_else(|| scheme(&text).map(str::to_owned)).or_else(|| handler(&text))
}

/// Finds schemes as a browser reads them: without line breaks and tabs, with characters spelled as numbers or by name.
pub(super) fn scheme(text: &str) -> Option<&'static str> {
    let squeezed: String = resolved(text).chars().filter(|c| !c.is_control()).collect();
    let squeezed = squeezed.to_ascii_lowercase();
    SCHEMES.iter().find(|scheme| squeezed.contains(**scheme)).copied()
}

/// Resolves references to characters, as far as they can stand in the name of a scheme.
fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (character, rest) = reference(part).unwrap_or(('&', part));
        out.push(character);
        out.push_str(rest);
    }
    out
}

fn reference(part: &str) -> Option<(char, &str)> {
    for (name, character) in [("colon;", ':'), ("tab;", '\t'), ("newline;", '\n'), ("lpar;", '('), ("sol;", '/')] {
        if let Some(rest) = part.strip_prefix(name) {
            return Some((character, rest));
        }
    }
    let digits = part.strip_prefix('#')?;
    let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (number, rest) = digits.split_at_checked(end)?;
    let character = char::from_u32(u32::from_str_radix(number, radix).ok()?)?;
    Some((character, rest.strip_prefix(';').unwrap_or(rest)))
}

/// Finds attributes that are called when something happens, such as `onerror=`, of whatever name.
fn handler(text: &str) -> Option<String> {
    let first = text.find('<')?;
    text.match_indices("on").filter(|(at, _)| *at > first).find_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back()?;
        let rest = text.get(at..)?;
        let end = rest.find(|c: char| !c.is_ascii_alphabetic())?;
        let (name, rest) = rest.split_at_checked(end)?;
        let assigned = rest.trim_start().starts_with('=') && !rest.trim_start().starts_with("==");
        let attribute = before.is_whitespace() || matches!(before, '/' | '"' | '\'');
        (attribute && name.len() > 4 && assigned).then(|| format!("{name}="))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_found_however_it_is_written() {
        for text in [
            "<SCRIPT>x",
            "<svg:script>x",
            "<img src=x onerror=alert(1)>",
            "<img src=x onerror =x>",
            "<img src=x\nonerror\n= x>",
            "<svg/onload=x>",
            "<details ontoggle=x open>",
            "<img alt='>' onpointerenter=x>",
            "<a href='jav&#x61;script:x'>",
            "<a href='jav&#97script:x'>",
            "<a href='java\tscript&colon;x'>",
            "<a href='data:text/html,x'>",
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///x'>]>",
            "<base href=//x>",
        ] {
            assert!(active(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_only_shown_is_not() {
        for text in [
            "<table><tr><td>on = 1, once == 2</td></tr></table>",
            "<style>td { color: red }</style>",
            "online = 3 < 4",
            "<a href='https://example.com/?a=1&b=2&#x41;'>once upon a time</a>",
            "the scheme of java script",
            "",
        ] {
            assert_eq!(active(text), None, "{text}");
        }
    }
}
