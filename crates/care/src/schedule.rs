//! Which vaccinations are due: what counted of those that were given, and when the next one may, should and must be (B10).
//!
//! The concepts are those of CDC's [CDSi logic specification](https://www.cdc.gov/iis/cdsi/index.html): a series has doses, a dose has a
//! minimum age and a minimum interval, each with a grace of four days, an earliest and a latest recommended age, perhaps a maximum age,
//! and cases in which it is not needed. The figures are tables: `india`, `united_states`. What they leave out is said in
//! [`Programme::leaves_out`], and a page has to say it as well.
//!
//! This is arithmetic on dates. It knows no illness, no allergy, no pregnancy and no shortage, and replaces nobody's judgement.

mod codes;
mod engine;
mod india;
pub mod recommendation;
mod rule;
mod span;
#[cfg(test)]
mod tests;
mod united_states;

use crate::{chart::Chart, coding, when::When};
use codes::Part;
use jiff::civil::Date;
use serde_json::Value;
use span::years;

/// A national programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programme {
    /// India's Universal Immunization Programme.
    India,
    /// The routine schedule for children in the United States.
    UnitedStates,
}

impl Programme {
    /// That of a country, by its ISO 3166 code.
    ///
    /// ```
    /// use care::schedule::Programme;
    /// assert_eq!(Programme::of_country("IN"), Some(Programme::India));
    /// assert_eq!(Programme::of_country("XX"), None);
    /// ```
    pub fn of_country(code: &str) -> Option<Programme> {
        match code {
            "IN" => Some(Programme::India),
            "US" => Some(Programme::UnitedStates),
            _ => None,
        }
    }

    /// Its word, for the key of its name.
    pub fn word(self) -> &'static str {
        match self {
            Programme::India => "in",
            Programme::UnitedStates => "us",
        }
    }

    /// What it is called where a program asks.
    pub fn name(self) -> &'static str {
        match self {
            Programme::India => "India: Universal Immunization Programme",
            Programme::UnitedStates => "United States: routine childhood schedule",
        }
    }

    /// Vaccines that people may look for and that are not computed here, by the words of their names.
    pub fn leaves_out(self) -> &'static [&'static str] {
        match self {
            Programme::India => &["je", "hpv", "td-pregnancy", "covid"],
            Programme::UnitedStates => &["influenza", "covid", "rsv", "menb", "dengue"],
        }
    }

    fn series(self) -> &'static [rule::Series] {
        match self {
            Programme::India => india::SERIES,
            Programme::UnitedStates => united_states::SERIES,
        }
    }
}

/// The age at which both programmes' tables end.
const ENDS: span::Span = years(19);

