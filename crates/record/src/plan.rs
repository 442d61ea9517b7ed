//! From wishes to prepared rows, without any lock: find targets, rename references, lay out, pack, index.

use crate::{
    Record,
    change::{Change, Done, DoneKind, Wish},
    error::Error,
    facts,
    search::{name, parse, stored_value},
    signed, subscription,
};
use access::{act::Act, grant::Grant, scope::Permission};
use fhir::{
    outcome::{Issue, IssueCode},
    reference::{self, Reference, rewrite::replace_full_urls},
};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use std::sync::Arc;
use store::{
    batch::{Condition, Op, Put},
    body,
    index::Index,
    read::Stored,
    select::Select,
};

/// Everything about one commit that can be known before the lock.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) puts: Vec<Put>,
    pub(crate) conditions: Vec<Condition>,
    /// What is shown without being written: a conditional create that found one.
    pub(crate) shown: Vec<Stored>,
    /// What will have been done, with the laid out text; in the order of the wishes.
    pub(crate) done: Vec<Planned>,
    /// Whether the house itself writes.
    by_house: bool,
}

/// One wish's outcome, before its version is known.
pub(crate) struct Planned {
    pub(crate) done: Done,
    /// Which put it waits for, and the laid out text; `None` where nothing is written.
    pub(crate) put: Option<(usize, Vec<u8>)>,
}

/// A wish with its target found.
struct Aim<'c> {
    op: Option<Op>,
    resource_type: &'c str,
    id: String,
    /// What is stored under that id now, deletions included.
    now: Option<Stored>,
    resource: Option<&'c Value>,
    grant: Arc<Grant>,
}

impl Record {
    /// Plans all wishes. `fresh` holds an id for each wish that may need one, the same at every attempt.
    pub(crate) fn plan(
        &self,
        act: &Act,
        operation: &str,
        changes: &[Change],
        fresh: &[String],
        by_house: bool,
    ) -> Result<Plan, Error> {
        let mut plan = Plan { by_house, ..Plan::default() };
        let mut grants = Grants::default();
        let mut aims = Vec::with_capacity(changes.len());
        for (change, fresh) in changes.iter().zip(fresh) {
            aims.push(self.aim(act, operation, &mut grants, &mut plan, &change.wish, fresh)?);
        }
        let mut taken = FxHashSet::default();
        for aim in aims.iter().filter(|aim| aim.op.is_some()) {
            if !taken.insert((aim.resource_type, aim.id.as_str())) {
                return Err(invalid(
                    IssueCode::Duplicate,
                    format!(
                        "two entries change the same {}: give each resource one entry",
                        aim.resource_type
                    ),
                ));
            }
        }
        let names: FxHashMap<&str, String> = changes
            .iter()
            .zip(&aims)
            .filter_map(|(change, aim)| {
                Some((change.full_url.as_deref()?, format!("{}/{}", aim.resource_type, aim.id)))
            })
            .collect();
        let mut conditional = FxHashMap::default();
        for aim in aims {
            let planned = self.prepare(act, operation, &mut plan, aim, &names, &mut conditional)?;
            plan.done.push(planned);
        }
        Ok(plan)
    }

