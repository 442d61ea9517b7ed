//! The file: what it may say, and where in it something will not do. There is no place for a secret in it.

use access::role::Role;
use login::{
    blueprint::Named,
    elsewhere::Listing,
    home::{self, Home},
    identifier::Rules,
    nearest::nearest,
    page_text::{self, Part},
    realm::Realm,
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};
use toml::Spanned;

/// The languages that pages speak.
const LANGUAGES: [&str; 3] = ["en", "hi", "te"];

/// What is wrong, and on which line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) text: String,
}

type Text = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) house: Option<House>,
    pub(super) administrator: Option<Administrator>,
    #[serde(default)]
    pub(super) facility: Vec<Facility>,
    #[serde(default)]
    pub(super) staff: Vec<Staff>,
    #[serde(default)]
    pub(super) server: Vec<Server>,
    #[serde(default)]
    pub(super) pages: BTreeMap<String, BTreeMap<String, Text>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct House {
    country: Option<Text>,
    time_zone: Option<Text>,
    #[serde(default)]
    pub(super) sample_data: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Administrator {
    pub(super) name: Text,
    pub(super) email: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facility {
    pub(super) name: Text,
    #[serde(default)]
    pub(super) identifiers: Vec<Identifier>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identifier {
    pub(super) system: Text,
    pub(super) value: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Staff {
    pub(super) name: Text,
    pub(super) email: Option<Text>,
    pub(super) phone: Option<Text>,
    pub(super) role: Text,
    pub(super) facility: Option<Text>,
    pub(super) practitioner: Option<Text>,
}

/// Another server that patients may bring their record from. There is no place for a secret: whoever needs one lists it on the page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    name: Text,
    pub(super) base: Text,
    sign_in: Option<Text>,
    client_id: Text,
    scope: Option<Text>,
}

impl Server {
    /// As an administrator would type it.
    pub(super) fn listing(&self) -> Listing<'_> {
        Listing {
            name: self.name.get_ref(),
            base: self.base.get_ref(),
            sign_in: self.sign_in.as_ref().map_or("", |text| text.get_ref().as_str()),
            client_id: self.client_id.get_ref(),
            secret: "",
            scope: self.scope.as_ref().map_or("", |text| text.get_ref().as_str()),
        }
    }
}

impl Staff {
    pub(super) fn contact(&self) -> &str {
        self.email.as_ref().or(self.phone.as_ref()).map_or("", |text| text.get_ref())
    }
}

/// The line of a place in the text, from 1.
fn line(text: &str, at: &Range<usize>) -> usize {
    text.bytes().take(at.start).filter(|byte| *byte == b'\n').count() + 1
}

/// A text with the lines of what is in it.
pub(super) struct Read<'t> {
    text: &'t str,
    pub(super) file: File,
}

/// What a check is made against.
pub(super) struct Known<'k> {
    pub(super) rules: &'k Rules,
    /// The role of a name.
    pub(super) role: &'k dyn Fn(&str) -> Option<Role>,
    /// The names of all roles.
    pub(super) roles: Vec<String>,
    /// Names and ids of the facilities that are there.
    pub(super) facilities: Vec<String>,
}

