//! Notices to apps that follow changes, from the token to the other side's door: <https://hl7.org/fhir/R4/subscription.html>

use crate::{
    client::{App, proof},
    house::Served,
};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use login::oauth::client::Status;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};
use testkit::house::{ENGINES, Engine};

const SCOPE: &str = "system/Patient.rs system/Observation.rs system/Subscription.cruds";

/// A request as it came.
struct Notice {
    target: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Notice {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The parameters of its SubscriptionStatus.
    fn said(&self, name: &str) -> Value {
        let bundle = self.json();
        let all = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap();
        all.iter().find(|parameter| parameter["name"] == name).cloned().unwrap_or_default()
    }
}

/// The other side: it answers with these statuses, then with 200.
struct Hook {
    endpoint: String,
    notices: Receiver<Notice>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Hook {
    fn open() -> Hook {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/notices", listener.local_addr().unwrap());
        let (sender, notices) = mpsc::channel();
        let answers: Arc<Mutex<VecDeque<u16>>> = Arc::default();
        let (target, said) = (endpoint.clone(), answers.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut line, mut headers) = (String::new(), HashMap::new());
                reader.read_line(&mut line).unwrap();
                assert_eq!(line, "POST /notices HTTP/1.1\r\n");
                loop {
                    line.clear();
                    reader.read_line(&mut line).unwrap();
                    let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                    headers.insert(name.to_ascii_lowercase(), value.to_owned());
                }
                let mut body = vec![0; headers["content-length"].parse().unwrap()];
                reader.read_exact(&mut body).unwrap();
                let status = said.lock().unwrap().pop_front().unwrap_or(200);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                if sender.send(Notice { target: target.clone(), headers, body }).is_err() {
                    return;
                }
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Hook { endpoint, notices, answers }
    }

    #[track_caller]
    fn next(&self) -> Notice {
        self.notices.recv_timeout(Duration::from_secs(20)).expect("a notice")
    }

    #[track_caller]
    fn hears_nothing(&self) {
        let heard = self.notices.recv_timeout(Duration::from_millis(1_500));
        assert!(matches!(heard, Err(RecvTimeoutError::Timeout)));
    }
}

fn token(served: &Served, app: &App) -> String {
    let assertion = served.assertion(app);
    let [kind, text] = proof(&assertion);
    let fields = [("grant_type", "client_credentials"), ("scope", SCOPE), kind, text];
    served.form("/oauth/token", &fields).is(200).json()["access_token"].as_str().unwrap().to_owned()
}

fn order(endpoint: &str, payload: &str) -> Value {
    json!({"resourceType": "Subscription", "id": "s", "status": "requested", "reason": "what is new", "criteria": "Observation",
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json", "_payload": {"extension": [{
            "url": "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content", "valueCode": payload}]}}})
}

fn subscribe(served: &Served, token: &str, order: &Value) -> u16 {
    let headers =
        [("authorization", format!("Bearer {token}")), ("content-type", "application/fhir+json".to_owned())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    served.send("PUT", "/fhir/R4/Subscription/s", &headers, &order.to_string()).status
}

/// The status, once it is that.
#[track_caller]
fn becomes(served: &Served, token: &str, status: &str) -> Value {
    for _ in 0..100 {
        let order = served.fhir(token, "Subscription/s").is(200).json();
        if order["status"] == status {
            return order;
        }
        served
            .house
            .record
            .wait_for_change(served.house.record.newest_seq().unwrap(), Duration::from_millis(100));
    }
    panic!("it is not {status}: {}", served.fhir(token, "Subscription/s").body);
}

fn observation(served: &Served, id: &str) {
    served.put(
        &json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "secret-word"},
        "subject": {"reference": "Patient/a"}}),
    );
}

