//! Pregnancy: antenatal visits, the delivery, and six weeks after. Children of the household were born so; and
//! some women are pregnant today.

use crate::body::Shift;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::image;
use crate::chart::visit::{At, Setting};
use crate::code::{condition, drug, lab, other, vaccine};
use crate::dice::{Dice, label};
use crate::house::staff::Job;
use crate::person::{Gender, Person, Tie};
use crate::value::object;
use crate::value::{Unit, quantity};
use crate::when::{Day, Moment};

/// Weeks of pregnancy with a visit.
const WEEKS: [i32; 8] = [10, 16, 20, 24, 28, 32, 36, 38];
/// From the last period to the due date.
const TERM: i32 = 280;

/// Whether the birth of `child` is in the charts: its mother was on the register when it began.
pub(crate) fn is_charted(mother: &Person, child: &Person) -> bool {
    mother.house == child.house && mother.since.plus(250) <= child.born
}

/// When a child of `mother` was born, to the minute; a second twin comes a quarter of an hour later.
pub(crate) fn birth_time(seed: u64, mother: &Person, child: &Person) -> Moment {
    let mut dice = Dice::new(seed, &[label("birth"), mother.n as u64, child.born.0.unsigned_abs().into()]);
    child.born.at(dice.range(7 * 60, 18 * 60) + if child.twin == Some(2) { 15 } else { 0 })
}

/// Writes the pregnancies of a mother.
pub(crate) fn run(chart: &mut Chart) {
    if !chart.person.female || chart.person.gender != Gender::Female {
        return;
    }
    let mut youngest = None;
    for (at, tie) in &chart.person.kin {
        let child = &chart.family[*at];
        if *tie != Tie::Child || !is_charted(chart.person, child) || youngest == Some(child.born) {
            youngest = youngest.max((*tie == Tie::Child).then_some(child.born));
            continue;
        }
        youngest = youngest.max(Some(child.born));
        let born = birth_time(chart.world.seed, chart.person, child);
        let mut dice = chart.dice(&format!("pregnancy {}", child.n));
        let last_period = child.born.plus(-(TERM - dice.range(-6, 14)));
        Pregnancy { last_period, born: Some(born), dice }.write(chart);
    }
    let mut dice = chart.dice("pregnant today");
    let rested = youngest.is_none_or(|born| born.plus(500) < chart.end);
    let age = chart.age(chart.end);
    if chart.is_alive() && rested && (20..=38).contains(&age) && dice.chance(18) {
        let last_period = chart.end.plus(-dice.range(80, 268));
        Pregnancy { last_period, born: None, dice }.write(chart);
    }
}

struct Pregnancy {
    last_period: Day,
    born: Option<Moment>,
    dice: Dice,
}

impl Pregnancy {
    fn write(mut self, chart: &mut Chart) {
        let due = self.last_period.plus(TERM);
        let ill = self.dice.chance(7);
        let ends = self.born.map_or(due, |born| born.day);
        self.change_body(chart, ends, ill);
        let section = ill || self.dice.chance(28);
        let stay = self.born.and_then(|born| self.reserve(chart, born, section));
        let mut condition: Option<String> = None;
        for week in WEEKS {
            let day = self.last_period.plus(week * 7);
            if day.plus(7) > ends {
                break;
            }
            let Some(at) = chart.visit(day, Setting::Clinic, Job::Obstetrics, &other::ANTENATAL_VISIT) else {
                continue;
            };
            let known = condition.take().unwrap_or_else(|| self.book_in(chart, at, due, ends));
            chart.review(at, &known);
            self.examine(chart, at, week, &known, ill);
            condition = Some(known);
        }
        if let (Some((stay, birth)), Some(born)) = (stay, self.born) {
            self.deliver(chart, stay, birth, born, section, condition);
        }
    }

    fn change_body(&self, chart: &mut Chart, ends: Day, ill: bool) {
        for (from, until, weight) in [(8, 15, 12), (16, 27, 55), (28, 42, 125)] {
            let (from, until) = (self.last_period.plus(from * 7), self.last_period.plus(until * 7).min(ends));
            chart.body.shift(Shift { from, until, systolic: -3, oxygen: 0, weight });
        }
        if ill {
            let from = self.last_period.plus(33 * 7);
            chart.body.shift(Shift { from, until: ends.plus(10), systolic: 40, oxygen: 0, weight: 0 });
        }
    }

    /// Takes the days of the delivery, and gives the moments of admission and birth.
    fn reserve(&mut self, chart: &mut Chart, born: Moment, section: bool) -> Option<(At, At)> {
        let setting = Setting::Maternity(if section { 4 } else { 2 });
        let at = chart.visit_on(born.day, setting, Job::Obstetrics, &other::ADMISSION)?;
        let end = chart.over(at).map(|over| over.moment);
        let at = chart.retime(at, born.plus(-self.dice.range(120, 390)), end);
        Some((at, At { moment: born, ..at }))
    }

