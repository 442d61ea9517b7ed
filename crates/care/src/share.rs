//! What a patient shares, with whom, until when: each a FHIR `Consent` that permits, and that the decision holds from the next request on.
//!
//! Source: <https://hl7.org/fhir/R4/consent.html>

use crate::{
    chart::{Chart, Resource},
    name::Name,
    patient_summary,
    when::When,
    writing,
};
use access::{act::Act, consent::Effect};
use fhir::reference::{is_id, local};
use jiff::SignedDuration;
use record::{Record, change::Wish, error::Error};
use serde_json::{Value, json};

/// The longest that something is shared for, in days.
pub const DAYS: u16 = 366;

/// The most documents that are picked one by one.
pub const ITEMS: usize = 50;

/// The parts of a record that are shared as such, with the types that they are made of.
pub const PARTS: [(&str, &[&str]); 7] = [
    ("documents", &["DocumentReference"]),
    ("results", &["Observation", "DiagnosticReport"]),
    ("medicines", &["MedicationRequest", "MedicationStatement"]),
    ("problems", &["Condition", "AllergyIntolerance"]),
    ("visits", &["Encounter"]),
    ("immunizations", &["Immunization"]),
    ("plans", &["Procedure", "CarePlan"]),
];

/// What is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All of the record but what is marked as sensitive.
    Everything,
    /// These of [`PARTS`].
    Parts(Vec<String>),
    /// These documents, by id.
    Documents(Vec<String>),
    /// What counts in an emergency: what the emergency card opens.
    Emergency,
}

/// The type of what stands for a link in the Consent that permits something to it. It bears the Consent's own id.
pub const LINK: &str = "Device";

/// The types that an emergency card opens: those of a summary, without visits.
fn of_a_card() -> impl Iterator<Item = &'static str> {
    let types = patient_summary::TYPES.into_iter().filter(|kind| *kind != "Encounter");
    ["Patient"].into_iter().chain(types)
}

/// The longest that an emergency card is good, in days: it lies in a purse for years, and what is forgotten there ends.
pub const CARD_DAYS: u16 = 1_096;

/// Something to share.
pub struct Share<'s> {
    /// The id of the patient whose record it is.
    pub patient: &'s str,
    /// The key of the form: what makes the same form sent twice one share.
    pub key: &'s str,
    /// With whom: `Practitioner` or `Organization`, and its id; or [`LINK`] and the id of this share, for whoever has its link.
    pub with: (&'s str, &'s str),
    /// What they are called.
    pub name: &'s str,
    /// What.
    pub what: What,
    /// For how many days.
    pub days: u16,
    /// Whether it may be taken along (downloaded, read by an app), and not looked at here alone.
    pub may_leave: bool,
}

/// Which part of a share will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nobody is named with whom to share.
    With,
    /// Nothing is picked, or more than [`ITEMS`].
    What,
    /// Less than a day, or more than [`DAYS`].
    Days,
    /// The form is none of ours.
    Key,
}

/// Something that is shared, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The id of the Consent.
    pub id: String,
    /// With whom, by name.
    pub with: String,
    /// What: the parts by name, none where it is everything; how many documents.
    pub parts: Vec<String>,
    /// How many single items.
    pub items: usize,
    /// Since when.
    pub since: Option<When>,
    /// Until when.
    pub until: Option<When>,
    /// Whether it holds now.
    pub is_open: bool,
    /// Whether it keeps out instead of letting in.
    pub is_denial: bool,
    /// Whether it lets somebody look here, and take nothing along.
    pub is_to_look: bool,
    /// Whether it is with whoever has its link, and with nobody by name.
    pub is_by_link: bool,
}

/// The id of the Consent that a form's share becomes.
pub fn id_of(key: &str) -> String {
    format!("share-{key}")
}

