//! Snapshots that leave out what has not changed.

use std::collections::BTreeMap;

use super::base::MOST_WASTE;
use super::example::{Example, arc, key};
use super::{Backups, Entry, Key, SnapshotError};
use crate::persist::disk::Disk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

/// A world of some chunks, few of which change from one snapshot to the next.
struct World {
    rng: Rng,
    epoch: u64,
    /// In which epoch each has changed last.
    touched: BTreeMap<Key, u64>,
    now: Example,
    /// As it was at each turn from 1 on.
    history: Vec<BTreeMap<Key, (Vec<u8>, usize)>>,
    /// How much is written each time.
    written: Vec<u64>,
}

impl World {
    fn new(seed: u64) -> World {
        World {
            rng: Rng::new(seed),
            epoch: 1,
            touched: BTreeMap::new(),
            now: Example {
                turn: 0,
                meta: b"meta".to_vec(),
                chunks: BTreeMap::new(),
            },
            history: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Changes a chunk, or makes it new, or removes it.
    fn change(&mut self) {
        let rng = &mut self.rng;
        let key = key(1, rng.below(2) as u16, 0, rng.below(8) as u32);
        self.touched.insert(key, self.epoch);
        if rng.chance(0.2) {
            self.now.chunks.remove(&key);
            return;
        }
        let most = if rng.chance(0.2) { 5000 } else { 300 };
        let bytes: Vec<u8> = (0..rng.below(most)).map(|_| rng.bits() as u8).collect();
        let room = bytes.len() + rng.below(50) as usize;
        self.now.chunks.insert(key, (bytes, room));
    }

    fn commit(&mut self, backups: &mut Backups) -> Result<(), SnapshotError> {
        self.now.turn += 1;
        self.history.push(self.now.chunks.clone());
        let base = backups.base();
        let mut writer = backups.begin(self.now.header(), &self.now.meta)?;
        for (key, (bytes, room)) in &self.now.chunks {
            match &base {
                Some(base) if self.touched[key] <= base.epoch => {
                    writer.keep(base.chunk(*key).expect("it was there"));
                }
                _ => writer.chunk(*key, bytes, *room)?,
            }
        }
        writer.ends(self.epoch);
        self.epoch += 1;
        let written = writer.finish()?;
        self.written.push(written.bytes);
        backups.commit(written)?;
        Ok(())
    }

    /// Sees that the newest snapshot is as the world was then. Returns its turn, and how many were refused.
    fn check(&self, disk: &SimulatedDisk, story: &str) -> (u64, usize) {
        let (mut backups, mut opened) = Backups::open(arc(disk)).unwrap();
        let mut refused = 0;
        loop {
            let snapshot = opened.snapshot.unwrap();
            let turn = snapshot.header().turn;
            refused += opened.refused.len();
            if snapshot.chunks().all(|chunk| chunk.check().is_ok()) {
                let example = Example {
                    turn,
                    meta: self.now.meta.clone(),
                    chunks: self.history[turn as usize - 1].clone(),
                };
                example.compare(&snapshot, story);
                return (turn, refused);
            }
            refused += 1;
            backups.note_damaged(snapshot.name()).unwrap();
            (backups, opened) = Backups::open(arc(disk)).unwrap();
        }
    }
}

fn length(disk: &SimulatedDisk) -> usize {
    let names = disk.list().unwrap();
    let length = |name: &String| disk.read(name).unwrap().len();
    names.iter().map(length).sum()
}

#[test]
fn what_has_not_changed_is_in_earlier_files_and_two_snapshots_have_none_in_common() {
    let (mut from_the_one_before, mut short) = (0, 0);
    for seed in 0..40 {
        let disk = SimulatedDisk::default();
        let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
        let mut world = World::new(seed);
        (0..30).for_each(|_| world.change());
        for turn in 1..=40 {
            (0..world.rng.below(4)).for_each(|_| world.change());
            world.commit(&mut backups).unwrap();
            let story = format!("seed {seed}, turn {turn}");
            assert_eq!(world.check(&disk, &story), (turn, 0));
            if turn < 2 || !turn.is_multiple_of(7) {
                continue;
            }
            // Whatever happens to a file, one of two snapshots does not need it.
            for name in disk.list().unwrap() {
                let Some(number) = name.strip_prefix("snapshot-0") else {
                    continue;
                };
                let disk = disk.after_kill(0);
                disk.put(&name, &vec![0xA5; disk.read(&name).unwrap().len()]);
                let (found, refused) = world.check(&disk, &format!("{story} without {number}"));
                // The file may also be of the one before.
                assert!(
                    found == turn || found + 1 == turn && refused > 0,
                    "{story} without {number}: {found}, {refused} refused"
                );
                from_the_one_before += usize::from(found < turn);
            }
        }
        // The first ones are written whole; most of the others are not.
        let whole = world.written[1];
        short += world
            .written
            .iter()
            .filter(|&&bytes| bytes < whole / 2)
            .count();
    }
    assert!(short > 800, "{short}");
    assert!(from_the_one_before > 500, "{from_the_one_before}");
}

#[test]
fn files_do_not_become_more_and_more() {
    for seed in 0..20 {
        let disk = SimulatedDisk::default();
        let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
        let mut world = World::new(seed);
        (0..60).for_each(|_| world.change());
        for turn in 1..=300 {
            if turn % 3 == 0 {
                world.change();
            }
            world.commit(&mut backups).unwrap();
            let used: usize = world.now.chunks.values().map(|(_, room)| room).sum();
            // Each of both is given up when it takes more than so many times what it needs, and what the last
            // one has added comes on top.
            let most = 2 * (MOST_WASTE as usize + 1) * used + 60_000;
            assert!(length(&disk) < most, "seed {seed}, turn {turn}");
            let files = disk.list().unwrap().len();
            assert!(files <= 2 * 33, "seed {seed}, turn {turn}: {files}");
        }
        assert_eq!(world.check(&disk, "at the end"), (300, 0));
    }
}

#[test]
fn a_snapshot_without_a_file_that_it_needs_is_refused() {
    let disk = SimulatedDisk::default();
    let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
    let mut world = World::new(1);
    (0..30).for_each(|_| world.change());
    for _ in 0..3 {
        world.commit(&mut backups).unwrap();
    }
    let first = "snapshot-000000000001";
    let whole = disk.read(first).unwrap();
    disk.remove(first).unwrap();
    let refused = Backups::open(arc(&disk)).unwrap().1.refused;
    let text = refused[0].to_string();
    let names = ["snapshot-000000000003", first];
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
    assert_eq!(world.check(&disk, "removed"), (2, 1));
    disk.put(first, &whole[..whole.len() / 3]);
    assert_eq!(world.check(&disk, "cut short"), (2, 1));
    disk.put(first, &disk.read("snapshot-000000000002").unwrap());
    // Where chunks lie in the same places, they may even be the same.
    world.check(&disk.after_kill(0), "replaced");
    disk.put(first, &whole);
    assert_eq!(world.check(&disk, "brought back"), (3, 0));
}

#[test]
fn what_was_committed_outlasts_any_crash() {
    let live = |disk: &SimulatedDisk, seed| {
        let mut world = World::new(seed);
        (0..20).for_each(|_| world.change());
        let mut committed = 0;
        if let Ok((mut backups, _)) = Backups::open(arc(disk)) {
            while world.now.turn < 7 && world.commit(&mut backups).is_ok() {
                committed = world.now.turn;
                world.change();
            }
        }
        (world, committed)
    };
    let disk = SimulatedDisk::default();
    live(&disk, 0);
    let short = disk.operations();
    for crash_at in 0..=short {
        for seed in 0..8 {
            let disk = SimulatedDisk::default();
            disk.crash_at(crash_at);
            let (world, committed) = live(&disk, seed);
            let story = format!("crash at {crash_at}, seed {seed}");
            for after in [disk.after_crash(seed), disk.after_kill(seed)] {
                let (_, opened) = Backups::open(arc(&after)).unwrap();
                if opened.snapshot.is_none() {
                    assert_eq!(committed, 0, "{story}");
                    continue;
                }
                let (found, refused) = world.check(&after, &story);
                assert!(found >= committed && refused == 0, "{story}: {found}");
            }
        }
    }
}

#[test]
fn a_snapshot_with_chunks_in_its_own_file_or_a_later_one_makes_no_sense() {
    for file in [2, 3] {
        let disk = SimulatedDisk::default();
        let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
        let mut world = World::new(1);
        (0..30).for_each(|_| world.change());
        world.commit(&mut backups).unwrap();
        let mut writer = backups.begin(world.now.header(), b"meta").unwrap();
        writer.chunk(key(1, 0, 0, 0), b"one", 0).unwrap();
        writer.keep(Entry {
            key: key(1, 0, 0, 1),
            file,
            offset: 128,
            length: 3,
            room: 3,
            checksum: 0,
        });
        let written = writer.finish().unwrap();
        backups.commit(written).unwrap();
        disk.put("snapshot-000000000003", &[0; 200]);
        disk.remove("snapshot-root").unwrap();
        let (_, opened) = Backups::open(arc(&disk)).unwrap();
        assert_eq!(opened.snapshot.unwrap().name(), "snapshot-000000000001");
        let refused = opened.refused.last();
        let is_told = matches!(refused, Some(SnapshotError::Malformed { .. }));
        assert!(is_told, "{file}: {refused:?}");
    }
}
