//! The database as an intruder sees it: tables, rows and bytes, past every lock of the kernel.

use crate::house::House;
use access::audit::Entry;
use ledger::tree::Tree;
use postgres::types::Type;
use rusqlite::types::ValueRef;
use store::dialect::Database;
use vault::{aad::Aad, seal};

/// One value of a row: bytes as they are, numbers as decimal text.
pub type Cell = Vec<u8>;

impl House {
    /// The tables of the house.
    pub fn tables(&self) -> Vec<String> {
        let sql = match &self.database {
            Database::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Database::Postgres(_) => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        };
        let names = self.rows(sql).into_iter().flatten();
        names.map(|name| String::from_utf8(name).expect("a table's name")).collect()
    }

    /// The rows of any query.
    ///
    /// # Panics
    /// Where the database does not answer it.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Cell>> {
        match &self.database {
            Database::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).expect("the database");
                let mut statement = conn.prepare(sql).expect("a statement");
                let columns = statement.column_count();
                let row =
                    |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get_ref(at).map(cell)).collect();
                statement.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect()
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).expect("the database");
                let rows = client.query(sql, &[]).expect("rows");
                rows.iter().map(|row| (0..row.len()).map(|at| value(row, at)).collect()).collect()
            }
        }
    }

    /// Runs statements, as somebody does who can write to the database and holds no key.
    ///
    /// # Panics
    /// Where the database does not take them.
    pub fn run(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).expect("the database");
                conn.execute_batch(sql).expect("statements");
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).expect("the database");
                client.batch_execute(sql).expect("statements");
            }
        }
    }

    /// The audit log's entries, opened.
    ///
    /// # Panics
    /// Where one does not open.
    pub fn entries(&self) -> Vec<Entry> {
        let audit = self.record.store().keyring().audit_key();
        let open = |(at, row): (usize, Vec<Cell>)| {
            let key = audit.leaf(at as u64).expect("a leaf's key");
            let plain = seal::open(&key, &Aad::audit_leaf(at as u64), &row[0]).expect("a leaf that opens");
            // Before the entry stands its salt.
            Entry::parse(&plain[32..]).expect("an entry")
        };
        self.rows("SELECT entry FROM leaf ORDER BY seq").into_iter().enumerate().map(open).collect()
    }

    /// How many entries the audit log has, after holding every leaf against the signed head: none is missing, none is
    /// twice, and together they have the head's root.
    ///
    /// # Panics
    /// Where it does not hold.
    pub fn whole_log(&self) -> u64 {
        let mut tree = Tree::default();
        for (at, row) in self.rows("SELECT seq, hash FROM leaf ORDER BY seq").into_iter().enumerate() {
            assert_eq!(row[0], at.to_string().into_bytes(), "the number of leaf {at}");
            tree.append(row[1].clone().try_into().expect("32 bytes"));
        }
        let head = self.rows("SELECT leaves, tree, checkpoint FROM head").remove(0);
        assert_eq!(
            head[0],
            tree.size().to_string().into_bytes(),
            "the head counts other leaves than there are"
        );
        if tree.size() > 0 {
            assert_eq!(head[1], tree.to_bytes(), "the head's tree");
        }
        tree.size()
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => number.to_string().into_bytes(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
    }
}

fn value(row: &postgres::Row, at: usize) -> Cell {
    match *row.columns()[at].type_() {
        Type::INT8 => row.get::<_, i64>(at).to_string().into_bytes(),
        Type::BYTEA => row.get(at),
        _ => row.get::<_, String>(at).into_bytes(),
    }
}
