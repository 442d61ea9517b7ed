//! The program that was built, searched for keys (requirement X2): a constant may come in by a macro, a file or a library.
//!
//! Only what has the shape of a key is looked for. Entropy says nothing in a program: its tables of curves, hashes and compressed
//! definitions look as random as keys.

use super::cargo;
use anyhow::{Context, bail};
use std::path::PathBuf;

/// A text that begins a key, what its letters may be, and how many of them make it one.
struct Shape {
    what: &'static str,
    begin: &'static str,
    letters: fn(u8) -> bool,
    least: usize,
}

const SHAPES: &[Shape] = &[
    Shape { what: "a token of ours", begin: "kw_", letters: is_url_safe, least: 43 },
    Shape { what: "a signed-note key", begin: concat!("PRIVATE", "+KEY+"), letters: is_base64, least: 16 },
    Shape { what: "an age key", begin: concat!("AGE-SECRET", "-KEY-1"), letters: is_capital, least: 40 },
    Shape { what: "an AWS key id", begin: concat!("AK", "IA"), letters: is_capital, least: 16 },
    Shape { what: "a GitHub token", begin: concat!("gh", "p_"), letters: is_url_safe, least: 36 },
    Shape { what: "a GitHub token", begin: concat!("github", "_pat_"), letters: is_url_safe, least: 40 },
    Shape { what: "a Google key", begin: concat!("AI", "za"), letters: is_url_safe, least: 35 },
    Shape { what: "a Slack token", begin: concat!("xo", "xb-"), letters: is_url_safe, least: 20 },
    Shape { what: "a Stripe key", begin: concat!("sk", "_live_"), letters: is_url_safe, least: 20 },
    Shape { what: "a JSON web token", begin: concat!("ey", "J"), letters: is_token, least: 60 },
];

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A web token has two dots; without them it is other Base64 of a JSON object.
fn is_token(byte: u8) -> bool {
    is_url_safe(byte) || byte == b'.'
}

/// Searches the program that the tests ran; builds it where they have not.
pub(super) fn check() -> anyhow::Result<()> {
    cargo(&["test", "--workspace", "--no-run", "--quiet", "--locked"], "mend what the compiler says")?;
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| crate::repo::root().join("target"), PathBuf::from);
    let path = target.join("debug/keepwell");
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let found = secrets(&bytes);
    if !found.is_empty() {
        bail!(
            "{} holds what looks like {}\n    do: make keys when the program runs; nothing that is built in is secret",
            path.display(),
            found.join(", ")
        );
    }
    println!("no key in {} ({} MiB)", path.display(), bytes.len() >> 20);
    Ok(())
}

/// Kinds and places of what looks like a key.
fn secrets(bytes: &[u8]) -> Vec<String> {
    let mut found = pem_keys(bytes);
    for shape in SHAPES {
        for at in places(bytes, shape.begin.as_bytes()) {
            let inside = bytes[at + shape.begin.len()..].iter().take_while(|byte| (shape.letters)(**byte));
            let inside: Vec<u8> = inside.copied().collect();
            let dots = inside.iter().filter(|byte| **byte == b'.').count();
            let begins_a_word = at == 0 || !is_url_safe(bytes[at - 1]);
            if inside.len() >= shape.least
                && begins_a_word
                && (shape.begin != concat!("ey", "J") || dots == 2)
            {
                found.push(format!("{} at byte {at}", shape.what));
            }
        }
    }
    found
}

/// A line that says private key, and Base64 behind it: libraries hold such lines alone, to know them when they read them.
fn pem_keys(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for at in places(bytes, b"PRIVATE KEY-----") {
        let after = bytes[at + b"PRIVATE KEY-----".len()..].iter();
        let body = after
            .skip_while(|byte| matches!(byte, b'\r' | b'\n' | b'\\'))
            .take_while(|byte| is_base64(**byte));
        if body.count() >= 32 {
            found.push(format!("a PEM key at byte {at}"));
        }
    }
    found
}

fn places<'a>(bytes: &'a [u8], begin: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = begin.first().copied();
    let starts = bytes.iter().enumerate().filter(move |(_, byte)| Some(**byte) == first);
    starts.map(|(at, _)| at).filter(move |at| bytes[*at..].starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> usize {
        secrets(format!("\0.text\0{text}\0\0rodata").as_bytes()).len()
    }

    #[test]
    fn x2_keys_of_known_shapes_are_found_in_a_program() {
        let letters = "Ab3".repeat(20);
        let pem = format!("-----BEGIN {} KEY-----\n{letters}\n", "PRIVATE");
        let web = format!("{}{letters}.{letters}.{letters}", concat!("ey", "J"));
        for text in [pem, format!("kw_{letters}"), format!("{}{letters}", concat!("gh", "p_")), web] {
            assert_eq!(kinds(&text), 1, "{text}");
        }
        assert_eq!(kinds(&format!("{}{}", concat!("AK", "IA"), "A1".repeat(8))), 1);
    }

    #[test]
    fn x2_what_only_speaks_of_keys_is_none() {
        let line = format!("-----BEGIN EC {} KEY-----", "PRIVATE");
        for text in
            [line.as_str(), "kw_", "kw_revoked", "skw_AAAA", "xoxb", concat!("ey", "JhbGciOiJIUzI1NiJ9")]
        {
            assert_eq!(kinds(text), 0, "{text}");
        }
    }
}
