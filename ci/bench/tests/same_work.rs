//! Whoever is measured does all of the work: everyone comes to the same number.

use kay_bench::suite::{Contender, Row, Size, hand, kay};

/// Enough for an error in what a second portion begins with to show.
const PORTIONS: usize = 3;

fn number(contender: &Contender, row: Row, size: Size) -> Option<u64> {
    let mut prepared = (contender.prepare)(row, size)?;
    for _ in 0..PORTIONS {
        prepared.portion();
    }
    Some(prepared.number())
}

#[test]
fn everyone_does_the_same_work() {
    for row in Row::ALL {
        let one = Size {
            threads: 1,
            shrink: 1000,
        };
        let expected = row.number(one, PORTIONS);
        let expected = expected.or_else(|| number(&hand::PLAIN, row, one));
        assert!(expected > Some(0), "{row:?}");
        for threads in [1, 2] {
            let size = Size { threads, ..one };
            for contender in [hand::PLAIN, hand::POOLED, kay::CONTENDER] {
                let Some(number) = number(&contender, row, size) else {
                    // kay does everything.
                    assert_ne!(contender.name, kay::CONTENDER.name, "{row:?}");
                    continue;
                };
                let who = contender.name;
                assert_eq!(Some(number), expected, "{who}, {row:?}, threads: {threads}");
            }
        }
    }
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names = Row::ALL.map(Row::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Row::ALL.len());
}

#[test]
fn phold_has_about_as_many_events_as_time_is_divided_by() {
    let size = Size {
        threads: 1,
        shrink: 16,
    };
    let handled = number(&hand::PLAIN, Row::Phold, size).expect("it does every row") as f64;
    let expected = (Row::Phold.items(size) * PORTIONS) as f64;
    // The first event comes after 2 units of time on average, as all others do.
    assert!(
        (0.95..1.05).contains(&(handled / expected)),
        "{handled} of {expected}"
    );
}
