//! Bearer tokens: only a hash is kept, and who it stands for is sealed.

use crate::{Store, dialect::Arg, error::Error, keys::Keys};
use sha2::{Digest, Sha256};
use vault::{aad::Aad, compress, seal};

impl Store {
    /// Keeps what a token stands for (the caller's JSON) under the token's hash.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn put_token(&self, token: &str, content: &[u8]) -> Result<(), Error> {
        let hash = Sha256::digest(token.as_bytes());
        let packed = compress::compress(content).map_err(|e| Error::Keys(e.to_string()))?;
        let sealed = seal::seal(&key(&self.keys, &hash)?, &Aad::labelled(0), &packed)
            .map_err(|e| Error::Keys(e.to_string()))?;
        let mut conn = self.conn()?;
        conn.execute(
            "INSERT INTO token (hash, sealed) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET sealed = excluded.sealed",
            &[Arg::Bytes(&hash), Arg::Bytes(&sealed)],
        )?;
        Ok(())
    }

    /// What a token stands for, if it was ever minted here.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn token(&self, token: &str) -> Result<Option<Vec<u8>>, Error> {
        let hash = Sha256::digest(token.as_bytes());
        let sql = "SELECT sealed FROM token WHERE hash = ?1";
        let found = self.pool.view(|conn| conn.query(sql, &[Arg::Bytes(&hash)], |row| row.bytes(0)))?;
        found.first().map(|sealed| open(&self.keys, &hash, sealed)).transpose()
    }

    /// Forgets a token. Whether it was there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn revoke_token(&self, token: &str) -> Result<bool, Error> {
        let hash = Sha256::digest(token.as_bytes());
        let mut conn = self.conn()?;
        Ok(conn.execute("DELETE FROM token WHERE hash = ?1", &[Arg::Bytes(&hash)])? > 0)
    }
}

/// Opens a row of the table: it opens under its own hash only.
pub(crate) fn open(keys: &Keys, hash: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    seal::open(&key(keys, hash)?, &Aad::labelled(0), sealed)
        .map_err(|e| Error::Integrity(format!("a token's row: {e}")))
}

fn key(keys: &Keys, hash: &[u8]) -> Result<seal::SealKey, Error> {
    let label: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    let owner = keys.ring().owner_key(0).map_err(|e| Error::Keys(e.to_string()))?;
    owner.labelled(&format!("token/{label}"), 0).map_err(|e| Error::Keys(e.to_string()))
}
