//! Bearer tokens: only a hash is kept, and who it stands for is sealed.

use crate::{
    Store,
    dialect::{Arg, Conn, Use},
    error::Error,
};
use sha2::{Digest, Sha256};
use vault::{aad::Aad, compress, seal};

impl Store {
    /// Keeps what a token stands for (the caller's JSON) under the token's hash.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn put_token(&self, token: &str, content: &[u8]) -> Result<(), Error> {
        let hash = Sha256::digest(token.as_bytes());
        let key = self.token_key(&hash)?;
        let packed = compress::compress(content).map_err(|e| Error::Keys(e.to_string()))?;
        let sealed = seal::seal(&key, &Aad::labelled(0), &packed).map_err(|e| Error::Keys(e.to_string()))?;
        let mut conn = Conn::open(&self.database, Use::Write)?;
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
        let Some(sealed) = found.first() else { return Ok(None) };
        let content = seal::open(&self.token_key(&hash)?, &Aad::labelled(0), sealed);
        content.map(Some).map_err(|e| Error::Integrity(format!("a token's row: {e}")))
    }

    /// Forgets a token. Whether it was there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn revoke_token(&self, token: &str) -> Result<bool, Error> {
        let hash = Sha256::digest(token.as_bytes());
        let mut conn = Conn::open(&self.database, Use::Write)?;
        Ok(conn.execute("DELETE FROM token WHERE hash = ?1", &[Arg::Bytes(&hash)])? > 0)
    }

    fn token_key(&self, hash: &[u8]) -> Result<seal::SealKey, Error> {
        let label: String = hash.iter().map(|b| format!("{b:02x}")).collect();
        let owner = self.keys.ring().owner_key(0).map_err(|e| Error::Keys(e.to_string()))?;
        owner.labelled(&format!("token/{label}"), 0).map_err(|e| Error::Keys(e.to_string()))
    }
}
