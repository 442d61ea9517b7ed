//! Where a value comes from: flag before environment before file before default. What is unknown is refused, not ignored.

use super::{
    error::Error,
    federation::federation,
    private,
    settings::{self, CONFIG, OF_TESTS, PASSPHRASE, PREFIX, SETTINGS},
};
use login::{federation::Provider, nearest::nearest};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// On the command line.
    Flag,
    /// In a variable of this name.
    Variable(String),
    /// In the file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => write!(f, "flag"),
            Origin::Variable(name) => write!(f, "{name}"),
            Origin::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A value and who said it. A database address may hold a password, so the value has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The text as it was given.
    pub(crate) text: String,
    /// Who gave it.
    pub(crate) origin: Origin,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sealed from {}", self.origin)
    }
}

/// What the command line says of the settings.
#[derive(Clone, Default)]
pub(crate) struct Flags {
    /// `--config`
    pub(crate) config: Option<PathBuf>,
    /// The rest, by key.
    pub(crate) values: BTreeMap<&'static str, String>,
}

/// All that was said, the strongest voice for each key.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    said: BTreeMap<&'static str, Said>,
    providers: Vec<Provider>,
}

/// What a file says: the settings, and outside providers.
type InFile = (BTreeMap<&'static str, Said>, Vec<Provider>);

impl Layers {
    /// Takes flags and environment, finds the file by them, and merges.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] for a key or `KEEPWELL_` variable that does not exist; a file that cannot be read or is no TOML.
    pub(crate) fn gather(flags: &Flags, environment: &[(String, String)]) -> Result<Layers, Error> {
        let mut strong = from_environment(environment)?;
        for (key, text) in &flags.values {
            strong.insert(key, Said { text: text.clone(), origin: Origin::Flag });
        }
        let named = flags.config.clone().or_else(|| variable(environment, CONFIG).map(PathBuf::from));
        let (mut said, providers) = match named {
            Some(path) => from_file(&path)?,
            None => from_data_folder(&strong)?,
        };
        said.extend(strong);
        Ok(Layers { said, providers })
    }

    /// The outside providers of the file.
    pub(crate) fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// What was said for a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Said> {
        self.said.get(key)
    }
}

/// The value of a variable, unless empty.
pub(crate) fn variable<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
    environment
        .iter()
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

fn from_environment(environment: &[(String, String)]) -> Result<BTreeMap<&'static str, Said>, Error> {
    let mut said = BTreeMap::new();
    for (name, text) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        if name == CONFIG || name == PASSPHRASE || OF_TESTS.contains(&name.as_str()) {
            continue;
        }
        let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == *name) else {
            let known: Vec<String> = SETTINGS.iter().map(settings::Setting::variable).collect();
            let known = known.iter().map(String::as_str).chain([CONFIG, PASSPHRASE]);
            return Err(Error::unknown("the environment", name, nearest(name, known)));
        };
        said.insert(setting.key, Said { text: text.clone(), origin: Origin::Variable(name.clone()) });
    }
    Ok(said)
}

fn from_data_folder(strong: &BTreeMap<&'static str, Said>) -> Result<InFile, Error> {
    let folder = strong.get("data").map_or(super::DEFAULT_DATA, |said| said.text.as_str());
    let path = Path::new(folder).join("keepwell.toml");
    if !path.exists() {
        return Ok(InFile::default());
    }
    let (said, providers) = from_file(&path)?;
    match said.contains_key("data") {
        true => Err(Error::DataInItself { path }),
        false => Ok((said, providers)),
    }
}

fn from_file(path: &Path) -> Result<InFile, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    // The parser's own rendering quotes the line, which may hold a password; only its words and the place are passed on.
    let table: toml::Table = toml::from_str(&text).map_err(|error| Error::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1)),
        what: error.message().to_owned(),
    })?;
    let (mut said, mut providers) = InFile::default();
    for (key, value) in table {
        if let ("federation", toml::Value::Table(table)) = (key.as_str(), &value) {
            providers = federation(table, path)?;
            continue;
        }
        let Some(setting) = settings::find(&key) else {
            let known = SETTINGS.iter().map(|setting| setting.key);
            return Err(Error::unknown(&path.display().to_string(), &key, nearest(&key, known)));
        };
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(switch) => switch.to_string(),
            _ => {
                return Err(Error::value(
                    setting.key,
                    &Origin::File(path.to_owned()),
                    "a text, a number, true or false",
                ));
            }
        };
        said.insert(setting.key, Said { text, origin: Origin::File(path.to_owned()) });
    }
    if said.get("database").is_some_and(|said: &Said| super::holds_password(&said.text)) {
        private::check(path)?;
    }
    Ok((said, providers))
}
