//! Reading NDJSON some lines at a time, within bounds.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes after which no further line is taken.
const BYTES: usize = 4 << 20;

/// The longest line that is read, bytes.
const LONGEST_LINE: u64 = 256 << 20;

/// The next lines, `most` of them at most, without the white space at their ends; none at the end of the file.
///
/// # Errors
/// Where it cannot be read, or a line is absurdly long.
pub(crate) fn read(from: &mut dyn BufRead, most: usize) -> io::Result<Vec<Vec<u8>>> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while lines.len() < most && bytes < BYTES {
        let mut line = Vec::new();
        if Read::take(&mut *from, LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() as u64 >= LONGEST_LINE {
            let what = format!("a line is longer than {} MiB", LONGEST_LINE >> 20);
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        line.truncate(line.trim_ascii_end().len());
        bytes += line.len();
        lines.push(line);
    }
    Ok(lines)
}
