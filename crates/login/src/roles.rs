//! Roles as data: the built-in ones, and those that an administrator writes.
//!
//! A role is asked of the store whenever somebody acts, and nothing is remembered meanwhile: one that was changed or removed
//! counts at the next request, on every node. Each change is an entry of the audit log that says what it changed.

use crate::{
    Login,
    account::Account,
    error::Error,
    kept::{Kept, read},
    random,
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    role::{Role, all_built_in, built_in, check},
};
use jiff::Timestamp;
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How many items are fetched at once.
const PAGE: usize = 100;

/// A role of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The role.
    pub role: Role,
    /// How often an administrator wrote it; `None` for a built-in one, which stays as it is.
    pub version: Option<i64>,
}

/// What keeping a role would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// In the words of the audit log; empty where it is as it was.
    pub words: String,
    /// How many people have the role.
    pub holders: usize,
    /// The role as it is; `None` for a new one.
    pub before: Option<Role>,
}

/// Who changes a role.
#[derive(Clone, Copy)]
pub enum Editor<'a> {
    /// An administrator who is signed in, and has just proven who they are.
    Administrator(&'a Who, &'a Visit),
    /// Whoever runs the installation, and has its root key anyway.
    Installation(&'a Act),
}

impl Editor<'_> {
    fn now(&self) -> Timestamp {
        match self {
            Editor::Administrator(_, visit) => visit.now,
            Editor::Installation(act) => act.at,
        }
    }

    fn entry(&self, operation: &str, shape: String) -> Entry {
        match self {
            Editor::Administrator(who, visit) => {
                let entry = visit.entry(Realm::Admin, Some(&who.account), operation, Outcome::Done);
                Entry { shape, ..entry }
            }
            Editor::Installation(act) => Entry::new(act, operation, shape, Outcome::Done),
        }
    }
}

impl Login {
    /// The role of a name: a built-in one, or an administrator's.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn role(&self, name: &str, now: Timestamp) -> Result<Option<Role>, Error> {
        match built_in(name) {
            Some(role) => Ok(Some(role.clone())),
            None => Ok(self.own_role(name, now)?.map(|kept| kept.value)),
        }
    }

    fn own_role(&self, name: &str, now: Timestamp) -> Result<Option<Kept<Role>>, Error> {
        let kept: Option<Kept<Role>> = self.find(Kind::Role, name, now)?;
        // What an earlier release allowed and this one does not is no role any more.
        Ok(kept.filter(|kept| check::check(&kept.value).is_ok()))
    }

    /// All roles: the built-in ones first, then the administrators' own by their names.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn roles(&self, now: Timestamp) -> Result<Vec<Listed>, Error> {
        let (mut own, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Role, &after, PAGE, now)?;
            for item in items {
                let kept: Kept<Role> = read(item)?;
                own.push(Listed { version: Some(kept.version), role: kept.value });
            }
            let Some(next) = next else { break };
            after = next;
        }
        own.sort_by(|one, other| one.role.name.cmp(&other.role.name));
        let built_in = all_built_in().iter().map(|role| Listed { role: role.clone(), version: None });
        Ok(built_in.chain(own).collect())
    }

    /// What keeping a role would change, before it is kept.
    ///
    /// # Errors
    /// [`Error::Role`] where it cannot be kept.
    pub fn changes_of_role(&self, role: &Role, now: Timestamp) -> Result<Changes, Error> {
        check::check(role)?;
        let before = self.find::<Role>(Kind::Role, &role.name, now)?.map(|kept| kept.value);
        let words = check::changes(before.as_ref(), role);
        Ok(Changes { words, holders: self.holders(&role.name, now)?, before })
    }

    /// How many people have a role. It looks at every account, so it is for pages and commands that an administrator asks for.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn holders(&self, name: &str, now: Timestamp) -> Result<usize, Error> {
        let (mut holders, mut after) = (0, Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Account, &after, PAGE, now)?;
            for item in items {
                let account = read::<Account>(item)?.value;
                let of_staff = account.clinic.iter().flat_map(|staff| &staff.roles);
                let mut all = of_staff.chain(account.admin.iter().flat_map(|admin| &admin.roles));
                holders += usize::from(all.any(|role| role == name));
            }
            let Some(next) = next else { return Ok(holders) };
            after = next;
        }
    }

    /// Keeps a role, in place of the administrators' own of the same name. What it changes, in words; nothing where it is as it was.
    ///
    /// # Errors
    /// [`Error::Role`] where it cannot be kept, and for the name of a built-in one; [`Error::Refused`] and [`Error::StepUp`] as for
    /// everything that administrators do.
    pub fn keep_role(&self, editor: Editor<'_>, role: &Role) -> Result<String, Error> {
        self.may_edit(editor)?;
        check::check(role)?;
        let before = self.find::<Role>(Kind::Role, &role.name, editor.now())?;
        let changed = check::changes(before.as_ref().map(|kept| &kept.value), role);
        if changed.is_empty() {
            return Ok(changed);
        }
        let operation = if before.is_some() { "role changed" } else { "role added" };
        let kept = match before {
            Some(kept) => Kept { value: role.clone(), ..kept },
            None => Kept::new(random::<16>()?.to_vec(), None, role.clone()),
        };
        let change = kept.put(Kind::Role, vec![role.name.clone()])?;
        self.edit(change, editor.entry(operation, format!("role {}: {changed}", role.name)))?;
        Ok(changed)
    }

    /// Removes an administrator's role: whoever has it may do nothing in it from the next request on.
    ///
    /// # Errors
    /// [`Error::Role`] for a built-in one, [`Error::Ended`] where there is none of that name; else as [`Login::keep_role`].
    pub fn remove_role(&self, editor: Editor<'_>, name: &str) -> Result<(), Error> {
        self.may_edit(editor)?;
        if built_in(name).is_some() {
            return Err(check::Fault::Taken(name.to_owned()).into());
        }
        let kept = self.find::<Role>(Kind::Role, name, editor.now())?.ok_or(Error::Ended)?;
        self.edit(kept.remove(Kind::Role), editor.entry("role removed", format!("role {name}")))
    }

    /// Lets an administrator look at what roles there are and who has them; nobody else of those who run the house.
    ///
    /// # Errors
    /// [`Error::Refused`], which is signed.
    pub fn may_see_roles(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        self.is_administrator(who, visit)
    }

    /// The names of the roles that administrators made for staff, programs and themselves: whoever has one is no patient.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn roles_of_staff(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        let own = self.roles(now)?.into_iter().filter(|listed| listed.version.is_some());
        let of_staff = own.filter(|listed| listed.role.realm != access::role::Realm::Patient);
        Ok(of_staff.map(|listed| listed.role.name).collect())
    }

    fn may_edit(&self, editor: Editor<'_>) -> Result<(), Error> {
        match editor {
            Editor::Administrator(who, visit) => self.administers(who, visit),
            Editor::Installation(_) => Ok(()),
        }
    }

    fn edit(&self, change: Change, entry: Entry) -> Result<(), Error> {
        match self.store.change_items(vec![change], Some(entry)) {
            // Another administrator was faster with a role of that name.
            Err(StoreError::Taken) => Err(StoreError::Stale.into()),
            outcome => Ok(outcome?),
        }
    }
}
