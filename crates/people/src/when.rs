//! Days and moments as whole numbers: civil dates that cannot fail, in the forms FHIR writes.

use std::fmt;

/// A civil day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) i32);

/// Days in a year, for ages and spans where a leap day more or less does not matter.
pub(crate) const YEAR: i32 = 365;

impl Day {
    /// The day of that civil date (the proleptic Gregorian calendar; month 1–12, day 1–31).
    pub(crate) fn of(year: i32, month: i32, day: i32) -> Day {
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// From the caller's date.
    pub(crate) fn from_civil(date: jiff::civil::Date) -> Day {
        Day::of(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
    }

    /// Year, month (1–12) and day (1–31).
    pub(crate) fn civil(self) -> (i32, i32, i32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let counted = (5 * of_year + 2) / 153;
        let month = if counted < 10 { counted + 3 } else { counted - 9 };
        let day = of_year - (153 * counted + 2) / 5 + 1;
        (year + era * 400 + i32::from(month <= 2), month, day)
    }

    /// So many days later, or earlier.
    pub(crate) fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// The calendar year.
    pub(crate) fn year(self) -> i32 {
        self.civil().0
    }

    /// Whole years from `self` to `later`, as people count their age.
    pub(crate) fn years_to(self, later: Day) -> i32 {
        let (born, now) = (self.civil(), later.civil());
        now.0 - born.0 - i32::from((now.1, now.2) < (born.1, born.2))
    }

    /// Days from `self` to `later`.
    pub(crate) fn days_to(self, later: Day) -> i32 {
        later.0 - self.0
    }

    /// Whether this is a Sunday, when clinics are closed.
    pub(crate) fn is_sunday(self) -> bool {
        (self.0 + 4).rem_euclid(7) == 0
    }

    /// `self` at this minute of the day.
    pub(crate) fn at(self, minute: i32) -> Moment {
        Moment { day: self.plus(minute.div_euclid(1440)), minute: minute.rem_euclid(1440) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// A minute of a day, in some hospital's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) day: Day,
    pub(crate) minute: i32,
}

impl Moment {
    /// So many minutes later.
    pub(crate) fn plus(self, minutes: i32) -> Moment {
        self.day.at(self.minute + minutes)
    }

    /// As a FHIR dateTime or instant, with an offset such as `+05:30`.
    pub(crate) fn text(self, offset: &str) -> String {
        let (year, month, day) = self.day.civil();
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00{offset}")
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_agree_with_jiff_over_three_centuries() {
        let mut date = jiff::civil::date(1850, 1, 1);
        for _ in 0..110_000 {
            let day = Day::from_civil(date);
            assert_eq!(day.to_string(), date.to_string());
            assert_eq!(day.is_sunday(), date.weekday() == jiff::civil::Weekday::Sunday);
            date = date.tomorrow().unwrap();
        }
    }

    #[test]
    fn an_age_turns_on_the_birthday() {
        let born = Day::of(2000, 7, 14);
        assert_eq!(born.years_to(Day::of(2026, 7, 13)), 25);
        assert_eq!(born.years_to(Day::of(2026, 7, 14)), 26);
    }

    #[test]
    fn a_moment_past_midnight_is_the_next_day() {
        let late = Day::of(2024, 2, 28).at(23 * 60 + 30).plus(45);
        assert_eq!(late.text("+05:30"), "2024-02-29T00:15:00+05:30");
    }
}
