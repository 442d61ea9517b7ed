//! E9: a record is brought from another server, which is a small one of the tests' own on this machine.

use crate::{
    house::{Browser, ORIGIN, Page, Pages, Person, encoded},
    vitals::send,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use web::form::Form;

const PLACE: &str = "/patient/chart/asha/elsewhere";
const BACK: &str = "/patient/elsewhere/back";
const TOKEN: &str = "a-token-that-is-kept-nowhere";
const MARKER: &str = "Zebrafishitis";

#[derive(Default)]
struct Inner {
    base: String,
    /// Challenges by code.
    codes: HashMap<String, String>,
    /// What is answered at a path with its query, instead of what is right: status, kind, body, `location`.
    moods: HashMap<String, (u16, &'static str, String)>,
    /// The answer of the token endpoint.
    token: Option<Value>,
    patient: Value,
    resources: Vec<Value>,
    asked: Vec<String>,
}

#[derive(Clone)]
struct There(Arc<Mutex<Inner>>);

fn answer(status: u16, kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(body.into()).unwrap()
}

fn fhir(value: &Value) -> Response<Body> {
    answer(200, "application/fhir+json", value.to_string())
}

async fn serve(State(there): State<There>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let mut it = there.0.lock().unwrap();
    it.asked.push(path.clone());
    if let Some((status, kind, body)) = it.moods.get(&path) {
        let mut answer = answer(*status, kind, body.clone());
        if *status == 302 {
            answer.headers_mut().insert(header::LOCATION, body.parse().unwrap());
        }
        return answer;
    }
    let origin = it.base.strip_suffix("/fhir").unwrap().to_owned();
    match path.as_str() {
        "/fhir/.well-known/smart-configuration" => fhir(&json!({
            "authorization_endpoint": format!("{origin}/authorize"), "token_endpoint": format!("{origin}/token"),
            "registration_endpoint": format!("{origin}/register"),
            "capabilities": ["launch-standalone", "permission-v2"], "code_challenge_methods_supported": ["S256"],
        })),
        "/fhir/metadata" => fhir(&json!({"resourceType": "CapabilityStatement", "rest": [{"resource": [
            {"type": "Condition", "interaction": [{"code": "search-type"}]},
            {"type": "AllergyIntolerance", "interaction": [{"code": "search-type"}]},
            {"type": "DocumentReference", "interaction": [{"code": "search-type"}]},
        ]}]})),
        "/register" => answer(201, "application/json", json!({"client_id": "given-there"}).to_string()),
        "/token" => {
            let form = Form::parse(&body).unwrap();
            let Some(challenge) = it.codes.remove(form.get("code")) else {
                return answer(400, "application/json", "{}");
            };
            let made = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")));
            let fits = made == challenge
                && form.get("client_id") == "us"
                && form.get("redirect_uri") == format!("{ORIGIN}{BACK}");
            if !fits {
                return answer(400, "application/json", "{}");
            }
            let right = json!({"access_token": TOKEN, "token_type": "Bearer", "patient": "p"});
            fhir(&it.token.clone().unwrap_or(right))
        }
        _ if parts.headers.get("authorization").is_none_or(|sent| *sent != format!("Bearer {TOKEN}")) => {
            answer(401, "text/plain", "")
        }
        "/fhir/Patient/p" => fhir(&it.patient),
        "/fhir/Binary/letter" => answer(200, "application/pdf", "%PDF-1.7 a letter"),
        path => {
            let kind =
                path.strip_prefix("/fhir/").and_then(|rest| rest.strip_suffix("?patient=p&_count=100"));
            let Some(kind) = kind else { return answer(404, "text/plain", "") };
            let found = it.resources.iter().filter(|resource| resource["resourceType"] == kind);
            let entries: Vec<Value> = found.map(|resource| json!({"resource": resource})).collect();
            fhir(&json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}))
        }
    }
}

fn condition(id: &str, words: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "code": {"text": words}, "subject": {"reference": "Patient/p"}})
}

