//! What somebody signed stays as they signed it: a note changes to an amended one or to one that was entered in error, never silently.
//!
//! Source: <https://hl7.org/fhir/R4/valueset-composition-status.html>

use crate::error::Error;
use fhir::outcome::{Issue, IssueCode};
use serde_json::Value;

/// Modes in which somebody stands for a Composition; `personal` alone is no signature.
const MODES: [&str; 3] = ["professional", "legal", "official"];

/// Whether `after` may take the place of `before`; `None` is a deletion.
///
/// # Errors
/// [`Error::Unprocessable`], which says what to do instead.
pub(crate) fn may_follow(before: &Value, after: Option<&Value>) -> Result<(), Error> {
    if !is_signed(before) {
        return Ok(());
    }
    let Some(after) = after else {
        return no("status", "a signed Composition is not deleted: set its status to entered-in-error");
    };
    if is_same(before, after) {
        return Ok(());
    }
    if !["amended", "entered-in-error"].contains(&text(after, "status")) {
        let what = "a signed Composition changes to the status amended or entered-in-error: \
                    for what is to be added, store another Composition that appends it (relatesTo)";
        return no("status", what);
    }
    match signatures(before).all(|signature| signatures(after).any(|kept| kept == signature)) {
        true => Ok(()),
        false => no("attester", "who signed a Composition stays its attester: keep them, and add your own"),
    }
}

fn no(member: &str, what: &str) -> Result<(), Error> {
    let issue = Issue::error(IssueCode::BusinessRule, what).at(format!("Composition.{member}"));
    Err(Error::Unprocessable(vec![issue]))
}

fn is_signed(value: &Value) -> bool {
    text(value, "resourceType") == "Composition"
        && ["final", "amended"].contains(&text(value, "status"))
        && signatures(value).next().is_some()
}

fn signatures(value: &Value) -> impl Iterator<Item = &Value> {
    let attesters = value.get("attester").and_then(Value::as_array).into_iter().flatten();
    attesters.filter(|attester| MODES.contains(&text(attester, "mode")))
}

/// The same but for what the house itself writes down about it.
fn is_same(before: &Value, after: &Value) -> bool {
    let members = |value: &Value| {
        value.as_object().map_or(0, |members| members.len() - usize::from(members.contains_key("meta")))
    };
    let all = before.as_object().into_iter().flatten().filter(|(name, _)| *name != "meta");
    members(before) == members(after) && all.into_iter().all(|(name, value)| after.get(name) == Some(value))
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn note(status: &str, words: &str) -> Value {
        json!({"resourceType": "Composition", "id": "n", "status": status, "title": words,
            "attester": [{"mode": "legal", "party": {"reference": "Practitioner/bo"}}]})
    }

    #[test]
    fn c6_what_was_signed_changes_only_as_amended_or_entered_in_error() {
        let signed = note("final", "as it was");
        for (after, may) in [
            (signed.clone(), true),
            (note("amended", "otherwise"), true),
            (note("entered-in-error", "as it was"), true),
            (note("final", "otherwise"), false),
            (note("preliminary", "as it was"), false),
        ] {
            assert_eq!(may_follow(&signed, Some(&after)).is_ok(), may, "{after}");
        }
        assert!(may_follow(&signed, None).is_err(), "not deleted");
        assert!(may_follow(&note("amended", "a"), Some(&note("final", "a"))).is_err());
        let mut with_meta = signed.clone();
        with_meta["meta"] = json!({"versionId": "7"});
        assert!(may_follow(&with_meta, Some(&signed)).is_ok(), "the same, sent again");
    }

    #[test]
    fn who_signed_is_not_taken_off() {
        let (signed, mut after) = (note("final", "a"), note("amended", "b"));
        after["attester"] = json!([{"mode": "legal", "party": {"reference": "Practitioner/other"}}]);
        assert!(may_follow(&signed, Some(&after)).is_err());
        after["attester"] = json!([signed["attester"][0], after["attester"][0]]);
        assert!(may_follow(&signed, Some(&after)).is_ok());
    }

    #[test]
    fn what_nobody_signed_changes_freely() {
        for before in [
            note("preliminary", "a"),
            json!({"resourceType": "Composition", "status": "final"}),
            json!({"resourceType": "Composition", "status": "final", "attester": [{"mode": "personal"}]}),
            json!({"resourceType": "Observation", "status": "final", "attester": [{"mode": "legal"}]}),
        ] {
            assert!(may_follow(&before, Some(&note("final", "b"))).is_ok(), "{before}");
            assert!(may_follow(&before, None).is_ok(), "{before}");
        }
    }
}
