//! Writing, signing and taking back a note. Each is one commit on the version that its form was opened with.

use super::{Part, Status, WITHDRAWN, appends, is_ours, parts, sections, subject, template::Template, text};
use crate::writing::clinician;
use access::act::Act;
use record::{Record, change::Wish, error::Error, now::Now};
use serde_json::{Value, json};

/// The longest title and the longest reason, in characters.
pub const LINE: usize = 200;

/// How often a save is tried again because somebody else was quicker.
const ATTEMPTS: usize = 4;

/// What somebody typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The template it follows.
    pub template: &'static Template,
    /// What it is called.
    pub title: String,
    /// The id of the Encounter that it is about; empty for none.
    pub visit: String,
    /// The id of the signed note that it is added to; empty for none.
    pub appends: String,
    /// What stands under each heading, and what the heading says in the writer's language.
    pub parts: Vec<Part>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// A note to be saved.
#[derive(Clone, Debug)]
pub struct Save<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// The note's id, which its form was given: sent twice, it is still one note.
    pub id: &'a str,
    /// The version that the form was opened with; 0 where it is new.
    pub opened: i64,
    /// Whether it is signed with this.
    pub sign: bool,
    /// What it says.
    pub draft: &'a Draft,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It stands in the record, in that version.
    Done(i64),
    /// Nothing was typed.
    Empty,
    /// The title is too long.
    Long,
    /// Somebody else has changed it since the form was opened. Nothing was saved.
    Stale,
    /// It was signed meanwhile, and says something else. Nothing was saved.
    Signed,
    /// It was taken back meanwhile, or is not there any more. Nothing was saved.
    Withdrawn,
}

impl Draft {
    /// As it is kept: without what is empty, and with one kind of line breaks.
    #[must_use]
    pub fn cleaned(&self) -> Draft {
        let clean = |part: &Part| Part { text: text::clean(&part.text), ..part.clone() };
        let parts = self.parts.iter().map(clean).filter(|part| !part.text.is_empty());
        let title = text::clean_line(&self.title);
        let title = if title.is_empty() { self.template.display.to_owned() } else { title };
        Draft { title, parts: parts.collect(), ..self.clone() }
    }

    fn is_in(&self, value: &Value) -> bool {
        let mut said = parts(value);
        said.retain(|part| !part.text.is_empty());
        value.get("title").and_then(Value::as_str) == Some(&self.title)
            && super::local(value.get("encounter"), "Encounter") == self.visit
            && said.len() == self.parts.len()
            && self
                .parts
                .iter()
                .all(|part| said.iter().any(|other| (other.key, &other.text) == (part.key, &part.text)))
    }
}

/// Saves a note, and signs it where that is wished. What is in the record already as it was typed is saved.
///
/// # Errors
/// [`Error::NotFound`] where the note, the visit or the note it is added to is another patient's; [`Error::Unsupported`] for a note of
/// another program's; the kernel's own.
pub fn save(record: &Record, act: &Act, save: &Save<'_>) -> Result<Saved, Error> {
    let draft = save.draft.cleaned();
    if !fhir::reference::is_id(save.id) {
        return Err(Error::NotFound);
    }
    if draft.parts.is_empty() {
        return Ok(Saved::Empty);
    }
    if draft.title.chars().count() > LINE {
        return Ok(Saved::Long);
    }
    let (save, operation) = (&Save { draft: &draft, ..save.clone() }, operation(save.sign));
    for _ in 0..ATTEMPTS {
        let now = record.now(act, operation, "Composition", save.id)?;
        if now.as_ref().is_some_and(|now| subject(&now.value) != save.patient) {
            record.refuse(act, operation, "Composition")?;
            return Err(Error::NotFound);
        }
        let (value, base) = match aim(save, act, now.as_ref())? {
            Aim::Come(saved) => return Ok(saved),
            Aim::Write(value) => (value, now.map(|now| (now.version, now.value))),
        };
        tied(record, act, operation, save, base.as_ref().map(|(_, before)| before))?;
        if let Some(version) =
            write(record, act, operation, save.id, value, base.map(|(version, _)| version))?
        {
            return Ok(Saved::Done(version));
        }
    }
    Ok(Saved::Stale)
}

/// The deed's name in the log.
fn operation(sign: bool) -> &'static str {
    if sign { "sign note" } else { "write note" }
}

/// What is to be done.
enum Aim {
    Come(Saved),
    Write(Value),
}

