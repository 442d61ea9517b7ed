//! The people who work in the houses: Practitioner and PractitionerRole.

use super::{Kept, World};
use crate::bundle::Bundle;
use crate::code::{Code, code, snomed};
use crate::dice::{Dice, label};
use crate::names::{american, indian};
use crate::place::{DISTRICT, HOSPITALS, SAGUARO, telecom};
use crate::value::object;
use crate::value::{concept, hl7, identifier, named, to};
use serde_json::Value;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    General,
    Paediatrics,
    Obstetrics,
    Cardiology,
    Endocrinology,
    Pulmonology,
    Nephrology,
    Surgery,
    Orthopaedics,
    Psychiatry,
    Radiology,
    Pathology,
    Emergency,
    Nurse,
    WardNurse,
    Midwife,
    FrontDesk,
    Pharmacist,
    LabTechnician,
}

impl Job {
    /// The jobs of a large hospital.
    pub(crate) const ALL: [Job; 19] = [
        Job::General,
        Job::Paediatrics,
        Job::Obstetrics,
        Job::Cardiology,
        Job::Endocrinology,
        Job::Pulmonology,
        Job::Nephrology,
        Job::Surgery,
        Job::Orthopaedics,
        Job::Psychiatry,
        Job::Radiology,
        Job::Pathology,
        Job::Emergency,
        Job::Nurse,
        Job::WardNurse,
        Job::Midwife,
        Job::FrontDesk,
        Job::Pharmacist,
        Job::LabTechnician,
    ];

    /// The jobs of a district hospital, which refers the rest.
    pub(crate) const DISTRICT: [Job; 13] = [
        Job::General,
        Job::Paediatrics,
        Job::Obstetrics,
        Job::Surgery,
        Job::Orthopaedics,
        Job::Radiology,
        Job::Emergency,
        Job::Nurse,
        Job::WardNurse,
        Job::Midwife,
        Job::FrontDesk,
        Job::Pharmacist,
        Job::LabTechnician,
    ];

    /// The specialty, for physicians.
    pub(crate) fn specialty(self) -> Option<&'static Code> {
        Some(match self {
            Job::General => &INTERNAL_MEDICINE,
            Job::Paediatrics => &PAEDIATRICS,
            Job::Obstetrics => &OBSTETRICS,
            Job::Cardiology => &CARDIOLOGY,
            Job::Endocrinology => &ENDOCRINOLOGY,
            Job::Pulmonology => &PULMONARY,
            Job::Nephrology => &NEPHROLOGY,
            Job::Surgery => &SURGERY,
            Job::Orthopaedics => &ORTHOPAEDICS,
            Job::Psychiatry => &PSYCHIATRY,
            Job::Radiology => &RADIOLOGY,
            Job::Pathology => &PATHOLOGY,
            Job::Emergency => &EMERGENCY,
            _ => return None,
        })
    }

    fn role(self) -> Value {
        match self {
            Job::Nurse | Job::WardNurse => hl7("practitioner-role", "nurse", "Nurse"),
            Job::Pharmacist => hl7("practitioner-role", "pharmacist", "Pharmacist"),
            Job::Midwife => concept(&MIDWIFE),
            Job::FrontDesk => concept(&FRONT_DESK),
            Job::LabTechnician => concept(&LAB_TECHNICIAN),
            _ => hl7("practitioner-role", "doctor", "Doctor"),
        }
    }

    fn qualification(self) -> (&'static str, &'static str) {
        match self {
            Job::Nurse | Job::WardNurse => ("RN", "Registered Nurse"),
            Job::Midwife => ("CNM", "Certified Nurse Midwife"),
            Job::Pharmacist => ("RPH", "Registered Pharmacist"),
            Job::LabTechnician => ("MT", "Medical Technician"),
            Job::FrontDesk => ("CER", "Certificate"),
            _ => ("MD", "Doctor of Medicine"),
        }
    }
}

const INTERNAL_MEDICINE: Code = snomed("419192003", "Internal medicine");
const PAEDIATRICS: Code = snomed("394537008", "Pediatric specialty");
const OBSTETRICS: Code = snomed("394585009", "Obstetrics and gynecology");
const CARDIOLOGY: Code = snomed("394579002", "Cardiology");
const ENDOCRINOLOGY: Code = snomed("394583002", "Endocrinology");
const PULMONARY: Code = snomed("418112009", "Pulmonary medicine");
const NEPHROLOGY: Code = snomed("394589003", "Nephrology");
const SURGERY: Code = snomed("394609007", "General surgery");
const ORTHOPAEDICS: Code = snomed("394801008", "Trauma and orthopedics");
const PSYCHIATRY: Code = snomed("394587001", "Psychiatry");
const RADIOLOGY: Code = snomed("394914008", "Radiology");
const PATHOLOGY: Code = snomed("394915009", "General pathology");
const EMERGENCY: Code = snomed("773568002", "Emergency medicine");

