//! [capabilities](https://hl7.org/fhir/R4/http.html#capabilities): what this server can do, made from what it does it with.

use crate::{
    Api, answer,
    negotiate::Wants,
    routes::{Interaction, TABLE},
};
use axum::{extract::State, http::StatusCode, response::Response};
use fhir::json;
use jiff::Timestamp;
use login::oauth::Settings as Apps;
use record::capability::ResourceType;
use serde_json::{Value, json};
use std::sync::Arc;
use web::failure::Failure;

/// `GET metadata`, for anyone.
pub(crate) async fn capabilities(State(api): State<Arc<Api>>, wants: Wants) -> Result<Response, Failure> {
    let statement = if wants.pretty { &api.pretty_capability } else { &api.capability };
    Ok(answer::rendered(StatusCode::OK, statement.clone()))
}

/// The [CapabilityStatement](https://hl7.org/fhir/R4/capabilitystatement.html) of the server at `base`.
pub(crate) fn render(base: &str, opened: Timestamp, types: &[ResourceType], apps: Option<&Apps>) -> Vec<u8> {
    let interactions = codes(TABLE.iter().filter_map(|(interaction, _)| interaction.of_type()));
    let of_system = codes(TABLE.iter().flat_map(|(interaction, _)| interaction.of_system().iter().copied()));
    let resources: Vec<Value> = types.iter().map(|t| resource(t, &interactions)).collect();
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": opened.to_string(),
        "kind": "instance",
        "software": {"name": "Keepwell", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "Keepwell, a self-hosted health record platform", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "security": security(apps),
            "resource": resources,
            "interaction": of_system,
        }],
    });
    json::render(&statement)
}

/// How to get in: <https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#declaring-support-for-oauth2-endpoints>
fn security(apps: Option<&Apps>) -> Value {
    let mut security = json!({
        "description": "Every request but this one needs a bearer token, whose SMART v2 scopes say what it may do. \
                        Every access is written to a tamper-evident log before it is answered.",
    });
    let Some(apps) = apps else { return security };
    let discovery = apps.discovery();
    let at = |name: &str, field: &str| json!({"url": name, "valueUri": discovery[field]});
    let coding = json!({
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
        "display": "SMART-on-FHIR",
    });
    security["cors"] = json!(true);
    security["service"] = json!([{"coding": [coding], "text": "OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)"}]);
    security["extension"] = json!([{
        "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
        "extension": [
            at("authorize", "authorization_endpoint"),
            at("token", "token_endpoint"),
            at("register", "registration_endpoint"),
            at("introspect", "introspection_endpoint"),
            at("revoke", "revocation_endpoint"),
            at("manage", "management_endpoint"),
        ],
    }]);
    security
}

fn codes(all: impl Iterator<Item = &'static str>) -> Vec<Value> {
    all.map(|code| json!({"code": code})).collect()
}

fn resource(of: &ResourceType, interactions: &[Value]) -> Value {
    let serves = |interaction| TABLE.iter().any(|(i, _)| *i == interaction);
    let parameters: Vec<Value> =
        of.parameters.iter().map(|p| json!({"name": p.code, "definition": p.url, "type": p.kind})).collect();
    let mut resource = json!({
        "type": of.name,
        "profile": format!("http://hl7.org/fhir/StructureDefinition/{}", of.name),
        "interaction": interactions,
        "versioning": "versioned",
        "readHistory": true,
        "updateCreate": true,
        "conditionalCreate": true,
        "conditionalRead": "full-support",
        "conditionalUpdate": serves(Interaction::ConditionalUpdate),
        "conditionalDelete": if serves(Interaction::ConditionalDelete) { "single" } else { "not-supported" },
    });
    let list = |resource: &mut Value, name: &str, list: Vec<Value>| {
        // FHIR knows no empty list.
        if !list.is_empty() {
            resource[name] = Value::Array(list);
        }
    };
    list(
        &mut resource,
        "searchInclude",
        of.includes.iter().map(|code| json!(format!("{}:{code}", of.name))).collect(),
    );
    list(&mut resource, "searchParam", parameters);
    let operations = TABLE.iter().filter_map(|(interaction, _)| interaction.operation_of(of.name));
    let operation = |name| json!({"name": name, "definition": format!("urn:keepwell:operation:{name}"), "documentation": "see /help/api"});
    list(&mut resource, "operation", operations.map(operation).collect());
    resource
}
