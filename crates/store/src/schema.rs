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
pub(crate) const LEAF: Table = Table { name: "leaf", columns: &["seq", "hash*", "entry*"], key: 1 };

/// Brings the tables up to date.
///
/// # Errors
/// Where a step fails, nothing of it stays; a database of a newer Keepwell is refused.
pub(crate) fn migrate(conn: &mut Conn, database: &Database) -> Result<(), Error> {
    let done = match conn.has_table("head")? {
        true => conn
            .query("SELECT schema FROM head WHERE id = 1", &[], |row| row.int(0))?
            .first()
            .copied()
            .unwrap_or(0),
        false => 0,
    };
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(Error::Integrity(
            "the database was made by a newer Keepwell; start that version, or restore the backup that it made".into(),
        ));
    }
    if done > 0
        && done < MIGRATIONS.len()
        && let Database::Sqlite(path) = database
    {
        conn.backup(&path.with_extension(format!("schema-{done}.backup")))?;
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        conn.begin_write()?;
        let outcome = conn.define(sql).and_then(|()| conn.define(&mark(step)));
        match outcome {
            Ok(()) => conn.commit()?,
            Err(error) => {
                conn.rollback()?;
                return Err(error);
            }
        }
    }
    Ok(())
}

fn mark(step: usize) -> String {
    match step {
        0 => "INSERT INTO head (id, schema, seq, rid, updated, leaves, tree, checkpoint, keyring) \
              VALUES (1, 1, 0, 0, 0, 0, CAST('' AS {bytes}), CAST('' AS {bytes}), CAST('' AS {bytes}))"
            .to_owned(),
        _ => format!("UPDATE head SET schema = {} WHERE id = 1", step + 1),
    }
}
