//! Dates as FHIR writes them: as exact as they are known. What was written with a time is a moment, and is told on the clocks of a place;
//! what is a date alone is that date everywhere.
//!
//! Source: <https://hl7.org/fhir/R4/datatypes.html#dateTime>

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

/// A date or a moment, as exact as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    /// Where it stands among others: its beginning, in microseconds since the epoch.
    pub order: i64,
    /// The year.
    pub year: i16,
    /// The month, where it is known.
    pub month: Option<i8>,
    /// The day, where it is known.
    pub day: Option<i8>,
    /// Hour and minute as they were written, where they are known.
    pub time: Option<(i8, i8)>,
    /// The moment, where the time was written with how far its clock was from UTC.
    pub moment: Option<Timestamp>,
}

impl When {
    /// Reads `2012`, `2012-05`, `2012-05-31` or `2012-05-31T08:30:00+05:30`.
    ///
    /// ```
    /// use care::when::When;
    /// assert_eq!(When::parse("2012-05").unwrap().month, Some(5));
    /// assert_eq!(When::parse("2012-05-31T08:30:00+05:30").unwrap().time, Some((8, 30)));
    /// assert!(When::parse("in spring").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<When> {
        let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
        let mut parts = date.split('-');
        let year: i16 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let month = number(parts.next())?;
        let day = number(parts.next())?;
        let start = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        let midnight = start.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let moment = time.is_some().then(|| text.parse::<Timestamp>().ok()).flatten();
        let clock = time.and_then(|time| Some((time.get(..2)?.parse().ok()?, time.get(3..5)?.parse().ok()?)));
        Some(When {
            order: moment.unwrap_or(midnight).as_microsecond(),
            year,
            month,
            day,
            time: clock,
            moment,
        })
    }

    /// The same on the clocks of another place: a moment may be of another day there; a date is what it is.
    ///
    /// ```
    /// use {care::when::When, jiff::tz::{TimeZone, offset}};
    /// let there = TimeZone::fixed(offset(5));
    /// let late = When::parse("2026-11-22T23:30:00Z").unwrap().on_clocks(&there);
    /// assert_eq!((late.day, late.time), (Some(23), Some((4, 30))));
    /// assert_eq!(When::parse("2026-11-22").unwrap().on_clocks(&there).day, Some(22));
    /// ```
    #[must_use]
    pub fn on_clocks(&self, zone: &TimeZone) -> When {
        let Some(moment) = self.moment else { return self.clone() };
        let at = zone.to_datetime(moment);
        When {
            year: at.year(),
            month: Some(at.month()),
            day: Some(at.day()),
            time: Some((at.hour(), at.minute())),
            ..self.clone()
        }
    }

    /// The first of these members of a resource that holds a date; of a `Period` its start.
    pub fn first(resource: &Value, members: &[&str]) -> Option<When> {
        members.iter().find_map(|member| {
            let value = resource.get(*member)?;
            let text =
                value.as_str().or_else(|| value.get("start").or_else(|| value.get("end"))?.as_str())?;
            When::parse(text)
        })
    }

    /// The day, as far as it is known.
    pub fn date(&self) -> Option<Date> {
        Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()
    }

    /// Whole years from here to `today`; where only the year is known, at most so many.
    pub fn years_until(&self, today: Date) -> Option<i16> {
        let years = today.year() - self.year;
        let had = (today.month(), today.day()) >= (self.month.unwrap_or(1), self.day.unwrap_or(1));
        Some(if had { years } else { years - 1 }).filter(|years| *years >= 0)
    }

    /// Whole months from here to `today`, for the very young.
    pub fn months_until(&self, today: Date) -> Option<i16> {
        let (month, day) = (self.month?, self.day.unwrap_or(1));
        let months = (today.year() - self.year) * 12 + i16::from(today.month()) - i16::from(month);
        let months = if today.day() >= day { months } else { months - 1 };
        Some(months).filter(|months| *months >= 0)
    }
}

/// A part of a date: `None` where it is there and is no number, `Some(None)` where it is not there.
fn number(part: Option<&str>) -> Option<Option<i8>> {
    part.map_or(Some(None), |part| part.parse().ok().map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_date_is_as_exact_as_it_was_written_and_orders_by_the_moment() {
        let parse = |text| When::parse(text).unwrap();
        assert_eq!((parse("1945").month, parse("1945-07").day), (None, None));
        assert!(parse("2020-05-25T23:00:00-05:00") > parse("2020-05-26T01:00:00+00:00"));
        for bad in ["", "x", "45-07-14", "1945-13", "1945-02-30", "1945-xx-01"] {
            assert!(When::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_age_grows_on_the_birthday_and_not_before() {
        let born = When::parse("1945-07-14").unwrap();
        assert_eq!(born.years_until(date(2026, 7, 13)), Some(80));
        assert_eq!(born.years_until(date(2026, 7, 14)), Some(81));
        assert_eq!(born.years_until(date(1945, 7, 13)), None);
        assert_eq!(When::parse("2026-03-31").unwrap().months_until(date(2026, 7, 30)), Some(3));
    }
}
