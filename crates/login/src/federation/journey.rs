//! The way to a provider and back.

use super::{
    Provider, keys, origin,
    token::{self, Expected, Fault, Said},
};
use crate::{
    Login,
    account::Account,
    attempt::{Attempt, Stage},
    error::Error,
    factor::same,
    random,
    realm::Realm,
    session::{FRESH, Who},
    throttle::network,
    visit::Visit,
};
use access::audit::Outcome;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{error::Error as StoreError, items::Kind};
use vault::token::Token;

/// How many journeys may begin from one network in a minute: a hospital has one address for all its people.
const BEGUN: u32 = 60;

/// The longest code that a provider may send.
const CODE: usize = 4 << 10;

const UNREADABLE: Error =
    Error::Outside("the other provider does not say how it is asked; use your password");

/// What is remembered of somebody who went to a provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Journey {
    pub(crate) provider: String,
    /// The account that is to be linked; without one somebody signs in.
    pub(crate) account: Option<String>,
    state: String,
    nonce: String,
    verifier: String,
    redirect: String,
    token_endpoint: String,
    jwks_uri: String,
    /// Whether the secret goes into the form, and not into the header.
    in_form: bool,
    /// Whether the provider says in its answer who it is.
    says_issuer: bool,
}

/// Somebody is on the way.
#[derive(Debug)]
pub struct Started {
    /// For the cookie.
    pub attempt: Token,
    /// Where the browser goes.
    pub address: String,
}

/// What a provider sent the browser back with.
#[derive(Clone, Copy, Default)]
pub struct Answer<'a> {
    /// Ours, as it was sent.
    pub state: &'a str,
    /// What the token is got for.
    pub code: &'a str,
    /// Why there is none.
    pub error: &'a str,
    /// Who answers.
    pub issuer: &'a str,
}

/// What a door fetches, after the answer: the tokens for the code, and the provider's keys. The attempt is spent.
pub struct Exchange {
    pub(super) provider: Provider,
    attempt: Attempt,
    journey: Journey,
    /// The form for the token endpoint.
    pub form: Vec<(&'static str, String)>,
    /// The `Authorization` header for it.
    pub authorization: Option<String>,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// What a provider says of itself. <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Metadata {
    /// Reads it, and holds every address in it to the provider's own origin: nobody makes us ask elsewhere.
    fn read(bytes: &[u8], provider: &Provider) -> Option<Metadata> {
        let found: Metadata = serde_json::from_slice(bytes).ok()?;
        let own = origin(&provider.issuer)?;
        let all = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        let fits = all.into_iter().all(|address| origin(address) == Some(own) && !address.contains('#'));
        (fits && found.issuer == provider.issuer).then_some(found)
    }
}

impl Login {
    /// The provider that somebody wants to go to, before it is asked anything. `who` is somebody who wants to be linked.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the realm has none of that name; [`Error::StepUp`]; [`Error::Throttled`].
    pub fn wanted_provider(
        &self,
        realm: Realm,
        name: &str,
        who: Option<&Who>,
        visit: &Visit,
    ) -> Result<Provider, Error> {
        let provider = self.provider(realm, name)?.clone();
        if !self.is_set_up(visit.now)? {
            return Err(Error::NotSetUp);
        }
        if let Some(who) = who {
            who.require_step_up(FRESH, visit.now)?;
        }
        let from = format!("provider:{}", network(&visit.address));
        self.count_use(&from, BEGUN, SignedDuration::from_mins(1), visit.now)?;
        Ok(provider)
    }

