//! Addresses of another server: what may be asked of it, and what a reference there means.

use fhir::reference;

/// The longest address.
const LONGEST: usize = 4 << 10;

/// Whether an address lies on that server: below its base, or its base with a query. Whatever else a page of it says is never asked.
///
/// ```
/// use care::elsewhere::address::is_within;
/// let base = "https://there.example/fhir";
/// assert!(is_within(base, "https://there.example/fhir/Patient/a") && is_within(base, "https://there.example/fhir?page=2"));
/// for bad in ["https://there.example/fhirs/a", "https://evil.example/fhir/a", "https://there.example/fhir/../admin", "Patient/a"] {
///     assert!(!is_within(base, bad), "{bad}");
/// }
/// ```
pub fn is_within(base: &str, address: &str) -> bool {
    let Some(rest) = address.strip_prefix(base) else { return false };
    let path = rest.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let climbs = path.split('/').any(|part| matches!(part.replace("%2e", ".").as_str(), "." | ".."));
    let plain = address.len() <= LONGEST && address.bytes().all(|byte| byte.is_ascii_graphic());
    let is_below = rest.is_empty() || rest.starts_with(['/', '?']);
    plain && is_below && !climbs && !rest.contains(['\\', '#', '@'])
}

/// `Type/id` of what a reference there leads to, where it lies on that server; a version that it names is left out.
pub fn named(base: &str, text: &str) -> Option<String> {
    let relative = match text.strip_prefix(base) {
        Some(rest) => rest.strip_prefix('/')?,
        None => text,
    };
    let local = reference::local(relative)?;
    Some(format!("{}/{}", local.type_name, local.id))
}

/// The whole address of something there: as it stands, or below the base.
pub fn whole(base: &str, text: &str) -> String {
    match reference::local(text) {
        Some(_) => format!("{base}/{text}"),
        None => text.to_owned(),
    }
}
