//! Who reads the house's own log, and how much of it they are told.
//!
//! Whoever may search every `AuditEvent` (a privacy officer) is told everything that a line says. Whoever runs the house must be able to
//! see what is done in it and that nothing of it is lost, and sees no chart: they are told the frame of each line, and no name of anybody
//! who is a patient or acts for one. Of whom a line tells is said to neither: that list is each patient's own.

use crate::{
    act::{Act, Purpose},
    audit::{Entry, Outcome},
    decide::{Refused, Wish, decide},
    grant::Whose,
    role::{Realm, built_in},
    scope::Permission,
};

/// The type that stands for the log, where it is decided who may read it.
pub const LOG: &str = "AuditEvent";

/// Names in the log of those who are no patients, beside those of roles: realms of staff, programs, and who runs the machine.
const OF_THE_HOUSE: [&str; 8] =
    ["clinic", "admin", "system", "app", "operator", "clinician", "reader", "house"];

/// Leave to read the log, minted by [`oversee`] alone: the fields are private and there is no other constructor.
///
/// ```compile_fail
/// let all = access::oversight::Oversight { names_everybody: true };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oversight {
    names_everybody: bool,
}

/// What somebody is told of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in microseconds since the epoch.
    pub at: i64,
    /// The name as it was then; `None` where the reader is not told it.
    pub name: Option<String>,
    /// The role as it was then.
    pub role: String,
    /// The word of the log for what was done.
    pub operation: String,
    /// The type or the query's shape.
    pub shape: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Decides who reads the log.
///
/// # Errors
/// [`Refused`] for everybody who neither watches over it nor runs the house.
pub fn oversee(act: &Act) -> Result<Oversight, Refused> {
    let watches = Wish { permission: Permission::Search, resource_type: Some(LOG) };
    let of_everybody = decide(act, watches).is_ok_and(|grant| {
        let mut parts = grant.parts().iter().filter(|part| part.types.holds(LOG));
        parts.any(|part| part.whose == Whose::Everyone && part.refined.is_none())
    });
    if of_everybody {
        return Ok(Oversight { names_everybody: true });
    }
    if runs_the_house(act) { Ok(Oversight { names_everybody: false }) } else { Err(Refused) }
}

/// Somebody who keeps the house's own organization, for no other purpose, and is tied to no patient.
fn runs_the_house(act: &Act) -> bool {
    let tied = act.actor.patient.is_some()
        || act.actor.standing.as_ref().is_none_or(|s| !s.known_as.is_empty() || s.glass.is_some());
    let keeps = Wish { permission: Permission::Update, resource_type: Some("Organization") };
    act.purpose == Purpose::Sysadmin && !tied && decide(act, keeps).is_ok()
}

impl Oversight {
    /// What its holder is told of a line. `is_of_staff` knows the roles that the house made for itself; of a role that nobody knows any
    /// more, nobody is named.
    pub fn tell(&self, entry: &Entry, is_of_staff: &dyn Fn(&str) -> bool) -> Told {
        let role = entry.role.as_str();
        let known = || match built_in(role) {
            Some(role) => role.realm != Realm::Patient,
            None => OF_THE_HOUSE.contains(&role) || is_of_staff(role),
        };
        Told {
            at: entry.at,
            name: (self.names_everybody || known()).then(|| entry.name.clone()),
            role: role.to_owned(),
            operation: entry.operation.clone(),
            shape: entry.shape.clone(),
            outcome: entry.outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{act::Actor, role};

    fn act(name: &str) -> Act {
        let role = role::built_in(name).unwrap();
        let of = |kind: &str, id: &str| vec![(kind.to_owned(), id.to_owned())];
        let standing = role.standing(&of("Practitioner", "b"), &of("Organization", "o"));
        let actor = Actor {
            id: "a".into(),
            name: "Asha Rao".into(),
            role: name.into(),
            scopes: role.scopes.clone(),
            patient: (role.realm == Realm::Patient).then(|| "p".to_owned()),
            standing: Some(standing),
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        Act { actor, purpose: role.purpose, request: "r".into(), at, looks: true }
    }

    fn nobody_knows(_: &str) -> bool {
        false
    }

    /// E3, F1: of the people of a house, who watches over it and who runs it read its log, and nobody else does.
    #[test]
    fn a_privacy_officer_reads_the_log_an_administrator_its_frame_and_nobody_else_anything() {
        for role in role::all_built_in() {
            let sight = oversee(&act(&role.name));
            match role.name.as_str() {
                "privacy-officer" | "system-client" => assert!(sight.unwrap().names_everybody),
                "administrator" => assert!(!sight.unwrap().names_everybody),
                name => assert_eq!(sight, Err(Refused), "{name}"),
            }
        }
    }

    #[test]
    fn a_role_that_the_house_made_like_another_reads_no_more_of_the_log_than_that() {
        let mut doctor = act("physician");
        doctor.actor.scopes.push("user/AuditEvent.rs".parse().unwrap());
        doctor.actor.scopes.push("user/Organization.u".parse().unwrap());
        assert_eq!(oversee(&doctor), Err(Refused));
        doctor.purpose = Purpose::Sysadmin;
        assert_eq!(oversee(&doctor), Err(Refused), "whoever is known to a record does not run the house");
        let mut patient = act("patient");
        patient.actor.scopes.push("patient/AuditEvent.rs".parse().unwrap());
        assert_eq!(oversee(&patient), Err(Refused));
        let mut regulator = act("regulator");
        regulator.purpose = Purpose::Sysadmin;
        assert_eq!(oversee(&regulator), Err(Refused), "who reads the directory does not run the house");
        let mut refined = act("privacy-officer");
        refined.actor.scopes = vec!["system/AuditEvent.rs?action=E".parse().unwrap()];
        assert_eq!(oversee(&refined), Err(Refused));
    }

    #[test]
    fn an_administrator_is_told_the_names_of_staff_and_of_nobody_who_is_a_patient() {
        let frame = oversee(&act("administrator")).unwrap();
        let whole = oversee(&act("privacy-officer")).unwrap();
        let entry = |role: &str| {
            let mut act = act("nurse");
            act.actor.role = role.to_owned();
            Entry::new(&act, "chart", "Patient", Outcome::Done)
        };
        for role in ["nurse", "physician", "clinic", "admin", "administrator", "operator", "system", "app"] {
            assert_eq!(frame.tell(&entry(role), &nobody_knows).name.as_deref(), Some("Asha Rao"), "{role}");
        }
        for role in ["patient", "proxy", "emergency-card", "health-link", "unknown", "", "old-role"] {
            assert_eq!(frame.tell(&entry(role), &nobody_knows).name, None, "{role}");
            assert_eq!(whole.tell(&entry(role), &nobody_knows).name.as_deref(), Some("Asha Rao"), "{role}");
        }
        let made_here = |role: &str| role == "night-nurse";
        assert!(frame.tell(&entry("night-nurse"), &made_here).name.is_some());
    }
}
