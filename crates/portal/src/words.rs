//! What pages say, in the reader's language: sentences of `locales/LANGUAGE/*.ftl`, found by key.
//!
//! Values of a record (digits, units, names of medicines) are never translated here; months, plurals and all that surrounds them are.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};
use care::{banner::Age, when::When};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use login::{error::Error, zone::Zone};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, LazyLock},
};
use web::{cookie, door::Door};

/// The cookie that remembers a choice of language.
pub(crate) const COOKIE: &str = "__Host-keepwell-language";

macro_rules! catalogue {
    ($($file:literal),*) => {
        /// Each language's files, in one order.
        const FILES: [&[&str]; 3] = [
            &[$(include_str!(concat!("../locales/en/", $file, ".ftl"))),*],
            &[$(include_str!(concat!("../locales/hi/", $file, ".ftl"))),*],
            &[$(include_str!(concat!("../locales/te/", $file, ".ftl"))),*],
        ];
    };
}

catalogue!(
    "frame",
    "chart",
    "note",
    "vitals",
    "own",
    "viewers",
    "patient",
    "clinic",
    "public",
    "form",
    "entry",
    "account",
    "sharing",
    "apps",
    "desk",
    "admin",
    "log",
    "house",
    "design",
    "upload",
    "share",
    "card",
    "takeout",
    "elsewhere",
    "register",
    "history",
    "search",
    "immunizations",
    "welcome",
    "home",
    "pages",
    "errors"
);

/// A language that every page speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    Hindi,
    Telugu,
}

impl Language {
    pub(crate) const ALL: [Language; 3] = [Language::English, Language::Hindi, Language::Telugu];

    /// Its code for `lang`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Hindi => "hi",
            Language::Telugu => "te",
        }
    }

    /// Its name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Hindi => "हिन्दी",
            Language::Telugu => "తెలుగు",
        }
    }

    pub(crate) fn named(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first of an `Accept-Language` that is spoken here; browsers send them in order of preference.
    fn accepted(header: &str) -> Option<Language> {
        let tags = header.split(',').map(|tag| tag.split([';', '-']).next().unwrap_or_default().trim());
        tags.take(16).find_map(|tag| Language::named(&tag.to_ascii_lowercase()))
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        &BUNDLES[self as usize]
    }
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 3]> = LazyLock::new(|| Language::ALL.map(bundle));

/// The keys of what the rooms below say, by their English sentences.
static TOLD: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let lines = include_str!("../locales/en/errors.ftl").lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(key, text)| (text.to_owned(), key.to_owned())).collect()
});

