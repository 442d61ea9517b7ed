//! [OperationOutcome](https://hl7.org/fhir/R4/operationoutcome.html): what went wrong, said to the client.

use serde_json::{Value, json};

/// [How bad it is](https://hl7.org/fhir/R4/valueset-issue-severity.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is wrong.
    Information,
    /// It was done, but the client may want to know.
    Warning,
    /// It was not done.
    Error,
    /// It was not done and nothing more was looked at.
    Fatal,
}

impl Severity {
    /// The FHIR code.
    pub fn code(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

macro_rules! issue_codes {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// [What kind of issue it is](https://hl7.org/fhir/R4/valueset-issue-type.html).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum IssueCode {
            $(#[doc = $meaning] $name,)*
        }

        impl IssueCode {
            /// Every code there is.
            pub const ALL: &[IssueCode] = &[$(IssueCode::$name,)*];

            /// The FHIR code.
            pub fn code(self) -> &'static str {
                match self {
                    $(IssueCode::$name => $code,)*
                }
            }
        }
    };
}

issue_codes! {
    Invalid = "invalid", "The content is invalid.";
    Structure = "structure", "The JSON or its elements have the wrong shape.";
    Required = "required", "A required element is missing.";
    Value = "value", "An element's value is invalid.";
    Invariant = "invariant", "A rule of the resource does not hold.";
    Security = "security", "An issue of authentication, authorization or the like.";
    Login = "login", "The client must say who it is.";
    Unknown = "unknown", "The user or system was not recognised.";
    Expired = "expired", "The session has run out.";
    Forbidden = "forbidden", "The user may not do this.";
    Suppressed = "suppressed", "Something was left out for the sake of privacy.";
    Processing = "processing", "It could not be done, though nothing is wrong with the content.";
    NotSupported = "not-supported", "The operation, profile or parameter is not supported.";
    Duplicate = "duplicate", "The record is there already.";
    MultipleMatches = "multiple-matches", "More than one resource matched.";
    NotFound = "not-found", "What was referred to is not there.";
    Deleted = "deleted", "What was referred to was there and is deleted.";
    TooLong = "too-long", "The content is too long.";
    CodeInvalid = "code-invalid", "A code or system is not understood or not valid here.";
    Extension = "extension", "An extension is not allowed or not understood.";
    TooCostly = "too-costly", "It would cost too much; narrow it.";
    BusinessRule = "business-rule", "A rule of the organization forbids it.";
    Conflict = "conflict", "Someone else changed it in between.";
    Transient = "transient", "It failed for now; try again.";
    LockError = "lock-error", "A lock could not be taken; try again.";
    NoStore = "no-store", "The store is not to be had; try again later.";
    Exception = "exception", "An unexpected fault inside.";
    Timeout = "timeout", "It took too long.";
    Incomplete = "incomplete", "Not all sources could be reached.";
    Throttled = "throttled", "Too many requests; slow down.";
    Informational = "informational", "Nothing is wrong.";
}

/// One issue of an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueCode,
    /// The element at fault as a FHIRPath, `Patient.contact[0].name`. Never a value.
    pub expression: Option<String>,
    /// What happened and what the client can do, in words. Never patient data.
    pub diagnostics: String,
}

impl Issue {
    /// An issue of any severity.
    pub fn new(severity: Severity, code: IssueCode, diagnostics: impl Into<String>) -> Issue {
        Issue { severity, code, expression: None, diagnostics: diagnostics.into() }
    }

    /// It was not done and nothing more was looked at.
    pub fn fatal(code: IssueCode, diagnostics: impl Into<String>) -> Issue {
        Issue::new(Severity::Fatal, code, diagnostics)
    }

    /// It was not done.
    pub fn error(code: IssueCode, diagnostics: impl Into<String>) -> Issue {
        Issue::new(Severity::Error, code, diagnostics)
    }

    /// It was done, with something to know.
    pub fn warning(code: IssueCode, diagnostics: impl Into<String>) -> Issue {
        Issue::new(Severity::Warning, code, diagnostics)
    }

    /// Something to know, of code [`IssueCode::Informational`].
    pub fn information(diagnostics: impl Into<String>) -> Issue {
        Issue::new(Severity::Information, IssueCode::Informational, diagnostics)
    }

    /// The same issue, said of an element.
    ///
    /// ```
    /// use fhir::outcome::{Issue, IssueCode};
    ///
    /// let issue = Issue::error(IssueCode::Value, "not a date").at("Patient.birthDate");
    /// assert_eq!(issue.expression.as_deref(), Some("Patient.birthDate"));
    /// ```
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Issue {
        self.expression = Some(expression.into());
        self
    }

    /// Whether it kept the request from being done.
    pub fn is_error(&self) -> bool {
        self.severity >= Severity::Error
    }
}

/// The OperationOutcome that says these issues.
///
/// The resource needs one issue at least: none gives a single "no issues", of severity `information`.
pub fn outcome(issues: &[Issue]) -> Value {
    let issue: Vec<Value> = if issues.is_empty() {
        vec![render(&Issue::information("No issues"))]
    } else {
        issues.iter().map(render).collect()
    };
    json!({"resourceType": "OperationOutcome", "issue": issue})
}

fn render(issue: &Issue) -> Value {
    let mut out = json!({"severity": issue.severity.code(), "code": issue.code.code()});
    // A FHIR string is never empty.
    if !issue.diagnostics.is_empty() {
        out["diagnostics"] = json!(issue.diagnostics);
    }
    if let Some(expression) = &issue.expression {
        out["expression"] = json!([expression]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_outcome_lists_its_issues_in_order() {
        let issues = [
            Issue::error(IssueCode::CodeInvalid, "not in the value set").at("Patient.gender"),
            Issue::warning(IssueCode::Incomplete, ""),
        ];
        assert_eq!(
            outcome(&issues),
            json!({"resourceType": "OperationOutcome", "issue": [
                {"severity": "error", "code": "code-invalid", "diagnostics": "not in the value set", "expression": ["Patient.gender"]},
                {"severity": "warning", "code": "incomplete"},
            ]})
        );
    }

    #[test]
    fn an_outcome_without_issues_still_has_one() {
        let outcome = outcome(&[]);
        assert_eq!(outcome["issue"][0]["severity"], "information");
        assert_eq!(outcome["issue"][0]["code"], "informational");
    }

    #[test]
    fn every_code_is_the_variant_in_kebab_case() {
        let mut seen = HashSet::new();
        for code in IssueCode::ALL {
            let name = format!("{code:?}");
            let mut kebab = String::new();
            for c in name.chars() {
                if c.is_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.push(c.to_ascii_lowercase());
            }
            assert_eq!(code.code(), kebab);
            assert!(seen.insert(code.code()));
        }
        assert_eq!(seen.len(), 31);
    }

    #[test]
    fn severities_are_ordered() {
        assert!(Issue::fatal(IssueCode::Exception, "x").is_error());
        assert!(Issue::error(IssueCode::Exception, "x").is_error());
        assert!(!Issue::warning(IssueCode::Exception, "x").is_error());
        assert!(!Issue::information("x").is_error());
    }
}
