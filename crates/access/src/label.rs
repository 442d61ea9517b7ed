//! Sensitive labels: `meta.security` codes that hide a resource from whoever was not granted them.
//!
//! Source: [HL7 Data Segmentation for Privacy](https://hl7.org/fhir/uv/security-label-ds4p/), whose codes stand in
//! [v3-Confidentiality](https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html) and
//! [v3-ActCode](https://terminology.hl7.org/CodeSystem-v3-ActCode.html).

/// Codes that hide. A code counts whatever its system is said to be: hiding too much can be mended, showing cannot.
pub const SENSITIVE: &[&str] = &[
    // Confidentiality: restricted, very restricted.
    "R", "V", // Mental health and behaviour.
    "BH", "COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", // Substance use.
    "ETH", "ETHUD", "OPIOIDUD", "SUD", // Infections, sexual and reproductive health.
    "HIV", "STD", "SEX", "TBOO", // Violence and abuse.
    "SDV", "VIO", "MST", // Genetic disease.
    "GDIS", "SICKLE",
];

/// Whether a code hides.
pub fn is_sensitive(code: &str) -> bool {
    SENSITIVE.contains(&code)
}
