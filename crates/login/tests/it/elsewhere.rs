//! The way to another server and back, and what waits for the patient's word (E9), on both engines.

use crate::{chart::charted, house::Desk};
use login::{
    elsewhere::{
        Listing,
        parcel::{Slip, State},
    },
    error::Error,
    federation::Answer,
    realm::Realm,
    roster::By,
    session::Who,
};
use testkit::house::{ENGINES, Engine};

const BASE: &str = "https://there.example/fhir";
const BACK: &str = "https://here.example/patient/elsewhere/back";

fn configuration(issues: bool) -> Vec<u8> {
    let issuer = if issues {
        ",\"issuer\":\"https://there.example\",\"authorization_response_iss_parameter_supported\":true"
    } else {
        ""
    };
    format!("{{\"authorization_endpoint\":\"https://there.example/authorize?x=y\",\"token_endpoint\":\"https://there.example/token\"{issuer}}}").into()
}

/// A house that lists that server, Asha who has a chart, and the server's id on the list.
fn opened(engine: Engine) -> (Desk, Who, String) {
    let (desk, admin) = charted(engine);
    let who = desk.who(Realm::Admin, desk.sign_in(&admin).session.reveal()).unwrap();
    let listing =
        Listing { name: "City Hospital", base: BASE, client_id: "us", secret: "s&crt", ..Listing::default() };
    let draft = desk.login.draft_house(By::Administrator(&who), &listing, &desk.visit()).unwrap();
    assert_eq!(draft.registration(&configuration(false), BACK).unwrap(), None);
    desk.login
        .list_house(By::Administrator(&who), draft, &configuration(false), None, &desk.visit())
        .unwrap();
    let asha = desk.patient("asha@example.org");
    desk.linked(&admin, &asha, "asha");
    let id = desk.login.houses(desk.now()).unwrap().remove(0).0;
    let who = desk.fresh(&asha);
    (desk, who, id)
}

/// Goes there: the attempt, and the state that was sent along.
fn gone(desk: &Desk, who: &Who, house: &str, issues: bool) -> (String, String) {
    let started =
        desk.login.start_errand(who, ("asha", house), &configuration(issues), BACK, &desk.visit()).unwrap();
    assert!(
        started.address.starts_with("https://there.example/authorize?x=y&response_type=code&client_id=us")
    );
    for part in [
        "code_challenge_method=S256",
        "aud=https%3A%2F%2Fthere.example%2Ffhir",
        "scope=launch%2Fpatient%20patient%2F%2A.rs",
    ] {
        assert!(started.address.contains(part), "{part} in {}", started.address);
    }
    let state = started.address.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    (started.attempt.reveal().to_owned(), state)
}

fn right(state: &str) -> Answer<'_> {
    Answer { state, code: "c", ..Answer::default() }
}

fn slip(desk: &Desk, who: &Who) -> Slip {
    desk.login.await_parcel(who, "asha", (BASE, "City Hospital"), &desk.visit()).unwrap()
}

