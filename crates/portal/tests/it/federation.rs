//! A7: signing in by an outside OpenID provider, which is a small one of the tests' own on this machine.

use crate::house::{Browser, ORIGIN, PASSWORD, Page, Pages, Person, encoded};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use login::{federation::Provider, realm::Realm};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use web::form::Form;

/// What the provider is told to do otherwise than right.
#[derive(Clone, Default)]
struct Mood {
    claims: Option<(&'static str, Value)>,
    header: Option<(&'static str, Value)>,
    metadata: Option<(&'static str, Value)>,
}

struct Inner {
    issuer: String,
    key: EcdsaKeyPair,
    kid: u32,
    mood: Mood,
    /// Codes that were given out: challenge and nonce.
    codes: HashMap<String, (String, String)>,
    now: i64,
}

#[derive(Clone)]
struct Elsewhere(Arc<Mutex<Inner>>);

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn pair() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

async fn metadata(State(it): State<Elsewhere>) -> String {
    let it = it.0.lock().unwrap();
    let mut said = json!({
        "issuer": it.issuer, "authorization_endpoint": format!("{}/authorize", it.issuer),
        "token_endpoint": format!("{}/token", it.issuer), "jwks_uri": format!("{}/keys", it.issuer),
    });
    if let Some((name, value)) = &it.mood.metadata {
        said[*name] = value.clone();
    }
    said.to_string()
}

async fn keys(State(it): State<Elsewhere>) -> String {
    let it = it.0.lock().unwrap();
    let point = it.key.public_key().as_ref();
    let (x, y) = (text(&point[1..33]), text(&point[33..]));
    json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "kid": it.kid.to_string(), "x": x, "y": y}]})
        .to_string()
}

async fn token(
    State(it): State<Elsewhere>,
    headers: HeaderMap,
    body: String,
) -> Result<String, axum::http::StatusCode> {
    let mut it = it.0.lock().unwrap();
    let refused = axum::http::StatusCode::BAD_REQUEST;
    let basic = format!("Basic {}", STANDARD.encode("keepwell:very%20secret"));
    if headers.get("authorization").is_none_or(|sent| *sent != basic) {
        return Err(axum::http::StatusCode::UNAUTHORIZED);
    }
    let form = Form::parse(body.as_bytes()).ok_or(refused)?;
    let (challenge, nonce) = it.codes.remove(form.get("code")).ok_or(refused)?;
    let made = text(Sha256::digest(form.get("code_verifier")));
    if made != challenge || form.get("redirect_uri") != format!("{ORIGIN}/federation/return") {
        return Err(refused);
    }
    let mut header = json!({"alg": "ES256", "kid": it.kid.to_string()});
    let mut claims = json!({"iss": it.issuer, "sub": "person-1", "aud": "keepwell", "nonce": nonce,
        "iat": it.now, "exp": it.now + 300, "email": "admin@example.org"});
    if let Some((name, value)) = &it.mood.header {
        header[*name] = value.clone();
    }
    if let Some((name, value)) = &it.mood.claims {
        claims[*name] = value.clone();
    }
    let signed = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
    let signature = match header["alg"] == "none" {
        true => String::new(),
        false => text(it.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap()),
    };
    Ok(json!({"access_token": "a", "token_type": "Bearer", "id_token": format!("{signed}.{signature}")})
        .to_string())
}

