//! The programs that print the table.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{Contender, Row, hand, kay, report, table};

const USAGE: &str = "usage: [--json] [ROW..]

Measures kay, loops written by hand, and whom else this program knows, and prints a table. Of rows
with names that contain a ROW only, if any is given. With --json: an object a line for each
contender, row and number of threads.";

/// Measures hand-written loops, kay and `peers`, as the arguments of this program say, and prints
/// the table.
pub fn run(peers: &[Contender]) -> ExitCode {
    let mut contenders = vec![hand::PLAIN, hand::POOLED, kay::CONTENDER];
    contenders.extend_from_slice(peers);
    // Cargo says that this is a benchmark, which is no news.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [first, name] = &arguments[..]
        && first == table::RESIDENT
    {
        let named = contenders.iter().find(|contender| contender.name == name);
        table::print_resident(named.expect("this program has started itself for it"));
        return ExitCode::SUCCESS;
    }
    match rows(&arguments) {
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
        Ok((rows, json)) => match print(&rows, json, &contenders) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: the table could not be printed: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

/// The rows that are meant, and whether JSON is; or what is wrong.
fn rows(arguments: &[String]) -> Result<(Vec<Row>, bool), String> {
    let mut json = false;
    let mut rows = Vec::new();
    for argument in arguments {
        if argument == "--json" {
            json = true;
            continue;
        }
        let named = Row::ALL.iter().filter(|row| row.name().contains(argument));
        let before = rows.len();
        rows.extend(named);
        if argument.starts_with('-') || rows.len() == before {
            let names = Row::ALL.map(Row::name).join(", ");
            return Err(format!(
                "{USAGE}\n\n\"{argument}\" is in no row's name. The rows: {names}"
            ));
        }
    }
    let wanted = |row: &Row| rows.is_empty() || rows.contains(row);
    Ok((Row::ALL.into_iter().filter(wanted).collect(), json))
}

fn print(rows: &[Row], json: bool, contenders: &[Contender]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut findings = Vec::new();
    if !json {
        write!(out, "{}", report::heading())?;
    }
    for &row in rows {
        let cells = table::measure(row, contenders);
        if json {
            for cell in &cells {
                writeln!(out, "{}", serde_json::to_string(cell)?)?;
            }
        } else {
            let (text, found) = report::row(row, &cells);
            write!(out, "{text}")?;
            findings.extend(found);
        }
        out.flush()?;
    }
    if !json && !findings.is_empty() {
        writeln!(out)?;
        for finding in findings {
            writeln!(out, "{finding}")?;
        }
    }
    Ok(())
}
