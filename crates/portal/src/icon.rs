//! Icons of our own: drawn on a grid of 24, in the colour of the text beside them. They say nothing that words do not say as well.

use std::fmt;

/// An icon by its name; written into a page it is an SVG image that readers of the page aloud pass over.
pub(crate) struct Icon(pub(crate) &'static str);

/// An icon, for templates.
pub(crate) fn icon(name: &&'static str) -> Icon {
    Icon(name)
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawing = match self.0 {
            "home" => "<path d=\"M4 11 12 4l8 7v9h-5v-6H9v6H4z\"/>",
            "search" => "<circle cx=\"10.5\" cy=\"10.5\" r=\"6\"/><path d=\"m15 15 5 5\"/>",
            "person" => {
                "<circle cx=\"12\" cy=\"8\" r=\"4\"/><path d=\"M4 21c.6-4.4 3.9-6.5 8-6.5s7.4 2.1 8 6.5\"/>"
            }
            "share" => {
                "<circle cx=\"6\" cy=\"12\" r=\"2.5\"/><circle cx=\"18\" cy=\"6\" r=\"2.5\"/><circle cx=\"18\" cy=\"18\" r=\"2.5\"/><path d=\"m8.2 10.9 7.6-3.8M8.2 13.1l7.6 3.8\"/>"
            }
            "apps" => {
                "<rect x=\"4\" y=\"4\" width=\"6\" height=\"6\" rx=\"1\"/><rect x=\"14\" y=\"4\" width=\"6\" height=\"6\" rx=\"1\"/><rect x=\"4\" y=\"14\" width=\"6\" height=\"6\" rx=\"1\"/><path d=\"M17 14v6m-3-3h6\"/>"
            }
            "desk" => "<path d=\"M3 20V9l6-4v15M9 20V8h12v12M3 20h18M13 12h4m-4 4h4\"/>",
            "alarm" | "emergency" => "<path d=\"M12 3 2.5 20h19zM12 10v4.5M12 17.2v.3\"/>",
            "vitals" => {
                "<path d=\"M12 20S4 15 4 9a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 6-8 11-8 11zM7 11h3l1.5-3 2 5 1-2H17\"/>"
            }
            "results" => "<path d=\"M3 17l5-6 4 3 4-7 5 5M3 21h18\"/>",
            "medicines" => {
                "<rect x=\"2.5\" y=\"8.5\" width=\"19\" height=\"7\" rx=\"3.5\" transform=\"rotate(-35 12 12)\"/><path d=\"m10 9.1 4 5.8\"/>"
            }
            "visits" => {
                "<rect x=\"4\" y=\"5\" width=\"16\" height=\"15\" rx=\"2\"/><path d=\"M4 10h16M8 3v4m8-4v4\"/>"
            }
            "documents" => "<path d=\"M6 3h8l5 5v13H6zM14 3v5h5M9 13h6m-6 4h6\"/>",
            "notes" => "<path d=\"M5 3h10l4 4v6M5 3v18h7M8 9h7m-7 4h5m2 8 1-3 5-5 2 2-5 5z\"/>",
            "problems" => "<path d=\"M5 4h14v17H5zM9 2.5h6v3H9zM9 11h6m-6 4h6\"/>",
            "immunizations" => "<path d=\"m14 4 6 6m-3-3-9 9-3.5 3.5M8 16l-3-3 8-8 6 6-8 8z\"/>",
            "plans" => "<path d=\"M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11\"/>",
            "timeline" => {
                "<path d=\"M6 3v18\"/><circle cx=\"6\" cy=\"7\" r=\"2\"/><circle cx=\"6\" cy=\"15\" r=\"2\"/><path d=\"M11 7h9m-9 8h9\"/>"
            }
            "summary" => {
                "<rect x=\"3\" y=\"4\" width=\"18\" height=\"16\" rx=\"2\"/><path d=\"M7 9h4v7H7zM14 9h4m-4 3.5h4m-4 3.5h4\"/>"
            }
            "eye" => {
                "<path d=\"M2 12c2.5-4.5 6-6.5 10-6.5s7.5 2 10 6.5c-2.5 4.5-6 6.5-10 6.5S4.5 16.5 2 12z\"/><circle cx=\"12\" cy=\"12\" r=\"3\"/>"
            }
            "take-out" => "<path d=\"M12 3v12m-5-5 5 5 5-5M4 16v5h16v-5\"/>",
            "elsewhere" => "<path d=\"M3 12h11m-4-4 4 4-4 4M12 4h8v16h-8\"/>",
            "log" => "<path d=\"M6 3h12v18H6zM9 8h6m-6 4h6M9 16l1.8 1.8L15 14.5\"/>",
            "server" => {
                "<rect x=\"4\" y=\"4\" width=\"16\" height=\"7\" rx=\"1.5\"/><rect x=\"4\" y=\"13\" width=\"16\" height=\"7\" rx=\"1.5\"/><path d=\"M7.5 7.5h.1m-.1 9h.1M12 7.5h4.5M12 16.5h4.5\"/>"
            }
            "lock" => {
                "<rect x=\"5\" y=\"11\" width=\"14\" height=\"10\" rx=\"2\"/><path d=\"M8 11V7a4 4 0 0 1 8 0v4\"/>"
            }
            "allergy" => "<path d=\"M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9\"/>",
            "up" => "<path d=\"M12 20V5m-6 6 6-6 6 6\"/>",
            "down" => "<path d=\"M12 4v15m-6-6 6 6 6-6\"/>",
            "language" => {
                "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9z\"/>"
            }
            _ => "<circle cx=\"12\" cy=\"12\" r=\"4\"/>",
        };
        write!(
            f,
            "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\">{drawing}</svg>"
        )
    }
}
