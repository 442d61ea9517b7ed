//! What a role may be that an administrator writes, and what a change of it changes.
//!
//! The limits keep duties apart (E3): no role opens what its realm is not there for, whoever writes it.

use super::{Realm, Relationship, Role, built_in};
use crate::{
    act::Purpose,
    directory,
    label::is_sensitive,
    scope::{Context, Permission, Scope},
};
use std::fmt::Debug;

/// The longest name, in characters.
const NAME: usize = 40;

/// The longest title, in characters.
const TITLE: usize = 80;

/// How many scopes a role has at most.
const SCOPES: usize = 200;

/// Names that the house uses for those who run it, which are no roles.
const RESERVED: [&str; 4] = ["operator", "clinician", "reader", "unknown"];

/// What an administration watches over without being in a patient's care: who looked, who may, and where things came from.
const OVERSIGHT: [&str; 3] = ["AuditEvent", "Consent", "Provenance"];

/// Why a role cannot be one. Each text says what to change.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    /// The name.
    #[error("a role's name is 2 to 40 lower-case letters, digits and hyphens, and begins with a letter")]
    Name,
    /// The name of a built-in role, or one that the house uses.
    #[error("`{0}` is a name of the house and stays as it is; write your role under another name")]
    Taken(String),
    /// The title.
    #[error("a role's title has 1 to 80 characters")]
    Title,
    /// None, or far too many.
    #[error("a role has 1 to 200 scopes")]
    Scopes,
    /// A refined scope.
    #[error("`{0}`: a role's scopes take no search parameters; apps' scopes do")]
    Refined(String),
    /// What is no scope.
    #[error("`{0}` is no scope of a role; write it like user/Observation.rs")]
    Form(String),
    /// What is none of the words that there are.
    #[error("`{0}` is not known here; take one of the words that the hint names")]
    Word(String),
    /// The same twice.
    #[error("`{0}` stands there twice; write it once")]
    Twice(String),
    /// A scope that this realm is not there for.
    #[error("`{scope}` is nothing for the realm `{realm}`: {allowed}")]
    Scope {
        /// The scope.
        scope: String,
        /// The role's realm.
        realm: &'static str,
        /// What there may be instead.
        allowed: &'static str,
    },
    /// A relationship in a realm that cares for nobody.
    #[error("only a role of the realm `clinic` has a relationship with patients; leave it out")]
    Relationship,
    /// A purpose that is no role's.
    #[error("emergency treatment is declared each time, and no role has it as its purpose")]
    Purpose,
    /// A label that hides nothing.
    #[error("`{0}` is no sensitive label")]
    Label(String),
}

impl Fault {
    /// The member of a role that it is about, by its name in JSON.
    pub fn member(&self) -> &'static str {
        match self {
            Fault::Name | Fault::Taken(_) => "name",
            Fault::Title => "title",
            Fault::Scopes | Fault::Form(_) | Fault::Refined(_) | Fault::Scope { .. } => "scopes",
            // Scopes hold a slash, and nothing else that may stand twice does.
            Fault::Twice(what) if what.contains('/') => "scopes",
            Fault::Relationship => "relationship",
            Fault::Purpose => "purpose",
            Fault::Label(_) => "labels",
            Fault::Twice(_) | Fault::Word(_) => "masks",
        }
    }
}

/// Whether a role may be kept.
///
/// ```
/// use access::role::{Realm, built_in, check::{Fault, check}};
/// let mut role = built_in("nurse").unwrap().clone();
/// assert_eq!(check(&role), Err(Fault::Taken("nurse".into())));
/// role.name = "night-nurse".into();
/// assert_eq!(check(&role), Ok(()));
/// role.realm = Realm::Administration;
/// assert!(check(&role).is_err(), "running the house gives no sight of a chart");
/// ```
///
/// # Errors
/// The first fault.
pub fn check(role: &Role) -> Result<(), Fault> {
    if !is_name(&role.name) {
        return Err(Fault::Name);
    }
    if built_in(&role.name).is_some() || RESERVED.contains(&role.name.as_str()) {
        return Err(Fault::Taken(role.name.clone()));
    }
    powers(role)
}

