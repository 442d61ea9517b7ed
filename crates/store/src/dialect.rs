//! The one place where SQLite and PostgreSQL differ.
//!
//! Every other module writes one SQL text with `?1` placeholders, `BIGINT` and `{bytes}` columns, and calls `Conn`. What is
//! translated here: placeholders, column types, clustering, locking, bulk writes, and errors (in `error.rs`).

mod server;

use crate::error::Error;
use postgres::types::{ToSql, Type};
use rusqlite::config::DbConfig;
use rustc_hash::FxHashMap;
use std::{path::PathBuf, time::Duration};

/// Where the rows live.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string. It may hold a password, so it has no `Debug` of its own.
    Postgres(String),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Database::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            Database::Postgres(_) => write!(f, "Postgres(sealed)"),
        }
    }
}

/// How long a connection waits for a lock, and a caller for a connection, unless said otherwise.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// The advisory lock of whoever serves a PostgreSQL database; one number for all, since such locks are each database's own.
/// It spells "keepwell".
const SERVING: i64 = i64::from_be_bytes(*b"keepwell");

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Write,
}

/// One argument of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

/// A column of a bulk write: all rows' values of that column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Column {
    pub(crate) ints: Vec<i64>,
    pub(crate) bytes: Vec<Vec<u8>>,
}

/// A table as a bulk write sees it: which columns are integers and which bytes, and which of them make the key.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Column names; a trailing `*` marks a bytes column.
    pub(crate) columns: &'static [&'static str],
    /// How many of the first columns are the key, for upsert and delete.
    pub(crate) key: usize,
}

impl Table {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|c| c.trim_end_matches('*'))
    }

    /// Whether that column holds bytes.
    pub(crate) fn is_bytes(&self, at: usize) -> bool {
        self.columns[at].ends_with('*')
    }

    fn list(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }
}

/// How a bulk write treats rows that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    /// They must not exist.
    Insert,
    /// They may exist already, exactly so.
    Ensure,
    Upsert,
    Delete,
}

/// A connection to either engine.
#[expect(clippy::large_enum_variant, reason = "there are a handful of them, and all live long")]
pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Postgres),
}

pub(crate) struct Postgres {
    client: postgres::Client,
    prepared: FxHashMap<String, postgres::Statement>,
}

/// One row of a result.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    pub(crate) fn int(&self, at: usize) -> Result<i64, Error> {
        match self {
            Row::Sqlite(row) => Ok(row.get(at)?),
            Row::Postgres(row) => Ok(row.try_get(at)?),
        }
    }

    pub(crate) fn bytes(&self, at: usize) -> Result<Vec<u8>, Error> {
        match self {
            Row::Sqlite(row) => Ok(row.get(at)?),
            Row::Postgres(row) => Ok(row.try_get(at)?),
        }
    }
}

impl Conn {
    /// Opens a connection that waits up to [`WAIT`] for a lock.
    pub(crate) fn open(database: &Database, purpose: Use) -> Result<Conn, Error> {
        Conn::open_waiting(database, purpose, WAIT)
    }

