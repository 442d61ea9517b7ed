//! Who is acting, why, and within which request.

use crate::scope::Scope;
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
}
