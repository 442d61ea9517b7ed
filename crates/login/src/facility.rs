//! Places of care, whose people sign in under an id that an administrator issues.

use crate::{
    Login,
    error::Error,
    identifier::health_id,
    kept::{Kept, read},
    random,
    realm::Realm,
    roster::By,
    session::{FRESH, Who},
    visit::Visit,
};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
};
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

/// The Organization that stands for a facility in the record: to be stored, and then to be told to [`Login::entered`].
pub struct Entering {
    facility: String,
    /// Its id.
    pub id: String,
    /// The resource, as JSON.
    pub body: Vec<u8>,
    /// Who does it.
    pub act: Act,
}

/// The house writes down its own facilities, in the administrator's name, and may do nothing else by it.
fn entering(facility: &Facility, (who, name): (&str, &str), visit: &Visit) -> Option<Entering> {
    if facility.organization.is_some() {
        return None;
    }
    let id = format!("facility-{}", facility.id);
    let body = serde_json::json!({
        "resourceType": "Organization", "id": id, "active": true, "name": facility.name,
        "identifier": [{"use": "official", "type": {"text": "Keepwell facility ID"}, "value": facility.text()}],
    });
    let actor = Actor {
        id: who.to_owned(),
        name: name.to_owned(),
        role: "administrator".to_owned(),
        scopes: "system/Organization.cru".parse().into_iter().collect(),
        patient: None,
        standing: None,
    };
    let act = Act {
        actor,
        purpose: Realm::Admin.purpose(),
        request: visit.request.clone(),
        at: visit.now,
        looks: false,
    };
    Some(Entering { facility: facility.id.clone(), id, body: body.to_string().into_bytes(), act })
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
    /// [`Error::Refused`] unless an administrator or whoever is at the command line asks, [`Error::StepUp`] unless they have just proven who
    /// they are.
    pub fn found(&self, by: By<'_>, name: &str, visit: &Visit) -> Result<Facility, Error> {
        by.runs_now(self, visit)?;
        let (facility, change) = founded(name)?;
        let entry = by.entry("facility founded", visit);
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

    /// How a facility that has no Organization yet enters the record; `None` where it has one.
    ///
    /// # Errors
    /// As [`Login::set_open`].
    pub fn entering(&self, by: By<'_>, id: &str, visit: &Visit) -> Result<Option<Entering>, Error> {
        by.runs_now(self, visit)?;
        let facility = self.facility(id, visit.now)?.ok_or(Error::Ended)?.value;
        let (who, name) = match by {
            By::Administrator(who) => (&who.account.id, &who.account.name),
            By::Operator(act) => (&act.actor.id, &act.actor.name),
        };
        Ok(entering(&facility, (who, name), visit))
    }

    /// As [`Login::entering`], for the facility that the set-up by that administrator has just founded.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn first_entering(&self, email: &str, visit: &Visit) -> Result<Option<Entering>, Error> {
        let account = self.account_of(email, visit.now)?;
        let facility = self.facilities(visit.now)?.into_iter().next();
        Ok(account.zip(facility).and_then(|(account, facility)| {
            let by = &account.value;
            entering(&facility, (&by.id, &by.name), visit)
        }))
    }

    /// Remembers that a facility stands in the record now.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is no such facility.
    pub fn entered(&self, entering: &Entering, visit: &Visit) -> Result<(), Error> {
        let mut kept = self.facility(&entering.facility, visit.now)?.ok_or(Error::Ended)?;
        kept.value.organization = Some(entering.id.clone());
        let shape = format!("facility {}", entering.facility);
        let entry = Entry::new(&entering.act, "facility's organization set", shape, Outcome::Done);
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
