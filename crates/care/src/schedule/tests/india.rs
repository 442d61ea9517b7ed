//! India's schedule, in the form of CDSi's cases. Expectations: the National Immunization Schedule's own weeks, months and limits, reckoned by
//! hand from the birth date; intervals as [`super::super::india`] names them.

use super::{Case, Programme::India, Vaccine, Vaccine::*, check, dose, run, told};

type Doses = &'static [(&'static str, &'static str, &'static str)];

const fn case(
    vaccine: Vaccine,
    born: &'static str,
    today: &'static str,
    doses: Doses,
    next: &'static str,
) -> Case {
    Case { programme: India, vaccine, born, today, doses, next }
}

#[rustfmt::skip]
const CASES: &[(&str, Case)] = &[
    ("BCG at birth", case(Bcg, "2025-01-01", "2025-01-01", &[], "birth 2025-01-01 2025-01-01 2025-01-28")),
    ("BCG until one year", case(Bcg, "2025-01-01", "2026-01-01", &[], "too-old")),
    ("BCG given", case(Bcg, "2025-01-01", "2025-02-01", &[("19", "2025-01-02", "ok")], "complete")),
    ("hepatitis B at birth, on the day after", case(HepBBirth, "2025-01-01", "2025-01-02", &[], "birth 2025-01-01 2025-01-01 -")),
    ("hepatitis B at birth, too late", case(HepBBirth, "2025-01-01", "2025-01-03", &[("08", "2025-01-03", "too-old")], "too-old")),
    ("hepatitis B in a pentavalent is none at birth", case(HepBBirth, "2025-01-01", "2025-03-01",
        &[("45", "2025-01-01", "ok")], "complete")),
    ("OPV at birth", case(Opv, "2025-01-01", "2025-01-05", &[], "birth 2025-01-01 2025-01-01 -")),
    ("OPV at birth missed", case(Opv, "2025-01-01", "2025-02-01", &[], "1 2025-02-12 2025-02-12 2025-03-11")),
    ("OPV at birth given", case(Opv, "2025-01-01", "2025-02-12",
        &[("178", "2025-01-01", "ok"), ("178", "2025-02-12", "ok")], "2 2025-03-12 2025-03-12 2025-04-08")),
    ("OPV on day 20 is neither", case(Opv, "2025-01-01", "2025-02-01",
        &[("178", "2025-01-21", "too-young")], "1 2025-02-12 2025-02-12 2025-03-11")),
    ("OPV booster", case(Opv, "2024-01-01", "2025-01-01",
        &[("178", "2024-02-12", "ok"), ("178", "2024-03-11", "ok"), ("178", "2024-04-08", "ok")], "b1 2025-05-01 2025-05-01 2025-12-31")),
    ("pentavalent at 6 weeks - 4 days", case(Pentavalent, "2025-01-01", "2025-02-08",
        &[("198", "2025-02-08", "ok")], "2 2025-03-12 2025-03-12 2025-04-08")),
    ("pentavalent at 6 weeks - 5 days", case(Pentavalent, "2025-01-01", "2025-02-07",
        &[("102", "2025-02-07", "too-young")], "1 2025-02-12 2025-02-12 2025-03-11")),
    ("pentavalent, second after 23 days", case(Pentavalent, "2025-01-01", "2025-04-01",
        &[("198", "2025-03-01", "ok"), ("198", "2025-03-24", "too-soon")], "2 2025-04-21 2025-04-21 2025-04-21")),
    ("pentavalent, second after 24 days", case(Pentavalent, "2025-01-01", "2025-04-01",
        &[("198", "2025-03-01", "ok"), ("198", "2025-03-25", "ok")], "3 2025-04-22 2025-04-22 2025-05-06")),
    ("not begun in the first year: DPT", case(Dpt, "2024-01-01", "2025-02-01", &[], "1 2025-01-01 2025-01-01 2025-01-01")),
    ("DPT booster", case(Dpt, "2024-01-01", "2024-06-01",
        &[("198", "2024-02-12", "not"), ("198", "2024-03-11", "not"), ("198", "2024-04-08", "not")], "b1 2025-05-01 2025-05-01 2025-12-31")),
    ("DPT booster six months after a late third", case(Dpt, "2023-01-01", "2024-06-01",
        &[("198", "2023-12-01", "not"), ("198", "2024-01-01", "not"), ("198", "2024-02-01", "not")], "b1 2024-08-01 2024-08-01 2024-12-31")),
    ("second DPT booster", case(Dpt, "2020-01-01", "2022-06-01",
        &[("198", "2020-02-12", "not"), ("198", "2020-03-11", "not"), ("198", "2020-04-08", "not"), ("01", "2021-05-05", "ok")],
        "b2 2025-01-01 2025-01-01 2025-12-31")),
    ("fractional IPV, third at 9 months", case(Fipv, "2025-01-01", "2025-06-01",
        &[("10", "2025-02-12", "ok"), ("10", "2025-04-09", "ok")], "3 2025-10-01 2025-10-01 2025-12-31")),
    ("fractional IPV is not begun after a year", case(Fipv, "2024-01-01", "2025-01-01", &[], "too-old")),
    ("PCV, two and a booster", case(Pcv, "2025-01-01", "2025-06-01",
        &[("177", "2025-02-12", "ok"), ("177", "2025-04-09", "ok")], "b1 2025-10-01 2025-10-01 2025-12-31")),
    ("rotavirus, all three", case(Rota, "2025-01-01", "2025-06-01",
        &[("122", "2025-02-12", "ok"), ("122", "2025-03-12", "ok"), ("122", "2025-04-09", "ok")], "complete")),
    ("MR at 9 months - 5 days", case(Mr, "2025-01-01", "2025-10-01",
        &[("04", "2025-09-26", "too-young")], "1 2025-10-24 2025-10-24 2025-12-31")),
    ("MR second", case(Mr, "2025-01-01", "2025-10-05", &[("04", "2025-10-01", "ok")], "2 2026-05-01 2026-05-01 2026-12-31")),
    ("MMR counts, at 9 and at 15 months", case(Mr, "2024-01-01", "2025-05-01",
        &[("03", "2024-10-01", "ok"), ("03", "2025-04-01", "ok")], "complete")),
    ("Td at 10 and 16", case(Td, "2012-01-01", "2023-06-01", &[("113", "2022-01-15", "ok")], "2 2028-01-01 2028-01-01 2028-12-31")),
];

