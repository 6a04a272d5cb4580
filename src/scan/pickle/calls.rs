//! Instructions that call what was imported, or give a state to what was made.

use super::allowed::{Use, Uses};
use super::machine::{Machine, Persistence, Storage};
use super::opcode as op;
use super::value::{Following, Value};
use crate::limits;
use crate::scan::{Rating, Reason, Stop};

/// What makes the source of a generator of random numbers.
const BIT_GENERATOR: &str = "numpy.random._pickle.__bit_generator_ctor";
/// Mappings whose keys stand in the pickle.
const MAPPINGS: [&str; 4] = ["__builtin__.dict", "builtins.dict", "collections.OrderedDict", "collections.defaultdict"];

impl Machine<'_, '_> {
    /// `REDUCE`, `OBJ`, `NEWOBJ` and `NEWOBJ_EX`.
    pub(super) fn call(&mut self, code: u8) -> Result<(), Stop> {
        let (callee, arguments) = match code {
            op::OBJ => {
                let position = self.unmark()?;
                let Some((callee, items)) = self.stack.above(position).split_first() else {
                    return Err(self.malformed("it makes an object of nothing"));
                };
                let (callee, arguments) = (*callee, self.pools.keep_tuple(items));
                self.stack.drop_above(position);
                (callee, arguments)
            }
            op::NEWOBJ_EX => {
                let _named = self.pop()?;
                let arguments = self.pop()?;
                (self.pop()?, arguments)
            }
            _ => {
                let arguments = self.pop()?;
                (self.pop()?, arguments)
            }
        };
        let one = if matches!(code, op::NEWOBJ | op::NEWOBJ_EX) { Use::New } else { Use::Call };
        self.make(callee, arguments, one)
    }

    /// `INST`: imports and calls at once.
    pub(super) fn instance(&mut self) -> Result<(), Stop> {
        let position = self.unmark()?;
        let callee = self.import_lines()?;
        let arguments = self.pools.keep_tuple(self.stack.above(position));
        self.stack.drop_above(position);
        self.make(callee, arguments, Use::Call)
    }

    fn make(&mut self, callee: Value, arguments: Value, one: Use) -> Result<(), Stop> {
        self.calls += 1;
        let Value::Global(global) = callee else {
            let name = self.name_of(callee);
            self.object(Reason::UnexpectedCall, Rating::Suspicious, "it calls something that is no plain name", name);
            return self.push(Value::Data);
        };
        let uses = self.globals.uses(global);
        let made = if uses.has(Use::ElementType) && one == Use::Call {
            self.element_type(arguments).map(Value::Type)
        } else if uses.has(Use::Latin1) && one == Use::Call {
            self.is_latin1(arguments).then_some(Value::Data)
        } else if uses.has(Use::ArrayInStream) && one == Use::New {
            Some(Value::Made(global))
        } else if uses.has(Use::MakesTensor) && one == Use::Call {
            let function = self.class_of(arguments).map(|function| self.globals.name(function));
            function.is_some_and(|name| name.starts_with("torch._utils._rebuild_")).then_some(Value::Made(global))
        } else if uses.has(Use::Plain) && one == Use::Call {
            self.are_plain(arguments).then_some(Value::Made(global))
        } else if uses.has(Use::Scalar) && one == Use::Call {
            self.is_scalar(arguments).then_some(Value::Made(global))
        } else if uses.has(one) && uses.has(Use::MakesFirst) {
            self.made_first(global, arguments)
        } else {
            uses.has(one).then_some(Value::Made(global))
        };
        if made.is_none() {
            let name = self.globals.name(global).to_owned();
            let summary = format!("it calls `{name}` in a way that the allow-list does not allow");
            self.object(Reason::UnexpectedCall, Rating::Suspicious, summary, Some(name));
        }
        self.push(made.unwrap_or(Value::Data))
    }

    /// Returns the class that stands first among arguments.
    fn class_of(&self, arguments: Value) -> Option<u32> {
        match self.pools.tuple(arguments)?.first()? {
            Value::Global(class) => Some(*class),
            _ => None,
        }
    }

    /// Says whether arguments are numbers, or nothing.
    fn are_plain(&self, arguments: Value) -> bool {
        let items = self.pools.tuple(arguments);
        items.is_some_and(|items| items.iter().all(|item| matches!(item, Value::Int(_) | Value::Nothing)))
    }

