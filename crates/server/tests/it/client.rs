//! A small HTTP client, one connection for each request, and an app that uses it.

use crate::house::Served;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    net::TcpStream,
};
use vault::ecdsa::Es384Key;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The OAuth error, once it is one and may be kept by nobody.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        assert!((400..500).contains(&self.status), "{} {}", self.status, self.body);
        assert_eq!(self.header("cache-control"), "no-store");
        self.json()["error"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let Some((_, rest)) = self.body.split_once(before) else { panic!("no {before:?} in {}", self.body) };
        rest.split_once(after).unwrap().0.to_owned()
    }

    /// A parameter of the address that it sends the browser to.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let (_, query) = self.header("location").split_once('?')?;
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        Some(decoded(pair))
    }
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(out).unwrap()
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let text = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect::<Vec<_>>().join("&")
}

impl Served {
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(text.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned()));
        Answer { status, headers: headers.collect(), body: body.to_owned() }
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "")
    }

    /// Sends a form as a program does.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], &encoded(fields))
    }

    /// Reads from the FHIR API with a token.
    pub(crate) fn fhir(&self, token: &str, path: &str) -> Answer {
        self.get(&format!("/fhir/R4/{path}"), &[("authorization", &format!("Bearer {token}"))])
    }

    /// Opens a page as somebody's browser does.
    pub(crate) fn page(&self, path: &str, cookie: &str) -> Answer {
        self.get(path, &[("cookie", cookie)])
    }

    /// Sends a form as a page of ours in somebody's browser does.
    pub(crate) fn answer(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [
            ("cookie", cookie),
            ("origin", self.origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send("POST", path, &headers, &encoded(fields))
    }
}

pub(crate) const BACK: &str = "https://app.example/back?keep=1";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// An app, public unless it has a key.
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) key: Option<Es384Key>,
}

pub(crate) fn jwks(key: &Es384Key) -> Value {
    let (x, y) = key.public().unwrap();
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    json!({"keys": [{"kty": "EC", "crv": "P-384", "kid": "k1", "alg": "ES384", "x": x, "y": y}]})
}

pub(crate) fn jws(key: &Es384Key, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).unwrap()))
}

impl Served {
    /// A public app that is approved.
    pub(crate) fn app(&self, scope: &str) -> App {
        let metadata = json!({"client_name": "Growth Chart", "redirect_uris": [BACK], "token_endpoint_auth_method": "none", "scope": scope});
        App { id: self.add(&metadata), key: None }
    }

    /// One that proves itself by its key, for both kinds of grant.
    pub(crate) fn keyed(&self, scope: &str) -> App {
        let key = Es384Key::generate().unwrap();
        let metadata = json!({"client_name": "Night Export", "redirect_uris": [BACK], "scope": scope, "jwks": jwks(&key),
            "token_endpoint_auth_method": "private_key_jwt", "grant_types": ["authorization_code", "client_credentials"]});
        App { id: self.add(&metadata), key: Some(key) }
    }

    pub(crate) fn add(&self, metadata: &Value) -> String {
        self.login.add_client(metadata.to_string().as_bytes(), &self.visit()).unwrap().id
    }

    /// What an app asks for at the beginning.
    pub(crate) fn asking<'a>(
        &'a self,
        app: &'a App,
        scope: &'a str,
        challenge: &'a str,
    ) -> Vec<(&'a str, &'a str)> {
        vec![
            ("response_type", "code"),
            ("client_id", &app.id),
            ("redirect_uri", BACK),
            ("scope", scope),
            ("state", "s&1"),
            ("aud", &self.base),
            ("nonce", "n1"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
    }

    /// Begins: the path of the page that asks.
    #[track_caller]
    pub(crate) fn begin(&self, asking: &[(&str, &str)]) -> String {
        let answer = self.get(&format!("/oauth/authorize?{}", encoded(asking)), &[]).is(200);
        answer.between("<p><a href=\"", "\"")
    }

    /// Answers a question with what is ticked from the start and what else is named: the code.
    #[track_caller]
    pub(crate) fn allow(&self, path: &str, cookie: &str, scopes: &[&str]) -> Answer {
        let page = self.page(path, cookie).is(200);
        let token = page.between("name=\"token\" value=\"", "\"");
        let names: Vec<String> = scopes.iter().map(|scope| format!("allow-{scope}")).collect();
        let mut fields = vec![("token", token.as_str()), ("answer", "allow")];
        fields.extend(names.iter().map(|name| (name.as_str(), "yes")));
        self.answer(path, cookie, &fields)
    }

    /// The whole way of a public app to a code.
    #[track_caller]
    pub(crate) fn code(&self, app: &App, cookie: &str, scope: &str) -> String {
        let path = self.begin(&self.asking(app, scope, &challenge()));
        let scopes: Vec<&str> = scope.split(' ').collect();
        self.allow(&path, cookie, &scopes).is(303).sent("code").unwrap()
    }

    pub(crate) fn exchange(&self, app: &App, code: &str) -> Answer {
        let assertion = app.key.as_ref().map(|_| self.assertion(app));
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        match &assertion {
            Some(assertion) => fields.extend(proof(assertion)),
            None => fields.push(("client_id", &app.id)),
        }
        self.form("/oauth/token", &fields)
    }

    pub(crate) fn refresh(&self, app: &App, token: &str) -> Answer {
        self.form(
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &app.id)],
        )
    }

    pub(crate) fn claims(&self, app: &App) -> Value {
        let now = self.house.now().as_second();
        json!({"iss": app.id, "sub": app.id, "aud": format!("{}/oauth/token", self.origin), "exp": now + 240,
            "iat": now, "jti": format!("j{}", self.count())})
    }

    pub(crate) fn assertion(&self, app: &App) -> String {
        let header = json!({"alg": "ES384", "kid": "k1", "typ": "JWT"});
        jws(app.key.as_ref().unwrap(), &header, &self.claims(app))
    }
}

/// The two fields by which a client proves itself.
pub(crate) fn proof(assertion: &str) -> [(&str, &str); 2] {
    [("client_assertion_type", login::oauth::assertion::TYPE), ("client_assertion", assertion)]
}
