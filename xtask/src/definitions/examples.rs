//! Every example resource that HL7 publishes must pass `r4::check`, but for those that break HL7's own rules.

use anyhow::{Result, bail};
use fhir::outcome::Issue;
use serde_json::Value;

use super::packages::Packages;

/// Files at fault with the last name of the element and why. An entry that passes is an error, so that the list stays true.
const AT_FAULT: [(&str, &str, &str); 20] = [
    ("ActivityDefinition-blood-tubes-supply.json", "div", "only white space (txt-2)"),
    ("ActivityDefinition-heart-valve-replacement.json", "div", "only white space (txt-2)"),
    ("EventDefinition-example.json", "div", "only white space (txt-2)"),
    ("Questionnaire-zika-virus-exposure-assessment.json", "div", "only white space (txt-2)"),
    ("ImplementationGuide-fhir.json", "name", "missing"),
    ("ImplementationGuide-fhir.json", "status", "missing"),
    ("ig-r4.json", "name", "missing"),
    ("ig-r4.json", "status", "missing"),
    ("Questionnaire-qs1.json", "linkId", "items without linkId"),
    (
        "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json",
        "id",
        "67 characters",
    ),
    ("SearchParameter-codesystem-extensions-CodeSystem-author.json", "base", "missing"),
    ("SearchParameter-codesystem-extensions-CodeSystem-effective.json", "base", "missing"),
    ("SearchParameter-codesystem-extensions-CodeSystem-end.json", "base", "missing"),
    ("SearchParameter-codesystem-extensions-CodeSystem-keyword.json", "base", "missing"),
    ("SearchParameter-codesystem-extensions-CodeSystem-workflow.json", "base", "missing"),
    ("SearchParameter-valueset-extensions-ValueSet-author.json", "base", "missing"),
    ("SearchParameter-valueset-extensions-ValueSet-effective.json", "base", "missing"),
    ("SearchParameter-valueset-extensions-ValueSet-end.json", "base", "missing"),
    ("SearchParameter-valueset-extensions-ValueSet-keyword.json", "base", "missing"),
    ("SearchParameter-valueset-extensions-ValueSet-workflow.json", "base", "missing"),
];

/// Checks them all; returns how many.
pub(super) fn check(packages: &Packages) -> Result<usize> {
    let all = packages.all_examples()?;
    let mut wrong = Vec::new();
    for (file, resource) in &all {
        wrong.extend(unexpected(file, resource));
    }
    if wrong.is_empty() { Ok(all.len()) } else { bail!("{}", wrong.join("\n")) }
}

fn unexpected(file: &str, resource: &Value) -> Vec<String> {
    let issues = r4::check(resource);
    let known: Vec<&str> =
        AT_FAULT.iter().filter(|(name, ..)| *name == file).map(|(_, last, _)| *last).collect();
    let is_known = |issue: &Issue| last_name(issue).is_some_and(|last| known.contains(&last));
    let say = |issue: &Issue| {
        format!("{file}: {}: {}", issue.expression.as_deref().unwrap_or_default(), issue.diagnostics)
    };
    let mut wrong: Vec<String> = issues.iter().filter(|issue| !is_known(issue)).map(say).collect();
    for last in &known {
        if !issues.iter().any(|issue| last_name(issue) == Some(*last)) {
            wrong.push(format!("{file}: {last} passes now: take it off the list"));
        }
    }
    wrong
}

fn last_name(issue: &Issue) -> Option<&str> {
    issue.expression.as_deref()?.rsplit('.').next()
}
