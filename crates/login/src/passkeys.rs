//! Passkeys: making them, signing in with one alone or after the password, proving oneself again, and letting them go.
//!
//! Each challenge stands in one attempt, is good for one answer within five minutes, and goes with it, right or wrong.

use crate::{
    Login,
    account::{Account, checked_name},
    attempt::{Attempt, Signed, Stage, Step},
    enrolment::{Enrolled, may_change_factors},
    error::Error,
    factor::{
        Proof,
        passkey::{ALGORITHMS, Assertion, Challenge, Fault, Party, Passkey, Registration, base64url, handle},
    },
    kept::Kept,
    notice::Notice,
    random,
    realm::Realm,
    session::{FRESH, Who},
    throttle::Counters,
    visit::Visit,
};
use access::audit::{Entry, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{error::Error as StoreError, items::Kind};
use vault::token::Token;

/// How many passkeys an account has at most.
const MOST: usize = 10;

/// How long an attempt lives that is there for one challenge alone.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How long a browser waits for its user.
const PATIENCE_MS: u32 = 240_000;

const NONE_HERE: &str = "passkeys need an https address with a name; use an authenticator app";

/// A line of the list of passkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// By which it is removed.
    pub id: String,
    /// As its owner named it.
    pub name: String,
    /// Since when.
    pub added: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

impl Account {
    /// The passkeys, the oldest first.
    pub fn passkeys(&self) -> Vec<Listed> {
        let listed = |key: &Passkey| Listed {
            id: key.id.clone(),
            name: key.name.clone(),
            added: key.added,
            used: key.used,
        };
        self.passkeys.iter().map(listed).collect()
    }

    fn known(&self) -> Vec<Value> {
        self.passkeys.iter().map(|key| json!({"type": "public-key", "id": key.id})).collect()
    }
}

/// What a browser is asked with: the options of `navigator.credentials`, as JSON with base64url for bytes.
fn to_use(party: &Party, challenge: &Challenge, known: &[Value]) -> String {
    json!({
        "challenge": challenge.text(), "rpId": party.id(), "allowCredentials": known,
        "userVerification": "required", "timeout": PATIENCE_MS,
    })
    .to_string()
}

fn to_make(party: &Party, challenge: &Challenge, account: &Account) -> String {
    let algorithms = ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
    let name = account.contact().map_or(account.name.clone(), |contact| contact.text());
    json!({
        "challenge": challenge.text(), "rp": {"id": party.id(), "name": "Keepwell"},
        "user": {"id": base64url(account.id.as_bytes()), "name": name, "displayName": account.name},
        "pubKeyCredParams": algorithms, "excludeCredentials": account.known(), "attestation": "none",
        "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
        "timeout": PATIENCE_MS,
    })
    .to_string()
}

impl Login {
    /// Whether passkeys can be made and used here.
    pub fn has_passkeys(&self) -> bool {
        self.settings.party.is_some()
    }

    fn party(&self) -> Result<&Party, Error> {
        self.settings.party.as_ref().ok_or(Error::Unsupported(NONE_HERE))
    }

    /// An attempt that is there for one challenge alone.
    fn passkey_asked(
        &self,
        realm: Realm,
        account: Option<&Account>,
        visit: &Visit,
    ) -> Result<(Kept<Attempt>, Challenge, Token), Error> {
        let stage = Stage::Passkey { account: account.map(|account| account.id.clone()) };
        let attempt = Attempt::new(realm, None, stage);
        let attempt = account.map_or(attempt.clone(), |account| attempt.of(account));
        let (mut kept, token) = self.attempt(attempt, visit.now)?;
        let challenge = Challenge::new(random()?, visit.now);
        kept.value.challenge = Some(challenge.clone());
        kept.expires = visit.now.saturating_add(LIFE).ok();
        self.store.change_items(vec![kept.write()?], None)?;
        Ok((kept, challenge, token))
    }

    /// Begins a sign-in by passkey alone: the options for the browser, and the attempt's token. Nobody is known yet.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there are no passkeys, [`Error::NotSetUp`], [`Error::Throttled`].
    pub fn ask_passkey(&self, realm: Realm, visit: &Visit) -> Result<(String, Token), Error> {
        let party = self.party()?;
        if !self.is_set_up(visit.now)? {
            return Err(Error::NotSetUp);
        }
        self.count_try(&Counters::of_address(visit), visit.now)?;
        let (_, challenge, token) = self.passkey_asked(realm, None, visit)?;
        Ok((to_use(party, &challenge, &[]), token))
    }

    /// Signs in by passkey alone, which is two factors: the authenticator verified who used it.
    ///
    /// # Errors
    /// [`Error::Denied`] whatever did not match; [`Error::Ended`] where the attempt is over.
    pub fn sign_in_by_passkey(&self, attempt: &str, sent: &Assertion, visit: &Visit) -> Result<Step, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::Passkey { account: None } = kept.value.stage else { return Err(Error::Ended) };
        let realm = kept.value.realm;
        let found: Option<Kept<Account>> = self.find(Kind::Account, &handle(&sent.id), visit.now)?;
        let known = found.as_ref().map_or(sent.id.as_str(), |found| found.value.id.as_str()).to_owned();
        let counters = Counters::of(&known, visit);
        self.count_try(&counters, visit.now)?;
        let challenge = kept.value.challenge.take().ok_or(Error::Ended)?;
        let mut found = found;
        let shown = match &mut found {
            Some(found) => self.shows_passkey(&mut found.value, sent, &challenge, visit),
            None => Err(Fault::Signature),
        };
        let place = found.as_ref().and_then(|found| self.place(&found.value, realm, "", visit));
        let (Some(mut found), Some(facility), Ok(())) = (found.take(), place, shown) else {
            let account = self.find::<Account>(Kind::Account, &handle(&sent.id), visit.now)?;
            let account = account.as_ref().map(|account| &account.value);
            return self.not_taken(&kept, realm, account, shown.err(), visit);
        };
        let opening = self.open_session(&mut found.value, realm, facility, Some(visit.now), visit)?;
        let mut changes = opening.changes;
        changes.extend([found.write()?, kept.remove(Kind::Attempt)]);
        let entry = visit.entry(realm, Some(&found.value), "sign-in by passkey", Outcome::Done);
        match self.store.change_items(changes, Some(entry)) {
            // The same answer at the same moment: it is used.
            Err(StoreError::Stale) => return Err(Error::Denied),
            outcome => outcome?,
        }
        self.forgive(&counters, 1, visit.now)?;
        self.forgive(&Counters::of_address(visit), 1, visit.now)?;
        Ok(Step::In(opening.signed))
    }

    /// The attempt ends; whoever owns the passkey is told where there may be a copy of it.
    fn not_taken(
        &self,
        attempt: &Kept<Attempt>,
        realm: Realm,
        account: Option<&Account>,
        fault: Option<Fault>,
        visit: &Visit,
    ) -> Result<Step, Error> {
        let mut changes = vec![attempt.remove(Kind::Attempt)];
        if let (Some(account), Some(Fault::Counter)) = (account, fault) {
            let text =
                "A sign-in was refused: there may be a copy of one of your passkeys. Remove it".to_owned();
            changes.push(Notice { at: visit.now, text }.write(&account.id)?);
        }
        let entry = visit.entry(realm, account, "sign-in by passkey", Outcome::Refused);
        let reason = fault.map(|fault| fault.to_string());
        match self.store.change_items(changes, Some(Entry { reason, ..entry })) {
            Ok(()) | Err(StoreError::Stale) => Err(Error::Denied),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an answer shows that the account's owner has one of its passkeys; then its use is noted in the account.
    pub(crate) fn shows_passkey(
        &self,
        account: &mut Account,
        sent: &Assertion,
        challenge: &Challenge,
        visit: &Visit,
    ) -> Result<(), Fault> {
        let party = self.settings.party.as_ref().ok_or(Fault::Party)?;
        let id = account.id.clone();
        let key = account.passkeys.iter_mut().find(|key| key.id == sent.id).ok_or(Fault::Signature)?;
        sent.check(key, &id, party, challenge, visit.now)
    }

    /// The options for a passkey as the second factor, after the password. A new challenge each time.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the account has none, [`Error::Ended`] where the attempt is over.
    pub fn ask_second_passkey(&self, attempt: &str, visit: &Visit) -> Result<String, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::SecondFactor { account } = &kept.value.stage else { return Err(Error::Ended) };
        let account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let party = self.party()?;
        if !account.value.has_passkey() {
            return Err(Error::Unsupported("you have no passkey; enter a code of your authenticator app"));
        }
        let challenge = Challenge::new(random()?, visit.now);
        kept.value.challenge = Some(challenge.clone());
        self.store.change_items(vec![kept.write()?], None)?;
        Ok(to_use(party, &challenge, &account.value.known()))
    }

    /// Whether the account of an attempt can show a passkey, and whether it can show a code of an app.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over.
    pub fn offers(&self, attempt: &str, visit: &Visit) -> Result<(bool, bool), Error> {
        let kept = self.attempted(attempt, visit)?;
        let account =
            self.account(kept.value.account().ok_or(Error::Ended)?, visit.now)?.ok_or(Error::Ended)?;
        Ok((account.value.has_passkey() && self.has_passkeys(), account.value.has_app()))
    }

    /// The options for a passkey that proves again who is signed in, and the attempt's token.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the account has none.
    pub fn ask_step_up(&self, who: &Who, visit: &Visit) -> Result<(String, Token), Error> {
        let party = self.party()?;
        if !who.account.has_passkey() {
            return Err(Error::Unsupported("you have no passkey; enter a code of your authenticator app"));
        }
        let (_, challenge, token) = self.passkey_asked(who.realm, Some(&who.account), visit)?;
        Ok((to_use(party, &challenge, &who.account.known()), token))
    }

    /// Proves by passkey, again, who is signed in: the session goes on under a new token.
    ///
    /// # Errors
    /// [`Error::Denied`] whatever did not match; [`Error::Ended`] where the attempt is over.
    pub fn step_up_by_passkey(
        &self,
        who: &Who,
        attempt: &str,
        sent: &Assertion,
        visit: &Visit,
    ) -> Result<Signed, Error> {
        let mut kept = self.own_attempt(who, attempt, visit)?;
        let proof = Proof::Passkey(sent.clone());
        self.step_up_in(who, Some((&mut kept.value, attempt)), &proof, visit)
    }

    /// An attempt of this very person, which ends here: one answer to each challenge.
    fn own_attempt(&self, who: &Who, attempt: &str, visit: &Visit) -> Result<Kept<Attempt>, Error> {
        let kept = self.attempted(attempt, visit)?;
        let is_own =
            matches!(&kept.value.stage, Stage::Passkey { account: Some(id) } if *id == who.account.id);
        if !is_own || kept.value.realm != who.realm || !kept.value.fits(&who.account) {
            return Err(Error::Ended);
        }
        match self.store.change_items(vec![kept.remove(Kind::Attempt)], None) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => outcome.map(|()| kept).map_err(Error::from),
        }
    }

    /// The options for a first passkey, for somebody who sets up their second factor.
    ///
    /// # Errors
    /// [`Error::Ended`] where the attempt is over, or of another kind.
    pub fn ask_first_passkey(&self, attempt: &str, visit: &Visit) -> Result<String, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::Enrol { account, .. } = &kept.value.stage else { return Err(Error::Ended) };
        let account = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let party = self.party()?;
        let challenge = Challenge::new(random()?, visit.now);
        kept.value.challenge = Some(challenge.clone());
        self.store.change_items(vec![kept.write()?], None)?;
        Ok(to_make(party, &challenge, &account.value))
    }

    /// Takes a first passkey: from now on it is the second factor, and the person is signed in.
    ///
    /// # Errors
    /// [`Error::Denied`] where it is not what was asked for, [`Error::Ended`] where the attempt is over.
    pub fn enrol_passkey(
        &self,
        attempt: &str,
        sent: &Registration,
        name: &str,
        visit: &Visit,
    ) -> Result<Enrolled, Error> {
        let mut kept = self.attempted(attempt, visit)?;
        let Stage::Enrol { account, .. } = &kept.value.stage else { return Err(Error::Ended) };
        let found = self.account(account, visit.now)?.filter(|account| kept.value.fits(&account.value));
        let mut account = found.ok_or(Error::Ended)?;
        let name = checked_name(name)?;
        let challenge = kept.value.challenge.take().ok_or(Error::Ended)?;
        match sent.check(self.party()?, &challenge, name, visit.now) {
            Ok(passkey) => account.value.passkeys.push(passkey),
            Err(fault) => {
                let entry =
                    visit.entry(kept.value.realm, Some(&account.value), "passkey set", Outcome::Refused);
                let entry = Entry { reason: Some(fault.to_string()), ..entry };
                self.store.change_items(vec![kept.write()?], Some(entry))?;
                return Err(Error::Denied);
            }
        }
        self.enrolled(account, &kept, "passkey set", visit)
    }

    /// The options for another passkey, and the attempt's token.
    ///
    /// # Errors
    /// [`Error::StepUp`] where the second factor was proven too long ago.
    pub fn ask_new_passkey(&self, who: &Who, visit: &Visit) -> Result<(String, Token), Error> {
        may_change_factors(who, visit)?;
        let party = self.party()?;
        if who.account.passkeys.len() >= MOST {
            return Err(Error::Unsupported("you have ten passkeys; remove one first"));
        }
        let (_, challenge, token) = self.passkey_asked(who.realm, Some(&who.account), visit)?;
        Ok((to_make(party, &challenge, &who.account), token))
    }

    /// Takes another passkey. Who had no second factor has one now, and the recovery codes stay as they are.
    ///
    /// # Errors
    /// [`Error::Denied`] where it is not what was asked for, [`Error::Ended`] where the attempt is over.
    pub fn add_passkey(
        &self,
        who: &Who,
        attempt: &str,
        sent: &Registration,
        name: &str,
        visit: &Visit,
    ) -> Result<(), Error> {
        may_change_factors(who, visit)?;
        let name = checked_name(name)?;
        let attempt = self.own_attempt(who, attempt, visit)?;
        let challenge = attempt.value.challenge.ok_or(Error::Ended)?;
        let entry = |outcome| visit.entry(who.realm, Some(&who.account), "passkey added", outcome);
        let passkey = match sent.check(self.party()?, &challenge, name, visit.now) {
            Ok(passkey) => passkey,
            Err(fault) => {
                self.store.witness(Entry { reason: Some(fault.to_string()), ..entry(Outcome::Refused) })?;
                return Err(Error::Denied);
            }
        };
        let mut kept = who.kept.clone();
        let text = format!("A passkey was added: {}", passkey.name);
        kept.value.passkeys.push(passkey);
        let notice = Notice { at: visit.now, text }.write(&who.account.id)?;
        match self.store.change_items(vec![kept.write()?, notice], Some(entry(Outcome::Done))) {
            // Another account has a credential of this id: no honest authenticator makes one twice.
            Err(StoreError::Taken) => Err(Error::Denied),
            outcome => Ok(outcome?),
        }
    }

    /// Removes a passkey; whoever is signed in elsewhere is out. The last second factor stays.
    ///
    /// # Errors
    /// [`Error::StepUp`] where the second factor was proven too long ago, [`Error::Ended`] where there is none of that id.
    pub fn remove_passkey(&self, who: &Who, id: &str, visit: &Visit) -> Result<Signed, Error> {
        who.require_step_up(FRESH, visit.now)?;
        let mut kept = who.kept.clone();
        let at = kept.value.passkeys.iter().position(|key| key.id == id).ok_or(Error::Ended)?;
        let gone = kept.value.passkeys.remove(at);
        if !kept.value.has_second_factor() {
            return Err(Error::Unsupported("this is your only second factor; set up another one first"));
        }
        kept.value.generation += 1;
        let facility = who.staff.as_ref().map(|staff| staff.facility.clone());
        let opening = self.open_session(&mut kept.value, who.realm, facility, who.proven, visit)?;
        let text = format!("A passkey was removed: {}", gone.name);
        let mut changes = opening.changes;
        changes.extend([kept.write()?, Notice { at: visit.now, text }.write(&who.account.id)?]);
        let entry = visit.entry(who.realm, Some(&who.account), "passkey removed", Outcome::Done);
        self.store.change_items(changes, Some(entry))?;
        Ok(opening.signed)
    }
}
