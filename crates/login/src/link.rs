//! Links that open something of a record to whoever has them and their PIN: the emergency card, and what a patient shares by link or QR
//! code. A link is a [SMART Health Link](https://hl7.org/fhir/uv/smart-health-cards-and-links/STU1/links-specification.html).
//!
//! What a link opens is not said here. A Consent in the patient's record permits it to an actor that stands for the link
//! (`Device/ID`, of the Consent's own id), as every other share does, and `access` decides by it at each opening. So a link is stopped where
//! every share is, what the patient withholds stays out, and nobody who opens one is anybody but that link. Here is kept what opens it: a
//! token of 256 bits, the hash of the PIN, how often a wrong one was typed, and the key that its files are sealed with.

mod open;
pub mod pin;

pub(crate) use open::DOORS;
pub use open::{Closed, Opening};

use crate::{
    Login,
    access_request::about,
    error::Error,
    kept::{Kept, hex, mint, token_id},
    password::Password,
    random,
    realm::Realm,
    session::{FRESH, Who},
    visit::Visit,
};
use access::{
    act::{Act, Actor, Purpose, Standing},
    audit::{Entry, Outcome},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How many wrong PINs a link bears in all its life. With the last one it is dead.
pub const TRIES: u32 = 10;

/// How many links are made for one record in a day.
const MADE: u32 = 20;

/// The longest label: what readers of such links show beside it.
pub const LABEL: usize = 80;

/// The longest address that a reader must take.
const LONGEST_URL: usize = 128;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opens {
    /// What counts in an emergency.
    Card,
    /// What the patient picked.
    Share,
}

/// As it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HealthLink {
    patient: String,
    label: String,
    opens: Opens,
    consent: String,
    may_leave: bool,
    made: Timestamp,
    until: Timestamp,
    account: String,
    /// The hash of the PIN; the PIN itself is told once and kept nowhere.
    pin: String,
    wrong: u32,
    /// The token and the key stand in the QR code, which its owner can see again. They are sealed, as all of this is.
    token: String,
    key: String,
    opened: Option<Timestamp>,
    openings: u32,
    told: Option<Timestamp>,
    tickets: Vec<open::Ticket>,
    row: i64,
}

impl Kept<HealthLink> {
    fn write(&self) -> Result<Change, Error> {
        let token = token_id(&self.value.token).ok_or(Error::Ended)?;
        let handles = vec![of_token(&token), of_consent(&self.value.patient, &self.value.consent)];
        self.put(Kind::HealthLink, handles)
    }
}

fn of_token(hash: &[u8]) -> String {
    format!("token:{}", hex(hash))
}

fn of_consent(patient: &str, consent: &str) -> String {
    format!("consent:{patient}:{consent}")
}

/// A link as its owner sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub opens: Opens,
    /// The patient whose record it opens.
    pub patient: String,
    /// The id of the Consent that permits it, by which it is named and stopped.
    pub consent: String,
    /// What it is called.
    pub label: String,
    /// Since when.
    pub made: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether what it opens may be taken along as a file.
    pub may_leave: bool,
    /// When it was opened last.
    pub opened: Option<Timestamp>,
    /// How often it was opened.
    pub openings: u32,
    /// How many more wrong PINs it bears; none where it is dead.
    pub left: u32,
    token: String,
    key: String,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Link {
    fn of(value: &HealthLink) -> Link {
        Link {
            opens: value.opens,
            patient: value.patient.clone(),
            consent: value.consent.clone(),
            label: value.label.clone(),
            made: value.made,
            until: value.until,
            may_leave: value.may_leave,
            opened: value.opened,
            openings: value.openings,
            left: TRIES.saturating_sub(value.wrong),
            token: value.token.clone(),
            key: value.key.clone(),
        }
    }

    /// What a QR code holds: the page that a plain camera opens and, behind `#`, which browsers do not send, what programs read. A link that
    /// is only to be looked at has nothing for programs.
    pub fn address(&self, origin: &str) -> String {
        let page = format!("{origin}/card/{}", self.token);
        if self.may_leave { format!("{page}#{}", self.shlink(origin)) } else { page }
    }

    /// The link as programs read it: `shlink:/` and a payload.
    pub fn shlink(&self, origin: &str) -> String {
        let payload = serde_json::json!({
            "url": manifest(origin, &self.token),
            "key": self.key,
            "exp": self.until.as_second(),
            "flag": "LP",
            "label": self.label,
            "v": 1,
        });
        format!("shlink:/{}", URL_SAFE_NO_PAD.encode(payload.to_string()))
    }
}

