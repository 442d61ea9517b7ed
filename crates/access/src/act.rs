//! Who is acting, why, and within which request.

use crate::{mask::Mask, scope::Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody or something that acts, as it was known at sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Our own random id of the actor. It may stand in logs.
    pub id: String,
    /// The name shown in "who looked at my record". It may not stand in logs.
    pub name: String,
    /// The role's name as it was when the actor signed in.
    pub role: String,
    /// What the role allows, as SMART v2 scopes.
    pub scopes: Vec<Scope>,
    /// The one patient that `patient/` scopes are about.
    pub patient: Option<String>,
    /// How patients' records know the actor: what `user/` scopes reach. Without it they reach what `patient/` scopes do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// How patients' records know somebody who is no patient, or a patient beyond their own record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Type and id of each resource that stands for the actor: Practitioner, PractitionerRole, Organization … Care relationships
    /// with any of them, and consents to any of them, are the actor's.
    #[serde(default)]
    pub known_as: Vec<(String, String)>,
    /// Whether a care relationship opens a record. Research goes by consent alone.
    #[serde(default)]
    pub by_tie: bool,
    /// Sensitive labels that the role sees without being granted each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What the role sees masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<Mask>,
    /// Whether the role may have a mask lifted, look by look.
    #[serde(default)]
    pub reveals: bool,
    /// The patient whose glass was broken for this actor, while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glass: Option<Glass>,
    /// Sensitive labels that `patient/` scopes do not reach: what a proxy does not see of the patient for whom they act.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<String>,
}

impl Standing {
    /// Whether records know the actor as somebody who cares for others.
    pub fn is_of_staff(&self) -> bool {
        !self.known_as.is_empty()
    }
}

/// An emergency: one patient, for hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// The patient's id.
    pub patient: String,
    /// Until when.
    pub until: Timestamp,
}

/// Why the actor looks: the HL7 v3 `PurposeOfUse` codes that Keepwell knows.
///
/// Source: <https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purpose {
    /// Treatment.
    Treat,
    /// Emergency treatment.
    Etreat,
    /// The patient's own request.
    Patrqt,
    /// Running the system, not the care.
    Sysadmin,
    /// Running the house: booking, billing, quality.
    Hoperat,
    /// Research.
    Hresch,
}

impl Purpose {
    /// The code, as consents name it.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Treat => "TREAT",
            Purpose::Etreat => "ETREAT",
            Purpose::Patrqt => "PATRQT",
            Purpose::Sysadmin => "SYSADMIN",
            Purpose::Hoperat => "HOPERAT",
            Purpose::Hresch => "HRESCH",
        }
    }
}

/// One actor doing one thing at one moment. Everything below the doors takes it; nothing is read or written without it.
#[derive(Clone, Debug)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub purpose: Purpose,
    /// The correlation id of the request; it stands in logs, in the audit entry and in what the user sees.
    pub request: String,
    /// When.
    pub at: Timestamp,
    /// Whether a page of this house shows what is read and hands none of it out. Whatever else asks (an app, an export, a download) takes
    /// along what it reads, and what was permitted to be looked at alone is not open to it.
    pub looks: bool,
}
