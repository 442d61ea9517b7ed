//! What was changed in a record, as people read it, and an earlier version brought back (F9).

use crate::house::{Pages, Person};
use serde_json::json;

const ONE: &str = "/clinic/chart/asha/history/MedicationRequest/m";

impl Pages {
    /// Asha's medicine, whose dose was changed twice, and a doctor who treats her.
    async fn doses(&self, admin: &mut Person) -> Person {
        self.chart();
        for dose in ["500 mg", "850 mg", "1000 mg"] {
            self.put(json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
                "subject": {"reference": "Patient/asha"}, "medicationCodeableConcept": {"text": "Metformin <b>"},
                "dosageInstruction": [{"text": format!("{dose} twice a day")}]}));
        }
        self.staff_as(admin, "doctor@example.org", "physician", "e").await
    }
}

#[tokio::test]
async fn f9_a_dose_that_was_changed_is_read_with_both_doses_and_who_changed_it() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.doses(&mut admin).await.browser;
    let all = doctor.get("/clinic/chart/asha/history").await;
    assert_eq!(all.status, 200, "{}", all.text);
    for said in ["What was changed", "Metformin &#60;b&#62;", "<dt>How to take it</dt>", "Test operator"] {
        assert!(all.text.contains(said), "{said}: {}", all.text);
    }
    assert!(!all.text.contains("<b>"), "{}", all.text);
    let one = doctor.get(ONE).await.text;
    for said in ["850 mg twice a day</del>", "1000 mg twice a day</ins>", "500 mg twice a day</del>", "Added"]
    {
        assert!(one.contains(said), "{said}: {one}");
    }
    let mut asha = pages.linked(&mut admin).await.browser;
    let own = asha.get("/patient/chart/asha/history/MedicationRequest/m").await.text;
    assert!(own.contains("850 mg twice a day</del>") && !own.contains("name=\"now\""), "{own}");
    let list = asha.get("/patient/chart/asha/viewers").await.text;
    assert!(list.contains("Read what was changed"), "{list}");
}

#[tokio::test]
async fn f9_an_earlier_version_is_brought_back_as_a_new_one_unless_somebody_was_quicker() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.doses(&mut admin).await.browser;
    doctor.get(ONE).await;
    let back = |version: &str, now: &str| [("version", version.to_owned()), ("now", now.to_owned())];
    let send = async |doctor: &mut crate::house::Browser, fields: [(&str, String); 2]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        doctor.post_signed_in("clinic", ONE, &fields).await
    };
    let stale = send(&mut doctor, back("1", "2")).await;
    assert!(
        stale.status == 409 && stale.text.contains("Somebody has changed this meanwhile"),
        "{}",
        stale.text
    );
    let done = send(&mut doctor, back("1", "3")).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let now = doctor.get(ONE).await.text;
    assert!(now.contains("version 4") && now.contains("500 mg twice a day</ins>"), "{now}");
    // Nothing of another patient, of another type, or that never was.
    for path in [
        "/clinic/chart/asha/history/MedicationRequest/none",
        "/clinic/chart/asha/history/Patient/other",
        "/clinic/chart/asha/history/Horse/m",
    ] {
        assert_eq!(doctor.get(path).await.status, 404, "{path}");
        let fields = [("version", "1"), ("now", "1")];
        assert!(doctor.post_signed_in("clinic", path, &fields).await.status >= 400, "{path}");
    }
    // A front desk brings back nothing.
    let mut desk = pages.staff_as(&mut admin, "desk@example.org", "front-desk", "d").await.browser;
    assert!(!desk.get(ONE).await.text.contains("name=\"now\""));
    let fields = [("version", "1"), ("now", "4")];
    assert!(desk.post_signed_in("clinic", ONE, &fields).await.status >= 400);
}
