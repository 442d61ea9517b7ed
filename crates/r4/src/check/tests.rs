use fhir::outcome::{IssueCode, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Where each issue is and of what code, in order.
fn found(resource: &Value) -> Vec<(String, &'static str)> {
    check(resource).into_iter().map(|i| (i.expression.unwrap_or_default(), i.code.code())).collect()
}

/// Exactly one issue, there and of that code.
fn one(resource: &Value, expression: &str, code: IssueCode) {
    assert_eq!(found(resource), [(expression.to_owned(), code.code())], "{resource}");
}

/// The same of a Patient with these members.
fn patient(members: Value, expression: &str, code: IssueCode) {
    one(&with(json!({"resourceType": "Patient"}), members), expression, code);
}

/// The same of an Observation that would be valid without these members.
fn observation(members: Value, expression: &str, code: IssueCode) {
    let base = json!({"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}});
    one(&with(base, members), expression, code);
}

fn with(mut base: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("members are an object") };
    base.as_object_mut().unwrap().extend(members);
    base
}

fn valid(resource: &Value) {
    assert_eq!(check(resource), [], "{resource}");
}

fn narrative(div: &str) -> Value {
    json!({"text": {"status": "generated", "div": div}})
}

#[test]
fn a_patient_with_everything_a_person_brings_is_valid() {
    valid(&json!({
        "resourceType": "Patient",
        "id": "p-1.a",
        "meta": {"profile": ["http://example.org/p|1"], "lastUpdated": "2024-02-29T23:59:60.5+05:30"},
        "text": {"status": "additional", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A &amp; B</p></div>"},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
        "extension": [{"url": "urn:a", "extension": [{"url": "b", "valueDecimal": 1.50}]}],
        "active": true,
        "_active": {"id": "x"},
        "name": [{"family": "Rao", "given": ["Asha", null, "K"], "_given": [null, {"extension": [{"url": "urn:n", "valueCode": "unknown"}]}, null]}],
        "gender": "female",
        "_birthDate": {"extension": [{"url": "urn:absent", "valueCode": "asked-unknown"}]},
        "deceasedDateTime": "2020-02",
        "_deceasedDateTime": {"id": "y"},
        "multipleBirthInteger": 2,
        "contact": [{"relationship": [{"coding": [{"system": "urn:s", "code": "a b"}]}], "telecom": [{"system": "phone", "value": "1", "rank": 1}]}],
        "managingOrganization": {"reference": "#o"}
    }));
}

#[test]
fn a_bundle_is_checked_through_its_entries() {
    let entry = |resource: Value| json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]});
    let basic = json!({"resourceType": "Basic", "code": {"text": "x"}});
    valid(&entry(json!({"resourceType": "Parameters", "parameter": [{"name": "p", "resource": basic}]})));
    one(
        &entry(json!({"resourceType": "Patient", "active": "yes"})),
        "Bundle.entry[0].resource.active",
        IssueCode::Structure,
    );
    one(&entry(json!({"id": "a"})), "Bundle.entry[0].resource", IssueCode::Structure);
    one(&entry(json!({"resourceType": "DomainResource"})), "Bundle.entry[0].resource", IssueCode::Structure);
}

#[test]
fn what_is_no_resource_is_refused() {
    for value in [json!(null), json!([]), json!("Patient"), json!({}), json!({"resourceType": 1})] {
        one(&value, "", IssueCode::Structure);
    }
    for name in ["Pat", "Resource", "DomainResource", "HumanName", "string", "Patient.contact", ""] {
        one(&json!({"resourceType": name}), "", IssueCode::Structure);
    }
}

#[test]
fn an_unknown_element_is_found_at_every_level() {
    patient(json!({"foo": 1}), "Patient", IssueCode::Structure);
    patient(json!({"name": [{"familly": "x"}]}), "Patient.name[0]", IssueCode::Structure);
    patient(
        json!({"contact": [{"name": {"resourceType": "HumanName"}}]}),
        "Patient.contact[0].name",
        IssueCode::Structure,
    );
    patient(
        json!({"contained": [{"resourceType": "Basic", "code": {"text": "x"}, "x": 1}]}),
        "Patient.contained[0]",
        IssueCode::Structure,
    );
    patient(json!({"_name": [{"id": "a"}]}), "Patient", IssueCode::Structure);
    patient(
        json!({"extension": [{"url": "urn:a", "_url": {"id": "x"}, "valueCode": "a"}]}),
        "Patient.extension[0]",
        IssueCode::Structure,
    );
    observation(json!({"value": "x"}), "Observation", IssueCode::Structure);
    observation(json!({"valueMoney": {"value": 1}}), "Observation", IssueCode::Structure);
}

