use super::*;
use crate::vitals::{
    resource::{By, observations},
    typed::check,
};
use serde_json::json;

/// A chart of sets that were saved at these times.
fn chart(patient: Value, sets: &[(&str, &[(&str, &str)])]) -> Chart {
    let mut chart = Chart { id: "p".into(), patient, ..Chart::default() };
    for (at, fields) in sets {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let about = about(&chart);
        let now = at.parse::<jiff::Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        let set = check(&fields, &about, &now).unwrap();
        let by = By { patient: "p", performers: vec![json!({"display": "Nila"})], is_own: false, key: at };
        let made = observations(&set, &about, &by);
        chart.resources.extend(made.into_iter().map(|value| Resource {
            kind: "Observation".into(),
            id: value["id"].as_str().unwrap().to_owned(),
            value,
        }));
    }
    chart
}

fn man() -> Value {
    json!({"birthDate": "1960-01-01", "gender": "male"})
}

const WHOLE: [(&str, &str); 8] = [
    ("systolic", "95"),
    ("diastolic", "60"),
    ("heart-rate", "115"),
    ("respiratory-rate", "22"),
    ("temperature", "38.5"),
    ("saturation", "94"),
    ("oxygen", "oxygen"),
    ("consciousness", "alert"),
];

fn row_of(code: &str) -> usize {
    ROWS.iter().position(|row| *row == code).unwrap()
}

#[test]
fn c1_a_column_is_a_time_and_a_row_a_measurement_newest_first() {
    let chart = chart(
        man(),
        &[
            ("2026-11-20T08:00:00Z", &[("heart-rate", "72")]),
            ("2026-11-22T08:00:00Z", &WHOLE),
            ("2026-11-21T08:00:20Z", &[("weight", "80"), ("height", "180")]),
        ],
    );
    let columns = of(&chart);
    let days: Vec<_> = columns.iter().map(|column| column.when.day).collect();
    assert_eq!(days, [Some(22), Some(21), Some(20)]);
    let text = |column: usize, code: &str| {
        columns[column].cells[row_of(code)].iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((text(0, PRESSURE), text(0, NEWS2)), (vec!["95/60 mmHg"], vec!["10 points"]));
    assert_eq!((text(1, BMI), text(2, BMI)), (vec!["24.7 kg/m²"], vec![]));
    assert_eq!(columns[0].cells[row_of(OXYGEN)][0].word, "oxygen-oxygen");
    assert_eq!(columns[0].cells[row_of(CONSCIOUSNESS)][0].word, "acvpu-alert");
    assert_eq!(columns[0].cells[row_of("8867-4")][0].flag, Some(Flag::High));
    assert_eq!(columns[0].by, ["Nila"]);
}

#[test]
fn what_was_entered_in_error_stays_in_sight_with_its_reason() {
    let mut chart =
        chart(man(), &[("2026-11-22T08:00:00Z", &[("heart-rate", "172"), ("sure-heart-rate", "172")])]);
    chart.resources[0].value["status"] = "entered-in-error".into();
    chart.resources[0].value["note"] = json!([{"text": "before"}, {"text": "it was 72"}]);
    let cell = of(&chart)[0].cells[row_of("8867-4")][0].clone();
    assert_eq!((cell.is_error, cell.reason.as_str(), cell.flag), (true, "it was 72", None));
    assert_eq!(warning(&chart), None, "nothing is left that could warn");
}

#[test]
fn the_last_warning_is_that_of_the_record_or_says_what_is_missing() {
    let one = chart(man(), &[("2026-11-22T08:00:00Z", &WHOLE)]);
    assert_eq!(warning(&one).unwrap().score, Ok((10, Band::High)));
    let two = chart(man(), &[("2026-11-22T08:00:00Z", &WHOLE), ("2026-11-22T09:00:00Z", &WHOLE[..3])]);
    let missing = warning(&two).unwrap().score.unwrap_err();
    assert_eq!(missing.len(), 5);
    assert!(missing.contains(&Why::Missing(news2::Part::RespiratoryRate)));
    let woman = json!({"birthDate": "1990-01-01", "gender": "female"});
    let of_woman = |pregnant| {
        let fields = [&WHOLE[..], &[("pregnant", pregnant)]].concat();
        warning(&chart(woman.clone(), &[("2026-11-22T08:00:00Z", &fields)])).unwrap().score
    };
    assert_eq!(of_woman(""), Err(vec![Why::PregnancyUnknown]));
    assert_eq!(of_woman("yes"), Err(vec![Why::Pregnant]));
    assert_eq!(of_woman("no"), Ok((10, Band::High)));
    let parts = chart(man(), &[("2026-11-22T08:00:00Z", &WHOLE[..4]), ("2026-11-22T08:00:30Z", &WHOLE[4..])]);
    assert_eq!(warning(&parts).unwrap().score, Err(vec![Why::Apart]));
    assert_eq!(warning(&chart(man(), &[("2026-11-22T08:00:00Z", &[("weight", "80")])])), None);
    let mut reported =
        chart(man(), &[("2026-11-22T08:00:00Z", &WHOLE), ("2026-11-22T09:00:00Z", &[("heart-rate", "70")])]);
    let own = reported.resources.last_mut().unwrap();
    (own.value["status"], own.value["performer"]) =
        ("preliminary".into(), json!([{"reference": "Patient/p"}]));
    assert_eq!(
        warning(&reported).unwrap().score,
        Ok((10, Band::High)),
        "what a patient reports warns nobody"
    );
}

#[test]
fn the_newest_height_that_is_sure_is_known_to_the_form() {
    let mut chart = chart(
        man(),
        &[("2026-11-20T08:00:00Z", &[("height", "180")]), ("2026-11-22T08:00:00Z", &[("height", "178.50")])],
    );
    assert_eq!(about(&chart).height.unwrap().number.digits, "178.50");
    chart.resources[1].value["status"] = "preliminary".into();
    assert_eq!(about(&chart).height.unwrap().number.digits, "180");
}

#[test]
fn e9_what_was_brought_from_another_house_is_seen_under_its_name_and_warns_of_nothing() {
    let mut brought = chart(man(), &[("2026-11-22T08:00:00Z", &WHOLE)]);
    assert!(warning(&brought).is_some());
    for resource in &mut brought.resources {
        resource.value["meta"] =
            json!({"tag": [{"system": crate::elsewhere::TAG, "code": "x", "display": "City Hospital"}]});
    }
    let cell = &of(&brought)[0].cells[row_of("8867-4")][0];
    assert_eq!((cell.text.as_str(), cell.from.as_str()), ("115 /min", "City Hospital"));
    assert_eq!(warning(&brought), None);
}
