//! A person answers an app: what it may get at most is what it asked for, what it is registered for, what the person's own roles
//! allow, and what they ticked, all at once.

use super::{
    authorize::AppRequest,
    bearer::role_name,
    client::Client,
    connection::Connection,
    entry,
    error::Code,
    meaning,
    wanted::{Wanted, narrowed},
};
use crate::{
    Login,
    act::Roles,
    error::Error,
    kept::{Kept, mint, token_id},
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{audit::Outcome, scope::Context};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::items::Kind;

/// How long a code is good.
pub(crate) const CODE_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// How long it is remembered that a code was used.
const CODE_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What an authorization code stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AppCode {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) connection: Vec<u8>,
    pub(crate) made: Timestamp,
    pub(crate) used: bool,
}

/// One thing that a person may allow or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As the app asks for it.
    pub scope: String,
    /// What it means.
    pub words: String,
    /// Whether it is ticked from the start: what only looks is, what changes something is not.
    pub preset: bool,
}

/// What a person is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What the app calls itself.
    pub name: String,
    /// Where the answer goes: the host, or the scheme of an app on the same device.
    pub host: String,
    /// The same as a source of a Content-Security-Policy, which browsers ask before they follow an answer there.
    pub source: String,
    /// The id of the patient whose chart it is about, where it is about one.
    pub patient: Option<String>,
    /// What may be ticked. Where there is nothing, the app can get nothing here.
    pub lines: Vec<Line>,
    /// Whether something that it asks for cannot be given.
    pub left_out: bool,
    /// Whether whoever answers may choose whose chart it is about.
    pub picks: bool,
}

/// What an answer can be at most.
struct Offer {
    request: Kept<AppRequest>,
    client: Client,
    patient: Option<String>,
    most: Wanted,
    asked: Wanted,
}

impl Login {
    /// What somebody is asked.
    ///
    /// # Errors
    /// [`Error::Ended`] where it was answered or has run out; [`Error::Refused`] where it is somebody else who started the app.
    pub fn question(
        &self,
        request: &str,
        who: &Who,
        roles: Roles<'_>,
        visit: &Visit,
    ) -> Result<Question, Error> {
        let offer = self.offer(request, who, roles, visit)?;
        let left_out = offer.request.value.left_out
            || offer.asked.records.iter().any(|scope| !offer.most.records.contains(scope));
        let about_one = offer.asked.launch_patient || offer.asked.has(Context::Patient);
        Ok(Question {
            picks: who.realm == Realm::Clinic && offer.request.value.launched.is_none() && about_one,
            host: host(&offer.request.value.redirect_uri),
            source: source(&offer.request.value.redirect_uri),
            name: offer.client.name,
            patient: offer.patient,
            lines: lines(&offer.most, who.realm == Realm::Patient),
            left_out,
        })
    }

