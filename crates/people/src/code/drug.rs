//! Medicines (RxNorm; WHO ATC for tuberculosis combinations) and what a dose of each looks like.

use super::{Code, code, other, rxnorm};

/// A medicine that can be ordered.
pub(crate) struct Drug {
    pub(crate) code: Code,
    pub(crate) form: Form,
    pub(crate) route: &'static Code,
}

/// What one dose is counted in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Tablet,
    Capsule,
    Puff,
    Units,
    Micrograms,
    Milligrams,
    Millilitres,
}

impl Form {
    /// Singular word, code and system of the unit.
    pub(crate) fn unit(self) -> (&'static str, &'static str, &'static str) {
        const DOSE_FORM: &str = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm";
        const UCUM: &str = crate::value::UCUM;
        match self {
            Form::Tablet => ("tablet", "TAB", DOSE_FORM),
            Form::Capsule => ("capsule", "CAP", DOSE_FORM),
            Form::Puff => ("puff", "PUFF", DOSE_FORM),
            Form::Units => ("units", "[iU]", UCUM),
            Form::Micrograms => ("mcg", "ug", UCUM),
            Form::Milligrams => ("mg", "mg", UCUM),
            Form::Millilitres => ("mL", "mL", UCUM),
        }
    }
}

const fn drug(code: Code, form: Form, route: &'static Code) -> Drug {
    Drug { code, form, route }
}

const fn tablet(number: &'static str, name: &'static str) -> Drug {
    drug(rxnorm(number, name), Form::Tablet, &other::ORAL)
}

pub(crate) const METFORMIN_500: Drug = tablet("861007", "metformin hydrochloride 500 MG Oral Tablet");
pub(crate) const METFORMIN_1000: Drug = tablet("861004", "metformin hydrochloride 1000 MG Oral Tablet");
pub(crate) const GLIMEPIRIDE: Drug = drug(rxnorm("25789", "glimepiride"), Form::Milligrams, &other::ORAL);
pub(crate) const GLARGINE: Drug = drug(rxnorm("274783", "insulin glargine"), Form::Units, &other::UNDER_SKIN);
pub(crate) const AMLODIPINE: Drug = tablet("197361", "amlodipine 5 MG Oral Tablet");
pub(crate) const AMLODIPINE_10: Drug = tablet("308135", "amlodipine 10 MG Oral Tablet");
pub(crate) const LOSARTAN: Drug = tablet("979492", "losartan potassium 50 MG Oral Tablet");
pub(crate) const LISINOPRIL: Drug = tablet("314076", "lisinopril 10 MG Oral Tablet");
pub(crate) const HYDROCHLOROTHIAZIDE: Drug = tablet("310798", "hydrochlorothiazide 25 MG Oral Tablet");
pub(crate) const ATORVASTATIN: Drug = tablet("617310", "atorvastatin 20 MG Oral Tablet");
pub(crate) const ATORVASTATIN_80: Drug = tablet("259255", "atorvastatin 80 MG Oral Tablet");
pub(crate) const ASPIRIN: Drug = tablet("243670", "aspirin 81 MG Oral Tablet");
pub(crate) const CLOPIDOGREL: Drug = tablet("309362", "clopidogrel 75 MG Oral Tablet");
pub(crate) const METOPROLOL: Drug =
    tablet("866412", "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet");
pub(crate) const NITROGLYCERIN: Drug =
    drug(rxnorm("705129", "nitroglycerin 0.4 MG/ACTUAT Mucosal Spray"), Form::Puff, &other::ORAL);
