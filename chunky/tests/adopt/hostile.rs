//! Copies that say what no map would say.

use std::collections::HashSet;
use std::sync::Arc;

use chunky::{AdoptError, ChunkedVec, Heap, Key, Lookup, SlotMap, SlotPage, Storage};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counting, Ledger, property, shrunk};
use crate::follow::{Op, forget_values, ops};
use crate::saved::{Memory, Pushed, Saved, key};
use crate::values::{Counted, Value};

const VACANT: u32 = u32::MAX;

/// Six values in three pages, one of them the last one that a slot had.
fn small(ledger: &Arc<Ledger>) -> Saved {
    let mut map = SlotMap::new(Arc::new(Heap));
    for slot in [3, 300, 4, 127, 128, 5, 301] {
        assert!(
            map.insert(key(slot, 1), Counted::make(slot.into(), ledger))
                .is_ok()
        );
    }
    for (slot, generation) in [(300, 1), (300, 2), (9, 1)] {
        assert!(map.skip(key(slot, generation)) || map.remove(key(slot, generation)).is_some());
    }
    assert!(map.insert(key(300, 3), Counted::make(300, ledger)).is_ok());
    assert!(map.remove(key(3, 1)).is_some());
    *map.get_with_counter(key(4, 1)).unwrap().1 = 0xabcd;
    let saved = Saved::of(&mut map);
    forget_values(map);
    saved
}

impl Saved {
    fn position(&self, page: usize, slot: usize) -> u32 {
        u32::from_ne_bytes(*self.pages[page][slot * 8..].first_chunk().unwrap())
    }

    fn set_position(&mut self, page: usize, slot: usize, position: u32) {
        self.pages[page][slot * 8..][..4].copy_from_slice(&position.to_ne_bytes());
    }

    fn set_generation(&mut self, page: usize, slot: usize, generation: u16) {
        self.pages[page][slot * 8 + 4..][..2].copy_from_slice(&generation.to_ne_bytes());
    }
}

/// Why they are not adopted; all values are dropped.
fn refused(change: impl FnOnce(&mut Saved)) -> AdoptError {
    let (ledger, storage) = (Ledger::new(), Counting::new());
    let mut saved = small(&ledger);
    change(&mut saved);
    assert_eq!(ledger.live(), 6);
    let (map, memory) = saved.adopt::<Counted>(Pushed::default(), &(storage.clone() as _));
    let error = map.expect_err("it is no map");
    assert_eq!(Arc::strong_count(&memory), 1);
    assert_eq!((ledger.live(), storage.bytes()), (0, 0));
    error
}