#[test]
fn b10_what_is_due_follows_indias_schedule() {
    for (name, case) in CASES {
        // Doses of another vaccine of the same series stand under its name.
        if case.doses.iter().any(|(_, _, wanted)| *wanted == "not") {
            let doses: Vec<_> =
                case.doses.iter().enumerate().map(|(at, (code, date, _))| dose(at, code, date)).collect();
            let made = run(India, case.born, case.today, &doses);
            let due = made.due.iter().find(|due| due.vaccine == case.vaccine).expect("the series");
            assert_eq!(told(due), case.next, "{name}");
        } else {
            check(name, case);
        }
    }
    assert!(CASES.len() >= 25);
}

#[test]
fn b10_a_child_in_its_tenth_week_has_some_due_some_overdue_and_some_later() {
    let made =
        run(India, "2025-01-01", "2025-03-13", &[dose(0, "19", "2025-01-01"), dose(1, "198", "2025-02-12")]);
    let line = |due: &super::Due| format!("{} {} {}", due.vaccine.word(), due.status.word(), told(due));
    let lines: Vec<String> = made.due.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "bcg complete complete",
            "hepb-birth too-old too-old",
            "opv overdue 1 2025-02-12 2025-02-12 2025-03-11",
            "pentavalent due 2 2025-03-12 2025-03-12 2025-04-08",
            "fipv overdue 1 2025-02-12 2025-02-12 2025-03-11",
            "pcv overdue 1 2025-02-12 2025-02-12 2025-03-11",
            "rota overdue 1 2025-02-12 2025-02-12 2025-03-11",
            "mr later 1 2025-10-01 2025-10-01 2025-12-31",
            "td later 1 2035-01-01 2035-01-01 2035-12-31",
        ]
    );
}
