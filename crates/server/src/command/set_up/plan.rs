//! What a file says, held against what there is: the steps that are missing, and taking them. Nothing is ever removed.

use super::file::{Identifier, Known, Read, Server, Staff};
use crate::actor;
use access::act::Act;
use anyhow::{Context, bail};
use fhir::json;
use login::{
    Login,
    blueprint::{Named, Standing},
    elsewhere::{Draft, House},
    facility::{Entering, Facility},
    home::{Country, Home, SaidHome, Saved},
    page_text::{Part, Saved as Written},
    roster::{By, Unlisted},
    staff_list::Row,
    visit::Visit,
};
use record::{Record, bundle::Answer, change::Wish, error::Error as Below};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use web::outside::{self, Fetch};

/// How many synthetic patients a house gets to look at.
const SAMPLE: usize = 20;

/// The longest answer of another server, bytes.
const ANSWER: usize = 256 << 10;

/// Where their chance comes from.
const SEED: u64 = 42;

/// What is there; nothing, of a house that is not there yet.
#[derive(Default)]
pub(super) struct There {
    pub(super) home: SaidHome,
    pub(super) facilities: Vec<Facility>,
    servers: Vec<(String, House)>,
    is_set_up: bool,
    has_patients: bool,
}

/// Something that is to be done.
pub(super) enum Step<'f> {
    Home(Home, i64),
    Facility(&'f str),
    Numbers(&'f str, Vec<&'f Identifier>),
    Administrator(&'f str, &'f str),
    Staff(&'f Staff, Row),
    Page(Part, &'f str, &'f str, i64),
    Server(&'f Server),
    Sample,
}

/// What there is to do, and what is only told.
#[derive(Default)]
pub(super) struct Plan<'f> {
    pub(super) steps: Vec<Step<'f>>,
    pub(super) told: Vec<String>,
}

impl Step<'_> {
    /// What would be done.
    pub(super) fn words(&self) -> String {
        match self {
            Step::Home(home, _) => {
                let country = home.country.map(Country::code).unwrap_or_default();
                format!("the house stands in {country}, {}", home.zone.name())
            }
            Step::Facility(name) => format!("the facility {name} is founded, and stands in the record"),
            Step::Numbers(name, numbers) => {
                let all: Vec<&str> = numbers.iter().map(|number| number.value.get_ref().as_str()).collect();
                format!("the facility {name} has the number {}", all.join(", "))
            }
            Step::Administrator(name, _) => format!("{name} is invited as the first administrator"),
            Step::Staff(staff, _) => {
                format!("{} is invited as {}", staff.name.get_ref(), staff.role.get_ref())
            }
            Step::Page(part, language, ..) => {
                format!("the house says its own words: {} in {language}", part.name())
            }
            Step::Server(server) => format!("patients may bring their record from {}", server.listing().name),
            Step::Sample => format!("{SAMPLE} synthetic patients are stored"),
        }
    }

    pub(super) fn is_invitation(&self) -> bool {
        matches!(self, Step::Administrator(..) | Step::Staff(..))
    }

    pub(super) fn is_sample(&self) -> bool {
        matches!(self, Step::Sample)
    }
}

/// A house that is open.
pub(super) struct Open<'h> {
    pub(super) record: &'h Record,
    pub(super) login: &'h Login,
    pub(super) act: &'h Act,
    pub(super) visit: &'h Visit,
    /// The address under which browsers know it.
    pub(super) origin: &'h str,
    /// That of its FHIR API.
    pub(super) base: &'h str,
}

impl There {
    pub(super) fn of(open: &Open<'_>) -> anyhow::Result<There> {
        let (login, now) = (open.login, open.visit.now);
        let ring = open.record.store().keyring();
        Ok(There {
            home: login.home(now)?,
            facilities: login.facilities(now)?,
            servers: login.houses(now)?,
            is_set_up: login.is_set_up(now)?,
            has_patients: ring.patients() > 0 || ring.erased() > 0,
        })
    }

    fn facility(&self, named: &str) -> Option<&Facility> {
        self.facilities.iter().find(|one| one.name == named || one.id == named || one.text() == named)
    }
}

