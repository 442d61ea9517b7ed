//! What a scope's refinement (`?category=laboratory`) leaves of a grant.
//!
//! This room knows that there are conditions, not which parameters a type has: the kernel reads them as it reads a search, so they
//! mean the same. Until it did, a refinement lets nothing through.

/// Conditions of which all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refinement {
    query: String,
    criteria: Option<Vec<Criterion>>,
}

/// A search parameter that must have one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The number of the parameter.
    pub param: u32,
    /// The values.
    pub any: Vec<Value>,
}

/// A value that a parameter may have to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A coded value.
    Token {
        /// The system, where it matters.
        system: Option<String>,
        /// The code, where it matters.
        code: Option<String>,
        /// Whether it must have no system.
        no_system: bool,
    },
    /// A URI.
    Uri(String),
    /// A reference to a resource of this house.
    Resource {
        /// Its type.
        resource_type: String,
        /// Its logical id.
        id: String,
    },
}

impl Refinement {
    /// A refinement that nobody understood yet.
    pub(crate) fn new(query: String) -> Refinement {
        Refinement { query, criteria: None }
    }

    /// Takes what somebody makes of the query.
    pub(crate) fn understand(&mut self, read: impl FnOnce(&str) -> Option<Vec<Criterion>>) {
        self.criteria = read(&self.query).filter(|criteria| !criteria.is_empty());
    }

    /// The conditions; `None` where nobody understood them, and nothing passes.
    pub fn criteria(&self) -> Option<&[Criterion]> {
        self.criteria.as_deref()
    }
}
