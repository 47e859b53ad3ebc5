//! Everyone does the same work, as far as its number tells.

use kay_bench::suite::{Contender, Row, Size};

/// Small enough for a moment, with all drivers at work.
const SHRINK: usize = 1000;

#[test]
fn all_have_the_same_numbers() {
    for row in Row::ALL {
        for threads in [1, 2] {
            let size = Size {
                threads,
                shrink: SHRINK,
            };
            for contender in kay_peers::contenders() {
                if threads == 1 || contender.threaded {
                    does(row, size, contender);
                }
            }
        }
    }
}

fn does(row: Row, size: Size, contender: Contender) {
    let Some(mut work) = (contender.prepare)(row, size) else {
        return;
    };
    for portions in 1..=3 {
        work.portion();
        if let Some(expected) = row.number(size, portions) {
            let (name, row, threads) = (contender.name, row.name(), size.threads);
            assert_eq!(
                work.number(),
                expected,
                "{name} in {row} on {threads} threads, after {portions} portions"
            );
        }
    }
}
