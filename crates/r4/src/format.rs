//! The definitions file: a header (what it is, its sources, SHA-256 of its content) and the tables, packed with zstd.
//!
//! `cargo xtask definitions` renders it, the server parses the embedded copy once at start. The same tables always
//! render to the same bytes.

use fhir::model::{Choice, Element, Kind, Model, Type, TypeId};
use sha2::{Digest, Sha256};

use crate::bytes::{Reader, Writer};
use crate::check::shape::MAX_ELEMENTS;
use crate::definitions::{
    Code, Codes, Compartment, Component, Definitions, Invariant, Member, SearchKind, SearchParam, Severity,
    Source, Tables, ValueSet,
};

const MAGIC: &[u8; 8] = b"KWFHIRR4";
const VERSION: u8 = 1;
const HEADER: usize = 8 + 1 + 32 + 4;
const LIMIT_BYTES: usize = 16 << 20;
const LEVEL: i32 = 19;

/// Why a definitions file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not begin like one.
    #[error("the FHIR definitions are not a Keepwell definitions file; build again from a clean checkout")]
    NotDefinitions,
    /// It was written for another release of Keepwell.
    #[error(
        "the FHIR definitions have format {0}, this build reads {VERSION}; run `cargo xtask definitions`"
    )]
    Version(u8),
    /// Its content does not match its checksum.
    #[error("the FHIR definitions are damaged (checksum differs); build again from a clean checkout")]
    Damaged,
    /// Its checksum is right, its content makes no sense.
    #[error("the FHIR definitions do not add up; run `cargo xtask definitions`")]
    Malformed,
    /// It could not be packed.
    #[error("the FHIR definitions could not be packed")]
    Pack(#[source] std::io::Error),
}

/// Renders the tables as a file.
pub fn render(tables: &Tables) -> Result<Vec<u8>, Error> {
    let mut out = Writer::default();
    out.list(&tables.sources, |out, source| {
        out.text(&source.name);
        out.text(&source.version);
    });
    out.list(tables.model.types(), write_type);
    out.list(&tables.value_sets, write_value_set);
    out.list(&tables.search_params, write_search_param);
    out.list(&tables.compartments, write_compartment);
    out.list(&tables.invariants, write_invariant);
    let content = out.finish();
    let packed = zstd::bulk::compress(&content, LEVEL).map_err(Error::Pack)?;
    let mut file = Vec::with_capacity(HEADER + packed.len());
    file.extend_from_slice(MAGIC);
    file.push(VERSION);
    file.extend_from_slice(&Sha256::digest(&content));
    file.extend_from_slice(&(content.len() as u32).to_le_bytes());
    file.extend_from_slice(&packed);
    Ok(file)
}

/// Unpacks a file and checks its checksum: the content that two builds of the packer must agree on.
pub fn content(file: &[u8]) -> Result<Vec<u8>, Error> {
    let (header, packed) = file.split_at_checked(HEADER).ok_or(Error::NotDefinitions)?;
    let (magic, header) = header.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(Error::NotDefinitions);
    }
    if header[0] != VERSION {
        return Err(Error::Version(header[0]));
    }
    let (checksum, length) = header[1..].split_at(32);
    let length = length.iter().rev().fold(0usize, |n, &byte| n << 8 | usize::from(byte));
    if length > LIMIT_BYTES {
        return Err(Error::Damaged);
    }
    let content = zstd::bulk::decompress(packed, length).map_err(|_| Error::Damaged)?;
    let is_whole = content.len() == length && Sha256::digest(&content)[..] == *checksum;
    if is_whole { Ok(content) } else { Err(Error::Damaged) }
}

/// Reads a file.
///
/// # Errors
/// Any change of a byte is an [`Error`].
pub fn parse(file: &[u8]) -> Result<Definitions, Error> {
    let content = content(file)?;
    let input = &mut Reader::new(&content)?;
    let sources = input.list(|input| Ok(Source { name: text(input)?, version: text(input)? }))?;
    let types = input.list(read_type)?;
    let tables = Tables {
        sources,
        value_sets: input.list(read_value_set)?,
        search_params: input.list(read_search_param)?,
        compartments: input.list(read_compartment)?,
        invariants: input.list(read_invariant)?,
        model: Model::default(),
    };
    if !input.is_done() || !adds_up(&types, &tables) {
        return Err(Error::Malformed);
    }
    Ok(Definitions::new(Tables { model: Model::new(types), ..tables }))
}

/// Every number that names a row names one that is there.
fn adds_up(types: &[Type], tables: &Tables) -> bool {
    let is_type = |id: &TypeId| usize::from(id.0) < types.len();
    let is_set = |at: u16| usize::from(at) < tables.value_sets.len();
    let is_param = |at: u16| usize::from(at) < tables.search_params.len();
    types.iter().enumerate().all(|(at, t)| {
        t.elements.len() <= MAX_ELEMENTS
            && t.base.is_none_or(|b| is_type(&b) && usize::from(b.0) != at)
            && t.elements.iter().all(|e| {
                e.choices.iter().all(|c| is_type(&c.type_id))
                    && e.targets.iter().all(is_type)
                    && e.required_binding.is_none_or(is_set)
            })
    }) && tables.search_params.iter().all(|p| {
        p.bases.iter().chain(&p.targets).all(is_type) && p.components.iter().all(|c| is_param(c.param))
    }) && tables
        .compartments
        .iter()
        .all(|c| is_type(&c.owner) && c.members.iter().all(|m| is_type(&m.type_id)))
        && tables.invariants.iter().all(|i| is_type(&i.type_id))
}

