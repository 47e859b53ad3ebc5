//! kay beside loops written by hand: the rows of the speed table that need no peer.
//!
//! `cargo bench -p kay_bench` prints, for each row, the time for a message or an actor by hand and
//! with kay, and their ratio: medians of paired runs. Names of rows can be given as arguments.

use kay_bench::actors::{
    BreederId, Counter, CounterId, Driver, DriverId, GossipId, ProducerId, SmallId, StageId,
    WalkerId,
};
use kay_bench::by_hand::{Out, World};
use kay_bench::measure::{Medians, each, paired, resident_bytes};
use kay_bench::setup;
use kay_runtime::{ActorSystem, CVec, Settings};

const SHARDS: usize = 64;
const MILLION: usize = 1_000_000;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let print = |name: &str, row: &dyn Fn() -> Medians| {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            let Medians { hand, kay, ratio } = row();
            println!("{name:<44} {hand:>9.2} {kay:>9.2} {ratio:>8.2}");
        }
    };
    println!("{:<44} {:>9} {:>9} {:>8}", "", "by hand", "kay", "ratio");
    // First, while nothing that others have freed lies in memory.
    print("resident bytes per idle actor of 32 B", &resident);
    print("ping-pong, ring of 100 [ns/message]", &ping_pong);
    print("counting, one actor [ns/message]", &counting);
    for threads in [1, 2] {
        print(&named("unicast in address order, 1M", threads), &|| {
            unicast(threads)
        });
        print(&named("broadcast, 1M of 32 B", threads), &|| {
            broadcast(threads)
        });
        for count in [10_000, 100_000, MILLION, 10 * MILLION] {
            print(&named(&format!("random answer, {count}"), threads), &|| {
                random(threads, count)
            });
        }
        print(&named("spawn and drop, 1M of 32 B", threads), &|| {
            spawn_and_drop(threads)
        });
    }
}

fn named(what: &str, threads: usize) -> String {
    format!(
        "{what}, {threads} thread{} [ns]",
        if threads == 1 { "" } else { "s" }
    )
}

/// As many shards as suit so many actors, for the loop and for kay alike: few for few, since a
/// pair of shards without messages for each other costs as much as one with many.
fn shards_for(count: usize) -> usize {
    (count / 8192).next_power_of_two().clamp(4, 256)
}

fn system(threads: usize) -> ActorSystem {
    system_with(threads, SHARDS)
}

fn system_with(threads: usize, shards: usize) -> ActorSystem {
    ActorSystem::new(Settings::default().threads(threads).shards(shards), setup).expect("set up")
}

fn turns(system: &mut ActorSystem, turns: usize) {
    for _ in 0..turns {
        system.turn().expect("no handler panics");
    }
}

/// As many of `count` as belong to shard `shard`.
fn share(count: usize, shard: usize) -> usize {
    count / SHARDS + usize::from(shard < count % SHARDS)
}

/// One message in flight, through a ring of 100.
fn ping_pong() -> Medians {
    const HOPS: usize = 1_000_000;
    struct Stage {
        next: u32,
        seen: u64,
    }
    let mut ring: Vec<Stage> = (0..100)
        .map(|at| Stage {
            next: (at + 1) % 100,
            seen: 0,
        })
        .collect();
    let (mut now, mut next) = (vec![(0_u32, 0_u64)], Vec::new());
    let mut kay = system(1);
    let stages: Vec<_> = (0..100).map(|_| StageId::spawn(kay.world())).collect();
    for (at, stage) in stages.iter().enumerate() {
        stage.link(stages[(at + 1) % 100], kay.world());
    }
    stages[0].token(0, kay.world());
    turns(&mut kay, 10);
    paired(
        9,
        || {
            each(HOPS, || {
                for _ in 0..HOPS {
                    for (to, hops) in now.drain(..) {
                        let stage = &mut ring[to as usize];
                        stage.seen += hops;
                        next.push((stage.next, hops + 1));
                    }
                    std::mem::swap(&mut now, &mut next);
                }
            })
        },
        || each(HOPS, || turns(&mut kay, HOPS)),
    )
}

