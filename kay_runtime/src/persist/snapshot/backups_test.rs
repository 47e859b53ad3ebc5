//! Which snapshots a directory has, when all goes well and when the disk refuses.

use std::sync::Arc;

use super::backups::Opened;
use super::example::{Example, arc, refusal};
use super::{Backups, SnapshotError};
use crate::persist::disk::Disk;
use crate::persist::real_disk::RealDisk;
use crate::persist::simulated::SimulatedDisk;

fn open(disk: &SimulatedDisk) -> (Backups, Opened) {
    Backups::open(arc(disk)).unwrap()
}

/// What is opened is as it was written; gives its turn.
fn turn(opened: &Opened) -> Option<u64> {
    let snapshot = opened.snapshot.as_ref()?;
    let turn = snapshot.header().turn;
    Example::small(turn).compare(snapshot, &format!("turn {turn}"));
    Some(turn)
}

/// A directory with snapshots of these turns, all of which were committed.
fn with(turns: &[u64]) -> (SimulatedDisk, Backups) {
    let disk = SimulatedDisk::default();
    let (mut backups, _) = open(&disk);
    for turn in turns {
        Example::small(*turn).commit(&mut backups).unwrap();
    }
    (disk, backups)
}

fn names(disk: &dyn Disk) -> Vec<String> {
    let shorten = |name: String| name.replace("snapshot-", "").replace("0000000000", "");
    disk.list().unwrap().into_iter().map(shorten).collect()
}

#[test]
fn a_directory_without_snapshots_is_new() {
    let disk = SimulatedDisk::default();
    disk.put("inputs", b"a journal, say");
    disk.put("snapshot-000000000001.new", b"interrupted");
    let (_, opened) = open(&disk);
    assert_eq!(turn(&opened), None);
    assert!(opened.refused.is_empty() && opened.root.is_none());
    assert_eq!(
        names(&disk),
        ["inputs", "01.new"],
        "to open changes nothing"
    );
}

#[test]
fn there_are_the_newest_and_the_one_before() {
    let disk = SimulatedDisk::default();
    let (mut backups, _) = open(&disk);
    let left = [
        &["01", "root"][..],
        &["01", "02", "root"],
        &["02", "03", "root"],
        &["03", "04", "root"],
    ];
    for (turn_now, left) in (10..).zip(left) {
        Example::small(turn_now).commit(&mut backups).unwrap();
        assert_eq!(names(&disk), left);
        let (again, opened) = open(&disk);
        assert_eq!(turn(&opened), Some(turn_now));
        assert!(opened.refused.is_empty() && opened.root.is_none());
        // Whether it goes on or is opened anew makes no difference.
        if turn_now % 2 == 0 {
            backups = again;
        }
    }
}

#[test]
fn the_newest_is_the_last_and_not_that_of_the_latest_turn() {
    let (disk, mut backups) = with(&[10, 20]);
    Example::small(15).commit(&mut backups).unwrap();
    Example::small(15).commit(&mut backups).unwrap();
    assert_eq!(turn(&open(&disk).1), Some(15));
    disk.remove("snapshot-root").unwrap();
    assert_eq!(turn(&open(&disk).1), Some(15));
    assert_eq!(names(&disk), ["03", "04"]);
}

#[test]
fn nothing_counts_before_it_is_committed() {
    let (disk, mut backups) = with(&[10]);
    let example = Example::small(20);
    let writer = backups.begin(example.header(), &example.meta).unwrap();
    let written = example.write(writer).unwrap();
    assert_eq!(names(&disk), ["01", "02.new", "root"]);
    assert_eq!(turn(&open(&disk).1), Some(10));
    backups.commit(written).unwrap();
    assert_eq!(turn(&open(&disk).1), Some(20));
}

