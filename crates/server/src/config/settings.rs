//! Every setting there is: one table, from which the flags, the file's keys, the variables, their help and `doctor` all come.

/// One setting.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Its name in the file; the variable is the same in capitals after `KEEPWELL_`.
    pub(crate) key: &'static str,
    /// Its flag without the dashes before it: the key with dashes between its words.
    pub(crate) flag: &'static str,
    /// What stands for the value in help; empty for a switch, which is `true` or `false` in file and environment.
    pub(crate) value: &'static str,
    /// What it does, with its default.
    pub(crate) help: &'static str,
}

impl Setting {
    /// `KEEPWELL_TLS_CERT`
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.to_uppercase())
    }

    /// What holds when nobody says anything, as help words it; `none` or `false` where help has no default.
    pub(crate) fn default_text(&self) -> &'static str {
        let said = self.help.split_once("[default: ").map(|(_, rest)| rest.trim_end_matches(']'));
        said.unwrap_or(if self.is_switch() { "false" } else { "none" })
    }

    /// Whether it has no value on the command line.
    pub(crate) fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

/// What our variables begin with.
pub(crate) const PREFIX: &str = "KEEPWELL_";

/// The variable that may hold the passphrase itself, for secret stores that inject variables.
pub(crate) const PASSPHRASE: &str = "KEEPWELL_PASSPHRASE";

/// The variable that names the configuration file.
pub(crate) const CONFIG: &str = "KEEPWELL_CONFIG";

/// Variables of the project's own tests, which may surround a run of the binary and say nothing to it.
pub(crate) const OF_TESTS: &[&str] = &["KEEPWELL_TEST_POSTGRES", "KEEPWELL_R4_EXAMPLES", "KEEPWELL_SEED"];

const fn setting(key: &'static str, flag: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting { key, flag, value, help }
}

/// The settings, in the order in which help and `doctor` show them.
pub(crate) const SETTINGS: &[Setting] = &[
    setting("data", "data", "FOLDER", "Folder of everything that Keepwell keeps [default: ./keepwell-data]"),
    setting(
        "database",
        "database",
        "sqlite|postgres://…",
        "The embedded database in the data folder, or a PostgreSQL server [default: sqlite]",
    ),
    setting(
        "database_password_file",
        "database-password-file",
        "FILE",
        "File with the PostgreSQL password, readable by its owner alone",
    ),
    setting(
        "key_file",
        "key-file",
        "FILE",
        "Root key, outside the data folder [default: ~/.config/keepwell/<name>.key, made at the first start]",
    ),
    setting(
        "passphrase_file",
        "passphrase-file",
        "FILE",
        "Root passphrase instead of a key file; or KEEPWELL_PASSPHRASE",
    ),
    setting("listen", "listen", "ADDRESS", "Address to listen on [default: 127.0.0.1:8080]"),
    setting("public", "public", "", "Listen on an address that other machines reach; needs TLS or a proxy"),
    setting(
        "insecure_behind_proxy",
        "insecure-behind-proxy",
        "",
        "Speak plain HTTP on a public address, because a proxy in front speaks TLS",
    ),
    setting("base_url", "base-url", "URL", "Address that clients see, for links [default: http://<listen>]"),
    setting(
        "app_token_minutes",
        "app-token-minutes",
        "MINUTES",
        "How long an app's access token is good, 5 to 60 [default: 15]",
    ),
    setting("tls_cert", "tls-cert", "FILE", "Certificate chain in PEM"),
    setting("tls_key", "tls-key", "FILE", "Its private key in PEM, readable by its owner alone"),
    setting(
        "calling_code",
        "calling-code",
        "DIGITS",
        "Country code of phone numbers typed without one [default: 91]",
    ),
    setting(
        "aadhaar",
        "aadhaar",
        "",
        "Let people sign in by Aadhaar number, where there is a legal basis for it",
    ),
    setting(
        "sent_codes",
        "sent-codes",
        "",
        "Let patients have a code sent in place of their authenticator app",
    ),
    setting(
        "messages_to_files",
        "messages-to-files",
        "",
        "Drop messages to people, codes included, as files into the data folder; for development only",
    ),
    setting(
        "idle_patient_minutes",
        "idle-patient-minutes",
        "MINUTES",
        "How long a patient's session lives unused [default: 30]",
    ),
    setting(
        "idle_staff_minutes",
        "idle-staff-minutes",
        "MINUTES",
        "How long a session of staff and administrators lives unused [default: 15]",
    ),
    setting(
        "break_glass_hours",
        "break-glass-hours",
        "HOURS",
        "How long an emergency access stays open, 1 to 12 [default: 4]",
    ),
    setting(
        "look_ups_per_minute",
        "look-ups-per-minute",
        "COUNT",
        "How many patients one of the staff may look up in a minute, 1 to 120 [default: 20]",
    ),
    setting(
        "proxy_end_age",
        "proxy-end-age",
        "YEARS",
        "Age at which nobody acts for a child any more, 12 to 25 [default: 18]",
    ),
    setting(
        "proxy_hide_age",
        "proxy-hide-age",
        "YEARS",
        "Age from which what is sensitive is hidden from those who act for a child [default: 12]",
    ),
    setting("limit_body_bytes", "limit-body-bytes", "BYTES", "Largest request body [default: 33554432]"),
    setting(
        "limit_requests",
        "limit-requests",
        "COUNT",
        "Most requests in flight; further ones are told to come back [default: 512]",
    ),
    setting(
        "app_requests_per_minute",
        "app-requests-per-minute",
        "COUNT",
        "How many requests one app may send in a minute, 1 to 1000000 [default: 6000]",
    ),
    setting(
        "notify_hosts",
        "notify-hosts",
        "HOST,HOST",
        "Hosts that apps may have notices of changes sent to, separated by commas [default: none]",
    ),
    setting("readers", "readers", "COUNT", "Most connections that read the database at once [default: 16]"),
    setting(
        "log_level",
        "log-level",
        "LEVEL",
        "error, warn, info, debug, trace, or a filter such as `info,api=debug` [default: info]",
    ),
    setting(
        "scanner",
        "scanner",
        "ADDRESS:PORT",
        "A clamd that looks at every file that people upload; where it does not answer, nothing is taken [default: none]",
    ),
    setting("log_format", "log-format", "text|json", "How log lines look on standard error [default: text]"),
];

/// The setting of that name.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}
