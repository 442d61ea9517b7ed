//! JSON in and out, lossless and strict.
//!
//! Our own reader of [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259), because `serde_json::from_slice` takes the last
//! of duplicate keys without a word, rewrites number text (`1E2` → `1e+2`) and, with `arbitrary_precision`, gives one
//! key (`$serde_json::private::Number`) a meaning of its own. Here a number keeps its text, digit for digit, and what is
//! ambiguous is refused. The rules FHIR adds (no empty strings, no `null` outside arrays) belong to validation.

mod reader;
mod writer;

#[cfg(test)]
mod tests;

use serde_json::Value;

/// How much one document may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of objects and arrays. Reading recurses, so more than [`MAX_DEPTH`] counts as [`MAX_DEPTH`].
    pub depth: usize,
    /// Most values (members, items and the document itself). One value takes about 100 bytes of memory however few bytes it has in the text.
    pub values: usize,
}

/// The deepest nesting any caller can ask for.
pub const MAX_DEPTH: usize = 256;

/// The longest number text, in bytes. FHIR wants at least 18 digits kept.
pub const MAX_NUMBER: usize = 64;

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 64, values: 2_000_000 }
    }
}

/// Why a document was refused, and where. Never holds any of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at line {line}, column {column}")]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// What can be wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum Fault {
    #[error("the text is not UTF-8")]
    Encoding,
    #[error("the text starts with a byte order mark")]
    ByteOrderMark,
    #[error("the text ends too early")]
    Ended,
    #[error("expected a value")]
    Value,
    #[error("expected a member name in quotes")]
    Name,
    #[error("expected ':'")]
    Colon,
    #[error("expected ',' or the end of the object")]
    Member,
    #[error("expected ',' or the end of the array")]
    Item,
    #[error("more text follows the document")]
    Trailing,
    #[error("a member name stands twice in one object")]
    Duplicate,
    #[error("a control character stands in a string")]
    Control,
    #[error("an unknown escape stands in a string")]
    Escape,
    #[error("an escape stands for half a surrogate pair")]
    Surrogate,
    #[error("the number is malformed")]
    Number,
    #[error("the number is too long")]
    LongNumber,
    #[error("the nesting is too deep")]
    Depth,
    #[error("the document has too many values")]
    Values,
}

/// Reads one JSON document.
///
/// Numbers keep their exact text; object members keep their order. Refuses what [`Fault`] lists.
///
/// ```
/// use fhir::json::{parse, Fault, Limits};
///
/// let value = parse(br#"{"value": 107.50}"#, Limits::default()).unwrap();
/// assert_eq!(value["value"].to_string(), "107.50");
///
/// let twice = parse(br#"{"id": "a", "id": "b"}"#, Limits::default()).unwrap_err();
/// assert_eq!((twice.fault, twice.line, twice.column), (Fault::Duplicate, 1, 13));
/// ```
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, Error> {
    reader::read(bytes, limits).map_err(|stop| {
        let (line, column) = position(bytes, stop.at);
        Error { fault: stop.fault, line, column }
    })
}

/// Writes `value` compactly, numbers as they were read.
///
/// Recurses as deep as the value is, which [`parse`] has bounded.
pub fn render(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    writer::value(&mut out, value);
    out
}

/// Writes `value` compactly to the end of `out`.
pub fn render_to(out: &mut Vec<u8>, value: &Value) {
    writer::value(out, value);
}

/// Writes `text` as a JSON string, quotes included, to the end of `out`.
pub fn render_str(out: &mut Vec<u8>, text: &str) {
    writer::string(out, text);
}

/// Line and column of a byte offset; the bytes need not be UTF-8.
fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let is_char_start = |b: &&u8| **b & 0xC0 != 0x80;
    (line, before[line_start..].iter().filter(is_char_start).count() + 1)
}
