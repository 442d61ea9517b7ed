//! Appointments: kept, missed and called off; and those to come, with a reminder.

use crate::chart::Chart;
use crate::chart::visit::{At, Setting};
use crate::code::{condition, other};
use crate::dice::Dice;
use crate::house::clinic;
use crate::house::staff::{Job, Staff};
use crate::place::HOSPITALS;
use crate::value::object;
use crate::value::{hl7, named, set, to, words};
use crate::when::Moment;
use serde_json::Value;

/// Past visits whose appointment is kept.
const KEPT: usize = 4;

/// What an appointment says.
struct Booking<'a> {
    status: &'static str,
    /// Code and display of v2-0276.
    kind: (&'static str, &'static str),
    doctor: &'a Staff,
    start: Moment,
    end: Moment,
    slot: Option<String>,
    why: &'static str,
}

/// Writes them.
pub(crate) fn run(chart: &mut Chart) {
    let mut dice = chart.dice("booking");
    past(chart, &mut dice);
    if !chart.is_alive() {
        return;
    }
    if let Some(slot) = clinic::booked(chart.world, chart.person) {
        let booking = Booking {
            status: "booked",
            kind: ("ROUTINE", "Routine appointment - default if not valued"),
            doctor: slot.doctor,
            start: slot.start,
            end: slot.end,
            slot: Some(slot.reference),
            why: "Consultation",
        };
        book(chart, &booking);
    }
    let carer = chart.problems.iter().filter(|problem| problem.ended.is_none()).find_map(|problem| {
        [
            (&condition::PREGNANCY, Job::Obstetrics, "Antenatal visit"),
            (&condition::DIABETES, Job::General, "Diabetes review"),
            (&condition::HYPERTENSION, Job::General, "Blood pressure review"),
            (&condition::ASTHMA, Job::General, "Asthma review"),
            (&condition::HYPOTHYROID, Job::General, "Thyroid review"),
            (&condition::HEART_DISEASE, Job::Cardiology, "Cardiology review"),
            (&condition::TUBERCULOSIS, Job::General, "Treatment review"),
            (&condition::DEPRESSION, Job::Psychiatry, "Review"),
        ]
        .into_iter()
        .find(|(code, ..)| *code == problem.code)
    });
    if let Some((_, job, why)) = carer {
        review(chart, &mut dice, job, why);
    }
}

/// The next review, two to ten weeks ahead, and a reminder of it.
fn review(chart: &mut Chart, dice: &mut Dice, job: Job, why: &'static str) {
    let mut day = chart.world.as_of.plus(dice.range(14, 70));
    if day.is_sunday() {
        day = day.plus(1);
    }
    let start = day.at(9 * 60 + dice.range(0, 27) * 15);
    let doctor = chart.world.staff(chart.person.house, job);
    let kind = ("FOLLOWUP", "A follow up visit from a previous appointment");
    let booking = Booking { status: "booked", kind, doctor, start, end: start.plus(20), slot: None, why };
    book(chart, &booking);
    let last = chart.beginnings().last().copied();
    if let Some(at) =
        last.filter(|at| at.day().plus(60) > chart.world.as_of && chart.at(*at).setting == Setting::Clinic)
    {
        chart.tell(
            at,
            ("reminder", "Reminder"),
            &format!("Your next visit: {day}. Please bring your medicines."),
        );
    }
}

fn past(chart: &mut Chart, dice: &mut Dice) {
    let clinics: Vec<At> =
        chart.beginnings().into_iter().filter(|at| chart.at(*at).setting == Setting::Clinic).collect();
    for at in clinics.iter().rev().take(KEPT) {
        let visit = chart.at(*at);
        let first = visit.kind == &other::CHECK_UP;
        let kind = if first {
            ("CHECKUP", "A routine check-up, such as an annual physical")
        } else {
            ("FOLLOWUP", "A follow up visit from a previous appointment")
        };
        let (doctor, start) = (visit.doctor, visit.start);
        let booking = Booking {
            status: "fulfilled",
            kind,
            doctor,
            start,
            end: start.plus(20),
            slot: None,
            why: "Consultation",
        };
        book(chart, &booking);
        if dice.chance(16) {
            missed(chart, dice, doctor, start);
        }
    }
}

/// A date before this one that came to nothing.
fn missed(chart: &mut Chart, dice: &mut Dice, doctor: &Staff, kept: Moment) {
    let mut day = kept.day.plus(-dice.range(3, 12));
    if day.is_sunday() {
        day = day.plus(-1);
    }
    if day < chart.person.since {
        return;
    }
    let status = if dice.chance(50) { "noshow" } else { "cancelled" };
    let start = day.at(kept.minute);
    let kind = ("FOLLOWUP", "A follow up visit from a previous appointment");
    book(
        chart,
        &Booking { status, kind, doctor, start, end: start.plus(20), slot: None, why: "Consultation" },
    );
}

fn book(chart: &mut Chart, booking: &Booking) {
    let doctor = booking.doctor;
    let offset = HOSPITALS[doctor.house].offset;
    let made = booking.start.day.plus(-16).min(chart.end).max(chart.person.since.min(booking.start.day));
    let here = |actor: Value| object!({"actor": actor, "required": "required", "status": "accepted"});
    let mut body = object!({"status": booking.status});
    if booking.status == "cancelled" {
        set(&mut body, "cancelationReason", Some(hl7("appointment-cancellation-reason", "pat", "Patient")));
    }
    let specialty = doctor.job.specialty().map(|code| Value::from([crate::value::concept(code)]));
    set(&mut body, "specialty", specialty);
    set(&mut body, "appointmentType", Some(hl7("v2-0276", booking.kind.0, booking.kind.1)));
    set(&mut body, "reasonCode", Some(Value::from([words(booking.why)])));
    set(&mut body, "description", Some(Value::from(booking.why)));
    set(&mut body, "start", Some(Value::from(booking.start.text(offset))));
    set(&mut body, "end", Some(Value::from(booking.end.text(offset))));
    let length = (booking.end.minute - booking.start.minute).max(1);
    set(&mut body, "minutesDuration", Some(Value::from(length)));
    set(&mut body, "slot", booking.slot.as_ref().map(|slot| Value::from([to(slot)])));
    set(&mut body, "created", Some(Value::from(made.at(8 * 60).text(offset))));
    let place = to(&chart.world.location(doctor.house, 1));
    let people = [here(chart.subject()), here(named(&doctor.practitioner, &doctor.display)), here(place)];
    set(&mut body, "participant", Some(Value::from(people)));
    chart.put(doctor.house, "Appointment", body);
}
