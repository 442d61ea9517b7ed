//! A body over the years: growth, weight, blood pressure, pulse, and what illness and treatment do to them.
//!
//! Heights are in millimetres, weights in units of 10 g, temperatures in tenths of a degree Celsius.

use crate::dice::Dice;
use crate::person::Person;
use crate::when::{Day, YEAR};

/// What a body is like apart from illness.
pub(crate) struct Body {
    born: Day,
    female: bool,
    /// Thousandths of the middle height and weight for age.
    tall: i32,
    heavy: i32,
    /// Thousandths of body weight gained per year after twenty.
    gain: i32,
    systolic: i32,
    diastolic: i32,
    pulse: i32,
    shifts: Vec<Shift>,
}

/// What changes for a while.
#[derive(Clone, Copy)]
pub(crate) struct Shift {
    pub(crate) from: Day,
    pub(crate) until: Day,
    pub(crate) systolic: i32,
    pub(crate) oxygen: i32,
    /// Thousandths of the weight.
    pub(crate) weight: i32,
}

/// One set of vital signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vitals {
    pub(crate) systolic: i32,
    pub(crate) diastolic: i32,
    pub(crate) pulse: i32,
    pub(crate) breaths: i32,
    pub(crate) temperature: i32,
    pub(crate) oxygen: i32,
}

/// How ill somebody is at a visit.
#[derive(Clone, Copy, Default)]
pub(crate) struct Acute {
    /// Tenths of a degree above normal.
    pub(crate) fever: i32,
    /// Percent of oxygen saturation lost.
    pub(crate) breathless: i32,
}

impl Body {
    /// The body of `person`.
    pub(crate) fn new(person: &Person, dice: &mut Dice) -> Body {
        let smaller = if person.culture.is_indian() { 20 } else { 0 };
        Body {
            born: person.born,
            female: person.female,
            tall: dice.around(1000, 65) - smaller,
            heavy: dice.around(1040, 200) - smaller,
            gain: dice.range(1, 8),
            systolic: dice.range(106, 122),
            diastolic: dice.range(66, 79),
            pulse: dice.range(62, 82),
            shifts: Vec::new(),
        }
    }

    /// From here to there, something is different.
    pub(crate) fn shift(&mut self, shift: Shift) {
        self.shifts.push(shift);
    }

    /// Height in millimetres.
    pub(crate) fn height(&self, day: Day) -> i32 {
        let middle = along(self.table(), self.days(day), |row| row.1);
        let years = self.years(day);
        let shrunk = (years - 60).max(0);
        middle * self.tall / 1000 - shrunk
    }

    /// Weight in units of 10 g.
    pub(crate) fn weight(&self, day: Day) -> i32 {
        let middle = along(self.table(), self.days(day), |row| row.2);
        let older = (self.years(day) - 20).clamp(0, 38);
        let weight =
            i64::from(middle) * i64::from(self.heavy) / 1000 * i64::from(1000 + self.gain * older) / 1000;
        let shift: i32 = self.active(day).map(|shift| shift.weight).sum();
        let shift = shift + if older > 0 { self.sway(day) } else { 0 };
        (weight * i64::from(1000 + shift) / 1000) as i32
    }

    /// Head circumference in millimetres, for the first three years.
    pub(crate) fn head(&self, day: Day) -> i32 {
        along(&HEADS, self.days(day), |row| row.1) * (1000 + (self.tall - 1000) / 2) / 1000
    }

