//! What it costs to save a world, to load it, and to write down what comes from outside; beside copying,
//! writing and reading the same by hand.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use kay_bench::actors::town::{House, HouseId, Warehouse, WarehouseId};
use kay_bench::measure::median;
use kay_runtime::{ActorSystem, Settings, SyncPolicy};
use serde::{Deserialize, Serialize};

/// How many instances there are.
const HOUSES: usize = 1_000_000;
const RUNS: usize = 7;
const SHARDS: usize = 64;

fn settings(threads: usize) -> Settings {
    Settings::default()
        .threads(threads)
        .shards(SHARDS)
        .sync(SyncPolicy::Never)
}

fn open(directory: &Path, threads: usize) -> ActorSystem {
    ActorSystem::open(directory, settings(threads), kay_bench::setup)
        .unwrap()
        .0
}

fn build(system: &mut ActorSystem) -> Vec<HouseId> {
    let mut last = None;
    let ids = (0..HOUSES as u64).map(|number| {
        let id = HouseId::build(number, last, system.world());
        last = Some(id);
        id
    });
    let ids = ids.collect();
    system.turn().unwrap();
    ids
}

/// The pause and the time of a snapshot, and how much is written for it, when that happens before each.
fn snapshots(
    system: &mut ActorSystem,
    mut change: impl FnMut(&mut ActorSystem),
) -> (f64, f64, u64) {
    let (mut pauses, mut totals, mut bytes) = (Vec::new(), Vec::new(), 0);
    // The first two are those that others build on.
    for _ in 0..RUNS + 2 {
        change(system);
        system.turn().unwrap();
        system.snapshot().unwrap();
        let saved = system.wait_for_snapshot().unwrap().unwrap();
        pauses.push(saved.pause.as_secs_f64() * 1e3);
        totals.push(saved.time.as_secs_f64() * 1e3);
        bytes = saved.bytes;
    }
    let median = |times: Vec<f64>| median(times.into_iter().skip(2));
    (median(pauses), median(totals), bytes)
}

/// What it takes to load a world: until the first turn has run, in which an instance hears something, and until all of
/// it has been checked.
fn loads(directory: &Path, threads: usize, mut say: impl FnMut(&mut ActorSystem)) -> (f64, f64) {
    let mut all = Vec::new();
    let first = repeated(|| {
        let start = Instant::now();
        let mut system = open(directory, threads);
        say(&mut system);
        system.turn().unwrap();
        let time = milliseconds(start);
        system.verify().unwrap();
        all.push(milliseconds(start));
        // Else each one would run again what those before have said.
        system.snapshot().unwrap();
        system.close().unwrap();
        time
    });
    (first, median(all.into_iter().skip(1)))
}

