//! Page cursors behind their seal: what is read is written the same, byte for byte.
#![no_main]

use record::cursor::Cursor;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.render(), text);
    }
});
