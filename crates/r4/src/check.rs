//! Structural validation of a whole resource against the base definitions of R4:
//! <https://hl7.org/fhir/R4/validation.html>.
//!
//! Looked at: the JSON form, elements and how often they stand, values of primitive types, narrative, codes of required
//! bindings. Not looked at: invariants (FHIRPath), profiles, terminology outside required bindings, what references lead to.
//!
//! One pass over the JSON, and on a valid resource no allocation.

mod binding;
mod path;
pub(crate) mod shape;

#[cfg(test)]
mod tests;

use fhir::outcome::{Issue, IssueCode};
use serde_json::{Map, Value};

use path::Path;
use shape::{Elements, Member, Role, Shape};

/// The most issues told of one resource.
pub const MAX_ISSUES: usize = 100;

/// The deepest an element may stand, counted in elements from the root. Each is at most an array and an object, so that whatever
/// passes is within [`fhir::json::MAX_DEPTH`] and can be read again.
pub const MAX_DEPTH: u16 = 127;

/// What is wrong with `resource`, in the order of its JSON; empty where nothing is. An issue names the element and what to
/// do, never a value. After [`MAX_ISSUES`] one last issue says that there are more.
///
/// ```
/// use serde_json::json;
///
/// assert!(r4::check(&json!({"resourceType": "Patient", "birthDate": "1974-12-25"})).is_empty());
///
/// let issues = r4::check(&json!({"resourceType": "Patient", "birthDate": "1974-02-30"}));
/// assert_eq!(issues[0].expression.as_deref(), Some("Patient.birthDate"));
/// ```
pub fn check(resource: &Value) -> Vec<Issue> {
    let mut walk = Walk { issues: Vec::new(), is_full: false };
    walk.root(resource);
    if walk.is_full {
        let text =
            format!("stopped after {MAX_ISSUES} issues: correct these, then send it again to see the rest");
        walk.issues.push(Issue::information(text));
    }
    walk.issues
}

struct Walk {
    issues: Vec<Issue>,
    is_full: bool,
}

impl Walk {
    fn root(&mut self, value: &Value) {
        match resource_shape(value) {
            Ok((map, shape)) => self.object(map, shape, &Path::root(shape.name)),
            Err(text) => self.issues.push(Issue::error(IssueCode::Structure, text)),
        }
    }

