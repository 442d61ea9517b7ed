//! A form with files, as a browser sends it: whatever it is, it is fields and files within bounds or nothing, and a file is a part of what
//! was sent, as it was sent.
#![no_main]

use care::upload::kind::Kind;
use web::multipart::{boundary, parse};

const MOST: usize = 8;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(boundary) = boundary("multipart/form-data; boundary=x") else { return };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    if let Some((fields, files)) = runtime.block_on(parse(bytes.to_vec().into(), &boundary, MOST)) {
        assert!(fields.len() + files.len() <= MOST);
        for file in &files {
            let is_sent =
                file.bytes.is_empty() || bytes.windows(file.bytes.len()).any(|part| part == file.bytes);
            assert!(is_sent, "a file is what was sent, byte by byte");
            let _ = Kind::of(&file.bytes);
        }
    }
    if Kind::of(bytes) == Ok(Kind::Text) {
        assert!(std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0));
    }
});