#[test]
fn what_was_given_up_is_removed() {
    let (disk, mut backups) = with(&[10, 20]);
    let example = Example::small(30);
    let begin = |backups: &mut Backups| backups.begin(example.header(), &example.meta).unwrap();
    let first = begin(&mut backups);
    let second = begin(&mut backups);
    assert_eq!(names(&disk), ["01", "02", "04.new", "root"]);
    // It cannot be committed, nor in place of the other one.
    let written = example.write(first).unwrap();
    let refused = refusal(backups.commit(written));
    assert!(
        refused.starts_with("cannot rename `snapshot-000000000003.new`"),
        "{refused}"
    );
    let written = example.write(second).unwrap();
    backups.commit(written).unwrap();
    assert_eq!(names(&disk), ["02", "04", "root"]);

    disk.put("snapshot-000000000001", b"removed, but not safely");
    disk.put("snapshot-000000000009.new", b"interrupted");
    disk.put("snapshot-000000000017.old", b"not ours");
    disk.put("inputs", b"not ours");
    let (mut backups, _) = open(&disk);
    drop(begin(&mut backups));
    assert_eq!(
        names(&disk),
        ["inputs", "02", "04", "10.new", "17.old", "root"]
    );
}

#[test]
fn one_that_is_noted_as_damaged_is_never_used_again() {
    let (disk, mut backups) = with(&[10, 20]);
    let (_, opened) = open(&disk);
    backups
        .note_damaged(opened.snapshot.unwrap().name())
        .unwrap();
    assert_eq!(names(&disk), ["01", "02.damaged", "root"]);
    let (mut backups, opened) = open(&disk);
    assert_eq!(turn(&opened), Some(10));
    let name = "snapshot-000000000002.damaged".to_owned();
    assert_eq!(opened.refused, [SnapshotError::SetAside { name }]);
    assert!(opened.root.is_none());
    // Names of others, or of nothing, change nothing.
    let operations = disk.operations();
    for name in [
        "snapshot-root",
        "inputs",
        "snapshot-000000000002",
        "snapshot-000000000007",
    ] {
        backups.note_damaged(name).unwrap();
    }
    assert_eq!(disk.operations(), operations);
    for turn in [30, 40] {
        Example::small(turn).commit(&mut backups).unwrap();
    }
    assert_eq!(names(&disk), ["02.damaged", "03", "04", "root"]);
    assert_eq!(turn(&open(&disk).1), Some(40));
    // The older one, too.
    backups.note_damaged("snapshot-000000000003").unwrap();
    assert_eq!(turn(&open(&disk).1), Some(40));
    backups.note_damaged("snapshot-000000000004").unwrap();
    let refused = refusal(Backups::open(arc(&disk)));
    assert!(refused.starts_with("there is no snapshot left that can be used ("));
    for number in 2..5 {
        let name = format!("`snapshot-00000000000{number}.damaged` was set aside");
        assert!(refused.contains(&name), "{refused}");
    }
}

#[test]
fn one_that_was_refused_is_kept_for_people_to_look_at() {
    let (disk, _) = with(&[10, 20]);
    disk.put("snapshot-000000000002", b"what is this?");
    let (mut backups, opened) = open(&disk);
    assert_eq!((turn(&opened), opened.refused.len()), (Some(10), 1));
    assert_eq!(names(&disk), ["01", "02", "root"]);
    Example::small(30).commit(&mut backups).unwrap();
    assert_eq!(names(&disk), ["01", "02.damaged", "03", "root"]);
    assert_eq!(
        disk.read("snapshot-000000000002.damaged").unwrap(),
        b"what is this?"
    );
    assert_eq!(turn(&open(&disk).1), Some(30));
}

#[test]
fn one_that_is_missing_does_not_lend_its_number() {
    let (disk, _) = with(&[10, 20]);
    disk.remove("snapshot-000000000002").unwrap();
    let (mut backups, opened) = open(&disk);
    assert_eq!(turn(&opened), Some(10));
    assert!(matches!(&opened.refused[..], [SnapshotError::Disk(_)]));
    Example::small(30).commit(&mut backups).unwrap();
    assert_eq!(names(&disk), ["01", "03", "root"]);
    assert_eq!(turn(&open(&disk).1), Some(30));
}

#[test]
fn without_a_root_the_two_newest_that_are_right_are_kept() {
    let (disk, _) = with(&[10, 20]);
    let copy = disk.read("snapshot-000000000001").unwrap();
    disk.put("snapshot-000000000007", b"damaged");
    disk.put("snapshot-000000000005", &copy);
    disk.put("snapshot-root", b"damaged");
    let (mut backups, opened) = open(&disk);
    // 7 is damaged, and 5 is a copy of 1.
    assert_eq!((turn(&opened), opened.refused.len()), (Some(10), 1));
    drop(backups.begin(Example::small(30).header(), b"").unwrap());
    assert_eq!(names(&disk), ["02", "05", "07.damaged", "08.new", "root"]);
}

