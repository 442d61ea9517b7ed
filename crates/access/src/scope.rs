//! SMART v2 scopes: `patient/Observation.rs`, `system/*.cruds`.
//!
//! Source: <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Whose records a scope speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// One patient's compartment.
    Patient,
    /// What the signed-in user may see.
    User,
    /// Everything, for a machine or an operator.
    System,
}

/// What is being done, in SMART's five letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// `c`
    Create,
    /// `r`: read, vread, history of one resource.
    Read,
    /// `u`: update and patch.
    Update,
    /// `d`
    Delete,
    /// `s`: search, and history of a type or of everything.
    Search,
}

impl Permission {
    const ALL: [(Permission, char); 5] = [
        (Permission::Create, 'c'),
        (Permission::Read, 'r'),
        (Permission::Update, 'u'),
        (Permission::Delete, 'd'),
        (Permission::Search, 's'),
    ];

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// One scope.
///
/// ```
/// use access::scope::{Permission, Scope};
/// let scope: Scope = "patient/Observation.rs".parse()?;
/// assert!(scope.covers("Observation", Permission::Search));
/// assert!(!scope.covers("Observation", Permission::Create));
/// assert!("patient/Observation.sr".parse::<Scope>().is_err(), "SMART fixes the order of the letters");
/// # Ok::<(), access::scope::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope {
    /// Whose records.
    pub context: Context,
    /// Which type; `None` is `*`.
    pub resource_type: Option<String>,
    permissions: u8,
}

/// A scope that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not of the form `context/Type.cruds`.
    #[error(
        "a scope looks like `patient/Observation.rs` or `system/*.cruds` (letters in the order c r u d s)"
    )]
    Form,
    /// A search refinement (`?category=…`), which this release does not enforce and therefore refuses.
    #[error("scopes with a search refinement (`?…`) are not supported yet")]
    Refined,
}

impl Scope {
    /// Whether the scope allows `permission` on some type.
    pub fn grants(&self, permission: Permission) -> bool {
        self.permissions & permission.bit() != 0
    }

    /// Whether the scope allows `permission` on resources of that type.
    pub fn covers(&self, resource_type: &str, permission: Permission) -> bool {
        self.grants(permission) && self.resource_type.as_deref().is_none_or(|t| t == resource_type)
    }
}

impl Scope {
    /// What of this scope remains where somebody has `role`: never more than either allows. A `system/` scope of the role
    /// reaches into every context, a `user/` scope into one patient as well, a `patient/` scope nowhere else.
    ///
    /// ```
    /// use access::scope::Scope;
    /// let (asked, role): (Scope, Scope) = ("patient/*.cruds".parse()?, "user/Observation.rs".parse()?);
    /// assert_eq!(asked.within(&role).unwrap().to_string(), "patient/Observation.rs");
    /// assert_eq!(role.within(&asked), None);
    /// # Ok::<(), access::scope::Error>(())
    /// ```
    pub fn within(&self, role: &Scope) -> Option<Scope> {
        let reaches = match role.context {
            Context::System => true,
            Context::User => self.context != Context::System,
            Context::Patient => self.context == Context::Patient,
        };
        let resource_type = match (&self.resource_type, &role.resource_type) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.as_ref().or(other.as_ref()).cloned(),
        };
        let permissions = self.permissions & role.permissions;
        (reaches && permissions != 0).then_some(Scope { context: self.context, resource_type, permissions })
    }
}

/// A scope with a search refinement: `patient/Observation.rs?category=vital-signs`. It is a type of its own, so that
/// nobody who reads plain [`Scope`]s grants it without its refinement.
///
/// ```
/// use access::scope::{Refined, Scope};
/// let refined: Refined = "patient/Observation.rs?category=vital-signs".parse()?;
/// assert_eq!((refined.scope.to_string().as_str(), refined.query.as_str()), ("patient/Observation.rs", "category=vital-signs"));
/// assert!("patient/Observation.rs".parse::<Refined>().is_err() && "patient/Observation.rs?".parse::<Refined>().is_err());
/// # Ok::<(), access::scope::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refined {
    /// What it would allow without the refinement.
    pub scope: Scope,
    /// The search parameters that a resource must match, as they were sent.
    pub query: String,
}

