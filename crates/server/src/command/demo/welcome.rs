//! What the demo prints: where to go, with what, and what to type first.

use super::Marker;
use serde_json::Value;
use std::path::Path;

/// The text, with commands ready to paste.
pub(super) fn text(base: &str, help: &str, token: &str, marker: &Marker, data: &Path) -> String {
    let bundle = people::patient(&marker.plan(), 0);
    let patient = bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    let patient =
        patient.clone().find(|resource| resource["resourceType"] == "Patient").unwrap_or(&Value::Null);
    let id = patient["id"].as_str().unwrap_or_default();
    let name = name(patient);
    format!(
        "
Keepwell demo: {patients} synthetic patients, none of them real. Data folder: {data}

  Open      {front}   and walk through it as a patient, a physician, a nurse …
  Address   {base}
  Token     {token}
  Help      {help}

Paste these into another terminal:

  export T='Authorization: Bearer {token}'
  curl -H \"$T\" '{base}/Patient?_count=5'
  curl -H \"$T\" '{base}/Patient?name={name}'
  curl -H \"$T\" '{base}/Patient/{id}'
  curl -H \"$T\" '{base}/Observation?patient={id}&_sort=-date&_count=5'
  curl -H \"$T\" '{base}/Condition?patient={id}&_include=Condition:encounter'
  curl -H \"$T\" '{base}/Patient/{id}/_history'

The token is good for {days} days; each start makes a fresh one. Ctrl-C stops; the next start finds everything again.
",
        front = help.trim_end_matches("help"),
        patients = marker.patients,
        data = data.display(),
        days = super::TOKEN_DAYS,
    )
}

/// A name to search by: the family name, or the only one; in letters that need no escaping, else the nearest that has none.
fn name(patient: &Value) -> String {
    let names = patient["name"].as_array().into_iter().flatten();
    let texts = names.flat_map(|name| [&name["family"], &name["given"][0], &name["text"]]);
    let plain = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    texts.filter_map(Value::as_str).find(plain).unwrap_or("a").to_owned()
}
