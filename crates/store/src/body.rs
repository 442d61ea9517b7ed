//! How a resource's text is laid out before it is compressed and sealed.
//!
//! `meta.versionId` and `meta.lastUpdated` are columns of the row, not part of the sealed text: so the text can be compressed
//! before the write lock is taken, and a read splices them in without parsing. The layout makes that a search for one mark:
//! `{"resourceType":…,"id":…,"meta":{…` always come first, in this order.
//!
//! A Binary's content is base64 in JSON, which hardly compresses. Its bytes are kept as they are instead, behind the JSON and
//! a zero byte (which JSON text never holds), and turned back into base64 when read.

use base64::{Engine, engine::general_purpose::STANDARD};
use fhir::json;
use serde_json::{Map, Value};
use vault::compress::{self, Compressed, Error};

const BINARY: &[u8] = b"{\"resourceType\":\"Binary\",";
const MARK: &[u8] = b"\"meta\":{";

/// The text to keep of `resource` under `id`: everything as it came, but for the two fields that the row holds.
pub fn encode(resource: &Map<String, Value>, id: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    out.extend_from_slice(b"{\"resourceType\":");
    out.extend(json::render(&Value::from(kind)));
    out.extend_from_slice(b",\"id\":");
    out.extend(json::render(&Value::from(id)));
    out.extend_from_slice(b",\"meta\":{");
    if let Some(Value::Object(meta)) = resource.get("meta") {
        members(&mut out, meta, &["versionId", "lastUpdated"], false);
    }
    out.push(b'}');
    let content = if kind == "Binary" { resource.get("data").and_then(plain_content) } else { None };
    let without: &[&str] = if content.is_some() {
        &["resourceType", "id", "meta", "data"]
    } else {
        &["resourceType", "id", "meta"]
    };
    members(&mut out, resource, without, true);
    out.push(b'}');
    if let Some(content) = content {
        out.push(0);
        out.extend(content);
    }
    out
}

/// The bytes behind base64, if they give back exactly the same text.
fn plain_content(data: &Value) -> Option<Vec<u8>> {
    let text = data.as_str()?;
    STANDARD.decode(text).ok().filter(|bytes| STANDARD.encode(bytes) == text)
}

/// Puts a Binary's content back into its JSON.
fn with_content(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.starts_with(BINARY).then(|| text.iter().position(|b| *b == 0)).flatten()?;
    let (json, content) = (text.get(..end)?.strip_suffix(b"}")?, text.get(end + 1..)?);
    let mut out = Vec::with_capacity(json.len() + content.len() / 3 * 4 + 16);
    out.extend_from_slice(json);
    out.extend_from_slice(b",\"data\":\"");
    out.extend_from_slice(STANDARD.encode(content).as_bytes());
    out.extend_from_slice(b"\"}");
    Some(out)
}

fn members(out: &mut Vec<u8>, map: &Map<String, Value>, without: &[&str], mut comma: bool) {
    for (name, value) in map.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
        if comma {
            out.push(b',');
        }
        comma = true;
        out.extend(json::render(&Value::from(name.as_str())));
        out.push(b':');
        out.extend(json::render(value));
    }
}

/// Packs a text for sealing; done before the write lock, because it costs most.
///
/// # Errors
/// Where the text is larger than a resource may be.
pub fn pack(text: &[u8]) -> Result<Compressed, Error> {
    compress::compress(text)
}

/// The text to show: the kept text with its version and time put back.
pub fn decode(text: &[u8], version: i64, updated: i64) -> Vec<u8> {
    let whole = with_content(text);
    let text = whole.as_deref().unwrap_or(text);
    let Some(at) = text.windows(MARK.len()).position(|w| w == MARK).map(|at| at + MARK.len()) else {
        return text.to_vec();
    };
    let stamp = format!("\"versionId\":\"{version}\",\"lastUpdated\":\"{}\"", instant(updated));
    let mut out = Vec::with_capacity(text.len() + stamp.len() + 1);
    out.extend_from_slice(&text[..at]);
    out.extend_from_slice(stamp.as_bytes());
    if text.get(at) != Some(&b'}') {
        out.push(b',');
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// Whether a text, kept or shown, is of that resource.
pub fn is_of(text: &[u8], resource_type: &str, id: &str) -> bool {
    let quoted = |part: &str| json::render(&Value::from(part));
    let start =
        [b"{\"resourceType\":".as_slice(), &quoted(resource_type), b",\"id\":", &quoted(id), b",", MARK]
            .concat();
    text.starts_with(&start)
}

/// The type and logical id of a kept text; `None` where it is not laid out as [`encode`] does it.
pub fn name(text: &[u8]) -> Option<(String, String)> {
    let end = text.windows(MARK.len()).position(|w| w == MARK)?;
    let head = [text.get(..end.checked_sub(1)?)?, b"}"].concat();
    let head: Value = serde_json::from_slice(&head).ok()?;
    let part = |name: &str| Some(head.get(name)?.as_str()?.to_owned());
    Some((part("resourceType")?, part("id")?))
}

/// A FHIR instant in UTC with milliseconds, from microseconds since the epoch.
pub fn instant(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(at) => format!("{at:.3}"),
        Err(_) => "1970-01-01T00:00:00.000Z".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn round(resource: Value) -> Value {
        let text = encode(resource.as_object().unwrap(), "a1");
        serde_json::from_slice(&decode(&text, 7, 1_500_000)).unwrap()
    }

    #[test]
    fn version_and_time_stand_in_what_is_read_and_nothing_else_changes() {
        let shown = round(
            json!({"gender": "male", "meta": {"tag": [{"code": "x"}], "versionId": "99"}, "resourceType": "Patient"}),
        );
        assert_eq!(
            shown,
            json!({"resourceType": "Patient", "id": "a1", "gender": "male",
                   "meta": {"versionId": "7", "lastUpdated": "1970-01-01T00:00:01.500Z", "tag": [{"code": "x"}]}})
        );
    }

    #[test]
    fn a_binary_is_kept_as_bytes_and_shown_as_base64() {
        let binary = json!({"resourceType": "Binary", "contentType": "text/plain", "data": STANDARD.encode([0, 1, 255, 0])});
        let text = encode(binary.as_object().unwrap(), "a1");
        assert!(text.ends_with(b"\0\0\x01\xff\0"));
        let shown = round(binary.clone());
        assert_eq!((&shown["data"], &shown["contentType"]), (&binary["data"], &binary["contentType"]));
    }

    #[test]
    fn base64_that_would_not_come_back_the_same_stays_text() {
        let binary = json!({"resourceType": "Binary", "contentType": "text/plain", "data": "QQ==\n"});
        assert_eq!(round(binary.clone())["data"], binary["data"]);
    }

    #[test]
    fn a_text_tells_whose_it_is() {
        let text = encode(json!({"resourceType": "Basic", "id": "other"}).as_object().unwrap(), "a1");
        for text in [&text, &decode(&text, 7, 0)] {
            assert_eq!(name(text), Some(("Basic".to_owned(), "a1".to_owned())));
            assert!(is_of(text, "Basic", "a1"));
            assert!(!is_of(text, "Basic", "a") && !is_of(text, "Patient", "a1"));
        }
        assert_eq!(name(b"{}"), None);
    }

    #[test]
    fn a_resource_without_meta_gets_one() {
        let shown = round(json!({"resourceType": "Basic", "code": {"text": "\"meta\":{"}}));
        assert_eq!(shown["meta"]["versionId"], "7");
        assert_eq!(shown["code"]["text"], "\"meta\":{");
    }
}
