//! Who may be the same person: plain rules, added up. A name alone never is enough, and a family shares its phone, so that a clerk decides.
//!
//! | agrees | points |
//! |---|---|
//! | a number that they brought along | 4 |
//! | the phone number | 2 |
//! | all words of the shorter name sound alike, or some of several | 2, or 1 |
//! | the birth date; or all but one digit, day and month changed over, or a year or month that fits | 2; or 1 |
//! | the gender is another | 1 less |
//!
//! Three points are likely, and the phone number with any other agreement or none against it.

use super::{Born, Newcomer};
use fhir::phonetic;
use record::find::exact;
use serde_json::Value;

/// From how many points on somebody is told of.
const LIKELY: i8 = 3;

/// How far an estimated year may be off.
const ABOUT: i16 = 2;

/// How two birth dates compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dates {
    Same,
    Near,
    Unlike,
    Unknown,
}

/// The searches that find whoever may be meant.
pub fn queries(newcomer: &Newcomer) -> Vec<String> {
    let mut out = Vec::new();
    if !newcomer.identifier.is_empty() {
        out.push(format!("identifier={}", exact(&newcomer.identifier)));
    }
    if !newcomer.phone.is_empty() {
        // As the house writes it, and as people do who leave the country away.
        let digits: String = newcomer.phone.chars().filter(char::is_ascii_digit).collect();
        let last = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
        out.push(format!("phone={},{digits},{last},0{last}", exact(&newcomer.phone)));
    }
    let words: Vec<String> = names(newcomer).flat_map(str::split_whitespace).take(8).map(exact).collect();
    let days = days(&newcomer.born);
    if !days.is_empty() {
        out.push(format!("phonetic={}&birthdate={}", words.join(","), days.join(",")));
    }
    out
}

fn names(newcomer: &Newcomer) -> impl Iterator<Item = &str> {
    let all = [&newcomer.given, &newcomer.family, &newcomer.other_name];
    all.into_iter().map(String::as_str).filter(|name| !name.trim().is_empty())
}

/// The days and years that a birth date may have been written down as.
fn days(born: &Born) -> Vec<String> {
    match born {
        Born::Unknown => Vec::new(),
        Born::About(year) => (year - ABOUT..=year + ABOUT).map(|year| format!("{year:04}")).collect(),
        Born::Known(date) => {
            let year = date.get(..4).unwrap_or_default();
            let mut days = vec![year.to_owned()];
            for at in 0..4 {
                for digit in '0'..='9' {
                    let mut other = date.clone();
                    other.replace_range(at..=at, digit.encode_utf8(&mut [0; 4]));
                    if !other.starts_with(year) && other.starts_with(['1', '2']) && is_day(&other) {
                        days.push(other);
                    }
                }
            }
            days
        }
    }
}

fn is_day(text: &str) -> bool {
    text.len() < 10 || text.parse::<jiff::civil::Date>().is_ok()
}

/// The points of a Patient that was found; `None` where it is not likely the same person.
pub fn likeness(newcomer: &Newcomer, patient: &Value) -> Option<u8> {
    let texts = |list: &str, member: &str| {
        let items = patient.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.get(member)?.as_str()).map(str::to_owned).collect::<Vec<String>>()
    };
    let brought =
        !newcomer.identifier.is_empty() && texts("identifier", "value").contains(&newcomer.identifier);
    let phone = !newcomer.phone.is_empty()
        && texts("telecom", "value").iter().any(|other| tail(other) == tail(&newcomer.phone));
    let name = sounds(newcomer, patient);
    let dates = dates(&newcomer.born, patient.get("birthDate").and_then(Value::as_str).unwrap_or_default());
    let points = [
        if brought { 4 } else { 0 },
        if phone { 2 } else { 0 },
        name,
        match dates {
            Dates::Same => 2,
            Dates::Near => 1,
            Dates::Unlike | Dates::Unknown => 0,
        },
        if differs(&newcomer.gender, patient.get("gender").and_then(Value::as_str)) { -1 } else { 0 },
    ];
    let sum: i8 = points.iter().sum();
    // Nobody is taken for a stranger of their name who was born at another time.
    let by_person = name > 0 && matches!(dates, Dates::Same | Dates::Near);
    let is_likely = sum >= LIKELY && (brought || phone || by_person);
    (is_likely || phone).then(|| u8::try_from(sum.max(0)).unwrap_or_default())
}

/// Two, one or none.
fn sounds(newcomer: &Newcomer, patient: &Value) -> i8 {
    let of = |texts: Vec<&str>| -> Vec<String> { texts.into_iter().flat_map(phonetic::keys).collect() };
    let known = patient.get("name").and_then(Value::as_array).into_iter().flatten();
    let mut best = 0;
    let mine =
        [of(vec![newcomer.given.as_str(), newcomer.family.as_str()]), of(vec![newcomer.other_name.as_str()])];
    for name in known {
        let text = |member: &str| name.get(member).and_then(Value::as_str);
        let given =
            name.get("given").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let parts: Vec<&str> = given.chain(text("family")).collect();
        let theirs = of(if parts.is_empty() { text("text").into_iter().collect() } else { parts });
        for mine in mine.iter().filter(|keys| !keys.is_empty() && !theirs.is_empty()) {
            let shared = mine.iter().filter(|key| theirs.contains(key)).count();
            let points = match shared {
                0 => 0,
                shared if shared >= mine.len().min(theirs.len()) => 2,
                _ => 1,
            };
            best = best.max(points);
        }
    }
    best
}

fn dates(born: &Born, other: &str) -> Dates {
    let mine = match born {
        _ if other.is_empty() => return Dates::Unknown,
        Born::Unknown => return Dates::Unknown,
        Born::About(year) => {
            let other: Option<i16> = other.get(..4).and_then(|year| year.parse().ok());
            let is_near = other.is_some_and(|other| (other - year).abs() <= ABOUT);
            return if is_near { Dates::Near } else { Dates::Unlike };
        }
        Born::Known(date) => date.as_str(),
    };
    if mine == other {
        return if mine.len() == 10 { Dates::Same } else { Dates::Near };
    }
    let shorter = mine.len().min(other.len());
    if mine.len() != other.len() {
        return if mine.get(..shorter) == other.get(..shorter) { Dates::Near } else { Dates::Unlike };
    }
    let swapped = |date: &str| Some(format!("{}-{}-{}", date.get(..4)?, date.get(8..)?, date.get(5..7)?));
    let wrong = mine.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
    let is_near = shorter == 10 && (wrong == 1 || swapped(mine).as_deref() == Some(other));
    if is_near { Dates::Near } else { Dates::Unlike }
}

fn differs(mine: &str, other: Option<&str>) -> bool {
    let said = ["female", "male"];
    said.contains(&mine) && other.is_some_and(|other| said.contains(&other) && other != mine)
}

/// The last ten digits of a phone number: what is left where somebody dials within the country.
fn tail(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.get(digits.len().saturating_sub(10)..).unwrap_or_default().to_owned()
}