/// Verifies a notice as RFC 9421 says, from what came and the house's public keys alone.
fn verifies(served: &Served, notice: &Notice, body: &[u8]) -> bool {
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    if notice.headers["content-digest"] != digest {
        return false;
    }
    let input = notice.headers["signature-input"].strip_prefix("keepwell=").unwrap();
    let components = input[1..input.find(')').unwrap()].split(' ').map(|name| name.trim_matches('"'));
    let mut base = String::new();
    for name in components {
        let value = match name {
            "@method" => "POST",
            "@target-uri" => notice.target.as_str(),
            header => notice.headers[header].as_str(),
        };
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {input}"));
    let key = input.split("keyid=\"").nth(1).unwrap().split('"').next().unwrap();
    let keys = served.get("/oauth/jwks", &[]).is(200).json();
    let jwk = keys["keys"].as_array().unwrap().iter().find(|jwk| jwk["kid"] == key).unwrap().clone();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let signature =
        notice.headers["signature"].strip_prefix("keepwell=:").unwrap().strip_suffix(':').unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(base.as_bytes(), &signature).is_ok()
}

#[test]
fn l5_an_app_is_told_of_what_changed_and_its_signature_verifies() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.send_notices();
        served.charts();
        let (app, other) = (served.keyed(SCOPE), Hook::open());
        let token = token(&served, &app);
        assert_eq!(subscribe(&served, &token, &order(&other.endpoint, "id-only")), 201);
        let hello = other.next();
        assert_eq!(hello.said("type")["valueCode"], "handshake");
        assert!(verifies(&served, &hello, &hello.body));
        becomes(&served, &token, "active");
        observation(&served, "new");
        let notice = other.next();
        assert!(verifies(&served, &notice, &notice.body));
        let mut changed = notice.body.clone();
        changed[10] ^= 1;
        assert!(!verifies(&served, &notice, &changed));
        let bundle = notice.json();
        assert_eq!(
            (&bundle["type"], notice.said("type")["valueCode"].as_str()),
            (&json!("history"), Some("event-notification"))
        );
        let part = notice.said("notificationEvent")["part"].clone();
        assert_eq!(part[0]["valueString"], "1");
        assert_eq!(part[2]["valueReference"]["reference"], format!("{}/Observation/new", served.base));
        assert!(!String::from_utf8_lossy(&notice.body).contains("secret-word"), "no more than was asked for");
        assert!(served.log().contains(&"notify done".to_owned()));
        // What it does not follow, and what was told, is not told.
        served.put(&json!({"resourceType": "Patient", "id": "c", "active": true}));
        other.hears_nothing();
    }
}

#[test]
fn a_notice_that_does_not_arrive_comes_again_with_its_id_and_those_after_it_in_order() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.send_notices();
        served.charts();
        let (app, other) = (served.keyed(SCOPE), Hook::open());
        let token = token(&served, &app);
        subscribe(&served, &token, &order(&other.endpoint, "full-resource"));
        other.next();
        becomes(&served, &token, "active");
        other.answers.lock().unwrap().extend([500, 302]);
        observation(&served, "first");
        let first = other.next();
        observation(&served, "second");
        other.hears_nothing();
        let mut ids = vec![first.id().to_owned()];
        for wait in [11, 31] {
            served.wait(wait);
            let again = other.next();
            assert_eq!(again.said("notificationEvent")["part"][0]["valueString"], "1");
            assert!(verifies(&served, &again, &again.body));
            ids.push(again.id().to_owned());
        }
        assert_eq!(ids, vec![ids[0].clone(); 3]);
        let second = other.next();
        assert_eq!(second.said("eventsSinceSubscriptionStart")["valueString"], "2");
        assert_eq!(second.json()["entry"][1]["resource"]["id"], "second");
        assert_ne!(second.id(), ids[0]);
        // Who says that nobody is there any more is left alone.
        other.answers.lock().unwrap().push_back(410);
        observation(&served, "third");
        other.next();
        becomes(&served, &token, "off");
        observation(&served, "fourth");
        other.hears_nothing();
    }
}

#[test]
fn a_revoked_app_and_one_that_nobody_approved_is_told_nothing() {
    let served = Served::open(Engine::Sqlite);
    served.send_notices();
    served.charts();
    let (app, other) = (served.keyed(SCOPE), Hook::open());
    let token = token(&served, &app);
    subscribe(&served, &token, &order(&other.endpoint, "id-only"));
    other.next();
    becomes(&served, &token, "active");
    served.login.set_client(&app.id, Status::Revoked, &served.visit()).unwrap();
    observation(&served, "new");
    other.hears_nothing();
    let operator = served.operator_token();
    let order = becomes(&served, &operator, "error");
    assert!(order["error"].as_str().unwrap().contains("not approved"), "{order}");
}

#[test]
fn an_endpoint_that_never_answers_and_one_outside_the_list_are_named_to_the_owner() {
    let served = Served::open(Engine::Sqlite);
    served.send_notices();
    let app = served.keyed(SCOPE);
    let token = token(&served, &app);
    for endpoint in ["https://169.254.169.254/latest", "https://elsewhere.example/", "http://192.0.2.7/"] {
        assert_eq!(subscribe(&served, &token, &order(endpoint, "id-only")), 422, "N13 {endpoint}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(subscribe(&served, &token, &order(&format!("http://{closed}/"), "id-only")), 201);
    let error = |order: Value| order["error"].as_str().unwrap_or_default().contains("did not answer");
    for _ in 0..40 {
        served.wait(100);
        served.house.record.wait_for_change(i64::MAX - 1, Duration::from_millis(300));
        let order = served.fhir(&served.operator_token(), "Subscription/s").is(200).json();
        if order["status"] == "error" {
            return assert!(error(order));
        }
    }
    panic!("it is still tried");
}