#[test]
fn cardinality_holds_at_both_ends() {
    one(
        &json!({"resourceType": "Observation", "code": {"text": "x"}}),
        "Observation.status",
        IssueCode::Required,
    );
    patient(json!({"link": [{"type": "seealso"}]}), "Patient.link[0].other", IssueCode::Required);
    patient(
        json!({"communication": [{"preferred": true}]}),
        "Patient.communication[0].language",
        IssueCode::Required,
    );
    patient(json!({"birthDate": ["1990"]}), "Patient.birthDate", IssueCode::Structure);
    patient(json!({"name": {"family": "x"}}), "Patient.name", IssueCode::Structure);
    patient(json!({"name": []}), "Patient.name", IssueCode::Structure);
    patient(json!({"name": [{}]}), "Patient.name[0]", IssueCode::Structure);
    patient(json!({"maritalStatus": {}}), "Patient.maritalStatus", IssueCode::Structure);
}

#[test]
fn a_required_value_may_be_extensions_alone() {
    let status = json!({"extension": [{"url": "urn:absent", "valueCode": "unknown"}]});
    valid(&json!({"resourceType": "Observation", "_status": status, "code": {"text": "x"}}));
}

#[test]
fn a_choice_stands_once() {
    observation(json!({"valueString": "a", "valueInteger": 1}), "Observation.value", IssueCode::Structure);
    observation(
        json!({"valueString": "a", "_valueInteger": {"id": "x"}}),
        "Observation.value",
        IssueCode::Structure,
    );
    observation(
        json!({"valueBoolean": true, "valueString": "a", "valueInteger": 1}),
        "Observation.value",
        IssueCode::Structure,
    );
}

#[test]
fn null_stands_only_where_an_extension_speaks_for_it() {
    let at = |index: usize| format!("Patient.name[0].given[{index}]");
    let name = |name: Value| json!({"name": [name]});
    patient(json!({"active": null}), "Patient.active", IssueCode::Structure);
    patient(json!({"name": [null]}), "Patient.name[0]", IssueCode::Structure);
    patient(name(json!({"given": ["a", null]})), &at(1), IssueCode::Structure);
    patient(name(json!({"given": [null, "b"], "_given": [null, {"id": "x"}]})), &at(0), IssueCode::Structure);
    patient(name(json!({"_given": [null, {"id": "x"}]})), &at(0), IssueCode::Structure);
    patient(
        name(json!({"given": ["a"], "_given": [null, {"id": "x"}]})),
        "Patient.name[0].given",
        IssueCode::Structure,
    );
    patient(
        name(json!({"given": ["a"], "_given": {"id": "x"}})),
        "Patient.name[0].given",
        IssueCode::Structure,
    );
    patient(name(json!({"family": "a", "_family": "x"})), "Patient.name[0].family", IssueCode::Structure);
    patient(name(json!({"family": "a", "_family": {}})), "Patient.name[0].family", IssueCode::Structure);
    patient(
        name(json!({"family": "a", "_family": {"value": "x"}})),
        "Patient.name[0].family",
        IssueCode::Structure,
    );
}

#[test]
fn values_have_the_json_type_of_their_element() {
    patient(json!({"active": "true"}), "Patient.active", IssueCode::Structure);
    patient(json!({"gender": true}), "Patient.gender", IssueCode::Structure);
    patient(json!({"maritalStatus": "M"}), "Patient.maritalStatus", IssueCode::Structure);
    patient(json!({"name": ["x"]}), "Patient.name[0]", IssueCode::Structure);
    patient(json!({"multipleBirthInteger": "2"}), "Patient.multipleBirth", IssueCode::Structure);
    observation(json!({"valueQuantity": {"value": "1.5"}}), "Observation.value.value", IssueCode::Structure);
}