impl Elsewhere {
    async fn start() -> Elsewhere {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner =
            Inner { issuer, key: pair(), kid: 1, mood: Mood::default(), codes: HashMap::new(), now: 0 };
        let it = Elsewhere(Arc::new(Mutex::new(inner)));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(it.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        it
    }

    fn provider(&self, amr: &[&str]) -> Provider {
        Provider {
            name: "elsewhere".into(),
            label: "the university".into(),
            issuer: self.0.lock().unwrap().issuer.clone(),
            client_id: "keepwell".into(),
            secret: Some("very secret".to_owned().into()),
            realms: vec![Realm::Patient, Realm::Clinic],
            amr: amr.iter().map(|one| (*one).to_owned()).collect(),
            acr: Vec::new(),
        }
    }

    fn moody(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    fn rotate(&self) {
        let mut it = self.0.lock().unwrap();
        (it.key, it.kid) = (pair(), it.kid + 1);
    }

    /// Somebody signs in there: the query that their browser comes back with.
    fn lets_in(&self, asked: &str, pages: &Pages) -> Vec<(&'static str, String)> {
        let mut it = self.0.lock().unwrap();
        it.now = pages.house.now().as_second();
        let (address, query) = asked.split_once('?').unwrap();
        assert_eq!(address, format!("{}/authorize", it.issuer));
        let query = Form::parse(query.as_bytes()).unwrap();
        assert_eq!((query.get("response_type"), query.get("code_challenge_method")), ("code", "S256"));
        assert_eq!((query.get("client_id"), query.get("scope")), ("keepwell", "openid"));
        let code = format!("code-{}", it.codes.len());
        it.codes.insert(code.clone(), (query.get("code_challenge").into(), query.get("nonce").into()));
        vec![("code", code), ("state", query.get("state").into())]
    }
}

/// Comes back: the page without cookies, as browsers send none from another site, and then its form.
async fn comes_back(browser: &mut Browser, came: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = came.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let kept = std::mem::take(&mut browser.cookies);
    let page = browser.get(&format!("/federation/return?{}", encoded(&fields))).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(&came[0].1) && browser.cookies.is_empty());
    browser.cookies = kept;
    browser.post("/federation/return", &fields).await
}

async fn goes(browser: &mut Browser, pages: &Pages, it: &Elsewhere) -> Vec<(&'static str, String)> {
    let asked = browser.get("/clinic/federation/elsewhere").await;
    it.lets_in(asked.goes_to(), pages)
}

/// A house with that provider, and a doctor who has linked their person there.
async fn linked(amr: &[&str]) -> (Pages, Elsewhere, Person, Person) {
    let it = Elsewhere::start().await;
    let (pages, mut admin) = Pages::open_with(vec![it.provider(amr)]).await;
    let mut doctor = pages.staff(&mut admin, "doctor@example.org").await;
    let page = doctor.browser.get("/clinic/account/federation").await;
    assert!(page.header("content-security-policy").contains(&it.0.lock().unwrap().issuer));
    let begun = doctor
        .browser
        .post_signed_in("clinic", "/clinic/account/federation", &[("about", "elsewhere")])
        .await;
    let came = it.lets_in(begun.goes_to(), &pages);
    let page = comes_back(&mut doctor.browser, &came).await;
    assert_eq!(page.goes_to(), "/clinic/account/federation", "{}", page.text);
    assert!(doctor.browser.get("/clinic/account/federation").await.text.contains("elsewhere, since"));
    (pages, it, admin, doctor)
}

#[tokio::test]
async fn staff_sign_in_by_a_linked_provider_and_prove_their_second_factor_here() {
    let (pages, it, _, doctor) = linked(&[]).await;
    let mut browser = pages.browser();
    assert!(browser.get("/clinic/sign-in").await.text.contains("Sign in with the university"));
    assert!(!browser.get("/admin/sign-in").await.text.contains("university"));
    let came = goes(&mut browser, &pages, &it).await;
    let page = comes_back(&mut browser, &came).await;
    assert_eq!(page.goes_to(), "/clinic/second-factor", "{}", page.text);
    assert!(browser.session(Realm::Clinic).is_none());
    pages.wait(60);
    let page = browser.post("/clinic/second-factor", &[("code", &pages.code(&doctor.secret))]).await;
    assert_eq!(page.goes_to(), "/clinic/account");
    assert_eq!(browser.get("/clinic/account").await.status, 200);
}

#[tokio::test]
async fn a_second_factor_that_was_proven_there_counts_only_where_the_settings_say_so() {
    let (pages, it, _, _) = linked(&["mfa"]).await;
    for (said, next) in [
        (json!(["pwd"]), "/clinic/second-factor"),
        (json!(["pwd", "mfa"]), "/clinic/account"),
        (json!([]), "/clinic/second-factor"),
    ] {
        it.moody(Mood { claims: Some(("amr", said)), ..Mood::default() });
        let mut browser = pages.browser();
        let came = goes(&mut browser, &pages, &it).await;
        assert_eq!(comes_back(&mut browser, &came).await.goes_to(), next);
    }
    // It does not say when it was proven, so what matters most asks again.
    let mut browser = pages.browser();
    it.moody(Mood { claims: Some(("amr", json!(["mfa"]))), ..Mood::default() });
    let came = goes(&mut browser, &pages, &it).await;
    comes_back(&mut browser, &came).await;
    let page =
        browser.post_signed_in("clinic", "/clinic/account/federation", &[("about", "elsewhere")]).await;
    assert_eq!(page.goes_to(), "/clinic/step-up");
}

#[tokio::test]
async fn a_token_that_does_not_hold_signs_nobody_in() {
    let (pages, it, _, _) = linked(&[]).await;
    let now = pages.house.now().as_second();
    let claims = |name, value| Mood { claims: Some((name, value)), ..Mood::default() };
    let header = |name, value| Mood { header: Some((name, value)), ..Mood::default() };
    for mood in [
        claims("nonce", json!("another")),
        claims("aud", json!("another")),
        claims("iss", json!("https://evil.example")),
        claims("exp", json!(now - 3_600)),
        claims("sub", json!("person-2")),
        header("alg", json!("none")),
        header("alg", json!("HS256")),
        header("kid", json!("9")),
    ] {
        it.moody(mood.clone());
        let mut browser = pages.browser();
        let came = goes(&mut browser, &pages, &it).await;
        let page = comes_back(&mut browser, &came).await;
        assert_eq!(page.status, 502, "{:?} {:?}: {}", mood.claims, mood.header, page.text);
        assert!(page.text.contains("name=\"password\""), "the password still works");
        assert!(browser.session(Realm::Clinic).is_none());
    }
}

#[tokio::test]
async fn an_answer_is_taken_once_from_the_browser_that_asked() {
    let (pages, it, _, _) = linked(&[]).await;
    let mut browser = pages.browser();
    let came = goes(&mut browser, &pages, &it).await;
    // Somebody else's browser, with no attempt or with one of its own.
    let mut other = pages.browser();
    assert_eq!(comes_back(&mut other, &came).await.status, 410);
    goes(&mut other, &pages, &it).await;
    assert_eq!(comes_back(&mut other, &came).await.status, 502);
    let page = comes_back(&mut browser, &came).await;
    assert_eq!(page.goes_to(), "/clinic/second-factor");
    // Again, and with the cookie as it was.
    let mut browser = pages.browser();
    let came = goes(&mut browser, &pages, &it).await;
    let cookies = browser.cookies.clone();
    assert_eq!(comes_back(&mut browser, &came).await.status, 303);
    browser.cookies = cookies;
    assert_eq!(comes_back(&mut browser, &came).await.status, 410, "a state is good once");
    // The provider says no, or says to be somebody else.
    for extra in [("error", "access_denied"), ("iss", "https://evil.example")] {
        let mut came = goes(&mut browser, &pages, &it).await;
        came.push((extra.0, extra.1.to_owned()));
        assert_eq!(comes_back(&mut browser, &came).await.status, 502);
    }
    // Too late.
    let came = goes(&mut browser, &pages, &it).await;
    pages.wait(601);
    assert_eq!(comes_back(&mut browser, &came).await.status, 410);
}

#[tokio::test]
async fn an_address_at_a_provider_makes_nobody_somebody_here() {
    // The token says `admin@example.org`, which is an account here; and nobody has linked it.
    let it = Elsewhere::start().await;
    let (pages, _) = Pages::open_with(vec![it.provider(&["mfa"])]).await;
    it.moody(Mood { claims: Some(("amr", json!(["mfa"]))), ..Mood::default() });
    let mut browser = pages.browser();
    let came = goes(&mut browser, &pages, &it).await;
    let page = comes_back(&mut browser, &came).await;
    assert_eq!(page.status, 502);
    assert!(page.text.contains("nobody here is linked"), "{}", page.text);
}

#[tokio::test]
async fn a_person_of_a_provider_is_linked_to_one_account_by_who_is_signed_in_and_stepped_up() {
    let (pages, it, mut admin, mut doctor) = linked(&[]).await;
    let mut nurse = pages.staff(&mut admin, "nurse@example.org").await;
    let linking = [("about", "elsewhere")];
    let begun = nurse.browser.post_signed_in("clinic", "/clinic/account/federation", &linking).await;
    let came = it.lets_in(begun.goes_to(), &pages);
    assert_eq!(comes_back(&mut nurse.browser, &came).await.status, 422, "it is the doctor's");
    // Somebody else came to the same browser meanwhile.
    it.moody(Mood { claims: Some(("sub", json!("person-3"))), ..Mood::default() });
    let begun = nurse.browser.post_signed_in("clinic", "/clinic/account/federation", &linking).await;
    let came = it.lets_in(begun.goes_to(), &pages);
    let attempt = nurse.browser.cookies[web::cookie::ATTEMPT].clone();
    doctor.browser.cookies.insert(web::cookie::ATTEMPT.into(), attempt);
    assert_eq!(comes_back(&mut doctor.browser, &came).await.status, 410);
    // Taken away, it opens nothing any more.
    it.moody(Mood::default());
    let page = doctor.browser.get("/clinic/account/federation").await;
    let handle = page.between("name=\"about\" value=\"", "\"");
    let removal = [("about", handle.as_str())];
    let removed = doctor.browser.post_signed_in("clinic", "/clinic/account/federation/end", &removal).await;
    assert_eq!(removed.goes_to(), "/clinic/account/federation", "{}", removed.text);
    let mut browser = pages.browser();
    let came = goes(&mut browser, &pages, &it).await;
    assert_eq!(comes_back(&mut browser, &came).await.status, 502);
    pages.wait(700);
    let late = nurse.browser.post_signed_in("clinic", "/clinic/account/federation", &linking).await;
    assert_eq!(late.goes_to(), "/clinic/step-up");
}

#[tokio::test]
async fn a_new_key_is_good_at_once_and_an_old_one_is_not() {
    let (pages, it, _, _) = linked(&[]).await;
    it.rotate();
    let mut browser = pages.browser();
    let came = goes(&mut browser, &pages, &it).await;
    assert_eq!(comes_back(&mut browser, &came).await.goes_to(), "/clinic/second-factor");
    it.moody(Mood { header: Some(("kid", json!("1"))), ..Mood::default() });
    let came = goes(&mut browser, &pages, &it).await;
    assert_eq!(comes_back(&mut browser, &came).await.status, 502);
}

#[tokio::test]
async fn a_provider_that_is_down_or_points_elsewhere_leaves_the_password() {
    let (pages, it, _, doctor) = linked(&[]).await;
    for (name, value) in [
        ("token_endpoint", json!("https://evil.example/token")),
        ("jwks_uri", json!("http://127.0.0.1:1/keys")),
        ("authorization_endpoint", json!("https://evil.example/")),
        ("issuer", json!("https://evil.example")),
    ] {
        it.moody(Mood { metadata: Some((name, value)), ..Mood::default() });
        let mut browser = pages.browser();
        let page = browser.get("/clinic/federation/elsewhere").await;
        assert_eq!(page.status, 502, "{name}: {}", page.text);
    }
    let gone = Provider { issuer: "http://127.0.0.1:1".into(), ..it.provider(&[]) };
    let pages_without = Pages::open_with(vec![gone]).await.0;
    let mut browser = pages_without.browser();
    let page = browser.get("/clinic/federation/elsewhere").await;
    assert_eq!(page.status, 502);
    assert!(
        page.text.contains("cannot be reached") && page.text.contains("name=\"password\""),
        "{}",
        page.text
    );
    assert_eq!(browser.get("/admin/federation/elsewhere").await.status, 404);
    let mut browser = pages.browser();
    let typed = [("identifier", "doctor@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.post("/clinic/sign-in", &typed).await.goes_to(), "/clinic/second-factor");
    pages.wait(60);
    let page = browser.post("/clinic/second-factor", &[("code", &pages.code(&doctor.secret))]).await;
    assert_eq!(page.goes_to(), "/clinic/account");
}
