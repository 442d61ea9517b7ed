//! Media that is compressed already, told by its first bytes: compressing it again costs time and saves nothing.
//! What this does not know is tried, and stored as it is when that is not larger.

/// Signatures that stand at the very beginning.
const AT_START: [&[u8]; 14] = [
    b"\xff\xd8\xff",             // JPEG
    b"\x89PNG\r\n\x1a\n",        // PNG
    b"GIF8",                     // GIF
    b"PK\x03\x04",               // ZIP, and with it DOCX, XLSX, EPUB
    b"\x1f\x8b",                 // gzip
    b"\x28\xb5\x2f\xfd",         // zstd
    b"\xfd7zXZ\x00",             // xz
    b"BZh",                      // bzip2
    b"7z\xbc\xaf\x27\x1c",       // 7-Zip
    b"\x00\x00\x00\x0cjP  \r\n", // JPEG 2000
    b"\xff\x4f\xff\x51",         // JPEG 2000 code stream
    b"\x1a\x45\xdf\xa3",         // WebM, Matroska
    b"OggS",                     // Ogg
    b"ID3",                      // MP3
];

/// Transfer syntaxes of DICOM whose pixels are compressed: JPEG family, MPEG, RLE; and the deflated one.
/// <https://dicom.nema.org/medical/dicom/current/output/chtml/part05/chapter_10.html>
const DICOM_COMPRESSED: [&[u8]; 2] = [b"1.2.840.10008.1.2.4.", b"1.2.840.10008.1.2.1.99"];
const DICOM_RLE: &[u8] = b"1.2.840.10008.1.2.5";
/// The transfer syntax stands in the file meta group, among the first elements.
const DICOM_META_BYTES: usize = 1024;

/// Whether content that begins with `start` is compressed already. PDF is not in the list: many hold plain text and
/// fonts that still shrink.
pub(super) fn is_packed(start: &[u8]) -> bool {
    AT_START.iter().any(|signature| start.starts_with(signature))
        || start.get(4..8) == Some(b"ftyp") // MP4, HEIC, AVIF
        || (start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP"))
        || is_packed_dicom(start)
}

fn is_packed_dicom(start: &[u8]) -> bool {
    if start.get(128..132) != Some(b"DICM") {
        return false;
    }
    let meta = &start[132..start.len().min(DICOM_META_BYTES)];
    let holds = |uid: &[u8]| meta.windows(uid.len()).any(|window| window == uid);
    DICOM_COMPRESSED.iter().any(|uid| holds(uid)) || holds(DICOM_RLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dicom(transfer_syntax: &str) -> Vec<u8> {
        let mut file = vec![0; 128];
        file.extend_from_slice(b"DICM\x02\x00\x10\x00UI\x16\x00");
        file.extend_from_slice(transfer_syntax.as_bytes());
        file.resize(4096, 0);
        file
    }

    #[test]
    fn compressed_media_is_known_by_its_first_bytes() {
        let mp4 = b"\x00\x00\x00\x20ftypisom";
        let webp = b"RIFF\x10\x00\x00\x00WEBPVP8 ";
        for start in AT_START.iter().copied().chain([&mp4[..], &webp[..]]) {
            assert!(is_packed(start), "{start:?}");
        }
    }

    #[test]
    fn what_may_shrink_is_tried() {
        for start in [&b""[..], b"\x1f", b"%PDF-1.7", b"RIFF\x10\x00\x00\x00WAVEfmt ", b"{\"resourceType\""] {
            assert!(!is_packed(start), "{start:?}");
        }
    }

    #[test]
    fn dicom_is_judged_by_its_transfer_syntax() {
        assert!(!is_packed(&dicom("1.2.840.10008.1.2.1\0"))); // explicit little endian
        assert!(!is_packed(&dicom("1.2.840.10008.1.2")));
        assert!(is_packed(&dicom("1.2.840.10008.1.2.4.70")));
        assert!(is_packed(&dicom("1.2.840.10008.1.2.1.99")));
        assert!(is_packed(&dicom("1.2.840.10008.1.2.5\0")));
    }
}
