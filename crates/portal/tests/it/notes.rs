//! Notes in the browser: written, kept while they are written, signed, added to, taken back; by one and by two at once (C6).

use crate::house::{Browser, PASSWORD, Page, Pages, Person, encoded};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest, Sha256};

const NOTES: &str = "/clinic/chart/asha/notes";

/// A form as it stands on a page.
#[derive(Clone, Debug)]
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The note's form of that page, with what its fields hold.
    #[track_caller]
    fn of(page: &Page) -> Form {
        let form = page.between("<form class=\"writing\"", "</form>");
        let value = |text: &str| {
            let plain = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
            plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        };
        let part = |text: &str, before: &str, after: &str| {
            text.split_once(before).and_then(|(_, rest)| Some(value(rest.split_once(after)?.0)))
        };
        let mut fields = Vec::new();
        for tag in form.split('<').filter(|tag| tag.starts_with("input ") || tag.starts_with("textarea ")) {
            let name = part(tag, " name=\"", "\"").unwrap();
            let held = match tag.starts_with("textarea ") {
                true => value(tag.split_once('>').unwrap().1.strip_prefix('\n').unwrap()),
                false => part(tag, " value=\"", "\"").unwrap_or_default(),
            };
            fields.push((name, held));
        }
        Form { action: part(&form, "action=\"", "\"").unwrap(), fields }
    }

    fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn with(&self, changed: &[(&str, &str)]) -> Form {
        let mut form = self.clone();
        for (name, value) in changed {
            form.fields.retain(|(key, _)| key != name);
            form.fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        form
    }

    async fn send(&self, browser: &mut Browser) -> Page {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        browser.post(&self.action, &fields).await
    }

    /// As the script sends it.
    async fn save_by_itself(&self, browser: &mut Browser) -> Page {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let headers = [("origin", crate::house::ORIGIN), ("accept", "application/json")];
        browser.send("POST", &self.action, &headers, encoded(&fields)).await
    }

    fn note(&self) -> String {
        self.action.strip_suffix("/edit").unwrap().to_owned()
    }
}

/// The form of a button of a note's page.
async fn press(browser: &mut Browser, note: &str, deed: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(note).await;
    let version =
        page.text.split_once("name=\"version\" value=\"").map(|(_, rest)| rest.split('"').next().unwrap());
    let token = page.between("name=\"token\" value=\"", "\"");
    let mut all = vec![("token", token.as_str()), ("version", version.unwrap_or_default())];
    all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
    all.extend(fields);
    browser.post(&format!("{note}/{deed}"), &all).await
}

async fn begin(browser: &mut Browser) -> Form {
    Form::of(&browser.get(&format!("{NOTES}/new?template=soap")).await)
}

/// A doctor who treats Asha, and a note that they have signed.
async fn signed(pages: &Pages, admin: &mut Person) -> (Person, String) {
    pages.chart();
    let mut doctor = doctor(pages, admin).await;
    let form = begin(&mut doctor.browser).await.with(&[("plan", "Rest & fluids"), ("sign", "yes")]);
    let to = form.send(&mut doctor.browser).await.goes_to().to_owned();
    assert_eq!(to, form.note());
    (doctor, to)
}

/// Who treats Asha and Chitra.
async fn doctor(pages: &Pages, admin: &mut Person) -> Person {
    pages.staff_as(admin, "doctor@example.org", "physician", "e").await
}

#[tokio::test]
async fn c6_a_note_is_begun_kept_gone_on_with_signed_and_closed() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let list = doctor.browser.get(NOTES).await;
    for template in ["soap", "admission", "discharge", "procedure", "free"] {
        let to = format!("{NOTES}/new?template={template}");
        assert!(list.text.contains(&to), "{template}");
        let page = doctor.browser.get(&to).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("<option value=\"asha\" selected"), "the visit that goes on is chosen");
    }
    let form = begin(&mut doctor.browser).await.with(&[("title", "Review"), ("subjective", "Fever")]);
    assert_eq!(form.send(&mut doctor.browser).await.goes_to(), form.note());
    let page = doctor.browser.get(&form.note()).await;
    for said in [
        "being written",
        "Review",
        "Fever",
        "What the patient says",
        "Written by Dr Meera Iyer",
        "Sign this note",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    assert!(!page.text.contains("Add to this note"));
    let form = Form::of(&doctor.browser.get(&format!("{}/edit", form.note())).await);
    assert_eq!((form.get("version"), form.get("subjective")), ("1", "Fever"));
    let form = form.with(&[("plan", "Rest")]);
    form.send(&mut doctor.browser).await.goes_to();
    assert_eq!(press(&mut doctor.browser, &form.note(), "sign", &[]).await.goes_to(), form.note());
    let page = doctor.browser.get(&form.note()).await;
    assert!(
        page.text.contains("Signed by Dr Meera Iyer") && page.text.contains("Add to this note"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Go on writing") && !page.text.contains("/sign\""));
    assert_eq!(doctor.browser.get(&format!("{}/edit", form.note())).await.goes_to(), form.note());
    let line = doctor.browser.get("/clinic/chart/asha/timeline").await;
    assert!(line.text.contains(&format!("href=\"{}\"", form.note())), "{}", line.text);
}

