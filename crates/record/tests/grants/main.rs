//! A10: ten people of three organizations ask ten thousand random questions each, and see no row, count, link or past version
//! outside of what a naive reading of the rules lets them see, on either engine; nor do they see less.
//!
//! A failure prints its seed; `KEEPWELL_SEED=… cargo test -p record --test grants` runs the same again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    reason = "a test stops where it fails, and says what it did"
)]

mod naive;
mod world;

use access::act::{Act, Glass};
use naive::Policy;
use record::{
    change::{Change, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::{Page, SearchRequest},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};
use testkit::{
    chance::{self, Chance},
    house::{Engine, House},
};
use world::{CODES, FAMILIES, PATIENTS, TYPES, World};

/// How often the world changes and everybody asks again.
const ROUNDS: usize = 4;
/// Questions of each person in a round.
const QUESTIONS: usize = 2_500;
/// Resources about patients.
const RESOURCES: usize = 400;

#[test]
fn a10_nobody_sees_more_or_less_than_the_rules_say_on_sqlite() {
    hold(Engine::Sqlite);
}

#[test]
fn a10_nobody_sees_more_or_less_than_the_rules_say_on_postgresql() {
    hold(Engine::Postgres);
}

fn hold(engine: Engine) {
    let seed = chance::seed();
    println!("{}={seed} repeats this", chance::VARIABLE);
    let mut chance = Chance::new(seed);
    let house = House::new(engine);
    let mut world = world::directory();
    for n in 0..PATIENTS {
        world.insert(format!("Patient/p{n}"), world::registered(&mut chance, &format!("p{n}")));
    }
    for n in 0..RESOURCES {
        place(&mut world, world::anything(&mut chance, &format!("r{n}"), house.now().as_microsecond()));
    }
    world.values().for_each(|resource| put(&house, resource));
    for round in 0..ROUNDS {
        let asked = ask_all(&house, &world, seed ^ round as u64);
        assert!(asked.some > QUESTIONS, "{engine:?}: too few questions found anything: {asked:?}");
        assert!(asked.kept > QUESTIONS / 2, "{engine:?}: too few were kept from anybody: {asked:?}");
        change(&house, &mut world, &mut chance);
    }
    let report = house.record.verify(None, true, &mut |_| {}).unwrap();
    assert_eq!(report.faults, []);
}

fn place(world: &mut World, resource: Value) {
    let (kind, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
    world.insert(format!("{kind}/{id}"), resource);
}

fn put(house: &House, resource: &Value) {
    let text = |name: &str| resource[name].as_str().unwrap().to_owned();
    let wish = Wish::Update {
        resource_type: text("resourceType"),
        id: Some(text("id")),
        query: None,
        resource: resource.clone(),
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
}

/// Consents are given and revoked, encounters begin and end, things are deleted: it counts from the next question on.
fn change(house: &House, world: &mut World, chance: &mut Chance) {
    for n in 0..80 {
        let name = format!("r{}", chance.below(RESOURCES));
        let old: Vec<String> =
            world.keys().filter(|key| key.split_once('/').unwrap().1 == name).cloned().collect();
        for key in old {
            let (kind, id) = key.split_once('/').unwrap();
            let delete: Change =
                Wish::Delete { resource_type: kind.into(), id: Some(id.into()), query: None, if_match: None }
                    .into();
            house.record.commit(&house.operator(), "delete", &[delete]).unwrap();
            world.remove(&key);
        }
        if n % 4 > 0 {
            let resource = world::anything(chance, &name, house.now().as_microsecond());
            put(house, &resource);
            place(world, resource);
        }
    }
}

/// Apps that somebody let in with scopes refined at random: they see what that person sees, where it matches.
fn apps(house: &House, chance: &mut Chance) -> Vec<Act> {
    let mut apps = vec![
        (house.staff("physician", &["Practitioner/ann"]), "user"),
        (house.staff("nurse", &["Practitioner/cem", "Organization/north"]), "user"),
        (house.staff("physician", &["Practitioner/bob"]), "patient"),
        (house.patient("p5"), "patient"),
        (house.patient("p7"), "user"),
        (house.operator(), "system"),
    ];
    for (act, context) in &mut apps {
        act.actor.scopes = world::refined(chance, context).iter().map(|text| text.parse().unwrap()).collect();
        if *context == "patient" && act.actor.patient.is_none() {
            act.actor.patient = Some(world::patient(chance));
        }
    }
    apps.into_iter().map(|(act, _)| act).collect()
}

fn people(house: &House) -> Vec<Act> {
    let mut broken = house.staff("physician", &["Practitioner/fay"]);
    let until = broken.at.checked_add(jiff::SignedDuration::from_hours(4)).unwrap();
    broken.actor.standing.as_mut().unwrap().glass = Some(Glass { patient: "p3".into(), until });
    broken.purpose = access::act::Purpose::Etreat;
    vec![
        house.staff("physician", &["Practitioner/ann"]),
        house.staff("physician", &["Practitioner/bob"]),
        broken,
        house.staff("nurse", &["Practitioner/cem", "Organization/north"]),
        house.staff("nurse", &["Practitioner/dee", "Organization/south"]),
        house.staff("front-desk", &["Practitioner/eli", "Organization/east"]),
        house.staff("laboratory", &["Practitioner/fay", "Organization/north"]),
        house.staff("researcher", &["Practitioner/ann", "Organization/south"]),
        house.staff("administrator", &[]),
        Act {
            actor: access::act::Actor { patient: Some("p5".into()), ..house.staff("patient", &[]).actor },
            ..house.patient("p5")
        },
    ]
}

/// What came of all questions.
#[derive(Debug, Default)]
struct Asked {
    /// Questions with an answer that is not empty.
    some: usize,
    /// Questions to which the whole answer would have been longer.
    kept: usize,
}

fn ask_all(house: &House, world: &World, seed: u64) -> Asked {
    let policy = Policy::of(world);
    let whole: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::default();
    let asked = Mutex::new(Asked::default());
    let mut people = people(house);
    people.extend(apps(house, &mut Chance::new(seed)));
    // Every other one looks at a page, the others take along what they read; in the next round it is the other way round.
    for (n, act) in people.iter_mut().enumerate() {
        act.looks = (n as u64 ^ seed) & 1 == 0;
    }
    std::thread::scope(|scope| {
        for (n, act) in people.iter().enumerate() {
            let (policy, whole, asked) = (&policy, &whole, &asked);
            scope.spawn(move || {
                let shown: BTreeSet<String> = world
                    .iter()
                    .filter(|(_, resource)| policy.shows(act, resource))
                    .map(|(key, _)| key.clone())
                    .collect();
                let asker = Asker { house, act, world, shown: &shown, whole };
                let mut chance = Chance::new(seed.wrapping_add(n as u64 * 7919));
                let mut own = Asked::default();
                let is_app = act.actor.scopes.iter().any(access::scope::Scope::is_refined);
                for _ in 0..if is_app { QUESTIONS / 4 } else { QUESTIONS } {
                    asker.ask(&mut chance, &mut own);
                }
                let mut asked = asked.lock().unwrap();
                asked.some += own.some;
                asked.kept += own.kept;
            });
        }
    });
    asked.into_inner().unwrap()
}

struct Asker<'w> {
    house: &'w House,
    act: &'w Act,
    world: &'w World,
    /// Everything that this person may see.
    shown: &'w BTreeSet<String>,
    /// Answers to somebody who sees everything.
    whole: &'w Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Asker<'_> {
    fn ask(&self, chance: &mut Chance, asked: &mut Asked) {
        let kind = *chance.pick(&TYPES);
        match chance.below(10) {
            0 => self.read(chance, asked),
            1 => self.past(chance, kind),
            2 => self.led_to(chance, kind),
            _ => self.search(&query(chance, kind), kind, asked),
        }
    }

    fn page(&self, act: &Act, kind: &str, query: &str) -> Result<Page, Error> {
        let request = SearchRequest {
            resource_type: kind.into(),
            query: query.into(),
            lenient: false,
            compartment: None,
        };
        self.house.record.search(act, &request)
    }

    /// A search that looks at nothing but its matches shows exactly those of the whole answer that may be seen, and counts them.
    fn search(&self, query: &str, kind: &str, asked: &mut Asked) {
        let whole = self.whole(kind, query);
        let expected: BTreeSet<String> = whole.intersection(self.shown).cloned().collect();
        let found = match self.page(self.act, kind, &format!("{query}&_count=1000&_total=accurate")) {
            Ok(page) => {
                assert_eq!(page.total, Some(page.entries.len() as u64), "{kind}?{query}");
                names(&page)
            }
            Err(Error::Refused) => BTreeSet::new(),
            Err(error) => panic!("{kind}?{query}: {error}"),
        };
        assert_eq!(found, expected, "{} asked {kind}?{query}", self.act.actor.role);
        // One in some is counted alone as well: a count takes another way than a page.
        if expected.len() % 5 == 3 {
            let page = self.page(self.act, kind, &format!("{query}&_summary=count")).unwrap();
            assert_eq!(page.total, Some(expected.len() as u64), "{kind}?{query}");
        }
        asked.some += usize::from(!expected.is_empty());
        asked.kept += usize::from(whole.len() > expected.len());
    }

    fn whole(&self, kind: &str, query: &str) -> BTreeSet<String> {
        let key = format!("{kind}?{query}");
        if let Some(known) = self.whole.lock().unwrap().get(&key) {
            return known.clone();
        }
        let page = self.page(&self.house.operator(), kind, &format!("{query}&_count=1000"));
        let page = page.unwrap_or_else(|error| panic!("{kind}?{query}: {error:?}"));
        let names = names(&page);
        self.whole.lock().unwrap().insert(key, names.clone());
        names
    }

    /// A search that leads from one resource to another shows nothing that may not be seen, and is not steered by it either.
    fn led_to(&self, chance: &mut Chance, kind: &str) {
        let family = *chance.pick(&FAMILIES);
        let (kind, query) = match chance.below(6) {
            0 => ("Observation", format!("patient.family={family}")),
            1 => ("Condition", format!("subject:Patient.family={family}")),
            2 => ("Observation", "_include=Observation:subject&_include=Observation:performer".to_owned()),
            3 => ("Patient", "_revinclude=Observation:subject&_revinclude=Consent:patient".to_owned()),
            4 => ("Encounter", format!("patient.family={family}&_include=*")),
            _ => (kind, "_lastUpdated=gt2000-01-01".to_owned()),
        };
        let Ok(page) = self.page(self.act, kind, &format!("{query}&_count=1000")) else { return };
        let found = names(&page);
        assert!(
            found.is_subset(self.shown),
            "{} asked {kind}?{query}: {:?}",
            self.act.actor.role,
            found.difference(self.shown)
        );
        if query.contains("family=") && !query.contains("_include") {
            let is_of = |resource: &Value| {
                let Some(patient) = resource["subject"]["reference"].as_str() else { return false };
                self.shown.contains(patient) && self.world[patient]["name"][0]["family"] == family
            };
            let expected: BTreeSet<String> = self
                .shown
                .iter()
                .filter(|name| name.starts_with(kind) && is_of(&self.world[*name]))
                .cloned()
                .collect();
            assert_eq!(found, expected, "{} asked {kind}?{query}", self.act.actor.role);
        }
    }

    fn read(&self, chance: &mut Chance, asked: &mut Asked) {
        let at = chance.below(self.world.len());
        let name = self.world.keys().nth(at).unwrap();
        let (kind, id) = name.split_once('/').unwrap();
        let read = self.house.record.read(self.act, kind, id);
        match read {
            Ok(_) => assert!(self.shown.contains(name), "{} read {name}", self.act.actor.role),
            Err(Error::NotFound | Error::Refused) => assert!(!self.shown.contains(name), "{name} was kept"),
            Err(error) => panic!("{name}: {error}"),
        }
        asked.some += usize::from(self.shown.contains(name));
        asked.kept += usize::from(!self.shown.contains(name));
    }

    /// Of the past nobody sees what is about a resource that they do not see.
    fn past(&self, chance: &mut Chance, kind: &str) {
        let id = format!("r{}", chance.below(RESOURCES));
        let scope = match chance.one_in(3) {
            true => Scope::Type(kind.into()),
            false => Scope::Instance { resource_type: kind.into(), id: id.clone() },
        };
        let request = HistoryRequest { count: Some(1000), ..HistoryRequest::default() };
        match self.house.record.history(self.act, &scope, &request) {
            Ok(page) => {
                for entry in page.entries.iter().filter(|entry| entry.body.is_some()) {
                    let name = format!("{}/{}", entry.resource_type, entry.id);
                    // What once was about a patient, they see although it is about somebody else by now, and whoever sees
                    // everything sees what was deleted. Refined scopes tell nothing of the past.
                    let mut of_type = self.act.actor.scopes.iter().filter(|scope| {
                        let kind = &entry.resource_type;
                        scope.resource_type.as_ref().is_none_or(|named| named == kind)
                    });
                    let is_theirs = (self.act.actor.patient.is_some() || self.act.actor.standing.is_none())
                        && of_type.any(|scope| !scope.is_refined());
                    assert!(
                        is_theirs || self.shown.contains(&name),
                        "{} saw the past of {name}",
                        self.act.actor.role
                    );
                }
            }
            Err(Error::NotFound | Error::Refused | Error::Gone { .. }) => {}
            Err(error) => panic!("{kind}/{id}: {error}"),
        }
    }
}

fn names(page: &Page) -> BTreeSet<String> {
    page.entries.iter().map(|entry| format!("{}/{}", entry.resource_type, entry.id)).collect()
}

/// A question whose answer depends on nothing but the matches themselves.
fn query(chance: &mut Chance, kind: &str) -> String {
    let patient = world::patient(chance);
    let coded = ["Observation", "Condition", "MedicationRequest"].contains(&kind);
    let of_patient = !["Patient", "Practitioner", "Organization"].contains(&kind);
    let mut clauses = Vec::new();
    if of_patient && chance.one_in(2) {
        clauses.push(format!("patient={}{patient}", if chance.one_in(2) { "Patient/" } else { "" }));
    }
    if coded && chance.one_in(2) {
        let more = if chance.one_in(3) { format!(",{}", chance.pick(&CODES)) } else { String::new() };
        clauses.push(format!("code=urn:t|{}{more}", chance.pick(&CODES)));
    }
    if kind == "Patient" && chance.one_in(2) {
        clauses.push(format!("family={}", chance.pick(&FAMILIES)));
    }
    if chance.one_in(4) {
        clauses.push(format!("_security={}", chance.pick(&["PSY", "HIV", "N"])));
    }
    if chance.one_in(5) {
        clauses.push(format!("_id=r{},{patient}", chance.below(RESOURCES)));
    }
    if kind == "Observation" && chance.one_in(3) {
        clauses.push((*chance.pick(&["date=ge2023-06-01", "date=lt2023-09-01", "_sort=-date"])).to_owned());
    }
    if chance.one_in(6) && !clauses.iter().any(|clause| clause.starts_with("_sort")) {
        clauses.push("_sort=-_lastUpdated".to_owned());
    }
    if clauses.is_empty() {
        clauses.push("_lastUpdated=gt2000-01-01".to_owned());
    }
    clauses.join("&")
}
