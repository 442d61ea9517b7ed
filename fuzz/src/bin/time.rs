//! Dates and times: a stretch never ends before it starts, and an instant that we write reads as the same microsecond.
#![no_main]

use fhir::time::{
    DAY_US, parse_date, parse_date_time, parse_instant, parse_search, parse_time, render_instant,
};

libfuzzer_sys::fuzz_target!(|input: (i16, &str)| {
    let (zone, text) = input;
    let zone = zone % 840;
    let date = parse_date(text, zone);
    let date_time = parse_date_time(text, zone);
    let search = parse_search(text, zone);
    for moment in [date, date_time, search].into_iter().flatten() {
        assert!(moment.span.low <= moment.span.high);
    }
    if let Ok(date) = date {
        assert_eq!(date_time, Ok(date), "every date is a dateTime");
    }
    if let Ok(date_time) = date_time {
        assert_eq!(search, Ok(date_time), "every dateTime may be searched for");
    }
    // Offsets and leap seconds lead out of the years that FHIR can write; those are rendered as the nearest one.
    let can_be_written = |us: &i64| (-62_135_596_800_000_000..=253_402_300_799_999_999).contains(us);
    if let Some(instant) = parse_instant(text).ok().filter(|instant| can_be_written(&instant.span.low)) {
        let again = render_instant(instant.span.low);
        assert_eq!(parse_instant(&again).map(|m| m.span.low), Ok(instant.span.low), "{again}");
    }
    if let Ok(time) = parse_time(text) {
        assert!(time.span.low >= 0 && time.span.high < 2 * DAY_US && time.span.low <= time.span.high);
    }
});
