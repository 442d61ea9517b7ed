//! Links: an emergency card, and what is shared by link or QR code (D9, E2).

use crate::{
    chart::{charted, opens, update},
    house::{Desk, Person},
};
use access::{act::Purpose, audit::Outcome};
use login::{
    error::Error,
    link::{Closed, Link, NewLink, Opening, Opens, TRIES},
    session::Who,
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, Engine};

const PIN: &str = "271846";

/// A patient with a chart and a link to it, which opens these types for ten days.
struct Made {
    desk: Desk,
    asha: Person,
    who: Who,
    token: String,
}

fn consent(desk: &Desk, id: &str, types: &[&str], purpose: &str, action: Option<&str>) -> Value {
    let code = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    let class = |kind: &&str| json!({"system": "http://hl7.org/fhir/resource-types", "code": kind});
    let end = desk.now() + jiff::SignedDuration::from_hours(240);
    let mut provision = json!({
        "type": "permit", "period": {"start": desk.now().to_string(), "end": end.to_string()},
        "actor": [{"role": code("v3-ParticipationType", "IRCP"), "reference": {"reference": format!("Device/{id}")}}],
        "purpose": [{"code": purpose}], "class": types.iter().map(class).collect::<Vec<_>>(),
    });
    if let Some(action) = action {
        provision["action"] = json!([code("consentaction", action)]);
    }
    json!({"resourceType": "Consent", "id": id, "status": "active", "scope": code("consentscope", "patient-privacy"),
        "category": [code("v3-ActCode", "INFA")], "policyRule": code("v3-ActCode", "OPTIN"),
        "patient": {"reference": "Patient/asha"}, "provision": provision})
}

fn new<'l>(desk: &Desk, consent: &'l str, opens: Opens) -> NewLink<'l> {
    NewLink {
        patient: "asha",
        opens,
        consent,
        label: "Emergency card",
        until: desk.now() + jiff::SignedDuration::from_hours(240),
        may_leave: true,
        origin: "https://here.example",
    }
}

impl Made {
    fn card(engine: Engine) -> Made {
        let (desk, admin) = charted(engine);
        let asha = desk.patient("asha@example.org");
        desk.linked(&admin, &asha, "asha");
        let who = desk.fresh(&asha);
        let made = Made { token: String::new(), desk, asha, who };
        made.permit(consent(&made.desk, "card", &["Patient", "Observation"], "ETREAT", None));
        made.desk
            .login
            .make_link(&made.who, &new(&made.desk, "card", Opens::Card), PIN, &made.desk.visit())
            .unwrap();
        let token = token(&made.link());
        Made { token, ..made }
    }

    fn permit(&self, consent: Value) {
        let act = self.desk.login.act_of(&self.who, &self.desk.visit()).unwrap();
        self.desk.house.record.commit(&act, "share", &[update(consent)]).unwrap();
    }

    fn link(&self) -> Link {
        self.desk.login.links(&self.desk.fresh(&self.asha), "asha", &self.desk.visit()).unwrap().remove(0)
    }

    fn open(&self, pin: &str) -> Result<Opening, Closed> {
        self.desk.login.open_link(&self.token, pin, ("City Hospital", false), &self.desk.visit())
    }

    #[track_caller]
    fn is_gone(&self, pin: &str) {
        let closed = self.open(pin).unwrap_err();
        assert!(matches!(closed, Closed::Gone), "{closed:?}");
    }

    #[track_caller]
    fn left(&self, pin: &str) -> u32 {
        match self.open(pin).unwrap_err() {
            Closed::Pin { left } => left,
            closed => panic!("{closed:?}"),
        }
    }
}

fn token(link: &Link) -> String {
    let address = link.address("https://here.example");
    let rest = address.strip_prefix("https://here.example/card/").unwrap();
    rest.split('#').next().unwrap().to_owned()
}

