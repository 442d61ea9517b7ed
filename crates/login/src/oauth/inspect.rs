//! What a token is good for, for a resource server: <https://www.rfc-editor.org/rfc/rfc7662>, with the fields of
//! [SMART](https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html).

use super::{
    entry,
    error::{Code, OauthError},
    params::Params,
};
use crate::{Login, visit::Visit};
use access::audit::Outcome;
use serde_json::{Value, json};

impl Login {
    /// What an access token is good for. Whatever is not good, for whatever reason, is `{"active": false}`.
    ///
    /// # Errors
    /// Where the client does not prove who it is by its key, or the store fails.
    pub fn inspect(&self, params: &Params, visit: &Visit) -> Result<Value, OauthError> {
        let client = self.authenticate(params, visit)?;
        if client.public {
            let text = "only a client that proves who it is may ask about tokens";
            return Err(OauthError::new(Code::UnauthorizedClient, text));
        }
        let token = params.must("token")?;
        let Some(holder) = self.bearer(token, visit.now)? else { return Ok(json!({"active": false})) };
        let person = holder.person.as_ref();
        let told = entry(
            visit,
            &client,
            person.map(|person| (&person.account, person.realm)),
            "token inspected",
            Outcome::Done,
        );
        self.store.witness(told)?;
        let mut answer = json!({
            "active": true,
            "scope": holder.scope,
            "client_id": holder.client.id,
            "token_type": "Bearer",
            "iss": self.oauth().issuer,
        });
        if let Some(until) = holder.until {
            answer["exp"] = json!(until.as_second());
        }
        if let Some(patient) = &holder.patient {
            answer["patient"] = json!(patient);
        }
        let shares = holder.scope.split(' ').any(|word| word == "fhirUser");
        if let Some(user) = person.and_then(super::bearer::Person::fhir_user).filter(|_| shares) {
            answer["fhirUser"] = json!(format!("{}/{user}", self.oauth().base));
        }
        Ok(answer)
    }
}
