//! `[index]`, `single`, `first`, `last`, `tail`, `skip`, `take` (<https://hl7.org/fhirpath/N1/#subsetting>).

use super::super::Error;
use super::super::ast::{Expr, Kind, Literal};
use super::super::compile::Typed;
use super::super::op::{Flow, Op, Scope, Sink, Stop, settle};
use super::Call;

/// Some of the items, by position.
#[derive(Clone, Debug)]
pub(in super::super) enum Subsetting {
    Single(Op),
    Last(Op),
    /// Items `from..until`; `first()` is `0..1`.
    Slice {
        of: Op,
        from: usize,
        until: usize,
    },
}

pub(super) fn compile(call: Call<'_>) -> Result<Typed, Error> {
    if !matches!(call.name, "skip" | "take") {
        call.none()?;
    }
    let slice = match call.name {
        "first" => Some((0, 1)),
        "tail" => Some((1, usize::MAX)),
        "skip" => Some((position(call.one()?)?, usize::MAX)),
        "take" => Some((0, position(call.one()?)?)),
        _ => None,
    };
    let (of, types) = call.of;
    let subsetting = match (slice, call.name) {
        (Some((from, until)), _) => Subsetting::Slice { of, from, until },
        (None, "last") => Subsetting::Last(of),
        (None, _) => Subsetting::Single(of),
    };
    Ok((Op::Subsetting(Box::new(subsetting)), types))
}

/// `of[index]`, for an index that is written as a number.
pub(in super::super) fn subscript((of, types): Typed, index: &Expr) -> Result<Typed, Error> {
    let from = position(index)?;
    Ok((Op::Subsetting(Box::new(Subsetting::Slice { of, from, until: from.saturating_add(1) })), types))
}

fn position(index: &Expr) -> Result<usize, Error> {
    match &index.kind {
        Kind::Literal(Literal::Number(digits)) if !digits.contains('.') => {
            digits.parse().map_err(|_| Error::unsupported("a position beyond 64 bits"))
        }
        Kind::Literal(_) => Err(Error::arguments("a position is an integer")),
        _ => Err(Error::unsupported("a position that is computed")),
    }
}

impl Subsetting {
    /// Where the items come from that this gives.
    pub(in super::super) fn source(&self) -> &Op {
        match self {
            Subsetting::Single(of) | Subsetting::Last(of) | Subsetting::Slice { of, .. } => of,
        }
    }

    pub(in super::super) fn each<'a>(&'a self, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
        let found = match self {
            Subsetting::Slice { of, from, until } => return slice(of, *from, *until, scope, sink),
            Subsetting::Single(of) => of.single(scope, "single()")?,
            Subsetting::Last(of) => {
                let mut last = None;
                settle(of.each(scope, &mut |node| {
                    last = Some(node);
                    Ok(())
                }))?;
                last
            }
        };
        found.map_or(Ok(()), sink)
    }
}

/// Passes items on as they come; stops asking behind the last one wanted.
fn slice<'a>(of: &'a Op, from: usize, until: usize, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
    if from >= until {
        return Ok(());
    }
    let mut at = 0;
    let mut passed = Ok(());
    settle(of.each(scope, &mut |node| {
        if at >= from {
            passed = sink(node);
            if passed.is_err() {
                return Err(Stop::Enough);
            }
        }
        at += 1;
        if at >= until { Err(Stop::Enough) } else { Ok(()) }
    }))?;
    passed
}
