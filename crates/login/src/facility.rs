//! Places of care, whose people sign in under an id that an administrator issues.

use crate::{
    Login,
    error::Error,
    identifier::health_id,
    kept::{Kept, read},
    random,
    realm::Realm,
    session::{FRESH, Who},
    visit::Visit,
};
use access::audit::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::items::{Change, Kind};

/// A place of care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facility {
    /// Its id: ten digits, the last of them a check digit.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether its people may sign in.
    pub open: bool,
    /// The id of its Organization resource, if there is one.
    pub organization: Option<String>,
}

impl Facility {
    /// The id as people read it.
    pub fn text(&self) -> String {
        health_id::grouped_facility(&self.id)
    }
}

impl Kept<Facility> {
    pub(crate) fn write(&self) -> Result<Change, Error> {
        self.put(Kind::Facility, Vec::new())
    }
}

/// A new facility, to be written.
pub(crate) fn founded(name: &str) -> Result<(Facility, Change), Error> {
    let name = crate::account::checked_name(name).map_err(|_| Error::Invalid {
        field: "facility",
        text: "enter the facility's name in at most 120 characters",
    })?;
    let id = health_id::make_facility(random()?);
    let facility = Facility { id: id.clone(), name, open: true, organization: None };
    let change = Kept::new(id.into_bytes(), None, facility.clone()).write()?;
    Ok((facility, change))
}

impl Login {
    /// Whether a facility's people may sign in.
    pub(crate) fn is_open(&self, id: &str, now: Timestamp) -> bool {
        matches!(self.facility(id, now), Ok(Some(kept)) if kept.value.open)
    }

    pub(crate) fn facility(&self, id: &str, now: Timestamp) -> Result<Option<Kept<Facility>>, Error> {
        self.get(Kind::Facility, id.as_bytes(), now)
    }

    /// All facilities, by their ids.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn facilities(&self, now: Timestamp) -> Result<Vec<Facility>, Error> {
        let (mut all, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Facility, &after, 100, now)?;
            for item in items {
                all.push(read::<Facility>(item)?.value);
            }
            let Some(next) = next else { return Ok(all) };
            after = next;
        }
    }

    /// Issues an id for a new facility.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks, [`Error::StepUp`] unless they have just proven who they are.
    pub fn found(&self, who: &Who, name: &str, visit: &Visit) -> Result<Facility, Error> {
        self.administers(who, visit)?;
        let (facility, change) = founded(name)?;
        let entry = visit.entry(Realm::Admin, Some(&who.account), "facility founded", Outcome::Done);
        self.store.change_items(vec![change], Some(entry))?;
        Ok(facility)
    }

    /// Suspends a facility, whose people are out at their next request, or opens it again.
    ///
    /// # Errors
    /// As [`Login::found`]; [`Error::Ended`] where there is no such facility.
    pub fn set_open(&self, who: &Who, id: &str, open: bool, visit: &Visit) -> Result<(), Error> {
        self.administers(who, visit)?;
        let mut kept = self.facility(id, visit.now)?.ok_or(Error::Ended)?;
        kept.value.open = open;
        let operation = if open { "facility opened" } else { "facility suspended" };
        let entry = visit.entry(Realm::Admin, Some(&who.account), operation, Outcome::Done);
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// Says as which Organization the record knows a facility: its people's care relationships come by it. An empty id: as none.
    ///
    /// # Errors
    /// As [`Login::set_open`]; [`Error::Invalid`] for what can be no id.
    pub fn set_organization(
        &self,
        who: &Who,
        id: &str,
        organization: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        self.administers(who, visit)?;
        let organization = organization.trim();
        let sane = organization.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        if !sane || organization.len() > 64 {
            let text = "enter the id of an Organization: letters, digits, dashes and dots";
            return Err(Error::Invalid { field: "organization", text });
        }
        let mut kept = self.facility(id, visit.now)?.ok_or(Error::Ended)?;
        kept.value.organization = (!organization.is_empty()).then(|| organization.to_owned());
        let mut entry =
            visit.entry(Realm::Admin, Some(&who.account), "facility's organization set", Outcome::Done);
        entry.shape = format!("facility {id}");
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// Whether it is an administrator who has just proven who they are. A refusal is signed.
    pub(crate) fn administers(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        self.is_administrator(who, visit)?;
        who.require_step_up(FRESH, visit.now)
    }

    /// Whether it is an administrator, and not somebody else who helps to run the house. A refusal is signed.
    pub(crate) fn is_administrator(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        let roles = who.account.admin.as_ref().map(|admin| admin.roles.as_slice()).unwrap_or_default();
        if who.realm != Realm::Admin || !roles.iter().any(|role| role == "administrator") {
            self.store.witness(visit.entry(
                who.realm,
                Some(&who.account),
                "administration",
                Outcome::Refused,
            ))?;
            return Err(Error::Refused);
        }
        Ok(())
    }
}
