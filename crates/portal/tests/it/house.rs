//! A house with its pages, and browsers that keep cookies.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, header},
};
use futures_util::StreamExt;
use login::{
    Login,
    courier::{Courier, Message, Undelivered},
    factor::totp,
    password::hash::Cost,
    realm::Realm,
    settings::Settings,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use testkit::house::{Engine, House};
use tower::ServiceExt;
use web::{
    door::Door,
    gate::{self, Gate},
    limits::Limits,
};

pub(crate) const ORIGIN: &str = "https://here.example";
pub(crate) const PASSWORD: &str = "my kettle sings";

#[derive(Default)]
struct Pigeon(Mutex<Vec<Message>>);

impl Courier for Pigeon {
    fn send(&self, message: &Message) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// A house whose pages are open.
#[derive(Clone)]
pub(crate) struct Pages {
    pub(crate) house: Arc<House>,
    pub(crate) login: Arc<Login>,
    pigeon: Arc<Pigeon>,
    app: Router,
}

/// A browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    pages: Pages,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// What came, as text where it is one.
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

/// Somebody with a browser and an authenticator app.
pub(crate) struct Person {
    pub(crate) browser: Browser,
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
}

/// The pages behind their gate.
fn app(house: &Arc<House>, login: &Arc<Login>) -> Router {
    let (clock, count) = (Arc::clone(house), AtomicU64::new(0));
    let gate = Arc::new(Gate::new(gate::Settings {
        clock: Arc::new(move || clock.now()),
        fresh_id: Arc::new(move || format!("request-{}", count.fetch_add(1, Relaxed))),
        limits: Limits::default(),
        tls: true,
        parameters: Default::default(),
    }));
    let base = format!("{ORIGIN}/fhir/R4");
    let door = Door::new(Arc::clone(&house.record), Arc::clone(&gate), &base)
        .with_login(Arc::clone(login), false)
        .with_viewer(Some(web::viewer::Viewer::in_this_process()))
        .with_house(Arc::new(crate::oversight::report));
    gate.around(portal::router(Arc::new(door)))
}

impl Pages {
    /// Nobody has set it up.
    pub(crate) fn bare() -> Pages {
        Pages::bare_with(Vec::new())
    }

    /// As [`Pages::bare`], with outside providers.
    fn bare_with(providers: Vec<login::federation::Provider>) -> Pages {
        let house = Arc::new(House::new(Engine::Sqlite));
        let settings = Settings {
            cost: Cost { memory_kib: 64, passes: 1, lanes: 1 },
            codes_for_patients: true,
            providers,
            party: login::factor::passkey::Party::of(ORIGIN),
            ..Settings::default()
        };
        let pigeon = Arc::new(Pigeon::default());
        let login = Login::new(Arc::clone(house.record.store()), settings, Some(pigeon.clone())).unwrap();
        let login = Arc::new(login);
        let app = app(&house, &login);
        Pages { house, login, pigeon, app }
    }

    /// The same house by another door, as another node has one.
    pub(crate) fn other_door(&self) -> Pages {
        Pages { app: app(&self.house, &self.login), ..self.clone() }
    }
    /// With an administrator.
    pub(crate) async fn open() -> (Pages, Person) {
        Pages::open_with(Vec::new()).await
    }

    /// As [`Pages::open`], with outside providers.
    pub(crate) async fn open_with(providers: Vec<login::federation::Provider>) -> (Pages, Person) {
        let pages = Pages::bare_with(providers);
        let token = pages.login.setup_token(pages.house.now()).unwrap().unwrap();
        let mut browser = pages.browser();
        let page = browser.post("/setup", &first(token.reveal())).await;
        assert_eq!(page.goes_to(), "/admin/app", "{}", page.text);
        let admin = browser.enrol("/admin/app").await;
        (pages, admin)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { pages: self.clone(), cookies: BTreeMap::new() }
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.house.wait_ms(seconds * 1_000);
    }

    /// What the app shows now.
    pub(crate) fn code(&self, secret: &str) -> String {
        totp::shown(secret, self.house.now()).unwrap()
    }

    /// Every message that was sent: to whom, and what.
    pub(crate) fn messages(&self) -> Vec<(String, String)> {
        let all = self.pigeon.0.lock().unwrap();
        all.iter().map(|message| (message.to.text(), message.text.clone())).collect()
    }

    pub(crate) fn sent_code(&self) -> String {
        self.pigeon.0.lock().unwrap().last().unwrap().text.chars().take(6).collect()
    }

    /// A patient with an app.
    pub(crate) async fn patient(&self, email: &str) -> Person {
        let mut browser = self.browser();
        let page = browser.post("/patient/sign-up", &newcomer(email)).await;
        assert_eq!(page.goes_to(), "/patient/sign-up/code", "{}", page.text);
        assert_eq!(browser.get("/patient/sign-up/code").await.status, 200);
        let page = browser.post("/patient/sign-up/code", &[("code", &self.sent_code())]).await;
        assert_eq!(page.goes_to(), "/patient/app", "{}", page.text);
        browser.enrol("/patient/app").await
    }

    /// A patient signs in again.
    pub(crate) async fn sign_in(&self, person: &Person, email: &str) -> Browser {
        self.sign_in_to("patient", person, email).await
    }

    pub(crate) async fn sign_in_to(&self, realm: &str, person: &Person, email: &str) -> Browser {
        let mut browser = self.browser();
        let typed = [("identifier", email), ("password", PASSWORD)];
        let page = browser.post(&format!("/{realm}/sign-in"), &typed).await;
        assert_eq!(page.goes_to(), format!("/{realm}/second-factor"));
        let code = self.code(&person.secret);
        let page = browser.post(&format!("/{realm}/second-factor"), &[("code", &code)]).await;
        assert_eq!(page.goes_to(), format!("/{realm}/account"), "{}", page.text);
        browser
    }

    /// Somebody of the staff, invited by the administrator.
    pub(crate) async fn staff(&self, admin: &mut Person, email: &str) -> Person {
        self.staff_as(admin, email, "physician", "").await
    }

    /// In that role, and known to the record as that Practitioner.
    pub(crate) async fn staff_as(
        &self,
        admin: &mut Person,
        email: &str,
        role: &str,
        practitioner: &str,
    ) -> Person {
        let link = admin.browser.invite_as(email, role, practitioner).await;
        let mut browser = self.browser();
        assert!(browser.get(&link).await.text.contains("Welcome to Lakeside Clinic"));
        let page = browser.post(&link, &[("password", PASSWORD)]).await;
        assert_eq!(page.goes_to(), "/clinic/app", "{}", page.text);
        browser.enrol("/clinic/app").await
    }
}

pub(crate) fn first(token: &str) -> [(&str, &str); 5] {
    [
        ("setup", token),
        ("facility", "Lakeside Clinic"),
        ("name", "Nila Das"),
        ("email", "admin@example.org"),
        ("password", PASSWORD),
    ]
}

pub(crate) fn newcomer(email: &str) -> [(&str, &str); 3] {
    [("name", "Asha Rao"), ("contact", email), ("password", PASSWORD)]
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, &[], String::new()).await
    }

    /// Sends a form as a page of ours would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send("POST", path, &[("origin", ORIGIN)], encoded(fields)).await
    }

    /// Sends a form from the account page of that realm, with the token that the page has.
    pub(crate) async fn post_signed_in(&mut self, realm: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(&format!("/{realm}/account")).await;
        let token = page.between("name=\"token\" value=\"", "\"");
        let mut fields = fields.to_vec();
        fields.push(("token", &token));
        self.post(path, &fields).await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Page {
        self.send_bytes(method, path, headers, ("application/x-www-form-urlencoded", body.into())).await
    }

    /// Sends a form with files, as the page at `path` would, with the token of that realm's account page.
    pub(crate) async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        let realm = path.split('/').nth(1).unwrap();
        let account = self.get(&format!("/{realm}/account")).await;
        let token = match account.status {
            200 => account.between("name=\"token\" value=\"", "\""),
            _ => String::new(),
        };
        let mut body = Vec::new();
        for (name, value) in fields.iter().chain([&("token", token.as_str())]) {
            let part = format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.bytes());
        }
        for (name, bytes) in files {
            let head = "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=";
            body.extend(format!("{head}\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--xx--\r\n");
        let kind = "multipart/form-data; boundary=xx";
        self.send_bytes("POST", path, &[("origin", ORIGIN)], (kind, body)).await
    }

    async fn send_bytes(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        (kind, body): (&str, Vec<u8>),
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        if method == "POST" {
            request = request.header("content-type", kind);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        let response = self.pages.app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of news has no end: its first words say that it began.
        let is_news = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let bytes = match is_news {
            true => body.into_data_stream().next().await.unwrap().unwrap(),
            false => axum::body::to_bytes(body, 1 << 24).await.unwrap(),
        };
        let page = Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        };
        self.keep(&page);
        page.check();
        page
    }

    fn keep(&mut self, page: &Page) {
        for line in page.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            match line.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    /// Sets the app up that the page at `path` shows.
    pub(crate) async fn enrol(mut self, path: &str) -> Person {
        let page = self.get(path).await;
        assert!(page.text.contains("<svg") && page.text.contains("<path"));
        let secret = page.between("type this into it: <code>", "<");
        let code = self.pages.code(&secret);
        let page = self.post(path, &[("code", &code)]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let recovery: Vec<String> = page
            .text
            .split("<li><code>")
            .skip(1)
            .map(|part| part.split('<').next().unwrap().to_owned())
            .collect();
        assert_eq!(recovery.len(), 10);
        self.pages.wait(60);
        Person { browser: self, secret, recovery }
    }

    /// Invites somebody: the path of the link.
    pub(crate) async fn invite(&mut self, email: &str) -> String {
        self.invite_as(email, "physician", "").await
    }

    pub(crate) async fn invite_as(&mut self, email: &str, role: &str, practitioner: &str) -> String {
        self.invite_called("Dr Meera Iyer", email, role, practitioner).await
    }

    /// The same, with a name.
    pub(crate) async fn invite_called(
        &mut self,
        name: &str,
        email: &str,
        role: &str,
        practitioner: &str,
    ) -> String {
        let page = self.get("/admin/staff").await;
        let facility = page.between("<option value=\"", "\"");
        let fields = [
            ("name", name),
            ("email", email),
            ("facility", &facility),
            ("role", role),
            ("practitioner", practitioner),
        ];
        let page = self.post_signed_in("admin", "/admin/staff", &fields).await;
        page.between(&format!("<code class=\"link\">{ORIGIN}"), "<")
    }

    /// The token in the cookie of that realm's session.
    pub(crate) fn session(&self, realm: Realm) -> Option<&str> {
        self.cookies.get(web::cookie::session(realm)).map(String::as_str)
    }
}

impl Page {
    /// What holds for every page.
    #[track_caller]
    fn check(&self) {
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        for line in self.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(
                line.starts_with("__Host-") && line.contains("; Secure; HttpOnly; SameSite=Strict"),
                "{line}"
            );
        }
        assert!(!self.text.contains(PASSWORD), "a password stands in a page");
        if self.header("content-type").starts_with("text/html") {
            let policy = self.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"),
                "{policy}"
            );
            assert_eq!(self.header("cache-control"), "no-store");
            assert_eq!(self.text.matches("<h1").count(), 1, "{}", self.text);
            let ours = ["passkey", "note", "today", "live"]
                .map(|name| format!("<script type=\"module\" src=\"/assets/{name}.js\" integrity=\"sha256-"));
            let scripts: usize = ours.iter().map(|ours| self.text.matches(ours).count()).sum();
            assert_eq!(scripts > 0, policy.contains("script-src 'self'"), "{policy}");
            assert_eq!(self.text.matches("<script").count(), scripts);
            for banned in ["style=", "onclick", "http-equiv", "unsafe"] {
                assert!(!self.text.contains(banned), "{banned}");
            }
            let fields = ["<input id=", "<select id=", "<textarea id="];
            let inputs: usize = fields.iter().map(|field| self.text.matches(field).count()).sum();
            assert_eq!(
                inputs,
                self.text.matches("<label for=").count(),
                "a label for every field: {}",
                self.text
            );
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser.
    #[track_caller]
    pub(crate) fn goes_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location")
    }

    #[track_caller]
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let Some((_, rest)) = self.text.split_once(before) else { panic!("no {before:?} in {}", self.text) };
        rest.split_once(after).unwrap().0.to_owned()
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let text = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("&")
}
