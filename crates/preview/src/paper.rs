//! A whole file as a PDF of pictures of its pages, each with the mark: what staff take along says who took it, when and why. Nothing of
//! the file itself is in it, so nothing in it runs, and no mark can be taken off like a layer.

use crate::{
    EDGE, Fault,
    file::{file, stream},
    is_pdf, mark, pdf, photo,
};
use image::{RgbImage, codecs::jpeg::JpegEncoder};

/// The most pages.
pub const PAGES: usize = 60;

/// Pixels to an inch: small letters stay readable in print.
const DENSITY: u32 = 150;

/// How wide a page is drawn: A4 at that density.
const WIDTH: u32 = 1_240;

/// The whole file.
///
/// # Errors
/// [`Fault`]; [`Fault::Long`] for more than [`PAGES`], [`Fault::Kind`] for what has no pictures.
pub fn paper(bytes: &[u8], mark: &str) -> Result<Vec<u8>, Fault> {
    let mut sheets = Sheets::default();
    match bytes {
        _ if is_pdf(bytes) => {
            let opened = pdf::open(bytes)?;
            if opened.pages().len() > PAGES {
                return Err(Fault::Long);
            }
            for page in opened.pages().iter() {
                sheets.add(pdf::draw(page, WIDTH)?, mark)?;
            }
        }
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] => {
            sheets.add(photo::draw(bytes, EDGE / 2)?, mark)?
        }
        _ => return Err(Fault::Kind),
    }
    Ok(sheets.finish())
}

/// A PDF in the making. Its first two objects are the catalogue and the list of pages.
#[derive(Default)]
struct Sheets {
    objects: Vec<Vec<u8>>,
}

impl Sheets {
    /// One more page: itself, what is drawn on it, and the picture.
    fn add(&mut self, mut drawn: RgbImage, mark: &str) -> Result<(), Fault> {
        mark::across(&mut drawn, mark);
        let (wide, high) = (drawn.width(), drawn.height());
        let mut picture = Vec::new();
        drawn
            .write_with_encoder(JpegEncoder::new_with_quality(&mut picture, 80))
            .map_err(|_| Fault::Broken)?;
        let (x, y) = (points(wide), points(high));
        let first = self.objects.len() + 3;
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {x} {y}]/Contents {} 0 R/Resources<</XObject<</P {} 0 R>>>>>>",
            first + 1,
            first + 2,
        );
        let shown = format!("q {x} 0 0 {y} 0 0 cm /P Do Q");
        let head = format!(
            "/Type/XObject/Subtype/Image/Width {wide}/Height {high}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        );
        self.objects.extend([page.into_bytes(), stream("", shown.as_bytes()), stream(&head, &picture)]);
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let pages: Vec<String> =
            (0..self.objects.len() / 3).map(|at| format!("{} 0 R", at * 3 + 3)).collect();
        let listed = format!("<</Type/Pages/Kids[{}]/Count {}>>", pages.join(" "), pages.len());
        let whole =
            [b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), listed.into_bytes()].into_iter().chain(self.objects);
        file(whole)
    }
}

fn points(pixels: u32) -> u32 {
    (pixels * 72).div_ceil(DENSITY).max(1)
}
