//! What is still to do between a blank server and the first patient: read off what there is at each request, so that whoever was
//! interrupted goes on where they stopped. Two things nobody can read off are kept as somebody said them: that there is a copy of the root
//! key, and that the list was put away.

use crate::{
    Login,
    account::{Account, Status},
    error::Error,
    invitation::Invitation,
    kept::{Kept, read},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{audit::Outcome, scope::Permission};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::items::{Item, Kind};

/// There is one such item, beside that of the set-up.
const ID: &[u8] = b"first-steps";

/// How many items are read at once.
const PAGE: usize = 500;

/// Who runs the house.
const ADMINISTRATOR: &str = "administrator";

/// That somebody said so, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Their name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Sayings {
    key: Option<Said>,
    put_away: Option<Said>,
}

/// Somebody whom the house needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// There is nobody, and nobody is invited.
    #[default]
    Empty,
    /// Somebody is invited, and has not come yet.
    Invited,
    /// Somebody is there.
    Filled,
}

impl Place {
    fn at_least(&mut self, place: Place) {
        if *self == Place::Empty || place == Place::Filled {
            *self = place;
        }
    }
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstSteps {
    /// Who says where the house is: its country and its time zone.
    pub home: Option<Said>,
    /// Whether an open facility stands in the record, so that patients can be registered with it.
    pub facility: bool,
    /// Who says that there is a copy of the root key.
    pub key: Option<Said>,
    /// A second administrator.
    pub second: Place,
    /// Somebody whose role registers patients.
    pub desk: Place,
    /// Somebody whose role writes what is found and measured.
    pub clinician: Place,
    /// Whether there was ever a patient.
    pub patient: bool,
    /// Whether the list was put away.
    pub put_away: bool,
}

impl FirstSteps {
    /// Whether everything is there that the house needs to work.
    pub fn are_done(&self) -> bool {
        let people = [self.second, self.desk, self.clinician];
        let people = people.iter().all(|place| *place == Place::Filled);
        self.home.is_some() && self.facility && self.patient && self.key.is_some() && people
    }
}

/// What a role is for, as far as the first steps ask.
#[derive(Clone, Copy, Default)]
struct Use {
    registers: bool,
    treats: bool,
}

/// What roles are for, each asked for once.
struct Uses<'l> {
    login: &'l Login,
    now: Timestamp,
    known: BTreeMap<String, Use>,
}

impl Uses<'_> {
    fn of(&mut self, roles: &[String]) -> Result<Use, Error> {
        let mut all = Use::default();
        for name in roles {
            let used = match self.known.get(name) {
                Some(used) => *used,
                None => self.ask(name)?,
            };
            (all.registers, all.treats) = (all.registers || used.registers, all.treats || used.treats);
        }
        Ok(all)
    }

    fn ask(&mut self, name: &str) -> Result<Use, Error> {
        let role = self.login.role(name, self.now)?.filter(|role| role.realm == Realm::Clinic.of_roles());
        let creates = |kind| {
            let scopes = role.iter().flat_map(|role| &role.scopes);
            scopes.into_iter().any(|scope| scope.covers(kind, Permission::Create))
        };
        let used = Use { registers: creates("Patient"), treats: creates("Observation") };
        self.known.insert(name.to_owned(), used);
        Ok(used)
    }
}

impl Login {
    /// What there is already of what a house needs.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks.
    pub fn first_steps(&self, who: &Who, visit: &Visit) -> Result<FirstSteps, Error> {
        self.is_administrator(who, visit)?;
        self.steps(visit.now)
    }

