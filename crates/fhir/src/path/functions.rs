//! The functions, a file per section of the specification (<https://hl7.org/fhirpath/N1/#functions>).

pub(super) mod existence;
pub(super) mod fhir;
pub(super) mod filtering;
pub(super) mod subsetting;

use super::Error;
use super::ast::Expr;
use super::compile::{Compiler, Typed};
use super::op::Op;
use super::types::Types;

/// Functions of the language that are not written yet; any other name is a mistake.
const NOT_YET: &str = "\
    abs aggregate allFalse allTrue anyFalse anyTrue ceiling checkModifiers children combine comparable \
    conformsTo contains convertsToBoolean convertsToDate convertsToDateTime convertsToDecimal \
    convertsToInteger convertsToQuantity convertsToString convertsToTime decode defineVariable \
    descendants elementDefinition encode endsWith escape exclude exp floor getValue hasValue \
    highBoundary htmlChecks iif indexOf intersect join lastIndexOf length ln log lowBoundary lower \
    matches matchesFull memberOf now power precision repeat replace replaceMatches round slice sort \
    split sqrt startsWith subsetOf substring subsumedBy subsumes supersetOf timeOfDay toBoolean toChars \
    toDate toDateTime toDecimal toInteger toQuantity toString toTime today trace trim truncate type \
    unescape union upper";

/// A function called on `of`.
pub(super) struct Call<'e> {
    pub(super) of: Typed,
    pub(super) name: &'e str,
    pub(super) arguments: &'e [Expr],
}

impl<'e> Call<'e> {
    /// For functions without arguments.
    fn none(&self) -> Result<(), Error> {
        match self.arguments {
            [] => Ok(()),
            _ => Err(Error::arguments(format_args!("{}() takes no argument", self.name))),
        }
    }

    /// For functions with one argument.
    fn one(&self) -> Result<&'e Expr, Error> {
        match self.arguments {
            [one] => Ok(one),
            _ => Err(Error::arguments(format_args!("{}() takes one argument", self.name))),
        }
    }
}

/// Compiles a function by its name.
pub(super) fn compile(compiler: &Compiler<'_>, call: Call<'_>) -> Result<Typed, Error> {
    match call.name {
        "empty" | "exists" | "all" | "count" | "distinct" | "isDistinct" => {
            existence::compile(compiler, call)
        }
        "where" | "select" | "ofType" => filtering::compile(compiler, call),
        "single" | "first" | "last" | "tail" | "skip" | "take" => subsetting::compile(call),
        "extension" | "hasExtension" => fhir::compile(compiler, call),
        "resolve" => Err(Error::unsupported("resolve() without \"is\" behind it")),
        "not" => {
            call.none()?;
            Ok((Op::Not(Box::new(call.of.0)), Types::boolean()))
        }
        name if NOT_YET.split(' ').any(|known| known == name) => {
            Err(Error::unsupported(format_args!("the function {name}()")))
        }
        name => Err(Error::Unknown { what: format!("function {name}()").into() }),
    }
}
