//! Asking a patient for access: the patient allows it for some days, denies it, or tells a code to whoever sits before them.
//!
//! What lets somebody in is a Consent in the patient's record, which the door commits as the patient's own act. This room keeps the
//! request, and says what the Consent must say.

use crate::{
    Login,
    account::{Account, checked_text},
    act::treats,
    courier::Message,
    error::Error,
    factor::sent::{self, Sent},
    kept::{Kept, hex, read, sha256, unhex},
    notice::Notice,
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How long a request waits for an answer.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How long a patient may let somebody in at most, in days.
pub const MOST_DAYS: u16 = 366;

/// How many requests one person may make in an hour.
const ASKED: u32 = 30;

/// Somebody asks for access to a patient's record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// Who asks: their account.
    pub account: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: String,
    /// The name of their facility.
    pub facility: String,
    /// The patient's id.
    pub patient: String,
    /// Why, in their words.
    pub reason: String,
    /// For which purpose, as consents name it.
    pub purpose: String,
    /// When.
    pub at: Timestamp,
    /// Type and id of the resource that the Consent names.
    actor: (String, String),
    /// The patient's row, for audit entries.
    row: i64,
    /// The code that the patient was shown, and for how many days it lets in.
    shown: Option<(Sent, u16)>,
}

impl std::fmt::Debug for AccessRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// What is to be committed before a request counts as allowed.
pub struct LetIn {
    /// The patient's act.
    pub act: Act,
    /// The Consent's id: the same however often it is tried.
    pub id: String,
    /// The Consent, as JSON.
    pub consent: Vec<u8>,
    kept: Kept<AccessRequest>,
}

impl std::fmt::Debug for LetIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// Ids begin with this, so that what a patient is asked stands together.
pub(crate) fn about(patient: &str) -> String {
    hex(&sha256(&[b"patient", patient.as_bytes()])[..16])
}

impl Kept<AccessRequest> {
    fn write(&self) -> Result<Change, Error> {
        let AccessRequest { account, patient, .. } = &self.value;
        self.put(Kind::AccessRequest, vec![format!("{account}:{patient}")])
    }
}

