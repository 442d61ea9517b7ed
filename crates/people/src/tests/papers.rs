//! The PDFs that stand in Binary resources.

use super::{PATIENTS, of_type, text};

#[test]
fn every_paper_is_a_pdf_whose_table_is_right() {
    let mut seen = 0;
    for bundle in PATIENTS.iter() {
        for binary in of_type(bundle, "Binary") {
            assert_eq!(binary["contentType"], "application/pdf");
            let bytes = decode(text(&binary["data"]));
            let pdf = String::from_utf8(bytes).unwrap();
            assert!(pdf.starts_with("%PDF-1.4\n") && pdf.ends_with("%%EOF\n") && pdf.len() <= 3072);
            let start: usize = pdf.lines().rev().nth(1).unwrap().parse().unwrap();
            let rows: Vec<&str> =
                pdf[start..].lines().skip(3).take_while(|line| line.ends_with("n ")).collect();
            assert_eq!(rows.len(), 6);
            for (at, row) in rows.iter().enumerate() {
                let offset: usize = row[..10].parse().unwrap();
                assert!(pdf[offset..].starts_with(&format!("{} 0 obj", at + 1)));
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} papers");
}

#[test]
fn a_filed_paper_says_its_true_size() {
    for bundle in PATIENTS.iter() {
        for reference in of_type(bundle, "DocumentReference") {
            let attachment = &reference["content"][0]["attachment"];
            let id = text(&attachment["url"]).trim_start_matches("Binary/");
            let binary = of_type(bundle, "Binary").find(|binary| binary["id"] == id).unwrap();
            assert_eq!(attachment["size"], decode(text(&binary["data"])).len());
            let words = decode(text(&reference["content"][1]["attachment"]["data"]));
            assert!(
                String::from_utf8(words).unwrap().contains("SYNTHETIC TEST DATA"),
                "it is found by its words"
            );
        }
    }
}

fn decode(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut out = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, letter| bits << 6 | u32::from(value(*letter)));
        let padding = group.iter().filter(|letter| **letter == b'=').count();
        out.extend(&bits.to_be_bytes()[1..4 - padding]);
    }
    out
}