impl Share<'_> {
    /// The Consent that it is.
    ///
    /// # Errors
    /// What will not do.
    pub fn consent(&self, act: &Act) -> Result<Value, Wrong> {
        let (kind, id) = self.with;
        let is_by_link = kind == LINK && id == id_of(self.key);
        if !(["Practitioner", "Organization"].contains(&kind) || is_by_link) || !is_id(id) {
            return Err(Wrong::With);
        }
        let is_card = self.what == What::Emergency;
        if !(1..=if is_card { CARD_DAYS } else { DAYS }).contains(&self.days) {
            return Err(Wrong::Days);
        }
        if !writing::is_key(self.key) {
            return Err(Wrong::Key);
        }
        let until = act.at.saturating_add(SignedDuration::from_hours(24 * i64::from(self.days)));
        let code = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
        // Whoever has a link asks for nobody's treatment but at the patient's wish; a card is read where somebody treats in an emergency.
        let purpose = match (is_by_link, is_card) {
            (_, true) => "ETREAT",
            (true, false) => "PATRQT",
            (false, false) => "TREAT",
        };
        let mut provision = json!({
            "type": "permit",
            "period": {"start": act.at.to_string(), "end": until.unwrap_or(act.at).to_string()},
            "actor": [{"role": code("v3-ParticipationType", "IRCP"), "reference": {"reference": format!("{kind}/{id}"), "display": self.name}}],
            "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose}],
        });
        if !self.may_leave {
            provision["action"] = json!([code("consentaction", "access")]);
        }
        let class = |kind: &str| json!({"system": "http://hl7.org/fhir/resource-types", "code": kind});
        match &self.what {
            What::Everything => {}
            What::Emergency => {
                provision["class"] = of_a_card().map(class).collect();
            }
            What::Parts(parts) => {
                let known = |part: &String| PARTS.iter().find(|(name, _)| name == part);
                let types: Option<Vec<_>> = parts.iter().map(known).collect();
                let types = types.filter(|types| !types.is_empty()).ok_or(Wrong::What)?;
                // Who it is about stands on every page of a chart.
                let all =
                    ["Patient"].into_iter().chain(types.iter().flat_map(|(_, types)| types.iter().copied()));
                provision["class"] = all.map(class).collect();
            }
            What::Documents(ids) => {
                if ids.is_empty() || ids.len() > ITEMS || !ids.iter().all(|id| is_id(id)) {
                    return Err(Wrong::What);
                }
                let all = ids.iter().map(|id| format!("DocumentReference/{id}"));
                let all = [format!("Patient/{}", self.patient)].into_iter().chain(all);
                provision["data"] = all
                    .map(|named| json!({"meaning": "instance", "reference": {"reference": named}}))
                    .collect();
            }
        }
        Ok(json!({
            "resourceType": "Consent",
            "id": id_of(self.key),
            "status": "active",
            "scope": code("consentscope", "patient-privacy"),
            "category": [code("v3-ActCode", "INFA")],
            "patient": {"reference": format!("Patient/{}", self.patient)},
            "dateTime": act.at.to_string(),
            "policyRule": code("v3-ActCode", "OPTIN"),
            "provision": provision,
        }))
    }
}

/// What a clinician is called with whom something is to be shared; `None` where there is none of that id.
///
/// # Errors
/// Where the kernel does not say it.
pub fn clinician(record: &Record, act: &Act, id: &str) -> Result<Option<String>, Error> {
    let found = record.now(act, "share", "Practitioner", id)?;
    let name = found.map(|found| Name::of(&found.value).spoken());
    Ok(name.map(|name| if name.is_empty() { id.to_owned() } else { name }))
}

