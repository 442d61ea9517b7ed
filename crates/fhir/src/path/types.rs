//! Static types: what may come out of each part of an expression.

use crate::model::{Kind, Model, TypeId};

use super::Error;
use super::ast::TypeName;

/// The types of the FHIRPath language itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum System {
    Boolean,
    String,
    Integer,
    Decimal,
    Date,
    DateTime,
    Time,
    Quantity,
}

/// A type of the release or of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Fhir(TypeId),
    System(System),
}

/// How values of a type compare with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Boolean,
    Text,
    Number,
    /// Dates and times.
    Moment,
    /// Everything with elements.
    Complex,
}

/// The types that a part of an expression may give, without repetition. Empty: it never gives anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Types(Vec<Type>);

/// The FHIR types that stand for computed values in results.
#[derive(Clone, Copy, Debug)]
pub(super) struct Systems {
    pub(super) boolean: TypeId,
    pub(super) integer: TypeId,
    pub(super) decimal: TypeId,
    pub(super) string: TypeId,
}

impl Systems {
    pub(super) fn find(model: &Model) -> Result<Systems, Error> {
        let find = |name: &str| model.find(name).ok_or(Error::UnknownType { name: name.into() });
        Ok(Systems {
            boolean: find("boolean")?,
            integer: find("integer")?,
            decimal: find("decimal")?,
            string: find("string")?,
        })
    }
}

impl Types {
    pub(super) fn one(found: Type) -> Types {
        Types(vec![found])
    }

    pub(super) fn system(found: System) -> Types {
        Types::one(Type::System(found))
    }

    pub(super) fn boolean() -> Types {
        Types::system(System::Boolean)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Type> {
        self.0.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, found: Type) {
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    pub(super) fn families(&self, model: &Model) -> Vec<Family> {
        let mut found: Vec<Family> = Vec::new();
        for family in self.iter().map(|t| t.family(model)) {
            if !found.contains(&family) {
                found.push(family);
            }
        }
        found
    }

    /// One of the types by name, for messages.
    pub(super) fn name<'m>(&self, model: &'m Model) -> &'m str {
        match self.0.first() {
            Some(Type::Fhir(id)) => &model.get(*id).name,
            Some(Type::System(system)) => system.name(),
            None => "nothing",
        }
    }
}

impl FromIterator<Type> for Types {
    fn from_iter<I: IntoIterator<Item = Type>>(found: I) -> Types {
        let mut types = Types::default();
        found.into_iter().for_each(|t| types.add(t));
        types
    }
}

impl Type {
    pub(super) fn family(self, model: &Model) -> Family {
        match self {
            Type::System(System::Boolean) => Family::Boolean,
            Type::System(System::String) => Family::Text,
            Type::System(System::Integer | System::Decimal) => Family::Number,
            Type::System(System::Date | System::DateTime | System::Time) => Family::Moment,
            Type::System(System::Quantity) => Family::Complex,
            Type::Fhir(id) => fhir_family(id, model),
        }
    }

    /// Whether an item of this type is of type `asked`. `exact` leaves out subtypes of primitives, as `ofType` does:
    /// a `code` is a `string`, but not what `ofType(string)` keeps.
    pub(super) fn is(self, asked: Type, exact: bool, model: &Model) -> bool {
        match (self, asked) {
            (Type::Fhir(own), Type::Fhir(asked)) => {
                own == asked
                    || (model.is_a(own, asked) && !(exact && model.get(asked).kind == Kind::Primitive))
            }
            (own, asked) => own == asked,
        }
    }
}

fn fhir_family(id: TypeId, model: &Model) -> Family {
    let found = model.get(id);
    if found.kind != Kind::Primitive {
        return Family::Complex;
    }
    match found.name.as_ref() {
        "boolean" => Family::Boolean,
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => Family::Number,
        "date" | "dateTime" | "instant" | "time" => Family::Moment,
        _ => Family::Text,
    }
}

impl System {
    const ALL: [(System, &'static str); 8] = [
        (System::Boolean, "Boolean"),
        (System::String, "String"),
        (System::Integer, "Integer"),
        (System::Decimal, "Decimal"),
        (System::Date, "Date"),
        (System::DateTime, "DateTime"),
        (System::Time, "Time"),
        (System::Quantity, "Quantity"),
    ];

    fn find(name: &str) -> Option<System> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(system, _)| *system)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }
}

impl TypeName {
    /// The type it names: the release's first, then the language's, as
    /// <https://hl7.org/fhir/R4/fhirpath.html> wants for names without namespace.
    pub(super) fn resolve(&self, model: &Model) -> Result<Type, Error> {
        let fhir = || model.find(&self.name).map(Type::Fhir);
        let system = || System::find(&self.name).map(Type::System);
        let found = match self.namespace.as_deref() {
            None => fhir().or_else(system),
            Some("FHIR") => fhir(),
            Some("System") => system(),
            // `Patient.contact` names a backbone element.
            Some(outer) => model.find(&format!("{outer}.{}", self.name)).map(Type::Fhir),
        };
        found.ok_or_else(|| self.unknown())
    }

    /// As [`TypeName::resolve`] for `as` and `ofType` on `source`: `DateTime` asked of elements means `dateTime`.
    pub(super) fn resolve_for(&self, source: &Types, model: &Model) -> Result<Type, Error> {
        let found = self.resolve(model)?;
        let only_elements = source.iter().all(|t| matches!(t, Type::Fhir(_)));
        if self.namespace.is_none() && only_elements && matches!(found, Type::System(_)) {
            let mut letters = self.name.chars();
            let lowered = letters.next().map(|first| first.to_ascii_lowercase());
            let name: String = lowered.into_iter().chain(letters).collect();
            return Ok(model.find(&name).map_or(found, Type::Fhir));
        }
        Ok(found)
    }

    fn unknown(&self) -> Error {
        let prefix = self.namespace.as_ref().map(|n| format!("{n}.")).unwrap_or_default();
        Error::UnknownType { name: format!("{prefix}{}", self.name).into() }
    }
}
