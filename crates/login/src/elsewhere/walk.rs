//! The way to another server and back: SMART App Launch 2.2, standalone, one patient.
//!
//! Source: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html>

use super::House;
use crate::{
    Login,
    attempt::{Attempt, Stage},
    error::Error,
    factor::same,
    federation::{Answer, Started},
    kept::{hex, sha256},
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    brought,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{error::Error as StoreError, items::Kind};
use zeroize::Zeroizing;

/// What is asked for: to read one patient's record. No refresh token, nothing about the person beyond it.
const SCOPE: &str = "launch/patient patient/*.rs";

/// The same in the words of version 1.
const SCOPE_OF_OLD: &str = "launch/patient patient/*.read";

/// How often one person may go to other servers in an hour.
const BEGUN: u32 = 20;

/// The longest code, token or id that another server may send.
const LONGEST: usize = 16 << 10;

/// What the log calls the steps of the way.
const OPERATION: &str = "elsewhere asked";

/// What a server says of how it is asked.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Configuration {
    authorization_endpoint: String,
    token_endpoint: String,
    pub(super) registration_endpoint: Option<String>,
    issuer: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Configuration {
    /// Reads it, and holds every address in it to what is listed.
    pub(super) fn read(bytes: &[u8], house: &House) -> Result<Configuration, Error> {
        let no = |field, text| Err(Error::Invalid { field, text });
        let Ok(found) = serde_json::from_slice::<Configuration>(bytes) else {
            return no(
                "base",
                "that server does not say how apps of patients sign in (SMART App Launch); check its address",
            );
        };
        if !house.holds(&found.authorization_endpoint) || !house.holds(&found.token_endpoint) {
            return no(
                "sign-in",
                "people sign in to that server at another address: enter that address as well",
            );
        }
        let methods = &found.code_challenge_methods_supported;
        if !methods.is_empty() && !methods.iter().any(|method| method == "S256") {
            return no(
                "base",
                "that server does not protect its codes (PKCE with S256), so nothing is brought from it",
            );
        }
        Ok(found)
    }

    pub(super) fn scope(&self, house: &House) -> String {
        let can = |word: &str| self.capabilities.iter().any(|capability| capability == word);
        match (house.scope.as_str(), can("permission-v1") && !can("permission-v2")) {
            ("", true) => SCOPE_OF_OLD.to_owned(),
            ("", false) => SCOPE.to_owned(),
            (typed, _) => typed.to_owned(),
        }
    }
}

/// What is remembered of somebody who went to another server for a record.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    house: String,
    account: String,
    /// The session that it began in: it ends there as well.
    session: String,
    /// The patient here whose record it is to enter.
    patient: String,
    state: String,
    verifier: String,
    redirect: String,
    token_endpoint: String,
    in_form: bool,
    issuer: Option<String>,
    says_issuer: bool,
}

/// What a door fetches after the answer: a token for the code. The attempt is spent.
pub struct Exchange {
    /// The server.
    pub house: House,
    /// Its id on the list.
    pub id: String,
    /// The patient here.
    pub patient: String,
    /// Where the form is sent.
    pub token_endpoint: String,
    /// The form.
    pub form: String,
    /// The `Authorization` header beside it.
    pub authorization: Option<String>,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// What the other server gave for the code. It is used for one fetch, and kept nowhere.
pub struct Token {
    /// What the fetch shows.
    pub access: Zeroizing<String>,
    /// The patient's id there.
    pub patient: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

#[derive(Deserialize)]
struct Answered {
    access_token: String,
    token_type: String,
    patient: Option<String>,
}

impl Exchange {
    /// Reads what the token endpoint answered.
    ///
    /// # Errors
    /// [`Error::Outside`] where it gave no token, or none for one patient.
    pub fn read(&self, bytes: &[u8]) -> Result<Token, Error> {
        let unread = Error::Outside("the other server gave no access; begin again, or ask whoever runs it");
        let found: Answered = serde_json::from_slice(bytes).map_err(|_| unread)?;
        let plain = |text: &str| {
            !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !found.token_type.eq_ignore_ascii_case("bearer") || !plain(&found.access_token) {
            return Err(Error::Outside(
                "the other server gave no access; begin again, or ask whoever runs it",
            ));
        }
        let nobody = Error::Outside(
            "the other server did not say whose record it gave access to; begin again, and choose one person there",
        );
        let patient = found.patient.filter(|id| plain(id)).ok_or(nobody)?;
        Ok(Token { access: found.access_token.into(), patient })
    }
}

impl Login {
    /// The act of somebody who may bring a record to that patient: the patient, or who acts for them.
    ///
    /// # Errors
    /// [`Error::Refused`], which is signed.
    pub fn act_to_bring(&self, who: &Who, patient: &str, visit: &Visit) -> Result<(Act, i64), Error> {
        let mut act = self.act_on_chart(who, patient, visit)?;
        let is_theirs = who.realm == Realm::Patient && act.actor.patient.as_deref() == Some(patient);
        let row = if is_theirs { self.row_within(&act, patient)? } else { None };
        let Some(row) = row else {
            self.refuse_act(&act, OPERATION)?;
            return Err(Error::Refused);
        };
        act.actor.scopes.extend(brought::scopes());
        Ok((act, row))
    }

    /// The server that somebody wants to bring that patient's record from, before it is asked anything.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Invalid`] where it is not listed; [`Error::Throttled`].
    pub fn wanted_house(&self, who: &Who, patient: &str, house: &str, visit: &Visit) -> Result<House, Error> {
        self.act_to_bring(who, patient, visit)?;
        let kept = self.house(house, visit.now)?;
        self.count_use(
            &format!("elsewhere:{}", who.account.id),
            BEGUN,
            SignedDuration::from_hours(1),
            visit.now,
        )?;
        Ok(kept.value)
    }

