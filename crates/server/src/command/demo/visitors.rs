//! In whose places visitors walk: people of the demo's own population who know each other.

use login::{realm::Realm, visitor::Visitor};
use serde_json::Value;

/// They, found in the bundle of the houses and in that of the first patient, of whose care team the clinicians are.
pub(super) fn of(plan: &people::Plan) -> Vec<Visitor> {
    let (houses, chart) = (people::houses(plan), people::patient(plan, 0));
    let all = |bundle: &Value, kind: &str| -> Vec<Value> {
        let entries = bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
        entries.filter(|resource| resource["resourceType"] == kind).cloned().collect()
    };
    let patient = all(&chart, "Patient").into_iter().next().unwrap_or_default();
    let teams = all(&chart, "CareTeam");
    let visits = all(&chart, "Encounter");
    let roles = all(&houses, "PractitionerRole");
    let attends = |role: &&Value| {
        let who = &role["practitioner"]["reference"];
        let on_team = teams.iter().filter_map(|team| team["participant"].as_array()).flatten();
        let met = visits.iter().filter_map(|visit| visit["participant"].as_array()).flatten();
        on_team
            .map(|one| &one["member"])
            .chain(met.map(|one| &one["individual"]))
            .any(|one| one["reference"] == *who)
    };
    let works_as = |role: &&Value, word: &str| {
        let named = |concept: &Value| concept.to_string().to_lowercase().contains(word);
        role["code"].as_array().into_iter().flatten().any(named)
    };
    let physician = roles.iter().find(|role| attends(role) && works_as(role, "doctor"));
    let house = physician.or(roles.first()).map(|role| role["organization"].clone()).unwrap_or_default();
    let here = |word: &str| {
        let found = || roles.iter().filter(|role| role["organization"] == house && works_as(role, word));
        found().find(attends).or_else(|| found().next())
    };
    let staff = |word: &str, role: &str, found: Option<&Value>| {
        let found = found?;
        Some(Visitor {
            word: word.into(),
            name: text(&found["practitioner"]["display"]),
            realm: Realm::Clinic,
            role: role.into(),
            known_as: id(&found["practitioner"]),
            organization: Some((id(&house)?, text(&house["display"]))),
        })
    };
    let office = |word: &str, name: &str| Visitor {
        word: word.into(),
        name: name.into(),
        realm: Realm::Admin,
        role: word.into(),
        known_as: None,
        organization: None,
    };
    let first = Visitor {
        word: "patient".into(),
        name: text(&patient["name"][0]["text"]),
        realm: Realm::Patient,
        role: "patient".into(),
        known_as: patient["id"].as_str().map(str::to_owned),
        organization: None,
    };
    let staff = [
        staff("physician", "physician", physician),
        staff("nurse", "nurse", here("nurse")),
        staff("front-desk", "front-desk", here("desk").or_else(|| here("receptionist"))),
    ];
    let offices =
        [office("administrator", "Demo administrator"), office("privacy-officer", "Demo privacy officer")];
    [first].into_iter().chain(staff.into_iter().flatten()).chain(offices).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn id(reference: &Value) -> Option<String> {
    reference["reference"].as_str()?.split_once('/').map(|(_, id)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_there_and_staff_work_in_one_house_where_the_patient_is_treated() {
        let plan = people::Plan { seed: 42, patients: 60, as_of: jiff::civil::date(2026, 6, 1) };
        let found = of(&plan);
        let words: Vec<&str> = found.iter().map(|one| one.word.as_str()).collect();
        assert_eq!(
            words,
            ["patient", "physician", "nurse", "front-desk", "administrator", "privacy-officer"]
        );
        assert!(found[..4].iter().all(|one| one.known_as.is_some() && !one.name.is_empty()), "{found:?}");
        assert!(found[1..4].windows(2).all(|pair| pair[0].organization == pair[1].organization));
    }
}
