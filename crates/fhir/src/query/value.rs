//! One value of a parameter, with its [escapes](https://hl7.org/fhir/R4/search.html#escaping): `\,` `\|` `\$` `\\`.

use super::{Fault, MAX_VALUE};
use std::borrow::Cow;
use std::fmt;

/// A value as it stood between commas, percent-decoded, escapes kept. Never empty, its escapes well-formed.
///
/// It may be a name or a diagnosis: no `Display`, and `Debug` says `sealed`.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    escaped: String,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

impl Value {
    /// A value with escapes.
    pub(super) fn parse(escaped: &str) -> Result<Value, Fault> {
        if escaped.is_empty() {
            return Err(Fault::Empty);
        }
        if escaped.len() > MAX_VALUE {
            return Err(Fault::TooLong);
        }
        let mut chars = escaped.chars();
        while let Some(c) = chars.next() {
            if c == '\\' && !matches!(chars.next(), Some(',' | '|' | '$' | '\\')) {
                return Err(Fault::Escape);
            }
        }
        Ok(Value { escaped: escaped.to_owned() })
    }

    /// The value that means exactly `text`: a search made by us, not sent to us.
    pub fn literal(text: &str) -> Value {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ',' | '|' | '$' | '\\') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        Value { escaped }
    }

    /// All of it, unescaped: a string, a date, a reference.
    pub fn text(&self) -> Cow<'_, str> {
        unescape(&self.escaped)
    }

    /// What stands between the `|` that are not escaped, unescaped: `system|code`, `number|system|unit`. At least one part; parts may be empty.
    ///
    /// ```
    /// let query = fhir::query::parse(r"code=http://loinc.org|a\|b").unwrap();
    /// assert_eq!(query.clauses[0].values[0].parts_on_pipe(), ["http://loinc.org", "a|b"]);
    /// ```
    pub fn parts_on_pipe(&self) -> Vec<Cow<'_, str>> {
        split(&self.escaped, '|').map(unescape).collect()
    }

    /// The parts of a [composite](https://hl7.org/fhir/R4/search.html#composite): what stands between the `$` that are not escaped.
    ///
    /// `None` where a part is empty.
    pub fn parts_on_dollar(&self) -> Option<Vec<Value>> {
        split(&self.escaped, '$').map(|part| Value::parse(part).ok()).collect()
    }
}

/// The pieces of `escaped` between the separators that no backslash stands before.
pub(super) fn split(escaped: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut after_backslash = false;
    escaped.split(move |c| {
        let is_separator = c == separator && !after_backslash;
        after_backslash = c == '\\' && !after_backslash;
        is_separator
    })
}

fn unescape(escaped: &str) -> Cow<'_, str> {
    if !escaped.contains('\\') {
        return Cow::Borrowed(escaped);
    }
    let mut out = String::with_capacity(escaped.len());
    let mut chars = escaped.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    Cow::Owned(out)
}
