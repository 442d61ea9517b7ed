//! Ages and intervals, added to dates as CDSi adds them: years and months first, then weeks and days; a day that a month does not have
//! is the first of the next one.
//!
//! Source: [CDSi logic specification](https://www.cdc.gov/iis/cdsi/index.html), the business rules for calculating dates.

use jiff::civil::Date;

/// The grace that CDSi's tables give to a minimum age and to a minimum interval.
pub(super) const GRACE: Span = days(4);

/// An age, or an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    months: i16,
    days: i16,
}

/// So many years.
pub(super) const fn years(count: i16) -> Span {
    Span { months: count * 12, days: 0 }
}

/// So many months.
pub(super) const fn months(count: i16) -> Span {
    Span { months: count, days: 0 }
}

/// So many weeks.
pub(super) const fn weeks(count: i16) -> Span {
    Span { months: 0, days: count * 7 }
}

/// So many days.
pub(super) const fn days(count: i16) -> Span {
    Span { months: 0, days: count }
}

impl Span {
    /// Both after each other.
    pub(super) const fn and(self, more: Span) -> Span {
        Span { months: self.months + more.months, days: self.days + more.days }
    }

    /// Less by another.
    pub(super) const fn less(self, other: Span) -> Span {
        Span { months: self.months - other.months, days: self.days - other.days }
    }

    /// The day on which it is over. What no calendar holds any more is the last day that there is.
    pub(super) fn after(self, start: Date) -> Date {
        let year_and_month =
            i32::from(start.year()) * 12 + i32::from(start.month()) - 1 + i32::from(self.months);
        let (year, month) = (year_and_month.div_euclid(12), year_and_month.rem_euclid(12) + 1);
        let in_month = i16::try_from(year).ok().zip(i8::try_from(month).ok());
        let Some(first) = in_month.and_then(|(year, month)| Date::new(year, month, 1).ok()) else {
            return Date::MAX;
        };
        let has_day = start.day() <= first.days_in_month();
        let reached = if has_day {
            first.saturating_add(jiff::Span::new().days(i64::from(start.day()) - 1))
        } else {
            first.saturating_add(jiff::Span::new().months(1))
        };
        reached.saturating_add(jiff::Span::new().days(i64::from(self.days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_that_a_month_does_not_have_is_the_first_of_the_next() {
        assert_eq!(months(1).after(date(2011, 1, 31)), date(2011, 3, 1));
        assert_eq!(years(1).after(date(2012, 2, 29)), date(2013, 3, 1));
        assert_eq!(months(6).and(weeks(4)).after(date(2010, 6, 1)), date(2010, 12, 29));
        assert_eq!(weeks(6).less(GRACE).after(date(2012, 1, 2)), date(2012, 2, 9));
        assert_eq!(years(1).after(Date::MAX), Date::MAX);
    }
}
