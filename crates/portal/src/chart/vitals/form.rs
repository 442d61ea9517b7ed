//! The form. What it must know of the patient stands in it, so that saving it is one entry of the log and no look beside it.

use super::super::{
    Drawn, Opened, may_not, page, page_as,
    sheet::{Section, Sheet},
};
use crate::{
    failure::Answer,
    page::go,
    signed_in::{realm, with_record},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    vitals::{
        flowsheet::about,
        measure::{Ends, Measure, plain},
        news2::Consciousness,
        number::Number,
        save::{Saved, save},
        typed::{About, Fault, Faults, Height, check},
    },
    when::When,
    writing::is_key,
};
use jiff::civil::Date;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/vitals-form.html")]
pub(super) struct Page {
    pub(super) s: Sheet,
    pub(super) token: String,
    pub(super) heading: String,
    pub(super) action: String,
    /// Whether a patient fills it in: then it asks less, in plain words.
    pub(super) is_own: bool,
    /// What was not done, and why.
    pub(super) error: String,
    /// What is wrong, with the field that it is about.
    pub(super) faults: Vec<(&'static str, String)>,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) choices: Vec<Choice>,
    /// When it was measured, where that is asked.
    pub(super) measured: Option<Field>,
}

/// A field for a value.
#[derive(Default)]
pub(super) struct Field {
    pub(super) name: &'static str,
    label: String,
    unit: &'static str,
    value: String,
    error: String,
    hint: String,
    /// The value that a tick says was checked; empty where none is asked for.
    sure: String,
    is_ticked: bool,
}

/// A field that offers a choice.
pub(super) struct Choice {
    name: &'static str,
    label: String,
    hint: String,
    error: String,
    /// Value, words, whether it is chosen.
    options: Vec<(&'static str, String, bool)>,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) fields: Vec<(String, String)>,
    pub(super) faults: Faults,
    pub(super) error: &'static str,
}

impl Typed {
    fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn fault(&self, name: &str) -> Option<Fault> {
        self.faults.iter().find(|(field, _)| *field == name).map(|(_, fault)| *fault)
    }
}

/// What a fault says.
fn sentence(w: Words, name: &str, fault: Fault) -> String {
    let measure = Measure::ALL.into_iter().find(|measure| measure.field() == name);
    let unit = measure.map_or("", |measure| measure.unit().1);
    let ends = |key: &str, (low, high): Ends| {
        w.values(key, &[("low", &plain(low)), ("high", &plain(high)), ("unit", unit)])
    };
    match fault {
        Fault::Number => w.say("fault-number"),
        Fault::Decimals(most) => w.count("fault-decimals", most),
        Fault::Impossible(possible) => ends("fault-impossible", possible),
        Fault::Unusual(usual) => ends("fault-unusual", usual),
        Fault::Twice => w.say("fault-twice"),
        Fault::NoSystolic => w.say("fault-no-systolic"),
        Fault::NotAbove => w.say("fault-not-above"),
        Fault::Nothing => w.say("fault-nothing"),
        Fault::Time => w.say("fault-time"),
        Fault::Future => w.say("fault-future"),
        Fault::BeforeBirth => w.say("fault-before-birth"),
        Fault::Choice => w.say("fault-choice"),
    }
}

/// Every fault, with what its field is called.
pub(super) fn summary(w: Words, is_own: bool, typed: &Typed) -> Vec<(&'static str, String)> {
    let of = |(name, fault): &(&'static str, Fault)| {
        let prefix = if is_own { "own" } else { "vital" };
        let label = match *name {
            "measured" => w.in_zone("vital-measured"),
            name => w.of_code(prefix, name, &w.of_code("vital", name, "")),
        };
        let text = sentence(w, name, *fault);
        (*name, if label.is_empty() { text } else { format!("{label}: {text}") })
    };
    typed.faults.iter().map(of).collect()
}

pub(super) fn fields(w: Words, is_own: bool, typed: &Typed) -> Vec<Field> {
    let field = |measure: Measure| {
        let name = measure.field();
        let value = typed.get(name).to_owned();
        let ticked = typed.get(&format!("sure-{name}"));
        let is_ticked = !value.is_empty() && ticked == value;
        let fault = typed.fault(name);
        let asks = is_ticked || matches!(fault, Some(Fault::Unusual(_)));
        Field {
            name,
            label: w.say(&if is_own { format!("own-{name}") } else { format!("vital-{name}") }),
            unit: measure.unit().1,
            error: fault.map(|fault| sentence(w, name, fault)).unwrap_or_default(),
            hint: if is_own { w.of_code("hint-own", name, "") } else { String::new() },
            sure: if asks { value.clone() } else { String::new() },
            is_ticked,
            value,
        }
    };
    Measure::ALL.into_iter().map(field).collect()
}

fn choices(w: Words, typed: &Typed, about: &About, today: Date) -> Vec<Choice> {
    let choice = |name: &'static str, options: &[(&'static str, &str)]| Choice {
        name,
        label: w.say(&format!("vital-{name}")),
        hint: if name == "scale" { w.say("scale-hint") } else { String::new() },
        error: typed.fault(name).map(|fault| sentence(w, name, fault)).unwrap_or_default(),
        options: options.iter().map(|(value, key)| (*value, w.say(key), *value == typed.get(name))).collect(),
    };
    let awake = Consciousness::ALL.map(|one| (one.word(), format!("acvpu-{}", one.word())));
    let awake: Vec<(&str, &str)> = [("", "not-taken")]
        .into_iter()
        .chain(awake.iter().map(|(word, key)| (*word, key.as_str())))
        .collect();
    let mut all = vec![
        choice("oxygen", &[("", "not-taken"), ("air", "oxygen-air"), ("oxygen", "oxygen-oxygen")]),
        choice("consciousness", &awake),
        choice("scale", &[("1", "scale-1"), ("2", "scale-2")]),
    ];
    if about.may_be_pregnant(today) {
        all.push(choice("pregnant", &[("", "pregnant-unknown"), ("no", "no"), ("yes", "yes")]));
    }
    all
}

