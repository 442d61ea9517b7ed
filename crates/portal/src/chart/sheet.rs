//! What all pages of a chart have in common: the banner, the sections, and what is said of values.

use crate::{icon::Icon, live::Strip, view::Place, words::Words};
use care::{
    allergies::Known,
    banner::Banner,
    chart::Chart,
    results::{Flag, Point, Series},
    timeline::Event,
};
use login::realm::Realm;

/// A section of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Summary,
    Timeline,
    Vitals,
    Results,
    Medicines,
    Problems,
    Visits,
    Notes,
    Documents,
    Immunizations,
    Plans,
    Details,
    /// What counts in an emergency.
    Emergency,
    /// What the patient has written; no part of a clinic's chart.
    Entries,
    /// The card for emergencies, which opens without an account: of patients alone.
    Card,
    /// What is shared with whom: no part of the record, so it stands among the tabs of patients alone.
    Share,
    /// The whole record as a file: of patients alone as well.
    TakeOut,
    /// What was changed: led to from the timeline and the lists.
    History,
    /// A record from another server: of patients alone.
    Elsewhere,
    /// Words found in all of it: led to from the box that stands on other sections.
    Search,
}

impl Section {
    const ALL: [Section; 13] = [
        Section::Summary,
        Section::Timeline,
        Section::Vitals,
        Section::Results,
        Section::Medicines,
        Section::Problems,
        Section::Visits,
        Section::Notes,
        Section::Documents,
        Section::Immunizations,
        Section::Plans,
        Section::Details,
        Section::Emergency,
    ];

    /// Its word: in its address, in the key of its name, and its icon.
    pub(super) fn word(self) -> &'static str {
        match self {
            Section::Summary => "summary",
            Section::Timeline => "timeline",
            Section::Vitals => "vitals",
            Section::Results => "results",
            Section::Medicines => "medicines",
            Section::Problems => "problems",
            Section::Visits => "visits",
            Section::Notes => "notes",
            Section::Documents => "documents",
            Section::Immunizations => "immunizations",
            Section::Plans => "plans",
            Section::Details => "details",
            Section::Emergency => "emergency",
            Section::Entries => "entries",
            Section::Card => "card",
            Section::Share => "share",
            Section::TakeOut => "take-out",
            Section::History => "history",
            Section::Elsewhere => "elsewhere",
            Section::Search => "search",
        }
    }

    /// What it is drawn from; allergies belong to every banner, and encounters say where something comes from.
    pub(super) fn types(self) -> &'static [&'static str] {
        match self {
            Section::Summary => &[
                "AllergyIntolerance",
                "Encounter",
                "Condition",
                "MedicationRequest",
                "MedicationStatement",
                "Observation",
                "DiagnosticReport",
                "Procedure",
                "Immunization",
                "DocumentReference",
                "Composition",
                "Appointment",
            ],
            Section::Timeline => &[
                "AllergyIntolerance",
                "Encounter",
                "Condition",
                "DiagnosticReport",
                "MedicationRequest",
                "Procedure",
                "Immunization",
                "DocumentReference",
                "Composition",
                "Appointment",
            ],
            Section::Results | Section::Vitals | Section::Entries => {
                &["AllergyIntolerance", "Encounter", "Observation"]
            }
            Section::Details => &["AllergyIntolerance", "Encounter", "Observation", "RelatedPerson"],
            Section::Medicines => {
                &["AllergyIntolerance", "Encounter", "Condition", "MedicationRequest", "MedicationStatement"]
            }
            Section::Problems => &["AllergyIntolerance", "Encounter", "Condition"],
            Section::Visits => &["AllergyIntolerance", "Encounter"],
            Section::Notes => &["AllergyIntolerance", "Encounter", "Composition"],
            Section::Documents => &["AllergyIntolerance", "Encounter", "DocumentReference"],
            Section::Immunizations => &["AllergyIntolerance", "Encounter", "Immunization"],
            Section::Plans => &["AllergyIntolerance", "Encounter", "Procedure", "CarePlan", "Goal"],
            Section::Share => &["AllergyIntolerance", "Consent", "DocumentReference"],
            Section::TakeOut | Section::History => &["AllergyIntolerance"],
            Section::Elsewhere => &care::elsewhere::TYPES,
            Section::Search => &care::search::TYPES,
            Section::Emergency | Section::Card => &care::emergency::TYPES,
        }
    }
}

