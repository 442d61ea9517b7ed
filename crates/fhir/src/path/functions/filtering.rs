//! `where`, `select`, `ofType` (<https://hl7.org/fhirpath/N1/#filtering-and-projection>).

use super::super::Error;
use super::super::compile::{Compiler, Focus, Typed};
use super::super::op::{Flow, Op, Scope, Sink};
use super::Call;

/// An expression asked of every item.
#[derive(Clone, Debug)]
pub(in super::super) enum Filtering {
    Where { of: Op, criteria: Op },
    Select { of: Op, projection: Op },
}

/// `exists(criteria)` comes here too: it is `where(criteria).exists()`.
pub(super) fn compile(compiler: &Compiler<'_>, call: Call<'_>) -> Result<Typed, Error> {
    let argument = call.one()?;
    if call.name == "ofType" {
        let Some(type_name) = argument.as_type_name() else {
            return Err(Error::arguments("ofType() takes the name of a type"));
        };
        return compiler.of_type(call.of, &type_name);
    }
    let (of, types) = call.of;
    let (inner, inner_types) = compiler.expr(argument, Focus { this: &types, is_iteration: true })?;
    Ok(match call.name {
        "select" => (Op::Filtering(Box::new(Filtering::Select { of, projection: inner })), inner_types),
        _ => (Op::Filtering(Box::new(Filtering::Where { of, criteria: inner })), types),
    })
}

impl Filtering {
    /// What is asked.
    pub(in super::super) fn of(&self) -> &Op {
        match self {
            Filtering::Where { of, .. } | Filtering::Select { of, .. } => of,
        }
    }

    /// Where the items come from that this gives.
    pub(in super::super) fn source(&self) -> &Op {
        match self {
            Filtering::Where { of, .. } => of,
            Filtering::Select { projection, .. } => projection,
        }
    }

    pub(in super::super) fn each<'a>(&'a self, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
        match self {
            Filtering::Where { of, criteria } => Filtering::iterate(of, scope, &mut |inner| {
                if criteria.truth(inner)? == Some(true) { sink(inner.this.clone()) } else { Ok(()) }
            }),
            Filtering::Select { of, projection } => {
                Filtering::iterate(of, scope, &mut |inner| projection.each(inner, sink))
            }
        }
    }

    /// Asks `visit` in the scope of every item, with `$this` and `$index`.
    pub(super) fn iterate<'a>(
        of: &'a Op,
        scope: Scope<'_, 'a>,
        visit: &mut dyn FnMut(Scope<'_, 'a>) -> Flow,
    ) -> Flow {
        let mut index = 0;
        of.each(scope, &mut |node| {
            scope.run.visit()?;
            let inner = Scope { this: &node, index, ..scope };
            index += 1;
            visit(inner)
        })
    }
}
