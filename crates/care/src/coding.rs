//! What a coded thing is called: the words that somebody chose, else those of its code, else the code.
//!
//! Source: <https://hl7.org/fhir/R4/datatypes.html#CodeableConcept>

use serde_json::Value;

/// The words for a `CodeableConcept`; empty where it has none.
pub fn words(concept: &Value) -> String {
    let text = concept.get("text").and_then(Value::as_str);
    let shown = || codings(concept).find_map(|coding| coding.get("display").and_then(Value::as_str));
    let code = || codings(concept).find_map(|coding| coding.get("code").and_then(Value::as_str));
    text.or_else(shown).or_else(code).unwrap_or_default().to_owned()
}

/// The words for what a resource is about, wherever its type keeps them: `code`, `vaccineCode`, `type` …
pub fn of(resource: &Value, members: &[&str]) -> String {
    let found = members.iter().filter_map(|member| resource.get(*member)).map(first);
    found.map(words).find(|words| !words.is_empty()).unwrap_or_default()
}

/// The codes of a `CodeableConcept` with their systems.
pub fn codes(concept: &Value) -> impl Iterator<Item = (&str, &str)> {
    codings(concept).filter_map(|coding| {
        let system = coding.get("system").and_then(Value::as_str).unwrap_or_default();
        Some((system, coding.get("code")?.as_str()?))
    })
}

/// The first code of a `CodeableConcept`, whatever its system; empty where it has none.
pub fn code(concept: &Value) -> &str {
    codes(concept).next().map(|(_, code)| code).unwrap_or_default()
}

/// Whether any of its codes is that one.
pub fn has(concept: &Value, code: &str) -> bool {
    codes(concept).any(|(_, found)| found == code)
}

/// Whether a list of concepts, such as `category`, has that code.
pub fn any_has(list: Option<&Value>, code: &str) -> bool {
    list.and_then(Value::as_array).is_some_and(|list| list.iter().any(|concept| has(concept, code)))
}

/// The first of a list, or the value itself.
pub(crate) fn first(value: &Value) -> &Value {
    value.get(0).unwrap_or(value)
}

fn codings(concept: &Value) -> impl Iterator<Item = &Value> {
    concept.get("coding").and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn somebodys_own_words_come_first() {
        let coding = json!([{"system": "s", "code": "c"}, {"code": "d", "display": "Shown"}]);
        assert_eq!(words(&json!({"text": "Own", "coding": coding.clone()})), "Own");
        assert_eq!(words(&json!({"coding": coding.clone()})), "Shown");
        assert_eq!(words(&json!({"coding": [{"code": "c"}]})), "c");
        assert_eq!(words(&json!({})), "");
        assert!(any_has(Some(&json!([{"coding": coding}])), "d"));
    }
}
