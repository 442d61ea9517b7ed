//! A house with its sign-in, a courier that remembers, and people with phones.

use access::audit::Outcome;
use jiff::Timestamp;
use login::{
    Login,
    attempt::{Signed, Step},
    courier::{Courier, Message, Undelivered},
    enrolment::Enrolled,
    error::Error,
    factor::{Proof, passkey::Party, totp},
    identifier::Rules,
    invitation::Invite,
    password::hash::Cost,
    realm::Realm,
    session::Who,
    settings::Settings,
    setup::First,
    sign_in::Credentials,
    sign_up::Newcomer,
    visit::Visit,
};
use std::sync::{Arc, Mutex};
use testkit::house::{Engine, House};

pub(crate) const ORIGIN: &str = "https://here.example";
pub(crate) const PASSWORD: &str = "my kettle sings";

/// Keeps what it is given.
#[derive(Default)]
pub(crate) struct Pigeon(pub(crate) Mutex<Vec<Message>>);

impl Courier for Pigeon {
    fn send(&self, message: &Message) -> Result<(), Undelivered> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

pub(crate) struct Desk {
    pub(crate) house: House,
    pub(crate) login: Login,
    pub(crate) pigeon: Arc<Pigeon>,
}

/// Somebody with an authenticator app.
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
    pub(crate) session: String,
    pub(crate) realm: Realm,
}

pub(crate) fn settings() -> Settings {
    Settings {
        cost: Cost { memory_kib: 64, passes: 1, lanes: 1 },
        identifiers: Rules { aadhaar: true, ..Rules::default() },
        codes_for_patients: true,
        party: Party::of(ORIGIN),
        ..Settings::default()
    }
}

impl Desk {
    /// A house that nobody has set up.
    pub(crate) fn bare(engine: Engine) -> Desk {
        let house = House::new(engine);
        let pigeon = Arc::new(Pigeon::default());
        let login = Login::new(house.record.store().clone(), settings(), Some(pigeon.clone())).unwrap();
        Desk { house, login, pigeon }
    }

    /// A house with its first administrator, who has just signed in.
    pub(crate) fn open(engine: Engine) -> (Desk, Person) {
        let desk = Desk::bare(engine);
        let token = desk.login.setup_token(desk.now()).unwrap().unwrap();
        let attempt = desk.login.set_up(&first(token.reveal()), &desk.visit()).unwrap();
        let admin = desk.enrol(attempt.reveal(), "admin@example.org", Realm::Admin);
        (desk, admin)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.house.now()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.house.wait_ms(seconds * 1_000);
    }

    pub(crate) fn visit(&self) -> Visit {
        self.visit_from("192.0.2.7", None)
    }

    pub(crate) fn visit_from(&self, address: &str, device: Option<&str>) -> Visit {
        Visit {
            now: self.now(),
            request: "request-1".into(),
            address: address.into(),
            browser: "Firefox on Linux".into(),
            device: device.map(str::to_owned),
        }
    }

    /// Sets an app up.
    pub(crate) fn enrol(&self, attempt: &str, email: &str, realm: Realm) -> Person {
        let enrolment = self.login.enrolment(attempt, &self.visit()).unwrap();
        let visit = self.visit();
        let code = totp::shown(&enrolment.secret, visit.now).unwrap();
        let Enrolled { signed, recovery } = self.login.enrol(attempt, &code, &visit).unwrap();
        self.wait(60);
        Person {
            email: email.into(),
            secret: enrolment.secret,
            recovery,
            session: signed.session.reveal().into(),
            realm,
        }
    }

    pub(crate) fn begin(&self, realm: Realm, identifier: &str, password: &str) -> Result<Step, Error> {
        let typed = Credentials { identifier, password, facility: "" };
        self.login.begin(realm, &typed, &self.visit())
    }

    /// Signs in with password and app.
    pub(crate) fn sign_in(&self, person: &Person) -> Signed {
        let Step::SecondFactor(attempt) = self.begin(person.realm, &person.email, PASSWORD).unwrap() else {
            panic!("a second factor is asked for")
        };
        self.wait(60);
        let visit = self.visit();
        let proof = Proof::Totp(totp::shown(&person.secret, visit.now).unwrap());
        signed(self.login.second_factor(attempt.reveal(), &proof, &visit).unwrap())
    }

