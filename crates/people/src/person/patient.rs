//! The Patient resource of a [`Person`](super::Person).

use super::{Culture, Person, Shown, Tie, relative};
use crate::dice;
use crate::house::World;
use crate::house::staff::Job;
use crate::names::Script;
use crate::place::{self, HOSPITALS};
use crate::value::object;
use crate::value::{hl7, identifier, named, narrative, set, to};
use serde_json::Value;

/// The minute of the day at which people of this population die.
pub(crate) const LAST_MINUTE: i32 = 21 * 60 + 40;

/// The reference of the patient numbered `n`.
pub(crate) fn reference(seed: u64, n: usize) -> String {
    format!("Patient/{}", dice::id(seed, n as u64, 0))
}

/// The hospital number of a person.
pub(crate) fn record_number(person: &Person) -> Value {
    let slug = HOSPITALS[person.house].slug;
    let mut number = identifier(&format!("mrn/{slug}"), &format!("TEST-{:07}", person.n + 1));
    set(&mut number, "type", Some(hl7("v2-0203", "MR", "Medical record number")));
    set(&mut number, "use", Some(Value::from("usual")));
    number
}

/// Everything of the resource but type, id and meta. `family` is the person's block.
pub(crate) fn body(world: &World, person: &Person, family: &[Person]) -> Value {
    let mut patient = object!({"text": narrative(&[&person.full_name(), "Synthetic test patient"])});
    let it = &mut patient;
    set(it, "extension", extensions(person));
    set(it, "identifier", Some(Value::Array(identifiers(person))));
    set(it, "active", Some(Value::from(person.died.is_none())));
    set(it, "name", Some(Value::Array(names(person))));
    set(it, "telecom", Some(telecom(person)));
    set(it, "gender", Some(Value::from(person.gender.code())));
    birth(it, person);
    let offset = HOSPITALS[person.house].offset;
    set(it, "deceasedDateTime", person.died.map(|day| Value::from(day.at(LAST_MINUTE).text(offset))));
    let mut homes = vec![person.home.address("home")];
    homes.extend(person.second_home.map(|home| home.address("temp")));
    set(it, "address", Some(Value::Array(homes)));
    let age = person.age(world.as_of);
    let spouse = person.kin.iter().find(|(_, tie)| *tie == Tie::Spouse).map(|(at, _)| &family[*at]);
    set(it, "maritalStatus", (age >= 18).then(|| marital(spouse)));
    set(it, "multipleBirthInteger", person.twin.map(Value::from));
    set(it, "contact", contacts(person, family));
    set(it, "communication", Some(communication(person)));
    let doctor = world.staff(person.house, if age < 15 { Job::Paediatrics } else { Job::General });
    set(it, "generalPractitioner", Some(Value::from([named(&doctor.practitioner, &doctor.display)])));
    let house = named(&world.organization(person.house), HOSPITALS[person.house].name);
    set(it, "managingOrganization", Some(house));
    set(it, "link", links(world, person, family));
    patient
}

fn identifiers(person: &Person) -> Vec<Value> {
    let n = person.n + 1;
    let national = if person.culture.is_indian() {
        let value = format!("00-0000-{:04}-{:04}", n / 10_000 % 10_000, n % 10_000);
        let kind = hl7("v2-0203", "NI", "National unique individual identifier");
        object!({"type": kind, "system": "https://healthid.abdm.gov.in", "value": value})
    } else {
        let value = format!("999-{:02}-{:04}", 10 + n / 10_000 % 40, n % 10_000);
        let kind = hl7("v2-0203", "SS", "Social Security number");
        object!({"type": kind, "system": "http://hl7.org/fhir/sid/us-ssn", "value": value})
    };
    vec![record_number(person), national]
}

fn names(person: &Person) -> Vec<Value> {
    let mut given = vec![person.given.latin];
    given.extend(person.middle.map(|middle| middle.latin));
    let mut official = object!({});
    let latin = person.script.map(|_| Value::from([representation("ABC")]));
    set(&mut official, "extension", latin);
    set(&mut official, "use", Some(Value::from("official")));
    set(&mut official, "text", Some(Value::from(person.full_name())));
    set(&mut official, "family", person.family_name().map(Value::from));
    set(&mut official, "given", Some(Value::from(given.clone())));
    let mut all = vec![official];
    all.extend(person.script.map(|script| in_script(person, script)));
    if let Some(maiden) = person.maiden {
        all.push(object!({"use": "maiden", "family": maiden.latin, "given": given}));
    }
    all
}

/// The same name in another script, said to be so by its representation and language.
fn in_script(person: &Person, script: Script) -> Value {
    let mut given = vec![person.given.written(script)];
    given.extend(person.middle.map(|middle| middle.written(script)));
    let spoken = given.join(" ");
    let family = person.family.map(|family| family.written(script));
    let text = match family {
        None => spoken,
        Some(family) if person.culture == Culture::Telugu => format!("{family} {spoken}"),
        Some(family) => format!("{spoken} {family}"),
    };
    let url = "http://hl7.org/fhir/StructureDefinition/language";
    let language = object!({"url": url, "valueCode": script.language()});
    let mut name = object!({"extension": [representation("SYL"), language], "use": "usual", "text": text});
    set(&mut name, "family", family.map(Value::from));
    set(&mut name, "given", Some(Value::from(given)));
    name
}

