//! Who acts at the command line, and what a token stands for.

use access::{
    act::{Act, Actor, Purpose},
    role::{self, Relationship},
    scope::{Context, Scope},
};
use anyhow::Context as _;

/// Roles of those who run the house, beside the [built-in ones](access::role): each with its scopes.
const HOUSE: [(&str, &str); 3] =
    [("operator", "system/*.cruds"), ("clinician", "system/*.crus"), ("reader", "system/*.rs")];

/// Runs the installation: everything.
pub(crate) const OPERATOR: &str = "operator";

/// Whom a token shall stand for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// The role's name.
    pub(crate) role: &'a str,
    /// The name in audit entries.
    pub(crate) name: &'a str,
    /// Other scopes than the role's.
    pub(crate) scopes: Option<&'a str>,
    /// The one patient of `patient/` scopes.
    pub(crate) patient: Option<&'a str>,
    /// As whom records know the holder: `Practitioner/b`, `Organization/o`.
    pub(crate) known_as: &'a [String],
}

/// Whether a role is one of those who run the house, beside the built-in ones.
pub(crate) fn runs_the_house(name: &str) -> bool {
    HOUSE.iter().any(|(house, _)| *house == name)
}

/// The names of all roles.
pub(crate) fn roles() -> Vec<&'static str> {
    let built_in = role::all_built_in().iter().map(|role| role.name.as_str());
    HOUSE.iter().map(|(name, _)| *name).chain(built_in).collect()
}

/// An actor in a role, with the role's scopes or others.
///
/// # Errors
/// Where there is no such role, or what it needs is missing or not understood.
pub(crate) fn actor(wanted: &Wanted<'_>) -> anyhow::Result<Actor> {
    let house = HOUSE.iter().find(|(name, _)| *name == wanted.role).map(|(_, scopes)| *scopes);
    let built_in = role::built_in(wanted.role);
    anyhow::ensure!(
        house.is_some() || built_in.is_some(),
        "there is no role `{}`; the roles are {}",
        wanted.role,
        roles().join(", ")
    );
    let scopes = match (wanted.scopes.or(house), built_in) {
        (Some(scopes), _) => parsed(scopes)?,
        (None, role) => role.map(|role| role.scopes.clone()).unwrap_or_default(),
    };
    let needs_patient = scopes.iter().any(|scope| scope.context == Context::Patient);
    anyhow::ensure!(
        !needs_patient || wanted.patient.is_some(),
        "patient scopes speak of one patient: name the Patient's id with --patient"
    );
    let standing = built_in.map(|role| -> anyhow::Result<_> {
        let (people, organizations) = known_as(wanted.known_as)?;
        let needs_somebody = role.relationship != Relationship::None;
        anyhow::ensure!(
            !needs_somebody || !wanted.known_as.is_empty(),
            "records know a {} by who they are: name that with --as, such as --as Practitioner/ID --as Organization/ID",
            role.name
        );
        Ok(role.standing(&people, &organizations))
    });
    Ok(Actor {
        id: fresh_id(),
        name: wanted.name.to_owned(),
        role: wanted.role.to_owned(),
        scopes,
        patient: wanted.patient.map(str::to_owned),
        standing: standing.transpose()?,
    })
}

fn parsed(scopes: &str) -> anyhow::Result<Vec<Scope>> {
    let parsed: Result<Vec<Scope>, _> =
        scopes.split([' ', ',']).filter(|s| !s.is_empty()).map(str::parse).collect();
    let parsed = parsed.with_context(|| format!("the scopes `{scopes}` are not understood"))?;
    let kept = parsed.iter().find(|scope| !record::refine::can_be_kept(&[], scope));
    if let Some(scope) = kept {
        anyhow::bail!(
            "the refinement of `{scope}` cannot be kept to: use parameters of codes, references or URIs, without modifiers"
        );
    }
    anyhow::ensure!(!parsed.is_empty(), "a token without scopes opens nothing: name some with --scopes");
    Ok(parsed)
}

type Names = Vec<(String, String)>;

/// Type and id of each reference.
///
/// # Errors
/// Where one is none.
pub(crate) fn references(named: &[String]) -> anyhow::Result<Names> {
    let mut all = Vec::with_capacity(named.len());
    for name in named {
        let local = fhir::reference::local(name)
            .with_context(|| format!("`{name}` is no reference; write it like Practitioner/ID"))?;
        all.push((local.type_name.to_owned(), local.id.to_owned()));
    }
    Ok(all)
}

/// People, and organizations.
fn known_as(named: &[String]) -> anyhow::Result<(Names, Names)> {
    Ok(references(named)?.into_iter().partition(|(kind, _)| kind != "Organization"))
}

/// The person at the command line, who has the root key anyway.
///
/// # Errors
/// Never in practice: the operator's scopes are well formed.
pub(crate) fn local_act() -> anyhow::Result<Act> {
    let actor = Actor {
        id: "command-line".into(),
        ..actor(&Wanted { role: OPERATOR, name: "Operator at the command line", ..Wanted::default() })?
    };
    Ok(Act { actor, purpose: Purpose::Sysadmin, request: fresh_id(), at: crate::clock::now(), looks: false })
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

    fn named<'a>(role: &'a str) -> Wanted<'a> {
        Wanted { role, name: "A", ..Wanted::default() }
    }

    #[test]
    fn every_role_makes_an_actor_once_it_is_told_who_they_are() {
        let known_as = ["Practitioner/b".to_owned(), "Organization/o".to_owned()];
        for role in roles() {
            let wanted = Wanted { patient: Some("p"), known_as: &known_as, ..named(role) };
            assert!(!actor(&wanted).unwrap().scopes.is_empty(), "{role}");
        }
        assert!(actor(&named("physician")).unwrap_err().to_string().contains("--as"));
        assert!(actor(&named("king")).unwrap_err().to_string().contains("physician"));
        let odd = ["Dr Who".to_owned()];
        assert!(actor(&Wanted { known_as: &odd, ..named("nurse") }).is_err());
    }

    #[test]
    fn a_patients_token_names_the_patient() {
        assert!(actor(&named("patient")).unwrap_err().to_string().contains("--patient"));
        let wanted = Wanted { patient: Some("p1"), ..named("patient") };
        assert_eq!(actor(&wanted).unwrap().patient.as_deref(), Some("p1"));
        assert!(actor(&Wanted { scopes: Some("patient/*.rs"), ..named("reader") }).is_err());
    }

    #[test]
    fn a_scope_that_is_none_is_refused() {
        assert!(actor(&Wanted { scopes: Some("everything"), ..named("reader") }).is_err());
        for (scope, taken) in [("category=laboratory", true), ("date=2020", false), ("nothing=x", false)] {
            let scope = format!("system/Observation.rs?{scope}");
            assert_eq!(actor(&Wanted { scopes: Some(&scope), ..named("reader") }).is_ok(), taken, "{scope}");
        }
        assert!(actor(&Wanted { scopes: Some(" "), ..named("reader") }).is_err());
    }
}