/// What cannot be read of our own files, a test finds.
fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
    // Names stand in `bdi` elements; invisible marks would be copied along with a value.
    bundle.set_use_isolating(false);
    for file in FILES[language as usize] {
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A reader's language, and the clocks of the house; pages carry them to say what they say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words(pub(crate) Language, pub(crate) Zone);

impl Words {
    /// The sentence of that key.
    pub(crate) fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The sentence of that key with one value in it.
    pub(crate) fn with(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), value.to_string());
        self.format(key, Some(&args))
    }

    /// The sentence of that key with how many there are.
    pub(crate) fn count(&self, key: &str, count: impl std::fmt::Display) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(count.to_string().parse::<i64>().unwrap_or(i64::MAX)));
        self.format(key, Some(&args))
    }

    /// The sentence of a key made of a code, such as `gender-female`; where there is none, `other` as it is.
    pub(crate) fn of_code(&self, prefix: &str, code: &str, other: &str) -> String {
        let key = format!("{prefix}-{}", code.to_ascii_lowercase());
        if self.0.bundle().has_message(&key) { self.say(&key) } else { other.to_owned() }
    }

    /// The sentence of that key with several values in it.
    pub(crate) fn values(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        let mut args = FluentArgs::new();
        values.iter().for_each(|(name, value)| args.set(*name, (*value).to_owned()));
        self.format(key, Some(&args))
    }

    /// Why something was not done.
    pub(crate) fn error(&self, error: &Error) -> String {
        match error {
            Error::Throttled { seconds } => self.count("throttled", seconds),
            error => self.told(&error.to_string()),
        }
    }

    /// What rooms below say in English: they know no other language. What `errors.ftl` does not have is said as it is.
    pub(crate) fn told(&self, text: &str) -> String {
        TOLD.get(text).map_or_else(|| text.to_owned(), |key| self.say(key))
    }

    /// To the minute, on the clocks of the house and with their name: `23-Nov-2026 08:42 IST`.
    pub(crate) fn minute(&self, moment: Timestamp) -> String {
        let (at, clock) = (self.1.at(moment), self.1.clock(moment));
        let month = self.say(&format!("month-{}", at.month()));
        format!("{:02}-{month}-{} {:02}:{:02} {clock}", at.day(), at.year(), at.hour(), at.minute())
    }

    /// As [`Words::minute`], in letters and digits that every machine draws: `2026-11-23 08:42 IST`.
    pub(crate) fn stamp(&self, moment: Timestamp) -> String {
        format!("{} {}", self.1.at(moment).strftime("%Y-%m-%d %H:%M"), self.1.clock(moment))
    }

    /// A moment on the clocks of the house.
    pub(crate) fn clocks(&self, moment: Timestamp) -> Zoned {
        self.1.at(moment)
    }

    /// The day that it is in the house.
    pub(crate) fn day(&self, moment: Timestamp) -> Date {
        self.1.day(moment)
    }

    /// The rules of the house's clocks.
    pub(crate) fn rules(&self) -> &'static TimeZone {
        self.1.rules()
    }

    /// A heading or a label above times that stand without the name of their clock.
    pub(crate) fn in_zone(&self, key: &str) -> String {
        self.with(key, "zone", self.1.name())
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        for language in [self.0, Language::English] {
            let bundle = language.bundle();
            if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
                return bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned();
            }
        }
        key.to_owned()
    }

    /// A date as exact as it is known: `14-Jul-1945`, `Jul-1945`, `1945`. A moment has the day that it was in the house.
    pub(crate) fn date(&self, when: &When) -> String {
        let when = when.on_clocks(self.rules());
        let month = when.month.map(|month| self.say(&format!("month-{month}")));
        match (when.day, month) {
            (Some(day), Some(month)) => format!("{day:02}-{month}-{}", when.year),
            (None, Some(month)) => format!("{month}-{}", when.year),
            _ => when.year.to_string(),
        }
    }

    /// A date with the time of day, where it is known: of a moment, on the clocks of the house.
    pub(crate) fn moment(&self, when: &When) -> String {
        match when.on_clocks(self.rules()).time {
            Some((hour, minute)) => format!("{} {hour:02}:{minute:02}", self.date(when)),
            None => self.date(when),
        }
    }

    /// As [`Words::date`]; empty where it is not known.
    pub(crate) fn date_or(&self, when: &Option<When>) -> String {
        when.as_ref().map(|when| self.date(when)).unwrap_or_default()
    }

    /// As [`Words::moment`]; empty where it is not known.
    pub(crate) fn moment_or(&self, when: &Option<When>) -> String {
        when.as_ref().map(|when| self.moment(when)).unwrap_or_default()
    }

    /// How old somebody is: `81 y`, `5 mo`.
    pub(crate) fn age(&self, age: &Age) -> String {
        match *age {
            Age::Years(years) => self.count("age-years", years),
            Age::Months(months) => self.count("age-months", months),
        }
    }
}

impl<S> FromRequestParts<S> for Words
where
    S: Send + Sync,
    Arc<Door>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Words, Infallible> {
        let chosen = cookie::read(&parts.headers, COOKIE).and_then(Language::named);
        let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let accepted = || header.and_then(Language::accepted);
        let home = Arc::<Door>::from_ref(state).home().await;
        Ok(Words(chosen.or_else(accepted).unwrap_or(Language::English), home.zone))
    }
}

#[cfg(test)]
mod readability;
#[cfg(test)]
mod tests;
