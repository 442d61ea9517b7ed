//! Narratives: what passes holds nothing that runs or fetches by itself, however it is written.
#![no_main]

libfuzzer_sys::fuzz_target!(|div: &str| {
    if r4::narrative::check(div).is_err() {
        return;
    }
    let lower = without_comments(&div.to_ascii_lowercase());
    for forbidden in ["<script", "<style", "<iframe", "<object", "<embed", "<form", "<!", "<?"] {
        assert!(!lower.contains(forbidden), "{forbidden} passed");
    }
    assert!(lower.starts_with("<div") && lower.trim_ascii_end().ends_with('>'));
});

/// What a browser sees: it ends a comment earlier than XML does.
fn without_comments(text: &str) -> String {
    let (start, mut rest) = text.split_at(text.find("<!--").unwrap_or(text.len()));
    let mut seen = start.to_owned();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let end = match comment {
            _ if comment.starts_with('>') => 1,
            _ if comment.starts_with("->") => 2,
            _ => ["-->", "--!>"]
                .iter()
                .filter_map(|end| Some(comment.find(end)? + end.len()))
                .min()
                .unwrap_or(comment.len()),
        };
        let behind = &comment[end..];
        let next = behind.find("<!--").unwrap_or(behind.len());
        seen.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    seen
}