    /// Lets the app in, with what was ticked: the address to send the person to.
    ///
    /// # Errors
    /// As [`Login::question`].
    pub fn allow_app(
        &self,
        request: &str,
        who: &Who,
        ticked: &dyn Fn(&str) -> bool,
        roles: Roles<'_>,
        visit: &Visit,
    ) -> Result<String, Error> {
        let offer = self.offer(request, who, roles, visit)?;
        let granted = chosen(&offer.most, ticked);
        if lines(&granted, true).is_empty() {
            return self.turned_down(offer.request, &offer.client, who, visit);
        }
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        let asked = offer.request.value.clone();
        let kept = Kept::new(
            [who.account.id.as_bytes(), &random::<8>()?].concat(),
            visit.now.saturating_add(CODE_LIFE).ok(),
            Connection {
                client: offer.client.id.clone(),
                account: who.account.id.clone(),
                realm: who.realm,
                facility: who.staff.as_ref().map(|staff| staff.facility.clone()),
                patient: offer
                    .patient
                    .filter(|_| granted.launch || granted.launch_patient || granted.has(Context::Patient)),
                session: match granted.online && !granted.offline {
                    true => Some(who.session.as_ref().ok_or(Error::Ended)?.id.clone()),
                    false => None,
                },
                scope: granted.to_string(),
                created: visit.now,
                seen: None,
                asked: visit.now,
                nonce: asked.nonce.clone(),
            },
        );
        let code = AppCode {
            client: offer.client.id.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            connection: kept.id.clone(),
            made: visit.now,
            used: false,
        };
        let code = Kept::new(id, visit.now.saturating_add(CODE_REMEMBERED).ok(), code);
        let entry =
            entry(visit, &offer.client, Some((&who.account, who.realm)), "app allowed", Outcome::Done);
        let changes =
            vec![offer.request.remove(Kind::AppRequest), kept.write()?, code.put(Kind::AppCode, Vec::new())?];
        match self.store.change_items(changes, Some(entry)) {
            Err(store::error::Error::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        Ok(asked.answer(&self.oauth().issuer, &[("code", token.reveal())]))
    }

    /// Does not let it in: the address to send the person to.
    ///
    /// # Errors
    /// [`Error::Ended`] where it was answered or has run out.
    pub fn deny_app(&self, request: &str, who: &Who, visit: &Visit) -> Result<String, Error> {
        let (request, client) = self.app_request(request, who, visit)?;
        self.turned_down(request, &client, who, visit)
    }

    fn turned_down(
        &self,
        request: Kept<AppRequest>,
        client: &Client,
        who: &Who,
        visit: &Visit,
    ) -> Result<String, Error> {
        let entry = entry(visit, client, Some((&who.account, who.realm)), "app not allowed", Outcome::Done);
        match self.store.change_items(vec![request.remove(Kind::AppRequest)], Some(entry)) {
            Err(store::error::Error::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        let said =
            [("error", Code::AccessDenied.word()), ("error_description", "the person did not allow it")];
        Ok(request.value.answer(&self.oauth().issuer, &said))
    }

    pub(super) fn app_request(
        &self,
        request: &str,
        who: &Who,
        visit: &Visit,
    ) -> Result<(Kept<AppRequest>, Client), Error> {
        let id = token_id(request).ok_or(Error::Ended)?;
        let kept: Kept<AppRequest> = self.get(Kind::AppRequest, &id, visit.now)?.ok_or(Error::Ended)?;
        let client = self.approved(&kept.value.client, visit.now)?.ok_or(Error::Ended)?;
        let stranger =
            kept.value.launched.as_ref().is_some_and(|l| l.account != who.account.id || l.realm != who.realm);
        if stranger || who.realm == Realm::Admin {
            self.store.witness(entry(
                visit,
                &client,
                Some((&who.account, who.realm)),
                "app allowed",
                Outcome::Refused,
            ))?;
            return Err(Error::Refused);
        }
        Ok((kept, client))
    }

    fn offer(&self, request: &str, who: &Who, roles: Roles<'_>, visit: &Visit) -> Result<Offer, Error> {
        let (request, client) = self.app_request(request, who, visit)?;
        let own = || who.account.patient.as_ref().and_then(|identity| identity.patient.clone());
        let patient = match (&request.value.launched, who.realm) {
            (Some(launched), _) => Some(launched.patient.clone()),
            (None, Realm::Patient) => own(),
            // Which patient, a member of staff says by starting the app from a chart, or by choosing one.
            (None, _) => {
                let chosen = request.value.chosen.as_ref();
                let own = chosen.filter(|c| c.account == who.account.id && c.realm == who.realm);
                own.map(|chosen| chosen.patient.clone())
            }
        };
        let asked = Wanted::parse(&request.value.scope).unwrap_or_default();
        let mut most = asked.within(&client.most());
        let role = role_name(&who.account, who.realm, who.staff.as_ref()).and_then(|name| roles(&name));
        let role = role.filter(|role| role.realm == who.realm.of_roles());
        let held = role.map(|role| role.scopes).unwrap_or_default();
        most.records.retain(|scope| match scope.context {
            Context::Patient => patient.is_some(),
            Context::User => true,
            Context::System => false,
        });
        most.records = narrowed(&most.records, &held);
        most.launch &= request.value.launched.is_some();
        most.launch_patient &= patient.is_some();
        most.fhir_user &= most.openid;
        Ok(Offer { request, client, patient, most, asked })
    }
}

/// What may be ticked, each with its sentence.
fn lines(wanted: &Wanted, of_oneself: bool) -> Vec<Line> {
    let records =
        wanted.records.iter().map(|scope| (scope.to_string(), meaning::of_scope(scope, of_oneself)));
    let words = [
        (wanted.openid, "openid"),
        (wanted.fhir_user, "fhirUser"),
        (wanted.offline, "offline_access"),
        (wanted.online && !wanted.offline, "online_access"),
    ];
    let words = words.into_iter().filter(|(there, _)| *there);
    let words = words.map(|(_, word)| (word.to_owned(), meaning::of_word(word).to_owned()));
    records.chain(words).map(|(scope, words)| Line { preset: !changes(&scope), scope, words }).collect()
}

fn changes(scope: &str) -> bool {
    let (scope, _) = scope.split_once('?').unwrap_or((scope, ""));
    let letters = scope.split_once('.').map_or("", |(_, letters)| letters);
    letters.contains(['c', 'u', 'd'])
}

/// What an app may do, in sentences.
pub(crate) fn sentences(wanted: &Wanted, of_oneself: bool) -> Vec<String> {
    lines(wanted, of_oneself).into_iter().map(|line| line.words).collect()
}

fn chosen(most: &Wanted, ticked: &dyn Fn(&str) -> bool) -> Wanted {
    let openid = most.openid && ticked("openid");
    Wanted {
        openid,
        fhir_user: most.fhir_user && openid && ticked("fhirUser"),
        offline: most.offline && ticked("offline_access"),
        online: most.online && ticked("online_access"),
        records: most.records.iter().filter(|scope| ticked(&scope.to_string())).cloned().collect(),
        ..most.clone()
    }
}

/// Where an address leads, as a person would say it.
fn host(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or((uri, ""));
    match rest.strip_prefix("//").filter(|_| scheme.starts_with("http")) {
        Some(rest) => rest.split(['/', '?']).next().unwrap_or_default().to_owned(),
        None => scheme.to_owned(),
    }
}

pub(super) fn source(uri: &str) -> String {
    let (scheme, host) = (uri.split(':').next().unwrap_or_default(), host(uri));
    // An IPv6 address cannot stand in a policy.
    let is_host = scheme.starts_with("http") && !host.starts_with('[');
    if is_host { format!("{scheme}://{host}") } else { format!("{scheme}:") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_said_and_allowed_by_its_host_or_scheme() {
        for (uri, said, allowed) in [
            ("https://app.example:8443/back?x=1", "app.example:8443", "https://app.example:8443"),
            ("http://[::1]:9/back", "[::1]:9", "http:"),
            ("com.example.app:/back", "com.example.app", "com.example.app:"),
        ] {
            assert_eq!((host(uri).as_str(), source(uri).as_str()), (said, allowed));
        }
        assert!(
            changes("patient/*.rud")
                && changes("user/Flag.c")
                && !changes("patient/*.rs")
                && !changes("openid")
                && !changes("patient/Observation.rs?category=a.cud")
        );
    }
}
