//! What a file is, by what stands in it: neither its name nor what a browser says of it is believed.
//!
//! A record takes papers and pictures. What could run, unpack into something larger, or be opened as a page is refused, whatever it is
//! called, so that nobody downloads from a chart what they would not open from a stranger.
//!
//! Source: <https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern>, OWASP ASVS V5 (file handling)

/// A kind of file that a record takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A document in fixed pages.
    Pdf,
    /// A photograph.
    Jpeg,
    /// A picture without losses.
    Png,
    /// A picture for the web.
    Webp,
    /// A photograph of a telephone.
    Heic,
    /// A scan.
    Tiff,
    /// A medical image.
    Dicom,
    /// Words in UTF-8.
    Text,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is in it.
    Empty,
    /// It is longer than [`super::LONGEST`].
    TooLong,
    /// It is a program.
    Program,
    /// It is an archive, or a document that is one (`.docx`): what is in it could be anything, of any size.
    Archive,
    /// It is a page or a drawing that could run something.
    Markup,
    /// It is none of the kinds that a record takes.
    Unknown,
    /// It bears the mark by which virus scanners are tested, or a scanner found something.
    Malware,
}

impl Kind {
    /// All that are taken.
    pub const ALL: [Kind; 8] =
        [Kind::Pdf, Kind::Jpeg, Kind::Png, Kind::Webp, Kind::Heic, Kind::Tiff, Kind::Dicom, Kind::Text];

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Webp => "image/webp",
            Kind::Heic => "image/heic",
            Kind::Tiff => "image/tiff",
            Kind::Dicom => "application/dicom",
            Kind::Text => "text/plain",
        }
    }

    /// What these bytes are.
    ///
    /// ```
    /// use care::upload::kind::{Kind, Refusal};
    /// assert_eq!(Kind::of(b"%PDF-1.7\n..."), Ok(Kind::Pdf));
    /// assert_eq!(Kind::of(b"MZ\x90\x00\x03"), Err(Refusal::Program));
    /// ```
    ///
    /// # Errors
    /// Why they are not taken.
    pub fn of(bytes: &[u8]) -> Result<Kind, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::Empty);
        }
        if bytes.len() > super::LONGEST {
            return Err(Refusal::TooLong);
        }
        if holds(bytes, &test_mark()) {
            return Err(Refusal::Malware);
        }
        let starts = |marks: &[&[u8]]| marks.iter().any(|mark| bytes.starts_with(mark));
        if starts(&PROGRAMS) {
            return Err(Refusal::Program);
        }
        if starts(&ARCHIVES) || at(bytes, 257, b"ustar") {
            return Err(Refusal::Archive);
        }
        let picture = match bytes {
            _ if starts(&[b"%PDF-"]) => Some(Kind::Pdf),
            _ if starts(&[b"\xff\xd8\xff"]) => Some(Kind::Jpeg),
            _ if starts(&[b"\x89PNG\r\n\x1a\n"]) => Some(Kind::Png),
            _ if starts(&[b"RIFF"]) && at(bytes, 8, b"WEBP") => Some(Kind::Webp),
            _ if at(bytes, 4, b"ftyp") && HEIC.iter().any(|brand| at(bytes, 8, brand)) => Some(Kind::Heic),
            _ if starts(&[b"II*\0", b"MM\0*"]) => Some(Kind::Tiff),
            _ if at(bytes, 128, b"DICM") => Some(Kind::Dicom),
            _ => None,
        };
        picture.map_or_else(|| words(bytes), Ok)
    }
}

/// Beginnings of what machines run: Windows, Linux, macOS, Java, WebAssembly, scripts.
const PROGRAMS: [&[u8]; 9] = [
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"#!",
];

/// Beginnings of what unpacks: zip (and what office programs write), gzip, bzip2, xz, 7-zip, rar, zstd, cabinets, OLE.
const ARCHIVES: [&[u8]; 10] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"\xd0\xcf\x11\xe0",
];

