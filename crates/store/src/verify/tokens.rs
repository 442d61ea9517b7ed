//! The token table: every row opens under its own hash.

use super::{
    Check, Walk,
    fault::{Place, What},
};
use crate::{dialect::Arg, error::Error, token};

/// How many rows are fetched at once.
const TOKENS: &str = "SELECT hash, sealed FROM token WHERE hash > ?1 ORDER BY hash LIMIT 256";

impl Walk<'_> {
    pub(super) fn tokens(&mut self) -> Result<(), Error> {
        let of = self.last("SELECT COUNT(*) FROM token")? as u64;
        let mut after = Vec::new();
        loop {
            let rows =
                self.conn.query(TOKENS, &[Arg::Bytes(&after)], |row| Ok((row.bytes(0)?, row.bytes(1)?)))?;
            let Some((last, _)) = rows.last() else { break };
            after.clone_from(last);
            for (hash, sealed) in rows {
                self.counts.tokens += 1;
                if token::open(self.keys, &hash, &sealed).is_err() {
                    let start = hash.iter().take(4).map(|b| format!("{b:02x}")).collect();
                    self.faults.add(Place::Token(start), What::Closed);
                }
            }
            self.tell(Check::Tokens, self.counts.tokens, of);
        }
        if self.counts.tokens != of {
            self.faults.add(Place::Token(String::new()), What::Foreign);
        }
        Ok(())
    }
}
