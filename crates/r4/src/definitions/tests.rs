use super::*;

fn type_id(name: &str) -> TypeId {
    definitions().model.find(name).unwrap_or_else(|| panic!("{name} is a type"))
}

#[test]
fn the_embedded_file_loads_and_says_where_it_comes_from() {
    let loaded = load().unwrap();
    let names: Vec<&str> = loaded.sources().iter().map(|s| &*s.name).collect();
    assert_eq!(names, ["hl7.fhir.r4.examples", "hl7.fhir.r4.expansions"]);
    assert!(loaded.sources().iter().all(|s| &*s.version == "4.0.1"));
}

#[test]
fn r4_has_148_resource_types_of_which_two_are_abstract() {
    let resources = definitions().model.types().iter().filter(|t| t.kind == Kind::Resource);
    let (abstract_ones, concrete): (Vec<&_>, Vec<&_>) = resources.partition(|t| t.is_abstract);
    assert_eq!((abstract_ones.len(), concrete.len()), (2, 146));
}

#[test]
fn a_choice_stands_under_one_key_per_type() {
    let model = &definitions().model;
    let (element, choice) = model.get(type_id("Observation")).by_key("valueQuantity").unwrap();
    assert_eq!((&*element.name, element.choices.len()), ("value", 11));
    assert_eq!(choice.type_id, type_id("Quantity"));
}

#[test]
fn a_content_reference_leads_to_the_type_it_names() {
    let model = &definitions().model;
    let nested = model.get(type_id("Questionnaire.item")).element("item").unwrap();
    assert_eq!(nested.choices[0].type_id, type_id("Questionnaire.item"));
    let range = model.get(type_id("Observation.component")).element("referenceRange").unwrap();
    assert_eq!(range.choices[0].type_id, type_id("Observation.referenceRange"));
}

#[test]
fn references_know_their_targets_and_empty_means_any() {
    let model = &definitions().model;
    let subject = model.get(type_id("Encounter")).element("subject").unwrap();
    assert_eq!(subject.targets, [type_id("Group"), type_id("Patient")]);
    let focus = model.get(type_id("Observation")).element("focus").unwrap();
    assert!(focus.targets.is_empty());
}

#[test]
fn types_inherit_as_the_specification_says() {
    let model = &definitions().model;
    assert!(model.is_a(type_id("Patient"), type_id("Resource")));
    assert!(model.is_a(type_id("Age"), type_id("Quantity")));
    assert!(model.is_a(type_id("Patient.contact"), type_id("BackboneElement")));
    assert!(!model.is_a(type_id("Bundle"), type_id("DomainResource")));
    assert_eq!(model.get(type_id("Patient")).element("id").unwrap().choices[0].type_id, type_id("id"));
}

#[test]
fn a_required_binding_lists_its_codes() {
    let model = &definitions().model;
    let gender = model.get(type_id("Patient")).element("gender").unwrap();
    let set = definitions().value_set(gender.required_binding.unwrap()).unwrap();
    assert_eq!(&*set.url, "http://hl7.org/fhir/ValueSet/administrative-gender");
    assert_eq!((set.has_code("other"), set.has_code("Other")), (Some(true), Some(false)));
    assert_eq!(set.has("http://hl7.org/fhir/administrative-gender", "male"), Some(true));
    assert_eq!(set.has("urn:other", "male"), Some(false));
}

#[test]
fn what_cannot_be_listed_is_open_and_nothing_else() {
    let open = definitions().value_sets().iter().filter(|s| !matches!(s.codes, Codes::Listed(_)));
    let open: Vec<(&str, &Codes)> = open.map(|s| (&*s.url, &s.codes)).collect();
    assert_eq!(
        open,
        [
            ("http://hl7.org/fhir/ValueSet/mimetypes", &Codes::MediaType),
            ("http://hl7.org/fhir/ValueSet/ucum-units", &Codes::Open),
            ("http://loinc.org/vs/LL379-9", &Codes::Open),
        ]
    );
}

