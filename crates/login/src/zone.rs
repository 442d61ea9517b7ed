//! Time zones by the names that IANA gives them, from the list that the program carries: nothing of the machine is asked.
//!
//! Source: <https://www.iana.org/time-zones>

use crate::nearest::nearest;
use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use std::sync::{LazyLock, OnceLock};

/// What begins the names that are taken. Those without a region are abbreviations such as `EST`, which know no summer time.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// The name of the one that needs no region.
const UTC: &str = "UTC";

struct Known {
    name: String,
    zone: OnceLock<TimeZone>,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let names = jiff::tz::db().available().map(|name| name.as_str().to_owned());
    let is_taken = |name: &String| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region));
    let mut known: Vec<Known> =
        names.filter(is_taken).map(|name| Known { name, zone: OnceLock::new() }).collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known
});

/// A time zone. It is a word to be handed around; the rules behind it stand in one place.
#[derive(Clone, Copy, Default)]
pub struct Zone(Option<&'static Known>);

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Zone {
    /// The zone of that name, whatever the case of its letters, and with blanks for `_`.
    ///
    /// ```
    /// use login::zone::Zone;
    /// assert_eq!(Zone::named("asia/kolkata").unwrap().name(), "Asia/Kolkata");
    /// assert_eq!(Zone::named(" America/New York ").unwrap().name(), "America/New_York");
    /// assert!(Zone::named("IST").is_none());
    /// ```
    pub fn named(name: &str) -> Option<Zone> {
        let name = name.trim().replace(' ', "_");
        if name.eq_ignore_ascii_case(UTC) {
            return Some(Zone::default());
        }
        KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(&name)).map(|known| Zone(Some(known)))
    }

    /// The zone that somebody may have meant: by its town, or with a slip of the finger.
    ///
    /// ```
    /// use login::zone::Zone;
    /// let near = |typed| Zone::nearest(typed).map(Zone::name);
    /// assert_eq!(near("kolkata"), Some("Asia/Kolkata"));
    /// assert_eq!(near("new york"), Some("America/New_York"));
    /// assert_eq!(near("Asia/Kolkatta"), Some("Asia/Kolkata"));
    /// assert_eq!(near("our own time"), None);
    /// ```
    pub fn nearest(typed: &str) -> Option<Zone> {
        let typed: String = typed.trim().chars().take(64).collect::<String>().replace(' ', "_");
        let town = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        if typed.is_empty() {
            return None;
        }
        let by_town = Zone::all().find(|zone| town(zone.name()).eq_ignore_ascii_case(&typed));
        by_town.or_else(|| nearest(&typed, Zone::all().map(Zone::name)).and_then(Zone::named)).or_else(|| {
            let near = nearest(&typed, Zone::all().map(|zone| town(zone.name())))?;
            Zone::all().find(|zone| town(zone.name()) == near)
        })
    }

    /// All that can be chosen, by their names.
    pub fn all() -> impl Iterator<Item = Zone> {
        std::iter::once(Zone::default()).chain(KNOWN.iter().map(|known| Zone(Some(known))))
    }

    /// Its name: `Asia/Kolkata`.
    pub fn name(self) -> &'static str {
        self.0.map_or(UTC, |known| &known.name)
    }

    /// Its rules.
    pub fn rules(self) -> &'static TimeZone {
        static UTC: TimeZone = TimeZone::UTC;
        self.0.map_or(&UTC, |known| {
            known.zone.get_or_init(|| TimeZone::get(&known.name).unwrap_or(TimeZone::UTC))
        })
    }

    /// A moment on the clocks there.
    pub fn at(self, moment: Timestamp) -> Zoned {
        moment.to_zoned(self.rules().clone())
    }

    /// The day there.
    pub fn day(self, moment: Timestamp) -> Date {
        self.at(moment).date()
    }

    /// When a day begins there. Where clocks leap over midnight, with the first moment that there is.
    ///
    /// # Errors
    /// Beyond the years that are counted.
    pub fn midnight(self, day: Date) -> Result<Timestamp, jiff::Error> {
        Ok(day.to_zoned(self.rules().clone())?.timestamp())
    }

    /// What the clocks there are called at that moment: `IST`, `EDT`; where they have no such name, how far they are from UTC.
    pub fn clock(self, moment: Timestamp) -> String {
        self.rules().to_offset_info(moment).abbreviation().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    #[test]
    fn a15_every_zone_is_found_by_its_name_and_has_its_rules() {
        assert!(Zone::all().count() > 400);
        for known in Zone::all() {
            assert_eq!(Zone::named(known.name()), Some(known));
            assert!(known.name() == UTC || known.rules().iana_name().is_some(), "{known:?}");
        }
        for unknown in ["", "EST", "IST", "Mars/Base", "../etc/passwd", "Asia"] {
            assert_eq!(Zone::named(unknown), None, "{unknown}");
        }
        assert_eq!((Zone::default().name(), Zone::nearest("")), (UTC, None));
    }

    #[test]
    fn a15_a_day_begins_at_midnight_there_and_may_be_longer_or_shorter() {
        let hours = |zone: Zone, day: Date| {
            let end = zone.midnight(day.tomorrow().unwrap()).unwrap();
            end.duration_since(zone.midnight(day).unwrap()).as_hours()
        };
        let new_york = zone("America/New_York");
        assert_eq!(hours(new_york, date(2026, 3, 8)), 23);
        assert_eq!(hours(new_york, date(2026, 11, 1)), 25);
        assert_eq!(hours(zone("Asia/Kolkata"), date(2026, 3, 8)), 24);
        // Clocks in Beirut leap from midnight to one.
        let leap = zone("Asia/Beirut").midnight(date(2026, 3, 29)).unwrap();
        assert_eq!(zone("Asia/Beirut").at(leap).hour(), 1);
    }

    #[test]
    fn a15_clocks_are_called_as_people_there_call_them() {
        let at = |zone_name, moment: &str| zone(zone_name).clock(moment.parse().unwrap());
        assert_eq!(at("Asia/Kolkata", "2026-11-23T00:00:00Z"), "IST");
        assert_eq!(at("America/New_York", "2026-11-01T05:30:00Z"), "EDT");
        assert_eq!(at("America/New_York", "2026-11-01T06:30:00Z"), "EST");
        assert_eq!(at("UTC", "2026-11-01T06:30:00Z"), "UTC");
    }
}