/// What is missing. Without an open house, everything is.
pub(super) fn plan<'f>(
    read: &'f Read<'_>,
    there: &There,
    open: Option<&Open<'_>>,
) -> anyhow::Result<Plan<'f>> {
    let mut plan = Plan::default();
    let file = &read.file;
    let home = read.home().map_err(|fault| anyhow::anyhow!("{}", fault.text))?;
    if let Some(home) = home.filter(|home| there.home.at.is_none() || there.home.home != *home) {
        plan.steps.push(Step::Home(home, there.home.version));
    }
    for one in &file.facility {
        let name = one.name.get_ref().trim();
        let found = there.facility(name);
        if found.is_none_or(|found| found.organization.is_none()) {
            plan.steps.push(Step::Facility(name));
        }
        let kept = match (open, found) {
            (Some(open), Some(found)) => numbers(open, found)?,
            _ => Vec::new(),
        };
        let is_kept = |number: &&Identifier| {
            let number = (number.system.get_ref().as_str(), number.value.get_ref().as_str());
            kept.iter().any(|(system, value)| (system.as_str(), value.as_str()) == number)
        };
        let missing: Vec<&Identifier> = one.identifiers.iter().filter(|number| !is_kept(number)).collect();
        if !missing.is_empty() {
            plan.steps.push(Step::Numbers(name, missing));
        }
    }
    people(read, there, open, &mut plan)?;
    for (language, parts) in &file.pages {
        for (name, text) in parts {
            let part = Part::named(name).context("a page that is none")?;
            let kept = open.map(|open| open.login.page_text(part, language, open.visit.now)).transpose()?;
            let kept = kept.unwrap_or_default();
            if kept.text != login::page_text::checked(text.get_ref())? {
                plan.steps.push(Step::Page(part, language, text.get_ref(), kept.version));
            }
        }
    }
    for one in &file.server {
        let base = one.listing().check()?;
        match there.servers.iter().find(|(_, house)| house.base == base) {
            None => plan.steps.push(Step::Server(one)),
            Some((_, house))
                if house.name == one.listing().name && house.client_id == one.listing().client_id => {}
            Some(_) => {
                plan.told.push(format!(
                    "{base} is listed with another name or id; change that at /admin/elsewhere."
                ));
            }
        }
    }
    if file.house.as_ref().is_some_and(|house| house.sample_data) {
        match there.has_patients {
            true => {
                plan.told.push("Patients are there already: sample data is for a house without any.".into())
            }
            false => plan.steps.push(Step::Sample),
        }
    }
    Ok(plan)
}

/// Who is to be invited.
fn people<'f>(
    read: &'f Read<'_>,
    there: &There,
    open: Option<&Open<'_>>,
    plan: &mut Plan<'f>,
) -> anyhow::Result<()> {
    let standing = |named: Named<'_>| match open {
        Some(open) => open.login.standing(named, open.visit).map_err(anyhow::Error::from),
        None => Ok(Standing::Missing),
    };
    let waits = |name: &str| {
        format!(
            "{name} is invited already, and has not come yet; a link opens within a day, and a new one is made after it."
        )
    };
    if let Some(one) = &read.file.administrator {
        let (name, contact) = (one.name.get_ref(), one.email.get_ref());
        match standing(Named { name, contact, role: "administrator", facility: None })? {
            Standing::There => {}
            Standing::Invited => plan.told.push(waits(name)),
            Standing::Missing if there.is_set_up => bail!(
                "line {}: administrator.email: somebody else is the administrator of this house already; leave [administrator] out, and invite others at /admin/staff. Nothing was done.",
                read.line(&one.email)
            ),
            Standing::Missing if there.facilities.is_empty() && read.file.facility.is_empty() => bail!(
                "line {}: administrator: an administrator is invited under a facility; add a [[facility]] with its name. Nothing was done.",
                read.line(&one.name)
            ),
            Standing::Missing => plan.steps.push(Step::Administrator(name, contact)),
        }
    }
    for one in &read.file.staff {
        let text = |text: &Option<toml::Spanned<String>>| {
            text.as_ref().map_or(String::new(), |text| text.get_ref().trim().to_owned())
        };
        let row = Row {
            line: read.line(&one.name),
            name: one.name.get_ref().clone(),
            contact: one.contact().to_owned(),
            role: one.role.get_ref().clone(),
            facility: text(&one.facility),
            practitioner: text(&one.practitioner),
        };
        let only = (there.facilities.len() == 1).then(|| there.facilities.first()).flatten();
        let at = if row.facility.is_empty() { only } else { there.facility(&row.facility) };
        // At a facility that is not there yet nobody is.
        let standing = match at {
            None => Standing::Missing,
            Some(at) => standing(Named {
                name: &row.name,
                contact: &row.contact,
                role: &row.role,
                facility: Some(&at.id),
            })?,
        };
        match standing {
            Standing::There => {}
            Standing::Invited => plan.told.push(waits(&row.name)),
            Standing::Missing => plan.steps.push(Step::Staff(one, row)),
        }
    }
    Ok(())
}

