//! Generated resources: few ids and values, so that they meet, and every form that FHIR allows them.

use serde_json::{Map, Value, json};
use testkit::chance::Chance;

/// Types that are generated, with how many ids each has.
pub(crate) const TYPES: &[(&str, usize)] = &[
    ("Patient", 7),
    ("Practitioner", 3),
    ("Organization", 4),
    ("Group", 2),
    ("Encounter", 8),
    ("Condition", 9),
    ("Observation", 20),
    ("MedicationRequest", 8),
    ("Appointment", 8),
    ("ValueSet", 5),
    ("RiskAssessment", 7),
    ("Invoice", 5),
    ("ChargeItem", 6),
    ("QuestionnaireResponse", 5),
    ("Provenance", 5),
];

/// The same for every type, so that `Patient/a` and `Group/a` can be mistaken for each other.
pub(crate) const IDS: &[&str] = &[
    "a",
    "b",
    "A",
    "b.1",
    "b-1",
    "9",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
    "o",
];

/// The base URL of the test house.
pub(crate) const BASE: &str = "http://localhost/fhir/R4";

pub(crate) const TEXTS: &[&str] = &[
    "Rao",
    "RAO",
    "Ravi Kumar",
    "रवि",
    "రవి",
    "Ravee",
    "Laxmi",
    "లక్ష్మి",
    "Raoul",
    "O'Brien",
    "Müller",
    "Muller",
    "Straße",
    "राम",
    "रामू",
    "రాము",
    "Łukasz",
    "Jean-Pierre",
    "van  der Berg",
    "A,B|C$D\\E",
    "Christopherson-Montgomery the Third",
    "Christopherson-Montgolfier the Third",
    "😀 smile",
    "김",
    "a",
    "%41&b=c+d#e",
    "-",
    "ﬁne",
];
pub(crate) const SYSTEMS: &[&str] = &[
    "http://loinc.org",
    "urn:oid:1.2.3",
    "http://x.example/a,b",
    "http://x.example/a",
    "http://unitsofmeasure.org",
];
pub(crate) const CODES: &[&str] = &[
    "77",
    "78",
    "8867-4",
    "a|b",
    "a,b",
    "a$b",
    "a\\b",
    "A",
    "a",
    "true",
    "é",
    "with space",
    "1+1",
    "x&y",
    "final",
];
pub(crate) const DATES: &[&str] = &[
    "1975",
    "1980-04",
    "1980-04-02",
    "2023",
    "2023-12",
    "2023-12-31",
    "2024-01-01",
    "2024-02-29",
    "0001-01-01",
    "9999-12-31",
];
pub(crate) const TIMES: &[&str] = &[
    "2023-12-31T23:59:59Z",
    "2023-12-31T23:59:59.999Z",
    "2024-01-01T00:00:00+05:30",
    "2024-01-01T00:00:00.000Z",
    "2023-12-31T18:30:00Z",
    "2024-01-01T00:00:00-14:00",
    "2024-02-29T10:00:00.123456Z",
    "2024-02-29T10:00:00.1234567Z",
    "1969-12-31T23:59:59.5Z",
];
pub(crate) const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "5",
    "5.0",
    "5.4",
    "5.40",
    "5.35",
    "5.45",
    "99.5",
    "100",
    "100.5",
    "107.50",
    "-40",
    "0.1",
    "1e2",
    "1.0E+2",
    "0.07",
    "123456789012345678",
    "-5.4",
    "95",
    "105",
    "90",
    "110",
];
pub(crate) const UNITS: &[(Option<&str>, Option<&str>, Option<&str>)] = &[
    (Some("http://unitsofmeasure.org"), Some("mm[Hg]"), Some("mmHg")),
    (Some("http://unitsofmeasure.org"), Some("mg"), None),
    (None, None, Some("mg")),
    (Some("http://unitsofmeasure.org"), None, Some("mg")),
    (Some("http://x.example/a"), Some("mg"), Some("milligram")),
    (None, None, None),
];

