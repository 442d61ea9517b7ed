//! Who lets whom into a record, through the pages.

use crate::house::{Browser, Page, Pages, Person};
use login::{realm::Realm, visit::Visit};
use record::change::Wish;
use serde_json::{Value, json};

const WHY: &str = "unconscious after a fall, allergies unknown";

impl Pages {
    pub(crate) fn put(&self, resource: Value) {
        let text = |name: &str| resource[name].as_str().unwrap().to_owned();
        let (resource_type, id) = (text("resourceType"), Some(text("id")));
        let wish =
            Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
        self.house.record.commit(&self.house.operator(), "update", &[wish.into()]).unwrap();
    }

    /// Charts of Asha and of Chitra, a child; both are the front desk's (`Practitioner/d`, `Practitioner/e`).
    pub(crate) fn chart(&self) {
        for id in ["c", "d", "e"] {
            self.put(json!({"resourceType": "Practitioner", "id": id}));
        }
        for (id, given, born) in [("asha", "Asha", "1990-05-31"), ("chitra", "Chitra", "2015-03-04")] {
            self.put(json!({"resourceType": "Patient", "id": id, "birthDate": born,
                "name": [{"family": "Rao", "given": [given]}],
                "identifier": [{"system": "urn:mrn", "value": format!("MRN-{id}")}],
                "telecom": [{"system": "phone", "value": "+919876543210"}]}));
            let desk =
                ["d", "e"].map(|who| json!({"individual": {"reference": format!("Practitioner/{who}")}}));
            self.put(
                json!({"resourceType": "Encounter", "id": id, "status": "in-progress", "participant": desk,
                "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{id}")}}),
            );
        }
    }

    /// Whether that browser's session opens the chart.
    fn opens(&self, browser: &Browser, realm: Realm, patient: &str) -> bool {
        let visit = Visit {
            now: self.house.now(),
            request: "request".into(),
            address: String::new(),
            browser: String::new(),
            device: None,
        };
        let who = self.login.who(realm, browser.session(realm).unwrap(), &visit).unwrap().unwrap();
        let act = self.login.act_about(&who, patient, &visit).unwrap();
        self.house.record.read(&act, "Patient", patient).is_ok()
    }

    /// Asha's account, linked to her chart by the front desk.
    pub(crate) async fn linked(&self, admin: &mut Person) -> Person {
        let mut asha = self.patient("asha@example.org").await;
        let facility = asha.browser.get("/patient/sharing").await.between("<option value=\"", "\"");
        let fields = [("facility", facility.as_str()), ("name", "Asha Rao"), ("birth_date", "1990-05-31")];
        let page = asha.browser.post_signed_in("patient", "/patient/sharing/link", &fields).await;
        assert!(page.status == 200 && page.text.contains("The front desk will look at it"), "{}", page.text);
        assert!(!self.opens(&asha.browser, Realm::Patient, "asha"));
        let mut clerk = self.staff_as(admin, "clerk@example.org", "front-desk", "d").await;
        let page = clerk.browser.get("/clinic/desk").await;
        assert!(page.text.contains("Asha Rao, born 1990-05-31") && page.text.contains("agree with: asha"));
        let id = about(&page, "/clinic/desk/link");
        let wrong = [("about", id.as_str()), ("choice", "link"), ("patient", "nobody")];
        let page = clerk.browser.post_signed_in("clinic", "/clinic/desk/link", &wrong).await;
        assert!(
            page.status == 422 && page.text.contains("you see no such patient") && invalid(&page, "nobody")
        );
        let right = [("about", id.as_str()), ("choice", "link"), ("patient", "asha")];
        let page = clerk.browser.post_signed_in("clinic", "/clinic/desk/link", &right).await;
        assert_eq!(page.goes_to(), "/clinic/desk");
        let page = clerk.browser.post_signed_in("clinic", "/clinic/desk/link", &right).await;
        assert_eq!(page.status, 410, "a double click");
        assert!(self.opens(&asha.browser, Realm::Patient, "asha"));
        let [person] = &self.persons()[..] else { panic!("one Person") };
        assert_eq!(person["link"][0]["target"]["reference"], "Patient/asha");
        assert_eq!(person["link"][0]["assurance"], "level3", "the desk saw her");
        asha
    }
}

