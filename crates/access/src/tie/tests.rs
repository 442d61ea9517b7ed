//! Care relationships and what makes them.

use super::*;
use serde_json::json;

const YEAR: &str = "2024-01-01T00:00:00Z";

fn at(text: &str) -> i64 {
    parse_date_time(text, 0).unwrap().span.low
}

fn encounter(status: &str, period: Value) -> Value {
    json!({
        "resourceType": "Encounter", "status": status, "subject": {"reference": "Patient/p"},
        "participant": [{"individual": {"reference": "Practitioner/b"}}, {"individual": {"reference": "RelatedPerson/r"}}],
        "serviceProvider": {"reference": "Organization/o"}, "period": period,
    })
}

fn who<'r>(ties: &[Tie<'r>]) -> Vec<&'r str> {
    ties.iter().map(|tie| tie.who.1).collect()
}

#[test]
fn an_encounter_ties_its_people_and_its_organization() {
    let open = encounter("in-progress", json!({"start": YEAR}));
    let ties = ties(&open, &[]);
    assert_eq!(who(&ties), ["b", "o"]);
    assert!(ties.iter().all(|tie| (tie.patient, tie.since, tie.until) == ("p", at(YEAR), i64::MAX)));
}

#[test]
fn what_is_over_ties_a_little_longer_and_then_no_more() {
    let over = encounter("finished", json!({"start": YEAR, "end": "2024-01-02T00:00:00Z"}));
    let until = ties(&over, &[])[0].until;
    assert!((AFTER_US..AFTER_US + 2_000_000).contains(&(until - at("2024-01-02T00:00:00Z"))));
    let no_end = encounter("finished", json!({"start": YEAR}));
    assert!((AFTER_US..AFTER_US + 2_000_000).contains(&(ties(&no_end, &[])[0].until - at(YEAR))));
}

#[test]
fn what_was_cancelled_or_has_no_end_ties_nobody() {
    for (status, period) in [
        ("cancelled", json!({"start": YEAR})),
        ("entered-in-error", json!({"start": YEAR})),
        ("unknown", json!({"start": YEAR})),
        ("finished", Value::Null),
        ("in-progress", json!({"start": "2024", "end": "2023"})),
    ] {
        assert_eq!(ties(&encounter(status, period), &[]), [], "{status}");
    }
}

#[test]
fn a_care_team_ties_its_members_each_for_their_time() {
    let team = json!({
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": "Patient/p"},
        "managingOrganization": [{"reference": "Organization/o"}],
        "participant": [
            {"member": {"reference": "Practitioner/a"}},
            {"member": {"reference": "PractitionerRole/b"}, "period": {"end": YEAR}},
        ],
    });
    let found = ties(&team, &[]);
    assert_eq!(who(&found), ["o", "a", "b"]);
    assert!(found[1].until == i64::MAX && found[2].until < i64::MAX);
    let ended = json!({"resourceType": "CareTeam", "status": "inactive", "subject": team["subject"], "participant": team["participant"]});
    assert_eq!(ties(&ended, &[]), []);
}

#[test]
fn an_appointment_ties_everybody_who_comes_from_a_week_before() {
    let appointment = json!({
        "resourceType": "Appointment", "status": "booked",
        "start": YEAR, "end": "2024-01-01T00:20:00Z",
        "participant": [
            {"actor": {"reference": "Patient/p"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/b"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/c"}, "status": "declined"},
            {"actor": {"reference": "Location/l"}, "status": "accepted"},
        ],
    });
    let found = ties(&appointment, &[]);
    assert_eq!(who(&found), ["b"]);
    assert_eq!(found[0].since, at(YEAR) - BEFORE_US);
    assert!(found[0].until < i64::MAX);
}

#[test]
fn a_referral_ties_whom_it_is_made_to() {
    let referral = |intent: &str, status: &str| {
        json!({
            "resourceType": "ServiceRequest", "status": status, "intent": intent, "authoredOn": YEAR,
            "subject": {"reference": "Patient/p"}, "performer": [{"reference": "Organization/o"}],
            "requester": {"reference": "Practitioner/b"},
        })
    };
    assert_eq!(who(&ties(&referral("order", "active"), &[])), ["o"]);
    for (intent, status) in [("proposal", "active"), ("order", "revoked"), ("order", "draft")] {
        assert_eq!(ties(&referral(intent, status), &[]), []);
    }
}

#[test]
fn registration_ties_a_patient_to_the_organization() {
    let patient = json!({"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "Organization/o"}});
    assert_eq!(ties(&patient, &[]).iter().map(|tie| tie.who).collect::<Vec<_>>(), [(REGISTRATION, "o")]);
    let episode = json!({
        "resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": "Patient/p"},
        "careManager": {"reference": "Practitioner/b"}, "team": [{"reference": "CareTeam/t"}],
    });
    assert_eq!(who(&ties(&episode, &[])), ["b", "t"]);
}

#[test]
fn odd_shapes_tie_nobody() {
    for odd in [
        json!(null),
        json!({"resourceType": "Encounter"}),
        json!({"resourceType": "Encounter", "status": "in-progress", "subject": {"reference": "Group/g"}, "participant": {}}),
        json!({"resourceType": "Appointment", "status": "booked", "start": "x", "end": "y", "participant": [3]}),
    ] {
        assert_eq!(ties(&odd, &[]), []);
    }
}
