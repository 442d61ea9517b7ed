//! What the writer does when things go wrong: nothing half written, an answer for everybody, and back to work.

use super::*;
use crate::dialect::Use;
use crate::trial::{Trial, WAIT, commit, entry};
use std::{sync::mpsc::sync_channel, time::Instant};
use vault::keyring::Keyring;

fn state(trial: &Trial) -> State {
    state_on(trial, &trial.keys, connect(&trial.database, &trial.keys, WAIT).unwrap())
}

fn state_on(trial: &Trial, keys: &Arc<Keys>, conn: Conn) -> State {
    let (database, keys) = (trial.database.clone(), keys.clone());
    State {
        database,
        wait: WAIT,
        conn: Some(conn),
        keys,
        rids: Rids::default(),
        head: None,
        beacon: Default::default(),
    }
}

fn start(trial: &Trial) -> Writer {
    let conn = connect(&trial.database, &trial.keys, WAIT).unwrap();
    Writer::start(trial.database.clone(), trial.keys.clone(), WAIT, conn, Default::default()).unwrap()
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

/// Ends every session on the database, as an administrator does, or the machine when a process is killed.
fn end_sessions(trial: &mut Trial) {
    let end = "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()) x";
    trial.again().query(end, &[], |row| row.int(0)).unwrap();
    trial.conn = trial.again();
}

/// The same database as a second node sees it, which got a copy of the keyring.
fn second_node(trial: &Trial, read_only: bool) -> (tempfile::TempDir, Arc<Keys>) {
    let folder = tempfile::tempdir().unwrap();
    let provider = crate::trial::provider(trial.folder.path());
    let path = folder.path().join("keyring");
    std::fs::copy(trial.folder.path().join("keyring"), &path).unwrap();
    let ring = match read_only {
        true => Keyring::open_read_only(&path, &provider, None),
        false => Keyring::open(&path, &provider, None),
    };
    (folder, Arc::new(Keys::new(Arc::new(ring.unwrap()))))
}

fn limit_pages(state: &mut State, more: Option<i64>) {
    let Some(Conn::Sqlite(conn)) = &state.conn else { panic!("a page limit is SQLite's") };
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
        let (reply, answer) = sync_channel(1);
        state.transact(vec![Job::Forget(owner, Box::new(entry("erase")), reply)]);
        answer.recv().unwrap().unwrap();
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
        assert_eq!((report.counts.versions, report.counts.erased, report.counts.leaves), (4, 2, 5));
    }
}

#[test]
fn a_lost_connection_is_opened_again() {
    for mut trial in Trial::both() {
        let mut state = state(&trial);
        one(&mut state, trial.commit("p", "a", 0, 10)).unwrap();
        if let Some(Conn::Postgres(_)) = &state.conn {
            end_sessions(&mut trial);
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
        let mut one = state(&trial);
        // Past the lock that keeps a second server out.
        let mut other = state_on(&trial, &trial.keys, trial.again());
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
    let writer = start(&trial);
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

#[test]
fn a_second_node_is_refused_while_the_first_serves_and_let_in_when_its_session_ends() {
    let [_, mut trial] = Trial::both();
    let mut first = state(&trial);
    one(&mut first, trial.commit("p", "a", 0, 10)).unwrap();
    let (_folder, keys) = second_node(&trial, false);
    let refused = connect(&trial.database, &keys, WAIT).map(drop);
    assert!(matches!(refused, Err(Error::Served)), "{refused:?}");

    end_sessions(&mut trial);
    let second = connect(&trial.database, &keys, WAIT).unwrap();
    // The first comes back, and finds the database served: it says so, and writes nothing.
    for _ in 0..2 {
        assert!(matches!(one(&mut first, trial.commit("p", "b", 0, 10)), Err(Error::Served)));
    }
    assert_eq!(trial.count("version"), 1);
    drop(second);
    one(&mut first, trial.commit("p", "b", 0, 10)).unwrap();
    assert_eq!(trial.verified().faults, []);
}

/// The second writes for a patient whom the first has no key for, and goes. The first must not go on as if nothing were.
#[test]
fn a_node_that_comes_back_to_records_of_another_keyring_writes_nothing() {
    let [_, mut trial] = Trial::both();
    let mut first = state(&trial);
    one(&mut first, trial.commit("p", "a", 0, 10)).unwrap();
    let (_folder, keys) = second_node(&trial, false);
    end_sessions(&mut trial);
    let conn = connect(&trial.database, &keys, WAIT).unwrap();
    let mut second = state_on(&trial, &keys, conn);
    one(&mut second, trial.commit("q", "b", 0, 10)).unwrap();
    drop(second);
    for _ in 0..2 {
        assert!(matches!(one(&mut first, trial.commit("q", "c", 0, 10)), Err(Error::Keys(_))));
    }
    // Nothing that was written is unreadable to the one who has all keys.
    let report = crate::verify::verify(&mut trial.again(), &keys, &mut |_| {}, None, None).unwrap();
    assert_eq!((report.faults.as_slice(), report.counts.versions), ([].as_slice(), 2));
}

#[test]
fn no_second_key_is_made_for_somebody_whose_records_are_there() {
    for mut trial in Trial::both() {
        let (_folder, old) = second_node(&trial, false);
        let mut first = state(&trial);
        // Of q there are records, but no Patient.
        one(&mut first, trial.commit("q", "a", 0, 10)).unwrap();
        drop(first);
        // Past every other check: as if a thousand versions had been written for others since.
        let conn = Conn::open_waiting(&trial.database, Use::Write, WAIT).unwrap();
        let mut late = state_on(&trial, &old, conn);
        let outcomes = batch(&mut late, vec![trial.commit("q", "b", 0, 10), trial.commit("new", "c", 0, 10)]);
        let error = outcomes[0].as_ref().unwrap_err();
        assert!(matches!(error, Error::Keyless), "{error:?}");
        assert!(error.to_string().contains("integrity: this keyring"), "{error}");
        assert!(outcomes[1].is_ok(), "whoever is new gets a key");
        assert_eq!(trial.count("version"), 2);
    }
}

#[test]
fn beside_a_server_others_write_but_make_no_key() {
    for mut trial in Trial::both() {
        let mut server = state(&trial);
        one(&mut server, trial.commit("p", "a", 0, 10)).unwrap();
        let (_folder, keys) = second_node(&trial, true);
        let conn = connect(&trial.database, &keys, WAIT).unwrap();
        let mut beside = state_on(&trial, &keys, conn);
        let (reply, answer) = sync_channel(1);
        beside.transact(vec![Job::Leaf(Box::new(entry("read")), reply)]);
        answer.recv().unwrap().unwrap();
        one(&mut beside, trial.commit("p", "b", 0, 10)).unwrap();
        assert!(matches!(one(&mut beside, trial.commit("new", "c", 0, 10)), Err(Error::Keys(_))));
        one(&mut server, trial.commit("new", "c", 0, 10)).unwrap();
        let report = trial.verified();
        assert_eq!((report.faults.as_slice(), report.counts.versions), ([].as_slice(), 3));
    }
}

#[test]
fn after_a_panic_the_writer_starts_anew() {
    for mut trial in Trial::both() {
        let writer = start(&trial);
        writer.commit(trial.commit("p", "a", 0, 10)).unwrap();
        let outcome = writer.ask(Job::Panic);
        assert!(matches!(outcome, Err(Error::Busy)), "{outcome:?}");
        writer.commit(trial.commit("p", "b", 0, 10)).unwrap();
        drop(writer);
        let report = trial.verified();
        assert_eq!((report.faults.as_slice(), report.counts.versions), ([].as_slice(), 2));
    }
}