#[test]
fn what_is_wrong_is_named() {
    let saved = small(&Ledger::new());
    assert_eq!(saved.slots, [300, 301, 4, 127, 128, 5]);
    assert_eq!(saved.numbers, [0, 1, 2]);
    assert_eq!((saved.position(0, 5), saved.position(2, 44)), (5, 0));

    type Change = fn(&mut Saved);
    let slot = |slot, position| AdoptError::Slot { slot, position };
    let cases: [(Change, AdoptError, &str); _] = [
        (
            |saved| saved.slots.truncate(5),
            AdoptError::Slots {
                values: 6,
                slots: 5,
            },
            "there are 6 values, but 5 slots",
        ),
        (
            |saved| saved.slots.push(6),
            AdoptError::Slots {
                values: 6,
                slots: 7,
            },
            "there are 6 values, but 7 slots",
        ),
        (
            |saved| saved.numbers.truncate(2),
            AdoptError::Pages {
                pages: 3,
                numbers: 2,
            },
            "there are 3 pages, but 2 page numbers",
        ),
        (
            |saved| saved.pages.truncate(2),
            AdoptError::Pages {
                pages: 2,
                numbers: 3,
            },
            "there are 2 pages, but 3 page numbers",
        ),
        (
            |saved| saved.numbers = vec![0, 2, 1],
            AdoptError::Order { number: 1 },
            "page number 1 is not above the one before",
        ),
        (
            |saved| saved.numbers = vec![0, 1, 1],
            AdoptError::Order { number: 1 },
            "page number 1 is not above the one before",
        ),
        (
            |saved| saved.numbers[2] = 3,
            AdoptError::Number {
                number: 3,
                limit: 3,
            },
            "page number 3 is not below 3",
        ),
        (
            |saved| (saved.numbers[2], saved.limit) = (1 << 25, VACANT),
            AdoptError::Number {
                number: 1 << 25,
                limit: 1 << 25,
            },
            "page number 33554432 is not below 33554432",
        ),
        // The last one of all slots.
        (
            |saved| {
                (saved.numbers[2], saved.limit) = ((1 << 25) - 1, VACANT);
                for slot in [44, 45] {
                    saved.set_position(2, slot, VACANT);
                }
                saved.set_position(2, 127, 0);
            },
            slot(VACANT, 0),
            "slot 4294967295 leads to position 0, which does not lead back",
        ),
        (
            |saved| saved.set_position(0, 4, 6),
            slot(4, 6),
            "slot 4 leads to position 6, which does not lead back",
        ),
        (
            |saved| saved.set_position(0, 4, VACANT - 1),
            slot(4, VACANT - 1),
            "slot 4 leads to position 4294967294, which does not lead back",
        ),
        // Two for one position.
        (
            |saved| saved.set_position(0, 9, 1),
            slot(9, 1),
            "slot 9 leads to position 1, which does not lead back",
        ),
        (
            |saved| saved.set_generation(1, 0, 0),
            AdoptError::Generation { slot: 128 },
            "slot 128 has a value, but is used up",
        ),
        (
            |saved| saved.set_position(2, 44, VACANT),
            AdoptError::Position {
                position: 0,
                slot: 300,
            },
            "position 0 leads to slot 300, which does not lead back",
        ),
        // Two positions for one slot: another one has none then.
        (
            |saved| {
                saved.set_position(2, 44, VACANT);
                saved.slots[0] = 128;
            },
            AdoptError::Position {
                position: 0,
                slot: 128,
            },
            "position 0 leads to slot 128, which does not lead back",
        ),
        // A slot that has no page.
        (
            |saved| {
                saved.set_position(2, 44, VACANT);
                saved.slots[0] = VACANT;
            },
            AdoptError::Position {
                position: 0,
                slot: VACANT,
            },
            "position 0 leads to slot 4294967295, which does not lead back",
        ),
        (
            |saved| {
                saved.pages.truncate(2);
                saved.numbers.truncate(2);
            },
            AdoptError::Position {
                position: 0,
                slot: 300,
            },
            "position 0 leads to slot 300, which does not lead back",
        ),
    ];
    for (change, error, text) in cases {
        assert_eq!(refused(change), error);
        assert_eq!(error.to_string(), text);
    }
    small_ends(saved);
}

/// Drops the values.
fn small_ends(saved: Saved) {
    let map = saved
        .adopt::<Counted>(Pushed::default(), &(Arc::new(Heap) as _))
        .0;
    assert_eq!(map.unwrap().len(), 6);
}

/// Whether a map keeps what it promises, whatever it was made of.
fn consistent<T>(map: &SlotMap<T>) -> TestCaseResult {
    let mut slots = HashSet::new();
    for position in 0..map.len() {
        let Some((key, _, _)) = map.at(position) else {
            return Err(TestCaseError::fail(format!("nothing is at {position}")));
        };
        prop_assert!(key.generation > 0 && slots.insert(key.slot));
        prop_assert_eq!(map.lookup(key), Lookup::Live(position));
        prop_assert_eq!(map.position_of(key.slot), Some(position));
    }
    prop_assert!(map.at(map.len()).is_none());
    Ok(())
}

/// The key that a slot has or waits for.
fn key_of<T>(map: &SlotMap<T>, slot: u32, generations: impl Iterator<Item = u16>) -> Option<Key> {
    let mut keys = generations.map(|generation| key(slot, generation));
    keys.find(|key| map.lookup(*key) != Lookup::Dead)
}