    /// Opens a connection that waits so long for a lock of another process before it says [`Error::Busy`].
    ///
    /// SQLite: write-ahead log and a sync at every commit, so that an acknowledged write survives a power cut.
    pub(crate) fn open_waiting(database: &Database, purpose: Use, wait: Duration) -> Result<Conn, Error> {
        match database {
            Database::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path)?;
                conn.busy_timeout(wait)?;
                conn.set_prepared_statement_cache_capacity(256);
                // Otherwise every new time or number that is bound has the statement planned again, at each read.
                conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
                let cache_kib = if purpose == Use::Write { 96 << 10 } else { 8 << 10 };
                conn.execute_batch(&format!(
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; \
                     PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -{cache_kib}; PRAGMA foreign_keys = OFF; \
                     PRAGMA query_only = {};",
                    if purpose == Use::Write { "OFF" } else { "ON" }
                ))?;
                Ok(Conn::Sqlite(conn))
            }
            Database::Postgres(url) => {
                let mut client = server::connect(url)?;
                let wait_ms = wait.as_millis().max(1);
                // The order of joins is the one that is written: what drives a search was chosen by looking into the index.
                client.batch_execute(&format!(
                    "SET synchronous_commit = on; SET lock_timeout = {wait_ms}; SET join_collapse_limit = 1; \
                     SET from_collapse_limit = 1; SET random_page_cost = 1.1; SET jit = off"
                ))?;
                Ok(Conn::Postgres(Postgres { client, prepared: FxHashMap::default() }))
            }
        }
    }

    /// Runs several statements of the schema, with the placeholders for column types filled in. SQLite's tables are strict:
    /// a column holds nothing but its type there either.
    pub(crate) fn define(&mut self, sql: &str) -> Result<(), Error> {
        match self {
            Conn::Sqlite(conn) => Ok(conn.execute_batch(
                &sql.replace("BIGINT", "INTEGER")
                    .replace("{id}", "INTEGER PRIMARY KEY")
                    .replace("{bytes}", "BLOB")
                    .replace("{strict}", "STRICT")
                    .replace("{clustered}", "STRICT, WITHOUT ROWID"),
            )?),
            Conn::Postgres(pg) => Ok(pg.client.batch_execute(
                &sql.replace("{id}", "BIGINT PRIMARY KEY")
                    .replace("{bytes}", "BYTEA")
                    .replace("{strict}", "")
                    .replace("{clustered}", ""),
            )?),
        }
    }

    /// Whether there is a table of that name.
    pub(crate) fn has_table(&mut self, name: &str) -> Result<bool, Error> {
        let sql = match self {
            Conn::Sqlite(_) => {
                "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = CAST(?1 AS TEXT)"
            }
            Conn::Postgres(_) => {
                "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass(convert_from(?1, 'UTF8'))"
            }
        };
        Ok(self
            .query(sql, &[Arg::Bytes(name.as_bytes())], |row| row.int(0))?
            .first()
            .is_some_and(|count| *count > 0))
    }

    /// Whether the file's pages, trees and indexes agree with each other; `None` on PostgreSQL, which looks after its own files.
    pub(crate) fn is_sound(&mut self) -> Result<Option<bool>, Error> {
        match self {
            Conn::Sqlite(conn) => Ok(Some(
                conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))? == "ok",
            )),
            Conn::Postgres(_) => Ok(None),
        }
    }

    /// Runs a query and maps each row.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        mut map: impl FnMut(Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut out = Vec::new();
        match self {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    out.push(map(Row::Sqlite(row))?);
                }
            }
            Conn::Postgres(pg) => {
                let statement = pg.prepare(sql)?;
                for row in &pg.client.query(&statement, &values(args))? {
                    out.push(map(Row::Postgres(row))?);
                }
            }
        }
        Ok(out)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, Error> {
        match self {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                Ok(statement.raw_execute()? as u64)
            }
            Conn::Postgres(pg) => {
                let statement = pg.prepare(sql)?;
                Ok(pg.client.execute(&statement, &values(args))?)
            }
        }
    }

    /// Prepares a statement without running it; for the test that holds every text against both engines.
    #[cfg(test)]
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), Error> {
        match self {
            Conn::Sqlite(conn) => conn.prepare(sql).map(drop).map_err(Error::from),
            Conn::Postgres(pg) => pg.prepare(sql).map(drop),
        }
    }

    /// Prepares a bulk write, for the same test.
    #[cfg(test)]
    pub(crate) fn prepare_bulk(&mut self, table: &Table, mode: Bulk) -> Result<(), Error> {
        let width = if mode == Bulk::Delete { table.key } else { table.columns.len() };
        match self {
            Conn::Sqlite(conn) => conn.prepare(&row_sql(table, mode)).map(drop).map_err(Error::from),
            Conn::Postgres(pg) => {
                pg.prepare_typed(&array_sql(table, mode, width), &array_types(table, width)).map(drop)
            }
        }
    }

    /// Starts the one writing transaction. SQLite takes its write lock here; PostgreSQL at the `head` row.
    pub(crate) fn begin_write(&mut self) -> Result<(), Error> {
        self.control("BEGIN IMMEDIATE", "BEGIN")
    }

    /// Starts a reading transaction: everything in it sees one moment of the database.
    pub(crate) fn begin_read(&mut self) -> Result<(), Error> {
        self.control("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Makes the transaction durable.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        self.control("COMMIT", "COMMIT")
    }

    /// Gives the transaction up.
    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.control("ROLLBACK", "ROLLBACK")
    }

    fn control(&mut self, sqlite: &str, postgres: &str) -> Result<(), Error> {
        match self {
            Conn::Sqlite(conn) => Ok(conn.execute_batch(sqlite)?),
            Conn::Postgres(pg) => Ok(pg.client.batch_execute(postgres)?),
        }
    }

    /// What locks a row that was selected, until the transaction ends. SQLite holds the whole file already.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Conn::Sqlite(_) => "",
            Conn::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Makes this connection the one that serves the database, until it ends: two servers with copies of one keyring would give
    /// one patient two keys. Waits as long as for any lock. An embedded database is its data folder's, and the keyring's lock there
    /// keeps others out.
    ///
    /// The lock is the session's. A session whose machine lost its power is given up by PostgreSQL after a minute.
    pub(crate) fn serve_alone(&mut self) -> Result<(), Error> {
        use postgres::error::SqlState;
        let Conn::Postgres(pg) = self else { return Ok(()) };
        pg.client.batch_execute(
            "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3",
        )?;
        pg.client.execute("SELECT pg_advisory_lock($1)", &[&SERVING]).map(drop).map_err(|error| {
            match error.code() {
                Some(&SqlState::LOCK_NOT_AVAILABLE) => Error::Served,
                _ => error.into(),
            }
        })
    }

    /// The name of the place that all tables are in, for a query that gives one of their names to something else.
    pub(crate) fn home(&self) -> &'static str {
        match self {
            Conn::Sqlite(_) => "main",
            Conn::Postgres(_) => "public",
        }
    }

    /// Whether the connection can still be used.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Conn::Sqlite(_) => true,
            Conn::Postgres(pg) => !pg.client.is_closed(),
        }
    }

    /// Bytes that the tables and their indexes take.
    pub(crate) fn size_bytes(&mut self) -> Result<i64, Error> {
        let sql = match self {
            Conn::Sqlite(_) => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            Conn::Postgres(_) => "SELECT pg_database_size(current_database())",
        };
        Ok(self.query(sql, &[], |row| row.int(0))?.first().copied().unwrap_or_default())
    }

    /// Copies the embedded database to `path` while it is in use; PostgreSQL has `pg_dump` for that.
    pub(crate) fn backup(&mut self, path: &std::path::Path) -> Result<(), Error> {
        match self {
            Conn::Sqlite(conn) => Ok(conn.backup("main", path, None::<fn(rusqlite::backup::Progress)>)?),
            Conn::Postgres(_) => Ok(()),
        }
    }

    /// Tells the planner about the rows that are there now; worth its while after a large import.
    pub(crate) fn analyze(&mut self) -> Result<(), Error> {
        self.control("PRAGMA analysis_limit = 1000; ANALYZE", "ANALYZE")
    }

    /// The rows of a table that come after a key, in its order, column by column; all from the first where there is no key yet.
    pub(crate) fn page(
        &mut self,
        table: &Table,
        after: Option<&[Arg<'_>]>,
        limit: usize,
    ) -> Result<Vec<Column>, Error> {
        let keys = table.names().take(table.key).collect::<Vec<_>>().join(", ");
        let marks = (1..=table.key).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let from = after.map_or_else(String::new, |_| format!("WHERE ({keys}) > ({marks})"));
        let sql = format!("SELECT {} FROM {} {from} ORDER BY {keys} LIMIT {limit}", table.list(), table.name);
        let mut columns = vec![Column::default(); table.columns.len()];
        self.query(&sql, after.unwrap_or_default(), |row| {
            for (at, column) in columns.iter_mut().enumerate() {
                match table.is_bytes(at) {
                    true => column.bytes.push(row.bytes(at)?),
                    false => column.ints.push(row.int(at)?),
                }
            }
            Ok(())
        })?;
        Ok(columns)
    }

    /// Writes or deletes many rows of one table: a loop over one prepared statement on SQLite, one statement over arrays
    /// on PostgreSQL, where each round trip costs.
    pub(crate) fn bulk(&mut self, table: &Table, mode: Bulk, columns: &[Column]) -> Result<(), Error> {
        let rows = columns.first().map_or(0, |c| c.ints.len().max(c.bytes.len()));
        if rows == 0 {
            return Ok(());
        }
        match self {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(&row_sql(table, mode))?;
                for row in 0..rows {
                    for (at, column) in columns.iter().enumerate() {
                        match table.is_bytes(at) {
                            true => statement.raw_bind_parameter(at + 1, &column.bytes[row][..])?,
                            false => statement.raw_bind_parameter(at + 1, column.ints[row])?,
                        }
                    }
                    statement.raw_execute()?;
                }
            }
            Conn::Postgres(pg) => {
                let statement = pg.prepare_typed(
                    &array_sql(table, mode, columns.len()),
                    &array_types(table, columns.len()),
                )?;
                let args: Vec<&(dyn ToSql + Sync)> = arrays_of(table, columns).collect();
                pg.client.execute(&statement, &args)?;
            }
        }
        Ok(())
    }
}

