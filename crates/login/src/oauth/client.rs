//! Apps that are known here: <https://www.rfc-editor.org/rfc/rfc7591>. Anyone may register one; until an administrator has
//! approved it, it can do nothing.

use super::{
    entry,
    error::{Code, OauthError},
    jwk::{self, Key},
    redirect::may_register,
    wanted::Wanted,
};
use crate::{
    Login,
    account::checked_name,
    error::Error,
    kept::{Kept, hex, read},
    random,
    session::Who,
    throttle::Counters,
    visit::Visit,
};
use access::{
    audit::{Entry, Outcome},
    scope::Context,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::items::{Change, Kind};

/// How long an app waits for approval before it is forgotten.
const WAITS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How many apps may wait at once.
const WAITING: usize = 200;

/// The longest registration.
const LONGEST: usize = 48 << 10;

/// The most addresses of one app.
const ADDRESSES: usize = 10;

/// Where an app stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It registered itself, and waits for an administrator.
    Pending,
    /// It may ask people, or use its own keys.
    Approved,
    /// It may nothing any more.
    Revoked,
}

impl Status {
    /// What becoming it is called in the log.
    fn operation(self) -> &'static str {
        match self {
            Status::Approved => "app approved",
            Status::Pending => "app put back",
            Status::Revoked => "app revoked",
        }
    }
}

/// An app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its `client_id`, which we made up.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// Whether it proves who it is by nothing: an app in a browser or on a phone.
    pub public: bool,
    /// Where answers may be sent to.
    pub redirect_uris: Vec<String>,
    /// Where it is started from a chart, if it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Its public keys.
    pub keys: Vec<Key>,
    /// The most that it may ask for.
    pub scope: String,
    /// Whether people let it in.
    pub asks_people: bool,
    /// Whether it comes by itself, with its own keys.
    pub backend: bool,
    /// Since when it is known.
    pub created: Timestamp,
}

/// What is sent to register: what is not read here is left out of the answer.
#[derive(Deserialize)]
struct Metadata {
    client_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    initiate_login_uri: Option<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    scope: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<Value>,
}

fn no<T>(text: &'static str) -> Result<T, OauthError> {
    Err(OauthError::new(Code::InvalidClientMetadata, text))
}

impl Client {
    /// Reads what an app says of itself; it waits for approval.
    ///
    /// # Errors
    /// What to mend.
    pub fn read(metadata: &[u8], id: String, now: Timestamp) -> Result<Client, OauthError> {
        if metadata.len() > LONGEST {
            return no("the registration is too long");
        }
        let Ok(sent) = serde_json::from_slice::<Metadata>(metadata) else {
            return no("a registration is a JSON object after RFC 7591, with each field once");
        };
        if sent.jwks_uri.is_some() {
            return no(
                "this server fetches nothing from other addresses: send the keys themselves in `jwks`, and leave `jwks_uri` out",
            );
        }
        let public = match sent.token_endpoint_auth_method.as_deref() {
            Some("none") => true,
            Some("private_key_jwt") => false,
            _ => {
                return no(
                    "`token_endpoint_auth_method` must be `none` or `private_key_jwt`: this server issues no client secrets",
                );
            }
        };
        let keys = match (&sent.jwks, public) {
            (Some(set), false) => jwk::parse(&set.to_string()).or_else(no)?,
            (None, false) => return no("`private_key_jwt` needs the public keys in `jwks`"),
            (Some(_), true) => return no("an app without client authentication has no use for `jwks`"),
            (None, true) => Vec::new(),
        };
        let (asks_people, backend) = grants(&sent, public)?;
        let Ok(name) = checked_name(sent.client_name.as_deref().unwrap_or_default()) else {
            return no("`client_name` must say what people know the app by, in 1 to 120 characters");
        };
        let redirect_uris = sent.redirect_uris.unwrap_or_default();
        addresses(&redirect_uris, asks_people)?;
        if sent
            .initiate_login_uri
            .as_ref()
            .is_some_and(|url| !asks_people || !url.starts_with("http") || !may_register(url))
        {
            return no(
                "`initiate_login_uri` is where people start the app: an https address, or http on localhost, without a fragment",
            );
        }
        let most = Wanted::parse(sent.scope.as_deref().unwrap_or_default())?;
        if most.records.is_empty() && !most.openid {
            return no("`scope` must name all that the app will ever ask for, as SMART v2 scopes");
        }
        if most.has(Context::System) && !backend {
            return no("`system/` scopes are for apps with the grant type `client_credentials`");
        }
        let (status, scope) = (Status::Pending, most.to_string());
        Ok(Client {
            id,
            name,
            status,
            public,
            redirect_uris,
            initiate_login_uri: sent.initiate_login_uri,
            keys,
            scope,
            asks_people,
            backend,
            created: now,
        })
    }

