//! A transaction Bundle that puts every resource under its own id, so that loading twice changes nothing.

use crate::code::other::TEST_DATA;
use crate::value::object;
use crate::value::{ROOT, coding};
use serde_json::{Map, Value};

/// A bundle under construction.
pub(crate) struct Bundle {
    entries: Vec<Value>,
    meta: Value,
}

impl Bundle {
    /// An empty bundle, for resources that come from the system `source`.
    pub(crate) fn new(source: &str) -> Bundle {
        Bundle { entries: Vec::new(), meta: meta(source) }
    }

    /// From here on resources come from another system.
    pub(crate) fn source(&mut self, source: &str) {
        self.meta = meta(source);
    }

    /// Adds the resource `kind/id`; `body` is everything but resourceType, id and meta.
    pub(crate) fn put(&mut self, kind: &str, id: &str, body: Value) {
        let mut resource = Map::with_capacity(16);
        resource.insert("resourceType".into(), kind.into());
        resource.insert("id".into(), id.into());
        resource.insert("meta".into(), self.meta.clone());
        if let Value::Object(members) = body {
            resource.extend(members);
        }
        let mut request = Map::with_capacity(2);
        request.insert("method".into(), "PUT".into());
        request.insert("url".into(), format!("{kind}/{id}").into());
        let mut entry = Map::with_capacity(3);
        entry.insert("fullUrl".into(), format!("{ROOT}/fhir/{kind}/{id}").into());
        entry.insert("resource".into(), Value::Object(resource));
        entry.insert("request".into(), Value::Object(request));
        self.entries.push(Value::Object(entry));
    }

    /// The Bundle resource.
    pub(crate) fn finish(self, id: &str) -> Value {
        object!({
            "resourceType": "Bundle",
            "id": id,
            "meta": self.meta,
            "type": "transaction",
            "entry": self.entries,
        })
    }
}

fn meta(source: &str) -> Value {
    object!({"source": source, "tag": [coding(&TEST_DATA)]})
}