pub(crate) const FUROSEMIDE: Drug = tablet("313988", "furosemide 40 MG Oral Tablet");
pub(crate) const ALBUTEROL: Drug = drug(
    rxnorm("745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
    Form::Puff,
    &other::INHALED,
);
pub(crate) const FLUTICASONE: Drug = drug(
    rxnorm("895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler"),
    Form::Puff,
    &other::INHALED,
);
pub(crate) const FLUTICASONE_SALMETEROL: Drug = drug(
    rxnorm(
        "896209",
        "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler",
    ),
    Form::Puff,
    &other::INHALED,
);
pub(crate) const PREDNISONE: Drug = tablet("312617", "prednisone 5 MG Oral Tablet");
pub(crate) const LEVOTHYROXINE: Drug = drug(rxnorm("10582", "levothyroxine"), Form::Micrograms, &other::ORAL);
pub(crate) const PARACETAMOL: Drug = tablet("198440", "acetaminophen 500 MG Oral Tablet");
pub(crate) const PARACETAMOL_LIQUID: Drug =
    drug(rxnorm("161", "acetaminophen"), Form::Milligrams, &other::ORAL);
pub(crate) const IBUPROFEN: Drug = tablet("197805", "ibuprofen 400 MG Oral Tablet");
pub(crate) const TRAMADOL: Drug = tablet("835603", "tramadol hydrochloride 50 MG Oral Tablet");
pub(crate) const AMOXICILLIN: Drug =
    drug(rxnorm("308191", "amoxicillin 500 MG Oral Capsule"), Form::Capsule, &other::ORAL);
pub(crate) const AMOXICILLIN_LIQUID: Drug =
    drug(rxnorm("723", "amoxicillin"), Form::Milligrams, &other::ORAL);
pub(crate) const AZITHROMYCIN: Drug = tablet("308460", "azithromycin 250 MG Oral Tablet");
pub(crate) const AZITHROMYCIN_LIQUID: Drug =
    drug(rxnorm("18631", "azithromycin"), Form::Milligrams, &other::ORAL);
pub(crate) const CEFTRIAXONE: Drug = drug(rxnorm("2193", "ceftriaxone"), Form::Milligrams, &other::INTO_VEIN);
pub(crate) const SALINE: Drug = drug(
    rxnorm("313002", "sodium chloride 9 MG/ML Injectable Solution"),
    Form::Millilitres,
    &other::INTO_VEIN,
);
pub(crate) const NITROFURANTOIN: Drug =
    drug(rxnorm("311995", "nitrofurantoin, macrocrystals 50 MG Oral Capsule"), Form::Capsule, &other::ORAL);
pub(crate) const SERTRALINE: Drug = tablet("312941", "sertraline 50 MG Oral Tablet");
pub(crate) const FLUOXETINE: Drug =
    drug(rxnorm("310385", "fluoxetine 20 MG Oral Capsule"), Form::Capsule, &other::ORAL);
pub(crate) const IRON: Drug = tablet("310325", "ferrous sulfate 325 MG Oral Tablet");
pub(crate) const FOLIC_ACID: Drug = drug(rxnorm("4511", "folic acid"), Form::Milligrams, &other::ORAL);
pub(crate) const CALCIUM: Drug = drug(rxnorm("1897", "calcium carbonate"), Form::Milligrams, &other::ORAL);
pub(crate) const OMEPRAZOLE: Drug =
    drug(rxnorm("198051", "omeprazole 20 MG Delayed Release Oral Capsule"), Form::Capsule, &other::ORAL);
pub(crate) const LORATADINE: Drug = tablet("311372", "loratadine 10 MG Oral Tablet");
pub(crate) const TB_FOUR: Drug = drug(
    code("http://www.whocc.no/atc", "J04AM06", "rifampicin, pyrazinamide, ethambutol and isoniazid"),
    Form::Tablet,
    &other::ORAL,
);
pub(crate) const TB_TWO: Drug =
    drug(code("http://www.whocc.no/atc", "J04AM02", "rifampicin and isoniazid"), Form::Tablet, &other::ORAL);

/// Every medicine, in the order of the houses' formulary. New ones go to the end: the position makes the id.
pub(crate) const FORMULARY: [&Drug; 41] = [
    &METFORMIN_500,
    &METFORMIN_1000,
    &GLIMEPIRIDE,
    &GLARGINE,
    &AMLODIPINE,
    &AMLODIPINE_10,
    &LOSARTAN,
    &LISINOPRIL,
    &HYDROCHLOROTHIAZIDE,
    &ATORVASTATIN,
    &ATORVASTATIN_80,
    &ASPIRIN,
    &CLOPIDOGREL,
    &METOPROLOL,
    &NITROGLYCERIN,
    &FUROSEMIDE,
    &ALBUTEROL,
    &FLUTICASONE,
    &FLUTICASONE_SALMETEROL,
    &PREDNISONE,
    &LEVOTHYROXINE,
    &PARACETAMOL,
    &PARACETAMOL_LIQUID,
    &IBUPROFEN,
    &TRAMADOL,
    &AMOXICILLIN,
    &AMOXICILLIN_LIQUID,
    &AZITHROMYCIN,
    &CEFTRIAXONE,
    &SALINE,
    &NITROFURANTOIN,
    &SERTRALINE,
    &FLUOXETINE,
    &IRON,
    &FOLIC_ACID,
    &CALCIUM,
    &OMEPRAZOLE,
    &LORATADINE,
    &TB_FOUR,
    &TB_TWO,
    &AZITHROMYCIN_LIQUID,
];
