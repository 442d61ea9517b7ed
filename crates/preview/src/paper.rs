//! A whole file as a PDF of pictures of its pages, each with the mark: what staff take along says who took it, when and why. Nothing of
//! the file itself is in it, so nothing in it runs, and no mark can be taken off like a layer.

use crate::{EDGE, Fault, is_pdf, mark, pdf, photo};
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
pub fn paper(file: &[u8], mark: &str) -> Result<Vec<u8>, Fault> {
    let mut sheets = Sheets::default();
    match file {
        _ if is_pdf(file) => {
            let opened = pdf::open(file)?;
            if opened.pages().len() > PAGES {
                return Err(Fault::Long);
            }
            for page in opened.pages().iter() {
                sheets.add(pdf::draw(page, WIDTH)?, mark)?;
            }
        }
        [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] => {
            sheets.add(photo::draw(file, EDGE / 2)?, mark)?
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
        let (mut out, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
        let whole =
            [b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), listed.into_bytes()].into_iter().chain(self.objects);
        for (at, object) in whole.enumerate() {
            places.push(out.len());
            out.extend(format!("{} 0 obj", at + 1).bytes());
            out.extend(object);
            out.extend(b"endobj\n");
        }
        let start = out.len();
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
        places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").bytes()));
        let end = format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", places.len() + 1);
        out.extend(end.bytes());
        out
    }
}

fn points(pixels: u32) -> u32 {
    (pixels * 72).div_ceil(DENSITY).max(1)
}

fn stream(head: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{head}/Length {}>>stream\n", bytes.len()).into_bytes();
    out.extend(bytes);
    out.extend(b"\nendstream ");
    out
}