/// The common part of a chart's pages.
pub(crate) struct Sheet {
    pub(crate) w: Words,
    pub(super) realm: Realm,
    pub(super) section: Section,
    pub(crate) banner: Banner,
    pub(super) restricted: u64,
    pub(super) is_cut: bool,
    /// Whether the reader's role leaves out a part of what this page is drawn from.
    pub(super) is_beyond: bool,
    /// The newest change when it was drawn, where the page may draw itself again.
    pub(super) since: Option<i64>,
    /// What the forms of its frame carry; empty where nobody is signed in.
    pub(super) token: String,
}

impl Sheet {
    pub(crate) fn new(w: Words, realm: Realm, section: Section, banner: Banner, chart: &Chart) -> Sheet {
        let (is_cut, is_beyond) = (!chart.cut.is_empty(), !chart.beyond.is_empty());
        Sheet {
            w,
            realm,
            section,
            banner,
            restricted: chart.restricted,
            is_cut,
            is_beyond,
            since: None,
            token: String::new(),
        }
    }

    /// The address of a section, or of something in it.
    pub(super) fn to(&self, place: &str) -> String {
        let chart = format!("/{}/chart/{}", self.realm.name(), self.banner.id);
        if place == "summary" { chart } else { format!("{chart}/{place}") }
    }

    /// The strip that keeps the page up to date.
    pub(super) fn strip(&self) -> Option<Strip> {
        self.since.map(|since| Strip::of_chart(self.w, self.to("changes"), since))
    }

    /// Where something on the timeline is read, where it has a page of its own.
    pub(super) fn to_event(&self, event: &Event) -> Option<String> {
        (event.kind == "Composition").then(|| self.to(&format!("notes/{}", escaped(&event.id))))
    }

    pub(super) fn tabs(&self) -> Vec<Place> {
        tabs(self.w, self.realm, &self.banner.id, self.section.word())
    }

    /// The family name as a banner shows it: in capitals, where the script has them.
    pub(crate) fn family(&self) -> String {
        match self.banner.name.family.as_str() {
            "" => self.w.say("no-name"),
            family => family.to_uppercase(),
        }
    }

    pub(super) fn spoken(&self) -> String {
        match self.banner.name.given.as_str() {
            "" => self.banner.name.family.clone(),
            given => given.split(' ').next().unwrap_or(given).to_owned(),
        }
    }

    pub(crate) fn gender(&self) -> String {
        let not_recorded = self.w.say("not-recorded");
        self.w.of_code("gender", &self.banner.gender, &not_recorded)
    }