const DEGREES: &str = "http://terminology.hl7.org/CodeSystem/v2-0360";
const ROLES: &str = "https://keepwell.example/fhir/CodeSystem/staff-role";
const MIDWIFE: Code = code(ROLES, "midwife", "Midwife");
const FRONT_DESK: Code = code(ROLES, "front-desk", "Front desk");
const LAB_TECHNICIAN: Code = code(ROLES, "lab-technician", "Laboratory technician");

/// Somebody at work.
pub(crate) struct Staff {
    pub(crate) house: usize,
    pub(crate) job: Job,
    /// `Dr Lakshmi Reddy`.
    pub(crate) display: String,
    /// `Practitioner/…`.
    pub(crate) practitioner: String,
    number: usize,
    prefix: &'static str,
    family: &'static str,
    given: &'static str,
    female: bool,
}

/// Everybody of hospital `house`, in the order of its jobs.
pub(crate) fn hire(seed: u64, house: usize) -> Vec<Staff> {
    let mut dice = Dice::new(seed, &[label("staff"), house as u64]);
    HOSPITALS[house]
        .jobs
        .iter()
        .enumerate()
        .map(|(at, job)| employ(seed, &mut dice, house, at, *job))
        .collect()
}

fn employ(seed: u64, dice: &mut Dice, house: usize, at: usize, job: Job) -> Staff {
    let cultures = match house {
        SAGUARO => [&american::ENGLISH, &american::SPANISH, &american::ENGLISH],
        DISTRICT => [&indian::TELUGU, &indian::TELUGU, &indian::MUSLIM],
        _ => [&indian::TELUGU, &indian::HINDI, &indian::MUSLIM],
    };
    let names = *dice.pick(&cultures);
    let female = dice.chance(match job {
        Job::Midwife => 100,
        Job::Nurse | Job::WardNurse => 80,
        _ => 50,
    });
    let given = dice.pick(if female { names.women } else { names.men }).latin;
    let family = dice.pick(names.families).latin;
    let prefix = if job.specialty().is_some() { "Dr" } else { "" };
    let number = house * 32 + at;
    Staff {
        house,
        job,
        display: format!("{prefix} {given} {family}").trim().to_owned(),
        practitioner: format!("Practitioner/{}", super::id(seed, Kept::Practitioner, number)),
        number,
        prefix,
        family,
        given,
        female,
    }
}

/// Writes both resources of `person`.
pub(crate) fn write(world: &World, person: &Staff, bundle: &mut Bundle) {
    let hospital = &HOSPITALS[person.house];
    bundle.source(&format!("https://{}.keepwell.example", hospital.slug));
    let number = format!("TEST-{:04}", person.number + 1);
    let (code, qualification) = person.job.qualification();
    let mail = format!("staff{}@{}.example.org", person.number + 1, hospital.slug);
    let mut name = object!({
        "use": "official",
        "text": person.display.as_str(),
        "family": person.family,
        "given": [person.given],
    });
    if !person.prefix.is_empty() {
        crate::value::set(&mut name, "prefix", Some(Value::from([person.prefix])));
    }
    let practitioner = object!({
        "identifier": [identifier("staff", &number)],
        "active": true,
        "name": [name],
        "telecom": [
            telecom(person.house, 90_000 + person.number as i32, "work"),
            object!({"system": "email", "value": mail, "use": "work"}),
        ],
        "gender": if person.female { "female" } else { "male" },
        "qualification": [object!({"code": object!({
            "coding": [object!({"system": DEGREES, "code": code, "display": qualification})],
            "text": qualification,
        })})],
    });
    bundle.put("Practitioner", &world.id(Kept::Practitioner, person.number), practitioner);
    let mut role = object!({
        "identifier": [identifier("staff-role", &number)],
        "active": true,
        "practitioner": named(&person.practitioner, &person.display),
        "organization": named(&world.organization(person.house), hospital.name),
        "code": [person.job.role()],
        "location": [to(&world.location(person.house, 0))],
        "telecom": [object!({"system": "phone", "value": hospital.phone, "use": "work"})],
    });
    crate::value::set(
        &mut role,
        "specialty",
        person.job.specialty().map(|code| Value::from([concept(code)])),
    );
    bundle.put("PractitionerRole", &world.id(Kept::Role, person.number), role);
}
