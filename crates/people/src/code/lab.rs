//! Laboratory tests: LOINC code, unit, digits and reference range, and the panels that group them.

use super::{Code, loinc, other};
use crate::value::Unit;

/// One measured quantity. Values and limits are whole numbers, `digits` of them after the point.
pub(crate) struct Test {
    pub(crate) code: Code,
    pub(crate) unit: Unit,
    pub(crate) digits: u32,
    pub(crate) low: Option<i32>,
    pub(crate) high: Option<i32>,
}

/// Tests that are ordered, drawn and reported together.
pub(crate) struct Panel {
    pub(crate) code: Code,
    pub(crate) specimen: &'static Code,
    pub(crate) tests: &'static [&'static Test],
}

/// A test whose answer is a concept, such as detected or not, with its specimen.
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) specimen: &'static Code,
}

const MG_DL: Unit = Unit::new("mg/dL", "mg/dL");
const G_DL: Unit = Unit::new("g/dL", "g/dL");
const MMOL_L: Unit = Unit::new("mmol/L", "mmol/L");
const U_L: Unit = Unit::new("U/L", "U/L");
const PERCENT: Unit = Unit::new("%", "%");
const THOUSANDS: Unit = Unit::new("10³/µL", "10*3/uL");
const MILLIONS: Unit = Unit::new("10⁶/µL", "10*6/uL");
const FL: Unit = Unit::new("fL", "fL");
const EGFR_UNIT: Unit = Unit::new("mL/min/1.73 m²", "mL/min/{1.73_m2}");
const THYROID_UNIT: Unit = Unit::new("mIU/L", "m[IU]/L");
const NG_DL: Unit = Unit::new("ng/dL", "ng/dL");
const NG_ML: Unit = Unit::new("ng/mL", "ng/mL");
const MG_G: Unit = Unit::new("mg/g", "mg/g");
const MG_L: Unit = Unit::new("mg/L", "mg/L");

const fn test(code: Code, unit: Unit, digits: u32, low: Option<i32>, high: Option<i32>) -> Test {
    Test { code, unit, digits, low, high }
}

pub(crate) const HEMOGLOBIN: Test =
    test(loinc("718-7", "Hemoglobin [Mass/volume] in Blood"), G_DL, 1, Some(120), Some(165));
pub(crate) const HEMATOCRIT: Test = test(
    loinc("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"),
    PERCENT,
    1,
    Some(360),
    Some(500),
);
pub(crate) const WHITE_CELLS: Test = test(
    loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count"),
    THOUSANDS,
    1,
    Some(40),
    Some(110),
);
pub(crate) const RED_CELLS: Test = test(
    loinc("789-8", "Erythrocytes [#/volume] in Blood by Automated count"),
    MILLIONS,
    2,
    Some(400),
    Some(590),
);
pub(crate) const PLATELETS: Test = test(
    loinc("777-3", "Platelets [#/volume] in Blood by Automated count"),
    THOUSANDS,
    0,
    Some(150),
    Some(410),
);
pub(crate) const MCV: Test =
    test(loinc("787-2", "MCV [Entitic volume] by Automated count"), FL, 1, Some(800), Some(1000));
pub(crate) const GLUCOSE: Test =
    test(loinc("2345-7", "Glucose [Mass/volume] in Serum or Plasma"), MG_DL, 0, Some(70), Some(99));
pub(crate) const SODIUM: Test =
    test(loinc("2951-2", "Sodium [Moles/volume] in Serum or Plasma"), MMOL_L, 0, Some(135), Some(145));
pub(crate) const POTASSIUM: Test =
    test(loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), MMOL_L, 1, Some(35), Some(51));
pub(crate) const CHLORIDE: Test =
    test(loinc("2075-0", "Chloride [Moles/volume] in Serum or Plasma"), MMOL_L, 0, Some(98), Some(107));
pub(crate) const CO2: Test = test(
    loinc("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma"),
    MMOL_L,
    0,
    Some(22),
    Some(29),
);
pub(crate) const UREA: Test =
    test(loinc("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"), MG_DL, 0, Some(7), Some(20));
pub(crate) const CREATININE: Test =
    test(loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), MG_DL, 2, Some(60), Some(120));
pub(crate) const CALCIUM: Test =
    test(loinc("17861-6", "Calcium [Mass/volume] in Serum or Plasma"), MG_DL, 1, Some(86), Some(103));
pub(crate) const EGFR: Test = test(
    loinc(
        "33914-3",
        "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum or Plasma by Creatinine-based formula (MDRD)",
    ),
    EGFR_UNIT,
    0,
    Some(60),
    None,
);
pub(crate) const ALBUMIN_RATIO: Test =
    test(loinc("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"), MG_G, 0, None, Some(30));
pub(crate) const CHOLESTEROL: Test =
    test(loinc("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"), MG_DL, 0, None, Some(200));
pub(crate) const TRIGLYCERIDES: Test =
    test(loinc("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"), MG_DL, 0, None, Some(150));
pub(crate) const HDL: Test =
    test(loinc("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"), MG_DL, 0, Some(40), None);
