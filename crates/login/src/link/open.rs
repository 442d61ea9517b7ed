//! Opening a link: token and PIN, then an act that reaches what its Consent permits, or one answer for all that is not there.

use super::{HealthLink, Link, Opens, TRIES, act, of_token, pin};
use crate::{
    Login,
    courier::Message,
    error::Error,
    kept::{Kept, hex, mint, token_id},
    notice::Notice,
    password::Password,
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How many links are opened at once. Two that share a door wait for each other, and nothing more.
pub(crate) const DOORS: usize = 16;

/// How often one link is asked for in an hour.
const ASKED: u32 = 60;

/// How long what was opened stays open to the page or the program that opened it: files are fetched within it. The specification allows an hour.
const TICKET: SignedDuration = SignedDuration::from_mins(30);

/// The most tickets of one link at once.
const TICKETS: usize = 8;

/// How long after one message the patient gets no other about the same link. The log has every opening.
const QUIET: SignedDuration = SignedDuration::from_mins(10);

/// The longest name that is kept of who says that they open a link.
const FROM: usize = 60;

/// What lets somebody go on who has given the PIN.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ticket {
    hash: String,
    until: Timestamp,
    from: String,
}

/// A link that is open.
#[derive(Clone)]
pub struct Opening {
    /// Who acts: the link, and nobody else.
    pub act: Act,
    /// The link.
    pub link: Link,
    /// What goes on without the PIN, for half an hour.
    pub ticket: String,
    key: [u8; vault::jwe::KEY_BYTES],
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Opening {
    /// A file for whoever has the link: sealed with the key that stands in its QR code.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn sealed(&self, content_type: &str, file: &[u8]) -> Result<String, Error> {
        vault::jwe::seal(&self.key, content_type, file).map_err(|error| Error::Fault(Box::new(error)))
    }
}

/// Why a link does not open.
#[derive(Debug)]
pub enum Closed {
    /// There is no such link: it was never made, was stopped, has ended or is dead. Which of them is nobody's business.
    Gone,
    /// The PIN is not right, or there is none.
    Pin {
        /// How many wrong ones the link still bears. With none left, it is dead.
        left: u32,
    },
    /// It cannot be asked now.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Closed {
    fn from(error: E) -> Closed {
        Closed::Error(error.into())
    }
}

/// What somebody calls themselves who opens a link, as it may stand in the patient's list: nobody has checked it.
fn called(from: &str) -> String {
    let plain = from.chars().map(|c| if c.is_alphanumeric() || " .,-'&".contains(c) { c } else { ' ' });
    let words: String = plain.take(FROM * 4).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(FROM).collect()
}

impl Login {
    /// What a link is for; `None` where it does not open. Nothing is shown of it, and no try is counted.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn opens(&self, token: &str, visit: &Visit) -> Result<Option<Opens>, Error> {
        let Some(hash) = token_id(token) else { return Ok(None) };
        let link = match self.living(&hash, visit) {
            Ok(link) => link,
            Err(Closed::Error(error)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let open = self.row_within(&act(&link, "", true, visit), &link.value.patient)?;
        Ok(open.map(|_| link.value.opens))
    }

    /// Opens a link with its PIN. `from` is what whoever opens it calls themselves; `looks` says that a page of ours shows what it opens,
    /// and nothing is taken along. Each try is in the log, and the patient is told.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open_link(
        &self,
        token: &str,
        typed: &str,
        (from, looks): (&str, bool),
        visit: &Visit,
    ) -> Result<Opening, Closed> {
        let hash = token_id(token).ok_or(Closed::Gone)?;
        let door = hash.first().map_or(0, |byte| usize::from(*byte) % DOORS);
        let _one = self.opening.get(door).map(|door| door.lock().unwrap_or_else(PoisonError::into_inner));
        let link = self.living(&hash, visit)?;
        let act = act(&link, &called(from), looks, visit);
        // The decision is asked first: what its Consent does not open any more is not there, whatever PIN comes.
        let open = self.row_within(&act, &link.value.patient)?;
        if open.is_none() {
            return Err(Closed::Gone);
        }
        let left = TRIES.saturating_sub(link.value.wrong);
        let digits = pin::digits(typed);
        if digits.is_empty() {
            // Programs ask without a PIN to learn that they need one: that is no try.
            return Err(Closed::Pin { left });
        }
        self.count_use(&format!("link:{}", hex(&hash)), ASKED, SignedDuration::from_hours(1), visit.now)?;
        let right = self.hasher.verify(&Password::new(&digits), Some(&link.value.pin))?;
        if right { self.enter(link, act, visit) } else { self.count_wrong(link, &act, visit) }
    }

    /// Goes on where a link was opened, without its PIN. `looks` as in [`Login::open_link`]: the decision is asked anew.
    ///
    /// # Errors
    /// [`Closed::Gone`] where it was not, too long ago, or the link is closed by now.
    pub fn go_on(&self, token: &str, ticket: &str, looks: bool, visit: &Visit) -> Result<Opening, Closed> {
        let hash = token_id(token).ok_or(Closed::Gone)?;
        let presented = token_id(ticket).map(|hash| hex(&hash)).ok_or(Closed::Gone)?;
        let link = self.living(&hash, visit)?;
        let is_it = |known: &&Ticket| known.hash == presented && known.until > visit.now;
        let known = link.value.tickets.iter().find(is_it).cloned().ok_or(Closed::Gone)?;
        let act = act(&link, &known.from, looks, visit);
        if self.row_within(&act, &link.value.patient)?.is_none() {
            return Err(Closed::Gone);
        }
        opening(&link.value, act, ticket.to_owned())
    }

