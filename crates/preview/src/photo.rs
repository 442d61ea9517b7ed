//! A photograph or a scan, upright and no wider than is asked for. What else the file carries (where it was taken, say) stays behind.

use crate::{Ask, EDGE, Fault, Seen, mark, picture};
use image::{
    DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage, RgbaImage, imageops::FilterType,
};
use std::io::Cursor;

/// The longest edge that is decoded, in pixels.
const LONGEST: u32 = 20_000;

/// The most memory that decoding may take, in bytes.
const MEMORY: u64 = 512 << 20;

pub(crate) fn see(file: &[u8], ask: &Ask) -> Result<Seen, Fault> {
    let mut drawn = draw(file, ask.width)?;
    mark::across(&mut drawn, &ask.mark);
    Ok(Seen { pages: 1, picture: Some(picture(&drawn, true)?), words: String::new() })
}

/// The photograph on white, that wide at most.
pub(crate) fn draw(file: &[u8], width: u32) -> Result<RgbImage, Fault> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| Fault::Broken)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST), Some(LONGEST));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Fault::Broken)?;
    let turned = decoder.orientation().map_err(|_| Fault::Broken)?;
    let mut whole = DynamicImage::from_decoder(decoder).map_err(|_| Fault::Broken)?;
    whole.apply_orientation(turned);
    let (wide, high) = (width.min(whole.width()).max(1), EDGE.min(whole.height()).max(1));
    if wide < whole.width() || high < whole.height() {
        whole = whole.resize(wide, high, FilterType::Triangle);
    }
    Ok(flat(&whole.to_rgba8()))
}

/// On white, where it can be seen through.
fn flat(seen: &RgbaImage) -> RgbImage {
    let on_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [r, g, b, a] = seen.get_pixel(x, y).0;
        Rgb([on_white(r, a), on_white(g, a), on_white(b, a)])
    })
}
