//! Decimal digits with a check digit by Verhoeff's scheme, which catches every wrong digit and every swap of neighbours.
//!
//! Source: J. Verhoeff, *Error Detecting Decimal Codes*, 1969.

/// The scheme: the dihedral group of ten elements, and a permutation for each place.
pub struct Verhoeff;

const TIMES: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

const PLACE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

impl Verhoeff {
    fn sum(digits: &str, first: usize) -> u8 {
        digits.bytes().rev().enumerate().fold(0, |sum, (at, byte)| {
            let digit = usize::from(byte.wrapping_sub(b'0') % 10);
            TIMES[usize::from(sum)][usize::from(PLACE[(at + first) % 8][digit])]
        })
    }

    /// The digits with their check digit behind them.
    pub fn with_check(digits: &str) -> String {
        let check = INVERSE[usize::from(Verhoeff::sum(digits, 1))];
        format!("{digits}{check}")
    }

    /// Whether the last digit is the check digit of those before it.
    ///
    /// ```
    /// use login::identifier::Verhoeff;
    /// assert!(Verhoeff::holds("2363"));
    /// assert!(!Verhoeff::holds("2364"));
    /// ```
    pub fn holds(digits: &str) -> bool {
        digits.len() > 1 && digits.bytes().all(|b| b.is_ascii_digit()) && Verhoeff::sum(digits, 0) == 0
    }
}

/// The digits of a text that holds nothing else but spaces and dashes; `None` unless there are as many as asked for.
pub(super) fn only(text: &str, count: usize) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    (rest && digits.len() == count).then_some(digits)
}

/// `count` decimal digits out of random bytes, the first of them no zero. 128 bits over at most 16 digits leave no bias
/// that could be seen.
pub(super) fn random(bytes: [u8; 16], count: u32) -> String {
    let lowest = 10_u128.pow(count - 1);
    (lowest + u128::from_be_bytes(bytes) % (9 * lowest)).to_string()
}
