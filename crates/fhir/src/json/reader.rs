//! The reader: one pass over the bytes, straight into `Value`s.
//!
//! Members and items wait on two shared stacks until their object or array closes; only then is it allocated, at its exact size.

use super::{Fault, Limits, MAX_DEPTH, MAX_NUMBER};
use serde_json::{Map, Number, Value};

/// A fault and the byte offset it was found at.
pub(super) struct Stop {
    pub(super) fault: Fault,
    pub(super) at: usize,
}

type Read<T> = Result<T, Stop>;

struct Member {
    at: usize,
    name: String,
    value: Value,
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    values_left: usize,
    members: Vec<Member>,
    items: Vec<Value>,
}

/// Reads the one document in `bytes`.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Read<Value> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(Stop { fault: Fault::ByteOrderMark, at: 0 });
    }
    let text =
        std::str::from_utf8(bytes).map_err(|e| Stop { fault: Fault::Encoding, at: e.valid_up_to() })?;
    let mut reader =
        Reader { text, bytes, at: 0, values_left: limits.values, members: Vec::new(), items: Vec::new() };
    reader.skip_space();
    let value = reader.value(limits.depth.min(MAX_DEPTH))?;
    reader.skip_space();
    if reader.at < bytes.len() { reader.stop(Fault::Trailing) } else { Ok(value) }
}

impl Reader<'_> {
    /// `depth` is how many more levels may open.
    fn value(&mut self, depth: usize) -> Read<Value> {
        self.values_left = match self.values_left.checked_sub(1) {
            Some(left) => left,
            None => return self.stop(Fault::Values),
        };
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => self.stop(Fault::Value),
            None => self.stop(Fault::Ended),
        }
    }

    fn object(&mut self, depth: usize) -> Read<Value> {
        let Some(depth) = depth.checked_sub(1) else { return self.stop(Fault::Depth) };
        let first = self.members.len();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Map::new()));
        }
        loop {
            let at = self.at;
            match self.peek() {
                Some(b'"') => {}
                other => return self.stop_on(other, Fault::Name),
            }
            let name = self.string()?;
            self.skip_space();
            match self.peek() {
                Some(b':') => self.at += 1,
                other => return self.stop_on(other, Fault::Colon),
            }
            self.skip_space();
            let value = self.value(depth)?;
            self.members.push(Member { at, name, value });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                other => return self.stop_on(other, Fault::Member),
            }
            self.skip_space();
        }
        self.at += 1;
        self.close_object(first)
    }

    fn close_object(&mut self, first: usize) -> Read<Value> {
        let mut map = Map::with_capacity(self.members.len() - first);
        for Member { at, name, value } in self.members.drain(first..) {
            if map.insert(name, value).is_some() {
                return Err(Stop { fault: Fault::Duplicate, at });
            }
        }
        Ok(Value::Object(map))
    }

    fn array(&mut self, depth: usize) -> Read<Value> {
        let Some(depth) = depth.checked_sub(1) else { return self.stop(Fault::Depth) };
        let first = self.items.len();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(Vec::new()));
        }
        loop {
            let value = self.value(depth)?;
            self.items.push(value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                other => return self.stop_on(other, Fault::Item),
            }
            self.skip_space();
        }
        self.at += 1;
        Ok(Value::Array(self.items.drain(first..).collect()))
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.stop(Fault::Value);
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.stop(Fault::Number),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        // `01` and `1x` are one malformed number, not a number and a stray character.
        if let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'+' | b'-') = self.peek() {
            return self.stop(Fault::Number);
        }
        if self.at - start > MAX_NUMBER {
            return Err(Stop { fault: Fault::LongNumber, at: start });
        }
        // The only way in that keeps the text: `Number::from_str` would write `1E2` as `1e+2`. The grammar above is the check that it skips.
        Ok(Value::Number(Number::from_string_unchecked(self.text[start..self.at].to_owned())))
    }

    /// One digit or more.
    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { self.stop(Fault::Number) } else { Ok(()) }
    }

    /// A string; `at` is on its opening quote.
    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let start = self.at;
        self.at = plain_end(self.bytes, start);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(self.text[start..self.at - 1].to_owned());
        }
        let mut out = String::from(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                other => return self.stop_on(other, Fault::Control),
            }
            let from = self.at;
            self.at = plain_end(self.bytes, from);
            out.push_str(&self.text[from..self.at]);
        }
    }

    /// An escape; `at` is on its backslash.
    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        self.at += 2;
        match self.bytes.get(start + 1) {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{C}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.unicode(start),
            Some(_) => Err(Stop { fault: Fault::Escape, at: start }),
            None => Err(Stop { fault: Fault::Ended, at: start + 1 }),
        }
    }

    /// `\uXXXX`, or two of them for a character beyond the first plane; `at` is behind the first `u`.
    fn unicode(&mut self, start: usize) -> Read<char> {
        let lone = Stop { fault: Fault::Surrogate, at: start };
        let first = self.hex4(start)?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or(lone);
        }
        if self.bytes.get(self.at..self.at + 2) != Some(b"\\u".as_slice()) {
            return Err(lone);
        }
        self.at += 2;
        let second = self.hex4(start)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(lone);
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(lone)
    }

    fn hex4(&mut self, start: usize) -> Read<u32> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Stop { fault: Fault::Escape, at: start });
        }
        self.at += 4;
        Ok(digits.iter().fold(0, |n, &d| n * 16 + char::from(d).to_digit(16).unwrap_or(0)))
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
            // Indentation comes in long runs.
            while self.bytes.get(self.at..self.at + 8) == Some(b"        ".as_slice()) {
                self.at += 8;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn stop<T>(&self, fault: Fault) -> Read<T> {
        Err(Stop { fault, at: self.at })
    }

    /// `fault` for a wrong byte, [`Fault::Ended`] where there is none.
    fn stop_on<T>(&self, found: Option<u8>, fault: Fault) -> Read<T> {
        self.stop(if found.is_some() { fault } else { Fault::Ended })
    }
}

/// Where the plain part of a string that goes on at `at` ends: at the first quote, backslash or control character, or the end of the text.
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = special_bytes(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&b| b != b'"' && b != b'\\' && b >= 0x20) {
        at += 1;
    }
    at
}

/// The top bit of each byte that is a quote, backslash or control character. Bytes above the lowest such byte may be marked wrongly.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES * 0x80;
    let zero_byte = |w: u64| w.wrapping_sub(ONES) & !w;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (zero_byte(word ^ (ONES * 0x22)) | zero_byte(word ^ (ONES * 0x5C)) | control) & TOPS
}
