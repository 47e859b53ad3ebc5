//! What is measured.

use std::time::{Duration, Instant};

use kay_bench::measure::median;
use kay_runtime::{ActorSystem, CVec, Registry, Settings};

use crate::node::{Node, Payload, Words, hand, hear, round_with_lists, spawn, tell};
use crate::plot::{Plot, Series};
use kay_curves::kinds::kinds;

/// Messages, or turns.
const MESSAGE: &str = "ns per message";

/// As many actors as all that do not ask how many there are.
const SOME: usize = 1 << 16;

/// Shards of all that do not ask how many there are.
const SHARDS: usize = 16;

/// The nanoseconds that an item takes: the median of several runs, which are long enough for the
/// clock.
fn nanoseconds(items: usize, mut portion: impl FnMut()) -> f64 {
    // Everything finds its place in the first ones.
    (0..2).for_each(|_| portion());
    let start = Instant::now();
    portion();
    let once = start.elapsed().max(Duration::from_nanos(100));
    let times = (Duration::from_millis(40).as_nanos() / once.as_nanos()).max(1) as usize;
    let run = |_| {
        let start = Instant::now();
        (0..times).for_each(|_| portion());
        start.elapsed().as_nanos() as f64 / (times * items) as f64
    };
    let runs: Vec<f64> = (0..5).map(run).collect();
    median(runs.into_iter())
}

fn system(threads: usize, shards: usize, setup: impl FnOnce(&mut Registry)) -> ActorSystem {
    let settings = Settings::default().threads(threads).shards(shards);
    ActorSystem::new(settings, setup).expect("set up")
}

fn turn(system: &mut ActorSystem) {
    system.turn().expect("no handler panics");
}

/// A message of kay's, where each of so many actors has one in flight for a random one.
fn with_kay<P: Payload>(
    threads: usize,
    count: usize,
    shards: usize,
    payload: impl Fn() -> P,
) -> f64 {
    let mut system = system(threads, shards, |registry| registry.register::<Node<P>>());
    let nodes = spawn::<P>(count, system.world());
    for number in 0..count {
        tell(&nodes, number, payload(), system.world());
    }
    let cost = nanoseconds(count, || turn(&mut system));
    assert_eq!(system.population::<Node<P>>(), count);
    cost
}

/// The same by hand.
fn by_hand<const N: usize>(threads: usize, count: usize, shards: usize) -> Option<f64> {
    let mut world = hand::<N>(count, shards);
    // Threads are started for each run: many turns in one, where turns are short.
    let turns = (1_000_000 / count).max(1);
    Some(nanoseconds(count * turns, || {
        world.run(threads, turns, hear)
    }))
}

const NAMES: [&str; 4] = [
    "kay, 1 thread",
    "kay, 2 threads",
    "by hand, 1 thread",
    "by hand, 2 threads",
];

/// A series for kay and one for the loop by hand, on one thread and on two, where there is one.
fn beside<T: Copy>(
    sizes: &[T],
    x: impl Fn(T) -> f64,
    kay: impl Fn(usize, T) -> f64,
    hand: impl Fn(usize, T) -> Option<f64>,
) -> Vec<Series> {
    let mut series = NAMES.map(|name| Series {
        name,
        points: Vec::new(),
    });
    // All of one size close together in time: what disturbs the machine disturbs all of them.
    for &size in sizes {
        for threads in [1, 2] {
            let mut add = |at: usize, cost: Option<f64>| {
                series[at].points.extend(cost.map(|cost| (x(size), cost)));
            };
            add(threads - 1, Some(kay(threads, size)));
            add(threads + 1, hand(threads, size));
        }
    }
    let mut series = Vec::from(series);
    series.retain(|series| !series.points.is_empty());
    series
}

/// As many shards as suit so many actors.
fn shards_for(count: usize) -> usize {
    (count / 8192).next_power_of_two().clamp(4, 256)
}

pub fn actors() -> Plot {
    let sizes = [
        1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
        5_000_000, 10_000_000,
    ];
    Plot {
        title: "A message, by the number of actors",
        x: "actors, each with a message in flight",
        y: MESSAGE,
        base: 10.0,
        series: beside(
            &sizes,
            |count| count as f64,
            |threads, count| with_kay(threads, count, shards_for(count), || Words([])),
            |threads, count| by_hand::<0>(threads, count, shards_for(count)),
        ),
    }
}

