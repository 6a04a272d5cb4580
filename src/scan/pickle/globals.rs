//! What a pickle imports.

use std::collections::HashMap;

use super::allowed::{self, Suspicion, Uses};
use super::machine::Machine;
use super::opcode as op;
use super::value::Value;
use crate::limits;
use crate::scan::{Allowance, Observation, Rating, Reason, Sheet, Stop};

/// The names that were imported, each once.
#[derive(Default)]
pub(super) struct Globals {
    names: Vec<(String, Uses)>,
    numbers: HashMap<String, u32>,
}

impl Globals {
    /// Says whether nothing was imported.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns what may be done with one.
    pub(super) fn uses(&self, global: u32) -> Uses {
        self.entry(global).map(|(_, uses)| *uses).unwrap_or_default()
    }

    /// Returns its full name, as in `os.system`.
    pub(super) fn name(&self, global: u32) -> &str {
        self.entry(global).map(|(name, _)| name.as_str()).unwrap_or_default()
    }

    fn entry(&self, global: u32) -> Option<&(String, Uses)> {
        self.names.get(usize::try_from(global).ok()?)
    }

    fn add(&mut self, key: String, name: String, uses: Uses) -> Option<u32> {
        let number = u32::try_from(self.names.len()).ok().filter(|_| self.names.len() < limits::PICKLE_GLOBALS)?;
        self.names.push((name, uses));
        self.numbers.insert(key, number);
        Some(number)
    }
}

impl Machine<'_, '_> {
    /// Imports something. It counts whatever becomes of it later: an import alone runs code.
    pub(super) fn import(&mut self, code: u8) -> Result<(), Stop> {
        let value = match code {
            op::GLOBAL => self.import_lines()?,
            op::INST => return self.instance(),
            op::STACK_GLOBAL => self.import_from_stack()?,
            _ => {
                match code {
                    op::EXT1 => self.input.skip(1)?,
                    op::EXT2 => self.input.skip(2)?,
                    _ => self.input.skip(4)?,
                }
                let summary = "it imports by a number, which stands for different things in different processes";
                self.object(Reason::HiddenImport, Rating::Suspicious, summary, None);
                self.hidden()?
            }
        };
        self.push(value)
    }

    /// Reads the two lines of `GLOBAL` and `INST`.
    pub(super) fn import_lines(&mut self) -> Result<Value, Stop> {
        let (module, name) = (self.input.line()?, self.input.line()?);
        let text = |line: Option<&[u8]>| line.and_then(|line| str::from_utf8(line).ok()).map(str::to_owned);
        if let (Some(module), Some(name)) = (text(module.whole()), text(name.whole())) {
            return self.imported(&module, &name);
        }
        let summary = "it imports something whose name is longer than names are, or not UTF-8";
        self.object(Reason::HiddenImport, Rating::Suspicious, summary, None);
        self.hidden()
    }

    fn import_from_stack(&mut self) -> Result<Value, Stop> {
        let (name, module) = (self.pop()?, self.pop()?);
        let text = |value| self.pools.text(value).and_then(|text| str::from_utf8(text).ok()).map(str::to_owned);
        if let (Some(module), Some(name)) = (text(module), text(name)) {
            return self.imported(&module, &name);
        }
        let summary = "it imports something whose name is not a plain constant";
        self.object(Reason::HiddenImport, Rating::Suspicious, summary, None);
        self.hidden()
    }

    /// Something that was objected to, whose name is not known.
    fn hidden(&mut self) -> Result<Value, Stop> {
        self.number_of("?".to_owned(), "?".to_owned(), Uses::ALL)
    }

    fn imported(&mut self, module: &str, name: &str) -> Result<Value, Stop> {
        let key = format!("{module}:{name}");
        if let Some(known) = self.globals.numbers.get(&key) {
            return Ok(Value::Global(*known));
        }
        let full = format!("{module}.{name}");
        let uses = allowed::uses(module, name).unwrap_or_else(|| {
            self.judge(module, name, &full);
            Uses::ALL
        });
        self.number_of(key, full, uses)
    }

    fn number_of(&mut self, key: String, name: String, uses: Uses) -> Result<Value, Stop> {
        if let Some(known) = self.globals.numbers.get(&key) {
            return Ok(Value::Global(*known));
        }
        let number = self.globals.add(key, name, uses);
        number.map(Value::Global).ok_or_else(|| Stop::Limit(format!("more than {} imports", limits::PICKLE_GLOBALS)))
    }

    /// Objects to a name outside the list, unless the user allows it.
    fn judge(&mut self, module: &str, name: &str, full: &str) {
        let Some((reason, rating, what)) = objection(module, name, full, self.allowance, self.sheet) else { return };
        self.object(reason, rating, format!("it imports `{full}`, {what}"), Some(full.to_owned()));
    }

    /// Returns the name of what a value is or was made of.
    pub(super) fn name_of(&self, value: Value) -> Option<String> {
        match value {
            Value::Global(global) | Value::Made(global) => Some(self.globals.name(global).to_owned()),
            Value::Type(_) => Some("numpy.dtype".to_owned()),
            _ => None,
        }
    }
}

/// Says what is wrong with a name outside the list; what the user allows is written down instead.
fn objection(
    module: &str,
    name: &str,
    full: &str,
    allowance: &Allowance,
    sheet: &mut Sheet,
) -> Option<(Reason, Rating, &'static str)> {
    if let Some(reason) = allowance.reason(full).filter(|_| !name.contains('.')) {
        sheet.allow(full.into(), reason.into());
        return None;
    }
    Some(match allowed::suspicion(module, name) {
        Suspicion::Dangerous => (Reason::DangerousImport, Rating::Malicious, "which no model needs"),
        Suspicion::Code => (Reason::EmbeddedCode, Rating::Suspicious, "which makes functions of code in the file"),
        Suspicion::Unlisted => (Reason::ImportNotAllowed, Rating::Suspicious, "which the allow-list does not name"),
    })
}

/// Says whether a full name, as in `os.system`, is of what no model needs.
pub(in crate::scan) fn is_dangerous_name(full: &str) -> bool {
    full.rsplit_once('.').is_some_and(|(module, name)| allowed::suspicion(module, name) != Suspicion::Unlisted)
}

/// Objects to a name that another format imports as pickles do.
pub(in crate::scan) fn judge_name(module: &str, name: &str, allowance: &Allowance, sheet: &mut Sheet) {
    if allowed::uses(module, name).is_some() {
        return;
    }
    let full = format!("{module}.{name}");
    if let Some((reason, rating, what)) = objection(module, name, &full, allowance, sheet) {
        sheet.report(Observation::new(reason, rating, format!("it imports `{full}`, {what}")).called(full));
    }
}
