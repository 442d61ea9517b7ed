//! How staff get an account: by an invitation that opens once, within a day, under a facility's id. Nobody ever sets a password
//! for somebody else.

use crate::{
    Login,
    account::{Account, AdminIdentity, StaffIdentity, Status, checked_name},
    attempt::{Attempt, Stage, Step},
    error::Error,
    identifier::Identifier,
    kept::{Kept, mint, token_id},
    password::{Password, WITH_SECOND_FACTOR},
    random,
    realm::Realm,
    second_person::Practitioners,
    session::Who,
    throttle::Counters,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};
use vault::token::Token;

/// How long an invitation may be opened.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Whom to invite.
#[derive(Clone)]
pub struct Invite<'a> {
    /// The facility's id, ten digits.
    pub facility: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// Their e-mail address or phone number, by which they will sign in.
    pub email: &'a str,
    /// Names of roles.
    pub roles: Vec<String>,
    /// The id of their Practitioner resource, if there is one.
    pub practitioner: Option<String>,
}

/// What an invitation says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The person's name.
    pub name: String,
    /// Where.
    pub facility_name: String,
    /// As what.
    pub staff: StaffIdentity,
    email: Identifier,
    /// Into which realm: the clinic's, or the administration's, where there are no patients.
    #[serde(default = "clinic")]
    pub realm: Realm,
    /// The account of whoever made it; empty for the command line.
    #[serde(default)]
    pub(crate) by: String,
    /// Whether a second person must confirm it before it opens.
    #[serde(default)]
    pub(crate) waits: bool,
}

/// Invitations from before there were others.
fn clinic() -> Realm {
    Realm::Clinic
}

/// An invitation with its token.
pub(crate) struct Prepared {
    pub(crate) kept: Kept<Invitation>,
    pub(crate) token: Token,
}

