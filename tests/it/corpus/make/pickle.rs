//! A small assembler of pickles: each method appends the bytes of one opcode, or of a usual sequence of them.

/// A pickle in the making, of one protocol.
#[derive(Clone)]
pub struct Pickle {
    protocol: u8,
    pub bytes: Vec<u8>,
}

impl Pickle {
    /// Starts with `PROTO`, where the protocol has it.
    pub fn new(protocol: u8) -> Self {
        let bytes = if protocol >= 2 { vec![0x80, protocol] } else { Vec::new() };
        Self { protocol, bytes }
    }

    /// Appends bytes as they are.
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    /// `GLOBAL`: module and name as lines.
    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n"))
    }

    /// Two strings and `STACK_GLOBAL`.
    pub fn stack_global(self, module: &str, name: &str) -> Self {
        self.short_text(module).short_text(name).raw(b"\x93")
    }

    /// A global as picklers of this protocol write it.
    pub fn import(self, module: &str, name: &str) -> Self {
        if self.protocol >= 4 { self.stack_global(module, name) } else { self.global(module, name) }
    }

    /// `SHORT_BINUNICODE`.
    pub fn short_text(self, text: &str) -> Self {
        self.raw([0x8c, u8::try_from(text.len()).unwrap()]).raw(text)
    }

    /// `BINUNICODE`.
    pub fn long_text(self, text: &str) -> Self {
        self.raw(b"X").raw(length(text)).raw(text)
    }

    /// A string as picklers of this protocol write it.
    pub fn text(self, text: &str) -> Self {
        match self.protocol {
            0 => self.raw(format!("V{text}\n")),
            1..=3 => self.long_text(text),
            _ if text.len() < 256 => self.short_text(text),
            _ => self.long_text(text),
        }
    }

    /// `BINBYTES`.
    pub fn binary(self, bytes: &[u8]) -> Self {
        self.raw(b"B").raw(u32::try_from(bytes.len()).unwrap().to_le_bytes()).raw(bytes)
    }

    /// An integer: a line in protocol 0, else `BININT`.
    pub fn int(self, value: i32) -> Self {
        if self.protocol == 0 { self.raw(format!("I{value}\n")) } else { self.raw(b"J").raw(value.to_le_bytes()) }
    }

    /// A tuple of strings.
    pub fn texts(self, texts: &[&str]) -> Self {
        texts.iter().fold(self.raw(b"("), |pickle, text| pickle.text(text)).raw(b"t")
    }

    /// A call of a global with strings.
    pub fn call(self, module: &str, name: &str, arguments: &[&str]) -> Self {
        self.import(module, name).texts(arguments).raw(b"R")
    }

    /// The call that most attacks end in. What it would run is `true`.
    pub fn attack(self) -> Self {
        self.call("os", "system", &["true"])
    }

    /// `STOP`, and the end.
    pub fn stop(self) -> Vec<u8> {
        self.raw(b".").bytes
    }

    /// `STOP`; and everything behind `PROTO` in one `FRAME`, as CPython writes protocols 4 and 5.
    pub fn framed(self) -> Vec<u8> {
        let body = self.raw(b".").bytes.split_off(2);
        let length = u64::try_from(body.len()).unwrap().to_le_bytes();
        [&[0x80, 4, 0x95][..], &length, &body].concat()
    }
}

fn length(text: &str) -> [u8; 4] {
    u32::try_from(text.len()).unwrap().to_le_bytes()
}

/// The pickle of one call, and nothing else.
pub fn call(protocol: u8, module: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
    Pickle::new(protocol).call(module, name, arguments).stop()
}

/// The usual hostile pickle.
pub fn attack() -> Vec<u8> {
    Pickle::new(2).attack().stop()
}

/// A pickle without any global: an empty dictionary.
pub fn harmless() -> Vec<u8> {
    Pickle::new(2).raw(b"}").stop()
}
