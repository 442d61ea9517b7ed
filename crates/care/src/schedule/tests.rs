mod cdsi;
mod india;
mod laws;

use super::*;
use serde_json::json;

/// What came of a case, one line for each part of it, as the fixtures write it.
struct Case {
    programme: Programme,
    vaccine: Vaccine,
    born: &'static str,
    today: &'static str,
    /// Code and day of each dose, and what becomes of it: `ok` or the word of a reason.
    doses: &'static [(&'static str, &'static str, &'static str)],
    /// What is next: the dose, its earliest, recommended and past-due day; or `complete`, `too-old`.
    next: &'static str,
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn dose(at: usize, code: &str, date: &str) -> Dose {
    let value = json!({"status": "completed", "occurrenceDateTime": date,
        "vaccineCode": {"coding": [{"system": codes::CVX, "code": code}]}});
    Dose::read(&at.to_string(), &value).unwrap()
}

fn number(number: Number) -> String {
    match number {
        Number::Birth => "birth".to_owned(),
        Number::Nth(nth) => nth.to_string(),
        Number::Booster(nth) => format!("b{nth}"),
    }
}

fn run(programme: Programme, born: &str, today: &str, doses: &[Dose]) -> Forecast {
    forecast(programme, When::parse(born).as_ref(), doses, day(today)).unwrap()
}

/// What is next, in the words of the fixtures.
fn told(due: &Due) -> String {
    let Some((which, dates)) = due.next else { return due.status.word().to_owned() };
    let past_due = dates.past_due.map_or_else(|| "-".to_owned(), |date| date.to_string());
    format!("{} {} {} {past_due}", number(which), dates.earliest, dates.recommended)
}

fn check(name: &str, case: &Case) {
    let doses: Vec<Dose> =
        case.doses.iter().enumerate().map(|(at, (code, date, _))| dose(at, code, date)).collect();
    let made = run(case.programme, case.born, case.today, &doses);
    let due = made.due.iter().find(|due| due.vaccine == case.vaccine);
    let due = due.unwrap_or_else(|| panic!("{name}: no {}: {:?}", case.vaccine.word(), made.due));
    for ((_, date, wanted), seen) in case.doses.iter().zip(&made.seen) {
        let mark = seen.marks.iter().find(|(vaccine, _)| *vaccine == Some(case.vaccine));
        let found = match mark.or(seen.marks.first()).unwrap().1 {
            Mark::Counts(_) => "ok",
            Mark::Not(why) => why.word(),
        };
        assert_eq!(&found, wanted, "{name}: the dose of {date}: {:?}", seen.marks);
    }
    assert_eq!(told(due), case.next, "{name}");
}
