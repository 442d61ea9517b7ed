//! Templates of notes: under which headings each kind is written. The words are the doors'; here are the LOINC codes.

use crate::coding;
use serde_json::Value;

/// A heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The word by which forms and sentences name it.
    pub key: &'static str,
    /// Its LOINC code with its name; empty where there is none.
    pub code: &'static str,
    /// The name of that code.
    pub display: &'static str,
}

/// A kind of note.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// The word by which addresses and sentences name it.
    pub key: &'static str,
    /// The LOINC code of the document, which says which template a stored note follows.
    pub code: &'static str,
    /// The name of that code.
    pub display: &'static str,
    /// Its headings, in their order.
    pub headings: &'static [Heading],
}

const fn heading(key: &'static str, code: &'static str, display: &'static str) -> Heading {
    Heading { key, code, display }
}

const ASSESSMENT: Heading = heading("assessment", "51848-0", "Evaluation note");
const PLAN: Heading = heading("plan", "18776-5", "Plan of care note");
const TEXT: Heading = heading("text", "", "");

static ALL: [Template; 6] = [
    Template {
        key: "soap",
        code: "11506-3",
        display: "Progress note",
        headings: &[
            heading("subjective", "61150-9", "Subjective Narrative"),
            heading("objective", "61149-1", "Objective Narrative"),
            ASSESSMENT,
            PLAN,
        ],
    },
    Template {
        key: "admission",
        code: "34117-2",
        display: "History and physical note",
        headings: &[
            heading("complaint", "10154-3", "Chief complaint Narrative"),
            heading("illness", "10164-2", "History of Present illness Narrative"),
            heading("past", "11348-0", "History of Past illness Narrative"),
            heading("medication", "10160-0", "History of Medication use Narrative"),
            heading("family", "10157-6", "History of family member diseases Narrative"),
            heading("social", "29762-2", "Social history Narrative"),
            heading("examination", "29545-1", "Physical findings Narrative"),
            ASSESSMENT,
            PLAN,
        ],
    },
    Template {
        key: "discharge",
        code: "18842-5",
        display: "Discharge summary",
        headings: &[
            heading("admitted", "46241-6", "Hospital admission diagnosis Narrative - Reported"),
            heading("course", "8648-8", "Hospital course Narrative"),
            heading("diagnosis", "11535-2", "Hospital discharge Dx Narrative"),
            heading("condition", "10184-0", "Hospital discharge physical findings Narrative"),
            heading("discharge-medication", "10183-2", "Hospital discharge medications Narrative"),
            heading("instructions", "8653-8", "Hospital Discharge instructions"),
            PLAN,
        ],
    },
    Template {
        key: "procedure",
        code: "28570-0",
        display: "Procedure note",
        headings: &[
            heading("indication", "59768-2", "Procedure indications [Interpretation] Narrative"),
            heading("anaesthesia", "59774-0", "Procedure anesthesia Narrative"),
            heading("description", "29554-3", "Procedure Narrative"),
            heading("findings", "59776-5", "Procedure findings Narrative"),
            heading("complications", "55109-3", "Complications Document"),
            PLAN,
        ],
    },
    Template { key: "free", code: "34109-9", display: "Note", headings: &[TEXT] },
    Template { key: "addendum", code: "55107-7", display: "Addendum Document", headings: &[TEXT] },
];

impl Template {
    /// Those that a new note begins from. What is added to a signed note has one of its own.
    ///
    /// ```
    /// use care::note::template::Template;
    /// assert_eq!(Template::all().next().unwrap().key, "soap");
    /// assert!(Template::all().all(|template| !template.is_addendum()));
    /// ```
    pub fn all() -> impl Iterator<Item = &'static Template> {
        ALL.iter().filter(|template| !template.is_addendum())
    }

    /// The one that a note begins from where nothing else is said.
    pub fn first() -> &'static Template {
        &ALL[0]
    }

    /// The template of that name.
    pub fn named(key: &str) -> Option<&'static Template> {
        ALL.iter().find(|template| template.key == key)
    }

    /// The template that a `Composition.type` says.
    pub fn of(kind: &Value) -> Option<&'static Template> {
        ALL.iter().find(|template| is_loinc(kind, template.code))
    }

    /// Whether it is for what is added to a signed note.
    pub fn is_addendum(&self) -> bool {
        self.key == "addendum"
    }

    /// The heading that a `Composition.section` stands under. Free text is what has no code.
    pub fn heading(&self, section: &Value) -> Option<&'static Heading> {
        let code = section.get("code");
        self.headings.iter().find(|heading| match code {
            None => heading.code.is_empty(),
            Some(code) => is_loinc(code, heading.code),
        })
    }
}

fn is_loinc(concept: &Value, code: &str) -> bool {
    coding::codes(concept).any(|found| found == (super::LOINC, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::HashSet;

    #[test]
    fn no_two_templates_and_no_two_headings_of_one_share_a_name_or_a_code() {
        let mut names = HashSet::new();
        for template in &ALL {
            assert!(names.insert(template.key) && names.insert(template.code));
            let mut headings = HashSet::new();
            assert!(template.headings.iter().all(|h| headings.insert(h.key) && headings.insert(h.code)));
        }
    }

    #[test]
    fn a_stored_note_says_its_template_by_the_code_of_loinc_and_of_no_other_system() {
        let of = |system: &str| {
            Template::of(&json!({"coding": [{"code": "x"}, {"system": system, "code": "11506-3"}]}))
        };
        assert_eq!(of("http://loinc.org").map(|t| t.key), Some("soap"));
        assert_eq!(of("urn:other"), None);
        let free = Template::named("free").unwrap();
        assert_eq!(free.heading(&json!({})).map(|h| h.key), Some("text"));
        assert_eq!(free.heading(&json!({"code": {"text": "Own"}})), None);
    }
}
