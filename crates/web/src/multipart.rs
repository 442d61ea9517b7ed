//! Forms with files in them.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc7578>

use bytes::Bytes;
use futures_util::stream;

/// A file that came with a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// The field that it came in.
    pub field: String,
    /// Its name on the device that it comes from, as the browser says it.
    pub name: String,
    /// What stands in it.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// The boundary that a `Content-Type` names, where it is that of a form with files.
pub fn boundary(content_type: &str) -> Option<String> {
    multer::parse_boundary(content_type).ok()
}

/// Fields and files of a whole body; `None` where it is none. A file field that was left empty sends a file without name and content,
/// which is no file.
pub async fn parse(body: Bytes, boundary: &str, most: usize) -> Option<(Vec<(String, String)>, Vec<Sent>)> {
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let whole = stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    while let Some(part) = parts.next_field().await.ok()? {
        let field = part.name()?.to_owned();
        let name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.ok()?;
        match name {
            Some(name) if name.is_empty() && bytes.is_empty() => {}
            Some(name) => files.push(Sent { field, name, bytes }),
            None => fields.push((field, String::from_utf8(bytes.to_vec()).ok()?)),
        }
        if fields.len() + files.len() > most {
            return None;
        }
    }
    Some((fields, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=\"-x-\"";

    async fn parsed(text: &str) -> Option<(Vec<(String, String)>, Vec<Sent>)> {
        let body = Bytes::from(text.replace('\n', "\r\n"));
        parse(body, &boundary(KIND).unwrap(), 4).await
    }

    fn part(name: &str, file: Option<&str>, text: &str) -> String {
        let file =
            file.map(|file| format!("; filename=\"{file}\"\nContent-Type: text/html")).unwrap_or_default();
        format!("---x-\nContent-Disposition: form-data; name=\"{name}\"{file}\n\n{text}\n")
    }

    #[tokio::test]
    async fn fields_and_files_come_apart() {
        let body = part("title", None, "జ్వరం")
            + &part("file", Some("a b.pdf"), "%PDF")
            + &part("more", Some(""), "");
        let (fields, files) = parsed(&(body + "---x---\n")).await.unwrap();
        assert_eq!(fields, [("title".to_owned(), "జ్వరం".to_owned())]);
        assert_eq!(files.len(), 1);
        assert_eq!(
            (files[0].field.as_str(), files[0].name.as_str(), &files[0].bytes[..]),
            ("file", "a b.pdf", &b"%PDF"[..])
        );
        assert_eq!(format!("{files:?}"), "[sealed]");
    }

    #[tokio::test]
    async fn what_is_no_such_form_is_none() {
        let many: String = (0..5).map(|n| part(&n.to_string(), None, "x")).collect();
        for bad in ["", "x", &part("a", None, "x"), "---x-\n\nx\n---x---\n", &(many + "---x---\n")] {
            assert!(parsed(bad).await.is_none(), "{bad}");
        }
        for kind in ["multipart/form-data", "multipart/mixed; boundary=a", "application/json", ""] {
            assert!(boundary(kind).is_none(), "{kind}");
        }
    }
}
