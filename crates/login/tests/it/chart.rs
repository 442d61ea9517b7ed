//! Charts behind the desk, and people of the staff whom the record knows.

use crate::house::{Desk, PASSWORD, Person};
use access::act::Act;
use login::{attempt::Step, error::Error, invitation::Invite, realm::Realm, session::Who};
use record::change::{Change, Wish};
use serde_json::{Value, json};
use testkit::house::Engine;

/// A desk with charts: Asha is Dr Iyer's (`Practitioner/b`) and the desk's (`Practitioner/d`), Ben is nobody's, Chitra is a child.
pub(crate) fn charted(engine: Engine) -> (Desk, Person) {
    let (desk, admin) = Desk::open(engine);
    for id in ["b", "c", "d", "e"] {
        put(&desk, json!({"resourceType": "Practitioner", "id": id}));
    }
    for (id, given, born) in
        [("asha", "Asha", "1990-05-31"), ("ben", "Ben", "1985-01-02"), ("chitra", "Chitra", "2015-03-04")]
    {
        let name = json!([{"family": "Rao", "given": [given]}]);
        put(
            &desk,
            json!({"resourceType": "Patient", "id": id, "name": name, "birthDate": born,
            "identifier": [{"system": "urn:mrn", "value": format!("MRN-{id}")}],
            "telecom": [{"system": "phone", "value": "+919876543210"}]}),
        );
        put(&desk, observation(id, "plain", &[]));
        put(&desk, observation(id, "secret", &["HIV"]));
    }
    for (patient, who) in [("asha", "b"), ("asha", "d"), ("asha", "e"), ("chitra", "d"), ("chitra", "e")] {
        put(
            &desk,
            json!({"resourceType": "Encounter", "id": format!("{patient}-{who}"), "status": "in-progress",
            "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{patient}")},
            "participant": [{"individual": {"reference": format!("Practitioner/{who}")}}]}),
        );
    }
    (desk, admin)
}

pub(crate) fn observation(patient: &str, id: &str, labels: &[&str]) -> Value {
    let security: Vec<Value> = labels.iter().map(|label| json!({"code": label})).collect();
    let mut resource = json!({"resourceType": "Observation", "id": format!("{patient}-{id}"), "status": "final",
        "code": {"text": "x"}, "subject": {"reference": format!("Patient/{patient}")}});
    if !security.is_empty() {
        resource["meta"] = json!({ "security": security });
    }
    resource
}

pub(crate) fn update(resource: Value) -> Change {
    let text = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (text("resourceType"), Some(text("id")));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

pub(crate) fn put(desk: &Desk, resource: Value) {
    desk.house.record.commit(&desk.house.operator(), "update", &[update(resource)]).unwrap();
}

/// Whether an act opens that resource.
pub(crate) fn opens(desk: &Desk, act: &Act, kind: &str, id: &str) -> bool {
    match desk.house.record.read(act, kind, id) {
        Ok(_) => true,
        Err(record::error::Error::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

impl Desk {
    /// Somebody of the staff in that role, whom the record knows as that Practitioner.
    pub(crate) fn staff_as(
        &self,
        admin: &Person,
        email: &str,
        role: &str,
        practitioner: Option<&str>,
    ) -> Person {
        let who = self.fresh(admin);
        let facility = self.login.facilities(self.now()).unwrap().remove(0);
        let invite = Invite {
            facility: &facility.id,
            name: "Dr Meera Iyer",
            email,
            roles: vec![role.into()],
            practitioner: practitioner.map(str::to_owned),
        };
        let token = self.login.invite(&who, invite, &self.visit()).unwrap();
        self.confirmed(admin, token.reveal());
        let Step::Enrol(attempt) = self.login.accept(token.reveal(), PASSWORD, &self.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        self.enrol(attempt.reveal(), email, Realm::Clinic)
    }

    /// Has a clerk confirm that invitation, if it waits for a second person.
    pub(crate) fn confirmed(&self, admin: &Person, token: &str) {
        if !self.login.invitation_waits(token, &self.visit()).unwrap() {
            return;
        }
        let email = format!("second{}@example.org", self.now().as_microsecond());
        let clerk = self.staff_as(admin, &email, "front-desk", None);
        let clerk = self.who(Realm::Clinic, &clerk.session).unwrap();
        for (id, _) in self.login.waiting_invitations(&clerk, &self.visit()).unwrap() {
            self.login.answer_invitation(&clerk, &id, true, &self.visit()).unwrap();
        }
    }

    /// Somebody who has signed in just now.
    pub(crate) fn fresh(&self, person: &Person) -> Who {
        let session = self.sign_in(person).session;
        self.who(person.realm, session.reveal()).unwrap()
    }

    pub(crate) fn act(&self, who: &Who) -> Act {
        self.login.act_of(who, &self.visit()).unwrap()
    }

    /// Links a patient's account to a chart, by a front desk that sees the chart.
    pub(crate) fn linked(&self, admin: &Person, person: &Person, patient: &str) -> Who {
        let who = self.who(Realm::Patient, &person.session).unwrap();
        let facility = self.login.facilities(self.now()).unwrap().remove(0).id;
        self.login.ask_for_link(&who, &facility, "Asha Rao", "1990-05-31", &self.visit()).unwrap();
        let clerk = self.staff_as(admin, &format!("{patient}.desk@example.org"), "front-desk", Some("d"));
        let clerk = self.who(Realm::Clinic, &clerk.session).unwrap();
        let (id, _) = self.login.link_tasks(&clerk, &self.visit()).unwrap().remove(0);
        self.login.answer_link(&clerk, &id, Some(patient), &self.visit()).unwrap();
        self.who(Realm::Patient, &person.session).unwrap()
    }
}

/// Which field is to blame.
#[track_caller]
pub(crate) fn blamed<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("a field is to blame, not {other:?}"),
    }
}
