//! The commands, run as a person does.

#[path = "../../../tests/common/mod.rs"]
mod common;
mod migrate;
mod town;

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use serde_json::Value;

use town::{Scare, Town};

/// Exit code, standard output and standard error.
fn run(arguments: &[&Path]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kay_snapshot"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("it was not killed");
    (code, text(output.stdout), text(output.stderr))
}

#[track_caller]
fn check(arguments: &[&Path], code: i32, expected: Expect) {
    let (found, out, err) = run(arguments);
    assert_eq!((found, &*err), (code, ""), "{out}");
    expected.assert_eq(&hidden(&out));
}

/// The same without what is another one each time, the number of the run, and without the lengths of files,
/// which are so only for now.
fn hidden(text: &str) -> String {
    let is_run = |word: &&str| word.len() == 32 && word.chars().all(|c| c.is_ascii_hexdigit());
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut line = line.to_owned();
        let lengths = words.windows(2).filter(|pair| {
            let is_number = pair[0].starts_with(|c: char| c.is_ascii_digit());
            is_number && ["bytes", "to"].contains(&pair[1])
        });
        for pair in lengths {
            line = line.replace(pair[0], "N");
        }
        if let Some(run) = words.iter().copied().find(|word| is_run(word)) {
            line = line.replace(run, "RUN");
        }
        lines += &line;
    }
    lines
}

fn text(text: &str) -> &Path {
    Path::new(text)
}

