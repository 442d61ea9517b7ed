//! Keys of ours that sign what apps verify. There is one for each 90 days, made when it is first needed, kept sealed, and
//! published until nothing that it signed can still be good.

use crate::{
    Login,
    error::Error,
    kept::{Kept, hex, read},
    random,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{error::Error as StoreError, items::Kind};
use vault::ecdsa::Es384Key;

/// Seconds for which a key signs.
const PERIOD: i64 = 90 * 24 * 3600;

#[derive(Serialize, Deserialize)]
struct KeptKey {
    kid: String,
    pkcs8: String,
}

fn unusable(error: vault::ecdsa::Unusable) -> Error {
    Error::Fault(Box::new(error))
}

impl KeptKey {
    fn key(&self) -> Result<Es384Key, Error> {
        let bytes = STANDARD.decode(&self.pkcs8).map_err(|error| Error::Fault(Box::new(error)))?;
        Es384Key::from_pkcs8(&bytes).map_err(unusable)
    }
}

impl Login {
    /// The key of this period, and its name.
    pub(crate) fn signer(&self, now: Timestamp) -> Result<(String, Es384Key), Error> {
        let period = now.as_second().div_euclid(PERIOD);
        let id = format!("period-{period}").into_bytes();
        if let Some(kept) = self.get::<KeptKey>(Kind::SigningKey, &id, now)? {
            return Ok((kept.value.kid.clone(), kept.value.key()?));
        }
        let key = Es384Key::generate().map_err(unusable)?;
        let value =
            KeptKey { kid: hex(&random::<8>()?), pkcs8: STANDARD.encode(key.to_pkcs8().map_err(unusable)?) };
        let ends = Timestamp::from_second((period + 2) * PERIOD).ok();
        let kept = Kept::new(id.clone(), ends, value);
        match self.store.change_items(vec![kept.put(Kind::SigningKey, Vec::new())?], None) {
            Ok(()) => Ok((kept.value.kid, key)),
            // Another request, or another node, was faster: its key it is.
            Err(StoreError::Stale) => {
                let busy = || Error::Busy("a signing key is being made; try again".into());
                let kept = self.get::<KeptKey>(Kind::SigningKey, &id, now)?.ok_or_else(busy)?;
                Ok((kept.value.kid.clone(), kept.value.key()?))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The public halves, as a [JWK set](https://www.rfc-editor.org/rfc/rfc7517#section-5).
    ///
    /// # Errors
    /// Where the store fails.
    pub fn jwks(&self, now: Timestamp) -> Result<Value, Error> {
        self.signer(now)?;
        let (items, _) = self.store.items(Kind::SigningKey, &[], 100, now)?;
        let mut keys = Vec::new();
        for item in items {
            let kept = read::<KeptKey>(item)?.value;
            let (x, y) = kept.key()?.public().map_err(unusable)?;
            keys.push(json!({
                "kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": kept.kid,
                "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
            }));
        }
        Ok(json!({"keys": keys}))
    }
}
