//! A simulation that forgets too little would let everything pass.

use std::collections::BTreeSet;

use super::disk::Disk;
use super::simulated::SimulatedDisk;

const SEEDS: std::ops::Range<u64> = 0..500;

/// A disk on which a file holds 100 bytes that are safe: 1, and maybe more.
fn with_file() -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    let mut file = disk.create("a").unwrap();
    file.append(&[1; 100]).unwrap();
    file.sync().unwrap();
    disk.sync_directory().unwrap();
    disk
}

fn outcomes<T: Ord>(disk: &SimulatedDisk, look: impl Fn(&SimulatedDisk) -> T) -> BTreeSet<T> {
    SEEDS.map(|seed| look(&disk.after_crash(seed))).collect()
}

#[test]
fn what_was_synced_stays() {
    let disk = with_file();
    disk.open("a").unwrap().append(&[2; 100]).unwrap();
    for seed in SEEDS {
        let bytes = disk.after_crash(seed).read("a").unwrap();
        assert_eq!(bytes[..100], [1; 100], "seed {seed}");
        assert!(bytes.len() <= 200, "seed {seed}");
        let again = disk.after_crash(seed).read("a").unwrap();
        assert_eq!(bytes, again, "seed {seed} gives two outcomes");
        let later = disk.after_crash(seed).after_crash(seed + 1);
        assert_eq!(
            bytes,
            later.read("a").unwrap(),
            "seed {seed}: a disk that nobody uses changes"
        );
    }
}

#[test]
fn what_was_not_synced_may_be_there_or_not_or_in_part() {
    let disk = with_file();
    let mut file = disk.open("a").unwrap();
    file.append(&[2; 60]).unwrap();
    file.append(&[3; 40]).unwrap();
    let outcomes = outcomes(&disk, |disk| disk.read("a").unwrap()[100..].to_vec());
    let mut whole = vec![2; 60];
    whole.extend([3; 40]);
    assert!(outcomes.contains(&vec![]));
    assert!(outcomes.contains(&whole));
    let some = |is_such: &dyn Fn(&[u8]) -> bool| outcomes.iter().any(|bytes| is_such(bytes));
    assert!(some(
        &|bytes| (1..60).contains(&bytes.len()) && bytes.iter().all(|&b| b == 2)
    ));
    assert!(
        some(&|bytes| bytes.len() == 100 && bytes.ends_with(&[0; 10])),
        "zeros at the end"
    );
    assert!(
        some(&|bytes| bytes.len() == 100 && bytes[30..50] == [0; 20] && bytes.ends_with(&[3; 10])),
        "a page without the one before"
    );
    assert!(some(&|bytes| bytes.iter().any(|&b| b > 3)), "garbage");
}

#[test]
fn what_was_cut_off_may_turn_up_again() {
    let disk = with_file();
    let mut file = disk.open("a").unwrap();
    file.append(&[2; 100]).unwrap();
    file.truncate(100).unwrap();
    file.sync().unwrap();
    file.append(&[3; 100]).unwrap();
    let outcomes = outcomes(&disk, |disk| disk.read("a").unwrap()[100..].to_vec());
    let old = |bytes: &Vec<u8>| bytes.starts_with(&[3; 20]) && bytes.ends_with(&[2; 20]);
    assert!(outcomes.iter().any(old));
}

#[test]
fn a_file_that_was_not_synced_may_be_cut_off_or_not() {
    let disk = with_file();
    disk.open("a").unwrap().truncate(50).unwrap();
    let outcomes = outcomes(&disk, |disk| disk.read("a").unwrap());
    assert_eq!(outcomes, BTreeSet::from([vec![1; 50], vec![1; 100]]));
}

