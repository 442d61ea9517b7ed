//! Who lives with whom. The population comes in blocks of twelve numbers, each block a few whole households,
//! so that any person can be made without making the ones before.
//!
//! Within a household children have the lower numbers: a parent's bundle may then refer to a child's, and
//! loading bundles in order never meets a reference to something that is not there yet.

use crate::dice::{Dice, label};
use crate::names::{Script, Word, indian};
use crate::person::{Culture, Gender, Part, Person, Shown, Tie};
use crate::place::{self, Home};
use crate::when::{Day, YEAR};

/// People in a block.
pub(crate) const BLOCK: usize = 12;

/// The people numbered `block * 12` to `block * 12 + 11`.
pub(crate) fn block(seed: u64, as_of: Day, block: usize) -> Vec<Person> {
    let mut dice = Dice::new(seed, &[label("household"), block as u64]);
    let mut people = Vec::with_capacity(BLOCK);
    while people.len() < BLOCK {
        let room = BLOCK - people.len();
        let mut household = Household::settle(&mut dice, as_of, block * BLOCK + people.len());
        household.fill(&mut dice, room);
        let first = people.len();
        tie(&mut household.people, first);
        people.append(&mut household.people);
    }
    people
}

struct Household {
    as_of: Day,
    first: usize,
    house: usize,
    culture: Culture,
    family: Word,
    home: Home,
    phone: i32,
    people: Vec<Person>,
}

impl Household {
    fn settle(dice: &mut Dice, as_of: Day, first: usize) -> Household {
        let house =
            *dice.pick(&[place::LAKESIDE, place::LAKESIDE, place::DISTRICT, place::SAGUARO, place::SAGUARO]);
        let culture = *match house {
            place::LAKESIDE => {
                dice.pick(&[Culture::Telugu, Culture::Telugu, Culture::Hindi, Culture::Muslim])
            }
            place::DISTRICT => {
                dice.pick(&[Culture::Telugu, Culture::Telugu, Culture::Telugu, Culture::Muslim])
            }
            _ => dice.pick(&[
                Culture::English,
                Culture::English,
                Culture::Spanish,
                Culture::Spanish,
                Culture::Vietnamese,
            ]),
        };
        Household {
            as_of,
            first,
            house,
            culture,
            family: *dice.pick(culture.names().families),
            home: Home::near(house, dice),
            phone: dice.range(1, 89_999),
            people: Vec::new(),
        }
    }

    /// Draws the shape of the household and the people in it, at most `room` of them.
    fn fill(&mut self, dice: &mut Dice, room: usize) {
        let shape = dice.range(1, 100);
        if room == 1 || shape <= 16 {
            return self.alone(dice);
        }
        let mother_age = dice.range(21, 50);
        let mother_born = self.days_ago(mother_age * YEAR + dice.range(0, 364));
        let father_born = mother_born.plus(-dice.range(-400, 2900));
        match shape {
            17..=27 => self.couple(dice),
            28..=35 => {
                self.children(dice, mother_born, room - 1);
                self.add(dice, Part::Mother, mother_born);
            }
            _ => {
                let elders =
                    if room >= 5 && shape > (if self.culture.is_indian() { 75 } else { 92 }) { 2 } else { 0 };
                self.children(dice, mother_born, room - 2 - elders);
                self.add(dice, Part::Mother, mother_born);
                self.add(dice, Part::Father, father_born);
                if elders == 2 {
                    let grandmother = father_born.plus(-dice.range(19 * YEAR, 27 * YEAR));
                    self.add(dice, Part::Grandmother, grandmother);
                    let older = dice.range(0, 6 * YEAR);
                    self.add(dice, Part::Grandfather, grandmother.plus(-older));
                }
            }
        }
    }

    fn alone(&mut self, dice: &mut Dice) {
        let born = self.days_ago(dice.range(19 * YEAR, 92 * YEAR));
        self.add(dice, Part::Alone, born);
    }

    fn couple(&mut self, dice: &mut Dice) {
        let age = if dice.chance(60) { dice.range(55, 84) } else { dice.range(22, 54) };
        let born = self.days_ago(age * YEAR + dice.range(0, 364));
        self.add(dice, Part::Mother, born);
        let older = dice.range(-300, 2500);
        self.add(dice, Part::Father, born.plus(-older));
    }