pub(crate) const LDL: Test = test(
    loinc("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"),
    MG_DL,
    0,
    None,
    Some(130),
);
pub(crate) const HBA1C_TEST: Test =
    test(loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), PERCENT, 1, Some(40), Some(56));
pub(crate) const TSH: Test = test(
    loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    THYROID_UNIT,
    2,
    Some(40),
    Some(420),
);
pub(crate) const FREE_T4: Test = test(
    loinc("3024-7", "Thyroxine (T4) free [Mass/volume] in Serum or Plasma"),
    NG_DL,
    2,
    Some(80),
    Some(180),
);
pub(crate) const ALT: Test = test(
    loinc("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"),
    U_L,
    0,
    Some(7),
    Some(45),
);
pub(crate) const AST: Test = test(
    loinc("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma"),
    U_L,
    0,
    Some(8),
    Some(40),
);
pub(crate) const ALKALINE_PHOSPHATASE: Test = test(
    loinc("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma"),
    U_L,
    0,
    Some(40),
    Some(130),
);
pub(crate) const BILIRUBIN: Test =
    test(loinc("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma"), MG_DL, 1, Some(2), Some(12));
pub(crate) const ALBUMIN: Test =
    test(loinc("1751-7", "Albumin [Mass/volume] in Serum or Plasma"), G_DL, 1, Some(35), Some(50));
pub(crate) const TROPONIN: Test =
    test(loinc("10839-9", "Troponin I.cardiac [Mass/volume] in Serum or Plasma"), NG_ML, 2, None, Some(4));
pub(crate) const CRP: Test =
    test(loinc("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"), MG_L, 1, None, Some(50));

pub(crate) const BLOOD_COUNT: Panel = Panel {
    code: loinc("58410-2", "CBC panel - Blood by Automated count"),
    specimen: &other::BLOOD,
    tests: &[&HEMOGLOBIN, &HEMATOCRIT, &WHITE_CELLS, &RED_CELLS, &PLATELETS, &MCV],
};
pub(crate) const METABOLIC: Panel = Panel {
    code: loinc("51990-0", "Basic metabolic panel - Blood"),
    specimen: &other::SERUM,
    tests: &[&GLUCOSE, &SODIUM, &POTASSIUM, &CHLORIDE, &CO2, &UREA, &CREATININE, &CALCIUM],
};
pub(crate) const LIPID: Panel = Panel {
    code: loinc("24331-1", "Lipid 1996 panel - Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&CHOLESTEROL, &TRIGLYCERIDES, &HDL, &LDL],
};
pub(crate) const LIVER: Panel = Panel {
    code: loinc("24325-3", "Hepatic function 2000 panel - Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&ALT, &AST, &ALKALINE_PHOSPHATASE, &BILIRUBIN, &ALBUMIN],
};
pub(crate) const THYROID: Panel = Panel {
    code: loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&TSH],
};
pub(crate) const THYROID_FULL: Panel = Panel {
    code: loinc("24348-5", "Thyroxine (T4) free and Thyrotropin panel - Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&TSH, &FREE_T4],
};
pub(crate) const HBA1C: Panel = Panel {
    code: loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
    specimen: &other::BLOOD,
    tests: &[&HBA1C_TEST],
};
pub(crate) const KIDNEY: Panel = Panel {
    code: loinc("24362-6", "Renal function 2000 panel - Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&CREATININE, &UREA, &EGFR, &POTASSIUM],
};
pub(crate) const URINE_ALBUMIN: Panel = Panel {
    code: loinc("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
    specimen: &other::URINE,
    tests: &[&ALBUMIN_RATIO],
};
pub(crate) const HEART_ATTACK: Panel = Panel {
    code: loinc("10839-9", "Troponin I.cardiac [Mass/volume] in Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&TROPONIN],
};
pub(crate) const INFLAMMATION: Panel = Panel {
    code: loinc("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),
    specimen: &other::SERUM,
    tests: &[&CRP],
};
pub(crate) const HEMOGLOBIN_ONLY: Panel = Panel {
    code: loinc("718-7", "Hemoglobin [Mass/volume] in Blood"),
    specimen: &other::BLOOD,
    tests: &[&HEMOGLOBIN],
};

pub(crate) const DENGUE_NS1: Finding = Finding {
    code: loinc("75377-2", "Dengue virus NS1 Ag [Presence] in Serum, Plasma or Blood by Rapid immunoassay"),
    specimen: &other::SERUM,
};
pub(crate) const SPUTUM_SMEAR: Finding = Finding {
    code: loinc("11545-1", "Microscopic observation [Identifier] in Specimen by Acid fast stain"),
    specimen: &other::SPUTUM,
};
pub(crate) const COVID_PCR: Finding = Finding {
    code: loinc(
        "94500-6",
        "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection",
    ),
    specimen: &other::SWAB,
};
pub(crate) const OCCULT_BLOOD: Finding = Finding {
    code: loinc("57905-2", "Hemoglobin.gastrointestinal [Presence] in Stool by Immunologic method"),
    specimen: &other::STOOL,
};
pub(crate) const CERVICAL_CYTOLOGY: Finding = Finding {
    code: loinc("10524-7", "Microscopic observation [Identifier] in Cervix by Cyto stain"),
    specimen: &other::CERVICAL,
};
