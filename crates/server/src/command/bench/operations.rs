//! Reads and searches over what was loaded, each for some seconds.

use super::{
    Arguments,
    client::Client,
    figures::{Draws, Series, us},
    load::Loaded,
    server::Server,
};
use crate::{clock, say::note};
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::time::Instant;

/// Patients whose names and identifiers the searches use.
const SAMPLE: usize = 200;

/// LOINC codes that Synthea writes for most patients: height, weight, blood pressure, cholesterol.
const CODES: [&str; 4] = ["8302-2", "29463-7", "85354-9", "2093-3"];

/// What the searches are made of.
struct Sample {
    patients: Vec<String>,
    observations: Vec<String>,
    names: Vec<String>,
    identifiers: Vec<String>,
}

/// How the path of a request is made.
type Path = Box<dyn Fn(&Sample, &mut Draws) -> Option<String> + Sync>;

/// Measures all of them: with few clients, and reads also with many.
///
/// # Errors
/// Where one is answered with an error.
pub(super) fn measure(
    server: &Server,
    loaded: &Loaded,
    arguments: &Arguments,
) -> anyhow::Result<Vec<Series>> {
    let sample = sample(server, loaded)?;
    let mut series = Vec::new();
    for (name, path, with_many) in operations() {
        for clients in [Some(arguments.clients), with_many.then_some(arguments.many)].into_iter().flatten() {
            let one = repeat(server, name, clients, arguments.seconds, &|client, draws| {
                let Some(path) = path(&sample, draws) else { return Ok(()) };
                answered_well(name, client.get(&path)?)
            })?;
            note!("  {name}, {clients} clients: {:.0} a second", one.per_second());
            series.push(one);
        }
    }
    series.push(creates(server, &sample, arguments)?);
    Ok(series)
}

fn operations() -> Vec<(&'static str, Path, bool)> {
    fn of(path: impl Fn(&Sample, &mut Draws) -> Option<String> + Sync + 'static) -> Path {
        Box::new(path)
    }
    let patient = |rest: &'static str| {
        of(move |s, d| Some(format!("/fhir/R4/{}", rest.replace("{patient}", d.pick(&s.patients)?))))
    };
    vec![
        (
            "read an Observation",
            of(|s, d| Some(format!("/fhir/R4/Observation/{}", d.pick(&s.observations)?))),
            true,
        ),
        ("read a Patient", patient("Patient/{patient}"), true),
        ("vread a Patient", patient("Patient/{patient}/_history/1"), false),
        ("history of a Patient", patient("Patient/{patient}/_history"), false),
        (
            "Patient by identifier",
            of(|s, d| Some(format!("/fhir/R4/Patient?identifier={}", d.pick(&s.identifiers)?))),
            true,
        ),
        ("Patient by name", of(|s, d| Some(format!("/fhir/R4/Patient?name={}", d.pick(&s.names)?))), false),
        (
            "Observation by patient, code and date",
            of(|s, d| {
                let (patient, code) = (d.pick(&s.patients)?, d.pick(&CODES)?);
                Some(format!(
                    "/fhir/R4/Observation?patient={patient}&code=http://loinc.org|{code}&date=ge2010-01-01"
                ))
            }),
            true,
        ),
        (
            "newest 20 Observations of a patient",
            patient("Observation?patient={patient}&_sort=-date&_count=20"),
            false,
        ),
        (
            "Encounter with _include of the provider",
            patient("Encounter?patient={patient}&_count=20&_include=Encounter:service-provider"),
            false,
        ),
        (
            "Patient with _revinclude of Conditions",
            patient("Patient?_id={patient}&_revinclude=Condition:patient"),
            false,
        ),
        (
            "Conditions by patient's name (chain)",
            of(|s, d| Some(format!("/fhir/R4/Condition?patient.family={}&_count=20", d.pick(&s.names)?))),
            false,
        ),
        ("count of a patient's Observations", patient("Observation?patient={patient}&_summary=count"), false),
        (
            "count of all Observations of a code",
            of(|_, d| {
                Some(format!("/fhir/R4/Observation?code=http://loinc.org|{}&_summary=count", d.pick(&CODES)?))
            }),
            false,
        ),
    ]
}

fn sample(server: &Server, loaded: &Loaded) -> anyhow::Result<Sample> {
    let mut client = server.client()?;
    let patients = loaded.ids("Patient").to_vec();
    let (mut names, mut identifiers) = (Vec::new(), Vec::new());
    let step = (patients.len() / SAMPLE).max(1);
    for id in patients.iter().step_by(step) {
        let (_, body) = client.get(&format!("/fhir/R4/Patient/{id}"))?;
        let patient: Value = serde_json::from_slice(body).context("a Patient is no JSON")?;
        let family = patient["name"][0]["family"].as_str();
        names
            .extend(family.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric())).map(str::to_owned));
        let identifier = &patient["identifier"][0];
        if let (Some(system), Some(value)) = (identifier["system"].as_str(), identifier["value"].as_str()) {
            identifiers.push(format!("{system}|{value}"));
        }
    }
    if patients.is_empty() || names.is_empty() || identifiers.is_empty() {
        bail!("what was loaded has no patients with names and identifiers to search for");
    }
    Ok(Sample { patients, observations: loaded.ids("Observation").to_vec(), names, identifiers })
}

fn creates(server: &Server, sample: &Sample, arguments: &Arguments) -> anyhow::Result<Series> {
    let name = "create an Observation";
    let one = repeat(server, name, arguments.clients, arguments.seconds, &|client, draws| {
        let Some(patient) = draws.pick(&sample.patients) else { return Ok(()) };
        let observation = json!({
            "resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{patient}")},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]},
            "effectiveDateTime": "2024-05-06T07:08:09Z",
            "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
        });
        answered_well(name, client.post("/fhir/R4/Observation", observation.to_string().as_bytes())?)
    })?;
    note!("  {name}, {} clients: {:.0} a second", arguments.clients, one.per_second());
    Ok(one)
}

fn answered_well(name: &str, (status, body): (u16, &[u8])) -> anyhow::Result<()> {
    match status {
        200..=299 => Ok(()),
        _ => {
            bail!("`{name}` was answered {status}: {}", String::from_utf8_lossy(&body[..body.len().min(600)]))
        }
    }
}

fn repeat(
    server: &Server,
    name: &str,
    clients: usize,
    seconds: f64,
    once: &(dyn Fn(&mut Client, &mut Draws) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<Series> {
    let start = Instant::now();
    let one_client = |number: usize| {
        let (mut client, mut draws, mut times) =
            (server.client()?, Draws::new(number as u64 + 1), Vec::new());
        while clock::since(start) < seconds {
            let begun = Instant::now();
            once(&mut client, &mut draws)?;
            times.push(us(begun.elapsed()));
        }
        anyhow::Ok(times)
    };
    let times: anyhow::Result<Vec<Vec<u32>>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..clients).map(|number| scope.spawn(move || one_client(number))).collect();
        all.into_iter().map(|client| client.join().unwrap_or_else(|_| bail!("a client panicked"))).collect()
    });
    Ok(Series::new(name, clients, times?.concat(), clock::since(start)))
}
