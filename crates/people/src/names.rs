//! Names of people as words in one or more scripts.

pub(crate) mod american;
pub(crate) mod indian;

/// One name in Latin letters and, for Indian names, in Devanagari and Telugu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) latin: &'static str,
    pub(crate) devanagari: &'static str,
    pub(crate) telugu: &'static str,
}

/// A script a name can be written in beside the Latin one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Devanagari,
    Telugu,
}

impl Script {
    /// The BCP 47 language that is written in it here.
    pub(crate) fn language(self) -> &'static str {
        match self {
            Script::Devanagari => "hi",
            Script::Telugu => "te",
        }
    }
}

impl Word {
    /// This name in `script`.
    pub(crate) fn written(&self, script: Script) -> &'static str {
        match script {
            Script::Devanagari => self.devanagari,
            Script::Telugu => self.telugu,
        }
    }
}

const fn word(latin: &'static str, devanagari: &'static str, telugu: &'static str) -> Word {
    Word { latin, devanagari, telugu }
}

const fn latin(latin: &'static str) -> Word {
    Word { latin, devanagari: "", telugu: "" }
}

/// The names one culture draws from.
pub(crate) struct Names {
    pub(crate) families: &'static [Word],
    pub(crate) women: &'static [Word],
    pub(crate) men: &'static [Word],
}
