//! Where the house is: the zone whose clocks its people go by, and the country whose rules hold there. Until somebody has said so, pages
//! speak UTC.

use crate::{Login, error::Error, kept::Kept, roster::By, session::Who, visit::Visit, zone::Zone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// There is one such item.
const ID: &[u8] = b"home";

/// A country whose rules the program knows something of, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    /// India.
    India,
    /// The United States of America.
    UnitedStates,
    /// Another one.
    Other,
}

impl Country {
    /// All that can be chosen.
    pub const ALL: [Country; 3] = [Country::India, Country::UnitedStates, Country::Other];

    /// Its code by ISO 3166; `other` for any other.
    pub fn code(self) -> &'static str {
        match self {
            Country::India => "IN",
            Country::UnitedStates => "US",
            Country::Other => "other",
        }
    }

    /// The country of that code.
    pub fn of_code(code: &str) -> Option<Country> {
        Country::ALL.into_iter().find(|country| country.code().eq_ignore_ascii_case(code.trim()))
    }

    /// The zones in which most people there live. Where it is one alone, it need not be said.
    pub fn zones(self) -> &'static [&'static str] {
        match self {
            Country::India => &["Asia/Kolkata"],
            Country::UnitedStates => &[
                "America/New_York",
                "America/Chicago",
                "America/Denver",
                "America/Phoenix",
                "America/Los_Angeles",
                "America/Anchorage",
                "Pacific/Honolulu",
            ],
            Country::Other => &[],
        }
    }
}

/// Where the house is, as far as somebody said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// Its time zone.
    pub zone: Zone,
    /// Its country.
    pub country: Option<Country>,
}

/// Why it cannot be taken as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No country that can be chosen.
    Country,
    /// No zone was named, and the country does not say which.
    NoZone(Country),
    /// There is no such zone; perhaps this one was meant.
    Zone(Option<Zone>),
}

impl Home {
    /// Reads what was typed. Without a zone it is that of the country, where there is one alone.
    ///
    /// ```
    /// use login::home::{Country, Fault, Home};
    /// assert_eq!(Home::read("IN", "").unwrap().zone.name(), "Asia/Kolkata");
    /// assert_eq!(Home::read("US", ""), Err(Fault::NoZone(Country::UnitedStates)));
    /// assert_eq!(Home::read("US", "America/Denver").unwrap().zone.name(), "America/Denver");
    /// ```
    ///
    /// # Errors
    /// What to mend.
    pub fn read(country: &str, zone: &str) -> Result<Home, Fault> {
        let country = Country::of_code(country).ok_or(Fault::Country)?;
        let zone = match (zone.trim(), country.zones()) {
            ("", [only]) => only,
            ("", _) => return Err(Fault::NoZone(country)),
            (typed, _) => typed,
        };
        let zone = Zone::named(zone).ok_or_else(|| Fault::Zone(Zone::nearest(zone)))?;
        Ok(Home { zone, country: Some(country) })
    }
}

/// Where the house is, with who said so. It is changed from the version that somebody had before them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SaidHome {
    /// Where.
    pub home: Home,
    /// 0 where nobody has said anything yet.
    pub version: i64,
    /// Who said it last.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
}

impl std::fmt::Debug for SaidHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}, version {}", self.home, self.version)
    }
}

/// What came of saving.
#[derive(Debug)]
pub enum Saved {
    /// It stands.
    Done,
    /// Somebody else has changed it meanwhile, and nothing was done.
    Meanwhile(SaidHome),
}

#[derive(Serialize, Deserialize)]
struct Written {
    time_zone: String,
    country: String,
    by: String,
    at: Timestamp,
}

impl Login {
    /// Where the house is.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn home(&self, now: Timestamp) -> Result<SaidHome, Error> {
        let kept: Option<Kept<Written>> = self.get(Kind::Home, ID, now)?;
        Ok(kept.map_or_else(SaidHome::default, |Kept { version, value, .. }| SaidHome {
            home: Home {
                zone: Zone::named(&value.time_zone).unwrap_or_default(),
                country: Country::of_code(&value.country),
            },
            version,
            by: value.by,
            at: Some(value.at),
        }))
    }

    /// As [`Login::home`], for an administrator who is about to change it.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks.
    pub fn home_to_edit(&self, who: &Who, visit: &Visit) -> Result<SaidHome, Error> {
        self.is_administrator(who, visit)?;
        self.home(visit.now)
    }

    /// Says where the house is, in place of the version that was seen.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator or whoever is at the command line says it.
    pub fn move_home(&self, by: By<'_>, home: Home, version: i64, visit: &Visit) -> Result<Saved, Error> {
        by.runs(self, visit)?;
        let there = self.home(visit.now)?;
        if there.version > 0 && there.home == home {
            return Ok(Saved::Done);
        }
        if there.version != version {
            return Ok(Saved::Meanwhile(there));
        }
        let country = home.country.map(Country::code).unwrap_or_default();
        let mut entry = by.entry("place changed", visit);
        entry.shape = format!("{} {country}", home.zone.name());
        let written = Written {
            time_zone: home.zone.name().to_owned(),
            country: country.to_owned(),
            by: by.name().to_owned(),
            at: visit.now,
        };
        let kept = Kept { version, ..Kept::new(ID.to_vec(), None, written) };
        match self.store.change_items(vec![kept.put(Kind::Home, Vec::new())?], Some(entry)) {
            Err(StoreError::Stale) => Ok(Saved::Meanwhile(self.home(visit.now)?)),
            outcome => Ok(outcome.map(|()| Saved::Done)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a15_what_is_wrong_with_a_place_is_named() {
        assert_eq!(Home::read("", "UTC"), Err(Fault::Country));
        assert_eq!(Home::read("DE", "Europe/Berlin"), Err(Fault::Country));
        assert_eq!(Home::read("other", " "), Err(Fault::NoZone(Country::Other)));
        let near = Zone::named("Asia/Kolkata");
        assert_eq!(Home::read("in", "Kolkata"), Err(Fault::Zone(near)));
        assert_eq!(Home::read("other", "Middle-earth/Shire"), Err(Fault::Zone(None)));
        assert_eq!(Home::read("other", "UTC").map(|home| home.country), Ok(Some(Country::Other)));
    }

    #[test]
    fn a15_every_zone_of_a_country_is_one() {
        for country in Country::ALL {
            assert_eq!(Country::of_code(country.code()), Some(country));
            for zone in country.zones() {
                assert_eq!(Zone::named(zone).map(Zone::name), Some(*zone));
            }
        }
    }
}