#[tokio::test]
async fn c6_what_is_typed_is_saved_by_itself_and_stands_on_the_list_when_the_browser_is_gone() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let form = begin(&mut doctor.browser).await;
    let empty = form.save_by_itself(&mut doctor.browser).await;
    assert_eq!((empty.status, empty.text.as_str()), (422, "{\"version\":0}"));
    let form = form.with(&[("subjective", "Fev")]);
    let saved = form.save_by_itself(&mut doctor.browser).await;
    assert_eq!(
        (saved.status, saved.text.as_str()),
        (200, "{\"version\":1}"),
        "nothing of a note is told to a script"
    );
    let form = form.with(&[("subjective", "Fever"), ("version", "1")]);
    assert_eq!(form.save_by_itself(&mut doctor.browser).await.text, "{\"version\":2}");
    assert_eq!(
        form.save_by_itself(&mut doctor.browser).await.text,
        "{\"version\":2}",
        "an answer that was lost"
    );
    let list = doctor.browser.get(NOTES).await;
    assert!(list.text.contains("being written") && list.text.contains(&form.note()));
    assert_eq!(Form::of(&doctor.browser.get(&form.action).await).get("subjective"), "Fever");
    let script = doctor.browser.get("/assets/note.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    let page = doctor.browser.get(&form.action).await;
    assert_eq!(
        page.between("note.js\" integrity=\"sha256-", "\""),
        STANDARD.encode(Sha256::digest(&script.text))
    );
}

#[tokio::test]
async fn c6_a_form_that_is_sent_twice_makes_one_note() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let form = begin(&mut doctor.browser).await.with(&[("plan", "Rest")]);
    for _ in 0..3 {
        assert_eq!(form.send(&mut doctor.browser).await.goes_to(), form.note());
    }
    let list = doctor.browser.get(NOTES).await;
    assert_eq!(list.text.matches("<th scope=\"row\">").count(), 1, "{}", list.text);
    let other = begin(&mut doctor.browser).await;
    assert_ne!(other.note(), form.note(), "each form is a note of its own");
}

#[tokio::test]
async fn x_of_two_editors_the_second_sees_both_texts_and_saves_both() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let form = begin(&mut doctor.browser).await.with(&[("plan", "Rest")]);
    form.send(&mut doctor.browser).await;
    let (one, two) = (
        Form::of(&doctor.browser.get(&form.action).await),
        Form::of(&doctor.browser.get(&form.action).await),
    );
    one.with(&[("plan", "Rest. <Fluids>")]).send(&mut doctor.browser).await.goes_to();
    let mine = two.with(&[("plan", "Rest. Paracetamol"), ("subjective", "Fever")]);
    let quiet = mine.save_by_itself(&mut doctor.browser).await;
    assert_eq!((quiet.status, quiet.text.as_str()), (409, "{\"version\":0}"));
    let page = mine.send(&mut doctor.browser).await;
    assert_eq!(page.status, 409);
    for said in [
        "Somebody else has changed this note",
        "Rest. &#60;Fluids&#62;",
        "In the record now",
        "What you typed",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    let merged = Form::of(&page);
    assert_eq!((merged.get("version"), merged.get("subjective")), ("2", "Fever"));
    assert_eq!(merged.get("plan"), "Rest. <Fluids>\n\nRest. Paracetamol", "nothing of either is left out");
    assert_eq!(merged.send(&mut doctor.browser).await.goes_to(), form.note());
    let page = doctor.browser.get(&form.note()).await;
    assert!(page.text.contains("Rest. &#60;Fluids&#62;\n\nRest. Paracetamol"), "{}", page.text);
    // Whoever has read the version before signs nothing.
    let page = press(&mut doctor.browser, &form.note(), "sign", &[("version", "2")]).await;
    assert!(page.status == 409 && page.text.contains("Read it again first"), "{}", page.text);
}