fn aim(save: &Save<'_>, act: &Act, now: Option<&Now>) -> Result<Aim, Error> {
    let Some(now) = now else {
        return Ok(match save.opened {
            0 => Aim::Write(written(save, act, &json!({"resourceType": "Composition", "id": save.id}))),
            _ => Aim::Come(Saved::Withdrawn),
        });
    };
    let is_same = save.draft.is_in(&now.value);
    Ok(match Status::of(&now.value) {
        Status::Signed if is_same => Aim::Come(Saved::Done(now.version)),
        Status::Signed => Aim::Come(Saved::Signed),
        Status::Withdrawn => Aim::Come(Saved::Withdrawn),
        Status::Preliminary if is_same && !save.sign => Aim::Come(Saved::Done(now.version)),
        Status::Preliminary if !is_same && now.version != save.opened => Aim::Come(Saved::Stale),
        Status::Preliminary if !is_ours(&now.value) => {
            let text = "this note was written by another program: change it there";
            return Err(Error::Unsupported(text.into()));
        }
        Status::Preliminary if now.value.get("type").and_then(Template::of) != Some(save.draft.template) => {
            let text = "this form has other headings than the note: open the note again";
            return Err(Error::Unsupported(text.into()));
        }
        Status::Preliminary => Aim::Write(written(save, act, &now.value)),
    })
}

/// Whether the visit and the note that it is added to are this patient's, where they are new to the note.
fn tied(
    record: &Record,
    act: &Act,
    operation: &str,
    save: &Save<'_>,
    before: Option<&Value>,
) -> Result<(), Error> {
    let now = |kind: &str, id: &str| {
        record.there(act, operation, (kind, id), |value| subject(value) == save.patient)
    };
    let had = before.map(|before| super::local(before.get("encounter"), "Encounter")).unwrap_or_default();
    if !save.draft.visit.is_empty() && save.draft.visit != had {
        now("Encounter", &save.draft.visit)?;
    }
    if !save.draft.appends.is_empty() && before.is_none() {
        let note = now("Composition", &save.draft.appends)?;
        if Status::of(&note.value) != Status::Signed || !appends(&note.value).is_empty() {
            return Err(Error::Conflict(
                "an addendum is added to a signed note, and to no other addendum".into(),
            ));
        }
    }
    Ok(())
}

