//! Refinements of scopes (`patient/Observation.rs?category=laboratory`) are read as a search for the type is, so they mean the same.
//!
//! Source: <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters>

use crate::{
    Record,
    compile::{self, Budget},
    search::parse,
};
use access::{
    act::Act,
    decide::{Refused, Wish, decide},
    grant::Grant,
    refine::{Criterion, Value},
    scope::Scope,
};
use fhir::query::{path::Path, result::ResultParameters};
use store::select::{Look, Test};

impl Record {
    /// Decides. Every grant of this room is taken here, so that no refinement is left out.
    pub(crate) fn grant(&self, act: &Act, wish: Wish<'_>) -> Result<Grant, Refused> {
        let grant = decide(act, wish)?;
        Ok(grant.understood(&|kind, query| criteria(&self.settings.bases, kind, query)))
    }
}

/// Whether a scope's refinement is one that can be kept to: tokens, references and URIs, without modifiers that turn them around. A
/// scope without one always is.
///
/// ```
/// let can = |scope: &str| record::refine::can_be_kept(&[], &scope.parse().unwrap());
/// assert!(can("patient/Observation.rs?category=laboratory") && can("patient/Observation.rs"));
/// assert!(!can("patient/Observation.rs?date=ge2020") && !can("patient/Observation.rs?category:not=laboratory"));
/// ```
pub fn can_be_kept(bases: &[String], scope: &Scope) -> bool {
    match &scope.resource_type {
        Some(kind) if scope.is_refined() => criteria(bases, kind, &scope.refinement().join("&")).is_some(),
        _ => !scope.is_refined(),
    }
}

fn criteria(bases: &[String], kind: &str, query: &str) -> Option<Vec<Criterion>> {
    let query = parse(query).ok().filter(|query| query.result == ResultParameters::default())?;
    let budget = Budget::new();
    let mut criteria = Vec::new();
    for clause in &query.clauses {
        if !matches!(clause.path, Path::Code(_)) {
            return None;
        }
        let compiled = compile::clause(bases, &budget, kind, clause).ok()?;
        if !compiled.finish.is_empty() {
            return None;
        }
        for test in &compiled.tests {
            criteria.push(criterion(test)?);
        }
    }
    budget.take(0).ok()?;
    Some(criteria).filter(|criteria| !criteria.is_empty())
}

/// A test, where all of it is about values of one parameter.
fn criterion(test: &Test) -> Option<Criterion> {
    let mut any = Vec::new();
    flatten(test, &mut any)?;
    let param = any.first()?.0;
    let is_one = any.iter().all(|(other, _)| *other == param);
    is_one.then(|| Criterion { param, any: any.into_iter().map(|(_, value)| value).collect() })
}

fn flatten(test: &Test, any: &mut Vec<(u32, Value)>) -> Option<()> {
    match test.clone() {
        Test::Any(tests) => return tests.iter().try_for_each(|test| flatten(test, any)),
        Test::Has { param, look: Look::Token { system, code, no_system } } => {
            any.push((param, Value::Token { system, code, no_system }));
        }
        Test::Has { param, look: Look::Uri(uri) } => any.push((param, Value::Uri(uri))),
        Test::Refers { param, resource_type, id } => {
            any.push((param, Value::Resource { resource_type, id }));
        }
        _ => return None,
    }
    Some(())
}