    pub(crate) fn allergy_class(&self) -> &'static str {
        match &self.banner.allergies {
            Known::NotRecorded => "unknown",
            Known::NotShown => "some",
            Known::NoneKnown => "none",
            known if known.is_severe() => "severe",
            Known::Some(_) => "some",
        }
    }

    pub(crate) fn allergies(&self) -> String {
        match &self.banner.allergies {
            Known::NotRecorded => self.w.say("not-recorded"),
            Known::NotShown => self.w.say("not-shown"),
            Known::NoneKnown => self.w.say("none-known"),
            known => {
                let active = known.active().map(|allergy| {
                    let is_theirs = allergy.is_patients && !allergy.is_confirmed;
                    let words = [(allergy.is_severe, "severe"), (is_theirs, "by-patient")];
                    let words = words.into_iter().filter(|(is_so, _)| *is_so).map(|(_, key)| self.w.say(key));
                    let brought = Some(allergy.from.as_str()).filter(|house| !house.is_empty());
                    let brought = brought.map(|house| self.w.with("brought-from", "house", house));
                    let words = words.chain(brought).collect::<Vec<_>>().join(", ");
                    if words.is_empty() {
                        allergy.what.clone()
                    } else {
                        format!("{} ({words})", allergy.what)
                    }
                });
                let active = active.collect::<Vec<_>>().join(" · ");
                if active.is_empty() { self.w.say("none-now") } else { active }
            }
        }
    }

    /// What is measured, by the name that people know it by.
    pub(crate) fn name(&self, series: &Series) -> String {
        self.w.of_code("measured", &series.key, &series.name)
    }

    /// One value as a line of a list.
    pub(super) fn line(&self, series: &Series, point: &Point) -> Line {
        Line {
            to: self.to(&format!("results/{}", escaped(&series.key))),
            name: self.name(series),
            text: point.text.clone(),
            flag: point.flag.map(Raised),
            range: point.range.clone(),
            when: self.w.moment_or(&point.when),
            by: point.by.clone(),
            source: point.source.clone(),
            from: point.from.clone(),
            is_preliminary: point.is_preliminary,
            is_patients: point.is_patients,
            spark: super::draw::spark(series),
        }
    }
}

/// The parts of a chart, one of which is `here`. The patient's has six more: what they wrote, their emergency card, who sees it, who looked,
/// the whole of it as a file, and what they bring from elsewhere.
pub(super) fn tabs(w: Words, realm: Realm, patient: &str, here: &str) -> Vec<Place> {
    let chart = format!("/{}/chart/{patient}", realm.name());
    let own: &[&'static str] = match realm {
        Realm::Patient => &["entries", "card", "share", "viewers", "take-out", "elsewhere"],
        _ => &[],
    };
    let place = |word: &'static str| Place {
        to: if word == "summary" { chart.clone() } else { format!("{chart}/{word}") },
        words: w.say(&format!("section-{word}")),
        icon: match word {
            "viewers" => "eye",
            "details" => "person",
            "entries" => "plans",
            "card" => "alarm",
            word => word,
        },
        is_here: word == here,
    };
    Section::ALL.into_iter().map(Section::word).chain(own.iter().copied()).map(place).collect()
}

/// A key as one segment of an address.
pub(super) fn escaped(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    key.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A value as it stands in a list.
pub(super) struct Line {
    pub(super) to: String,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) flag: Option<Raised>,
    pub(super) range: String,
    pub(super) when: String,
    pub(super) by: String,
    pub(super) source: String,
    pub(super) from: String,
    pub(super) is_preliminary: bool,
    pub(super) is_patients: bool,
    pub(super) spark: String,
}

/// A flag as it is shown: an arrow, a word, a colour.
#[derive(Clone, Copy)]
pub(crate) struct Raised(pub(crate) Flag);

impl Raised {
    pub(crate) fn key(&self) -> &'static str {
        match self.0 {
            Flag::Low => "flag-low",
            Flag::High => "flag-high",
            Flag::CriticalLow => "flag-critical-low",
            Flag::CriticalHigh => "flag-critical-high",
            Flag::Abnormal => "flag-abnormal",
        }
    }

    pub(crate) fn class(&self) -> &'static str {
        if self.0.is_critical() { "critical" } else { "raised" }
    }

    pub(super) fn icon(&self) -> Icon {
        match self.0 {
            Flag::Low | Flag::CriticalLow => Icon("down"),
            Flag::High | Flag::CriticalHigh => Icon("up"),
            Flag::Abnormal => Icon("alarm"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_segment_of_an_address() {
        assert_eq!(escaped("8867-4"), "8867-4");
        assert_eq!(escaped("a/b?é"), "a%2Fb%3F%C3%A9");
    }
}