#[tokio::test]
async fn c6_a_signed_note_takes_no_change_and_what_a_stale_tab_typed_becomes_an_addition() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let form = begin(&mut doctor.browser).await.with(&[("plan", "Rest")]);
    form.send(&mut doctor.browser).await;
    let tab = Form::of(&doctor.browser.get(&form.action).await);
    press(&mut doctor.browser, &form.note(), "sign", &[]).await.goes_to();
    for opened in ["0", "1", "2", "99", "-1", "x", ""] {
        let page = tab.with(&[("plan", "Other"), ("version", opened)]).send(&mut doctor.browser).await;
        assert_eq!(page.status, 409, "{opened}");
    }
    let page = tab.with(&[("plan", "Seen again"), ("subjective", "Better")]).send(&mut doctor.browser).await;
    assert!(page.text.contains("This note was signed meanwhile"), "{}", page.text);
    let added = Form::of(&page);
    assert_eq!(added.get("text"), "What the patient says\nBetter\n\nPlan\nSeen again");
    assert_eq!(added.send(&mut doctor.browser).await.goes_to(), form.note(), "it stands below the note");
    let page = doctor.browser.get(&form.note()).await;
    assert!(page.text.contains("Added later") && page.text.contains("Seen again"), "{}", page.text);
    assert!(
        page.text.contains("<div class=\"prose\" dir=\"auto\">Rest</div>"),
        "the note is as it was signed"
    );
}

#[tokio::test]
async fn c6_an_addition_is_signed_for_itself_and_is_added_to_a_signed_note_alone() {
    let (pages, mut admin) = Pages::open().await;
    let (mut doctor, note) = signed(&pages, &mut admin).await;
    let id = note.rsplit('/').next().unwrap();
    let page = doctor.browser.get(&format!("{NOTES}/new?appends={id}")).await;
    let form = Form::of(&page).with(&[("text", "The culture came back")]);
    assert!(page.text.contains("Added to:") && form.get("template") == "addendum");
    assert_eq!(form.send(&mut doctor.browser).await.goes_to(), note);
    assert_eq!(press(&mut doctor.browser, &form.note(), "sign", &[]).await.goes_to(), form.note());
    let page = doctor.browser.get(&form.note()).await;
    assert!(page.text.contains(&format!("href=\"{note}\"")) && !page.text.contains("Add to this note"));
    let list = doctor.browser.get(NOTES).await;
    assert!(list.text.contains("one addition") && !list.text.contains(&form.note()), "{}", list.text);
    let of_addition = form.note().rsplit('/').next().unwrap().to_owned();
    let page = doctor.browser.get(&format!("{NOTES}/new?appends={of_addition}")).await;
    assert_eq!(page.goes_to(), form.note());
    let forged = form.with(&[("appends", &of_addition)]);
    let forged = Form { action: format!("{NOTES}/forged-1/edit"), ..forged };
    assert_eq!(forged.send(&mut doctor.browser).await.status, 409);
    assert_eq!(doctor.browser.get(&format!("{NOTES}/new?appends=none")).await.status, 404);
}

#[tokio::test]
async fn c6_what_was_entered_in_error_is_struck_through_with_who_and_why() {
    let (pages, mut admin) = Pages::open().await;
    let (mut doctor, note) = signed(&pages, &mut admin).await;
    for why in ["", "  ", &"x".repeat(201)] {
        let page = press(&mut doctor.browser, &note, "error", &[("why", why)]).await;
        assert!(
            page.status == 422
                && page.text.contains("Say why")
                && page.text.contains("<details class=\"aside-act\" open")
        );
    }
    let why = [("why", "Wrong <chart>")];
    assert_eq!(press(&mut doctor.browser, &note, "error", &why).await.goes_to(), note);
    assert_eq!(press(&mut doctor.browser, &note, "error", &why).await.goes_to(), note, "a second click");
    for page in [doctor.browser.get(&note).await, doctor.browser.get(NOTES).await] {
        for said in ["<del>", "entered in error", "says Dr Meera Iyer", "Wrong &#60;chart&#62;"] {
            assert!(page.text.contains(said), "{said} in {}", page.text);
        }
    }
    let page = doctor.browser.get(&note).await;
    assert!(page.text.contains("<del>Rest &#38; fluids</del>") && !page.text.contains("Add to this note"));
    let form = begin(&mut doctor.browser).await;
    let late = Form { action: format!("{note}/edit"), ..form.with(&[("plan", "Late"), ("version", "1")]) };
    let page = late.send(&mut doctor.browser).await;
    assert!(page.status == 409 && page.text.contains("takes no more text"), "{}", page.text);
    let own = Form::of(&page);
    assert_eq!(own.get("plan"), "Late");
    assert_ne!(own.send(&mut doctor.browser).await.goes_to(), note, "it becomes a note of its own");
    assert!(!doctor.browser.get("/clinic/chart/asha/timeline").await.text.contains(&note));
}

