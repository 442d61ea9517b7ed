use super::*;

fn now() -> Zoned {
    "2026-11-22T10:00:00+00:00[UTC]".parse().unwrap()
}

fn about() -> About {
    About { born: When::parse("1990-05-31"), gender: "female".into(), height: None }
}

fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(fields: &[(&str, &str)]) -> Result<Set, Faults> {
    check(&form(fields), &about(), &now())
}

#[track_caller]
fn fault(fields: &[(&str, &str)]) -> Faults {
    read(fields).unwrap_err()
}

#[test]
fn a_whole_set_is_read_with_its_digits() {
    let set = read(&[
        ("systolic", "120"),
        ("diastolic", "80"),
        ("heart-rate", " 72 "),
        ("temperature", "37,5"),
        ("weight", "107.50"),
        ("oxygen", "air"),
        ("consciousness", "alert"),
        ("scale", "2"),
        ("pregnant", "no"),
        ("measured", "2026-11-22T08:30"),
        ("token", "somebody else's"),
    ])
    .unwrap();
    assert_eq!(set.get(Measure::Weight).unwrap().digits, "107.50");
    assert_eq!(set.get(Measure::Temperature).unwrap().digits, "37.5");
    assert_eq!((set.oxygen, set.is_pregnant, set.scale), (Some(false), Some(false), Scale::Two));
    assert_eq!(
        (set.consciousness, set.at.to_string()),
        (Some(Consciousness::Alert), "2026-11-22T08:30:00+00:00[UTC]".into())
    );
    assert_eq!(read(&[("heart-rate", "72")]).unwrap().at, now());
}

#[test]
fn what_is_no_number_is_named_with_its_field() {
    let long = "9".repeat(10_000);
    for bad in ["x", "-5", "+5", "1e999", "१२०", "12/80", "72 bpm", long.as_str()] {
        assert_eq!(fault(&[("heart-rate", bad)]), [("heart-rate", Fault::Number)], "{bad}");
    }
    assert_eq!(fault(&[("heart-rate", "72.5")]), [("heart-rate", Fault::Decimals(0))]);
    assert_eq!(fault(&[("temperature", "37.555")]), [("temperature", Fault::Decimals(2))]);
    let two = fault(&[("heart-rate", "x"), ("weight", "y")]);
    assert_eq!(two, [("heart-rate", Fault::Number), ("weight", Fault::Number)]);
}

#[test]
fn what_no_body_has_is_refused_whoever_ticks_it() {
    let ends = Measure::Temperature.possible();
    for bad in ["98.6", "9.9", "370"] {
        assert_eq!(
            fault(&[("temperature", bad), ("sure-temperature", bad)]),
            [("temperature", Fault::Impossible(ends))]
        );
    }
    for measure in Measure::ALL {
        let (least, most) = measure.possible();
        for (end, step) in [(least, -1_000), (most, 1_000)] {
            let outside = super::super::measure::plain(end + step);
            if end + step < 0 {
                continue;
            }
            let found = fault(&[("systolic", "120"), (measure.field(), &outside)]);
            assert!(
                found.iter().any(|(_, fault)| matches!(fault, Fault::Impossible(_) | Fault::Twice)),
                "{measure:?} {found:?}"
            );
        }
    }
}

#[test]
fn what_is_unusual_wants_a_tick_and_the_tick_counts_for_that_value_alone() {
    let ends = Measure::Systolic.usual(Stage::Grown);
    assert_eq!(fault(&[("systolic", "230")]), [("systolic", Fault::Unusual(ends))]);
    assert!(read(&[("systolic", "230"), ("sure-systolic", "230")]).is_ok());
    assert_eq!(fault(&[("systolic", "250"), ("sure-systolic", "230")]), [("systolic", Fault::Unusual(ends))]);
    let infant = About { born: When::parse("2026-08-01"), ..about() };
    assert!(check(&form(&[("heart-rate", "160"), ("weight", "5.250")]), &infant, &now()).is_ok());
    assert!(check(&form(&[("heart-rate", "160")]), &about(), &now()).is_err());
}