/// Whether the rest of a role, whatever its name, keeps to its realm.
///
/// # Errors
/// The first fault.
pub fn powers(role: &Role) -> Result<(), Fault> {
    let title = role.title.trim();
    if title.is_empty() || title.chars().count() > TITLE || title.chars().any(char::is_control) {
        return Err(Fault::Title);
    }
    if role.scopes.is_empty() || role.scopes.len() > SCOPES {
        return Err(Fault::Scopes);
    }
    once(role.scopes.iter().map(ToString::to_string))?;
    if let Some(scope) = role.scopes.iter().find(|scope| scope.is_refined()) {
        return Err(Fault::Refined(scope.to_string()));
    }
    once(role.labels.iter().cloned())?;
    once(role.masks.iter().map(name))?;
    if let Some(label) = role.labels.iter().find(|label| !is_sensitive(label)) {
        return Err(Fault::Label(label.clone()));
    }
    if role.relationship != Relationship::None && role.realm != Realm::Clinic {
        return Err(Fault::Relationship);
    }
    if role.purpose == Purpose::Etreat {
        return Err(Fault::Purpose);
    }
    let (realm, allowed): (&str, &str) = match role.realm {
        Realm::Patient => {
            ("patient", "it has `patient/` scopes, and `user/` scopes over types of the directory")
        }
        Realm::Clinic => ("clinic", "it has `user/` scopes alone"),
        Realm::Administration => (
            "administration",
            "it has `user/` scopes over types of the directory, and `system/` scopes that read AuditEvent, Consent or Provenance",
        ),
        Realm::Machine => return Ok(()),
    };
    match role.scopes.iter().find(|scope| !fits(role.realm, scope)) {
        Some(scope) => Err(Fault::Scope { scope: scope.to_string(), realm, allowed }),
        None => Ok(()),
    }
}

fn is_name(name: &str) -> bool {
    (2..=NAME).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn fits(realm: Realm, scope: &Scope) -> bool {
    let of_directory = scope.resource_type.as_deref().is_some_and(directory::holds);
    match (realm, scope.context) {
        (Realm::Machine, _) | (Realm::Patient, Context::Patient) | (Realm::Clinic, Context::User) => true,
        (Realm::Patient | Realm::Administration, Context::User) => of_directory,
        (Realm::Administration, Context::System) => {
            let watched = scope.resource_type.as_deref().is_some_and(|kind| OVERSIGHT.contains(&kind));
            let writes = [Permission::Create, Permission::Update, Permission::Delete];
            watched && !writes.into_iter().any(|permission| scope.grants(permission))
        }
        (Realm::Patient | Realm::Clinic, Context::System)
        | (Realm::Clinic | Realm::Administration, Context::Patient) => false,
    }
}

fn once(names: impl Iterator<Item = String>) -> Result<(), Fault> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Fault::Twice(name));
        }
        seen.push(name);
    }
    Ok(())
}

/// What a change of a role changes, for the audit log: `+user/Flag.cu -user/Condition.cu relationship Personal`. Without a role
/// before, all of it is new.
///
/// ```
/// use access::role::{built_in, check::changes};
/// let before = built_in("nurse").unwrap();
/// let mut after = before.clone();
/// after.scopes.retain(|scope| scope.to_string() != "user/Flag.cu");
/// assert_eq!(changes(Some(before), &after), "-user/Flag.cu");
/// ```
pub fn changes(before: Option<&Role>, after: &Role) -> String {
    let parts = |role: &Role| {
        let scopes = role.scopes.iter().map(ToString::to_string);
        let labels = role.labels.iter().map(|label| format!("label:{label}"));
        let masks = role.masks.iter().map(|mask| format!("mask:{}", name(mask)));
        scopes.chain(labels).chain(masks).collect::<Vec<_>>()
    };
    let (had, has) = (before.map(parts).unwrap_or_default(), parts(after));
    let mut said: Vec<String> = has.iter().filter(|p| !had.contains(p)).map(|p| format!("+{p}")).collect();
    said.extend(had.iter().filter(|part| !has.contains(part)).map(|part| format!("-{part}")));
    let plain = |role: &Role| {
        [
            format!("realm:{}", name(&role.realm)),
            format!("purpose:{}", name(&role.purpose)),
            format!("relationship:{}", name(&role.relationship)),
        ]
    };
    let before_plain = before.map(plain).unwrap_or_default();
    said.extend(plain(after).into_iter().filter(|part| !before_plain.contains(part)));
    if before.map(|before| &before.title) != Some(&after.title) {
        said.push("title".to_owned());
    }
    said.join(" ")
}

