//! Notes against the real kernel, on both engines: written, signed, added to, taken back, by one and by two at once (C6).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::act::Act;
use care::{
    chart::Chart,
    note::{
        self, Note, Part, Status, merge,
        template::Template,
        text,
        write::{Draft, Save, Saved, save, sign, version, withdraw},
    },
    writing,
};
use record::{change::Wish, error::Error};
use serde_json::{Value, json};
use std::sync::Barrier;
use testkit::house::{ENGINES, House};

fn put(house: &House, act: &Act, resource: Value) -> Result<(), Error> {
    let text = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (text("resourceType"), Some(text("id")));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(act, "update", &[wish.into()]).map(|_| ())
}

/// Two patients in the care of `Practitioner/bo` and `Practitioner/cy`, and one of others.
fn furnished(house: &House) {
    let operator = house.operator();
    for (id, name) in [("bo", "Dr Testri"), ("cy", "Dr Testini")] {
        put(house, &operator, json!({"resourceType": "Practitioner", "id": id, "name": [{"text": name}]}))
            .unwrap();
    }
    for id in ["p", "q", "far"] {
        put(house, &operator, json!({"resourceType": "Patient", "id": id, "name": [{"text": "Testa"}]}))
            .unwrap();
        if id == "far" {
            continue;
        }
        let participant =
            ["bo", "cy"].map(|who| json!({"individual": {"reference": format!("Practitioner/{who}")}}));
        let encounter = json!({"resourceType": "Encounter", "id": format!("e-{id}"), "status": "in-progress",
            "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{id}")}, "participant": participant});
        put(house, &operator, encounter).unwrap();
    }
}

fn physician(house: &House, id: &str) -> Act {
    house.staff("physician", &[&format!("Practitioner/{id}")])
}

fn part(key: &'static str, text: &str) -> Part {
    Part { key, title: key.to_owned(), text: text.to_owned() }
}

fn draft(parts: &[(&'static str, &str)]) -> Draft {
    Draft {
        template: Template::named("soap").unwrap(),
        title: "Review".into(),
        visit: String::new(),
        appends: String::new(),
        parts: parts.iter().map(|(key, text)| part(key, text)).collect(),
    }
}

/// Saves as the form does that was opened with that version.
fn keep(house: &House, act: &Act, id: &str, opened: i64, draft: &Draft) -> Result<Saved, Error> {
    save(&house.record, act, &Save { patient: "p", id, opened, sign: false, draft })
}

fn read(house: &House, id: &str) -> Note {
    let chart = Chart::open(&house.record, &house.operator(), "p", &["Composition"], "chart").unwrap();
    note::of(&chart).into_iter().find(|note| note.id == id).unwrap()
}

fn leaves(house: &House) -> usize {
    let note = String::from_utf8(house.record.store().checkpoint().unwrap()).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn c6_a_note_is_written_signed_and_then_stays_as_it_is() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        let mut typed =
            draft(&[("subjective", "Fever\r\nsince Monday"), ("objective", " "), ("plan", "Rest")]);
        typed.visit = "e-p".into();
        assert_eq!(keep(&house, &bo, "n", 0, &typed).unwrap(), Saved::Done(1));
        let note = read(&house, "n");
        assert_eq!(
            (note.status, note.by.clone(), note.visit.as_str()),
            (Status::Preliminary, vec!["Dr Testri".into()], "e-p")
        );
        assert_eq!((note.text("subjective"), note.text("objective")), ("Fever\nsince Monday", ""));
        assert!(note.is_open() && note.signed.is_none());

        let more = draft(&[("subjective", "Fever\nsince Monday"), ("plan", "Rest, fluids")]);
        assert_eq!(keep(&house, &bo, "n", 1, &more).unwrap(), Saved::Done(2));
        assert_eq!(read(&house, "n").visit, "", "what was taken out is out");
        assert_eq!(
            sign(&house.record, &bo, "p", "n", 1).unwrap(),
            Saved::Stale,
            "nobody signs what they did not read"
        );
        assert_eq!(sign(&house.record, &bo, "p", "n", 2).unwrap(), Saved::Done(3));
        assert_eq!(sign(&house.record, &bo, "p", "n", 2).unwrap(), Saved::Done(3), "a second click");
        let signed = read(&house, "n");
        assert_eq!((signed.status, signed.signed.unwrap().by.as_str()), (Status::Signed, "Dr Testri"));

        // Neither the tab that was left open nor one that is opened now changes it.
        for opened in [0, 2, 3] {
            assert_eq!(keep(&house, &bo, "n", opened, &draft(&[("plan", "Other")])).unwrap(), Saved::Signed);
        }
        assert_eq!(
            (read(&house, "n").version, read(&house, "n").text("plan").to_owned()),
            (3, "Rest, fluids".into())
        );
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

#[test]
fn c6_the_same_form_sent_twice_or_by_two_threads_at_once_makes_one_note() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, typed) = (physician(&house, "bo"), draft(&[("plan", "Rest")]));
        assert_eq!(keep(&house, &bo, "n", 0, &typed).unwrap(), Saved::Done(1));
        assert_eq!(keep(&house, &bo, "n", 0, &typed).unwrap(), Saved::Done(1));
        let signing = Save { patient: "p", id: "s", opened: 0, sign: true, draft: &typed };
        let barrier = Barrier::new(4);
        let outcomes: Vec<Saved> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        save(&house.record, &bo, &signing).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(outcomes, [Saved::Done(1); 4]);
        assert_eq!(read(&house, "s").status, Status::Signed);
        let history = house.record.verify(None, true, &mut |_| {}).unwrap();
        assert_eq!(history.faults, []);
    }
}

