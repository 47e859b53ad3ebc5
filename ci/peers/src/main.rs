//! Measures everyone.

#![forbid(unsafe_code)]

use std::time::Instant;

use kay_bench::suite::{Row, Size};

fn main() {
    let rows = [
        Row::PingPong,
        Row::ThreadRing,
        Row::Counting,
        Row::ForkJoin,
        Row::Big,
        Row::Chameneos,
        Row::Bank,
        Row::AddressOrder,
        Row::Broadcast,
        Row::RandomAnswer(10_000),
        Row::RandomAnswer(100_000),
        Row::RandomAnswer(1_000_000),
        Row::SpawnAndDrop,
    ];
    for row in rows {
        for contender in kay_peers::contenders() {
            for threads in [1, 2] {
                let Some(mut work) = (contender.prepare)(row, Size::full(threads)) else {
                    continue;
                };
                (work.portion)();
                let start = Instant::now();
                (work.portion)();
                let each = start.elapsed().as_nanos() as f64 / work.items as f64;
                println!("{row:?} {} {threads}: {each:.1} ns", contender.name);
            }
        }
    }
}
