//! What a vaccine's code says that it is made of.
//!
//! Sources: [CVX](https://www2.cdc.gov/vaccines/iis/iisstandards/vaccines.asp?rpt=cvx), SNOMED CT's vaccine products by
//! <https://hl7.org/fhir/uv/ips/ValueSet/vaccines-uv-ips>. A code that is not here is not guessed at.

/// A part of a vaccine that a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Tuberculosis.
    Bcg,
    /// Hepatitis B.
    HepB,
    /// Diphtheria, tetanus and pertussis in the strength for children.
    Dtp,
    /// Tetanus and diphtheria in the strength for adults.
    Td,
    /// The same with pertussis.
    Tdap,
    /// Haemophilus influenzae type b.
    Hib,
    /// Pneumococcus, conjugated.
    Pcv,
    /// Polio, by mouth.
    Opv,
    /// Polio, injected.
    Ipv,
    /// Polio, and it is not said how.
    Polio,
    /// Rotavirus.
    Rota,
    /// Measles and rubella, with or without mumps.
    Mr,
    /// Mumps.
    Mumps,
    /// Chickenpox.
    Varicella,
    /// Hepatitis A.
    HepA,
    /// Meningococcus A, C, W and Y, conjugated.
    MenAcwy,
    /// Human papillomavirus.
    Hpv,
    /// Influenza, live: it is in no series here, but it is a live vaccine beside others.
    LiveFlu,
}

use Part::{
    Bcg, Dtp, HepA, HepB, Hib, Hpv, Ipv, LiveFlu, MenAcwy, Mr, Mumps, Opv, Pcv, Polio, Rota, Td, Tdap,
    Varicella,
};

/// The address of CVX.
pub(super) const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// The address of SNOMED CT.
const SNOMED: &str = "http://snomed.info/sct";

/// Vaccines by CVX code, without zeros at the beginning.
const BY_CVX: &[(&[&str], &[Part])] = &[
    (&["19"], &[Bcg]),
    (&["8", "42", "43", "44", "45", "189", "220"], &[HepB]),
    (&["1", "20", "106", "107"], &[Dtp]),
    (&["22", "50"], &[Dtp, Hib]),
    (&["102", "198"], &[Dtp, Hib, HepB]),
    (&["110"], &[Dtp, HepB, Ipv]),
    (&["120", "170"], &[Dtp, Hib, Ipv]),
    (&["130"], &[Dtp, Ipv]),
    (&["132", "146"], &[Dtp, Ipv, Hib, HepB]),
    (&["9", "113", "138", "139", "196"], &[Td]),
    (&["115"], &[Tdap]),
    (&["17", "46", "47", "48", "49"], &[Hib]),
    (&["51"], &[Hib, HepB]),
    (&["104"], &[HepA, HepB]),
    (&["100", "133", "152", "177", "215", "216"], &[Pcv]),
    (&["2", "178", "179", "182"], &[Opv]),
    (&["10"], &[Ipv]),
    (&["89"], &[Polio]),
    (&["116", "119", "122"], &[Rota]),
    (&["4"], &[Mr]),
    (&["3"], &[Mr, Mumps]),
    (&["94"], &[Mr, Mumps, Varicella]),
    (&["21"], &[Varicella]),
    (&["31", "52", "83", "84", "85"], &[HepA]),
    (&["108", "114", "136", "147", "203"], &[MenAcwy]),
    (&["62", "118", "137", "165"], &[Hpv]),
    (&["111", "149"], &[LiveFlu]),
];

/// Vaccine products of SNOMED CT, without those that do not tell which of two vaccines it was.
const BY_SNOMED: &[(&str, &[Part])] = &[
    ("1861000221106", &[Bcg]),
    ("871822003", &[HepB]),
    ("871875004", &[Dtp]),
    ("871839001", &[Dtp, Hib]),
    ("871886002", &[Dtp, Hib, HepB]),
    ("871887006", &[Dtp, Hib, Ipv]),
    ("871891001", &[Dtp, HepB, Ipv]),
    ("871895005", &[Dtp, Hib, HepB, Ipv]),
    ("871826000", &[Td]),
    ("871764007", &[Hib]),
    ("871803007", &[HepA, HepB]),
    ("1052328007", &[Pcv]),
    ("1052330009", &[Pcv]),
    ("1252708008", &[Pcv]),
    ("1252709000", &[Pcv]),
    ("871739009", &[Polio]),
    ("871761004", &[Rota]),
    ("871817003", &[Mr]),
    ("871831003", &[Mr, Mumps]),
    ("871908002", &[Mr, Mumps, Varicella]),
    ("871751006", &[HepA]),
    ("871873006", &[MenAcwy]),
    ("911000221103", &[Hpv]),
    ("1209197008", &[Hpv]),
    ("2001000221108", &[Hpv]),
    ("1991000221106", &[Hpv]),
];

/// What the codes of a vaccine say that it is made of, with its CVX code where it has one. `None`: none of them is known here.
pub(super) fn read<'a>(codes: impl Iterator<Item = (&'a str, &'a str)>) -> Option<(&'static [Part], String)> {
    let mut found: Option<(&'static [Part], String)> = None;
    for (system, code) in codes {
        if system == CVX {
            let number = code.trim().trim_start_matches('0');
            if let Some((_, parts)) = BY_CVX.iter().find(|(numbers, _)| numbers.contains(&number)) {
                return Some((parts, number.to_owned()));
            }
        }
        if system == SNOMED && found.is_none() {
            let parts = BY_SNOMED.iter().find(|(product, _)| *product == code.trim());
            found = parts.map(|(_, parts)| (*parts, String::new()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_code_is_known_once_with_or_without_its_zero_and_others_are_not_guessed_at() {
        let of = |system, code| read(std::iter::once((system, code))).map(|(parts, _)| parts);
        assert_eq!(of(CVX, "03"), Some(&[Mr, Mumps][..]));
        assert_eq!(of(CVX, "3"), of(CVX, "03"));
        assert_eq!(of(SNOMED, "1861000221106"), Some(&[Bcg][..]));
        for (system, code) in [(CVX, "9999"), (CVX, ""), ("http://example.org", "03"), (SNOMED, "03")] {
            assert_eq!(of(system, code), None, "{system} {code}");
        }
        let mut seen = HashSet::new();
        assert!(BY_CVX.iter().flat_map(|(numbers, _)| *numbers).all(|number| seen.insert(number)));
    }
}