/// The numbers that a facility has in the record: system and value.
fn numbers(open: &Open<'_>, facility: &Facility) -> anyhow::Result<Vec<(String, String)>> {
    let Some(id) = &facility.organization else { return Ok(Vec::new()) };
    let Some(now) = open.record.now(open.act, "set-up", "Organization", id)? else { return Ok(Vec::new()) };
    let all = now.value.get("identifier").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, member: &str| {
        value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(all.iter().map(|one| (text(one, "system"), text(one, "value"))).collect())
}

/// Takes the steps, one after the other; what each came to is handed to `say` as it is done.
///
/// # Errors
/// Where one cannot be taken; those before it were.
pub(super) fn take(open: &Open<'_>, steps: Vec<Step<'_>>, say: &mut dyn FnMut(String)) -> anyhow::Result<()> {
    let by = By::Operator(open.act);
    let mut answers = ask(open, &steps)?;
    let mut rows = Vec::new();
    for step in steps {
        let words = step.words();
        match step {
            Step::Home(home, version) => match open.login.move_home(by, home, version, open.visit)? {
                Saved::Done => say(words),
                Saved::Meanwhile(_) => {
                    bail!("somebody else has said meanwhile where the house is; run this again")
                }
            },
            Step::Facility(name) => {
                let found = open.login.facilities(open.visit.now)?.into_iter().find(|one| one.name == name);
                let facility = found.map_or_else(|| open.login.found(by, name, open.visit), Ok)?;
                if let Some(entering) = open.login.entering(by, &facility.id, open.visit)? {
                    enter(open, &entering)?;
                }
                say(format!("{words}: its id is {}", facility.text()));
            }
            Step::Numbers(name, missing) => {
                add_numbers(open, name, &missing)?;
                say(words);
            }
            Step::Administrator(name, contact) => {
                let named = Named { name, contact, role: "administrator", facility: None };
                let token = open.login.invite_first(open.act, named, open.visit)?;
                say(format!("{words}: {}/invitation/{}", open.origin, token.reveal()));
            }
            Step::Staff(_, row) => rows.push(row),
            Step::Page(part, language, text, version) => {
                match open.login.write_page_text(by, (part, language), text, version, open.visit)? {
                    Written::Done => say(words),
                    Written::Meanwhile(_) => {
                        bail!("somebody else has written that page meanwhile; run this again")
                    }
                }
            }
            Step::Server(server) => {
                let (draft, configuration) = answers.remove(0);
                open.login
                    .list_house(by, draft, &configuration, None, open.visit)
                    .with_context(|| format!("{} was not listed", server.listing().base))?;
                say(words);
            }
            Step::Sample => {
                sample(open)?;
                say(words);
            }
        }
    }
    invite(open, rows, say)
}

/// What the servers that are to be listed say of how they are asked, in the order of the steps; asked before anything is done.
fn ask(open: &Open<'_>, steps: &[Step<'_>]) -> anyhow::Result<Vec<(Draft, Vec<u8>)>> {
    let servers = steps.iter().filter_map(|step| match step {
        Step::Server(server) => Some(server),
        _ => None,
    });
    let mut runtime = None;
    let mut answers = Vec::new();
    for server in servers {
        let draft = open.login.draft_house(By::Operator(open.act), &server.listing(), open.visit)?;
        let runtime = match &mut runtime {
            Some(runtime) => runtime,
            none => none.insert(tokio::runtime::Builder::new_current_thread().enable_all().build()?),
        };
        let (address, patience) = (draft.configuration(), Duration::from_secs(10));
        let accept = "application/json";
        let fetch = Fetch { address: &address, accept, bearer: None, longest: ANSWER, patience };
        let answer = runtime.block_on(outside::fetch(fetch)).map(|came| came.bytes);
        let base = server.listing().base;
        let answer = answer.with_context(|| {
            format!("server.base: {base} does not answer; check the address. Nothing was done")
        })?;
        answers.push((draft, answer));
    }
    Ok(answers)
}

