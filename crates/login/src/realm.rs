//! The three realms, which never mix: who is a doctor and a patient has two sessions in two cookies.

use access::act::Purpose;
use serde::{Deserialize, Serialize};

/// Through which door somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Realm {
    /// One's own record.
    Patient,
    /// Care.
    Clinic,
    /// Running the system.
    Admin,
}

impl Realm {
    /// All of them.
    pub const ALL: [Realm; 3] = [Realm::Patient, Realm::Clinic, Realm::Admin];

    /// Its name, as it stands in addresses, cookies and audit entries.
    pub fn name(self) -> &'static str {
        match self {
            Realm::Patient => "patient",
            Realm::Clinic => "clinic",
            Realm::Admin => "admin",
        }
    }

    /// The realm of that name.
    pub fn named(name: &str) -> Option<Realm> {
        Realm::ALL.into_iter().find(|realm| realm.name() == name)
    }

    /// Whether nobody comes in without a second factor.
    pub fn always_second_factor(self) -> bool {
        self != Realm::Patient
    }

    /// The realm of the roles that people have here.
    pub fn of_roles(self) -> access::role::Realm {
        match self {
            Realm::Patient => access::role::Realm::Patient,
            Realm::Clinic => access::role::Realm::Clinic,
            Realm::Admin => access::role::Realm::Administration,
        }
    }

    /// Why people come through it, unless they say otherwise.
    pub fn purpose(self) -> Purpose {
        match self {
            Realm::Patient => Purpose::Patrqt,
            Realm::Clinic => Purpose::Treat,
            Realm::Admin => Purpose::Sysadmin,
        }
    }
}
