//! What another server says while a record is brought from it: nothing outside its base is ever asked, what is kept reads back, and what enters is of one
//! patient and refers to nothing of this house.
#![no_main]

use care::elsewhere::{
    address::is_within,
    came::Came,
    mapped::{From, all},
    walk::{Offers, Walk},
};

const BASE: &str = "https://there.example/fhir";
const PERSON: &[u8] = br#"{"resourceType": "Patient", "id": "p"}"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(came) = Came::parse(bytes) {
        assert_eq!(Came::parse(&came.render()), Some(came));
    }
    // Answers stand behind each other, parted by a zero byte; the first says what the server can do.
    let mut answers = bytes.split(|byte| *byte == 0);
    let mut walk = Walk::new(BASE, "p", Offers::read(answers.next().unwrap_or_default()));
    while let Some(wanted) = walk.wanted() {
        assert!(is_within(BASE, &wanted.address), "asked elsewhere");
        let answer = if wanted.address.ends_with("/Patient/p") { Some(PERSON) } else { answers.next() };
        let Some(answer) = answer else {
            walk.stop();
            continue;
        };
        walk.took(Ok(("application/fhir+json", answer)));
    }
    let Ok(came) = walk.done() else { return };
    assert_eq!(Came::parse(&came.render()).as_ref(), Some(&came));
    let (made, _) = all(&From { base: BASE, label: "There", patient: "ours", fetch: "f" }, &came);
    for made in made {
        fhir::reference::each_reference(&made.value, &mut |text| {
            let is_ours = text == "Patient/ours"
                || text.split_once('/').is_some_and(|(_, id)| id.starts_with('e') && id.len() == 41);
            assert!(is_ours || text.starts_with('#'), "a reference is left");
        });
    }
});
