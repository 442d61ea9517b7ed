//! What the writer does when things go wrong: nothing half written, an answer for everybody, and back to work.

use super::*;
use crate::trial::{Trial, WAIT, commit, entry};
use std::{sync::mpsc::sync_channel, time::Instant};

fn state(trial: &Trial) -> State {
    State {
        database: trial.database.clone(),
        wait: WAIT,
        conn: trial.again(),
        keys: trial.keys.clone(),
        rids: Rids::default(),
        head: None,
    }
}

/// One batch of these commits; the answer to each.
fn batch(state: &mut State, commits: Vec<Commit>) -> Vec<Result<Vec<Written>, Error>> {
    let (jobs, answers): (Vec<Job>, Vec<_>) = commits
        .into_iter()
        .map(|commit| {
            let (reply, answer) = sync_channel(1);
            (Job::Commit(Box::new(commit), reply), answer)
        })
        .unzip();
    state.transact(jobs);
    answers.iter().map(|answer| answer.recv().unwrap()).collect()
}

fn one(state: &mut State, commit: Commit) -> Result<Vec<Written>, Error> {
    batch(state, vec![commit]).remove(0)
}

fn limit_pages(state: &mut State, more: Option<i64>) {
    let Conn::Sqlite(conn) = &state.conn else { panic!("a page limit is SQLite's") };
    let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let most = more.map_or(1_073_741_823, |more| pages + more);
    conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |row| row.get::<_, i64>(0)).unwrap();
}

#[test]
fn a_full_disk_is_told_writes_nothing_half_and_is_forgotten_when_there_is_room_again() {
    let mut trial = Trial::sqlite();
    let mut state = state(&trial);
    one(&mut state, trial.commit("p", "first", 0, 100)).unwrap();
    // The disk is full at every page that the batch asks for in turn.
    let mut full = 0;
    for more in 0..60 {
        let (versions, leaves) = (trial.count("version"), trial.count("leaf"));
        limit_pages(&mut state, Some(more));
        let names = [format!("a{more}"), format!("b{more}")];
        let outcomes = batch(&mut state, names.iter().map(|id| trial.commit(id, id, 0, 60_000)).collect());
        limit_pages(&mut state, None);
        let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as i64;
        full += i64::from(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::Full))));
        assert!(
            written == 2 || outcomes.iter().all(|o| matches!(o, Err(Error::Full))),
            "{more}: {outcomes:?}"
        );
        assert_eq!((trial.count("version"), trial.count("leaf")), (versions + written, leaves + written));
    }
    assert!((20..60).contains(&full), "{full} of 60 batches met a full disk");
    one(&mut state, trial.commit("p", "first", 1, 100)).unwrap();
    let report = trial.verified();
    assert_eq!(report.faults, []);
    assert_eq!(report.counts.versions, 2 + 2 * (60 - full as u64));
}

#[test]
fn a_lock_that_somebody_else_holds_is_told_as_busy_in_bounded_time() {
    for mut trial in Trial::both() {
        let mut state = state(&trial);
        one(&mut state, trial.commit("p", "a", 0, 10)).unwrap();
        let mut other = trial.again();
        match &mut other {
            Conn::Sqlite(conn) => conn.execute_batch("BEGIN EXCLUSIVE").unwrap(),
            Conn::Postgres(_) => {
                other.begin_write().unwrap();
                Head::read(&mut other, " FOR UPDATE").unwrap();
            }
        }
        let since = Instant::now();
        assert!(matches!(one(&mut state, trial.commit("p", "b", 0, 10)), Err(Error::Busy)));
        assert!(since.elapsed() < 20 * WAIT, "{:?}", since.elapsed());
        other.rollback().unwrap();
        one(&mut state, trial.commit("p", "b", 0, 10)).unwrap();
        let report = trial.verified();
        assert_eq!((report.faults.as_slice(), report.counts.versions), ([].as_slice(), 2));
    }
}