/// What the first form of that action is about.
#[track_caller]
fn about(page: &Page, action: &str) -> String {
    let Some((_, rest)) = page.text.split_once(&format!("action=\"{action}\"")) else {
        panic!("{}", page.text)
    };
    let (_, rest) = rest.split_once("name=\"about\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Whether a field that was typed is shown again, and said to be wrong.
fn invalid(page: &Page, typed: &str) -> bool {
    let mut inputs = page.text.split("<input id=").skip(1).map(|input| input.split('>').next().unwrap());
    inputs
        .any(|input| input.contains(&format!("value=\"{typed}\"")) && input.contains("aria-invalid=\"true\""))
}

#[tokio::test]
async fn a1_d12_the_desk_links_an_account_and_its_owner_lets_a_doctor_in() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut doctor = pages.staff_as(&mut admin, "doctor@example.org", "physician", "c").await;
    let mut find = async |fields: &[(&str, &str)]| {
        doctor.browser.post_signed_in("clinic", "/clinic/patients", fields).await
    };
    let page = find(&[("identifier", "MRN-none")]).await;
    assert!(page.status == 200 && page.text.contains("There is no such record here"));
    let page = find(&[("phone", "+919876543210"), ("birth_date", "1990")]).await;
    assert!(page.status == 422 && page.text.contains("enter a whole identifier"));
    let page = find(&[("phone", "+919876543210"), ("birth_date", "1990-05-31")]).await;
    assert!(page.text.contains("A.R. born 1990, record asha") && !page.text.contains("Chitra"));
    let page = find(&[("identifier", "MRN-asha")]).await;
    assert!(page.text.contains("Ask for access") && !page.text.contains("Rao"));
    assert!(!pages.opens(&doctor.browser, Realm::Clinic, "asha"));

    let ask = [("about", "asha"), ("reason", "")];
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/ask", &ask).await;
    assert!(page.status == 422 && page.text.contains("say why, in 3 to 500 characters"));
    assert!(page.text.contains("aria-invalid=\"true\""));
    let ask = [("about", "asha"), ("reason", "a <b>second</b> opinion")];
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/ask", &ask).await;
    assert_eq!(page.goes_to(), "/clinic/patients");
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/ask", &ask).await;
    assert!(page.status == 422 && page.text.contains("asked for this already"));
    let id = about(&doctor.browser.get("/clinic/patients").await, "/clinic/patients/code");

    let page = asha.browser.get("/patient/sharing").await;
    assert!(page.text.contains("Dr Meera Iyer (physician), Lakeside Clinic") && !page.text.contains("<b>"));
    assert_eq!(about(&page, "/patient/sharing/answer"), id);
    let code = [("about", id.as_str()), ("days", "2")];
    let page = asha.browser.post_signed_in("patient", "/patient/sharing/code", &code).await;
    let code = page.between("<code class=\"link\">", "<");
    assert_eq!(code.len(), 6);
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let give = |code: &str| [("about".to_owned(), id.clone()), ("code".to_owned(), code.to_owned())];
    for (code, status) in [(wrong, 422), (code.as_str(), 303), (code.as_str(), 410)] {
        let fields = give(code);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/code", &fields).await;
        assert_eq!(page.status, status, "{}", page.text);
        assert!(!page.text.contains(code), "a code stands in no page twice");
    }
    assert!(pages.opens(&doctor.browser, Realm::Clinic, "asha"));

    // Another doctor is let in without a code, by a patient and no one else.
    let mut other = pages.staff_as(&mut admin, "other@example.org", "physician", "e").await;
    pages.put(json!({"resourceType": "Encounter", "id": "asha", "status": "cancelled",
        "class": {"code": "AMB"}, "subject": {"reference": "Patient/asha"}}));
    assert!(!pages.opens(&other.browser, Realm::Clinic, "asha"));
    other.browser.post_signed_in("clinic", "/clinic/patients/ask", &ask).await;
    let id = about(&asha.browser.get("/patient/sharing").await, "/patient/sharing/answer");
    let mut mallory = pages.patient("mallory@example.org").await;
    let allow = [("about", id.as_str()), ("choice", "allow"), ("days", "2")];
    let page = mallory.browser.post_signed_in("patient", "/patient/sharing/answer", &allow).await;
    assert_eq!(page.status, 410);
    let long = [("about", id.as_str()), ("choice", "allow"), ("days", "4000")];
    let page = asha.browser.post_signed_in("patient", "/patient/sharing/answer", &long).await;
    assert!(page.status == 422 && invalid(&page, "4000"), "{}", page.text);
    let page = asha.browser.post_signed_in("patient", "/patient/sharing/answer", &allow).await;
    assert_eq!(page.goes_to(), "/patient/sharing");
    let page = asha.browser.post_signed_in("patient", "/patient/sharing/answer", &allow).await;
    assert_eq!(page.status, 410, "a double click");
    assert!(pages.opens(&other.browser, Realm::Clinic, "asha"));
}

#[tokio::test]
async fn e1_an_emergency_is_told_ended_and_reviewed_on_pages() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut doctor = pages.staff_as(&mut admin, "doctor@example.org", "physician", "c").await;
    let glass = [("about", "asha"), ("reason", "short")];
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/glass", &glass).await;
    assert!(page.status == 422 && invalid(&page, "short") && page.text.contains("10 to 500 characters"));
    // Without the page's token nothing happens.
    let page = doctor.browser.post("/clinic/patients/glass", &[("about", "asha"), ("reason", WHY)]).await;
    assert_eq!(page.status, 403);
    assert!(!pages.opens(&doctor.browser, Realm::Clinic, "asha"));
    let glass = [("about", "asha"), ("reason", WHY)];
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/glass", &glass).await;
    assert_eq!(page.goes_to(), "/clinic/patients");
    assert!(pages.opens(&doctor.browser, Realm::Clinic, "asha"));
    let page = asha.browser.get("/patient/account").await;
    assert!(page.text.contains("Dr Meera Iyer (physician) opened your record in an emergency"));
    let end = [("about", "asha")];
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/glass/end", &end).await;
    assert_eq!(page.goes_to(), "/clinic/patients");
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/glass/end", &end).await;
    assert_eq!(page.status, 410);
    assert!(!pages.opens(&doctor.browser, Realm::Clinic, "asha"));

    let page = admin.browser.get("/admin/emergencies").await;
    assert!(page.text.contains(WHY) && page.text.contains("1 broken, 0 reviewed"));
    let id = about(&page, "/admin/emergencies");
    let review = |note| [("about", id.as_str()), ("note", note), ("unjustified", "yes")];
    let page = admin.browser.post_signed_in("admin", "/admin/emergencies", &review("ok")).await;
    assert!(page.status == 422 && invalid(&page, "ok"));
    let page = admin.browser.post_signed_in("admin", "/admin/emergencies", &review("not on duty")).await;
    assert_eq!(page.goes_to(), "/admin/emergencies");
    let page = admin.browser.get("/admin/emergencies").await;
    assert!(page.text.contains("nothing to review") && page.text.contains("1 reviewed, 1 unjustified"));
    pages.wait(601);
    let page = doctor.browser.post_signed_in("clinic", "/clinic/patients/glass", &glass).await;
    assert_eq!(page.goes_to(), "/clinic/step-up");
}

