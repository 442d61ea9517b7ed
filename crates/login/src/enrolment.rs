//! Setting up an authenticator app, and the recovery codes that come with it.

use crate::{
    Login,
    account::Account,
    attempt::{Attempt, Signed, Stage, TRIES},
    error::Error,
    factor::recovery,
    kept::Kept,
    notice::Notice,
    random,
    realm::Realm,
    session::{FRESH, Who},
    sign_in::fresh_totp,
    throttle::Counters,
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};
use vault::token::Token;

/// What an app needs to know.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret, to be typed.
    pub secret: String,
    /// The address, to be shown as a QR code.
    pub uri: String,
    /// In which realm the person goes on.
    pub realm: Realm,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// The app is set up.
pub struct Enrolled {
    /// The session.
    pub signed: Signed,
    /// The recovery codes, shown this once.
    pub recovery: Vec<String>,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Login {
    /// An attempt in which an app is set up, for somebody who has proven what they could.
    pub(crate) fn start_enrolment(
        &self,
        account: &Account,
        realm: Realm,
        facility: Option<String>,
        visit: &Visit,
    ) -> Result<Token, Error> {
        let stage = Stage::Enrol { account: account.id.clone(), totp: fresh_totp()? };
        let (attempt, token) = self.attempt(Attempt::new(realm, facility, stage).of(account), visit.now)?;
        let entry = visit.entry(realm, Some(account), "second factor begun", Outcome::Done);
        self.store.change_items(vec![attempt.write()?], Some(entry))?;
        Ok(token)
    }

    /// What to show to somebody who sets up an app.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over, or of another kind.
    pub fn enrolment(&self, attempt: &str, visit: &Visit) -> Result<Enrolment, Error> {
        let kept = self.attempted(attempt, visit)?;
        let Stage::Enrol { account, totp } = &kept.value.stage else { return Err(Error::Ended) };
        let account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let name = account.value.contact().map_or(account.value.name.clone(), |contact| contact.text());
        Ok(Enrolment { secret: totp.secret_text(), uri: totp.uri(&name), realm: kept.value.realm })
    }

    /// Takes the first code of the app: from now on it is the second factor, and the person is signed in.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong code, [`Error::Ended`] where the attempt is over.
    pub fn enrol(&self, attempt: &str, code: &str, visit: &Visit) -> Result<Enrolled, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let realm = kept.value.realm;
        let mut account = match kept.value.account() {
            Some(id) => self.account(id, visit.now)?.filter(|account| kept.value.fits(&account.value)),
            None => None,
        }
        .ok_or(Error::Ended)?;
        let Stage::Enrol { totp, .. } = &mut kept.value.stage else { return Err(Error::Ended) };
        if !totp.take(code, visit.now) {
            kept.value.tries += 1;
            let spent = kept.value.tries >= TRIES;
            let change = if spent { kept.remove(Kind::Attempt) } else { kept.write()? };
            let entry = visit.entry(realm, Some(&account.value), "second factor set", Outcome::Refused);
            self.store.change_items(vec![change], Some(entry))?;
            return Err(if spent { Error::Ended } else { Error::Denied });
        }
        account.value.totp = Some(totp.clone());
        self.enrolled(account, &kept, "second factor set", visit)
    }

    /// The account has its second factor now: recovery codes, a session, and the end of the attempt.
    pub(crate) fn enrolled(
        &self,
        mut account: Kept<Account>,
        attempt: &Kept<Attempt>,
        operation: &str,
        visit: &Visit,
    ) -> Result<Enrolled, Error> {
        let realm = attempt.value.realm;
        let codes = recovery::make(&random()?);
        let id = account.value.id.clone();
        account.value.recovery = codes.iter().map(|code| recovery::hash(&id, code)).collect();
        // Whoever was in with less than this is out.
        account.value.generation += 1;
        let facility = attempt.value.facility.clone();
        let opening = self.open_session(&mut account.value, realm, facility, Some(visit.now), visit)?;
        let mut changes = opening.changes;
        let text = "A second factor was set up".to_owned();
        changes.push(Notice { at: visit.now, text }.write(&id)?);
        changes.extend([account.write()?, attempt.remove(Kind::Attempt)]);
        let entry = visit.entry(realm, Some(&account.value), operation, Outcome::Done);
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        self.forgive(&Counters::of(&id, visit), 1, visit.now)?;
        Ok(Enrolled { signed: opening.signed, recovery: codes })
    }

    /// Begins to set up another app, for somebody who has just proven the second factor or a recovery code, or who has none and
    /// has just signed in.
    ///
    /// # Errors
    /// [`Error::StepUp`] where the proof was too long ago, [`Error::Unsupported`] where the sign-in was.
    pub fn replace_app(&self, who: &Who, visit: &Visit) -> Result<Token, Error> {
        may_change_factors(who, visit)?;
        let facility = who.staff.as_ref().map(|staff| staff.facility.clone());
        self.start_enrolment(&who.account, who.realm, facility, visit)
    }
}

/// Whether somebody has just proven what they could.
pub(crate) fn may_change_factors(who: &Who, visit: &Visit) -> Result<(), Error> {
    if who.account.has_second_factor() {
        return who.require_step_up(FRESH, visit.now);
    }
    match who.is_new(FRESH, visit.now) {
        true => Ok(()),
        false => Err(Error::Unsupported(
            "sign out and sign in again; then you can set up a second factor for ten minutes",
        )),
    }
}
