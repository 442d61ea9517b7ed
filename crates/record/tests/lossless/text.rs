//! A reader of JSON that keeps what is written: numbers as text, members by name. For valid documents only.

use std::collections::BTreeMap;

/// A value as it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// `null`, `true`, `false` and numbers, letter by letter.
    Word(String),
    /// A string, unescaped.
    Text(String),
    Items(Vec<Json>),
    Members(BTreeMap<String, Json>),
}

/// Reads one document.
pub(crate) fn read(text: &str) -> Json {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value();
    reader.space();
    assert_eq!(reader.at, text.len(), "something follows the document");
    value
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn next(&self) -> u8 {
        self.text.as_bytes()[self.at]
    }

    fn space(&mut self) {
        while self.text.as_bytes().get(self.at).is_some_and(|c| b" \t\r\n".contains(c)) {
            self.at += 1;
        }
    }

    /// Takes `c` if it stands next, spaces aside.
    fn takes(&mut self, c: u8) -> bool {
        self.space();
        let is_next = self.next() == c;
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Json {
        if self.takes(b'{') {
            let mut members = BTreeMap::new();
            while !self.takes(b'}') {
                self.takes(b',');
                assert!(self.takes(b'"'));
                let name = self.string();
                assert!(self.takes(b':'));
                let value = self.value();
                assert!(members.insert(name, value).is_none(), "a member stands twice");
            }
            return Json::Members(members);
        }
        if self.takes(b'[') {
            let mut items = Vec::new();
            while !self.takes(b']') {
                self.takes(b',');
                items.push(self.value());
            }
            return Json::Items(items);
        }
        if self.takes(b'"') {
            return Json::Text(self.string());
        }
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        assert!(end > 0);
        self.at += end;
        Json::Word(rest[..end].to_owned())
    }

    fn string(&mut self) -> String {
        let mut out = String::new();
        let mut units = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).unwrap();
            if end > 0 || !rest.starts_with('\\') {
                out.push_str(&String::from_utf16(&units).unwrap());
                units.clear();
            }
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return out;
            }
            units.push(self.escape());
        }
    }

    fn escape(&mut self) -> u16 {
        let c = self.next();
        self.at += 1;
        match c {
            b'b' => 8,
            b't' => 9,
            b'n' => 10,
            b'f' => 12,
            b'r' => 13,
            b'u' => {
                self.at += 4;
                u16::from_str_radix(&self.text[self.at - 4..self.at], 16).unwrap()
            }
            c => u16::from(c),
        }
    }
}

impl Json {
    /// Where `shown` first differs from `sent`; version and time of the resource itself aside.
    pub(crate) fn first_difference(sent: &Json, shown: &Json, at: &mut String) -> Option<String> {
        match (sent, shown) {
            (Json::Members(a), Json::Members(b)) => {
                let is_root = at == "$";
                let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for name in names {
                    let length = at.len();
                    at.push('.');
                    at.push_str(name);
                    let found = match (a.get(name), b.get(name)) {
                        _ if matches!(at.as_str(), "$.meta.versionId" | "$.meta.lastUpdated") => None,
                        (Some(a), Some(b)) => Json::first_difference(a, b, at),
                        (None, Some(Json::Members(meta))) if is_root && name == "meta" => {
                            let own = |name: &&String| !matches!(name.as_str(), "versionId" | "lastUpdated");
                            meta.keys().any(|name| own(&name)).then(|| at.clone())
                        }
                        // A server gives an id to what came without.
                        (None, Some(Json::Text(_))) if is_root && name == "id" => None,
                        _ => Some(at.clone()),
                    };
                    if found.is_some() {
                        return found;
                    }
                    at.truncate(length);
                }
                None
            }
            (Json::Items(a), Json::Items(b)) if a.len() == b.len() => {
                for (place, (a, b)) in a.iter().zip(b).enumerate() {
                    let length = at.len();
                    at.push_str(&format!("[{place}]"));
                    let found = Json::first_difference(a, b, at);
                    if found.is_some() {
                        return found;
                    }
                    at.truncate(length);
                }
                None
            }
            (a, b) => (a != b).then(|| at.clone()),
        }
    }
}

#[test]
fn a_difference_is_seen() {
    let differs = |a: &str, b: &str| Json::first_difference(&read(a), &read(b), &mut String::from("$"));
    assert_eq!(differs(r#"{"a":[1.0,"x"],"b":null}"#, r#"{"b":null, "a":[1.0,"\u0078"]}"#), None);
    assert_eq!(differs(r#"{"a":"\ud83d\ude00\"\u00e9"}"#, r#"{"a":"😀\u0022é"}"#), None);
    assert_eq!(differs(r#"{"a":[1.0]}"#, r#"{"a":[1.00]}"#).as_deref(), Some("$.a[0]"));
    assert_eq!(differs(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#).as_deref(), Some("$.a[0]"));
    assert_eq!(differs(r#"{"a":{"b":true}}"#, r#"{"a":{}}"#).as_deref(), Some("$.a.b"));
    assert_eq!(differs(r#"{}"#, r#"{"meta":{"versionId":"1","lastUpdated":"x"},"id":"1"}"#), None);
    assert_eq!(differs(r#"{}"#, r#"{"meta":{"versionId":"1","tag":[]}}"#).as_deref(), Some("$.meta"));
    assert_eq!(
        differs(r#"{"e":{"meta":{"versionId":"1"}}}"#, r#"{"e":{"meta":{"versionId":"2"}}}"#).as_deref(),
        Some("$.e.meta.versionId")
    );
}