#[tokio::test]
async fn e9_a_parent_acts_for_a_child_by_two_of_the_desk() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut mother = pages.patient("mother@example.org").await;
    let mut one = pages.staff_as(&mut admin, "one@example.org", "front-desk", "d").await;
    let mut two = pages.staff_as(&mut admin, "two@example.org", "front-desk", "e").await;
    let offer = |patient| [("patient", patient), ("name", "Leela Rao, her mother")];
    let page = one.browser.post_signed_in("clinic", "/clinic/desk/proxy", &offer("asha")).await;
    assert!(page.status == 422 && invalid(&page, "asha") && page.text.contains("of age"));
    let page = one.browser.post_signed_in("clinic", "/clinic/desk/proxy", &offer("chitra")).await;
    assert_eq!(page.goes_to(), "/clinic/desk");
    let page = two.browser.get("/clinic/desk").await;
    assert!(page.text.contains("Leela Rao, her mother for Chitra Rao, until 04-Mar-2033"));
    let id = about(&page, "/clinic/desk/proxy/confirm");
    let confirm = [("about", id.as_str())];
    let page = one.browser.post_signed_in("clinic", "/clinic/desk/proxy/confirm", &confirm).await;
    assert_eq!(page.status, 403);
    let page = two.browser.post_signed_in("clinic", "/clinic/desk/proxy/confirm", &confirm).await;
    let token = page.between("<code class=\"link\">", "<");
    let page =
        mother.browser.post_signed_in("patient", "/patient/sharing/proxy/take", &[("link", &token)]).await;
    assert_eq!(page.goes_to(), "/patient/sharing");
    let page = mother.browser.get("/patient/sharing").await;
    assert!(page.text.contains("Chitra Rao, until 04-Mar-2033"));
    let end = about(&page, "/patient/sharing/proxy/end");
    let page =
        mother.browser.post_signed_in("patient", "/patient/sharing/proxy/take", &[("link", &token)]).await;
    assert_eq!(page.status, 410);
    let page =
        mother.browser.post_signed_in("patient", "/patient/sharing/proxy/end", &[("about", &end)]).await;
    assert_eq!(page.goes_to(), "/patient/sharing");
    assert!(mother.browser.get("/patient/sharing").await.text.contains("You act for nobody else"));
}

