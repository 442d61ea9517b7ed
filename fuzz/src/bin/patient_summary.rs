//! A record's summary, of whatever is stored: every reference in it leads to what is in it, and its narrative is text.
#![no_main]

use care::{
    chart::Chart,
    patient_summary::{Extent, document},
};
use fhir::json;
use record::{
    everything::Everything,
    search::{Mode, PageEntry},
};
use serde_json::Value;
use std::collections::BTreeSet;

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("reference").and_then(Value::as_str));
            members.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse(bytes, json::Limits::default()) else { return };
    let resources = value.as_array().into_iter().flatten().filter(|resource| resource.is_object());
    let entry = |(at, resource): (usize, &Value)| PageEntry {
        mode: Mode::Match,
        resource_type: resource["resourceType"].as_str().unwrap_or("Observation").to_owned(),
        id: if resource["resourceType"] == "Patient" { "p".into() } else { format!("r{at}") },
        body: json::render(resource),
    };
    let entries = resources.enumerate().map(entry).collect();
    let Ok(chart) = Chart::of("p", Everything { entries, ..Everything::default() }) else { return };
    for extent in [Extent::Summary, Extent::Everything] {
        let bundle = document(&chart, extent, jiff::Timestamp::UNIX_EPOCH);
        let entries = bundle["entry"].as_array().expect("a document has entries");
        let known: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
        assert_eq!(known.len(), entries.len());
        let mut led = Vec::new();
        references(&bundle, &mut led);
        assert!(led.iter().all(|to| known.contains(to) || to.starts_with('#')));
        for section in bundle["entry"][0]["resource"]["section"].as_array().into_iter().flatten() {
            let div = section["text"]["div"].as_str().expect("a section has a narrative");
            let tags = div.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap_or_default());
            assert!(
                tags.into_iter()
                    .all(|tag| ["div", "/div", "ul", "/ul", "li", "/li", "p", "/p"].contains(&tag))
            );
        }
    }
});