    /// Begins the way there. `metadata` is what [`Provider::discovery`] answered, `redirect` where the browser comes back.
    ///
    /// # Errors
    /// [`Error::Outside`] where the provider's words do not do.
    pub fn start_federation(
        &self,
        (realm, name): (Realm, &str),
        who: Option<&Who>,
        metadata: &[u8],
        redirect: &str,
        visit: &Visit,
    ) -> Result<Started, Error> {
        let provider = self.provider(realm, name)?;
        let found = Metadata::read(metadata, provider).ok_or(UNREADABLE)?;
        let fresh = || random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let in_header = found.token_endpoint_auth_methods_supported.is_empty()
            || found
                .token_endpoint_auth_methods_supported
                .iter()
                .any(|method| method == "client_secret_basic");
        let journey = Journey {
            provider: provider.name.clone(),
            account: who.map(|who| who.account.id.clone()),
            state: fresh()?,
            nonce: fresh()?,
            verifier: fresh()?,
            redirect: redirect.to_owned(),
            token_endpoint: found.token_endpoint,
            jwks_uri: found.jwks_uri,
            in_form: !in_header,
            says_issuer: found.authorization_response_iss_parameter_supported,
        };
        let asked = [
            ("response_type", "code"),
            ("client_id", &provider.client_id),
            ("redirect_uri", redirect),
            ("scope", "openid"),
            ("state", &journey.state),
            ("nonce", &journey.nonce),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(journey.verifier.as_bytes()))),
            ("code_challenge_method", "S256"),
        ];
        let query: Vec<String> =
            asked.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if found.authorization_endpoint.contains('?') { '&' } else { '?' };
        let address = format!("{}{mark}{}", found.authorization_endpoint, query.join("&"));
        let attempt = Attempt::new(realm, None, Stage::Federated(Box::new(journey)));
        let attempt = match who {
            Some(who) => attempt.of(&who.account),
            None => attempt,
        };
        let (kept, token) = self.attempt(attempt, visit.now)?;
        self.store.change_items(vec![kept.write()?], None)?;
        Ok(Started { attempt: token, address })
    }

    /// Takes what the browser came back with. The attempt is spent by it, right or wrong.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over or was answered; [`Error::Outside`] where the provider let nobody in, or somebody
    /// else answered.
    pub fn returned(&self, attempt: &str, answer: Answer<'_>, visit: &Visit) -> Result<Exchange, Error> {
        let kept = self.attempted(attempt, visit)?;
        let Stage::Federated(journey) = &kept.value.stage else { return Err(Error::Ended) };
        let journey = (**journey).clone();
        let provider = self.provider(kept.value.realm, &journey.provider)?.clone();
        match self.store.change_items(vec![kept.remove(Kind::Attempt)], None) {
            Err(StoreError::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        // Who answers is asked where the provider says it, and wherever somebody says it.
        let may_be_silent = !journey.says_issuer && answer.issuer.is_empty();
        let is_theirs = may_be_silent || answer.issuer == provider.issuer;
        let (form, authorization) = asking(&journey, &provider, answer.code);
        let exchange = Exchange { provider, attempt: kept.value, journey, form, authorization };
        let fault = match () {
            () if !same(&exchange.journey.state, answer.state) => Some("state"),
            () if !is_theirs => Some("issuer of the answer"),
            () if !answer.error.is_empty() => Some("the provider said no"),
            () if answer.code.is_empty() || answer.code.len() > CODE => Some("no code"),
            () => None,
        };
        let Some(fault) = fault else { return Ok(exchange) };
        self.store.witness(exchange.entry(None, fault, Outcome::Refused, visit))?;
        Err(Error::Outside("the other provider did not sign you in; try again, or use your password"))
    }

    /// In which realm somebody went to a provider.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over, or of another kind.
    pub fn realm_of_journey(&self, attempt: &str, visit: &Visit) -> Result<Realm, Error> {
        let kept = self.attempted(attempt, visit)?;
        let is_journey = matches!(kept.value.stage, Stage::Federated(_));
        if is_journey { Ok(kept.value.realm) } else { Err(Error::Ended) }
    }
}

/// The form for the token endpoint, and the header beside it.
fn asking(
    journey: &Journey,
    provider: &Provider,
    code: &str,
) -> (Vec<(&'static str, String)>, Option<String>) {
    let mut form = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", journey.redirect.clone()),
        ("code_verifier", journey.verifier.clone()),
    ];
    let Some(secret) = provider.secret.as_ref().filter(|_| !journey.in_form) else {
        form.push(("client_id", provider.client_id.clone()));
        form.extend(provider.secret.as_ref().map(|secret| ("client_secret", secret.to_string())));
        return (form, None);
    };
    // https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1: encoded before they are joined.
    let pair = format!("{}:{}", encoded(&provider.client_id), encoded(secret));
    (form, Some(format!("Basic {}", STANDARD.encode(pair))))
}

/// Percent-encoded for a query or a form.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

impl Exchange {
    /// Where the form is sent.
    pub fn token_endpoint(&self) -> &str {
        &self.journey.token_endpoint
    }

    /// Where the keys are.
    pub fn jwks_uri(&self) -> &str {
        &self.journey.jwks_uri
    }

    /// The form as it is sent.
    pub fn body(&self) -> String {
        let pairs = self.form.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// In which realm.
    pub fn realm(&self) -> Realm {
        self.attempt.realm
    }

    /// Whether an account is to be linked, and nobody signed in.
    pub fn links(&self) -> bool {
        self.journey.account.is_some()
    }

    pub(super) fn journey(&self) -> &Journey {
        &self.journey
    }

    pub(super) fn fits(&self, account: &Account) -> bool {
        self.attempt.fits(account)
    }

    /// Whom the answer speaks of.
    pub(super) fn read(&self, tokens: &[u8], keys: &[u8], now: Timestamp) -> Result<Said, Fault> {
        let tokens: Tokens = serde_json::from_slice(tokens).map_err(|_| Fault::Form)?;
        let keys = keys::parse(keys).ok_or(Fault::Key)?;
        let (issuer, client) = (&self.provider.issuer, &self.provider.client_id);
        token::check(&tokens.id_token, &keys, &Expected { issuer, client, nonce: &self.journey.nonce, now })
    }
}
