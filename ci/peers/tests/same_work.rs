//! Whoever is measured does all of the work: everyone comes to the same number.

use kay_bench::suite::{Contender, Row, Size, hand};

/// Enough for an error in what a second portion begins with to show.
const PORTIONS: usize = 3;

fn number(contender: &Contender, row: Row, size: Size) -> Option<u64> {
    let mut prepared = (contender.prepare)(row, size)?;
    for _ in 0..PORTIONS {
        prepared.portion();
    }
    Some(prepared.number())
}

/// All rows in one test, since Stakker does not move from one thread to another.
#[test]
fn everyone_does_the_same_work() {
    for row in Row::ALL {
        let one = Size {
            threads: 1,
            shrink: 1000,
        };
        let expected = row.number(one, PORTIONS);
        let expected = expected.or_else(|| number(&hand::PLAIN, row, one));
        for contender in kay_peers::contenders() {
            for threads in 1..=if contender.threaded { 2 } else { 1 } {
                let size = Size { threads, ..one };
                if let Some(number) = number(&contender, row, size) {
                    let who = contender.name;
                    assert_eq!(Some(number), expected, "{who}, {row:?}, threads: {threads}");
                }
            }
        }
    }
}
