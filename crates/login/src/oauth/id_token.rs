//! Who the person is, signed for one app: <https://openid.net/specs/openid-connect-core-1_0.html#IDToken>,
//! <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-identity-data>

use super::{bearer::Person, client::Client, connection::Connection};
use crate::{
    Login,
    error::Error,
    kept::{Kept, hex, sha256},
    visit::Visit,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

impl Login {
    /// The id_token. Its `sub` is made for the one app, so that two apps cannot tell that they know the same person.
    pub(crate) fn id_token(
        &self,
        client: &Client,
        connection: &Kept<Connection>,
        person: &Person,
        fhir_user: bool,
        visit: &Visit,
    ) -> Result<String, Error> {
        let (kid, key) = self.signer(visit.now)?;
        let now = visit.now.as_second();
        let mut claims = json!({
            "iss": self.oauth().issuer,
            "sub": hex(&sha256(&[b"sub", client.id.as_bytes(), person.account.id.as_bytes()])),
            "aud": client.id,
            "iat": now,
            "exp": now + self.oauth().access().as_secs(),
            "auth_time": connection.value.asked.as_second(),
        });
        if let Some(nonce) = &connection.value.nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(user) = person.fhir_user().filter(|_| fhir_user) {
            claims["fhirUser"] = json!(format!("{}/{user}", self.oauth().base));
        }
        let header = json!({"alg": "ES384", "typ": "JWT", "kid": kid});
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = key.sign(signed.as_bytes()).map_err(|error| Error::Fault(Box::new(error)))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
