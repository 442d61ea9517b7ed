//! What the settings say about signing in.

use super::{Error, Layers, count, parsed, switch};
use jiff::SignedDuration;
use login::{identifier::Rules, settings::Settings};

/// Settings of the sign-in.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    /// As the room takes them.
    pub(crate) settings: Settings,
    /// Whether messages are dropped as files.
    pub(crate) messages_to_files: bool,
}

/// Reads them.
pub(super) fn sign_in(layers: &Layers) -> Result<SignIn, Error> {
    let defaults = Settings::default();
    let minutes = |key, default: SignedDuration| -> Result<SignedDuration, Error> {
        let said = count(layers, key, 1, 24 * 60)?.and_then(|minutes| i64::try_from(minutes).ok());
        Ok(said.map_or(default, SignedDuration::from_mins))
    };
    let country: Option<u32> = parsed(layers, "calling_code", "digits such as 91, without a plus")?;
    if let (Some(0 | 1_000..), Some(said)) = (country, layers.get("calling_code")) {
        return Err(Error::value("calling_code", &said.origin, "digits such as 91, without a plus"));
    }
    let settings = Settings {
        identifiers: Rules {
            country: country.map_or(defaults.identifiers.country, |code| code.to_string()),
            aadhaar: switch(layers, "aadhaar")?,
        },
        codes_for_patients: switch(layers, "sent_codes")?,
        idle_patient: minutes("idle_patient_minutes", defaults.idle_patient)?,
        idle_staff: minutes("idle_staff_minutes", defaults.idle_staff)?,
        oauth: login::oauth::Settings { access: app_token(layers)?, ..defaults.oauth.clone() },
        ..defaults
    };
    Ok(SignIn { settings, messages_to_files: switch(layers, "messages_to_files")? })
}

/// How long an app's access token is good.
fn app_token(layers: &Layers) -> Result<SignedDuration, Error> {
    let said = count(layers, "app_token_minutes", 5, 60)?.and_then(|minutes| i64::try_from(minutes).ok());
    Ok(said.map_or(login::oauth::Settings::default().access, SignedDuration::from_mins))
}
