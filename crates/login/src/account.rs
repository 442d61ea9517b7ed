//! An account: one person, their identifiers, factors, and what they are in each realm.

use crate::{
    Login,
    error::Error,
    factor::{passkey::Passkey, totp::Totp},
    federation::Linked,
    identifier::{Identifier, Reading, readings},
    kept::{Kept, hex},
    random,
    realm::Realm,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::items::{Change, Kind};

/// How many browsers an account remembers.
pub(crate) const DEVICES: usize = 20;

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Yes.
    Active,
    /// No, until an administrator says so.
    Suspended,
}

/// What a person is as a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientIdentity {
    /// The id of their Patient resource, once it was matched and verified: until then there is no chart to see.
    pub patient: Option<String>,
}

/// What a person is in one facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffIdentity {
    /// The facility's id.
    pub facility: String,
    /// The id of their Practitioner resource, if there is one.
    pub practitioner: Option<String>,
    /// Names of roles.
    pub roles: Vec<String>,
}

/// What a person is as an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminIdentity {
    /// Names of roles.
    pub roles: Vec<String>,
}

/// One person who may sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Our own random id; it may stand in logs.
    pub id: String,
    /// The name by which the person is shown.
    pub name: String,
    /// What they sign in by.
    pub identifiers: Vec<Identifier>,
    /// The reference of their national id, which is kept apart, and what may be shown of it.
    pub national: Option<(String, String)>,
    /// As a patient.
    pub patient: Option<PatientIdentity>,
    /// In facilities.
    pub clinic: Vec<StaffIdentity>,
    /// As an administrator.
    pub admin: Option<AdminIdentity>,
    /// Whether they may sign in.
    pub status: Status,
    /// Since when there is the account.
    pub created: Timestamp,
    /// Whether a patient wants no second factor.
    pub single_factor: bool,
    pub(crate) password: String,
    pub(crate) totp: Option<Totp>,
    #[serde(default)]
    pub(crate) passkeys: Vec<Passkey>,
    /// Who they are at outside providers.
    #[serde(default)]
    pub linked: Vec<Linked>,
    /// Hashes of recovery codes that were not used yet.
    pub(crate) recovery: Vec<String>,
    /// Sessions of an earlier generation are over.
    pub(crate) generation: u64,
    /// Hashes of the tokens of browsers that were here before, oldest first.
    pub(crate) devices: Vec<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {}, sealed", self.id)
    }
}

impl Account {
    /// Somebody new, who is nothing in any realm yet.
    pub(crate) fn new(
        name: String,
        identifiers: Vec<Identifier>,
        password: String,
        now: Timestamp,
    ) -> Result<Account, Error> {
        Ok(Account {
            id: hex(&random::<16>()?),
            name,
            identifiers,
            national: None,
            patient: None,
            clinic: Vec::new(),
            admin: None,
            status: Status::Active,
            created: now,
            single_factor: false,
            password,
            totp: None,
            passkeys: Vec::new(),
            linked: Vec::new(),
            recovery: Vec::new(),
            generation: 0,
            devices: Vec::new(),
        })
    }

    /// Whether the person is anybody in that realm.
    pub fn is_in(&self, realm: Realm) -> bool {
        match realm {
            Realm::Patient => self.patient.is_some(),
            Realm::Clinic => !self.clinic.is_empty(),
            Realm::Admin => self.admin.is_some(),
        }
    }

    /// Whether there is a second factor.
    pub fn has_second_factor(&self) -> bool {
        self.has_app() || self.has_passkey()
    }

    /// Whether there is an authenticator app.
    pub fn has_app(&self) -> bool {
        self.totp.is_some()
    }

    /// Whether there is a passkey.
    pub fn has_passkey(&self) -> bool {
        !self.passkeys.is_empty()
    }

    /// How many recovery codes are left.
    pub fn recovery_left(&self) -> usize {
        self.recovery.len()
    }

    /// Where a message reaches the person.
    pub(crate) fn contact(&self) -> Option<&Identifier> {
        self.identifiers.iter().find(|id| matches!(id, Identifier::Email(_) | Identifier::Phone(_)))
    }

    /// What a password of theirs must not be made of.
    pub(crate) fn words(&self) -> Vec<String> {
        self.identifiers.iter().map(Identifier::text).chain([self.name.clone()]).collect()
    }
}

/// A name as a person may have it.
///
/// # Errors
/// Where it is empty, too long, or holds control characters.
pub(crate) fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let sane = !name.is_empty() && name.chars().count() <= 120 && !name.chars().any(char::is_control);
    let text = "enter the name in at most 120 characters";
    if sane { Ok(name.to_owned()) } else { Err(Error::Invalid { field: "name", text }) }
}

/// The handle of the one account that is linked to a chart.
fn of_chart(patient: &str) -> String {
    format!("chart:{patient}")
}

/// What somebody wrote for others to read.
///
/// # Errors
/// With `text`, where it is shorter or longer than that, in characters, or holds control characters other than ends of lines.
pub(crate) fn checked_text(
    field: &'static str,
    typed: &str,
    (least, most): (usize, usize),
    text: &'static str,
) -> Result<String, Error> {
    let typed = typed.trim();
    let plain = |c: char| !c.is_control() || c == '\n' || c == '\r';
    let sane = (least..=most).contains(&typed.chars().count()) && typed.chars().all(plain);
    if sane { Ok(typed.to_owned()) } else { Err(Error::Invalid { field, text }) }
}

impl Kept<Account> {
    pub(crate) fn of(account: Account) -> Kept<Account> {
        Kept::new(account.id.as_bytes().to_vec(), None, account)
    }

    pub(crate) fn write(&self) -> Result<Change, Error> {
        let chart = self.value.patient.iter().filter_map(|patient| patient.patient.as_deref()).map(of_chart);
        let identifiers = self.value.identifiers.iter().map(Identifier::handle).chain(chart);
        let elsewhere = self.value.linked.iter().map(Linked::handle);
        let keys = self.value.passkeys.iter().map(Passkey::handle);
        self.put(Kind::Account, identifiers.chain(keys).chain(elsewhere).collect())
    }
}

/// A national id, apart from everything else: the digits, and whose they are.
#[derive(Serialize, Deserialize)]
pub(crate) struct National {
    pub(crate) digits: String,
    pub(crate) account: String,
}

impl Login {
    /// The account of that id.
    pub(crate) fn account(&self, id: &str, now: Timestamp) -> Result<Option<Kept<Account>>, Error> {
        self.get(Kind::Account, id.as_bytes(), now)
    }

    /// The account of the person whose chart it is.
    pub(crate) fn account_of_chart(
        &self,
        patient: &str,
        now: Timestamp,
    ) -> Result<Option<Kept<Account>>, Error> {
        self.find(Kind::Account, &of_chart(patient), now)
    }

    /// The account that what was typed stands for. Every reading is looked up, whether one is found or not.
    pub(crate) fn account_of(&self, typed: &str, now: Timestamp) -> Result<Option<Kept<Account>>, Error> {
        let mut found = None;
        for reading in readings(typed, &self.settings.identifiers) {
            let account = match &reading {
                Reading::Known(identifier) => self.find(Kind::Account, &identifier.handle(), now)?,
                Reading::Aadhaar(number) => {
                    let national: Option<Kept<National>> =
                        self.find(Kind::NationalId, &number.handle(), now)?;
                    national.map(|national| self.account(&national.value.account, now)).transpose()?.flatten()
                }
            };
            found = found.or(account);
        }
        Ok(found)
    }
}