impl There {
    async fn start() -> There {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let there = There(Arc::default());
        let app = Router::new().fallback(serve).with_state(there.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let mut it = there.0.lock().unwrap();
        it.base = base;
        it.patient = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Rao", "given": ["Asha"]}], "birthDate": "1990-05-31"});
        it.resources = vec![
            condition("c", MARKER),
            json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"}, "code": {"text": "Latex"}}),
            json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": {"reference": "Patient/p"},
                "content": [{"attachment": {"title": "Letter", "url": "Binary/letter"}}]}),
        ];
        drop(it);
        there
    }

    fn base(&self) -> String {
        self.0.lock().unwrap().base.clone()
    }

    fn mood(&self, path: &str, status: u16, kind: &'static str, body: &str) {
        self.0.lock().unwrap().moods.insert(path.to_owned(), (status, kind, body.to_owned()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// Somebody signs in there, and allows it: the query that their browser comes back with.
    fn lets_in(&self, asked: &str) -> Vec<(&'static str, String)> {
        let mut it = self.0.lock().unwrap();
        let (address, query) = asked.split_once('?').unwrap();
        assert_eq!(address, it.base.replace("/fhir", "/authorize"));
        let query = Form::parse(query.as_bytes()).unwrap();
        let said = ["response_type", "client_id", "scope", "code_challenge_method"]
            .map(|name| query.get(name).to_owned());
        assert_eq!(said, ["code", "us", "launch/patient patient/*.rs", "S256"]);
        assert_eq!(
            (query.get("aud"), query.get("redirect_uri")),
            (it.base.as_str(), format!("{ORIGIN}{BACK}").as_str())
        );
        let code = format!("code-{}", it.codes.len());
        it.codes.insert(code.clone(), query.get("code_challenge").into());
        vec![("state", query.get("state").into()), ("code", code)]
    }
}

async fn lists(admin: &mut Person, there: &There, client: &str) -> Page {
    let fields = [
        ("name", "City Hospital"),
        ("base", &*there.base()),
        ("sign-in", ""),
        ("client", client),
        ("secret", ""),
        ("scope", ""),
    ];
    admin.browser.post_signed_in("admin", "/admin/elsewhere", &fields).await
}

/// A house that lists that server, and Asha, who has a chart in it.
async fn opened() -> (Pages, There, Person, Person) {
    let there = There::start().await;
    let (pages, mut admin) = Pages::open().await;
    let page = lists(&mut admin, &there, "us").await;
    assert_eq!(page.goes_to(), "/admin/elsewhere", "{}", page.text);
    pages.chart();
    let asha = pages.linked(&mut admin).await;
    (pages, there, admin, asha)
}

/// Goes there; the query that comes back.
async fn goes(browser: &mut Browser, there: &There) -> Vec<(&'static str, String)> {
    let page = browser.get(PLACE).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.header("content-security-policy").contains(there.base().strip_suffix("/fhir").unwrap()));
    let begun = send(browser, &page, PLACE, &[]).await;
    there.lets_in(begun.goes_to())
}

/// Comes back: the page without cookies, as browsers send none from another site, and then its form.
async fn comes_back(browser: &mut Browser, came: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = came.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let kept = std::mem::take(&mut browser.cookies);
    let page = browser.get(&format!("{BACK}?{}", encoded(&fields))).await;
    assert!(page.status == 200 && browser.cookies.is_empty(), "{}", page.text);
    browser.cookies = kept;
    browser.post(BACK, &fields).await
}

/// Brings the record up to the look at what came.
async fn brings(browser: &mut Browser, there: &There) -> Page {
    let came = goes(browser, there).await;
    let page = comes_back(browser, &came).await;
    assert_eq!(page.goes_to(), PLACE, "{}", page.text);
    for _ in 0..400 {
        let page = browser.get(PLACE).await;
        if page.header("refresh").is_empty() {
            return page;
        }
        assert!(page.text.contains("is on its way"), "{}", page.text);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nothing came")
}

async fn enters(browser: &mut Browser, page: &Page) -> Page {
    send(browser, page, &format!("{PLACE}/enter"), &[]).await
}

/// How many Conditions the house holds of Asha.
fn conditions(pages: &Pages) -> Vec<Value> {
    let kinds = ["Condition".to_owned()];
    let request = record::everything::EverythingRequest {
        patient: "asha",
        types: &kinds,
        since: None,
        operation: "everything",
    };
    let seen = pages.house.record.everything(&pages.house.operator(), &request).unwrap();
    let all = seen.entries.iter().filter(|entry| entry.resource_type == "Condition");
    all.map(|entry| fhir::json::parse(&entry.body, fhir::json::Limits::default()).unwrap()).collect()
}

#[tokio::test]
async fn e9_a_record_is_brought_looked_at_and_entered_and_again_makes_no_second_one() {
    let (pages, there, _, mut asha) = opened().await;
    let home = asha.browser.get("/patient/chart/asha").await;
    assert!(home.text.contains("Bring a record"), "{}", home.text);
    let page = brings(&mut asha.browser, &there).await;
    for words in [
        "What came from City Hospital",
        "Problem: 1",
        "Allergy: 1",
        "Document: 1",
        "31-May-1990",
        "Put it into this record",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("differ"), "{}", page.text);
    assert_eq!(conditions(&pages).len(), 0, "nothing entered before the word");
    // What waits is sealed, and the token stands nowhere.
    let all: Vec<u8> = pages.house.files().into_iter().flat_map(|(_, bytes)| bytes).collect();
    for marker in [MARKER, TOKEN] {
        assert!(
            !all.windows(marker.len()).any(|window| window == marker.as_bytes()),
            "{marker} in the clear"
        );
    }
    let done = enters(&mut asha.browser, &page).await;
    assert!(done.status == 200 && done.text.contains("3 entries are new in this record."), "{}", done.text);
    let [kept] = &conditions(&pages)[..] else { panic!("one") };
    assert_eq!(kept["meta"]["source"], format!("{}/Condition/c", there.base()));
    let problems = asha.browser.get("/patient/chart/asha/problems").await.text;
    assert!(problems.contains(MARKER) && problems.contains("from City Hospital"), "{problems}");
    assert!(problems.contains("Latex (from City Hospital)"), "the banner says so on every page: {problems}");
    let documents = asha.browser.get("/patient/chart/asha/documents").await.text;
    assert!(documents.contains("Letter") && documents.contains("from City Hospital"), "{documents}");
    let look = documents
        .split("href=\"")
        .find(|part| part.contains("/look\""))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(asha.browser.get(look.trim_end_matches("/look")).await.bytes, b"%PDF-1.7 a letter");
    let viewers = asha.browser.get("/patient/chart/asha/viewers").await.text;
    for words in [
        "Fetched a record from another server",
        "Looked at what came from another server",
        "Brought a record from another server",
    ] {
        assert!(viewers.contains(words), "{words}: {viewers}");
    }
    // Sent again, it is over.
    let page = enters(&mut asha.browser, &page).await;
    assert_eq!(page.status, 410, "{}", page.text);

    let page = brings(&mut asha.browser, &there).await;
    assert!(
        page.text.contains("Here already, unchanged") && !page.text.contains("Put it into this record"),
        "{}",
        page.text
    );
    let [same] = &conditions(&pages)[..] else { panic!("one") };
    assert_eq!(same["meta"]["versionId"], "1");
    there.0.lock().unwrap().resources[0] = condition("c", "Zebrafishitis, mild");
    let page = brings(&mut asha.browser, &there).await;
    assert!(page.text.contains("Changed there since you brought it"), "{}", page.text);
    let done = enters(&mut asha.browser, &page).await;
    assert!(done.text.contains("One entry was brought up to date."), "{}", done.text);
    let [new] = &conditions(&pages)[..] else { panic!("one") };
    assert_eq!(
        (new["code"]["text"].as_str(), new["meta"]["versionId"].as_str()),
        (Some("Zebrafishitis, mild"), Some("2"))
    );

    // And it is put away again.
    let page = asha.browser.get(PLACE).await;
    let page = send(&mut asha.browser, &page, &format!("{PLACE}/remove"), &[]).await;
    assert!(
        page.text.contains("3 entries were put away.") && page.text.contains("Nothing has been brought yet."),
        "{}",
        page.text
    );
    assert_eq!(conditions(&pages).len(), 0);
    assert_eq!(pages.house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
}

#[tokio::test]
async fn e9_an_answer_that_is_not_ours_brings_nothing() {
    let (pages, there, _, mut asha) = opened().await;
    let came = goes(&mut asha.browser, &there).await;
    let state = ("state", "another".to_owned());
    let page = comes_back(&mut asha.browser, &[state, came[1].clone()]).await;
    assert_eq!(page.status, 502, "{}", page.text);
    let page = comes_back(&mut asha.browser, &came).await;
    assert_eq!(page.status, 410, "the way is spent: {}", page.text);

    // The other server said no.
    let came = goes(&mut asha.browser, &there).await;
    let page = comes_back(&mut asha.browser, &[came[0].clone(), ("error", "access_denied".into())]).await;
    assert!(page.status == 502 && page.text.contains("nothing was brought"), "{}", page.text);

    // It ends in the session that it began in.
    let came = goes(&mut asha.browser, &there).await;
    pages.wait(60);
    let mut other = pages.sign_in(&asha, "asha@example.org").await;
    let attempt = web::cookie::ATTEMPT;
    other.cookies.insert(attempt.into(), asha.browser.cookies[attempt].clone());
    assert_eq!(comes_back(&mut other, &came).await.status, 410);

    // A code that the server does not take, and answers that give no access.
    let came = goes(&mut asha.browser, &there).await;
    let page = comes_back(&mut asha.browser, &[came[0].clone(), ("code", "stolen".into())]).await;
    assert!(page.status == 502 && page.text.contains("gave no access"), "{}", page.text);
    for token in [
        json!({"access_token": TOKEN, "token_type": "Bearer"}),
        json!({"access_token": "", "token_type": "Bearer", "patient": "p"}),
        json!({"access_token": "a b\r\nX: y", "token_type": "Bearer", "patient": "p"}),
        json!({"access_token": TOKEN, "token_type": "mac", "patient": "p"}),
        json!("no"),
    ] {
        there.0.lock().unwrap().token = Some(token.clone());
        let came = goes(&mut asha.browser, &there).await;
        let page = comes_back(&mut asha.browser, &came).await;
        assert_eq!(page.status, 502, "{token}: {}", page.text);
    }
    assert!(asha.browser.get(PLACE).await.header("refresh").is_empty(), "nothing is being fetched");
}

#[tokio::test]
async fn n13_a_hostile_server_leads_nowhere_and_costs_its_own_answer() {
    let (_pages, there, _, mut asha) = opened().await;
    let conditions = "/fhir/Condition?patient=p&_count=100";
    let bundle = |next: &str| {
        json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": next}], "entry": [{"resource": condition("c", "x")}]}).to_string()
    };
    let base = there.base();
    for (status, kind, body, words) in [
        (200, "text/html", "<html>".to_owned(), "The answer could not be read."),
        (
            200,
            "application/fhir+json",
            "{\"resourceType\": \"Bundle\", ".to_owned(),
            "The answer could not be read.",
        ),
        (200, "application/fhir+json", "x".repeat(25 << 20), "It is too large."),
        (
            302,
            "text/plain",
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "The answer leads to another address",
        ),
        (
            200,
            "application/fhir+json",
            bundle("http://169.254.169.254/latest/meta-data"),
            "The answer leads to another address",
        ),
        (
            200,
            "application/fhir+json",
            bundle("https://evil.example/fhir/Condition"),
            "The answer leads to another address",
        ),
        (
            200,
            "application/fhir+json",
            bundle(&format!("{base}/../../admin")),
            "The answer leads to another address",
        ),
        (
            200,
            "application/fhir+json",
            bundle(&format!("{base}/Condition?patient=p&_count=100")),
            "The answer leads to another address",
        ),
        (403, "text/plain", String::new(), "The other server does not give it."),
        (500, "text/plain", String::new(), "The other server answered with an error."),
    ] {
        there.mood(conditions, status, kind, &body);
        there.asked();
        let page = brings(&mut asha.browser, &there).await;
        assert!(page.text.contains(words), "{status} {words}: {}", page.text);
        assert!(page.text.contains("Allergy: 1"), "the rest came: {}", page.text);
        let asked = there.asked();
        assert_eq!(asked.iter().filter(|path| path.contains("Condition")).count(), 1, "{asked:?}");
    }
    // Somebody else's record, no record, and none at all: nothing is offered.
    let other = json!({"resourceType": "Patient", "id": "q"}).to_string();
    for (status, kind, body, words) in [
        (200, "application/fhir+json", other.as_str(), "It is about somebody else."),
        (200, "application/fhir+json", "[]", "The answer could not be read."),
        (404, "text/plain", "", "The other server does not have it."),
    ] {
        there.mood("/fhir/Patient/p", status, kind, body);
        let page = brings(&mut asha.browser, &there).await;
        assert!(
            page.text.contains("Nothing came from City Hospital") && page.text.contains(words),
            "{words}: {}",
            page.text
        );
        assert!(!page.text.contains("Put it into this record"));
        let page = send(&mut asha.browser, &page, &format!("{PLACE}/drop"), &[]).await;
        assert_eq!(page.goes_to(), PLACE);
    }
}

#[tokio::test]
async fn e9_the_record_of_another_name_enters_only_after_a_tick_and_not_after_an_hour() {
    let (pages, there, _, mut asha) = opened().await;
    there.0.lock().unwrap().patient["birthDate"] = "1991-05-31".into();
    let page = brings(&mut asha.browser, &there).await;
    assert!(
        page.text.contains("Name or date of birth differ") && page.text.contains("31-May-1991"),
        "{}",
        page.text
    );
    let refused = enters(&mut asha.browser, &page).await;
    assert!(refused.status == 422 && refused.text.contains("Nothing has entered."), "{}", refused.text);
    assert_eq!(conditions(&pages).len(), 0);
    let enter = format!("{PLACE}/enter");
    let other = [
        ("token", page.between("name=\"token\" value=\"", "\"")),
        ("about", "0000".into()),
        ("same", "yes".into()),
    ];
    let other: Vec<(&str, &str)> = other.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(asha.browser.post(&enter, &other).await.status, 410, "not what was looked at");
    let done = send(&mut asha.browser, &refused, &enter, &[("same", "yes")]).await;
    assert!(done.status == 200 && done.text.contains("3 entries are new"), "{}", done.text);

    let page = brings(&mut asha.browser, &there).await;
    for _ in 0..3 {
        pages.wait(1_250);
        assert_eq!(asha.browser.get("/patient/account").await.status, 200);
    }
    assert_eq!(send(&mut asha.browser, &page, &format!("{PLACE}/drop"), &[]).await.goes_to(), PLACE);
    let page = asha.browser.get(PLACE).await;
    assert!(!page.text.contains("What came from"), "{}", page.text);
    assert_eq!(pages.house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
}

#[tokio::test]
async fn e9_only_the_patient_and_who_acts_for_them_bring() {
    let (pages, there, mut admin, mut asha) = opened().await;
    let mut doctor = pages.staff_as(&mut admin, "doctor@example.org", "physician", "e").await;
    assert_eq!(doctor.browser.get(PLACE).await.status, 403);
    let mut stranger = pages.patient("chitra@example.org").await;
    assert_eq!(stranger.browser.get(PLACE).await.goes_to(), "/patient/sharing");
    let own = asha.browser.get(PLACE).await;
    let about = own.between("name=\"about\" value=\"", "\"");
    let page = stranger.browser.post_signed_in("patient", PLACE, &[("about", &about)]).await;
    assert_eq!(page.goes_to(), "/patient/sharing");
    let page = asha.browser.get("/patient/chart/chitra/elsewhere").await;
    assert_eq!(page.goes_to(), "/patient/sharing", "not her own");

    // Asha lets Chitra's account act for her.
    pages.wait(60);
    let code = pages.code(&asha.secret);
    asha.browser.post_signed_in("patient", "/patient/step-up", &[("code", &code)]).await;
    let until = "2024-06-01";
    let offer = [("name", "Chitra Rao"), ("until", until), ("shows_all", "yes")];
    let page = asha.browser.post_signed_in("patient", "/patient/sharing/proxy", &offer).await;
    let link = page.between("<code class=\"link\">", "<");
    let page =
        stranger.browser.post_signed_in("patient", "/patient/sharing/proxy/take", &[("link", &link)]).await;
    assert_eq!(page.goes_to(), "/patient/sharing", "{}", page.text);
    let page = brings(&mut stranger.browser, &there).await;
    let done = enters(&mut stranger.browser, &page).await;
    assert!(done.text.contains("3 entries are new"), "{}", done.text);
    assert!(
        !asha.browser.get(PLACE).await.text.contains("What came from"),
        "what one brings, another does not see before it enters"
    );
    let viewers = asha.browser.get("/patient/chart/asha/viewers").await.text;
    assert!(viewers.contains("Brought a record from another server"), "{viewers}");
}

#[tokio::test]
async fn n13_an_administrator_lists_a_server_that_answers_and_takes_it_off() {
    let there = There::start().await;
    let (pages, mut admin) = Pages::open().await;
    let list = "/admin/elsewhere";
    for (name, base, words) in [
        ("", there.base(), "enter what patients call that house"),
        ("X", "http://169.254.169.254/latest".into(), "enter the address of its FHIR API"),
        ("X", "http://192.0.2.1/fhir".into(), "enter the address of its FHIR API"),
        ("X", "http://127.0.0.1:1/fhir".into(), "that server does not answer"),
        ("X", format!("{}/nothing", there.base()), "that server does not answer"),
    ] {
        let fields = [
            ("name", name),
            ("base", base.as_str()),
            ("sign-in", ""),
            ("client", "us"),
            ("secret", ""),
            ("scope", ""),
        ];
        let page = admin.browser.post_signed_in("admin", list, &fields).await;
        assert!(page.status == 422 && page.text.contains(words), "{base} {words}: {}", page.text);
    }
    let well_known = "/fhir/.well-known/smart-configuration";
    for endpoint in ["http://169.254.169.254/token", "https://evil.example/token"] {
        there.mood(
            well_known,
            200,
            "application/json",
            &json!({"authorization_endpoint": there.base(), "token_endpoint": endpoint}).to_string(),
        );
        let page = lists(&mut admin, &there, "us").await;
        assert!(page.status == 422 && page.text.contains("at another address"), "{}", page.text);
    }
    there.mood(well_known, 200, "application/json", "what?");
    assert!(lists(&mut admin, &there, "us").await.text.contains("does not say how apps of patients sign in"));
    there.0.lock().unwrap().moods.clear();
    // Without an id the house registers itself.
    assert_eq!(lists(&mut admin, &there, "").await.goes_to(), list);
    let page = admin.browser.get(list).await;
    assert!(page.text.contains("City Hospital") && page.text.contains("given-there"), "{}", page.text);
    let again = lists(&mut admin, &there, "us").await;
    assert!(again.status == 422 && again.text.contains("listed already"), "{}", again.text);
    let page = send(&mut admin.browser, &page, "/admin/elsewhere/remove", &[]).await;
    assert_eq!(page.goes_to(), list);
    assert!(admin.browser.get(list).await.text.contains("No server is listed yet."));
    // A secret is kept sealed, and shown to nobody.
    let fields = [
        ("name", "City Hospital"),
        ("base", &*there.base()),
        ("sign-in", ""),
        ("client", "us"),
        ("secret", "very-secret-there"),
        ("scope", ""),
    ];
    assert_eq!(admin.browser.post_signed_in("admin", list, &fields).await.goes_to(), list);
    assert!(!admin.browser.get(list).await.text.contains("very-secret-there"));
    let all: Vec<u8> = pages.house.files().into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert!(!all.windows(17).any(|window| window == b"very-secret-there"));
    pages.wait(700);
    assert_eq!(lists(&mut admin, &there, "us").await.goes_to(), "/admin/step-up");
}