impl FromStr for Refined {
    type Err = Error;

    fn from_str(text: &str) -> Result<Refined, Error> {
        let (scope, query) = text.split_once('?').ok_or(Error::Form)?;
        let named = |pair: &str| {
            pair.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty())
        };
        // Every type has parameters of its own: `*` has none to refine by.
        let scope: Scope = scope.parse()?;
        if scope.resource_type.is_none() || !query.split('&').all(named) {
            return Err(Error::Form);
        }
        Ok(Refined { scope, query: query.to_owned() })
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Scope, Error> {
        if text.contains('?') {
            return Err(Error::Refined);
        }
        let (context, rest) = text.split_once('/').ok_or(Error::Form)?;
        let context = match context {
            "patient" => Context::Patient,
            "user" => Context::User,
            "system" => Context::System,
            _ => return Err(Error::Form),
        };
        let (resource_type, letters) = rest.split_once('.').ok_or(Error::Form)?;
        let resource_type = match resource_type {
            "*" => None,
            t if t.starts_with(|c: char| c.is_ascii_uppercase())
                && t.bytes().all(|b| b.is_ascii_alphabetic()) =>
            {
                Some(t.to_owned())
            }
            _ => return Err(Error::Form),
        };
        Ok(Scope { context, resource_type, permissions: permissions(letters)? })
    }
}

fn permissions(letters: &str) -> Result<u8, Error> {
    let mut order = Permission::ALL.iter();
    let mut bits = 0;
    for letter in letters.chars() {
        let (permission, _) = order.find(|(_, l)| *l == letter).ok_or(Error::Form)?;
        bits |= permission.bit();
    }
    if bits == 0 { Err(Error::Form) } else { Ok(bits) }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = match self.context {
            Context::Patient => "patient",
            Context::User => "user",
            Context::System => "system",
        };
        write!(f, "{context}/{}.", self.resource_type.as_deref().unwrap_or("*"))?;
        let letters = Permission::ALL.iter().filter(|(p, _)| self.permissions & p.bit() != 0);
        letters.into_iter().try_for_each(|(_, letter)| write!(f, "{letter}"))
    }
}

impl TryFrom<String> for Scope {
    type Error = Error;
    fn try_from(text: String) -> Result<Scope, Error> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_as_it_was_written() {
        for text in ["patient/*.rs", "system/*.cruds", "user/Patient.c", "system/Observation.rud"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_scope_is_refused() {
        for text in [
            "",
            "patient",
            "patient/",
            "patient/*.",
            "patient/*.x",
            "*/Patient.r",
            "patient/p.r",
            "patient/*.rr",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(Error::Form), "{text}");
        }
        assert_eq!("patient/Observation.rs?category=x".parse::<Scope>(), Err(Error::Refined));
    }

    #[test]
    fn what_an_app_gets_is_never_wider_than_the_role() {
        let within = |asked: &str, role: &str| {
            let (asked, role): (Scope, Scope) = (asked.parse().unwrap(), role.parse().unwrap());
            asked.within(&role).map(|scope| scope.to_string())
        };
        for (asked, role, got) in [
            ("patient/*.cruds", "patient/*.rs", Some("patient/*.rs")),
            ("patient/Patient.r", "patient/*.rs", Some("patient/Patient.r")),
            ("patient/*.rs", "patient/Patient.r", Some("patient/Patient.r")),
            ("user/*.rs", "system/*.crus", Some("user/*.rs")),
            ("user/*.rs", "patient/*.rs", None),
            ("system/*.rs", "user/*.rs", None),
            ("system/*.rs", "patient/*.rs", None),
            ("patient/Patient.r", "patient/Observation.r", None),
            ("patient/Patient.c", "patient/*.rs", None),
        ] {
            assert_eq!(within(asked, role).as_deref(), got, "{asked} within {role}");
        }
    }

    #[test]
    fn a_refinement_is_read_whole_or_not_at_all() {
        for text in [
            "patient/*.rs?category=x",
            "patient/Observation.rs?",
            "patient/Observation.rs?category",
            "patient/Observation.rs?=x",
            "patient/Observation.rs?a=b&",
        ] {
            assert_eq!(text.parse::<Refined>(), Err(Error::Form), "{text}");
        }
    }
}
