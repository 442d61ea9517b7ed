//! The steps of a sign-in.
//!
//! Whoever is not signed in learns nothing about who has an account: an unknown identifier, a wrong password, a suspended
//! account and a person who is nobody in this realm all cost one password hash and one entry of the log, and say the same.

use crate::{
    Login,
    account::{Account, Status},
    attempt::{Attempt, Signed, Stage, Step, TRIES},
    courier::Message,
    error::Error,
    factor::{Proof, recovery, same, sent, totp},
    identifier::{Reading, health_id, readings},
    kept::Kept,
    password::Password,
    random,
    realm::Realm,
    session::Who,
    throttle::Counters,
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};

/// What somebody typed.
#[derive(Clone)]
pub struct Credentials<'a> {
    /// E-mail, phone, record number, health id or national id.
    pub identifier: &'a str,
    /// The password.
    pub password: &'a str,
    /// The facility's id, for staff of several; empty for the first one.
    pub facility: &'a str,
}

impl Login {
    /// The first step: identifier and password.
    ///
    /// # Errors
    /// [`Error::Denied`] whatever did not match; [`Error::Throttled`]; [`Error::NotSetUp`] before anybody is an administrator.
    pub fn begin(&self, realm: Realm, typed: &Credentials<'_>, visit: &Visit) -> Result<Step, Error> {
        if !self.is_set_up(visit.now)? {
            return Err(Error::NotSetUp);
        }
        let found = self.account_of(typed.identifier, visit.now)?;
        let known = match &found {
            Some(found) => found.value.id.clone(),
            None => self.normal(typed.identifier),
        };
        let counters = Counters::of(&known, visit);
        self.count_try(&counters, visit.now)?;
        let hash = found.as_ref().map(|found| found.value.password.as_str());
        let right = self.hasher.verify(&Password::new(typed.password), hash)?;
        let facility = found.as_ref().map(|found| self.place(&found.value, realm, typed.facility, visit));
        match (found, facility.flatten()) {
            (Some(found), Some(facility)) if right => {
                self.after_password(found, realm, facility, &counters, visit)
            }
            (found, _) => {
                let account = found.as_ref().map(|found| &found.value);
                self.store.witness(visit.entry(realm, account, "sign-in", Outcome::Refused))?;
                Err(Error::Denied)
            }
        }
    }

    /// What was typed, the same however it is written.
    fn normal(&self, typed: &str) -> String {
        match readings(typed, &self.settings.identifiers).first() {
            Some(Reading::Known(identifier)) => identifier.handle(),
            Some(Reading::Aadhaar(number)) => number.handle().to_string(),
            None => String::new(),
        }
    }

    /// Where a person would be signed in: a facility for staff, nowhere in particular for others; `None` where they may not.
    #[expect(clippy::option_option, reason = "nowhere in particular is not the same as not at all")]
    pub(crate) fn place(
        &self,
        account: &Account,
        realm: Realm,
        facility: &str,
        visit: &Visit,
    ) -> Option<Option<String>> {
        if account.status != Status::Active || !account.is_in(realm) {
            return None;
        }
        if realm != Realm::Clinic {
            return Some(None);
        }
        let typed = health_id::parse_facility(facility);
        if typed.is_none() && !facility.trim().is_empty() {
            return None;
        }
        let mut places = account.clinic.iter().map(|staff| &staff.facility);
        let open =
            |id: &&String| typed.as_ref().is_none_or(|typed| typed == *id) && self.is_open(id, visit.now);
        places.find(open).map(|id| Some(id.clone()))
    }

    fn after_password(
        &self,
        mut found: Kept<Account>,
        realm: Realm,
        facility: Option<String>,
        counters: &Counters,
        visit: &Visit,
    ) -> Result<Step, Error> {
        let account = found.value.id.clone();
        if found.value.has_second_factor() {
            let stage = Stage::SecondFactor { account };
            let (attempt, token) =
                self.attempt(Attempt::new(realm, facility, stage).of(&found.value), visit.now)?;
            let entry = visit.entry(realm, Some(&found.value), "password", Outcome::Done);
            self.store.change_items(vec![attempt.write()?], Some(entry))?;
            return Ok(Step::SecondFactor(token));
        }
        if realm.always_second_factor() || !found.value.single_factor {
            return self.start_enrolment(&found.value, realm, facility, visit).map(Step::Enrol);
        }
        let opening = self.open_session(&mut found.value, realm, facility, None, visit)?;
        let mut changes = opening.changes;
        changes.push(found.write()?);
        let entry = visit.entry(realm, Some(&found.value), "sign-in", Outcome::Done);
        self.store.change_items(changes, Some(entry))?;
        self.forgive(counters, 1, visit.now)?;
        Ok(Step::In(opening.signed))
    }

