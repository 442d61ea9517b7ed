//! A role as a form has it: lines of text, and what they mean in plain words.

use crate::{error::Error, oauth::meaning};
use access::{
    mask::Mask,
    role::{Realm, Relationship, Role, check, check::Fault},
    scope::Context,
};
use serde::de::DeserializeOwned;

/// The words for relationships, each with what it means.
pub const RELATIONSHIPS: [(&str, &str); 5] = [
    ("none", "None: no patient's record by this role alone"),
    ("personal", "Patients in their own care"),
    ("organization", "Patients in their own care or their organization's"),
    ("registration", "The same, and patients who are registered with their organization"),
    ("consent", "Patients who consented, and no others"),
];

/// The words for masks.
pub const MASKS: [&str; 6] = ["identifier", "telecom", "birthDate", "address", "name", "photo"];

/// A role as lines of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleForm {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// One of [`RELATIONSHIPS`].
    pub relationship: String,
    /// One scope a line, or several with spaces between.
    pub scopes: String,
    /// Sensitive labels, with spaces between.
    pub labels: String,
    /// Of [`MASKS`], with spaces between.
    pub masks: String,
    /// Whether a mask may be lifted.
    pub reveals: bool,
}

impl RoleForm {
    /// A role as its form shows it.
    pub fn of(role: &Role) -> RoleForm {
        let scopes: Vec<String> = role.scopes.iter().map(ToString::to_string).collect();
        let masks: Vec<String> = role.masks.iter().map(word).collect();
        RoleForm {
            name: role.name.clone(),
            title: role.title.clone(),
            relationship: word(&role.relationship),
            scopes: scopes.join("\n"),
            labels: role.labels.join(" "),
            masks: masks.join(" "),
            reveals: role.reveals,
        }
    }

    /// The role that a form means; realm and purpose are those of `like`, from which it was copied.
    ///
    /// # Errors
    /// [`Error::Role`] with the first thing that is none, or that could not be kept.
    pub fn role(&self, like: &Role) -> Result<Role, Error> {
        let mut scopes = Vec::new();
        for text in self.scopes.split([' ', ',', '\n', '\r', '\t']).filter(|text| !text.is_empty()) {
            scopes.push(text.parse().map_err(|_| Fault::Form(text.chars().take(80).collect()))?);
        }
        let mut masks = Vec::new();
        for text in self.masks.split_whitespace() {
            masks.push(known::<Mask>(text).ok_or_else(|| Fault::Word(text.chars().take(80).collect()))?);
        }
        let role = Role {
            name: self.name.trim().to_owned(),
            title: self.title.trim().to_owned(),
            realm: like.realm,
            purpose: like.purpose,
            relationship: known::<Relationship>(&self.relationship).ok_or(Fault::Relationship)?,
            scopes,
            labels: self.labels.split_whitespace().map(str::to_owned).collect(),
            masks,
            reveals: self.reveals,
        };
        check::check(&role)?;
        Ok(role)
    }
}

/// What a role allows, in sentences.
pub fn sentences(role: &Role) -> Vec<String> {
    let whose = match (role.realm, role.relationship) {
        (Realm::Patient, _) => "Whose records: their own",
        (Realm::Machine, _) => "Whose records: as far as its scopes say; it is for programs",
        (_, Relationship::None) => {
            "Whose records: nobody's; it reaches the directory, and what it watches over"
        }
        (_, Relationship::Personal) => "Whose records: of patients in their own care",
        (_, Relationship::Organization) => {
            "Whose records: of patients in their own care or their organization's"
        }
        (_, Relationship::Registration) => {
            "Whose records: of patients in their own care, their organization's, or registered with it"
        }
        (_, Relationship::Consent) => "Whose records: of patients who consented, and of no others",
    };
    let mut said = vec![whose.to_owned()];
    said.extend(role.scopes.iter().map(|scope| {
        meaning::of_scope(scope, scope.context == Context::Patient)
            .replace(" of all patients that you may see yourself", "")
    }));
    let list = |words: Vec<String>| words.join(", ");
    if !role.labels.is_empty() {
        said.push(format!(
            "Sees what is marked as sensitive without being asked: {}",
            list(role.labels.clone())
        ));
    }
    if !role.masks.is_empty() {
        let masks = list(role.masks.iter().map(word).collect());
        let lifted = if role.reveals { "; may lift the mask, which is logged" } else { "" };
        said.push(format!("Sees persons masked: {masks}{lifted}"));
    }
    said
}

