//! Makes `data/common.txt` from the file `frequency_lists.py` of the Python package zxcvbn, as `data/README.md` tells.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool for whoever renews the list")]

use std::collections::BTreeSet;

/// The list may not weigh more.
const MOST_BYTES: usize = 200_000;

/// Shorter words are no reason to refuse a password that they are a part of.
const SHORTEST: usize = 4;

fn main() {
    let path = std::env::args().nth(1).expect("name the file frequency_lists.py");
    let text = std::fs::read_to_string(path).expect("the file is read");
    let start = text.split_once("\"passwords\": \"").expect("the list of passwords").1;
    let list = start.split_once('"').expect("the end of the list").0;
    // The most frequent ones come first.
    let (mut kept, mut bytes) = (BTreeSet::new(), 0);
    for word in list.split(',').map(str::to_lowercase).filter(|word| word.chars().count() >= SHORTEST) {
        if bytes + word.len() + 1 > MOST_BYTES {
            break;
        }
        let length = word.len() + 1;
        if kept.insert(word) {
            bytes += length;
        }
    }
    kept.iter().for_each(|word| println!("{word}"));
}
