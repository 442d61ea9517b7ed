//! Decimals: a number lies inside its own range, and keys sort as numbers do.
#![no_main]

use fhir::decimal::{approximate_keys, from_order_key, order_key, range, range_keys, value, value_key};

libfuzzer_sys::fuzz_target!(|pair: (&str, &str)| {
    let (one, other) = pair;
    if let Some(number) = value(one) {
        let (low, high) = range(one).expect("a number has a range");
        assert!(low <= number && number < high, "{one}");
        let (first, last) = range_keys(one).expect("and keys");
        assert!(first <= order_key(number) && order_key(number) <= last);
        let (wider_first, wider_last) = approximate_keys(one).expect("and an approximate range");
        assert!(wider_first <= first && last <= wider_last);
        assert_eq!(from_order_key(order_key(number)), number);
    } else {
        assert_eq!(range(one), None);
    }
    if let (Some(a), Some(b)) = (value(one), value(other)) {
        assert_eq!(a.partial_cmp(&b), Some(value_key(one).cmp(&value_key(other))));
    }
});
