//! Other servers that patients may bring their record from (E9): an administrator lists them, a patient goes there and signs in, and what
//! comes back waits here, sealed, for one hour and the patient's word.
//!
//! Patients choose from the list alone, so nobody makes this house call an address that an administrator did not write down. A door calls;
//! this room prepares what is asked and reads what came. Every address of a server lies on its listed base or on the one listed address
//! where its people sign in.

pub mod parcel;
pub mod walk;

use crate::{
    Login,
    account::checked_text,
    error::Error,
    federation::origin,
    kept::{Kept, hex, read, unhex},
    random,
    roster::By,
    session::Who,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How many servers may be listed.
const MOST: usize = 200;

/// How often one administrator may have this house ask a server in an hour, to list it.
const ASKED: u32 = 60;

const TAKEN: Error = Error::Invalid { field: "base", text: "a server of that address is listed already" };

/// Another server, as an administrator lists it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct House {
    /// What patients call it.
    pub name: String,
    /// The address of its FHIR R4 API, without a slash at its end.
    pub base: String,
    /// Where its people sign in, where that is another address: scheme, host and port.
    pub sign_in: Option<String>,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; without one, PKCE alone proves who asks.
    pub secret: Option<String>,
    /// What is asked for; empty for what the server's own words allow.
    pub scope: String,
    /// Since when it is listed.
    pub added: Timestamp,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// What an administrator types to list a server.
#[derive(Clone, Copy, Default)]
pub struct Listing<'l> {
    /// What patients call it.
    pub name: &'l str,
    /// The address of its FHIR R4 API.
    pub base: &'l str,
    /// Where its people sign in, where that is another address.
    pub sign_in: &'l str,
    /// Our id there; empty to have this house register itself.
    pub client_id: &'l str,
    /// Our secret there.
    pub secret: &'l str,
    /// What is asked for; mostly empty.
    pub scope: &'l str,
}

impl House {
    /// Reads what was typed.
    ///
    /// # Errors
    /// What to mend.
    fn read(listing: &Listing<'_>, now: Timestamp) -> Result<House, Error> {
        let invalid = |field, text| Error::Invalid { field, text };
        let name = checked_text(
            "name",
            listing.name,
            (1, 80),
            "enter what patients call that house, in at most 80 characters",
        )?;
        let base = listing.base.trim().trim_end_matches('/').to_owned();
        let odd = base.contains(['?', '#', '@']) || base.split('/').any(|part| part == ".." || part == ".");
        if base.len() > 400 || odd || origin(&base).is_none_or(|origin| !may_be_listed(origin)) {
            let text = "enter the address of its FHIR API, such as https://there.example/fhir/R4; http is for this machine alone";
            return Err(invalid("base", text));
        }
        let typed = listing.sign_in.trim().trim_end_matches('/');
        let sign_in = match (typed, origin(typed)) {
            ("", _) => None,
            (_, Some(origin)) if may_be_listed(origin) => Some(origin.to_owned()),
            _ => {
                return Err(invalid(
                    "sign-in",
                    "enter where its people sign in, such as https://id.there.example",
                ));
            }
        };
        let plain = |field, typed: &str| match typed.trim() {
            text if text.len() <= 400 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
                Ok(text.to_owned())
            }
            _ => Err(invalid(field, "enter it as the other server gave it, in at most 400 plain characters")),
        };
        let (client_id, secret) = (plain("client", listing.client_id)?, plain("secret", listing.secret)?);
        let scope = plain("scope", listing.scope)?;
        if !scope.is_empty() && !scope.split(' ').any(|word| word == "launch/patient") {
            return Err(invalid(
                "scope",
                "what is asked for must hold launch/patient, such as launch/patient patient/*.rs; or leave it empty",
            ));
        }
        let secret = Some(secret).filter(|secret| !secret.is_empty());
        Ok(House { name, base, sign_in, client_id, secret, scope, added: now })
    }

    /// Where it says how it is asked. <https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html>
    pub fn configuration(&self) -> String {
        format!("{}/.well-known/smart-configuration", self.base)
    }

    /// Scheme, host and port of its base.
    pub fn origin(&self) -> &str {
        origin(&self.base).unwrap_or_default()
    }

    /// The addresses to which a browser may be sent there.
    pub fn origins(&self) -> Vec<String> {
        [Some(self.origin().to_owned()), self.sign_in.clone()].into_iter().flatten().collect()
    }

    /// Whether an address lies where this server may be asked to sign somebody in, or to give a token.
    fn holds(&self, address: &str) -> bool {
        let found = origin(address);
        found.is_some_and(|found| found == self.origin() || Some(found) == self.sign_in.as_deref())
            && !address.contains('#')
    }
}

impl Listing<'_> {
    /// Whether it can be listed as it is typed, and under which address.
    ///
    /// # Errors
    /// What to mend.
    pub fn check(&self) -> Result<String, Error> {
        House::read(self, Timestamp::UNIX_EPOCH).map(|house| house.base)
    }
}

/// Whether a host may be listed: a name, this machine, or a number that is no link's own, nobody's or everybody's.
fn may_be_listed(origin: &str) -> bool {
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => {
            !(four.is_link_local() || four.is_unspecified() || four.is_broadcast() || four.is_multicast())
        }
        Ok(IpAddr::V6(six)) => {
            let is_odd = six.is_unspecified() || six.is_multicast() || six.to_ipv4_mapped().is_some();
            !(is_odd || (six.segments()[0] & 0xffc0) == 0xfe80)
        }
        // What is no number and ends in one is read as a number by some.
        Err(_) => !host.rsplit('.').next().unwrap_or_default().starts_with(|c: char| c.is_ascii_digit()),
    }
}

