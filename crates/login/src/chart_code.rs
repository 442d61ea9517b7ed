//! Linking an account to its owner's chart by a code that is sent to the contact which the chart holds, in place of the front desk
//! (NIST SP 800-63A-4, an enrolment code to a contact on record), and taking a link back.
//!
//! Whoever asks never learns whether there is such a chart, nor what contact it holds: every answer is the same, and only what is
//! sent tells. A code is good for ten minutes, once, for the account that asked, and for five tries.

use crate::{
    Login,
    account::Account,
    courier::Message,
    error::Error,
    factor::sent::{self, Sent},
    identifier::Identifier,
    kept::{Kept, hex, sha256},
    notice::Notice,
    random,
    realm::Realm,
    session::{FRESH, Who},
    throttle::network,
    visit::Visit,
};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// How long what is kept of a code stays; it is good for less.
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// How many codes one account may ask for in a day.
const DAILY: u32 = 5;

/// How many one network may ask for in an hour.
const HOURLY: u32 = 30;

#[derive(Serialize, Deserialize)]
struct Asked {
    account: String,
    patient: String,
    row: i64,
    sent: Sent,
}

/// The Person that says whose chart an account's is: to be stored, or to be deleted where there is no body.
pub struct Person {
    /// Its id: the same for one account.
    pub id: String,
    /// The resource, as JSON.
    pub body: Option<Vec<u8>>,
    /// Who does it.
    pub act: Act,
}

/// How sure it is that the account is the patient's. <http://hl7.org/fhir/R4/valueset-identity-assuranceLevel.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// By a code that was sent to the chart's own contact.
    Code,
    /// By the front desk, which saw them.
    Seen,
}

impl Assurance {
    fn level(self) -> &'static str {
        match self {
            Assurance::Code => "level2",
            Assurance::Seen => "level3",
        }
    }
}

fn of_account(account: &str) -> String {
    format!("code-for:{account}")
}

impl Login {
    /// Whether somebody may ask for a code now: a patient without a chart, and not too often. What the kernel looks the chart up by.
    ///
    /// # Errors
    /// [`Error::Refused`] in another realm or with a chart; [`Error::Throttled`]; [`Error::Unsupported`] where nothing can be sent.
    pub fn claims_chart(&self, who: &Who, visit: &Visit) -> Result<Act, Error> {
        let unlinked = who.account.patient.as_ref().is_some_and(|patient| patient.patient.is_none());
        if who.realm != Realm::Patient || !unlinked {
            return Err(Error::Refused);
        }
        if self.courier.is_none() {
            return Err(Error::Unsupported("this server cannot send a code yet; ask at the front desk"));
        }
        let (day, hour) = (SignedDuration::from_hours(24), SignedDuration::from_hours(1));
        self.count_use(&format!("chart-code:{}", network(&visit.address)), HOURLY, hour, visit.now)?;
        self.count_use(&format!("chart-code:{}", who.account.id), DAILY, day, visit.now)?;
        self.act_of(who, visit)
    }

    /// Sends a code to the first of these contacts that can be reached. Where nobody fits the claim, or their chart is an account's
    /// already, nothing is sent, and nobody is told.
    ///
    /// # Errors
    /// Where the store fails, or the message does not get away.
    pub fn send_chart_code(
        &self,
        who: &Who,
        found: Option<(&str, &[String])>,
        visit: &Visit,
    ) -> Result<(), Error> {
        let rules = &self.settings.identifiers;
        let reached = found.and_then(|(patient, to)| {
            Some((patient, to.iter().find_map(|text| Identifier::contact(text, rules))?))
        });
        let act = self.act_of(who, visit)?;
        let mut entry = Entry::new(&act, "chart link code", "Patient", Outcome::Refused);
        let row = reached.as_ref().map(|(patient, _)| self.row_of(&act, patient)).transpose()?.flatten();
        let (Some((patient, to)), Some(row), Some(courier)) = (reached, row, &self.courier) else {
            return Ok(self.store.witness(entry)?);
        };
        entry.patients = vec![row];
        if self.account_of_chart(patient, visit.now)?.is_some() {
            return Ok(self.store.witness(entry)?);
        }
        let handle = of_account(&who.account.id);
        let before: Option<Kept<Asked>> = self.find(Kind::ChartCode, &handle, jiff::Timestamp::MIN)?;
        let id = random::<16>()?.to_vec();
        let code = sent::make(random()?);
        let (account, patient) = (who.account.id.clone(), patient.to_owned());
        let sent = Sent::new(&hex(&id), &code, visit.now);
        let kept = Kept::new(id, visit.now.saturating_add(LIFE).ok(), Asked { account, patient, row, sent });
        entry.outcome = Outcome::Done;
        let removed = before.map(|before| before.remove(Kind::ChartCode));
        let changes = removed.into_iter().chain([kept.put(Kind::ChartCode, vec![handle])?]).collect();
        self.store.change_items(changes, Some(entry))?;
        courier.send(&Message::chart_code(to, &code)).map_err(|error| Error::Busy(error.to_string()))
    }

