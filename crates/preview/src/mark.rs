//! Who looks, when and why, written across a picture again and again: whoever photographs the screen photographs that as well.
//!
//! The letters come from the PDF renderer, which brings a typeface: the mark is a small PDF of our own.

use crate::{
    file::{file, stream},
    pdf,
};
use hayro::hayro_syntax::Pdf;
use image::{Rgb, RgbImage};
use std::fmt::Write;

/// How dark a letter of the mark becomes, of 255: what is under it stays readable.
const INK: u32 = 56;

/// How high a line of the mark is, of the width of the picture.
const LINES: u32 = 14;

/// Darkens the picture where the mark stands, or lightens it where it is dark.
pub(crate) fn across(drawn: &mut RgbImage, mark: &str) {
    let Some(stamp) = stamp(mark, drawn.width()) else { return };
    let step = drawn.width() / 4;
    for (x, y, pixel) in drawn.enumerate_pixels_mut() {
        // Each line of marks begins a little further on, so no column of the page is free of them.
        let (line, within) = (y / stamp.height(), y % stamp.height());
        let at = (x + line * step) % stamp.width();
        let ink = 255 - u32::from(stamp.get_pixel(at, within).0[0]);
        if ink > 0 {
            *pixel = Rgb(pixel.0.map(|value| inked(value, ink * INK / 255)));
        }
    }
}

fn inked(value: u8, ink: u32) -> u8 {
    let value = u32::from(value);
    let shifted = if value > 96 { value.saturating_sub(ink) } else { value + ink };
    u8::try_from(shifted).unwrap_or(u8::MAX)
}

/// One line of the mark, black on white; `None` where there is nothing to write, or nothing that could be.
fn stamp(mark: &str, width: u32) -> Option<RgbImage> {
    let text = letters(mark);
    if text.trim().is_empty() {
        return None;
    }
    // A letter of Helvetica is at most one em wide and on average half of one.
    let wide = text.chars().count() * 6 + 40;
    let content = format!("BT /F 10 Tf 10 12 Td <{}> Tj ET", hex(&text));
    let pdf = Pdf::new(page(wide, &content)).ok()?;
    let high = width / LINES;
    let drawn_width = u32::try_from(wide).ok()?.checked_mul(high)? / HEIGHT;
    pdf::draw(pdf.pages().first()?, drawn_width.clamp(16, crate::EDGE)).ok()
}

/// The height of the small page, in points.
const HEIGHT: u32 = 36;

/// What the typeface has letters for; for all else a question mark, so that nothing is lost silently.
fn letters(mark: &str) -> String {
    let kept = mark.chars().filter(|c| !c.is_control()).take(200);
    kept.map(|c| if c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c) { c } else { '?' }).collect()
}

fn hex(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        let _ = write!(out, "{:02x}", u32::from(c) & 0xff);
        out
    })
}

/// A PDF of one page with that content.
fn page(width: usize, content: &str) -> Vec<u8> {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {HEIGHT}]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    );
    file([
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.into_bytes(),
        stream("", content.as_bytes()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
    ])
}
