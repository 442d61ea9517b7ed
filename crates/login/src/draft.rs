//! What somebody had typed when their session ended under them: kept sealed until they are back, so that an idle lock costs nobody a
//! note (A12). Never a password or a code.

use crate::{
    Login,
    error::Error,
    factor::same,
    kept::{Kept, sha256},
    realm::Realm,
    session::{Who, form_token},
    visit::Visit,
};
use access::audit::Outcome;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// How long it is kept.
const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// What is never kept, whatever it is called in the form.
const SECRET: [&str; 6] = ["token", "password", "old", "code", "secret", "draft"];

/// A form that was not taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Where it was sent to.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Login {
    /// Keeps a form that comes under a session which went unused for too long, if that session's own pages showed it. One is kept for
    /// each account and realm, the newest. Whether it was kept.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn keep_draft(
        &self,
        realm: Realm,
        token: &str,
        carried: &str,
        mut draft: Draft,
        visit: &Visit,
    ) -> Result<bool, Error> {
        if !same(&form_token(token), carried) {
            return Ok(false);
        }
        let Some(account) = self.owner_of_idle(realm, token, visit)? else { return Ok(false) };
        draft.fields.retain(|(name, value)| !SECRET.contains(&name.as_str()) && !value.is_empty());
        if draft.fields.is_empty() {
            return Ok(false);
        }
        let id = id_of(&account.id, realm);
        let version = self.get::<Draft>(Kind::Draft, &id, visit.now)?.map_or(0, |kept| kept.version);
        let kept = Kept { version, ..Kept::new(id, visit.now.saturating_add(LIFE).ok(), draft) };
        let entry = visit.entry(realm, Some(&account), "draft kept", Outcome::Done);
        match self.store.change_items(vec![kept.put(Kind::Draft, Vec::new())?], Some(entry)) {
            Err(StoreError::Stale | StoreError::Taken) => Ok(false),
            outcome => outcome.map(|()| true).map_err(Error::from),
        }
    }

    /// What was kept for somebody in the realm where they are signed in.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn draft(&self, who: &Who, visit: &Visit) -> Result<Option<Draft>, Error> {
        let kept = self.get::<Draft>(Kind::Draft, &id_of(&who.account.id, who.realm), visit.now)?;
        Ok(kept.map(|kept| kept.value))
    }

    /// Forgets it: it was sent again, or is not wanted.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn drop_draft(&self, who: &Who, visit: &Visit) -> Result<(), Error> {
        let kept = self.get::<Draft>(Kind::Draft, &id_of(&who.account.id, who.realm), visit.now)?;
        let Some(kept) = kept else { return Ok(()) };
        let entry = visit.entry(who.realm, Some(&who.account), "draft dropped", Outcome::Done);
        match self.store.change_items(vec![kept.remove(Kind::Draft)], Some(entry)) {
            Err(StoreError::Stale) => Ok(()),
            outcome => outcome.map_err(Error::from),
        }
    }
}

fn id_of(account: &str, realm: Realm) -> Vec<u8> {
    sha256(&[b"draft", account.as_bytes(), realm.name().as_bytes()])
}
