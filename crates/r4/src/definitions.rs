//! The definitions of FHIR R4 (4.0.1) as plain tables, compiled into the binary.

use std::sync::LazyLock;

use fhir::model::{Kind, Model, TypeId};
use rustc_hash::FxHashMap;

use crate::format::{self, Error};

static EMBEDDED: &[u8] = include_bytes!("../data/definitions.bin");
static LOADED: LazyLock<Result<Definitions, Error>> = LazyLock::new(|| format::parse(EMBEDDED));
static EMPTY: LazyLock<Definitions> = LazyLock::new(|| Definitions::new(Tables::default()));

/// The embedded definitions, or why they could not be read. Call it once at start, so that a broken build says so.
pub fn load() -> Result<&'static Definitions, &'static Error> {
    LOADED.as_ref()
}

/// The embedded definitions. Where [`load`] fails they are empty: then no resource type is known and every check refuses.
pub fn definitions() -> &'static Definitions {
    load().unwrap_or(&EMPTY)
}

/// A package the definitions were made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `hl7.fhir.r4.examples`.
    pub name: Box<str>,
    /// `4.0.1`.
    pub version: Box<str>,
}

/// A value set that some element is bound to with strength `required`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueSet {
    /// Its canonical address, without version.
    pub url: Box<str>,
    /// What belongs to it.
    pub codes: Codes,
}

/// The codes of a value set, or how to tell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// All of them, sorted by code and then system.
    Listed(Vec<Code>),
    /// Any media type (BCP 13); its form is checked.
    MediaType,
    /// A list that HL7's package cannot enumerate (UCUM, LOINC answers): membership is not checked here.
    Open,
}

/// One code of a code system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    /// `active`.
    pub code: Box<str>,
    /// `http://hl7.org/fhir/account-status`.
    pub system: Box<str>,
}

impl ValueSet {
    /// Whether a bare `code` belongs, whatever its system. `None` where the list is [`Codes::Open`] or a form.
    pub fn has_code(&self, code: &str) -> Option<bool> {
        let Codes::Listed(codes) = &self.codes else { return None };
        Some(codes.binary_search_by(|c| (*c.code).cmp(code)).is_ok())
    }

    /// Whether the code of that system belongs. `None` where the list is [`Codes::Open`] or a form.
    pub fn has(&self, system: &str, code: &str) -> Option<bool> {
        let Codes::Listed(codes) = &self.codes else { return None };
        Some(codes.binary_search_by(|c| (&*c.code, &*c.system).cmp(&(code, system))).is_ok())
    }
}

/// The type of a search parameter: <https://hl7.org/fhir/R4/search.html#ptypes>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the specification's own words
pub enum SearchKind {
    Number,
    Date,
    String,
    Token,
    Reference,
    Composite,
    Quantity,
    Uri,
    Special,
}

/// A search parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchParam {
    /// `http://hl7.org/fhir/SearchParameter/clinical-patient`.
    pub url: Box<str>,
    /// `patient`.
    pub code: Box<str>,
    /// Its type.
    pub kind: SearchKind,
    /// The resource types it is for; `Resource` and `DomainResource` stand for all their descendants.
    pub bases: Vec<TypeId>,
    /// FHIRPath, one branch per base: `AllergyIntolerance.patient | CarePlan.subject.where(resolve() is Patient)`.
    /// Empty for `_text`, `_content`, `_filter` and `_query`, which look at no single element.
    pub expression: Box<str>,
    /// Resource types a reference may lead to; empty means any.
    pub targets: Vec<TypeId>,
    /// The parts of a composite, in order.
    pub components: Vec<Component>,
    /// Whether `a,b` may be asked. HL7 says no for composites.
    pub multiple_or: bool,
}

/// One part of a composite search parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Position of the part's own parameter in [`Definitions::search_params`]: it says the part's type.
    pub param: u16,
    /// FHIRPath from the composite's expression to the part: `code`, `value.as(Quantity)`.
    pub expression: Box<str>,
}

/// Which resources belong to one Patient, Encounter, Practitioner, RelatedPerson or Device. The one it is named by
/// always belongs to it, and is not listed for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compartment {
    /// The type it is named by.
    pub owner: TypeId,
    /// Resource types that can be in it, each with the reference parameters that put it there (one at least).
    pub members: Vec<Member>,
}

/// A resource type in a compartment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `AllergyIntolerance`.
    pub type_id: TypeId,
    /// `patient`, `recorder`, `asserter`: codes of search parameters.
    pub params: Vec<Box<str>>,
}

