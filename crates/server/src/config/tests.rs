use super::*;
use std::{collections::BTreeMap, fs};

fn flags(values: &[(&'static str, &str)]) -> Flags {
    let values = values.iter().map(|(key, text)| (*key, (*text).to_owned())).collect::<BTreeMap<_, _>>();
    Flags { config: None, values }
}

fn environment(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn folder_with(file: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("keepwell.toml"), file).unwrap();
    let path = folder.path().display().to_string();
    (folder, path)
}

fn refused(flags: &Flags, variables: &[(&str, &str)]) -> String {
    Config::load(flags, &environment(variables)).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_flag_outdoes_a_variable_and_a_variable_the_file() {
    let (_folder, path) = folder_with("listen = \"127.0.0.1:1001\"\nreaders = 3\nlimit_requests = 7\n");
    let flags = flags(&[("data", &path), ("listen", "127.0.0.1:1003")]);
    let variables =
        environment(&[("KEEPWELL_LISTEN", "127.0.0.1:1002"), ("KEEPWELL_READERS", "5"), ("HOME", "/h")]);
    let (config, layers) = Config::load(&flags, &variables).unwrap();
    assert_eq!((config.listen.port(), config.readers, config.limit_requests), (1003, 5, 7));
    assert_eq!(config.limit_body_bytes, 32 << 20);
    assert_eq!(layers.get("readers").unwrap().origin.to_string(), "KEEPWELL_READERS");
    assert!(layers.get("limit_requests").unwrap().origin.to_string().ends_with("keepwell.toml"));
}

#[test]
fn an_unknown_key_is_refused_with_what_was_probably_meant() {
    let (_folder, path) = folder_with("limit_boddy_bytes = 5\n");
    let said = refused(&flags(&[("data", &path)]), &[]);
    assert!(said.contains("did you mean `limit_body_bytes`?"), "{said}");
    let (_folder, path) = folder_with("[limits]\nbody = 5\n");
    assert!(refused(&flags(&[("data", &path)]), &[]).contains("unknown setting `limits`"));
}

#[test]
fn an_unknown_variable_is_refused_with_what_was_probably_meant() {
    let said = refused(&flags(&[]), &[("KEEPWELL_DATABSE", "postgres://u:hush@h/d")]);
    assert!(said.contains("did you mean `KEEPWELL_DATABASE`?") && !said.contains("hush"), "{said}");
}

#[test]
fn a_fault_of_syntax_names_the_line_and_quotes_nothing() {
    let (_folder, path) = folder_with("readers = 2\ndatabase = \"postgres://u:hush@h/d\n");
    let said = refused(&flags(&[("data", &path)]), &[]);
    assert!(said.contains("line 2") && !said.contains("hush"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_read_is_refused_with_the_cure() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    fs::write(&secret, "hush hush\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
    let name = secret.display().to_string();
    let flags = flags(&[("database", "postgres://u@h/d"), ("database_password_file", &name)]);
    assert!(refused(&flags, &[]).contains(&format!("run `chmod 600 {name}`")));
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let (config, _) = Config::load(&flags, &[]).unwrap();
    assert!(config.database == Database::Postgres("postgres://u@h/d?password=hush%20hush".into()));
    assert!(!format!("{config:?}").contains("hush"));
}

#[cfg(unix)]
#[test]
fn a_configuration_with_a_password_must_be_private() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder_with("database = \"postgres://u:hush@h/d\"\n");
    let file = folder.path().join("keepwell.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&flags(&[("data", &path)]), &[]).contains("chmod 600"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(Config::load(&flags(&[("data", &path)]), &[]).is_ok());
}

#[test]
fn a_password_on_the_command_line_is_refused() {
    assert!(
        refused(&flags(&[("database", "postgres://u:hush@h/d")]), &[]).contains("--database-password-file")
    );
    let variables = environment(&[("KEEPWELL_DATABASE", "postgres://u:hush@h/d")]);
    assert!(Config::load(&flags(&[]), &variables).is_ok());
}

#[test]
fn a_public_address_needs_a_word_and_tls_or_a_proxy() {
    let open = ("listen", "0.0.0.0:8080");
    assert!(refused(&flags(&[open]), &[]).contains("--public"));
    assert!(refused(&flags(&[open, ("public", "true")]), &[]).contains("--tls-cert"));
    let proxied = flags(&[open, ("public", "true"), ("insecure_behind_proxy", "true")]);
    assert!(Config::load(&proxied, &[]).is_ok());
}

#[test]
fn there_is_one_root_key() {
    let both = flags(&[("key_file", "/k"), ("passphrase_file", "/p")]);
    assert!(refused(&both, &[]).contains("only one"));
    assert!(refused(&flags(&[("key_file", "/k")]), &[("KEEPWELL_PASSPHRASE", "x")]).contains("only one"));
    let (config, _) =
        Config::load(&flags(&[]), &environment(&[("KEEPWELL_PASSPHRASE", "five random words")])).unwrap();
    assert!(!format!("{config:?}").contains("random"));
}

#[test]
fn a_value_that_does_not_fit_names_its_key_and_origin() {
    let said = refused(&flags(&[]), &[("KEEPWELL_LIMIT_REQUESTS", "many")]);
    assert_eq!(said, "`limit_requests` (from KEEPWELL_LIMIT_REQUESTS) must be a whole number");
    assert!(refused(&flags(&[("limit_requests", "0")]), &[]).contains("limit_requests"));
}

#[test]
fn every_setting_has_its_own_flag_variable_and_help() {
    for setting in SETTINGS {
        assert!(setting.help.len() > 10 && !setting.help.ends_with('.'), "{}", setting.key);
        assert_eq!(setting.flag.replace('-', "_"), setting.key);
    }
}

#[test]
fn times_and_ages_of_access_have_bounds() {
    let (config, _) = Config::load(
        &flags(&[
            ("break_glass_hours", "2"),
            ("look_ups_per_minute", "5"),
            ("proxy_end_age", "16"),
            ("proxy_hide_age", "14"),
        ]),
        &[],
    )
    .unwrap();
    let settings = &config.sign_in.settings;
    assert_eq!((settings.glass.as_hours(), settings.look_ups), (2, 5));
    assert_eq!((settings.of_age, settings.adolescent), (16, 14));
    for (key, bad) in [
        ("break_glass_hours", "0"),
        ("break_glass_hours", "13"),
        ("look_ups_per_minute", "0"),
        ("look_ups_per_minute", "100000"),
        ("proxy_end_age", "99"),
        ("proxy_hide_age", "-1"),
    ] {
        assert!(refused(&flags(&[(key, bad)]), &[]).contains(key), "{key} {bad}");
    }
    assert!(refused(&flags(&[("proxy_hide_age", "19")]), &[]).contains("above"));
}

#[test]
fn an_outside_provider_is_read_from_the_file_and_mended_by_its_words() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder_with("");
    let secret = folder.path().join("secret");
    fs::write(&secret, "hush\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let file = folder.path().join("keepwell.toml");
    let right = format!(
        "[federation.staff]\nissuer = \"https://id.example.org/realms/staff\"\nclient_id = \"keepwell\"\n\
         client_secret_file = \"{}\"\nrealms = [\"clinic\"]\nlabel = \"Staff account\"\nsecond_factor_amr = [\"mfa\"]\n",
        secret.display()
    );
    fs::write(&file, &right).unwrap();
    let (config, _) = Config::load(&flags(&[("data", &path)]), &[]).unwrap();
    let [provider] = &config.sign_in.settings.providers[..] else { panic!("one provider") };
    assert_eq!((provider.name.as_str(), provider.secret.as_ref().unwrap().as_str()), ("staff", "hush"));
    assert!(!format!("{config:?}").contains("hush"));
    for (from, to, words) in [
        ("label", "lable", "did you mean `label`?"),
        ("https://id", "http://id", "issuer"),
        ("https://id", "https://me@id", "issuer"),
        ("[\"clinic\"]", "[\"ward\"]", "realms"),
        ("[\"clinic\"]", "[]", "realms"),
        ("\"keepwell\"", "5", "client_id"),
        ("federation.staff", "federation.Staff", "lower-case"),
    ] {
        fs::write(&file, right.replace(from, to)).unwrap();
        let said = refused(&flags(&[("data", &path)]), &[]);
        assert!(said.contains(words), "{to}: {said}");
    }
    fs::write(&file, &right).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&flags(&[("data", &path)]), &[]).contains("chmod 600"));
}
