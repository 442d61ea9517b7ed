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
    let of_age = within(layers, "proxy_end_age", (12, 25))?.unwrap_or(defaults.of_age);
    let adolescent = within(layers, "proxy_hide_age", (0, 25))?.unwrap_or(defaults.adolescent);
    if adolescent > of_age {
        return Err(Error::Together("proxy_hide_age must not be above proxy_end_age"));
    }
    let settings = Settings {
        identifiers: Rules {
            country: country.map_or(defaults.identifiers.country, |code| code.to_string()),
            aadhaar: switch(layers, "aadhaar")?,
        },
        codes_for_patients: switch(layers, "sent_codes")?,
        idle_patient: minutes("idle_patient_minutes", defaults.idle_patient)?,
        idle_staff: minutes("idle_staff_minutes", defaults.idle_staff)?,
        providers: layers.providers().to_vec(),
        glass: count(layers, "break_glass_hours", 1, 12)?
            .and_then(|hours| i64::try_from(hours).ok())
            .map_or(defaults.glass, SignedDuration::from_hours),
        look_ups: within(layers, "look_ups_per_minute", (1, 120))?.unwrap_or(defaults.look_ups),
        of_age,
        adolescent,
        oauth: login::oauth::Settings { access: app_token(layers)?, ..defaults.oauth.clone() },
        ..defaults
    };
    Ok(SignIn { settings, messages_to_files: switch(layers, "messages_to_files")? })
}

/// A number within bounds.
fn within<T: TryFrom<usize>>(
    layers: &Layers,
    key: &'static str,
    (least, most): (usize, usize),
) -> Result<Option<T>, Error> {
    Ok(count(layers, key, least, most)?.and_then(|number| T::try_from(number).ok()))
}

/// How long an app's access token is good.
fn app_token(layers: &Layers) -> Result<SignedDuration, Error> {
    let said = count(layers, "app_token_minutes", 5, 60)?.and_then(|minutes| i64::try_from(minutes).ok());
    Ok(said.map_or(login::oauth::Settings::default().access, SignedDuration::from_mins))
}
