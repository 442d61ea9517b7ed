//! Reading tar archives, as far as archives of records need it: files with their names, in the forms of ustar, GNU and pax.
//!
//! Source: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html> and the GNU `tar` manual, "Standard Format".

use std::io::{self, BufRead, ErrorKind, Read};

const BLOCK: usize = 512;

/// The longest name or pax header that is read, bytes.
const LONGEST_HEADER: u64 = 64 << 10;

/// An archive that is read from its beginning to its end.
pub(super) struct Archive<R> {
    from: R,
    /// Bytes of the entry that its reader left, and the padding after it.
    left: u64,
    padding: u64,
}

/// A file in the archive; reads as its content.
pub(super) struct Entry<'a, R> {
    /// Its path.
    pub(super) name: String,
    archive: &'a mut Archive<R>,
}

impl<R: BufRead> Archive<R> {
    pub(super) fn new(from: R) -> Archive<R> {
        Archive { from, left: 0, padding: 0 }
    }

    /// The next regular file.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry<'_, R>>> {
        let mut long_name = None;
        loop {
            self.skip()?;
            let mut header = [0; BLOCK];
            match self.from.read_exact(&mut header) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
                other => other?,
            }
            if header.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            check_sum(&header)?;
            self.left = octal(&header[124..136])?;
            self.padding = self.left.next_multiple_of(BLOCK as u64) - self.left;
            match header[156] {
                b'L' => long_name = Some(text(&self.read_header()?)),
                b'x' => long_name = pax_path(&self.read_header()?).or(long_name),
                b'0' | 0 => {
                    let name = long_name.unwrap_or_else(|| name(&header));
                    return Ok(Some(Entry { name, archive: self }));
                }
                _ => long_name = None,
            }
        }
    }

    fn read_header(&mut self) -> io::Result<Vec<u8>> {
        if self.left > LONGEST_HEADER {
            return Err(damaged("a header is too long"));
        }
        let mut bytes = vec![0; self.left as usize];
        self.from.read_exact(&mut bytes)?;
        self.left = 0;
        Ok(bytes)
    }

    fn skip(&mut self) -> io::Result<()> {
        let rest = self.left + self.padding;
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut (&mut self.from).take(rest), &mut io::sink())?;
        if skipped < rest { Err(damaged("it ends too early")) } else { Ok(()) }
    }
}

impl<R: BufRead> Read for Entry<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Entry<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.archive.left;
        let buffer = if left == 0 { &[] } else { self.archive.from.fill_buf()? };
        if left > 0 && buffer.is_empty() {
            return Err(damaged("it ends too early"));
        }
        Ok(&buffer[..(left.min(buffer.len() as u64)) as usize])
    }

    fn consume(&mut self, count: usize) {
        self.archive.from.consume(count);
        self.archive.left -= count as u64;
    }
}

fn name(header: &[u8; BLOCK]) -> String {
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    let is_ustar = &header[257..263] == b"ustar\0";
    if is_ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn octal(field: &[u8]) -> io::Result<u64> {
    let digits = text(field);
    let digits = digits.trim_matches(' ');
    u64::from_str_radix(digits, 8).map_err(|_| damaged("a size is no number"))
}

/// `28 path=some/long/name\n`
fn pax_path(records: &[u8]) -> Option<String> {
    let records = std::str::from_utf8(records).ok()?;
    let path = records.lines().filter_map(|line| line.split_once(' ')?.1.strip_prefix("path=")).next_back();
    path.map(str::to_owned)
}

fn check_sum(header: &[u8; BLOCK]) -> io::Result<()> {
    let counted = |(at, byte): (usize, &u8)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte });
    let sum: u64 = header.iter().enumerate().map(counted).sum();
    if octal(&header[148..156])? == sum { Ok(()) } else { Err(damaged("a header's sum is wrong")) }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the archive is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(kind: u8, name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = [0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = kind;
        header[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut bytes = header.to_vec();
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    fn files(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut archive = Archive::new(bytes);
        let mut found = Vec::new();
        while let Some(mut entry) = archive.next()? {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            found.push((entry.name, content));
        }
        Ok(found)
    }

    #[test]
    fn files_come_with_their_names_however_long() {
        let bytes = [
            member(b'5', "folder/", b""),
            member(b'0', "folder/a.json", b"{}"),
            member(b'L', "././@LongLink", b"a/very/long/name.json\0"),
            member(b'0', "a/very/lo", &[b'1'; 700]),
            member(b'x', "PaxHeader", b"25 path=pax/name.ndjson\n20 mtime=123.456789\n"),
            member(b'0', "short", b"2"),
            vec![0; 2 * BLOCK],
        ]
        .concat();
        let found = files(&bytes).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["folder/a.json", "a/very/long/name.json", "pax/name.ndjson"]);
        assert_eq!((found[1].1.len(), &found[2].1[..]), (700, &b"2"[..]));
    }

    #[test]
    fn what_is_not_read_is_skipped() {
        let bytes = [member(b'0', "a", &[b'1'; 700]), member(b'0', "b", b"2")].concat();
        let mut archive = Archive::new(&bytes[..]);
        assert_eq!(archive.next().unwrap().unwrap().name, "a");
        assert_eq!(archive.next().unwrap().unwrap().name, "b");
        assert!(archive.next().unwrap().is_none());
    }

    #[test]
    fn a_damaged_archive_is_an_error() {
        let mut bytes = member(b'0', "a", &[b'1'; 700]);
        assert!(files(&bytes[..900]).is_err());
        bytes[0] = b'b';
        assert!(files(&bytes).is_err());
    }
}