    fn aim<'c>(
        &self,
        act: &Act,
        operation: &str,
        grants: &mut Grants,
        plan: &mut Plan,
        wish: &'c Wish,
        fresh: &str,
    ) -> Result<Aim<'c>, Error> {
        match wish {
            Wish::Create { resource, if_none_exist } => {
                let resource_type = type_of(resource)?;
                let grant = grants.get(self, act, operation, Permission::Create, resource_type)?;
                let found = match if_none_exist {
                    Some(query) => self.select_one(act, operation, grants, plan, resource_type, query)?,
                    None => None,
                };
                let (op, id, now) = match found {
                    Some(stored) => (None, name(&stored.body).1, Some(stored)),
                    None => (Some(Op::Create), fresh.to_owned(), None),
                };
                Ok(Aim { op, resource_type, id, now, resource: Some(resource), grant })
            }
            Wish::Update { resource_type, id, query, resource, if_match, if_none_match } => {
                let grant = grants.get(self, act, operation, Permission::Update, resource_type)?;
                let body_id = resource.get("id").and_then(Value::as_str);
                let (id, is_new) = match (id, query.as_deref()) {
                    (Some(id), _) => (same_id(id, body_id)?, false),
                    (None, query) => {
                        let query = query.unwrap_or_default();
                        let found = self.select_one(act, operation, grants, plan, resource_type, query)?;
                        selected_id(found.as_ref(), body_id, fresh)?
                    }
                };
                let now = self.store.read(&grant, resource_type, &id, None)?.peek().clone();
                not_erased(now.as_ref())?;
                if type_of(resource)? != resource_type {
                    return Err(invalid(
                        IssueCode::Value,
                        "the resource is not of the type in the URL".into(),
                    ));
                }
                let live = now.as_ref().is_some_and(|stored| stored.op != Op::Delete);
                precondition(now.as_ref(), *if_match)?;
                if is_new && live {
                    // Whatever stands under the id in the body, it is not what the condition meant.
                    let what = "the condition selects nothing, but the id in the body is taken by a resource that does not meet it";
                    return Err(Error::Conflict(what.into()));
                }
                if *if_none_match && live {
                    return Err(Error::Precondition("If-None-Match: the resource exists".into()));
                }
                let op = if live { Op::Update } else { Op::Create };
                Ok(Aim { op: Some(op), resource_type, id, now, resource: Some(resource), grant })
            }
            Wish::Delete { resource_type, id, query, if_match } => {
                let grant = grants.get(self, act, operation, Permission::Delete, resource_type)?;
                let now = match (id, query) {
                    (Some(id), _) => self.store.read(&grant, resource_type, id, None)?.peek().clone(),
                    (None, query) => {
                        let query = query.as_deref().unwrap_or_default();
                        self.select_one(act, operation, grants, plan, resource_type, query)?
                    }
                };
                not_erased(now.as_ref())?;
                let now = now.filter(|stored| stored.op != Op::Delete);
                precondition(now.as_ref(), *if_match)?;
                let id = now.as_ref().map(|stored| name(&stored.body).1).unwrap_or_default();
                Ok(Aim {
                    op: now.as_ref().map(|_| Op::Delete),
                    resource_type,
                    id,
                    now,
                    resource: None,
                    grant,
                })
            }
        }
    }

    /// The one resource that a condition selects, if any. The answer is asked again inside the transaction.
    fn select_one(
        &self,
        act: &Act,
        operation: &str,
        grants: &mut Grants,
        plan: &mut Plan,
        resource_type: &str,
        query: &str,
    ) -> Result<Option<Stored>, Error> {
        let grant = grants.get(self, act, operation, Permission::Search, resource_type)?;
        let query = parse(query)?;
        if query.clauses.is_empty() {
            return Err(invalid(
                IssueCode::Required,
                "a condition needs at least one search parameter".into(),
            ));
        }
        let ready = self.ready(resource_type, &query, false)?;
        if !ready.finish.is_empty() {
            return Err(Error::Unsupported(
                "a condition may not use :exact, :contains or very long texts: use an identifier".into(),
            ));
        }
        let select = Select { limit: 2, ..ready.select };
        let found = self.store.search(&grant, &select)?;
        let rows: Vec<Stored> = found.peek().rows.iter().map(|(_, stored)| stored.clone()).collect();
        if rows.len() > 1 {
            return Err(Error::MultipleMatches);
        }
        plan.conditions.push(Condition {
            grant,
            select,
            found: rows.iter().map(|stored| stored.rid).collect(),
        });
        Ok(rows.into_iter().next())
    }

    fn prepare(
        &self,
        act: &Act,
        operation: &str,
        plan: &mut Plan,
        aim: Aim<'_>,
        names: &FxHashMap<&str, String>,
        conditional: &mut FxHashMap<String, String>,
    ) -> Result<Planned, Error> {
        let Aim { op, resource_type, id, now, resource, grant } = aim;
        let mut done = Done {
            kind: kind(op, now.is_some()),
            resource_type: resource_type.to_owned(),
            id: id.clone(),
            version: now.as_ref().map_or(0, |stored| stored.version),
            updated: now.as_ref().map_or(0, |stored| stored.updated),
            body: Vec::new(),
        };
        let Some(op) = op else {
            plan.shown.extend(now.clone());
            done.body = now.map(|stored| stored.body).unwrap_or_default();
            return Ok(Planned { done, put: None });
        };
        let mut before = None;
        let (old_index, old_patient) = match now.as_ref().filter(|stored| stored.op != Op::Delete) {
            Some(stored) => {
                let old = stored_value(stored)?;
                signed::may_follow(&old, resource)?;
                let found = (
                    facts::stored_index(self, &old)?,
                    facts::patients(self, &old)?.first().map(|id| (*id).to_owned()),
                );
                before = Some(old);
                found
            }
            None => (Index::default(), None),
        };
        let is_order = resource_type == "Subscription" && !plan.by_house;
        if is_order {
            subscription::may_touch(act, before.as_ref())?;
        }
        let (text, index, patient) = match resource {
            Some(resource) => {
                let mut resource = resource.clone();
                if let Value::Object(members) = &mut resource {
                    members.insert("id".into(), Value::from(id.as_str()));
                }
                if !names.is_empty() {
                    replace_full_urls(&mut resource, &|url| names.get(url).cloned());
                }
                self.resolve_conditional(act, operation, &mut resource, conditional)?;
                if is_order {
                    subscription::stamped(self, act, &mut resource)?;
                }
                let index = facts::index(self, &resource)?;
                let patient = facts::patients(self, &resource)?.first().map(|id| (*id).to_owned());
                let text = resource.as_object().map(|members| body::encode(members, &id)).unwrap_or_default();
                (text, index, patient)
            }
            None => {
                let tombstone = serde_json::json!({ "resourceType": resource_type });
                let text =
                    tombstone.as_object().map(|members| body::encode(members, &id)).unwrap_or_default();
                (text, Index::default(), old_patient)
            }
        };
        let packed = body::pack(&text).map_err(|e| invalid(IssueCode::TooLong, e.to_string()))?;
        let base = now.as_ref().map_or(0, |stored| stored.version);
        let put = Put {
            grant,
            op,
            resource_type: resource_type.to_owned(),
            id,
            base,
            packed,
            patient,
            index,
            old_index,
        };
        plan.puts.push(put);
        Ok(Planned { done, put: Some((plan.puts.len() - 1, text)) })
    }

    /// Puts names in place of references that are searches (`Practitioner?identifier=…`).
    fn resolve_conditional(
        &self,
        act: &Act,
        operation: &str,
        resource: &mut Value,
        known: &mut FxHashMap<String, String>,
    ) -> Result<(), Error> {
        let mut wanted = Vec::new();
        reference::each_reference(resource, &mut |text| {
            if let Some(Reference::Conditional { type_name, query }) = reference::parse(text, &[])
                && !known.contains_key(text)
            {
                wanted.push((text.to_owned(), type_name.to_owned(), query.to_owned()));
            }
        });
        for (text, type_name, query) in wanted {
            let grant =
                Arc::new(self.decide(act, operation, Permission::Search, Some(&type_name), &type_name)?);
            let ready = self.ready(&type_name, &parse(&query)?, false)?;
            let found = self.store.search(&grant, &Select { limit: 2, ..ready.select })?;
            match found.peek().rows.as_slice() {
                [(_, stored)] => {
                    known.insert(text, format!("{type_name}/{}", name(&stored.body).1));
                }
                [] => {
                    let what = format!(
                        "a reference to a {type_name} by search matches none: store that resource first"
                    );
                    return Err(Error::Precondition(what));
                }
                _ => return Err(Error::MultipleMatches),
            }
        }
        if !known.is_empty() {
            reference::each_reference_mut(resource, &mut |text| {
                if let Some(name) = known.get(text.as_str()) {
                    name.clone_into(text);
                }
            });
        }
        Ok(())
    }
}

