use super::*;
use login::{identifier::health_id, settings::Settings};
use testkit::house::{Engine, House};

struct Site {
    house: House,
    login: Login,
}

impl Site {
    fn new() -> Site {
        let house = House::new(Engine::Sqlite);
        let login = Login::new(house.record.store().clone(), Settings::default(), None).unwrap();
        Site { house, login }
    }

    fn patient(&self, id: &str) {
        let resource =
            json!({"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:mr", "value": id}]});
        self.house.record.commit(&self.house.operator(), "import", &[put("Patient", id, resource)]).unwrap();
    }

    fn key(&self) -> String {
        self.house.record.store().verifier_key()
    }

    fn take(&self, folder: &Path, key: &str) -> anyhow::Result<Taken> {
        take((&self.house.record, &self.login), &|| Ok(self.house.operator()), folder, key)
    }

    fn shown(&self, kind: &str, id: &str) -> Value {
        serde_json::from_slice(&self.house.record.read(&self.house.operator(), kind, id).unwrap().body)
            .unwrap()
    }

    fn provenances(&self) -> Vec<Value> {
        let request = record::search::SearchRequest {
            resource_type: "Provenance".into(),
            query: String::new(),
            lenient: false,
            compartment: None,
        };
        let page = self.house.record.search(&self.house.operator(), &request).unwrap();
        page.entries.iter().map(|entry| serde_json::from_slice(&entry.body).unwrap()).collect()
    }
}

/// A node whose patient `p` has a health id, and its export.
fn exported() -> (Site, String, tempfile::TempDir) {
    let site = Site::new();
    site.patient("p");
    let digits = health_id::make([9; 16]);
    site.login.take_health_id(&site.house.operator(), &digits, "p", "first").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let act = site.house.operator();
    assert_eq!(write(&site.login, site.house.record.store(), &act, folder.path()).unwrap(), 1);
    (site, digits, folder)
}

#[test]
fn a11_a_health_id_survives_the_move_to_another_node_and_its_provenance_names_the_first() {
    let (from, digits, folder) = exported();
    let to = Site::new();
    to.patient("p");
    for _ in 0..2 {
        // A second run finds all of it there.
        let taken = to.take(folder.path(), &from.key()).unwrap();
        assert_eq!((taken.ids, taken.refused.len()), (1, 0));
    }
    let patient = to.shown("Patient", "p");
    let own: Vec<&Value> = patient["identifier"].as_array().unwrap().iter().collect();
    assert_eq!((own.len(), own[0]["system"].as_str()), (2, Some("urn:mr")), "others stay");
    assert_eq!(
        (own[1]["system"].as_str(), own[1]["value"].as_str()),
        (Some(SYSTEM), Some(&*grouped(&digits)))
    );
    let [provenance] = &to.provenances()[..] else { panic!("one Provenance") };
    assert_eq!(provenance["target"][0]["reference"], "Patient/p");
    assert_eq!(provenance["agent"][0]["who"]["identifier"]["value"], from.key().as_str());
    assert_eq!(to.login.health_ids(to.house.now()).unwrap().get(&digits).map(String::as_str), Some("p"));
    // And on to a third one.
    let folder = tempfile::tempdir().unwrap();
    write(&to.login, to.house.record.store(), &to.house.operator(), folder.path()).unwrap();
    let third = Site::new();
    third.patient("p");
    assert_eq!(third.take(folder.path(), &to.key()).unwrap().ids, 1);
}

#[test]
fn a11_a_health_id_that_belongs_to_somebody_else_is_refused() {
    let (from, digits, folder) = exported();
    let to = Site::new();
    to.patient("p");
    to.patient("q");
    to.login.take_health_id(&to.house.operator(), &digits, "q", "first").unwrap();
    let taken = to.take(folder.path(), &from.key()).unwrap();
    assert_eq!((taken.ids, taken.refused.len()), (0, 1));
    assert!(taken.refused[0].1.contains("another patient"), "{taken:?}");
    assert!(!to.shown("Patient", "p").to_string().contains(SYSTEM) && to.provenances().is_empty());
    // A patient has one, and one that is not there has none.
    let other = health_id::make([8; 16]);
    let take = |digits: &str, patient: &str| {
        to.login
            .take_health_id(&to.house.operator(), digits, patient, "first")
            .map_err(|error| error.to_string())
    };
    assert!(take(&other, "q").unwrap_err().contains("another health ID"));
    assert!(take(&other, "nobody").unwrap_err().contains("no such patient"));
    assert!(take("1234567890123456", "p").unwrap_err().contains("check digit"));
    let empty = Site::new();
    assert_eq!(empty.take(folder.path(), &from.key()).unwrap().refused.len(), 1);
}

#[test]
fn a11_a_list_that_was_touched_or_signed_by_somebody_else_is_refused_whole() {
    let (from, digits, folder) = exported();
    let to = Site::new();
    to.patient("p");
    to.patient("q");
    let refused = |key: &str| to.take(folder.path(), key).map(|_| ()).unwrap_err().to_string();
    assert!(refused(&to.key()).contains("not signed by the node"));
    for bad in ["", "a+b+c", &from.key()[1..], "name+00000000+AQ=="] {
        assert!(refused(bad).contains("malformed"), "{bad}");
    }
    let list = folder.path().join(LIST);
    let right = fs::read_to_string(&list).unwrap();
    for wrong in [format!("{digits} q\n"), format!("{right}{right}"), String::new()] {
        fs::write(&list, wrong).unwrap();
        assert!(refused(&from.key()).contains("not the one that was signed"));
    }
    // A checkpoint is signed by the same key, and is no note over health ids.
    fs::write(&list, &right).unwrap();
    fs::write(folder.path().join(NOTE), from.house.record.store().checkpoint().unwrap()).unwrap();
    assert!(refused(&from.key()).contains("not one over health IDs"));
    assert!(to.login.health_ids(to.house.now()).unwrap().is_empty() && to.provenances().is_empty());
}

#[test]
fn a11_a_million_health_ids_are_all_different_and_no_wrong_digit_passes() {
    let mut seen = std::collections::HashSet::with_capacity(1 << 20);
    for number in 0..1_000_000_u32 {
        let id = health_id::make(vault::random::bytes().unwrap());
        if number % 50 == 0 {
            let digits = id.as_bytes();
            for at in 0..digits.len() {
                for by in 1..10 {
                    let mut wrong = digits.to_vec();
                    wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
                    assert!(health_id::parse(&format!("KW{}", String::from_utf8(wrong).unwrap())).is_none());
                }
            }
        }
        assert!(seen.insert(id.parse::<u64>().unwrap()), "twice");
    }
}
