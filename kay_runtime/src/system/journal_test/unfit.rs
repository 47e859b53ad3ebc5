//! Snapshots of worlds that cannot have been, and what is said of them.

use super::forged::{Taken, example};
use super::kinds::{MakePlain, settings, setup};
use super::open;
use crate::persist::{ChunkKind, Key, LetterImage, MessageImage, ShardImage, WorldImage};
use crate::portable::{from_bytes, to_bytes};
use crate::stock::StockImage;
use crate::{CString, CVec, Message, OpenError, SnapshotError};
use chunky::raw::{Field, Form, Layout};

/// What is wrong with the newest snapshot of the example once it is changed so.
fn refusal(shards: usize, freezes: bool, change: impl FnOnce(&mut Taken)) -> String {
    let (disk, _) = example(shards, freezes);
    let mut taken = Taken::of(&disk);
    change(&mut taken);
    match open(&taken.disk(&disk), settings(shards), setup) {
        Err(OpenError::Snapshot {
            reason: SnapshotError::NoneLeft { refused, .. },
            ..
        }) => match &refused[..] {
            [SnapshotError::Malformed { what, .. }] => what.clone(),
            other => panic!("{other:?}"),
        },
        Err(OpenError::Snapshot {
            reason: reason @ SnapshotError::Version { .. },
            ..
        }) => reason.to_string(),
        Err(OpenError::Replay { reason, .. }) => reason.to_string(),
        Err(OpenError::Journal { reason, .. }) => reason.to_string(),
        Err(error) => panic!("{error}"),
        Ok((system, _)) => panic!("a world at turn {}", system.turns()),
    }
}

fn of_world(shards: usize, freezes: bool, change: impl FnOnce(&mut WorldImage)) -> String {
    refusal(shards, freezes, |taken| {
        let mut world = from_bytes(&taken.meta).unwrap();
        change(&mut world);
        taken.meta = to_bytes(&world).unwrap();
    })
}

/// Changes what there is to say of the last shard.
fn of_shard(shards: usize, freezes: bool, change: impl FnOnce(&mut ShardImage)) -> String {
    refusal(shards, freezes, |taken| {
        let key = ChunkKind::Shard.key(shards - 1, 0);
        let mut chunks = taken.chunks.iter_mut();
        let (_, bytes, room) = chunks.find(|(other, ..)| *other == key).unwrap();
        let mut shard = from_bytes(bytes).unwrap();
        change(&mut shard);
        (*bytes, *room) = (to_bytes(&shard).unwrap(), 0);
    })
}

/// What a stock consists of.
type Parts = (u32, CVec<(u32, CVec<(u32, u16)>)>);

/// A stock: where it goes on, and by target what was given out and what has come back.
fn stock(next: u32, targets: &[(u32, &[(u32, u16)])]) -> StockImage {
    let targets = targets.iter();
    let targets = targets.map(|&(fresh, keys)| (fresh, keys.iter().copied().collect()));
    let parts: Parts = (next, targets.collect());
    from_bytes(&to_bytes(&parts).unwrap()).unwrap()
}

#[test]
fn another_format_is_told_and_not_put_away() {
    let what = of_world(1, false, |world| world.format = 7);
    let is_right = what.starts_with("`snapshot-") && what.contains("has format 7, but");
    assert!(is_right, "{what}");
}

#[test]
fn numbers_that_no_world_comes_to() {
    let turn = |turn| refusal(1, false, |taken| taken.header.turn = turn);
    for no_turn in [u64::MAX, u64::MAX - 1, (1 << 62) + 1] {
        assert_eq!(turn(no_turn), "no world comes to its turn, or part");
    }
    // The inputs that follow are those for another turn.
    assert!(turn(8).contains("turn"), "{}", turn(8));
    let part = |part| of_world(1, false, |world| world.journal.part = part);
    assert_eq!(part(u64::MAX), "no world comes to its turn, or part");
    assert!(part(77).contains("inputs-000000000077"), "{}", part(77));
    assert!(part(1).contains("turn"), "{}", part(1));
}