macro_rules! vaccines {
    ($($(#[$doc:meta])* $name:ident = $word:literal $cvx:literal $shown:literal,)*) => {
        /// What a series or a dose of it is known by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Vaccine { $($(#[$doc])* $name,)* }

        impl Vaccine {
            /// Its word, for the key of its name.
            pub fn word(self) -> &'static str {
                match self { $(Vaccine::$name => $word,)* }
            }

            /// Its CVX code and what that is called, for programs.
            pub fn cvx(self) -> (&'static str, &'static str) {
                match self { $(Vaccine::$name => ($cvx, $shown),)* }
            }
        }
    };
}

vaccines! {
    /// Tuberculosis.
    Bcg = "bcg" "19" "BCG",
    /// Hepatitis B, within a day of birth.
    HepBBirth = "hepb-birth" "45" "Hep B, unspecified formulation",
    /// Hepatitis B.
    HepB = "hepb" "45" "Hep B, unspecified formulation",
    /// Polio, by mouth.
    Opv = "opv" "178" "OPV bivalent",
    /// Five in one: diphtheria, tetanus, pertussis, hepatitis B, Hib.
    Pentavalent = "pentavalent" "198" "DTP-hepB-Hib Pentavalent Non-US",
    /// The same without hepatitis B and Hib, as a booster.
    Dpt = "dpt" "01" "DTP",
    /// Diphtheria, tetanus and acellular pertussis.
    Dtap = "dtap" "107" "DTaP, unspecified formulation",
    /// Tetanus and diphtheria for the older.
    Td = "td" "139" "Td (adult), unspecified formulation",
    /// The same with pertussis.
    Tdap = "tdap" "115" "Tdap",
    /// Polio, a fifth of a dose into the skin.
    Fipv = "fipv" "10" "IPV",
    /// Polio, injected.
    Ipv = "ipv" "10" "IPV",
    /// Haemophilus influenzae type b.
    Hib = "hib" "17" "Hib, unspecified formulation",
    /// Pneumococcus.
    Pcv = "pcv" "152" "Pneumococcal Conjugate, unspecified formulation",
    /// Rotavirus.
    Rota = "rota" "122" "rotavirus, unspecified formulation",
    /// Measles and rubella.
    Mr = "mr" "04" "M/R",
    /// Measles, mumps and rubella.
    Mmr = "mmr" "03" "MMR",
    /// Chickenpox.
    Varicella = "varicella" "21" "varicella",
    /// Hepatitis A.
    HepA = "hepa" "85" "Hep A, unspecified formulation",
    /// Meningococcus A, C, W, Y.
    MenAcwy = "menacwy" "108" "meningococcal ACWY, unspecified formulation",
    /// Human papillomavirus.
    Hpv = "hpv" "137" "HPV, unspecified formulation",
}

/// A dose that was given, as a record tells of it.
#[derive(Clone, Debug)]
pub struct Dose {
    /// The id of its Immunization.
    pub id: String,
    /// The day, where it is known to the day.
    date: Option<Date>,
    /// What it was made of; `None` where its code is not known here.
    parts: Option<&'static [Part]>,
    /// Its CVX code, where it has one.
    product: String,
    is_subpotent: bool,
}

impl Dose {
    /// Reads an Immunization. `None` for what was not given, or was entered in error.
    pub fn read(id: &str, value: &Value) -> Option<Dose> {
        if value.get("status").and_then(Value::as_str) != Some("completed") {
            return None;
        }
        let when = value.get("occurrenceDateTime").and_then(Value::as_str).and_then(When::parse);
        let known = value.get("vaccineCode").and_then(|code| codes::read(coding::codes(code)));
        let (parts, product) = known.map_or((None, String::new()), |(parts, product)| (Some(parts), product));
        Some(Dose {
            id: id.to_owned(),
            date: when.filter(|when| when.day.is_some()).and_then(|when| when.date()),
            parts,
            product,
            is_subpotent: value.get("isSubpotent").and_then(Value::as_bool) == Some(true),
        })
    }
}

/// Which dose of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The one at birth.
    Birth,
    /// The first, the second …
    Nth(usize),
    /// The first booster, the second …
    Booster(usize),
}

/// What became of one dose in one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is this dose of the series.
    Counts(Number),
    /// It does not count.
    Not(Why),
}

/// Why a dose does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its code is not known here.
    Unknown,
    /// The day is not known to the day.
    NoDay,
    /// The day lies before birth, or after today.
    WrongDay,
    /// Nothing in this programme asks for it.
    NotInProgramme,
    /// The patient was younger than the minimum age, by more than the grace.
    TooYoung,
    /// Too soon after the dose before, by more than the grace.
    TooSoon,
    /// After the age until which it is given.
    TooOld,
    /// Less than 28 days after another live vaccine.
    AfterLive,
    /// A second one on one day.
    SameDay,
    /// The series was complete.
    Extra,
    /// The record says that this dose was weak or spoilt.
    Subpotent,
    /// The product does not count any more.
    Outdated,
}

impl Why {
    /// Its word, for the key of its sentence.
    pub fn word(self) -> &'static str {
        match self {
            Why::Unknown => "unknown",
            Why::NoDay => "no-day",
            Why::WrongDay => "wrong-day",
            Why::NotInProgramme => "not-in-programme",
            Why::TooYoung => "too-young",
            Why::TooSoon => "too-soon",
            Why::TooOld => "too-old",
            Why::AfterLive => "after-live",
            Why::SameDay => "same-day",
            Why::Extra => "extra",
            Why::Subpotent => "subpotent",
            Why::Outdated => "outdated",
        }
    }
}

