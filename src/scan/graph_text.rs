//! Graphs in the text form of Protocol Buffers: TensorFlow's, ONNX's and Caffe's. Loaders take them as they take the
//! binary form, so that they are held to the same lists.

use crate::limits;
use crate::path::TreePath;
use crate::scan::text::Text;
use crate::scan::{Check, Context, Format, Head, Observation, Rating, Reason, Sheet, Stop, onnx, tensorflow};
use crate::source::{ReadAt, exactly};

/// Extensions of the text form.
const EXTENSIONS: &[&str] = &["pbtxt", "pbtext", "prototext", "prototxt", "textpb", "textproto", "txtpb"];
/// Extensions of the language of ONNX and of its JSON, which are not read.
const UNREAD: &[&str] = &["onnxjson", "onnxtext", "onnxtxt"];

/// A graph, or other data in the text form, by its extension.
pub(super) struct GraphText;

impl Check for GraphText {
    fn detect(&self, head: &Head<'_>) -> Option<Format> {
        let extension = head.extension();
        let named = EXTENSIONS.contains(&extension.as_str()) || UNREAD.contains(&extension.as_str());
        (named && !head.bytes.is_empty()).then(|| Text.detect(head)).flatten()
    }

    fn scan(&self, source: &dyn ReadAt, name: &TreePath, context: &Context<'_>, sheet: &mut Sheet) -> Result<(), Stop> {
        Text.scan(source, name, context, sheet)?;
        if UNREAD.iter().any(|extension| name.to_ascii_lowercase().ends_with(extension)) {
            let summary = "a graph of ONNX as text is not read here: save it as `.onnx`";
            sheet.report(Observation::new(Reason::UnknownFormat, Rating::Unknown, summary));
            return Ok(());
        }
        if source.len() > limits::SCAN_TEXT_BYTES {
            return Err(Stop::Limit(format!("a graph of more than {}", crate::text::bytes(limits::SCAN_TEXT_BYTES))));
        }
        let bytes = exactly(source, 0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
        Judge { context, sheet, domain: None, operators: false }.read(&String::from_utf8_lossy(&bytes))
    }
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    /// A name, a number, a constant.
    Word(&'t str),
    /// What stands between quotes, with its escapes.
    Quoted(&'t str),
    Symbol,
    /// What joins a name and its value.
    Joint,
}

/// Cuts a text into tokens, without blanks and comments.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    /// Takes bytes as long as they are of a kind.
    fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.bytes().position(|byte| !is(byte)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn token(&mut self) -> Result<Option<(usize, Token<'t>)>, Stop> {
        loop {
            self.take_while(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control());
            let start = self.at;
            let token = match self.text.as_bytes().get(start) {
                None => return Ok(None),
                Some(b'#') => {
                    self.take_while(|byte| byte != b'\n');
                    continue;
                }
                Some(quote @ (b'"' | b'\'')) => Token::Quoted(self.quoted(*quote)?),
                Some(byte) if is_word(*byte) => Token::Word(self.take_while(is_word)),
                Some(byte) => {
                    self.at += 1;
                    if matches!(byte, b':' | b'[') { Token::Joint } else { Token::Symbol }
                }
            };
            return Ok(Some((start, token)));
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<&'t str, Stop> {
        let start = self.at + 1;
        self.at = start;
        loop {
            self.take_while(|byte| byte != quote && byte != b'\\' && byte != b'\n');
            match self.text.as_bytes().get(self.at) {
                Some(b'\\') => self.at += 2,
                Some(end) if *end == quote => break,
                _ => return Err(Stop::Malformed(start as u64, "a text has no end".to_owned())),
            }
        }
        self.at += 1;
        Ok(self.text.get(start..self.at - 1).unwrap_or_default())
    }
}

/// Bytes of names and numbers; those beyond ASCII stand nowhere else.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+') || !byte.is_ascii()
}

/// What is known of a graph while it is read.
struct Judge<'j, 'c> {
    context: &'j Context<'c>,
    sheet: &'j mut Sheet,
    /// The first domain that is foreign to ONNX. Other data has fields of the name.
    domain: Option<(u64, String)>,
    operators: bool,
}

impl Judge<'_, '_> {
    fn read(mut self, text: &str) -> Result<(), Stop> {
        let mut tokens = Tokens { text, at: 0 };
        // The field whose value may come, and the field of the text that ended just now: texts side by side are one.
        let (mut field, mut open) = ("", "");
        while let Some((at, token)) = tokens.token()? {
            let at = at as u64;
            match token {
                Token::Quoted(value) if !field.is_empty() => {
                    self.value(field, value, at);
                    (field, open) = ("", field);
                }
                Token::Quoted(_) if is_judged(open) => self.foreign("a name is written in pieces", open, at),
                Token::Quoted(_) | Token::Joint => {}
                Token::Word(word) => {
                    self.word(word, at);
                    (field, open) = (word, "");
                }
                Token::Symbol => (field, open) = ("", ""),
            }
        }
        if let Some((at, domain)) = self.domain.take().filter(|_| self.operators) {
            self.foreign("an operator needs a library of its own", &domain, at);
        }
        Ok(())
    }

    fn word(&mut self, word: &str, at: u64) {
        match word {
            "external_data" => {
                let summary = "tensors are read from another file, which a text does not say safely";
                self.sheet.report(Observation::new(Reason::ExternalData, Rating::Unknown, summary).at(at));
            }
            "python_param" => self.foreign("a layer runs Python", word, at),
            _ => {}
        }
    }

    fn value(&mut self, field: &str, value: &str, at: u64) {
        match field {
            "op" => tensorflow::judge(value, at, self.context, self.sheet),
            "op_type" => {
                self.operators = true;
                if onnx::RUNNERS.contains(&value) || value.contains('\\') {
                    self.foreign("an operator runs what it names", value, at);
                }
            }
            "domain" if !onnx::DOMAINS.contains(&value) => {
                self.domain.get_or_insert((at, value.to_owned()));
            }
            // The type of a layer of Caffe.
            "type" if value == "Python" || value.contains('\\') => self.foreign("a layer runs Python", value, at),
            // Objects of Keras are described in JSON.
            "metadata" if value.starts_with(['{', '\\']) => {
                let summary = "objects are described in a text in a text, which is not read here";
                self.sheet.report(Observation::new(Reason::KerasObject, Rating::Unknown, summary).at(at));
            }
            _ => {}
        }
    }

    fn foreign(&mut self, summary: &'static str, called: &str, at: u64) {
        if let Some(reason) = self.context.allowance.reason(called) {
            self.sheet.allow(called.into(), reason.into());
            return;
        }
        let shown: String = called.chars().take(limits::SHOWN_CHARACTERS).collect();
        let seen = Observation::new(Reason::GraphOperation, Rating::Suspicious, summary);
        self.sheet.report(seen.at(at).called(shown));
    }
}

/// Fields whose values are names of what runs.
fn is_judged(field: &str) -> bool {
    ["domain", "metadata", "op", "op_type", "type"].contains(&field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::test_support::scan;

    fn rating(name: &str, text: &str) -> Rating {
        scan(name, text.as_bytes()).rating
    }

    #[test]
    fn graphs_as_text_are_held_to_the_lists() {
        for (text, expected) in [
            ("node { name: 'x' op: 'MatMul' attr { key: \"v\" value { s: \"\\000\" } } }", Rating::Inert),
            ("meta_graphs { graph_def { node { op: \"PyFunc\" } } }", Rating::Malicious),
            ("library { function { node_def { op : # a comment\n 'WriteFile' } } }", Rating::Malicious),
            ("node { op: \"\\120yFunc\" }", Rating::Suspicious),
            ("node { op: \"No\" 'Op' }", Rating::Suspicious),
            ("node { op \"PyFunc\" }", Rating::Malicious),
            ("node { op: \"NoOp }", Rating::Unknown),
            ("object { metadata: \"{\\\"class_name\\\":\\\"Lambda\\\"}\" }", Rating::Unknown),
            ("graph { node { op_type: 'Relu' } } opset_import { domain: '' version: 17 }", Rating::Inert),
            ("opset_import { domain: 'ours' } graph { node { op_type: 'Op' domain: 'ours' } }", Rating::Suspicious),
            ("graph { node { op_type: 'PyOp' domain: 'com.microsoft' } }", Rating::Suspicious),
            ("initializer { external_data { key: 'location' value: '../../x' } }", Rating::Unknown),
            ("layer { type: \"Convolution\" bottom: 'data' }", Rating::Inert),
            ("layer { type: \"Python\" python_param { module: 'os' } }", Rating::Suspicious),
            ("layer { type: \"Pyth\" \"on\" }", Rating::Suspicious),
            ("item { id: 1 name: 'cat' }  # labels", Rating::Inert),
            ("feature { name: 'a' type: BYTES domain: 'b' } string_domain { name: 'b' value: 'x' }", Rating::Inert),
            (
                "name: \"m\" backend: \"onnxruntime\" optimization { graph { level: 1 } } input [ { dims: [ 1 ] } ]",
                Rating::Inert,
            ),
        ] {
            for name in ["saved_model.pbtxt", "a.prototxt", "a.textproto"] {
                assert_eq!(rating(name, text), expected, "{text}");
            }
        }
        assert_eq!(
            rating("a.onnxtxt", "<ir_version: 8> g (float[1] x) => (float[1] y) { y = ours.Op(x) }"),
            Rating::Unknown
        );
        assert_eq!(rating("a.onnxjson", "x"), Rating::Unknown);
    }

    #[test]
    fn graphs_of_onnx_as_json_are_held_to_the_lists() {
        for (text, expected) in [
            (r#"{"irVersion":"8","graph":{"node":[{"opType":"Relu","domain":""}]}}"#, Rating::Inert),
            (r#"{"graph":{"node":[{"opType":"Op","domain":"ours"}]}}"#, Rating::Suspicious),
            (r#"{"graph":{"node":[{"op_type":"PyOp"}]}}"#, Rating::Suspicious),
            (r#"{"graph":{"initializer":[{"externalData":[{"key":"location","value":"/x"}]}]}}"#, Rating::Unknown),
            (r#"{"node":[{"domain":"ours"}]}"#, Rating::Inert),
        ] {
            for name in ["model.onnx.json", "model.json"] {
                assert_eq!(rating(name, text), expected, "{text}");
            }
        }
    }
}
