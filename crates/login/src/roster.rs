//! Inviting everybody on a list: all of them, or nobody.

use crate::{
    Login,
    error::Error,
    facility::Facility,
    identifier::health_id,
    invitation::Invite,
    realm::Realm,
    session::Who,
    staff_list::{Fault, Row},
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
};
use std::collections::HashSet;
use store::items::Kind;
use vault::token::Token;

/// Who invites.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// An administrator who is signed in.
    Administrator(&'a Who),
    /// Whoever is at the command line.
    Operator(&'a Act),
}

impl By<'_> {
    /// Their name.
    pub(crate) fn name(&self) -> &str {
        match self {
            By::Administrator(who) => &who.account.name,
            By::Operator(act) => &act.actor.name,
        }
    }

    /// What the log says of what they did for the house.
    pub(crate) fn entry(&self, operation: &str, visit: &Visit) -> Entry {
        match self {
            By::Administrator(who) => visit.entry(who.realm, Some(&who.account), operation, Outcome::Done),
            By::Operator(act) => Entry::new(act, operation, "", Outcome::Done),
        }
    }

    /// Whether they run the house: whoever is at the command line has its root key anyway. A refusal is signed.
    pub(crate) fn runs(&self, login: &Login, visit: &Visit) -> Result<(), Error> {
        match self {
            By::Administrator(who) => login.is_administrator(who, visit),
            By::Operator(_) => Ok(()),
        }
    }

    /// As [`By::runs`]; an administrator must have just proven who they are.
    pub(crate) fn runs_now(&self, login: &Login, visit: &Visit) -> Result<(), Error> {
        match self {
            By::Administrator(who) => login.administers(who, visit),
            By::Operator(_) => Ok(()),
        }
    }
}

/// Somebody of the list, and the token for their link.
pub struct Invited {
    /// As the list has them.
    pub row: Row,
    /// For the link.
    pub token: Token,
    /// Whether a second person must confirm it first.
    pub waits: bool,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum Unlisted {
    /// Lines of the list will not do.
    #[error("the list has lines that will not do")]
    Lines(Vec<Fault>),
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl Login {
    /// Invites everybody on the list, in one transaction with one entry of the log.
    ///
    /// # Errors
    /// [`Unlisted`]; then nobody was invited.
    pub fn invite_all(&self, by: By<'_>, rows: Vec<Row>, visit: &Visit) -> Result<Vec<Invited>, Unlisted> {
        let inviter = match by {
            By::Administrator(who) => Some(&who.account),
            By::Operator(_) => None,
        };
        by.runs_now(self, visit)?;
        let facilities = self.facilities(visit.now)?;
        let known = self.practitioners(visit.now)?;
        let (mut all, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for row in rows {
            let invite = Invite {
                facility: facility(&facilities, &row.facility).unwrap_or_default(),
                name: &row.name,
                email: &row.contact,
                roles: vec![row.role.clone()],
                practitioner: Some(row.practitioner.clone()).filter(|id| !id.is_empty()),
            };
            match self.prepared(&invite, inviter, &known, visit) {
                Ok(prepared) if prepared.kept.value.realm != Realm::Clinic => {
                    let text = "a list is for the clinic; invite whoever runs the house one by one";
                    faults.push(Fault { line: row.line, text: text.into() });
                }
                Ok(prepared) => {
                    let once = seen.insert(prepared.kept.value.identifier().handle());
                    let person = prepared.kept.value.staff.practitioner.as_ref();
                    if !once || !person.is_none_or(|id| seen.insert(format!("Practitioner/{id}"))) {
                        let text = "this address or this Practitioner is on the list twice";
                        faults.push(Fault { line: row.line, text: text.into() });
                    }
                    all.push((row, prepared));
                }
                Err(Error::Invalid { text, .. }) => faults.push(Fault { line: row.line, text: text.into() }),
                Err(error) => return Err(error.into()),
            }
        }
        if !faults.is_empty() {
            return Err(Unlisted::Lines(faults));
        }
        let what: Vec<String> = all.iter().map(|(_, prepared)| prepared.as_whom()).collect();
        let mut entry = by.entry("invitations", visit);
        entry.shape = what.join("; ");
        let changes: Result<Vec<_>, Error> =
            all.iter().map(|(_, prepared)| prepared.kept.put(Kind::Invitation, Vec::new())).collect();
        self.store.change_items(changes?, Some(entry)).map_err(Error::from)?;
        let invited = all.into_iter().map(|(row, prepared)| Invited {
            row,
            token: prepared.token,
            waits: prepared.kept.value.waits,
        });
        Ok(invited.collect())
    }
}

/// The id of the facility that a cell names: by id, by name, or by nothing where there is one only.
fn facility<'a>(all: &'a [Facility], typed: &str) -> Option<&'a str> {
    let id = health_id::parse_facility(typed);
    let mut open = all.iter().filter(|facility| facility.open);
    let found = match typed {
        "" if all.iter().filter(|facility| facility.open).count() == 1 => open.next(),
        _ => open.find(|facility| {
            id.as_ref().is_some_and(|id| *id == facility.id) || typed == facility.id || typed == facility.name
        }),
    };
    found.map(|facility| facility.id.as_str())
}