/// Writes on that version, or where there is none; `None` where somebody else was quicker.
fn write(
    record: &Record,
    act: &Act,
    operation: &str,
    id: &str,
    resource: Value,
    base: Option<i64>,
) -> Result<Option<i64>, Error> {
    let wish = Wish::Update {
        resource_type: "Composition".into(),
        id: Some(id.into()),
        query: None,
        resource,
        if_match: base,
        if_none_match: base.is_none(),
    };
    match record.commit(act, operation, &[wish.into()]) {
        Ok(done) => Ok(Some(done.first().map_or(0, |done| done.version))),
        Err(Error::Precondition(_) | Error::Conflict(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Signs a note as it stands in the version that was read.
///
/// # Errors
/// [`Error::NotFound`] where it is another patient's; the kernel's own.
pub fn sign(record: &Record, act: &Act, patient: &str, id: &str, read: i64) -> Result<Saved, Error> {
    let operation = operation(true);
    let now = of_patient(record, act, operation, patient, id)?;
    match Status::of(&now.value) {
        Status::Signed => return Ok(Saved::Done(now.version)),
        Status::Withdrawn => return Ok(Saved::Withdrawn),
        Status::Preliminary if now.version != read => return Ok(Saved::Stale),
        Status::Preliminary => {}
    }
    let mut value = now.value;
    attest(&mut value, act);
    let version = write(record, act, operation, id, value, Some(now.version))?;
    Ok(version.map_or(Saved::Stale, Saved::Done))
}

/// Marks a note as entered in error, with a reason. It stays, and says so.
///
/// # Errors
/// As [`sign`].
pub fn withdraw(record: &Record, act: &Act, patient: &str, id: &str, why: &str) -> Result<Saved, Error> {
    let why = text::clean_line(why);
    match why.chars().count() {
        0 => return Ok(Saved::Empty),
        1..=LINE => {}
        _ => return Ok(Saved::Long),
    }
    for _ in 0..ATTEMPTS {
        let operation = "note in error";
        let now = of_patient(record, act, operation, patient, id)?;
        if Status::of(&now.value) == Status::Withdrawn {
            return Ok(Saved::Done(now.version));
        }
        let value = taken_back(now.value, act, &why);
        if let Some(version) = write(record, act, operation, id, value, Some(now.version))? {
            return Ok(Saved::Done(version));
        }
    }
    Ok(Saved::Stale)
}

/// What a note said in that version: what two who wrote at once began from. `None` where it cannot be had.
///
/// # Errors
/// The kernel's own.
pub fn version(
    record: &Record,
    act: &Act,
    patient: &str,
    id: &str,
    version: i64,
) -> Result<Option<Vec<Part>>, Error> {
    if version < 1 {
        return Ok(None);
    }
    let shown = match record.vread(act, "Composition", id, version) {
        Ok(shown) => shown,
        Err(Error::NotFound | Error::Gone { .. } | Error::Refused) => return Ok(None),
        Err(error) => return Err(error),
    };
    let limits = fhir::json::Limits { depth: fhir::json::MAX_DEPTH, values: usize::MAX };
    let value = fhir::json::parse(&shown.body, limits).map_err(|error| Error::Fault(Box::new(error)))?;
    Ok((subject(&value) == patient).then(|| parts(&value)))
}

fn of_patient(record: &Record, act: &Act, operation: &str, patient: &str, id: &str) -> Result<Now, Error> {
    record.there(act, operation, ("Composition", id), |value| subject(value) == patient)
}

fn taken_back(mut value: Value, act: &Act, why: &str) -> Value {
    let mut extensions = value.get("extension").and_then(Value::as_array).cloned().unwrap_or_default();
    extensions.retain(|extension| {
        ![super::REASON, WITHDRAWN]
            .iter()
            .any(|url| extension.get("url").and_then(Value::as_str) == Some(url))
    });
    extensions.push(json!({"url": super::REASON, "valueCodeableConcept": {"text": why}}));
    extensions.push(json!({"url": WITHDRAWN, "extension": [
        {"url": "by", "valueReference": clinician(act)},
        {"url": "at", "valueDateTime": moment(act)},
    ]}));
    set(&mut value, "extension", Value::Array(extensions));
    set(&mut value, "status", "entered-in-error".into());
    value
}

/// The resource with what the draft says. What it does not speak of stays as it was.
fn written(save: &Save<'_>, act: &Act, before: &Value) -> Value {
    let (draft, mut value) = (save.draft, before.clone());
    let template = draft.template;
    if before.get("status").is_none() {
        let kind = json!({"system": super::LOINC, "code": template.code, "display": template.display});
        set(&mut value, "status", "preliminary".into());
        set(&mut value, "type", json!({"coding": [kind]}));
        set(&mut value, "subject", json!({"reference": format!("Patient/{}", save.patient)}));
        if !draft.appends.is_empty() {
            let target = json!({"reference": format!("Composition/{}", draft.appends)});
            set(&mut value, "relatesTo", json!([{"code": "appends", "targetReference": target}]));
        }
        let mut known_as = act.actor.standing.iter().flat_map(|standing| &standing.known_as);
        if let Some((kind, id)) = known_as.find(|(kind, _)| kind == "Organization") {
            set(&mut value, "custodian", json!({"reference": format!("{kind}/{id}")}));
        }
    }
    if draft.is_in(before) {
        attest(&mut value, act);
        return value;
    }
    set(&mut value, "date", moment(act).into());
    set(&mut value, "title", draft.title.as_str().into());
    match draft.visit.as_str() {
        "" => {
            value.as_object_mut().map(|members| members.shift_remove("encounter"));
        }
        visit => set(&mut value, "encounter", json!({"reference": format!("Encounter/{visit}")})),
    }
    let mut authors = before.get("author").and_then(Value::as_array).cloned().unwrap_or_default();
    let me = clinician(act);
    if !authors.iter().any(|author| is_same(author, &me)) {
        authors.push(me);
    }
    set(&mut value, "author", Value::Array(authors));
    set(&mut value, "section", Value::Array(sectioned(draft, template, before)));
    if save.sign {
        attest(&mut value, act);
    }
    value
}

/// The sections in the template's order, each with what else stood in it.
fn sectioned(draft: &Draft, template: &'static Template, before: &Value) -> Vec<Value> {
    let section = |heading: &'static super::template::Heading| {
        let stood = sections(before).find(|section| template.heading(section) == Some(heading));
        let Some(part) = draft.parts.iter().find(|part| part.key == heading.key) else {
            // Emptied: entries that another program put there are not this form's to take out.
            let mut stood = stood.filter(|section| section.get("entry").is_some())?.clone();
            stood.as_object_mut().map(|members| members.shift_remove("text"));
            return Some(stood);
        };
        let mut section = stood.cloned().unwrap_or_else(|| {
            let coding = json!({"system": super::LOINC, "code": heading.code, "display": heading.display});
            match heading.code {
                "" => json!({"title": part.title}),
                _ => json!({"title": part.title, "code": {"coding": [coding]}}),
            }
        });
        set(&mut section, "text", json!({"status": "additional", "div": text::div(&part.text)}));
        Some(section)
    };
    template.headings.iter().filter_map(section).collect()
}

/// Somebody stands for it.
fn attest(value: &mut Value, act: &Act) {
    let mut attesters = value.get("attester").and_then(Value::as_array).cloned().unwrap_or_default();
    attesters.push(json!({"mode": "legal", "time": moment(act), "party": clinician(act)}));
    set(value, "attester", Value::Array(attesters));
    set(value, "status", "final".into());
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one.get("reference"), other.get("reference")) {
        (None, None) => one.get("display") == other.get("display"),
        (one, other) => one == other,
    }
}

/// To the second, in UTC.
fn moment(act: &Act) -> String {
    jiff::Timestamp::from_second(act.at.as_second()).unwrap_or(act.at).to_string()
}

fn set(value: &mut Value, member: &str, to: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(member.to_owned(), to);
    }
}
