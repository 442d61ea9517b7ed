//! Text as [string search](https://hl7.org/fhir/R4/search.html#string) compares it: without case, accents, punctuation and spare whitespace.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `text` in the form that string search compares, in Unicode form NFC.
///
/// - Case is folded (`ß` is `ss`), compatibility forms are resolved (`ﬁ` is `fi`).
/// - Accents go from Latin, Greek and Cyrillic letters, with the strokes and ligatures that Unicode does not take apart (`ł`, `ø`, `æ`).
///   Elsewhere marks are letters' parts: a Devanagari or Telugu word without its vowel signs is another word, so they stay.
/// - Punctuation goes without trace (`O'Brien` is `obrien`), but a dash is a space (`Jean-Pierre` is `jean pierre`).
/// - Whitespace is one space between words and none around them. Joiners and other format characters go.
///
/// Symbols (`+`, `<`, `=`, `$`, `^`, `` ` ``, `|`, `~`) are no punctuation and stay.
///
/// ```
/// use fhir::text::normalize;
///
/// assert_eq!(normalize("  MÜLLER\t-Lüdenscheidt "), "muller ludenscheidt");
/// assert_eq!(normalize("राम"), "राम");
/// ```
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|c| push(&mut out, c.to_ascii_lowercase()));
    } else {
        // Folding can make new combinations, so it stands between two decompositions.
        for c in text.nfkd().flat_map(fold).nfkd() {
            if !is_combining_mark(c) {
                push_letter(&mut out, c);
            } else if out.chars().next_back().is_some_and(|letter| !loses_marks(letter)) {
                out.push(c);
            }
        }
        out = out.nfc().collect();
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Lower, upper, lower: the detour joins what only one of the cases tells apart (`ß` and `ss`, `ς` and `σ`).
fn fold(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Adds a letter, and takes apart those that Unicode calls letters of their own.
fn push_letter(out: &mut String, c: char) {
    let plain = match c {
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'þ' => "th",
        'ı' => "i",
        _ => return push(out, c),
    };
    out.push_str(plain);
}

fn push(out: &mut String, c: char) {
    if c.is_whitespace() || is_dash(c) {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    } else if !is_ignored(c) {
        out.push(c);
    }
}

/// Whether marks on this letter are accents. Marks at the start of a text, on nothing, are taken for accents as well.
fn loses_marks(c: char) -> bool {
    matches!(c,
        '\0'..='\u{24F}'                                                   // Latin, with ASCII and punctuation
        | '\u{250}'..='\u{2AF}' | '\u{1D00}'..='\u{1DBF}' | '\u{1E00}'..='\u{1EFF}'
        | '\u{2C60}'..='\u{2C7F}' | '\u{A720}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB6F}'
        | '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}'                  // Greek
        | '\u{400}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' | '\u{A640}'..='\u{A69F}') // Cyrillic
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{058A}' | '\u{05BE}' | '\u{30FB}')
}

/// Punctuation, control and format characters. ZWJ and ZWNJ only choose how an Indic cluster is drawn.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '!' | '"' | '#' | '%' | '&' | '\'' | '(' | ')' | '*' | ',' | '.' | ':' | ';' | '?' | '@' | '[' | '\\' | ']' | '{' | '}'
        | '\u{A1}' | '\u{A7}' | '\u{AB}' | '\u{B6}' | '\u{B7}' | '\u{BB}' | '\u{BF}' | '\u{AD}'
        | '\u{2B9}'..='\u{2BF}'                                            // modifier apostrophes
        | '\u{55A}'..='\u{55F}' | '\u{5F3}' | '\u{5F4}' | '\u{60C}' | '\u{61B}' | '\u{61F}'
        | '\u{964}' | '\u{965}' | '\u{970}'                                // danda
        | '\u{200B}'..='\u{200F}' | '\u{2016}'..='\u{2027}' | '\u{202A}'..='\u{202E}' | '\u{2030}'..='\u{205E}' | '\u{2060}'..='\u{206F}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}' | '\u{FEFF}')
        || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(a: &str, b: &str) {
        assert_eq!(normalize(a), normalize(b), "{a} {b}");
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(normalize("Müller"), "muller");
        assert_eq!(normalize("ÇA"), "ca");
        assert_eq!(normalize("Dvořák"), "dvorak");
        assert_eq!(normalize("Nguyễn"), "nguyen");
        same("Mu\u{308}ller", "MÜLLER");
        same("İstanbul", "istanbul");
        same("Ёлка", "елка");
        same("Άννα", "αννα");
        same("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς");
    }

    #[test]
    fn letters_that_look_alike_are_alike() {
        assert_eq!(normalize("ﬁ"), "fi");
        assert_eq!(normalize("Strauß"), "strauss");
        assert_eq!(normalize("STRAUẞ"), "strauss");
        assert_eq!(normalize("Łukasz Æbeløe"), "lukasz aebeloe");
        assert_eq!(normalize("ｆｕｌｌ"), "full");
    }

    #[test]
    fn vowel_signs_are_letters() {
        assert_eq!(normalize("రాము"), "రాము");
        assert_eq!(normalize("राम"), "राम");
        assert_ne!(normalize("రాము"), normalize("రమ"));
        assert_ne!(normalize("राम"), normalize("रम"));
        assert_ne!(normalize("क्या"), normalize("कया"));
        same("क्\u{200D}ष", "क्ष");
        same("\u{958}", "\u{915}\u{93C}");
        assert_eq!(normalize("김"), "김");
        assert_ne!(normalize("が"), normalize("か"));
    }

    #[test]
    fn punctuation_and_spare_whitespace_do_not_count() {
        assert_eq!(normalize("O'Brien, Jr."), "obrien jr");
        same("O’Brien", "O'Brien");
        assert_eq!(normalize("Jean-Pierre"), "jean pierre");
        assert_eq!(normalize(" \t Eve \u{A0}\n Every\u{3000}woman  "), "eve every woman");
        assert_eq!(normalize("- ' -"), "");
        assert_eq!(normalize(""), "");
    }

    #[test]
    fn an_accent_after_a_vowel_sign_knows_its_letter() {
        assert_eq!(normalize("é\u{93E}"), "e");
        assert_eq!(normalize("\u{301}x"), "x");
        assert_eq!(normalize("रा\u{901}"), "रा\u{901}");
    }

    proptest! {
        #[test]
        fn normal_text_stays_as_it_is(text in any::<String>()) {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }

        #[test]
        fn scripts_mixed_with_marks_stay_as_they_are(text in "[a-zß\u{300}-\u{315}\u{390}-\u{3CE}\u{900}-\u{97F}\u{C00}-\u{C7F}\u{1E9E}' -]{0,16}") {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once);
        }

        #[test]
        fn ascii_takes_a_short_cut_to_the_same_place(text in "[ -~\t\n]{0,40}") {
            // One letter outside ASCII sends the same text the long way.
            prop_assert_eq!(normalize(&format!("{text}xé")), normalize(&format!("{text}xe")));
        }
    }
}