/// Shares: from the next request on. Done twice with one key, it is the same.
///
/// # Errors
/// [`Error::NotFound`] where the patient is none of theirs; else where the kernel does not take it.
pub fn give(record: &Record, act: &Act, patient: &str, consent: Value) -> Result<(), Error> {
    record.there(act, "share", ("Patient", patient), |_| true)?;
    let id = consent["id"].as_str().map(str::to_owned);
    let wish = Wish::Update {
        resource_type: "Consent".into(),
        id,
        query: None,
        resource: consent,
        if_match: None,
        if_none_match: true,
    };
    match record.commit(act, "share", &[wish.into()]) {
        Ok(_) | Err(Error::Precondition(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Ends a share of that patient, from the next request on; the Consent stays, with its history.
///
/// # Errors
/// [`Error::NotFound`] where it is none of theirs; else where the kernel does not take it.
pub fn stop(record: &Record, act: &Act, patient: &str, id: &str) -> Result<(), Error> {
    let is_theirs = |consent: &Value| {
        let whose = consent["patient"]["reference"].as_str().and_then(local);
        whose.is_some_and(|whose| (whose.type_name, whose.id) == ("Patient", patient))
    };
    let now = record.there(act, "stop sharing", ("Consent", id), is_theirs)?;
    let (mut consent, version) = (now.value, now.version);
    if consent["status"] != "active" {
        return Ok(());
    }
    consent["status"] = "inactive".into();
    let wish = Wish::Update {
        resource_type: "Consent".into(),
        id: Some(id.to_owned()),
        query: None,
        resource: consent,
        if_match: Some(version),
        if_none_match: false,
    };
    record.commit(act, "stop sharing", &[wish.into()]).map(drop)
}

/// What is shared of a chart and what was, what holds first, newest first. `now` in microseconds since the epoch.
pub fn of(chart: &Chart, now: i64) -> Vec<Shared> {
    let mut all: Vec<Shared> = chart.of_type("Consent").map(|consent| shared(chart, consent, now)).collect();
    all.sort_by(|a, b| b.is_open.cmp(&a.is_open).then(b.since.cmp(&a.since)).then(a.id.cmp(&b.id)));
    all
}

fn shared(chart: &Chart, consent: &Resource, now: i64) -> Shared {
    let provision = &consent.value["provision"];
    let list = |member: &str| provision[member].as_array().map(Vec::as_slice).unwrap_or_default();
    let classes: Vec<&str> = list("class").iter().filter_map(|class| class["code"].as_str()).collect();
    let has = |types: &[&str]| types.iter().any(|kind| classes.contains(kind));
    let end = When::first(&provision["period"], &["end"]);
    let since = When::first(provision, &["period"]).or_else(|| When::first(&consent.value, &["dateTime"]));
    let names: Vec<String> =
        list("actor").iter().map(|actor| chart.called(Some(&actor["reference"]))).collect();
    let stands_for = |actor: &Value| {
        actor["reference"]["reference"]
            .as_str()
            .and_then(local)
            .map(|who| who.type_name == LINK && who.id == consent.id)
    };
    let is_patient =
        |item: &&Value| item["reference"]["reference"].as_str().is_some_and(|r| r.starts_with("Patient/"));
    Shared {
        id: consent.id.clone(),
        with: names.join(", "),
        is_by_link: list("actor").iter().any(|actor| stands_for(actor) == Some(true)),
        parts: PARTS.iter().filter(|(_, types)| has(types)).map(|(name, _)| (*name).to_owned()).collect(),
        items: list("data").iter().filter(|item| !is_patient(item)).count(),
        since,
        is_open: consent.value["status"] == "active" && end.as_ref().is_none_or(|end| end.order > now),
        until: end,
        is_denial: provision["type"] == "deny",
        is_to_look: access::consent::rules(&consent.value, &[]).is_ok_and(|rules| {
            !rules.is_empty() && rules.iter().all(|rule| rule.effect == Effect::PermitLooking)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::house::{Engine, House};

    fn share(what: What) -> Share<'static> {
        Share {
            patient: "p",
            key: "k",
            with: ("Practitioner", "bo"),
            name: "Dr Bo",
            what,
            days: 7,
            may_leave: true,
        }
    }

    #[test]
    fn a_share_is_a_consent_that_could_be_stored() {
        let house = House::new(Engine::Sqlite);
        let act = house.patient("p");
        for what in [
            What::Everything,
            What::Parts(vec!["documents".into(), "results".into()]),
            What::Documents(vec!["a".into(), "b".into()]),
        ] {
            let consent = share(what.clone()).consent(&act).unwrap();
            let rules = access::consent::rules(&consent, &[]).unwrap();
            assert!(
                !rules.is_empty() && rules.iter().all(|rule| rule.who == Some(("Practitioner", "bo"))),
                "{what:?}"
            );
            assert!(
                rules.iter().all(|rule| (rule.until - rule.since) / 1_000_000 == 7 * 86_400),
                "{rules:?}"
            );
        }
    }

    #[test]
    fn e2_a_share_to_look_at_is_one_that_takes_nothing_along() {
        let house = House::new(Engine::Sqlite);
        for (may_leave, effect) in [(true, Effect::Permit), (false, Effect::PermitLooking)] {
            let share = Share { may_leave, ..share(What::Parts(vec!["results".into()])) };
            let consent = share.consent(&house.patient("p")).unwrap();
            let rules = access::consent::rules(&consent, &[]).unwrap();
            assert!(!rules.is_empty() && rules.iter().all(|rule| rule.effect == effect), "{rules:?}");
        }
    }

    #[test]
    fn e2_what_is_shared_by_link_is_permitted_to_that_link_and_to_nobody_else() {
        let house = House::new(Engine::Sqlite);
        let by_link = Share { with: (LINK, "share-k"), ..share(What::Everything) };
        for (share, purpose, days) in [
            (Share { what: What::Parts(vec!["results".into()]), ..by_link }, "PATRQT", 7),
            (Share { with: (LINK, "share-k"), days: 1_096, ..share(What::Emergency) }, "ETREAT", 1_096),
        ] {
            let consent = share.consent(&house.patient("p")).unwrap();
            let rules = access::consent::rules(&consent, &[]).unwrap();
            assert!(
                rules.iter().all(|rule| rule.who == Some((LINK, "share-k")) && rule.purpose == Some(purpose))
            );
            assert!(rules.iter().all(|rule| rule.resource_type.is_some() && rule.effect == Effect::Permit));
            assert!(rules.iter().all(|rule| (rule.until - rule.since) / 86_400_000_000 == days), "{rules:?}");
        }
        let elses = Share { with: (LINK, "share-other"), ..share(What::Everything) };
        assert_eq!(
            elses.consent(&house.patient("p")).unwrap_err(),
            Wrong::With,
            "a link of its own, or none"
        );
    }

    #[test]
    fn what_will_not_do_is_named() {
        let house = House::new(Engine::Sqlite);
        let act = house.patient("p");
        let wrong = |share: Share<'_>| share.consent(&act).unwrap_err();
        assert_eq!(wrong(Share { with: ("Patient", "q"), ..share(What::Everything) }), Wrong::With);
        assert_eq!(wrong(Share { with: ("Practitioner", "../q"), ..share(What::Everything) }), Wrong::With);
        assert_eq!(wrong(Share { days: 0, ..share(What::Everything) }), Wrong::Days);
        assert_eq!(wrong(Share { days: 367, ..share(What::Everything) }), Wrong::Days);
        assert_eq!(wrong(Share { key: "", ..share(What::Everything) }), Wrong::Key);
        for what in [
            What::Parts(Vec::new()),
            What::Parts(vec!["soul".into()]),
            What::Documents(Vec::new()),
            What::Documents(vec!["a b".into()]),
            What::Documents(vec!["a".into(); ITEMS + 1]),
        ] {
            assert_eq!(wrong(share(what)), Wrong::What);
        }
    }
}
