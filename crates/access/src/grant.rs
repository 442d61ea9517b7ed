//! The proof that a decision was taken, which every store function asks for.

use crate::act::Act;

/// Which rows an operation may touch. It is compiled into every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every row of the types that the operation names.
    Everything,
    /// Rows in the compartment of this patient, and no others.
    Patient {
        /// The patient's logical id.
        id: String,
    },
}

/// Permission to do one thing, minted by [`crate::decide::decide`] alone: the fields are private and there is no other
/// constructor, so an operation that forgot to ask does not compile.
///
/// ```compile_fail
/// let grant = access::grant::Grant { act: todo!(), types: todo!(), filter: access::grant::Filter::Everything };
/// ```
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) act: Act,
    pub(crate) types: Types,
    pub(crate) filter: Filter,
}

/// Which resource types a grant covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Types {
    /// All.
    All,
    /// These.
    Only(Vec<String>),
}

impl Grant {
    /// Who does it, why and when.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// Which rows it reaches.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Which types it reaches.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// Whether it reaches resources of that type at all.
    pub fn reaches(&self, resource_type: &str) -> bool {
        match &self.types {
            Types::All => true,
            Types::Only(types) => types.iter().any(|t| t == resource_type),
        }
    }
}
