//! Drawing pages happens in a process of its own, and what a file does to that process it does to nobody else.

use preview::{Ask, Fault, wire};
use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use web::viewer::Viewer;

fn ask(mark: &str) -> Ask {
    Ask { page: 1, width: 400, mark: mark.to_owned() }
}

/// What the program answers, and whether it came to its end as it should.
fn answer(question: &[u8]) -> (Vec<u8>, bool) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keepwell"))
        .arg("preview")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // One that is stopped by its limits stops reading.
    let _ = child.stdin.take().unwrap().write_all(question);
    let mut out = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    (out, child.wait().unwrap().success())
}

/// A PDF whose pages are drawn from that content, `deep` forms inside one another.
fn paper(content: &str, deep: usize) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for level in 0..deep {
        // The last one draws itself.
        let next = if level + 1 == deep { objects.len() + 1 } else { objects.len() + 2 };
        objects.push(format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 400 400]/Resources<</XObject<</X {next} 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream"
        ));
    }
    let (mut out, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").bytes()));
    out.extend(
        format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF", objects.len() + 1).bytes(),
    );
    out
}

const LINE: &str = "BT /F 18 Tf 40 300 Td (Sugar 102) Tj ET";

#[test]
fn the_program_draws_within_its_limits_what_the_room_draws_without() {
    let file = paper(LINE, 0);
    let (told, is_well) = answer(&wire::question(&ask("Dr Bo"), &file));
    let seen = wire::seen(&told).unwrap();
    assert!(is_well && seen.words == "Sugar 102" && seen.pages == 1);
    assert_eq!(seen, preview::see(&file, &ask("Dr Bo")).unwrap());
    assert_eq!(wire::seen(&answer(b"no question at all").0), Err(Fault::Broken));
}

#[tokio::test]
async fn d1_a_file_that_would_take_all_memory_or_time_takes_its_own_process_and_the_next_one_is_drawn() {
    let viewer = Viewer::program(env!("CARGO_BIN_EXE_keepwell").into());
    // Forms that draw themselves twice, twenty deep; and a page that asks for a billion lines.
    let endless = paper(&"0 0 m 400 400 l S ".repeat(400_000), 0);
    for hostile in [paper("/X Do", 20), endless, vec![0xff; 32 << 20]] {
        let begun = Instant::now();
        let seen = viewer.see(hostile, 1, String::new()).await;
        assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
        // However it went, it was an answer or none.
        assert!(seen.is_ok() || matches!(seen, Err(Fault::Broken | Fault::Kind)), "{seen:?}");
        let next = viewer.see(paper(LINE, 0), 1, "Dr Bo".to_owned()).await.unwrap();
        assert_eq!(next.words, "Sugar 102");
    }
}

#[test]
fn the_process_can_open_no_file_and_write_none() {
    // Its limits are seen from outside while it waits for its question.
    let mut child = Command::new(env!("CARGO_BIN_EXE_keepwell"))
        .arg("preview")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let read = || std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let of = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line[name.len()..].split_whitespace().next().unwrap_or_default().to_owned()
    };
    let begun = Instant::now();
    let mut limits = read();
    while of(&limits, "Max open files") != "3" && begun.elapsed() < Duration::from_secs(10) {
        std::thread::yield_now();
        limits = read();
    }
    for (name, most) in [
        ("Max open files", "3"),
        ("Max file size", "0"),
        ("Max cpu time", "15"),
        ("Max core file size", "0"),
        ("Max address space", "2147483648"),
    ] {
        assert_eq!(of(&limits, name), most, "{name}");
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}
