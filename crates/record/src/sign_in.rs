//! From a bearer token to an actor.

use crate::{Record, error::Error};
use access::act::Actor;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long a token's meaning is remembered before the store is asked again: a revoked token is dead after this.
const REMEMBERED_MS: i64 = 4_000;

/// How many tokens are remembered.
const MOST: usize = 10_000;

/// What a token stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pass {
    /// Who.
    pub actor: Actor,
    /// Until when.
    pub expires: Timestamp,
}

#[derive(Default)]
pub(crate) struct Cache(Mutex<HashMap<String, (Timestamp, Pass)>>);

impl Record {
    /// Who a bearer token stands for at `now`; `None` where it is unknown, revoked or expired.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sign_in(&self, token: &str, now: Timestamp) -> Result<Option<Actor>, Error> {
        let pass = match self.signed_in.get(token, now) {
            Some(pass) => pass,
            None => {
                let Some(content) = self.store.token(token)? else { return Ok(None) };
                let pass: Pass = serde_json::from_slice(&content).map_err(|e| Error::Fault(Box::new(e)))?;
                self.signed_in.put(token, now, &pass);
                pass
            }
        };
        Ok((pass.expires > now).then_some(pass.actor))
    }

    /// Lets `token` stand for `pass` from now on.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn issue(&self, token: &str, pass: &Pass) -> Result<(), Error> {
        let content = serde_json::to_vec(pass).map_err(|e| Error::Fault(Box::new(e)))?;
        Ok(self.store.put_token(token, &content)?)
    }
}

impl Cache {
    fn get(&self, token: &str, now: Timestamp) -> Option<Pass> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, pass) = cache.get(token)?;
        let age_ms = now.as_millisecond() - since.as_millisecond();
        (0..REMEMBERED_MS).contains(&age_ms).then(|| pass.clone())
    }

    fn put(&self, token: &str, now: Timestamp, pass: &Pass) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(token.to_owned(), (now, pass.clone()));
    }
}
