//! `keepwell access`: what somebody would see of a patient and why, also with a consent or a role that is only being considered; and who
//! broke the glass.

use super::{Found, role};
use crate::{
    actor::{self, Wanted},
    config::Config,
    say::say,
    wire::{self, Purpose},
};
use access::act::Act;
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use login::{
    Login,
    break_glass::{Emergency, Verdict, months},
    stand_in::{Somebody, StandIn},
    zone::Zone,
};
use record::{
    Record,
    error::{Error, chain},
    explain::{Comparison, Explanation, View},
};
use serde_json::Value;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

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
    /// List the emergencies in which somebody opened a record, and who did how often
    Glass,
}

#[derive(Args)]
struct Explain {
    /// Id of the Patient
    #[arg(long, value_name = "ID")]
    patient: String,
    /// In which role they look: one of `keepwell role list`, or of the roles of tokens
    #[arg(long, value_name = "NAME", required_unless_present = "account", conflicts_with = "account")]
    role: Option<String>,
    /// As whom records know them: `Practitioner/ID`, `Organization/ID`; may be given several times
    #[arg(long = "as", value_name = "REFERENCE", conflicts_with = "account")]
    known_as: Vec<String>,
    /// Or the id of their account
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// In which facility, where the account is on the staff of several
    #[arg(long, value_name = "ID", requires = "account")]
    facility: Option<String>,
    /// A Consent as JSON that is being considered: what would change if it were stored
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// A role as JSON that is being considered: what would change if they had it in place of theirs
    #[arg(long, value_name = "FILE")]
    as_if_role: Option<PathBuf>,
}

/// Runs it; works beside a running server.
///
/// # Errors
/// Where the record does not open, or there is no such patient.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let asked = match &arguments.action {
        Action::Explain(explain) => Some((explain, considered(explain)?)),
        Action::Glass => None,
    };
    let record = wire::open(config, Purpose::Beside)?;
    let login = Login::new(Arc::clone(record.store()), config.sign_in.settings.clone(), None)?;
    let asker = actor::local_act()?;
    let text = match asked {
        Some((explain, considered)) => explained(&record, &login, &asker, explain, considered)?,
        None => glasses(&login.emergencies(&asker)?),
    };
    say!("{text}");
    Ok(Found::Right)
}

/// What is being considered.
struct Considered {
    consent: Option<Value>,
    role: Option<access::role::Role>,
}

fn considered(explain: &Explain) -> anyhow::Result<Considered> {
    let consent = explain.with.as_deref().map(consent).transpose()?;
    let role = match &explain.as_if_role {
        Some(file) => {
            let mut roles = role::read(file)?;
            ensure!(roles.len() == 1, "{} must hold one role", file.display());
            roles.pop()
        }
        None => None,
    };
    Ok(Considered { consent, role })
}

fn consent(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let limits = fhir::json::Limits { depth: fhir::json::MAX_DEPTH, values: usize::MAX };
    let consent =
        fhir::json::parse(&text, limits).with_context(|| format!("{} is no JSON", path.display()))?;
    ensure!(consent["resourceType"] == "Consent", "{} holds no Consent", path.display());
    Ok(consent)
}

/// Who looks: somebody with an account or a role of the house, or one of those who run it.
fn somebody(login: &Login, explain: &Explain, asker: &Act) -> anyhow::Result<Result<StandIn, Act>> {
    let known_as = actor::references(&explain.known_as)?;
    let stand_in = |somebody| login.stand_in(somebody, &explain.patient, asker.at);
    match (&explain.account, explain.role.as_deref().unwrap_or_default()) {
        (Some(id), _) => Ok(Ok(stand_in(Somebody::Account { id, facility: explain.facility.as_deref() })?)),
        (None, name) if actor::runs_the_house(name) => {
            let wanted = Wanted { role: name, name: "Somebody", ..Wanted::default() };
            Ok(Err(Act { actor: actor::actor(&wanted)?, ..asker.clone() }))
        }
        (None, name) => {
            let found = stand_in(Somebody::Role { name, known_as: &known_as });
            Ok(Ok(found.with_context(|| format!("the role `{name}`"))?))
        }
    }
}

