//! The search parameters of every resource type, compiled when the type is first asked for.

use std::sync::{LazyLock, OnceLock};

use fhir::model::{Kind, TypeId};
use fhir::path::{self, Path};
use sha2::{Digest, Sha256};

use crate::definitions::{self, Definitions, SearchKind, ValueSet, definitions};

use super::composite::Component;
use super::table::Table;

/// What the store keeps in columns of its own.
const COLUMNS: [&str; 2] = ["_id", "_lastUpdated"];

/// A search parameter of one resource type.
#[derive(Debug)]
pub struct SearchParam {
    /// The name of the parameter in the index: the first 31 bits of SHA-256 of `Observation.code`. Never 0, never changes.
    pub number: u32,
    /// The resource type.
    pub type_id: TypeId,
    /// `Observation`.
    pub type_name: &'static str,
    /// `code`.
    pub code: &'static str,
    /// `http://hl7.org/fhir/SearchParameter/clinical-code`.
    pub url: &'static str,
    /// Its type.
    pub kind: SearchKind,
    /// Resource types a reference may lead to; empty means any.
    pub targets: &'static [TypeId],
    /// Whether `a,b` may be asked.
    pub multiple_or: bool,
    /// Whether names are found by it as they sound: [`fhir::phonetic::keys`].
    pub is_phonetic: bool,
    /// The parts of a composite, in order; empty for every other type.
    pub components: Vec<Component>,
    /// `None` for what no expression answers.
    pub(super) path: Option<Path>,
    /// What a `code` here is bound to, so that its system is known.
    pub(super) value_set: Option<&'static ValueSet>,
}

static TABLES: LazyLock<Vec<OnceLock<Table>>> =
    LazyLock::new(|| definitions().model.types().iter().map(|_| OnceLock::new()).collect());

/// The parameters of a resource type, those of `Resource` and `DomainResource` included, sorted by code. Empty for
/// what is not a concrete resource type.
///
/// A parameter whose expression cannot be compiled is left out, so that searching by it is an error and not a
/// silent nothing; a test holds that there is none.
pub fn params(type_name: &str) -> &'static [SearchParam] {
    table(type_name).map_or(&[], |table| &table.params)
}

/// The parameters of a resource type, ready to be asked.
pub(super) fn table(type_name: &str) -> Option<&'static Table> {
    let definitions = definitions();
    let id = definitions.model.find(type_name)?;
    let slot = TABLES.get(usize::from(id.0))?;
    Some(slot.get_or_init(|| Table::new(compile_all(id, definitions).filter_map(Result::ok).collect())))
}

/// The parameter of that code.
pub fn param(type_name: &str, code: &str) -> Option<&'static SearchParam> {
    let all = params(type_name);
    all.binary_search_by(|param| param.code.cmp(code)).ok().and_then(|at| all.get(at))
}

/// Every parameter of a concrete type that is extracted, or why it cannot be.
pub(super) fn compile_all(
    id: TypeId,
    definitions: &'static Definitions,
) -> impl Iterator<Item = Result<SearchParam, path::Error>> {
    let found = definitions.model.get(id);
    let is_concrete = found.kind == Kind::Resource && !found.is_abstract;
    let all = definitions.search_params_of(id).filter(move |_| is_concrete);
    all.filter(|param| !param.expression.is_empty() && !COLUMNS.contains(&&*param.code))
        .map(move |param| compile(param, id, definitions))
}

fn compile(
    param: &'static definitions::SearchParam,
    type_id: TypeId,
    definitions: &'static Definitions,
) -> Result<SearchParam, path::Error> {
    let model = &definitions.model;
    let type_name: &'static str = &model.get(type_id).name;
    let path = Path::compile(&param.expression, type_id, model)?;
    let components = param.components.iter().map(|part| component(part, type_id, &path, definitions));
    Ok(SearchParam {
        number: number(type_name, &param.code),
        type_id,
        type_name,
        code: &param.code,
        url: &param.url,
        kind: param.kind,
        targets: &param.targets,
        multiple_or: param.multiple_or,
        is_phonetic: param.kind == SearchKind::String && &*param.code == "phonetic",
        components: components.collect::<Result<_, _>>()?,
        value_set: value_set(std::iter::once(&path), definitions),
        path: Some(path),
    })
}

fn component(
    part: &definitions::Component,
    resource: TypeId,
    of: &Path,
    definitions: &'static Definitions,
) -> Result<Component, path::Error> {
    let own = definitions.search_params().get(usize::from(part.param));
    let kind = own.map(|own| own.kind).ok_or(path::Error::OtherType)?;
    let path = |focus| Path::compile_within(&part.expression, focus, resource, &definitions.model);
    let paths = of.types().map(|focus| Ok((focus, path(focus)?))).collect::<Result<Vec<_>, path::Error>>()?;
    let value_set = value_set(paths.iter().map(|(_, path)| path), definitions);
    Ok(Component { kind, paths, value_set })
}

/// The one value set that all elements at the ends of `paths` are bound to.
fn value_set<'p>(
    paths: impl Iterator<Item = &'p Path>,
    definitions: &'static Definitions,
) -> Option<&'static ValueSet> {
    let element =
        |(owner, name): (TypeId, &str)| definitions.model.get(owner).element(name)?.required_binding;
    let mut bindings = paths.flat_map(Path::elements).map(element);
    let first = bindings.next()??;
    bindings.all(|other| other == Some(first)).then(|| definitions.value_set(first))?
}

/// 31 bits that name a parameter.
pub(super) fn number(type_name: &str, code: &str) -> u32 {
    let digest = Sha256::digest(format!("{type_name}.{code}"));
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first) >> 1
}
