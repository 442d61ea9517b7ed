//! What people did with a record, as it is told to the patient: the log's words for operations, gathered into kinds of deeds that a
//! sentence can be said of.

use record::viewers::Told;

/// What somebody did, in one word.
pub fn deed(told: &Told) -> &'static str {
    deed_of(&told.operation)
}

/// What somebody did in the house, in one word; the log tells of more than of records. `None` where there is no word for it.
///
/// ```
/// assert_eq!(care::viewers::house_deed("sign-in by passkey"), Some("signed-in"));
/// assert_eq!(care::viewers::house_deed("chart"), Some("chart"));
/// assert_eq!(care::viewers::house_deed("something new"), None);
/// ```
pub fn house_deed(operation: &str) -> Option<&'static str> {
    let begins = |words: &[&str]| words.iter().any(|word| operation.starts_with(word));
    Some(match operation {
        "log" => "log",
        "log check" => "log-check",
        "log checkpoint" => "log-checkpoint",
        "sign-out" | "sign-out everywhere" | "session revoked" | "session unused" => "signed-out",
        "password" | "code sent" => "signing-in",
        "password changed" | "name changed" => "account",
        "administration" => "administration",
        "place changed" => "place",
        "integrity" => "integrity",
        _ if begins(&["sign-in", "federated sign-in", "demo visit"]) => "signed-in",
        _ if begins(&["sign-up", "set-up"]) => "signed-up",
        _ if begins(&["second factor", "passkey", "step-up", "provider "]) => "factor",
        _ if begins(&["invitation"]) => "invitation",
        _ if begins(&["role "]) => "role-change",
        _ if begins(&["facility"]) => "facility",
        _ if begins(&["account "]) => "account",
        _ if begins(&["app ", "token", "client"]) => "app",
        _ if begins(&["entered "]) => "wrong-door",
        _ if begins(&["draft "]) => "draft",
        _ if begins(&["server "]) => "server-list",
        _ => return Some(deed_of(operation)).filter(|word| *word != "other"),
    })
}

fn deed_of(operation: &str) -> &'static str {
    match operation {
        "chart" => "chart",
        "read" | "vread" | "reveal" => "read",
        "document" => "document",
        "document-look" => "document-look",
        "search" | "look-up" | "likely duplicates" | "contact of a chart" => "search",
        "history" => "history",
        "changes" => "changes",
        "bring-back" => "bring-back",
        "notify" => "notify",
        "everything" | "summary" | "export" | "takeout" => "everything",
        "health link" => "link-seen",
        "health link document" => "link-document",
        "health link opened" => "link-opened",
        "health link PIN" => "link-pin",
        "health link made" => "link-made",
        "health link ended" => "link-ended",
        "write note" => "note",
        "sign note" => "note-signed",
        "note in error" => "note-error",
        "create" | "register" | "update" | "patch" | "delete" | "transaction" | "batch" | "import"
        | "vitals" | "entry" => "change",
        "upload" => "upload",
        "share" => "share",
        "stop sharing" => "unshare",
        "break-glass" => "glass",
        "break-glass ended" | "break-glass lapsed" => "glass-over",
        "viewers" => "viewers",
        "dispute" => "dispute",
        "dispute answered" => "dispute-answered",
        "dispute list" => "dispute-list",
        "bring in" => "brought",
        "put away" => "put-away",
        "elsewhere looked at" => "elsewhere-look",
        word if word.starts_with("elsewhere ") => "elsewhere",
        "health-card" => "health-card",
        "explain" => "explain",
        "erase" => "erase",
        word if word.starts_with("break-glass") => "glass-review",
        word if word.starts_with("access ") => "access",
        word if word.starts_with("proxy") => "proxy",
        word if word.starts_with("chart ") => "link",
        _ => "other",
    }
}

/// Kinds of things that a record holds, as a sentence counts them: the word, and the types under it.
const THINGS: [(&str, &[&str]); 13] = [
    ("patient", &["Patient"]),
    ("results", &["Observation"]),
    ("reports", &["DiagnosticReport"]),
    ("documents", &["DocumentReference", "Binary"]),
    ("notes", &["Composition"]),
    ("visits", &["Encounter"]),
    ("problems", &["Condition"]),
    ("allergies", &["AllergyIntolerance"]),
    (
        "medicines",
        &["MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"],
    ),
    ("immunizations", &["Immunization"]),
    ("procedures", &["Procedure"]),
    ("appointments", &["Appointment"]),
    ("permissions", &["Consent"]),
];

/// How much of what it was about. What has no word of its own is counted under `other`.
///
/// ```
/// let told = care::viewers::things(&[("Binary", 1), ("DocumentReference", 1), ("Flag", 2), ("Patient", 1)]);
/// assert_eq!(told, [("patient", 1), ("documents", 2), ("other", 2)]);
/// ```
pub fn things(of_types: &[(&'static str, u64)]) -> Vec<(&'static str, u64)> {
    let sum = |belongs: &dyn Fn(&str) -> bool| -> u64 {
        of_types.iter().filter(|(kind, _)| belongs(kind)).map(|(_, count)| count).sum()
    };
    let named = THINGS.iter().map(|(word, types)| (*word, sum(&|kind| types.contains(&kind))));
    let is_other = |kind: &str| !THINGS.iter().any(|(_, types)| types.contains(&kind));
    named.chain([("other", sum(&is_other))]).filter(|(_, count)| *count > 0).collect()
}