impl<'t> Read<'t> {
    /// Reads it, without looking at what it says.
    pub(super) fn parse(text: &'t str) -> Result<Read<'t>, Fault> {
        let file = toml::from_str(text).map_err(|error| Fault {
            line: error.span().map_or(1, |at| line(text, &at)),
            text: hinted(error.message()),
        })?;
        Ok(Read { text, file })
    }

    fn fault(&self, at: &Text, key: &str, text: impl std::fmt::Display) -> Fault {
        Fault { line: line(self.text, &at.span()), text: format!("{key}: {text}") }
    }

    pub(super) fn line(&self, at: &Text) -> usize {
        line(self.text, &at.span())
    }

    /// Where the house is, where the file says so.
    pub(super) fn home(&self) -> Result<Option<Home>, Fault> {
        let Some(house) = &self.file.house else { return Ok(None) };
        let (country, zone) = (house.country.as_ref(), house.time_zone.as_ref());
        let Some(at) = country.or(zone) else { return Ok(None) };
        let said = |text: Option<&Text>| text.map_or(String::new(), |text| text.get_ref().clone());
        let (key, text, at) = match Home::read(&said(country), &said(zone)) {
            Ok(home) => return Ok(Some(home)),
            Err(home::Fault::Country) => ("country", "write \"IN\", \"US\" or \"other\"".to_owned(), at),
            Err(home::Fault::NoZone(country)) => {
                let zones = country.zones().join(", ");
                let such = if zones.is_empty() {
                    "such as Europe/Berlin".to_owned()
                } else {
                    format!("one of {zones}")
                };
                ("time_zone", format!("name it, {such}"), at)
            }
            Err(home::Fault::Zone(near)) => {
                let such = near
                    .map_or("name it by region and town, such as Asia/Kolkata".to_owned(), |near| {
                        format!("did you mean {}?", near.name())
                    });
                ("time_zone", format!("there is no such time zone; {such}"), zone.unwrap_or(at))
            }
        };
        Err(self.fault(at, &format!("house.{key}"), text))
    }

    /// Everything that will not do, before anything is done.
    pub(super) fn check(&self, known: &Known<'_>) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.home().err().into_iter().collect();
        if let Some(one) = &self.file.administrator {
            let named = Named {
                name: one.name.get_ref(),
                contact: one.email.get_ref(),
                role: "administrator",
                facility: None,
            };
            faults.extend(named.check(known.rules).err().map(|error| {
                let (key, at) =
                    if error.field() == "email" { ("email", &one.email) } else { ("name", &one.name) };
                self.fault(at, &format!("administrator.{key}"), error)
            }));
        }
        let mut names = HashSet::new();
        for one in &self.file.facility {
            let name = one.name.get_ref().trim();
            if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
                faults.push(self.fault(
                    &one.name,
                    "facility.name",
                    "write the facility's name in at most 120 characters",
                ));
            }
            if !names.insert(name) {
                faults.push(self.fault(
                    &one.name,
                    "facility.name",
                    "two facilities have this name; name them apart",
                ));
            }
            for identifier in &one.identifiers {
                let (system, value) = (identifier.system.get_ref(), identifier.value.get_ref());
                if !system.contains(':') || system.contains(char::is_whitespace) {
                    faults.push(self.fault(&identifier.system, "facility.identifiers.system", "write the address that names whose numbers they are, such as https://facility.abdm.gov.in"));
                }
                if value.trim().is_empty() || value.trim() != value || value.len() > 100 {
                    faults.push(self.fault(
                        &identifier.value,
                        "facility.identifiers.value",
                        "write the number without blanks around it, in at most 100 characters",
                    ));
                }
            }
        }
        self.check_staff(known, &mut faults);
        self.check_servers(&mut faults);
        self.check_pages(&mut faults);
        faults
    }

    fn check_staff(&self, known: &Known<'_>, faults: &mut Vec<Fault>) {
        let mut seen = HashSet::new();
        let founded = self.file.facility.iter().map(|one| one.name.get_ref().trim().to_owned());
        let facilities: HashSet<String> = founded.chain(known.facilities.iter().cloned()).collect();
        for one in &self.file.staff {
            let mut fault = |at: &Text, key: &str, text: String| {
                faults.push(self.fault(at, &format!("staff.{key}"), text));
            };
            let named = Named {
                name: one.name.get_ref(),
                contact: one.contact(),
                role: one.role.get_ref(),
                facility: None,
            };
            match (&one.email, &one.phone) {
                (Some(_), Some(phone)) => {
                    fault(phone, "phone", "write an e-mail or a phone number, not both".into())
                }
                (None, None) => fault(&one.name, "name", "write an email or a phone beside the name".into()),
                (Some(at), None) | (None, Some(at)) => {
                    if let Err(error) = named.check(known.rules) {
                        let at = if error.field() == "email" { at } else { &one.name };
                        fault(at, if error.field() == "email" { "email" } else { "name" }, error.to_string());
                    }
                    if !seen.insert(one.contact().to_lowercase()) {
                        fault(at, "email", "this address is here twice".into());
                    }
                }
            }
            let role = one.role.get_ref();
            if (known.role)(role).is_none_or(|role| role.realm != Realm::Clinic.of_roles()) {
                let near = nearest(role, known.roles.iter().map(String::as_str));
                fault(&one.role, "role", format!("there is no such role for staff{}", meant(near)));
            }
            match &one.facility {
                Some(at) if !facilities.contains(at.get_ref().trim()) => {
                    let near = nearest(at.get_ref(), facilities.iter().map(String::as_str));
                    fault(
                        at,
                        "facility",
                        format!("there is no such facility{}; add it as [[facility]]", meant(near)),
                    );
                }
                None if facilities.len() != 1 => {
                    fault(&one.name, "facility", "name the facility: there is none, or more than one".into());
                }
                _ => {}
            }
            let is_id = |id: &str| {
                (1..=64).contains(&id.len())
                    && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
            };
            if let Some(at) = one.practitioner.as_ref().filter(|at| !is_id(at.get_ref())) {
                fault(at, "practitioner", "this is no id of a Practitioner".into());
            }
        }
    }

