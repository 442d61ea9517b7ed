//! The values that resources are found by.

use fhir::time::Span;

/// A value, borrowed from the resource.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexValue<'a> {
    /// [Token](https://hl7.org/fhir/R4/search.html#token): a code or identifier with its system. One of the two is there.
    Token {
        /// `http://loinc.org`. For a `code` element the system its required binding implies.
        system: Option<&'a str>,
        /// `8480-6`.
        code: Option<&'a str>,
    },
    /// For the `:of-type` modifier: an identifier with one coding of its type.
    OfType {
        /// System of the type's coding, `http://terminology.hl7.org/CodeSystem/v2-0203`.
        system: &'a str,
        /// Code of the type's coding, `MR`.
        code: &'a str,
        /// The identifier's own value.
        value: &'a str,
    },
    /// A text as it stands: the value of a string parameter, or what the `:text` modifier looks at for a token
    /// parameter (`CodeableConcept.text`, `Coding.display`, `Identifier.type.text`, `Reference.display`).
    Text(&'a str),
    /// [Uri](https://hl7.org/fhir/R4/search.html#uri), compared as it stands.
    Uri(&'a str),
    /// [Reference](https://hl7.org/fhir/R4/search.html#reference).
    Reference(Target<'a>),
    /// [Date](https://hl7.org/fhir/R4/search.html#date): the stretch of time it covers. What has no time zone is in UTC.
    Date(Span),
    /// [Number](https://hl7.org/fhir/R4/search.html#number): exact, so that both are the same, or a Range.
    Number {
        /// The lowest it may be; `-∞` where open.
        low: f64,
        /// The highest it may be; `+∞` where open.
        high: f64,
    },
    /// [Quantity](https://hl7.org/fhir/R4/search.html#quantity); `<5` goes from `-∞` to just below 5.
    Quantity {
        /// The lowest it may be; `-∞` where open.
        low: f64,
        /// The highest it may be; `+∞` where open.
        high: f64,
        /// `http://unitsofmeasure.org`, or `urn:iso:std:iso:4217` for money.
        system: Option<&'a str>,
        /// `mm[Hg]`, the currency of money.
        code: Option<&'a str>,
        /// `mmHg`, as people read it.
        unit: Option<&'a str>,
    },
    /// [Composite](https://hl7.org/fhir/R4/search.html#combining): one value per component, in their order.
    Composite(Vec<IndexValue<'a>>),
}

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target<'a> {
    /// A resource of this server, by type and id.
    Local {
        /// `Patient`.
        type_name: &'a str,
        /// Its id.
        id: &'a str,
    },
    /// A URL or URN elsewhere, as it stands.
    Url(&'a str),
    /// A canonical address.
    Canonical {
        /// Without its version.
        url: &'a str,
        /// What stood behind `|`.
        version: Option<&'a str>,
    },
    /// `Reference.identifier`, for the `:identifier` modifier.
    Identifier {
        /// Its system.
        system: Option<&'a str>,
        /// Its value.
        value: Option<&'a str>,
    },
}