const HEIC: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"];

/// Beginnings of tags with which something that looks like words is a page or a drawing for a browser.
const TAGS: [&str; 9] =
    ["<!doctype", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<?xml", "<!entity"];

fn at(bytes: &[u8], place: usize, mark: &[u8]) -> bool {
    bytes.get(place..).is_some_and(|rest| rest.starts_with(mark))
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|part| part == mark)
}

/// Words: UTF-8 without control characters, and nothing that a browser would take for a page.
fn words(bytes: &[u8]) -> Result<Kind, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Unknown)?;
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if text.chars().any(is_control) {
        return Err(Refusal::Unknown);
    }
    let folded = text.to_ascii_lowercase();
    match TAGS.iter().any(|tag| folded.contains(tag)) {
        true => Err(Refusal::Markup),
        false => Ok(Kind::Text),
    }
}

/// The mark of the test file on which virus scanners agree (EICAR). It is put together here, so that no scanner takes this program for it.
fn test_mark() -> Vec<u8> {
    ["EICAR", "STANDARD", "ANTIVIRUS", "TEST", "FILE!"].join("-").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_a_file_is_what_stands_in_it() {
        let mut dicom = vec![0; 128];
        dicom.extend(b"DICM");
        for (bytes, kind) in [
            (&b"%PDF-1.4\n%\xe2\xe3"[..], Kind::Pdf),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0", Kind::Png),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Webp),
            (b"\0\0\0\x18ftypheic\0\0", Kind::Heic),
            (b"II*\0\x08\0", Kind::Tiff),
            (b"MM\0*\0\x08", Kind::Tiff),
            (&dicom, Kind::Dicom),
            ("Temp 38.5 \u{b0}C\r\nజ్వరం\tबुखार".as_bytes(), Kind::Text),
            (b"1 < 2 and 3 > 2", Kind::Text),
        ] {
            assert_eq!(Kind::of(bytes), Ok(kind), "{kind:?}");
            assert!(!kind.media_type().is_empty());
        }
    }

    #[test]
    fn d1_what_runs_unpacks_or_is_a_page_is_refused_whatever_it_is_called() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar");
        for (bytes, refusal) in [
            (&b""[..], Refusal::Empty),
            (b"MZ\x90\0\x03", Refusal::Program),
            (b"\x7fELF\x02", Refusal::Program),
            (b"#!/bin/sh\nrm", Refusal::Program),
            (b"PK\x03\x04\x14", Refusal::Archive),
            (b"\x1f\x8b\x08\0", Refusal::Archive),
            (b"\xd0\xcf\x11\xe0\xa1", Refusal::Archive),
            (&tar, Refusal::Archive),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", Refusal::Markup),
            (b"  \n<!DOCTYPE html><p>", Refusal::Markup),
            (b"hello <ScRiPt>alert(1)</script>", Refusal::Markup),
            (b"GIF89a\x01\0", Refusal::Unknown),
            (b"\0\0\0\0", Refusal::Unknown),
            (b"caf\xe9", Refusal::Unknown),
        ] {
            assert_eq!(Kind::of(bytes), Err(refusal), "{refusal:?}");
        }
        assert_eq!(Kind::of(&vec![b'a'; super::super::LONGEST + 1]), Err(Refusal::TooLong));
    }

    #[test]
    fn d1_the_test_file_of_virus_scanners_is_found_wherever_it_stands() {
        let mark = test_mark();
        assert_eq!(Kind::of(&[&b"X5O!P%@AP[4"[..], &mark, b"!$H+H*"].concat()), Err(Refusal::Malware));
        assert_eq!(Kind::of(&[&b"%PDF-1.7 "[..], &mark].concat()), Err(Refusal::Malware));
        assert_eq!(Kind::of(&mark[1..]), Ok(Kind::Text));
    }
}
