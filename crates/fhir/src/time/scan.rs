//! The pieces of FHIR's date and time formats, read from the left.

use super::{DAY_US, MINUTE_US, Moment, Precision, Span, days, month_days};

/// What is left of a text.
pub(super) struct Scan<'a> {
    rest: &'a [u8],
}

/// A date: its first day since 1970-01-01 and the first day after it.
pub(super) struct Date {
    pub(super) precision: Precision,
    pub(super) first_day: i64,
    next_day: i64,
}

/// A time of day: its first microsecond since midnight and how many it covers.
pub(super) struct Time {
    pub(super) precision: Precision,
    low: i64,
    length: i64,
}

impl Date {
    pub(super) fn moment(&self, zone_min: i16) -> Moment {
        let zone = i64::from(zone_min) * MINUTE_US;
        let span = Span { low: self.first_day * DAY_US - zone, high: self.next_day * DAY_US - zone - 1 };
        Moment { precision: self.precision, span, offset_min: None }
    }
}

impl Time {
    pub(super) fn from(&self, midnight: i64) -> Span {
        let low = midnight + self.low;
        Span { low, high: low + self.length - 1 }
    }
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Scan<'a> {
        Scan { rest: text.as_bytes() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `byte` if it stands next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((&first, rest)) if first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub(super) fn date(&mut self) -> Option<Date> {
        let year = self.two(99)? * 100 + self.two(99)?;
        if year == 0 {
            return None;
        }
        if !self.take(b'-') {
            let (first_day, next_day) = (days(year, 1, 1), days(year + 1, 1, 1));
            return Some(Date { precision: Precision::Year, first_day, next_day });
        }
        let month = self.two(12).filter(|&m| m > 0)?;
        let length = month_days(year, month);
        let month_start = days(year, month, 1);
        if !self.take(b'-') {
            let next_day = month_start + length;
            return Some(Date { precision: Precision::Month, first_day: month_start, next_day });
        }
        let day = self.two(length).filter(|&d| d > 0)?;
        let first_day = month_start + day - 1;
        Some(Date { precision: Precision::Day, first_day, next_day: first_day + 1 })
    }

    /// `hh:mm:ss` with or without a fraction; `hh:mm` too where `short` allows it.
    pub(super) fn time(&mut self, short: bool) -> Option<Time> {
        let hour = self.two(23)?;
        let minute = if self.take(b':') { self.two(59)? } else { return None };
        let low = (hour * 60 + minute) * MINUTE_US;
        if !self.take(b':') {
            return short.then_some(Time { precision: Precision::Minute, low, length: MINUTE_US });
        }
        let low = low + self.two(60)? * 1_000_000;
        if !self.take(b'.') {
            return Some(Time { precision: Precision::Second, low, length: 1_000_000 });
        }
        let (digits, us, length) = self.fraction()?;
        Some(Time { precision: Precision::Fraction(digits), low: low + us, length })
    }

    /// The digits behind a decimal point: how many, their microseconds, and the microseconds that one in the last digit is.
    fn fraction(&mut self) -> Option<(u8, i64, i64)> {
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let (mut us, mut unit) = (0, 1_000_000);
        for digit in digits.iter().take(6) {
            unit /= 10;
            us += i64::from(digit - b'0') * unit;
        }
        (count > 0).then_some((u8::try_from(count).unwrap_or(u8::MAX), us, unit))
    }

    /// `Z`, `+05:30`, `-14:00`, in minutes.
    pub(super) fn offset(&mut self) -> Option<i16> {
        let sign = match self.rest.split_first()? {
            (b'Z', rest) => {
                self.rest = rest;
                return Some(0);
            }
            (b'+', _) => 1,
            (b'-', _) => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hour = self.two(14)?;
        let minute = if self.take(b':') { self.two(59)? } else { return None };
        let minutes = hour * 60 + minute;
        i16::try_from(minutes).ok().filter(|&m| m <= 14 * 60).map(|m| sign * m)
    }

    /// Two digits, as a number up to `max`.
    fn two(&mut self, max: i64) -> Option<i64> {
        let (&[tens, ones], rest) = self.rest.split_first_chunk::<2>()?;
        if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
            return None;
        }
        self.rest = rest;
        let number = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        (number <= max).then_some(number)
    }
}
