//! The token endpoint: codes, refresh tokens and a client's own keys become access tokens.
//! <https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3>, <https://www.rfc-editor.org/rfc/rfc9700#section-4.14>

use super::{
    client::Client,
    connection::Connection,
    consent::{AppCode, CODE_LIFE},
    entry,
    error::{Code, OauthError},
    params::Params,
    pkce,
    wanted::Wanted,
};
use crate::{
    Login,
    error::Error,
    factor::same,
    kept::{Kept, mint, token_id},
    visit::Visit,
};
use access::{audit::Outcome, scope::Context};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};
use vault::token::Token;

/// What an access token stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub(crate) client: String,
    pub(crate) connection: Option<Vec<u8>>,
    pub(crate) scope: String,
}

/// What a refresh token stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) client: String,
    pub(crate) connection: Vec<u8>,
    pub(crate) used: bool,
}

/// Tokens that are to be handed out, with what must be written for them.
struct Issue {
    changes: Vec<Change>,
    access: Token,
    refresh: Option<Token>,
}

impl Login {
    /// Answers a request to the token endpoint, in the form of its specification.
    ///
    /// # Errors
    /// As OAuth says them.
    pub fn token(&self, params: &Params, visit: &Visit) -> Result<Value, OauthError> {
        let kind = params.must("grant_type")?;
        let known = ["authorization_code", "refresh_token", "client_credentials"];
        if !known.contains(&kind) {
            let text = "`grant_type` must be authorization_code, refresh_token or client_credentials";
            return Err(OauthError::new(Code::UnsupportedGrantType, text));
        }
        let client = self.authenticate(params, visit)?;
        let may = if kind == "client_credentials" { client.backend } else { client.asks_people };
        if !may {
            let text = "this client is not registered for this grant type";
            return Err(OauthError::new(Code::UnauthorizedClient, text));
        }
        match kind {
            "authorization_code" => self.exchange(&client, params, visit),
            "refresh_token" => self.refresh(&client, params, visit),
            _ => self.client_credentials(&client, params, visit),
        }
    }

    fn exchange(&self, client: &Client, params: &Params, visit: &Visit) -> Result<Value, OauthError> {
        let bad = || OauthError::grant("the code is not good, or not any more; start again");
        let (text, verifier) = (params.must("code")?, params.must("code_verifier")?);
        let uri = params.must("redirect_uri")?;
        let id = token_id(text).ok_or_else(bad)?;
        let mut code: Kept<AppCode> = self.get(Kind::AppCode, &id, visit.now)?.ok_or_else(bad)?;
        let value = &code.value;
        if value.used {
            self.replayed(client, &value.connection, "code replayed", visit)?;
            return Err(bad());
        }
        let fresh = visit.now.duration_since(value.made) < CODE_LIFE;
        if !fresh
            || value.client != client.id
            || value.redirect_uri != uri
            || !pkce::proves(verifier, &value.challenge)
        {
            self.store.witness(entry(visit, client, None, "code exchanged", Outcome::Refused))?;
            return Err(bad());
        }
        let mut connection = self.connection(&value.connection, visit.now)?.ok_or_else(bad)?;
        code.value.used = true;
        let wanted = connection.value.wanted();
        let mut issue = self.issue(client, &mut connection, &wanted, visit)?;
        issue.changes.push(code.put(Kind::AppCode, Vec::new())?);
        self.hand_out(client, &connection, &wanted, issue, ("code exchanged", "code replayed"), visit)
    }

    fn refresh(&self, client: &Client, params: &Params, visit: &Visit) -> Result<Value, OauthError> {
        let bad =
            || OauthError::grant("the refresh token is not good, or not any more; ask the person again");
        let id = token_id(params.must("refresh_token")?).ok_or_else(bad)?;
        let mut kept: Kept<RefreshToken> = self.get(Kind::RefreshToken, &id, visit.now)?.ok_or_else(bad)?;
        if kept.value.client != client.id {
            self.store.witness(entry(visit, client, None, "token refreshed", Outcome::Refused))?;
            return Err(bad());
        }
        if kept.value.used {
            self.replayed(client, &kept.value.connection, "refresh token replayed", visit)?;
            return Err(bad());
        }
        let mut connection = self.connection(&kept.value.connection, visit.now)?.ok_or_else(bad)?;
        self.person(&connection.value, visit.now)?.ok_or_else(bad)?;
        let mut wanted = connection.value.wanted();
        if let Some(scope) = params.get("scope") {
            wanted = Wanted::parse(scope)?.within(&wanted);
            if wanted.to_string().is_empty() {
                return Err(OauthError::new(Code::InvalidScope, "none of these scopes was allowed"));
            }
        }
        kept.value.used = true;
        let mut issue = self.issue(client, &mut connection, &wanted, visit)?;
        issue.changes.push(kept.put(Kind::RefreshToken, Vec::new())?);
        self.hand_out(
            client,
            &connection,
            &wanted,
            issue,
            ("token refreshed", "refresh token replayed"),
            visit,
        )
    }

    /// Tokens for a connection; it lives on.
    fn issue(
        &self,
        client: &Client,
        connection: &mut Kept<Connection>,
        wanted: &Wanted,
        visit: &Visit,
    ) -> Result<Issue, Error> {
        let whole = connection.value.wanted();
        let comes_back = whole.offline || whole.online;
        let life = match (whole.offline, whole.online) {
            (true, _) => self.oauth().offline,
            (false, true) => self.settings.longest,
            (false, false) => self.oauth().access(),
        };
        connection.value.seen = Some(visit.now);
        connection.expires = visit.now.saturating_add(life).ok();
        let access = AccessToken {
            client: client.id.clone(),
            connection: Some(connection.id.clone()),
            scope: wanted.to_string(),
        };
        let (change, access) = self.minted(Kind::AccessToken, &access, self.oauth().access(), visit)?;
        let mut changes = vec![change, connection.write()?];
        let mut refresh = None;
        if comes_back {
            let value =
                RefreshToken { client: client.id.clone(), connection: connection.id.clone(), used: false };
            let (change, token) = self.minted(Kind::RefreshToken, &value, life, visit)?;
            changes.push(change);
            refresh = Some(token);
        }
        Ok(Issue { changes, access, refresh })
    }