#[test]
fn search_parameters_of_a_type_include_the_inherited_ones_once() {
    let codes: Vec<&str> = definitions().search_params_of(type_id("Observation")).map(|p| &*p.code).collect();
    for code in ["_id", "_lastUpdated", "_text", "code", "patient", "code-value-quantity", "value-date"] {
        assert_eq!(codes.iter().filter(|c| **c == code).count(), 1, "{code}");
    }
    assert!(!codes.contains(&"birthdate"));
    let subject = definitions().search_param(type_id("Condition"), "subject").unwrap();
    assert_eq!(&*subject.url, "http://hl7.org/fhir/SearchParameter/Condition-subject");
}

#[test]
fn no_type_has_two_search_parameters_of_one_code() {
    let model = &definitions().model;
    for resource in model.types().iter().filter(|t| t.kind == Kind::Resource && !t.is_abstract) {
        let mut codes: Vec<_> =
            definitions().search_params_of(type_id(&resource.name)).map(|p| &p.code).collect();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all, "{}", resource.name);
    }
}

#[test]
fn a_composite_knows_the_parameters_of_its_parts() {
    let param = definitions().search_param(type_id("Observation"), "code-value-quantity").unwrap();
    assert_eq!(param.kind, SearchKind::Composite);
    assert!(!param.multiple_or);
    let all = definitions().search_params();
    let parts: Vec<_> =
        param.components.iter().map(|c| (all[usize::from(c.param)].kind, &*c.expression)).collect();
    assert_eq!(parts, [(SearchKind::Token, "code"), (SearchKind::Quantity, "value.as(Quantity)")]);
}

#[test]
fn only_parameters_that_look_at_no_element_have_no_expression() {
    let none = definitions().search_params().iter().filter(|p| p.expression.is_empty());
    let none: Vec<&str> = none.map(|p| &*p.code).collect();
    assert_eq!(none, ["_content", "_filter", "_query", "_text"]);
}

#[test]
fn the_patient_compartment_holds_what_names_the_patient() {
    let found = definitions();
    let owners: Vec<&str> = found.compartments().iter().map(|c| &*found.model.get(c.owner).name).collect();
    assert_eq!(owners, ["Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"]);
    let patient = found.compartment(type_id("Patient")).unwrap();
    let params = patient.params(type_id("AllergyIntolerance")).unwrap();
    assert_eq!(params, ["patient".into(), "recorder".into(), "asserter".into()] as [Box<str>; 3]);
    assert!(patient.params(type_id("Organization")).is_none());
}

#[test]
fn every_compartment_parameter_is_a_search_parameter_of_its_type() {
    let found = definitions();
    for compartment in found.compartments() {
        for member in &compartment.members {
            for code in &member.params {
                let name = &found.model.get(member.type_id).name;
                assert!(found.search_param(member.type_id, code).is_some(), "{name}.{code}");
            }
        }
    }
}

#[test]
fn an_inherited_invariant_stands_once_where_it_is_defined() {
    let found = definitions();
    let at = |key: &str| -> Vec<(String, Option<&str>)> {
        let rules = found.invariants().iter().filter(|i| &*i.key == key);
        rules.map(|i| (found.model.get(i.type_id).name.to_string(), i.element.as_deref())).collect()
    };
    assert_eq!(at("ele-1"), [("Element".to_owned(), None)]);
    assert_eq!(at("dom-6"), [("DomainResource".to_owned(), None)]);
    assert_eq!(at("pat-1"), [("Patient.contact".to_owned(), None)]);
    assert!(found.invariants().iter().any(|i| &*i.key == "dom-6" && i.is_best_practice));
}

#[test]
fn a_flipped_byte_does_not_load() {
    for at in (0..48).chain((48..EMBEDDED.len()).step_by(997)) {
        let mut bytes = EMBEDDED.to_vec();
        bytes[at] ^= 0x10;
        assert!(format::parse(&bytes).is_err(), "byte {at}");
    }
    assert!(format::parse(&[]).is_err());
}

#[test]
fn rendering_what_was_parsed_gives_the_same_content() {
    let mut parsed = format::parse(EMBEDDED).unwrap();
    parsed.tables.model = std::mem::take(&mut parsed.model);
    let again = format::render(&parsed.tables).unwrap();
    assert_eq!(format::content(&again).unwrap(), format::content(EMBEDDED).unwrap());
}
