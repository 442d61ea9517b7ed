//! Sessions: one browser of one person in one realm.
//!
//! Only the hash of a session's token is kept. A session ends when it was unused for too long, at its latest hour, when it is
//! revoked, and when its account moves on to another generation ("sign out everywhere"). All of that is asked of the store
//! at each request, so it holds at the next one, on every node.

use crate::{
    Login,
    account::{Account, DEVICES, StaffIdentity, Status},
    attempt::Signed,
    error::Error,
    kept::{Kept, hex, mint, sha256, token_id},
    notice::Notice,
    random,
    realm::Realm,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// The time of a session's last use is written down this often.
const NOTED: SignedDuration = SignedDuration::from_secs(30);

/// How long ago a second factor may have been proven for what matters most.
pub const FRESH: SignedDuration = SignedDuration::from_mins(10);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    account: String,
    realm: Realm,
    facility: Option<String>,
    generation: u64,
    created: Timestamp,
    seen: Timestamp,
    proven: Option<Timestamp>,
    browser: String,
    address: String,
}

/// Somebody who is signed in, as of this request.
#[derive(Clone)]
pub struct Who {
    /// The person.
    pub account: Account,
    /// Through which door.
    pub realm: Realm,
    /// What they are in the facility that they signed in at; staff only.
    pub staff: Option<StaffIdentity>,
    /// When a second factor was last proven in this session.
    pub proven: Option<Timestamp>,
    /// What a form of this session must carry.
    pub form_token: String,
    pub(crate) kept: Kept<Account>,
    /// Through which session; somebody who acts through an app has none.
    pub(crate) session: Option<Kept<Session>>,
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {}, sealed", self.account.id)
    }
}

/// A line of the list of devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The name by which it is revoked.
    pub id: String,
    /// In which realm.
    pub realm: Realm,
    /// What the browser calls itself.
    pub browser: String,
    /// Where it was when it signed in.
    pub address: String,
    /// Since when.
    pub created: Timestamp,
    /// When it was last used, to half a minute.
    pub seen: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

impl Who {
    /// Whether a form carries this session's token.
    pub fn showed(&self, carried: &str) -> bool {
        crate::factor::same(&self.form_token, carried)
    }

    /// Whether the session began within `age`: its password was typed then.
    pub fn is_new(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.session.as_ref().is_some_and(|session| now.duration_since(session.value.created) <= age)
    }

    /// Whether a second factor was proven within `age`.
    ///
    /// # Errors
    /// [`Error::StepUp`] where it was not.
    pub fn require_step_up(&self, age: SignedDuration, now: Timestamp) -> Result<(), Error> {
        let fresh = self.proven.is_some_and(|proven| now.duration_since(proven) <= age);
        if fresh { Ok(()) } else { Err(Error::StepUp) }
    }
}

/// A session that is to be opened, with what must be written for it.
pub(crate) struct Opening {
    pub(crate) signed: Signed,
    pub(crate) changes: Vec<Change>,
}

impl Login {
    /// A session for an account that has proven all that it must. The account learns of a new browser.
    pub(crate) fn open_session(
        &self,
        account: &mut Account,
        realm: Realm,
        facility: Option<String>,
        proven: Option<Timestamp>,
        visit: &Visit,
    ) -> Result<Opening, Error> {
        let (session, now) = (mint()?, visit.now);
        let mut changes = Vec::new();
        let known = visit.device.as_deref().map(device_hash).filter(|hash| account.devices.contains(hash));
        let device = match known {
            Some(_) => None,
            None => {
                let device = mint()?;
                if !account.devices.is_empty() {
                    let text = format!("Signed in with a new browser: {}", visit.browser());
                    changes.push(Notice { at: now, text }.write(&account.id)?);
                }
                account.devices.push(device_hash(device.reveal()));
                let over = account.devices.len().saturating_sub(DEVICES);
                account.devices.drain(..over);
                Some(device)
            }
        };
        let value = Session {
            account: account.id.clone(),
            realm,
            facility,
            generation: account.generation,
            created: now,
            seen: now,
            proven,
            browser: visit.browser(),
            address: visit.address.clone(),
        };
        changes.push(self.written(&account.id, session.reveal(), value)?);
        Ok(Opening { signed: Signed { session, device, realm }, changes })
    }