/// A server that is about to be listed, before it was asked anything.
pub struct Draft(House);

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// How this house registers itself with another. <https://www.rfc-editor.org/rfc/rfc7591>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Where.
    pub endpoint: String,
    /// The JSON to send.
    pub body: String,
}

impl Draft {
    /// Where the server says how it is asked.
    pub fn configuration(&self) -> String {
        self.0.configuration()
    }

    /// How to register with it, where no id of ours there was typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it does not say how it is asked, says so at an address that is not listed, or lets nobody register.
    pub fn registration(&self, configuration: &[u8], redirect: &str) -> Result<Option<Registration>, Error> {
        let found = walk::Configuration::read(configuration, &self.0)?;
        if !self.0.client_id.is_empty() {
            return Ok(None);
        }
        let text = "that server lets no app register by itself: register this house with whoever runs it, and enter the id that they give";
        let endpoint = found.registration_endpoint.clone().filter(|address| self.0.holds(address));
        let endpoint = endpoint.ok_or(Error::Invalid { field: "client", text })?;
        let scope = found.scope(&self.0);
        let body = serde_json::json!({
            "client_name": "Keepwell", "redirect_uris": [redirect], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"], "response_types": ["code"], "scope": scope,
        });
        Ok(Some(Registration { endpoint, body: body.to_string() }))
    }
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
}

impl Kept<House> {
    fn write(&self) -> Result<Change, Error> {
        self.put(Kind::Elsewhere, vec![format!("base:{}", self.value.base)])
    }
}

impl Login {
    /// The servers that are listed, by name, each with the id by which it is chosen.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn houses(&self, now: Timestamp) -> Result<Vec<(String, House)>, Error> {
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Elsewhere, &after, 100, now)?;
            for item in items {
                let kept: Kept<House> = read(item)?;
                found.push((hex(&kept.id), kept.value));
            }
            let Some(next) = next else { break };
            after = next;
        }
        found.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        Ok(found)
    }

    /// As [`Login::houses`], for whoever lists them.
    ///
    /// # Errors
    /// [`Error::Refused`], which is signed, for whoever does not run the house.
    pub fn listed_houses(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, House)>, Error> {
        self.is_administrator(who, visit)?;
        self.houses(visit.now)
    }

    pub(crate) fn house(&self, id: &str, now: Timestamp) -> Result<Kept<House>, Error> {
        let text = "that server is not listed any more; choose another";
        let found = unhex(id).map(|id| self.get(Kind::Elsewhere, &id, now)).transpose()?.flatten();
        found.ok_or(Error::Invalid { field: "about", text })
    }

    /// Reads what an administrator typed to list a server, before it is asked anything.
    ///
    /// # Errors
    /// [`Error::Refused`], which is signed; [`Error::StepUp`]; [`Error::Invalid`] for what to mend; [`Error::Throttled`].
    pub fn draft_house(&self, by: By<'_>, listing: &Listing<'_>, visit: &Visit) -> Result<Draft, Error> {
        by.runs_now(self, visit)?;
        let house = House::read(listing, visit.now)?;
        let all = self.houses(visit.now)?;
        if all.len() >= MOST {
            return Err(Error::Invalid {
                field: "name",
                text: "too many servers are listed; remove one first",
            });
        }
        if all.iter().any(|(_, other)| other.base == house.base) {
            return Err(TAKEN);
        }
        // Whoever is at the command line may ask any server without this house.
        if let By::Administrator(who) = by {
            let (counted, hour) =
                (format!("elsewhere-list:{}", who.account.id), SignedDuration::from_hours(1));
            self.count_use(&counted, ASKED, hour, visit.now)?;
        }
        Ok(Draft(house))
    }

    /// Lists a server that has said how it is asked. `registered` is what it answered to a [`Registration`].
    ///
    /// # Errors
    /// As [`Login::draft_house`]; [`Error::Invalid`] where its words will not do.
    pub fn list_house(
        &self,
        by: By<'_>,
        draft: Draft,
        configuration: &[u8],
        registered: Option<&[u8]>,
        visit: &Visit,
    ) -> Result<(), Error> {
        by.runs_now(self, visit)?;
        let mut house = draft.0;
        walk::Configuration::read(configuration, &house)?;
        if house.client_id.is_empty() {
            let text = "that server gave this house no id; register it with whoever runs that server, and enter the id";
            let found = registered.and_then(|bytes| serde_json::from_slice::<Registered>(bytes).ok());
            let found = found.map(|found| found.client_id).filter(|id| !id.is_empty() && id.len() <= 400);
            house.client_id = found.ok_or(Error::Invalid { field: "client", text })?;
        }
        let kept = Kept::new(random::<16>()?.to_vec(), None, house);
        let mut entry = by.entry("server listed", visit);
        entry.reason = Some(kept.value.base.clone());
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Taken) => Err(TAKEN),
            outcome => Ok(outcome?),
        }
    }

    /// Takes a server off the list. What patients brought from it stays theirs.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::StepUp`], [`Error::Invalid`] where it is not listed.
    pub fn unlist_house(&self, who: &Who, id: &str, visit: &Visit) -> Result<(), Error> {
        self.administers(who, visit)?;
        let kept = self.house(id, visit.now)?;
        let mut entry =
            visit.entry(who.realm, Some(&who.account), "server taken off the list", Outcome::Done);
        entry.reason = Some(kept.value.base.clone());
        Ok(self.store.change_items(vec![kept.remove(Kind::Elsewhere)], Some(entry))?)
    }
}

#[cfg(test)]
mod tests;
