//! The proof that a decision was taken, which every store function asks for.

use crate::{
    act::{Act, Glass, Standing},
    refine::{Criterion, Refinement},
};

/// Permission to do one thing, minted by [`crate::decide::decide`] alone: the fields are private and there is no other
/// constructor, so an operation that forgot to ask does not compile.
///
/// It is a union: a row is within reach where one part reaches it.
///
/// ```compile_fail
/// let grant = access::grant::Grant { act: todo!(), parts: Vec::new() };
/// ```
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) act: Act,
    pub(crate) parts: Vec<Part>,
}

/// Some types, and whose of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Resources of these types.
    pub types: Types,
    /// Those of these.
    pub whose: Whose,
    /// Where scopes are refined by search parameters: of these, what passes one of the refinements.
    pub refined: Option<Vec<Refinement>>,
}

/// Whose resources: which rows of a type. It is compiled into every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's and nobody's.
    Everyone,
    /// What is in the compartment of this patient, and nothing else.
    Patient {
        /// The patient's logical id.
        id: String,
        /// Sensitive labels that hide what bears them, from somebody who acts for the patient.
        hides: Vec<String>,
    },
    /// The directory, and the records of patients that the actor cares for or was let in by, as far as consents and labels allow.
    Cared {
        /// How records know the actor.
        standing: Standing,
        /// The one patient whose chart it is about, where it is about one.
        only: Option<String>,
        /// Why the actor looks, as consents name it.
        purpose: &'static str,
        /// When, in microseconds since the epoch.
        at: i64,
        /// Whether what is read is taken along, and not looked at alone.
        takes: bool,
    },
}

impl Whose {
    /// The patient whose glass is broken at that moment.
    pub fn glass(standing: &Standing, at: i64) -> Option<&str> {
        let broken = |glass: &&Glass| at <= glass.until.as_microsecond();
        standing.glass.as_ref().filter(broken).map(|glass| glass.patient.as_str())
    }
}

/// Which resource types a grant covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Types {
    /// All.
    All,
    /// These.
    Only(Vec<String>),
}

impl Types {
    /// Whether they hold that type.
    pub fn holds(&self, resource_type: &str) -> bool {
        match self {
            Types::All => true,
            Types::Only(types) => types.iter().any(|t| t == resource_type),
        }
    }
}

impl Grant {
    /// Who does it, why and when.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// With its refinements understood as search parameters of a type by `read`. One that nobody understood lets nothing through.
    #[must_use]
    pub fn understood(mut self, read: &dyn Fn(&str, &str) -> Option<Vec<Criterion>>) -> Grant {
        for part in &mut self.parts {
            let Types::Only(types) = &part.types else { continue };
            let [kind] = types.as_slice() else { continue };
            for refinement in part.refined.iter_mut().flatten() {
                refinement.understand(|query| read(kind, query));
            }
        }
        self
    }

    /// What it reaches: the union of these.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it reaches everything there is.
    pub fn is_whole(&self) -> bool {
        let is_whole =
            |part: &Part| part.whose == Whose::Everyone && part.types == Types::All && part.refined.is_none();
        self.parts.iter().any(is_whole)
    }

    /// Whether care relationships and consents decide what it reaches.
    pub fn is_by_care(&self) -> bool {
        self.parts.iter().any(|part| matches!(part.whose, Whose::Cared { .. }))
    }

    /// Whether it reaches resources of that type at all.
    pub fn reaches(&self, resource_type: &str) -> bool {
        self.parts.iter().any(|part| part.types.holds(resource_type))
    }
}