    /// Up to `room` children of a mother born on that day, eldest first, at least eighteen months apart.
    fn children(&mut self, dice: &mut Dice, mother_born: Day, room: usize) {
        let wanted = (*dice.pick(&[1, 1, 2, 2, 2, 3, 3, 4])).min(room);
        let mut born = mother_born.plus(dice.range(19 * YEAR, 31 * YEAR));
        let oldest = mother_born.plus(42 * YEAR).min(self.as_of.plus(-1));
        while self.people.len() < wanted {
            if born > oldest {
                // The mother is too young for one more: the first child is a newborn instead of none.
                if self.people.is_empty() {
                    born = self.as_of.plus(-dice.range(3, 300));
                } else {
                    break;
                }
            }
            let twins = self.people.len() + 2 <= wanted && dice.chance(6);
            self.add(dice, Part::Child, born);
            if twins {
                self.add(dice, Part::Child, born);
                let at = self.people.len();
                self.people[at - 2].twin = Some(1);
                self.people[at - 1].twin = Some(2);
            }
            born = born.plus(dice.range(560, 1700));
        }
    }

    fn days_ago(&self, days: i32) -> Day {
        self.as_of.plus(-days)
    }

    fn add(&mut self, dice: &mut Dice, part: Part, born: Day) {
        let female = match part {
            Part::Mother | Part::Grandmother => true,
            Part::Father | Part::Grandfather => false,
            Part::Child | Part::Alone => dice.chance(50),
        };
        let age = born.years_to(self.as_of);
        let since = born.max(self.days_ago(dice.range(500, 12 * YEAR)));
        let (gender, identity) = if part == Part::Alone { gender(dice, female) } else { plain(female) };
        let script = self.script(dice);
        let names = self.culture.names();
        let feminine = gender == Gender::Female || (gender != Gender::Male && dice.chance(50));
        let list = if feminine { names.women } else { names.men };
        let given = self.given(dice, list);
        let mut person = Person {
            n: self.first + self.people.len(),
            house: self.house,
            culture: self.culture,
            female,
            gender,
            identity,
            born,
            shown: shown(dice, age, self.culture),
            died: died(dice, age, self.as_of, since),
            is_grown: age >= 18,
            since,
            part,
            twin: None,
            family: Some(self.family),
            second: None,
            maiden: None,
            given,
            middle: dice.chance(22).then(|| *dice.pick(list)),
            script,
            home: self.home,
            second_home: dice.chance(5).then(|| Home::near(self.house, dice)),
            phone: self.phone + self.people.len() as i32,
            kin: Vec::new(),
        };
        person.middle = person.middle.filter(|middle| *middle != person.given);
        self.customs(dice, &mut person);
        self.people.push(person);
    }

    /// A given name that nobody else of the household has, where the list allows.
    fn given(&self, dice: &mut Dice, list: &[Word]) -> Word {
        let mut name = *dice.pick(list);
        for _ in 0..4 {
            if self.people.iter().all(|other| other.given != name) {
                break;
            }
            name = *dice.pick(list);
        }
        name
    }

    /// The family name somebody brings along: not the household's.
    fn other_family(&self, dice: &mut Dice) -> Word {
        let families = self.culture.names().families;
        let at = dice.below(families.len());
        if families[at] == self.family { families[(at + 1) % families.len()] } else { families[at] }
    }

    fn script(&self, dice: &mut Dice) -> Option<Script> {
        let script = match self.culture {
            Culture::Telugu => Script::Telugu,
            Culture::Hindi | Culture::Muslim => Script::Devanagari,
            _ => return None,
        };
        dice.chance(65).then_some(script)
    }

    /// Single names, maiden names, two family names.
    fn customs(&self, dice: &mut Dice, person: &mut Person) {
        let married = matches!(person.part, Part::Mother | Part::Grandmother);
        let own = self.other_family(dice);
        match self.culture {
            Culture::Spanish => person.second = Some(own),
            Culture::Muslim if married => person.family = Some(indian::BEGUM),
            Culture::Vietnamese if married => person.family = Some(own),
            _ if married && dice.chance(40) => person.maiden = Some(own),
            _ => {}
        }
        // Single names are commonest in the district, and among the old whose birth was not written down.
        let rural = if self.house == place::DISTRICT { 14 } else { 5 };
        let single = rural + if person.shown == Shown::Year { 30 } else { 0 };
        if self.culture.is_indian() && dice.chance(single) {
            person.family = None;
            person.middle = None;
            person.maiden = None;
        }
    }
}