#[test]
fn values_are_of_their_format() {
    patient(json!({"id": "a_b"}), "Patient.id", IssueCode::Value);
    patient(json!({"birthDate": "1990-02-30"}), "Patient.birthDate", IssueCode::Value);
    patient(json!({"birthDate": ""}), "Patient.birthDate", IssueCode::Value);
    patient(json!({"meta": {"lastUpdated": "2020-01-01"}}), "Patient.meta.lastUpdated", IssueCode::Value);
    patient(json!({"name": [{"text": "a\u{0}b"}]}), "Patient.name[0].text", IssueCode::Value);
    patient(json!({"name": [{"given": ["a", ""]}]}), "Patient.name[0].given[1]", IssueCode::Value);
    patient(json!({"telecom": [{"rank": 0}]}), "Patient.telecom[0].rank", IssueCode::Value);
    patient(json!({"multipleBirthInteger": 1.5}), "Patient.multipleBirth", IssueCode::Value);
    patient(json!({"implicitRules": "a b"}), "Patient.implicitRules", IssueCode::Value);
    patient(json!({"photo": [{"data": "YWJ"}]}), "Patient.photo[0].data", IssueCode::Value);
}

#[test]
fn narrative_runs_nothing() {
    patient(
        narrative("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"),
        "Patient.text.div",
        IssueCode::Value,
    );
    patient(narrative("<p>x</p>"), "Patient.text.div", IssueCode::Value);
}

#[test]
fn codes_come_from_their_required_value_set() {
    patient(json!({"gender": "F"}), "Patient.gender", IssueCode::CodeInvalid);
    patient(json!({"gender": "fe  male"}), "Patient.gender", IssueCode::Value);
    patient(json!({"name": [{"use": "Official"}]}), "Patient.name[0].use", IssueCode::CodeInvalid);
    patient(
        json!({"photo": [{"contentType": "picture"}]}),
        "Patient.photo[0].contentType",
        IssueCode::CodeInvalid,
    );
    let issue = &check(&json!({"resourceType": "Patient", "gender": "F"}))[0];
    assert_eq!(
        issue.diagnostics,
        "must be one of female, male, other, unknown (http://hl7.org/fhir/ValueSet/administrative-gender)"
    );
}

#[test]
fn a_concept_needs_one_coding_of_its_required_value_set() {
    let condition = |status: Value| json!({"resourceType": "Condition", "subject": {"display": "x"}, "clinicalStatus": status});
    let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    valid(&condition(json!({"coding": [{"code": "x"}, {"system": system, "code": "active"}]})));
    valid(&condition(json!({"extension": [{"url": "urn:absent", "valueCode": "unknown"}]})));
    let at = "Condition.clinicalStatus";
    one(&condition(json!({"coding": [{"system": system, "code": "Active"}]})), at, IssueCode::CodeInvalid);
    one(
        &condition(json!({"coding": [{"system": "urn:other", "code": "active"}]})),
        at,
        IssueCode::CodeInvalid,
    );
    one(&condition(json!({"coding": [{"code": "active"}]})), at, IssueCode::CodeInvalid);
    one(&condition(json!({"text": "active"})), at, IssueCode::CodeInvalid);
}

#[test]
fn an_extension_has_an_address_and_either_a_value_or_extensions() {
    let extension = |extension: Value| json!({"extension": [extension]});
    let at = "Patient.extension[0]";
    patient(extension(json!({"valueCode": "a"})), "Patient.extension[0].url", IssueCode::Required);
    patient(extension(json!({"url": "urn:a"})), at, IssueCode::Invariant);
    let both = json!({"url": "urn:a", "valueCode": "a", "extension": [{"url": "b", "valueCode": "c"}]});
    patient(extension(both), at, IssueCode::Invariant);
    patient(
        extension(json!({"url": "urn:a", "valueCode": "a", "valueString": "b"})),
        "Patient.extension[0].value",
        IssueCode::Structure,
    );
}

