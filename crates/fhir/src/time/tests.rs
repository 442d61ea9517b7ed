use super::*;
use jiff::civil;
use proptest::prelude::*;

const SECOND_US: i64 = 1_000_000;

fn us(timestamp: &str) -> i64 {
    timestamp.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

fn covers(moment: Moment, first: &str, after: &str) {
    assert_eq!(moment.span, Span { low: us(first), high: us(after) - 1 });
}

#[test]
fn a_partial_date_covers_all_of_it() {
    covers(parse_date("2013", UTC).unwrap(), "2013-01-01T00:00:00Z", "2014-01-01T00:00:00Z");
    covers(parse_date("2012-02", UTC).unwrap(), "2012-02-01T00:00:00Z", "2012-03-01T00:00:00Z");
    covers(parse_date("2013-12", UTC).unwrap(), "2013-12-01T00:00:00Z", "2014-01-01T00:00:00Z");
    covers(parse_date("2013-12-31", UTC).unwrap(), "2013-12-31T00:00:00Z", "2014-01-01T00:00:00Z");
    covers(parse_date("0001-01-01", UTC).unwrap(), "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z");
}

#[test]
fn a_date_is_a_day_of_its_place() {
    let day = parse_date("2013-06-08", 330).unwrap();
    covers(day, "2013-06-08T00:00:00+05:30", "2013-06-09T00:00:00+05:30");
    assert_eq!(day.offset_min, None);
}

#[test]
fn a_date_time_covers_its_last_digit() {
    let second = parse_date_time("2013-06-08T10:57:34+01:00", UTC).unwrap();
    covers(second, "2013-06-08T09:57:34Z", "2013-06-08T09:57:35Z");
    assert_eq!((second.precision, second.offset_min), (Precision::Second, Some(60)));
    let tenth = parse_date_time("2013-06-08T10:57:34.1-05:30", UTC).unwrap();
    covers(tenth, "2013-06-08T16:27:34.1Z", "2013-06-08T16:27:34.2Z");
    assert_eq!((tenth.precision, tenth.offset_min), (Precision::Fraction(1), Some(-330)));
    let nano = parse_date_time("2013-06-08T10:57:34.123456789Z", UTC).unwrap();
    covers(nano, "2013-06-08T10:57:34.123456Z", "2013-06-08T10:57:34.123457Z");
    assert_eq!(nano.precision, Precision::Fraction(9));
}

#[test]
fn a_leap_second_runs_into_the_next_minute() {
    let leap = parse_instant("2016-12-31T23:59:60Z").unwrap();
    covers(leap, "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z");
}

#[test]
fn days_that_are_not_in_the_calendar_are_refused() {
    for text in
        ["2013-02-29", "2012-02-30", "1900-02-29", "2013-04-31", "2013-13", "2013-00", "2013-01-00", "0000"]
    {
        assert!(parse_date(text, UTC).is_err(), "{text}");
        assert!(parse_date_time(text, UTC).is_err(), "{text}");
    }
    assert!(parse_date("2000-02-29", UTC).is_ok());
}

#[test]
fn forms_fhir_does_not_know_are_refused() {
    for text in [
        "",
        "13",
        "2013-6-8",
        "2013-06-08T",
        "2013-06-08T10",
        "2013-06-08T10:57",
        "2013-06-08T10:57:34",
        "2013-06-08T10:57:34.Z",
        "2013-06-08T24:00:00Z",
        "2013-06-08T10:60:00Z",
        "2013-06-08T10:57:61Z",
        "2013-06-08T10:57:34+14:01",
        "2013-06-08T10:57:34+0100",
        "2013-06-08 10:57:34Z",
        "2013-06T10:57:34Z",
        "2013-06-08T10:57:34z",
        "2013-06-08t10:57:34Z",
        "2013-06-08T10:57:34Z ",
        " 2013",
        "+2013",
        "２０１３",
        "2013-06-08Z",
        "20130608",
        "2013-",
        "2013-06-",
        "12013",
    ] {
        assert!(parse_date_time(text, UTC).is_err(), "{text}");
    }
    assert!(parse_date("2013-06-08T10:57:34Z", UTC).is_err());
    assert!(parse_date_time("2013-06-08T10:57:34+14:00", UTC).is_ok());
}

#[test]
fn an_instant_needs_time_and_offset() {
    assert!(parse_instant("2013-06-08T10:57:34.120Z").is_ok());
    for text in ["2013", "2013-06-08", "2013-06-08T10:57:34", "2013-06-08T10:57Z"] {
        assert!(parse_instant(text).is_err(), "{text}");
    }
}

#[test]
fn a_search_value_may_leave_out_seconds_and_offset() {
    let minute = parse_search("2013-06-08T10:57", 60).unwrap();
    covers(minute, "2013-06-08T09:57:00Z", "2013-06-08T09:58:00Z");
    assert_eq!((minute.precision, minute.offset_min), (Precision::Minute, None));
    covers(parse_search("2013-06-08T10:57Z", 60).unwrap(), "2013-06-08T10:57:00Z", "2013-06-08T10:58:00Z");
    covers(parse_search("2013-06-08T10:57:34", UTC).unwrap(), "2013-06-08T10:57:34Z", "2013-06-08T10:57:35Z");
    assert!(parse_search("2013-06-08T10", UTC).is_err());
}

#[test]
fn a_time_of_day_counts_from_midnight() {
    let time = parse_time("10:57:34.5").unwrap();
    let low = (10 * 60 + 57) * MINUTE_US + 34 * SECOND_US + 500_000;
    assert_eq!(time.span, Span { low, high: low + 99_999 });
    for text in ["10:57", "24:00:00", "10:57:34Z", "T10:57:34", "1:02:03", "10:57:34."] {
        assert!(parse_time(text).is_err(), "{text}");
    }
}

#[test]
fn a_period_is_open_where_an_end_is_missing() {
    let (may, june) = (parse_date("2013-05", UTC).unwrap().span, parse_date("2013-06", UTC).unwrap().span);
    assert_eq!(Span::period(Some(may), Some(june)), Some(Span { low: may.low, high: june.high }));
    assert_eq!(Span::period(Some(may), None), Some(Span { low: may.low, high: i64::MAX }));
    assert_eq!(Span::period(None, Some(may)), Some(Span { low: i64::MIN, high: may.high }));
    assert_eq!(Span::period(None, None), None);
    assert_eq!(Span::period(Some(june), Some(may)), None);
}

#[test]
fn spans_that_touch_do_not_overlap() {
    let (may, june) = (parse_date("2013-05", UTC).unwrap().span, parse_date("2013-06", UTC).unwrap().span);
    let year = parse_date("2013", UTC).unwrap().span;
    assert!(!may.overlaps(june) && !june.overlaps(may));
    assert!(year.contains(may) && !may.contains(year) && year.overlaps(may) && may.overlaps(year));
}

#[test]
fn an_instant_beyond_the_calendar_is_held_at_its_edge() {
    assert_eq!(render_instant(i64::MAX), "9999-12-31T23:59:59.999999Z");
    assert_eq!(render_instant(i64::MIN), "0001-01-01T00:00:00.000Z");
}

proptest! {
    #[test]
    fn every_day_agrees_with_the_calendar_library(day in -719_162i64..2_932_897) {
        let date = civil::date(1970, 1, 1) + jiff::ToSpan::days(day);
        let text = date.to_string();
        let read = parse_date(&text, UTC).unwrap();
        prop_assert_eq!(read.span, Span { low: day * DAY_US, high: (day + 1) * DAY_US - 1 });
        prop_assert_eq!(super::civil(day), (i64::from(date.year()), i64::from(date.month()), i64::from(date.day())));
    }

    #[test]
    fn any_day_number_is_valid_exactly_when_the_calendar_library_says_so(y in 1i16..=9999, m in 0i8..=13, d in 0i8..=32) {
        let text = format!("{y:04}-{m:02}-{d:02}");
        prop_assert_eq!(parse_date(&text, UTC).is_ok(), civil::Date::new(y, m, d).is_ok());
    }

    #[test]
    fn an_instant_reads_back_as_it_was_written(us in -62_135_596_800_000_000i64..=253_402_300_799_999_999) {
        let read = parse_instant(&render_instant(us)).unwrap();
        prop_assert_eq!(read.span.low, us);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,12}|[0-9TZ:.+-]{0,30}") {
        for read in [parse_date(&text, 840), parse_date_time(&text, -840), parse_search(&text, UTC), parse_instant(&text), parse_time(&text)] {
            prop_assert!(read.is_ok_and(|m| m.span.low <= m.span.high) || read.is_err());
        }
    }
}
