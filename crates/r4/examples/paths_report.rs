//! How far the FHIRPath engine comes, as a report:
//!
//! ```text
//! cargo run -p r4 --example paths_report -- params <folder of SearchParameter-*.json>
//! cargo run -p r4 --example paths_report -- suite <tests-fhir-r4.xml> <folder of its inputs as JSON>
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path as File;

use fhir::path::{Error, Item, Node, Path};
use r4::definitions::definitions;
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["params", folder] => params(File::new(folder)),
        ["suite", tests, inputs] => suite(&fs::read_to_string(tests).unwrap(), File::new(inputs)),
        _ => println!("see the top of this file"),
    }
}

/// Compiles every expression for every base.
fn params(folder: &File) {
    let model = &definitions().model;
    let (mut files, mut done, mut none) = (0, 0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("SearchParameter-") {
            continue;
        }
        files += 1;
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let Some(expression) = json["expression"].as_str() else {
            none += 1;
            continue;
        };
        for base in json["base"].as_array().into_iter().flatten() {
            let root = model.find(base.as_str().unwrap()).unwrap();
            match Path::compile(expression, root, model) {
                Ok(_) => done += 1,
                Err(error) => println!("{} for {base}: {error}", json["id"]),
            }
        }
    }
    println!("{files} search parameters, {none} without expression; {done} compiled (parameter × base)");
}

/// Runs HL7's suite. Reads its XML by hand: it is regular.
fn suite(xml: &str, inputs: &File) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    let xml = without_comments(xml);
    for test in xml.split("<test ").skip(1) {
        let test = test.split("</test>").next().unwrap();
        let (result, reason) = run(test, inputs);
        *counts.entry(result).or_default() += 1;
        if !reason.is_empty() {
            *reasons.entry(format!("{result}: {reason}")).or_default() += 1;
        }
        if result == "WRONG" {
            println!("{} {reason}", attribute(test, "name").unwrap_or_default());
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in reasons.iter().take(60) {
        println!("{count:4} {reason}");
    }
    println!("{counts:?}");
}

fn run(test: &str, inputs: &File) -> (&'static str, String) {
    let model = &definitions().model;
    let Some(start) = test.find("<expression") else { return ("no expression", String::new()) };
    let element = &test[start..];
    let head = element.split('>').next().unwrap();
    let expression = unescape(element[head.len() + 1..].split("</expression>").next().unwrap());
    let invalid = attribute(head, "invalid");
    let input = attribute(test, "inputfile").unwrap_or("patient-example.xml".to_owned());
    let input = input.replace(".xml", ".json");
    let Ok(bytes) = fs::read(inputs.join(&input)) else { return ("no input", input) };
    let resource: Value = serde_json::from_slice(&bytes).unwrap();
    let root = model.find(resource["resourceType"].as_str().unwrap()).unwrap();
    let expected: Vec<String> = test.split("<output ").skip(1).map(output).collect();
    let path = match Path::compile(&expression, root, model) {
        Err(Error::Unsupported { what }) => return ("unsupported", what.to_string()),
        Err(_) if invalid.is_some() => return ("passed", String::new()),
        Err(error) => return ("WRONG", format!("{expression}: {error}")),
        Ok(path) => path,
    };
    let nodes = match path.nodes(&resource, model) {
        Err(_) if invalid.is_some() => return ("passed", String::new()),
        Err(error) => return ("WRONG", format!("{expression}: {error}")),
        Ok(nodes) => nodes,
    };
    if let Some(invalid) = invalid {
        return ("WRONG", format!("{expression}: should be refused ({invalid})"));
    }
    let mut found: Vec<String> = nodes.iter().map(show).collect();
    if attribute(test.split('>').next().unwrap(), "predicate").as_deref() == Some("true") {
        found = vec![path.holds(&resource, model).unwrap_or_default().unwrap_or(false).to_string()];
    }
    if found == expected {
        return ("passed", String::new());
    }
    ("WRONG", format!("{expression}: {found:?} instead of {expected:?}"))
}

fn show(node: &Node<'_>) -> String {
    match &node.value {
        Item::Json(Value::String(text)) => text.clone(),
        Item::Json(value) => value.to_string(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(text) | Item::Text(text) => text.to_string(),
    }
}

fn output(element: &str) -> String {
    let (head, text) = element.split_once('>').unwrap();
    if head.ends_with('/') {
        return String::new();
    }
    let text = unescape(text.split("</output>").next().unwrap());
    if head.contains("\"date") || head.contains("\"time") {
        text.trim_start_matches('@').to_owned()
    } else {
        text
    }
}

fn without_comments(xml: &str) -> String {
    let mut parts = xml.split("<!--");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| all + part.split_once("-->").map_or("", |(_, rest)| rest))
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let (_, rest) = element.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&#39;", "'").replace("&amp;", "&")
}
