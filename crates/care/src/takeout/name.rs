//! Names of files that every system can keep: nothing but a name, whatever a title says.

use std::collections::HashSet;

/// What is named by what it is; everything else is bytes, so that nothing opens as a program or a page.
const KNOWN: [(&str, &str); 10] = [
    ("application/pdf", "pdf"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/tiff", "tif"),
    ("image/heic", "heic"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("application/dicom", "dcm"),
    ("application/fhir+json", "json"),
];

/// The longest title in a name, in bytes of UTF-8: with folder, number and ending it fits wherever 255 are allowed.
const LONGEST: usize = 150;

/// The ending of a file of that media type.
pub fn ending(content_type: &str) -> &'static str {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    KNOWN.iter().find(|(known, _)| *known == kind).map_or("bin", |(_, ending)| ending)
}

/// Letters, digits and the signs that belong to letters; spaces, hyphens and underscores. No separators, no control characters, nothing that
/// turns the direction of writing or cannot be seen.
fn is_kept(c: char) -> bool {
    let is_mark = matches!(c, '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0dff}');
    c.is_alphanumeric() || is_mark || c == '-' || c == '_'
}

/// A title as a part of a file's name; `document` where nothing of it is left.
///
/// ```
/// use care::takeout::name::plain;
/// assert_eq!(plain("../a\"; x=\r\n\u{202e}fdp.exe"), "a x fdp exe");
/// assert_eq!(plain("జ్వరం"), "జ్వరం");
/// assert_eq!(plain("..."), "document");
/// ```
pub fn plain(title: &str) -> String {
    let kept: String = title.chars().map(|c| if is_kept(c) { c } else { ' ' }).collect();
    let mut name = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = (0..=LONGEST.min(name.len())).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
    name.truncate(end);
    let name = name.trim_matches([' ', '-']);
    if name.is_empty() { "document".to_owned() } else { name.to_owned() }
}

/// The names of the papers of one record, each different from all others on every system.
pub struct Papers {
    digits: usize,
    count: usize,
}

impl Papers {
    /// For so many papers.
    pub fn new(most: usize) -> Papers {
        Papers { digits: most.max(10).to_string().len(), count: 0 }
    }

    /// The path of the next one. Its number makes it unique, also where capital letters do not count, and is no name that a system reserves.
    pub fn next(&mut self, title: &str, content_type: &str) -> String {
        self.count += 1;
        let (count, width) = (self.count, self.digits);
        format!("documents/{count:0width$} {}.{}", plain(title), ending(content_type))
    }
}

/// Whether a path is one that is written here: a reader takes no other.
pub fn is_ours(path: &str) -> bool {
    let fixed: HashSet<&str> = ["README.txt", "record.html", "who-looked.csv"].into();
    let inner = path.strip_prefix("fhir/").or_else(|| path.strip_prefix("documents/"));
    let is_name = |name: &str| {
        let bad =
            |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*');
        !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(bad)
    };
    fixed.contains(path) || inner.is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn papers_are_numbered_and_end_in_what_they_are() {
        let mut papers = Papers::new(3);
        assert_eq!(papers.next("Letter", "application/pdf; charset=x"), "documents/01 Letter.pdf");
        assert_eq!(papers.next("letter.html", "text/html"), "documents/02 letter html.bin");
        assert_eq!(papers.next("CON", "TEXT/PLAIN"), "documents/03 CON.txt");
        assert_eq!(Papers::new(1_000).next("", ""), "documents/0001 document.bin");
    }

    #[test]
    fn a_path_that_climbs_or_lies_elsewhere_is_not_ours() {
        assert!(["README.txt", "fhir/Patient.2.ndjson", "documents/01 జ్వరం.pdf"].into_iter().all(is_ours));
        for path in [
            "",
            "/README.txt",
            "../x",
            "fhir/../x",
            "fhir/",
            "documents/a/b",
            "documents/a\\b",
            "fhir/.x",
            "x.txt",
            "documents/C:x",
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_title_says_its_name_can_be_kept_everywhere(title in ".{0,300}") {
            let path = Papers::new(1).next(&title, "application/pdf");
            prop_assert!(is_ours(&path), "{path}");
            let name = path.strip_prefix("documents/01 ").unwrap().strip_suffix(".pdf").unwrap();
            prop_assert!(!name.is_empty() && name.len() <= LONGEST);
            let turns = |c: char| matches!(c, '.' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let turned = name.chars().any(turns);
            prop_assert!(!turned);
        }
    }
}
