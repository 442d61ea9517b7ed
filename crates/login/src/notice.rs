//! What an account's owner is to be told: that a new browser signed in, that a factor changed.

use crate::{
    Login,
    error::Error,
    kept::{Kept, read},
    random,
    session::Who,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::items::{Change, Kind};

/// How long a notice is shown.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How many items are fetched at once.
const PAGE: usize = 100;

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub text: String,
}

impl Notice {
    /// Ids begin with the account's, so that an account's notices stand together.
    pub(crate) fn write(self, account: &str) -> Result<Change, Error> {
        let id = [account.as_bytes(), &random::<8>()?].concat();
        let end = self.at.saturating_add(LIFE).ok();
        Kept::new(id, end, self).put(Kind::Notice, Vec::new())
    }
}

impl Login {
    /// What the person is to be told, the newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn notices(&self, who: &Who, now: Timestamp) -> Result<Vec<Notice>, Error> {
        let kept: Vec<Kept<Notice>> = self.of_account(Kind::Notice, &who.account.id, now)?;
        let mut notices: Vec<Notice> = kept.into_iter().map(|kept| kept.value).collect();
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.at));
        Ok(notices)
    }

    /// Items whose ids begin with the account's.
    pub(crate) fn of_account<T: DeserializeOwned>(
        &self,
        kind: Kind,
        account: &str,
        now: Timestamp,
    ) -> Result<Vec<Kept<T>>, Error> {
        let (mut found, mut after) = (Vec::new(), account.as_bytes().to_vec());
        loop {
            let (items, next) = self.store.items(kind, &after, PAGE, now)?;
            found.extend(items.into_iter().take_while(|item| item.id.starts_with(account.as_bytes())));
            match next.filter(|next| next.starts_with(account.as_bytes())) {
                Some(next) => after = next,
                None => return found.into_iter().map(read).collect(),
            }
        }
    }
}
