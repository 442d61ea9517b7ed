//! Proxies: somebody acts for another patient until a day. A patient lets a person do so by a link that works once; for a child,
//! two people of the staff do, and the child's age ends it.

use crate::{
    Login,
    access_request::{about, own_chart},
    account::checked_text,
    chart_link::date,
    error::Error,
    kept::{Kept, hex, mint, read, token_id, unhex},
    notice::Notice,
    random,
    realm::Realm,
    session::{FRESH, Who},
    visit::Visit,
    zone::Zone,
};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
    label,
    scope::{Permission, Scope},
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};
use vault::token::Token;

/// How long an offer may be taken.
const OFFERED: SignedDuration = SignedDuration::from_hours(24);

/// For how many patients one person may act.
const MOST: u8 = 20;

/// The longest time that a patient lets somebody act for them, in years.
const MOST_YEARS: i16 = 10;

/// That somebody acts for a patient, or may.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// The account of who acts; empty until somebody took the offer.
    pub account: String,
    /// Their name; until then what whoever offered it wrote.
    pub name: String,
    /// The patient's id.
    pub patient: String,
    /// What the patient is called on the proxy's pages.
    pub called: String,
    /// Until when.
    pub until: Timestamp,
    /// From when on sensitive labels are hidden from the proxy.
    pub hides_from: Option<Timestamp>,
    /// Whether a second person of the staff has yet to confirm it: then nobody can take it.
    pub unconfirmed: bool,
    /// The account of who offered it.
    offered_by: String,
    /// The facility where it was offered; empty where the patient did.
    facility: String,
    /// The hash of the token that takes it, while nobody has.
    token: Option<String>,
    /// Which of the person's places it takes up.
    slot: Option<u8>,
    /// The patient's row, for audit entries.
    row: i64,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Proxy {
    /// Whether somebody acts by it.
    pub fn is_taken(&self) -> bool {
        self.slot.is_some()
    }

    /// The labels that are hidden from the proxy at that moment.
    fn hides(&self, now: Timestamp) -> Vec<String> {
        let hides = self.hides_from.is_some_and(|from| from <= now);
        let all = label::SENSITIVE.iter().map(|label| (*label).to_owned());
        if hides { all.collect() } else { Vec::new() }
    }
}

/// A child, as the chart says that the staff sees.
#[derive(Clone, Copy)]
pub struct Child<'c> {
    /// The id of their Patient resource.
    pub patient: &'c str,
    /// `Patient.birthDate`.
    pub birth_date: &'c str,
}

fn of_slot(account: &str, slot: u8) -> String {
    format!("slot:{account}:{slot}")
}

impl Kept<Proxy> {
    fn write(&self) -> Result<Change, Error> {
        let Proxy { account, patient, token, slot, .. } = &self.value;
        let mut handles: Vec<String> = token.iter().map(|hash| format!("token:{hash}")).collect();
        if let Some(slot) = slot {
            handles.extend([of_slot(account, *slot), format!("for:{account}:{patient}")]);
        }
        self.put(Kind::Proxy, handles)
    }
}

impl Login {
    /// A patient offers to let somebody act for them until that day; the token goes into a link for that person. What is sensitive
    /// stays hidden unless `shows_all`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a day or a name, and for who has no chart of their own; [`Error::StepUp`].
    pub fn offer_proxy(
        &self,
        who: &Who,
        name: &str,
        until: &str,
        shows_all: bool,
        visit: &Visit,
    ) -> Result<Token, Error> {
        let text = "your account is not linked to a health record yet";
        let patient = own_chart(who).ok_or(Error::Invalid { field: "name", text })?;
        if who.account.has_second_factor() {
            who.require_step_up(FRESH, visit.now)?;
        }
        let zone = self.home(visit.now)?.home.zone;
        let (name, until) = (proxy_name(name)?, midnight(date("until", until)?, zone)?);
        let latest = visit.now.saturating_add(SignedDuration::from_hours(24 * 366 * i64::from(MOST_YEARS)));
        if until <= visit.now || latest.is_ok_and(|latest| until > latest) {
            let text = "choose a day that is to come, within ten years";
            return Err(Error::Invalid { field: "until", text });
        }
        let act = self.act_of(who, visit)?;
        let row = self.row_within(&act, patient)?.ok_or(Error::Refused)?;
        let (token, hash) = offer()?;
        let value = Proxy {
            account: String::new(),
            name,
            patient: patient.to_owned(),
            called: who.account.name.clone(),
            until,
            hides_from: (!shows_all).then_some(Timestamp::UNIX_EPOCH),
            unconfirmed: false,
            offered_by: who.account.id.clone(),
            facility: String::new(),
            token: Some(hash),
            slot: None,
            row,
        };
        self.offered(value, &act, "proxy offered", visit)?;
        Ok(token)
    }

