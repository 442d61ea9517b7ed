//! From search syntax to tests on the index: what each parameter, modifier and value means.
//!
//! Source: <https://hl7.org/fhir/R4/search.html>

use crate::{error::Error, finish::Finish};
use fhir::{
    decimal,
    outcome::{Issue, IssueCode},
    phonetic,
    query::{Clause, path::Path, prefix, value::Value},
    reference::{self, Reference},
    text, time,
};
use r4::{
    definitions::{SearchKind, definitions},
    index::{SearchParam, param},
};
use std::cell::Cell;
use store::select::{Compare, Holder, Look, Test};

/// How many target types a chain is tried over when it names none.
const CHAIN_TYPES: usize = 12;

/// How many tests one search may become: a value without a type is one for each type that it may name, a chain without a type
/// branches at every step. What is far more than anybody asks for would be more than a database takes in one statement.
const MOST_TESTS: usize = 2_048;

/// A compiled query: what the index tests, and what must be finished on decrypted candidates.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) tests: Vec<Test>,
    pub(crate) finish: Vec<Finish>,
}

/// A clause that means nothing here: an error, or a warning where the caller is lenient.
pub(crate) struct Unknown(pub(crate) Issue);

pub(crate) type Answer<T> = Result<T, Unknown>;

fn unknown<T>(code: IssueCode, what: String) -> Answer<T> {
    Err(Unknown(Issue::error(code, what)))
}

/// What is left of [`MOST_TESTS`] for a search; `None` once too much was asked for.
pub(crate) struct Budget(Cell<Option<usize>>);

impl Budget {
    /// The budget of one search.
    pub(crate) fn new() -> Budget {
        Budget(Cell::new(Some(MOST_TESTS)))
    }

    /// An error from the moment on that more was taken than there was: a chain that tries several types may have gone on.
    pub(crate) fn take(&self, tests: usize) -> Answer<()> {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(tests)));
        match self.0.get() {
            Some(_) => Ok(()),
            None => unknown(
                IssueCode::TooCostly,
                "the search branches into too many tests: name the types of references (Patient/1, subject:Patient.name), or ask for \
                 fewer values at once"
                    .into(),
            ),
        }
    }
}

/// Compiles one clause for `resource_type`, on a server that is known under `bases`.
pub(crate) fn clause(
    bases: &[String],
    budget: &Budget,
    resource_type: &str,
    clause: &Clause,
) -> Answer<Compiled> {
    budget.take(clause.values.len())?;
    let mut out = Compiled::default();
    match &clause.path {
        Path::Code(code) => plain(&mut out, bases, budget, resource_type, code, clause)?,
        Path::Chain { code, target, next } => {
            let inner = Clause {
                path: (**next).clone(),
                modifier: clause.modifier.clone(),
                values: clause.values.clone(),
            };
            out.tests.push(chain(bases, budget, resource_type, code, target.as_deref(), &inner)?);
        }
        Path::Has { type_name: source, code, next } => {
            let inner = Clause {
                path: (**next).clone(),
                modifier: clause.modifier.clone(),
                values: clause.values.clone(),
            };
            let referring = reference_param(source, code)?;
            let tests = exact(self::clause(bases, budget, source, &inner)?, &clause.name())?;
            out.tests.push(Test::ReferredBy {
                param: referring.number,
                resource_type: source.clone(),
                tests,
            });
        }
    }
    Ok(out)
}

fn plain(
    out: &mut Compiled,
    bases: &[String],
    budget: &Budget,
    resource_type: &str,
    code: &str,
    clause: &Clause,
) -> Answer<()> {
    let modifier = clause.modifier.as_deref();
    match (code, modifier) {
        ("_id", None) => {
            let ids = clause.values.iter().map(|value| id(resource_type, &value.text())).collect();
            out.tests.push(Test::Any(ids));
            return Ok(());
        }
        ("_lastUpdated", None) => {
            let any = each(clause, |value| {
                let (compare, span) = date(value)?;
                Some(Test::Updated { compare, low: span.low, high: span.high })
            })?;
            out.tests.push(Test::Any(any));
            return Ok(());
        }
        _ => {}
    }
    let Some(param) = param(resource_type, code) else {
        return unknown(IssueCode::NotSupported, not_known(resource_type, code));
    };
    if modifier == Some("missing") {
        out.tests.push(missing(param, clause)?);
        return Ok(());
    }
    match param.kind {
        SearchKind::String if param.is_phonetic => sounding(out, budget, param, clause),
        SearchKind::String => string(out, param, clause),
        SearchKind::Token => token(out, param, clause),
        SearchKind::Reference => references(out, bases, budget, param, clause),
        SearchKind::Date => ranges(out, param, clause, |value| {
            let (compare, span) = date(value)?;
            Some((compare, span.low, span.high, None))
        }),
        SearchKind::Number => ranges(out, param, clause, |value| {
            let (compare, low, high) = number(&value.text())?;
            Some((compare, low, high, None))
        }),
        SearchKind::Quantity => ranges(out, param, clause, quantity),
        SearchKind::Uri => uri(out, param, clause),
        SearchKind::Composite | SearchKind::Special => unknown(
            IssueCode::NotSupported,
            format!("{} is a composite or special parameter, which is not supported yet", clause.name()),
        ),
    }
}