#[test]
fn c6_of_two_who_write_at_once_the_second_is_told_and_both_texts_are_there_to_be_put_together() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, cy) = (physician(&house, "bo"), physician(&house, "cy"));
        keep(&house, &bo, "n", 0, &draft(&[("plan", "Rest")])).unwrap();
        assert_eq!(
            keep(&house, &cy, "n", 1, &draft(&[("plan", "Rest"), ("assessment", "Viral")])).unwrap(),
            Saved::Done(2)
        );
        let mine = draft(&[("plan", "Rest, fluids")]);
        assert_eq!(keep(&house, &bo, "n", 1, &mine).unwrap(), Saved::Stale);
        assert_eq!(read(&house, "n").version, 2, "nothing was written over");

        let base = version(&house.record, &bo, "p", "n", 1).unwrap().unwrap();
        let theirs = read(&house, "n");
        let keys = theirs.template.unwrap().headings.iter().map(|heading| heading.key);
        let sides = merge::beside(keys, Some(&base), &theirs.parts, &mine.parts);
        let merged: Vec<(&'static str, &str)> =
            sides.iter().map(|side| (side.key, side.both.as_str())).collect();
        assert_eq!(keep(&house, &bo, "n", 2, &draft(&merged)).unwrap(), Saved::Done(3));
        let both = read(&house, "n");
        assert_eq!((both.text("plan"), both.text("assessment")), ("Rest, fluids", "Viral"));
        assert_eq!(both.by, ["Dr Testri", "Dr Testini"]);
        assert_eq!(
            version(&house.record, &bo, "q", "n", 1).unwrap(),
            None,
            "not by another patient's address"
        );
        assert_eq!(version(&house.record, &bo, "p", "n", 9).unwrap(), None);
    }
}

#[test]
fn x_of_many_who_save_the_same_version_at_once_one_is_saved_and_none_is_lost_unsaid() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        keep(&house, &bo, "n", 0, &draft(&[("plan", "start")])).unwrap();
        let barrier = Barrier::new(6);
        let outcomes: Vec<(usize, Saved)> = std::thread::scope(|scope| {
            let write = |n: usize| {
                let (house, bo, barrier) = (&house, &bo, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    (n, keep(house, bo, "n", 1, &draft(&[("plan", &format!("text {n}"))])).unwrap())
                })
            };
            let threads: Vec<_> = (0..6).map(write).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let saved: Vec<usize> =
            outcomes.iter().filter(|(_, came)| *came == Saved::Done(2)).map(|(n, _)| *n).collect();
        assert_eq!(saved.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|(n, came)| saved.contains(n) || *came == Saved::Stale));
        assert_eq!(read(&house, "n").text("plan"), format!("text {}", saved[0]));
    }
}

#[test]
fn c6_an_addendum_is_a_note_of_its_own_on_a_signed_note_and_on_no_other() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, cy) = (physician(&house, "bo"), physician(&house, "cy"));
        let added = |to: &str| Draft {
            template: Template::named("addendum").unwrap(),
            appends: to.into(),
            ..draft(&[("text", "The culture came back")])
        };
        keep(&house, &bo, "n", 0, &draft(&[("plan", "Rest")])).unwrap();
        assert!(
            matches!(keep(&house, &cy, "a", 0, &added("n")), Err(Error::Conflict(_))),
            "it is still open"
        );
        sign(&house.record, &bo, "p", "n", 1).unwrap();
        assert_eq!(keep(&house, &cy, "a", 0, &added("n")).unwrap(), Saved::Done(1));
        assert_eq!(sign(&house.record, &cy, "p", "a", 1).unwrap(), Saved::Done(2));
        assert!(matches!(keep(&house, &cy, "b", 0, &added("a")), Err(Error::Conflict(_))));
        assert!(matches!(keep(&house, &cy, "b", 0, &added("none")), Err(Error::NotFound)));
        let chart = Chart::open(&house.record, &cy, "p", &["Composition"], "chart").unwrap();
        let notes = note::of(&chart);
        assert_eq!(note::addenda(&notes, "n").len(), 1);
        assert_eq!(read(&house, "n").version, 2, "the note itself is as it was");
    }
}

