//! A list of staff as spreadsheets write it: CSV after <https://www.rfc-editor.org/rfc/rfc4180>, with commas or semicolons. Pure.
//!
//! The first line names the columns: `name`, `email` or `phone`, `role`, and perhaps `facility` and `practitioner`. Nothing in a cell
//! is more than text: what a spreadsheet would take for a formula is kept as it stands, and [`cell`] writes it so that it stays text.

/// The longest list, bytes.
pub const LONGEST: usize = 256 << 10;

/// The most people on one list.
pub const MOST: usize = 200;

/// The longest cell, bytes.
const CELL: usize = 500;

/// One of the staff, as the list has them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// Full name.
    pub name: String,
    /// E-mail address or phone number.
    pub contact: String,
    /// A role's name.
    pub role: String,
    /// A facility's id or name; empty where there is one only.
    pub facility: String,
    /// The id of a Practitioner, or nothing.
    pub practitioner: String,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, sealed", self.line)
    }
}

/// What is wrong with a line. It holds nothing of what stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// What to mend.
    pub text: String,
}

fn fault(line: usize, text: impl Into<String>) -> Fault {
    Fault { line, text: text.into() }
}

type Cells = Vec<String>;

/// Which column is what.
struct Columns {
    count: usize,
    name: usize,
    contact: usize,
    role: usize,
    facility: Option<usize>,
    practitioner: Option<usize>,
}

