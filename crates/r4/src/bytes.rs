//! The letters of the definitions file: varint numbers, and texts that stand once in a table and are named by number.

use rustc_hash::FxHashMap;

use crate::format::Error;

/// Collects numbers and texts; [`Writer::finish`] puts the text table in front.
#[derive(Default)]
pub(crate) struct Writer {
    numbers: FxHashMap<Box<str>, u64>,
    texts: Vec<Box<str>>,
    body: Vec<u8>,
}

impl Writer {
    pub(crate) fn number(&mut self, number: u64) {
        varint(&mut self.body, number);
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.body.push(u8::from(flag));
    }

    pub(crate) fn text(&mut self, text: &str) {
        let next = self.texts.len() as u64;
        let at = match self.numbers.get(text) {
            Some(&at) => at,
            None => {
                self.numbers.insert(text.into(), next);
                self.texts.push(text.into());
                next
            }
        };
        self.number(at);
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Writer, &T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    /// An absent number is 0, a present one is itself plus one.
    pub(crate) fn maybe(&mut self, number: Option<u64>) {
        self.number(number.map_or(0, |n| n + 1));
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() * 2);
        varint(&mut out, self.texts.len() as u64);
        for text in &self.texts {
            varint(&mut out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&self.body);
        out
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads what [`Writer`] wrote; every step is checked, so that damaged bytes are an error and nothing else.
pub(crate) struct Reader<'a> {
    texts: Vec<&'a str>,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Result<Reader<'a>, Error> {
        let mut reader = Reader { texts: Vec::new(), rest: payload };
        let count = reader.count()?;
        let mut texts = Vec::with_capacity(count);
        for _ in 0..count {
            let length = reader.count()?;
            let (text, rest) = reader.rest.split_at_checked(length).ok_or(Error::Malformed)?;
            texts.push(std::str::from_utf8(text).map_err(|_| Error::Malformed)?);
            reader.rest = rest;
        }
        reader.texts = texts;
        Ok(reader)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Error::Malformed)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Error::Malformed)
    }

    pub(crate) fn small(&mut self) -> Result<u16, Error> {
        u16::try_from(self.number()?).map_err(|_| Error::Malformed)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Error> {
        Ok(self.number()? != 0)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        let at = self.number()? as usize;
        self.texts.get(at).copied().ok_or(Error::Malformed)
    }

    pub(crate) fn maybe(&mut self) -> Result<Option<u16>, Error> {
        match self.number()? {
            0 => Ok(None),
            n => u16::try_from(n - 1).map(Some).map_err(|_| Error::Malformed),
        }
    }

    pub(crate) fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let count = self.count()?;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// A count of things that take at least a byte each, so that no damaged count reserves more than the file.
    fn count(&mut self) -> Result<usize, Error> {
        let count = self.number()? as usize;
        if count > self.rest.len() { Err(Error::Malformed) } else { Ok(count) }
    }
}