/// Ten million messages to one actor, a hundred thousand a turn.
fn counting() -> Medians {
    const EACH: usize = 100_000;
    const TURNS: usize = 100;
    let mut hand = World::new(vec![vec![0_u64], vec![0]]);
    let handle = |state: &mut u64, message: u64, shard: usize, _: u32, out: &mut Out<u64>| {
        if shard == 0 {
            *state += message;
        } else {
            for amount in 0..EACH as u64 {
                out.send(0, 0, amount);
            }
            out.send(1, 0, 0);
        }
    };
    hand.send(1, 0, 0);
    hand.publish();
    hand.run(1, 2, handle);
    let mut kay = system(1);
    let counter = CounterId::spawn(kay.world());
    let producer = ProducerId::spawn(counter, kay.world());
    producer.produce(EACH as u32, kay.world());
    turns(&mut kay, 3);
    let medians = paired(
        9,
        || each(EACH * TURNS, || hand.run(1, TURNS, handle)),
        || each(EACH * TURNS, || turns(&mut kay, TURNS)),
    );
    assert!(
        kay.get::<Counter>(counter)
            .is_some_and(|counter| counter.count > 0)
    );
    medians
}

/// A million actors of 16 bytes; 64 drivers send each a message, in the order of addresses.
fn unicast(threads: usize) -> Medians {
    const TURNS: usize = 10;
    let states = |shard| {
        let mut states = vec![[0_u64; 2]; share(MILLION, shard) + 1];
        states[0][1] = 1; // The driver.
        states
    };
    let counts: Vec<u32> = (0..SHARDS)
        .map(|shard| share(MILLION, shard) as u32)
        .collect();
    let handle = |state: &mut [u64; 2], message: u64, shard: usize, _: u32, out: &mut Out<u64>| {
        if state[1] == 0 {
            state[0] += message;
        } else {
            let target = (shard + 1) % SHARDS;
            for index in 1..=counts[target] {
                out.send(target, index, message);
            }
            out.send(shard, 0, message);
        }
    };
    let mut hand = World::new((0..SHARDS).map(states).collect());
    for shard in 0..SHARDS {
        hand.send(shard, 0, 1);
    }
    hand.publish();
    hand.run(threads, 3, handle);

    let mut kay = system(threads);
    let mut driven: Vec<Vec<SmallId>> = vec![Vec::new(); SHARDS];
    for _ in 0..MILLION {
        let id = SmallId::spawn(kay.world());
        driven[id.index() as usize % SHARDS].push(id);
    }
    for shard in 0..SHARDS {
        let list = &driven[(shard + 1) % SHARDS];
        let driver = DriverId::spawn(CVec::from(&list[..]), kay.world());
        assert_eq!(driver.index() as usize % SHARDS, shard);
        driver.drive(1, kay.world());
    }
    turns(&mut kay, 3);
    assert_eq!(kay.population::<Driver>(), SHARDS);
    paired(
        9,
        || each(MILLION * TURNS, || hand.run(threads, TURNS, handle)),
        || each(MILLION * TURNS, || turns(&mut kay, TURNS)),
    )
}

/// One message to a million instances of 32 bytes; by hand a loop over a `Vec`.
fn broadcast(threads: usize) -> Medians {
    const TURNS: usize = 20;
    #[derive(Clone)]
    struct Walker {
        _id: u64,
        position: f64,
        speed: f64,
        steps: u64,
    }
    let mut walkers = vec![
        Walker {
            _id: 7,
            position: 0.0,
            speed: 1.0,
            steps: 0
        };
        MILLION
    ];
    let step = |walkers: &mut [Walker], time: f64| {
        for walker in walkers {
            walker.position += walker.speed * time;
            walker.steps += 1;
        }
    };
    let mut kay = system(threads);
    for _ in 0..MILLION {
        WalkerId::spawn(kay.world());
    }
    turns(&mut kay, 2);
    paired(
        15,
        || {
            each(MILLION * TURNS, || {
                // Each thread has its half, and needs no barrier, since nobody depends on others.
                let half = walkers.len() / threads;
                std::thread::scope(|scope| {
                    for part in walkers.chunks_mut(half) {
                        let mut work = move || {
                            for turn in 0..TURNS {
                                step(part, std::hint::black_box(turn as f64));
                            }
                        };
                        if threads == 1 {
                            work();
                        } else {
                            scope.spawn(work);
                        }
                    }
                });
            })
        },
        || {
            each(MILLION * TURNS, || {
                for turn in 0..TURNS {
                    let all = WalkerId::local_broadcast(kay.world());
                    all.step(std::hint::black_box(turn as f64), kay.world());
                    turns(&mut kay, 1);
                }
            })
        },
    )
}