    /// The second step.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong code, [`Error::Ended`] where the attempt is over, by time or by too many codes.
    pub fn second_factor(&self, attempt: &str, proof: &Proof, visit: &Visit) -> Result<Step, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::SecondFactor { account } = &kept.value.stage else { return Err(Error::Ended) };
        let mut account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let counters = Counters::of(&account.value.id, visit);
        self.count_try(&counters, visit.now)?;
        let (realm, facility) = (kept.value.realm, kept.value.facility.clone());
        if !kept.value.fits(&account.value) || self.place_again(&account.value, &kept.value, visit).is_none()
        {
            return Err(Error::Ended);
        }
        kept.value.tries += 1;
        if !self.proves(&mut account.value, Some((&mut kept.value, attempt)), proof, visit) {
            let entry = visit.entry(realm, Some(&account.value), "second factor", Outcome::Refused);
            let spent = kept.value.tries >= TRIES;
            let change = if spent { kept.remove(Kind::Attempt) } else { kept.write()? };
            self.store.change_items(vec![change], Some(entry))?;
            return Err(if spent { Error::Ended } else { Error::Denied });
        }
        let opening = self.open_session(&mut account.value, realm, facility, Some(visit.now), visit)?;
        let mut changes = opening.changes;
        changes.extend([account.write()?, kept.remove(Kind::Attempt)]);
        let entry = visit.entry(realm, Some(&account.value), operation(proof), Outcome::Done);
        match self.store.change_items(changes, Some(entry)) {
            // Somebody used the same code, or the same attempt, at the same moment: it is used.
            Err(StoreError::Stale) => return Err(Error::Denied),
            outcome => outcome?,
        }
        self.forgive(&counters, 2, visit.now)?;
        Ok(Step::In(opening.signed))
    }

    /// Whether the account may still come in where the attempt began.
    fn place_again(&self, account: &Account, attempt: &Attempt, visit: &Visit) -> Option<()> {
        let facility = attempt.facility.as_deref().map(health_id::grouped_facility).unwrap_or_default();
        self.place(account, attempt.realm, &facility, visit).map(|_| ())
    }

    /// Whether a proof holds; what was used is used up in the account, and in the attempt.
    pub(crate) fn proves(
        &self,
        account: &mut Account,
        attempt: Option<(&mut Attempt, &str)>,
        proof: &Proof,
        visit: &Visit,
    ) -> bool {
        match proof {
            Proof::Passkey(assertion) => {
                let challenge = attempt.and_then(|(attempt, _)| attempt.challenge.take());
                challenge.is_some_and(|c| self.shows_passkey(account, assertion, &c, visit).is_ok())
            }
            Proof::Totp(code) => account.totp.as_mut().is_some_and(|totp| totp.take(code, visit.now)),
            Proof::Recovery(code) => {
                let hash = recovery::hash(&account.id, code);
                let before = account.recovery.len();
                account.recovery.retain(|kept| !same(kept, &hash));
                account.recovery.len() < before
            }
            Proof::Sent(code) => attempt.is_some_and(|(attempt, token)| {
                let allowed = self.may_send(account, attempt.realm);
                let sent = attempt.sent.as_mut().filter(|_| allowed);
                sent.is_some_and(|sent| sent.take(token, code, visit.now))
            }),
        }
    }

    fn may_send(&self, account: &Account, realm: Realm) -> bool {
        self.settings.codes_for_patients
            && self.courier.is_some()
            && realm == Realm::Patient
            && account.clinic.is_empty()
            && account.admin.is_none()
    }

    /// Whether a code can be sent in this attempt, in place of the second factor.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over.
    pub fn offers_sent_code(&self, attempt: &str, visit: &Visit) -> Result<bool, Error> {
        let kept = self.attempted(attempt, visit)?;
        let Some(account) = kept.value.account() else { return Ok(false) };
        let account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        Ok(self.may_send(&account.value, kept.value.realm))
    }

    /// Sends a code to the person whose password was right: once in an attempt.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the facility does not allow it.
    pub fn send_code(&self, attempt: &str, visit: &Visit) -> Result<(), Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::SecondFactor { account } = &kept.value.stage else { return Err(Error::Ended) };
        let account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let (Some(courier), Some(to), true) =
            (&self.courier, account.value.contact(), self.may_send(&account.value, kept.value.realm))
        else {
            return Err(Error::Unsupported(
                "codes are not sent here; use your authenticator app or a recovery code",
            ));
        };
        if kept.value.sent.is_some() {
            return Err(Error::Invalid {
                field: "code",
                text: "a code was sent already; it is good for ten minutes",
            });
        }
        let code = sent::make(random()?);
        kept.value.sent = Some(sent::Sent::new(attempt, &code, visit.now));
        let entry = visit.entry(kept.value.realm, Some(&account.value), "code sent", Outcome::Done);
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        courier.send(&Message::code(to.clone(), &code)).map_err(|error| Error::Busy(error.to_string()))
    }

    /// Proves the second factor again within a session: it goes on under a new token, and the old one is dead.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong code.
    pub fn step_up(&self, who: &Who, proof: &Proof, visit: &Visit) -> Result<Signed, Error> {
        self.step_up_in(who, None, proof, visit)
    }

    /// As [`Login::step_up`], within an attempt, which ends with it.
    pub(crate) fn step_up_in(
        &self,
        who: &Who,
        attempt: Option<(&mut Attempt, &str)>,
        proof: &Proof,
        visit: &Visit,
    ) -> Result<Signed, Error> {
        let counters = Counters::of(&who.account.id, visit);
        self.count_try(&counters, visit.now)?;
        let mut account = who.kept.clone();
        if !self.proves(&mut account.value, attempt, proof, visit) {
            self.store.witness(visit.entry(who.realm, Some(&account.value), "step-up", Outcome::Refused))?;
            return Err(Error::Denied);
        }
        let opening = self.rotated(who, Some(visit.now))?;
        let mut changes = opening.changes;
        changes.push(account.write()?);
        let entry = visit.entry(who.realm, Some(&account.value), "step-up", Outcome::Done);
        self.store.change_items(changes, Some(entry))?;
        self.forgive(&counters, 1, visit.now)?;
        Ok(opening.signed)
    }
}

fn operation(proof: &Proof) -> &'static str {
    match proof {
        Proof::Passkey(_) => "sign-in with passkey",
        Proof::Totp(_) => "sign-in",
        Proof::Recovery(_) => "sign-in by recovery code",
        Proof::Sent(_) => "sign-in by sent code",
    }
}

/// The secret that an authenticator app is set up with.
pub(crate) fn fresh_totp() -> Result<totp::Totp, Error> {
    Ok(totp::Totp::new(random::<{ totp::SECRET }>()?))
}
