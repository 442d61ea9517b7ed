//! `empty`, `exists`, `all`, `count`, `distinct`, `isDistinct` (<https://hl7.org/fhirpath/N1/#existence>).

use super::super::Error;
use super::super::compile::{Compiler, Focus, Typed};
use super::super::op::{Flow, Op, Scope, Sink, Stop, settle};
use super::super::types::{System, Types};
use super::super::union::Seen;
use super::Call;
use super::filtering::{self, Filtering};

/// A question about how many items there are.
#[derive(Clone, Debug)]
pub(in super::super) enum Existence {
    Empty(Op),
    Exists(Op),
    All { of: Op, criteria: Op },
    Count(Op),
    Distinct(Op),
    IsDistinct(Op),
}

pub(super) fn compile(compiler: &Compiler<'_>, call: Call<'_>) -> Result<Typed, Error> {
    let mut types = Types::boolean();
    let existence = match call.name {
        "exists" if !call.arguments.is_empty() => Existence::Exists(filtering::compile(compiler, call)?.0),
        "all" => {
            let focus = Focus { this: &call.of.1, is_iteration: true };
            let criteria = compiler.expr(call.one()?, focus)?.0;
            Existence::All { of: call.of.0, criteria }
        }
        name => {
            call.none()?;
            let (of, of_types) = call.of;
            match name {
                "empty" => Existence::Empty(of),
                "exists" => Existence::Exists(of),
                "isDistinct" => Existence::IsDistinct(of),
                "count" => {
                    types = Types::system(System::Integer);
                    Existence::Count(of)
                }
                _ => {
                    types = of_types;
                    Existence::Distinct(of)
                }
            }
        }
    };
    Ok((Op::Existence(Box::new(existence)), types))
}

impl Existence {
    pub(in super::super) fn each<'a>(&'a self, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
        let run = scope.run;
        match self {
            Existence::Empty(of) => sink(run.boolean(!exists(of, scope)?)),
            Existence::Exists(of) => sink(run.boolean(exists(of, scope)?)),
            Existence::All { of, criteria } => sink(run.boolean(all(of, criteria, scope)?)),
            Existence::Count(of) => {
                let mut count = 0;
                settle(of.each(scope, &mut |_| {
                    count += 1;
                    Ok(())
                }))?;
                sink(run.integer(count))
            }
            Existence::Distinct(of) => {
                let mut seen = Seen::default();
                of.each(scope, &mut |node| if seen.is_new(&node) { sink(node) } else { Ok(()) })
            }
            Existence::IsDistinct(of) => {
                let mut seen = Seen::default();
                let mut distinct = true;
                settle(of.each(scope, &mut |node| {
                    distinct = seen.is_new(&node);
                    if distinct { Ok(()) } else { Err(Stop::Enough) }
                }))?;
                sink(run.boolean(distinct))
            }
        }
    }
}

fn exists<'a>(of: &'a Op, scope: Scope<'_, 'a>) -> Result<bool, Error> {
    let mut found = false;
    settle(of.each(scope, &mut |_| {
        found = true;
        Err(Stop::Enough)
    }))?;
    Ok(found)
}

fn all<'a>(of: &'a Op, criteria: &'a Op, scope: Scope<'_, 'a>) -> Result<bool, Error> {
    let mut holds = true;
    settle(Filtering::iterate(of, scope, &mut |inner| {
        holds = criteria.truth(inner)? == Some(true);
        if holds { Ok(()) } else { Err(Stop::Enough) }
    }))?;
    Ok(holds)
}
