//! An app asks to be let in: <https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1>,
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-authorization-code>
//!
//! Until the client and its address are known, nothing is sent back to anybody: a page says what is wrong. After that, errors go
//! to that address, and to no other.

use super::{
    client::Client,
    error::{Code, OauthError},
    launch::Launched,
    params::Params,
    pkce, redirect,
    wanted::Wanted,
};
use crate::{
    Login,
    error::Error,
    kept::{Kept, mint, token_id},
    realm::Realm,
    visit::Visit,
};
use access::scope::Context;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use store::items::Kind;
use vault::token::Token;

/// How long the person may take to sign in and to answer.
const LIFE: SignedDuration = SignedDuration::from_mins(20);

/// The longest `state` or `nonce`.
const LONGEST: usize = 2 << 10;

/// How many requests may begin in a minute. Anyone can begin one, and each is kept until it was answered or has run out.
const A_MINUTE: u32 = 1_000;

/// How many requests began in this minute.
#[derive(Default)]
pub(crate) struct Pace(Mutex<(i64, u32)>);

impl Pace {
    /// Whether one more may begin; then it is counted.
    fn allows(&self, now: Timestamp) -> bool {
        let mut pace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.as_second().div_euclid(60);
        if pace.0 != minute {
            *pace = (minute, 0);
        }
        pace.1 = pace.1.saturating_add(1);
        pace.1 <= A_MINUTE
    }
}

/// What an app asks a person for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AppRequest {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scope: String,
    pub(crate) left_out: bool,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) launched: Option<Launched>,
    /// The chart that a member of staff chose for it.
    #[serde(default)]
    pub(crate) chosen: Option<Launched>,
}

/// A request that a person is to answer.
#[derive(Debug)]
pub struct Asked {
    /// The name of the request, for the address of the page that asks.
    pub request: Token,
    /// In which realms it may be answered, the likeliest first.
    pub realms: Vec<Realm>,
    /// What the app calls itself.
    pub name: String,
}

/// Why nobody is asked.
#[derive(Debug)]
pub enum Refusal {
    /// To be told on a page of ours: the address to send it to is not known to be the app's.
    Page(OauthError),
    /// To be told to the app, at this address.
    Back(String),
}

impl<E: Into<OauthError>> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::Page(error.into())
    }
}

impl AppRequest {
    /// The app's address with an answer. It says who answers (<https://www.rfc-editor.org/rfc/rfc9207>), so that an app which talks
    /// to several servers takes no answer of one for another's.
    pub(crate) fn answer(&self, issuer: &str, params: &[(&str, &str)]) -> String {
        answer(&self.redirect_uri, self.state.as_deref(), issuer, params)
    }
}

fn answer(uri: &str, state: Option<&str>, issuer: &str, params: &[(&str, &str)]) -> String {
    let mut all = params.to_vec();
    all.extend(state.map(|state| ("state", state)));
    all.push(("iss", issuer));
    redirect::with(uri, &all)
}

impl Login {
    /// Reads what an app asks for, in the query of its address, and keeps it until the person has answered.
    ///
    /// # Errors
    /// [`Refusal`]: where to say what is wrong.
    pub fn authorize(&self, query: &[u8], visit: &Visit) -> Result<Asked, Refusal> {
        let params = Params::parse(query)?;
        let unknown = || {
            OauthError::client(
                "this app is not known here, or not approved yet; ask whoever runs this server",
            )
        };
        let client = self.approved(params.must("client_id")?, visit.now)?.filter(|client| client.asks_people);
        let client = client.ok_or_else(unknown)?;
        let uri = params.must("redirect_uri")?;
        if !client.redirect_uris.iter().any(|known| known == uri) {
            let text = "the app asked to be answered at an address that is not registered for it; nothing was sent there";
            return Err(OauthError::request(text).into());
        }
        if !self.pace.allows(visit.now) {
            let text = "too many apps ask at this moment; try again in a minute";
            let error = OauthError::new(Code::TemporarilyUnavailable, text);
            return Err(Refusal::Back(self.refusal(&params, uri, &error)));
        }
        let asked = self.wishes(&params, &client, uri, visit);
        let asked = asked.map_err(|error| Refusal::Back(self.refusal(&params, uri, &error)))?;
        let realms = realms(&asked);
        let request = mint().map_err(OauthError::from)?;
        let id = token_id(request.reveal()).ok_or(Error::Ended)?;
        let kept = Kept::new(id, visit.now.saturating_add(LIFE).ok(), asked);
        let put = kept.put(Kind::AppRequest, Vec::new())?;
        self.store.change_items(vec![put], None)?;
        Ok(Asked { request, realms, name: client.name })
    }

