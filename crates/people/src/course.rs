//! The courses: what happens to a person's health over the years, one file each.
//!
//! Every course decides for itself, from the person and a stream of chance of its own, whether it takes place.
//! Days that cannot move (births, the last illness) are taken first.

pub(crate) mod antenatal;
pub(crate) mod appendix;
pub(crate) mod asthma;
pub(crate) mod background;
pub(crate) mod booking;
pub(crate) mod child;
pub(crate) mod copd;
pub(crate) mod dengue;
pub(crate) mod depression;
pub(crate) mod diabetes;
pub(crate) mod fracture;
pub(crate) mod heart;
pub(crate) mod history;
pub(crate) mod hypertension;
pub(crate) mod infection;
pub(crate) mod kidney;
pub(crate) mod last_illness;
pub(crate) mod screening;
pub(crate) mod thyroid;
pub(crate) mod tuberculosis;
pub(crate) mod ward;

use crate::chart::Chart;
use crate::dice::Dice;
use crate::when::{Day, YEAR};

/// Lives the person's life into the chart.
pub(crate) fn live(chart: &mut Chart) {
    background::insure(chart);
    last_illness::run(chart);
    antenatal::run(chart);
    child::run(chart);
    ward::run(chart);
    background::run(chart);
    history::run(chart);
    heart::run(chart);
    tuberculosis::run(chart);
    dengue::run(chart);
    appendix::run(chart);
    fracture::run(chart);
    diabetes::run(chart);
    hypertension::run(chart);
    kidney::run(chart);
    thyroid::run(chart);
    asthma::run(chart);
    copd::run(chart);
    depression::run(chart);
    screening::run(chart);
    infection::run(chart);
    booking::run(chart);
}

/// A day within the chart's years, the later half likelier; none if the chart is too young for `days` more.
fn some_day(chart: &Chart, dice: &mut Dice, days: i32) -> Option<Day> {
    let span = chart.person.since.days_to(chart.end) - days;
    (span > 0).then(|| chart.person.since.plus(dice.range(0, span).max(dice.range(0, span))))
}

/// The day a disease of middle age begins: up to twenty years ago, not before the age of `youngest`.
fn onset(chart: &Chart, dice: &mut Dice, youngest: i32) -> Option<Day> {
    let earliest = chart.person.born.plus(youngest * YEAR).max(chart.end.plus(-20 * YEAR));
    let span = earliest.days_to(chart.end) - 60;
    (span > 0).then(|| earliest.plus(dice.range(0, span)))
}