fn manifest(origin: &str, token: &str) -> String {
    format!("{origin}/shl/{token}")
}

/// A link that is to be made.
pub struct NewLink<'l> {
    /// The patient whose record it opens.
    pub patient: &'l str,
    /// What it is for.
    pub opens: Opens,
    /// The id of the Consent that permits it to the link.
    pub consent: &'l str,
    /// What it is called; [`LABEL`] characters at most are kept.
    pub label: &'l str,
    /// Until when.
    pub until: Timestamp,
    /// Whether what it opens may be taken along.
    pub may_leave: bool,
    /// The scheme, host and port under which browsers know this server.
    pub origin: &'l str,
}

impl Login {
    /// Whether somebody may make links now: they have just proven who they are, for a link stays after the session.
    ///
    /// # Errors
    /// [`Error::Refused`] for who is no patient, [`Error::StepUp`]; [`Error::Unsupported`] where this server's address is too long.
    pub fn may_make_link(&self, who: &Who, origin: &str, visit: &Visit) -> Result<(), Error> {
        if who.realm != Realm::Patient {
            return Err(Error::Refused);
        }
        if manifest(origin, "").len() + 46 > LONGEST_URL {
            return Err(Error::Unsupported(
                "this server's address is too long for such links; whoever runs it can give it a shorter one",
            ));
        }
        match who.account.has_second_factor() {
            true => who.require_step_up(FRESH, visit.now),
            false if who.proven.is_some() || who.is_new(FRESH, visit.now) => Ok(()),
            false => Err(Error::StepUp),
        }
    }

    /// Whoever will have a link, in thought: for what a Consent would let them see before it is given. What stands for the link is not known to the
    /// record yet, so here the patient's own resource does, and the Consent has to name that.
    pub fn act_by_link(&self, patient: &str, visit: &Visit) -> Act {
        let mut act = acting("nobody".to_owned(), (Opens::Share, patient, ""), "", of_nobody(visit));
        let known_as = vec![("Patient".to_owned(), patient.to_owned())];
        act.actor.standing = Some(Standing { known_as, ..Standing::default() });
        act
    }

    /// A PIN for a new link: what was typed, or six digits that we draw where that is empty. `born` is the birth date.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is too short or easy to guess.
    pub fn new_pin(&self, typed: &str, born: &str) -> Result<String, Error> {
        if typed.trim().is_empty() { pin::drawn() } else { pin::chosen(typed, born) }
    }