fn explained(
    record: &Record,
    login: &Login,
    asker: &Act,
    explain: &Explain,
    considered: Considered,
) -> anyhow::Result<String> {
    let somebody = somebody(login, explain, asker)?;
    let now = match &somebody {
        Ok(somebody) => somebody.act(asker),
        Err(act) => act.clone(),
    };
    let mut text = String::new();
    let then = match (&somebody, considered.role) {
        (_, None) => now.clone(),
        (Ok(somebody), Some(role)) => {
            let other = somebody.in_role(role)?;
            let _ = writeln!(text, "The role would change: {}\n", somebody.changes_to(&other));
            other.act(asker)
        }
        (Err(_), Some(_)) => bail!("this role is the house's own and cannot be changed"),
    };
    let patient = &explain.patient;
    let view = View { subject: &now, consent: None };
    if considered.consent.is_none() && explain.as_if_role.is_none() {
        text.push_str(&render(&record.explain(asker, patient, view).map_err(plain)?, None));
        return Ok(text);
    }
    let then = View { subject: &then, consent: considered.consent.as_ref() };
    let compared = record.compare(asker, patient, view, then).map_err(plain)?;
    text.push_str(&render(&compared.then, Some(&compared)));
    Ok(text)
}

fn plain(error: Error) -> anyhow::Error {
    match error {
        Error::NotFound => {
            anyhow::anyhow!(
                "there is no patient of that id: `--patient` takes the id as it stands in Patient/ID"
            )
        }
        Error::Invalid(issues) | Error::Unprocessable(issues) => {
            let said = |issue: &fhir::outcome::Issue| {
                format!("{} {}", issue.expression.as_deref().unwrap_or_default(), issue.diagnostics)
            };
            anyhow::anyhow!("the Consent: {}", issues.iter().map(said).collect::<Vec<_>>().join("; "))
        }
        error => anyhow::anyhow!("{}", chain(&error)),
    }
}

/// A table: type, how many are seen of how many; and beside it what it would become. Then what has a say.
fn render(told: &Explanation, compared: Option<&Comparison>) -> String {
    let mut text = String::new();
    for sight in &compared.map_or(told, |compared| &compared.now).sights {
        let kind = &sight.resource_type;
        let _ = write!(text, "{kind:<24} {:>6} of {:<6}", sight.shown, sight.all);
        let of =
            |compared: &Comparison| compared.differences.iter().find(|d| d.resource_type == *kind).cloned();
        if let Some(difference) = compared.and_then(of) {
            let then = sight.shown + difference.gained - difference.lost;
            let _ = write!(text, " would become {then} (+{} -{})", difference.gained, difference.lost);
        }
        text.push('\n');
    }
    if told.reasons.is_empty() {
        text.push_str(
            "No relationship and no consent has a say: what is seen is seen by scope or by place alone.\n",
        );
    }
    for reason in &told.reasons {
        let source = reason.source.as_deref().unwrap_or("the Consent that is considered");
        let what = match reason.kind() {
            "relationship" => "a care relationship by",
            "permit" => "permitted by",
            _ => "denied by",
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

/// Every emergency with what came of it, and who did how often.
fn glasses(all: &[Emergency]) -> String {
    let mut text = String::new();
    for glass in all {
        let found = match &glass.review {
            None => "to be reviewed".to_owned(),
            Some(review) => {
                let word = if review.verdict == Verdict::Justified { "justified" } else { "unjustified" };
                format!("{word}, says {}: {}", review.name, review.note)
            }
        };
        let (since, until) = (glass.since.strftime("%Y-%m-%d %H:%M"), glass.until.strftime("%H:%M"));
        let _ = writeln!(
            text,
            "{since} to {until} UTC  {} ({})  Patient/{}",
            glass.name, glass.role, glass.patient
        );
        let _ = writeln!(text, "    because: {}\n    {found}", glass.reason);
    }
    if all.is_empty() {
        text.push_str("Nobody has broken the glass yet.\n");
    }
    for month in months(all, Zone::default()) {
        let _ = writeln!(
            text,
            "{}  {}: {} broken, {} reviewed, {} unjustified",
            month.month, month.name, month.broken, month.reviewed, month.unjustified
        );
    }
    text
}
