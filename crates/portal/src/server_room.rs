//! The program and the machine under it, for administrators: what should be mended, where the keys stand, what it is set to. Nothing of a
//! patient stands here, and nothing is changed here: whoever may touch the machine does that there.

use crate::{
    failure::{Answer, nowhere, of},
    signed_in::with_record,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use login::realm::Realm;
use std::sync::Arc;
use web::{
    door::Door,
    failure::Failure,
    house::{HouseReport, Level, Setting},
};

#[derive(Template)]
#[template(path = "server.html")]
struct Page {
    w: Words,
    /// What should be mended or known: `wrong` or `warn`, and the words.
    mend: Vec<(&'static str, String)>,
    fine: Vec<String>,
    facts: Vec<(String, String)>,
    home: Vec<(String, String)>,
    keys: Vec<(String, String)>,
    apps: String,
    settings: Vec<Setting>,
}

/// `GET /admin/house`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let house = door.house().cloned().ok_or_else(nowhere)?;
    let (who, report) = with_record(&door, &view.guest, Realm::Admin, None, move |login, _, who, visit| {
        login.may_see_roles(who, visit).map_err(of)?;
        Ok::<_, Failure>((house(), login.home(visit.now).map_err(of)?))
    })
    .await?;
    let w = view.words;
    let (report, said) = report?;
    let page = page(w, report, crate::home::facts(w, &said, view.guest.visit.now));
    let frame = Frame { view: &view, realm: Some(Realm::Admin), who: Some(&who), is_wide: true };
    Ok(frame.show(StatusCode::OK, &w.say("place-house"), &page))
}

fn page(w: Words, report: HouseReport, home: Vec<(String, String)>) -> Page {
    let facts = facts(w, &report);
    let HouseReport { keys, apps, settings, findings, .. } = report;
    let (fine, mut mend): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.level == Level::Fine);
    mend.sort_by_key(|finding| finding.level != Level::Wrong);
    let tone = |level| if level == Level::Wrong { "wrong" } else { "warn" };
    let apps = apps.map_or_else(
        || w.say("house-apps-unknown"),
        |(approved, waiting)| {
            let values = [("approved", &*approved.to_string()), ("waiting", &*waiting.to_string())];
            w.values("house-apps-count", &values)
        },
    );
    Page {
        w,
        mend: mend.into_iter().map(|finding| (tone(finding.level), finding.text)).collect(),
        fine: fine.into_iter().map(|finding| finding.text).collect(),
        facts,
        home,
        keys: vec![
            (w.say("house-generation"), keys.generation.to_string()),
            (w.say("house-patients-keys"), keys.patients.to_string()),
            (w.say("house-erased-keys"), keys.erased.to_string()),
        ],
        apps,
        settings,
    }
}

fn facts(w: Words, report: &HouseReport) -> Vec<(String, String)> {
    let unknown = || w.say("house-unknown");
    let database = report.database_bytes.map_or_else(unknown, size);
    let disk = report.disk.map_or_else(unknown, |disk| {
        let values =
            [("free", &*size(disk.free)), ("all", &size(disk.all)), ("percent", &disk.percent().to_string())];
        w.values("house-disk-free", &values)
    });
    let mut facts = vec![
        (w.say("house-version"), report.version.clone()),
        (w.say("house-since"), w.minute(report.since)),
        (w.say("house-engine"), report.engine.to_owned()),
        (w.say("house-database"), database),
        (w.say("house-disk"), disk),
        (w.say("house-versions"), report.versions.map_or_else(unknown, |count| count.to_string())),
    ];
    facts.extend(report.certificate_ends.map(|ends| (w.say("house-certificate"), w.minute(ends))));
    facts
}

/// Bytes as people say them: `1.5 GiB`.
fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut amount, mut unit) = (bytes as f64 / 1024.0, units[0]);
    for larger in &units[1..] {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    format!("{amount:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_the_unit_that_fits() {
        assert_eq!(
            [0, 1536, 3 << 20, 5 << 30, u64::MAX].map(size),
            ["0.0 KiB", "1.5 KiB", "3.0 MiB", "5.0 GiB", "16384.0 PiB"]
        );
    }
}