    /// Takes the code: the account is linked to the chart whose contact got it.
    ///
    /// # Errors
    /// [`Error::Denied`] for a code that is wrong, late, used, or was never sent: which of them is not said.
    pub fn take_chart_code(&self, who: &Who, code: &str, visit: &Visit) -> Result<String, Error> {
        if who.realm != Realm::Patient {
            return Err(Error::Refused);
        }
        let counters = crate::throttle::Counters::of(&of_account(&who.account.id), visit);
        self.count_try(&counters, visit.now)?;
        let act = self.act_of(who, visit)?;
        let mut entry = Entry::new(&act, "chart linked by code", "Patient", Outcome::Refused);
        let found: Option<Kept<Asked>> =
            self.find(Kind::ChartCode, &of_account(&who.account.id), visit.now)?;
        let Some(mut asked) = found.filter(|asked| asked.value.account == who.account.id) else {
            self.store.witness(entry)?;
            return Err(Error::Denied);
        };
        entry.patients = vec![asked.value.row];
        let mut account = who.kept.clone();
        let unlinked = account.value.patient.as_ref().is_some_and(|patient| patient.patient.is_none());
        if !unlinked || !asked.value.sent.take(&hex(&asked.id), code, visit.now) {
            let change = asked.put(Kind::ChartCode, vec![of_account(&who.account.id)])?;
            self.store.change_items(vec![change], Some(entry))?;
            return Err(Error::Denied);
        }
        self.link_chart(&mut account.value, &asked.value.patient, visit)?;
        let text = "Your account was linked to your health record by a code that was sent to you".to_owned();
        let notice = Notice { at: visit.now, text }.write(&who.account.id)?;
        entry.outcome = Outcome::Done;
        let changes = vec![asked.remove(Kind::ChartCode), account.write()?, notice];
        match self.store.change_items(changes, Some(entry)) {
            // Somebody else was faster, with the code or with the chart.
            Err(StoreError::Stale | StoreError::Taken) => return Err(Error::Denied),
            outcome => outcome?,
        }
        self.forgive(&counters, 1, visit.now)?;
        Ok(asked.value.patient)
    }

    /// The account is that patient's from now on, with the health id that they brought along.
    pub(crate) fn link_chart(
        &self,
        account: &mut Account,
        patient: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        account.patient.get_or_insert_default().patient = Some(patient.to_owned());
        let moved = self.moved_health_id(patient, visit.now)?;
        account.identifiers.extend(moved.filter(|id| !account.identifiers.contains(id)));
        Ok(())
    }

    /// Takes the link to the chart back: the account shows none any more. Its health id stays the patient's, and waits for whoever is
    /// linked to them next.
    ///
    /// # Errors
    /// [`Error::StepUp`]; [`Error::Ended`] where there is no link.
    pub fn unlink_chart(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        let mine = who.account.patient.as_ref().filter(|_| who.realm == Realm::Patient);
        let patient = mine.and_then(|mine| mine.patient.clone()).ok_or(Error::Ended)?;
        who.require_step_up(FRESH, visit.now)?;
        let act = self.act_of(who, visit)?;
        let mut entry = Entry::new(&act, "chart unlinked", "Patient", Outcome::Done);
        entry.patients = self.row_of(&act, &patient)?.into_iter().collect();
        let mut account = who.kept.clone();
        account.value.patient.get_or_insert_default().patient = None;
        let mut changes = self.leave_health_id(&mut account.value, &patient, visit.now)?;
        let text = "Your account is not linked to a health record any more".to_owned();
        changes.extend([account.write()?, Notice { at: visit.now, text }.write(&who.account.id)?]);
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// The Person of the account that is linked to that patient.
    ///
    /// # Errors
    /// Where the store fails, or nobody is linked.
    pub fn person_of(&self, patient: &str, assurance: Assurance, visit: &Visit) -> Result<Person, Error> {
        let account = self.account_of_chart(patient, visit.now)?.ok_or(Error::Ended)?.value;
        let id = person_id(&account);
        let body = serde_json::json!({
            "resourceType": "Person",
            "id": id,
            "active": true,
            "link": [{"target": {"reference": format!("Patient/{patient}")}, "assurance": assurance.level()}],
        });
        Ok(Person { id, body: Some(body.to_string().into_bytes()), act: of_person(&account, visit) })
    }

    /// That the account of somebody who is signed in is nobody's any more.
    pub fn person_gone(&self, who: &Who, visit: &Visit) -> Person {
        Person { id: person_id(&who.account), body: None, act: of_person(&who.account, visit) }
    }
}

fn person_id(account: &Account) -> String {
    format!("person-{}", &hex(&sha256(&[b"person", account.id.as_bytes()]))[..32])
}

/// The house writes down whose chart is whose, in the account's name, and may do nothing else by it.
fn of_person(account: &Account, visit: &Visit) -> Act {
    let actor = Actor {
        id: account.id.clone(),
        name: account.name.clone(),
        role: "patient".to_owned(),
        scopes: "system/Person.crud".parse().into_iter().collect(),
        patient: None,
        standing: None,
    };
    Act {
        actor,
        purpose: Realm::Patient.purpose(),
        request: visit.request.clone(),
        at: visit.now,
        looks: false,
    }
}