#[test]
fn the_two_blood_pressures_belong_together() {
    assert_eq!(fault(&[("diastolic", "80")]), [("systolic", Fault::NoSystolic)]);
    assert_eq!(fault(&[("systolic", "80"), ("diastolic", "120")]), [("diastolic", Fault::NotAbove)]);
    assert_eq!(fault(&[("systolic", "80"), ("diastolic", "80")]), [("diastolic", Fault::NotAbove)]);
    assert!(read(&[("systolic", "80")]).is_ok(), "felt at the wrist, there is no lower one");
    assert_eq!(fault(&[("systolic", "120"), ("systolic", "130")]), [("systolic", Fault::Twice)]);
}

#[test]
fn nothing_is_not_a_set_and_no_choice_is_made_up() {
    assert_eq!(fault(&[]), [("", Fault::Nothing)]);
    assert_eq!(fault(&[("pregnant", "no"), ("scale", "1"), ("weight", "  ")]), [("", Fault::Nothing)]);
    for (name, word) in
        [("oxygen", "helium"), ("consciousness", "asleep"), ("scale", "3"), ("pregnant", "maybe")]
    {
        assert_eq!(fault(&[("heart-rate", "72"), (name, word)]), [(name, Fault::Choice)]);
    }
}

#[test]
fn a_time_is_one_that_was() {
    let at = |measured| read(&[("heart-rate", "72"), ("measured", measured)]);
    assert!(at("2026-11-22 09:59").is_ok() && at("2026-11-22T10:01").is_ok());
    for bad in [
        "yesterday",
        "2026-11-22",
        "2026-13-01T10:00",
        "2026-11-22T25:00",
        "22.11.2026 10:00",
        "२०२६-११-२२T१०:००",
    ] {
        assert_eq!(at(bad), Err(vec![("measured", Fault::Time)]), "{bad}");
    }
    assert_eq!(at("2026-11-22T10:02"), Err(vec![("measured", Fault::Future)]));
    assert_eq!(at("9998-12-31T23:59"), Err(vec![("measured", Fault::Future)]));
    assert_eq!(at("1989-11-22T10:00"), Err(vec![("measured", Fault::BeforeBirth)]));
}

#[test]
fn an_age_is_one_that_was_certainly_reached() {
    let years = |born: &str| About { born: When::parse(born), ..about() }.years(now().date());
    assert_eq!(
        [years("2010-11-22"), years("2010-11-23"), years("2010"), years("2026")],
        [Some(16), Some(15), Some(15), Some(0)]
    );
    let asked = |gender: &str, born: &str| {
        About { born: When::parse(born), gender: gender.into(), height: None }.may_be_pregnant(now().date())
    };
    assert!(
        asked("female", "1990-01-01")
            && asked("", "1990-01-01")
            && asked("unknown", "")
            && asked("female", "1971")
    );
    assert!(!asked("male", "1990-01-01") && !asked("female", "1960-01-01") && !asked("female", "2020-01-01"));
}

/// What comes of a time that is typed there.
fn typed_in(zone: &str, measured: &str) -> Result<String, Faults> {
    let now = "2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap().in_tz(zone).unwrap();
    let set = check(&form(&[("heart-rate", "72"), ("measured", measured)]), &about(), &now)?;
    Ok(super::super::resource::local(&set.at))
}

#[test]
fn a15_a_time_is_read_on_the_clocks_of_the_house_and_kept_with_their_offset() {
    let kept = typed_in("Asia/Kolkata", "2026-11-22 08:42");
    assert_eq!(kept.as_deref(), Ok("2026-11-22T08:42:00+05:30"));
    assert_eq!(typed_in("UTC", "2026-11-22 08:42").as_deref(), Ok("2026-11-22T08:42:00Z"));
    // It is half past three in the afternoon there.
    assert!(typed_in("Asia/Kolkata", "2026-11-22 15:30").is_ok());
    assert_eq!(typed_in("Asia/Kolkata", "2026-11-22 15:32"), Err(vec![("measured", Fault::Future)]));
}

#[test]
fn a15_where_clocks_leap_or_go_back_a_time_is_still_one_moment() {
    let kept = |measured| typed_in("America/New_York", measured).unwrap();
    assert_eq!(kept("2026-07-01 08:42"), "2026-07-01T08:42:00-04:00");
    // There was no half past two that night.
    assert_eq!(kept("2026-03-08 02:30"), "2026-03-08T03:30:00-04:00");
    // There were two; the first is taken.
    assert_eq!(kept("2026-11-01 01:30"), "2026-11-01T01:30:00-04:00");
    assert_eq!(kept("2026-11-01 02:30"), "2026-11-01T02:30:00-05:00");
}
