//! Procedures, visits, body sites, findings in social history, panels and papers.

use super::{Code, code, loinc, snomed};

pub(crate) const CHECK_UP: Code = snomed("185349003", "Encounter for check up");
pub(crate) const FOLLOW_UP: Code = snomed("390906007", "Follow-up encounter");
pub(crate) const PROBLEM_VISIT: Code = snomed("185347001", "Encounter for problem");
pub(crate) const EMERGENCY_VISIT: Code = snomed("50849002", "Emergency room admission");
pub(crate) const ADMISSION: Code = snomed("32485007", "Hospital admission");
pub(crate) const ANTENATAL_VISIT: Code = snomed("424619006", "Prenatal visit");
pub(crate) const POSTNATAL_VISIT: Code = snomed("169762003", "Postnatal visit");
pub(crate) const VIDEO_VISIT: Code = snomed("448337001", "Telemedicine consultation with patient");
pub(crate) const BIRTH: Code = snomed("3950001", "Birth");
pub(crate) const WELL_CHILD_VISIT: Code = snomed("410620009", "Well child visit");

pub(crate) const APPENDECTOMY: Code = snomed("80146002", "Appendectomy");
pub(crate) const CESAREAN: Code = snomed("11466000", "Cesarean section");
pub(crate) const VAGINAL_BIRTH: Code = snomed("236973005", "Delivery procedure");
pub(crate) const IMMOBILIZATION: Code = snomed("274474001", "Bone immobilization");
pub(crate) const HIP_REPLACEMENT: Code = snomed("52734007", "Total replacement of hip");
pub(crate) const CORONARY_INTERVENTION: Code = snomed("415070008", "Percutaneous coronary intervention");
pub(crate) const SPIROMETRY: Code = snomed("127783003", "Spirometry");
pub(crate) const PHYSIOTHERAPY: Code = snomed("91251008", "Physical therapy procedure");
pub(crate) const COUNSELLING: Code = snomed("228557008", "Cognitive and behavioral therapy");
pub(crate) const COLONOSCOPY: Code = snomed("73761001", "Colonoscopy");
pub(crate) const MAMMOGRAPHY: Code = snomed("24623002", "Screening mammography");
pub(crate) const CERVICAL_SMEAR: Code = snomed("171149006", "Screening for malignant neoplasm of cervix");
pub(crate) const EYE_EXAM: Code = snomed("314971001", "Camera fundoscopy");
pub(crate) const NEBULIZER: Code = snomed("56251003", "Nebulizer therapy");
pub(crate) const FLUIDS: Code = snomed("103744005", "Administration of intravenous fluids");

pub(crate) const CHEST: Code = snomed("51185008", "Thoracic structure");
pub(crate) const ABDOMEN: Code = snomed("113345001", "Abdominal structure");
pub(crate) const BREAST: Code = snomed("76752008", "Breast structure");
pub(crate) const FOREARM: Code = snomed("14975008", "Forearm structure");
pub(crate) const ANKLE: Code = snomed("344001", "Ankle region structure");
pub(crate) const CLAVICLE: Code = snomed("51299004", "Clavicle");
pub(crate) const HIP: Code = snomed("29836001", "Hip region structure");
pub(crate) const HEART: Code = snomed("80891009", "Heart structure");
pub(crate) const UTERUS: Code = snomed("35039007", "Uterine structure");
pub(crate) const LEFT_ARM: Code = snomed("368208006", "Left upper arm structure");
pub(crate) const LEFT_THIGH: Code = snomed("61396006", "Structure of left thigh");

pub(crate) const NEVER_SMOKER: Code = snomed("266919005", "Never smoked tobacco");
pub(crate) const FORMER_SMOKER: Code = snomed("8517006", "Ex-smoker");
pub(crate) const DAILY_SMOKER: Code = snomed("449868002", "Smokes tobacco daily");

pub(crate) const BLOOD: Code = snomed("119297000", "Blood specimen");
pub(crate) const SERUM: Code = snomed("119364003", "Serum specimen");
pub(crate) const URINE: Code = snomed("122575003", "Urine specimen");
pub(crate) const SPUTUM: Code = snomed("119334006", "Sputum specimen");
pub(crate) const STOOL: Code = snomed("119339001", "Stool specimen");
pub(crate) const CERVICAL: Code = snomed("119395005", "Specimen from uterine cervix");
pub(crate) const SWAB: Code = snomed("258500001", "Nasopharyngeal swab");

