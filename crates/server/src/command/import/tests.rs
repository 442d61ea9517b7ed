use super::*;
use crate::{actor, wire::tests::config_in};
use record::search::SearchRequest;
use std::fs;

fn import(config: &Config, paths: &[PathBuf], again: bool) -> Found {
    run(&Arguments { paths: paths.to_vec(), again, health_ids_from: None }, config).unwrap()
}

fn count(config: &Config, query: &str) -> usize {
    let record = wire::open(config, Purpose::Alone).unwrap();
    let (kind, query) = query.split_once('?').unwrap();
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    record.search(&actor::local_act().unwrap(), &request).unwrap().entries.len()
}

fn rejects(config: &Config) -> Vec<serde_json::Value> {
    let files = fs::read_dir(&config.data).unwrap().flatten();
    let file =
        files.map(|file| file.path()).find(|path| path.to_string_lossy().contains("rejects-")).unwrap();
    let mut found: Vec<serde_json::Value> =
        fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    found.sort_by_key(|reject| reject["entry"].as_u64());
    found
}

#[test]
fn what_is_loaded_is_found_and_a_second_run_loads_nothing_twice() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:6b1e0c1e-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","gender":"male"},"request":{"method":"POST","url":"Patient"}},
        {"resource":{"resourceType":"Observation","status":"final","code":{"text":"a"},"subject":{"reference":"urn:uuid:6b1e0c1e-0000-4000-8000-000000000001"}},"request":{"method":"POST","url":"Observation"}}]}"#;
    let folder = home.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("one.json"), bundle).unwrap();
    fs::write(
        folder.join("Patient.ndjson"),
        "{\"resourceType\":\"Patient\",\"id\":\"p2\",\"gender\":\"female\"}\n",
    )
    .unwrap();
    for _ in 0..2 {
        assert_eq!(import(&config, std::slice::from_ref(&folder), false), Found::Right);
        assert_eq!(count(&config, "Patient?gender=male,female"), 2);
        assert_eq!(count(&config, "Observation?subject:Patient.gender=male"), 1);
    }
    import(&config, &[folder], true);
    assert_eq!(count(&config, "Patient?gender=male"), 2, "--again loads what was loaded before");
}

#[test]
fn bad_lines_are_rejected_with_reasons_and_without_their_values() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    let path = home.path().join("mixed.ndjson");
    let good = |n: usize| format!("{{\"resourceType\":\"Patient\",\"id\":\"p{n}\"}}");
    let bad = "{\"resourceType\":\"Patient\",\"id\":\"b\",\"birthDate\":\"hush-hush\"}";
    let lines = [good(1), good(2), bad.to_owned(), good(3), "{".to_owned(), good(4)];
    fs::write(&path, lines.join("\n")).unwrap();
    assert_eq!(import(&config, &[path], false), Found::Wrong);
    assert_eq!(count(&config, "Patient?_id=p1,p2,p3,p4"), 4);
    let found = rejects(&config);
    assert_eq!((found.len(), &found[0]["entry"], &found[1]["entry"]), (2, &3.into(), &5.into()));
    assert_eq!(found[0]["outcome"]["issue"][0]["expression"][0], "Patient.birthDate");
    assert!(!serde_json::to_string(&found).unwrap().contains("hush"));
}

#[test]
fn a_transaction_that_fails_is_rejected_whole() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    let path = home.path().join("two.json");
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},
        {"resource":{"resourceType":"Patient","id":"b","gender":"x"},"request":{"method":"PUT","url":"Patient/b"}}]}"#;
    fs::write(&path, bundle).unwrap();
    assert_eq!(import(&config, &[path], false), Found::Wrong);
    assert_eq!(count(&config, "Patient?_id=a,b"), 0);
    assert_eq!(rejects(&config)[0]["outcome"]["resourceType"], "OperationOutcome");
}
