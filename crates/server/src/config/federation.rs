//! Outside providers, from the file alone: `[federation.NAME]`.

use super::{error::Error, private};
use login::{federation::Provider, nearest::nearest, realm::Realm};
use std::path::Path;

/// The keys of one provider.
const KEYS: [&str; 7] = [
    "issuer",
    "client_id",
    "client_secret_file",
    "realms",
    "label",
    "second_factor_amr",
    "second_factor_acr",
];

/// Reads the table of that name in the file.
///
/// # Errors
/// Where a key is unknown or its value will not do, or the secret's file cannot be read or others may read it.
pub(super) fn federation(table: &toml::Table, file: &Path) -> Result<Vec<Provider>, Error> {
    table.iter().map(|(name, value)| provider(name, value, file)).collect()
}

fn provider(name: &str, value: &toml::Value, file: &Path) -> Result<Provider, Error> {
    let fault = |what: &str| Error::Federation { name: name.to_owned(), what: what.to_owned() };
    let table = value.as_table().ok_or_else(|| fault("write it as [federation.NAME] with keys below it"))?;
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let place = format!("{}, [federation.{name}]", file.display());
        return Err(Error::unknown(&place, unknown, nearest(unknown, KEYS)));
    }
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(fault(&format!("`{key}` is a text"))),
    };
    let list = |key: &str| match table.get(key) {
        None => Ok(Vec::new()),
        Some(toml::Value::Array(all)) => {
            let texts: Option<Vec<String>> = all.iter().map(|one| Some(one.as_str()?.to_owned())).collect();
            texts.ok_or_else(|| fault(&format!("`{key}` is a list of texts")))
        }
        Some(_) => Err(fault(&format!("`{key}` is a list of texts"))),
    };
    let realms: Option<Vec<Realm>> = list("realms")?.iter().map(|name| Realm::named(name)).collect();
    let secret = match text("client_secret_file")? {
        Some(path) => Some(private::read(Path::new(&path))?.into()),
        None => None,
    };
    let provider = Provider {
        name: name.to_owned(),
        label: text("label")?.unwrap_or_else(|| name.to_owned()),
        issuer: text("issuer")?.unwrap_or_default(),
        client_id: text("client_id")?.unwrap_or_default(),
        secret,
        realms: realms.ok_or_else(|| fault("`realms` names some of patient, clinic and admin"))?,
        amr: list("second_factor_amr")?,
        acr: list("second_factor_acr")?,
    };
    provider.check().map_err(fault)?;
    Ok(provider)
}
