use super::*;
use crate::chart::Resource;
use serde_json::json;

fn chart(values: &[(&str, Value)]) -> Chart {
    let resource = |(id, value): &(&str, Value)| Resource {
        kind: "Composition".into(),
        id: (*id).into(),
        value: value.clone(),
    };
    Chart { id: "p".into(), resources: values.iter().map(resource).collect(), ..Chart::default() }
}

fn soap(status: &str, sections: Value) -> Value {
    json!({"status": status, "type": {"coding": [{"system": LOINC, "code": "11506-3"}]}, "title": "t", "section": sections})
}

fn section(code: &str, text: &str) -> Value {
    json!({"code": {"coding": [{"system": LOINC, "code": code}]}, "text": {"div": text::div(text)}})
}

#[test]
fn a_note_is_read_with_who_wrote_who_signed_and_what_it_was_added_to() {
    let mut note = soap("final", json!([section("18776-5", "Rest & fluids")]));
    note["meta"] = json!({"versionId": "3"});
    note["date"] = "2026-03-04T10:00:00Z".into();
    note["author"] = json!([{"display": "Dr A"}, {"display": "Dr B"}]);
    note["attester"] = json!([
        {"mode": "personal", "party": {"display": "Nobody"}},
        {"mode": "legal", "time": "2026-03-04T10:05:00Z", "party": {"display": "Dr B"}},
    ]);
    note["relatesTo"] = json!([{"code": "replaces", "targetReference": {"reference": "Composition/x"}},
        {"code": "appends", "targetReference": {"reference": "Composition/y"}}]);
    let notes = of(&chart(&[("n", note)]));
    let read = &notes[0];
    assert_eq!((read.version, read.status, read.by.len()), (3, Status::Signed, 2));
    let signed = read.signed.clone().unwrap();
    assert_eq!((signed.by.as_str(), signed.at.unwrap().as_second()), ("Dr B", 1_772_618_700));
    assert_eq!((read.text("plan"), read.appends.as_str()), ("Rest & fluids", "y"));
    assert_eq!(addenda(&notes, "y").len(), 1);
    assert!(!read.is_open());
}

#[test]
fn what_another_program_wrote_is_read_and_is_not_ours_to_change() {
    let inner = json!([{"title": "Inner", "text": {"div": "<div>b</div>"}}]);
    let nested = json!([{"title": "Outer", "text": {"div": "<div><table><tr><td>a</td></tr></table></div>"}, "section": inner}]);
    let theirs = json!({"status": "preliminary", "type": {"text": "Letter"}, "section": nested});
    let notes = of(&chart(&[("n", theirs)]));
    let said: Vec<(&str, &str)> =
        notes[0].parts.iter().map(|p| (p.title.as_str(), p.text.as_str())).collect();
    assert_eq!(said, [("Outer", "a"), ("Inner", "b")]);
    assert!(!notes[0].is_open() && notes[0].title == "Letter");
    for (sections, expected) in [
        (json!([section("18776-5", "a")]), true),
        (json!([]), true),
        (json!([section("18776-5", "a"), section("18776-5", "b")]), false),
        (json!([section("1-1", "a")]), false),
        (json!([{"title": "x", "text": {"div": text::div("a")}}]), false),
        (
            json!([{"code": {"coding": [{"system": LOINC, "code": "18776-5"}]}, "text": {"div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><b>a</b></div>"}}]),
            false,
        ),
    ] {
        assert_eq!(is_ours(&soap("preliminary", sections.clone())), expected, "{sections}");
    }
}

#[test]
fn sections_within_sections_are_followed_so_far_and_no_farther() {
    let mut deep = json!({"title": "x"});
    for _ in 0..100 {
        deep = json!({"title": "x", "section": [deep]});
    }
    assert_eq!(parts(&json!({"section": [deep]})).len(), DEEPEST + 1);
}

#[test]
fn a_patient_reads_signed_notes_alone() {
    let with = |status: &str| soap(status, json!([section("18776-5", "a")]));
    let all = ["preliminary", "final", "amended", "entered-in-error"];
    let values: Vec<(&str, Value)> = all.iter().map(|status| (*status, with(status))).collect();
    let mut chart = chart(&values);
    chart.resources.push(Resource {
        kind: "Encounter".into(),
        id: "e".into(),
        value: json!({"status": "preliminary"}),
    });
    for (id, to) in [("added", "final"), ("added-to-error", "entered-in-error")] {
        let mut value = with("final");
        value["relatesTo"] =
            json!([{"code": "appends", "targetReference": {"reference": format!("Composition/{to}")}}]);
        chart.resources.push(Resource { kind: "Composition".into(), id: id.into(), value });
    }
    keep_signed(&mut chart);
    let left: Vec<&str> = chart.resources.iter().map(|resource| resource.id.as_str()).collect();
    assert_eq!(left, ["final", "amended", "e", "added"]);
}