#[test]
fn e9_the_way_back_is_good_once_for_who_went_and_where_they_went() {
    for engine in ENGINES {
        let (desk, asha, house) = opened(engine);
        let answered = |who: &Who, attempt: &str, answer: Answer<'_>| {
            desk.login.ended_errand(who, attempt, answer, &desk.visit())
        };
        let (attempt, state) = gone(&desk, &asha, &house, false);
        let exchange = answered(&asha, &attempt, right(&state)).unwrap();
        assert_eq!(
            (exchange.token_endpoint.as_str(), exchange.patient.as_str()),
            ("https://there.example/token", "asha")
        );
        assert_eq!(
            exchange.authorization.as_deref(),
            Some("Basic dXM6cyUyNmNydA=="),
            "encoded before it is joined"
        );
        assert!(exchange.form.contains("code_verifier=") && !exchange.form.contains("client_secret"));
        assert!(matches!(answered(&asha, &attempt, right(&state)), Err(Error::Ended)), "{engine:?}");

        for answer in [
            Answer { state: "another", code: "c", ..Answer::default() },
            Answer { state: "", code: "c", ..Answer::default() },
        ] {
            let (attempt, _) = gone(&desk, &asha, &house, false);
            assert!(matches!(answered(&asha, &attempt, answer), Err(Error::Outside(_))), "{engine:?}");
        }
        // Who says who they are, says so in the answer; and nobody else does.
        for (issuer, is_right) in
            [("https://there.example", true), ("", false), ("https://evil.example", false)]
        {
            let (attempt, state) = gone(&desk, &asha, &house, true);
            assert_eq!(
                answered(&asha, &attempt, Answer { issuer, ..right(&state) }).is_ok(),
                is_right,
                "{issuer} {engine:?}"
            );
        }
        let (attempt, state) = gone(&desk, &asha, &house, false);
        let other = desk.patient("other@example.org");
        let other = desk.who(Realm::Patient, &other.session).unwrap();
        assert!(
            matches!(answered(&other, &attempt, right(&state)), Err(Error::Refused | Error::Ended)),
            "{engine:?}"
        );
        assert!(
            matches!(answered(&asha, &attempt, right(&state)), Err(Error::Ended)),
            "spent, right or wrong"
        );
        let (attempt, state) = gone(&desk, &asha, &house, false);
        desk.wait(601);
        assert!(matches!(answered(&asha, &attempt, right(&state)), Err(Error::Ended)), "ten minutes");
        let refused =
            desk.login.start_errand(&asha, ("ben", &house), &configuration(false), BACK, &desk.visit());
        assert!(matches!(refused, Err(Error::Refused)), "nobody else's chart");
        assert!(desk.log().iter().any(|line| line == "elsewhere asked refused Asha Rao"));
    }
}

#[test]
fn e9_what_came_waits_an_hour_for_who_brought_it() {
    for engine in ENGINES {
        let (desk, asha, _) = opened(engine);
        let state = || desk.login.parcel(&asha, "asha", &desk.visit()).unwrap().map(|parcel| parcel.state);
        let long: Vec<u8> = (0..2_500_000_u32).map(|at| (at * 31 % 251) as u8).collect();
        let first = slip(&desk, &asha);
        assert_eq!(state(), Some(State::Coming));
        let second = slip(&desk, &asha);
        assert!(!desk.login.fill_parcel(&first, Ok(b"old"), desk.now()).unwrap(), "another was begun since");
        assert!(desk.login.fill_parcel(&second, Ok(&long), desk.now()).unwrap());
        assert!(!desk.login.fill_parcel(&second, Ok(b"again"), desk.now()).unwrap(), "once");
        assert_eq!(state(), Some(State::Here(3)));
        let (parcel, bytes) = desk.login.open_parcel(&asha, "asha", &desk.visit()).unwrap();
        assert!(parcel.label == "City Hospital" && bytes == long, "{engine:?}");
        desk.login.drop_parcel(&asha, "asha", true, &desk.visit()).unwrap();
        assert_eq!(state(), None);
        assert!(matches!(desk.login.open_parcel(&asha, "asha", &desk.visit()), Err(Error::Ended)));

        let lost = slip(&desk, &asha);
        assert!(desk.login.fill_parcel(&lost, Err("late"), desk.now()).unwrap());
        assert_eq!(state(), Some(State::Lost("late".into())));
        let _ = slip(&desk, &asha);
        desk.wait(301);
        assert_eq!(state(), Some(State::Lost("late".into())), "a fetch that hangs is lost");
        let kept = slip(&desk, &asha);
        assert!(desk.login.fill_parcel(&kept, Ok(&long), desk.now()).unwrap());
        desk.wait(3_601);
        assert_eq!(state(), None, "{engine:?}");
        // Ended and not swept, swept, and begun anew: the log holds meanwhile.
        let _ = slip(&desk, &asha);
        desk.wait(3_601);
        desk.login.sweep(desk.now()).unwrap();
        let _ = slip(&desk, &asha);
        let log = desk.log();
        for words in ["elsewhere fetched", "elsewhere came", "elsewhere looked at", "elsewhere entered"] {
            assert!(log.iter().any(|line| *line == format!("{words} done Asha Rao")), "{words}: {log:?}");
        }
        let came = desk.entries().into_iter().find(|entry| entry.operation == "elsewhere came").unwrap();
        assert_eq!(came.patients.len(), 1, "it stands in the list of who looked");
    }
}
