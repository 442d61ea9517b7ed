//! Roles are data: named sets of SMART v2 scopes, the relationship with a patient that they need, and what they see masked.
//!
//! [`built_in`] are those that a house begins with; an administrator's own have the same form and keep to [`check`].

pub mod check;

use crate::{
    act::{Purpose, Standing},
    mask::Mask,
    scope::Scope,
    tie::REGISTRATION,
};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What must tie somebody to a patient before `user/` scopes reach the patient's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relationship {
    /// Nothing does: the role reaches the directory, and no patient by `user/` scopes.
    #[default]
    None,
    /// A care relationship of their own.
    Personal,
    /// A care relationship of their own or of their organization.
    Organization,
    /// That, or that the patient is registered with their organization.
    Registration,
    /// The patient's consent alone.
    Consent,
}

/// Whom a role is for: each realm has its own door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Realm {
    /// Patients and those who act for them.
    Patient,
    /// Those who care.
    Clinic,
    /// Those who run the house.
    Administration,
    /// Programs.
    Machine,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name, as accounts and tokens have it.
    pub name: String,
    /// Its name as people read it.
    pub title: String,
    /// Whom it is for.
    pub realm: Realm,
    /// Why its holders look, unless they say otherwise.
    pub purpose: Purpose,
    /// What ties them to a patient.
    #[serde(default)]
    pub relationship: Relationship,
    /// What they may do.
    pub scopes: Vec<Scope>,
    /// Sensitive labels that they see without being granted each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What they see masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<Mask>,
    /// Whether a mask may be lifted, look by look.
    #[serde(default)]
    pub reveals: bool,
}

impl Role {
    /// How the record knows somebody in this role: as themselves (`person`: Practitioner, PractitionerRole …), as their
    /// `organizations`, or not at all.
    ///
    /// ```
    /// use access::role::built_in;
    /// let standing = |role: &str| {
    ///     let of = |kind: &str, id: &str| vec![(kind.to_owned(), id.to_owned())];
    ///     built_in(role).unwrap().standing(&of("Practitioner", "b"), &of("Organization", "o")).known_as.len()
    /// };
    /// assert_eq!((standing("physician"), standing("nurse"), standing("administrator")), (1, 2, 0));
    /// ```
    pub fn standing(&self, person: &[(String, String)], organizations: &[(String, String)]) -> Standing {
        let known_as = match self.relationship {
            Relationship::None => Vec::new(),
            Relationship::Personal => person.to_vec(),
            Relationship::Organization | Relationship::Consent => [person, organizations].concat(),
            Relationship::Registration => {
                let registered = organizations.iter().map(|(_, id)| (REGISTRATION.to_owned(), id.clone()));
                person.iter().chain(organizations).cloned().chain(registered).collect()
            }
        };
        let by_tie = self.relationship != Relationship::Consent;
        let (labels, masks) = (self.labels.clone(), self.masks.clone());
        Standing { known_as, by_tie, labels, masks, reveals: self.reveals, ..Standing::default() }
    }
}

static BUILT_IN: LazyLock<Vec<Role>> =
    LazyLock::new(|| serde_json::from_str(include_str!("role/roles.json")).unwrap_or_default());

/// The roles that a house begins with.
pub fn all_built_in() -> &'static [Role] {
    &BUILT_IN
}

/// The role of that name that a house begins with.
pub fn built_in(name: &str) -> Option<&'static Role> {
    BUILT_IN.iter().find(|role| role.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory,
        scope::{Context, Permission},
    };

    #[test]
    fn there_are_twelve_roles_of_twelve_names() {
        let mut names: Vec<&str> = all_built_in().iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names.len(), 12);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 12);
    }

    /// X15, E3: running the house gives no sight of a chart.
    #[test]
    fn an_administrator_reaches_the_directory_and_nothing_of_a_patient() {
        let role = built_in("administrator").unwrap();
        assert_eq!(role.relationship, Relationship::None);
        for scope in &role.scopes {
            assert!(
                scope.context == Context::User
                    && scope.resource_type.as_deref().is_some_and(directory::holds)
            );
        }
    }

    #[test]
    fn nobody_but_programs_has_a_scope_over_everything() {
        for role in all_built_in().iter().filter(|role| role.realm != Realm::Machine) {
            for scope in role.scopes.iter().filter(|scope| scope.context == Context::System) {
                let whole = scope.resource_type.is_none() || scope.covers("Patient", Permission::Read);
                assert!(!whole, "{}: {scope}", role.name);
            }
        }
    }
}