#[test]
fn what_a_panic_leaves_is_there_if_the_world_is_frozen() {
    for freezes in [false, true] {
        let what = of_world(1, freezes, |world| world.frozen = !freezes);
        assert_eq!(what, "it is frozen by nothing, or should be");
    }
    let what = of_shard(1, false, |shard| shard.culprits.push((1, 0, 1)));
    assert_eq!(what, "a turn was interrupted in a world that is not frozen");
    let what = of_shard(1, false, |shard| {
        shard.pending = std::mem::take(&mut shard.letters);
    });
    assert_eq!(what, "a turn was interrupted in a world that is not frozen");
    for actor in [0, 3, u16::MAX] {
        let what = of_shard(1, true, |shard| shard.culprits.push((actor, 0, 1)));
        assert_eq!(what, "an instance of no type has panicked");
    }
    let what = of_shard(1, true, |shard| shard.culprits.push((1, 1 << 31, 1)));
    assert_eq!(what, "slots are further apart than they can be");
    let what = of_shard(3, true, |shard| shard.culprits.push((1, 1 << 30, 1)));
    assert_eq!(what, "an instance has panicked that no id can be of");
    let what = of_world(1, true, |world| world.panics[0].actor ^= 1);
    assert_eq!(what, "an actor panicked that there is not");
}

#[test]
fn stores_of_other_types_or_twice() {
    let what = of_shard(1, false, |shard| {
        let mut twice = std::mem::take(&mut shard.stores);
        let first = &twice[0];
        twice.push(crate::persist::StoreImage {
            actor: first.actor,
            len: 0,
            broadcasts: 0,
            page_numbers: CVec::new(),
        });
        shard.stores = twice;
    });
    assert_eq!(what, "shard 0 has a type twice");
    for actor in [0, 3, u16::MAX] {
        let what = of_shard(1, false, |shard| shard.stores[0].actor = actor);
        assert_eq!(what, "shard 0 has instances of no type");
    }
    let what = of_shard(1, false, |shard| shard.stores[0].page_numbers[0] = 1 << 20);
    assert!(what.contains("page number 1048576 is not below"), "{what}");
    let what = of_shard(1, false, |shard| shard.stores[0].len += 1);
    assert!(what.contains("in shard 0"), "{what}");
}

#[test]
fn stocks_that_are_not_those_of_their_owner() {
    let no_owner = "a stock of slot numbers is not one of its owner";
    let not_there = "a stock has given out slot numbers that there are not";
    let far = "slots are further apart than they can be";
    let none: (u32, &[(u32, u16)]) = (0, &[]);
    // In a world of three shards, page 5 is that of shard 2, and page 0 the host's.
    for (stock, why) in [
        ((1_u16, stock(3, &[none; 3])), no_owner),
        ((1, stock(0, &[none; 2])), no_owner),
        ((0, stock(0, &[none; 3])), no_owner),
        ((3, stock(0, &[none; 3])), no_owner),
        ((1, stock(0, &[none, none, (0, &[(0, 1)])])), no_owner),
        ((1, stock(0, &[none, none, (0, &[(5 * 128, 0)])])), no_owner),
        ((1, stock(0, &[(u32::MAX, &[]), none, none])), not_there),
        (
            (
                1,
                stock(0, &[(0, &[(128 * (5 + 6 * (1 << 21)), 1)]), none, none]),
            ),
            not_there,
        ),
        ((1, stock(0, &[none, none, (1 << 22, &[])])), far),
        (
            (
                1,
                stock(0, &[none, (0, &[(128 * (5 + 6 * (1 << 18)), 1)]), none]),
            ),
            far,
        ),
    ] {
        let what = of_shard(3, false, |shard| shard.sender.stocks = CVec::from([stock]));
        assert_eq!(what, why);
    }
    let what = of_world(3, false, |world| {
        world.host.stocks = CVec::from([(1, stock(0, &[(1 << 24, &[]), none, none]))]);
    });
    assert_eq!(what, far);
}

/// What is wrong when the label of the first message that `change` knows is changed.
fn of_label(shards: usize, change: impl Fn(u16, &mut u32, &mut u16) -> bool) -> String {
    refusal(shards, false, |taken| {
        let is_letters = |key: &Key| key.kind == ChunkKind::Letters.key(0, 0).kind;
        let chunks = taken.chunks.iter_mut();
        let letters = chunks.filter(|(key, ..)| is_letters(key));
        let mut words = letters.flat_map(|(_, bytes, _)| bytes.chunks_exact_mut(8));
        let found = words.any(|label| {
            let bits = u64::from_le_bytes(label.try_into().unwrap());
            let (tag, mut index, mut generation) =
                ((bits >> 48) as u16, (bits >> 16) as u32, bits as u16);
            let is_it = change(tag, &mut index, &mut generation);
            let bits = u64::from(tag) << 48 | u64::from(index) << 16 | u64::from(generation);
            label.copy_from_slice(&bits.to_le_bytes());
            is_it
        });
        assert!(found, "there is such a message");
    })
}

