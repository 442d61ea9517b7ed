//! Breaking the glass: in an emergency, somebody who treats opens the record of one patient to whom nothing ties them, for hours.
//!
//! It needs a reason and a fresh second factor, the patient is told at once, and somebody else reviews it. The audit entry
//! names the patient and holds the reason.

use crate::{
    Login,
    account::checked_text,
    act::{shatter, treats},
    courier::Message,
    error::Error,
    kept::{Kept, hex, read},
    notice::Notice,
    random,
    realm::Realm,
    session::{FRESH, Who},
    settings::{LONGEST_GLASS, MOST_GLASSES},
    visit::Visit,
    zone::Zone,
};
use access::{
    act::{Act, Glass},
    audit::{Entry, Outcome},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How many records somebody may name in ten minutes, whether they exist or not.
const TRIES: u32 = 10;

/// What a reviewer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// There was an emergency.
    Justified,
    /// There was none.
    Unjustified,
}

/// What came of a review.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The reviewer's account.
    pub account: String,
    /// The reviewer's name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What they found.
    pub verdict: Verdict,
    /// Why.
    pub note: String,
}

/// One broken glass.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Whose act it was: their account.
    pub account: String,
    /// Their name then.
    pub name: String,
    /// Their role then.
    pub role: String,
    /// The facility that they were signed in at.
    pub facility: String,
    /// The patient's id.
    pub patient: String,
    /// Why, in their words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; earlier where it was ended.
    pub until: Timestamp,
    /// What somebody else found.
    pub review: Option<Review>,
    /// The patient's row, for audit entries.
    row: i64,
    /// Which of the person's places it takes up while it lasts.
    slot: Option<u8>,
}

impl std::fmt::Debug for Emergency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Emergency {
    /// What it opens.
    pub(crate) fn glass(&self) -> Glass {
        Glass { patient: self.patient.clone(), until: self.until }
    }
}

/// How often somebody broke the glass in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// The month, as `2026-11`.
    pub month: String,
    /// The person's account.
    pub account: String,
    /// Their name, as it was the last time.
    pub name: String,
    /// How often.
    pub broken: usize,
    /// How many of them were reviewed.
    pub reviewed: usize,
    /// How many were found unjustified.
    pub unjustified: usize,
}

fn of_slot(account: &str, slot: u8) -> String {
    format!("slot:{account}:{slot}")
}

fn of_patient(account: &str, patient: &str) -> String {
    format!("open:{account}:{patient}")
}

impl Kept<Emergency> {
    fn write(&self) -> Result<Change, Error> {
        let Emergency { account, patient, slot, .. } = &self.value;
        let handles = slot.map(|slot| vec![of_slot(account, slot), of_patient(account, patient)]);
        self.put(Kind::BreakGlass, handles.unwrap_or_default())
    }
}

