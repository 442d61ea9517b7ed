//! SMART v2 scopes: `patient/Observation.rs`, `system/*.cruds`.
//!
//! Source: <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>

use fhir::query::{Clause, path::Path, result::ResultParameters};
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
/// let refined: Scope = "patient/Observation.rs?category=vital-signs&code=8867-4".parse()?;
/// assert_eq!(refined.refinement(), ["category=vital-signs", "code=8867-4"]);
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
    refined: Vec<String>,
}

/// A scope that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not of the form `context/Type.cruds`.
    #[error(
        "a scope looks like `patient/Observation.rs` or `system/*.cruds` (letters in the order c r u d s)"
    )]
    Form,
    /// A search refinement that is none.
    #[error(
        "a refinement looks like `patient/Observation.rs?category=laboratory`: one type, and search parameters of it with values, \
         percent-encoded where they hold spaces, quotes or backslashes"
    )]
    Refinement,
}

impl Scope {
    /// Whether the scope allows `permission` on some type.
    pub fn grants(&self, permission: Permission) -> bool {
        self.permissions & permission.bit() != 0
    }

    /// The search parameters that a resource must match besides, each as it was sent; nothing where the scope is about all of them.
    pub fn refinement(&self) -> &[String] {
        &self.refined
    }

    /// The same, read: names with their values.
    pub fn conditions(&self) -> Vec<(String, Vec<String>)> {
        let read = self.refined.iter().filter_map(|query| fhir::query::parse(query).ok());
        let clauses = read.flat_map(|query| query.clauses);
        let values = |clause: &Clause| clause.values.iter().map(|value| value.text().into_owned()).collect();
        clauses.map(|clause| (clause.name(), values(&clause))).collect()
    }

    /// Whether it is about some resources of its type alone: those that match its search parameters.
    pub fn is_refined(&self) -> bool {
        !self.refined.is_empty()
    }

    /// Whether it allows all that the other one does, and perhaps more.
    pub fn holds(&self, other: &Scope) -> bool {
        self.context == other.context
            && (self.resource_type.is_none() || self.resource_type == other.resource_type)
            && self.permissions & other.permissions == other.permissions
            && self.refined.iter().all(|query| other.refined.contains(query))
    }

    /// Whether the scope allows `permission` on resources of that type, or on some of them.
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
        let mut refined = self.refined.clone();
        refined.extend(role.refined.iter().filter(|query| !self.refined.contains(query)).cloned());
        (reaches && permissions != 0).then_some(Scope {
            context: self.context,
            resource_type,
            permissions,
            refined,
        })
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Scope, Error> {
        let (text, refined) = match text.split_once('?') {
            Some((scope, query)) => (scope, refinement(query)?),
            None => (text, Vec::new()),
        };
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
        // Every type has parameters of its own: `*` has none to refine by.
        if resource_type.is_none() && !refined.is_empty() {
            return Err(Error::Refinement);
        }
        Ok(Scope { context, resource_type, permissions: permissions(letters)?, refined })
    }
}

/// The parameters of a refinement. Whether there are such parameters, the kernel knows; here they are well-formed, plain (no chains,
/// nothing about how to show results), and of characters that a list of scopes may hold.
fn refinement(query: &str) -> Result<Vec<String>, Error> {
    let may_stand = |b: u8| (0x21..=0x7e).contains(&b) && b != b'"' && b != b'\\';
    let read = fhir::query::parse(query).map_err(|_| Error::Refinement)?;
    let is_plain = read.result == ResultParameters::default()
        && read.clauses.iter().all(|clause| matches!(clause.path, Path::Code(_)));
    let pieces: Vec<String> = query.split('&').map(str::to_owned).collect();
    // What the query's reader skips or takes for itself would be no condition at all.
    match is_plain && query.bytes().all(may_stand) && pieces.len() == read.clauses.len() {
        true => Ok(pieces),
        false => Err(Error::Refinement),
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
        letters.into_iter().try_for_each(|(_, letter)| write!(f, "{letter}"))?;
        let mut marks = std::iter::once('?').chain(std::iter::repeat('&'));
        self.refined.iter().zip(&mut marks).try_for_each(|(query, mark)| write!(f, "{mark}{query}"))
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
        let refined = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&code=a,b";
        for text in ["patient/*.rs", "system/*.cruds", "user/Patient.c", "system/Observation.rud", refined] {
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
            "patient/Observation.rs?&a=b",
            "patient/Observation.rs?a=b&&c=d",
            "patient/Observation.rs?_count=1",
            "patient/Observation.rs?a=b&_include=Observation:subject",
            "patient/Observation.rs?subject.name=x",
            "patient/Observation.rs?_has:Provenance:target:agent=x",
            "patient/Observation.rs?a=%zz",
            "patient/Observation.rs?a=x\"y",
            "patient/Observation.rs?a=x\\,y",
            "patient/Observation.rs?a=\u{e9}",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(Error::Refinement), "{text}");
        }
    }

    #[test]
    fn what_is_refined_stays_so_whatever_it_is_held_against() {
        let within = |asked: &str, role: &str| {
            let (asked, role): (Scope, Scope) = (asked.parse().unwrap(), role.parse().unwrap());
            asked.within(&role).map(|scope| scope.to_string())
        };
        let (lab, plain) = ("patient/Observation.rs?category=laboratory", "patient/Observation.rs");
        assert_eq!(within(lab, "patient/*.cruds").as_deref(), Some(lab));
        assert_eq!(within(plain, lab).as_deref(), Some(lab));
        assert_eq!(within("patient/*.rs", lab).as_deref(), Some(lab));
        assert_eq!(within(lab, lab).as_deref(), Some(lab));
        let both = "patient/Observation.rs?category=laboratory&category=vital-signs";
        assert_eq!(within(lab, "patient/Observation.rs?category=vital-signs").as_deref(), Some(both));
    }
}