fn not_known(resource_type: &str, code: &str) -> String {
    // The name comes from the caller, but its syntax was checked: letters, digits, - and _ only.
    format!(
        "{resource_type} has no search parameter {code}, or it is not supported here; /metadata lists those that are, \
         and `Prefer: handling=lenient` leaves unknown ones out"
    )
}

fn unsupported_modifier<T>(clause: &Clause) -> Answer<T> {
    unknown(
        IssueCode::NotSupported,
        format!("{}: this modifier is not supported on this parameter", clause.name()),
    )
}

/// Compiles each value, or says which parameter has a bad one.
fn each<T>(clause: &Clause, read: impl Fn(&Value) -> Option<T>) -> Answer<Vec<T>> {
    let values: Option<Vec<T>> = clause.values.iter().map(read).collect();
    match values {
        Some(values) => Ok(values),
        None => unknown(
            IssueCode::Value,
            format!("{}: a value does not have the form that this parameter needs", clause.name()),
        ),
    }
}

fn id(resource_type: &str, id: &str) -> Test {
    match id.split_once('/') {
        Some((kind, id)) if kind == resource_type => {
            Test::Id { resource_type: kind.to_owned(), id: id.to_owned() }
        }
        Some(_) => Test::Never,
        None => Test::Id { resource_type: resource_type.to_owned(), id: id.to_owned() },
    }
}

fn missing(param: &SearchParam, clause: &Clause) -> Answer<Test> {
    let wanted = each(clause, |value| match &*value.text() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })?;
    let holders = match param.kind {
        SearchKind::Date | SearchKind::Number | SearchKind::Quantity => vec![Holder::Span],
        SearchKind::Reference => vec![Holder::Link, Holder::Term],
        SearchKind::Composite | SearchKind::Special => return unsupported_modifier(clause),
        SearchKind::String | SearchKind::Token | SearchKind::Uri => vec![Holder::Term],
    };
    let present = Test::Present { param: param.number, holders };
    let any = wanted
        .into_iter()
        .map(|missing| if missing { Test::Not(Box::new(present.clone())) } else { present.clone() });
    Ok(Test::Any(any.collect()))
}

/// A value means all its words, in any order: `Ravi Kumar` finds whoever is called both.
fn sounding(out: &mut Compiled, budget: &Budget, param: &SearchParam, clause: &Clause) -> Answer<()> {
    if clause.modifier.is_some() {
        return unsupported_modifier(clause);
    }
    let mut any = Vec::new();
    for value in &clause.values {
        let keys = phonetic::keys(&value.text());
        budget.take(keys.len())?;
        let has = |key| Test::Has { param: param.number, look: Look::Sound(key) };
        match keys.len() {
            0 => return no_letter(clause),
            1 => any.extend(keys.into_iter().map(has)),
            _ => {
                let lacks = keys.into_iter().map(|key| Test::Not(Box::new(has(key))));
                any.push(Test::Not(Box::new(Test::Any(lacks.collect()))));
            }
        }
    }
    out.tests.push(Test::Any(any));
    Ok(())
}

fn no_letter<T>(clause: &Clause) -> Answer<T> {
    let what = format!("{}: a value has no letter or digit to search for", clause.name());
    unknown(IssueCode::Value, what)
}

fn string(out: &mut Compiled, param: &'static SearchParam, clause: &Clause) -> Answer<()> {
    let values: Vec<String> = clause.values.iter().map(|value| value.text().into_owned()).collect();
    let has = |look: Look| Test::Has { param: param.number, look };
    let folded = || -> Answer<Vec<String>> {
        let folded: Vec<String> = values.iter().map(|value| text::normalize(value)).collect();
        match folded.iter().any(String::is_empty) {
            true => no_letter(clause),
            false => Ok(folded),
        }
    };
    match clause.modifier.as_deref() {
        None => {
            let starts = folded()?;
            if !starts.iter().all(|start| store::select::is_exact(start)) {
                out.finish.push(Finish::starting(param, &starts));
            }
            out.tests.push(Test::Any(starts.into_iter().map(|start| has(Look::Start(start))).collect()));
        }
        Some("exact") => {
            out.tests.push(Test::Any(
                values.iter().map(|value| has(Look::Text(text::normalize(value)))).collect(),
            ));
            out.finish.push(Finish::exactly(param, values));
        }
        Some("contains") => out.finish.push(Finish::containing(param, folded()?)),
        Some(_) => return unsupported_modifier(clause),
    }
    Ok(())
}