/// Reads a list.
///
/// ```
/// use login::staff_list::parse;
/// let rows = parse("name,email,role\n\"Rao, Asha\",a@example.org,nurse\n").unwrap();
/// assert_eq!((rows[0].line, rows[0].name.as_str(), rows[0].contact.as_str()), (2, "Rao, Asha", "a@example.org"));
/// assert_eq!(parse("name,email,role\nAsha\n").unwrap_err()[0].line, 2);
/// ```
///
/// # Errors
/// Every line that will not do.
pub fn parse(text: &str) -> Result<Vec<Row>, Vec<Fault>> {
    if text.len() > LONGEST {
        return Err(vec![fault(1, "the list is too long; cut it in two")]);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let mark = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut records = records(text, mark).map_err(|fault| vec![fault])?.into_iter();
    let Some((_, header)) = records.next() else {
        return Err(vec![fault(1, "the list is empty; its first line names the columns")]);
    };
    let columns = columns(&header).map_err(|fault| vec![fault])?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (line, cells) in records {
        match row(line, &cells, &columns) {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    if rows.len() > MOST {
        faults
            .push(fault(rows[MOST].line, format!("there are more than {MOST} people; cut the list in two")));
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(fault(1, "nobody is on the list"));
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn columns(header: &Cells) -> Result<Columns, Fault> {
    let named = |names: &[&str]| -> Result<Option<usize>, Fault> {
        let mut found = header.iter().enumerate().filter(|(_, cell)| {
            let cell = cell.trim().to_lowercase();
            names.contains(&cell.as_str())
        });
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(Some(at)),
            (None, _) => Ok(None),
            _ => Err(fault(1, format!("the column `{}` is there twice", names[0]))),
        }
    };
    let needed = |names: &[&str]| {
        named(names)?.ok_or_else(|| fault(1, format!("there is no column `{}`", names.join("` or `"))))
    };
    let columns = Columns {
        count: header.len(),
        name: needed(&["name"])?,
        contact: needed(&["email", "phone", "e-mail", "contact"])?,
        role: needed(&["role"])?,
        facility: named(&["facility"])?,
        practitioner: named(&["practitioner"])?,
    };
    let known = 3 + usize::from(columns.facility.is_some()) + usize::from(columns.practitioner.is_some());
    match columns.count == known {
        true => Ok(columns),
        false => Err(fault(
            1,
            "the columns are name, email or phone, role, facility and practitioner, and no others",
        )),
    }
}

fn row(line: usize, cells: &Cells, columns: &Columns) -> Result<Row, Fault> {
    if cells.len() != columns.count {
        return Err(fault(line, format!("there are {} cells in place of {}", cells.len(), columns.count)));
    }
    if cells.iter().any(|cell| cell.len() > CELL || cell.chars().any(char::is_control)) {
        return Err(fault(
            line,
            "a cell is too long, or has a line break or another control character in it",
        ));
    }
    let at = |column: Option<usize>| {
        column.and_then(|at| cells.get(at)).map(|cell| cell.trim().to_owned()).unwrap_or_default()
    };
    Ok(Row {
        line,
        name: at(Some(columns.name)),
        contact: at(Some(columns.contact)),
        role: at(Some(columns.role)),
        facility: at(columns.facility),
        practitioner: at(columns.practitioner),
    })
}

/// The records with the lines that they begin on. Empty lines are passed over.
fn records(text: &str, mark: char) -> Result<Vec<(usize, Cells)>, Fault> {
    let (mut all, mut cells, mut cell) = (Vec::new(), Cells::new(), String::new());
    let (mut line, mut begun) = (1, 1);
    let (mut quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => (quoted, was_quoted) = (false, true),
            c if quoted => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
            '"' if cell.is_empty() && !was_quoted => quoted = true,
            '"' => {
                return Err(fault(
                    line,
                    "a quotation mark stands where none may; put the whole cell in quotation marks and double those in it",
                ));
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                end(&mut all, begun, &mut cells, &mut cell, was_quoted);
                line += 1;
                (begun, was_quoted) = (line, false);
            }
            c if c == mark => {
                cells.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            _ if was_quoted => return Err(fault(line, "something stands behind a closing quotation mark")),
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(fault(begun, "a quotation mark is not closed"));
    }
    end(&mut all, begun, &mut cells, &mut cell, was_quoted);
    Ok(all)
}

fn end(all: &mut Vec<(usize, Cells)>, begun: usize, cells: &mut Cells, cell: &mut String, was_quoted: bool) {
    if cells.is_empty() && cell.trim().is_empty() && !was_quoted {
        cell.clear();
        return;
    }
    cells.push(std::mem::take(cell));
    all.push((begun, std::mem::take(cells)));
}

/// A cell as it is written: always in quotation marks, and with an apostrophe before what a spreadsheet would take for a formula.
///
/// ```
/// assert_eq!(login::staff_list::cell("=1+1"), "\"'=1+1\"");
/// assert_eq!(login::staff_list::cell("a \"b\""), "\"a \"\"b\"\"\"");
/// ```
pub fn cell(text: &str) -> String {
    let is_formula =
        text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r', '\n']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        parse(text).unwrap_err().into_iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn a8_a_list_is_read_as_spreadsheets_write_it() {
        let text = "\u{feff}Role;Name;Phone;Practitioner;Facility\r\nnurse;\"Das; Nila \"\"N\"\"\";+919876543210;p1;KF 12345-67890\r\n\r\nphysician;=HYPERLINK(1);a@example.org;;\r\n";
        let rows = parse(text).unwrap();
        assert_eq!((rows.len(), rows[0].line, rows[1].line), (2, 2, 4));
        assert_eq!((rows[0].name.as_str(), rows[0].contact.as_str()), ("Das; Nila \"N\"", "+919876543210"));
        assert_eq!((rows[0].practitioner.as_str(), rows[0].facility.as_str()), ("p1", "KF 12345-67890"));
        assert_eq!(rows[1].name, "=HYPERLINK(1)", "a formula is text");
        assert!(!format!("{rows:?}").contains("Das"));
    }

    #[test]
    fn every_line_that_will_not_do_is_named() {
        let head = "name,email,role\n";
        assert_eq!(lines(&format!("{head}a,b\nc,d,e\nf,g,h,i\n")), [2, 4]);
        assert_eq!(lines(&format!("{head}\"a\nb\",c,d\ne\n")), [2, 4], "a cell over two lines is one");
        assert_eq!(lines(&format!("{head}a,b,c\n\"d,e,f\n")), [3]);
        assert_eq!(lines(&format!("{head}a\"b,c,d\n")), [2]);
        assert_eq!(lines(&format!("{head}\"a\"b,c,d\n")), [2]);
        assert_eq!(lines(&format!("{head}{},b,c\n", "a".repeat(501))), [2]);
        assert_eq!(lines(&format!("{head}{}", "a,b,c\n".repeat(201))), [202]);
        for bad in [
            "",
            "\n\n",
            head,
            "name,email\n",
            "name,name,email,role\n",
            "name,email,role,password\n",
            "name,email,phone,role\n",
        ] {
            assert_eq!(lines(bad), [1], "{bad}");
        }
        assert_eq!(lines(&" ".repeat(LONGEST + 1)), [1]);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again_and_no_text_breaks_the_reader(name in "[^\\p{C}]{1,40}", any in "(?s).{0,200}") {
            let _ = parse(&any);
            let written = format!("name,email,role\n{},x,y\n", cell(&name));
            let rows = parse(&written).unwrap();
            // An apostrophe keeps a formula from being one, also where spaces stand before it.
            let plain = |text: &str| text.trim().trim_start_matches('\'').trim().to_owned();
            proptest::prop_assert_eq!(plain(&rows[0].name), plain(&name));
        }
    }
}
