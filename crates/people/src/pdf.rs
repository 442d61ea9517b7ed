//! A minimal PDF: one page of Helvetica text, small enough to stand in thousands of charts.

use std::fmt::Write;

/// Lines that fit on the page; more are left out.
const LINES: usize = 48;

/// A one-page PDF 1.4 document with `title` above `lines`. Characters outside ASCII become `?`.
pub(crate) fn page(title: &str, lines: &[String]) -> Vec<u8> {
    let content = content(title, lines);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}endstream", content.len()),
        font("Helvetica"),
        font("Helvetica-Bold"),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut offsets = Vec::with_capacity(objects.len());
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let start = out.len();
    let count = objects.len() + 1;
    let _ = write!(out, "xref\n0 {count}\n0000000000 65535 f \n");
    for offset in offsets {
        let _ = writeln!(out, "{offset:010} 00000 n ");
    }
    let _ = write!(out, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.into_bytes()
}

fn font(name: &str) -> String {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
}

fn content(title: &str, lines: &[String]) -> String {
    let mut out = format!("BT\n/F2 16 Tf\n50 790 Td\n({}) Tj\n/F1 10 Tf\n0 -28 Td\n14 TL\n", literal(title));
    for line in lines.iter().take(LINES) {
        let _ = writeln!(out, "({}) Tj T*", literal(line));
    }
    out.push_str("ET\n");
    out
}

/// Text inside a PDF literal string.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' | ')' | '\\' => out.extend(['\\', letter]),
            ' '..='~' => out.push(letter),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn every_offset_points_at_its_object() {
        let lines: Vec<String> = (0..60).map(|n| format!("Line {n} (with) \\ marks – and more")).collect();
        check(&page("Discharge summary", &lines));
        check(&page("", &[]));
    }

    fn check(bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(
            text.is_ascii() && text.starts_with("%PDF-") && text.ends_with("%%EOF\n") && bytes.len() < 3072
        );
        let start: usize = text.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        let table: Vec<&str> = text[start..].lines().skip(3).take(6).collect();
        assert!(text[start..].starts_with("xref\n0 7\n"));
        for (at, row) in table.iter().enumerate() {
            let offset: usize = row[..10].parse().unwrap();
            assert!(text[offset..].starts_with(&format!("{} 0 obj\n", at + 1)), "{row}");
            assert_eq!(row.len() + 1, 20);
        }
        let stream = text.split("stream\n").nth(1).unwrap();
        let length: usize =
            text.split("/Length ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert_eq!(stream.len(), length + "end".len());
    }
}