#[test]
fn d9_a_card_opens_with_its_pin_what_its_consent_permits_and_nothing_that_is_withheld() {
    for engine in ENGINES {
        let made = Made::card(engine);
        let opening = made.open(" 271-846 ").unwrap();
        let act = &opening.act;
        assert_eq!((act.actor.role.as_str(), act.purpose), ("emergency-card", Purpose::Etreat));
        assert_eq!(act.actor.name, "Somebody with the emergency card, says: City Hospital");
        assert!(
            opens(&made.desk, act, "Patient", "asha") && opens(&made.desk, act, "Observation", "asha-plain")
        );
        assert!(!opens(&made.desk, act, "Observation", "asha-secret"), "what is sensitive stays out");
        assert!(!opens(&made.desk, act, "Patient", "ben") && !opens(&made.desk, act, "Consent", "card"));
        assert!(
            made.desk
                .house
                .record
                .commit(
                    act,
                    "create",
                    &[update(json!({"resourceType": "Observation", "id": "new",
            "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/asha"}}))]
                )
                .is_err(),
            "it writes nothing"
        );
        // What the patient keeps from everybody is kept from the card as well, from the next opening on.
        let deny = json!({"resourceType": "Consent", "id": "deny", "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}], "policyRule": {"text": "t"},
            "patient": {"reference": "Patient/asha"},
            "provision": {"type": "deny", "data": [{"meaning": "instance", "reference": {"reference": "Observation/asha-plain"}}]}});
        made.permit(deny);
        let act = made.open(PIN).unwrap().act;
        assert!(
            opens(&made.desk, &act, "Patient", "asha")
                && !opens(&made.desk, &act, "Observation", "asha-plain")
        );
        let link = made.link();
        assert!((link.openings, link.left) == (2, TRIES) && link.opened.is_some());
        // It is in the log as what it is, and the patient is told: once, however often within ten minutes.
        let entries = made.desk.entries();
        let opened: Vec<_> = entries.iter().filter(|entry| entry.operation == "health link opened").collect();
        assert!(
            opened.len() == 2
                && opened.iter().all(|entry| entry.patients.len() == 1 && entry.purpose == Purpose::Etreat)
        );
        let notices = made.desk.login.notices(&made.who, made.desk.now()).unwrap();
        let told: Vec<_> = notices.iter().filter(|notice| notice.text.contains("emergency card")).collect();
        assert!(
            told.len() == 1 && told[0].text.contains("“City Hospital”; nobody has checked that"),
            "{notices:?}"
        );
        let sent = made
            .desk
            .pigeon
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|sent| sent.text.contains("with a card or a link"))
            .count();
        assert_eq!(sent, 1);
    }
}

#[test]
fn d9_the_tenth_wrong_pin_kills_the_link_for_good() {
    for engine in ENGINES {
        let made = Made::card(engine);
        assert_eq!(made.left(""), TRIES, "no PIN is no try");
        for left in (4..TRIES).rev() {
            assert_eq!(made.left("111111"), left);
        }
        // A right one in between gives nothing back: ten in all its life.
        made.open(PIN).unwrap();
        for left in (0..4).rev() {
            assert_eq!(made.left("000000"), left);
        }
        made.is_gone(PIN);
        made.is_gone("000000");
        assert_eq!(made.link().left, 0);
        let wrong = made.desk.entries().into_iter().filter(|entry| entry.operation == "health link PIN");
        assert_eq!(
            wrong.filter(|entry| entry.outcome == Outcome::Refused && entry.patients.len() == 1).count(),
            10
        );
        let notices = made.desk.login.notices(&made.who, made.desk.now()).unwrap();
        assert!(notices.iter().any(|notice| notice.text.contains("closed for good")), "{notices:?}");
    }
}