    fn minted<T: Serialize>(
        &self,
        kind: Kind,
        value: &T,
        life: SignedDuration,
        visit: &Visit,
    ) -> Result<(Change, Token), Error> {
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        Ok((Kept::new(id, visit.now.saturating_add(life).ok(), value).put(kind, Vec::new())?, token))
    }

    /// Writes, and answers. Where two came with the same code or refresh token at once, the slower one is a replay.
    fn hand_out(
        &self,
        client: &Client,
        connection: &Kept<Connection>,
        wanted: &Wanted,
        issue: Issue,
        (operation, replay): (&str, &str),
        visit: &Visit,
    ) -> Result<Value, OauthError> {
        let gone =
            || OauthError::grant("the person does not have this account any more, or not in this place");
        let person = self.person(&connection.value, visit.now)?.ok_or_else(gone)?;
        let entry = entry(visit, client, Some((&person.account, person.realm)), operation, Outcome::Done);
        let id_token = match wanted.openid {
            true => Some(self.id_token(client, connection, &person, wanted.fhir_user, visit)?),
            false => None,
        };
        match self.store.change_items(issue.changes, Some(entry)) {
            Err(StoreError::Stale) => {
                self.replayed(client, &connection.id, replay, visit)?;
                return Err(OauthError::grant(
                    "this was used at the same moment already; ask the person again",
                ));
            }
            outcome => outcome?,
        }
        let mut answer = self.answer(&issue.access, &wanted.to_string());
        let mut add = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                answer[name] = json!(value);
            }
        };
        add("refresh_token", issue.refresh.as_ref().map(Token::reveal));
        add("id_token", id_token.as_deref());
        add("patient", connection.value.patient.as_deref());
        if wanted.launch {
            answer["need_patient_banner"] = json!(true);
        }
        Ok(answer)
    }

    fn answer(&self, access: &Token, scope: &str) -> Value {
        json!({
            "access_token": access.reveal(),
            "token_type": "Bearer",
            "expires_in": self.oauth().access().as_secs(),
            "scope": scope,
        })
    }

    /// Somebody used again what is good once: whoever has it now may be a thief, so all that came of it ends.
    fn replayed(
        &self,
        client: &Client,
        connection: &[u8],
        operation: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        let told = entry(visit, client, None, operation, Outcome::Refused);
        match self.connection(connection, visit.now)? {
            Some(connection) => self.end_connection(connection, told),
            None => Ok(self.store.witness(told)?),
        }
    }

    /// <https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#obtain-access-token>
    fn client_credentials(
        &self,
        client: &Client,
        params: &Params,
        visit: &Visit,
    ) -> Result<Value, OauthError> {
        let asked = Wanted::parse(params.must("scope")?)?;
        let granted = self.kept_to(asked.within(&client.most()));
        let mut granted = Wanted { records: granted.records, ..Wanted::default() };
        granted.records.retain(|scope| scope.context == Context::System);
        if granted.records.is_empty() {
            self.store.witness(entry(visit, client, None, "app token", Outcome::Refused))?;
            let text = "none of these scopes is a `system/` scope that this client is registered for";
            return Err(OauthError::new(Code::InvalidScope, text));
        }
        let scope = granted.to_string();
        let value = AccessToken { client: client.id.clone(), connection: None, scope: scope.clone() };
        // A client that proves itself anew at any time needs no long token: five minutes, as SMART recommends.
        let life = self.oauth().access().min(SignedDuration::from_mins(5));
        let (change, access) = self.minted(Kind::AccessToken, &value, life, visit)?;
        self.store
            .change_items(vec![change], Some(entry(visit, client, None, "app token", Outcome::Done)))?;
        let mut answer = self.answer(&access, &scope);
        answer["expires_in"] = json!(life.as_secs());
        Ok(answer)
    }

    /// Makes a token worthless: <https://www.rfc-editor.org/rfc/rfc7009>. A refresh token takes its whole family along. What is
    /// no token, or another client's, is left alone and not told.
    ///
    /// # Errors
    /// Where the client does not prove who it is, or the store fails.
    pub fn revoke_token(&self, params: &Params, visit: &Visit) -> Result<(), OauthError> {
        let client = self.authenticate(params, visit)?;
        let Some(id) = token_id(params.must("token")?) else { return Ok(()) };
        let refresh: Option<Kept<RefreshToken>> = self.get(Kind::RefreshToken, &id, visit.now)?;
        if let Some(refresh) = refresh.filter(|kept| same(&kept.value.client, &client.id)) {
            if let Some(connection) = self.connection(&refresh.value.connection, visit.now)? {
                let told = entry(visit, &client, None, "app let go", Outcome::Done);
                self.end_connection(connection, told)?;
            }
            return Ok(());
        }
        let access: Option<Kept<AccessToken>> = self.get(Kind::AccessToken, &id, visit.now)?;
        if let Some(access) = access.filter(|kept| same(&kept.value.client, &client.id)) {
            let told = entry(visit, &client, None, "app token revoked", Outcome::Done);
            match self.store.change_items(vec![access.remove(Kind::AccessToken)], Some(told)) {
                Ok(()) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