    fn living(&self, hash: &[u8], visit: &Visit) -> Result<Kept<HealthLink>, Closed> {
        let kept: Option<Kept<HealthLink>> = self.find(Kind::HealthLink, &of_token(hash), visit.now)?;
        kept.filter(|kept| kept.value.wrong < TRIES && kept.value.until > visit.now).ok_or(Closed::Gone)
    }

    fn enter(&self, mut link: Kept<HealthLink>, act: Act, visit: &Visit) -> Result<Opening, Closed> {
        let ticket = mint()?;
        let (hash, until) = (token_id(ticket.reveal()), visit.now.saturating_add(TICKET));
        loop {
            let value = &mut link.value;
            let is_told = value.told.is_some_and(|told| visit.now.duration_since(told) < QUIET);
            value.openings = value.openings.saturating_add(1);
            value.opened = Some(visit.now);
            value.tickets.retain(|ticket| ticket.until > visit.now);
            if value.tickets.len() >= TICKETS {
                value.tickets.remove(0);
            }
            let hash = hash.as_deref().map(hex).unwrap_or_default();
            let from = act.actor.name.split_once(", says: ").map_or("", |(_, from)| from).to_owned();
            value.tickets.push(Ticket { hash, until: until.clone().unwrap_or(visit.now), from });
            if !is_told {
                value.told = Some(visit.now);
            }
            let text = told_of(value, &act);
            let told = (!is_told).then_some((text, Message::link_opened as Compose));
            match self.change_link(&link, &act, ("health link opened", Outcome::Done), told, visit) {
                Ok(false) => link = self.again(&link, visit)?,
                Ok(true) => return opening(&link.value, act, ticket.reveal().to_owned()),
                Err(closed) => return Err(closed),
            }
        }
    }

    /// Counts a wrong PIN, whatever else happens to the link at the same moment.
    fn count_wrong(&self, mut link: Kept<HealthLink>, act: &Act, visit: &Visit) -> Result<Opening, Closed> {
        loop {
            link.value.wrong = link.value.wrong.saturating_add(1);
            let left = TRIES.saturating_sub(link.value.wrong);
            let text = match link.value.opens {
                Opens::Card => {
                    "Your emergency card is closed for good: a wrong PIN was typed ten times. Make a new one if you still have it, or if you have lost it."
                }
                Opens::Share => {
                    "A link of yours is closed for good: a wrong PIN was typed ten times. Make a new one if somebody still needs it."
                }
            };
            let told = (left == 0).then_some((text.to_owned(), Message::link_dead as Compose));
            match self.change_link(&link, act, ("health link PIN", Outcome::Refused), told, visit) {
                Ok(false) => link = self.again(&link, visit)?,
                Ok(true) => return Err(Closed::Pin { left }),
                Err(closed) => return Err(closed),
            }
        }
    }

    /// The link as it is now, after something else changed it.
    fn again(&self, link: &Kept<HealthLink>, visit: &Visit) -> Result<Kept<HealthLink>, Closed> {
        self.living(&token_id(&link.value.token).ok_or(Closed::Gone)?, visit)
    }

    /// Writes a link with its entry in the log, and tells the patient. Nothing was written where it was changed meanwhile.
    fn change_link(
        &self,
        link: &Kept<HealthLink>,
        act: &Act,
        (operation, outcome): (&str, Outcome),
        told: Option<(String, Compose)>,
        visit: &Visit,
    ) -> Result<bool, Closed> {
        let entry =
            Entry { patients: vec![link.value.row], ..Entry::new(act, operation, "Patient", outcome) };
        let mut changes: Vec<Change> = vec![link.write()?];
        let owner = match &told {
            Some(_) => self.account_of_chart(&link.value.patient, visit.now)?,
            None => None,
        };
        if let (Some(owner), Some((text, _))) = (&owner, &told) {
            changes.push(Notice { at: visit.now, text: text.clone() }.write(&owner.value.id)?);
        }
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale) => return Ok(false),
            outcome => outcome?,
        }
        // The notice stands; the message is only the quicker way to it.
        let to = owner.as_ref().and_then(|owner| owner.value.contact());
        if let (Some(courier), Some(to), Some((_, compose))) = (&self.courier, to, told) {
            let _ = courier.send(&compose(to.clone()));
        }
        Ok(true)
    }
}

/// Makes a message to somebody.
type Compose = fn(crate::identifier::Identifier) -> Message;

fn told_of(link: &HealthLink, act: &Act) -> String {
    let from = act.actor.name.split_once(", says: ").map_or("", |(_, from)| from);
    let says = if from.is_empty() {
        String::new()
    } else {
        format!(" They call themselves “{from}”; nobody has checked that.")
    };
    match link.opens {
        Opens::Card => format!(
            "Somebody opened your emergency card with its PIN.{says} If you do not know why, stop the card: it stands under \"Sharing\"."
        ),
        Opens::Share => format!(
            "Somebody opened a link that you shared, with its PIN.{says} If you do not know why, stop it: it stands under \"Sharing\"."
        ),
    }
}

fn opening(link: &HealthLink, act: Act, ticket: String) -> Result<Opening, Closed> {
    let key = URL_SAFE_NO_PAD.decode(&link.key).ok().and_then(|key| key.try_into().ok());
    let key = key.ok_or_else(|| Error::Fault("a link's key is damaged".into()))?;
    Ok(Opening { act, link: Link::of(link), ticket, key })
}
