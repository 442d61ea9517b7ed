//! As much of [CBOR](https://www.rfc-editor.org/rfc/rfc8949) as WebAuthn uses: definite lengths, no tags, no fractions.

/// How deep values may stand in each other: an attestation statement has three levels.
const DEEPEST: u8 = 8;

/// One value. What nobody asks for is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Int(i64),
    Bytes(&'b [u8]),
    Text(&'b str),
    /// An array, a map, a constant.
    Other,
}

impl<'b> Value<'b> {
    pub(super) fn bytes(self) -> Option<&'b [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn int(self) -> Option<i64> {
        if let Value::Int(int) = self { Some(int) } else { None }
    }
}

/// The value of a text key in a map; the map must be whole, and nothing may follow it.
pub(super) fn field<'b>(bytes: &'b [u8], name: &str) -> Option<Value<'b>> {
    let (pairs, rest) = map(bytes)?;
    if !rest.is_empty() {
        return None;
    }
    pairs.into_iter().find(|(key, _)| *key == Value::Text(name)).map(|(_, value)| value)
}

type Pairs<'b> = Vec<(Value<'b>, Value<'b>)>;

/// The pairs of a map, and what follows it. The same key twice is no map.
pub(super) fn map(bytes: &[u8]) -> Option<(Pairs<'_>, &[u8])> {
    let (5, count, mut rest) = head(bytes)? else { return None };
    let mut pairs: Pairs<'_> = Vec::new();
    for _ in 0..count {
        let (key, after) = value(rest, 0)?;
        let (value, after) = value(after, 0)?;
        if key == Value::Other || pairs.iter().any(|(known, _)| *known == key) {
            return None;
        }
        pairs.push((key, value));
        rest = after;
    }
    Some((pairs, rest))
}

fn value(bytes: &[u8], depth: u8) -> Option<(Value<'_>, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (kind, argument, rest) = head(bytes)?;
    let length = usize::try_from(argument).ok();
    match kind {
        0 => Some((Value::Int(i64::try_from(argument).ok()?), rest)),
        1 => Some((Value::Int(-1 - i64::try_from(argument).ok()?), rest)),
        2 => rest.split_at_checked(length?).map(|(bytes, rest)| (Value::Bytes(bytes), rest)),
        3 => {
            let (text, rest) = rest.split_at_checked(length?)?;
            Some((Value::Text(std::str::from_utf8(text).ok()?), rest))
        }
        4 | 5 => {
            let count = if kind == 5 { argument.checked_mul(2)? } else { argument };
            let mut rest = rest;
            // Each value has a byte at least, so a count that lies ends with the bytes.
            for _ in 0..count {
                rest = value(rest, depth + 1)?.1;
            }
            Some((Value::Other, rest))
        }
        // False, true, null.
        7 if (20..=22).contains(&argument) => Some((Value::Other, rest)),
        _ => None,
    }
}

/// The kind of a value, its argument, and what follows.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (kind, small) = (first >> 5, first & 31);
    let width = match small {
        0..=23 => return Some((kind, u64::from(small), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (argument, rest) = rest.split_at_checked(width)?;
    Some((kind, argument.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_long_deep_or_double_is_no_map() {
        let good = b"\xa2\x01\x20\x61a\x82\x41x\xf5";
        let (pairs, rest) = map(good).unwrap();
        assert_eq!(pairs[0], (Value::Int(1), Value::Int(-1)));
        assert_eq!((pairs[1], rest), ((Value::Text("a"), Value::Other), &b""[..]));
        assert_eq!(field(b"\xa1\x61a\x42xy", "a"), Some(Value::Bytes(b"xy")));
        for cut in 0..good.len() {
            assert_eq!(map(&good[..cut]), None, "{cut}");
        }
        let deep = [b"\xa1\x01".to_vec(), vec![0x81; 1_000], vec![1]].concat();
        for bad in [&b"\xa2\x01\x01\x01\x01"[..], b"\xbf\xff", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", &deep]
        {
            assert_eq!(map(bad), None);
        }
        assert_eq!(field(b"\xa1\x61a\x00\x00", "a"), None, "something follows");
        assert_eq!(map(b"\xa1\x01\xfb\0\0\0\0\0\0\0\0"), None, "a fraction");
    }
}
