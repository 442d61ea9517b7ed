//! What an app asks for: <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>

use super::error::OauthError;
use access::scope::{Context, Scope};

/// The longest list of scopes.
const LONGEST: usize = 8 << 10;

/// The most scopes.
const MOST: usize = 60;

/// A list of scopes, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `launch`: the context that it was started in.
    pub launch: bool,
    /// `launch/patient`: which patient it is about.
    pub launch_patient: bool,
    /// `openid`: who the person is, in an id_token.
    pub openid: bool,
    /// `fhirUser` (or `profile`): the person's own resource.
    pub fhir_user: bool,
    /// `offline_access`: to come back while the person is away.
    pub offline: bool,
    /// `online_access`: to come back while the person is signed in.
    pub online: bool,
    /// Records, each once.
    pub records: Vec<Scope>,
}

impl Wanted {
    /// Reads a list. What is no scope of ours is left out, and with it from the answer, as the specification allows.
    ///
    /// # Errors
    /// Where it is too long.
    pub fn parse(text: &str) -> Result<Wanted, OauthError> {
        let mut wanted = Wanted::default();
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if text.len() > LONGEST || words.len() > MOST {
            return Err(OauthError::request("there are too many scopes; ask for fewer"));
        }
        for word in words {
            match word {
                "launch" => wanted.launch = true,
                "launch/patient" => wanted.launch_patient = true,
                "openid" => wanted.openid = true,
                "fhirUser" | "profile" => wanted.fhir_user = true,
                "offline_access" => wanted.offline = true,
                "online_access" => wanted.online = true,
                word => wanted.record(word),
            }
        }
        Ok(wanted)
    }

    fn record(&mut self, word: &str) {
        match word.parse::<Scope>() {
            Ok(scope) if !self.records.contains(&scope) => self.records.push(scope),
            _ => {}
        }
    }

    /// Whether any record scope is of that context.
    pub fn has(&self, context: Context) -> bool {
        self.records.iter().any(|scope| scope.context == context)
    }

    /// Only what `most` names as well; each record scope narrowed to what of it is there.
    #[must_use]
    pub fn within(&self, most: &Wanted) -> Wanted {
        Wanted {
            launch: self.launch && most.launch,
            launch_patient: self.launch_patient && most.launch_patient,
            openid: self.openid && most.openid,
            fhir_user: self.fhir_user && most.fhir_user,
            offline: self.offline && most.offline,
            online: self.online && most.online,
            records: narrowed(&self.records, &most.records),
        }
    }
}

/// What of `asked` lies within `most`. Of what one scope comes to, nothing is named that another part of it says already: people
/// are asked for each line.
pub fn narrowed(asked: &[Scope], most: &[Scope]) -> Vec<Scope> {
    let mut out: Vec<Scope> = Vec::new();
    for scope in asked {
        let parts: Vec<Scope> = most.iter().filter_map(|role| scope.within(role)).collect();
        for part in &parts {
            let said = parts.iter().any(|other| {
                other != part && other.context == part.context && part.within(other).as_ref() == Some(part)
            });
            if !said && !out.contains(part) {
                out.push(part.clone());
            }
        }
    }
    out
}

impl std::fmt::Display for Wanted {
    /// As a list again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flags = [
            (self.launch, "launch"),
            (self.launch_patient, "launch/patient"),
            (self.openid, "openid"),
            (self.fhir_user, "fhirUser"),
            (self.offline, "offline_access"),
            (self.online, "online_access"),
        ];
        let flags = flags.iter().filter(|(there, _)| *there).map(|(_, word)| (*word).to_owned());
        let words: Vec<String> = flags.chain(self.records.iter().map(ToString::to_string)).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_what_is_no_scope_is_left_out() {
        let text = "launch/patient  openid fhirUser offline_access patient/*.rs patient/*.rs bogus patient/*.read patient/Observation.rs?category=x patient/*.rs?category=x";
        let wanted = Wanted::parse(text).unwrap();
        let read =
            "launch/patient openid fhirUser offline_access patient/*.rs patient/Observation.rs?category=x";
        assert_eq!(wanted.to_string(), read);
        assert!(Wanted::parse(&"a ".repeat(100)).is_err() && Wanted::parse(&"a".repeat(9_000)).is_err());
    }

    #[test]
    fn a_list_within_another_is_no_wider_than_either() {
        let read = |text: &str| Wanted::parse(text).unwrap();
        let within = |a: &str, b: &str| read(a).within(&read(b)).to_string();
        assert_eq!(
            within("openid patient/*.cruds", "openid launch patient/Patient.rs"),
            "openid patient/Patient.rs"
        );
        let lab = "patient/Observation.rs?category=laboratory";
        assert_eq!(within(lab, "patient/*.cruds"), lab);
        assert_eq!(within("patient/Observation.rs", lab), lab);
        assert_eq!(within(lab, &format!("patient/*.cruds {lab} patient/Observation.rs?code=x")), lab);
        assert_eq!(within("offline_access system/*.rs", "openid patient/*.rs"), "");
        let role = "patient/*.rs patient/Observation.cu user/Location.rs";
        assert_eq!(within("patient/*.rs", role), "patient/*.rs", "the directory is in it already");
        assert_eq!(within("patient/*.cruds", role), "patient/*.rs patient/Observation.cu");
        assert_eq!(within("patient/*.rs patient/Location.rs", role), "patient/*.rs patient/Location.rs");
        assert_eq!(
            within("user/*.rs", "user/Patient.r user/Observation.rs"),
            "user/Patient.r user/Observation.rs"
        );
    }
}