#[test]
fn without_a_root_a_file_of_another_version_is_no_obstacle_behind_a_right_one() {
    let (disk, _) = with(&[10, 20]);
    let mut older = disk.read("snapshot-000000000001").unwrap();
    older[8] = 9;
    let checksum = xxhash_rust::xxh3::xxh3_64(&older[..36]);
    older[36..44].copy_from_slice(&checksum.to_le_bytes());
    disk.put("snapshot-000000000001", &older);
    disk.remove("snapshot-root").unwrap();
    let (mut backups, opened) = open(&disk);
    assert_eq!((turn(&opened), opened.refused.len()), (Some(20), 1));
    Example::small(30).commit(&mut backups).unwrap();
    assert_eq!(names(&disk), ["01.damaged", "02", "03", "root"]);
}

#[test]
fn numbers_come_to_an_end() {
    let disk = SimulatedDisk::default();
    disk.put("snapshot-999999999999.damaged", b"");
    let (mut backups, _) = open(&disk);
    let refused = refusal(backups.begin(Example::small(1).header(), b""));
    assert!(
        refused.contains("`snapshot-999999999999`; remove it"),
        "{refused}"
    );
}

/// Lets the third and the fourth snapshot be written while the disk refuses something once, and
/// gives how often that has been so.
fn with_refusal(refuse: impl Fn(&SimulatedDisk, usize) -> bool) -> usize {
    let mut refused = 0;
    for at in 0.. {
        let (disk, mut backups) = with(&[10, 20]);
        if !refuse(&disk, at) {
            return refused;
        }
        let outcome = Example::small(30).commit(&mut backups);
        let story = format!("refusal {at}, {outcome:?}");
        let found = turn(&open(&disk).1);
        if let Err(error) = outcome {
            refused += 1;
            let SnapshotError::Disk(error) = error else {
                panic!("{story}")
            };
            let path = error.path.to_str().unwrap();
            assert!(
                path.starts_with("snapshot-") || path == "the directory",
                "{story}"
            );
            // What was not acknowledged may still be complete.
            assert!([Some(20), Some(30)].contains(&found), "{story}");
        } else {
            assert_eq!(found, Some(30), "{story}");
        }
        disk.leave_room(1_000_000);
        disk.put("snapshot-000000000009.new", b"left by somebody");
        // One who goes on, and one who opens it again.
        let copy = disk.after_kill(0);
        for (disk, mut backups) in [(disk.clone(), backups), (copy.clone(), open(&copy).0)] {
            Example::small(40).commit(&mut backups).unwrap();
            let (_, opened) = open(&disk);
            assert_eq!(turn(&opened), Some(40), "{story}");
            assert!(
                opened.root.is_none() && opened.refused.is_empty(),
                "{story}"
            );
            assert_eq!(names(&disk).len(), 3, "{story}: {:?}", names(&disk));
            // And the one before is right, too.
            disk.remove("snapshot-root").unwrap();
            let newest = disk.list().unwrap().pop().unwrap();
            disk.remove(&newest).unwrap();
            assert!(turn(&open(&disk).1) >= Some(20), "{story}");
        }
    }
    unreachable!()
}

#[test]
fn whatever_is_refused_the_snapshots_so_far_stay() {
    let (disk, mut backups) = with(&[10, 20]);
    let before = disk.operations();
    Example::small(30).commit(&mut backups).unwrap();
    let all = disk.operations() - before;
    let refused = with_refusal(|disk, at| {
        disk.fail_at(disk.operations() + at);
        at < all
    });
    // All but the last one, which removes what is needed no longer.
    assert_eq!(refused, all - 1);
}

#[test]
fn a_full_disk_leaves_the_snapshots_so_far() {
    let length = Example::small(30).file().len() + 12 + 64 + 8;
    let refused = with_refusal(|disk, at| {
        disk.leave_room(at * 13);
        at * 13 < length + 100
    });
    assert_eq!(refused, length.div_ceil(13));
}

