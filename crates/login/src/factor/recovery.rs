//! Ten codes for the day on which the phone is lost. Each opens once.

use crate::kept::{hex, sha256};

/// How many there are.
pub const COUNT: usize = 10;

/// How many random bytes they are made of.
pub(crate) const BYTES: usize = COUNT * LETTERS;

const LETTERS: usize = 12;

/// No letter that looks like another: Crockford's alphabet.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten codes such as `7K2M-9XQA-T0VB` out of random bytes: 60 bits each.
pub(crate) fn make(random: &[u8; BYTES]) -> Vec<String> {
    let code = |bytes: &[u8]| {
        let letters: Vec<char> = bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    random.chunks(LETTERS).map(code).collect()
}

/// What is kept of a code. It has enough random bits that a plain hash is enough.
pub(crate) fn hash(account: &str, typed: &str) -> String {
    let read = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).map(read).collect();
    hex(&sha256(&[b"recovery", account.as_bytes(), code.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_write_them() {
        let mut random = [0; BYTES];
        random.iter_mut().enumerate().for_each(|(at, byte)| *byte = at as u8);
        let codes = make(&random);
        assert_eq!((codes.len(), codes[0].as_str()), (COUNT, "0123-4567-89AB"));
        assert_eq!(hash("a", "o12345 6789-ab"), hash("a", &codes[0]));
        assert_ne!(hash("b", &codes[0]), hash("a", &codes[0]));
        assert_ne!(hash("a", &codes[1]), hash("a", &codes[0]));
    }
}
