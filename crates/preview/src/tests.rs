use super::*;
use image::{ImageFormat, Rgb};
use std::io::Cursor;

fn ask(page: usize, mark: &str) -> Ask {
    Ask { page, width: 600, mark: mark.to_owned() }
}

/// Two pages: a line on each, the second with two lines.
fn paper() -> Vec<u8> {
    let pages = [
        "BT /F 18 Tf 72 700 Td (Discharge letter) Tj ET",
        "BT /F 18 Tf 72 700 Td (Walking WMW @W) Tj 0 -24 Td (Sugar 102) Tj ET",
    ];
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>".to_owned(),
    ];
    for (at, content) in pages.iter().enumerate() {
        objects.push(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {} 0 R/Resources<</Font<</F 7 0 R>>>>>>", 4 + at * 2));
        objects.push(format!("<</Length {}>>stream\n{content}\nendstream", content.len()));
    }
    objects.push("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned());
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF", objects.len() + 1).bytes(),
    );
    out
}

fn photo(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let drawn =
        RgbImage::from_fn(800, 400, |x, _| if x < 400 { Rgb([250, 250, 250]) } else { Rgb([20, 20, 20]) });
    drawn.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn drawn(seen: &Seen) -> RgbImage {
    image::load_from_memory(&seen.picture.as_ref().unwrap().bytes).unwrap().to_rgb8()
}

/// How many pixels are not white.
fn ink(drawn: &RgbImage) -> usize {
    drawn.pixels().filter(|pixel| pixel.0 != [255; 3]).count()
}

#[test]
fn the_words_of_all_pages_are_read_and_told_over_the_wire() {
    let words = crate::words(&paper()).unwrap();
    assert_eq!(words, "Discharge letter\nWalking WMW @W\nSugar 102");
    let told = wire::seen(&wire::answer(&wire::question_of_words(&paper()))).unwrap();
    assert!(told.words == words && told.picture.is_none());
    assert_eq!(crate::words("\u{feff}Zucker\n102".as_bytes()).unwrap(), "Zucker\n102");
    assert_eq!(crate::words(&photo(ImageFormat::Png)), Err(Fault::Kind));
    assert_eq!(crate::words(b"%PDF-1.7 nothing"), Err(Fault::Broken));
    assert_eq!(wire::answer(b"words"), b"");
    let long = "word ".repeat(WORDS);
    assert!(crate::words(long.as_bytes()).unwrap().len() <= WORDS);
}

#[test]
fn d4_a_page_of_a_pdf_is_drawn_and_its_words_are_read() {
    let (first, second) = (see(&paper(), &ask(1, "")).unwrap(), see(&paper(), &ask(2, "")).unwrap());
    assert_eq!((first.pages, first.words.as_str()), (2, "Discharge letter"));
    assert_eq!(second.words, "Walking WMW @W\nSugar 102");
    let picture = drawn(&first);
    assert!(
        (599..=600).contains(&picture.width()) && (845..=850).contains(&picture.height()),
        "{:?}",
        picture.dimensions()
    );
    assert!((200..20_000).contains(&ink(&picture)), "{}", ink(&picture));
    assert_eq!(see(&paper(), &ask(3, "")), Err(Fault::Page));
    assert_eq!(see(&paper(), &ask(0, "")), Err(Fault::Page));
}

#[test]
fn d4_the_mark_stands_all_over_the_page_and_leaves_it_readable() {
    let (plain, marked) =
        (see(&paper(), &ask(1, "")).unwrap(), see(&paper(), &ask(1, "Dr Bo 2026-11-22 TREAT")).unwrap());
    let (plain, marked) = (drawn(&plain), drawn(&marked));
    // In each quarter of the page, in both directions.
    let (wide, high) = (marked.width() / 4, marked.height() / 4);
    for (x, y) in (0..4).flat_map(|x| (0..4).map(move |y| (x, y))) {
        let part =
            |of: &RgbImage| ink(&image::imageops::crop_imm(of, x * wide, y * high, wide, high).to_image());
        assert!(part(&marked) > part(&plain) + 100, "nothing at {x}, {y}");
    }
    // What was white is at most a little darker.
    let faintest = marked
        .pixels()
        .zip(plain.pixels())
        .filter(|(_, plain)| plain.0 == [255; 3])
        .map(|(marked, _)| marked.0[0])
        .min();
    assert!(faintest.unwrap() >= 190, "{faintest:?}");
    assert_eq!(ink(&drawn(&see(&paper(), &ask(1, " \u{7}")).unwrap())), ink(&plain));
    // No letters for it: a question mark, and never nothing.
    assert!(ink(&drawn(&see(&paper(), &ask(1, "डॉ. राव")).unwrap())) > ink(&plain));
}

#[test]
fn a_photograph_is_made_smaller_and_never_larger_and_loses_what_it_carried() {
    for (format, small) in [(ImageFormat::Jpeg, false), (ImageFormat::Png, true)] {
        let asked = Ask { width: if small { 200 } else { 4_000 }, ..ask(1, "") };
        let seen = see(&photo(format), &asked).unwrap();
        let picture = seen.picture.clone().unwrap();
        assert_eq!((picture.width, picture.height), if small { (200, 100) } else { (800, 400) });
        assert_eq!(
            (picture.media_type, drawn(&seen).dimensions()),
            ("image/jpeg", (picture.width, picture.height))
        );
        assert_eq!(see(&photo(format), &ask(2, "")), Err(Fault::Page));
    }
    // A comment in a JPEG, as cameras write where a picture was taken.
    let mut with = photo(ImageFormat::Jpeg);
    let comment = b"taken at home";
    let marker = [&[0xff, 0xfe, 0, u8::try_from(comment.len()).unwrap() + 2][..], comment].concat();
    with.splice(2..2, marker);
    let seen = see(&with, &ask(1, "")).unwrap();
    assert!(!seen.picture.unwrap().bytes.windows(comment.len()).any(|part| part == comment));
    // The mark shows on light and on dark.
    let marked = drawn(&see(&photo(ImageFormat::Png), &ask(1, "Dr Bo 2026-11-22")).unwrap());
    for x in [50, 350] {
        let part = image::imageops::crop_imm(&marked, x, 0, 200, marked.height()).to_image();
        let (low, high) = part.pixels().fold((255, 0), |(low, high), p| (p.0[0].min(low), p.0[0].max(high)));
        assert!(high - low > 20, "no mark at {x}: {low} to {high}");
    }
}

#[test]
fn a_text_is_words_alone_and_comes_in_pages() {
    let text: String = (0..700).map(|n| format!("line {n}\n")).collect();
    let second = see(text.as_bytes(), &ask(2, "x")).unwrap();
    assert!(second.pages == 3 && second.picture.is_none() && second.words.starts_with("line 300\n"));
    assert_eq!(see(text.as_bytes(), &ask(4, "")), Err(Fault::Page));
    assert_eq!(see(b"", &ask(1, "")).unwrap().words, "");
    assert_eq!(see(&"శ".repeat(200_000).into_bytes(), &ask(1, "")).unwrap().words.len(), WORDS / 3 * 3);
}

#[test]
fn what_is_broken_or_of_another_kind_is_said_to_be() {
    assert_eq!(see(b"MZ\0\x01program", &ask(1, "")), Err(Fault::Kind));
    assert_eq!(see(b"\xfe\xff not a text", &ask(1, "")), Err(Fault::Kind));
    for broken in [&b"%PDF-1.7\nnothing else"[..], &[0xff, 0xd8, 0xff, 1, 2, 3], b"\x89PNG\r\n\x1a\nshort"] {
        assert_eq!(see(broken, &ask(1, "")), Err(Fault::Broken));
    }
    for cut in (0..paper().len()).step_by(37) {
        let _ = see(&paper()[..cut], &ask(1, "m"));
    }
    // A header that says that the picture is a wall.
    let mut wall = photo(ImageFormat::Png);
    wall[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert_eq!(see(&wall, &ask(1, "")), Err(Fault::Broken));
}

#[test]
fn what_is_asked_and_answered_over_the_wire_is_the_same() {
    for (file, page) in [(paper(), 2), (photo(ImageFormat::Png), 1), (b"words".to_vec(), 1)] {
        let direct = see(&file, &ask(page, "Dr Bo")).unwrap();
        assert_eq!(wire::seen(&wire::answer(&wire::question(&ask(page, "Dr\n Bo"), &file))), Ok(direct));
    }
    for (file, fault) in [(&b"MZ\0"[..], Fault::Kind), (b"%PDF-1.1", Fault::Broken)] {
        assert_eq!(wire::seen(&wire::answer(&wire::question(&ask(1, ""), file))), Err(fault));
    }
    // A process that was stopped says nothing, or half of it.
    for half in [&b""[..], b"1", b"1 9 image/png 1 1\nwords"] {
        assert_eq!(wire::seen(half), Err(Fault::Broken));
    }
}

/// D4: what staff take along is the file's pages and nothing else of the file, with the mark on every page.
#[test]
fn a_whole_file_becomes_a_pdf_of_its_pages_with_the_mark_on_each() {
    let made = |mark: &str, file: &[u8]| {
        let answer = wire::answer(&wire::question_of_paper(mark, file));
        let picture = wire::seen(&answer).unwrap().picture.unwrap();
        assert_eq!(picture.media_type, "application/pdf");
        picture.bytes
    };
    let whole = super::paper::paper(&paper(), "").unwrap();
    for page in [1, 2] {
        let (plain, marked) = (made("", &paper()), made("Dr Rao 2026-11-23", &paper()));
        let seen = [&plain, &marked].map(|file| see(file, &ask(page, "")).unwrap());
        assert!(seen.iter().all(|seen| seen.pages == 2 && seen.words.is_empty()));
        let inks = seen.map(|seen| ink(&drawn(&seen)));
        assert!(inks[1] > inks[0] + 1_000, "page {page}: {inks:?}");
    }
    assert_eq!(made("", &paper()), whole);
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let seen = see(&made("", &photo(format)), &ask(1, "")).unwrap();
        let shown = drawn(&seen);
        let (left, right) = (shown.get_pixel(20, 100).0[0], shown.get_pixel(shown.width() - 20, 100).0[0]);
        assert!(left > 230 && right < 40, "{left} {right}");
    }
}

/// So many empty pages.
fn paper_of(pages: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|at| format!("{} 0 R", at + 3)).collect();
    let list = format!("<</Type/Pages/Kids[{}]/Count {pages}>>", kids.join(" "));
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 59 84]>>".to_vec();
    let head = [b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), list.into_bytes()];
    crate::file::file(head.into_iter().chain(std::iter::repeat_n(page, pages)))
}

#[test]
fn what_cannot_be_made_into_one_pdf_says_why() {
    assert_eq!(super::paper::paper(b"words alone", "m"), Err(Fault::Kind));
    assert_eq!(super::paper::paper(b"%PDF-1.7\nnothing else", "m"), Err(Fault::Broken));
    let many = paper_of(super::paper::PAGES + 1);
    assert_eq!(super::paper::paper(&many, "m"), Err(Fault::Long));
    let answer = wire::answer(&wire::question_of_paper("m", b"words alone"));
    assert_eq!(wire::seen(&answer), Err(Fault::Kind));
    assert!(wire::answer(b"paper without an end").is_empty());
}