/// Rows for one table.
pub(crate) type Rows<'a> = (&'static Table, Bulk, &'a [Column]);

impl Conn {
    /// Runs `update` and, where it changed a row, the bulk writes, as one durable transaction. `false`: it changed none, and
    /// nothing was written. PostgreSQL does it in one round trip.
    pub(crate) fn step(
        &mut self,
        update: &str,
        args: &[Arg<'_>],
        writes: &[Rows<'_>],
    ) -> Result<bool, Error> {
        if let Conn::Postgres(pg) = self {
            return pg.step(update, args, writes);
        }
        self.begin_write()?;
        let outcome = self.execute(update, args).and_then(|changed| {
            if changed > 0 {
                writes.iter().try_for_each(|(table, mode, columns)| self.bulk(table, *mode, columns))?;
            }
            Ok(changed > 0)
        });
        match outcome {
            Ok(true) => self.commit().map(|()| true),
            other => self.rollback().and(other),
        }
    }
}

impl Postgres {
    fn step(&mut self, update: &str, args: &[Arg<'_>], writes: &[Rows<'_>]) -> Result<bool, Error> {
        let mut sql = format!("WITH moved AS ({} RETURNING id)", update.replace('?', "$"));
        let mut types: Vec<Type> = args
            .iter()
            .map(|arg| if matches!(arg, Arg::Int(_)) { Type::INT8 } else { Type::BYTEA })
            .collect();
        let mut arguments = values(args);
        for (at, (table, mode, columns)) in writes.iter().enumerate() {
            let arrays: Vec<String> = (1..=columns.len()).map(|n| format!("${}", types.len() + n)).collect();
            sql += &format!(
                ", w{at} AS (INSERT INTO {} ({}) SELECT u.* FROM unnest({}) u WHERE EXISTS (SELECT 1 FROM moved){})",
                table.name,
                table.list(),
                arrays.join(", "),
                if *mode == Bulk::Ensure { " ON CONFLICT DO NOTHING" } else { "" }
            );
            types.extend(array_types(table, columns.len()));
            arguments.extend(arrays_of(table, columns));
        }
        sql += " SELECT COUNT(*) FROM moved";
        let statement = self.prepare_typed(&sql, &types)?;
        let row = self.client.query_one(&statement, &arguments)?;
        Ok(row.try_get::<_, i64>(0)? > 0)
    }

    fn prepare(&mut self, sql: &str) -> Result<postgres::Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql.replace('?', "$"))?;
        self.remember(sql, statement)
    }