    /// As it is answered to whoever registered it.
    pub fn registration(&self) -> Value {
        let mut told = self.told();
        if let Some(url) = &self.initiate_login_uri {
            told["initiate_login_uri"] = json!(url);
        }
        told
    }

    fn told(&self) -> Value {
        let grants = [
            (self.asks_people, "authorization_code"),
            (self.asks_people, "refresh_token"),
            (self.backend, "client_credentials"),
        ];
        let grants: Vec<&str> = grants.iter().filter(|(has, _)| *has).map(|(_, word)| *word).collect();
        json!({
            "client_id": self.id,
            "client_id_issued_at": self.created.as_second(),
            "client_name": self.name,
            "redirect_uris": self.redirect_uris,
            "token_endpoint_auth_method": if self.public { "none" } else { "private_key_jwt" },
            "grant_types": grants,
            "response_types": if self.asks_people { vec!["code"] } else { Vec::new() },
            "scope": self.scope,
            "status": self.status,
        })
    }

    /// The most that it may ask for.
    pub(crate) fn most(&self) -> Wanted {
        Wanted::parse(&self.scope).unwrap_or_default()
    }
}

/// Whether people let it in, and whether it comes by itself.
fn grants(sent: &Metadata, public: bool) -> Result<(bool, bool), OauthError> {
    let default = vec!["authorization_code".to_owned()];
    let types = sent.grant_types.as_ref().unwrap_or(&default);
    let has = |name: &str| types.iter().any(|known| known == name);
    if !types
        .iter()
        .all(|name| ["authorization_code", "refresh_token", "client_credentials"].contains(&name.as_str()))
    {
        return no("`grant_types` may hold `authorization_code`, `refresh_token` and `client_credentials`");
    }
    let (asks_people, backend) = (has("authorization_code"), has("client_credentials"));
    if !asks_people && !backend {
        return no("`grant_types` must hold `authorization_code` or `client_credentials`");
    }
    if backend && public {
        return no("`client_credentials` needs `private_key_jwt`");
    }
    if asks_people && !sent.response_types.as_ref().is_none_or(|types| types.len() == 1 && types[0] == "code")
    {
        return no("`response_types` may hold `code` and nothing else");
    }
    Ok((asks_people, backend))
}

fn addresses(uris: &[String], asks_people: bool) -> Result<(), OauthError> {
    let refused = |text: &str| Err(OauthError::new(Code::InvalidRedirectUri, text));
    if asks_people && uris.is_empty() || uris.len() > ADDRESSES {
        return refused("`redirect_uris` must hold 1 to 10 addresses");
    }
    if !uris.iter().all(|uri| may_register(uri)) {
        return refused(
            "a redirect address must be https, or http on localhost, or of a scheme of the app's own such as com.example.app, without a fragment",
        );
    }
    Ok(())
}

impl Kept<Client> {
    fn write(&self) -> Result<Change, Error> {
        self.put(Kind::Client, Vec::new())
    }
}

