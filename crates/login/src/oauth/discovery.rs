//! How an app finds out how to ask: <https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html>,
//! <https://www.rfc-editor.org/rfc/rfc8414>

use super::Settings;
use serde_json::{Value, json};

/// What this server does of SMART; only what it does.
const CAPABILITIES: [&str; 12] = [
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-ehr-patient",
    "context-standalone-patient",
    "context-banner",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-v2",
];

/// Type, system and code of the granular scopes of [US Core](https://hl7.org/fhir/us/core/STU7/scopes.html). Any other token, reference
/// or URI parameter refines a scope as well.
const GRANULAR: [(&str, &str, &str); 9] = [
    ("Condition", "http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis"),
    ("Condition", "http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"),
    ("Condition", "http://hl7.org/fhir/us/core/CodeSystem/condition-category", "health-concern"),
    (
        "DocumentReference",
        "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
        "clinical-note",
    ),
    ("Observation", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh"),
    ("Observation", "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
    ("Observation", "http://terminology.hl7.org/CodeSystem/observation-category", "social-history"),
    ("Observation", "http://terminology.hl7.org/CodeSystem/observation-category", "survey"),
    ("Observation", "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs"),
];

fn scopes() -> Vec<String> {
    let plain = ["openid", "fhirUser", "launch", "launch/patient", "offline_access", "online_access"];
    let records = ["patient/*.cruds", "user/*.cruds", "system/*.cruds"];
    plain.into_iter().chain(records).map(str::to_owned).chain(granular()).collect()
}

fn granular() -> impl Iterator<Item = String> {
    ["patient", "user"].into_iter().flat_map(|context| {
        GRANULAR
            .iter()
            .map(move |(kind, system, code)| format!("{context}/{kind}.rs?category={system}|{code}"))
    })
}

impl Settings {
    /// Both documents in one: `smart-configuration` and `openid-configuration` share their fields.
    pub fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}/oauth/{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "jwks_uri": at("jwks"),
            "authorization_endpoint": at("authorize"),
            "token_endpoint": self.token_endpoint(),
            "registration_endpoint": at("register"),
            "introspection_endpoint": at("introspect"),
            "revocation_endpoint": at("revoke"),
            "management_endpoint": format!("{}/patient/apps", self.issuer),
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
            "introspection_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "revocation_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "id_token_signing_alg_values_supported": ["ES384"],
            "subject_types_supported": ["pairwise"],
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "fhirUser"],
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "scopes_supported": scopes(),
            "capabilities": CAPABILITIES,
        })
    }
}
