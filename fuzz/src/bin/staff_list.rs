//! A list of staff given to an administrator's page or to `keepwell invite`: whatever it is, it is rows within bounds or faults that
//! name lines, and rows that are written are read again.
#![no_main]

use login::staff_list::{LONGEST, MOST, cell, parse};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let last = text.split('\n').count() + 1;
    match parse(text) {
        Err(faults) => {
            assert!(!faults.is_empty() && faults.iter().all(|fault| (1..=last).contains(&fault.line)));
        }
        Ok(rows) => {
            assert!(text.len() <= LONGEST && (1..=MOST).contains(&rows.len()));
            let mut again = String::from("name,email,role\n");
            for row in &rows {
                again.push_str(&format!("{},{},{}\n", cell(&row.name), cell(&row.contact), cell(&row.role)));
            }
            if again.len() <= LONGEST {
                match parse(&again) {
                    Ok(read) => assert_eq!(read.len(), rows.len()),
                    // An apostrophe makes a cell longer, and one of them may be as long as a cell can be.
                    Err(_) => assert!(
                        rows.iter()
                            .any(|row| row.name.len().max(row.contact.len()).max(row.role.len()) >= 500)
                    ),
                }
            }
        }
    }
});