/// Decisions of one commit, taken once for each kind of operation and type.
#[derive(Default)]
struct Grants(FxHashMap<(u8, String), Arc<Grant>>);

impl Grants {
    fn get(
        &mut self,
        record: &Record,
        act: &Act,
        operation: &str,
        permission: Permission,
        kind: &str,
    ) -> Result<Arc<Grant>, Error> {
        if let Some(grant) = self.0.get(&(permission as u8, kind.to_owned())) {
            return Ok(grant.clone());
        }
        let grant = Arc::new(record.decide(act, operation, permission, Some(kind), kind)?);
        self.0.insert((permission as u8, kind.to_owned()), grant.clone());
        Ok(grant)
    }
}

fn kind(op: Option<Op>, exists: bool) -> DoneKind {
    match (op, exists) {
        (Some(Op::Create), _) => DoneKind::Created,
        (Some(Op::Update), _) => DoneKind::Updated,
        (Some(Op::Delete), _) => DoneKind::Deleted,
        (None, true) => DoneKind::Unchanged,
        (None, false) => DoneKind::NothingToDelete,
    }
}

/// The id in the URL, which must stand in the body.
fn same_id(id: &str, body_id: Option<&str>) -> Result<String, Error> {
    if body_id == Some(id) {
        return Ok(id.to_owned());
    }
    let what = "the resource's id must stand in it and be the id in the URL";
    Err(invalid(IssueCode::Value, what.into()).at_id())
}

