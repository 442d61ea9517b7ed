//! [Search query](https://hl7.org/fhir/R4/search.html) syntax: what stands in a query string, before anyone asks whether such parameters exist.
//!
//! Bounded and strict: an encoding, escape or name that is malformed is an error that names the parameter, never its value.

mod decode;
pub mod path;
pub mod prefix;
pub mod result;
pub mod value;

#[cfg(test)]
mod tests;

use path::Path;
use result::ResultParameters;
use std::fmt;
use value::Value;

/// The longest query string, in bytes as sent.
pub const MAX_QUERY: usize = 256 * 1024;
/// The most parameters in one query.
pub const MAX_CLAUSES: usize = 64;
/// The most values in one query, all parameters together.
pub const MAX_VALUES: usize = 512;
/// The longest value, in bytes after percent-decoding.
pub const MAX_VALUE: usize = 8 * 1024;

/// A parsed query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What to search for: all of them must hold. In the order sent.
    pub clauses: Vec<Clause>,
    /// What to make of the matches.
    pub result: ResultParameters,
}

/// One search parameter: one of its values must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The parameter, perhaps of another resource.
    pub path: Path,
    /// `exact` in `name:exact`; a resource type in `subject:Patient=a`.
    pub modifier: Option<String>,
    /// The values that were separated by commas. At least one, none empty.
    pub values: Vec<Value>,
}

impl Clause {
    /// The name as sent, modifier included: `subject:Patient.name:exact`.
    pub fn name(&self) -> String {
        match &self.modifier {
            Some(modifier) => format!("{}:{modifier}", self.path),
            None => self.path.to_string(),
        }
    }
}

impl Query {
    /// Takes out the clauses of a plain parameter of that code (`_since`, `_type`), whatever their modifiers.
    pub fn take(&mut self, code: &str) -> Vec<Clause> {
        let is_it = |clause: &mut Clause| matches!(&clause.path, Path::Code(c) if c == code);
        self.clauses.extract_if(.., is_it).collect()
    }

    /// What may stand in a log: the clauses' names without their values.
    pub fn shape(&self) -> String {
        self.clauses.iter().map(Clause::name).collect::<Vec<_>>().join("&")
    }
}

/// Why a query string was refused. Names parameters, never holds values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Over [`MAX_QUERY`].
    #[error("the query is longer than {MAX_QUERY} bytes")]
    TooLong,
    /// Over [`MAX_CLAUSES`].
    #[error("the query has more than {MAX_CLAUSES} parameters")]
    TooManyClauses,
    /// Over [`MAX_VALUES`].
    #[error("the query has more than {MAX_VALUES} values")]
    TooManyValues,
    /// The name cannot be read, so the parameter is told by its place, from 1.
    #[error("parameter {0} of the query has no well-formed name and '='")]
    Name(usize),
    /// The parameter of that name is at fault.
    #[error("parameter {name}: {fault}")]
    Parameter {
        /// Its name as sent: letters, digits and `-_.:` only.
        name: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What can be wrong with one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the value is not percent-encoded UTF-8")]
    Encoding,
    /// A backslash before anything but `,` `|` `$` `\`.
    #[error(r"a backslash in the value must stand before ',', '|', '$' or '\'")]
    Escape,
    /// No value, or nothing between two commas.
    #[error("a value is empty")]
    Empty,
    /// Over [`MAX_VALUE`].
    #[error("a value is longer than {MAX_VALUE} bytes")]
    TooLong,
    /// Not one of the values a result parameter knows.
    #[error("the value is not one this parameter knows")]
    Value,
    /// A modifier that a result parameter does not have.
    #[error("this parameter does not have that modifier")]
    Modifier,
    /// A result parameter that may stand once.
    #[error("this parameter may stand only once")]
    Repeated,
}

/// Reads a query string, without its `?`, or the body of a `_search` form.
///
/// ```
/// use fhir::query::{parse, path::Path};
///
/// let query = parse("subject:Patient.name:exact=Eve,Ada&_count=20").unwrap();
/// assert_eq!(query.result.count, Some(20));
/// let clause = &query.clauses[0];
/// assert!(matches!(&clause.path, Path::Chain { code, .. } if code == "subject"));
/// assert_eq!(clause.modifier.as_deref(), Some("exact"));
/// assert_eq!(clause.values[1].text(), "Ada");
///
/// let error = parse("name=%zz").unwrap_err();
/// assert_eq!(error.to_string(), "parameter name: the value is not percent-encoded UTF-8");
/// ```
pub fn parse(raw: &str) -> Result<Query, Error> {
    if raw.len() > MAX_QUERY {
        return Err(Error::TooLong);
    }
    let mut query = Query::default();
    let mut values_left = MAX_VALUES;
    for (at, piece) in raw.split('&').filter(|piece| !piece.is_empty()).enumerate() {
        if at == MAX_CLAUSES {
            return Err(Error::TooManyClauses);
        }
        clause(&mut query, piece, at + 1, &mut values_left)?;
    }
    Ok(query)
}

fn clause(query: &mut Query, piece: &str, number: usize, values_left: &mut usize) -> Result<(), Error> {
    let malformed = || Error::Name(number);
    let (name, text) = piece.split_once('=').ok_or_else(malformed)?;
    let name = decode::percent(name).ok_or_else(malformed)?;
    let (path, modifier) = path::parse(&name).ok_or_else(malformed)?;
    let values = values(text, values_left).map_err(|fault| match fault {
        Some(fault) => Error::Parameter { name: name.clone(), fault },
        None => Error::TooManyValues,
    })?;
    let clause = Clause { path, modifier, values };
    match query.result.take(&clause) {
        Ok(true) => {}
        Ok(false) => query.clauses.push(clause),
        Err(fault) => return Err(Error::Parameter { name, fault }),
    }
    Ok(())
}

/// The values in a parameter's text; an error without a fault means that the query has too many.
fn values(text: &str, left: &mut usize) -> Result<Vec<Value>, Option<Fault>> {
    let text = decode::percent(text).ok_or(Fault::Encoding)?;
    let mut values = Vec::new();
    for escaped in value::split(&text, ',') {
        *left = left.checked_sub(1).ok_or(None)?;
        values.push(Value::parse(escaped)?);
    }
    Ok(values)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Code(code) => f.write_str(code),
            Path::Chain { code, target: None, next } => write!(f, "{code}.{next}"),
            Path::Chain { code, target: Some(target), next } => write!(f, "{code}:{target}.{next}"),
            Path::Has { type_name, code, next } => write!(f, "_has:{type_name}:{code}:{next}"),
        }
    }
}