/// A resource of that type under that id.
pub(crate) fn resource(chance: &mut Chance, kind: &str, id: &str) -> Value {
    let mut out = Made { chance, map: Map::new() };
    out.map.insert("resourceType".into(), kind.into());
    out.map.insert("id".into(), id.into());
    out.maybe(4, "meta", meta);
    out.maybe(2, "identifier", |c| match kind {
        "QuestionnaireResponse" => identifier(c),
        "Provenance" => Value::Null,
        _ => several(c, identifier),
    });
    match kind {
        "Patient" => patient(&mut out),
        "Practitioner" => practitioner(&mut out),
        "Organization" => organization(&mut out),
        "Group" => group(&mut out),
        "Encounter" => encounter(&mut out),
        "Condition" => condition(&mut out),
        "Observation" => observation(&mut out),
        "MedicationRequest" => medication_request(&mut out),
        "Appointment" => appointment(&mut out),
        "ValueSet" => value_set(&mut out),
        "RiskAssessment" => risk_assessment(&mut out),
        "Invoice" => invoice(&mut out),
        "ChargeItem" => charge_item(&mut out),
        "QuestionnaireResponse" => questionnaire_response(&mut out),
        _ => provenance(&mut out),
    }
    out.map.retain(|_, value| !value.is_null());
    Value::Object(out.map)
}

struct Made<'c> {
    chance: &'c mut Chance,
    map: Map<String, Value>,
}

impl Made<'_> {
    fn put(&mut self, name: &str, make: impl FnOnce(&mut Chance) -> Value) {
        let value = make(self.chance);
        self.map.insert(name.into(), value);
    }

    /// Puts it in, but once in `of` times.
    fn maybe(&mut self, of: usize, name: &str, make: impl FnOnce(&mut Chance) -> Value) {
        if !self.chance.one_in(of) {
            self.put(name, make);
        }
    }

    /// One of several forms of an element, or none.
    fn choice(&mut self, forms: &[(&str, fn(&mut Chance) -> Value)]) {
        let at = self.chance.below(forms.len() + 1);
        if let Some((name, make)) = forms.get(at) {
            self.put(name, make);
        }
    }
}

fn patient(out: &mut Made<'_>) {
    out.maybe(4, "name", |c| several(c, name));
    out.maybe(3, "telecom", |c| several(c, telecom));
    out.maybe(3, "gender", |c| (*c.pick(&["male", "female", "other", "unknown"])).into());
    out.maybe(4, "birthDate", date);
    out.maybe(6, "_birthDate", |_| json!({"extension": [{"url": "urn:x", "valueDecimal": 1}]}));
    out.maybe(2, "active", |c| c.one_in(2).into());
    out.choice(&[("deceasedBoolean", |c| c.one_in(2).into()), ("deceasedDateTime", date_time)]);
    out.maybe(2, "address", |c| several(c, address));
    out.maybe(2, "generalPractitioner", |c| several(c, |c| reference(c, &["Practitioner", "Organization"])));
    out.maybe(2, "managingOrganization", |c| reference(c, &["Organization"]));
    out.maybe(3, "link", |c| json!([{"other": reference(c, &["Patient"]), "type": "seealso"}]));
    out.maybe(3, "communication", |c| json!([{"language": concept(c)}]));
}

fn practitioner(out: &mut Made<'_>) {
    out.maybe(3, "name", |c| several(c, name));
    out.maybe(2, "telecom", |c| several(c, telecom));
    out.maybe(2, "active", |c| c.one_in(2).into());
    out.maybe(2, "gender", |c| (*c.pick(&["male", "female"])).into());
}

fn organization(out: &mut Made<'_>) {
    out.maybe(3, "name", text);
    out.maybe(3, "alias", |c| several(c, text));
    out.maybe(2, "type", |c| several(c, concept));
    out.maybe(2, "partOf", |c| reference(c, &["Organization"]));
    out.maybe(2, "address", |c| several(c, address));
}

fn group(out: &mut Made<'_>) {
    out.put("type", |_| "person".into());
    out.put("actual", |c| c.one_in(2).into());
    out.maybe(2, "code", concept);
    out.maybe(2, "member", |c| json!([{"entity": reference(c, &["Patient", "Practitioner"])}]));
}

