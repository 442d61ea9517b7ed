//! What holds for every record, however untidy.

use super::*;
use proptest::prelude::*;

const BORN: &str = "2020-01-01";

fn mark(doses: &[Dose]) -> Vec<Mark> {
    let made = run(Programme::India, BORN, "2021-01-01", doses);
    made.seen.iter().map(|seen| seen.marks[0].1).collect()
}

#[test]
fn b10_without_a_birth_date_to_the_day_nothing_is_computed_and_it_is_said_why() {
    let ask = |born: Option<&str>, today: &str| {
        let born = born.and_then(When::parse);
        forecast(Programme::UnitedStates, born.as_ref(), &[], day(today)).map(|_| ())
    };
    assert_eq!(ask(None, "2026-01-01"), Err(Untold::NotBorn));
    assert_eq!(ask(Some("2020"), "2026-01-01"), Err(Untold::BornInexactly));
    assert_eq!(ask(Some("2020-05"), "2026-01-01"), Err(Untold::BornInexactly));
    assert_eq!(ask(Some("2026-01-02"), "2026-01-01"), Err(Untold::BornLater));
    assert_eq!(ask(Some("2007-01-01"), "2026-01-01"), Err(Untold::Grown));
    assert_eq!(ask(Some("2007-01-02"), "2026-01-01"), Ok(()));
    let dead = |value| Chart { patient: value, ..Chart::default() };
    let died = dead(json!({"birthDate": "2024-01-01", "deceasedDateTime": "2025"}));
    assert_eq!(of(&died, Programme::India, day("2026-01-01")).err(), Some(Untold::Died));
    let seen = dead(json!({"birthDate": "2024-01-01"}));
    assert!(of(&seen, Programme::India, day("2026-01-01")).is_ok());
    let kinds = || vec!["Immunization".to_owned()];
    for unseen in [
        Chart { partly: kinds(), ..seen.clone() },
        Chart { beyond: kinds(), ..seen.clone() },
        Chart { cut: kinds(), ..seen.clone() },
    ] {
        assert_eq!(of(&unseen, Programme::India, day("2026-01-01")).err(), Some(Untold::Unseen));
    }
}

#[test]
fn b10_what_was_not_given_never_counts_and_what_is_not_known_is_named() {
    let read = |value: Value| Dose::read("a", &value);
    let code = json!({"coding": [{"system": codes::CVX, "code": "19"}]});
    assert!(
        read(json!({"status": "not-done", "vaccineCode": code, "occurrenceDateTime": "2020-01-01"}))
            .is_none()
    );
    assert!(read(json!({"status": "entered-in-error", "vaccineCode": code})).is_none());
    assert!(read(json!({})).is_none());
    let given = |more: Value| {
        let mut value = json!({"status": "completed", "vaccineCode": code});
        more.as_object().unwrap().iter().for_each(|(key, more)| value[key] = more.clone());
        read(value).unwrap()
    };
    let marks = mark(&[
        given(json!({"occurrenceString": "as a baby"})),
        given(json!({"occurrenceDateTime": "2020"})),
        given(json!({"occurrenceDateTime": "2019-12-31"})),
        given(json!({"occurrenceDateTime": "2021-01-02"})),
        given(json!({"occurrenceDateTime": "2020-01-01", "isSubpotent": true})),
        given(json!({"occurrenceDateTime": "2020-01-02", "vaccineCode": {"text": "BCG"}})),
        given(
            json!({"occurrenceDateTime": "2020-01-02", "vaccineCode": {"coding": [{"system": codes::CVX, "code": "83"}]}}),
        ),
    ]);
    let whys = [
        Why::NoDay,
        Why::NoDay,
        Why::WrongDay,
        Why::WrongDay,
        Why::Subpotent,
        Why::Unknown,
        Why::NotInProgramme,
    ];
    assert_eq!(marks, whys.map(Mark::Not));
    // The clock of the place says the day, and SNOMED CT is understood as well.
    let late = given(json!({"occurrenceDateTime": "2020-01-01T23:30:00-05:00",
        "vaccineCode": {"coding": [{"system": "http://snomed.info/sct", "code": "1861000221106"}]}}));
    assert_eq!(mark(&[late]), [Mark::Counts(Number::Birth)]);
}

