//! Depression: PHQ-9 scores that come down with treatment, some visits by video.

use super::some_day;
use crate::chart::Chart;
use crate::chart::drug::Order;
use crate::chart::visit::{At, Setting};
use crate::code::{condition, drug, other};
use crate::dice::Dice;
use crate::house::phq9;
use crate::house::staff::Job;
use crate::value::object;
use crate::value::{Unit, named, quantity, to};

/// The score below which an episode is over.
const REMISSION: i32 = 5;

/// Writes the course.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("depression");
    if chart.age(chart.end) < 17 || !dice.chance(if chart.person.female { 12 } else { 8 }) {
        return;
    }
    let Some(day) = some_day(chart, &mut dice, 200) else { return };
    let day = day.max(chart.person.born.plus(16 * 366));
    let Some(first) = chart.follow_up(day, Job::Psychiatry, &other::PROBLEM_VISIT) else { return };
    let mut scores = vec![(first, dice.range(12, 22))];
    let mut day = first.day();
    while let (Some((_, score)), true) = (scores.last().copied(), scores.len() < 9) {
        if score < REMISSION {
            break;
        }
        day = day.plus(dice.range(20, 45));
        let by_video = dice.chance(35);
        let setting = if by_video { Setting::Video } else { Setting::Clinic };
        let kind = if by_video { &other::VIDEO_VISIT } else { &other::FOLLOW_UP };
        let Some(at) = chart.visit(day, setting, Job::Psychiatry, kind) else { break };
        scores.push((at, (score - dice.range(-1, 5)).max(1)));
    }
    let over = scores.last().filter(|(_, score)| *score < REMISSION).map(|(at, _)| at.day());
    let condition =
        chart.diagnose(first, &condition::DEPRESSION, first.day().plus(-dice.range(20, 120)), over);
    let mut at_risk = None;
    for (at, score) in &scores {
        chart.review(*at, &condition);
        at_risk = survey(chart, &mut dice, *at, *score).then_some(*at).or(at_risk);
    }
    if let Some(at) = at_risk {
        let text = "Thoughts of self-harm reported: see the safety plan";
        chart.flag_until(at, ("safety", "Safety"), text, over);
    }
    let drug = if dice.chance(60) { &drug::SERTRALINE } else { &drug::FLUOXETINE };
    let length = over.map(|day| first.day().days_to(day) + 180);
    chart.prescribe(first, Order::daily(drug, 1, 1).until(length).when("MORN").because(&condition));
    for (at, _) in scores.iter().skip(1).filter(|(at, _)| at.moment.day.0 % 2 == 0) {
        chart.operate(*at, &other::COUNSELLING, 20, None, Some(&condition));
    }
    let plan =
        ["Talking therapy every second week", "Medicine every morning", "Call us or a helpline in a crisis"];
    let team = chart.team(first, "Mental health team", &[Job::Psychiatry, Job::General], &condition);
    chart.plan(first, "Getting better", &plan, &[], Some(&team), &condition);
}

/// The questionnaire as answered, and its score as an observation. Says whether the last answer is a warning.
fn survey(chart: &mut Chart, dice: &mut Dice, at: At, score: i32) -> bool {
    let given = spread(dice, score);
    let (items, total) = phq9::answers(&given);
    let doctor = chart.doctor(at);
    let body = object!({
        "questionnaire": phq9::url(),
        "status": "completed",
        "subject": chart.subject(),
        "encounter": to(&chart.encounter(at)),
        "authored": at.text(),
        "author": named(&doctor.practitioner, &doctor.display),
        "source": chart.subject(),
        "item": items,
    });
    let response = chart.put(at.house, "QuestionnaireResponse", body);
    let value = quantity(i64::from(total), 0, Unit::new("{score}", "{score}"));
    let answer = object!({"valueQuantity": value, "derivedFrom": [to(&response)]});
    chart.note(at, ("survey", "Survey"), &other::PHQ9_SCORE, answer);
    given[8] >= 2
}

/// Nine answers of 0 to 3 that add up to `score`; the last question is the last to be raised.
fn spread(dice: &mut Dice, score: i32) -> [i32; 9] {
    let mut given = [0; 9];
    let mut left = score.min(27);
    while left > 0 {
        let reach = if left > 2 || given.iter().take(8).all(|answer| *answer == 3) { 9 } else { 8 };
        let at = dice.below(reach);
        if given[at] < 3 {
            given[at] += 1;
            left -= 1;
        }
    }
    given
}