#[test]
fn c6_what_was_entered_in_error_stays_with_who_and_why_and_is_written_on_no_more() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        keep(&house, &bo, "n", 0, &draft(&[("plan", "Rest")])).unwrap();
        sign(&house.record, &bo, "p", "n", 1).unwrap();
        let take = |why: &str| withdraw(&house.record, &physician(&house, "cy"), "p", "n", why).unwrap();
        assert_eq!((take(" \n "), take(&"x".repeat(201))), (Saved::Empty, Saved::Long));
        assert_eq!(take("Wrong <b>patient</b>"), Saved::Done(3));
        assert_eq!(take("Again"), Saved::Done(3), "the first reason stands");
        let note = read(&house, "n");
        let by = note.withdrawn.clone().unwrap();
        assert_eq!(
            (note.status, note.why.as_str(), by.by.as_str()),
            (Status::Withdrawn, "Wrong <b>patient</b>", "Dr Testini")
        );
        assert_eq!((note.text("plan"), note.signed.is_some()), ("Rest", true), "nothing of it is gone");
        assert_eq!(keep(&house, &bo, "n", 3, &draft(&[("plan", "Other")])).unwrap(), Saved::Withdrawn);
        assert_eq!(sign(&house.record, &bo, "p", "n", 3).unwrap(), Saved::Withdrawn);
        assert_eq!(keep(&house, &bo, "gone", 4, &draft(&[("plan", "Other")])).unwrap(), Saved::Withdrawn);
    }
}

#[test]
fn e1_nobody_writes_into_a_record_that_is_not_open_to_them_or_moves_a_note_to_another() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, typed) = (physician(&house, "bo"), draft(&[("plan", "Rest")]));
        let at = |act: &Act, patient: &str, id: &str, draft: &Draft| {
            save(&house.record, act, &Save { patient, id, opened: 0, sign: false, draft })
        };
        assert!(matches!(at(&bo, "far", "n", &typed), Err(Error::Refused)), "not in care");
        assert_eq!(at(&bo, "p", "n", &typed).unwrap(), Saved::Done(1));
        assert!(matches!(at(&bo, "q", "n", &typed), Err(Error::NotFound)), "another patient's note");
        assert!(matches!(sign(&house.record, &bo, "q", "n", 1), Err(Error::NotFound)));
        assert!(matches!(withdraw(&house.record, &bo, "q", "n", "why"), Err(Error::NotFound)));
        let of_another = Draft { visit: "e-q".into(), ..typed.clone() };
        assert!(matches!(at(&bo, "p", "m", &of_another), Err(Error::NotFound)), "another patient's visit");
        for bad in ["", "a/b", "a b", "../n", &"x".repeat(65)] {
            assert!(matches!(at(&bo, "p", bad, &typed), Err(Error::NotFound)), "{bad}");
        }
        let stranger = physician(&house, "nobody");
        assert!(
            matches!(at(&stranger, "p", "n", &typed), Err(Error::Refused)),
            "an id that they may not know of"
        );
        for act in [
            house.patient("p"),
            house.staff("front-desk", &["Organization/o"]),
            house.staff("laboratory", &["Practitioner/bo"]),
        ] {
            assert!(!writing::may(&act, "Composition"));
            assert!(matches!(at(&act, "p", "m", &typed), Err(Error::Refused)), "{}", act.actor.role);
        }
        assert!(
            writing::may(&bo, "Composition")
                && writing::may(&house.staff("nurse", &["Practitioner/bo"]), "Composition")
        );
        assert_eq!(
            at(&house.staff("nurse", &["Practitioner/bo"]), "p", "m", &typed).unwrap(),
            Saved::Done(1)
        );
    }
}

