//! QR codes, drawn into a page.

use qrcode::{EcLevel, QrCode, render::svg};
use web::failure::Failure;

/// The QR code of a text as SVG, at the level of correction that SMART Health Links recommend.
pub(crate) fn draw(text: &str) -> Result<String, Failure> {
    draw_at(text, EcLevel::M)
}

/// The same of a long text, with as little correction as there is, so that its dots are large.
pub(crate) fn draw_long(text: &str) -> Result<String, Failure> {
    draw_at(text, EcLevel::L)
}

fn draw_at(text: &str, level: EcLevel) -> Result<String, Failure> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), level)
        .map_err(|_| Failure::fault("a QR code could not be made"))?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    // The drawing alone, without the declaration that only a file of its own has.
    Ok(svg.find("<svg").map_or("", |at| &svg[at..]).to_owned())
}