pub(super) fn hidden(about: &About, key: String) -> Vec<(&'static str, String)> {
    let born = about.born.as_ref().map(|born| {
        let part = |part: Option<i8>| part.map(|part| format!("-{part:02}")).unwrap_or_default();
        format!("{:04}{}{}", born.year, part(born.month), part(born.day))
    });
    let (height, id) = about
        .height
        .as_ref()
        .map(|height| (height.number.digits.clone(), height.id.clone()))
        .unwrap_or_default();
    vec![
        ("key", key),
        ("born", born.unwrap_or_default()),
        ("sex", about.gender.clone()),
        ("known-height", height),
        ("known-height-id", id),
    ]
}

/// What the form says of the patient.
pub(super) fn told(form: &Form) -> About {
    let id = form.get("known-height-id");
    let is_id =
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let number = Number::read(form.get("known-height")).filter(|_| is_id);
    About {
        born: When::parse(form.get("born")),
        gender: form.get("sex").to_owned(),
        height: number.map(|number| Height { number, id: id.to_owned() }),
    }
}

fn drawn(s: Sheet, opened: &Opened, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    if !opened.chart.may_write(&["Observation"]) {
        return Err(may_not());
    }
    let (w, is_own) = (s.w, s.realm == Realm::Patient);
    let about = about(&opened.chart);
    let clock = w.clocks(opened.now).strftime("%Y-%m-%d %H:%M").to_string();
    // A form that is shown again is the same form, unless it was stored already.
    let key = Some(typed.get("key")).filter(|key| is_key(key) && typed.error.is_empty());
    let key = key.unwrap_or(&opened.fresh_id).to_owned();
    let measured = Field {
        name: "measured",
        label: w.in_zone("vital-measured"),
        hint: w.with("measured-hint", "now", &clock),
        value: typed.get("measured").to_owned(),
        error: typed.fault("measured").map(|fault| sentence(w, "measured", fault)).unwrap_or_default(),
        ..Field::default()
    };
    let page = Page {
        token: opened.who.form_token.clone(),
        is_own,
        error: if typed.error.is_empty() { String::new() } else { w.say(typed.error) },
        faults: summary(w, is_own, typed),
        hidden: hidden(&about, key),
        fields: fields(w, is_own, typed),
        choices: if is_own { Vec::new() } else { choices(w, typed, &about, opened.today) },
        measured: Some(measured),
        heading: w.say("vitals-new"),
        action: s.to("vitals/new"),
        s,
    };
    Ok(Drawn { title: page.s.w.say("vitals-new"), page })
}

/// `GET /{realm}/chart/{patient}/vitals/new`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Vitals);
    page(&door, &view, at, |s, opened| drawn(s, opened, &Typed::default())).await
}

/// `POST /{realm}/chart/{patient}/vitals/new`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let (sent, id, w) = (form.clone(), patient.clone(), view.words);
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let (key, about) = (sent.get("key"), told(&sent));
        let set = match check(sent.fields(), &about, &w.clocks(visit.now)) {
            Ok(set) if is_key(key) => set,
            // A form that is none of ours has no key; it is shown again with one.
            Ok(_) => return Ok(Some((Faults::new(), "vitals-resend"))),
            Err(faults) => return Ok(Some((faults, ""))),
        };
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(match save(record, &act, &id, (&set, &about), key)? {
            Saved::New | Saved::Again => None,
            Saved::Before => Some((Faults::new(), "vitals-before")),
        })
    };
    let (_, outcome) = with_record(&door, &view.guest, realm, Some(&form), work).await?;
    let Some((faults, error)) = outcome? else {
        return Ok(go(&format!("/{name}/chart/{patient}/vitals?saved=yes"), Vec::new()));
    };
    let status = if error.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    let typed = Typed { fields: form.fields().to_vec(), faults, error };
    let at = (realm, patient.as_str(), Section::Vitals);
    page_as(status, &door, &view, at, |s, opened| drawn(s, opened, &typed)).await
}