/// What a map does that is no copy of a known one.
fn goes_on(map: &mut SlotMap<Counted>, ops: &[Op], ledger: &Arc<Ledger>) -> TestCaseResult {
    for op in ops {
        let len = map.len();
        match *op {
            Op::Insert(slot) => {
                let Some(key) = key_of(map, slot, 0..400) else {
                    continue;
                };
                let expected = map.lookup(key) == Lookup::Expected;
                prop_assert_eq!(map.insert(key, Counted::make(1, ledger)).is_ok(), expected);
                prop_assert_eq!(map.len(), len + usize::from(expected));
            }
            Op::Remove(slot) => {
                let Some(key) = key_of(map, slot, 0..400) else {
                    continue;
                };
                let live = matches!(map.lookup(key), Lookup::Live(_));
                prop_assert_eq!(map.remove(key).is_some(), live);
                prop_assert_eq!(map.len(), len - usize::from(live));
            }
            Op::RemoveAt(at) => {
                let Some(key) = map.key_at(at % (len + 1)) else {
                    continue;
                };
                prop_assert!(map.remove(key).is_some());
            }
            Op::Skip(slot) => {
                let Some(key) = key_of(map, slot, 0..400) else {
                    continue;
                };
                prop_assert_eq!(map.skip(key), map.lookup(key) == Lookup::Dead);
            }
            Op::Count(slot) => {
                let Some(key) = key_of(map, slot, 0..400) else {
                    continue;
                };
                let live = matches!(map.lookup(key), Lookup::Live(_));
                let counter = map.get_with_counter(key).map(|(_, counter)| {
                    *counter = counter.wrapping_add(1);
                });
                prop_assert_eq!(counter.is_some(), live);
            }
            Op::Duplicate => {
                *map = map.duplicate_with(|value| Counted::make(value.value(), ledger))
            }
        }
        prop_assert_eq!(ledger.live(), map.len());
    }
    let mut position = 0;
    while position < map.len() {
        position += map.slices_from(position).0.len();
    }
    consistent(map)
}

/// Adopts what may be a map or not. Returns whether it is one.
fn try_out(saved: &Saved, ops: &[Op], ledger: &Arc<Ledger>) -> Result<bool, TestCaseError> {
    let storage = Counting::new();
    let (map, memory) = saved.adopt::<Counted>(Pushed::default(), &(storage.clone() as _));
    let adopted = map.is_ok();
    if let Ok(mut map) = map {
        consistent(&map)?;
        goes_on(&mut map, ops, ledger)?;
    }
    prop_assert_eq!(Arc::strong_count(&memory), 1);
    prop_assert_eq!((ledger.live(), storage.bytes()), (0, 0));
    Ok(adopted)
}

/// A change of any byte is seen, or is one that leaves a map.
#[test]
fn each_changed_byte_is_refused_or_leaves_a_map() {
    let after = [
        Op::Insert(9),
        Op::Remove(4),
        Op::Insert(600),
        Op::RemoveAt(0),
        Op::Duplicate,
    ];
    let ledger = Ledger::new();
    let (mut adopted, mut tried) = (0, 0);
    let pages = 3 * SlotPage::BYTES;
    // Where each takes long, some of them, at all places of a slot.
    let step = if shrunk(2) == 1 { 13 } else { 1 };
    for at in (0..pages + 6 * 4).step_by(step) {
        for flip in [1, 2, 0x80, 0xff] {
            let mut saved = small(&ledger);
            if at < pages {
                saved.pages[at / SlotPage::BYTES][at % SlotPage::BYTES] ^= flip;
            } else {
                let slot = &mut saved.slots[(at - pages) / 4];
                *slot ^= u32::from(flip) << (8 * (at % 4));
            }
            tried += 1;
            adopted += usize::from(try_out(&saved, &after, &ledger).unwrap());
        }
    }
    // Half of what there is are positions, or slots at positions, and no other is right.
    assert!(adopted <= tried / 2, "{adopted} of {tried} were adopted");
    assert!(adopted > tried / 3, "{adopted} of {tried} were adopted");
}