pub fn shards() -> Plot {
    let sizes: Vec<usize> = (0..=10).map(|bits| 1 << bits).collect();
    const COUNT: usize = 1_000_000;
    Plot {
        title: "A message, by the number of shards",
        x: "shards of a million actors",
        y: MESSAGE,
        base: 2.0,
        series: beside(
            &sizes,
            |shards| shards as f64,
            |threads, shards| with_kay(threads, COUNT, shards, || Words([])),
            |threads, shards| by_hand::<0>(threads, COUNT, shards),
        ),
    }
}

pub fn types() -> Plot {
    let all = kinds();
    let sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
    let cost = |threads, types: usize| {
        let mut system = system(threads, SHARDS, |registry| {
            all.iter().for_each(|one| one.register(registry));
        });
        for one in &all[..types] {
            one.start(SOME / types, system.world());
        }
        nanoseconds(SOME / types * types, || turn(&mut system))
    };
    let series = [1, 2].map(|threads| Series {
        name: NAMES[threads - 1],
        points: sizes
            .into_iter()
            .filter(|&types| types <= all.len())
            .map(|types| (types as f64, cost(threads, types)))
            .collect(),
    });
    Plot {
        title: "A message, by the number of actor types",
        x: "types that 65,536 actors are of, all with messages",
        y: MESSAGE,
        base: 10.0,
        series: series.into(),
    }
}

pub fn idle() -> Plot {
    type Busy = Words<0>;
    let all = kinds();
    let cost = |types: usize, actors: usize| {
        let mut system = system(1, SHARDS, |registry| {
            registry.register::<Node<Busy>>();
            all[..types].iter().for_each(|one| one.register(registry));
        });
        for one in &all[..types] {
            one.spawn(1, system.world());
        }
        spawn::<Busy>(actors, system.world());
        let nodes = spawn::<Busy>(100, system.world());
        tell(&nodes, 0, Words([]), system.world());
        nanoseconds(1, || turn(&mut system))
    };
    let decades = |most: usize| {
        let decades = std::iter::successors(Some(1), |&decade| Some(decade * 10));
        decades.take_while(move |&decade| decade <= most)
    };
    let types = decades(all.len()).map(|types| (types as f64, cost(types, 0)));
    let actors = decades(1_000_000).map(|actors| (actors as f64, cost(0, actors)));
    Plot {
        title: "A turn with one message, by what is idle",
        x: "idle actors, or idle types with an actor each",
        y: "ns per turn",
        base: 10.0,
        series: vec![
            Series {
                name: "idle actors",
                points: actors.collect(),
            },
            Series {
                name: "idle types",
                points: types.collect(),
            },
        ],
    }
}

pub fn size() -> Plot {
    let sizes: Vec<usize> = (4..=12).map(|bits| 1 << bits).collect();
    // 8 bytes of a message are an id.
    macro_rules! of_size {
        ($bytes:expr, |$n:ident| $cost:expr) => {
            of_size!(@ $bytes, $n, $cost; 16 32 64 128 256 512 1024 2048 4096)
        };
        (@ $bytes:expr, $n:ident, $cost:expr; $($size:literal)*) => {
            match $bytes {
                $($size => { const $n: usize = $size / 8 - 1; $cost })*
                other => unreachable!("{other} is no size of a message"),
            }
        };
    }
    const COUNT: usize = 1 << 14;
    Plot {
        title: "A message, by its size",
        x: "bytes of a message; 16,384 are in flight",
        y: MESSAGE,
        base: 2.0,
        series: beside(
            &sizes,
            |bytes| bytes as f64,
            |threads, bytes| {
                of_size!(bytes, |N| with_kay(threads, COUNT, SHARDS, || Words(
                    [7; N]
                )))
            },
            |threads, bytes| of_size!(bytes, |N| by_hand::<N>(threads, COUNT, SHARDS)),
        ),
    }
}

pub fn lists() -> Plot {
    let sizes = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    let series = beside(
        &sizes,
        // 0 has no place on a logarithmic axis.
        |elements| f64::from(elements).max(0.5),
        |threads, elements| {
            let list = || (0..elements).collect::<CVec<u32>>();
            with_kay(threads, SOME, SHARDS, list)
        },
        |threads, elements| match threads {
            1 => Some(nanoseconds(SOME, round_with_lists(SOME, elements))),
            _ => None,
        },
    );
    Plot {
        title: "A message with a list, by the length of the list",
        x: "elements of 4 bytes in the list",
        y: MESSAGE,
        base: 2.0,
        series,
    }
}
