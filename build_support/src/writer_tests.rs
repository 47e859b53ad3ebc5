use super::Writer;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

fn before() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// A folder, a writer that works in it, and a path in it.
fn open() -> (tempfile::TempDir, Writer, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let writer = Writer::open(temporary.path().join("new"), before()).unwrap();
    let path = temporary.path().join("a.rs");
    (temporary, writer, path)
}

/// All files and folders that are left.
fn left(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_with_the_same_bytes_is_not_touched() {
    let (_temporary, writer, path) = open();
    assert!(writer.write(&path, "one").unwrap());
    let touched = SystemTime::now() - Duration::from_secs(100);
    set_modified(&path, touched);
    assert!(!writer.write(&path, "one").unwrap());
    assert_eq!(modified(&path), touched);
}

#[test]
fn only_the_bytes_count_and_not_the_age() {
    let (_temporary, writer, path) = open();
    writer.write(&path, "one").unwrap();
    set_modified(&path, SystemTime::now());
    assert!(writer.write(&path, "two").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "two");
    assert_eq!(modified(&path), before());
}

#[test]
fn nothing_stays_in_the_future() {
    let future = SystemTime::now() + Duration::from_secs(10_000);
    let (temporary, writer, path) = open();
    writer.write(&path, "one").unwrap();
    set_modified(&path, future);
    writer.write(&path, "one").unwrap();
    assert_eq!(modified(&path), before());

    let writer = Writer::open(temporary.path().join("other"), future).unwrap();
    writer.write(&path, "two").unwrap();
    assert!(modified(&path) <= SystemTime::now());
}

#[test]
fn folders_are_made_and_keep_their_times() {
    let (temporary, writer, _) = open();
    let path = temporary.path().join("deep/er/a.rs");
    writer.write(&path, "one").unwrap();
    let folder = path.parent().unwrap();
    let old = modified(folder);
    writer.write(&path.with_file_name("b.rs"), "two").unwrap();
    writer.remove(&path).unwrap();
    writer.remove(&path).unwrap();
    assert_eq!(left(folder), ["b.rs"]);
    if cfg!(unix) {
        assert_eq!(modified(folder), old);
    }
}

#[test]
fn what_a_killed_run_has_left_goes_away() {
    let temporary = tempfile::tempdir().unwrap();
    let unfinished = temporary.path().join("new");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("a.rs"), "hal").unwrap();
    let writer = Writer::open(&unfinished, before()).unwrap();
    assert!(left(&unfinished).is_empty());
    drop(writer);
    assert!(left(temporary.path()).is_empty());
}

#[test]
fn a_folder_in_the_way_is_an_error_with_the_path() {
    let (temporary, writer, path) = open();
    fs::create_dir(&path).unwrap();
    let error = writer.write(&path, "text").unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot write {}: ", path.display())),
        "{error}"
    );
    let error = writer.remove(&path).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("cannot remove {}: ", path.display())),
        "{error}"
    );
    assert_eq!(left(temporary.path()), ["a.rs", "new"]);
    assert!(left(&temporary.path().join("new")).is_empty());
}

#[test]
fn a_file_in_the_way_of_a_folder_is_an_error_with_the_path() {
    let (temporary, writer, path) = open();
    fs::write(&path, "a file").unwrap();
    let error = writer
        .write(&path.join("b.rs"), "text")
        .unwrap_err()
        .to_string();
    assert!(error.contains("a.rs"), "{error}");
    let error = Writer::open(path.join("new"), before())
        .unwrap_err()
        .to_string();
    assert!(error.contains("a.rs"), "{error}");
    assert_eq!(left(temporary.path()), ["a.rs", "new"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_on_another_file_system_can_be_written_to() {
    use std::os::unix::fs::MetadataExt;
    let (temporary, writer, _) = open();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("skipped: there is no second file system in /dev/shm");
        return;
    };
    let device = |folder: &Path| fs::metadata(folder).unwrap().dev();
    assert_ne!(
        device(temporary.path()),
        device(other.path()),
        "TMPDIR is in /dev/shm"
    );
    // Two that a killed run has left, and one that somebody is at work on.
    fs::write(other.path().join(".a.rs.1.new"), "hal").unwrap();
    fs::write(other.path().join(".a.rs.2.new"), "").unwrap();
    let busy = fs::File::create(other.path().join(".a.rs.3.new")).unwrap();
    busy.lock().unwrap();
    let path = other.path().join("a.rs");
    assert!(writer.write(&path, "one").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    assert_eq!(modified(&path), before());
    assert_eq!(left(other.path()), [".a.rs.3.new", "a.rs"]);
    drop(busy);
}
