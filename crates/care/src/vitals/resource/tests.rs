use super::*;
use crate::{
    vitals::typed::{Height, check},
    when::When,
};

fn about() -> About {
    About { born: When::parse("1990-05-31"), gender: "male".into(), height: None }
}

fn made_of(fields: &[(&str, &str)], about: &About, is_own: bool) -> Vec<Value> {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let set = check(&fields, about, &"2026-11-22T10:00:00.5+00:00[UTC]".parse().unwrap()).unwrap();
    let by = By { patient: "p", performers: vec![json!({"reference": "Practitioner/n"})], is_own, key: "k" };
    observations(&set, about, &by)
}

fn made(fields: &[(&str, &str)]) -> Vec<Value> {
    made_of(fields, &about(), false)
}

const WHOLE: [(&str, &str); 10] = [
    ("systolic", "145"),
    ("diastolic", "80"),
    ("heart-rate", "72"),
    ("respiratory-rate", "16"),
    ("temperature", "37.0"),
    ("saturation", "97"),
    ("weight", "70.50"),
    ("height", "175"),
    ("oxygen", "air"),
    ("consciousness", "alert"),
];

#[test]
fn c1_a_whole_set_is_valid_fhir_in_the_vital_signs_profiles() {
    let all = made(&WHOLE);
    let ids: Vec<&str> = all.iter().map(|made| made["id"].as_str().unwrap()).collect();
    let expected = [
        "k-85354-9",
        "k-8867-4",
        "k-9279-1",
        "k-8310-5",
        "k-59408-5",
        "k-29463-7",
        "k-8302-2",
        "k-39156-5",
        "k-oxygen",
        "k-67775-7",
        "k-news2",
    ];
    assert_eq!(ids, expected);
    for made in &all {
        assert_eq!(made["status"], "final");
        assert_eq!(made["effectiveDateTime"], "2026-11-22T10:00:00Z");
        assert_eq!(made["subject"]["reference"], "Patient/p");
        assert_eq!(made["performer"][0]["reference"], "Practitioner/n");
    }
    assert_eq!(all[0]["meta"]["profile"][0], "http://hl7.org/fhir/StructureDefinition/bp");
    assert_eq!(all[0]["component"][0]["code"]["coding"][0]["code"], "8480-6");
    assert_eq!(all[0]["component"][1]["valueQuantity"]["code"], "mm[Hg]");
    assert_eq!(all[0]["interpretation"][0]["coding"][0]["code"], "H", "the worse of the two");
    let saturation: Vec<&Value> =
        all[4]["code"]["coding"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(saturation, ["59408-5", "2708-6"]);
    assert_eq!(all[5]["valueQuantity"]["value"].to_string(), "70.50");
    assert_eq!(
        (all[7]["valueQuantity"]["value"].to_string(), all[7]["valueQuantity"]["code"].as_str()),
        ("23.0".into(), Some("kg/m2"))
    );
    assert_eq!(all[10]["valueQuantity"]["value"], 0);
    assert_eq!(all[10]["derivedFrom"].as_array().unwrap().len(), 7);
}

#[test]
fn a_palpated_blood_pressure_says_that_the_lower_value_was_not_taken() {
    let all = made(&[("systolic", "85")]);
    assert_eq!(all[0]["component"][1]["dataAbsentReason"]["coding"][0]["code"], "not-performed");
    assert_eq!(all[0]["interpretation"][0]["coding"][0]["code"], "LL");
}

#[test]
fn the_newest_height_counts_but_not_an_earlier_one_of_a_child() {
    let known = |born: &str| About {
        born: When::parse(born),
        height: Some(Height { number: Number::read("160").unwrap(), id: "h1".into() }),
        ..about()
    };
    let bmi = |born: &str, fields: &[(&str, &str)]| {
        let all = made_of(fields, &known(born), false);
        all.into_iter().find(|made| made["id"] == "k-39156-5")
    };
    let of_known = bmi("1990-05-31", &[("weight", "64")]).unwrap();
    assert_eq!(of_known["valueQuantity"]["value"].to_string(), "25.0");
    assert_eq!(of_known["derivedFrom"][1]["reference"], "Observation/h1");
    let both = bmi("1990-05-31", &[("weight", "64"), ("height", "200")]).unwrap();
    assert_eq!(both["derivedFrom"][1]["reference"], "Observation/k-8302-2");
    assert_eq!(bmi("1990-05-31", &[("height", "170")]), None);
    assert_eq!(bmi("2012-05-31", &[("weight", "40")]), None);
    assert!(bmi("2012-05-31", &[("weight", "40"), ("height", "150")]).is_some());
    assert!(made(&[("weight", "70")]).iter().all(|made| made["id"] != "k-39156-5"));
}

#[test]
fn what_a_patient_writes_is_preliminary_and_scores_nothing() {
    let all = made_of(&WHOLE, &about(), true);
    assert!(all.iter().all(|made| made["status"] == "preliminary"));
    assert!(all.iter().all(|made| made["id"] != "k-news2" && made["id"] != "k-oxygen"));
}

#[test]
fn nothing_is_said_of_the_values_of_children_or_of_somebody_of_unknown_age() {
    for born in ["2020-01-01", ""] {
        let child = About { born: When::parse(born), ..about() };
        let all = made_of(&[("heart-rate", "110")], &child, false);
        assert!(all[0].get("interpretation").is_none() && all[0].get("referenceRange").is_none(), "{born}");
    }
}

#[test]
fn on_scale_2_a_saturation_of_90_is_as_it_should_be() {
    let of = |scale: &str| {
        let all = made(&[("saturation", "90"), ("scale", scale)]);
        all[0]["interpretation"][0]["coding"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!([of("1"), of("2")], ["LL", "N"]);
}
