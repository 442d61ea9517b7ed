//! The RCP's chart, cell by cell: both ends of every band.

use super::*;

fn number(text: &str) -> Option<Number> {
    Some(Number::read(text).unwrap())
}

/// Somebody in whom nothing scores.
fn well() -> Readings {
    Readings {
        respiratory_rate: number("16"),
        saturation: number("98"),
        scale: Scale::One,
        oxygen: Some(false),
        systolic: number("120"),
        heart_rate: number("70"),
        consciousness: Some(Consciousness::Alert),
        temperature: number("37.0"),
    }
}

const ADULT: Whom = Whom { years: Some(40), is_pregnant: Some(false) };

fn total(readings: &Readings) -> i64 {
    score(readings, ADULT).unwrap().total
}

#[track_caller]
fn chart(table: &[(&str, i64)], set: impl Fn(&mut Readings, Option<Number>)) {
    for (text, points) in table {
        let mut readings = well();
        set(&mut readings, number(text));
        assert_eq!(total(&readings), *points, "{text}");
    }
}

#[test]
fn nothing_scores_in_whom_nothing_is_wrong() {
    let found = score(&well(), ADULT).unwrap();
    assert_eq!((found.total, found.band()), (0, Band::Zero));
}

#[test]
fn breathing_scores_as_the_chart_says() {
    let table = [
        ("0", 3),
        ("3", 3),
        ("8", 3),
        ("9", 1),
        ("11", 1),
        ("12", 0),
        ("20", 0),
        ("21", 2),
        ("24", 2),
        ("25", 3),
        ("60", 3),
    ];
    chart(&table, |readings, value| readings.respiratory_rate = value);
}

#[test]
fn saturation_scores_on_scale_1_as_the_chart_says() {
    let table = [("50", 3), ("91", 3), ("92", 2), ("93", 2), ("94", 1), ("95", 1), ("96", 0), ("100", 0)];
    chart(&table, |readings, value| readings.saturation = value);
}

#[test]
fn saturation_scores_on_scale_2_as_the_chart_says_on_air_and_on_oxygen() {
    let low = [("50", 3), ("83", 3), ("84", 2), ("85", 2), ("86", 1), ("87", 1), ("88", 0), ("92", 0)];
    let on_air = [("93", 0), ("94", 0), ("95", 0), ("96", 0), ("97", 0), ("100", 0)];
    let on_oxygen = [("93", 1), ("94", 1), ("95", 2), ("96", 2), ("97", 3), ("100", 3)];
    let set = |oxygen: bool| {
        move |readings: &mut Readings, value| {
            (readings.saturation, readings.scale, readings.oxygen) = (value, Scale::Two, Some(oxygen));
        }
    };
    chart(&low, set(false));
    chart(&on_air, set(false));
    // Oxygen itself has two points.
    let with_oxygen: Vec<(&str, i64)> =
        low.iter().chain(&on_oxygen).map(|(text, points)| (*text, points + 2)).collect();
    chart(&with_oxygen, set(true));
}

#[test]
fn oxygen_has_two_points() {
    assert_eq!(total(&Readings { oxygen: Some(true), ..well() }), 2);
}

#[test]
fn pressure_scores_as_the_chart_says() {
    let table = [
        ("50", 3),
        ("90", 3),
        ("91", 2),
        ("100", 2),
        ("101", 1),
        ("110", 1),
        ("111", 0),
        ("219", 0),
        ("220", 3),
        ("300", 3),
    ];
    chart(&table, |readings, value| readings.systolic = value);
}

#[test]
fn the_pulse_scores_as_the_chart_says() {
    let table = [
        ("30", 3),
        ("40", 3),
        ("41", 1),
        ("50", 1),
        ("51", 0),
        ("90", 0),
        ("91", 1),
        ("110", 1),
        ("111", 2),
        ("130", 2),
        ("131", 3),
        ("200", 3),
    ];
    chart(&table, |readings, value| readings.heart_rate = value);
}

#[test]
fn temperature_scores_as_the_chart_says_to_the_tenth_of_a_degree() {
    let table = [
        ("34", 3),
        ("35.0", 3),
        ("35.04", 3),
        ("35.05", 1),
        ("35.1", 1),
        ("36.0", 1),
        ("36.1", 0),
        ("38.0", 0),
        ("38.04", 0),
        ("38.1", 1),
        ("39.0", 1),
        ("39.1", 2),
        ("41", 2),
    ];
    chart(&table, |readings, value| readings.temperature = value);
}

#[test]
fn whoever_is_not_alert_has_three_points() {
    for consciousness in Consciousness::ALL {
        let readings = Readings { consciousness: Some(consciousness), ..well() };
        assert_eq!(total(&readings), if consciousness == Consciousness::Alert { 0 } else { 3 });
        assert_eq!(Consciousness::named(consciousness.word()), Some(consciousness));
    }
}

#[test]
fn bands_are_those_of_the_rcp() {
    let bands = [
        (0, false, Band::Zero),
        (1, false, Band::Low),
        (4, false, Band::Low),
        (3, true, Band::LowMedium),
        (4, true, Band::LowMedium),
        (5, false, Band::Medium),
        (5, true, Band::Medium),
        (6, false, Band::Medium),
        (7, false, Band::High),
        (20, true, Band::High),
    ];
    for (total, has_three, band) in bands {
        assert_eq!(Band::of(total, has_three), band, "{total} {has_three}");
    }
    let confused = Readings { consciousness: Some(Consciousness::Confusion), ..well() };
    assert_eq!(score(&confused, ADULT).unwrap().band(), Band::LowMedium);
}

#[test]
fn a_part_that_is_missing_is_named_and_never_guessed() {
    let missing = |readings: Readings| score(&readings, ADULT).unwrap_err();
    assert_eq!(missing(Readings { respiratory_rate: None, ..well() }), [Why::Missing(Part::RespiratoryRate)]);
    assert_eq!(missing(Readings { oxygen: None, ..well() }), [Why::Missing(Part::Oxygen)]);
    assert_eq!(missing(Readings { oxygen: None, scale: Scale::Two, ..well() }), [Why::Missing(Part::Oxygen)]);
    assert_eq!(missing(Readings::default()).len(), 7);
}

#[test]
fn it_is_not_for_children_and_not_for_the_pregnant_and_says_what_is_not_known() {
    let of = |years, is_pregnant| score(&well(), Whom { years, is_pregnant });
    assert_eq!(of(Some(15), Some(false)), Err(vec![Why::Young]));
    assert!(of(Some(16), Some(false)).is_ok());
    assert_eq!(of(Some(30), Some(true)), Err(vec![Why::Pregnant]));
    assert_eq!(of(Some(30), None), Err(vec![Why::PregnancyUnknown]));
    assert_eq!(of(None, Some(false)), Err(vec![Why::AgeUnknown]));
}
