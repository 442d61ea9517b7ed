//! The PHQ-9 questionnaire and answers to it.

use crate::code::{Code, loinc, other};
use crate::value::object;
use crate::value::{ROOT, coding};
use serde_json::Value;

/// Its canonical URL.
pub(crate) fn url() -> String {
    format!("{ROOT}/fhir/Questionnaire/phq-9")
}

static ITEMS: [Code; 9] = [
    loinc("44250-9", "Little interest or pleasure in doing things"),
    loinc("44255-8", "Feeling down, depressed, or hopeless"),
    loinc("44259-0", "Trouble falling or staying asleep, or sleeping too much"),
    loinc("44254-1", "Feeling tired or having little energy"),
    loinc("44251-7", "Poor appetite or overeating"),
    loinc(
        "44258-2",
        "Feeling bad about yourself - or that you are a failure or have let yourself or your family down",
    ),
    loinc("44252-5", "Trouble concentrating on things, such as reading the newspaper or watching television"),
    loinc(
        "44253-3",
        "Moving or speaking so slowly that other people could have noticed. Or the opposite - being so fidgety or restless that you have been moving around a lot more than usual",
    ),
    loinc("44260-8", "Thoughts that you would be better off dead, or of hurting yourself in some way"),
];

static ANSWERS: [Code; 4] = [
    loinc("LA6568-5", "Not at all"),
    loinc("LA6569-3", "Several days"),
    loinc("LA6570-1", "More than half the days"),
    loinc("LA6571-9", "Nearly every day"),
];

/// The Questionnaire.
pub(crate) fn questionnaire() -> Value {
    let options: Vec<Value> = ANSWERS.iter().map(|answer| object!({"valueCoding": coding(answer)})).collect();
    let mut items: Vec<Value> = ITEMS
        .iter()
        .map(|item| {
            object!({
                "linkId": item.code,
                "code": [coding(item)],
                "text": item.display,
                "type": "choice",
                "required": true,
                "answerOption": options.clone(),
            })
        })
        .collect();
    items.push(object!({
        "linkId": other::PHQ9_SCORE.code,
        "code": [coding(&other::PHQ9_SCORE)],
        "text": "Total score",
        "type": "integer",
        "readOnly": true,
    }));
    object!({
        "url": url(),
        "version": "1.0",
        "name": "PHQ9",
        "title": "Patient Health Questionnaire, nine items",
        "status": "active",
        "subjectType": ["Patient"],
        "date": "2024-01-01",
        "code": [coding(&other::PHQ9)],
        "item": items,
    })
}

/// The answered items for nine answers of 0 to 3 each, with their sum.
pub(crate) fn answers(given: &[i32; 9]) -> (Vec<Value>, i32) {
    let total = given.iter().sum();
    let mut items: Vec<Value> = ITEMS
        .iter()
        .zip(given)
        .map(|(item, answer)| {
            let answer = &ANSWERS[answer.clamp(&0, &3).unsigned_abs() as usize];
            let answer = object!({"valueCoding": coding(answer)});
            object!({"linkId": item.code, "text": item.display, "answer": [answer]})
        })
        .collect();
    items.push(object!({
        "linkId": other::PHQ9_SCORE.code,
        "text": "Total score",
        "answer": [object!({"valueInteger": total})],
    }));
    (items, total)
}
