//! Disputes: a patient finds a line in the list of who looked wrong and says why; a privacy officer answers within thirty days, and the
//! patient reads what they found (F8). Each step is in the log.

use crate::{
    Login,
    account::checked_text,
    error::Error,
    kept::{Kept, hex, read, unhex},
    notice::Notice,
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::audit::{Entry, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How long a privacy officer has.
const TIME: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How many disputes one account begins in a day.
const MOST: u32 = 20;

/// The line of the log that it is about, as the list said it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number.
    pub number: i64,
    /// Who it was, by name; empty where the line does not say.
    pub name: String,
    /// Their role.
    pub role: String,
    /// When it was.
    pub at: Option<Timestamp>,
}

/// What a privacy officer found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Their account.
    pub account: String,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Whether the look was wrong.
    pub was_wrong: bool,
    /// What they say.
    pub text: String,
}

/// One dispute.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Whose words it holds: their account.
    pub account: String,
    /// The patient whose record it is about.
    pub patient: String,
    /// The line.
    pub line: Line,
    /// What is wrong, in their words.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when it is to be answered.
    pub due: Timestamp,
    /// What came of it.
    pub answer: Option<Answer>,
    /// The patient's row, for audit entries.
    row: i64,
}

impl std::fmt::Debug for Dispute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Kept<Dispute> {
    fn write(&self) -> Result<Change, Error> {
        let Dispute { patient, line, .. } = &self.value;
        self.put(Kind::Dispute, vec![format!("line:{patient}:{}", line.number)])
    }
}

impl Login {
    /// A patient, or who acts for them, finds a line of their own list wrong. That the line is on it, whoever calls this has seen.
    ///
    /// # Errors
    /// [`Error::Invalid`] for words that say nothing, and for a line that was disputed before; [`Error::Throttled`]; [`Error::Refused`].
    pub fn dispute(
        &self,
        who: &Who,
        patient: &str,
        line: Line,
        text: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        let act = self.act_on_chart(who, patient, visit)?;
        let row = if who.realm == Realm::Patient { self.row_within(&act, patient)? } else { None };
        let Some(row) = row else {
            self.refuse_act(&act, "dispute")?;
            return Err(Error::Refused);
        };
        let text = checked_text("text", text, (10, 1_000), "say what is wrong, in 10 to 1000 characters")?;
        let counter = format!("dispute:{}", who.account.id);
        self.count_use(&counter, MOST, SignedDuration::from_hours(24), visit.now)?;
        let due = visit.now.saturating_add(TIME).unwrap_or(visit.now);
        let value = Dispute {
            account: who.account.id.clone(),
            patient: patient.to_owned(),
            line,
            text: text.clone(),
            at: visit.now,
            due,
            answer: None,
            row,
        };
        let kept = Kept::new(random::<16>()?.to_vec(), None, value);
        let entry = Entry {
            reason: Some(text),
            patients: vec![row],
            ..Entry::new(&act, "dispute", "Patient", Outcome::Done)
        };
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Taken) => {
                Err(Error::Invalid { field: "line", text: "somebody has asked about this line already" })
            }
            outcome => Ok(outcome?),
        }
    }

    /// What was disputed in a record whose list of looks somebody may read, the newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn disputes_of(&self, patient: &str, visit: &Visit) -> Result<Vec<Dispute>, Error> {
        let mut found: Vec<Dispute> = self.disputes(visit.now)?.into_iter().map(|kept| kept.value).collect();
        found.retain(|dispute| dispute.patient == patient);
        found.sort_by_key(|dispute| std::cmp::Reverse(dispute.at));
        Ok(found)
    }

    /// Disputes that wait for an answer, with the names that they are answered by; what is due first comes first.
    ///
    /// # Errors
    /// [`Error::Refused`] unless a privacy officer asks.
    pub fn open_disputes(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Dispute)>, Error> {
        self.answers(who, "dispute list", visit)?;
        let open = self.disputes(visit.now)?.into_iter().filter(|kept| kept.value.answer.is_none());
        let mut found: Vec<(String, Dispute)> = open.map(|kept| (hex(&kept.id), kept.value)).collect();
        found.sort_by_key(|(_, dispute)| dispute.due);
        self.store.witness(Entry {
            patients: found.iter().map(|(_, dispute)| dispute.row).collect(),
            ..visit.entry(who.realm, Some(&who.account), "dispute list", Outcome::Done)
        })?;
        Ok(found)
    }

    /// Says what was found. The patient is told that there is an answer.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever is no privacy officer, and for whoever began it; [`Error::Ended`] where there is none of that name, or
    /// it was answered; [`Error::Invalid`] for words that say nothing.
    pub fn answer_dispute(
        &self,
        who: &Who,
        id: &str,
        (was_wrong, text): (bool, &str),
        visit: &Visit,
    ) -> Result<(), Error> {
        self.answers(who, "dispute answered", visit)?;
        let text = checked_text("text", text, (10, 1_000), "say what you found, in 10 to 1000 characters")?;
        let kept: Option<Kept<Dispute>> = match unhex(id) {
            Some(id) => self.get(Kind::Dispute, &id, visit.now)?,
            None => None,
        };
        let mut kept = kept.filter(|kept| kept.value.answer.is_none()).ok_or(Error::Ended)?;
        let is_own = kept.value.account == who.account.id || kept.value.line.name == who.account.name;
        let outcome = if is_own { Outcome::Refused } else { Outcome::Done };
        let mut entry = visit.entry(who.realm, Some(&who.account), "dispute answered", outcome);
        entry.patients = vec![kept.value.row];
        if is_own {
            self.store.witness(entry)?;
            return Err(Error::Refused);
        }
        entry.reason = Some(text.clone());
        let (account, name) = (who.account.id.clone(), who.account.name.clone());
        kept.value.answer = Some(Answer { account, name, at: visit.now, was_wrong, text });
        let told = "There is an answer about a look at your record that you found wrong. It stands under \"Who looked\".";
        let notice = Notice { at: visit.now, text: told.to_owned() }.write(&kept.value.account)?;
        match self.store.change_items(vec![kept.write()?, notice], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    fn disputes(&self, now: Timestamp) -> Result<Vec<Kept<Dispute>>, Error> {
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Dispute, &after, 100, now)?;
            for item in items {
                found.push(read(item)?);
            }
            let Some(next) = next else { return Ok(found) };
            after = next;
        }
    }

    /// Whether somebody answers disputes: a privacy officer, who reads the log of everybody. A refusal is signed.
    fn answers(&self, who: &Who, operation: &str, visit: &Visit) -> Result<(), Error> {
        let roles = who.account.admin.as_ref().map(|admin| admin.roles.as_slice()).unwrap_or_default();
        if who.realm == Realm::Admin && roles.iter().any(|role| role == "privacy-officer") {
            return Ok(());
        }
        self.store.witness(visit.entry(who.realm, Some(&who.account), operation, Outcome::Refused))?;
        Err(Error::Refused)
    }
}
