//! D6: what is large and compresses is kept small, and comes back to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use record::change::Wish;
use serde_json::json;
use testkit::house::{Engine, House};

/// Ten megabytes of a ward's log, as a text that a person might have written down.
fn ward_log() -> Vec<u8> {
    let mut text = String::with_capacity(10 << 20);
    let mut number: u32 = 1;
    while text.len() < 10 << 20 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (bed, pulse, temperature) = (number >> 27, 55 + (number >> 16) % 60, 360 + (number >> 8) % 35);
        text.push_str(&format!(
            "Bed {bed}: pulse {pulse}/min, temperature {}.{} Cel, seen by the night nurse.\n",
            temperature / 10,
            temperature % 10
        ));
    }
    text.into_bytes()
}

#[test]
fn d6_ten_megabytes_of_text_take_less_than_two_and_a_half_and_come_back_the_same() {
    let house = House::new(Engine::Sqlite);
    let before = house.record.store().size_bytes().unwrap();
    let sent = ward_log();
    let resource =
        json!({"resourceType": "Binary", "contentType": "text/plain", "data": STANDARD.encode(&sent)});
    let create = Wish::Create { resource, if_none_exist: None };
    let done = house.record.commit(&house.operator(), "create", &[create.into()]).unwrap().remove(0);
    let taken = house.record.store().size_bytes().unwrap() - before;
    assert!(taken < 2_500_000, "{taken} bytes");
    let shown = house.record.read(&house.operator(), "Binary", &done.id).unwrap();
    let shown = fhir::json::parse(&shown.body, fhir::json::Limits::default()).unwrap();
    assert!(STANDARD.decode(shown["data"].as_str().unwrap()).unwrap() == sent);
}