    /// The item of a new session. Ids begin with the account's, so that an account's sessions stand together.
    fn written(&self, account: &str, token: &str, value: Session) -> Result<Change, Error> {
        let hash = token_id(token).ok_or(Error::Ended)?;
        let id = [account.as_bytes(), &random::<8>()?].concat();
        let ends = value.created.saturating_add(self.settings.longest).ok();
        Kept::new(id, ends, value).put(Kind::Session, vec![hex(&hash)])
    }

    /// Who a session's token stands for; `None` where it is of another realm, unknown, ended or revoked. The use is noted.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn who(&self, realm: Realm, token: &str, visit: &Visit) -> Result<Option<Who>, Error> {
        self.seated(realm, token, visit, true)
    }

    /// As [`Login::who`], for what a page asks by itself: nobody need sit before it, so it is no use of the session, and an unused one ends in
    /// its time.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn who_unasked(&self, realm: Realm, token: &str, visit: &Visit) -> Result<Option<Who>, Error> {
        self.seated(realm, token, visit, false)
    }

    fn seated(&self, realm: Realm, token: &str, visit: &Visit, is_use: bool) -> Result<Option<Who>, Error> {
        let Some(hash) = token_id(token) else { return Ok(None) };
        let Some(mut session) = self.find::<Session>(Kind::Session, &hex(&hash), visit.now)? else {
            return Ok(None);
        };
        let Some(kept) = self.account(&session.value.account, visit.now)? else { return Ok(None) };
        let value = &session.value;
        let account = kept.value.clone();
        if value.realm != realm
            || value.generation != account.generation
            || account.status != Status::Active
            || !account.is_in(realm)
        {
            return Ok(None);
        }
        let staff =
            account.clinic.iter().find(|staff| Some(&staff.facility) == value.facility.as_ref()).cloned();
        if realm == Realm::Clinic && !staff.as_ref().is_some_and(|s| self.is_open(&s.facility, visit.now)) {
            return Ok(None);
        }
        let unused = visit.now.duration_since(value.seen);
        if unused > self.idle(realm) {
            let entry = visit.entry(realm, Some(&account), "session unused", Outcome::Done);
            done_or_gone(self.store.change_items(vec![session.remove(Kind::Session)], Some(entry)))?;
            return Ok(None);
        }
        if is_use && unused >= NOTED {
            session.value.seen = visit.now;
            match self.store.change_items(vec![session.put(Kind::Session, vec![hex(&hash)])?], None) {
                Ok(()) => session.version += 1,
                // Another request of the same session noted it, or ended it: that one is right.
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (form_token, proven) = (form_token(token), session.value.proven);
        Ok(Some(Who { account, realm, staff, proven, form_token, kept, session: Some(session) }))
    }

    /// The account of a session that nothing ended but that it went unused.
    pub(crate) fn owner_of_idle(
        &self,
        realm: Realm,
        token: &str,
        visit: &Visit,
    ) -> Result<Option<Account>, Error> {
        let Some(hash) = token_id(token) else { return Ok(None) };
        let session = self.find::<Session>(Kind::Session, &hex(&hash), visit.now)?;
        let Some(Session { account, generation, seen, realm: of, .. }) = session.map(|kept| kept.value)
        else {
            return Ok(None);
        };
        let is_idle = of == realm && visit.now.duration_since(seen) > self.idle(realm);
        let Some(kept) = self.account(&account, visit.now)?.filter(|_| is_idle) else { return Ok(None) };
        let account = kept.value;
        let may = account.generation == generation && account.status == Status::Active;
        Ok(Some(account).filter(|account| may && account.is_in(realm)))
    }

    fn idle(&self, realm: Realm) -> SignedDuration {
        match realm {
            Realm::Patient => self.settings.idle_patient,
            Realm::Clinic | Realm::Admin => self.settings.idle_staff,
        }
    }

    /// The session again under a new token: its privilege has changed, and the old token is dead.
    pub(crate) fn rotated(&self, who: &Who, proven: Option<Timestamp>) -> Result<Opening, Error> {
        let token = mint()?;
        let session = who.session.as_ref().ok_or(Error::Ended)?;
        let value = Session { proven, ..session.value.clone() };
        let changes =
            vec![session.remove(Kind::Session), self.written(&who.account.id, token.reveal(), value)?];
        Ok(Opening { signed: Signed { session: token, device: None, realm: who.realm }, changes })
    }

    /// Signs that somebody came to a realm that their session is not good for.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn refuse(&self, who: &Who, realm: Realm, visit: &Visit) -> Result<(), Error> {
        let operation = format!("entered {} as {}", realm.name(), who.realm.name());
        Ok(self.store.witness(visit.entry(realm, Some(&who.account), &operation, Outcome::Refused))?)
    }

    /// Ends this session.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sign_out(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        let session = who.session.as_ref().ok_or(Error::Ended)?;
        let entry = visit.entry(who.realm, Some(&who.account), "sign-out", Outcome::Done);
        done_or_gone(self.store.change_items(vec![session.remove(Kind::Session)], Some(entry)))
    }

    /// Ends all sessions of the account, in every realm, this one too.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sign_out_everywhere(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        let mut kept = who.kept.clone();
        kept.value.generation += 1;
        let entry = visit.entry(who.realm, Some(&who.account), "sign-out everywhere", Outcome::Done);
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }

    /// The account's sessions that are alive, the newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn devices(&self, who: &Who, now: Timestamp) -> Result<Vec<Device>, Error> {
        let of = |session: Kept<Session>| Device {
            this: who.session.as_ref().is_some_and(|this| this.id == session.id),
            id: hex(&session.id),
            realm: session.value.realm,
            browser: session.value.browser,
            address: session.value.address,
            created: session.value.created,
            seen: session.value.seen,
        };
        let sessions = self.sessions(&who.account, now)?;
        let mut devices: Vec<Device> = sessions.into_iter().map(of).collect();
        devices.sort_by_key(|device| std::cmp::Reverse(device.created));
        Ok(devices)
    }

    /// Ends one session of the same account.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is none of that id any more.
    pub fn revoke(&self, who: &Who, id: &str, visit: &Visit) -> Result<(), Error> {
        let mut sessions = self.sessions(&who.account, visit.now)?.into_iter();
        let session = sessions.find(|session| hex(&session.id) == id).ok_or(Error::Ended)?;
        let entry = visit.entry(who.realm, Some(&who.account), "session revoked", Outcome::Done);
        done_or_gone(self.store.change_items(vec![session.remove(Kind::Session)], Some(entry)))
    }

    /// Whether the session of that id is one of the account's that are alive.
    pub(crate) fn is_alive(&self, id: &[u8], account: &Account, now: Timestamp) -> Result<bool, Error> {
        Ok(self.sessions(account, now)?.iter().any(|session| session.id == id))
    }

    fn sessions(&self, account: &Account, now: Timestamp) -> Result<Vec<Kept<Session>>, Error> {
        let alive = |session: &Kept<Session>| {
            session.value.generation == account.generation
                && now.duration_since(session.value.seen) <= self.idle(session.value.realm)
        };
        let sessions: Vec<Kept<Session>> = self.of_account(Kind::Session, &account.id, now)?;
        Ok(sessions.into_iter().filter(alive).collect())
    }
}

/// Whether or not somebody else was faster: it is gone.
fn done_or_gone(outcome: Result<(), StoreError>) -> Result<(), Error> {
    match outcome {
        Ok(()) | Err(StoreError::Stale) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn device_hash(token: &str) -> String {
    hex(&sha256(&[b"device", token.as_bytes()]))
}

/// What a form carries beside the cookie: made from the session's token, which no other site knows.
pub(crate) fn form_token(token: &str) -> String {
    hex(&sha256(&[b"form", token.as_bytes()]))
}