/// The id that a conditional update writes to, and whether nothing was selected.
fn selected_id(found: Option<&Stored>, body_id: Option<&str>, fresh: &str) -> Result<(String, bool), Error> {
    let Some(stored) = found else { return Ok((body_id.unwrap_or(fresh).to_owned(), true)) };
    let id = name(&stored.body).1;
    if body_id.is_some_and(|body_id| body_id != id) {
        let what = "the resource that the condition selects has another id than the one in the body";
        return Err(invalid(IssueCode::Value, what.into()).at_id());
    }
    Ok((id, false))
}

fn type_of(resource: &Value) -> Result<&str, Error> {
    let named = resource.get("resourceType").and_then(Value::as_str);
    named.ok_or_else(|| {
        invalid(IssueCode::Structure, "resourceType is missing: the body must be a FHIR resource".into())
    })
}

/// Nothing takes the place of what was erased, whoever it is about.
fn not_erased(now: Option<&Stored>) -> Result<(), Error> {
    match now.is_some_and(|stored| stored.erased) {
        true => Err(store::error::Error::Erased.into()),
        false => Ok(()),
    }
}

fn precondition(now: Option<&Stored>, if_match: Option<i64>) -> Result<(), Error> {
    match (if_match, now) {
        (None, _) => Ok(()),
        (Some(wanted), Some(stored)) if stored.version == wanted => Ok(()),
        (Some(_), _) => Err(Error::Precondition(
            "If-Match: the resource has another version by now; read it again, and repeat the change on that"
                .into(),
        )),
    }
}

pub(crate) fn invalid(code: IssueCode, what: String) -> Error {
    Error::Invalid(vec![Issue::error(code, what)])
}

impl Error {
    fn at_id(self) -> Error {
        match self {
            Error::Invalid(issues) => {
                Error::Invalid(issues.into_iter().map(|issue| issue.at("Resource.id")).collect())
            }
            other => other,
        }
    }
}