    /// Says whether arguments are a type and bytes that stand in the pickle, or a type of objects and an object.
    fn is_scalar(&self, arguments: Value) -> bool {
        match self.pools.tuple(arguments) {
            Some([Value::Type(element), _]) if element.object => true,
            Some([Value::Type(_), bytes]) => matches!(bytes, Value::Data | Value::Text(_)),
            _ => false,
        }
    }

    /// Generators call their second argument, and the first if it is a class.
    fn is_random(&self, items: &[Value]) -> bool {
        let named = |value: &Value, right: &dyn Fn(&str) -> bool| match value {
            Value::Global(global) => right(self.globals.name(*global)),
            _ => false,
        };
        let (first, rest) = (items.first(), items.get(1..).unwrap_or_default());
        let first = first.is_some_and(|first| match first {
            Value::Global(_) => named(first, &|name| name.starts_with("numpy.random.")),
            _ => true,
        });
        first && rest.iter().all(|value| named(value, &|name| name == BIT_GENERATOR))
    }

    /// Whoever makes an object of the class that comes first makes what that class allows, and no more.
    fn made_first(&self, callee: u32, arguments: Value) -> Option<Value> {
        let items = self.pools.tuple(arguments)?;
        if self.globals.name(callee).starts_with("numpy.random._pickle.") && !self.is_random(items) {
            return None;
        }
        match self.pools.tuple(arguments)?.first()? {
            Value::Global(class) => Some(Value::Made(*class)),
            Value::Text(_) | Value::Made(_) => self.globals.uses(callee).has(Use::Build).then_some(Value::Made(callee)),
            _ => None,
        }
    }

    fn is_latin1(&self, arguments: Value) -> bool {
        match self.pools.tuple(arguments) {
            Some([_, encoding]) => matches!(self.pools.text(*encoding), Some(b"latin1" | b"latin-1")),
            _ => false,
        }
    }

    /// `BUILD`: gives a state to what lies below it.
    pub(super) fn build(&mut self) -> Result<(), Stop> {
        self.calls += 1;
        let state = self.pop()?;
        let target = self.stack.top().ok_or_else(|| self.malformed("it gives a state to nothing"))?;
        if self.may_build(target, state)? {
            return Ok(());
        }
        let called = self.name_of(target);
        let summary = match &called {
            Some(name) => format!("`{name}` gets a state that the allow-list does not allow"),
            None => "something gets a state that should have none".to_owned(),
        };
        self.object(Reason::UnexpectedCall, Rating::Suspicious, summary, called);
        Ok(())
    }

    fn may_build(&mut self, target: Value, state: Value) -> Result<bool, Stop> {
        match target {
            Value::Type(element) => Ok(self.is_state_of(element, state)),
            Value::Made(global) => {
                let uses = self.globals.uses(global);
                if uses.has(Use::ArrayInStream) {
                    return self.array_in_stream(state);
                }
                if !uses.has(Use::Array) && self.may_hide_methods(uses, state) {
                    return Ok(false);
                }
                let in_two_parts = self.pools.tuple(state).is_some_and(|items| items.len() == 2);
                Ok(uses.has(Use::Build) || uses.has(Use::Attributes) && !in_two_parts && !self.is_hidden_tuple(state))
            }
            _ => Ok(false),
        }
    }

    /// A state with the name of a special method gives an object a method of its own, which the next `BUILD`, or a
    /// library, calls. Such a name may stand anywhere before; what is no plain dictionary may hold it unseen.
    fn may_hide_methods(&self, uses: Uses, state: Value) -> bool {
        let plain = match state {
            Value::Made(made) => uses.has(Use::Build) || MAPPINGS.contains(&self.globals.name(made)),
            _ => true,
        };
        self.pools.has_special() || !plain
    }

    /// What may be a tuple that was not kept.
    fn is_hidden_tuple(&self, state: Value) -> bool {
        self.forgetful && state == Value::Data && self.pools.are_full()
    }

    /// Passes over an array that joblib writes behind its description.
    fn array_in_stream(&mut self, state: Value) -> Result<bool, Stop> {
        let Value::ArrayState(array) = state else { return Ok(false) };
        if self.state_writes != self.alias_writes {
            return Ok(false);
        }
        match array.following() {
            Following::Bytes { count, padded } => {
                if self.input.is_in_frame() {
                    return Err(self.malformed("an array stands inside a frame"));
                }
                self.before_array(padded)?;
                self.input.skip(count)?;
            }
            Following::Objects => self.inner_stream()?,
        }
        // Joblib puts the array in place of its description.
        if let Some(top) = self.stack.top_mut() {
            *top = Value::Data;
        }
        Ok(true)
    }