    /// Whether an administrator is to see the list first: something is still to do, and nobody has put it away.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn has_first_steps(&self, now: Timestamp) -> Result<bool, Error> {
        // A demo needs nothing, and a house whose list was put away reads no account for it.
        if self.is_demo() || self.sayings(now)?.value.put_away.is_some() {
            return Ok(false);
        }
        Ok(!self.steps(now)?.are_done())
    }

    /// Whether visitors walk through it in other people's places.
    pub fn is_demo(&self) -> bool {
        !self.settings.visitors.is_empty()
    }

    /// Remembers that the administrator says there is a copy of the root key, apart from the server.
    ///
    /// # Errors
    /// As [`Login::first_steps`].
    pub fn say_key_is_kept(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        self.say(who, "copy of the root key confirmed", visit, |said, kept| kept.key = Some(said))
    }

    /// Puts the list away, so that it is not what an administrator sees first, or brings it back.
    ///
    /// # Errors
    /// As [`Login::first_steps`].
    pub fn put_first_steps_away(&self, who: &Who, away: bool, visit: &Visit) -> Result<(), Error> {
        let operation = if away { "first steps put away" } else { "first steps brought back" };
        self.say(who, operation, visit, |said, kept| kept.put_away = away.then_some(said))
    }

    fn say(
        &self,
        who: &Who,
        operation: &str,
        visit: &Visit,
        change: impl FnOnce(Said, &mut Sayings),
    ) -> Result<(), Error> {
        self.is_administrator(who, visit)?;
        let mut kept = self.sayings(visit.now)?;
        change(Said { by: who.account.name.clone(), at: visit.now }, &mut kept.value);
        let entry = visit.entry(Realm::Admin, Some(&who.account), operation, Outcome::Done);
        Ok(self.store.change_items(vec![kept.put(Kind::Setup, Vec::new())?], Some(entry))?)
    }

    fn sayings(&self, now: Timestamp) -> Result<Kept<Sayings>, Error> {
        let kept = self.get(Kind::Setup, ID, now)?;
        Ok(kept.unwrap_or_else(|| Kept::new(ID.to_vec(), None, Sayings::default())))
    }

    fn steps(&self, now: Timestamp) -> Result<FirstSteps, Error> {
        let said = self.sayings(now)?.value;
        let facilities = self.facilities(now)?;
        let keyring = self.store.keyring();
        let home = self.home(now)?;
        let mut steps = FirstSteps {
            home: home.at.map(|at| Said { by: home.by, at }),
            facility: facilities.iter().any(|one| one.open && one.organization.is_some()),
            key: said.key,
            // Every patient has a key of their own, so whether there is one is known without looking at any.
            patient: keyring.patients() > 0 || keyring.erased() > 0,
            put_away: said.put_away.is_some(),
            ..FirstSteps::default()
        };
        self.count_people(&mut steps, now)?;
        Ok(steps)
    }

    /// Who is there, and who is invited. Accounts are read until nobody is missing any more.
    fn count_people(&self, steps: &mut FirstSteps, now: Timestamp) -> Result<(), Error> {
        let mut uses = Uses { login: self, now, known: BTreeMap::new() };
        let mut administrators = 0;
        self.until(Kind::Account, now, |item| {
            let account = read::<Account>(item)?.value;
            if account.status != Status::Active {
                return Ok(false);
            }
            let administers =
                account.admin.iter().flat_map(|admin| &admin.roles).any(|role| role == ADMINISTRATOR);
            administrators += usize::from(administers);
            if administrators > 1 {
                steps.second = Place::Filled;
            }
            for staff in &account.clinic {
                fill(steps, uses.of(&staff.roles)?, Place::Filled);
            }
            Ok([steps.second, steps.desk, steps.clinician].iter().all(|place| *place == Place::Filled))
        })?;
        self.until(Kind::Invitation, now, |item| {
            let invitation = read::<Invitation>(item)?.value;
            if invitation.staff.roles.iter().any(|role| role == ADMINISTRATOR) {
                steps.second.at_least(Place::Invited);
            }
            fill(steps, uses.of(&invitation.staff.roles)?, Place::Invited);
            Ok(false)
        })
    }

    /// Goes through the items of a kind until `work` has enough.
    fn until(
        &self,
        kind: Kind,
        now: Timestamp,
        mut work: impl FnMut(Item) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut after = Vec::new();
        loop {
            let (items, next) = self.store.items(kind, &after, PAGE, now)?;
            for item in items {
                if work(item)? {
                    return Ok(());
                }
            }
            let Some(next) = next else { return Ok(()) };
            after = next;
        }
    }
}

fn fill(steps: &mut FirstSteps, used: Use, place: Place) {
    if used.registers {
        steps.desk.at_least(place);
    }
    if used.treats {
        steps.clinician.at_least(place);
    }
}