#[test]
fn whatever_is_typed_is_kept_to_the_letter_and_nothing_is_not_kept() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        for (n, typed) in [
            "<script>alert(1)</script>&amp;<!-- ]]> -->".to_owned(),
            "\u{202e}abc\u{202c} العربية 👩‍⚕️ జ్వరం बुखार".to_owned(),
            "a\n\n\n\nb\n  c\td".to_owned(),
            "जाँच fever <i> 🌡\n\n".repeat(4_000),
        ]
        .iter()
        .enumerate()
        {
            let id = format!("n{n}");
            let (title, longest) = (format!("<b>{n}</b>"), typed.as_str());
            let typed = Draft { title: title.clone(), ..draft(&[("subjective", longest)]) };
            assert_eq!(keep(&house, &bo, &id, 0, &typed).unwrap(), Saved::Done(1));
            let note = read(&house, &id);
            assert_eq!(
                (note.title.clone(), note.text("subjective").to_owned()),
                (title, text::clean(longest))
            );
            assert_eq!(
                keep(&house, &bo, &id, 1, &typed).unwrap(),
                Saved::Done(1),
                "it was read as it was typed"
            );
        }
        for (typed, expected) in [
            (draft(&[]), Saved::Empty),
            (draft(&[("plan", " \r\n\t\u{0}")]), Saved::Empty),
            (Draft { title: "x".repeat(201), ..draft(&[("plan", "a")]) }, Saved::Long),
        ] {
            assert_eq!(keep(&house, &bo, "m", 0, &typed).unwrap(), expected);
        }
        let untitled = Draft { title: " ".into(), ..draft(&[("plan", "a")]) };
        keep(&house, &bo, "m", 0, &untitled).unwrap();
        assert_eq!(read(&house, "m").title, "Progress note");
    }
}

#[test]
fn what_another_program_put_into_a_note_stays_when_our_form_saves_it() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        let loinc = |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code}]});
        let theirs = json!({"resourceType": "Composition", "id": "n", "status": "preliminary", "type": loinc("11506-3"),
            "subject": {"reference": "Patient/p"}, "date": "2026-01-01", "author": [{"display": "Elsewhere"}], "title": "t",
            "confidentiality": "N", "event": [{"detail": [{"reference": "Observation/o"}]}],
            "section": [{"title": "Plan", "code": loinc("18776-5"), "mode": "working", "entry": [{"reference": "Observation/o"}],
                "text": {"status": "generated", "div": text::div("Rest")}}]});
        put(&house, &house.operator(), theirs).unwrap();
        assert_eq!(
            keep(&house, &bo, "n", 1, &draft(&[("assessment", "Viral"), ("plan", "Fluids")])).unwrap(),
            Saved::Done(2)
        );
        let now = house.record.now(&bo, "test", "Composition", "n").unwrap().unwrap().value;
        assert_eq!(
            (&now["confidentiality"], &now["author"][0]["display"]),
            (&json!("N"), &json!("Elsewhere"))
        );
        assert_eq!(now["event"][0]["detail"][0]["reference"], "Observation/o");
        let plan = &now["section"][1];
        assert_eq!(
            (&plan["mode"], &plan["entry"][0]["reference"]),
            (&json!("working"), &json!("Observation/o"))
        );
        assert!(plan["text"]["div"].as_str().unwrap().contains("Fluids"));
        // Emptied here, what it is about stays; and the form that is sent again changes nothing.
        let without = draft(&[("assessment", "Viral")]);
        assert_eq!(keep(&house, &bo, "n", 2, &without).unwrap(), Saved::Done(3));
        assert_eq!(keep(&house, &bo, "n", 3, &without).unwrap(), Saved::Done(3));

        let foreign = json!({"resourceType": "Composition", "id": "m", "status": "preliminary", "type": {"text": "Letter"},
            "subject": {"reference": "Patient/p"}, "date": "2026-01-01", "author": [{"display": "Elsewhere"}], "title": "t"});
        put(&house, &house.operator(), foreign).unwrap();
        assert!(matches!(keep(&house, &bo, "m", 1, &draft(&[("plan", "a")])), Err(Error::Unsupported(_))));
        // A form of another template has no place for what stands there.
        let free = Draft { template: Template::named("free").unwrap(), ..draft(&[("text", "a")]) };
        assert!(matches!(keep(&house, &bo, "n", 3, &free), Err(Error::Unsupported(_))));
        assert_eq!(read(&house, "n").text("assessment"), "Viral");
    }
}

#[test]
fn one_save_is_one_entry_in_the_log() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = physician(&house, "bo");
        for (opened, plan) in [(0, "a"), (1, "b"), (2, "c")] {
            let before = leaves(&house);
            keep(&house, &bo, "n", opened, &draft(&[("plan", plan)])).unwrap();
            assert_eq!(leaves(&house), before + 1);
        }
        let before = leaves(&house);
        sign(&house.record, &bo, "p", "n", 3).unwrap();
        assert_eq!(leaves(&house), before + 1);
    }
}