#[test]
fn d9_a_hundred_wrong_pins_at_once_are_ten_tries() {
    for engine in ENGINES {
        let made = Made::card(engine);
        let asked = std::sync::atomic::AtomicU32::new(0);
        let left: Vec<u32> = std::thread::scope(|scope| {
            let one = || {
                let mut left = Vec::new();
                for at in 0..13 {
                    asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    match made.open(&format!("9{at:05}")) {
                        Err(Closed::Pin { left: so_many }) => left.push(so_many),
                        Err(Closed::Gone) => {}
                        outcome => panic!("{outcome:?}"),
                    }
                }
                left
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            all.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let mut sorted = left.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..TRIES).collect::<Vec<_>>(), "of {asked:?}");
        made.is_gone(PIN);
    }
}

#[test]
fn d9_what_is_stopped_over_or_unknown_is_gone_alike_whatever_pin_comes() {
    for engine in ENGINES {
        let made = Made::card(engine);
        let open =
            |token: &str, pin: &str| made.desk.login.open_link(token, pin, ("", true), &made.desk.visit());
        for unknown in ["", "kw_none", &format!("kw_{}", "A".repeat(43))] {
            assert!(matches!(open(unknown, PIN), Err(Closed::Gone)), "{unknown}");
        }
        // The Consent alone ends it: it is what lets the link in.
        let mut ended = consent(&made.desk, "card", &["Patient"], "ETREAT", None);
        ended["status"] = "inactive".into();
        let opening = made.open(PIN).unwrap();
        made.permit(ended.clone());
        made.is_gone(PIN);
        made.is_gone("000000");
        let on = made.desk.login.go_on(&made.token, &opening.ticket, true, &made.desk.visit());
        assert!(matches!(on, Err(Closed::Gone)), "nor does it go on");
        ended["status"] = "active".into();
        made.permit(ended);
        made.open(PIN).unwrap();
        made.desk.login.end_link(&made.desk.fresh(&made.asha), "asha", "card", &made.desk.visit()).unwrap();
        made.is_gone(PIN);
        assert!(
            made.desk
                .login
                .links(&made.desk.fresh(&made.asha), "asha", &made.desk.visit())
                .unwrap()
                .is_empty()
        );
        let made = Made::card(engine);
        made.desk.wait(239 * 3_600);
        made.open(PIN).unwrap();
        made.desk.wait(2 * 3_600);
        made.is_gone(PIN);
    }
}

#[test]
fn what_was_opened_goes_on_for_half_an_hour_with_its_ticket_alone() {
    for engine in ENGINES {
        let made = Made::card(engine);
        let opening = made.open(PIN).unwrap();
        let on = |ticket: &str| made.desk.login.go_on(&made.token, ticket, false, &made.desk.visit());
        let act = on(&opening.ticket).unwrap().act;
        assert_eq!(act.actor, opening.act.actor);
        assert!(matches!(on(&made.token), Err(Closed::Gone)) && matches!(on(""), Err(Closed::Gone)));
        // Eight at once, the newest; then time is up.
        for _ in 0..8 {
            made.open(PIN).unwrap();
        }
        assert!(matches!(on(&opening.ticket), Err(Closed::Gone)));
        let last = made.open(PIN).unwrap().ticket;
        made.desk.wait(29 * 60);
        assert!(on(&last).is_ok());
        made.desk.wait(61);
        assert!(matches!(on(&last), Err(Closed::Gone)));
    }
}

#[test]
fn e2_a_link_to_look_at_hands_nothing_to_a_program() {
    for engine in ENGINES {
        let made = Made::card(engine);
        made.permit(consent(&made.desk, "look", &["Patient", "Observation"], "PATRQT", Some("access")));
        let link = NewLink { may_leave: false, ..new(&made.desk, "look", Opens::Share) };
        made.desk.login.make_link(&made.desk.fresh(&made.asha), &link, PIN, &made.desk.visit()).unwrap();
        let look = made.desk.login.links(&made.desk.fresh(&made.asha), "asha", &made.desk.visit()).unwrap();
        let look = look.into_iter().find(|link| link.consent == "look").unwrap();
        assert!(!look.address("https://here.example").contains('#'), "nothing for programs in its QR code");
        let open = |looks| made.desk.login.open_link(&token(&look), PIN, ("", looks), &made.desk.visit());
        assert!(matches!(open(false), Err(Closed::Gone)), "as if there were none");
        let opening = open(true).unwrap();
        assert_eq!((opening.act.actor.role.as_str(), opening.act.purpose), ("health-link", Purpose::Patrqt));
        assert!(opens(&made.desk, &opening.act, "Observation", "asha-plain"));
        let on = made.desk.login.go_on(&token(&look), &opening.ticket, false, &made.desk.visit());
        assert!(matches!(on, Err(Closed::Gone)), "nor by its ticket");
    }
}

#[test]
fn a_link_is_asked_for_sixty_times_in_an_hour_at_most() {
    let made = Made::card(Engine::Sqlite);
    for _ in 0..60 {
        made.open(PIN).unwrap();
    }
    let closed = made.open(PIN).unwrap_err();
    assert!(matches!(closed, Closed::Error(Error::Throttled { seconds: 3_600..=3_601 })), "{closed:?}");
    made.desk.wait(3_601);
    made.open(PIN).unwrap();
}

#[test]
fn links_are_made_by_who_has_just_proven_who_they_are_and_for_their_own_record_alone() {
    for engine in ENGINES {
        let made = Made::card(engine);
        let make =
            |who: &Who, link: &NewLink<'_>| made.desk.login.make_link(who, link, PIN, &made.desk.visit());
        let who = made.desk.fresh(&made.asha);
        let again = make(&who, &new(&made.desk, "card", Opens::Card));
        assert!(matches!(again, Err(Error::Ended)), "sent twice, made once: its PIN was told: {again:?}");
        let other = NewLink { patient: "ben", ..new(&made.desk, "other", Opens::Card) };
        assert!(matches!(make(&who, &other), Err(Error::Refused)));
        let long = format!("https://{}.example", "x".repeat(80));
        let far = NewLink { origin: &long, ..new(&made.desk, "far", Opens::Card) };
        assert!(matches!(make(&who, &far), Err(Error::Unsupported(_))));
        made.desk.wait(11 * 60);
        assert!(matches!(make(&who, &new(&made.desk, "late", Opens::Card)), Err(Error::StepUp)));
        // Nobody else sees or ends it.
        let stranger = made.desk.patient("stranger@example.org");
        let stranger = made.desk.fresh(&stranger);
        assert!(made.desk.login.links(&stranger, "asha", &made.desk.visit()).unwrap().is_empty());
        made.desk.login.end_link(&stranger, "asha", "card", &made.desk.visit()).unwrap();
        made.open(PIN).unwrap();
    }
}

#[test]
fn d9_the_pin_and_the_link_stand_in_no_row_of_the_database() {
    for engine in ENGINES {
        let made = Made::card(engine);
        made.open("839275").unwrap_err();
        made.open(PIN).unwrap();
        let rows = made.desk.house.rows("SELECT sealed FROM item");
        assert!(!rows.is_empty());
        let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        for secret in [PIN, "839275", &made.token, "$argon2id$"] {
            assert!(!rows.iter().flatten().any(|bytes| holds(bytes, secret)), "{secret}");
        }
        let printed = format!("{:?} {:?}", made.link(), made.open(PIN).unwrap());
        assert_eq!(printed, "sealed sealed");
    }
}

#[test]
fn a_payload_is_what_the_specification_says() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let made = Made::card(Engine::Sqlite);
    let link = made.link();
    let text = link.shlink("https://here.example");
    let payload = URL_SAFE_NO_PAD.decode(text.strip_prefix("shlink:/").unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let url = payload["url"].as_str().unwrap();
    assert_eq!(url, format!("https://here.example/shl/{}", made.token));
    assert!(url.len() <= 128 && made.token.len() == 46, "43 characters of 256 random bits after `kw_`");
    assert_eq!(URL_SAFE_NO_PAD.decode(payload["key"].as_str().unwrap()).unwrap().len(), 32);
    assert_eq!(payload["key"].as_str().unwrap().len(), 43);
    let exp = payload["exp"].as_i64().unwrap();
    assert!((exp - (made.desk.now().as_second() + 864_000)).abs() <= 120);
    assert_eq!(
        (&payload["flag"], &payload["v"], &payload["label"]),
        (&json!("LP"), &json!(1), &json!("Emergency card"))
    );
    assert_eq!(
        link.address("https://here.example"),
        format!("https://here.example/card/{}#{text}", made.token)
    );
}