/// What looks like a map, and may be one.
#[test]
fn any_likely_slots_are_refused_or_leave_a_map() {
    let position = prop_oneof![6 => 0..8_u32, 1 => Just(VACANT)];
    let generation = prop_oneof![3 => 0..4_u16, 1 => Just(u16::MAX)];
    let near = || prop_oneof![4 => 0..12_usize, 1 => 120..128_usize];
    let edit = (0..3_usize, near(), position, generation);
    let slot = (0..6_usize, 0..3_u32, near());
    let edits = (
        prop::collection::vec(edit, 0..4),
        prop::collection::vec(slot, 0..3),
        // Whether positions are told of the slots.
        any::<bool>(),
        prop::collection::vec(0..6_u32, 0..4),
        ops(30),
    );
    property(1000, edits, |(edits, slots, told, numbers, ops)| {
        let ledger = Ledger::new();
        let mut saved = small(&ledger);
        if numbers.len() == 3 {
            (saved.numbers, saved.limit) = (numbers, 5);
        }
        for (page, slot, position, generation) in edits {
            saved.set_generation(page, slot, generation);
            saved.set_position(page, slot, position);
            if told && let Some(at) = saved.slots.get_mut(position as usize) {
                let last = (*at / 128, *at % 128);
                *at = saved.numbers[page] * 128 + slot as u32;
                if let Some(page) = saved.numbers.iter().position(|number| *number == last.0) {
                    saved.set_position(page, last.1 as usize, VACANT);
                }
            }
        }
        for (position, page, slot) in slots {
            if !told {
                saved.slots[position] = page * 128 + slot as u32;
            }
        }
        try_out(&saved, &ops, &ledger).map(|_| ())
    });
}

/// Memory that is no blocks.
#[test]
fn memory_of_another_size_or_place_is_refused() {
    const BYTES: usize = ChunkedVec::<[u64; 3]>::BLOCK_BYTES;
    const PER_BLOCK: usize = ChunkedVec::<[u64; 3]>::PER_BLOCK;
    assert_eq!((BYTES, PER_BLOCK), (12 * 1024, 512));
    let memory = Memory::of::<[u64; 3]>(&[0; 3 * BYTES]);
    let storage = Arc::new(Heap) as Arc<dyn Storage>;
    let adopt = |off, bytes, len| {
        let (owner, storage) = (Arc::clone(&memory), Arc::clone(&storage));
        // SAFETY: the memory is initialised, and only one of these vectors exists at a time. They are
        // not changed.
        unsafe { ChunkedVec::<[u64; 3]>::adopt(memory.bytes(off, bytes), len, owner, storage) }
    };
    for (blocks, len) in [(0, 0), (1, 1), (1, 512), (2, 513), (3, 1536)] {
        assert_eq!(adopt(0, blocks * BYTES, len).unwrap().len(), len);
        for (bytes, len) in [
            (blocks * BYTES + 1, len),
            ((blocks * BYTES).wrapping_sub(1), len),
            (blocks * BYTES + BYTES, len),
            (blocks * BYTES, len + 512),
            (blocks * BYTES, usize::MAX),
            (blocks * BYTES, usize::MAX / BYTES * 512 + 513),
        ] {
            if bytes <= 3 * BYTES {
                let error = adopt(0, bytes, len).unwrap_err();
                assert_eq!(error, AdoptError::Size { values: len, bytes });
            }
        }
    }
    let text = adopt(0, 7, 1).unwrap_err().to_string();
    assert_eq!(text, "7 bytes are not the blocks of 1 values");
    for off in [1, 8, 32, 63] {
        let error = adopt(off, BYTES, 512).unwrap_err();
        assert_eq!(error, AdoptError::Alignment { align: 64 });
        assert_eq!(
            error.to_string(),
            "memory does not begin at a multiple of 64"
        );
        assert!(adopt(off, 0, 0).is_ok());
    }
    assert!(adopt(64, BYTES, 512).is_ok());
    assert_eq!(Arc::strong_count(&memory), 1);
}
