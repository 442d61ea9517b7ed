//! Whose resource it is: <https://hl7.org/fhir/R4/compartmentdefinition.html>.

use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use crate::definitions::definitions;

use super::Error;
use super::params::{SearchParam, param};
use super::value::{IndexValue, Target};

/// A patient whose compartment a resource is in.
#[derive(Clone, Copy, Debug)]
pub struct PatientLink<'a> {
    /// The patient's id.
    pub id: &'a str,
    /// The parameter that says so; `None` for the Patient resource itself.
    pub param: Option<&'static SearchParam>,
}

type Slot = OnceLock<Vec<&'static SearchParam>>;

static PATIENT: LazyLock<Vec<Slot>> =
    LazyLock::new(|| definitions().model.types().iter().map(|_| Slot::new()).collect());

/// The reference parameters that put a resource of type `member` into the compartment of an `owner`
/// (`Patient`, `Encounter`, `Practitioner`, `RelatedPerson`, `Device`). Empty where it cannot be in it.
///
/// An owner is in its own compartment without being listed here.
pub fn params(owner: &str, member: &str) -> Vec<&'static SearchParam> {
    let definitions = definitions();
    let ids = definitions.model.find(owner).zip(definitions.model.find(member));
    let codes = ids.and_then(|(owner, member)| definitions.compartment(owner)?.params(member));
    codes.unwrap_or_default().iter().filter_map(|code| param(member, code)).collect()
}

/// [`params`] of the Patient compartment, those first that say whom the resource is *about*: `patient`, `subject`.
pub fn patient_params(member: &str) -> &'static [&'static SearchParam] {
    let slot = definitions().model.find(member).and_then(|id| PATIENT.get(usize::from(id.0)));
    let Some(slot) = slot else { return &[] };
    slot.get_or_init(|| {
        let mut found = params("Patient", member);
        found.sort_by_key(|param| match param.code {
            "patient" => 0,
            "subject" => 1,
            _ => 2,
        });
        found
    })
}

/// The patients in whose compartments `resource` is, each once, in the order of [`patient_params`]. Only patients
/// of this server (`Patient/a`) count.
///
/// # Errors
/// As [`super::extract`].
pub fn patients(resource: &Value) -> Result<Vec<PatientLink<'_>>, Error> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let type_name = text("resourceType").unwrap_or_default();
    let mut found: Vec<PatientLink<'_>> = Vec::new();
    if type_name == "Patient" {
        found.extend(text("id").map(|id| PatientLink { id, param: None }));
    }
    for param in patient_params(type_name) {
        param.values(resource, &mut |value| {
            if let IndexValue::Reference(Target::Local { type_name: "Patient", id }) = value
                && !found.iter().any(|known| known.id == id)
            {
                found.push(PatientLink { id, param: Some(param) });
            }
        })?;
    }
    Ok(found)
}
