//! `keepwell access explain`: what somebody would see of a patient, and which relationship or consent says so; also as if a consent
//! were stored that is only being considered.

use super::Found;
use crate::{
    actor::{self, Wanted},
    config::Config,
    say::say,
    wire::{self, Purpose},
};
use access::{act::Act, consent::Effect, role};
use anyhow::Context;
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use record::{error::Error, explain::Explanation};
use std::{fmt::Write, path::PathBuf};

/// `keepwell access …`
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Say what somebody would see of a patient, and why
    Explain(Explain),
}

#[derive(Args)]
struct Explain {
    /// Id of the Patient
    #[arg(long, value_name = "ID")]
    patient: String,
    /// In which role they look
    #[arg(long, value_parser = PossibleValuesParser::new(actor::roles()))]
    role: String,
    /// As whom records know them: `Practitioner/ID`, `Organization/ID`; may be given several times
    #[arg(long = "as", value_name = "REFERENCE")]
    known_as: Vec<String>,
    /// A Consent as JSON that is being considered: what would change if it were stored
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
}

/// Runs it; works beside a running server.
///
/// # Errors
/// Where the record does not open, or there is no such patient.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let Action::Explain(explain) = &arguments.action;
    let wanted = Wanted {
        role: &explain.role,
        name: "Somebody",
        patient: (explain.role == "patient" || explain.role == "proxy").then_some(explain.patient.as_str()),
        known_as: &explain.known_as,
        ..Wanted::default()
    };
    let asker = actor::local_act()?;
    let purpose = role::built_in(&explain.role).map_or(access::act::Purpose::Treat, |role| role.purpose);
    let subject = Act { actor: actor::actor(&wanted)?, purpose, ..asker.clone() };
    let record = wire::open(config, Purpose::Beside)?;
    let asked = |consent: Option<&serde_json::Value>| match record.explain(
        &asker,
        &subject,
        &explain.patient,
        consent,
    ) {
        Err(Error::NotFound) => anyhow::bail!(
            "there is no patient of that id: `--patient` takes the id as it stands in Patient/ID"
        ),
        other => Ok(other?),
    };
    let now = asked(None)?;
    let Some(path) = &explain.with else {
        say!("{}", render(&now, None));
        return Ok(Found::Right);
    };
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let limits = fhir::json::Limits { depth: fhir::json::MAX_DEPTH, values: usize::MAX };
    let consent =
        fhir::json::parse(&text, limits).with_context(|| format!("{} is no JSON", path.display()))?;
    anyhow::ensure!(consent["resourceType"] == "Consent", "{} holds no Consent", path.display());
    say!("{}", render(&now, Some(&asked(Some(&consent))?)));
    Ok(Found::Right)
}

/// A table: type, how many are seen of how many; and beside it what it would become.
fn render(now: &Explanation, then: Option<&Explanation>) -> String {
    let mut text = String::new();
    for sight in &now.sights {
        let _ = write!(text, "{:<24} {:>6} of {:<6}", sight.resource_type, sight.shown, sight.all);
        let after = then.and_then(|then| then.sights.iter().find(|s| s.resource_type == sight.resource_type));
        if let Some(after) = after.filter(|after| after.shown != sight.shown) {
            let _ = write!(text, " would become {}", after.shown);
        }
        text.push('\n');
    }
    let told = then.unwrap_or(now);
    if told.reasons.is_empty() {
        text.push_str(
            "No relationship and no consent has a say: what is seen is seen by scope or by place alone.\n",
        );
    }
    for reason in &told.reasons {
        let source = reason.source.as_deref().unwrap_or("the Consent that is considered");
        let what = match reason.effect {
            None => "a care relationship by",
            Some(Effect::Permit) => "permitted by",
            Some(Effect::Deny) => "denied by",
        };
        let part = if reason.is_partial { ", in part" } else { "" };
        let until = match reason.until {
            i64::MAX => String::new(),
            until => format!(", until {}", fhir::time::render_instant(until)),
        };
        let _ = writeln!(text, "{what} {source}{part}{until}");
    }
    text
}
