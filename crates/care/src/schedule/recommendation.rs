//! A forecast for programs, as an [ImmunizationRecommendation](https://hl7.org/fhir/R4/immunizationrecommendation.html) of FHIR R4.

use super::{Due, Forecast, Number, Status};
use serde_json::{Value, json};

/// The system of LOINC, whose codes name the dates of a recommendation.
const LOINC: &str = "http://loinc.org";

/// The forecast for that patient. The same forecast gives the same resource; it has no id, for it is not stored. `None` where there is
/// nothing to say, which the resource has no form for.
pub fn of(forecast: &Forecast, patient: &str) -> Option<Value> {
    let series = forecast.programme.name();
    let lines: Vec<Value> = forecast.due.iter().map(|due| line(due, series)).collect();
    (!lines.is_empty()).then(|| {
        json!({
            "resourceType": "ImmunizationRecommendation",
            "patient": {"reference": format!("Patient/{patient}")},
            "date": forecast.today.to_string(),
            "recommendation": lines,
        })
    })
}

fn line(due: &Due, series: &str) -> Value {
    let (cvx, shown) = due.vaccine.cvx();
    let (status, words) = match due.status {
        Status::Overdue => ("overdue", "Overdue"),
        Status::Due | Status::Later => ("due", "Due"),
        Status::Complete => ("complete", "Complete"),
        // R4 has no word for an age that is over: the words say it.
        Status::TooOld => ("", "Too old for this vaccine"),
    };
    let mut told = json!({"text": words});
    if !status.is_empty() {
        let system = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";
        told["coding"] = json!([{"system": system, "code": status, "display": words}]);
    }
    let mut line = json!({
        "vaccineCode": [{"coding": [{"system": super::codes::CVX, "code": cvx, "display": shown}]}],
        "forecastStatus": told,
        "series": series,
    });
    let Some((number, dates)) = due.next else { return line };
    let criterion = |code: &str, display: &str, date: jiff::civil::Date| json!({"code": {"coding": [{"system": LOINC, "code": code, "display": display}]}, "value": date.to_string()});
    let mut criteria = vec![
        criterion("30981-5", "Earliest date to give", dates.earliest),
        criterion("30980-7", "Date vaccine due", dates.recommended),
    ];
    criteria
        .extend(dates.past_due.map(|date| criterion("59778-1", "Date when overdue for immunization", date)));
    line["dateCriterion"] = criteria.into();
    match number {
        Number::Nth(nth) => line["doseNumberPositiveInt"] = nth.into(),
        Number::Birth => line["doseNumberString"] = "Birth dose".into(),
        Number::Booster(nth) => line["doseNumberString"] = format!("Booster {nth}").into(),
    }
    line
}
