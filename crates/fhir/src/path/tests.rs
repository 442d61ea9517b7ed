//! A small release made by hand, and what expressions find in it.

use serde_json::{Value, json};

use super::{Error, Item, Path};
use crate::model::{Choice, Element, Kind, Model, Type, TypeId};

/// Types in order: name, base, kind, abstract; elements as `name:type` with `*` behind the name for arrays.
const RELEASE: [(&str, &str, Kind, bool, &str); 19] = [
    ("boolean", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("integer", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("decimal", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("string", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("code", "string", Kind::Primitive, false, "extension*:Extension id:string"),
    ("uri", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("date", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("dateTime", "", Kind::Primitive, false, "extension*:Extension id:string"),
    ("Extension", "", Kind::Complex, false, "url:uri value:string,boolean,decimal,Quantity,dateTime,code"),
    ("Quantity", "", Kind::Complex, false, "value:decimal unit:string"),
    ("Age", "Quantity", Kind::Complex, false, "value:decimal unit:string"),
    ("Reference", "", Kind::Complex, false, "reference:string type:uri"),
    ("ContactPoint", "", Kind::Complex, false, "id:string system:code value:string rank:integer"),
    ("HumanName", "", Kind::Complex, false, "use:code family:string given*:string"),
    ("Resource", "", Kind::Resource, true, "id:string"),
    (
        "DomainResource",
        "Resource",
        Kind::Resource,
        true,
        "id:string contained*:Resource extension*:Extension",
    ),
    (
        "Patient",
        "DomainResource",
        Kind::Resource,
        false,
        "id:string contained*:Resource extension*:Extension active:boolean name*:HumanName telecom*:ContactPoint \
         birthDate:date deceased:boolean,dateTime link*:Patient.link managingOrganization:Reference",
    ),
    ("Patient.link", "", Kind::Backbone, false, "other:Reference type:code"),
    (
        "Observation",
        "DomainResource",
        Kind::Resource,
        false,
        "id:string contained*:Resource extension*:Extension value:Quantity,Age,string,dateTime subject:Reference",
    ),
];

fn release() -> Model {
    let id = |name: &str| {
        let at = RELEASE.iter().position(|t| t.0 == name);
        TypeId(at.unwrap_or_else(|| panic!("{name} is not in the release")) as u16)
    };
    let element = |text: &str| {
        let (name, types) = text.split_once(':').unwrap();
        let (name, is_array) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
        let types: Vec<&str> = types.split(',').collect();
        let key = |kind: &str| match types.len() {
            1 => name.to_owned(),
            _ => format!("{name}{}{}", kind[..1].to_uppercase(), &kind[1..]),
        };
        let choice = |kind: &&str| Choice { key: key(kind).into(), type_id: id(kind) };
        Element {
            name: name.into(),
            min: 0,
            max: (!is_array).then_some(1),
            is_array,
            choices: types.iter().map(choice).collect(),
            required_binding: None,
            targets: Vec::new(),
        }
    };
    let types = RELEASE.iter().map(|(name, base, kind, is_abstract, elements)| Type {
        name: (*name).into(),
        base: (!base.is_empty()).then(|| id(base)),
        kind: *kind,
        is_abstract: *is_abstract,
        elements: elements.split_whitespace().map(element).collect(),
    });
    Model::new(types.collect())
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "p",
        "active": true,
        "name": [
            { "use": "official", "family": "Rao", "given": ["Asha", null, "Devi"],
              "_given": [null, { "extension": [{ "url": "http://example.org/unknown", "valueCode": "masked" }] }] },
            { "use": "usual", "given": ["Asha"] }
        ],
        "telecom": [
            { "system": "phone", "value": "1", "rank": 2 },
            { "system": "email", "value": "2" },
            { "system": "phone", "value": "3", "rank": 1 }
        ],
        "_birthDate": { "extension": [{ "url": "http://example.org/place", "valueString": "Pune" }] },
        "deceasedDateTime": "2020-01-01",
        "managingOrganization": { "reference": "#org" },
        "contained": [{ "resourceType": "Patient", "id": "org", "active": false }],
        "link": [
            { "other": { "reference": "https://example.org/fhir/Patient/2/_history/3" }, "type": "seealso" },
            { "other": { "reference": "urn:uuid:1", "type": "Observation" }, "type": "refer" },
            { "other": { "reference": "urn:uuid:2" }, "type": "refer" }
        ]
    })
}

/// What `expression` finds, as short texts.
fn found(expression: &str, root: &str, resource: &Value) -> Vec<String> {
    let model = release();
    let path = Path::compile(expression, model.find(root).unwrap(), &model)
        .unwrap_or_else(|error| panic!("{expression}: {error}"));
    let nodes = path.nodes(resource, &model).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let show = |item: &Item<'_>| match item {
        Item::Json(Value::String(text)) => text.clone(),
        Item::Json(value) => value.to_string(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(text) | Item::Text(text) => text.to_string(),
    };
    nodes.iter().map(|node| show(&node.value)).collect()
}

fn check(cases: &[(&str, &[&str])]) {
    let patient = patient();
    for (expression, expected) in cases {
        assert_eq!(found(expression, "Patient", &patient), *expected, "{expression}");
    }
}

fn refusal(expression: &str, root: &str) -> Error {
    let model = release();
    match Path::compile(expression, model.find(root).unwrap(), &model) {
        Ok(_) => panic!("{expression} compiled"),
        Err(error) => error,
    }
}

#[test]
fn names_follow_json_keys_and_arrays_flatten() {
    check(&[
        ("Patient.id", &["p"]),
        ("id", &["p"]),
        ("Patient.name.family", &["Rao"]),
        ("Patient.name.where(use = 'usual').given", &["Asha"]),
        ("`Patient`.name[1].`given`", &["Asha"]),
        ("DomainResource.id | Resource.id", &["p"]),
        ("Patient.contained.active", &["false"]),
        ("%resource.id", &["p"]),
    ]);
}

#[test]
fn a_primitive_array_aligns_with_its_sibling() {
    check(&[
        ("name[0].given", &["Asha", "null", "Devi"]),
        ("name[0].given.count()", &["3"]),
        ("name.given.extension('http://example.org/unknown').value", &["masked"]),
        ("name.given.where(hasExtension('http://example.org/unknown')).count()", &["1"]),
        ("birthDate.exists()", &["true"]),
        ("birthDate.extension.value as string", &["Pune"]),
        ("birthDate.extension.value.ofType(boolean)", &[]),
    ]);
}

#[test]
fn a_choice_is_decided_by_its_key() {
    let observation = r#"{ "resourceType": "Observation", "valueAge": { "value": 30.50, "unit": "a" } }"#;
    let observation: Value = serde_json::from_str(observation).unwrap();
    let cases: [(&str, &[&str]); 6] = [
        ("Observation.value.unit", &["a"]),
        ("(Observation.value as Quantity).unit", &["a"]),
        ("Observation.value.as(Age).value", &["30.50"]),
        ("Observation.value as string", &[]),
        ("Observation.value is Quantity", &["true"]),
        ("Observation.value.is(string)", &["false"]),
    ];
    for (expression, expected) in cases {
        assert_eq!(found(expression, "Observation", &observation), expected, "{expression}");
    }
}

#[test]
fn a_capital_type_name_means_the_element_type() {
    check(&[
        ("Patient.deceased.as(DateTime)", &["2020-01-01"]),
        ("Patient.deceased.ofType(dateTime)", &["2020-01-01"]),
        ("Patient.deceased as boolean", &[]),
        ("Patient.active.is(Boolean)", &["false"]),
        ("Patient.active.is(System.Boolean)", &["false"]),
        ("Patient.active is FHIR.boolean", &["true"]),
    ]);
}

#[test]
fn a_subtype_of_a_primitive_is_it_but_is_not_kept_for_it() {
    check(&[
        ("Patient.name.first().use.is(string)", &["true"]),
        ("Patient.name.use.ofType(string)", &[]),
        ("Patient.name.use.ofType(code)", &["official", "usual"]),
    ]);
}

#[test]
fn conditions_have_three_values() {
    check(&[
        ("Patient.deceased.exists() and Patient.deceased != false", &["true"]),
        ("{} and false", &["false"]),
        ("{} and true", &[]),
        ("{} or true", &["true"]),
        ("{} xor true", &[]),
        ("true xor false", &["true"]),
        ("false implies {}", &["true"]),
        ("{} implies true", &["true"]),
        ("{} implies false", &[]),
        ("active.not()", &["false"]),
        ("active and name.exists()", &["true"]),
        ("id = {}", &[]),
    ]);
}

#[test]
fn values_compare_by_kind() {
    check(&[
        ("id = 'p'", &["true"]),
        ("id != 'p'", &["false"]),
        ("id = 1", &["false"]),
        ("telecom.system = 'phone'", &["false"]),
        ("telecom.rank = (2 | 1)", &["true"]),
        ("telecom.where(rank > 1).value", &["1"]),
        ("telecom.where(rank <= 1.0).value", &["3"]),
        ("'a' < 'b' and 'b' >= 'b'", &["true"]),
        ("-1 < 0", &["true"]),
        ("1.0 = 1.00", &["true"]),
        ("'email' in telecom.system", &["true"]),
        ("telecom.system contains 'fax'", &["false"]),
    ]);
}

#[test]
fn positions_and_counts() {
    check(&[
        ("telecom.value.first()", &["1"]),
        ("telecom.value.last()", &["3"]),
        ("telecom.value.tail()", &["2", "3"]),
        ("telecom.value.skip(2)", &["3"]),
        ("telecom.value.take(2)", &["1", "2"]),
        ("telecom[7]", &[]),
        ("telecom.count()", &["3"]),
        ("telecom.where($index = 1).value", &["2"]),
        ("telecom.select(value | system)", &["1", "phone", "2", "email", "3", "phone"]),
        ("telecom.system | telecom.system", &["phone", "email"]),
        ("telecom.system.distinct().count()", &["2"]),
        ("telecom.system.isDistinct()", &["false"]),
        ("telecom.all(value.exists())", &["true"]),
        ("telecom.exists(system = 'fax')", &["false"]),
        ("link.where($this.type = 'seealso').empty()", &["false"]),
    ]);
}

#[test]
fn what_a_reference_points_at_is_read_from_the_reference() {
    check(&[
        ("link.other.where(resolve() is Patient).count()", &["1"]),
        ("link.other.where(resolve() is Observation).count()", &["1"]),
        ("link.other.where(resolve() is Resource).count()", &["2"]),
        ("managingOrganization.resolve() is Patient", &["true"]),
        ("link.where(other.resolve() is Patient).type", &["seealso"]),
    ]);
}

#[test]
fn a_union_leaves_out_branches_of_other_types() {
    check(&[("Observation.value | Patient.id | (Observation.value as Quantity)", &["p"])]);
    assert_eq!(refusal("Observation.value", "Patient"), Error::OtherType);
    assert_eq!(refusal("Observation.value | Observation.id", "Patient"), Error::OtherType);
}

#[test]
fn an_abstract_root_sees_the_resource_that_is_there() {
    assert_eq!(found("Patient.name.family | Observation.id", "Resource", &patient()), ["Rao"]);
    assert_eq!(found("Resource.id", "Resource", &patient()), ["p"]);
    assert_eq!(found("Observation.value", "Resource", &patient()), [""; 0]);
}

#[test]
fn many_union_values_stay_distinct() {
    let names: Vec<Value> = (0..40).map(|at| json!({ "family": format!("n{}", at % 20) })).collect();
    let patient = json!({ "resourceType": "Patient", "name": names });
    assert_eq!(found("(name.family | name.family).count()", "Patient", &patient), ["20"]);
    assert_eq!(found("(name | name).count()", "Patient", &patient), ["20"]);
}

#[test]
fn what_cannot_be_done_is_refused_when_compiling() {
    for expression in [
        "1 + 2",
        "name.given.lower()",
        "birthDate = birthDate",
        "birthDate < @2020",
        "birthDate = '2020'",
        "name = name",
        "managingOrganization.resolve()",
        "telecom[$index]",
        "4 'mg'",
        "birthDate.value",
    ] {
        let error = refusal(expression, "Patient");
        let refused = matches!(error, Error::Unsupported { .. } | Error::UnknownElement { .. });
        assert!(refused, "{expression}: {error}");
    }
}

#[test]
fn mistakes_are_named() {
    let cases = [
        ("Patient.nme", "Patient has no element nme"),
        ("Patient.name.famly", "HumanName has no element famly"),
        ("name.frist()", "FHIRPath has no function frist()"),
        ("name as Nmae", "there is no type Nmae"),
        ("%foo", "FHIRPath has no variable %foo"),
        ("name.where()", "where() takes one argument"),
        ("name.first(1)", "first() takes no argument"),
        ("$index", "$index stands only inside an iteration"),
    ];
    for (expression, message) in cases {
        assert_eq!(refusal(expression, "Patient").to_string(), message);
    }
}

#[test]
fn several_items_where_one_is_needed_are_an_error() {
    let model = release();
    let path = Path::compile("telecom.value > 'a'", model.find("Patient").unwrap(), &model).unwrap();
    assert_eq!(path.nodes(&patient(), &model).unwrap_err(), Error::NotSingle { what: ">" });
}

#[test]
fn odd_shapes_find_nothing_and_do_not_panic() {
    let odd = json!({ "resourceType": "Patient", "name": "x", "telecom": [[1], 2, null], "_birthDate": [3], "link": {} });
    for expression in ["name.family", "telecom.value", "birthDate.extension", "link.other", "deceased"] {
        assert_eq!(found(expression, "Patient", &odd), [""; 0], "{expression}");
    }
    assert_eq!(found("Patient.id", "Patient", &json!(7)), [""; 0]);
}

#[test]
fn the_deepest_expression_that_is_read_also_runs() {
    let chain = format!("name{}.count()", ".tail().first()".repeat(90));
    assert_eq!(found(&chain, "Patient", &patient()), ["0"]);
    let nested = format!("name{}{}.count()", ".where($this".repeat(60), ")".repeat(60));
    assert_eq!(found(&nested, "Patient", &patient()), ["2"]);
    let both = format!("active{}", " and active".repeat(190));
    assert_eq!(found(&both, "Patient", &patient()), ["true"]);
}

#[test]
fn an_expression_that_multiplies_is_stopped() {
    let names: Vec<Value> = (0..300).map(|at| json!({ "family": at.to_string() })).collect();
    let patient = json!({ "resourceType": "Patient", "name": names });
    let model = release();
    let expression = "name.select(%resource.name.select(%resource.name.select(family))).count()";
    let path = Path::compile(expression, model.find("Patient").unwrap(), &model).unwrap();
    assert!(matches!(path.nodes(&patient, &model), Err(Error::TooMuch { .. })));
}

#[test]
fn the_first_keys_are_what_a_resource_must_have() {
    let cases: [(&str, &[&str], bool); 6] = [
        ("Patient.name.family", &["name"], true),
        (
            "deceased.first() | telecom.where(id = 'x')",
            &["deceasedBoolean", "deceasedDateTime", "telecom"],
            true,
        ),
        ("deceased as boolean", &["deceasedBoolean"], true),
        ("Patient.deceased.exists()", &[], false),
        ("Patient | Patient.link", &["link"], false),
        ("%resource.name", &[], false),
    ];
    let model = release();
    for (expression, keys, is_needed) in cases {
        let path = Path::compile(expression, model.find("Patient").unwrap(), &model).unwrap();
        assert_eq!(path.first_keys(), (keys.to_vec(), is_needed), "{expression}");
    }
}

#[test]
fn a_path_says_where_it_ends() {
    let model = release();
    let path =
        Path::compile("Patient.name.where(use = 'x').family | id", model.find("Patient").unwrap(), &model)
            .unwrap();
    let ends: Vec<_> =
        path.elements().iter().map(|(of, name)| format!("{}.{name}", model.get(*of).name)).collect();
    assert_eq!(ends, ["HumanName.family", "Patient.id"]);
    assert_eq!(path.types().map(|id| &*model.get(id).name).collect::<Vec<_>>(), ["string"]);
}
