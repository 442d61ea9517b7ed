//! Vaccines (CVX) and two schedules by age: one in the manner of India's UIP, one of the CDC's.

use super::{Code, code};

const fn cvx(number: &'static str, display: &'static str) -> Code {
    code("http://hl7.org/fhir/sid/cvx", number, display)
}

pub(crate) const MMR: Code = cvx("03", "MMR");
pub(crate) const MEASLES_RUBELLA: Code = cvx("04", "M/R");
pub(crate) const DTP: Code = cvx("01", "DTP");
pub(crate) const HEP_B: Code = cvx("08", "Hep B, adolescent or pediatric");
pub(crate) const POLIO: Code = cvx("10", "IPV");
pub(crate) const PENTAVALENT: Code = cvx("102", "DTP-Hib-Hep B");
pub(crate) const TD: Code = cvx("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed");
pub(crate) const MENINGOCOCCAL: Code = cvx("114", "meningococcal MCV4P");
pub(crate) const TDAP: Code = cvx("115", "Tdap");
pub(crate) const ROTAVIRUS: Code = cvx("119", "rotavirus, monovalent");
pub(crate) const PNEUMOCOCCAL: Code = cvx("133", "Pneumococcal conjugate PCV 13");
pub(crate) const INFLUENZA: Code = cvx("140", "Influenza, seasonal, injectable, preservative free");
pub(crate) const HPV: Code = cvx("165", "HPV9");
pub(crate) const ORAL_POLIO: Code = cvx("178", "OPV bivalent");
pub(crate) const ZOSTER: Code = cvx("187", "zoster recombinant");
pub(crate) const BCG: Code = cvx("19", "BCG");
pub(crate) const DTAP: Code = cvx("20", "DTaP");
pub(crate) const COVID_MRNA: Code = cvx("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose");
pub(crate) const COVID_VECTOR: Code = cvx("210", "COVID-19 vaccine, vector-nr, rS-ChAdOx1, PF, 0.5 mL");
pub(crate) const VARICELLA: Code = cvx("21", "varicella");
pub(crate) const PNEUMOCOCCAL_23: Code = cvx("33", "pneumococcal polysaccharide PPV23");
pub(crate) const HIB: Code = cvx("49", "Hib (PRP-OMP)");
pub(crate) const HEP_A: Code = cvx("83", "Hep A, ped/adol, 2 dose");

/// Doses due at one age, in days, each with its number in the series.
pub(crate) struct Due {
    pub(crate) age_days: i32,
    pub(crate) doses: &'static [(&'static Code, i32)],
}

const fn due(age_days: i32, doses: &'static [(&'static Code, i32)]) -> Due {
    Due { age_days, doses }
}

/// What an Indian child is given.
pub(crate) const INDIA: [Due; 8] = [
    due(0, &[(&BCG, 1), (&ORAL_POLIO, 0), (&HEP_B, 1)]),
    due(42, &[(&PENTAVALENT, 1), (&ORAL_POLIO, 1), (&ROTAVIRUS, 1), (&POLIO, 1), (&PNEUMOCOCCAL, 1)]),
    due(70, &[(&PENTAVALENT, 2), (&ORAL_POLIO, 2), (&ROTAVIRUS, 2)]),
    due(98, &[(&PENTAVALENT, 3), (&ORAL_POLIO, 3), (&ROTAVIRUS, 3), (&POLIO, 2), (&PNEUMOCOCCAL, 2)]),
    due(276, &[(&MEASLES_RUBELLA, 1), (&PNEUMOCOCCAL, 3), (&POLIO, 3)]),
    due(520, &[(&MEASLES_RUBELLA, 2), (&DTP, 4), (&ORAL_POLIO, 4)]),
    due(1900, &[(&DTP, 5)]),
    due(3700, &[(&TD, 1)]),
];

/// What an American child is given.
pub(crate) const AMERICA: [Due; 9] = [
    due(0, &[(&HEP_B, 1)]),
    due(61, &[(&HEP_B, 2), (&ROTAVIRUS, 1), (&DTAP, 1), (&HIB, 1), (&PNEUMOCOCCAL, 1), (&POLIO, 1)]),
    due(122, &[(&ROTAVIRUS, 2), (&DTAP, 2), (&HIB, 2), (&PNEUMOCOCCAL, 2), (&POLIO, 2)]),
    due(183, &[(&HEP_B, 3), (&DTAP, 3), (&PNEUMOCOCCAL, 3), (&POLIO, 3), (&INFLUENZA, 1)]),
    due(366, &[(&MMR, 1), (&VARICELLA, 1), (&HEP_A, 1), (&HIB, 3), (&PNEUMOCOCCAL, 4)]),
    due(520, &[(&DTAP, 4), (&HEP_A, 2), (&INFLUENZA, 2)]),
    due(1500, &[(&DTAP, 5), (&POLIO, 4), (&MMR, 2), (&VARICELLA, 2)]),
    due(4050, &[(&TDAP, 1), (&HPV, 1), (&MENINGOCOCCAL, 1)]),
    due(4240, &[(&HPV, 2)]),
];
