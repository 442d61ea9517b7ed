//! Visitors of a demo: synthetic people in whose place somebody may walk through the house by one click.
//!
//! They have no password and no second factor that anybody knows, so nobody else comes in by them; and there are none unless
//! [`Settings::visitors`](crate::settings::Settings::visitors) names them, which only the demo does, on this machine's own address.

use crate::{
    Login,
    account::{Account, AdminIdentity, PatientIdentity, StaffIdentity},
    attempt::Signed,
    error::Error,
    facility::founded,
    identifier::Identifier,
    kept::{Kept, mint},
    password::Password,
    random,
    realm::Realm,
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};

/// Somebody in whose place a visitor walks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The word that names them: `patient`, `physician` …
    pub word: String,
    /// Their name.
    pub name: String,
    /// Where they come in.
    pub realm: Realm,
    /// Their role there.
    pub role: String,
    /// Type `Patient` or `Practitioner`: the id by which the record knows them.
    pub known_as: Option<String>,
    /// Id and name of the Organization that staff work for.
    pub organization: Option<(String, String)>,
}

impl Login {
    /// Opens a session in the place of a visitor.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is none of that name, as everywhere but in a demo.
    pub fn walk_as(&self, word: &str, visit: &Visit) -> Result<Signed, Error> {
        let visitor = self.settings.visitors.iter().find(|visitor| visitor.word == word);
        let visitor = visitor.ok_or(Error::Ended)?;
        let mut kept = self.visitors_account(visitor, visit)?;
        let facility = kept.value.clinic.first().map(|staff| staff.facility.clone());
        let opening = self.open_session(&mut kept.value, visitor.realm, facility, Some(visit.now), visit)?;
        let mut changes = opening.changes;
        changes.push(kept.write()?);
        let entry = visit.entry(visitor.realm, Some(&kept.value), "demo visit", Outcome::Done);
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale | StoreError::Taken) => Err(Error::Ended),
            outcome => outcome.map(|()| opening.signed).map_err(Error::from),
        }
    }

    /// The visitor's account, which the first visit makes.
    fn visitors_account(&self, visitor: &Visitor, visit: &Visit) -> Result<Kept<Account>, Error> {
        let email = Identifier::Email(format!("{}@visitor.example", visitor.word));
        if let Some(kept) = self.find(Kind::Account, &email.handle(), visit.now)? {
            return Ok(kept);
        }
        let nobody_knows = Password::new(mint()?.reveal());
        let hash = self.hasher.hash(&nobody_knows, random()?)?;
        let mut account = Account::new(visitor.name.clone(), vec![email], hash, visit.now)?;
        match visitor.realm {
            Realm::Patient => {
                account.patient = Some(PatientIdentity { patient: visitor.known_as.clone() });
            }
            Realm::Admin => account.admin = Some(AdminIdentity { roles: vec![visitor.role.clone()] }),
            Realm::Clinic => account.clinic.push(StaffIdentity {
                facility: self.facility_of(visitor, visit)?,
                practitioner: visitor.known_as.clone(),
                roles: vec![visitor.role.clone()],
            }),
        }
        Ok(Kept::of(account))
    }

    /// The id of the facility that stands for the visitor's organization.
    fn facility_of(&self, visitor: &Visitor, visit: &Visit) -> Result<String, Error> {
        let (id, name) = visitor.organization.clone().unwrap_or_default();
        let all = self.facilities(visit.now)?;
        if let Some(found) = all.into_iter().find(|found| found.organization.as_deref() == Some(&id)) {
            return Ok(found.id);
        }
        let (facility, change) = founded(&name)?;
        let entry = visit.entry(Realm::Admin, None, "facility founded", Outcome::Done);
        self.store.change_items(vec![change], Some(entry))?;
        let mut kept = self.facility(&facility.id, visit.now)?.ok_or(Error::Ended)?;
        kept.value.organization = Some(id);
        let entry = visit.entry(Realm::Admin, None, "facility's organization set", Outcome::Done);
        self.store.change_items(vec![kept.write()?], Some(entry))?;
        Ok(facility.id)
    }
}
