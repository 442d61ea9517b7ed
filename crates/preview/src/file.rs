//! A PDF file of its objects: numbered from 1, the first is the catalogue.

/// The file.
pub(crate) fn file(objects: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let (mut out, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
    for (at, object) in objects.into_iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", at + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").bytes()));
    let end = format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    out.extend(end.bytes());
    out
}

/// A stream: what its dictionary says beside its length, and its bytes.
pub(crate) fn stream(head: &str, bytes: &[u8]) -> Vec<u8> {
    let begin = format!("<<{head}/Length {}>>stream\n", bytes.len());
    [begin.as_bytes(), bytes, b"\nendstream"].concat()
}