#[test]
fn messages_for_nobody() {
    let nobody = "the messages of a shard: a message is for nobody in its shard";
    let is_message = |tag: u16, generation: u16| (1..=4).contains(&tag) && generation > 0;
    let what = of_label(3, |tag, index, generation| {
        *index ^= u32::from(is_message(tag, *generation));
        is_message(tag, *generation)
    });
    assert_eq!(what, nobody);
    let what = of_label(3, |tag, index, generation| {
        let is_it = is_message(tag, *generation);
        if is_it {
            (*index, *generation) = (7, 0);
        }
        is_it
    });
    assert_eq!(what, nobody);
    let (disk, _) = example(1, false);
    let world: WorldImage = from_bytes(&Taken::of(&disk).meta).unwrap();
    let mut messages = (1..).zip(&world.protocol.messages);
    let make = MakePlain::FINGERPRINT;
    let (spawner, _) = messages
        .find(|(_, message)| message.fingerprint == make)
        .unwrap();
    let is_spawner = |tag: u16, generation: u16| tag == spawner && generation > 0;
    let what = of_label(1, |tag, index, generation| {
        let is_it = is_spawner(tag, *generation);
        *index |= u32::from(is_it) << 31;
        is_it
    });
    assert_eq!(what, "slots are further apart than they can be");
}

#[test]
fn letters_that_are_not_those_of_a_shard() {
    let begins = "the messages of a shard: ";
    for (change, why) in [
        (
            (|letter| letter.to = 2) as fn(&mut LetterImage),
            "a message is not for the type of its letter",
        ),
        (|letter| letter.chunks[0].0 = 4, "sender 4 is none"),
        (
            |letter| letter.chunks[0].2 += 1 << 40,
            "it ends within a letter",
        ),
        (
            |letter| letter.chunks.clear(),
            "there is more than its letters",
        ),
    ] {
        let what = of_shard(3, false, |shard| {
            let letters = &mut shard.letters;
            let letter = letters.iter_mut().find(|letter| letter.to == 1).unwrap();
            change(letter);
            if letter.chunks.is_empty() {
                letters.clear();
            }
        });
        assert_eq!(what.strip_prefix(begins), Some(why));
    }
}

#[test]
fn counts_that_nobody_reaches_are_borne() {
    let (disk, _) = example(3, false);
    let mut taken = Taken::of(&disk);
    let mut world: WorldImage = from_bytes(&taken.meta).unwrap();
    world.waiting = u64::MAX;
    world.streams = u64::MAX;
    world
        .host
        .lost
        .iter_mut()
        .for_each(|count| *count = u64::MAX);
    world
        .host
        .delivered
        .iter_mut()
        .for_each(|count| *count = u64::MAX);
    taken.meta = to_bytes(&world).unwrap();
    assert!(super::forged::is_borne(&taken.disk(&disk), 3, "counts"));
}

#[test]
fn what_has_changed_of_messages_is_of_no_interest_if_none_waits() {
    const MANY: u32 = 20_000;
    let (disk, _) = example(1, false);
    let mut taken = Taken::of(&disk);
    let mut world: WorldImage = from_bytes(&taken.meta).unwrap();
    let field = |_| Field {
        name: CString::from("it"),
        offset: 0,
        of: 0,
    };
    let layout = world.protocol.layouts.len() as u32;
    world.protocol.layouts.push(Layout {
        name: CString::from("a message that has lost all its fields"),
        size: 8,
        align: 8,
        form: Form::Fields((0..MANY).map(field).collect()),
    });
    let (actor, fingerprint) = (
        world.protocol.messages[0].actor,
        world.protocol.messages[0].fingerprint,
    );
    let others = (0..MANY).map(|_| MessageImage {
        actor,
        fingerprint,
        layout,
    });
    // To list it for each of them would take gigabytes.
    world.protocol.messages.extend(others);
    taken.meta = to_bytes(&world).unwrap();
    assert!(super::forged::is_borne(&taken.disk(&disk), 1, "messages"));
}
