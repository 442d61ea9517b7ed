//! What people change about their own account.

use crate::{
    Login,
    account::{National, checked_name},
    error::Error,
    identifier::{Identifier, health_id, national::Aadhaar},
    kept::{Kept, hex},
    notice::Notice,
    password::{ALONE, Password, WITH_SECOND_FACTOR},
    random,
    session::Who,
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};

impl Login {
    /// Changes the name by which the person is shown.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it cannot be taken.
    pub fn rename(&self, who: &Who, name: &str, visit: &Visit) -> Result<(), Error> {
        let mut kept = who.kept.clone();
        kept.value.name = checked_name(name)?;
        let entry = visit.entry(who.realm, Some(&who.account), "name changed", Outcome::Done);
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// Changes the password; every other session is over, and this one goes on under a new token.
    ///
    /// # Errors
    /// [`Error::Denied`] where the old one is wrong, [`Error::Password`] where the new one cannot be chosen.
    pub fn change_password(
        &self,
        who: &Who,
        old: &str,
        new: &str,
        visit: &Visit,
    ) -> Result<crate::attempt::Signed, Error> {
        let counters = crate::throttle::Counters::of(&who.account.id, visit);
        self.count_try(&counters, visit.now)?;
        if !self.hasher.verify(&Password::new(old), Some(&who.account.password))? {
            let entry = visit.entry(who.realm, Some(&who.account), "password changed", Outcome::Refused);
            self.store.witness(entry)?;
            return Err(Error::Denied);
        }
        let new = Password::new(new);
        let fewest = if who.account.has_second_factor() { WITH_SECOND_FACTOR } else { ALONE };
        let words = who.account.words();
        new.check(fewest, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
        let mut kept = who.kept.clone();
        kept.value.password = self.hasher.hash(&new, random()?)?;
        kept.value.generation += 1;
        let facility = who.staff.as_ref().map(|staff| staff.facility.clone());
        let opening = self.open_session(&mut kept.value, who.realm, facility, who.proven, visit)?;
        let mut changes = opening.changes;
        let text = "The password was changed".to_owned();
        changes.extend([kept.write()?, Notice { at: visit.now, text }.write(&who.account.id)?]);
        let entry = visit.entry(who.realm, Some(&who.account), "password changed", Outcome::Done);
        self.store.change_items(changes, Some(entry))?;
        self.forgive(&counters, 1, visit.now)?;
        Ok(opening.signed)
    }

    /// Adds an Aadhaar number, by which the person may sign in from now on. It is kept apart under a random reference.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the facility has not turned it on; [`Error::Invalid`] where it is none.
    pub fn add_aadhaar(&self, who: &Who, typed: &str, visit: &Visit) -> Result<(), Error> {
        if !self.settings.identifiers.aadhaar {
            return Err(Error::Unsupported("this facility does not use Aadhaar numbers"));
        }
        let text = "this is no Aadhaar number; check its twelve digits";
        let number = Aadhaar::parse(typed).ok_or(Error::Invalid { field: "aadhaar", text })?;
        if who.account.national.is_some() {
            return Err(Error::Invalid { field: "aadhaar", text: "there is a number already" });
        }
        let reference = random::<16>()?.to_vec();
        let mut kept = who.kept.clone();
        kept.value.national = Some((hex(&reference), number.masked()));
        let value = National { digits: number.digits().to_owned(), account: who.account.id.clone() };
        let apart = Kept::new(reference, None, value);
        let changes = vec![apart.put(Kind::NationalId, vec![number.handle().to_string()])?, kept.write()?];
        let entry = visit.entry(who.realm, Some(&who.account), "national id added", Outcome::Done);
        match self.store.change_items(changes, Some(entry)) {
            // Whose it is, is nobody's business.
            Err(StoreError::Taken) => Err(Error::Invalid {
                field: "aadhaar",
                text: "this number cannot be added; ask at the front desk",
            }),
            outcome => Ok(outcome?),
        }
    }

    /// Gives the person a health id, by which they may sign in from now on; the one that they have, if any.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn health_id(&self, who: &Who, visit: &Visit) -> Result<String, Error> {
        let has = who.account.identifiers.iter().find(|id| matches!(id, Identifier::HealthId(_)));
        if let Some(has) = has {
            return Ok(has.text());
        }
        loop {
            let identifier = Identifier::HealthId(health_id::make(random()?));
            if self.is_moved(&identifier, visit.now)? {
                continue;
            }
            let mut kept = who.kept.clone();
            kept.value.identifiers.push(identifier.clone());
            let entry = visit.entry(who.realm, Some(&who.account), "health id issued", Outcome::Done);
            match self.store.change_items(vec![kept.write()?], Some(entry)) {
                Err(StoreError::Taken) => {}
                outcome => return outcome.map(|()| identifier.text()).map_err(Error::from),
            }
        }
    }
}
