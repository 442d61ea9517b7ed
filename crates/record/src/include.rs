//! `_include` and `_revinclude`: what comes with the matches.
//!
//! Source: <https://hl7.org/fhir/R4/search.html#include>

use crate::{Record, compile::target_types, error::Error, facts, search::stored_value};
use access::{act::Act, decide::Wish, scope::Permission};
use fhir::{
    outcome::{Issue, IssueCode},
    query::{Query, result::Include},
    reference::Local,
};
use r4::{
    definitions::SearchKind,
    index::{self, SearchParam},
};
use rustc_hash::FxHashSet;
use serde_json::Value;
use store::read::Stored;

/// How many resources may come with one page.
const MOST: usize = 2_000;

/// How often `:iterate` goes on from what it found.
const ROUNDS: usize = 4;

impl Record {
    /// Everything that comes with these matches, without repeats. What the actor may not see does not come.
    pub(crate) fn included<'a>(
        &self,
        act: &Act,
        query: &Query,
        resource_type: &str,
        matches: impl Iterator<Item = &'a Stored>,
    ) -> Result<Vec<Stored>, Error> {
        let (include, revinclude) = (&query.result.include, &query.result.revinclude);
        if include.is_empty() && revinclude.is_empty() {
            return Ok(Vec::new());
        }
        include.iter().chain(revinclude).try_for_each(known)?;
        let mut out: Vec<Stored> = Vec::new();
        let mut round: Vec<Stored> = matches.cloned().collect();
        let mut seen: FxHashSet<i64> = round.iter().map(|stored| stored.rid).collect();
        for at in 0..ROUNDS {
            let applies = |i: &&Include| at == 0 || i.iterate;
            let mut found = self.forward(act, include.iter().filter(applies), &round)?;
            for spec in revinclude.iter().filter(applies) {
                found.extend(self.backward(act, spec, resource_type, &round)?);
            }
            found.retain(|stored| seen.insert(stored.rid));
            if found.is_empty() {
                break;
            }
            out.extend(found.iter().cloned());
            round = found;
            if out.len() > MOST {
                return Err(Error::TooCostly(format!(
                    "more than {MOST} resources would be included: lower _count"
                )));
            }
        }
        Ok(out)
    }

    fn forward<'a>(
        &self,
        act: &Act,
        specs: impl Iterator<Item = &'a Include>,
        round: &[Stored],
    ) -> Result<Vec<Stored>, Error> {
        let specs: Vec<&Include> = specs.collect();
        if specs.is_empty() {
            return Ok(Vec::new());
        }
        let mut names: FxHashSet<(String, String)> = FxHashSet::default();
        for stored in round {
            let resource = stored_value(stored)?;
            specs.iter().for_each(|spec| referred(self, spec, &resource, &mut names));
        }
        let wish = Wish { permission: Permission::Search, resource_type: None };
        let Ok(grant) = self.grant(act, wish) else { return Ok(Vec::new()) };
        let names: Vec<(&str, &str)> = names.iter().map(|(kind, id)| (kind.as_str(), id.as_str())).collect();
        Ok(self.store.read_many(&grant, &names)?.peek().clone())
    }

    fn backward(
        &self,
        act: &Act,
        spec: &Include,
        matched: &str,
        round: &[Stored],
    ) -> Result<Vec<Stored>, Error> {
        let Some(source) = &spec.source else { return Ok(Vec::new()) };
        let wish = Wish { permission: Permission::Search, resource_type: Some(source) };
        let Ok(grant) = self.grant(act, wish) else { return Ok(Vec::new()) };
        let targets: Vec<i64> = round.iter().map(|stored| stored.rid).collect();
        let mut out = Vec::new();
        for param in chosen(source, spec).filter(|p| target_types(p).any(|t| t == matched) || spec.iterate) {
            out.extend(
                self.store
                    .referring(&grant, source, param.number, &targets, MOST + 1)?
                    .peek()
                    .iter()
                    .cloned(),
            );
        }
        Ok(out)
    }
}

/// The reference parameters that an include names.
fn chosen<'a>(source: &str, spec: &'a Include) -> impl Iterator<Item = &'static SearchParam> + use<'a> {
    let fits = |p: &&SearchParam| {
        p.kind == SearchKind::Reference && spec.code.as_deref().is_none_or(|code| code == p.code)
    };
    index::params(source).iter().filter(fits)
}

fn referred(record: &Record, spec: &Include, resource: &Value, names: &mut FxHashSet<(String, String)>) {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    if spec.source.as_deref().is_some_and(|source| source != kind) {
        return;
    }
    for param in chosen(kind, spec) {
        let _ = param.values(resource, &mut |value| {
            if let Some(Local { type_name, id, .. }) = facts::local(record, &value)
                && spec.target.as_deref().is_none_or(|target| target == type_name)
            {
                names.insert((type_name.to_owned(), id.to_owned()));
            }
        });
    }
}

fn known(spec: &Include) -> Result<(), Error> {
    let Some(source) = &spec.source else { return Ok(()) };
    if chosen(source, spec).next().is_some() {
        return Ok(());
    }
    // What was asked for stands in a value, so it is not repeated.
    let what = "_include or _revinclude names no reference parameter that there is: it is written as in Observation:subject";
    Err(Error::Invalid(vec![Issue::error(IssueCode::NotSupported, what)]))
}