    fn refusal(&self, params: &Params, uri: &str, error: &OauthError) -> String {
        let said = [("error", error.code.word()), ("error_description", error.text.as_str())];
        let state = params.get("state").filter(|state| state.len() <= LONGEST);
        answer(uri, state, &self.oauth().issuer, &said)
    }

    fn wishes(
        &self,
        params: &Params,
        client: &Client,
        uri: &str,
        visit: &Visit,
    ) -> Result<AppRequest, OauthError> {
        let bad = |text: &str| Err(OauthError::request(text));
        if params.must("response_type")? != "code" {
            let text = "`response_type` must be `code`";
            return Err(OauthError::new(Code::UnsupportedResponseType, text));
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return bad("`response_mode` must be `query`, or left out");
        }
        if params.get("request").or(params.get("request_uri")).is_some() {
            return bad("request objects are not taken here; send the parameters themselves");
        }
        if params.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
            return Err(OauthError::new(Code::InteractionRequired, "people are always asked here"));
        }
        if params.get("code_challenge_method") != Some("S256") {
            return bad("`code_challenge_method` must be `S256`: this server lets nobody in without PKCE");
        }
        let challenge = params.must("code_challenge")?;
        if !pkce::is_challenge(challenge) {
            return bad("`code_challenge` must be SHA-256 of the verifier in base64url, 43 characters");
        }
        let base = self.oauth().base.as_str();
        if params.must("aud")?.trim_end_matches('/') != base {
            return bad("`aud` must be the address of this server's FHIR API");
        }
        if params.must("state")?.len() > LONGEST
            || params.get("nonce").is_some_and(|nonce| nonce.len() > LONGEST)
        {
            return bad("`state` and `nonce` may have 2048 characters");
        }
        let all = Wanted::parse(params.must("scope")?)?;
        let wanted = self.kept_to(all.within(&client.most()));
        if wanted.to_string().is_empty() {
            return Err(OauthError::new(
                Code::InvalidScope,
                "none of these scopes is one that this app is registered for",
            ));
        }
        Ok(AppRequest {
            client: client.id.clone(),
            redirect_uri: uri.to_owned(),
            state: params.get("state").map(str::to_owned),
            scope: wanted.to_string(),
            left_out: all.records.iter().any(|scope| scope.is_refined() && !wanted.records.contains(scope)),
            challenge: challenge.to_owned(),
            nonce: params.get("nonce").map(str::to_owned),
            launched: self.chart(params, client, &wanted, visit)?,
            chosen: None,
        })
    }

    /// The chart that the app was started from, if it was.
    fn chart(
        &self,
        params: &Params,
        client: &Client,
        wanted: &Wanted,
        visit: &Visit,
    ) -> Result<Option<Launched>, OauthError> {
        let Some(text) = params.get("launch") else { return Ok(None) };
        if !wanted.launch {
            return Err(OauthError::new(
                Code::InvalidScope,
                "`launch` as a parameter needs `launch` as a scope",
            ));
        }
        let ended =
            || OauthError::request("this `launch` was used already, or has ended; start the app again");
        let launched = self.launched(text, visit)?.filter(|launched| launched.client == client.id);
        launched.map(Some).ok_or_else(ended)
    }
}

/// Who may answer: whoever started it from a chart; else a patient, unless it is only about what a user may see.
fn realms(request: &AppRequest) -> Vec<Realm> {
    if let Some(launched) = &request.launched {
        return vec![launched.realm];
    }
    let wanted = Wanted::parse(&request.scope).unwrap_or_default();
    match (wanted.has(Context::User), wanted.has(Context::Patient) || wanted.launch_patient) {
        (false, _) => vec![Realm::Patient],
        (true, true) => vec![Realm::Patient, Realm::Clinic],
        (true, false) => vec![Realm::Clinic, Realm::Patient],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_room_for_so_many_requests_and_the_next_one_again() {
        let (pace, now) = (Pace::default(), Timestamp::from_second(1_700_000_040).unwrap());
        assert!((0..A_MINUTE).all(|_| pace.allows(now)));
        assert!(!pace.allows(now));
        assert!(pace.allows(now + SignedDuration::from_mins(1)));
    }
}