fn token(out: &mut Compiled, param: &SearchParam, clause: &Clause) -> Answer<()> {
    let any = each(clause, |value| Some(Test::Has { param: param.number, look: token_look(value)? }))?;
    match clause.modifier.as_deref() {
        None => out.tests.push(Test::Any(any)),
        Some("not") => out.tests.push(Test::Not(Box::new(Test::Any(any)))),
        Some(_) => return unsupported_modifier(clause),
    }
    Ok(())
}

/// `code`, `system|code`, `|code` or `system|`.
fn token_look(value: &Value) -> Option<Look> {
    let parts: Vec<String> = value.parts_on_pipe().into_iter().map(|part| part.into_owned()).collect();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match parts.as_slice() {
        [code] => Some(Look::Token { system: None, code: some(code), no_system: false })
            .filter(|_| !code.is_empty()),
        [system, code] if !(system.is_empty() && code.is_empty()) => {
            Some(Look::Token { system: some(system), code: some(code), no_system: system.is_empty() })
        }
        _ => None,
    }
}

fn uri(out: &mut Compiled, param: &SearchParam, clause: &Clause) -> Answer<()> {
    if clause.modifier.is_some() {
        return unsupported_modifier(clause);
    }
    let look = |value: &Value| Test::Has { param: param.number, look: Look::Uri(value.text().into_owned()) };
    out.tests.push(Test::Any(clause.values.iter().map(look).collect()));
    Ok(())
}

fn references(
    out: &mut Compiled,
    bases: &[String],
    budget: &Budget,
    param: &SearchParam,
    clause: &Clause,
) -> Answer<()> {
    let modifier = clause.modifier.as_deref();
    if modifier == Some("identifier") {
        return token(out, param, &Clause { modifier: None, ..clause.clone() });
    }
    if modifier.is_some_and(|m| definitions().model.find(m).is_none()) {
        return unsupported_modifier(clause);
    }
    if modifier.is_none() {
        let untyped = clause.values.iter().filter(|value| reference::is_id(&value.text())).count();
        budget.take(untyped * target_types(param).count())?;
    }
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    let any = each(clause, |value| {
        let text = value.text();
        if modifier.is_none() && reference::is_id(&text) {
            return Some(Test::Any(target_types(param).map(|kind| refers(param, kind, &text)).collect()));
        }
        if let Some(kind) = modifier
            && reference::is_id(&text)
        {
            return Some(refers(param, kind, &text));
        }
        match reference::parse(&text, &bases)? {
            Reference::Local(local) | Reference::Absolute { local: Some(local), .. } => {
                Some(refers(param, local.type_name, local.id))
                    .filter(|_| modifier.is_none_or(|kind| kind == local.type_name))
            }
            Reference::Absolute { url, .. } | Reference::Urn(url) => {
                Some(Test::Has { param: param.number, look: Look::Uri(url.to_owned()) })
            }
            Reference::Fragment(_) | Reference::Conditional { .. } => None,
        }
    })?;
    out.tests.push(Test::Any(any));
    Ok(())
}

fn refers(param: &SearchParam, kind: &str, id: &str) -> Test {
    Test::Refers { param: param.number, resource_type: kind.to_owned(), id: id.to_owned() }
}

/// The resource types that a reference parameter may lead to.
pub(crate) fn target_types(param: &SearchParam) -> impl Iterator<Item = &'static str> {
    let model = &definitions().model;
    let resource = model.find("Resource");
    let any = param.targets.is_empty();
    let fits = move |id: &fhir::model::TypeId| {
        !model.get(*id).is_abstract && resource.is_some_and(|r| model.is_a(*id, r))
    };
    let all = (0..model.types().len()).filter_map(|at| u16::try_from(at).ok()).map(fhir::model::TypeId);
    let ids: Vec<fhir::model::TypeId> = if any { all.filter(fits).collect() } else { param.targets.to_vec() };
    ids.into_iter().map(move |id| &*model.get(id).name)
}

fn reference_param(resource_type: &str, code: &str) -> Answer<&'static SearchParam> {
    match param(resource_type, code) {
        Some(param) if param.kind == SearchKind::Reference => Ok(param),
        _ => unknown(
            IssueCode::NotSupported,
            format!("{resource_type} has no reference parameter {code} to follow"),
        ),
    }
}