impl Login {
    /// Registers an app, which then waits for approval.
    ///
    /// # Errors
    /// What to mend; that there were too many from there.
    pub fn register(&self, metadata: &[u8], visit: &Visit) -> Result<Client, OauthError> {
        self.count_try(&Counters::of(&format!("register {}", visit.address), visit), visit.now)?;
        let client = Client::read(metadata, hex(&random::<16>()?), visit.now)?;
        let waiting = self.clients(visit.now)?.into_iter().filter(|client| client.status == Status::Pending);
        if waiting.count() >= WAITING {
            let text = "too many apps wait for approval; ask whoever runs this server";
            return Err(OauthError::new(Code::TemporarilyUnavailable, text));
        }
        let kept = Kept::new(client.id.clone().into_bytes(), visit.now.saturating_add(WAITS).ok(), client);
        let entry = entry(visit, &kept.value, None, "app registered", Outcome::Done);
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        Ok(kept.value)
    }

    /// Adds an app by an administrator's own hand: it is approved at once.
    ///
    /// # Errors
    /// What to mend.
    pub fn add_client(&self, metadata: &[u8], visit: &Visit) -> Result<Client, OauthError> {
        let mut client = Client::read(metadata, hex(&random::<16>()?), visit.now)?;
        client.status = Status::Approved;
        let kept = Kept::new(client.id.clone().into_bytes(), None, client);
        let entry = entry(visit, &kept.value, None, "app added", Outcome::Done);
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        Ok(kept.value)
    }

    /// Approves an app, or revokes it: then each of its tokens is dead at the next request.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is no such app.
    pub fn set_client(&self, id: &str, status: Status, visit: &Visit) -> Result<Client, Error> {
        self.judge(id, status, visit, |client| entry(visit, client, None, status.operation(), Outcome::Done))
    }

    /// As [`Login::set_client`], by an administrator, who must have just proven who they are.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::StepUp`]; [`Error::Ended`] where there is no such app.
    pub fn judge_client(&self, who: &Who, id: &str, status: Status, visit: &Visit) -> Result<Client, Error> {
        self.administers(who, visit)?;
        self.judge(id, status, visit, |client| {
            let mut entry = visit.entry(who.realm, Some(&who.account), status.operation(), Outcome::Done);
            entry.shape = format!("app {}", client.id);
            entry
        })
    }

    fn judge(
        &self,
        id: &str,
        status: Status,
        visit: &Visit,
        entry: impl FnOnce(&Client) -> Entry,
    ) -> Result<Client, Error> {
        let mut kept = self.client(id, visit.now)?.ok_or(Error::Ended)?;
        kept.value.status = status;
        kept.expires = None;
        let entry = entry(&kept.value);
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        Ok(kept.value)
    }

    /// All apps, for an administrator.
    ///
    /// # Errors
    /// [`Error::Refused`]; where the store fails.
    pub fn clients_to_judge(&self, who: &Who, visit: &Visit) -> Result<Vec<Client>, Error> {
        self.is_administrator(who, visit)?;
        self.clients(visit.now)
    }

    /// All apps.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn clients(&self, now: Timestamp) -> Result<Vec<Client>, Error> {
        let (mut all, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Client, &after, 100, now)?;
            for item in items {
                all.push(read::<Client>(item)?.value);
            }
            let Some(next) = next else { return Ok(all) };
            after = next;
        }
    }

    pub(crate) fn client(&self, id: &str, now: Timestamp) -> Result<Option<Kept<Client>>, Error> {
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id { self.get(Kind::Client, id.as_bytes(), now) } else { Ok(None) }
    }

    /// The app of that id, where it is approved.
    pub(crate) fn approved(&self, id: &str, now: Timestamp) -> Result<Option<Client>, Error> {
        let kept = self.client(id, now)?.map(|kept| kept.value);
        Ok(kept.filter(|client| client.status == Status::Approved))
    }
}
