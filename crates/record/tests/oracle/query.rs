//! Generated searches: kept as a tree for the naive reading, rendered as a query string for the kernel.

use crate::{
    naive::World,
    world::{BASE, CODES, DATES, IDS, NUMBERS, SYSTEMS, TEXTS, TIMES, TYPES, UNITS, URLS},
};
use r4::{
    definitions::{SearchKind, definitions},
    index::{self, IndexValue, SearchParam, Target},
};
use testkit::chance::Chance;

/// Which parameter of which resource.
#[derive(Clone, Debug)]
pub(crate) enum Path {
    Own(String),
    Chain { code: String, target: Option<String>, next: Box<Path> },
    Has { source: String, code: String, next: Box<Path> },
}

/// One parameter with its values: one of them must hold.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) path: Path,
    pub(crate) modifier: Option<String>,
    pub(crate) values: Vec<Wanted>,
}

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// A string, uri, id or reference.
    Text(String),
    /// `code`, `system|code`, `|code`, `system|`: the system is `None` where no `|` stands.
    Token { system: Option<String>, code: String },
    /// A date, number or quantity, with the system and code of its unit.
    Ordered { prefix: &'static str, text: String, unit: Option<(String, String)> },
}

const PREFIXES: &[&str] = &["", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// Forms that only searches may have.
const SHORT_TIMES: &[&str] =
    &["2023-12-31T23:59Z", "2024-01-01T00:00", "2023-12-31T18:30:00", "2024-01-01T05:30+05:30"];

/// The generator, over what the world holds now.
pub(crate) struct Asker<'w> {
    pub(crate) world: &'w World,
    /// Parameters that have values, by type.
    pub(crate) filled: Vec<(&'static str, Vec<&'static SearchParam>)>,
}