    fn book_in(&mut self, chart: &mut Chart, at: At, due: Day, ends: Day) -> String {
        let condition = chart.diagnose(at, &condition::PREGNANCY, self.last_period, Some(ends));
        let history = ("social-history", "Social History");
        chart.note(
            at,
            history,
            &other::LAST_PERIOD,
            object!({"valueDateTime": self.last_period.to_string()}),
        );
        chart.note(at, history, &other::DUE_DATE, object!({"valueDateTime": due.to_string()}));
        let value = self.dice.range(92, 126);
        chart.panel(at, &lab::BLOOD_COUNT, &mut self.dice, &[(&lab::HEMOGLOBIN, value)]);
        if value < 100 {
            chart.diagnose(at, &condition::IRON_ANEMIA, at.day(), Some(ends));
        }
        chart.prescribe(at, Order::daily(&drug::FOLIC_ACID, 5, 1).days(84).because(&condition));
        let plan = ["Antenatal visits", "Iron and folic acid", "Tetanus vaccine", "Plan for the birth"];
        chart.plan(at, "Antenatal care", &plan, &[], None, &condition);
        condition
    }

    fn examine(&mut self, chart: &mut Chart, at: At, week: i32, condition: &str, ill: bool) {
        if week >= 16 {
            let rate = quantity(i64::from(self.dice.range(122, 158)), 0, Unit::new("/min", "/min"));
            chart.note(at, ("exam", "Exam"), &other::FETAL_HEART_RATE, object!({"valueQuantity": rate}));
            let age = quantity(i64::from(week), 0, Unit::new("weeks", "wk"));
            chart.note(at, ("exam", "Exam"), &GESTATION, object!({"valueQuantity": age}));
        }
        match week {
            16 => {
                let iron = Order::daily(&drug::IRON, 1, 1).days(180).because(condition).when("PC");
                chart.prescribe(at, iron);
                chart.prescribe(at, Order::daily(&drug::CALCIUM, 500, 2).days(150).because(condition));
            }
            20 => {
                chart.image(
                    at,
                    &image::PELVIS,
                    "Single live fetus of 20 weeks, normal anatomy, placenta not low.",
                );
            }
            28 => {
                let value = self.dice.range(98, 118);
                chart.panel(at, &lab::HEMOGLOBIN_ONLY, &mut self.dice, &[(&lab::HEMOGLOBIN, value)]);
                let tetanus = if chart.person.culture.is_indian() { &vaccine::TD } else { &vaccine::TDAP };
                chart.vaccinate(at, tetanus, 1);
            }
            36 if ill => {
                let ended = self.born.map(|born| born.day.plus(12));
                chart.diagnose(at, &condition::PREECLAMPSIA, at.day(), ended.or(Some(at.day().plus(60))));
                let text = "High-risk pregnancy: pre-eclampsia";
                chart.flag_until(at, ("clinical", "Clinical"), text, ended);
                chart.panel(at, &lab::LIVER, &mut self.dice, &[]);
            }
            _ => {}
        }
    }

    fn deliver(
        &mut self,
        chart: &mut Chart,
        at: At,
        birth: At,
        born: Moment,
        section: bool,
        condition: Option<String>,
    ) {
        let condition = condition
            .unwrap_or_else(|| chart.diagnose(at, &condition::PREGNANCY, self.last_period, Some(born.day)));
        chart.review(at, &condition);
        let (how, minutes) = if section { (&other::CESAREAN, 45) } else { (&other::VAGINAL_BIRTH, 20) };
        chart.operate(birth.plus(-minutes), how, minutes, None, Some(&condition));
        if section {
            chart.prescribe(at, Order::daily(&drug::CEFTRIAXONE, 1000, 1).days(2).because(&condition));
        }
        chart.prescribe(at, Order::daily(&drug::PARACETAMOL, 1, 3).days(3).because(&condition));
        if let Some(next) = chart.morning(at, 1) {
            let value = self.dice.range(88, 115);
            chart.panel(next, &lab::HEMOGLOBIN_ONLY, &mut self.dice, &[(&lab::HEMOGLOBIN, value)]);
        }
        if let Some(over) = chart.over(at) {
            let lines = vec![
                format!("Delivery on {}: {}.", born.day, how.display),
                "Mother and child well. Breast feeding established.".to_owned(),
                "Advice: iron for three months, postnatal visit in six weeks.".to_owned(),
            ];
            chart.file(over.plus(-20), &other::DISCHARGE_SUMMARY, lines);
        }
        let six_weeks = born.day.plus(42);
        if let Some(at) = chart.visit(six_weeks, Setting::Clinic, Job::Obstetrics, &other::POSTNATAL_VISIT) {
            chart.prescribe(at, Order::daily(&drug::IRON, 1, 1).days(60).when("PC"));
        }
    }
}

const GESTATION: crate::code::Code = crate::code::loinc("18185-9", "Gestational age");