/// Everybody of the staff who is missing, or nobody of them.
fn invite(open: &Open<'_>, rows: Vec<Row>, say: &mut dyn FnMut(String)) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let invited = match open.login.invite_all(By::Operator(open.act), rows, open.visit) {
        Ok(invited) => invited,
        Err(Unlisted::Lines(faults)) => {
            let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
            bail!("nobody of the staff was invited: {}", all.join("; "));
        }
        Err(Unlisted::Other(error)) => return Err(error).context("nobody of the staff was invited"),
    };
    for one in invited {
        let waits = if one.waits { " (it opens once a second person has confirmed it)" } else { "" };
        let link = format!("{}/invitation/{}", open.origin, one.token.reveal());
        say(format!("{} is invited as {}: {link}{waits}", one.row.name, one.row.role));
    }
    Ok(())
}

/// Stores the Organization of a facility, and remembers it. Done twice, it is the same.
fn enter(open: &Open<'_>, entering: &Entering) -> anyhow::Result<()> {
    let resource = json::parse(&entering.body, json::Limits::default())?;
    let wish = Wish::Update {
        resource_type: "Organization".into(),
        id: Some(entering.id.clone()),
        query: None,
        resource,
        if_match: None,
        if_none_match: true,
    };
    match open.record.commit(&entering.act, "update", &[wish.into()]) {
        Ok(_) | Err(Below::Precondition(_)) => Ok(open.login.entered(entering, open.visit)?),
        Err(error) => Err(error).context("the facility could not be entered into the record"),
    }
}

fn add_numbers(open: &Open<'_>, name: &str, missing: &[&Identifier]) -> anyhow::Result<()> {
    let facility = open.login.facilities(open.visit.now)?.into_iter().find(|one| one.name == name);
    let id = facility.and_then(|one| one.organization).context("the facility stands in no record")?;
    let now =
        open.record.now(open.act, "set-up", "Organization", &id)?.context("its Organization is gone")?;
    let mut resource = now.value;
    let added = missing.iter().map(|number| {
        serde_json::json!({"use": "official", "system": number.system.get_ref(), "value": number.value.get_ref()})
    });
    match resource.get_mut("identifier").and_then(Value::as_array_mut) {
        Some(all) => all.extend(added),
        None => resource["identifier"] = added.collect(),
    }
    let wish = Wish::Update {
        resource_type: "Organization".into(),
        id: Some(id),
        query: None,
        resource,
        if_match: Some(now.version),
        if_none_match: false,
    };
    open.record
        .commit(open.act, "update", &[wish.into()])
        .map(drop)
        .context("the numbers of a facility were not stored")
}

/// Synthetic people, each marked as what they are.
fn sample(open: &Open<'_>) -> anyhow::Result<()> {
    let as_of = open.login.home(open.visit.now)?.home.zone.day(open.visit.now);
    let plan = people::Plan { seed: SEED, patients: SAMPLE, as_of };
    let answer = || Answer { base: open.base, representation: false, lenient: false };
    let bundles =
        std::iter::once(people::houses(&plan)).chain((0..SAMPLE).map(|at| people::patient(&plan, at)));
    for bundle in bundles {
        let act = actor::local_act()?;
        open.record.bundle(&act, bundle, answer()).context("a synthetic person was refused")?;
    }
    Ok(())
}

/// What the roles are called, for whoever misspelt one, and how they are found.
pub(super) fn known_roles(
    login: Option<&Login>,
    visit: &Visit,
) -> anyhow::Result<BTreeMap<String, access::role::Role>> {
    let own = match login {
        Some(login) => login.roles(visit.now)?.into_iter().map(|listed| listed.role).collect(),
        None => access::role::all_built_in().to_vec(),
    };
    Ok(own.into_iter().map(|role| (role.name.clone(), role)).collect())
}

/// What a file is held against.
pub(super) fn known<'k>(
    rules: &'k login::identifier::Rules,
    roles: &BTreeMap<String, access::role::Role>,
    role: &'k dyn Fn(&str) -> Option<access::role::Role>,
    there: &There,
) -> Known<'k> {
    let open = there.facilities.iter().filter(|one| one.open);
    let facilities = open.flat_map(|one| [one.name.clone(), one.id.clone(), one.text()]);
    Known { rules, role, roles: roles.keys().cloned().collect(), facilities: facilities.collect() }
}