    /// Somebody of the staff offers to let a person act for a child until the child is of age; another of them has to confirm it.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not register patients, [`Error::StepUp`], [`Error::Invalid`] for a child whom they do
    /// not see or who is of age.
    pub fn offer_proxy_for_child(
        &self,
        who: &Who,
        child: Child<'_>,
        (name, called): (&str, &str),
        visit: &Visit,
    ) -> Result<(), Error> {
        let (act, facility) = self.registers(who, "proxy offered", visit)?;
        who.require_step_up(FRESH, visit.now)?;
        let (name, born) = (proxy_name(name)?, date("patient", child.birth_date)?);
        let called = checked_text("patient", called, (1, 120), "the chart has no name")?;
        let zone = self.home(visit.now)?.home.zone;
        let until = birthday(born, self.settings.of_age, zone)?;
        if until <= visit.now {
            let text = "this patient is of age: only they can let somebody act for them";
            return Err(Error::Invalid { field: "patient", text });
        }
        let Some(row) = self.row_within(&act, child.patient)? else {
            self.refuse_act(&act, "proxy offered")?;
            return Err(Error::Invalid {
                field: "patient",
                text: "you see no such patient; check the number",
            });
        };
        let value = Proxy {
            account: String::new(),
            name,
            patient: child.patient.to_owned(),
            called,
            until,
            hides_from: Some(birthday(born, self.settings.adolescent, zone)?),
            unconfirmed: true,
            offered_by: who.account.id.clone(),
            facility,
            token: None,
            slot: None,
            row,
        };
        self.offered(value, &act, "proxy offered", visit)
    }

