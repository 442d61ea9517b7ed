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
}
