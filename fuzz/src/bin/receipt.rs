//! Receipts and stored trees: strict, so that what is read is written the same, byte for byte.
#![no_main]

use ledger::{note::Verdict, receipt::Receipt, tree::Tree};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipt) = Receipt::parse(bytes) {
        assert_eq!(receipt.render().as_bytes(), bytes);
        assert!(receipt.verify(&[0; 32], "log.example", &|_, _, _, _| Verdict::Unknown).is_err());
    }
    if let Ok(tree) = Tree::from_bytes(bytes) {
        assert_eq!(tree.to_bytes(), bytes);
        let _ = tree.root();
    }
});
