//! The house as data, and the checks that hold its walls: who may use whom (`ARCHITECTURE.md`, laws 1 and 7).

use crate::finding::Finding;
use crate::metadata::{Metadata, Package};

/// What a room may use of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MayUse {
    /// Only these.
    Rooms(&'static [&'static str]),
    /// Any of them.
    All,
    /// Any of them, and stands under others' `[dev-dependencies]` only.
    AllDevOnly,
}

/// One row of the table in `ARCHITECTURE.md`.
#[derive(Debug)]
pub(crate) struct Room {
    /// As in the table; `–` for what stands beside the house.
    pub(crate) floor: &'static str,
    pub(crate) name: &'static str,
    pub(crate) may_use: MayUse,
}

const fn room(floor: &'static str, name: &'static str, may_use: MayUse) -> Room {
    Room { floor, name, may_use }
}

/// The rooms. A new crate gets its row here and in `ARCHITECTURE.md`; a row may stand before its crate does.
pub(crate) const ROOMS: &[Room] = &[
    room("1", "fhir", MayUse::Rooms(&[])),
    room("1", "vault", MayUse::Rooms(&[])),
    room("1", "ledger", MayUse::Rooms(&[])),
    room("1", "preview", MayUse::Rooms(&[])),
    room("2", "r4", MayUse::Rooms(&["fhir"])),
    room("2", "access", MayUse::Rooms(&["fhir"])),
    room("3", "store", MayUse::Rooms(&["fhir", "access", "vault", "ledger"])),
    room("4", "record", MayUse::Rooms(&["store", "r4", "access", "fhir"])),
    room("5", "login", MayUse::Rooms(&["store", "access", "vault"])),
    room("5", "care", MayUse::Rooms(&["record", "access", "fhir"])),
    room("5", "people", MayUse::Rooms(&["fhir"])),
    room("6", "web", MayUse::Rooms(&["record", "login", "access", "fhir", "preview"])),
    room("7", "api", MayUse::Rooms(&["web", "care", "record", "login", "fhir"])),
    room("7", "portal", MayUse::Rooms(&["web", "care", "record", "login", "fhir"])),
    room("8", "server", MayUse::All),
    room("–", "testkit", MayUse::AllDevOnly),
    room("–", "xtask", MayUse::All),
];

/// Rooms with a door to the outside. Not even their tests list the store.
const DOORS: &[&str] = &["api", "portal", "hl7v2", "imaging", "network"];

/// Rooms without I/O.
pub(crate) const PURE: &[&str] = &["fhir", "r4", "access", "ledger", "preview"];

/// Crates that are I/O through and through.
const IO_CRATES: &[&str] = &[
    "tokio",
    "rusqlite",
    "postgres",
    "tokio-postgres",
    "reqwest",
    "axum",
    "hyper",
    "object_store",
    "tempfile",
];

/// Holds every crate's Cargo.toml to its row.
pub(crate) fn check(metadata: &Metadata) -> Vec<Finding> {
    metadata.members().flat_map(check_room).collect()
}

fn check_room(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    let place =
        if name == "xtask" { "xtask/Cargo.toml".to_owned() } else { format!("crates/{name}/Cargo.toml") };
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        let cure =
            "decide what it is and may use, and give it a row in ARCHITECTURE.md and xtask/src/house.rs";
        return vec![Finding::error(&place, 0, format!("`{name}` has no place in the house"), cure)];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let (other, dev) = (dependency.name.as_str(), dependency.kind.as_deref() == Some("dev"));
        let mut wrong = |what: String, cure: &str| findings.push(Finding::error(&place, 0, what, cure));
        if dependency.source.is_none() {
            if DOORS.contains(&name) && other == "store" {
                wrong(format!("the door `{name}` lists `store`"), "go through `record` (law 1)");
            } else if !dev && !allows(room, other) {
                wrong(
                    format!("`{name}` may not use `{other}`"),
                    "move the code to a room that may, or move the wall: ARCHITECTURE.md, xtask/src/house.rs and a decision",
                );
            }
        } else if !dev && PURE.contains(&name) && IO_CRATES.contains(&other) {
            wrong(
                format!("the pure room `{name}` lists `{other}`"),
                "leave I/O to `store` and above (law 7)",
            );
        }
    }
    findings
}

fn allows(room: &Room, other: &str) -> bool {
    let dev_only = ROOMS.iter().any(|room| room.name == other && room.may_use == MayUse::AllDevOnly);
    match room.may_use {
        MayUse::Rooms(rooms) => rooms.contains(&other),
        MayUse::All | MayUse::AllDevOnly => !dev_only,
    }
}

/// Holds the table in `ARCHITECTURE.md` to the one above, so that neither lies.
pub(crate) fn check_page(page: Option<&str>) -> Vec<Finding> {
    const PAGE: &str = "ARCHITECTURE.md";
    let cure = "make ARCHITECTURE.md and xtask/src/house.rs say the same";
    let Some(page) = page else {
        return vec![Finding::error(PAGE, 0, "the page is missing", "write it: plan, laws and walks")];
    };
    let rows = table_rows(page);
    let mut findings = Vec::new();
    for room in ROOMS {
        let Some((line, floor, _, may_use)) = rows.iter().find(|(_, _, name, _)| name == room.name) else {
            findings.push(Finding::error(PAGE, 0, format!("the table has no row for `{}`", room.name), cure));
            continue;
        };
        if floor != room.floor {
            let what =
                format!("`{}` stands on floor {floor} here and on {} in house.rs", room.name, room.floor);
            findings.push(Finding::error(PAGE, *line, what, cure));
        }
        if !says(may_use, room.may_use) {
            let what = format!("`{}` may use `{may_use}` here and {:?} in house.rs", room.name, room.may_use);
            findings.push(Finding::error(PAGE, *line, what, cure));
        }
    }
    for (line, _, name, _) in &rows {
        if !ROOMS.iter().any(|room| room.name == name) {
            findings.push(Finding::error(PAGE, *line, format!("house.rs has no row for `{name}`"), cure));
        }
    }
    findings
}

/// The rows of the table: line, floor, name, what it may use. Rows look like ``| 3 | `store` | … | fhir, access |``.
fn table_rows(page: &str) -> Vec<(usize, String, String, String)> {
    let mut rows = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let Some(inner) = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|')) else {
            continue;
        };
        let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
        let [floor, name, .., may_use] = cells.as_slice() else { continue };
        let is_floor =
            *floor == "–" || (!floor.is_empty() && floor.bytes().all(|byte| byte.is_ascii_digit()));
        let name = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
        if let (true, Some(name)) = (is_floor && cells.len() == 4, name) {
            rows.push((at + 1, (*floor).to_owned(), name.to_owned(), (*may_use).to_owned()));
        }
    }
    rows
}

fn says(cell: &str, may_use: MayUse) -> bool {
    match may_use {
        MayUse::All => cell == "all",
        MayUse::AllDevOnly => cell == "all, dev only",
        MayUse::Rooms([]) => cell == "–",
        MayUse::Rooms(rooms) => {
            let mut said: Vec<&str> = cell.split(',').map(|room| room.trim().trim_matches('`')).collect();
            let mut rooms = rooms.to_vec();
            said.sort_unstable();
            rooms.sort_unstable();
            said == rooms
        }
    }
}

#[cfg(test)]
mod tests;