impl Pages {
    /// The Persons that there are.
    fn persons(&self) -> Vec<Value> {
        let request = record::search::SearchRequest {
            resource_type: "Person".into(),
            query: String::new(),
            lenient: false,
            compartment: None,
        };
        let page = self.house.record.search(&self.house.operator(), &request).unwrap();
        page.entries.iter().map(|entry| serde_json::from_slice(&entry.body).unwrap()).collect()
    }
}

#[tokio::test]
async fn a1_a_code_to_the_charts_own_contact_links_the_account_and_tells_nobody_else_anything() {
    let (pages, _admin) = Pages::open().await;
    pages.chart();
    pages.put(json!({"resourceType": "Patient", "id": "leela", "birthDate": "1980-02-01",
        "name": [{"family": "Das", "given": ["Leela"]}], "identifier": [{"value": "MRN-9"}],
        "telecom": [{"system": "phone", "value": "+919811111111"},
            {"system": "email", "value": "leela@chart.example"}]}));
    let mut person = pages.patient("new@example.org").await;
    let sent = pages.messages().len();
    let mut answers = Vec::new();
    for (identifier, name, born) in [
        ("MRN-8", "Leela Das", "1980-02-01"),
        ("MRN-9", "Leela Das", "1980-02-02"),
        ("MRN-9", "Asha Das", "1980-02-01"),
        ("", "", ""),
        ("MRN-9", "Leela Das", "1980-02-01"),
    ] {
        let fields = [("identifier", identifier), ("name", name), ("birth_date", born)];
        let page = person.browser.post_signed_in("patient", "/patient/sharing/claim", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(!page.text.contains("chart.example") && !page.text.contains("9811111111"));
        answers.push(page.text);
    }
    let all: std::collections::BTreeSet<&String> = answers.iter().collect();
    assert_eq!(all.len(), 1, "every answer is the same");
    let messages = pages.messages().split_off(sent);
    assert_eq!(messages.len(), 1, "one fits");
    assert_eq!(messages[0].0, "leela@chart.example");
    let fields = [("identifier", "MRN-9"), ("name", "Leela Das"), ("birth_date", "1980-02-01")];
    let page = person.browser.post_signed_in("patient", "/patient/sharing/claim", &fields).await;
    assert_eq!(page.status, 429, "five in a day");

    let code = pages.sent_code();
    let give = "/patient/sharing/claim/code";
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(person.browser.post_signed_in("patient", give, &[("code", wrong)]).await.status, 422);
    let mut other = pages.patient("mallory@example.org").await;
    let page = other.browser.post_signed_in("patient", give, &[("code", &code)]).await;
    assert_eq!(page.status, 422, "it is the other account's");
    assert!(!pages.opens(&person.browser, Realm::Patient, "leela"));
    let page = person.browser.post_signed_in("patient", give, &[("code", &code)]).await;
    assert_eq!(page.goes_to(), "/patient/sharing", "{}", page.text);
    assert!(pages.opens(&person.browser, Realm::Patient, "leela"));
    let [linked] = &pages.persons()[..] else { panic!("one Person") };
    assert_eq!(linked["link"][0]["target"]["reference"], "Patient/leela");
    assert_eq!(linked["link"][0]["assurance"], "level2");
    // Whose chart is an account's already gets no code any more.
    let sent = pages.messages().len();
    let page = other.browser.post_signed_in("patient", "/patient/sharing/claim", &fields).await;
    assert!(page.status == 200 && pages.messages().len() == sent);

    let gone = person.browser.post_signed_in("patient", "/patient/sharing/unlink", &[]).await;
    assert_eq!(gone.goes_to(), "/patient/sharing", "{}", gone.text);
    assert!(!pages.opens(&person.browser, Realm::Patient, "leela") && pages.persons().is_empty());
    let page = person.browser.post_signed_in("patient", give, &[("code", &code)]).await;
    assert_eq!(page.status, 422, "once");
}

#[tokio::test]
async fn a1_a_code_is_late_after_ten_minutes_and_dead_after_five_tries() {
    let (pages, _admin) = Pages::open().await;
    pages.chart();
    pages.put(json!({"resourceType": "Patient", "id": "leela", "birthDate": "1980-02-01",
        "name": [{"family": "Das"}], "identifier": [{"value": "MRN-9"}],
        "telecom": [{"system": "phone", "value": "+919811111111"}]}));
    let mut person = pages.patient("new@example.org").await;
    let fields = [("identifier", "MRN-9"), ("name", "das"), ("birth_date", "1980-02-01")];
    let give = "/patient/sharing/claim/code";
    for late in [false, true] {
        person.browser.post_signed_in("patient", "/patient/sharing/claim", &fields).await;
        let code = pages.sent_code();
        assert_eq!(pages.messages().pop().unwrap().0, "+919811111111");
        if late {
            pages.wait(601);
        } else {
            let wrong = if code == "000000" { "000001" } else { "000000" };
            for _ in 0..5 {
                assert_eq!(
                    person.browser.post_signed_in("patient", give, &[("code", wrong)]).await.status,
                    422
                );
            }
        }
        let page = person.browser.post_signed_in("patient", give, &[("code", &code)]).await;
        assert_eq!(page.status, 422, "{late}: {}", page.text);
        pages.wait(900);
        person.browser = pages.sign_in(&person, "new@example.org").await;
    }
    assert!(!pages.opens(&person.browser, Realm::Patient, "leela"));
}
