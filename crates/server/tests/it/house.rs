//! A house with all its doors open on a port of this machine, and people who are signed in.

use login::{
    Login,
    attempt::Step,
    courier::{Courier, Message, Undelivered},
    enrolment::Enrolled,
    factor::totp,
    invitation::Invite,
    oauth,
    password::hash::Cost,
    realm::Realm,
    session::Who,
    settings::Settings,
    setup::First,
    sign_up::Newcomer,
    visit::Visit,
};
use record::sign_in::Pass;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use testkit::house::{Engine, House};
use tokio::{runtime::Runtime, sync::oneshot};
use web::{
    cookie,
    door::Door,
    gate::{self, Gate},
    limits::Limits,
    serve::Serving,
};

pub(crate) const PASSWORD: &str = "my kettle sings";

#[derive(Default)]
struct Pigeon(Mutex<Vec<Message>>);

impl Courier for Pigeon {
    fn send(&self, message: &Message) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// A house that serves until it is dropped.
pub(crate) struct Served {
    pub(crate) house: Arc<House>,
    pub(crate) login: Arc<Login>,
    pub(crate) address: SocketAddr,
    pub(crate) origin: String,
    pub(crate) base: String,
    pigeon: Arc<Pigeon>,
    counter: AtomicU64,
    door: Arc<Door>,
    end: Option<oneshot::Sender<()>>,
    running: Option<(Runtime, tokio::task::JoinHandle<()>)>,
}

impl Drop for Served {
    /// Waits for the server: the kernel must not end on one of its threads.
    fn drop(&mut self) {
        self.end.take().map(|end| end.send(()));
        if let Some((runtime, serving)) = self.running.take() {
            runtime.block_on(serving).unwrap();
        }
    }
}

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) realm: Realm,
    pub(crate) session: String,
    pub(crate) cookie: String,
    pub(crate) secret: String,
}

impl Served {
    pub(crate) fn open(engine: Engine) -> Served {
        Served::open_within(engine, Limits::default())
    }

    /// With other limits.
    pub(crate) fn open_within(engine: Engine, limits: Limits) -> Served {
        let house = Arc::new(House::new(engine));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let origin = format!("http://{address}");
        let base = format!("{origin}/fhir/R4");
        let settings = Settings {
            cost: Cost { memory_kib: 64, passes: 1, lanes: 1 },
            oauth: oauth::Settings {
                refines: oauth::Refines::by(|scope| record::refine::can_be_kept(&[], scope)),
                ..oauth::Settings::at(&base)
            },
            ..Settings::default()
        };
        let pigeon = Arc::new(Pigeon::default());
        let login = Login::new(Arc::clone(house.record.store()), settings, Some(pigeon.clone())).unwrap();
        let (login, clock, count) = (Arc::new(login), Arc::clone(&house), AtomicU64::new(0));
        let gate = Arc::new(Gate::new(gate::Settings {
            clock: Arc::new(move || clock.now()),
            fresh_id: Arc::new(move || format!("request-{}", count.fetch_add(1, Relaxed))),
            limits,
            tls: false,
            parameters: api::parameters(),
        }));
        let door = Door::new(Arc::clone(&house.record), gate.clone(), &base).with_login(login.clone(), false);
        let door = Arc::new(door);
        let routes = api::router(door.clone(), house.now())
            .merge(api::oauth::router(door.clone()))
            .merge(api::shl::router(door.clone()));
        let app = gate.around(routes.merge(portal::router(door.clone())));
        let serving = Serving { app, tls: None, limits, grace: Duration::from_secs(1) };
        let (end, ended) = oneshot::channel::<()>();
        let serving = runtime.spawn(web::serve::serve(listener, serving, async move { drop(ended.await) }));
        let counter = AtomicU64::new(0);
        Served {
            house,
            login,
            address,
            origin,
            base,
            pigeon,
            counter,
            door,
            end: Some(end),
            running: Some((runtime, serving)),
        }
    }