impl Login {
    /// Breaks the glass of one patient's record; until when it is open. The patient is told.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not treat, [`Error::StepUp`] without a fresh second factor, [`Error::Invalid`] for
    /// a reason or a patient that will not do, [`Error::Throttled`] where too many are open. Refusals are signed.
    pub fn break_glass(
        &self,
        who: &Who,
        patient: &str,
        reason: &str,
        visit: &Visit,
    ) -> Result<Timestamp, Error> {
        let mut act = self.act_of(who, visit)?;
        if !treats(&act, who) {
            self.refuse_act(&act, "break-glass")?;
            return Err(Error::Refused);
        }
        who.require_step_up(FRESH, visit.now)?;
        let text = "say why, in 10 to 500 characters";
        let reason = checked_text("reason", reason, (10, 500), text)?;
        let lasts = self.settings.glass.clamp(SignedDuration::ZERO, LONGEST_GLASS);
        let until = visit.now.saturating_add(lasts).unwrap_or(visit.now);
        shatter(&mut act, Glass { patient: patient.to_owned(), until });
        let slot = self.free_slot(who, &act, patient, visit)?;
        let Some(row) = self.row_within(&act, patient)? else {
            self.refuse_act(&act, "break-glass")?;
            let text = "there is no such record; look the patient up again";
            return Err(Error::Invalid { field: "patient", text });
        };
        let value = Emergency {
            account: who.account.id.clone(),
            name: who.account.name.clone(),
            role: act.actor.role.clone(),
            facility: who.staff.as_ref().map(|staff| staff.facility.clone()).unwrap_or_default(),
            patient: patient.to_owned(),
            reason: reason.clone(),
            since: visit.now,
            until,
            review: None,
            row,
            slot: Some(slot),
        };
        let kept = Kept::new(random::<16>()?.to_vec(), None, value);
        let entry = Entry { reason: Some(reason), patients: vec![row], ..done(&act, "break-glass") };
        let told = self.account_of_chart(patient, visit.now)?;
        let mut changes = vec![kept.write()?];
        if let Some(told) = &told {
            let text = told_of(&kept.value, self.home(visit.now)?.home.zone);
            changes.push(Notice { at: visit.now, text }.write(&told.value.id)?);
        }
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken) => return Err(Error::Busy("this was done already; look again".into())),
            outcome => outcome?,
        }
        // The notice stands; the message is only the quicker way to it.
        if let (Some(courier), Some(to)) = (&self.courier, told.as_ref().and_then(|t| t.value.contact())) {
            let _ = courier.send(&Message::glass_broken(to.clone()));
        }
        Ok(until)
    }

    /// A place for one more, after those that have lapsed were put away.
    fn free_slot(&self, who: &Who, act: &Act, patient: &str, visit: &Visit) -> Result<u8, Error> {
        let account = &who.account.id;
        let named =
            self.count_use(&format!("glass:{account}"), TRIES, SignedDuration::from_mins(10), visit.now);
        if let Err(error) = named {
            self.refuse_act(act, "break-glass throttled")?;
            return Err(error);
        }
        let (mut free, mut first_end) = (None, None);
        for slot in 0..MOST_GLASSES {
            let taken: Option<Kept<Emergency>> =
                self.find(Kind::BreakGlass, &of_slot(account, slot), visit.now)?;
            match taken {
                Some(taken) if taken.value.until > visit.now => {
                    if taken.value.patient == patient {
                        let text = "you have broken the glass of this record already";
                        return Err(Error::Invalid { field: "patient", text });
                    }
                    first_end = first_end.into_iter().chain([taken.value.until]).min();
                }
                taken => {
                    if let Some(mut lapsed) = taken {
                        lapsed.value.slot = None;
                        let entry =
                            Entry { patients: vec![lapsed.value.row], ..done(act, "break-glass lapsed") };
                        self.store.change_items(vec![lapsed.write()?], Some(entry))?;
                    }
                    if slot < self.settings.glasses {
                        free = free.or(Some(slot));
                    }
                }
            }
        }
        match free {
            Some(slot) => Ok(slot),
            None => {
                self.refuse_act(act, "break-glass throttled")?;
                let seconds = first_end.map_or(60, |end| end.duration_since(visit.now).as_secs() + 1);
                Err(Error::Throttled { seconds })
            }
        }
    }

    /// The glass that this person broke of that patient's record, while it lasts.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn glass_for(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Option<Glass>, Error> {
        Ok(self.broken(who, patient, visit)?.map(|kept| kept.value.glass()))
    }

    fn broken(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Option<Kept<Emergency>>, Error> {
        if who.realm != Realm::Clinic {
            return Ok(None);
        }
        let facility = who.staff.as_ref().map(|staff| staff.facility.as_str());
        self.broken_by(&who.account.id, facility, patient, visit.now)
    }

    /// The glass that somebody who is signed in at that facility broke of that patient's record, while it lasts.
    pub(crate) fn broken_by(
        &self,
        account: &str,
        facility: Option<&str>,
        patient: &str,
        now: Timestamp,
    ) -> Result<Option<Kept<Emergency>>, Error> {
        let kept: Option<Kept<Emergency>> =
            self.find(Kind::BreakGlass, &of_patient(account, patient), now)?;
        Ok(kept.filter(|kept| kept.value.until > now && Some(kept.value.facility.as_str()) == facility))
    }

    /// The glasses that this person has broken and that are open.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn glasses(&self, who: &Who, visit: &Visit) -> Result<Vec<Emergency>, Error> {
        let mut open = Vec::new();
        for slot in 0..MOST_GLASSES {
            let kept: Option<Kept<Emergency>> =
                self.find(Kind::BreakGlass, &of_slot(&who.account.id, slot), visit.now)?;
            open.extend(kept.map(|kept| kept.value).filter(|glass| glass.until > visit.now));
        }
        Ok(open)
    }

    /// Ends an emergency before its time.
    ///
    /// # Errors
    /// [`Error::Ended`] where this person has broken no such glass, or it is over.
    pub fn end_glass(&self, who: &Who, patient: &str, visit: &Visit) -> Result<(), Error> {
        let mut kept = self.broken(who, patient, visit)?.ok_or(Error::Ended)?;
        (kept.value.until, kept.value.slot) = (visit.now, None);
        let act = self.act_of(who, visit)?;
        let entry = Entry { patients: vec![kept.value.row], ..done(&act, "break-glass ended") };
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// Emergencies that nobody has reviewed yet, with the names that they are reviewed by; the oldest first.
    ///
    /// # Errors
    /// [`Error::Refused`] unless somebody asks who reviews.
    pub fn unreviewed(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Emergency)>, Error> {
        self.reviews(who, "break-glass list", visit)?;
        let mut found = Vec::new();
        self.each_glass(visit.now, |kept| {
            if kept.value.review.is_none() {
                found.push((hex(&kept.id), kept.value));
            }
        })?;
        found.sort_by_key(|(_, glass)| glass.since);
        self.store.witness(Entry {
            patients: found.iter().map(|(_, glass)| glass.row).collect(),
            ..visit.entry(who.realm, Some(&who.account), "break-glass list", Outcome::Done)
        })?;
        Ok(found)
    }

    /// Says what a second person found. One that was unjustified is over at once.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever broke it, and whoever does not review; [`Error::Ended`] where there is none of that name or
    /// it was reviewed.
    pub fn review(
        &self,
        who: &Who,
        id: &str,
        verdict: Verdict,
        note: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        self.reviews(who, "break-glass review", visit)?;
        who.require_step_up(FRESH, visit.now)?;
        let note = checked_text("note", note, (3, 500), "say what you found, in 3 to 500 characters")?;
        let id = crate::kept::unhex(id).ok_or(Error::Ended)?;
        let mut kept: Kept<Emergency> = self
            .get(Kind::BreakGlass, &id, visit.now)?
            .filter(|k: &Kept<Emergency>| k.value.review.is_none())
            .ok_or(Error::Ended)?;
        let outcome = if kept.value.account == who.account.id { Outcome::Refused } else { Outcome::Done };
        let mut entry = visit.entry(who.realm, Some(&who.account), "break-glass review", outcome);
        entry.patients = vec![kept.value.row];
        if outcome == Outcome::Refused {
            self.store.witness(entry)?;
            return Err(Error::Refused);
        }
        if verdict == Verdict::Unjustified {
            (kept.value.until, kept.value.slot) = (kept.value.until.min(visit.now), None);
        }
        entry.reason = Some(note.clone());
        let (account, name) = (who.account.id.clone(), who.account.name.clone());
        kept.value.review = Some(Review { account, name, at: visit.now, verdict, note });
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// Who broke the glass how often, by month: the newest month first, and in it who did it most.
    ///
    /// # Errors
    /// [`Error::Refused`] unless somebody asks who reviews.
    pub fn glass_statistics(&self, who: &Who, visit: &Visit) -> Result<Vec<Month>, Error> {
        self.reviews(who, "break-glass statistics", visit)?;
        let mut all = Vec::new();
        self.each_glass(visit.now, |kept| all.push(kept.value))?;
        Ok(months(&all, self.home(visit.now)?.home.zone))
    }

    /// All emergencies, the oldest first, for whoever runs the installation and has its root key anyway. It is signed.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn emergencies(&self, act: &Act) -> Result<Vec<Emergency>, Error> {
        let mut all = Vec::new();
        self.each_glass(act.at, |kept| all.push(kept.value))?;
        all.sort_by_key(|glass: &Emergency| glass.since);
        let patients = all.iter().map(|glass| glass.row).collect();
        self.store.witness(Entry { patients, ..done(act, "break-glass list") })?;
        Ok(all)
    }

    fn each_glass(&self, now: Timestamp, mut with: impl FnMut(Kept<Emergency>)) -> Result<(), Error> {
        let mut after = Vec::new();
        loop {
            let (items, next) = self.store.items(Kind::BreakGlass, &after, 100, now)?;
            for item in items {
                with(read(item)?);
            }
            let Some(next) = next else { return Ok(()) };
            after = next;
        }
    }

    /// Whether somebody reviews what others did in emergencies. A refusal is signed.
    fn reviews(&self, who: &Who, operation: &str, visit: &Visit) -> Result<(), Error> {
        let roles = who.account.admin.as_ref().map(|admin| admin.roles.as_slice()).unwrap_or_default();
        let may = roles.iter().any(|role| role == "privacy-officer" || role == "administrator");
        if who.realm == Realm::Admin && may {
            return Ok(());
        }
        self.store.witness(visit.entry(who.realm, Some(&who.account), operation, Outcome::Refused))?;
        Err(Error::Refused)
    }
}