/// What a change newly allows, and what it takes away, in sentences: those that only one of the two has.
pub fn difference(before: Option<&Role>, after: &Role) -> (Vec<String>, Vec<String>) {
    let (had, has) = (before.map(sentences).unwrap_or_default(), sentences(after));
    let gained = has.iter().filter(|text| !had.contains(text)).cloned().collect();
    (gained, had.into_iter().filter(|text| !has.contains(text)).collect())
}

/// A role as text, and back: how a page carries it from the question to the answer.
///
/// # Errors
/// [`Error::Invalid`] for what is none.
pub fn parse(text: &str) -> Result<Role, Error> {
    let fault =
        Error::Invalid { field: "name", text: "the form was changed on its way; open the page again" };
    serde_json::from_str(text).map_err(|_| fault)
}

fn known<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

/// A value as the role's JSON has it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::role::{all_built_in, built_in};

    #[test]
    fn a_role_reads_from_its_form_as_it_was_and_every_word_is_offered() {
        for role in all_built_in() {
            let form = RoleForm { name: "own".into(), ..RoleForm::of(role) };
            assert_eq!(form.role(role).unwrap(), Role { name: "own".into(), ..role.clone() });
            assert!(RELATIONSHIPS.iter().any(|(word, _)| *word == form.relationship));
            assert!(form.masks.split_whitespace().all(|word| MASKS.contains(&word)));
            assert!(sentences(role).len() > role.scopes.len(), "{}", role.name);
        }
    }

    /// E3: no form gives those who run the house a patient's record.
    #[test]
    fn what_a_form_gets_wrong_is_told_at_its_field() {
        let nurse = built_in("nurse").unwrap();
        let admin = built_in("administrator").unwrap();
        let own = |role: &Role| RoleForm { name: "own".into(), ..RoleForm::of(role) };
        for (form, like, field) in [
            (RoleForm { name: "nurse".into(), ..own(nurse) }, nurse, "name"),
            (RoleForm { title: " ".into(), ..own(nurse) }, nurse, "title"),
            (RoleForm { scopes: "user/Patient".into(), ..own(nurse) }, nurse, "scopes"),
            (RoleForm { scopes: "user/Flag.rs user/Flag.rs".into(), ..own(nurse) }, nurse, "scopes"),
            (RoleForm { scopes: "user/Patient.rs".into(), ..own(admin) }, admin, "scopes"),
            (RoleForm { relationship: "organization".into(), ..own(admin) }, admin, "relationship"),
            (RoleForm { relationship: "all".into(), ..own(nurse) }, nurse, "relationship"),
            (RoleForm { labels: "XYZ".into(), ..own(nurse) }, nurse, "labels"),
            (RoleForm { masks: "face".into(), ..own(nurse) }, nurse, "masks"),
        ] {
            assert_eq!(form.role(like).unwrap_err().field(), field, "{form:?}");
        }
    }

    #[test]
    fn a_difference_is_what_only_one_of_the_two_says() {
        let nurse = built_in("nurse").unwrap();
        let mut other = nurse.clone();
        other.labels = vec!["PSY".into()];
        other.relationship = Relationship::Personal;
        let (gained, lost) = difference(Some(nurse), &other);
        assert_eq!((gained.len(), lost.len()), (2, 1));
        assert!(gained[1].contains("PSY") && lost[0].contains("organization"));
        assert_eq!(difference(Some(nurse), nurse), (vec![], vec![]));
        assert_eq!(difference(None, nurse).1, Vec::<String>::new());
    }
}