#[test]
fn b10_two_on_one_day_are_one_and_more_than_the_series_has_are_extra() {
    let doses: Vec<Dose> =
        ["2020-02-12", "2020-02-12", "2020-03-11"].iter().map(|date| dose(0, "122", date)).collect();
    let nth = |nth| Mark::Counts(Number::Nth(nth));
    assert_eq!(mark(&doses), [nth(1), Mark::Not(Why::SameDay), nth(2)]);
    let many: Vec<Dose> = (0..500).map(|at| dose(at, "19", "2020-01-05")).collect();
    let marks = mark(&many);
    assert_eq!(marks.iter().filter(|mark| matches!(mark, Mark::Counts(_))).count(), 1);
    assert!(marks.contains(&Mark::Not(Why::Extra)));
}

#[test]
fn b10_a_forecast_is_a_recommendation_for_programs_with_a_line_for_each_series() {
    let made = run(Programme::India, BORN, "2020-02-12", &[dose(0, "19", "2020-01-01")]);
    let told = recommendation::of(&made, "a").unwrap();
    assert_eq!(told["recommendation"].as_array().unwrap().len(), made.due.len());
    assert_eq!(told["recommendation"][0]["forecastStatus"]["coding"][0]["code"], "complete");
    let pentavalent = &told["recommendation"][3];
    assert_eq!(pentavalent["vaccineCode"][0]["coding"][0]["code"], "198");
    assert_eq!(
        (&pentavalent["doseNumberPositiveInt"], &pentavalent["forecastStatus"]["text"]),
        (&json!(1), &json!("Due"))
    );
    assert_eq!(pentavalent["dateCriterion"][0]["value"], "2020-02-12");
}

proptest! {
    #[test]
    fn b10_no_record_breaks_it_and_dates_stand_in_their_order(
        born in 0_i64..20_000,
        today in 0_i64..20_000,
        given in prop::collection::vec((0_usize..40, -100_i64..8_000), 0..60),
        is_india: bool,
    ) {
        const CODES: [&str; 12] = ["19", "45", "198", "178", "10", "122", "133", "04", "03", "94", "165", "x"];
        let start = day("1980-01-01");
        let date = |days: i64| start.saturating_add(jiff::Span::new().days(days));
        let born = date(born);
        let doses: Vec<Dose> = given.iter().enumerate().map(|(at, (code, days))| {
            dose(at, CODES[code % CODES.len()], &born.saturating_add(jiff::Span::new().days(*days)).to_string())
        }).collect();
        let programme = if is_india { Programme::India } else { Programme::UnitedStates };
        let when = When::parse(&born.to_string());
        if let Ok(made) = forecast(programme, when.as_ref(), &doses, date(today)) {
            prop_assert_eq!(made.seen.len(), doses.len());
            prop_assert!(made.seen.iter().all(|seen| !seen.marks.is_empty()));
            for due in &made.due {
                prop_assert_eq!(due.next.is_some(), due.status <= Status::Later);
                if let Some((_, dates)) = due.next {
                    prop_assert!(born <= dates.earliest && dates.earliest <= dates.recommended);
                    prop_assert!(dates.past_due.is_none_or(|past| dates.recommended <= past));
                }
            }
            // The order in which a record lists its doses changes nothing.
            let turned: Vec<Dose> = doses.iter().rev().cloned().collect();
            let again = forecast(programme, when.as_ref(), &turned, date(today)).unwrap();
            prop_assert_eq!(again.due.len(), made.due.len());
        }
    }
}