    /// Passes over padding. Whoever reads the file as a plain pickle must stop here, before the bytes of the
    /// array: numbers of padding are no instructions, and where there is no padding the first byte must be none.
    fn before_array(&mut self, padded: bool) -> Result<(), Stop> {
        if padded {
            let padding = self.input.byte()?;
            if !(1..=16).contains(&padding) {
                return Err(self.malformed("the padding of an array is no padding"));
            }
            return self.input.skip(u64::from(padding));
        }
        match self.input.peek(1)?.first() {
            Some(byte) if op::is_instruction(*byte) => Err(self.malformed("an array can be read as instructions")),
            _ => Ok(()),
        }
    }

    /// Runs the pickle that stands in place of an array of objects. It has its own stack and memo.
    ///
    /// Whoever reads the file as a plain pickle goes on with the outer memo. In protocol 2 names are constants and
    /// numbers explicit, so that both mean the same. In later ones a number means another value; so what is imported
    /// must stand in the inner stream where it is imported, and what is called must be nothing else for such a reader.
    fn inner_stream(&mut self) -> Result<(), Stop> {
        if self.input.is_in_frame() {
            return Err(self.malformed("an array stands inside a frame"));
        }
        if self.depth == limits::SCAN_DEPTH {
            return Err(Stop::Limit(format!("arrays of objects are nested deeper than {}", limits::SCAN_DEPTH)));
        }
        let outer = (std::mem::take(&mut self.stack), self.protocol, self.instruction);
        self.outer_memos.push(std::mem::take(&mut self.memo));
        self.depth += 1;
        self.keeps = [false; 2];
        let ran = self.run();
        self.depth -= 1;
        (self.stack, self.protocol, self.instruction) = outer;
        self.memo = self.outer_memos.pop().unwrap_or_default();
        ran
    }

    /// `PERSID` and `BINPERSID`: what they stand for is decided by whoever reads the file.
    pub(super) fn persistent(&mut self, code: u8) -> Result<(), Stop> {
        let id = if code == op::BINPERSID {
            self.pop()?
        } else {
            self.input.line()?;
            Value::Data
        };
        if let Some(class) = self.torch_class(id) {
            return self.push(class);
        }
        let storage = (self.persistence == Persistence::Torch).then(|| self.torch_storage(id)).flatten();
        match storage {
            Some(storage) if self.storages.len() < limits::SCAN_MEMBERS => {
                self.storages.entry(storage.key.clone()).or_insert(storage);
            }
            Some(_) => return Err(Stop::Limit(format!("more than {} storages", limits::SCAN_MEMBERS))),
            None => {
                let summary = "it names something outside by an id that is no tensor storage";
                self.object(Reason::PersistentId, Rating::Suspicious, summary, None);
            }
        }
        self.push(Value::Storage)
    }

    /// Reads `('module', class, file, source)`, which old files have in place of the class of a layer: PyTorch
    /// compares the source with that of the class, to warn, and takes the class.
    fn torch_class(&self, id: Value) -> Option<Value> {
        match self.pools.tuple(id)? {
            [kind, class @ Value::Global(_), _, _] if self.persistence == Persistence::Torch => {
                (self.pools.text(*kind)? == b"module").then_some(*class)
            }
            _ => None,
        }
    }

    /// Reads `('storage', class, key, location, elements)`, and in old files a view that is `None`.
    fn torch_storage(&self, id: Value) -> Option<Storage> {
        let (kind, class, key, location, count) = match self.pools.tuple(id)? {
            [kind, class, key, location, count] | [kind, class, key, location, count, Value::Nothing] => {
                (*kind, *class, *key, *location, *count)
            }
            _ => return None,
        };
        let Value::Global(class) = class else { return None };
        let element = self.globals.uses(class).storage()?;
        let Value::Int(count) = count else { return None };
        let (key, location) = (self.pools.text(key)?, self.pools.text(location)?);
        let plain = |text: &[u8]| {
            !text.is_empty() && text.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b':' | b'_'))
        };
        if self.pools.text(kind)? != b"storage" || !plain(key) || !plain(location) {
            return None;
        }
        let key = str::from_utf8(key).ok()?.to_owned();
        Some(Storage { key, element, count: count.try_into().ok()? })
    }
}