fn text(input: &mut Reader<'_>) -> Result<Box<str>, Error> {
    Ok(input.text()?.into())
}

fn type_id(input: &mut Reader<'_>) -> Result<TypeId, Error> {
    input.small().map(TypeId)
}

fn write_type(out: &mut Writer, item: &Type) {
    out.text(&item.name);
    out.maybe(item.base.map(|b| u64::from(b.0)));
    out.number(match item.kind {
        Kind::Primitive => 0,
        Kind::Complex => 1,
        Kind::Backbone => 2,
        Kind::Resource => 3,
    });
    out.flag(item.is_abstract);
    out.list(&item.elements, |out, element| {
        out.text(&element.name);
        out.number(u64::from(element.min));
        out.maybe(element.max.map(u64::from));
        out.flag(element.is_array);
        out.list(&element.choices, |out, choice| {
            out.text(&choice.key);
            out.number(u64::from(choice.type_id.0));
        });
        out.maybe(element.required_binding.map(u64::from));
        out.list(&element.targets, |out, target| out.number(u64::from(target.0)));
    });
}

fn read_type(input: &mut Reader<'_>) -> Result<Type, Error> {
    Ok(Type {
        name: text(input)?,
        base: input.maybe()?.map(TypeId),
        kind: match input.number()? {
            0 => Kind::Primitive,
            1 => Kind::Complex,
            2 => Kind::Backbone,
            3 => Kind::Resource,
            _ => return Err(Error::Malformed),
        },
        is_abstract: input.flag()?,
        elements: input.list(|input| {
            Ok(Element {
                name: text(input)?,
                min: input.small()?,
                max: input.maybe()?,
                is_array: input.flag()?,
                choices: input.list(|input| Ok(Choice { key: text(input)?, type_id: type_id(input)? }))?,
                required_binding: input.maybe()?,
                targets: input.list(type_id)?,
            })
        })?,
    })
}

fn write_value_set(out: &mut Writer, item: &ValueSet) {
    out.text(&item.url);
    match &item.codes {
        Codes::Listed(codes) => {
            out.number(0);
            out.list(codes, |out, code| {
                out.text(&code.code);
                out.text(&code.system);
            });
        }
        Codes::MediaType => out.number(1),
        Codes::Open => out.number(2),
    }
}

fn read_value_set(input: &mut Reader<'_>) -> Result<ValueSet, Error> {
    let url = text(input)?;
    let codes = match input.number()? {
        0 => Codes::Listed(input.list(|input| Ok(Code { code: text(input)?, system: text(input)? }))?),
        1 => Codes::MediaType,
        2 => Codes::Open,
        _ => return Err(Error::Malformed),
    };
    Ok(ValueSet { url, codes })
}

const KINDS: [SearchKind; 9] = [
    SearchKind::Number,
    SearchKind::Date,
    SearchKind::String,
    SearchKind::Token,
    SearchKind::Reference,
    SearchKind::Composite,
    SearchKind::Quantity,
    SearchKind::Uri,
    SearchKind::Special,
];

fn write_search_param(out: &mut Writer, item: &SearchParam) {
    out.text(&item.url);
    out.text(&item.code);
    out.number(KINDS.iter().position(|k| *k == item.kind).unwrap_or(KINDS.len()) as u64);
    out.list(&item.bases, |out, base| out.number(u64::from(base.0)));
    out.text(&item.expression);
    out.list(&item.targets, |out, target| out.number(u64::from(target.0)));
    out.list(&item.components, |out, component| {
        out.number(u64::from(component.param));
        out.text(&component.expression);
    });
    out.flag(item.multiple_or);
}

fn read_search_param(input: &mut Reader<'_>) -> Result<SearchParam, Error> {
    Ok(SearchParam {
        url: text(input)?,
        code: text(input)?,
        kind: *KINDS.get(input.number()? as usize).ok_or(Error::Malformed)?,
        bases: input.list(type_id)?,
        expression: text(input)?,
        targets: input.list(type_id)?,
        components: input.list(|input| Ok(Component { param: input.small()?, expression: text(input)? }))?,
        multiple_or: input.flag()?,
    })
}

fn write_compartment(out: &mut Writer, item: &Compartment) {
    out.number(u64::from(item.owner.0));
    out.list(&item.members, |out, member| {
        out.number(u64::from(member.type_id.0));
        out.list(&member.params, |out, param| out.text(param));
    });
}

fn read_compartment(input: &mut Reader<'_>) -> Result<Compartment, Error> {
    Ok(Compartment {
        owner: type_id(input)?,
        members: input.list(|input| Ok(Member { type_id: type_id(input)?, params: input.list(text)? }))?,
    })
}

fn write_invariant(out: &mut Writer, item: &Invariant) {
    out.text(&item.key);
    out.flag(item.severity == Severity::Warning);
    out.flag(item.is_best_practice);
    out.text(&item.human);
    out.text(&item.expression);
    out.number(u64::from(item.type_id.0));
    out.text(item.element.as_deref().unwrap_or(""));
}

fn read_invariant(input: &mut Reader<'_>) -> Result<Invariant, Error> {
    Ok(Invariant {
        key: text(input)?,
        severity: if input.flag()? { Severity::Warning } else { Severity::Error },
        is_best_practice: input.flag()?,
        human: text(input)?,
        expression: text(input)?,
        type_id: type_id(input)?,
        element: Some(text(input)?).filter(|name| !name.is_empty()),
    })
}