fn done(act: &Act, operation: &str) -> Entry {
    Entry::new(act, operation, "Patient", Outcome::Done)
}

/// Who broke the glass how often, by month: the newest month first, and in it who did it most. A month begins where that zone is.
pub fn months(all: &[Emergency], zone: Zone) -> Vec<Month> {
    let mut months: BTreeMap<(String, &str), Month> = BTreeMap::new();
    for Emergency { account, name, since, review, .. } in all {
        let month = zone.at(*since).strftime("%Y-%m").to_string();
        let line = months.entry((month.clone(), account)).or_insert_with(|| {
            let (account, name) = (account.clone(), String::new());
            Month { month, account, name, broken: 0, reviewed: 0, unjustified: 0 }
        });
        line.name.clone_from(name);
        line.broken += 1;
        line.reviewed += usize::from(review.is_some());
        let unjustified = review.as_ref().is_some_and(|review| review.verdict == Verdict::Unjustified);
        line.unjustified += usize::from(unjustified);
    }
    let mut months: Vec<Month> = months.into_values().collect();
    months.sort_by(|a, b| (&b.month, b.broken).cmp(&(&a.month, a.broken)));
    months
}

fn told_of(glass: &Emergency, zone: Zone) -> String {
    format!(
        "{} ({}) opened your record in an emergency, until {} {} at the latest. Somebody else will review whether that was right.",
        glass.name,
        glass.role,
        zone.at(glass.until).strftime("%d-%b-%Y %H:%M"),
        zone.clock(glass.until)
    )
}