#[test]
fn a_commit_that_is_refused_leaves_no_trace_and_harms_no_other_of_its_batch() {
    for mut trial in Trial::both() {
        let mut state = state(&trial);
        one(&mut state, trial.commit("gone", "a", 0, 10)).unwrap();
        let owner = one(&mut state, trial.commit("gone", "a", 1, 10)).unwrap()[0].rid + 1;
        let provider = crate::trial::provider(trial.folder.path());
        trial.keys.ring().destroy(&[owner], &provider).unwrap();
        let mut twice = trial.commit("p", "twice", 0, 10);
        twice.puts.extend(trial.commit("p", "twice", 0, 10).puts);
        let outcomes = batch(
            &mut state,
            vec![
                trial.commit("p", "b", 0, 10),
                trial.commit("gone", "c", 0, 10),
                trial.commit("p", "b", 7, 10),
                twice,
                trial.commit("p", "d", 0, 10),
            ],
        );
        let kinds: Vec<&str> = outcomes
            .iter()
            .map(|outcome| match outcome {
                Ok(_) => "written",
                Err(Error::Erased) => "erased",
                Err(Error::Stale) => "stale",
                Err(_) => "other",
            })
            .collect();
        assert_eq!(kinds, ["written", "erased", "stale", "stale", "written"]);
        let report = trial.verified();
        assert_eq!(report.faults, []);
        assert_eq!((report.counts.versions, report.counts.erased, report.counts.leaves), (4, 2, 4));
    }
}

#[test]
fn a_lost_connection_is_opened_again() {
    for mut trial in Trial::both() {
        let mut state = state(&trial);
        one(&mut state, trial.commit("p", "a", 0, 10)).unwrap();
        if let Conn::Postgres(_) = &state.conn {
            let end = "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()) x";
            trial.again().query(end, &[], |row| row.int(0)).unwrap();
            trial.conn = trial.again();
            assert!(matches!(one(&mut state, trial.commit("p", "b", 0, 10)), Err(Error::Busy)));
        }
        one(&mut state, trial.commit("p", "b", 0, 10)).unwrap();
        assert_eq!(trial.verified().faults, []);
    }
}

#[test]
fn time_in_the_record_never_runs_backwards() {
    for mut trial in Trial::both() {
        let mut state = state(&trial);
        let mut times = Vec::new();
        for (id, at) in [("a", 5_000_999), ("b", 3_000_000), ("c", 5_001_000)] {
            let mut commit = trial.commit("p", id, 0, 10);
            commit.entry.at = at;
            times.push(one(&mut state, commit).unwrap()[0].updated);
        }
        assert_eq!(times, [5_000_000, 5_000_000, 5_001_000]);
        // A look later than that moves nothing.
        let (reply, answer) = sync_channel(1);
        let mut look = entry("read");
        look.at = 9_000_000;
        state.transact(vec![Job::Leaf(Box::new(look), reply)]);
        answer.recv().unwrap().unwrap();
        assert_eq!(one(&mut state, trial.commit("p", "d", 0, 10)).unwrap()[0].updated, 5_001_000);
        assert_eq!(trial.verified().faults, []);
    }
}

#[test]
fn leaves_go_in_one_step_and_see_that_another_writer_has_moved_the_head() {
    for mut trial in Trial::both() {
        let (mut one, mut other) = (state(&trial), state(&trial));
        // By turns: whoever comes after the other has an old head in mind.
        for turn in 0..6 {
            let state = if turn % 3 == 2 { &mut other } else { &mut one };
            let leaves = (0..=turn).map(|_| sync_channel(1)).collect::<Vec<_>>();
            let jobs = leaves.iter().map(|(reply, _)| {
                let mut look = entry("read");
                look.patients = vec![1, 2];
                Job::Leaf(Box::new(look), reply.clone())
            });
            state.transact(jobs.collect());
            leaves.iter().for_each(|(_, answer)| answer.recv().unwrap().unwrap());
            assert!(state.head.is_some());
        }
        assert_eq!((trial.count("leaf"), trial.count("link")), (21, 42));
        let report = trial.verified();
        assert_eq!((report.faults.as_slice(), report.counts.leaves), ([].as_slice(), 21));
    }
}

#[test]
fn a_batch_takes_no_more_than_fits_and_everybody_gets_an_answer() {
    let mut trial = Trial::sqlite();
    let writer = Writer::start(trial.database.clone(), trial.keys.clone(), WAIT).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (writer, keys) = (&writer, trial.keys.clone());
            scope.spawn(move || {
                for n in 0..20 {
                    writer.commit(commit(&keys, "p", &format!("{thread}-{n}"), 0, 10)).unwrap();
                    writer.leaf(entry("read")).unwrap();
                }
            });
        }
    });
    drop(writer);
    let counts = trial.verified().counts;
    assert_eq!((counts.versions, counts.leaves), (160, 320));
}