#[test]
fn names_last_when_the_directory_was_synced() {
    let disk = with_file();
    let mut file = disk.create("b").unwrap();
    file.sync().unwrap();
    let names = |disk: &SimulatedDisk| disk.list().unwrap().join(" ");
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(outcomes(&disk, names), set(&["a", "a b"]));
    disk.rename("b", "c").unwrap();
    assert_eq!(outcomes(&disk, names), set(&["a", "a b", "a c"]));
    disk.remove("a").unwrap();
    let all = ["", "a", "a b", "a c", "b", "c"];
    assert_eq!(outcomes(&disk, names), set(&all));
    disk.sync_directory().unwrap();
    assert_eq!(outcomes(&disk, names), set(&["c"]));
}

#[test]
fn a_rename_leaves_the_old_file_or_the_new_one() {
    let disk = with_file();
    let mut file = disk.create("b").unwrap();
    file.append(&[2]).unwrap();
    file.sync().unwrap();
    disk.rename("b", "a").unwrap();
    let outcomes = outcomes(&disk, |disk| disk.read("a").unwrap());
    assert_eq!(outcomes, BTreeSet::from([vec![1; 100], vec![2]]));
}

#[test]
fn a_name_does_not_change_before_it_has_changed() {
    let disk = with_file();
    disk.create("b").unwrap();
    disk.sync_directory().unwrap();
    disk.rename("b", "a").unwrap();
    disk.remove("a").unwrap();
    let outcomes = outcomes(&disk, |disk| disk.list().unwrap().join(" "));
    assert_eq!(outcomes, ["", "a", "a b"].map(str::to_owned).into());
}

#[test]
fn from_the_crash_on_nothing_works() {
    let disk = with_file();
    let mut file = disk.open("a").unwrap();
    disk.crash_at(disk.operations() + 1);
    file.append(&[2]).unwrap();
    file.sync().unwrap_err();
    file.append(&[3]).unwrap_err();
    file.truncate(0).unwrap_err();
    file.length().unwrap_err();
    assert!(disk.create("b").is_err() && disk.open("a").is_err());
    disk.rename("a", "b").unwrap_err();
    disk.remove("a").unwrap_err();
    disk.sync_directory().unwrap_err();
    disk.read("a").unwrap_err();
    disk.list().unwrap_err();
    // The sync was under way, and may have come to its end.
    let mut lengths = outcomes(&disk, |disk| disk.read("a").unwrap().len());
    assert_eq!(
        (lengths.pop_first(), lengths.pop_first()),
        (Some(100), Some(101))
    );
    assert!(lengths.is_empty());
}

#[test]
fn a_process_that_is_killed_leaves_what_it_has_written() {
    let disk = with_file();
    let mut file = disk.create("b").unwrap();
    file.append(&[2; 10]).unwrap();
    disk.crash_at(disk.operations());
    file.append(&[3; 10]).unwrap_err();
    let mut lengths = BTreeSet::new();
    for seed in SEEDS {
        let killed = disk.after_kill(seed);
        let bytes = killed.read("b").unwrap();
        assert_eq!(bytes[..10], [2; 10], "seed {seed}");
        assert!(bytes[10..].iter().all(|&byte| byte == 3), "seed {seed}");
        lengths.insert(bytes.len());
    }
    assert_eq!(lengths, (10..=20).collect());
    let lost = outcomes(&disk.after_kill(0), |disk| disk.read("b").is_err());
    assert_eq!(lost.len(), 2, "nothing of it is safe");
}

#[test]
fn what_is_mapped_is_a_copy() {
    let disk = with_file();
    let mut mapped = disk.map("a").unwrap();
    assert_eq!(&mapped[..], [1; 100]);
    mapped.fill(2);
    assert_eq!(disk.read("a").unwrap(), [1; 100]);
    disk.remove("a").unwrap();
    assert_eq!(&mapped[..], [2; 100]);
    assert!(disk.map("a").is_err());
}

#[test]
fn an_operation_that_is_refused_changes_nothing() {
    let disk = with_file();
    disk.fail_at(disk.operations() + 1);
    disk.rename("a", "b").unwrap();
    disk.rename("b", "c").unwrap_err();
    assert_eq!(disk.list().unwrap(), ["b"]);
    disk.rename("b", "c").unwrap();
    assert_eq!(disk.list().unwrap(), ["c"]);
}