fn name(value: &impl Debug) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mask::Mask, role::all_built_in};

    fn role(name: &str, like: &str) -> Role {
        Role { name: name.into(), ..built_in(like).unwrap().clone() }
    }

    #[test]
    fn every_built_in_role_keeps_the_rules_and_can_be_copied_under_another_name() {
        for role in all_built_in() {
            assert_eq!(check(role), Err(Fault::Taken(role.name.clone())));
            assert_eq!(check(&Role { name: "own".into(), ..role.clone() }), Ok(()), "{}", role.name);
        }
    }

    #[test]
    fn e3_no_role_opens_what_its_realm_is_not_there_for() {
        for (like, scope) in [
            ("administrator", "user/Patient.rs"),
            ("administrator", "user/*.r"),
            ("administrator", "system/*.rs"),
            ("administrator", "system/Patient.rs"),
            ("administrator", "system/Consent.u"),
            ("administrator", "system/Organization.rs"),
            ("administrator", "patient/*.rs"),
            ("physician", "system/*.rs"),
            ("physician", "patient/*.rs"),
            ("patient", "user/Observation.rs"),
            ("patient", "user/*.rs"),
            ("patient", "system/Slot.rs"),
        ] {
            let mut own = role("own", like);
            own.scopes.push(scope.parse().unwrap());
            assert!(matches!(check(&own), Err(Fault::Scope { .. })), "{like} {scope}");
        }
    }

    #[test]
    fn what_is_no_role_is_refused_with_the_reason() {
        for bad in ["", "a", "Nurse", "9lives", "a b", "a_b", &"a".repeat(41), "क्लर्क"] {
            assert_eq!(check(&role(bad, "nurse")), Err(Fault::Name), "{bad}");
        }
        assert_eq!(check(&role("operator", "nurse")), Err(Fault::Taken("operator".into())));
        let own = || role("own", "nurse");
        assert_eq!(check(&Role { title: " ".into(), ..own() }), Err(Fault::Title));
        assert_eq!(check(&Role { scopes: vec![], ..own() }), Err(Fault::Scopes));
        let label = Role { labels: vec!["XYZ".into()], ..own() };
        assert_eq!(check(&label), Err(Fault::Label("XYZ".into())));
        let twice = Role { masks: vec![Mask::Name, Mask::Name], ..own() };
        assert_eq!(check(&twice), Err(Fault::Twice("Name".into())));
        assert_eq!(check(&Role { purpose: Purpose::Etreat, ..own() }), Err(Fault::Purpose));
        let tied = Role { relationship: Relationship::Organization, ..role("own", "administrator") };
        assert_eq!(check(&tied), Err(Fault::Relationship));
    }

    #[test]
    fn a_change_names_what_came_and_what_went() {
        let before = role("own", "front-desk");
        let mut after = before.clone();
        after.masks = vec![Mask::Identifier];
        after.scopes.push("user/Flag.rs".parse().unwrap());
        after.relationship = Relationship::Personal;
        assert_eq!(
            changes(Some(&before), &after),
            "+user/Flag.rs -mask:Telecom -mask:BirthDate relationship:Personal"
        );
        assert!(changes(None, &before).contains("realm:Clinic"));
        assert_eq!(changes(Some(&before), &before), "");
    }
}
