//! What people are called: `HumanName` as it is shown, and as a chart's banner shows it.
//!
//! Source: <https://hl7.org/fhir/R4/datatypes.html#HumanName>

use serde_json::Value;

/// A name in its parts. Whoever has one name only has it as the family name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The family name, or the only one.
    pub family: String,
    /// The given names.
    pub given: String,
}

impl Name {
    /// The name a resource goes by: the official one before the usual one before any.
    pub fn of(resource: &Value) -> Name {
        let names = || resource.get("name").and_then(Value::as_array).into_iter().flatten();
        let by_use = |wanted| names().find(|name| name.get("use").and_then(Value::as_str) == Some(wanted));
        let current = || names().find(|name| name.get("use").and_then(Value::as_str) != Some("old"));
        let found = by_use("official").or_else(|| by_use("usual")).or_else(current);
        found.map(read).unwrap_or_default()
    }

    /// In the order in which it is spoken.
    pub fn spoken(&self) -> String {
        join([self.given.as_str(), self.family.as_str()].into_iter())
    }
}

fn read(name: &Value) -> Name {
    let text = |member: &str| name.get(member).and_then(Value::as_str).unwrap_or_default();
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let given = join(given);
    match (text("family"), given.as_str()) {
        ("", "") => Name { family: text("text").to_owned(), given },
        ("", _) => Name { family: given, given: String::new() },
        (family, _) => Name { family: family.to_owned(), given },
    }
}

fn join<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_the_official_one_and_may_be_a_single_word() {
        let spoken = |names: Value| Name::of(&json!({"name": names})).spoken();
        assert_eq!(
            spoken(
                json!([{"use": "old", "text": "Was"}, {"use": "official", "family": "Testri", "given": ["Uma", "K"]}])
            ),
            "Uma K Testri"
        );
        assert_eq!(Name::of(&json!({"name": [{"given": ["Testini"]}]})).family, "Testini");
        assert_eq!(spoken(json!([{"text": "టెస్ట్"}])), "టెస్ట్");
        assert_eq!(Name::of(&json!({})), Name::default());
    }
}