    fn prepare_typed(&mut self, sql: &str, types: &[Type]) -> Result<postgres::Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare_typed(sql, types)?;
        self.remember(sql, statement)
    }

    fn remember(&mut self, sql: &str, statement: postgres::Statement) -> Result<postgres::Statement, Error> {
        if self.prepared.len() >= 512 {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, args: &[Arg<'_>]) -> Result<(), Error> {
    for (at, arg) in args.iter().enumerate() {
        match arg {
            Arg::Int(value) => statement.raw_bind_parameter(at + 1, value)?,
            Arg::Bytes(value) => statement.raw_bind_parameter(at + 1, value)?,
        }
    }
    Ok(())
}

fn values<'a>(args: &'a [Arg<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    let value = |arg: &'a Arg<'a>| match arg {
        Arg::Int(value) => value as &(dyn ToSql + Sync),
        Arg::Bytes(value) => value,
    };
    args.iter().map(value).collect()
}

fn row_sql(table: &Table, mode: Bulk) -> String {
    let marks = (1..=table.columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    match mode {
        Bulk::Insert => format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.list()),
        Bulk::Ensure => {
            format!("INSERT INTO {} ({}) VALUES ({marks}) ON CONFLICT DO NOTHING", table.name, table.list())
        }
        Bulk::Upsert => {
            format!("INSERT INTO {} ({}) VALUES ({marks}) {}", table.name, table.list(), on_conflict(table))
        }
        Bulk::Delete => {
            let tests = table.names().take(table.key).enumerate();
            let tests = tests.map(|(at, name)| format!("{name} = ?{}", at + 1)).collect::<Vec<_>>();
            format!("DELETE FROM {} WHERE {}", table.name, tests.join(" AND "))
        }
    }
}

fn array_sql(table: &Table, mode: Bulk, width: usize) -> String {
    let arrays = (1..=width).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    match mode {
        Bulk::Insert => {
            format!("INSERT INTO {} ({}) SELECT * FROM unnest({arrays})", table.name, table.list())
        }
        Bulk::Ensure => {
            format!(
                "INSERT INTO {} ({}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING",
                table.name,
                table.list()
            )
        }
        Bulk::Upsert => {
            format!(
                "INSERT INTO {} ({}) SELECT * FROM unnest({arrays}) {}",
                table.name,
                table.list(),
                on_conflict(table)
            )
        }
        Bulk::Delete => {
            let names: Vec<&str> = table.names().take(table.key).collect();
            let tests = names.iter().map(|n| format!("t.{n} = u.{n}")).collect::<Vec<_>>();
            format!(
                "DELETE FROM {} t USING unnest({arrays}) AS u({}) WHERE {}",
                table.name,
                names.join(", "),
                tests.join(" AND ")
            )
        }
    }
}

fn array_types(table: &Table, width: usize) -> Vec<Type> {
    (0..width).map(|at| if table.is_bytes(at) { Type::BYTEA_ARRAY } else { Type::INT8_ARRAY }).collect()
}

fn arrays_of<'a>(table: &'a Table, columns: &'a [Column]) -> impl Iterator<Item = &'a (dyn ToSql + Sync)> {
    columns.iter().enumerate().map(|(at, column)| match table.is_bytes(at) {
        true => &column.bytes as &(dyn ToSql + Sync),
        false => &column.ints,
    })
}

fn on_conflict(table: &Table) -> String {
    let names: Vec<&str> = table.names().collect();
    let (key, rest) = names.split_at(table.key);
    let sets = rest.iter().map(|n| format!("{n} = excluded.{n}")).collect::<Vec<_>>();
    format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), sets.join(", "))
}