    pub(crate) fn who(&self, realm: Realm, session: &str) -> Option<Who> {
        self.login.who(realm, session, &self.visit()).unwrap()
    }

    /// Invites somebody and lets them in.
    pub(crate) fn staff(&self, admin: &Person, email: &str) -> Person {
        let token = self.invite(admin, email);
        let Step::Enrol(attempt) = self.login.accept(&token, PASSWORD, &self.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        self.enrol(attempt.reveal(), email, Realm::Clinic)
    }

    pub(crate) fn invite(&self, admin: &Person, email: &str) -> String {
        let who = self.who(Realm::Admin, &admin.session).unwrap();
        let facility = self.login.facilities(self.now()).unwrap().remove(0);
        let invite = Invite {
            facility: &facility.id,
            name: "Dr Meera Iyer",
            email,
            roles: vec!["physician".into()],
            practitioner: None,
        };
        self.login.invite(&who, invite, &self.visit()).unwrap().reveal().to_owned()
    }

    /// Signs somebody up as a patient, with an app.
    pub(crate) fn patient(&self, contact: &str) -> Person {
        let newcomer = Newcomer { name: "Asha Rao", contact, password: PASSWORD, single_factor: false };
        let attempt = self.login.sign_up(&newcomer, &self.visit()).unwrap();
        let step = self.login.confirm(attempt.reveal(), &self.sent_code(), &self.visit()).unwrap();
        let Step::Enrol(attempt) = step else { panic!("a second factor is on by default") };
        self.enrol(attempt.reveal(), contact, Realm::Patient)
    }

    /// Signs somebody up without a second factor: the session.
    pub(crate) fn plain_patient(&self, contact: &str) -> String {
        let newcomer = Newcomer { name: "Asha Rao", contact, password: PASSWORD, single_factor: true };
        let visit = self.visit_from(&format!("198.51.100.{}", contact.len()), None);
        let attempt = self.login.sign_up(&newcomer, &visit).unwrap();
        let step = self.login.confirm(attempt.reveal(), &self.sent_code(), &visit).unwrap();
        signed(step).session.reveal().to_owned()
    }

    pub(crate) fn sent_code(&self) -> String {
        self.pigeon.0.lock().unwrap().last().unwrap().text.chars().take(6).collect()
    }

    /// What the audit log says, oldest first: `operation outcome actor`. The whole database is sound meanwhile.
    pub(crate) fn log(&self) -> Vec<String> {
        let line = |entry: access::audit::Entry| {
            let outcome = if entry.outcome == Outcome::Done { "done" } else { "refused" };
            format!("{} {outcome} {}", entry.operation, entry.name)
        };
        self.entries().into_iter().map(line).collect()
    }

    /// The entries of the audit log, oldest first.
    pub(crate) fn entries(&self) -> Vec<access::audit::Entry> {
        assert_eq!(self.house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
        let ring = self.house.record.store().keyring();
        let open = |(at, row): (usize, Vec<Vec<u8>>)| {
            let key = ring.audit_key().leaf(at as u64).unwrap();
            let plain = vault::seal::open(&key, &vault::aad::Aad::audit_leaf(at as u64), &row[0]).unwrap();
            access::audit::Entry::parse(&plain[32..]).unwrap()
        };
        let rows = self.house.rows("SELECT entry FROM leaf ORDER BY seq");
        rows.into_iter().enumerate().map(open).collect()
    }

    /// What the log says since it had so many entries.
    pub(crate) fn log_since(&self, before: usize) -> Vec<String> {
        self.log().split_off(before)
    }
}

pub(crate) fn first(token: &str) -> First<'_> {
    First {
        token,
        name: "Nila Das",
        email: "admin@example.org",
        password: PASSWORD,
        facility: "Lakeside Clinic",
    }
}

#[track_caller]
pub(crate) fn signed(step: Step) -> Signed {
    match step {
        Step::In(signed) => signed,
        other => panic!("a session, not {other:?}"),
    }
}
