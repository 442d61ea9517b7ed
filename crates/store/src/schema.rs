//! The tables, and how they come to be.
//!
//! One text for both engines; `{id}`, `{bytes}`, `{strict}` and `{clustered}` are filled in by the dialect. A migration is a further entry
//! of [`MIGRATIONS`]; the embedded database is copied aside before one runs.

use crate::{
    dialect::{Conn, Database, Table},
    error::Error,
};

/// Schema steps, oldest first; the number of those done stands in `head.schema`.
pub(crate) const MIGRATIONS: &[&str] = &["
CREATE TABLE resource (rid {id}, key {bytes} NOT NULL UNIQUE, type BIGINT NOT NULL, version BIGINT NOT NULL,
    seq BIGINT NOT NULL, updated BIGINT NOT NULL, live BIGINT NOT NULL, owner BIGINT NOT NULL) {strict};
CREATE INDEX resource_type ON resource (type, rid);
CREATE TABLE version (seq {id}, rid BIGINT NOT NULL, version BIGINT NOT NULL, type BIGINT NOT NULL,
    updated BIGINT NOT NULL, op BIGINT NOT NULL, owner BIGINT NOT NULL, body {bytes} NOT NULL) {strict};
CREATE UNIQUE INDEX version_rid ON version (rid, version);
CREATE INDEX version_type ON version (type, seq);
CREATE TABLE term (param BIGINT NOT NULL, term BIGINT NOT NULL, rid BIGINT NOT NULL,
    PRIMARY KEY (param, term, rid)) {clustered};
CREATE TABLE span (param BIGINT NOT NULL, scope BIGINT NOT NULL, low BIGINT NOT NULL, high BIGINT NOT NULL,
    rid BIGINT NOT NULL, PRIMARY KEY (param, scope, low, high, rid)) {clustered};
CREATE INDEX span_rid ON span (rid, param, scope, low, high);
CREATE TABLE link (param BIGINT NOT NULL, target BIGINT NOT NULL, rid BIGINT NOT NULL,
    PRIMARY KEY (param, target, rid)) {clustered};
CREATE TABLE leaf (seq {id}, hash {bytes} NOT NULL, entry {bytes} NOT NULL) {strict};
CREATE TABLE token (hash {bytes} NOT NULL PRIMARY KEY, sealed {bytes} NOT NULL) {strict};
CREATE TABLE head (id {id}, schema BIGINT NOT NULL, seq BIGINT NOT NULL, rid BIGINT NOT NULL, updated BIGINT NOT NULL,
    leaves BIGINT NOT NULL, tree {bytes} NOT NULL, checkpoint {bytes} NOT NULL, keyring {bytes} NOT NULL) {strict};
", "
CREATE TABLE tie (who BIGINT NOT NULL, patient BIGINT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, rid BIGINT NOT NULL,
    PRIMARY KEY (who, patient, since, until, rid)) {clustered};
CREATE TABLE consent (patient BIGINT NOT NULL, effect BIGINT NOT NULL, depth BIGINT NOT NULL, who BIGINT NOT NULL,
    purpose BIGINT NOT NULL, type BIGINT NOT NULL, label BIGINT NOT NULL, item BIGINT NOT NULL, since BIGINT NOT NULL,
    until BIGINT NOT NULL, rid BIGINT NOT NULL,
    PRIMARY KEY (patient, effect, depth, who, purpose, type, label, item, since, until, rid)) {clustered};
CREATE INDEX consent_who ON consent (who, patient);
", "
CREATE TABLE item (kind BIGINT NOT NULL, id {bytes} NOT NULL, version BIGINT NOT NULL, expires BIGINT NOT NULL,
    sealed {bytes} NOT NULL, PRIMARY KEY (kind, id)) {clustered};
CREATE INDEX item_expires ON item (expires);
CREATE TABLE handle (kind BIGINT NOT NULL, term {bytes} NOT NULL, id {bytes} NOT NULL, PRIMARY KEY (kind, term)) {clustered};
CREATE INDEX handle_id ON handle (kind, id);
"];

pub(crate) const RESOURCE: Table = Table {
    name: "resource",
    columns: &["rid", "key*", "type", "version", "seq", "updated", "live", "owner"],
    key: 1,
};
pub(crate) const VERSION: Table = Table {
    name: "version",
    columns: &["seq", "rid", "version", "type", "updated", "op", "owner", "body*"],
    key: 1,
};
pub(crate) const TERM: Table = Table { name: "term", columns: &["param", "term", "rid"], key: 3 };
pub(crate) const SPAN: Table =
    Table { name: "span", columns: &["param", "scope", "low", "high", "rid"], key: 5 };
pub(crate) const LINK: Table = Table { name: "link", columns: &["param", "target", "rid"], key: 3 };
pub(crate) const TIE: Table =
    Table { name: "tie", columns: &["who", "patient", "since", "until", "rid"], key: 5 };
pub(crate) const CONSENT: Table = Table {
    name: "consent",
    columns: &[
        "patient", "effect", "depth", "who", "purpose", "type", "label", "item", "since", "until", "rid",
    ],
    key: 11,
};
pub(crate) const LEAF: Table = Table { name: "leaf", columns: &["seq", "hash*", "entry*"], key: 1 };

pub(crate) const TOKEN: Table = Table { name: "token", columns: &["hash*", "sealed*"], key: 1 };
pub(crate) const ITEM: Table =
    Table { name: "item", columns: &["kind", "id*", "version", "expires", "sealed*"], key: 2 };
pub(crate) const HANDLE: Table = Table { name: "handle", columns: &["kind", "term*", "id*"], key: 2 };
pub(crate) const HEAD: Table = Table {
    name: "head",
    columns: &["id", "schema", "seq", "rid", "updated", "leaves", "tree*", "checkpoint*", "keyring*"],
    key: 1,
};

/// Every table.
pub(crate) const TABLES: [&Table; 12] =
    [&RESOURCE, &VERSION, &TERM, &SPAN, &LINK, &TIE, &CONSENT, &LEAF, &TOKEN, &ITEM, &HANDLE, &HEAD];

/// Makes the tables in a database that has none, within the caller's transaction.
pub(crate) fn found(conn: &mut Conn) -> Result<(), Error> {
    MIGRATIONS.iter().try_for_each(|sql| conn.define(sql))
}

/// Brings the tables up to date.
///
/// # Errors
/// Where a step fails, nothing of it stays; a database of a newer Keepwell is refused.
pub(crate) fn migrate(conn: &mut Conn, database: &Database) -> Result<(), Error> {
    migrate_by(conn, database, MIGRATIONS)
}

fn migrate_by(conn: &mut Conn, database: &Database, steps: &[&str]) -> Result<(), Error> {
    let done = done(conn)?;
    if done > steps.len() {
        return Err(Error::Integrity(
            "the database was made by a newer Keepwell; start that version, or restore the backup that it made".into(),
        ));
    }
    if done == FILLED_BY_RECORDS && steps.len() > done && has_versions(conn)? {
        return Err(Error::Integrity(
            "the database was made before care relationships, consents and labels were indexed, and what is denied would be shown: export \
             it with the Keepwell that made it, and import that into a new data folder".into(),
        ));
    }
    let failed = |step: usize| {
        move |error: Error| Error::Migration { step: step + 1, of: steps.len(), source: Box::new(error) }
    };
    if done > 0
        && done < steps.len()
        && let Database::Sqlite(path) = database
    {
        conn.backup(&path.with_extension(format!("schema-{done}.backup"))).map_err(failed(done))?;
    }
    for (step, sql) in steps.iter().enumerate().skip(done) {
        conn.begin_write().map_err(failed(step))?;
        let outcome = conn.define(sql).and_then(|()| conn.define(&mark(step)));
        match outcome.and_then(|()| conn.commit()) {
            Ok(()) => {}
            Err(error) => {
                // What failed is what must be heard of, also where the connection went with it.
                let _ = conn.rollback();
                return Err(failed(step)(error));
            }
        }
    }
    Ok(())
}

/// The step (counted from 0) whose tables are filled as records are written. Empty tables over records that are there already would
/// leave out denials and labels, so such a database is refused.
const FILLED_BY_RECORDS: usize = 1;

fn has_versions(conn: &mut Conn) -> Result<bool, Error> {
    Ok(!conn.query("SELECT seq FROM version LIMIT 1", &[], |row| row.int(0))?.is_empty())
}

/// How many steps the database has seen.
fn done(conn: &mut Conn) -> Result<usize, Error> {
    if !conn.has_table("head")? {
        return Ok(0);
    }
    let schema = conn.query("SELECT schema FROM head WHERE id = 1", &[], |row| row.int(0))?;
    Ok(usize::try_from(schema.first().copied().unwrap_or(0)).unwrap_or(usize::MAX))
}

fn mark(step: usize) -> String {
    match step {
        0 => "INSERT INTO head (id, schema, seq, rid, updated, leaves, tree, checkpoint, keyring) \
              VALUES (1, 1, 0, 0, 0, 0, CAST('' AS {bytes}), CAST('' AS {bytes}), CAST('' AS {bytes}))"
            .to_owned(),
        _ => format!("UPDATE head SET schema = {} WHERE id = 1", step + 1),
    }
}

#[cfg(test)]
mod tests;