/// The same for as many instances that are much larger.
fn load_large(directory: &Path, threads: usize) {
    let mut system = open(directory, threads);
    for number in 0..HOUSES as u64 {
        WarehouseId::build(number, system.world());
    }
    system.turn().unwrap();
    let (id, _) = system.instances::<Warehouse>().next().unwrap();
    let one = WarehouseId::from(id);
    system.snapshot().unwrap();
    let bytes = system.wait_for_snapshot().unwrap().unwrap().bytes;
    system.close().unwrap();
    let (first, all) = loads(directory, threads, |system| one.fill(1, system.world()));
    let size = size_of::<Warehouse>();
    println!(
        "load   {first:8.1} ms to the first turn, {all:8.1} ms until all is checked, \
         of {HOUSES} instances of {size} bytes, {bytes} in a file"
    );
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Takes it once before, so that memory is there; the median of the times after that.
fn repeated(mut work: impl FnMut() -> f64) -> f64 {
    work();
    median((0..RUNS).map(|_| work()))
}

/// What a house is to those who serialise.
#[derive(Serialize, Deserialize)]
struct Serialised {
    id: u64,
    beside: Option<u64>,
    place: [f32; 4],
    stock: [u64; 3],
    heard: u64,
}

fn serialised() -> Vec<Serialised> {
    let house = |number: u64| Serialised {
        id: number << 16 | 1,
        beside: number.checked_sub(1).map(|before| before << 16 | 1),
        place: [number as f32, -(number as f32), 0.5, 1.0],
        stock: [number, number << 20, !number],
        heard: 0,
    };
    (0..HOUSES as u64).map(house).collect()
}

fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let directory = folder.path().join("town");
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(2);
    let mut system = open(&directory, threads);
    let ids = build(&mut system);
    system.snapshot().unwrap();
    let bytes = system.wait_for_snapshot().unwrap().unwrap().bytes as usize;
    let size = size_of::<House>();
    println!("{HOUSES} plain instances of {size} bytes, {bytes} in a file, {threads} threads");

    // What a copy and a write of as many bytes take.
    let (state, mut copy) = (vec![7_u8; bytes], vec![0_u8; bytes]);
    let memcpy = repeated(|| {
        let start = Instant::now();
        copy.copy_from_slice(black_box(&state));
        black_box(&mut copy);
        milliseconds(start)
    });
    let path = folder.path().join("plain");
    let write = repeated(|| {
        let start = Instant::now();
        let mut file = File::create(&path).unwrap();
        file.write_all(&state).unwrap();
        file.sync_all().unwrap();
        milliseconds(start)
    });

    let (pause, total, _) = snapshots(&mut system, |system| {
        let all = HouseId::local_broadcast(system.world());
        all.hear(1, system.world());
    });
    println!(
        "pause  {pause:8.1} ms, memcpy {memcpy:8.1} ms, ratio {:.2}",
        pause / memcpy
    );
    println!(
        "total  {total:8.1} ms, write  {write:8.1} ms, ratio {:.2}",
        total / write
    );
    // When something has changed in some of the shards only.
    for changed in [32, 8, 1, 0] {
        let shard = |id: &&HouseId| id.index() as usize % SHARDS;
        let some = ids.iter().filter(|id| shard(id) < changed);
        let some: Vec<HouseId> = some.copied().collect();
        let (pause, total, bytes) = snapshots(&mut system, |system| {
            some.iter().for_each(|id| id.hear(1, system.world()));
        });
        println!(
            "  {changed:2} of {SHARDS} shards changed: pause {pause:6.2} ms, total {total:6.1} ms, \
             {bytes:9} bytes written"
        );
    }
    system.close().unwrap();

    let (first, all) = loads(&directory, threads, |system| ids[0].hear(1, system.world()));
    // The same state, serialised: what others do before they can build anything of it.
    let encoded = rmp_serde::to_vec(&serialised()).unwrap();
    fs::write(&path, &encoded).unwrap();
    let decode = repeated(|| {
        let start = Instant::now();
        let read: Vec<Serialised> = rmp_serde::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(black_box(read).len(), HOUSES);
        milliseconds(start)
    });
    println!(
        "load   {first:8.1} ms to the first turn, {all:8.1} ms until all is checked, \
         rmp-serde {decode:8.1} ms, ratio {:.2}",
        all / decode
    );
    load_large(&folder.path().join("warehouses"), threads);

    // A turn with some inputs, with a journal and without.
    let mut with = open(&directory, threads);
    let mut without = ActorSystem::new(settings(threads), kay_bench::setup).unwrap();
    build(&mut without);
    let turn = |system: &mut ActorSystem, number: usize| {
        let start = Instant::now();
        for at in 0..1000 {
            ids[(number * 1000 + at) % HOUSES].hear(at as u64, system.world());
        }
        let all = HouseId::local_broadcast(system.world());
        all.hear(number as u64, system.world());
        system.turn().unwrap();
        milliseconds(start)
    };
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..200 {
        times[0].push(turn(&mut with, number));
        times[1].push(turn(&mut without, number));
    }
    let [with, without] = times.map(|times| median(times.into_iter()));
    println!(
        "turn with a journal {with:.3} ms, without {without:.3} ms, {:+.1} %",
        (with / without - 1.0) * 100.0
    );
    let _ = fs::remove_file(path);
}
