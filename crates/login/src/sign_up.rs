//! How patients get an account: with a name, and an address that a code was sent to. It is linked to no chart until somebody has
//! matched and verified who they are.
//!
//! Whether the address has an account already is told to the address, and to nobody else.

use crate::{
    Login,
    account::{Account, PatientIdentity, checked_name},
    attempt::{Attempt, Stage, Step, TRIES},
    courier::Message,
    error::Error,
    factor::sent,
    identifier::Identifier,
    kept::Kept,
    password::{ALONE, Password, WITH_SECOND_FACTOR},
    random,
    realm::Realm,
    throttle::Counters,
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};
use vault::token::Token;

/// What somebody typed to sign up.
#[derive(Clone)]
pub struct Newcomer<'a> {
    /// Their name.
    pub name: &'a str,
    /// E-mail address or phone number.
    pub contact: &'a str,
    /// The password that they chose.
    pub password: &'a str,
    /// Whether they want no second factor; then the password must be longer.
    pub single_factor: bool,
}

impl Login {
    /// Begins a sign-up and sends a code to the address.
    ///
    /// # Errors
    /// What is wrong with a field; [`Error::Unsupported`] where nothing can be sent.
    pub fn sign_up(&self, newcomer: &Newcomer<'_>, visit: &Visit) -> Result<Token, Error> {
        if !self.is_set_up(visit.now)? {
            return Err(Error::NotSetUp);
        }
        let Some(courier) = &self.courier else {
            return Err(Error::Unsupported(
                "signing up needs a code that this server cannot send yet; ask at the front desk",
            ));
        };
        let name = checked_name(newcomer.name)?;
        let text = "enter an e-mail address, or a phone number with its country code";
        let contact = Identifier::contact(newcomer.contact, &self.settings.identifiers)
            .ok_or(Error::Invalid { field: "contact", text })?;
        let password = Password::new(newcomer.password);
        let fewest = if newcomer.single_factor { ALONE } else { WITH_SECOND_FACTOR };
        let mut words = vec![name.clone(), newcomer.contact.to_owned()];
        words.extend(self.facilities(visit.now)?.into_iter().map(|facility| facility.name));
        password.check(fewest, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
        self.count_try(&Counters::of(&contact.handle(), visit), visit.now)?;
        let hash = self.hasher.hash(&password, random()?)?;
        let taken = self.find::<Account>(Kind::Account, &contact.handle(), visit.now)?.is_some();
        let single_factor = newcomer.single_factor;
        let stage = Stage::SignUp { name, contact: contact.clone(), password: hash, single_factor };
        let (mut attempt, token) = self.attempt(Attempt::new(Realm::Patient, None, stage), visit.now)?;
        let code = sent::make(random()?);
        // Where there is an account, a code is made all the same, and nobody learns it.
        attempt.value.sent = Some(sent::Sent::new(token.reveal(), &code, visit.now));
        let entry = visit.entry(Realm::Patient, None, "sign-up begun", Outcome::Done);
        self.store.change_items(vec![attempt.write()?], Some(entry))?;
        let message = if taken { Message::there_already(contact) } else { Message::code(contact, &code) };
        courier.send(&message).map_err(|error| Error::Busy(error.to_string()))?;
        Ok(token)
    }

    /// Takes the code that was sent: there is an account now, and what is left is the second factor, or nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong code, [`Error::Ended`] where the attempt is over.
    pub fn confirm(&self, attempt: &str, code: &str, visit: &Visit) -> Result<Step, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::SignUp { name, contact, password, single_factor } = kept.value.stage.clone() else {
            return Err(Error::Ended);
        };
        kept.value.tries += 1;
        if !kept.value.sent.as_mut().is_some_and(|sent| sent.take(attempt, code, visit.now)) {
            let spent = kept.value.tries >= TRIES;
            let change = if spent { kept.remove(Kind::Attempt) } else { kept.write()? };
            let entry = visit.entry(Realm::Patient, None, "sign-up", Outcome::Refused);
            self.store.change_items(vec![change], Some(entry))?;
            return Err(if spent { Error::Ended } else { Error::Denied });
        }
        let counters = Counters::of(&contact.handle(), visit);
        let mut account = Account::new(name, vec![contact], password, visit.now)?;
        account.patient = Some(PatientIdentity::default());
        account.single_factor = single_factor;
        let mut account = Kept::of(account);
        let entry = visit.entry(Realm::Patient, Some(&account.value), "sign-up", Outcome::Done);
        let mut changes = vec![kept.remove(Kind::Attempt)];
        let opening = match single_factor {
            true => Some(self.open_session(&mut account.value, Realm::Patient, None, None, visit)?),
            false => None,
        };
        changes.push(account.write()?);
        let signed = opening.map(|opening| {
            changes.extend(opening.changes);
            opening.signed
        });
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale | StoreError::Taken) => return Err(Error::Ended),
            outcome => outcome?,
        }
        self.forgive(&counters, 1, visit.now)?;
        match signed {
            Some(signed) => Ok(Step::In(signed)),
            None => self.start_enrolment(&account.value, Realm::Patient, None, visit).map(Step::Enrol),
        }
    }
}
