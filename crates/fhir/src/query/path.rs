//! Parameter names: plain, [chained](https://hl7.org/fhir/R4/search.html#chaining) and [reverse chained](https://hl7.org/fhir/R4/search.html#has).

use crate::reference::is_type_name;

/// The most steps from one resource to the next in one name.
pub const MAX_STEPS: usize = 8;

/// The longest code or modifier, in bytes.
const MAX_CODE: usize = 64;

/// Which parameter of which resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// A parameter of the resource itself: `name`.
    Code(String),
    /// A parameter of a resource it refers to: `subject:Patient.name`.
    Chain {
        /// The reference parameter: `subject`.
        code: String,
        /// The type that it must refer to, if said: `Patient`.
        target: Option<String>,
        /// The parameter there.
        next: Box<Path>,
    },
    /// A parameter of a resource that refers to it: `_has:Observation:patient:code`.
    Has {
        /// The type that refers: `Observation`.
        type_name: String,
        /// The reference parameter there: `patient`.
        code: String,
        /// The parameter there.
        next: Box<Path>,
    },
}

/// Reads a decoded name into its path and the modifier at its end.
pub(super) fn parse(name: &str) -> Option<(Path, Option<String>)> {
    steps(name, MAX_STEPS)
}

fn steps(name: &str, left: usize) -> Option<(Path, Option<String>)> {
    if let Some(rest) = name.strip_prefix("_has:") {
        let mut parts = rest.splitn(3, ':');
        let (type_name, code) =
            (parts.next().filter(|t| is_type_name(t))?, parts.next().and_then(read_code)?);
        let (next, modifier) = steps(parts.next()?, left.checked_sub(1)?)?;
        return Some((Path::Has { type_name: type_name.to_owned(), code, next: Box::new(next) }, modifier));
    }
    let (head, tail) = match name.split_once('.') {
        Some((head, tail)) => (head, Some(tail)),
        None => (name, None),
    };
    let (code, colon) = match head.split_once(':') {
        Some((code, colon)) => (code, Some(colon)),
        None => (head, None),
    };
    let code = read_code(code)?;
    let Some(tail) = tail else {
        let modifier = match colon {
            Some(modifier) => Some(read_code(modifier)?),
            None => None,
        };
        return Some((Path::Code(code), modifier));
    };
    if colon.is_some_and(|target| !is_type_name(target)) {
        return None;
    }
    let (next, modifier) = steps(tail, left.checked_sub(1)?)?;
    Some((Path::Chain { code, target: colon.map(str::to_owned), next: Box::new(next) }, modifier))
}

/// A code or modifier: letters, digits, `-` and `_`, not starting with `-`.
pub(super) fn read_code(text: &str) -> Option<String> {
    let is_code_byte = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_code =
        (1..=MAX_CODE).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(is_code_byte);
    is_code.then(|| text.to_owned())
}