/// How bad a broken invariant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The resource is not valid.
    Error,
    /// The resource is valid, but odd.
    Warning,
}

/// A FHIRPath rule. It holds for its type and what specialises it; an inherited rule stands once, at its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// `pat-1`.
    pub key: Box<str>,
    /// How bad breaking it is.
    pub severity: Severity,
    /// True where HL7 marks it as best practice only (`dom-6`).
    pub is_best_practice: bool,
    /// What it says, in words.
    pub human: Box<str>,
    /// FHIRPath, true where the rule holds.
    pub expression: Box<str>,
    /// The type whose instances it is about.
    pub type_id: TypeId,
    /// An element's name where it is about each value of that element instead of the type's own instance.
    pub element: Option<Box<str>>,
}

/// What the file holds, in its order; [`Definitions::new`] adds the look-ups.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// All types and elements.
    pub model: Model,
    /// Value sets that `fhir::model::Element::required_binding` counts.
    pub value_sets: Vec<ValueSet>,
    /// Search parameters, sorted by code and address.
    pub search_params: Vec<SearchParam>,
    /// Compartments, sorted by their owner's name.
    pub compartments: Vec<Compartment>,
    /// Invariants, sorted by type.
    pub invariants: Vec<Invariant>,
}

/// Everything FHIR R4 says that Keepwell needs as data.
#[derive(Debug)]
pub struct Definitions {
    /// All types and elements.
    pub model: Model,
    tables: Tables,
    params: FxHashMap<TypeId, Vec<u16>>,
}

impl Definitions {
    /// Builds the look-ups over `tables`.
    pub fn new(mut tables: Tables) -> Definitions {
        let model = std::mem::take(&mut tables.model);
        let params = params_by_type(&model, &tables.search_params);
        Definitions { model, tables, params }
    }

    /// The packages the definitions were made from.
    pub fn sources(&self) -> &[Source] {
        &self.tables.sources
    }

    /// The value set of a `required_binding`.
    pub fn value_set(&self, at: u16) -> Option<&ValueSet> {
        self.tables.value_sets.get(usize::from(at))
    }

    /// All value sets, in the order of [`Definitions::value_set`].
    pub fn value_sets(&self) -> &[ValueSet] {
        &self.tables.value_sets
    }

    /// All search parameters; the position is what [`Component::param`] counts.
    pub fn search_params(&self) -> &[SearchParam] {
        &self.tables.search_params
    }

    /// The parameters a concrete resource type can be searched by, those of `Resource` and `DomainResource` included,
    /// sorted by code.
    pub fn search_params_of(&self, resource: TypeId) -> impl Iterator<Item = &SearchParam> {
        self.params
            .get(&resource)
            .into_iter()
            .flatten()
            .filter_map(|&at| self.tables.search_params.get(usize::from(at)))
    }

    /// The parameter of that code for a concrete resource type.
    pub fn search_param(&self, resource: TypeId, code: &str) -> Option<&SearchParam> {
        self.search_params_of(resource).find(|p| &*p.code == code)
    }

    /// All compartments.
    pub fn compartments(&self) -> &[Compartment] {
        &self.tables.compartments
    }

    /// The compartment named by that type, `Patient` for one.
    pub fn compartment(&self, owner: TypeId) -> Option<&Compartment> {
        self.tables.compartments.iter().find(|c| c.owner == owner)
    }

    /// All invariants.
    pub fn invariants(&self) -> &[Invariant] {
        &self.tables.invariants
    }
}

impl Compartment {
    /// The parameters that put a resource of that type into it; `None` where it can't be in it.
    pub fn params(&self, resource: TypeId) -> Option<&[Box<str>]> {
        self.members.iter().find(|m| m.type_id == resource).map(|m| &*m.params)
    }
}

fn params_by_type(model: &Model, params: &[SearchParam]) -> FxHashMap<TypeId, Vec<u16>> {
    let mut found: FxHashMap<TypeId, Vec<u16>> = FxHashMap::default();
    let mut below: FxHashMap<TypeId, Vec<TypeId>> = FxHashMap::default();
    for (at, kind) in model.types().iter().enumerate() {
        if kind.kind == Kind::Resource && !kind.is_abstract {
            let id = TypeId(at as u16);
            let mut base = Some(id);
            while let Some(now) = base {
                below.entry(now).or_default().push(id);
                base = model.get(now).base;
            }
        }
    }
    for (at, param) in params.iter().enumerate() {
        for resource in param.bases.iter().filter_map(|b| below.get(b)).flatten() {
            found.entry(*resource).or_default().push(at as u16);
        }
    }
    found
}

#[cfg(test)]
mod tests;