#[test]
fn a_file_that_cannot_be_removed_is_tried_again() {
    let (disk, mut backups) = with(&[10, 20]);
    let example = Example::small(30);
    let writer = backups.begin(example.header(), &example.meta).unwrap();
    let written = example.write(writer).unwrap();
    // Rename, sync, root: create, write, sync, rename, sync. Then remove.
    disk.fail_at(disk.operations() + 7);
    backups.commit(written).unwrap();
    assert_eq!(names(&disk), ["01", "02", "03", "root"]);
    assert_eq!(turn(&open(&disk).1), Some(30));
    Example::small(40).commit(&mut backups).unwrap();
    assert_eq!(names(&disk), ["03", "04", "root"]);
}

#[test]
fn a_disk_that_cannot_sync_gets_no_new_snapshot() {
    let (disk, mut backups) = with(&[10, 20]);
    disk.fail_syncs();
    for _ in 0..3 {
        let refused = refusal(Example::small(30).commit(&mut backups));
        assert!(refused.starts_with("cannot sync `snapshot-"), "{refused}");
    }
    for seed in 0..50 {
        assert_eq!(
            turn(&open(&disk.after_crash(seed)).1),
            Some(20),
            "seed {seed}"
        );
    }
}

#[test]
fn to_note_damage_works_or_leaves_something_to_open() {
    for at in 0..7 {
        let (disk, mut backups) = with(&[10, 20]);
        disk.fail_at(disk.operations() + at);
        let refused = refusal(backups.note_damaged("snapshot-000000000002"));
        assert!(refused.ends_with("it is refused"), "{refused}");
        let found = turn(&open(&disk).1);
        assert_eq!(found, Some(if at > 3 { 10 } else { 20 }), "operation {at}");
        if at % 2 == 0 {
            // Who tries again gets it done.
            backups.note_damaged("snapshot-000000000002").unwrap();
            assert_eq!(names(&disk), ["01", "02.damaged", "root"], "operation {at}");
        }
        // It is not forgotten.
        Example::small(30).commit(&mut backups).unwrap();
        assert_eq!(
            names(&disk),
            ["01", "02.damaged", "03", "root"],
            "operation {at}"
        );
    }
}

#[test]
fn a_disk_that_cannot_be_read_is_no_reason_to_take_an_older_one() {
    let directory = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(directory.path()));
    let (mut backups, _) = Backups::open(disk.clone()).unwrap();
    for turn in [10, 20] {
        Example::small(turn).commit(&mut backups).unwrap();
    }
    // What is there and is no file can be opened, but not mapped.
    let newest = directory.path().join("snapshot-000000000002");
    std::fs::remove_file(&newest).unwrap();
    std::fs::create_dir(&newest).unwrap();
    let refused = refusal(Backups::open(disk));
    assert!(
        refused.starts_with(&format!("cannot map `{}`", newest.display())),
        "{refused}"
    );
}

#[test]
fn real_files_work_as_simulated_ones_do() {
    let directory = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(directory.path()));
    let open = || Backups::open(disk.clone()).unwrap();
    let (mut backups, opened) = open();
    assert_eq!(turn(&opened), None);
    let mut mapped = Vec::new();
    for turn_now in 1..=5 {
        Example::small(turn_now).commit(&mut backups).unwrap();
        let (again, opened) = open();
        assert_eq!(turn(&opened), Some(turn_now));
        // All are kept, though the files of the first ones are removed.
        mapped.push(opened);
        backups = again;
    }
    assert_eq!(names(&*disk), ["04", "05", "root"]);
    let turns: Vec<Option<u64>> = mapped.iter().map(turn).collect();
    assert_eq!(turns, [1, 2, 3, 4, 5].map(Some));

    let path = directory.path().join("snapshot-000000000005");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    drop(mapped);
    let (mut backups, opened) = open();
    assert_eq!((turn(&opened), opened.refused.len()), (Some(4), 1));
    backups.note_damaged("snapshot-000000000004").unwrap();
    assert_eq!(names(&*disk), ["04.damaged", "05", "root"]);
    refusal(Backups::open(disk.clone()));
    Example::small(6).commit(&mut backups).unwrap();
    assert_eq!(names(&*disk), ["04.damaged", "05.damaged", "06", "root"]);
    assert_eq!(turn(&open().1), Some(6));
}