    /// Makes a link. Its Consent stands already: whoever may not let others into this record has been refused there.
    ///
    /// # Errors
    /// As [`Login::may_make_link`]; [`Error::Refused`] where the record is not theirs; [`Error::Ended`] where that Consent has a link, whose PIN
    /// was told; [`Error::Throttled`] above twenty in a day.
    pub fn make_link(&self, who: &Who, new: &NewLink<'_>, pin: &str, visit: &Visit) -> Result<(), Error> {
        self.may_make_link(who, new.origin, visit)?;
        let act = self.act_on_chart(who, new.patient, visit)?;
        let Some(row) = self.row_within(&act, new.patient)? else {
            self.refuse_act(&act, "health link made")?;
            return Err(Error::Refused);
        };
        self.count_use(&format!("links:{}", new.patient), MADE, SignedDuration::from_hours(24), visit.now)?;
        let value = HealthLink {
            patient: new.patient.to_owned(),
            label: new.label.chars().filter(|c| !c.is_control()).take(LABEL).collect(),
            opens: new.opens,
            consent: new.consent.to_owned(),
            may_leave: new.may_leave,
            made: visit.now,
            until: new.until,
            account: who.account.id.clone(),
            pin: self.hasher.hash(&Password::new(pin), random()?)?,
            wrong: 0,
            token: mint()?.reveal().to_owned(),
            key: URL_SAFE_NO_PAD.encode(random::<{ vault::jwe::KEY_BYTES }>()?),
            opened: None,
            openings: 0,
            told: None,
            tickets: Vec::new(),
            row,
        };
        let id = [about(new.patient).as_bytes(), &random::<8>()?].concat();
        let kept = Kept::new(id, Some(new.until), value);
        let entry =
            Entry { patients: vec![row], ..Entry::new(&act, "health link made", "Patient", Outcome::Done) };
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Taken) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// The links of a record that is open to its owner or who acts for them, the newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn links(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Vec<Link>, Error> {
        let kept = self.links_kept(who, patient, visit)?;
        let mut links: Vec<Link> = kept.iter().map(|kept| Link::of(&kept.value)).collect();
        links.sort_by_key(|link| std::cmp::Reverse(link.made));
        Ok(links)
    }

    fn links_kept(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Vec<Kept<HealthLink>>, Error> {
        let act = self.act_on_chart(who, patient, visit)?;
        if who.realm != Realm::Patient || self.row_within(&act, patient)?.is_none() {
            return Ok(Vec::new());
        }
        self.of_account(Kind::HealthLink, &about(patient), visit.now)
    }

    /// Ends the link of that Consent, if it has one: from the next request on there is no such link.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn end_link(&self, who: &Who, patient: &str, consent: &str, visit: &Visit) -> Result<(), Error> {
        for _ in 0..8 {
            let kept =
                self.links_kept(who, patient, visit)?.into_iter().find(|kept| kept.value.consent == consent);
            let Some(kept) = kept else { return Ok(()) };
            let act = self.act_on_chart(who, patient, visit)?;
            let row = kept.value.row;
            let entry = Entry {
                patients: vec![row],
                ..Entry::new(&act, "health link ended", "Patient", Outcome::Done)
            };
            match self.store.change_items(vec![kept.remove(Kind::HealthLink)], Some(entry)) {
                // Somebody is opening it at this moment.
                Err(StoreError::Stale) => {}
                outcome => return Ok(outcome?),
            }
        }
        Err(Error::Busy("the link is being opened at this moment; try again".into()))
    }
}

/// The act of whoever has a link: not the patient, nobody with an account, and nothing but what the Consent permits to that link.
fn act(link: &Kept<HealthLink>, from: &str, looks: bool, visit: &Visit) -> Act {
    let HealthLink { opens, patient, consent, .. } = &link.value;
    let id = hex(link.id.get(link.id.len().saturating_sub(8)..).unwrap_or_default());
    acting(id, (*opens, patient, consent), from, Act { looks, ..of_nobody(visit) })
}

/// In whose place nobody stands yet.
fn of_nobody(visit: &Visit) -> Act {
    let (id, name, role) = (String::new(), String::new(), String::new());
    let actor = Actor { id, name, role, scopes: Vec::new(), patient: None, standing: None };
    Act { actor, purpose: Purpose::Patrqt, request: visit.request.clone(), at: visit.now, looks: true }
}

fn acting(id: String, (opens, patient, consent): (Opens, &str, &str), from: &str, like: Act) -> Act {
    let (role, what, purpose) = match opens {
        Opens::Card => ("emergency-card", "emergency card", Purpose::Etreat),
        Opens::Share => ("health-link", "link", Purpose::Patrqt),
    };
    let said = if from.is_empty() { String::new() } else { format!(", says: {from}") };
    let known_as = vec![("Device".to_owned(), consent.to_owned())];
    let actor = Actor {
        id,
        name: format!("Somebody with the {what}{said}"),
        role: role.to_owned(),
        scopes: "patient/*.rs".parse().into_iter().collect(),
        patient: Some(patient.to_owned()),
        standing: Some(Standing { known_as, ..Standing::default() }),
    };
    Act { actor, purpose, ..like }
}
