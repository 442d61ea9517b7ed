use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::json;

fn chart(resources: &[Value]) -> Chart {
    let mut chart = Chart { id: "p".into(), ..Chart::default() };
    chart.add("Practitioner".into(), "bo".into(), json!({"name": [{"family": "Bonnard", "given": ["Bo"]}]}));
    for (at, resource) in resources.iter().enumerate() {
        let kind = resource["resourceType"].as_str().unwrap().to_owned();
        chart.add(kind, format!("r{at}"), resource.clone());
    }
    chart
}

fn found(chart: &Chart, question: &str) -> Vec<String> {
    find(chart, &asked(question).unwrap()).hits.into_iter().map(|hit| hit.event.id).collect()
}

fn furnished() -> Chart {
    let data = STANDARD.encode("Please go on with METFORMIN 850 mg,\ntwice a day. Renal function is good.");
    chart(&[
        json!({"resourceType": "MedicationRequest", "authoredOn": "2020-01-01", "medicationCodeableConcept": {"text": "Metformin 500 mg"},
            "requester": {"reference": "Practitioner/bo"}, "meta": {"tag": [{"display": "metaword"}]}}),
        json!({"resourceType": "Composition", "date": "2024-01-01", "title": "Progress note", "status": "final", "section": [{"text": {
            "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Tolerates metformin well &amp; walks.<br/>Naïve to insulin</p></div>"}}]}),
        json!({"resourceType": "DocumentReference", "date": "2023-01-01", "status": "current", "content": [
            {"attachment": {"contentType": "application/pdf", "url": "Binary/b", "title": "Letter"}},
            {"attachment": {"contentType": "text/plain", "data": data, "title": "Text"}}]}),
        json!({"resourceType": "Observation", "effectiveDateTime": "2022-01-01", "code": {"text": "HbA1c",
            "coding": [{"system": "http://loinc.org", "code": "4548-4"}]}, "valueQuantity": {"value": 7.1, "unit": "%"}}),
        json!({"resourceType": "MedicationStatement", "status": "entered-in-error", "medicationCodeableConcept": {"text": "Metformin"}}),
        json!({"resourceType": "Condition", "recordedDate": "2021-05-05", "code": {"text": "मधुमेह"}, "note": [{"text": "O'Brien-Smith called"}]}),
        json!({"resourceType": "DocumentReference", "date": "2023-01-01", "status": "current", "content": [
            {"attachment": {"contentType": "image/png", "url": "Binary/c", "title": "Scan"}}]}),
    ])
}

#[test]
fn c9_metformin_is_found_in_medicines_notes_and_the_text_of_files() {
    let chart = furnished();
    let all = find(&chart, &asked("metformin").unwrap());
    let ids: Vec<&str> = all.hits.iter().map(|hit| hit.event.id.as_str()).collect();
    assert_eq!(
        ids,
        ["r0", "r1", "r2"],
        "what is called so comes first, then the newest; nothing that was entered in error"
    );
    assert_eq!((all.more, all.unread), (0, 1), "one picture, whose words nobody read");
    let said = &all.hits[2].said;
    assert!(said.is_in_file && said.found == "METFORMIN" && said.before == "Please go on with ", "{said:?}");
    assert!(all.hits[1].said.found == "metformin" && !all.hits[1].said.is_in_file);
}

#[test]
fn every_word_counts_from_its_beginning_without_case_or_accents() {
    let chart = furnished();
    for (question, ids) in [
        ("metf 850", vec!["r2"]),
        ("twice METF", vec!["r2"]),
        ("naive", vec!["r1"]),
        ("INSULIN well", vec!["r1"]),
        ("hba1c", vec!["r3"]),
        ("4548-4", vec!["r3"]),
        ("7.1", vec!["r3"]),
        ("मधु", vec!["r5"]),
        ("obrien smith", vec!["r5"]),
        ("O’Brien", vec!["r5"]),
        ("bonnard", vec!["r0"]),
        ("formin", vec![]),
        ("metformin aspirin", vec![]),
        ("entered", vec![]),
        ("metaword", vec![]),
        ("practitioner", vec![]),
        ("xhtml", vec![]),
    ] {
        assert_eq!(found(&chart, question), ids, "{question}");
    }
    assert_eq!(find(&chart, &asked("hba1c").unwrap()).hits[0].series, "4548-4");
}

#[test]
fn a_question_without_words_or_too_long_is_none() {
    for question in ["", "  ", "…", "/ / ,", &"a".repeat(LONGEST + 1)] {
        assert_eq!(asked(question), None, "{question}");
    }
    assert_eq!(asked("  Co-Amoxiclav, 625 "), Some(vec!["co".into(), "amoxiclav".into(), "625".into()]));
}

#[test]
fn many_hits_are_counted_and_the_newest_shown() {
    let many: Vec<Value> = (0..MOST + 7)
        .map(|at| json!({"resourceType": "Condition", "recordedDate": format!("{}-01-01", 1900 + at), "code": {"text": "Asthma"}}))
        .collect();
    let all = find(&chart(&many), &asked("asthma").unwrap());
    assert_eq!((all.hits.len(), all.more), (MOST, 7));
    assert_eq!(all.hits[0].event.id, format!("r{}", MOST + 6));
}

proptest! {
    #[test]
    fn any_text_is_searched_and_what_is_said_of_it_stands_there(text in any::<String>(), more in "\\PC{0,200}") {
        let whole = format!("{text} needle {more}");
        let chart = chart(&[json!({"resourceType": "Condition", "note": [{"text": whole}]})]);
        let all = find(&chart, &asked("needle").unwrap());
        let said = &all.hits[0].said;
        let stands = format!("{}{}{}", said.before.trim_start_matches('…'), said.found, said.after.trim_end_matches('…'));
        prop_assert!(whole.contains(&stands) || stands.contains('…'), "{:?}", stands);
        let _ = asked(&text).map(|asked| find(&chart, &asked));
    }
}
