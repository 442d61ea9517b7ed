//! Who a client is that comes without a person: by its signed assertion, or by its id alone where it is public.

use super::{
    assertion::{self, TYPE},
    client::{Client, Status},
    entry,
    error::OauthError,
    params::Params,
    token::RefreshToken,
};
use crate::{
    Login,
    error::Error,
    kept::{Kept, sha256, token_id},
    visit::Visit,
};
use access::audit::Outcome;
use store::{error::Error as StoreError, items::Kind};

impl Login {
    /// The client that a request to the token endpoint, or one beside it, comes from.
    ///
    /// # Errors
    /// `invalid_client`; where it is about a client that is known, it is signed in the log.
    pub(crate) fn authenticate(&self, params: &Params, visit: &Visit) -> Result<Client, OauthError> {
        if params.get("client_secret").is_some() {
            return Err(OauthError::client("this server knows no client secrets; sign a client_assertion"));
        }
        let Some(text) = params.get("client_assertion") else { return self.public_client(params, visit) };
        if params.get("client_assertion_type") != Some(TYPE) {
            return Err(OauthError::client(
                "`client_assertion_type` must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ));
        }
        let read = assertion::parse(text)?;
        if params.get("client_id").is_some_and(|id| id != read.client()) {
            return Err(OauthError::client("`client_id` is not the one of the client_assertion"));
        }
        let unknown = || OauthError::client("there is no such client here");
        let client = self.client(read.client(), visit.now)?.ok_or_else(unknown)?.value;
        let ours = [self.oauth().token_endpoint(), self.oauth().issuer.clone()];
        let outcome = read.check(&client.keys, &ours, visit.now);
        let outcome = outcome.and_then(|proof| {
            is_approved(&client)?;
            self.burn(&client, &proof, visit)
        });
        if let Err(error) = outcome {
            self.store.witness(entry(visit, &client, None, "app authentication", Outcome::Refused))?;
            return Err(error);
        }
        Ok(client)
    }

    fn public_client(&self, params: &Params, visit: &Visit) -> Result<Client, OauthError> {
        let missing = || OauthError::client("`client_id` is missing");
        let held = self.holder(params, visit)?;
        let id = params.get("client_id").or(held.as_deref()).ok_or_else(missing)?;
        let unknown = || OauthError::client("there is no such client here");
        let client = self.client(id, visit.now)?.ok_or_else(unknown)?.value;
        if !client.public {
            self.store.witness(entry(visit, &client, None, "app authentication", Outcome::Refused))?;
            return Err(OauthError::client("this client must prove who it is: send a client_assertion"));
        }
        is_approved(&client).map(|()| client)
    }

    /// Whose a refresh token is: a public client that comes back sends nothing else, as SMART says
    /// (<https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#refresh-access-token>). Its id is no secret, so it proves nothing more.
    fn holder(&self, params: &Params, visit: &Visit) -> Result<Option<String>, OauthError> {
        let text = params.get("refresh_token").filter(|_| params.get("grant_type") == Some("refresh_token"));
        let Some(id) = text.and_then(token_id) else { return Ok(None) };
        let kept: Option<Kept<RefreshToken>> = self.get(Kind::RefreshToken, &id, visit.now)?;
        Ok(kept.map(|kept| kept.value.client))
    }

    /// An assertion is good once: whoever listens cannot use it again.
    fn burn(&self, client: &Client, proof: &assertion::Proof, visit: &Visit) -> Result<(), OauthError> {
        let id = sha256(&[client.id.as_bytes(), proof.jti.as_bytes()]);
        let kept = Kept::new(id, Some(proof.until), visit.now);
        match self.store.change_items(vec![kept.put(Kind::Assertion, Vec::new())?], None) {
            Err(StoreError::Stale) => {
                Err(OauthError::client("this `jti` was used already; make each client_assertion anew"))
            }
            outcome => outcome.map_err(|error| Error::from(error).into()),
        }
    }
}

fn is_approved(client: &Client) -> Result<(), OauthError> {
    match client.status {
        Status::Approved => Ok(()),
        Status::Pending => Err(OauthError::client("this client waits for an administrator's approval")),
        Status::Revoked => Err(OauthError::client("this client was revoked; ask whoever runs this server")),
    }
}
