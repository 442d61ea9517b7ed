//! Who acts at the command line, and what a token stands for.

use access::{
    act::{Act, Actor, Purpose},
    scope::Scope,
};
use anyhow::Context;

/// The roles that tokens are made for until there are accounts, each with its scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Runs the installation: everything.
    Operator,
    /// Treats patients: everything but deleting.
    Clinician,
    /// Looks, and changes nothing.
    Reader,
    /// Sees one patient's record: give --patient.
    Patient,
}

impl Role {
    /// Its name as it stands in audit entries.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Clinician => "clinician",
            Role::Reader => "reader",
            Role::Patient => "patient",
        }
    }

    /// What it allows unless told otherwise, as SMART v2 scopes.
    pub(crate) fn scopes(self) -> &'static str {
        match self {
            Role::Operator => "system/*.cruds",
            Role::Clinician => "system/*.crus",
            Role::Reader => "system/*.rs",
            Role::Patient => "patient/*.rs",
        }
    }
}

/// An actor in a role, with the role's scopes or others.
///
/// # Errors
/// Where a scope is none, or a patient scope has no patient.
pub(crate) fn actor(
    role: Role,
    name: &str,
    scopes: Option<&str>,
    patient: Option<&str>,
) -> anyhow::Result<Actor> {
    let scopes = scopes.unwrap_or(role.scopes());
    let parsed: Result<Vec<Scope>, _> =
        scopes.split([' ', ',']).filter(|s| !s.is_empty()).map(str::parse).collect();
    let parsed = parsed.with_context(|| format!("the scopes `{scopes}` are not understood"))?;
    anyhow::ensure!(!parsed.is_empty(), "a token without scopes opens nothing: name some with --scopes");
    let needs_patient = parsed.iter().any(|scope| scope.context == access::scope::Context::Patient);
    anyhow::ensure!(
        !needs_patient || patient.is_some(),
        "patient scopes speak of one patient: name the Patient's id with --patient"
    );
    Ok(Actor {
        id: fresh_id(),
        name: name.to_owned(),
        role: role.name().to_owned(),
        scopes: parsed,
        patient: patient.map(str::to_owned),
    })
}

/// The person at the command line, who has the root key anyway.
///
/// # Errors
/// Never in practice: the operator's scopes are well formed.
pub(crate) fn local_act() -> anyhow::Result<Act> {
    let actor = Actor {
        id: "command-line".into(),
        ..actor(Role::Operator, "Operator at the command line", None, None)?
    };
    Ok(Act { actor, purpose: Purpose::Sysadmin, request: fresh_id(), at: crate::clock::now() })
}

/// A new random id: a version 4 UUID.
pub(crate) fn fresh_id() -> String {
    let Ok(mut bytes) = vault::random::bytes::<16>() else {
        crate::say::note!("keepwell: the operating system gives no randomness; stopping before ids repeat");
        std::process::abort();
    };
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_scopes_that_are_some() {
        for role in [Role::Operator, Role::Clinician, Role::Reader] {
            assert!(!actor(role, "A", None, None).unwrap().scopes.is_empty());
        }
    }

    #[test]
    fn a_patients_token_names_the_patient() {
        assert!(actor(Role::Patient, "A", None, None).unwrap_err().to_string().contains("--patient"));
        assert_eq!(actor(Role::Patient, "A", None, Some("p1")).unwrap().patient.as_deref(), Some("p1"));
        assert!(actor(Role::Reader, "A", Some("patient/*.rs"), None).is_err());
    }

    #[test]
    fn a_scope_that_is_none_is_refused() {
        assert!(actor(Role::Reader, "A", Some("everything"), None).is_err());
        assert!(actor(Role::Reader, "A", Some(" "), None).is_err());
    }

    #[test]
    fn ids_are_uuids_and_differ() {
        let (one, two) = (fresh_id(), fresh_id());
        assert_ne!(one, two);
        assert_eq!((one.len(), one.as_bytes()[14], one.matches('-').count()), (36, b'4', 4));
    }
}