#[test]
fn each_fault_is_one_issue_in_the_order_of_the_json() {
    let broken = json!({
        "resourceType": "Patient", "gender": "x", "foo": 1,
        "contact": [{"name": {"given": ["a", 1]}}], "link": [{"other": {"reference": "a"}}]
    });
    let want = [
        ("Patient.gender", "code-invalid"),
        ("Patient", "structure"),
        ("Patient.contact[0].name.given[1]", "structure"),
        ("Patient.link[0].type", "required"),
    ];
    assert_eq!(found(&broken), want.map(|(at, code)| (at.to_owned(), code)));
}

#[test]
fn issues_stop_at_a_hundred_and_say_so() {
    let names = |count| json!({"resourceType": "Patient", "name": vec![json!({"use": "x"}); count]});
    assert_eq!(check(&names(MAX_ISSUES)).len(), MAX_ISSUES);
    let many = check(&names(MAX_ISSUES + 1));
    assert_eq!(many.len(), MAX_ISSUES + 1);
    assert_eq!(many[MAX_ISSUES].severity, Severity::Information);
    assert_eq!(check(&names(10_000)), many);
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let leaf = json!({"url": "urn:a", "valueCode": "a"});
        (1..depth).fold(leaf, |inner, _| json!({"url": "urn:a", "extension": [inner]}))
    };
    let of = |depth| json!({"resourceType": "Patient", "extension": [nested(depth)]});
    valid(&of(usize::from(MAX_DEPTH)));
    let issues = check(&of(usize::from(MAX_DEPTH) + 1));
    assert_eq!(issues.iter().map(|i| i.code).collect::<Vec<_>>(), [IssueCode::TooLong]);
}

#[test]
fn an_issue_never_holds_a_value() {
    let secret = "Sekhar Rao";
    let broken = json!({
        "resourceType": "Patient", "id": secret, "gender": secret, "birthDate": secret, "active": secret, secret: 1,
        "text": {"status": secret, "div": secret}, "contained": [{"resourceType": secret}], "name": secret
    });
    let issues = check(&broken);
    assert_eq!(issues.len(), 9);
    for issue in issues {
        assert!(!format!("{issue:?}").contains("Sekhar"), "{issue:?}");
    }
}

#[test]
fn every_concrete_type_says_what_it_needs() {
    let model = &crate::definitions().model;
    for (shape, kind) in model.types().iter().map(|t| (shape::find(&t.name).unwrap(), t)) {
        assert_eq!(shape.name, &*kind.name);
        for element in &kind.elements {
            for choice in &element.choices {
                let member = shape.member(&choice.key).unwrap();
                assert_eq!((member.key, member.name), (&*choice.key, &*element.name));
                assert_eq!(member.shape().name, &*model.get(choice.type_id).name);
            }
            assert_eq!(shape.required & shape::bit(member_at(kind, &element.name)) != 0, element.min > 0);
        }
        assert!(shape.member("nothing").is_none());
    }
}

fn member_at(kind: &fhir::model::Type, name: &str) -> usize {
    kind.elements.iter().position(|e| &*e.name == name).unwrap()
}

/// JSON whose keys and values are near to FHIR, so that the walk gets somewhere.
fn any_json() -> impl Strategy<Value = Value> {
    let types: Vec<String> = crate::definitions().model.types().iter().map(|t| t.name.to_string()).collect();
    let names: Vec<String> = crate::definitions()
        .model
        .types()
        .iter()
        .flat_map(|t| t.elements.iter().flat_map(|e| e.choices.iter().map(|c| c.key.to_string())))
        .collect();
    let key = prop_oneof![
        Just("resourceType".to_owned()),
        proptest::sample::select(names.clone()),
        proptest::sample::select(names).prop_map(|name| format!("_{name}")),
        "\\PC{0,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::sample::select(types).prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">[a-z<>/&; ]{0,12}</div>".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_checked_without_a_panic(value in any_json(), name in proptest::sample::select(vec!["Patient", "Bundle", "Observation", "Parameters", "Questionnaire"])) {
        check(&value);
        if let Value::Object(members) = value {
            let resource = with(json!({"resourceType": name}), Value::Object(members));
            let issues = check(&resource);
            prop_assert!(issues.len() <= MAX_ISSUES + 1);
        }
    }
}
