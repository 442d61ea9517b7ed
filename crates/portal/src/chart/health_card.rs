//! A SMART Health Card of the vaccinations in a record: signed by this house, shown as a QR code or taken as a file (B10).

use super::{
    Drawn, page_as,
    sheet::{Section, Sheet, escaped},
    takeout::asks_who,
    unopened,
};
use crate::{
    failure::{Answer, of},
    page::go,
    qr,
    signed_in::with_record,
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::health_card::{self, Card, Missing};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/health-card.html")]
struct MadePage {
    s: Sheet,
    token: String,
    /// Drawn where it is short enough.
    qr: String,
    doses: usize,
    left_out: usize,
    /// Why there is none; empty where there is one.
    missing: String,
}

/// What came of the form.
enum Come {
    /// Somebody must say first who they are.
    Prove(String),
    None(Missing),
    Made {
        card: Card,
        doses: usize,
        left_out: usize,
    },
}

/// `POST /patient/chart/{patient}/immunizations/health-card`
pub(crate) async fn health_card(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (id, issuer) = (patient.clone(), door.origin().to_owned());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| -> Result<_, Failure> {
        let from = format!("/patient/chart/{}/immunizations", escaped(&id));
        if let Some(way) = asks_who(who, &from, visit) {
            return Ok(Come::Prove(way));
        }
        let act = login.act_on_chart(who, &id, visit).map_err(of)?;
        let content = match health_card::take(record, &act, &id, &issuer)? {
            Ok(content) => content,
            Err(missing) => return Ok(Come::None(missing)),
        };
        let signed = login.sign_health_card(visit, |kid| content.message(kid)).map_err(of)?;
        let card = Card::new(&signed.0, &signed.1);
        Ok(Come::Made { card, doses: content.doses, left_out: content.left_out })
    };
    let (who, come) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let come = come.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))?;
    let (status, qr, (doses, left_out), missing) = match come {
        Come::Prove(way) => return Ok(go(&way, Vec::new())),
        Come::Made { card, .. } if form.get("as") == "file" => return Ok(file(&card)),
        Come::Made { card, doses, left_out } => {
            let qr = card.numeric().map(|text| qr::draw_long(&text)).transpose()?;
            (StatusCode::OK, qr.unwrap_or_default(), (doses, left_out), String::new())
        }
        Come::None(missing) => {
            let told = view.words.say(&format!("health-card-no-{}", missing.word()));
            (StatusCode::UNPROCESSABLE_ENTITY, String::new(), (0, 0), told)
        }
    };
    page_as(status, &door, &view, (Realm::Patient, &patient, Section::Immunizations), |s, opened| {
        let title = s.w.say("health-card");
        let token = opened.who.form_token.clone();
        Ok(Drawn { title, page: MadePage { s, token, qr, doses, left_out, missing } })
    })
    .await
}

/// The card as [the file that wallets open](https://spec.smarthealth.cards/#via-file-download).
fn file(card: &Card) -> Response {
    let mut response = card.file().into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/smart-health-card"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"immunizations.smart-health-card\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
