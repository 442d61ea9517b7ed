//! SMART Health Links through real HTTP: the address that a QR code holds, the manifest, and the file behind it (D9, L1). The program that
//! reads it here knows nothing of ours but the specification; `e2e` reads one with a library of others.

use crate::{
    client::Answer,
    house::{Person, Served},
};
use aws_lc_rs::aead;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::house::{ENGINES, Engine};

const PIN: &str = "271846";

/// A patient with a card, as a program reads it.
struct Card {
    served: Served,
    person: Person,
    payload: Value,
    path: String,
}

impl Card {
    fn open(engine: Engine) -> Card {
        let served = Served::open(engine);
        served.charts();
        served.put(&json!({"resourceType": "AllergyIntolerance", "id": "al", "patient": {"reference": "Patient/a"}, "code": {"text": "Penicillin"}}));
        let admin = served.admin();
        let doctor = served.doctor(&admin);
        let person = served.patient(&doctor, "asha@example.org", "a");
        let page = served.page("/patient/chart/a/card", &person.cookie).is(200);
        let (token, key) =
            (page.between("name=\"token\" value=\"", "\""), page.between("name=\"key\" value=\"", "\""));
        let fields = [("token", token.as_str()), ("key", &key), ("days", "90"), ("pin", PIN)];
        let made = served.answer("/patient/chart/a/card", &person.cookie, &fields).is(200);
        let address =
            made.between("<code class=\"address\">", "</code>").replace("&#35;", "#").replace("&#x2F;", "/");
        let (page, link) = address.split_once('#').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(link.strip_prefix("shlink:/").unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&bytes).unwrap();
        let url = payload["url"].as_str().unwrap();
        let path = url.strip_prefix(&served.origin).unwrap().to_owned();
        assert!(page.starts_with(&format!("{}/card/", served.origin)) && url.len() <= 128);
        Card { served, person, payload, path }
    }

    fn ask(&self, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("origin", "https://viewer.example")];
        self.served.send("POST", &self.path, &headers, &body.to_string())
    }

    fn pin(&self, pin: &str) -> Answer {
        self.ask(&json!({"recipient": "Test viewer", "passcode": pin}))
    }

    /// Opens a file by RFC 7516 with the key of the QR code.
    fn decrypted(&self, file: &str) -> Value {
        let parts: Vec<&str> = file.split('.').collect();
        let [header, "", nonce, body, tag] = parts[..] else { panic!("{file}") };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let told: Value = serde_json::from_slice(&bytes(header)).unwrap();
        assert_eq!(told, json!({"alg": "dir", "enc": "A256GCM", "cty": "application/fhir+json"}));
        let key =
            aead::UnboundKey::new(&aead::AES_256_GCM, &bytes(self.payload["key"].as_str().unwrap())).unwrap();
        let nonce = aead::Nonce::try_assume_unique_for_key(&bytes(nonce)).unwrap();
        let mut whole = [bytes(body), bytes(tag)].concat();
        let aad = aead::Aad::from(header.as_bytes());
        serde_json::from_slice(aead::LessSafeKey::new(key).open_in_place(nonce, aad, &mut whole).unwrap())
            .unwrap()
    }
}

#[test]
fn d9_a_program_reads_the_qr_code_and_gets_the_patient_summary() {
    for engine in ENGINES {
        let card = Card::open(engine);
        assert_eq!(card.payload["flag"], "LP");
        let answer = card.pin(PIN).is(200);
        assert_eq!(
            (answer.header("cache-control"), answer.header("content-type")),
            ("no-store", "application/json")
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "any page may read one that its reader has"
        );
        let files = answer.json()["files"].as_array().unwrap().clone();
        let [file] = &files[..] else { panic!("{files:?}") };
        assert_eq!(
            (file["contentType"].as_str(), file["fhirVersion"].as_str()),
            (Some("application/fhir+json"), Some("4.0.1"))
        );
        let bundle = card.decrypted(file["embedded"].as_str().unwrap());
        assert_eq!((&bundle["resourceType"], &bundle["type"]), (&json!("Bundle"), &json!("document")));
        assert_eq!(bundle["entry"][0]["resource"]["type"]["coding"][0]["code"], "60591-5");
        assert!(bundle.to_string().contains("Penicillin") && bundle.to_string().contains("Familya"));
        // Where it must not be embedded, it stands at an address for half an hour.
        let asked = json!({"recipient": "Test viewer", "passcode": PIN, "embeddedLengthMax": 100});
        let files = card.ask(&asked).is(200).json()["files"].clone();
        assert!(files[0]["embedded"].is_null());
        let location =
            files[0]["location"].as_str().unwrap().strip_prefix(&card.served.origin).unwrap().to_owned();
        let file = card.served.get(&location, &[("origin", "https://viewer.example")]).is(200);
        assert_eq!(
            (file.header("content-type"), file.header("cache-control")),
            ("application/jose", "no-store")
        );
        assert_eq!(card.decrypted(&file.body)["resourceType"], "Bundle");
        card.served.wait(31 * 60);
        card.served.get(&location, &[]).is(404);
        let log = card.served.log();
        for line in ["health link made done", "health link opened done", "health link done"] {
            assert!(log.iter().any(|said| said == line), "{line}: {log:?}");
        }
    }
}