fn encounter(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["planned", "finished", "cancelled"])).into());
    out.put("class", coding);
    out.maybe(2, "type", |c| several(c, concept));
    out.maybe(5, "subject", |c| reference(c, &["Patient", "Patient", "Group"]));
    out.maybe(3, "period", period);
    out.maybe(2, "length", quantity);
    out.maybe(
        2,
        "participant",
        |c| json!([{"individual": reference(c, &["Practitioner"]), "type": several(c, concept)}]),
    );
    out.maybe(2, "serviceProvider", |c| reference(c, &["Organization"]));
    out.maybe(2, "partOf", |c| reference(c, &["Encounter"]));
}

fn condition(out: &mut Made<'_>) {
    out.put("subject", |c| reference(c, &["Patient", "Patient", "Group"]));
    out.maybe(2, "clinicalStatus", |c| {
        let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
        json!({"coding": [{"system": system, "code": *c.pick(&["active", "resolved"])}]})
    });
    out.maybe(2, "category", |c| several(c, concept));
    out.maybe(3, "code", concept);
    out.maybe(2, "encounter", |c| reference(c, &["Encounter"]));
    out.maybe(3, "recordedDate", date_time);
    out.choice(&[
        ("onsetDateTime", date_time),
        ("onsetPeriod", period),
        ("onsetAge", quantity),
        ("onsetRange", range),
        ("onsetString", text),
    ]);
    out.maybe(2, "asserter", |c| reference(c, &["Practitioner", "Patient"]));
}

fn observation(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["final", "preliminary", "amended"])).into());
    out.put("code", concept);
    out.maybe(2, "category", |c| several(c, concept));
    out.maybe(6, "subject", |c| reference(c, &["Patient", "Patient", "Patient", "Group"]));
    out.maybe(2, "encounter", |c| reference(c, &["Encounter"]));
    out.maybe(2, "performer", |c| several(c, |c| reference(c, &["Practitioner", "Patient", "Organization"])));
    out.choice(&[
        ("effectiveDateTime", date_time),
        ("effectivePeriod", period),
        ("effectiveInstant", |c| (*c.pick(TIMES)).into()),
        ("effectiveTiming", timing),
    ]);
    out.choice(&[
        ("valueQuantity", quantity),
        ("valueCodeableConcept", concept),
        ("valueString", text),
        ("valueDateTime", date_time),
        ("valuePeriod", period),
    ]);
    out.maybe(2, "component", |c| several(c, |c| json!({"code": concept(c), "valueQuantity": quantity(c)})));
    out.maybe(2, "hasMember", |c| several(c, |c| reference(c, &["Observation", "QuestionnaireResponse"])));
    out.maybe(2, "derivedFrom", |c| several(c, |c| reference(c, &["Observation"])));
}

fn medication_request(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["active", "completed"])).into());
    out.put("intent", |c| (*c.pick(&["order", "plan"])).into());
    let is_concept = out.chance.one_in(2);
    match is_concept {
        true => out.put("medicationCodeableConcept", concept),
        false => out.put("medicationReference", |c| reference(c, &["Medication"])),
    }
    out.put("subject", |c| reference(c, &["Patient", "Patient", "Group"]));
    out.maybe(2, "encounter", |c| reference(c, &["Encounter"]));
    out.maybe(3, "authoredOn", date_time);
    out.maybe(2, "requester", |c| reference(c, &["Practitioner", "Organization", "Patient"]));
}

fn appointment(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["proposed", "booked", "cancelled"])).into());
    out.put("participant", |c| {
        several(c, |c| json!({"actor": reference(c, &["Patient", "Practitioner"]), "status": *c.pick(&["accepted", "declined"])}))
    });
    out.maybe(3, "start", |c| (*c.pick(TIMES)).into());
    out.maybe(2, "serviceType", |c| several(c, concept));
    out.maybe(2, "basedOn", |c| several(c, |c| reference(c, &["ServiceRequest"])));
}

fn value_set(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["draft", "active"])).into());
    out.maybe(4, "url", |c| (*c.pick(URLS)).into());
    out.maybe(2, "version", |c| (*c.pick(&["1", "1.0", "2024-01"])).into());
    out.maybe(2, "name", text);
    out.maybe(2, "title", text);
    out.maybe(2, "date", date_time);
    out.maybe(2, "publisher", text);
    out.maybe(2, "description", text);
    out.maybe(2, "compose", |c| json!({"include": [{"system": *c.pick(URLS)}]}));
}

