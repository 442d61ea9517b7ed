//! Consents and what they come to.

use super::*;
use serde_json::json;

fn consent(provision: Value) -> Value {
    json!({
        "resourceType": "Consent", "status": "active", "patient": {"reference": "Patient/p"},
        "scope": {"coding": [{"code": "patient-privacy"}]}, "provision": provision,
    })
}

/// A line for each rule: effect and depth, then who, purpose, type, label and item.
fn told(provision: Value) -> Vec<String> {
    let consent = consent(provision);
    let mut lines: Vec<String> = rules(&consent, &["https://here.example/fhir/R4"])
        .unwrap()
        .iter()
        .map(|rule| {
            let pair =
                |pair: Option<(&str, &str)>| pair.map_or("*".into(), |(kind, id)| format!("{kind}/{id}"));
            format!(
                "{:?} {} {} {} {} {} {}",
                rule.effect,
                rule.depth,
                pair(rule.who),
                rule.purpose.unwrap_or("*"),
                rule.resource_type.unwrap_or("*"),
                rule.label.unwrap_or("*"),
                pair(rule.item)
            )
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn every_combination_of_what_is_said_is_a_rule() {
    let provision = json!({
        "type": "permit",
        "actor": [
            {"reference": {"reference": "Practitioner/b"}},
            {"reference": {"reference": "https://here.example/fhir/R4/Organization/o"}},
        ],
        "purpose": [{"code": "TREAT"}],
        "class": [{"code": "Observation"}, {"code": "Condition"}],
    });
    assert_eq!(
        told(provision),
        [
            "Permit 0 Organization/o TREAT Condition * *",
            "Permit 0 Organization/o TREAT Observation * *",
            "Permit 0 Practitioner/b TREAT Condition * *",
            "Permit 0 Practitioner/b TREAT Observation * *",
        ]
    );
}

#[test]
fn an_exception_takes_over_what_it_does_not_say_itself() {
    let provision = json!({
        "type": "deny", "actor": [{"reference": {"reference": "Organization/o"}}],
        "provision": [{"type": "permit", "class": [{"code": "AllergyIntolerance"}]}],
    });
    assert_eq!(
        told(provision),
        ["Deny 0 Organization/o * * * *", "Permit 1 Organization/o * AllergyIntolerance * *"]
    );
}

#[test]
fn what_cannot_be_told_voids_a_permission_and_widens_a_denial() {
    for (said, value) in [
        ("code", json!([{"coding": [{"code": "x"}]}])),
        ("dataPeriod", json!({"start": "2020"})),
        ("class", json!([{"code": "text/html"}])),
        ("data", json!([{"meaning": "related", "reference": {"reference": "Observation/1"}}])),
        ("period", json!({"start": "2020", "end": "2019"})),
    ] {
        assert_eq!(told(json!({"type": "permit", said: value.clone()})), [] as [&str; 0], "{said}");
        assert_eq!(told(json!({"type": "deny", said: value})), ["Deny 0 * * * * *"], "{said}");
    }
}

#[test]
fn somebody_who_is_not_here_is_neither_let_in_nor_a_reason_to_keep_everybody_out() {
    let actor = json!([{"reference": {"display": "Dr Somebody"}}]);
    assert_eq!(told(json!({"type": "permit", "actor": actor})), [] as [&str; 0]);
    assert_eq!(told(json!({"type": "deny", "actor": actor})), [] as [&str; 0]);
}

#[test]
fn only_active_privacy_consents_of_a_patient_count() {
    let whole = consent(json!({"type": "deny"}));
    assert_eq!(rules(&whole, &[]).unwrap().len(), 1);
    for (element, value) in [
        ("status", json!("inactive")),
        ("status", json!("entered-in-error")),
        ("scope", json!({"coding": [{"code": "research"}]})),
        ("patient", json!({"reference": "Group/g"})),
        ("patient", Value::Null),
        ("resourceType", json!("Observation")),
    ] {
        let mut other = whole.clone();
        other[element] = value;
        assert_eq!(rules(&other, &[]), Ok(vec![]), "{element}");
    }
}

#[test]
fn e2_access_alone_is_to_look_and_to_take_nothing_along() {
    let action = |code: &str| json!([{"coding": [{"code": code}]}]);
    for (kind, code, effect) in [
        ("permit", "access", "PermitLooking"),
        ("permit", "use", "Permit"),
        ("permit", "collect", ""),
        ("permit", "correct", ""),
        ("deny", "access", "Deny"),
        ("deny", "use", "Deny"),
        ("deny", "collect", "DenyTaking"),
        ("deny", "disclose", "DenyTaking"),
        ("deny", "correct", ""),
    ] {
        let rules = told(json!({"type": kind, "action": action(code)}));
        let expected: Vec<String> =
            Some(format!("{effect} 0 * * * * *")).filter(|_| !effect.is_empty()).into_iter().collect();
        assert_eq!(rules, expected, "{kind} {code}");
    }
    let both = json!([action("access")[0], action("disclose")[0]]);
    assert_eq!(told(json!({"type": "permit", "action": both})), ["Permit 0 * * * * *"]);
    // An exception that says nothing of actions is about those that it is an exception of.
    let inner = json!({"type": "permit", "action": action("access"), "provision": [
        {"type": "permit", "class": [{"code": "Observation"}]},
        {"type": "deny", "class": [{"code": "Condition"}], "action": action("collect")},
    ]});
    assert_eq!(
        told(inner),
        [
            "DenyTaking 1 * * Condition * *",
            "PermitLooking 0 * * * * *",
            "PermitLooking 1 * * Observation * *"
        ]
    );
}

#[test]
fn a_period_narrows_and_exceptions_narrow_it_further() {
    let consent = consent(json!({
        "type": "deny", "period": {"start": "2020", "end": "2021"},
        "provision": [{"type": "permit", "period": {"start": "2020-06"}}],
    }));
    let rules = rules(&consent, &[]).unwrap();
    assert_eq!(rules[0].until, rules[1].until);
    assert!(rules[0].since < rules[1].since);
}

#[test]
fn what_grows_without_bound_is_refused() {
    let many =
        |name: &str| Value::from((0..40).map(|n| json!({"code": format!("{name}{n}")})).collect::<Vec<_>>());
    let wide = consent(json!({"type": "deny", "purpose": many("P"), "securityLabel": many("L")}));
    assert_eq!(rules(&wide, &[]), Err(Error::TooMany));
    let deep =
        (0..20).fold(json!({"type": "deny"}), |inner, _| json!({"type": "deny", "provision": [inner]}));
    assert_eq!(rules(&consent(deep), &[]), Err(Error::TooDeep));
}