#[test]
fn d9_a_program_is_told_how_many_tries_are_left_and_nothing_of_a_dead_link() {
    for engine in ENGINES {
        let card = Card::open(engine);
        // No PIN at all is how a program learns that there is one.
        let answer = card.ask(&json!({"recipient": "Test viewer"})).is(401);
        assert_eq!(answer.json(), json!({"remainingAttempts": 10}));
        for left in (0..10).rev() {
            let answer = card.pin("999998").is(401);
            assert_eq!(answer.json(), json!({"remainingAttempts": left}));
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
        let dead = card.pin(PIN).is(404);
        let unknown = format!("/shl/kw_{}", "A".repeat(43));
        let body = json!({"recipient": "x", "passcode": PIN}).to_string();
        let never =
            card.served.send("POST", &unknown, &[("content-type", "application/json")], &body).is(404);
        assert_eq!(dead.body, never.body, "alike");
    }
}

#[test]
fn a_request_that_is_none_is_refused_with_what_to_send_and_a_browser_may_ask_first() {
    let card = Card::open(Engine::Sqlite);
    for body in
        ["", "[]", "{", r#"{"passcode": "271846"}"#, r#"{"recipient": "x", "embeddedLengthMax": "many"}"#]
    {
        let answer =
            card.served.send("POST", &card.path, &[("content-type", "application/json")], body).is(400);
        assert!(answer.json()["error"].as_str().is_some_and(|text| text.len() > 10), "{}", answer.body);
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    card.served.send("POST", &card.path, &form, "recipient=x").is(400);
    let asks = [("origin", "https://viewer.example"), ("access-control-request-method", "POST")];
    let answer = card.served.send("OPTIONS", &card.path, &asks, "").is(204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    // Our own page is for nobody else's scripts.
    let page = card.path.replace("/shl/", "/card/");
    assert_eq!(
        card.served
            .get(&page, &[("origin", "https://viewer.example")])
            .is(200)
            .header("access-control-allow-origin"),
        ""
    );
    card.served.get(&card.path, &[]).is(405);
}

#[test]
fn d9_what_is_stopped_is_gone_for_programs_too() {
    for engine in ENGINES {
        let card = Card::open(engine);
        card.pin(PIN).is(200);
        let page = card.served.page("/patient/chart/a/card", &card.person.cookie).is(200);
        let token = page.between("name=\"token\" value=\"", "\"");
        let about = page.between("name=\"about\" value=\"", "\"");
        let fields = [("token", token.as_str()), ("about", &about)];
        card.served.answer("/patient/chart/a/share/stop", &card.person.cookie, &fields).is(303);
        card.pin(PIN).is(404);
        card.pin("000000").is(404);
    }
}

/// Law 11: every route of the table is served, and without a link there is nothing.
#[test]
fn who_may_use_links() {
    let served = Served::open(Engine::Sqlite);
    for route in api::shl::TABLE {
        assert_eq!(route.needs, web::route::Needs::Link);
        let path = route.template.replace("{token}", "kw_none").replace("{ticket}", "kw_none");
        let answer = match route.method {
            "GET" => served.get(&path, &[]),
            _ => served.send(
                "POST",
                &path,
                &[("content-type", "application/json")],
                r#"{"recipient": "x", "passcode": "1"}"#,
            ),
        };
        assert_eq!(answer.status, 404, "{}", route.template);
    }
}