#[test]
fn list_shows_files_and_the_newest_world() {
    let town = Town::changed();
    check(
        &[text("list"), town.path()],
        0,
        expect![[r#"
            snapshots
              snapshot-000000000001  after turn 1
              snapshot-000000000002  after turn 2

            journal
              inputs-000000000000  N bytes  6 letters in 4 inputs, until turn 3

            snapshot-000000000002
              turn          2
              run           RUN
              format        2
              settings      2 shards, seed 11, panic policy Freeze
              frozen        no
              journal from  part 0
              size          N bytes
              a shard       N to N bytes

              actors                  instances  bytes  beside  used where they lie
              commands::town::Person          2     80      18                   no
              commands::town::Clock           1     16       0                  yes
        "#]],
    );
}

#[test]
fn list_shows_one_file_and_its_types() {
    let town = Town::new();
    let file = town.snapshot(1);
    let (code, out, _) = run(&[text("list"), &file, text("--schema")]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with("snapshot-000000000001\n  turn          1\n"),
        "{out}"
    );
    let at = out.find("\ntypes\n").unwrap();
    let types = out[at..]
        .split("\n  #")
        .find(|it| it.contains("::Clock:"))
        .unwrap();
    expect![[r#"
        12 commands::town::Clock: fields, 16 bytes, aligned to 8
                 0 ticks: u64 #11
                 8 rings: bool #13"#]]
    .assert_eq(types);
}

#[test]
fn json_says_the_same() {
    let town = Town::new();
    let (code, out, _) = run(&[text("list"), town.path(), text("--schema"), text("--json")]);
    assert_eq!(code, 0);
    let all: Value = serde_json::from_str(&out).unwrap();
    let world = &all["world"];
    assert_eq!((&world["turn"], &world["seed"]), (&1.into(), &11.into()));
    assert_eq!(world["actors"][0]["instances"], 3);
    assert_eq!(world["waiting"][0]["count"], 1);
    assert_eq!(all["files"]["newest"], "snapshot-000000000001");
    let clock = &all["schema"][world["actors"][1]["type"].as_u64().unwrap() as usize];
    assert_eq!(clock["form"]["fields"][0]["name"], "ticks");
}

#[test]
fn list_tells_who_has_frozen_a_world() {
    let mut town = Town::new();
    town.system
        .world()
        .send(town.people[1], Scare { loud: true });
    let _ = town.system.turn();
    town.save();
    let (code, out, _) = run(&[text("list"), &town.snapshot(2)]);
    assert_eq!(code, 0);
    assert!(out.contains("\n  frozen        yes\n"), "{out}");
    assert!(out.contains("::Scare` in turn 2: 1.1 is scared\n"), "{out}");
}

#[test]
fn compare_tells_what_has_changed() {
    let town = Town::changed();
    let (before, after) = (town.snapshot(1), town.snapshot(2));
    check(
        &[text("compare"), &before, &after],
        1,
        expect![[r#"
              turn              1 -> 2
              waiting messages  1 -> 0

              actors                  before  after  came  went  changed
              commands::town::Person       3      2     0     1        1
              commands::town::Clock        1      1     0     0        1

            changed: commands::town::Person
              1.1 (shard 1, slot 0): heard

            changed: commands::town::Clock
              0.1 (shard 0, slot 0): ticks
        "#]],
    );
    let (code, out, _) = run(&[text("compare"), &before, town.path(), text("--json")]);
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &all["actors"][0]["went"]), (1, &1.into()));
    assert_eq!(all["actors"][0]["first_changed"][0]["fields"][0], "heard");
    assert_eq!(run(&[text("compare"), &before, &before]).0, 0);
}

#[test]
fn verify_finds_damage() {
    let town = Town::changed();
    let path = town.path();
    check(
        &[text("verify"), path],
        0,
        expect![[r#"
            snapshot-000000000001: right
            snapshot-000000000002: right
            inputs-000000000000: right
        "#]],
    );
    let newest = town.snapshot(2);
    let whole = fs::read(&newest).unwrap();
    let mut bytes = whole.clone();
    let name = b"Cynthia";
    let place = whole.windows(name.len()).position(|bytes| bytes == name);
    bytes[place.unwrap()] ^= 1;
    fs::write(&newest, &bytes).unwrap();
    let (code, out, err) = run(&[text("verify"), path]);
    assert_eq!((code, &*err), (1, ""), "{out}");
    assert!(out.contains("snapshot-000000000001: right\n"), "{out}");
    assert!(
        out.contains("`snapshot-000000000002` is damaged at byte "),
        "{out}"
    );
    fs::write(&newest, &whole).unwrap();
    // The older one is needed only if the newest is damaged, but then it is.
    let older = town.snapshot(1);
    let kept = fs::read(&older).unwrap();
    fs::write(&older, b"kay").unwrap();
    for command in ["list", "verify"] {
        let (code, out, _) = run(&[text(command), path]);
        assert_eq!(code, 1, "{out}");
        assert!(out.contains("is not a snapshot"), "{out}");
    }
    fs::write(&older, kept).unwrap();
    fs::write(&newest, &whole[..whole.len() - 1]).unwrap();
    let (code, out, _) = run(&[text("verify"), &newest]);
    assert_eq!(code, 1);
    assert!(out.contains("has no right end"), "{out}");
    // A list of all still shows the one before, and says what is wrong.
    let (code, out, _) = run(&[text("list"), path]);
    assert_eq!(code, 1);
    assert!(out.contains("has no right end"), "{out}");
    assert!(out.contains("\nsnapshot-000000000001\n  turn "), "{out}");
    let journal = path.join("inputs-000000000000");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[20] ^= 1;
    fs::write(&journal, bytes).unwrap();
    let (code, out, _) = run(&[text("verify"), path]);
    assert_eq!(code, 1);
    assert!(out.contains("inputs-000000000000: journal"), "{out}");
}

#[test]
fn what_cannot_be_done_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    for command in ["list", "verify", "source"] {
        for path in [folder.path(), &nothing] {
            let (code, out, err) = run(&[text(command), path]);
            assert_eq!((code, &*out), (2, ""), "{err}");
            assert!(err.starts_with("error: "), "{err}");
        }
    }
    let (code, _, err) = run(&[text("compare"), folder.path(), &nothing]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no snapshot in"), "{err}");
    fs::write(&nothing, "nothing").unwrap();
    let (code, _, err) = run(&[text("list"), &nothing]);
    assert_eq!(code, 2);
    assert!(err.contains("is not a snapshot"), "{err}");
    assert_eq!(run(&[text("verify"), &nothing]).0, 1);
}