/// A dose that was given, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The id of its Immunization.
    pub id: String,
    /// In each series that counts it, or why it is in none.
    pub marks: Vec<(Option<Vaccine>, Mark)>,
}

/// How a series stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Past due.
    Overdue,
    /// Recommended now.
    Due,
    /// Recommended later.
    Later,
    /// Nothing more is needed.
    Complete,
    /// The age until which it is given is over.
    TooOld,
}

impl Status {
    /// Its word, for the key of its name.
    pub fn word(self) -> &'static str {
        match self {
            Status::Overdue => "overdue",
            Status::Due => "due",
            Status::Later => "later",
            Status::Complete => "complete",
            Status::TooOld => "too-old",
        }
    }
}

/// The next dose of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What is given.
    pub vaccine: Vaccine,
    /// How many counted so far.
    pub counted: usize,
    /// How it stands.
    pub status: Status,
    /// The dose that is next, and its dates; none where nothing is left to give.
    pub next: Option<(Number, Dates)>,
}

/// The dates of a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The first day on which it may be given.
    pub earliest: Date,
    /// The day from which it is recommended.
    pub recommended: Date,
    /// The last day before it is overdue, where the programme has one.
    pub past_due: Option<Date>,
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The programme it goes by.
    pub programme: Programme,
    /// The day on which it was made.
    pub today: Date,
    /// One line for each series.
    pub due: Vec<Due>,
    /// One line for each dose that was given, in the order of the record.
    pub seen: Vec<Seen>,
}

/// Why nothing is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// No birth date is known.
    NotBorn,
    /// The birth date is not known to the day.
    BornInexactly,
    /// The birth date lies in the future.
    BornLater,
    /// The programme is for children.
    Grown,
    /// The patient has died.
    Died,
    /// The reader does not see all immunizations of this record: what is not seen would be called due.
    Unseen,
    /// No programme of the country in which the house is is known here.
    NoProgramme,
}

impl Untold {
    /// Its word, for the key of its sentence.
    pub fn word(self) -> &'static str {
        match self {
            Untold::NotBorn => "no-birth-date",
            Untold::BornInexactly => "inexact-birth-date",
            Untold::BornLater => "future-birth-date",
            Untold::Grown => "grown",
            Untold::Died => "died",
            Untold::Unseen => "unseen",
            Untold::NoProgramme => "no-programme",
        }
    }
}

/// What is due for somebody born then, to whom these doses were given.
///
/// # Errors
/// Where it cannot be told, and why.
pub fn forecast(
    programme: Programme,
    born: Option<&When>,
    doses: &[Dose],
    today: Date,
) -> Result<Forecast, Untold> {
    let born = born.ok_or(Untold::NotBorn)?;
    let born = born.date().filter(|_| born.day.is_some()).ok_or(Untold::BornInexactly)?;
    if born > today {
        return Err(Untold::BornLater);
    }
    if ENDS.after(born) <= today {
        return Err(Untold::Grown);
    }
    Ok(engine::run(programme, born, doses, today))
}

/// What is due for the patient of a chart that was opened with `Immunization` among its types.
///
/// # Errors
/// As [`forecast`].
pub fn of(chart: &Chart, programme: Programme, today: Date) -> Result<Forecast, Untold> {
    let patient = &chart.patient;
    let has_died = patient.get("deceasedBoolean").and_then(Value::as_bool) == Some(true);
    if has_died || patient.get("deceasedDateTime").is_some() {
        return Err(Untold::Died);
    }
    if !chart.shows_all("Immunization") || chart.cut.iter().any(|kind| kind == "Immunization") {
        return Err(Untold::Unseen);
    }
    let born = When::first(patient, &["birthDate"]);
    forecast(programme, born.as_ref(), &doses(chart), today)
}

/// The doses of a chart.
fn doses(chart: &Chart) -> Vec<Dose> {
    chart.of_type("Immunization").filter_map(|resource| Dose::read(&resource.id, &resource.value)).collect()
}
