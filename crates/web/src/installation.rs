//! How a server is run, as far as its pages tell everybody: read off its settings, so that no page promises what they do not hold.

use jiff::Timestamp;

/// How the root key is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RootKey {
    /// In a file, apart from the data.
    #[default]
    File,
    /// Derived from a passphrase.
    Passphrase,
}

/// How browsers reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By TLS that this program speaks.
    Tls,
    /// Through a proxy that speaks TLS for it.
    Proxy,
    /// In the clear, from this machine alone.
    Machine,
}

/// What is told of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Installation {
    /// How browsers reach it.
    pub reach: Reach,
    /// How the root key is kept.
    pub root: RootKey,
    /// Whether a virus scanner looks at what is uploaded.
    pub scanner: bool,
    /// Since when it runs.
    pub since: Timestamp,
}

impl Installation {
    pub(crate) fn new(
        origin: &str,
        (speaks_tls, behind_proxy): (bool, bool),
        root: RootKey,
        scanner: bool,
        since: Timestamp,
    ) -> Installation {
        // Without TLS of our own and without a proxy that the settings name, the settings let us listen to this machine alone: an https
        // address is then that of a proxy on it.
        let reach = match speaks_tls {
            true => Reach::Tls,
            false if behind_proxy || origin.starts_with("https:") => Reach::Proxy,
            false => Reach::Machine,
        };
        Installation { reach, root, scanner, since }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_is_reached_is_read_off_the_settings() {
        let reach = |origin, tls, proxy| {
            Installation::new(origin, (tls, proxy), RootKey::File, false, Timestamp::UNIX_EPOCH).reach
        };
        assert_eq!(reach("https://here.example", true, false), Reach::Tls);
        assert_eq!(reach("https://here.example", false, true), Reach::Proxy);
        assert_eq!(reach("https://here.example", false, false), Reach::Proxy);
        assert_eq!(reach("http://127.0.0.1:8080", false, true), Reach::Proxy);
        assert_eq!(reach("http://127.0.0.1:8080", false, false), Reach::Machine);
    }
}