    fn tell(&mut self, code: IssueCode, at: &Path<'_>, text: impl Into<String>) {
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(Issue::error(code, text).at(at.render()));
        } else {
            self.is_full = true;
        }
    }

    /// A resource or complex value, all its members.
    fn object(&mut self, map: &Map<String, Value>, shape: &'static Shape, at: &Path<'_>) {
        if map.is_empty() {
            return self.tell(IssueCode::Structure, at, "must not be an empty object: leave it out");
        }
        if at.depth() > MAX_DEPTH {
            return self.tell(IssueCode::TooLong, at, "elements are nested too deep: make it flatter");
        }
        let (mut seen, mut again): (Elements, Elements) = (0, 0);
        for (key, value) in map {
            if self.is_full {
                return;
            }
            let member = if let Some(member) = shape.member(key) {
                self.element(map, member, value, at);
                member
            } else if let Some(member) = sibling(shape, key) {
                self.sibling(map, member, value, at);
                member
            } else {
                if key != "resourceType" || shape.role != Role::Resource {
                    self.unknown(key, shape, at);
                }
                continue;
            };
            if member.is_choice {
                again |= seen & member.bit();
            }
            seen |= member.bit();
        }
        self.whole(map, shape, (seen, again), at);
    }

    /// What can be said of an object once all its members were seen.
    fn whole(
        &mut self,
        map: &Map<String, Value>,
        shape: &Shape,
        (seen, again): (Elements, Elements),
        at: &Path<'_>,
    ) {
        let missing = shape.required & !seen;
        for (position, element) in shape.elements.iter().enumerate() {
            if missing & shape::bit(position) != 0 {
                let text = format!("{} needs it: give it a value", shape.name);
                self.tell(IssueCode::Required, &at.child(&element.name, None), text);
            }
            if again & shape::bit(position) != 0 && keys_of(map, shape, position) > 1 {
                let text = "stands more than once, with different types: keep one";
                self.tell(IssueCode::Structure, &at.child(&element.name, None), text);
            }
        }
        if shape.role == Role::Extension {
            let stands = |name| {
                shape
                    .elements
                    .iter()
                    .position(|e| &*e.name == name)
                    .is_some_and(|p| seen & shape::bit(p) != 0)
            };
            if stands("extension") == stands("value") {
                self.tell(
                    IssueCode::Invariant,
                    at,
                    "an extension needs either a value or extensions of its own",
                );
            }
        }
    }

    /// One member of an object: a single value or an array of them.
    fn element(&mut self, map: &Map<String, Value>, member: &'static Member, value: &Value, at: &Path<'_>) {
        match (value, member.is_array) {
            (Value::Array(items), true) => {
                self.count(items.len(), member, at);
                for (index, item) in items.iter().enumerate() {
                    if self.is_full {
                        return;
                    }
                    let at = at.child(member.name, Some(index));
                    if item.is_null() && is_extended(map, member, index) {
                        continue;
                    }
                    self.value(member, item, &at);
                }
            }
            (Value::Array(_), false) => {
                self.tell(
                    IssueCode::Structure,
                    &at.child(member.name, None),
                    "must be a single value, not an array",
                );
            }
            (_, true) => {
                self.tell(IssueCode::Structure, &at.child(member.name, None), "must be a JSON array")
            }
            (value, false) => self.value(member, value, &at.child(member.name, None)),
        }
    }

    fn count(&mut self, count: usize, member: &Member, at: &Path<'_>) {
        if count == 0 {
            let text = "must not be an empty array: leave it out";
            self.tell(IssueCode::Structure, &at.child(member.name, None), text);
        } else if count < member.min {
            let text = format!("must stand {} times at least", member.min);
            self.tell(IssueCode::Required, &at.child(member.name, None), text);
        } else if count > member.max {
            let text = format!("must stand {} times at most", member.max);
            self.tell(IssueCode::Structure, &at.child(member.name, None), text);
        }
    }

    fn value(&mut self, member: &'static Member, value: &Value, at: &Path<'_>) {
        if value.is_null() {
            return self.tell(IssueCode::Structure, at, "must not be null: leave it out");
        }
        match (member.role, value) {
            (Role::Primitive(format), value) => match format.check(value) {
                Ok(()) => self.binding(member, value, at),
                Err(fault) => self.tell(fault.code, at, fault.text),
            },
            (Role::AnyResource, value) => match resource_shape(value) {
                Ok((map, shape)) => self.object(map, shape, at),
                Err(text) => self.tell(IssueCode::Structure, at, text),
            },
            (_, Value::Object(map)) => {
                self.object(map, member.shape(), at);
                self.binding(member, value, at);
            }
            _ => self.tell(IssueCode::Structure, at, "must be a JSON object"),
        }
    }

    fn binding(&mut self, member: &Member, value: &Value, at: &Path<'_>) {
        let Some(set) = member.binding else { return };
        if !binding::holds(member.role, value, set) {
            self.tell(IssueCode::CodeInvalid, at, binding::say(set));
        }
    }

    /// `_name`: id and extensions of a primitive value, or of each in an array.
    fn sibling(&mut self, map: &Map<String, Value>, member: &'static Member, value: &Value, at: &Path<'_>) {
        match (value, member.is_array) {
            (Value::Object(inner), false) => self.object(inner, member.shape(), &at.child(member.name, None)),
            (Value::Array(items), true) => {
                let values = map.get(member.key).and_then(Value::as_array);
                if values.is_some_and(|values| values.len() < items.len()) || items.is_empty() {
                    let text =
                        format!("`_{0}` must match `{0}` place by place, with null in gaps", member.key);
                    self.tell(IssueCode::Structure, &at.child(member.name, None), text);
                }
                for (index, item) in items.iter().enumerate() {
                    let has_value =
                        values.and_then(|values| values.get(index)).is_some_and(|value| !value.is_null());
                    let at = at.child(member.name, Some(index));
                    match item {
                        Value::Object(inner) => self.object(inner, member.shape(), &at),
                        Value::Null if has_value => {}
                        Value::Null if values.is_some_and(|values| values.len() > index) => {} // told where the value is null
                        _ => self.tell(IssueCode::Structure, &at, "must be an object with id or extension"),
                    }
                    if self.is_full {
                        return;
                    }
                }
            }
            _ => {
                let what = if member.is_array { "an array of objects" } else { "an object" };
                let text = format!("`_{}` must be {what} with id or extension", member.key);
                self.tell(IssueCode::Structure, &at.child(member.name, None), text);
            }
        }
    }

    fn unknown(&mut self, key: &str, shape: &Shape, at: &Path<'_>) {
        // A key from outside is told only where it could be an element's name.
        let is_name = key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_name {
            let text = format!(
                "`{key}` is not an element of {}: remove it, or say it with an extension",
                shape.name
            );
            self.tell(IssueCode::Structure, at, text);
        } else {
            let text = format!("{} has a member whose name is no element's: remove it", shape.name);
            self.tell(IssueCode::Structure, at, text);
        }
    }
}

/// The resource's members and the shape of the type it names.
fn resource_shape(value: &Value) -> Result<(&Map<String, Value>, &'static Shape), &'static str> {
    let Value::Object(map) = value else { return Err("must be a JSON object with a resourceType") };
    let Some(Value::String(name)) = map.get("resourceType") else {
        return Err("must name its type in resourceType");
    };
    match shape::find(name) {
        Some(shape) if shape.role == Role::Resource => Ok((map, shape)),
        _ => Err(
            "resourceType must be a resource type of FHIR R4: see https://hl7.org/fhir/R4/resourcelist.html",
        ),
    }
}

fn sibling(shape: &'static Shape, key: &str) -> Option<&'static Member> {
    key.strip_prefix('_').and_then(|key| shape.member(key)).filter(|member| member.has_sibling)
}

/// Whether `_name` says something at that place, so that the value there may be null.
fn is_extended(map: &Map<String, Value>, member: &Member, index: usize) -> bool {
    member.has_sibling
        && map
            .get(&format!("_{}", member.key))
            .and_then(|items| items.get(index))
            .is_some_and(Value::is_object)
}

/// How many keys of one choice element stand, `valueString` and `_valueString` counted as one.
fn keys_of(map: &Map<String, Value>, shape: &Shape, element: usize) -> usize {
    let is_ours = |key: &&String| shape.member(key).is_some_and(|member| member.element == element);
    let lone = |key: &&String| {
        key.strip_prefix('_').is_some_and(|bare| !map.contains_key(bare) && is_ours(&&bare.to_owned()))
    };
    map.keys().filter(|key| is_ours(key) || lone(key)).count()
}