#[tokio::test]
async fn a12_a_note_that_was_being_written_when_the_session_ended_is_sent_again_after_the_sign_in() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    let long = "Fever since Monday. बुखार <b>\n".repeat(3_500);
    let form = begin(&mut doctor.browser).await.with(&[("title", "Review"), ("subjective", &long)]);
    pages.wait(16 * 60);
    assert_eq!(form.send(&mut doctor.browser).await.goes_to(), "/clinic/sign-in");
    let fields = [("identifier", "doctor@example.org"), ("password", PASSWORD)];
    doctor.browser.post("/clinic/sign-in", &fields).await;
    let code = pages.code(&doctor.secret);
    doctor.browser.post("/clinic/second-factor", &[("code", &code)]).await;
    assert_eq!(doctor.browser.get("/clinic/account").await.goes_to(), "/clinic/draft");
    let page = doctor.browser.get("/clinic/draft").await;
    for said in ["<dt>Title</dt>", "<dt>What the patient says</dt>", "बुखार &#60;b&#62;"] {
        assert!(page.text.contains(said), "{said}");
    }
    assert!(!page.text.contains("<dt>version") && page.text.contains(&format!("action=\"{}\"", form.action)));
    let token = page.between("name=\"token\" value=\"", "\"");
    let again = form.with(&[("token", &token), ("draft", "again")]);
    assert_eq!(again.send(&mut doctor.browser).await.goes_to(), form.note());
    assert_eq!(again.send(&mut doctor.browser).await.goes_to(), form.note(), "a second click");
    let kept = Form::of(&doctor.browser.get(&form.action).await);
    assert_eq!(kept.get("subjective"), long.trim_end());
    assert_eq!(doctor.browser.get("/clinic/draft").await.goes_to(), "/clinic");
}

#[tokio::test]
async fn whatever_is_typed_is_text_and_what_cannot_be_kept_is_said() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    for typed in [
        "<script>alert(1)</script>",
        "</textarea><img src=x>",
        "\u{202e}cba\u{202c} العربية",
        "🌡 జ్వరం\u{0}",
        "a\r\n\r\n\r\nb",
    ] {
        let form = begin(&mut doctor.browser).await.with(&[("title", typed), ("plan", typed)]);
        form.send(&mut doctor.browser).await.goes_to();
        let page = doctor.browser.get(&form.note()).await;
        assert!(!page.text.contains("<script>") && !page.text.contains("<img"), "{}", page.text);
        let kept = typed.replace("\r\n", "\n").replace('\0', "");
        assert_eq!(Form::of(&doctor.browser.get(&form.action).await).get("plan"), kept);
    }
    let form = begin(&mut doctor.browser).await;
    let empty = form.with(&[("plan", " \r\n ")]).send(&mut doctor.browser).await;
    assert!(empty.status == 422 && empty.text.contains("Write something first"), "{}", empty.text);
    let long = form.with(&[("plan", "kept"), ("title", &"x".repeat(201))]).send(&mut doctor.browser).await;
    assert!(long.status == 422 && Form::of(&long).get("plan") == "kept");
    let far = form.with(&[("plan", &"x".repeat(5 << 20))]).send(&mut doctor.browser).await;
    assert_eq!(far.status, 413);
    let elsewhere = form.with(&[("plan", "a"), ("token", "another")]).send(&mut doctor.browser).await;
    assert_eq!(elsewhere.status, 403);
}