impl Prepared {
    /// Whose patients they will see hangs on this, so the log says it.
    pub(crate) fn as_whom(&self) -> String {
        let (staff, waits) = (&self.kept.value.staff, self.kept.value.waits);
        format!(
            "{} at {} as Practitioner/{}{}",
            staff.roles.join(", "),
            staff.facility,
            staff.practitioner.as_deref().unwrap_or("-"),
            if waits { ", to be confirmed" } else { "" }
        )
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Invitation {
    /// The address that the person will sign in by.
    pub fn email(&self) -> String {
        self.email.text()
    }

    /// The identifier that they will sign in by.
    pub(crate) fn identifier(&self) -> &Identifier {
        &self.email
    }
}

impl Login {
    /// Invites somebody; the token goes into the link.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks, [`Error::StepUp`] unless they have just proven who they are.
    pub fn invite(&self, who: &Who, invite: Invite<'_>, visit: &Visit) -> Result<Token, Error> {
        self.administers(who, visit)?;
        let known = self.practitioners(visit.now)?;
        let prepared = self.prepared(&invite, Some(&who.account), &known, visit)?;
        let mut entry = visit.entry(Realm::Admin, Some(&who.account), "invitation", Outcome::Done);
        entry.shape = prepared.as_whom();
        self.store.change_items(vec![prepared.kept.put(Kind::Invitation, Vec::new())?], Some(entry))?;
        Ok(prepared.token)
    }

    /// An invitation that is not written yet.
    pub(crate) fn prepared(
        &self,
        invite: &Invite<'_>,
        by: Option<&Account>,
        known: &Practitioners,
        visit: &Visit,
    ) -> Result<Prepared, Error> {
        let unknown = Error::Invalid { field: "facility", text: "choose a facility that is open" };
        let facility =
            self.facility(invite.facility, visit.now)?.filter(|kept| kept.value.open).ok_or(unknown)?;
        let realm = self.realm_of_roles(&invite.roles, visit)?;
        let contact = Identifier::contact(invite.email, &self.settings.identifiers);
        let text = "enter an e-mail address such as name@example.org, or a phone number";
        let email = contact.ok_or(Error::Invalid { field: "email", text })?;
        let is_id = |id: &String| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        };
        if !invite.practitioner.as_ref().is_none_or(is_id) {
            return Err(Error::Invalid { field: "practitioner", text: "this is no id of a Practitioner" });
        }
        if realm == Realm::Admin {
            self.may_hold_office(&email, invite.practitioner.as_ref(), visit)?;
        }
        let staff = StaffIdentity {
            facility: facility.value.id,
            practitioner: invite.practitioner.clone(),
            roles: invite.roles.clone(),
        };
        let waits = self.must_wait(&email, &staff, by, known, visit)?;
        let value = Invitation {
            name: checked_name(invite.name)?,
            facility_name: facility.value.name,
            staff,
            email,
            realm,
            by: by.map(|by| by.id.clone()).unwrap_or_default(),
            waits,
        };
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        Ok(Prepared { kept: Kept::new(id, visit.now.saturating_add(LIFE).ok(), value), token })
    }

    /// The one realm in which all these roles are: people's, not machines' or patients'.
    fn realm_of_roles(&self, roles: &[String], visit: &Visit) -> Result<Realm, Error> {
        let mut found = None;
        for name in roles {
            let role = self.role(name, visit.now)?;
            let realm = [Realm::Clinic, Realm::Admin]
                .into_iter()
                .find(|realm| role.as_ref().is_some_and(|role| role.realm == realm.of_roles()));
            let same = found.is_none() || found == realm;
            found = realm.filter(|_| same);
            if found.is_none() {
                break;
            }
        }
        found.ok_or(Error::Invalid { field: "role", text: "choose a role" })
    }

    /// Whoever runs the house is nobody in the records there, and holds one office.
    fn may_hold_office(
        &self,
        email: &Identifier,
        practitioner: Option<&String>,
        visit: &Visit,
    ) -> Result<(), Error> {
        if practitioner.is_some() {
            let text = "leave this empty: who works in the administration sees no chart";
            return Err(Error::Invalid { field: "practitioner", text });
        }
        let there: Option<Kept<Account>> = self.find(Kind::Account, &email.handle(), visit.now)?;
        if there.is_some_and(|kept| kept.value.is_in(Realm::Admin)) {
            let text = "this address belongs to somebody in the administration already; name another";
            return Err(Error::Invalid { field: "email", text });
        }
        Ok(())
    }

    /// What an invitation says, to whoever has its link.
    ///
    /// # Errors
    /// [`Error::Ended`] where it was used, has run out, or never was.
    pub fn invitation(&self, token: &str, visit: &Visit) -> Result<Invitation, Error> {
        Ok(self.invited(token, visit)?.value)
    }

    fn invited(&self, token: &str, visit: &Visit) -> Result<Kept<Invitation>, Error> {
        let id = token_id(token).ok_or(Error::Ended)?;
        let kept: Kept<Invitation> = self.get(Kind::Invitation, &id, visit.now)?.ok_or(Error::Ended)?;
        let text = "a second person must confirm this invitation before it opens; ask whoever gave it to you";
        if kept.value.waits { Err(Error::Unsupported(text)) } else { Ok(kept) }
    }

    /// Uses an invitation up: makes the account with the password that its owner chose, and begins to set up the second
    /// factor. Whoever has an account under that address already gives its password, and becomes staff with it.
    ///
    /// # Errors
    /// [`Error::Ended`] where it was used; [`Error::Password`] where the password cannot be chosen, and the invitation stays.
    pub fn accept(&self, token: &str, password: &str, visit: &Visit) -> Result<Step, Error> {
        let invited = self.invited(token, visit)?;
        let counters = Counters::of(&invited.value.email.handle(), visit);
        self.count_try(&counters, visit.now)?;
        let password = Password::new(password);
        let there: Option<Kept<Account>> =
            self.find(Kind::Account, &invited.value.email.handle(), visit.now)?;
        let kept = match there {
            Some(there) => self.joined(there, &invited.value, &password, visit)?,
            None => self.invited_account(&invited.value, &password, visit)?,
        };
        let realm = invited.value.realm;
        let facility = Some(invited.value.staff.facility.clone()).filter(|_| realm == Realm::Clinic);
        let mut changes = vec![kept.write()?, invited.remove(Kind::Invitation)];
        if realm == Realm::Admin {
            changes.extend(self.becomes_set_up(&invited.value.staff.roles, visit.now)?);
        }
        let entry = visit.entry(realm, Some(&kept.value), "invitation accepted", Outcome::Done);
        let second = Stage::SecondFactor { account: kept.value.id.clone() };
        let next = match kept.value.has_second_factor() {
            true => {
                Some(self.attempt(Attempt::new(realm, facility.clone(), second).of(&kept.value), visit.now)?)
            }
            false => None,
        };
        if let Some((attempt, _)) = &next {
            changes.push(attempt.write()?);
        }
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale | StoreError::Taken) => return Err(Error::Ended),
            outcome => outcome?,
        }
        self.forgive(&counters, 1, visit.now)?;
        match next {
            Some((_, token)) => Ok(Step::SecondFactor(token)),
            None => self.start_enrolment(&kept.value, realm, facility, visit).map(Step::Enrol),
        }
    }

    fn invited_account(
        &self,
        invitation: &Invitation,
        password: &Password,
        visit: &Visit,
    ) -> Result<Kept<Account>, Error> {
        let email = invitation.email.text();
        password.check(WITH_SECOND_FACTOR, &[&invitation.name, &email, &invitation.facility_name])?;
        let hash = self.hasher.hash(password, random()?)?;
        let mut account =
            Account::new(invitation.name.clone(), vec![invitation.email.clone()], hash, visit.now)?;
        become_one(&mut account, invitation);
        Ok(Kept::of(account))
    }

    fn joined(
        &self,
        mut there: Kept<Account>,
        invitation: &Invitation,
        password: &Password,
        visit: &Visit,
    ) -> Result<Kept<Account>, Error> {
        let right = self.hasher.verify(password, Some(&there.value.password))?;
        if !right || there.value.status != Status::Active {
            let entry =
                visit.entry(invitation.realm, Some(&there.value), "invitation accepted", Outcome::Refused);
            self.store.witness(entry)?;
            return Err(Error::Denied);
        }
        become_one(&mut there.value, invitation);
        Ok(there)
    }
}

/// Makes somebody what they were invited to be.
fn become_one(account: &mut Account, invitation: &Invitation) {
    let staff = &invitation.staff;
    if invitation.realm == Realm::Admin {
        account.admin = Some(AdminIdentity { roles: staff.roles.clone() });
        return;
    }
    account.clinic.retain(|known| known.facility != staff.facility);
    account.clinic.push(staff.clone());
}