    fn check_servers(&self, faults: &mut Vec<Fault>) {
        let mut seen = HashSet::new();
        for one in &self.file.server {
            match one.listing().check() {
                Ok(base) if !seen.insert(base.clone()) => {
                    faults.push(self.fault(&one.base, "server.base", "this address is here twice"));
                }
                Ok(_) if one.client_id.get_ref().trim().is_empty() => faults.push(self.fault(
                    &one.client_id,
                    "server.client_id",
                    "write the id that the other server gave this house",
                )),
                Ok(_) => {}
                Err(error) => {
                    let (key, at) = match error.field() {
                        "name" => ("name", &one.name),
                        "client" => ("client_id", &one.client_id),
                        "sign-in" => ("sign_in", one.sign_in.as_ref().unwrap_or(&one.base)),
                        "scope" => ("scope", one.scope.as_ref().unwrap_or(&one.base)),
                        _ => ("base", &one.base),
                    };
                    faults.push(self.fault(at, &format!("server.{key}"), error));
                }
            }
        }
    }

    fn check_pages(&self, faults: &mut Vec<Fault>) {
        for (language, parts) in &self.file.pages {
            for (part, text) in parts {
                let key = format!("pages.{language}.{part}");
                if !LANGUAGES.contains(&language.as_str()) {
                    let text_of = format!("pages are written in {}", LANGUAGES.join(", "));
                    faults.push(self.fault(text, &key, text_of));
                } else if Part::named(part).is_none() {
                    let near = nearest(part, Part::ALL.iter().map(|part| part.name()));
                    faults.push(self.fault(text, &key, format!("there is no such page{}", meant(near))));
                } else if let Err(error) = page_text::checked(text.get_ref()) {
                    faults.push(self.fault(text, &key, error));
                }
            }
        }
    }
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// The parser's words, with the nearest of the keys that it expected.
fn hinted(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let near = message.starts_with("unknown field").then(|| words.next()).flatten();
    let near = near.and_then(|wrong| nearest(wrong, words));
    format!("{}{}", message.trim(), meant(near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::role;

    fn faults(text: &str) -> Vec<(usize, String)> {
        let read = match Read::parse(text) {
            Ok(read) => read,
            Err(fault) => return vec![(fault.line, fault.text)],
        };
        let roles = role::all_built_in().iter().map(|role| role.name.clone()).collect();
        let known = Known {
            rules: &Rules::default(),
            role: &|name| role::built_in(name).cloned(),
            roles,
            facilities: Vec::new(),
        };
        read.check(&known).into_iter().map(|fault| (fault.line, fault.text)).collect()
    }

    #[track_caller]
    fn one(text: &str, line: usize, words: &str) {
        let found = faults(text);
        assert!(found.len() == 1 && found[0].0 == line && found[0].1.contains(words), "{found:?}");
    }

    #[test]
    fn a15_every_fault_of_a_file_names_its_line_and_what_to_do() {
        one("\n[house]\ncountry = \"DE\"\n", 3, "house.country: write \"IN\"");
        one("[house]\ncountry = \"US\"", 2, "house.time_zone: name it, one of America/New_York");
        one("[house]\ncountry = \"IN\"\n\ntime_zone = \"Asia/Calcuta\"", 4, "did you mean Asia/Calcutta?");
        one("[house]\ntimezone = \"UTC\"", 2, "did you mean `time_zone`?");
        one("[administrator]\nname = \"Nila\"\nemail = \"nila\"", 3, "administrator.email: enter an e-mail");
        one(
            "[administrator]\nname = \"Nila\"\nemail = \"n@example.org\"\npassword = \"x\"",
            4,
            "unknown field `password`",
        );
        one("[[facility]]\nname = \" \"", 2, "facility.name");
        let staff = "[[facility]]\nname = \"A\"\n[[staff]]\nname = \"B\"\nemail = \"b@example.org\"\n";
        assert_eq!(faults(&format!("{staff}role = \"nurse\"")), []);
        one(&format!("{staff}role = \"nurs\""), 6, "did you mean `nurse`?");
        one(&format!("{staff}role = \"administrator\""), 6, "no such role for staff");
        one(&format!("{staff}role = \"nurse\"\nfacility = \"B\""), 7, "there is no such facility");
        one(&format!("{staff}role = \"nurse\"\npractitioner = \"a b\""), 7, "no id of a Practitioner");
        let server = "[[server]]\nname = \"A\"\nbase = \"https://a.example/fhir\"\nclient_id = \"k\"\n";
        assert_eq!(faults(server), []);
        one(&server.replace("https", "http"), 3, "server.base: enter the address");
        one(&format!("{server}secret = \"s\""), 5, "unknown field `secret`");
        one(&format!("{server}{server}"), 7, "server.base: this address is here twice");
        one("[pages.en]\nabuot = \"x\"", 2, "did you mean `about`?");
        one("[pages.fr]\nabout = \"x\"", 2, "pages are written in en, hi, te");
        one("[house\n", 1, "");
        // All of them are told at once.
        assert_eq!(faults("[house]\ncountry = \"XX\"\n[pages.en]\nx = \"y\"").len(), 2);
        assert_eq!(faults(""), []);
    }
}