pub(crate) const URLS: &[&str] = &[
    "http://x.example/a",
    "http://x.example/a/b",
    "http://X.example/a",
    "urn:uuid:0a000000-0000-4000-8000-000000000001",
    "http://x.example/q?a=1,2",
    "urn:oid:1.2.3",
];

fn risk_assessment(out: &mut Made<'_>) {
    out.put("status", |_| "final".into());
    out.put("subject", |c| reference(c, &["Patient", "Group"]));
    out.maybe(3, "prediction", |c| {
        several(c, |c| match c.below(3) {
            0 => json!({"outcome": concept(c)}),
            1 => json!({"probabilityDecimal": number(c)}),
            _ => json!({"probabilityRange": range(c)}),
        })
    });
    out.choice(&[("occurrenceDateTime", date_time), ("occurrencePeriod", period)]);
    out.maybe(2, "method", concept);
    out.maybe(2, "performer", |c| reference(c, &["Practitioner"]));
    out.maybe(2, "condition", |c| reference(c, &["Condition"]));
}

fn invoice(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["draft", "issued"])).into());
    out.maybe(3, "subject", |c| reference(c, &["Patient", "Group"]));
    out.maybe(3, "totalNet", money);
    out.maybe(3, "totalGross", money);
    out.maybe(3, "date", date_time);
    out.maybe(2, "issuer", |c| reference(c, &["Organization"]));
    out.maybe(
        2,
        "participant",
        |c| json!([{"role": concept(c), "actor": reference(c, &["Practitioner", "Patient"])}]),
    );
}

fn charge_item(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["billable", "billed"])).into());
    out.put("code", concept);
    out.put("subject", |c| reference(c, &["Patient", "Group"]));
    out.maybe(3, "quantity", quantity);
    out.maybe(3, "factorOverride", number);
    out.maybe(3, "priceOverride", money);
    out.choice(&[
        ("occurrenceDateTime", date_time),
        ("occurrencePeriod", period),
        ("occurrenceTiming", timing),
    ]);
    out.maybe(2, "context", |c| reference(c, &["Encounter"]));
}

fn questionnaire_response(out: &mut Made<'_>) {
    out.put("status", |c| (*c.pick(&["completed", "in-progress"])).into());
    out.maybe(3, "questionnaire", |c| {
        let url = *c.pick(URLS);
        if c.one_in(2) { url.into() } else { format!("{url}|{}", c.pick(&["1", "2.0"])).into() }
    });
    out.maybe(3, "subject", |c| reference(c, &["Patient", "Encounter", "Group"]));
    out.maybe(2, "source", |c| reference(c, &["Patient", "Practitioner"]));
    out.maybe(2, "authored", date_time);
    out.maybe(2, "encounter", |c| reference(c, &["Encounter"]));
}

fn provenance(out: &mut Made<'_>) {
    out.put("target", |c| {
        several(c, |c| reference(c, &["Observation", "Patient", "Encounter", "Condition"]))
    });
    out.put("recorded", |c| (*c.pick(TIMES)).into());
    out.put("agent", |c| json!([{"who": reference(c, &["Practitioner", "Patient"])}]));
    out.maybe(2, "occurredPeriod", period);
}

/// One to three of them.
fn several(chance: &mut Chance, mut make: impl FnMut(&mut Chance) -> Value) -> Value {
    let count = 1 + chance.below(3) * chance.below(2);
    (0..count).map(|_| make(chance)).collect()
}

fn meta(chance: &mut Chance) -> Value {
    json!({"tag": [coding(chance)], "profile": [*chance.pick(URLS)], "source": *chance.pick(URLS)})
}

fn text(chance: &mut Chance) -> Value {
    (*chance.pick(TEXTS)).into()
}

fn number(chance: &mut Chance) -> Value {
    let text = *chance.pick(NUMBERS);
    fhir::json::parse(text.as_bytes(), fhir::json::Limits::default()).unwrap()
}

fn date(chance: &mut Chance) -> Value {
    (*chance.pick(DATES)).into()
}

fn date_time(chance: &mut Chance) -> Value {
    if chance.one_in(2) { date(chance) } else { (*chance.pick(TIMES)).into() }
}

fn period(chance: &mut Chance) -> Value {
    let (start, end) = (date_time(chance), date_time(chance));
    match chance.below(4) {
        0 => json!({"start": start}),
        1 => json!({"end": end}),
        _ => json!({"start": start, "end": end}),
    }
}

