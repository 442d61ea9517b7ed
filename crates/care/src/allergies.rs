//! Allergies, with the difference that matters: *none known* is what somebody found out, *not recorded* is that nobody asked (B3).
//!
//! Source: <https://hl7.org/fhir/R4/allergyintolerance.html>

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// SNOMED CT codes by which a record says that there is none.
const NONE: [&str; 4] = ["716186003", "409137002", "429625007", "428607008"];

/// What is known of somebody's allergies.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nobody has written anything down.
    NotRecorded,
    /// There may be some that the reader does not see, so neither of the others is said.
    NotShown,
    /// Somebody has asked: there is none.
    NoneKnown,
    /// These, the worst first.
    Some(Vec<Allergy>),
}

/// An allergy or an intolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Allergy {
    /// Its id.
    pub id: String,
    /// What against.
    pub what: String,
    /// What happens.
    pub reactions: Vec<String>,
    /// Whether it may be fatal.
    pub is_severe: bool,
    /// Whether it is active; else it is over.
    pub is_active: bool,
    /// Whether a clinician has confirmed it.
    pub is_confirmed: bool,
    /// Whether the patient said so.
    pub is_patients: bool,
    /// When it was written down.
    pub recorded: Option<When>,
    /// Who wrote it down.
    pub by: String,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

impl Known {
    /// Those that are active.
    pub fn active(&self) -> impl Iterator<Item = &Allergy> {
        let all: &[Allergy] = match self {
            Known::Some(all) => all,
            _ => &[],
        };
        all.iter().filter(|allergy| allergy.is_active)
    }

    /// Whether any is active that may be fatal.
    pub fn is_severe(&self) -> bool {
        self.active().any(|allergy| allergy.is_severe)
    }
}

/// What the chart says.
pub fn of(chart: &Chart) -> Known {
    let status =
        |value: &Value, member: &str| value.get(member).map(coding::code).unwrap_or_default().to_owned();
    let mut found = Vec::new();
    let mut none = false;
    for resource in chart.of_type("AllergyIntolerance") {
        let value = &resource.value;
        let verified = status(value, "verificationStatus");
        if verified == "entered-in-error" || verified == "refuted" {
            continue;
        }
        let active = matches!(status(value, "clinicalStatus").as_str(), "" | "active");
        // That there is none is this house's word alone; what another house found stands as what it said.
        let is_own = crate::elsewhere::from(value).is_none();
        if is_own && value.get("code").is_some_and(says_none) {
            none |= active;
            continue;
        }
        found.push(allergy(chart, &resource.id, value, active, verified == "confirmed"));
    }
    found.sort_by_key(|allergy| (!allergy.is_active, !allergy.is_severe));
    match found.iter().any(|allergy| allergy.is_active) {
        false if !chart.shows_all("AllergyIntolerance") => Known::NotShown,
        false if none => Known::NoneKnown,
        false if found.is_empty() => Known::NotRecorded,
        _ => Known::Some(found),
    }
}

/// Whether a code says that there are no allergies.
pub(crate) fn says_none(code: &Value) -> bool {
    NONE.iter().any(|known| coding::has(code, known))
}

fn allergy(chart: &Chart, id: &str, value: &Value, is_active: bool, is_confirmed: bool) -> Allergy {
    let reactions = value.get("reaction").and_then(Value::as_array).into_iter().flatten();
    let severe = |reaction: &Value| reaction.get("severity").and_then(Value::as_str) == Some("severe");
    let manifest = |reaction: &Value| coding::of(reaction, &["manifestation"]);
    let high = value.get("criticality").and_then(Value::as_str) == Some("high");
    let who = [value.get("recorder"), value.get("asserter")];
    Allergy {
        id: id.to_owned(),
        what: coding::of(value, &["code"]),
        is_severe: high || reactions.clone().any(severe),
        reactions: reactions.map(manifest).filter(|words| !words.is_empty()).collect(),
        is_active,
        is_confirmed,
        is_patients: chart.is_patient(value.get("recorder")),
        recorded: When::first(value, &["recordedDate", "onsetDateTime"]),
        by: who.into_iter().map(|who| chart.called(who)).find(|name| !name.is_empty()).unwrap_or_default(),
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Resource;
    use serde_json::json;

    fn known(values: &[Value]) -> Known {
        let resource = |value: &Value| Resource {
            kind: "AllergyIntolerance".into(),
            id: "a".into(),
            value: value.clone(),
        };
        of(&Chart { id: "p".into(), resources: values.iter().map(resource).collect(), ..Chart::default() })
    }

    #[test]
    fn b3_nobody_asked_is_not_none_known() {
        let none = json!({"code": {"coding": [{"code": "716186003"}]}});
        let error = json!({"code": {"text": "Latex"}, "verificationStatus": {"coding": [{"code": "entered-in-error"}]}});
        assert_eq!(known(&[]), Known::NotRecorded);
        assert_eq!(known(&[error]), Known::NotRecorded);
        assert_eq!(known(std::slice::from_ref(&none)), Known::NoneKnown);
        let Known::Some(all) = known(&[none, json!({"code": {"text": "Penicillin"}, "criticality": "high"})])
        else {
            panic!()
        };
        assert!(all.len() == 1 && all[0].is_severe && all[0].is_active);
    }

    #[test]
    fn b3_that_another_house_knew_of_none_is_its_word_and_not_ours() {
        let tag =
            json!({"tag": [{"system": crate::elsewhere::TAG, "code": "x", "display": "City Hospital"}]});
        let none =
            json!({"meta": tag, "code": {"coding": [{"code": "716186003"}], "text": "No known allergy"}});
        let Known::Some(all) = known(&[none]) else { panic!() };
        assert_eq!((all[0].what.as_str(), all[0].from.as_str()), ("No known allergy", "City Hospital"));
    }

    #[test]
    fn b3_what_the_reader_does_not_see_is_not_said_to_be_nothing() {
        let kinds = || vec!["AllergyIntolerance".to_owned()];
        let none = Resource {
            kind: "AllergyIntolerance".into(),
            id: "n".into(),
            value: json!({"code": {"coding": [{"code": "716186003"}]}}),
        };
        assert_eq!(of(&Chart { beyond: kinds(), ..Chart::default() }), Known::NotShown);
        let partly = Chart { partly: kinds(), resources: vec![none], ..Chart::default() };
        assert_eq!(of(&partly), Known::NotShown);
    }
}
