//! A page of a PDF, drawn; and its words, as the page writes them.

use crate::{Ask, EDGE, Fault, Seen, bounded, mark, picture};
use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, SoftMask, TransformExt,
        font::{Glyph, GlyphRun},
        hayro_cmap::BfString,
        interpret_page,
    },
    hayro_syntax::{Pdf, page::Page},
    kurbo::{Affine, BezPath, Point, Rect, Shape},
    vello_cpu::color::palette::css::WHITE,
};
use image::{Rgb, RgbImage};

/// The most pages that a file may have to be opened here.
const PAGES: usize = 5_000;

pub(crate) fn open(file: &[u8]) -> Result<Pdf, Fault> {
    let pdf = Pdf::new(file.to_vec()).map_err(|_| Fault::Broken)?;
    if (1..=PAGES).contains(&pdf.pages().len()) { Ok(pdf) } else { Err(Fault::Broken) }
}

/// The words of all pages, until there are enough.
pub(crate) fn all_words(file: &[u8]) -> Result<String, Fault> {
    let pdf = open(file)?;
    let mut all = String::new();
    for page in pdf.pages().iter() {
        if all.len() >= crate::WORDS {
            break;
        }
        all.push_str(&words(page));
        all.push('\n');
    }
    Ok(all.trim_end().to_owned())
}

pub(crate) fn see(file: &[u8], ask: &Ask) -> Result<Seen, Fault> {
    let pdf = open(file)?;
    let pages = pdf.pages().len();
    let page = ask.page.checked_sub(1).and_then(|at| pdf.pages().get(at)).ok_or(Fault::Page)?;
    let mut drawn = draw(page, ask.width)?;
    mark::across(&mut drawn, &ask.mark);
    Ok(Seen { pages, picture: Some(picture(&drawn, false)?), words: bounded(words(page)) })
}

/// The page on white, that wide.
pub(crate) fn draw(page: &Page<'_>, width: u32) -> Result<RgbImage, Fault> {
    let (wide, high) = page.render_dimensions();
    if !(wide.is_finite() && high.is_finite() && wide >= 1.0 && high >= 1.0) {
        return Err(Fault::Broken);
    }
    #[allow(clippy::cast_precision_loss, reason = "edges are a few thousand pixels")]
    let scale = (width as f32 / wide).min(EDGE as f32 / high);
    if wide * scale < 1.0 || high * scale < 1.0 {
        return Err(Fault::Broken);
    }
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let interpret = InterpreterSettings::default();
    let drawn = hayro::render(page, &cache, &interpret, &RenderSettings::default(), &settings);
    let (wide, high) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let pixels = drawn.data();
    Ok(RgbImage::from_fn(wide, high, |x, y| {
        let at = pixels.get((y * wide + x) as usize);
        at.map_or(Rgb([255; 3]), |pixel| Rgb([pixel.r, pixel.g, pixel.b]))
    }))
}

/// The words of a page: what its glyphs say they are, with a space where they stand apart and a new line where they stand below.
fn words(page: &Page<'_>) -> String {
    let cache = InterpreterCache::new();
    let place = page.initial_transform(true).to_kurbo();
    let (wide, high) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(wide), f64::from(high));
    let mut context = Context::new(place, bounds, &cache, page.xref(), InterpreterSettings::default());
    let mut reader = Reader::default();
    interpret_page(page, &mut context, &mut reader);
    reader.words.trim().to_owned()
}

/// Reads along and draws nothing.
#[derive(Default)]
struct Reader {
    words: String,
    /// Where the ink of the last glyph ended, and how large it was.
    last: Option<(Point, f64)>,
}

impl Reader {
    fn say(&mut self, said: &BfString, place: Affine, width: f64) {
        if self.words.len() > crate::WORDS {
            return;
        }
        let [a, b, ..] = place.as_coeffs();
        let (at, size) = (place * Point::ORIGIN, a.hypot(b).max(f64::EPSILON) * EM);
        if let Some((end, before)) = self.last {
            let em = before.max(size);
            let gap = at.x - end.x;
            if (at.y - end.y).abs() > em * 0.5 {
                self.words.push('\n');
            } else if (gap > em * 0.2 || gap < -em * 1.5) && !self.words.ends_with(char::is_whitespace) {
                self.words.push(' ');
            }
        }
        match said {
            BfString::Char(one) => self.words.push(*one),
            BfString::String(some) => self.words.push_str(some),
        }
        self.last = Some((place * Point::new(width, 0.0), size));
    }
}

/// The units of a glyph's outline to one em.
const EM: f64 = 1_000.0;

/// How far to the right its ink goes.
fn width(glyph: &Glyph<'_>) -> f64 {
    match glyph {
        Glyph::Outline(glyph) => glyph.outline().bounding_box().x1.max(0.0),
        Glyph::Type3(glyph) => glyph.advance_width().map_or(0.0, f64::from),
    }
}

impl<'a> Device<'a> for Reader {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if let Some(said) = glyph.as_unicode() {
                self.say(&said, props.transform * glyph.transform(), width(glyph));
            }
        }
    }
}