fn timing(chance: &mut Chance) -> Value {
    match chance.one_in(2) {
        true => json!({"event": several(chance, date_time)}),
        false => json!({"repeat": {"boundsPeriod": period(chance)}}),
    }
}

fn coding(chance: &mut Chance) -> Value {
    let mut out = Map::new();
    if !chance.one_in(4) {
        out.insert("system".into(), (*chance.pick(SYSTEMS)).into());
    }
    if out.is_empty() || !chance.one_in(6) {
        // A code may not have the space that an identifier may.
        out.insert("code".into(), (*chance.pick(CODES)).into());
    }
    if chance.one_in(3) {
        out.insert("display".into(), text(chance));
    }
    Value::Object(out)
}

fn concept(chance: &mut Chance) -> Value {
    match chance.below(4) {
        0 => json!({"text": text(chance)}),
        1 => json!({"coding": several(chance, coding), "text": text(chance)}),
        _ => json!({"coding": several(chance, coding)}),
    }
}

fn identifier(chance: &mut Chance) -> Value {
    match chance.below(4) {
        0 => json!({"value": *chance.pick(CODES)}),
        1 => json!({"system": *chance.pick(SYSTEMS)}),
        _ => json!({"system": *chance.pick(SYSTEMS), "value": *chance.pick(CODES)}),
    }
}

fn name(chance: &mut Chance) -> Value {
    match chance.below(3) {
        0 => json!({"family": text(chance)}),
        1 => json!({"family": text(chance), "given": several(chance, text)}),
        _ => json!({"text": text(chance), "prefix": ["Dr"]}),
    }
}

fn telecom(chance: &mut Chance) -> Value {
    json!({"system": *chance.pick(&["phone", "email"]), "value": *chance.pick(CODES), "use": *chance.pick(&["home", "work"])})
}

fn address(chance: &mut Chance) -> Value {
    json!({"line": several(chance, text), "city": text(chance), "postalCode": *chance.pick(&["411001", "411002", "41"])})
}

fn quantity(chance: &mut Chance) -> Value {
    let mut out = Map::new();
    out.insert("value".into(), number(chance));
    if chance.one_in(3) {
        out.insert("comparator".into(), (*chance.pick(&["<", "<=", ">", ">="])).into());
    }
    let (system, code, unit) = *chance.pick(UNITS);
    for (name, part) in [("system", system), ("code", code), ("unit", unit)] {
        out.extend(part.map(|part| (name.to_owned(), part.into())));
    }
    Value::Object(out)
}

fn money(chance: &mut Chance) -> Value {
    json!({"value": number(chance), "currency": *chance.pick(&["EUR", "INR"])})
}

fn range(chance: &mut Chance) -> Value {
    let (low, high) = (number(chance), number(chance));
    match chance.below(3) {
        0 => json!({"low": {"value": low, "unit": "mg"}}),
        1 => json!({"high": {"value": high}}),
        _ => json!({"low": {"value": low}, "high": {"value": high}}),
    }
}

/// A reference in one of its forms; most lead to what may exist.
fn reference(chance: &mut Chance, kinds: &[&str]) -> Value {
    let kind = *chance.pick(kinds);
    let many = TYPES.iter().find(|(name, _)| *name == kind).map_or(2, |(_, many)| *many);
    // One more than there are: some references lead nowhere.
    let id = IDS[chance.below((many + 1).min(IDS.len()))];
    match chance.below(16) {
        0 => json!({"reference": format!("{kind}/{id}/_history/1")}),
        1 | 2 => json!({"reference": format!("{BASE}/{kind}/{id}")}),
        3 => json!({"reference": format!("https://elsewhere.example/fhir/{kind}/{id}")}),
        4 => {
            json!({"reference": *chance.pick(&["urn:uuid:0a000000-0000-4000-8000-000000000001", "urn:oid:1.2.3"])})
        }
        5 => json!({"identifier": identifier(chance)}),
        6 => json!({"display": text(chance)}),
        7 => {
            json!({"reference": format!("{kind}/{id}"), "display": text(chance), "identifier": identifier(chance)})
        }
        _ => json!({"reference": format!("{kind}/{id}")}),
    }
}