impl Login {
    /// Asks a patient for access. The patient is told.
    ///
    /// # Errors
    /// [`Error::Refused`] for a role that does not treat, [`Error::Invalid`] for a reason or a patient that will not do, or where
    /// that was asked already, [`Error::Unsupported`] where the record does not know who asks, [`Error::Throttled`].
    pub fn request_access(&self, who: &Who, patient: &str, reason: &str, visit: &Visit) -> Result<(), Error> {
        let act = self.act_of(who, visit)?;
        if !treats(&act, who) {
            self.refuse_act(&act, "access asked for")?;
            return Err(Error::Refused);
        }
        let reason = checked_text("reason", reason, (3, 500), "say why, in 3 to 500 characters")?;
        let hour = SignedDuration::from_hours(1);
        if let Err(error) = self.count_use(&format!("ask:{}", who.account.id), ASKED, hour, visit.now) {
            self.refuse_act(&act, "access request throttled")?;
            return Err(error);
        }
        let known_as = act.actor.standing.as_ref().and_then(|standing| standing.known_as.first());
        let text = "your account has no Practitioner that a patient could name; ask an administrator";
        let actor = known_as.cloned().ok_or(Error::Unsupported(text))?;
        let Some(row) = self.row_of(&act, patient)? else {
            self.refuse_act(&act, "access asked for")?;
            let text = "there is no such record; look the patient up again";
            return Err(Error::Invalid { field: "patient", text });
        };
        let facility = match &who.staff {
            Some(staff) => self.facility(&staff.facility, visit.now)?.map(|kept| kept.value.name),
            None => None,
        };
        let value = AccessRequest {
            account: who.account.id.clone(),
            name: who.account.name.clone(),
            role: act.actor.role.clone(),
            facility: facility.unwrap_or_default(),
            patient: patient.to_owned(),
            reason: reason.clone(),
            purpose: act.purpose.code().to_owned(),
            at: visit.now,
            actor,
            row,
            shown: None,
        };
        let handle = format!("{}:{patient}", who.account.id);
        let before: Option<Kept<AccessRequest>> = self.find(Kind::AccessRequest, &handle, Timestamp::MIN)?;
        let ends = visit.now.saturating_add(LIFE).ok();
        let kept = match before {
            Some(ended) if ended.expires.is_some_and(|end| end <= visit.now) => {
                Kept { value, expires: ends, ..ended }
            }
            Some(_) => return Err(asked_already()),
            None => Kept::new([about(patient).into_bytes(), random::<8>()?.to_vec()].concat(), ends, value),
        };
        let entry = Entry {
            reason: Some(reason),
            patients: vec![row],
            ..Entry::new(&act, "access asked for", "Patient", Outcome::Done)
        };
        let told = self.account_of_chart(patient, visit.now)?;
        let mut changes = vec![kept.write()?];
        if let Some(told) = &told {
            let text = format!("{} asks for access to your record", kept.value.name);
            changes.push(Notice { at: visit.now, text }.write(&told.value.id)?);
        }
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken | StoreError::Stale) => return Err(asked_already()),
            outcome => outcome?,
        }
        // The notice stands; the message is only the quicker way to it.
        if let (Some(courier), Some(to)) = (&self.courier, told.as_ref().and_then(|t| t.value.contact())) {
            let _ = courier.send(&Message::asked_for_access(to.clone()));
        }
        Ok(())
    }

    /// What this patient is asked, each with the name that it is answered by; the newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn access_requests(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, AccessRequest)>, Error> {
        let Some(patient) = own_chart(who) else { return Ok(Vec::new()) };
        let kept: Vec<Kept<AccessRequest>> =
            self.of_account(Kind::AccessRequest, &about(patient), visit.now)?;
        let mut found: Vec<_> = kept.into_iter().map(|kept| (hex(&kept.id), kept.value)).collect();
        found.sort_by_key(|(_, request)| std::cmp::Reverse(request.at));
        Ok(found)
    }

    /// What this person asked and nobody has answered yet, each with the name by which a code is given for it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn asked(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, AccessRequest)>, Error> {
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::AccessRequest, &after, 100, visit.now)?;
            for item in items {
                let kept: Kept<AccessRequest> = read(item)?;
                if who.realm == Realm::Clinic && kept.value.account == who.account.id {
                    found.push((hex(&kept.id), kept.value));
                }
            }
            let Some(next) = next else { return Ok(found) };
            after = next;
        }
    }

    /// The patient allows a request for so many days: what the door commits, and then says by [`Login::let_in`].
    ///
    /// # Errors
    /// [`Error::Ended`] where this patient is asked no such thing (any more), [`Error::Invalid`] for the days.
    pub fn allow(&self, who: &Who, id: &str, days: &str, visit: &Visit) -> Result<LetIn, Error> {
        let kept = self.asked_of(who, id, visit)?;
        let act = patient_act(&who.account, visit);
        Ok(consented(kept, act, checked_days(days)?))
    }

    /// The patient denies a request.
    ///
    /// # Errors
    /// As [`Login::allow`].
    pub fn deny(&self, who: &Who, id: &str, visit: &Visit) -> Result<(), Error> {
        let kept = self.asked_of(who, id, visit)?;
        self.close(&kept, &patient_act(&who.account, visit), "access denied")
    }

    /// The Consent is in the record: the request is answered.
    ///
    /// # Errors
    /// Where the store fails. A request that somebody else closed meanwhile is no error.
    pub fn let_in(&self, done: &LetIn) -> Result<(), Error> {
        match self.close(&done.kept, &done.act, "access allowed") {
            Ok(()) | Err(Error::Ended) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A code for whoever asked and is with the patient now: good for ten minutes, once, for this request alone. It lets in for so
    /// many days.
    ///
    /// # Errors
    /// As [`Login::allow`].
    pub fn show_code(&self, who: &Who, id: &str, days: &str, visit: &Visit) -> Result<String, Error> {
        let mut kept = self.asked_of(who, id, visit)?;
        let code = sent::make(random()?);
        kept.value.shown = Some((Sent::new(id, &code, visit.now), checked_days(days)?));
        let act = patient_act(&who.account, visit);
        let entry = entry(&kept.value, &act, "access code shown");
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        Ok(code)
    }

    /// Whoever asked gives the code that the patient was shown: what the door commits as the patient's act.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong or used code, which is signed; [`Error::Ended`] where this person asked no such thing.
    pub fn redeem(&self, who: &Who, id: &str, code: &str, visit: &Visit) -> Result<LetIn, Error> {
        let found = unhex(id).map(|id| self.get(Kind::AccessRequest, &id, visit.now)).transpose()?.flatten();
        let mine =
            |kept: &Kept<AccessRequest>| who.realm == Realm::Clinic && kept.value.account == who.account.id;
        let mut kept: Kept<AccessRequest> = found.filter(mine).ok_or(Error::Ended)?;
        let act = self.act_of(who, visit)?;
        let patient = self.account_of_chart(&kept.value.patient, visit.now)?.ok_or(Error::Ended)?;
        let right = match &mut kept.value.shown {
            Some((sent, days)) => sent.take(id, code, visit.now).then_some(*days),
            None => None,
        };
        let mut entry = entry(&kept.value, &act, "access code given");
        if right.is_none() {
            entry.outcome = Outcome::Refused;
        }
        match self.store.change_items(vec![kept.write()?], Some(entry)) {
            Err(StoreError::Stale) => return Err(Error::Denied),
            outcome => outcome?,
        }
        kept.version += 1;
        let days = right.ok_or(Error::Denied)?;
        Ok(consented(kept, patient_act(&patient.value, visit), days))
    }

    fn asked_of(&self, who: &Who, id: &str, visit: &Visit) -> Result<Kept<AccessRequest>, Error> {
        let patient = own_chart(who).ok_or(Error::Ended)?;
        let found = unhex(id).map(|id| self.get(Kind::AccessRequest, &id, visit.now)).transpose()?.flatten();
        found.filter(|kept: &Kept<AccessRequest>| kept.value.patient == patient).ok_or(Error::Ended)
    }

    fn close(&self, kept: &Kept<AccessRequest>, act: &Act, operation: &str) -> Result<(), Error> {
        let entry = entry(&kept.value, act, operation);
        match self.store.change_items(vec![kept.remove(Kind::AccessRequest)], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }
}

/// The chart of a patient who is signed in as one.
pub(crate) fn own_chart(who: &Who) -> Option<&str> {
    let patient = who.account.patient.as_ref().filter(|_| who.realm == Realm::Patient)?;
    patient.patient.as_deref()
}

fn asked_already() -> Error {
    Error::Invalid {
        field: "patient",
        text: "you have asked for this already; the patient has not answered yet",
    }
}

fn checked_days(days: &str) -> Result<u16, Error> {
    let text = "enter a number of days, from 1 to 366";
    let days = days.trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    days.ok_or(Error::Invalid { field: "days", text })
}

fn entry(request: &AccessRequest, act: &Act, operation: &str) -> Entry {
    Entry { patients: vec![request.row], ..Entry::new(act, operation, "Patient", Outcome::Done) }
}

/// The act of a patient in their own record.
fn patient_act(account: &Account, visit: &Visit) -> Act {
    let role = access::role::built_in("patient");
    let actor = Actor {
        id: account.id.clone(),
        name: account.name.clone(),
        role: "patient".to_owned(),
        scopes: role.as_ref().map(|role| role.scopes.clone()).unwrap_or_default(),
        patient: account.patient.as_ref().and_then(|patient| patient.patient.clone()),
        standing: role.as_ref().map(|role| role.standing(&[], &[])),
    };
    let purpose = Realm::Patient.purpose();
    Act { actor, purpose, request: visit.request.clone(), at: visit.now, looks: false }
}

/// The Consent that lets whoever asked in, for so many days.
fn consented(kept: Kept<AccessRequest>, act: Act, days: u16) -> LetIn {
    let AccessRequest { patient, purpose, actor: (kind, id), .. } = &kept.value;
    let until = act.at.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(act.at);
    let consent_id = format!("access-{}", hex(&sha256(&[b"consent", &kept.id])[..16]));
    let code =
        |system: &str, code: &str| serde_json::json!({ "coding": [{ "system": system, "code": code }] });
    let consent = serde_json::json!({
        "resourceType": "Consent",
        "id": consent_id,
        "status": "active",
        "scope": code("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [code("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA")],
        "patient": { "reference": format!("Patient/{patient}") },
        "dateTime": act.at.to_string(),
        "policyRule": code("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN"),
        "provision": {
            "type": "permit",
            "period": { "start": act.at.to_string(), "end": until.to_string() },
            "actor": [{
                "role": code("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                "reference": { "reference": format!("{kind}/{id}") }
            }],
            "purpose": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose }]
        }
    });
    LetIn { id: consent_id, consent: consent.to_string().into_bytes(), act, kept }
}