fn plain(female: bool) -> (Gender, Option<&'static str>) {
    (if female { Gender::Female } else { Gender::Male }, None)
}

fn gender(dice: &mut Dice, female: bool) -> (Gender, Option<&'static str>) {
    match dice.range(1, 100) {
        1..=7 => (Gender::Other, Some("non-binary")),
        8..=10 => (Gender::Other, Some(if female { "transgender-male" } else { "transgender-female" })),
        11..=14 => (
            if female { Gender::Male } else { Gender::Female },
            Some(if female { "transgender-male" } else { "transgender-female" }),
        ),
        15..=18 => (Gender::Unknown, None),
        _ => plain(female),
    }
}

fn shown(dice: &mut Dice, age: i32, culture: Culture) -> Shown {
    let vague = if culture.is_indian() && age > 45 {
        30
    } else if age > 70 {
        4
    } else {
        0
    };
    if dice.chance(vague) {
        return *dice.pick(&[Shown::Year, Shown::Year, Shown::Year, Shown::Month]);
    }
    if age > 18 && dice.chance(1) { Shown::Nothing } else { Shown::Full }
}

fn died(dice: &mut Dice, age: i32, as_of: Day, since: Day) -> Option<Day> {
    let percent = match age {
        0..=17 => 0,
        18..=49 => 1,
        50..=64 => 6,
        65..=74 => 14,
        75..=84 => 26,
        _ => 45,
    };
    let day = as_of.plus(-dice.range(5, 1500));
    (dice.chance(percent) && day > since.plus(300)).then_some(day)
}

/// Tells everybody who the others are to them; `first` is the household's place in its block.
fn tie(people: &mut [Person], first: usize) {
    let parts: Vec<Part> = people.iter().map(|person| person.part).collect();
    let youngest = people.iter().filter(|person| person.part == Part::Child).map(|person| person.born).max();
    for (at, person) in people.iter_mut().enumerate() {
        person.kin = parts
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .filter_map(|(other, part)| Some((first + other, to_me(person.part, *part)?)))
            .collect();
        // Nobody's child is born after they die.
        let parent = matches!(person.part, Part::Mother | Part::Father);
        if let (true, Some(died), Some(born)) = (parent, person.died, youngest)
            && died < born.plus(400)
        {
            person.died = None;
        }
    }
}

fn to_me(mine: Part, other: Part) -> Option<Tie> {
    use Part::{Child, Father, Grandfather, Grandmother, Mother};
    match (mine, other) {
        (Child, Mother) => Some(Tie::Mother),
        (Child, Father) => Some(Tie::Father),
        (Mother | Father, Child) => Some(Tie::Child),
        (Mother, Father) | (Father, Mother) => Some(Tie::Spouse),
        (Grandmother, Grandfather) | (Grandfather, Grandmother) => Some(Tie::Spouse),
        (Father, Grandmother | Grandfather) => Some(Tie::Parent),
        (Grandmother | Grandfather, Father) => Some(Tie::Child),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, block};
    use crate::person::{Part, Tie};
    use crate::when::{Day, YEAR};

    #[test]
    fn mothers_are_old_enough_and_children_are_born() {
        let as_of = Day::of(2026, 6, 1);
        for number in 0..400 {
            let people = block(7, as_of, number);
            assert_eq!(people.len(), BLOCK);
            for (at, person) in people.iter().enumerate() {
                assert_eq!(person.n, number * BLOCK + at);
                assert!(person.born < as_of && person.since >= person.born);
                assert!(person.died.is_none_or(|died| died > person.born && died < as_of));
                for (kin, tie) in &person.kin {
                    let other = &people[*kin];
                    let gap = other.born.days_to(person.born);
                    match tie {
                        Tie::Mother => assert!((18 * YEAR..46 * YEAR).contains(&gap), "{gap}"),
                        Tie::Child => assert!(
                            kin < &at || person.part == Part::Grandmother || person.part == Part::Grandfather
                        ),
                        _ => {}
                    }
                }
            }
        }
    }
}