impl<'w> Asker<'w> {
    pub(crate) fn new(world: &'w World) -> Asker<'w> {
        let filled = TYPES.iter().map(|(kind, _)| {
            let all = index::params(kind).iter().filter(|p| is_supported(p));
            (*kind, all.filter(|p: &&'static SearchParam| !values(world, p).is_empty()).collect())
        });
        Asker { world, filled: filled.collect() }
    }

    /// One condition on resources of that type, with at most `steps` steps to others.
    pub(crate) fn clause(&self, chance: &mut Chance, kind: &str, steps: usize) -> Clause {
        match chance.below(5) {
            0 if steps > 0 => self.chain(chance, kind, steps),
            1 if steps > 0 => self.has(chance, kind, steps),
            _ => self.leaf(chance, kind),
        }
    }

    fn chain(&self, chance: &mut Chance, kind: &str, steps: usize) -> Clause {
        let led: Vec<(&SearchParam, &str)> = index::params(kind)
            .iter()
            .filter(|p| p.kind == SearchKind::Reference)
            .flat_map(|p| targets(p).into_iter().map(move |t| (p, t)))
            .filter(|(_, target)| TYPES.iter().any(|(known, _)| known == target))
            .collect();
        if led.is_empty() {
            return self.leaf(chance, kind);
        }
        let (param, target) = *chance.pick(&led);
        let inner = self.clause(chance, target, steps - 1);
        let named = !chance.one_in(3) || !means_one_thing(param, &inner.path);
        let target = named.then(|| target.to_owned());
        Clause {
            path: Path::Chain { code: param.code.to_owned(), target, next: Box::new(inner.path) },
            ..inner
        }
    }

    fn has(&self, chance: &mut Chance, kind: &str, steps: usize) -> Clause {
        let leading: Vec<(&str, &SearchParam)> = TYPES
            .iter()
            .flat_map(|(source, _)| index::params(source).iter().map(move |p| (*source, p)))
            .filter(|(_, p)| p.kind == SearchKind::Reference && targets(p).contains(&kind))
            .collect();
        if leading.is_empty() {
            return self.leaf(chance, kind);
        }
        let (source, param) = *chance.pick(&leading);
        let inner = self.clause(chance, source, steps - 1);
        let path =
            Path::Has { source: source.to_owned(), code: param.code.to_owned(), next: Box::new(inner.path) };
        Clause { path, ..inner }
    }

    fn leaf(&self, chance: &mut Chance, kind: &str) -> Clause {
        let own = |code: &str, values| Clause { path: Path::Own(code.to_owned()), modifier: None, values };
        match chance.below(14) {
            0 => return own("_id", several(chance, |c| Wanted::Text((*c.pick(IDS)).to_owned()))),
            1 => return own("_lastUpdated", several(chance, |c| self.updated(c))),
            _ => {}
        }
        let all: Vec<&'static SearchParam> = index::params(kind).iter().filter(|p| is_supported(p)).collect();
        let filled = self.filled.iter().find(|(name, _)| *name == kind).map_or(&all, |(_, filled)| filled);
        let among = if filled.is_empty() || chance.one_in(10) { &all } else { filled };
        let param = *chance.pick(among);
        if chance.one_in(8) {
            let wanted = Wanted::Text(if chance.one_in(2) { "true" } else { "false" }.to_owned());
            return Clause { modifier: Some("missing".into()), ..own(param.code, vec![wanted]) };
        }
        let modifier = modifier(chance, param);
        let found = values(self.world, param);
        let values = several(chance, |c| wanted(c, param, modifier.as_deref(), &found));
        Clause { modifier, ..own(param.code, values) }
    }

    fn updated(&self, chance: &mut Chance) -> Wanted {
        let all: Vec<i64> = self.world.values().map(|row| row.updated).collect();
        let at = fhir::time::render_instant(*chance.pick(&all));
        // To the minute, the second or the millisecond.
        let text = match chance.below(3) {
            0 => format!("{}Z", &at[..16]),
            1 => format!("{}Z", &at[..19]),
            _ => at,
        };
        Wanted::Ordered { prefix: *chance.pick(PREFIXES), text, unit: None }
    }
}

/// What the kernel says it can be asked.
pub(crate) fn is_supported(param: &SearchParam) -> bool {
    !matches!(param.kind, SearchKind::Composite | SearchKind::Special)
}

/// The types that a reference parameter leads to.
pub(crate) fn targets(param: &SearchParam) -> Vec<&'static str> {
    let model = &definitions().model;
    if param.targets.is_empty() {
        return TYPES.iter().map(|(kind, _)| *kind).collect();
    }
    param.targets.iter().map(|id| &*model.get(*id).name).collect()
}

/// Whether a chain over all types that `param` leads to means the same kind of parameter in each of them.
fn means_one_thing(param: &SearchParam, path: &Path) -> bool {
    let Path::Own(code) = path else { return false };
    if code == "_id" || code == "_lastUpdated" {
        return true;
    }
    let mut kinds = targets(param).into_iter().filter_map(|t| index::param(t, code)).map(|p| p.kind);
    let Some(first) = kinds.next() else { return false };
    kinds.all(|kind| kind == first)
}

/// Everything that the world has for a parameter.
fn values<'w>(world: &'w World, param: &'static SearchParam) -> Vec<IndexValue<'w>> {
    let mut out = Vec::new();
    for ((kind, _), row) in world {
        if kind == param.type_name {
            param.values(&row.value, &mut |value| out.push(value)).unwrap();
        }
    }
    out
}

fn modifier(chance: &mut Chance, param: &SearchParam) -> Option<String> {
    let some = |text: &str| Some(text.to_owned());
    match (param.kind, chance.below(4)) {
        (SearchKind::String, 0) => some("exact"),
        (SearchKind::String, 1) => some("contains"),
        (SearchKind::Token, 0) => some("not"),
        (SearchKind::Reference, 0) => some("identifier"),
        (SearchKind::Reference, 1) => some(*chance.pick(&targets(param)[..])),
        _ => None,
    }
}

fn several(chance: &mut Chance, mut make: impl FnMut(&mut Chance) -> Wanted) -> Vec<Wanted> {
    let count = 1 + chance.below(3) * chance.below(2);
    (0..count).map(|_| make(chance)).collect()
}

fn wanted(
    chance: &mut Chance,
    param: &SearchParam,
    modifier: Option<&str>,
    found: &[IndexValue<'_>],
) -> Wanted {
    let value = (!found.is_empty() && !chance.one_in(5)).then(|| chance.pick(found).clone());
    match param.kind {
        SearchKind::String => Wanted::Text(string(chance, modifier, value)),
        SearchKind::Token => token(chance, value),
        SearchKind::Reference if modifier == Some("identifier") => match value {
            Some(IndexValue::Reference(Target::Identifier { system, value })) => {
                token(chance, Some(IndexValue::Token { system, code: value }))
            }
            _ => token(chance, None),
        },
        SearchKind::Reference => Wanted::Text(reference(chance, param, modifier, value)),
        SearchKind::Uri => Wanted::Text(match value {
            Some(IndexValue::Uri(uri)) => uri.to_owned(),
            _ => (*chance.pick(URLS)).to_owned(),
        }),
        SearchKind::Date => {
            let form = chance.below(3);
            let text = *chance.pick([DATES, TIMES, SHORT_TIMES][form]);
            Wanted::Ordered { prefix: *chance.pick(PREFIXES), text: text.to_owned(), unit: None }
        }
        _ => {
            let unit = (param.kind == SearchKind::Quantity && chance.one_in(2)).then(|| unit(chance));
            let text = (*chance.pick(NUMBERS)).to_owned();
            Wanted::Ordered { prefix: *chance.pick(PREFIXES), text, unit }
        }
    }
}

fn unit(chance: &mut Chance) -> (String, String) {
    let (system, code, unit) = *chance.pick(UNITS);
    let some = |text: Option<&str>| text.unwrap_or_default().to_owned();
    match chance.below(4) {
        0 => ("urn:iso:std:iso:4217".into(), (*chance.pick(&["EUR", "INR"])).into()),
        1 => (String::new(), (*chance.pick(&["mg", "mmHg", "mm[Hg]", "milligram"])).into()),
        2 => (some(system), some(code.or(unit).or(Some("mg")))),
        _ => (some(system), some(unit.or(code).or(Some("mg")))),
    }
}

fn string(chance: &mut Chance, modifier: Option<&str>, value: Option<IndexValue<'_>>) -> String {
    let whole = match value {
        Some(IndexValue::Text(text)) => text,
        _ => *chance.pick(TEXTS),
    };
    let chars: Vec<char> = whole.chars().collect();
    let from = if modifier == Some("contains") { chance.below(chars.len()) } else { 0 };
    let most = chars.len() - from;
    let length = if chance.one_in(3) { most } else { 1 + chance.below(most) };
    let part: String = chars[from..from + length].iter().collect();
    match chance.below(4) {
        0 if modifier.is_none_or(|m| m != "exact") => part.to_uppercase(),
        1 if modifier.is_none_or(|m| m != "exact") => part.to_lowercase(),
        _ if modifier == Some("exact") && !chance.one_in(4) => whole.to_owned(),
        _ => part,
    }
}

fn token(chance: &mut Chance, value: Option<IndexValue<'_>>) -> Wanted {
    let (system, code) = match value {
        Some(IndexValue::Token { system, code }) => (system, code),
        _ => ((!chance.one_in(3)).then(|| *chance.pick(SYSTEMS)), Some(*chance.pick(CODES))),
    };
    let code = code.unwrap_or(*chance.pick(CODES)).to_owned();
    let system = system.unwrap_or_default().to_owned();
    match chance.below(6) {
        0 | 1 => Wanted::Token { system: None, code },
        2 => Wanted::Token { system: Some(String::new()), code },
        3 if !system.is_empty() => Wanted::Token { system: Some(system), code: String::new() },
        _ => Wanted::Token { system: Some(system), code },
    }
}

fn reference(
    chance: &mut Chance,
    param: &SearchParam,
    modifier: Option<&str>,
    value: Option<IndexValue<'_>>,
) -> String {
    let target = match value {
        Some(IndexValue::Reference(target)) => Some(target),
        _ => None,
    };
    let (kind, id) = match target {
        Some(Target::Local { type_name, id }) => (type_name.to_owned(), id.to_owned()),
        Some(Target::Url(url)) if modifier.is_none() => match url.strip_prefix(BASE) {
            Some(_) if chance.one_in(2) => return url[BASE.len() + 1..].to_owned(),
            _ => return url.to_owned(),
        },
        Some(Target::Canonical { url, version }) if modifier.is_none() => match version {
            Some(version) if chance.one_in(2) => return format!("{url}|{version}"),
            _ => return url.to_owned(),
        },
        _ => ((*chance.pick(&targets(param))).to_owned(), (*chance.pick(IDS)).to_owned()),
    };
    match (modifier, chance.below(3)) {
        (Some(_), _) => id,
        (None, 0) => id,
        (None, 1) => format!("{BASE}/{kind}/{id}"),
        (None, _) => format!("{kind}/{id}"),
    }
}

impl Clause {
    /// As it stands in a URL.
    pub(crate) fn render(&self, chance: &mut Chance) -> String {
        let modifier = self.modifier.as_ref().map(|m| format!(":{m}")).unwrap_or_default();
        let values: Vec<String> = self.values.iter().map(Wanted::render).collect();
        format!("{}{modifier}={}", self.path.render(), encode(chance, &values.join(",")))
    }
}

impl Path {
    fn render(&self) -> String {
        match self {
            Path::Own(code) => code.clone(),
            Path::Chain { code, target: Some(target), next } => format!("{code}:{target}.{}", next.render()),
            Path::Chain { code, target: None, next } => format!("{code}.{}", next.render()),
            Path::Has { source, code, next } => format!("_has:{source}:{code}:{}", next.render()),
        }
    }
}

impl Wanted {
    fn render(&self) -> String {
        match self {
            Wanted::Text(text) => escape(text),
            Wanted::Token { system: None, code } => escape(code),
            Wanted::Token { system: Some(system), code } => format!("{}|{}", escape(system), escape(code)),
            Wanted::Ordered { prefix, text, unit: None } => format!("{prefix}{text}"),
            Wanted::Ordered { prefix, text, unit: Some((system, code)) } => {
                format!("{prefix}{text}|{}|{}", escape(system), escape(code))
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| matches!(c, ',' | '|' | '$' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

fn encode(chance: &mut Chance, text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let plain = c.is_ascii_alphanumeric() || "-._~".contains(c);
        let may = ":/|,$\\".contains(c) && chance.one_in(2);
        let mut bytes = [0; 4];
        match c {
            ' ' if chance.one_in(2) => out.push('+'),
            c if plain || may => out.push(c),
            c => c.encode_utf8(&mut bytes).bytes().for_each(|b| out.push_str(&format!("%{b:02X}"))),
        }
    }
    out
}
