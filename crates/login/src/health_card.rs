//! The keys that sign [SMART Health Cards](https://spec.smarthealth.cards/#generating-and-resolving-cryptographic-keys): ES256, one for
//! each year, made when it is first needed and kept sealed. Whoever holds a card may show it for as long as they live, so the public half
//! of every one of them stays published. They sign nothing else.

use crate::{
    Login,
    error::Error,
    kept::{Kept, read},
    visit::Visit,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{error::Error as StoreError, items::Kind};
use vault::ecdsa::{Es256Key, Unusable};

/// Seconds for which a key signs.
const PERIOD: i64 = 365 * 24 * 3600;

/// How many are published: one for each year that a house may stand.
const MOST: usize = 200;

#[derive(Serialize, Deserialize)]
struct KeptKey {
    pkcs8: String,
}

fn unusable(error: Unusable) -> Error {
    Error::Fault(Box::new(error))
}

impl KeptKey {
    fn key(&self) -> Result<Es256Key, Error> {
        let bytes = STANDARD.decode(&self.pkcs8).map_err(|error| Error::Fault(Box::new(error)))?;
        Es256Key::from_pkcs8(&bytes).map_err(unusable)
    }
}

/// The public half as a JWK. Its name is its [thumbprint](https://www.rfc-editor.org/rfc/rfc7638#section-3).
fn public(key: &Es256Key) -> Result<(String, Value), Error> {
    let (x, y) = key.public().map_err(unusable)?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let plain = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(plain));
    let jwk = json!({"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y});
    Ok((kid, jwk))
}

impl Login {
    /// Signs what `message` makes of the name of this year's key (ES256). What it is, and that it is made, the caller has signed into the log.
    ///
    /// # Errors
    /// Where the store fails, or the key cannot be used.
    pub fn sign_health_card(
        &self,
        visit: &Visit,
        message: impl FnOnce(&str) -> String,
    ) -> Result<(String, Vec<u8>), Error> {
        let key = self.card_key(visit.now)?;
        let message = message(&public(&key)?.0);
        let signature = key.sign(message.as_bytes()).map_err(unusable)?;
        Ok((message, signature))
    }

    /// The public halves, as a [JWK set](https://www.rfc-editor.org/rfc/rfc7517#section-5).
    ///
    /// # Errors
    /// Where the store fails.
    pub fn health_card_keys(&self, now: Timestamp) -> Result<Value, Error> {
        self.card_key(now)?;
        let (items, _) = self.store.items(Kind::HealthCardKey, &[], MOST, now)?;
        let keys: Result<Vec<Value>, Error> =
            items.into_iter().map(|item| Ok(public(&read::<KeptKey>(item)?.value.key()?)?.1)).collect();
        Ok(json!({"keys": keys?}))
    }

    fn card_key(&self, now: Timestamp) -> Result<Es256Key, Error> {
        let id = format!("year-{}", now.as_second().div_euclid(PERIOD)).into_bytes();
        if let Some(kept) = self.get::<KeptKey>(Kind::HealthCardKey, &id, now)? {
            return kept.value.key();
        }
        let key = Es256Key::generate().map_err(unusable)?;
        let value = KeptKey { pkcs8: STANDARD.encode(key.to_pkcs8().map_err(unusable)?) };
        let kept = Kept::new(id.clone(), None, value);
        match self.store.change_items(vec![kept.put(Kind::HealthCardKey, Vec::new())?], None) {
            Ok(()) => Ok(key),
            // Another request, or another node, was faster: its key it is.
            Err(StoreError::Stale) => {
                let busy = || Error::Busy("a signing key is being made; try again".into());
                self.get::<KeptKey>(Kind::HealthCardKey, &id, now)?.ok_or_else(busy)?.value.key()
            }
            Err(error) => Err(error.into()),
        }
    }
}
