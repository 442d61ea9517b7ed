//! FHIR's [date, dateTime, instant and time](https://hl7.org/fhir/R4/datatypes.html#dateTime), read strictly by hand.
//!
//! Every one of them is a stretch of time: `2013` is the whole year. Search compares stretches, so reading gives a
//! [`Span`] straight away, in microseconds since 1970-01-01T00:00:00Z. This runs several times per resource: no
//! allocation, no calendar library.

mod scan;

#[cfg(test)]
mod tests;

use scan::Scan;

/// One minute, in microseconds.
pub const MINUTE_US: i64 = 60_000_000;
/// One day, in microseconds.
pub const DAY_US: i64 = 1440 * MINUTE_US;

/// A stretch of time in microseconds since 1970-01-01T00:00:00Z, both ends inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first microsecond; `i64::MIN` is an open start.
    pub low: i64,
    /// The last microsecond; `i64::MAX` is an open end.
    pub high: i64,
}

impl Span {
    /// A Period: from the first microsecond of `start` to the last of `end`, open where one is missing.
    ///
    /// `None` when both are missing (nothing is known) and when it ends before it starts.
    pub fn period(start: Option<Span>, end: Option<Span>) -> Option<Span> {
        if start.is_none() && end.is_none() {
            return None;
        }
        let span = Span { low: start.map_or(i64::MIN, |s| s.low), high: end.map_or(i64::MAX, |s| s.high) };
        (span.low <= span.high).then_some(span)
    }

    /// Whether all of `other` lies inside.
    pub fn contains(self, other: Span) -> bool {
        self.low <= other.low && other.high <= self.high
    }

    /// Whether they share a microsecond.
    pub fn overlaps(self, other: Span) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

/// How much of a date or time was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// `2013`
    Year,
    /// `2013-06`
    Month,
    /// `2013-06-08`
    Day,
    /// `2013-06-08T10:57`, in search values only
    Minute,
    /// `2013-06-08T10:57:34`
    Second,
    /// `2013-06-08T10:57:34.120`, with that many digits behind the point
    Fraction(u8),
}

/// A date or time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// How much of it was given.
    pub precision: Precision,
    /// The time it covers. For a time of day: microseconds since midnight.
    ///
    /// A fraction of more than six digits is cut to its microsecond. A leap second (`:60`) is the first second of the next minute.
    pub span: Span,
    /// The offset from UTC that stood in the text, in minutes (`-05:30` is -330).
    pub offset_min: Option<i16>,
}

/// A text that is not of the format, or names a day there is not. Does not hold the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct Error(&'static str);

/// The offset of UTC, for [`parse_date`] and [`parse_date_time`].
pub const UTC: i16 = 0;

/// A `date`: `2013`, `2013-06`, `2013-06-08`.
///
/// `zone_min` is the offset of the place whose days these are, in minutes east of UTC.
///
/// ```
/// use fhir::time::{parse_date, Precision, DAY_US, UTC};
///
/// let day = parse_date("1970-01-02", UTC).unwrap();
/// assert_eq!((day.precision, day.span.low, day.span.high), (Precision::Day, DAY_US, 2 * DAY_US - 1));
/// assert!(parse_date("2013-02-29", UTC).is_err());
/// ```
pub fn parse_date(text: &str, zone_min: i16) -> Result<Moment, Error> {
    let mut scan = Scan::new(text);
    scan.date().filter(|_| scan.is_done()).map(|date| date.moment(zone_min)).ok_or(Error("date"))
}

/// A `dateTime`: a date, or a date with a time to the second or finer and an offset.
///
/// `zone_min` stands in where there is no offset (a date alone), in minutes east of UTC.
pub fn parse_date_time(text: &str, zone_min: i16) -> Result<Moment, Error> {
    date_time(text, zone_min, false).ok_or(Error("dateTime"))
}

/// A date in a [search value](https://hl7.org/fhir/R4/search.html#date): as [`parse_date_time`], but the seconds and the offset may be missing.
pub fn parse_search(text: &str, zone_min: i16) -> Result<Moment, Error> {
    date_time(text, zone_min, true).ok_or(Error("date or dateTime"))
}

/// An `instant`: a full date with a time to the second or finer and an offset.
pub fn parse_instant(text: &str) -> Result<Moment, Error> {
    parse_date_time(text, UTC).ok().filter(|m| m.offset_min.is_some()).ok_or(Error("instant"))
}

/// A `time` of day: `10:57:34`, `10:57:34.120`. Its span counts from midnight.
pub fn parse_time(text: &str) -> Result<Moment, Error> {
    let mut scan = Scan::new(text);
    scan.time(false)
        .filter(|_| scan.is_done())
        .map(|time| Moment { precision: time.precision, span: time.from(0), offset_min: None })
        .ok_or(Error("time"))
}

/// An instant as text in UTC: milliseconds, or microseconds where there are any.
///
/// ```
/// assert_eq!(fhir::time::render_instant(1_372_694_254_120_000), "2013-07-01T15:57:34.120Z");
/// assert_eq!(fhir::time::render_instant(-1), "1969-12-31T23:59:59.999999Z");
/// ```
///
/// Years beyond 9999, which FHIR cannot write, are held at its last microsecond, and years before 1 at its first.
pub fn render_instant(us: i64) -> String {
    const FIRST_US: i64 = -62_135_596_800_000_000;
    const LAST_US: i64 = 253_402_300_799_999_999;
    let us = us.clamp(FIRST_US, LAST_US);
    let (year, month, day) = civil(us.div_euclid(DAY_US));
    let of_day = us.rem_euclid(DAY_US);
    let (minute, second, fraction) = (of_day / MINUTE_US, of_day % MINUTE_US / 1_000_000, of_day % 1_000_000);
    let (hour, minute) = (minute / 60, minute % 60);
    let head = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction % 1000 == 0 {
        format!("{head}.{:03}Z", fraction / 1000)
    } else {
        format!("{head}.{fraction:06}Z")
    }
}

fn date_time(text: &str, zone_min: i16, search: bool) -> Option<Moment> {
    let mut scan = Scan::new(text);
    let date = scan.date()?;
    if scan.is_done() {
        return Some(date.moment(zone_min));
    }
    if date.precision != Precision::Day || !scan.take(b'T') {
        return None;
    }
    let time = scan.time(search)?;
    let offset_min = if search && scan.is_done() { None } else { Some(scan.offset()?) };
    let midnight = date.first_day * DAY_US - i64::from(offset_min.unwrap_or(zone_min)) * MINUTE_US;
    scan.is_done().then(|| Moment { precision: time.precision, span: time.from(midnight), offset_min })
}

/// Days since 1970-01-01 of a day in the proleptic Gregorian calendar.
///
/// Counts in years that start in March, so that the leap day is the last of its year, and in eras of 400 years, which all have the same length.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn month_days(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
