//! Diagnoses, findings and allergies (SNOMED CT).

use super::{Code, snomed};

pub(crate) const HYPERTENSION: Code = snomed("59621000", "Essential hypertension");
pub(crate) const DIABETES: Code = snomed("44054006", "Diabetes mellitus type 2");
pub(crate) const NEUROPATHY: Code = snomed("368581000119106", "Neuropathy due to type 2 diabetes mellitus");
pub(crate) const RETINOPATHY: Code =
    snomed("422034002", "Diabetic retinopathy associated with type II diabetes mellitus");
pub(crate) const DIABETIC_KIDNEY: Code = snomed("127013003", "Diabetic renal disease");
pub(crate) const ASTHMA: Code = snomed("195967001", "Asthma");
pub(crate) const ASTHMA_ATTACK: Code = snomed("708038006", "Acute exacerbation of asthma");
pub(crate) const COPD: Code = snomed("13645005", "Chronic obstructive lung disease");
pub(crate) const COPD_ATTACK: Code =
    snomed("195951007", "Acute exacerbation of chronic obstructive airways disease");
pub(crate) const KIDNEY_2: Code = snomed("431856006", "Chronic kidney disease stage 2");
pub(crate) const KIDNEY_3: Code = snomed("433144002", "Chronic kidney disease stage 3");
pub(crate) const KIDNEY_4: Code = snomed("431857002", "Chronic kidney disease stage 4");
pub(crate) const HYPOTHYROID: Code = snomed("40930008", "Hypothyroidism");
pub(crate) const PREGNANCY: Code = snomed("72892002", "Normal pregnancy");
pub(crate) const PREECLAMPSIA: Code = snomed("398254007", "Pre-eclampsia");
pub(crate) const IRON_ANEMIA: Code = snomed("87522002", "Iron deficiency anemia");
pub(crate) const TUBERCULOSIS: Code = snomed("154283005", "Pulmonary tuberculosis");
pub(crate) const DENGUE: Code = snomed("38362002", "Dengue");
pub(crate) const FEVER: Code = snomed("386661006", "Fever");
pub(crate) const PHARYNGITIS: Code = snomed("195662009", "Acute viral pharyngitis");
pub(crate) const COLD: Code = snomed("54150009", "Upper respiratory infection");
pub(crate) const BRONCHITIS: Code = snomed("10509002", "Acute bronchitis");
pub(crate) const PNEUMONIA: Code = snomed("233604007", "Pneumonia");
pub(crate) const COVID: Code =
    snomed("840539006", "Disease caused by severe acute respiratory syndrome coronavirus 2");
pub(crate) const OTITIS: Code = snomed("65363002", "Otitis media");
pub(crate) const GASTROENTERITIS: Code = snomed("25374005", "Gastroenteritis");
pub(crate) const CYSTITIS: Code = snomed("38822007", "Cystitis");
pub(crate) const LOW_BACK_PAIN: Code = snomed("279039007", "Low back pain");
pub(crate) const FOREARM_FRACTURE: Code = snomed("65966004", "Fracture of forearm");
pub(crate) const ANKLE_FRACTURE: Code = snomed("16114001", "Fracture of ankle");
pub(crate) const CLAVICLE_FRACTURE: Code = snomed("58150001", "Fracture of clavicle");
pub(crate) const HIP_FRACTURE: Code = snomed("359817006", "Closed fracture of hip");
pub(crate) const ANKLE_SPRAIN: Code = snomed("44465007", "Sprain of ankle");
pub(crate) const APPENDICITIS: Code = snomed("85189001", "Acute appendicitis");
pub(crate) const DEPRESSION: Code = snomed("370143000", "Major depressive disorder");
pub(crate) const HEART_DISEASE: Code = snomed("53741008", "Coronary arteriosclerosis");
pub(crate) const INFARCTION: Code = snomed("22298006", "Myocardial infarction");
pub(crate) const HEART_FAILURE: Code = snomed("88805009", "Chronic congestive heart failure");
pub(crate) const LIPIDS: Code = snomed("55822004", "Hyperlipidemia");
pub(crate) const OBESITY: Code = snomed("162864005", "Body mass index 30+ - obesity");
pub(crate) const COLON_POLYP: Code = snomed("68496003", "Polyp of colon");
pub(crate) const KNEE_ARTHRITIS: Code = snomed("239873007", "Osteoarthritis of knee");
pub(crate) const RHINITIS: Code = snomed("367498001", "Seasonal allergic rhinitis");
pub(crate) const STROKE: Code = snomed("230690007", "Cerebrovascular accident");
pub(crate) const SEPSIS: Code = snomed("91302008", "Sepsis");
pub(crate) const BREAST_CANCER: Code = snomed("254837009", "Malignant neoplasm of breast");
pub(crate) const COLON_CANCER: Code = snomed("363406005", "Malignant neoplasm of colon");

pub(crate) const ABDOMINAL_PAIN: Code = snomed("21522001", "Abdominal pain");
pub(crate) const CHEST_PAIN: Code = snomed("29857009", "Chest pain");
pub(crate) const BREATHLESS: Code = snomed("267036007", "Dyspnea");
pub(crate) const COUGH: Code = snomed("49727002", "Cough");

pub(crate) const NO_KNOWN_ALLERGY: Code = snomed("716186003", "No known allergy");
pub(crate) const PENICILLIN_ALLERGY: Code = snomed("91936005", "Allergy to penicillin");
pub(crate) const ASPIRIN_ALLERGY: Code = snomed("293586001", "Allergy to aspirin");
pub(crate) const PEANUT_ALLERGY: Code = snomed("91935009", "Allergy to peanut");
pub(crate) const EGG_ALLERGY: Code = snomed("91930004", "Allergy to egg protein");
pub(crate) const LATEX_ALLERGY: Code = snomed("300916003", "Latex allergy");
pub(crate) const SHELLFISH_ALLERGY: Code = snomed("300913006", "Shellfish allergy");
pub(crate) const MITE_ALLERGY: Code = snomed("232350006", "House dust mite allergy");
pub(crate) const GRASS_ALLERGY: Code = snomed("418689008", "Allergy to grass pollen");

pub(crate) const HIVES: Code = snomed("126485001", "Urticaria");
pub(crate) const ANAPHYLAXIS: Code = snomed("39579001", "Anaphylaxis");
pub(crate) const RASH: Code = snomed("271807003", "Eruption of skin");
pub(crate) const SNEEZING: Code = snomed("76067001", "Sneezing");
pub(crate) const WHEEZING: Code = snomed("56018004", "Wheezing");