/// As many messages in flight as actors, each answered to one that is as good as random.
fn random(threads: usize, count: usize) -> Medians {
    let rounds = (5 * MILLION / count).clamp(2, 200);
    let shards = shards_for(count);
    struct State {
        id: u64,
        other: u64,
        heard: u64,
    }
    let address = |number: usize| (number % shards) as u64 | ((number / shards) as u64) << 32;
    let partner = |number: usize| (number * 7919 + 104_729 * (number % 31)) % count;
    let states = |shard: usize| {
        let numbers = (shard..count).step_by(shards);
        numbers
            .map(|n| State {
                id: address(n),
                other: address(partner(n)),
                heard: 0,
            })
            .collect()
    };
    let tell = |state: &mut State, about: u64, _: usize, _: u32, out: &mut Out<u64>| {
        state.heard += 1;
        let other = std::mem::replace(&mut state.other, about);
        out.send(
            (other & 0xffff_ffff) as usize,
            (other >> 32) as u32,
            state.id,
        );
    };
    let mut hand = World::new((0..shards).map(states).collect());
    for number in 0..count {
        let about = address(partner(number / 2));
        hand.send(number % shards, (number / shards) as u32, about);
    }
    hand.publish();
    hand.run(threads, 3, tell);

    let mut kay = system_with(threads, shards);
    let ids: Vec<GossipId> = (0..count).map(|_| GossipId::spawn(kay.world())).collect();
    for number in 0..count {
        ids[number].meet(ids[partner(number)], kay.world());
        ids[number].tell(ids[partner(number / 2)], kay.world());
    }
    turns(&mut kay, 4);
    assert_eq!(kay.population::<kay_bench::actors::Gossip>(), count);
    paired(
        9,
        || each(count * rounds, || hand.run(threads, rounds, tell)),
        || each(count * rounds, || turns(&mut kay, rounds)),
    )
}

/// A million actors of 32 bytes are made by messages, and ended by messages, in kept memory.
fn spawn_and_drop(threads: usize) -> Medians {
    const ROUNDS: usize = 3;
    #[derive(Clone, Copy)]
    enum Order {
        Breed,
        Cull,
        Spawn([u64; 3]),
        End,
    }
    struct Place {
        walkers: Vec<[u64; 4]>,
        breeder: bool,
    }
    // By hand, a shard is one entry that holds the walkers of the shard.
    let handle =
        |state: &mut Place, order: Order, shard: usize, _: u32, out: &mut Out<Order>| match order {
            Order::Breed | Order::Cull => {
                assert!(state.breeder);
                for number in 0..share(MILLION, shard) {
                    let target = number % SHARDS;
                    match order {
                        Order::Breed => out.send(target, 0, Order::Spawn([number as u64, 1, 2])),
                        _ => out.send(target, 0, Order::End),
                    }
                }
            }
            Order::Spawn([a, b, c]) => state.walkers.push([a, b, c, 0]),
            Order::End => {
                state.walkers.pop();
            }
        };
    let shard = |_| {
        vec![Place {
            walkers: Vec::new(),
            breeder: true,
        }]
    };
    let mut hand: World<Place, Order> = World::new((0..SHARDS).map(shard).collect());
    let mut by_hand = move || {
        for order in [Order::Breed, Order::Cull] {
            for shard in 0..SHARDS {
                hand.send(shard, 0, order);
            }
            hand.publish();
            hand.run(threads, 2, handle);
        }
    };
    let mut kay = system(threads);
    let breeders: Vec<_> = (0..SHARDS).map(|_| BreederId::spawn(kay.world())).collect();
    let mut with_kay = move || {
        for (shard, breeder) in breeders.iter().enumerate() {
            breeder.breed(share(MILLION, shard) as u32, kay.world());
        }
        turns(&mut kay, 2);
        for breeder in &breeders {
            breeder.cull(kay.world());
        }
        turns(&mut kay, 2);
    };
    by_hand();
    with_kay();
    paired(
        9,
        || each(MILLION * ROUNDS, || (0..ROUNDS).for_each(|_| by_hand())),
        || each(MILLION * ROUNDS, || (0..ROUNDS).for_each(|_| with_kay())),
    )
}

/// Bytes, not nanoseconds: by hand a `Vec` of states and one of 8-byte slots.
fn resident() -> Medians {
    let resident = || resident_bytes().expect("/proc tells what is resident") as f64;
    let before = resident();
    let states = std::hint::black_box(vec![[1_u64; 4]; MILLION]);
    let slots = std::hint::black_box(vec![[1_u32; 2]; MILLION]);
    let hand = (resident() - before) / MILLION as f64;
    let before = resident();
    let mut kay = system(1);
    // In portions, so that what lies in memory is actors, not messages that made them.
    for _ in 0..1000 {
        for _ in 0..MILLION / 1000 {
            WalkerId::spawn(kay.world());
        }
        turns(&mut kay, 1);
    }
    let bytes = (resident() - before) / MILLION as f64;
    assert!(states.len() == slots.len() && kay.statistics().instances() == MILLION);
    Medians {
        hand,
        kay: bytes,
        ratio: bytes / hand,
    }
}
