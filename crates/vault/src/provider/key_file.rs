//! A root from a file of random bytes.
//!
//! ```text
//! keepwell-key-file 1
//! 5f0c1e7a9b3d2c48 wT3…   (id, 32 bytes in base64url; the newest key first)
//! ```
//!
//! There is one key, except while a rotation is under way: then the next generation's key stands above the old one,
//! so that a crash at any moment leaves a key file that opens the keyring.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Error;
use crate::files::{self, Unreadable};
use crate::secret::{KEY_BYTES, Secret, sealed};
use crate::token::hex;

const FIRST_LINE: &str = "keepwell-key-file 1";
/// More than any real file has; a limit on what a wrong path can make us read.
const LARGEST_BYTES: u64 = 8192;

/// A key file, read. Wiped when dropped.
pub struct KeyFile {
    path: PathBuf,
    keys: Vec<Key>,
}

struct Key {
    id: String,
    secret: Secret,
}

impl KeyFile {
    /// Makes a new key file, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Exists`] when the path is taken, [`Error::Io`] when it cannot be written.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = Self { path: path.to_owned(), keys: vec![Key::random()?] };
        match files::create(path, file.render().as_bytes()) {
            Ok(_) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::Exists { path: path.to_owned() })
            }
            Err(source) => Err(file.io(source)),
        }
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::TooOpen`] when group or others may read it, [`Error::NotAKeyFile`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let owned = || path.to_owned();
        let text = files::read_private(path, LARGEST_BYTES).map_err(|unreadable| match unreadable {
            Unreadable::Missing => Error::Missing { path: owned() },
            Unreadable::TooOpen(mode) => Error::TooOpen { path: owned(), mode },
            Unreadable::TooLarge => Error::NotAKeyFile { path: owned() },
            Unreadable::Io(source) => Error::Io { path: owned(), source },
        })?;
        let keys = parse(&text).ok_or_else(|| Error::NotAKeyFile { path: owned() })?;
        Ok(Self { path: owned(), keys })
    }

    /// The id of the key that new generations use.
    pub(super) fn newest(&self) -> Result<&str, Error> {
        match self.keys.first() {
            Some(key) => Ok(&key.id),
            None => Err(Error::NotAKeyFile { path: self.path.clone() }),
        }
    }

    pub(super) fn root(&self, id: &str) -> Result<&Secret, Error> {
        match self.keys.iter().find(|key| key.id == id) {
            Some(key) => Ok(&key.secret),
            None => Err(Error::OtherKey { path: self.path.clone(), key: id.to_owned() }),
        }
    }

    pub(super) fn renew(&mut self) -> Result<(), Error> {
        self.keys.insert(0, Key::random()?);
        self.rewrite().inspect_err(|_| {
            self.keys.remove(0);
        })
    }

    pub(super) fn retire_all_but(&mut self, id: &str) -> Result<(), Error> {
        self.root(id)?;
        if self.keys.len() > 1 {
            self.keys.retain(|key| key.id == id);
            self.rewrite()?;
        }
        Ok(())
    }

    fn rewrite(&self) -> Result<(), Error> {
        let replace = || {
            let mut old = files::open(&self.path)?;
            files::replace(&self.path, self.render().as_bytes())?;
            files::sync_folder(&self.path)?;
            files::wipe(&mut old)
        };
        replace().map_err(|source| self.io(source))
    }

    fn render(&self) -> Zeroizing<String> {
        // Reserved whole: growing would leave copies of the key behind.
        let mut text = Zeroizing::new(String::with_capacity(32 + 64 * self.keys.len()));
        text.push_str(FIRST_LINE);
        text.push('\n');
        for key in &self.keys {
            text.push_str(&key.id);
            text.push(' ');
            URL_SAFE_NO_PAD.encode_string(key.secret.bytes(), &mut text);
            text.push('\n');
        }
        text
    }

    fn io(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }
}

impl Key {
    fn random() -> Result<Self, Error> {
        Ok(Self::of(Secret::random()?))
    }

    /// The id names the key without giving it away: a hash of 256 random bits.
    fn of(secret: Secret) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"keepwell/key-file/1");
        context.update(secret.bytes());
        Self { id: hex(&context.finish().as_ref()[..8]), secret }
    }
}

fn parse(bytes: &[u8]) -> Option<Vec<Key>> {
    let mut lines = str::from_utf8(bytes).ok()?.lines().map(str::trim_end);
    if lines.next()? != FIRST_LINE {
        return None;
    }
    let keys: Vec<Key> = lines.filter(|line| !line.is_empty()).map(parse_key).collect::<Option<_>>()?;
    (!keys.is_empty()).then_some(keys)
}

fn parse_key(line: &str) -> Option<Key> {
    let (id, encoded) = line.split_once(' ')?;
    let mut secret = Secret::empty();
    // One byte more than a key, so that a longer one is seen as longer.
    let mut decoded = Zeroizing::new([0; KEY_BYTES + 1]);
    let length = URL_SAFE_NO_PAD.decode_slice(encoded, decoded.as_mut_slice()).ok()?;
    if length != KEY_BYTES {
        return None;
    }
    secret.bytes_mut().copy_from_slice(&decoded[..KEY_BYTES]);
    let key = Key::of(secret);
    (key.id == id).then_some(key)
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sealed(f)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn home() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("root.key");
        (home, path)
    }

    #[test]
    fn a_key_file_reads_back_the_same_key() {
        let (_home, path) = home();
        let made = KeyFile::create(&path).unwrap();
        let read = KeyFile::read(&path).unwrap();
        let id = made.newest().unwrap();
        assert_eq!(read.newest().unwrap(), id);
        assert_eq!(read.root(id).unwrap().bytes(), made.root(id).unwrap().bytes());
    }

    #[test]
    fn a_key_file_is_never_overwritten() {
        let (_home, path) = home();
        KeyFile::create(&path).unwrap();
        assert!(matches!(KeyFile::create(&path), Err(Error::Exists { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_home, path) = home();
        KeyFile::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o604, 0o640, 0o660, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = KeyFile::read(&path).unwrap_err();
            assert!(matches!(refused, Error::TooOpen { .. }));
            assert!(refused.to_string().contains(&format!("chmod 600 {}", path.display())));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(KeyFile::read(&path).is_ok());
    }

    #[test]
    fn a_missing_key_file_says_where_it_was_looked_for() {
        let (_home, path) = home();
        let missing = KeyFile::read(&path).unwrap_err();
        assert!(matches!(missing, Error::Missing { .. }));
        assert!(missing.to_string().contains("root.key"));
    }

    #[test]
    fn a_changed_character_anywhere_makes_it_no_key_file() {
        let (_home, path) = home();
        KeyFile::create(&path).unwrap();
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() - 1 {
            let mut bad = good.clone();
            bad[at] = if bad[at] == b'x' { b'y' } else { b'x' };
            fs::write(&path, &bad).unwrap();
            assert!(matches!(KeyFile::read(&path), Err(Error::NotAKeyFile { .. })), "byte {at}");
        }
    }

    #[test]
    fn renewing_keeps_the_old_key_until_it_is_retired() {
        let (_home, path) = home();
        let mut file = KeyFile::create(&path).unwrap();
        let old = file.newest().unwrap().to_owned();
        file.renew().unwrap();
        let new = file.newest().unwrap().to_owned();
        assert_ne!(old, new);
        assert!(KeyFile::read(&path).unwrap().root(&old).is_ok());
        file.retire_all_but(&new).unwrap();
        let read = KeyFile::read(&path).unwrap();
        assert!(matches!(read.root(&old), Err(Error::OtherKey { .. })));
        assert!(read.root(&new).is_ok());
    }

    #[test]
    fn no_key_is_retired_for_the_sake_of_one_that_is_not_there() {
        let (_home, path) = home();
        let mut file = KeyFile::create(&path).unwrap();
        file.renew().unwrap();
        assert!(file.retire_all_but("0000000000000000").is_err());
        assert_eq!(KeyFile::read(&path).unwrap().keys.len(), 2);
    }
}