    /// Tells apps of changes, as the program does.
    pub(crate) fn send_notices(&self) {
        if let Some((runtime, _)) = &self.running {
            runtime.spawn(Arc::clone(&self.door).follow());
            runtime.spawn(Arc::clone(&self.door).notify());
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.counter.fetch_add(1, Relaxed)
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.house.wait_ms(seconds * 1_000);
    }

    pub(crate) fn visit(&self) -> Visit {
        Visit {
            now: self.house.now(),
            request: "request-1".into(),
            address: format!("192.0.2.{}", self.count() % 250),
            browser: "Firefox on Linux".into(),
            device: None,
        }
    }

    pub(crate) fn who(&self, person: &Person) -> Who {
        self.login.who(person.realm, &person.session, &self.visit()).unwrap().unwrap()
    }

    fn enrol(&self, attempt: &str, realm: Realm) -> Person {
        let secret = self.login.enrolment(attempt, &self.visit()).unwrap().secret;
        let visit = self.visit();
        let Enrolled { signed, .. } =
            self.login.enrol(attempt, &totp::shown(&secret, visit.now).unwrap(), &visit).unwrap();
        let session = signed.session.reveal().to_owned();
        Person { realm, cookie: format!("{}={session}", cookie::session(realm)), session, secret }
    }

    pub(crate) fn admin(&self) -> Person {
        let token = self.login.setup_token(self.house.now()).unwrap().unwrap();
        let first = First {
            token: token.reveal(),
            name: "Nila Das",
            email: "admin@example.org",
            password: PASSWORD,
            facility: "Lakeside Clinic",
        };
        let attempt = self.login.set_up(&first, &self.visit()).unwrap();
        let person = self.enrol(attempt.reveal(), Realm::Admin);
        self.wait(60);
        person
    }

    pub(crate) fn doctor(&self, admin: &Person) -> Person {
        let facility = self.login.facilities(self.house.now()).unwrap().remove(0);
        let invite = Invite {
            facility: &facility.id,
            name: "Dr Meera Iyer",
            email: "doctor@example.org",
            roles: vec!["physician".into()],
            practitioner: Some("d1".into()),
        };
        let token = self.login.invite(&self.who(admin), invite, &self.visit()).unwrap();
        let Step::Enrol(attempt) = self.login.accept(token.reveal(), PASSWORD, &self.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        let person = self.enrol(attempt.reveal(), Realm::Clinic);
        self.wait(60);
        person
    }

    /// A patient with no chart yet.
    pub(crate) fn newcomer(&self, email: &str) -> Person {
        let person = self.arrives(email);
        self.wait(60);
        person
    }

    /// As [`Served::newcomer`], without a minute passing: until then they have no new code to sign in with.
    pub(crate) fn arrives(&self, email: &str) -> Person {
        let newcomer =
            Newcomer { name: "Asha Rao", contact: email, password: PASSWORD, single_factor: false };
        let attempt = self.login.sign_up(&newcomer, &self.visit()).unwrap();
        let code: String = self.pigeon.0.lock().unwrap().last().unwrap().text.chars().take(6).collect();
        let Step::Enrol(attempt) = self.login.confirm(attempt.reveal(), &code, &self.visit()).unwrap() else {
            panic!("a second factor is on by default")
        };
        self.enrol(attempt.reveal(), Realm::Patient)
    }

    /// A patient whom the doctor, who treats them, has matched to a chart.
    pub(crate) fn patient(&self, doctor: &Person, email: &str, chart: &str) -> Person {
        let person = self.newcomer(email);
        self.encounter(chart, "d1");
        let who = self.who(doctor);
        let facility = who.staff.clone().unwrap().facility;
        self.login
            .ask_for_link(&self.who(&person), &facility, "Asha Rao", "1990-05-31", &self.visit())
            .unwrap();
        let (task, _) = self.login.link_tasks(&who, &self.visit()).unwrap().remove(0);
        self.login.answer_link(&who, &task, Some(chart), &self.visit()).unwrap();
        person
    }

    /// Two charts with an observation each: `a` and `b`.
    pub(crate) fn charts(&self) {
        for id in ["a", "b"] {
            let patient = serde_json::json!({"resourceType": "Patient", "id": id, "name": [{"family": format!("Family{id}")}]});
            self.put(&patient);
            self.put(
                &serde_json::json!({"resourceType": "Observation", "id": format!("o-{id}"), "status": "final",
                "code": {"text": "x"}, "subject": {"reference": format!("Patient/{id}")}}),
            );
        }
    }

    /// A practitioner sees a patient, and goes on seeing them.
    pub(crate) fn encounter(&self, patient: &str, practitioner: &str) {
        self.put(&serde_json::json!({"resourceType": "Encounter", "id": format!("e-{patient}"), "status": "in-progress",
            "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{patient}")},
            "participant": [{"individual": {"reference": format!("Practitioner/{practitioner}")}}]}));
    }

    /// Stores something new, as an operator does.
    pub(crate) fn put(&self, resource: &serde_json::Value) {
        let bearer = format!("Bearer {}", self.operator_token());
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/fhir+json")];
        let text = |name: &str| resource[name].as_str().unwrap();
        let path = format!("/fhir/R4/{}/{}", text("resourceType"), text("id"));
        self.send("PUT", &path, &headers, &resource.to_string()).is(201);
    }

    /// A token with which everything may be done.
    pub(crate) fn operator_token(&self) -> String {
        let actor = self.house.operator().actor;
        let expires = self.house.now() + jiff::SignedDuration::from_hours(1);
        let (token, _) = vault::token::mint().unwrap();
        self.house.record.issue(token.reveal(), &Pass { actor, expires }).unwrap();
        token.reveal().to_owned()
    }

    /// A token of the patient whose chart that is, with other scopes than a patient's.
    pub(crate) fn token_of(&self, patient: &str, scopes: &str) -> String {
        let scopes = scopes.split(' ').map(|scope| scope.parse().unwrap()).collect();
        let actor = access::act::Actor { scopes, ..self.house.patient(patient).actor };
        let expires = self.house.now() + jiff::SignedDuration::from_hours(1);
        let (token, _) = vault::token::mint().unwrap();
        self.house.record.issue(token.reveal(), &Pass { actor, expires }).unwrap();
        token.reveal().to_owned()
    }

    /// What the audit log says, oldest first. The whole database is sound meanwhile.
    pub(crate) fn log(&self) -> Vec<String> {
        assert_eq!(self.house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
        let ring = self.house.record.store().keyring();
        let open = |(at, row): (usize, Vec<Vec<u8>>)| {
            let key = ring.audit_key().leaf(at as u64).unwrap();
            let plain = vault::seal::open(&key, &vault::aad::Aad::audit_leaf(at as u64), &row[0]).unwrap();
            let entry = access::audit::Entry::parse(&plain[32..]).unwrap();
            let outcome = if entry.outcome == access::audit::Outcome::Done { "done" } else { "refused" };
            format!("{} {outcome}", entry.operation)
        };
        self.house.rows("SELECT entry FROM leaf ORDER BY seq").into_iter().enumerate().map(open).collect()
    }
}
