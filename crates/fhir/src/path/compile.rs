//! Tree to program: names become JSON keys, types are followed through, what never applies is left out.

use crate::model::{Model, TypeId};

use super::Error;
use super::ast::{Expr, Kind, Literal, Operator, Test, TypeName};
use super::compare::{Compare, Membership};
use super::functions::{self, Call, fhir, subsetting};
use super::logic::Logic;
use super::member::Member;
use super::op::{Constant, OfType, Op};
use super::types::{System, Type, Types};

/// Compiles one expression.
pub(super) struct Compiler<'m> {
    pub(super) model: &'m Model,
    /// What `%resource` is.
    resource: TypeId,
}

/// What `$this` is where a part of the expression stands.
#[derive(Clone, Copy)]
pub(super) struct Focus<'t> {
    pub(super) this: &'t Types,
    /// Inside the argument of `where` and its like, where `$index` means something.
    pub(super) is_iteration: bool,
}

/// A part of the program with what it may give.
pub(super) type Typed = (Op, Types);

impl<'m> Compiler<'m> {
    pub(super) fn new(model: &'m Model, resource: TypeId) -> Compiler<'m> {
        Compiler { model, resource }
    }

    pub(super) fn program(&self, tree: &Expr, focus: TypeId) -> Result<Typed, Error> {
        let this = Types::one(Type::Fhir(focus));
        self.expr(tree, Focus { this: &this, is_iteration: false })
    }

    pub(super) fn expr(&self, tree: &Expr, focus: Focus<'_>) -> Result<Typed, Error> {
        match &tree.kind {
            Kind::Empty => Ok((Op::Nothing, Types::default())),
            Kind::Literal(literal) => self.literal(literal),
            Kind::This => Ok((Op::This, focus.this.clone())),
            Kind::Index if focus.is_iteration => Ok((Op::Index, Types::system(System::Integer))),
            Kind::Index => Err(Error::arguments("$index stands only inside an iteration")),
            Kind::Total => Err(Error::unsupported("$total")),
            Kind::Variable(name) => self.variable(name),
            Kind::Member { on: None, name } => self.first_name(name, focus),
            Kind::Member { on: Some(on), name } => {
                let (of, types) = self.expr(on, focus)?;
                Member::compile(of, &types, name, self.model)
            }
            Kind::Call { on, name, arguments } => self.call(on.as_deref(), name, arguments, focus),
            Kind::Subscript { on, index } => subsetting::subscript(self.expr(on, focus)?, index),
            Kind::Sign { negative, on } => self.sign(*negative, on),
            Kind::Union(branches) => self.union(branches, focus),
            Kind::Binary { operator, left, right } => self.binary(*operator, left, right, focus),
            Kind::TypeTest { on, test, type_name } => self.type_test(on, *test, type_name, focus),
        }
    }

    fn literal(&self, literal: &Literal) -> Result<Typed, Error> {
        let (constant, system) = match literal {
            Literal::Boolean(value) => (Constant::Boolean(*value), System::Boolean),
            Literal::Text(text) => (Constant::Text(text.as_str().into()), System::String),
            Literal::Number(digits) if digits.contains('.') => {
                (Constant::Decimal(digits.as_str().into()), System::Decimal)
            }
            Literal::Number(digits) => (Constant::Integer(integer(digits)?), System::Integer),
            Literal::Long(_) => return Err(Error::unsupported("a long integer")),
            Literal::Date(_) | Literal::DateTime(_) | Literal::Time(_) => {
                return Err(Error::unsupported("a date or time in an expression"));
            }
            Literal::Quantity { .. } => return Err(Error::unsupported("a quantity in an expression")),
        };
        Ok((Op::Constant(constant), Types::system(system)))
    }

    /// Only numbers that are written there have a sign yet.
    fn sign(&self, negative: bool, on: &Expr) -> Result<Typed, Error> {
        let Kind::Literal(Literal::Number(digits)) = &on.kind else {
            return Err(Error::unsupported("a sign before anything but a number"));
        };
        let signed = if negative { format!("-{digits}") } else { digits.clone() };
        self.literal(&Literal::Number(signed))
    }

    fn variable(&self, name: &str) -> Result<Typed, Error> {
        let text =
            |text: &str| Ok((Op::Constant(Constant::Text(text.into())), Types::system(System::String)));
        if let Some(id) = name.strip_prefix("vs-") {
            return text(&format!("http://hl7.org/fhir/ValueSet/{id}"));
        }
        if let Some(id) = name.strip_prefix("ext-") {
            return text(&format!("http://hl7.org/fhir/StructureDefinition/{id}"));
        }
        match name {
            "context" | "resource" => Ok((Op::Root, Types::one(Type::Fhir(self.resource)))),
            "sct" => text("http://snomed.info/sct"),
            "loinc" => text("http://loinc.org"),
            "ucum" => text("http://unitsofmeasure.org"),
            "rootResource" => Err(Error::unsupported("%rootResource")),
            _ => Err(Error::Unknown { what: format!("variable %{name}").into() }),
        }
    }

    /// A path begins with an element of what it is asked of, or with the name of its type.
    fn first_name(&self, name: &str, focus: Focus<'_>) -> Result<Typed, Error> {
        let found = self.model.find(name).filter(|_| name.starts_with(|c: char| c.is_ascii_uppercase()));
        let Some(named) = found else { return Member::compile(Op::This, focus.this, name, self.model) };
        let mut is_all = true;
        let mut types = Types::default();
        for own in focus.this.iter() {
            let Type::Fhir(own) = own else { continue };
            if self.model.is_a(own, named) {
                types.add(Type::Fhir(own));
            } else {
                is_all = false;
                // An abstract root may turn out to be of that type.
                if self.model.is_a(named, own) {
                    types.add(Type::Fhir(named));
                }
            }
        }
        match (types.is_empty(), is_all) {
            (true, _) => Err(Error::OtherType),
            (false, true) => Ok((Op::This, types)),
            (false, false) => Ok((self.filter(Op::This, Type::Fhir(named), false), types)),
        }
    }

    /// Branches about other types are dropped; when all are, so is the union.
    fn union(&self, branches: &[Expr], focus: Focus<'_>) -> Result<Typed, Error> {
        let mut ops = Vec::new();
        let mut types = Types::default();
        for branch in branches {
            match self.expr(branch, focus) {
                Err(Error::OtherType) => {}
                other => {
                    let (op, found) = other?;
                    ops.push(op);
                    found.iter().for_each(|t| types.add(t));
                }
            }
        }
        match (ops.len(), ops.pop()) {
            (0, _) | (_, None) => Err(Error::OtherType),
            (1, Some(op)) if branches.len() > 1 => Ok((op, types)),
            (_, Some(op)) => {
                ops.push(op);
                Ok((Op::Union(ops), types))
            }
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: &Expr,
        right: &Expr,
        focus: Focus<'_>,
    ) -> Result<Typed, Error> {
        let (left, right) = (self.expr(left, focus)?, self.expr(right, focus)?);
        let op = match operator {
            Operator::And | Operator::Or | Operator::Xor | Operator::Implies => {
                Op::Logic(Box::new(Logic { operator, left: left.0, right: right.0 }))
            }
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => Compare::compile(operator, left, right, self.model)?,
            Operator::In => Membership::compile("in", left, right, self.model)?,
            Operator::Contains => Membership::compile("contains", right, left, self.model)?,
            _ => return Err(Error::unsupported(format_args!("the operator {}", operator.sign()))),
        };
        Ok((op, Types::boolean()))
    }

    fn call(
        &self,
        on: Option<&Expr>,
        name: &str,
        arguments: &[Expr],
        focus: Focus<'_>,
    ) -> Result<Typed, Error> {
        if let ("is" | "as", [argument]) = (name, arguments) {
            let Some(type_name) = argument.as_type_name() else {
                return Err(Error::arguments(format_args!("{name}() takes the name of a type")));
            };
            let this = Expr::new(argument.at, Kind::This)?;
            let test = if name == "is" { Test::Is } else { Test::As };
            return self.type_test(on.unwrap_or(&this), test, &type_name, focus);
        }
        let of = match on {
            Some(on) => self.expr(on, focus)?,
            None => (Op::This, focus.this.clone()),
        };
        functions::compile(self, Call { of, name, arguments })
    }

    fn type_test(
        &self,
        on: &Expr,
        test: Test,
        type_name: &TypeName,
        focus: Focus<'_>,
    ) -> Result<Typed, Error> {
        if let (Test::Is, Kind::Call { on: reference, name, arguments }) = (test, &on.kind)
            && name == "resolve"
            && arguments.is_empty()
        {
            let of = match reference {
                Some(reference) => self.expr(reference, focus)?,
                None => (Op::This, focus.this.clone()),
            };
            return fhir::refers_to(of, type_name.resolve(self.model)?, self.model);
        }
        let (of, types) = self.expr(on, focus)?;
        match test {
            Test::Is => {
                let Op::OfType(filter) = self.filter(of, type_name.resolve(self.model)?, false) else {
                    return Err(Error::unsupported("is"));
                };
                Ok((Op::IsType(filter), Types::boolean()))
            }
            Test::As => self.of_type((of, types), type_name),
        }
    }

    /// `as` and `ofType`: decided by the JSON key where the value comes right out of a choice element.
    pub(super) fn of_type(&self, (of, types): Typed, type_name: &TypeName) -> Result<Typed, Error> {
        let asked = type_name.resolve_for(&types, self.model)?;
        let is_wanted = |id: TypeId| Type::Fhir(id).is(asked, true, self.model);
        let mut kept = Types::default();
        let mut is_open = false;
        for own in types.iter() {
            if own.is(asked, true, self.model) {
                kept.add(own);
            } else if asked.is(own, true, self.model) {
                // An abstract type may turn out to be of the one asked for.
                is_open = true;
                kept.add(asked);
            }
        }
        if kept.is_empty() {
            // Never anything; what follows is still checked against the type asked for.
            return Ok((Op::Nothing, Types::one(asked)));
        }
        match of {
            Op::Member(member) if !is_open => Ok((Op::Member(Box::new(member.narrow(is_wanted))), kept)),
            of => Ok((self.filter_exact(of, asked), kept)),
        }
    }

    fn filter_exact(&self, of: Op, asked: Type) -> Op {
        self.filter(of, asked, true)
    }

    /// The items of `of` that are of type `asked`.
    fn filter(&self, of: Op, asked: Type, exact: bool) -> Op {
        let ids = (0..self.model.types().len()).filter_map(|at| u16::try_from(at).ok()).map(TypeId);
        let fhir = ids.filter(|id| Type::Fhir(*id).is(asked, exact, self.model)).collect();
        let system = match asked {
            Type::System(system) => Some(system),
            Type::Fhir(_) => None,
        };
        Op::OfType(Box::new(OfType { of, fhir, system }))
    }
}

fn integer(digits: &str) -> Result<i64, Error> {
    digits.parse().map_err(|_| Error::unsupported("an integer beyond 64 bits"))
}