    fn offered(&self, value: Proxy, act: &Act, operation: &str, visit: &Visit) -> Result<(), Error> {
        let entry = entry(&value, act, operation, Outcome::Done);
        let id = [about(&value.patient).into_bytes(), random::<8>()?.to_vec()].concat();
        let kept = Kept::new(id, visit.now.saturating_add(OFFERED).ok(), value);
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// Offers for children at this person's facility that wait for a second person, each with the name that it is confirmed by.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not register patients.
    pub fn unconfirmed_proxies(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Proxy)>, Error> {
        let (_, facility) = self.registers(who, "proxy list", visit)?;
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Proxy, &after, 100, visit.now)?;
            for item in items {
                let kept: Kept<Proxy> = read(item)?;
                if kept.value.unconfirmed && kept.value.facility == facility {
                    found.push((hex(&kept.id), kept.value));
                }
            }
            let Some(next) = next else { return Ok(found) };
            after = next;
        }
    }

    /// A second person confirms the offer for a child; the token goes to whoever is to act.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever made the offer, and a role that does not register patients; [`Error::Ended`] where there is no
    /// such offer at this facility.
    pub fn confirm_proxy(&self, who: &Who, id: &str, visit: &Visit) -> Result<Token, Error> {
        let (act, facility) = self.registers(who, "proxy confirmed", visit)?;
        who.require_step_up(FRESH, visit.now)?;
        let found = unhex(id).map(|id| self.get(Kind::Proxy, &id, visit.now)).transpose()?.flatten();
        let waits = |kept: &Kept<Proxy>| kept.value.unconfirmed && kept.value.facility == facility;
        let mut kept: Kept<Proxy> = found.filter(waits).ok_or(Error::Ended)?;
        if kept.value.offered_by == who.account.id {
            self.store.witness(entry(&kept.value, &act, "proxy confirmed", Outcome::Refused))?;
            return Err(Error::Refused);
        }
        let (token, hash) = offer()?;
        (kept.value.unconfirmed, kept.value.token) = (false, Some(hash));
        kept.expires = visit.now.saturating_add(OFFERED).ok();
        let entry = entry(&kept.value, &act, "proxy confirmed", Outcome::Done);
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => outcome.map(|()| token).map_err(Error::from),
        }
    }

    /// Takes an offer: from now on this person acts for that patient.
    ///
    /// # Errors
    /// [`Error::Ended`] where it was taken or is over; [`Error::Invalid`] where they act for that patient already, are that patient,
    /// or act for too many.
    pub fn take_proxy(&self, who: &Who, token: &str, visit: &Visit) -> Result<(), Error> {
        if who.realm != Realm::Patient {
            return Err(Error::Refused);
        }
        let hash = token_id(token.trim()).map(|hash| hex(&hash)).ok_or(Error::Ended)?;
        let found: Option<Kept<Proxy>> = self.find(Kind::Proxy, &format!("token:{hash}"), visit.now)?;
        let mut kept = found.filter(|kept| kept.value.until > visit.now).ok_or(Error::Ended)?;
        let invalid = |text| Error::Invalid { field: "link", text };
        if own_chart(who) == Some(&kept.value.patient) || kept.value.offered_by == who.account.id {
            return Err(invalid("this link is for somebody else: give it to them"));
        }
        let slot = self.free_proxy_slot(who, visit)?;
        let slot = slot.ok_or(invalid("you act for too many people already; end one first"))?;
        kept.value.account = who.account.id.clone();
        kept.value.name = who.account.name.clone();
        (kept.value.token, kept.value.slot, kept.expires) = (None, Some(slot), Some(kept.value.until));
        let mut entry = visit.entry(who.realm, Some(&who.account), "proxy taken", Outcome::Done);
        entry.patients = vec![kept.value.row];
        let mut changes = vec![kept.write()?];
        changes.extend(self.tell(
            &kept.value,
            format!("{} acts for you from now on", kept.value.name),
            visit,
        )?);
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken) => Err(invalid("you act for this person already")),
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// A place for one more. What has lapsed is put away.
    fn free_proxy_slot(&self, who: &Who, visit: &Visit) -> Result<Option<u8>, Error> {
        for slot in 0..MOST {
            let taken: Option<Kept<Proxy>> =
                self.find(Kind::Proxy, &of_slot(&who.account.id, slot), Timestamp::MIN)?;
            let Some(taken) = taken else { return Ok(Some(slot)) };
            if taken.expires.is_some_and(|end| end <= visit.now) {
                let mut entry = visit.entry(who.realm, Some(&who.account), "proxy lapsed", Outcome::Done);
                entry.patients = vec![taken.value.row];
                self.store.change_items(vec![taken.remove(Kind::Proxy)], Some(entry))?;
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    fn tell(&self, proxy: &Proxy, text: String, visit: &Visit) -> Result<Option<Change>, Error> {
        let told = self.account_of_chart(&proxy.patient, visit.now)?;
        told.map(|told| Notice { at: visit.now, text }.write(&told.value.id)).transpose()
    }

    /// For whom this person acts, each with the name by which it is ended.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn acts_for(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Proxy)>, Error> {
        let mut found = Vec::new();
        for slot in 0..MOST {
            let kept: Option<Kept<Proxy>> =
                self.find(Kind::Proxy, &of_slot(&who.account.id, slot), visit.now)?;
            found.extend(kept.map(|kept| (hex(&kept.id), kept.value)));
        }
        Ok(found)
    }

    /// Who acts for this patient, or may, each with the name by which it is ended.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn proxies(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Proxy)>, Error> {
        let Some(patient) = own_chart(who) else { return Ok(Vec::new()) };
        let kept: Vec<Kept<Proxy>> = self.of_account(Kind::Proxy, &about(patient), visit.now)?;
        Ok(kept.into_iter().map(|kept| (hex(&kept.id), kept.value)).collect())
    }

    /// Ends it: the patient, or who acts for them.
    ///
    /// # Errors
    /// [`Error::Ended`] where it is over, or is neither's.
    pub fn end_proxy(&self, who: &Who, id: &str, visit: &Visit) -> Result<(), Error> {
        let found = unhex(id).map(|id| self.get(Kind::Proxy, &id, visit.now)).transpose()?.flatten();
        let mine = |kept: &Kept<Proxy>| {
            let acts = who.realm == Realm::Patient && kept.value.account == who.account.id;
            acts || own_chart(who) == Some(&kept.value.patient)
        };
        let kept: Kept<Proxy> = found.filter(mine).ok_or(Error::Ended)?;
        let mut entry = visit.entry(who.realm, Some(&who.account), "proxy ended", Outcome::Done);
        entry.patients = vec![kept.value.row];
        match self.store.change_items(vec![kept.remove(Kind::Proxy)], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// The act of somebody for another patient; `None` where they do not act for them (any more).
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act_for(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Option<Act>, Error> {
        if who.realm != Realm::Patient {
            return Ok(None);
        }
        let handle = format!("for:{}:{patient}", who.account.id);
        let kept: Option<Kept<Proxy>> = self.find(Kind::Proxy, &handle, visit.now)?;
        let kept = kept.filter(|kept| kept.value.until > visit.now && kept.value.account == who.account.id);
        let (Some(kept), Some(role)) = (kept, access::role::built_in("proxy")) else { return Ok(None) };
        let mut standing = role.standing(&[], &[]);
        standing.hides = kept.value.hides(visit.now);
        // Who does not see all of a record lets nobody else into it: they could open to others what is hidden from them.
        let sees_all = standing.hides.is_empty();
        let lets_in = |scope: &Scope| {
            scope.resource_type.as_deref() == Some("Consent")
                && [Permission::Create, Permission::Update].into_iter().any(|letter| scope.grants(letter))
        };
        let scopes = role.scopes.iter().filter(|scope| sees_all || !lets_in(scope)).cloned().collect();
        let actor = Actor {
            id: who.account.id.clone(),
            name: who.account.name.clone(),
            role: role.name.clone(),
            scopes,
            patient: Some(patient.to_owned()),
            standing: Some(standing),
        };
        Ok(Some(Act {
            actor,
            purpose: role.purpose,
            request: visit.request.clone(),
            at: visit.now,
            looks: true,
        }))
    }
}

fn entry(proxy: &Proxy, act: &Act, operation: &str, outcome: Outcome) -> Entry {
    Entry { patients: vec![proxy.row], ..Entry::new(act, operation, "Patient", outcome) }
}

fn proxy_name(name: &str) -> Result<String, Error> {
    checked_text("name", name, (1, 120), "enter the name of who is to act, in at most 120 characters")
}

fn offer() -> Result<(Token, String), Error> {
    let token = mint()?;
    let hash = token_id(token.reveal()).ok_or(Error::Ended)?;
    Ok((token, hex(&hash)))
}

/// The beginning of a day, where the house is.
fn midnight(day: Date, zone: Zone) -> Result<Timestamp, Error> {
    zone.midnight(day).map_err(|_| Error::Invalid { field: "until", text: "choose another day" })
}

/// The day on which somebody becomes so many years old.
fn birthday(born: Date, years: i16, zone: Zone) -> Result<Timestamp, Error> {
    let day = born.checked_add(i64::from(years).years());
    let text = "the birth date cannot be right";
    midnight(day.map_err(|_| Error::Invalid { field: "patient", text })?, zone)
}