    /// The vital signs of one moment.
    pub(crate) fn vitals(&self, day: Day, acute: Acute, dice: &mut Dice) -> Vitals {
        let years = self.years(day);
        let shifted: i32 = self.active(day).map(|shift| shift.systolic).sum();
        let starved: i32 = self.active(day).map(|shift| shift.oxygen).sum();
        let (base, lowest) = if years < 16 { (84 + years * 2, 70) } else { (self.systolic + years / 5, 95) };
        let systolic = (base + shifted + dice.around(0, 8)).clamp(lowest, 185);
        let rest = if years < 16 { 50 + years } else { self.diastolic };
        let diastolic = (rest + shifted / 2 + dice.around(0, 6)).clamp(40, systolic - 22).min(115);
        let (pulse, breaths) = match years {
            0 => (128, 36),
            1..=3 => (110, 27),
            4..=7 => (95, 22),
            8..=13 => (84, 19),
            _ => (self.pulse, 15),
        };
        Vitals {
            systolic,
            diastolic,
            pulse: pulse + dice.around(0, 7) + acute.fever * 4 / 5 + acute.breathless,
            breaths: breaths + dice.around(0, 2) + acute.fever / 6 + acute.breathless,
            temperature: 366 + dice.around(2, 4) + acute.fever,
            oxygen: (dice.range(96, 99) - starved - acute.breathless).clamp(80, 100),
        }
    }

    fn active(&self, day: Day) -> impl Iterator<Item = &Shift> {
        self.shifts.iter().filter(move |shift| shift.from <= day && day <= shift.until)
    }

    /// What weight does by itself from one month to the next, in thousandths.
    fn sway(&self, day: Day) -> i32 {
        let month = (day.0 / 37) as u64;
        Dice::new(self.tall as u64, &[self.heavy as u64, month]).around(0, 12)
    }

    fn days(&self, day: Day) -> i32 {
        self.born.days_to(day)
    }

    fn years(&self, day: Day) -> i32 {
        self.born.days_to(day) / YEAR
    }

    fn table(&self) -> &'static [Row] {
        if self.female { &GIRLS } else { &BOYS }
    }
}

/// Months of age, millimetres, units of 10 g.
type Row = (i32, i32, i32);

/// The column `of` at that age, on the line between the two rows around it.
fn along(table: &[Row], days: i32, of: fn(&Row) -> i32) -> i32 {
    let begins = |row: &Row| row.0 * YEAR / 12;
    let after = table.iter().position(|row| begins(row) > days).unwrap_or(table.len() - 1).max(1);
    let (from, to) = (&table[after - 1], &table[after]);
    let length = begins(to) - begins(from);
    let share = (days - begins(from)).clamp(0, length);
    of(from) + (of(to) - of(from)) * share / length
}

static BOYS: [Row; 27] = [
    (0, 499, 335),
    (1, 547, 447),
    (2, 584, 557),
    (3, 614, 638),
    (4, 639, 700),
    (6, 676, 793),
    (9, 720, 890),
    (12, 757, 965),
    (18, 823, 1094),
    (24, 871, 1215),
    (36, 961, 1434),
    (48, 1033, 1633),
    (60, 1100, 1834),
    (72, 1160, 2051),
    (84, 1217, 2290),
    (96, 1273, 2543),
    (108, 1326, 2810),
    (120, 1378, 3120),
    (132, 1431, 3560),
    (144, 1491, 3980),
    (156, 1560, 4530),
    (168, 1632, 5080),
    (180, 1690, 5600),
    (192, 1729, 6080),
    (204, 1752, 6460),
    (216, 1762, 6690),
    (240, 1766, 7000),
];

static GIRLS: [Row; 27] = [
    (0, 491, 323),
    (1, 537, 419),
    (2, 571, 513),
    (3, 598, 585),
    (4, 621, 642),
    (6, 657, 730),
    (9, 701, 820),
    (12, 740, 895),
    (18, 807, 1020),
    (24, 857, 1148),
    (36, 951, 1390),
    (48, 1027, 1610),
    (60, 1094, 1820),
    (72, 1151, 2020),
    (84, 1208, 2240),
    (96, 1265, 2500),
    (108, 1325, 2820),
    (120, 1386, 3190),
    (132, 1450, 3690),
    (144, 1512, 4150),
    (156, 1564, 4580),
    (168, 1598, 4940),
    (180, 1617, 5200),
    (192, 1625, 5390),
    (204, 1630, 5520),
    (216, 1631, 5620),
    (240, 1632, 5700),
];

static HEADS: [Row; 6] = [(0, 345, 0), (3, 405, 0), (6, 433, 0), (12, 461, 0), (24, 483, 0), (36, 495, 0)];
