//! The table as text.

use std::fmt::Write;

use super::table::{Cell, baseline};
use super::{Kind, Row};

/// How much slower than the best entity component system kay may be where there are no messages.
const ITERATION: f64 = 1.1;

/// How much of the speed-up of the hand-written loop kay must have.
const SPEED_UP: f64 = 0.9;

/// The heading of the table.
pub fn heading() -> String {
    format!(
        "{:<22} | {:^26} | {:^26} | {:>7}\n{:<22} | {:>9} {:>8} {:>7} | {:>9} {:>8} {:>7} | {:>7}\n{}\n",
        "",
        "1 thread",
        "2 threads",
        "2 thr.",
        "",
        "",
        "/loop",
        "/kay",
        "",
        "/loop",
        "/kay",
        "/1 thr.",
        "-".repeat(88),
    )
}

/// The lines of a row, from what was measured in it, and what there is to say about it in the
/// end: aims that kay misses, peers that are ahead.
pub fn row(row: Row, cells: &[Cell]) -> (String, Vec<String>) {
    let mut names: Vec<&str> = Vec::new();
    for cell in cells {
        if !names.contains(&cell.contender) {
            names.push(cell.contender);
        }
    }
    let find = |name: &str, threads: usize| {
        let found = |cell: &&Cell| cell.contender == name && cell.threads == threads;
        cells.iter().find(found)
    };
    let kay = [1, 2].map(|threads| {
        cells
            .iter()
            .find(|cell| cell.kind == Kind::Kay && cell.threads == threads)
    });
    let speed_up = |name: &str| Some(find(name, 1)?.value / find(name, 2)?.value);

    let mut text = format!("{}, {}\n", row.name(), row.unit());
    let mut findings = Vec::new();
    for name in names {
        let own = [1, 2].map(|threads| find(name, threads));
        let Some(kind) = own.iter().flatten().map(|cell| cell.kind).next() else {
            continue;
        };
        let mut line = format!("  {name:<20}");
        for (own, kay) in own.iter().zip(kay) {
            let peer = matches!(kind, Kind::Framework | Kind::Ecs);
            let to_kay = own
                .zip(kay.filter(|_| peer))
                .map(|(o, k)| o.ratio / k.ratio);
            let _ = write!(
                line,
                " | {:>9} {:>8} {:>7}",
                number(own.map(|own| own.value)),
                number(own.map(|own| own.ratio)),
                number(to_kay),
            );
        }
        let _ = write!(line, " | {:>7}", number(speed_up(name)));
        let remarks = match kind {
            Kind::Hand if name == baseline(row).name => vec!["the loop".to_owned()],
            Kind::Hand => Vec::new(),
            Kind::Kay => {
                let loops = speed_up(baseline(row).name).filter(|_| row.scales());
                about_kay(row, own, speed_up(name).zip(loops), &mut findings)
            }
            Kind::Framework | Kind::Ecs => about_peer(row, name, own, kay, &mut findings),
        };
        let _ = writeln!(text, "{line}   {}", remarks.join("; "));
    }
    (text, findings)
}

/// Three digits that count.
fn number(number: Option<f64>) -> String {
    match number {
        None => "-".to_owned(),
        Some(number) if number < 10.0 => format!("{number:.2}"),
        Some(number) if number < 100.0 => format!("{number:.1}"),
        Some(number) => format!("{number:.0}"),
    }
}

fn about_kay(
    row: Row,
    own: [Option<&Cell>; 2],
    speed_ups: Option<(f64, f64)>,
    findings: &mut Vec<String>,
) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(aim) = row.aim() {
        let worst = own.iter().flatten().map(|cell| cell.ratio);
        let worst = worst.fold(0.0, f64::max);
        let reached = worst <= aim;
        let verdict = if reached { "reached" } else { "MISSED" };
        remarks.push(format!("aim {aim}: {verdict}"));
        if !reached {
            findings.push(format!("{}: {worst:.2}, aim {aim}: MISSED", row.name()));
        }
    }
    if let Some((own, loops)) = speed_ups {
        let reached = own >= loops * SPEED_UP;
        let verdict = if reached { "reached" } else { "MISSED" };
        remarks.push(format!("the loop's speed-up {loops:.2}: {verdict}"));
        if !reached {
            findings.push(format!(
                "{}: speed-up {own:.2}, the loop's {loops:.2}: MISSED",
                row.name()
            ));
        }
    }
    remarks
}

fn about_peer(
    row: Row,
    name: &str,
    own: [Option<&Cell>; 2],
    kay: [Option<&Cell>; 2],
    findings: &mut Vec<String>,
) -> Vec<String> {
    let mut remarks = Vec::new();
    for (own, kay) in own.iter().zip(kay) {
        let (Some(own), Some(kay)) = (own, kay) else {
            continue;
        };
        let ahead = kay.ratio / own.ratio;
        // Where there are no messages, an entity component system is all that one can be.
        let iteration = row == Row::Broadcast && own.kind == Kind::Ecs;
        if ahead > 1.0 && !(iteration && ahead <= ITERATION) {
            let threads = own.threads;
            remarks.push(format!("AHEAD OF KAY on {threads}"));
            findings.push(format!(
                "{}: {name} AHEAD OF KAY, {ahead:.2} times as fast, threads: {threads}",
                row.name()
            ));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(contender: &'static str, kind: Kind, threads: usize, value: f64, ratio: f64) -> Cell {
        Cell {
            row: "broadcast".to_owned(),
            unit: "ns an instance",
            contender,
            kind,
            threads,
            value,
            ratio,
            pairs: 3,
        }
    }

    #[test]
    fn what_is_missed_and_who_is_ahead_is_said() {
        let name = baseline(Row::Broadcast).name;
        let cells = [
            cell(name, Kind::Hand, 1, 1.0, 1.0),
            cell("kay", Kind::Kay, 1, 1.05, 1.05),
            cell("swift", Kind::Framework, 1, 1.0, 1.0),
            cell("close", Kind::Ecs, 1, 1.0, 1.0),
            cell("far", Kind::Ecs, 1, 0.9, 0.9),
            cell(name, Kind::Hand, 2, 0.5, 1.0),
            cell("kay", Kind::Kay, 2, 0.7, 1.4),
            cell("swift", Kind::Framework, 2, 1.0, 2.0),
        ];
        let (text, findings) = row(Row::Broadcast, &cells);
        assert_eq!(
            findings,
            [
                "broadcast: 1.40, aim 1.1: MISSED",
                "broadcast: speed-up 1.50, the loop's 2.00: MISSED",
                "broadcast: swift AHEAD OF KAY, 1.05 times as fast, threads: 1",
                "broadcast: far AHEAD OF KAY, 1.17 times as fast, threads: 1",
            ]
        );
        let (_, reached) = row(Row::Broadcast, &cells[..2]);
        assert!(reached.is_empty(), "{reached:?}");
        assert_eq!(text.lines().count(), 1 + 5, "{text}");
    }
}
