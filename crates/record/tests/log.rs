//! The audit log as who watches over the house and who runs it read it (F1, E3), and the check that they start (F6).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use access::{act::Act, oversight};
use record::{
    error::Error,
    log::{LogPage, LogRequest},
};
use testkit::house::{ENGINES, House};

fn officer(house: &House) -> Act {
    house.staff("privacy-officer", &[])
}

/// Somebody who runs the house, as the sign-in makes them.
fn administrator(house: &House) -> Act {
    let mut act = house.staff("administrator", &[]);
    act.purpose = access::act::Purpose::Sysadmin;
    act
}

fn asked() -> LogRequest {
    LogRequest { count: 50, ..LogRequest::default() }
}

fn page(house: &House, act: &Act, request: &LogRequest) -> LogPage {
    house.record.log(act, request, &|_| false).unwrap()
}

fn words(page: &LogPage) -> Vec<String> {
    page.lines.iter().map(|line| line.said.as_ref().unwrap().operation.clone()).collect()
}

/// So many looks by the operator, a minute between each.
fn looks(house: &House, count: usize) {
    for at in 0..count {
        house.wait_ms(60_000);
        let _ = house.record.read(&house.operator(), "Patient", &format!("p{at}"));
    }
}

#[test]
fn e3_a_privacy_officer_and_an_administrator_read_the_log_and_nobody_else_does() {
    for engine in ENGINES {
        let house = House::new(engine);
        looks(&house, 1);
        let mut patient = house.patient("p");
        patient.actor.name = "Asha Rao".into();
        let physician = house.staff("physician", &["Practitioner/bo"]);
        for act in [&patient, &physician] {
            assert!(matches!(house.record.log(act, &asked(), &|_| true), Err(Error::Refused)));
            assert!(matches!(house.record.log_checkpoint(act), Err(Error::Refused)));
            assert!(matches!(house.record.begin_log_check(act), Err(Error::Refused)));
            assert!(matches!(house.record.may_read_log(act), Err(Error::Refused)));
        }
        let seen = page(&house, &officer(&house), &asked());
        let refused: Vec<&str> = seen
            .lines
            .iter()
            .filter_map(|line| line.said.as_ref())
            .filter(|s| s.is_refused)
            .map(|said| said.operation.as_str())
            .collect();
        assert_eq!(refused[..4], ["log", "log check", "log checkpoint", "log"], "refusals are entries");
        let name = |page: &LogPage, role: &str| {
            let mut said = page.lines.iter().filter_map(|line| line.said.as_ref());
            said.find(|said| said.role == role).unwrap().name.clone()
        };
        assert_eq!(name(&seen, &patient.actor.role).as_deref(), Some("Asha Rao"));
        let frame = page(&house, &administrator(&house), &asked());
        assert_eq!(name(&frame, &patient.actor.role), None, "{:?}", patient.actor.role);
        assert!(name(&frame, "privacy-officer").is_some(), "the officer's look is an entry, by name");
        let named = LogRequest { who: "asha".into(), ..asked() };
        assert!(page(&house, &administrator(&house), &named).lines.is_empty(), "nor is it found by the name");
        assert!(!page(&house, &officer(&house), &named).lines.is_empty());
    }
}

#[test]
fn f1_the_log_is_paged_and_read_by_who_what_and_day_and_each_page_is_one_entry() {
    for engine in ENGINES {
        let house = House::new(engine);
        looks(&house, 30);
        let officer = officer(&house);
        let few = LogRequest { count: 7, ..asked() };
        let before = page(&house, &officer, &few).entries;
        let first = page(&house, &officer, &few);
        assert_eq!(first.entries, before + 1, "{engine:?}: one entry for one page");
        assert_eq!(words(&first)[0], "log");
        let mut numbers: Vec<i64> = first.lines.iter().map(|line| line.number).collect();
        let mut next = first.next;
        while let Some(before) = next {
            let more = page(&house, &officer, &LogRequest { before: Some(before), ..few.clone() });
            numbers.extend(more.lines.iter().map(|line| line.number));
            next = more.next;
        }
        let all: Vec<i64> = (0..=numbers[0]).rev().collect();
        assert_eq!(numbers, all, "{engine:?}: every entry once, newest first");
        let reads = LogRequest { operation: "READ".into(), ..asked() };
        assert_eq!(words(&page(&house, &officer, &reads)), vec!["read"; 30]);
        let nobody = LogRequest { who: "x".repeat(80), ..asked() };
        assert!(page(&house, &officer, &nobody).lines.is_empty());
        let past = LogRequest { before: Some(0), ..asked() };
        assert_eq!(
            (page(&house, &officer, &past).lines.len(), page(&house, &officer, &past).next),
            (0, None)
        );
    }
}

#[test]
fn f1_a_day_of_the_log_holds_what_was_done_on_it_and_nothing_else() {
    for engine in ENGINES {
        let house = House::new(engine);
        let day = |from: i64| LogRequest {
            time: Some((from, from + 86_400_000_000)),
            operation: "read".into(),
            ..asked()
        };
        let mut starts = Vec::new();
        for _ in 0..3 {
            starts.push(house.now().as_microsecond());
            looks(&house, 5);
            house.wait_ms(2 * 86_400_000);
        }
        let officer = officer(&house);
        for start in starts {
            let found = page(&house, &officer, &day(start));
            assert_eq!(found.lines.len(), 5, "{engine:?}");
            let of_day = found.lines.iter().filter_map(|line| line.said.as_ref());
            assert!(of_day.into_iter().all(|said| (start..start + 86_400_000_000).contains(&said.at)));
        }
        assert!(page(&house, &officer, &day(0)).lines.is_empty());
        assert!(page(&house, &officer, &day(i64::MAX - 86_400_000_000)).lines.is_empty());
    }
}

#[test]
fn f6_the_check_of_a_log_at_work_goes_through_all_of_it_and_hears_how_far_it_is() {
    for engine in ENGINES {
        let house = House::new(engine);
        looks(&house, 300);
        let act = administrator(&house);
        let leave = house.record.begin_log_check(&act).unwrap();
        assert_eq!(leave, oversight::oversee(&act).unwrap());
        let mut steps = Vec::new();
        let report = house.record.verify_log(&leave, &mut |done, of| {
            // The house goes on meanwhile, and what is written is checked as well.
            if steps.is_empty() {
                let _ = house.record.read(&house.operator(), "Patient", "late");
            }
            steps.push((done, of));
        });
        let report = report.unwrap();
        let entries = page(&house, &act, &asked()).entries;
        assert_eq!((report.first, report.faults, report.entries), (None, 0, entries), "{engine:?}");
        assert!(steps.len() >= 2 && steps.is_sorted(), "{steps:?}");
        let checkpoint = String::from_utf8(house.record.log_checkpoint(&act).unwrap()).unwrap();
        assert!(checkpoint.contains("\n— "), "a signed note: {checkpoint}");
        let whole = house.record.verify(Some(checkpoint.as_bytes()), false, &mut |_| {}).unwrap();
        assert!(whole.is_sound(), "{:?}", whole.faults);
    }
}
