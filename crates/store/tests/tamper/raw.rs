//! The operator's hands: a connection of its own to the database, with plain SQL and no keys.

use store::dialect::Database;
use testkit::house::House;

pub(crate) enum Raw {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>),
}

/// Every table that is kept aside and brought back.
const TABLES: [&str; 12] = [
    "resource", "version", "term", "span", "link", "tie", "consent", "leaf", "token", "item", "handle",
    "head",
];

impl Raw {
    pub(crate) fn open(house: &House) -> Raw {
        match &house.database {
            Database::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                conn.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                Raw::Sqlite(conn)
            }
            Database::Postgres(url) => {
                Raw::Postgres(Box::new(postgres::Client::connect(url, postgres::NoTls).unwrap()))
            }
        }
    }

    /// Runs statements.
    pub(crate) fn run(&mut self, sql: &str) {
        match self {
            Raw::Sqlite(conn) => conn.execute_batch(sql).unwrap(),
            Raw::Postgres(client) => client.batch_execute(sql).unwrap(),
        }
    }

    /// One number.
    pub(crate) fn int(&mut self, sql: &str) -> i64 {
        match self {
            Raw::Sqlite(conn) => conn.query_row(sql, [], |row| row.get(0)).unwrap(),
            Raw::Postgres(client) => client.query_one(sql, &[]).unwrap().get(0),
        }
    }

    /// One value of bytes.
    pub(crate) fn bytes(&mut self, sql: &str) -> Vec<u8> {
        match self {
            Raw::Sqlite(conn) => conn.query_row(sql, [], |row| row.get(0)).unwrap(),
            Raw::Postgres(client) => client.query_one(sql, &[]).unwrap().get(0),
        }
    }

    /// Writes bytes where the statement has its mark `?1`.
    pub(crate) fn put(&mut self, sql: &str, bytes: &[u8]) {
        let changed = match self {
            Raw::Sqlite(conn) => conn.execute(sql, [bytes]).unwrap() as u64,
            Raw::Postgres(client) => client.execute(&sql.replace('?', "$"), &[&bytes]).unwrap(),
        };
        assert_eq!(changed, 1, "{sql}");
    }

    /// Changes one bit in the middle of a value.
    pub(crate) fn flip(&mut self, table: &str, column: &str, row: &str) {
        let mut bytes = self.bytes(&format!("SELECT {column} FROM {table} WHERE {row}"));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        self.put(&format!("UPDATE {table} SET {column} = ?1 WHERE {row}"), &bytes);
    }

    /// Swaps a column of two rows.
    pub(crate) fn swap(&mut self, table: &str, column: &str, one: &str, other: &str) {
        let first = self.bytes(&format!("SELECT {column} FROM {table} WHERE {one}"));
        let second = self.bytes(&format!("SELECT {column} FROM {table} WHERE {other}"));
        self.put(&format!("UPDATE {table} SET {column} = ?1 WHERE {one}"), &second);
        self.put(&format!("UPDATE {table} SET {column} = ?1 WHERE {other}"), &first);
    }

    /// Copies all rows aside, under that name.
    pub(crate) fn keep(&mut self, name: &str) {
        for table in TABLES {
            self.run(&format!("CREATE TABLE {name}_{table} AS SELECT * FROM {table}"));
        }
    }

    /// Puts the rows back that were kept under that name.
    pub(crate) fn restore(&mut self, name: &str, tables: &[&str]) {
        self.run("BEGIN");
        for table in tables {
            self.run(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM {name}_{table}"));
        }
        self.run("COMMIT");
    }

    /// Puts everything back.
    pub(crate) fn restore_all(&mut self, name: &str) {
        self.restore(name, &TABLES);
    }

    /// Everything that the database holds, as it could be read off the disk.
    pub(crate) fn everything(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        for (table, column) in
            [("version", "body"), ("leaf", "entry"), ("token", "sealed"), ("resource", "key")]
        {
            for at in 0..self.int(&format!("SELECT COUNT(*) FROM {table}")) {
                all.extend(
                    self.bytes(&format!(
                        "SELECT {column} FROM {table} ORDER BY {column} LIMIT 1 OFFSET {at}"
                    )),
                );
            }
        }
        all
    }
}