    /// Begins the way there. `configuration` is what the server said of itself, `redirect` where the browser comes back.
    ///
    /// # Errors
    /// [`Error::Outside`] where its words do not do; as [`Login::wanted_house`].
    pub fn start_errand(
        &self,
        who: &Who,
        (patient, house): (&str, &str),
        configuration: &[u8],
        redirect: &str,
        visit: &Visit,
    ) -> Result<Started, Error> {
        let (act, row) = self.act_to_bring(who, patient, visit)?;
        let kept = self.house(house, visit.now)?;
        let unfit =
            Error::Outside("the other server has changed how it is asked; tell whoever runs this house");
        let found = Configuration::read(configuration, &kept.value).map_err(|_| unfit)?;
        let fresh = || random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let methods = &found.token_endpoint_auth_methods_supported;
        let in_header = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let errand = Errand {
            house: hex(&kept.id),
            account: who.account.id.clone(),
            session: session_of(who),
            patient: patient.to_owned(),
            state: fresh()?,
            verifier: fresh()?,
            redirect: redirect.to_owned(),
            token_endpoint: found.token_endpoint.clone(),
            in_form: !in_header,
            issuer: found.issuer.clone(),
            says_issuer: found.authorization_response_iss_parameter_supported && found.issuer.is_some(),
        };
        let asked = [
            ("response_type", "code"),
            ("client_id", &kept.value.client_id),
            ("redirect_uri", redirect),
            ("scope", &found.scope(&kept.value)),
            ("state", &errand.state),
            ("aud", &kept.value.base),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(errand.verifier.as_bytes()))),
            ("code_challenge_method", "S256"),
        ];
        let query: Vec<String> =
            asked.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if found.authorization_endpoint.contains('?') { '&' } else { '?' };
        let address = format!("{}{mark}{}", found.authorization_endpoint, query.join("&"));
        let attempt = Attempt::new(Realm::Patient, None, Stage::Errand(Box::new(errand))).of(&who.account);
        let (attempt, token) = self.attempt(attempt, visit.now)?;
        self.store.change_items(vec![attempt.write()?], Some(entry(&act, row, OPERATION, Outcome::Done)))?;
        Ok(Started { attempt: token, address })
    }

    /// Takes what the browser came back with. The attempt is spent by it, right or wrong.
    ///
    /// # Errors
    /// [`Error::Ended`] where it is over, was answered, or began in another session; [`Error::Outside`] where the other server let nobody in, or
    /// somebody else answered.
    pub fn ended_errand(
        &self,
        who: &Who,
        attempt: &str,
        answer: Answer<'_>,
        visit: &Visit,
    ) -> Result<Exchange, Error> {
        let kept = self.attempted(attempt, visit)?;
        let Stage::Errand(errand) = &kept.value.stage else { return Err(Error::Ended) };
        let errand = (**errand).clone();
        match self.store.change_items(vec![kept.remove(Kind::Attempt)], None) {
            Err(StoreError::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        let (act, row) = self.act_to_bring(who, &errand.patient, visit)?;
        let is_theirs = errand.account == who.account.id
            && kept.value.fits(&who.account)
            && errand.session == session_of(who);
        let may_be_silent = !errand.says_issuer && answer.issuer.is_empty();
        let right_issuer = may_be_silent || Some(answer.issuer) == errand.issuer.as_deref();
        let (is_wrong, fault) = match () {
            () if !is_theirs => (true, Error::Ended),
            () if !same(&errand.state, answer.state) || !right_issuer => {
                (true, Error::Outside("the answer did not come from the server that was asked; begin again"))
            }
            () if !answer.error.is_empty() => (
                true,
                Error::Outside(
                    "the other server gave no access, or you did not allow it there; nothing was brought",
                ),
            ),
            () => (
                answer.code.is_empty() || answer.code.len() > LONGEST,
                Error::Outside("the other server gave no code; begin again"),
            ),
        };
        if is_wrong {
            self.store.witness(entry(&act, row, OPERATION, Outcome::Refused))?;
            return Err(fault);
        }
        let house = self.house(&errand.house, visit.now)?.value;
        let (form, authorization) = asking(&errand, &house, answer.code);
        let Errand { house: id, patient, token_endpoint, .. } = errand;
        Ok(Exchange { house, id, patient, token_endpoint, form, authorization })
    }
}

pub(super) fn entry(act: &Act, row: i64, operation: &str, outcome: Outcome) -> Entry {
    Entry { patients: vec![row], ..Entry::new(act, operation, "Patient", outcome) }
}

/// What tells one session from another, without being its token.
fn session_of(who: &Who) -> String {
    hex(&sha256(&[b"errand", who.form_token.as_bytes()]))
}

/// Percent-encoded for a query or a form.
fn encoded(text: &str) -> String {
    crate::federation::encoded(text)
}

/// The form for the token endpoint, and the header beside it.
fn asking(errand: &Errand, house: &House, code: &str) -> (String, Option<String>) {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", errand.redirect.as_str()),
        ("code_verifier", errand.verifier.as_str()),
    ];
    let in_header = house.secret.as_ref().filter(|_| !errand.in_form);
    if in_header.is_none() {
        form.push(("client_id", house.client_id.as_str()));
        form.extend(house.secret.as_ref().map(|secret| ("client_secret", secret.as_str())));
    }
    let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let header = in_header.map(|secret| {
        let pair = format!("{}:{}", encoded(&house.client_id), encoded(secret));
        format!("Basic {}", STANDARD.encode(pair))
    });
    (pairs.join("&"), header)
}