pub(crate) const POSITIVE: Code = snomed("10828004", "Positive");
pub(crate) const NEGATIVE: Code = snomed("260385009", "Negative");
pub(crate) const DETECTED: Code = snomed("260373001", "Detected");
pub(crate) const NOT_DETECTED: Code = snomed("260415000", "Not detected");
pub(crate) const HIP_PROSTHESIS: Code = snomed("304120007", "Total hip replacement prosthesis");
pub(crate) const STENT: Code = snomed("705643001", "Coronary artery stent");

pub(crate) const BLOOD_PRESSURE: Code = loinc("85354-9", "Blood pressure panel with all children optional");
pub(crate) const SYSTOLIC: Code = loinc("8480-6", "Systolic blood pressure");
pub(crate) const DIASTOLIC: Code = loinc("8462-4", "Diastolic blood pressure");
pub(crate) const HEART_RATE: Code = loinc("8867-4", "Heart rate");
pub(crate) const RESPIRATORY_RATE: Code = loinc("9279-1", "Respiratory rate");
pub(crate) const TEMPERATURE: Code = loinc("8310-5", "Body temperature");
pub(crate) const HEIGHT: Code = loinc("8302-2", "Body height");
pub(crate) const WEIGHT: Code = loinc("29463-7", "Body weight");
pub(crate) const BMI: Code = loinc("39156-5", "Body mass index (BMI) [Ratio]");
pub(crate) const HEAD: Code = loinc("9843-4", "Head Occipital-frontal circumference");
pub(crate) const SATURATION: Code = loinc("2708-6", "Oxygen saturation in Arterial blood");
pub(crate) const PULSE_OXIMETRY: Code =
    loinc("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry");
pub(crate) const BLOOD_GROUP: Code = loinc("882-1", "ABO and Rh group [Type] in Blood");
pub(crate) const SMOKING: Code = loinc("72166-2", "Tobacco smoking status");
pub(crate) const DUE_DATE: Code = loinc("11778-8", "Delivery date Estimated");
pub(crate) const LAST_PERIOD: Code = loinc("8665-2", "Last menstrual period start date");
pub(crate) const FETAL_HEART_RATE: Code = loinc("55283-6", "Fetal Heart rate");
pub(crate) const APGAR_1: Code = loinc("9272-6", "1 minute Apgar Score");
pub(crate) const APGAR_5: Code = loinc("9274-2", "5 minute Apgar Score");
pub(crate) const PHQ9: Code = loinc("44249-1", "PHQ-9 quick depression assessment panel [Reported.PHQ]");
pub(crate) const PHQ9_SCORE: Code =
    loinc("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]");
pub(crate) const FEV1_RATIO: Code = loinc("19926-5", "FEV1/FVC");

pub(crate) const DISCHARGE_SUMMARY: Code = loinc("18842-5", "Discharge summary");
pub(crate) const LAB_REPORT: Code = loinc("11502-2", "Laboratory report");
pub(crate) const PROGRESS_NOTE: Code = loinc("11506-3", "Progress note");
pub(crate) const REFERRAL_NOTE: Code = loinc("57133-1", "Referral note");
pub(crate) const CHEST_XRAY_REPORT: Code = loinc("36643-5", "XR Chest 2 Views");
pub(crate) const MAMMOGRAM_REPORT: Code = loinc("24606-6", "MG Breast Screening");
pub(crate) const IMAGING_REPORT: Code = loinc("18748-4", "Diagnostic imaging study");

pub(crate) const ORAL: Code = snomed("26643006", "Oral route");
pub(crate) const INHALED: Code = snomed("447694001", "Respiratory tract route");
pub(crate) const UNDER_SKIN: Code = snomed("34206005", "Subcutaneous route");
pub(crate) const INTO_MUSCLE: Code = snomed("78421000", "Intramuscular route");
pub(crate) const INTO_VEIN: Code = snomed("47625008", "Intravenous route");

pub(crate) const TEST_DATA: Code =
    code("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data");