#[tokio::test]
async fn e1_a_note_is_reached_by_its_own_patients_address_and_by_whom_the_chart_is_open_to() {
    let (pages, mut admin) = Pages::open().await;
    let (mut doctor, note) = signed(&pages, &mut admin).await;
    let id = note.rsplit('/').next().unwrap();
    pages.put(json!({"resourceType": "Patient", "id": "far", "name": [{"text": "Far"}]}));
    pages.put(json!({"resourceType": "Encounter", "id": "e2", "status": "in-progress", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/asha"}, "participant": [{"individual": {"reference": "Practitioner/c"}}]}));
    let elsewhere = format!("/clinic/chart/chitra/notes/{id}");
    for path in ["", "/edit"] {
        assert_eq!(doctor.browser.get(&format!("{elsewhere}{path}")).await.status, 404);
    }
    let form = begin(&mut doctor.browser).await.with(&[("plan", "x")]);
    let form = Form { action: format!("{elsewhere}/edit"), ..form };
    assert_eq!(form.send(&mut doctor.browser).await.status, 404);
    for deed in ["sign", "error"] {
        let fields = [("token", form.get("token")), ("why", "x"), ("version", "1")];
        assert_eq!(doctor.browser.post(&format!("{elsewhere}/{deed}"), &fields).await.status, 404);
    }
    let closed = Form { action: "/clinic/chart/far/notes/n/edit".into(), ..form };
    assert_eq!(closed.send(&mut doctor.browser).await.status, 403, "nobody tied them to that patient");

    let mut pharmacist = pages.staff_as(&mut admin, "pharmacist@example.org", "pharmacist", "c").await;
    let page = pharmacist.browser.get(&format!("{NOTES}/new")).await;
    assert!(page.status == 403 && page.text.contains("your role does not write notes"), "{}", page.text);
    let mut nurse = pages.staff_as(&mut admin, "nurse@example.org", "nurse", "z").await;
    assert_eq!(nurse.browser.get(&format!("{NOTES}/new")).await.status, 404, "not in her care");
    let mut patient = pages.linked(&mut admin).await;
    for path in [format!("{NOTES}/new"), format!("{note}/edit"), NOTES.to_owned(), note.clone()] {
        assert_eq!(patient.browser.get(&path).await.status, 403, "{path}");
    }
    for deed in ["edit", "sign", "error"] {
        let page =
            patient.browser.post_signed_in("patient", &format!("{note}/{deed}"), &[("plan", "x")]).await;
        assert_eq!(page.status, 403);
    }
}

#[tokio::test]
async fn c6_a_patient_reads_what_is_signed_and_nothing_that_is_being_written_or_was_taken_back() {
    let (pages, mut admin) = Pages::open().await;
    let (mut doctor, note) = signed(&pages, &mut admin).await;
    let open = begin(&mut doctor.browser).await.with(&[("title", "Half a thought"), ("plan", "Unsure")]);
    open.send(&mut doctor.browser).await.goes_to();
    let mut patient = pages.linked(&mut admin).await;
    let own = |note: &str| note.replace("/clinic/", "/patient/");
    let page = patient.browser.get(&own(&note)).await;
    assert!(page.status == 200 && page.text.contains("Rest &#38; fluids"), "{}", page.text);
    for button in ["Add to this note", "entered in error", "Sign", "Go on writing", "<details"] {
        assert!(!page.text.contains(&format!("{button}<")), "{button}");
    }
    assert_eq!(patient.browser.get(&own(&open.note())).await.status, 404);
    for path in ["/patient/chart/asha/notes", "/patient/chart/asha", "/patient/chart/asha/timeline"] {
        let page = patient.browser.get(path).await;
        assert!(page.text.contains(&own(&note)) || path == "/patient/chart/asha", "{path}: {}", page.text);
        assert!(!page.text.contains("Half a thought") && !page.text.contains("Write a note"), "{path}");
    }
    assert!(patient.browser.get("/patient/chart/asha").await.text.contains("one note"));
    let looks = patient.browser.get("/patient/chart/asha/viewers").await;
    assert!(
        looks.text.contains("Signed a note: one note") && looks.text.contains("Wrote a note"),
        "{}",
        looks.text
    );
    press(&mut doctor.browser, &note, "error", &[("why", "Wrong chart")]).await.goes_to();
    assert_eq!(patient.browser.get(&own(&note)).await.status, 404);
}

#[tokio::test]
async fn what_another_program_is_writing_is_read_and_not_changed_here() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = doctor(&pages, &mut admin).await;
    pages.put(json!({"resourceType": "Composition", "id": "theirs", "status": "preliminary", "title": "Letter",
        "type": {"text": "Referral letter"}, "date": "2023-01-02", "author": [{"display": "Dr Elsewhere"}],
        "subject": {"reference": "Patient/asha"}, "section": [{"title": "To whom", "text": {"status": "generated",
            "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><table><tr><td>Dear</td><td>colleague</td></tr></table></div>"}}]}));
    let theirs = format!("{NOTES}/theirs");
    let page = doctor.browser.get(&theirs).await;
    for said in [
        "Referral letter",
        "To whom",
        "Dear  colleague",
        "another program",
        "Written by Dr Elsewhere, 02-Jan-2023",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    assert!(!page.text.contains("Go on writing"));
    assert_eq!(doctor.browser.get(&format!("{theirs}/edit")).await.goes_to(), theirs);
}