fn representation(code: &str) -> Value {
    object!({"url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "valueCode": code})
}

fn telecom(person: &Person) -> Value {
    let phone = place::phone(person.house, person.phone);
    let mut all = vec![object!({"system": "phone", "value": phone, "use": "mobile", "rank": 1})];
    if !person.culture.is_indian() || person.n.is_multiple_of(3) {
        let mail = format!("person{}@example.org", person.n + 1);
        all.push(object!({"system": "email", "value": mail, "use": "home"}));
    }
    Value::Array(all)
}

fn birth(patient: &mut Value, person: &Person) {
    let (year, month, _) = person.born.civil();
    let text = match person.shown {
        Shown::Full => person.born.to_string(),
        Shown::Month => format!("{year:04}-{month:02}"),
        Shown::Year => format!("{year:04}"),
        Shown::Nothing => {
            let reason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
            let missing = object!({"extension": [object!({"url": reason, "valueCode": "unknown"})]});
            return set(patient, "_birthDate", Some(missing));
        }
    };
    set(patient, "birthDate", Some(Value::from(text)));
}

fn marital(spouse: Option<&Person>) -> Value {
    match spouse {
        Some(spouse) if spouse.died.is_some() => hl7("v3-MaritalStatus", "W", "Widowed"),
        Some(_) => hl7("v3-MaritalStatus", "M", "Married"),
        None => hl7("v3-MaritalStatus", "U", "unmarried"),
    }
}

/// Up to two grown-ups to call, husband, wife and parents before children.
fn contacts(person: &Person, family: &[Person]) -> Option<Value> {
    let mut all: Vec<(&Person, Tie)> = person
        .kin
        .iter()
        .filter(|(_, tie)| *tie != Tie::Parent)
        .map(|(at, tie)| (&family[*at], *tie))
        .filter(|(other, _)| other.died.is_none() && other.is_grown)
        .collect();
    all.sort_by_key(|(_, tie)| *tie == Tie::Child);
    all.truncate(2);
    let shown: Vec<Value> = all.into_iter().map(|(other, tie)| contact(other, tie)).collect();
    (!shown.is_empty()).then_some(Value::Array(shown))
}

fn contact(other: &Person, tie: Tie) -> Value {
    let mut name = object!({"text": other.full_name()});
    set(&mut name, "family", other.family_name().map(Value::from));
    set(&mut name, "given", Some(Value::from([other.given.latin])));
    object!({
        "relationship": [
            hl7("v2-0131", "C", "Emergency Contact"),
            relative::relationship(tie, other.female),
        ],
        "name": name,
        "telecom": [place::telecom(other.house, other.phone, "mobile")],
        "gender": other.gender.code(),
    })
}

fn communication(person: &Person) -> Value {
    let spoken = |code: &str, name: &str| {
        let coding = object!({"system": "urn:ietf:bcp:47", "code": code, "display": name});
        object!({"coding": [coding], "text": name})
    };
    let (code, name) = person.culture.language();
    let mut all = vec![object!({"language": spoken(code, name), "preferred": true})];
    if person.culture != Culture::English && person.n.is_multiple_of(2) {
        all.push(object!({"language": spoken("en", "English"), "preferred": false}));
    }
    Value::Array(all)
}

const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition";

fn extensions(person: &Person) -> Option<Value> {
    let mut all = Vec::new();
    if !person.culture.is_indian() {
        let race = match person.culture {
            Culture::Vietnamese => ("2028-9", "Asian"),
            Culture::English if person.n % 5 == 1 => ("2054-5", "Black or African American"),
            _ => ("2106-3", "White"),
        };
        let ethnicity = match person.culture {
            Culture::Spanish => ("2135-2", "Hispanic or Latino"),
            _ => ("2186-5", "Not Hispanic or Latino"),
        };
        all.push(census("us-core-race", race));
        all.push(census("us-core-ethnicity", ethnicity));
        let sex = if person.female { "F" } else { "M" };
        all.push(object!({"url": format!("{US_CORE}/us-core-birthsex"), "valueCode": sex}));
    }
    if let Some(identity) = person.identity {
        let coding = object!({"system": "http://hl7.org/fhir/gender-identity", "code": identity});
        all.push(object!({
            "url": "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity",
            "valueCodeableConcept": object!({"coding": [coding]}),
        }));
    }
    (!all.is_empty()).then_some(Value::Array(all))
}

fn census(name: &str, (code, display): (&str, &str)) -> Value {
    let category = object!({"system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": display});
    object!({
        "extension": [
            object!({"url": "ombCategory", "valueCoding": category}),
            object!({"url": "text", "valueString": display}),
        ],
        "url": format!("{US_CORE}/{name}"),
    })
}

/// Where this person stands in the charts of others who come before.
fn links(world: &World, person: &Person, family: &[Person]) -> Option<Value> {
    let mine = person.n % family.len().max(1);
    let keeps_me = |other: &&Person| {
        other.kin.iter().any(|(at, tie)| *at == mine && relative::is_kept(other, *tie, world.as_of))
    };
    let all: Vec<Value> = person
        .kin
        .iter()
        .map(|(at, _)| &family[*at])
        .filter(|other| other.n < person.n)
        .filter(keeps_me)
        .map(|other| object!({"other": to(&relative::reference(world.seed, other.n, mine)), "type": "seealso"}))
        .collect();
    (!all.is_empty()).then_some(Value::Array(all))
}
