//! What can go wrong with an expression. No text here ever holds a value from a resource.

use std::fmt;

/// Why an expression could not be compiled, or not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The grammar does not allow it. `at` is the byte position.
    #[error("FHIRPath cannot be read at byte {at}: {what}")]
    Syntax {
        /// Byte position in the expression.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The expression is longer than what is read.
    #[error("a FHIRPath expression may have at most {limit_bytes} bytes")]
    TooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// Brackets, arguments or operators nest deeper than what is followed.
    #[error("the FHIRPath expression is nested too deeply")]
    TooDeep,
    /// No such element on any type that can stand there.
    #[error("{on} has no element {name}")]
    UnknownElement {
        /// The name that was asked for.
        name: Box<str>,
        /// The type, or one of the types, that it was asked of.
        on: Box<str>,
    },
    /// The release has no such type.
    #[error("there is no type {name}")]
    UnknownType {
        /// The name, with its namespace.
        name: Box<str>,
    },
    /// No such function, variable or unit.
    #[error("FHIRPath has no {what}")]
    Unknown {
        /// `function foo()`, `variable %foo`.
        what: Box<str>,
    },
    /// A function with the wrong number or kind of arguments, an operator with operands it never takes.
    #[error("{what}")]
    Arguments {
        /// What is wrong, in a sentence.
        what: Box<str>,
    },
    /// The expression is about another type than the one it was compiled for.
    #[error("the FHIRPath expression is about another type of resource")]
    OtherType,
    /// It may be right, but this engine does not do it yet.
    #[error("FHIRPath: {what} is not supported yet")]
    Unsupported {
        /// The function, operator or kind of value.
        what: Box<str>,
    },
    /// One item was needed and the resource holds several.
    #[error("FHIRPath: {what} needs a single item and there are several")]
    NotSingle {
        /// The function or operator.
        what: &'static str,
    },
    /// An evaluation that visits too many nodes is stopped.
    #[error("the FHIRPath expression visits more than {limit} nodes")]
    TooMuch {
        /// The limit.
        limit: u32,
    },
}

impl Error {
    pub(super) fn unsupported(what: impl fmt::Display) -> Error {
        Error::Unsupported { what: what.to_string().into() }
    }

    pub(super) fn arguments(what: impl fmt::Display) -> Error {
        Error::Arguments { what: what.to_string().into() }
    }
}