fn chain(
    bases: &[String],
    budget: &Budget,
    resource_type: &str,
    code: &str,
    target: Option<&str>,
    inner: &Clause,
) -> Answer<Test> {
    let param = reference_param(resource_type, code)?;
    let kinds: Vec<&str> = match target {
        Some(kind) => target_types(param).filter(|t| *t == kind).collect(),
        None => target_types(param).collect(),
    };
    if kinds.len() > CHAIN_TYPES {
        return unknown(
            IssueCode::TooCostly,
            format!("{code} may lead to many types of resource: name one, as in {code}:Patient.name"),
        );
    }
    let mut any = Vec::new();
    let mut why = None;
    for kind in kinds {
        match clause(bases, budget, kind, inner).and_then(|compiled| exact(compiled, &inner.name())) {
            Ok(tests) => any.push(Test::Chain { param: param.number, resource_type: kind.to_owned(), tests }),
            Err(reason) => why = Some(reason),
        }
    }
    match why {
        Some(reason) if any.is_empty() => Err(reason),
        None if any.is_empty() => {
            unknown(IssueCode::NotSupported, format!("{code} does not lead to that type of resource"))
        }
        _ => Ok(Test::Any(any)),
    }
}

/// The tests of a clause that the index must answer alone, as inside a chain.
fn exact(compiled: Compiled, name: &str) -> Answer<Vec<Test>> {
    if compiled.finish.is_empty() {
        return Ok(compiled.tests);
    }
    unknown(
        IssueCode::TooCostly,
        format!(
            "{name}: across references a text is found by its first {} letters at most, without :exact or :contains",
            16
        ),
    )
}

type Range = (Compare, i64, i64, Option<(Option<String>, String)>);

fn ranges(
    out: &mut Compiled,
    param: &SearchParam,
    clause: &Clause,
    read: impl Fn(&Value) -> Option<Range>,
) -> Answer<()> {
    if clause.modifier.is_some() {
        return unsupported_modifier(clause);
    }
    let any = each(clause, |value| {
        let (compare, low, high, unit) = read(value)?;
        Some(Test::Range { param: param.number, unit, compare, low, high })
    })?;
    out.tests.push(Test::Any(any));
    Ok(())
}

fn date(value: &Value) -> Option<(Compare, time::Span)> {
    let text = value.text();
    let (prefix, text) = prefix::split(&text);
    let span = time::parse_search(text, time::UTC).ok()?.span;
    let span = match prefix {
        prefix::Prefix::Ap => {
            // The specification's example: a tenth of the gap to now. Without a clock here: a tenth of the span, a day at least.
            let slack = ((span.high - span.low) / 10).max(time::DAY_US);
            time::Span { low: span.low.saturating_sub(slack), high: span.high.saturating_add(slack) }
        }
        _ => span,
    };
    Some((compare(prefix), span))
}

fn number(text: &str) -> Option<(Compare, i64, i64)> {
    let (prefix, text) = prefix::split(text);
    let keys = match prefix {
        prefix::Prefix::Ap => decimal::approximate_keys(text)?,
        prefix::Prefix::Eq | prefix::Prefix::Ne => decimal::range_keys(text)?,
        // For the ordering prefixes the number stands for itself, whatever its digits.
        _ => decimal::value_key(text).map(|key| (key, key))?,
    };
    Some((compare(prefix), keys.0, keys.1))
}

fn quantity(value: &Value) -> Option<Range> {
    let parts: Vec<String> = value.parts_on_pipe().into_iter().map(|part| part.into_owned()).collect();
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let unit = match parts.as_slice() {
        [_] => None,
        [_, system, code] => Some((some(system), some(code)?)),
        _ => return None,
    };
    let (compare, low, high) = number(parts.first()?)?;
    Some((compare, low, high, unit))
}

fn compare(prefix: prefix::Prefix) -> Compare {
    match prefix {
        prefix::Prefix::Eq => Compare::Eq,
        prefix::Prefix::Ne => Compare::Ne,
        prefix::Prefix::Gt => Compare::Gt,
        prefix::Prefix::Lt => Compare::Lt,
        prefix::Prefix::Ge => Compare::Ge,
        prefix::Prefix::Le => Compare::Le,
        prefix::Prefix::Sa => Compare::Sa,
        prefix::Prefix::Eb => Compare::Eb,
        prefix::Prefix::Ap => Compare::Ap,
    }
}

/// The issues of a query that means nothing, as an error.
pub(crate) fn refused(issues: Vec<Issue>) -> Error {
    Error::Invalid(issues)
}
