//! Lanes, against plain vectors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chunky::{CHUNK_BYTES, Chain, Lane, Receiver};
use proptest::prelude::*;

use crate::common::{Counted, property};
use crate::items::*;

const TO: Receiver = Receiver::new(5, 1);

#[test]
fn a_lane_hands_over_what_was_written_and_goes_on_without_it() {
    property(150, prop::collection::vec(shape(8), 0..6), |shapes| {
        let mut queue = Queue::new();
        let mut lane = Lane::new();
        let mut chains = Vec::new();
        for shape in &shapes {
            let sent = queue.numbered(shape);
            prop_assert!(lane.is_empty());
            queue.write(&mut lane, &sent);
            prop_assert_eq!(lane.is_empty(), sent.is_empty());
            let chain = lane.take();
            prop_assert_eq!(chain.is_some(), !sent.is_empty());
            chains.extend(chain.map(|chain| (chain, sent)));
        }
        prop_assert!(lane.take().is_none());
        for (chain, sent) in &chains {
            prop_assert_eq!(&all_of(chain), sent);
        }
        drop((chains, lane));
        queue.ends_with(0);
        Ok(())
    });
}

#[test]
fn a_lane_that_is_dropped_drops_what_it_holds() {
    property(60, shape(10), |shape| {
        let mut queue = Queue::new();
        let sent = queue.numbered(&shape);
        let lane = queue.lane_of(&sent);
        prop_assert_eq!(queue.ledger.live(), counted(&sent));
        drop(lane);
        queue.ends_with(0);
        Ok(())
    });
}

/// Whatever the lane holds when they begin, and even if they send nothing.
#[test]
fn each_item_is_from_whoever_has_begun_last() {
    let turns = prop::collection::vec((0..3_u32, shape(4)), 0..20);
    property(100, turns, |turns| {
        let mut queue = Queue::new();
        let mut lane = Lane::new();
        let mut expected: Vec<Sent> = Vec::new();
        for (sender, mut shape) in turns {
            shape.retain(|burst| burst.0 != 0);
            let sent = queue.numbered(&shape);
            lane.begin(sender, &mut queue.pool);
            for Sent { tag, to, value, .. } in sent {
                let (ledger, pool) = (&queue.ledger, &mut queue.pool);
                with_kind!(tag, T => lane.push(tag, to, T::make(value, ledger), pool));
                expected.push(Sent::item(tag, to, value).by(sender));
            }
        }
        let chain = lane.take().unwrap_or_default();
        prop_assert_eq!(all_of(&chain), expected);
        drop(chain);
        // The next sender is not the last one, even if its chunk was.
        let next = Sent::item(WORD, TO, 7);
        lane.push(WORD, TO, Word::make(7, &queue.ledger), &mut queue.pool);
        prop_assert_eq!(all_of(&lane.take().unwrap()), [next]);
        queue.ends_with(0);
        Ok(())
    });
}

#[test]
fn only_senders_that_change_within_a_chunk_take_room() {
    let chunks = |senders: u32| {
        let mut queue = Queue::new();
        let mut lane = Lane::new();
        for at in 0..10_000 {
            lane.begin(9 + at % senders, &mut queue.pool);
            lane.push(WORD, TO, Word::make(7, &queue.ledger), &mut queue.pool);
        }
        drop(lane);
        queue.storage.acquired()
    };
    let plain = Queue::new().chunks_of(&vec![Sent::item(WORD, TO, 7); 10_000]);
    assert_eq!(chunks(1), plain);
    // A mark takes half as much as such an item.
    assert!((plain * 3 / 2 - 1..=plain * 3 / 2 + 1).contains(&chunks(2)));
}

#[test]
fn a_wrong_tag_is_refused_and_harms_nothing() {
    let mut queue = Queue::new();
    let mut lane = Lane::new();
    let mut sent = Vec::new();
    for tag in [0, 1, COUNTED, 8, TAGS + 1, u16::MAX] {
        let item = Counted::new(3, &queue.ledger);
        let pushed = catch_unwind(AssertUnwindSafe(|| {
            lane.push(tag, TO, item, &mut queue.pool);
        }));
        assert_eq!(pushed.is_ok(), tag == COUNTED, "tag {tag}");
        sent.extend((tag == COUNTED).then(|| Sent::item(tag, TO, 3)));
        assert_eq!(queue.ledger.live(), sent.len());
    }
    let chain = lane.take().unwrap();
    assert_eq!(all_of(&chain), sent);
    drop(chain);
    queue.ends_with(0);
}

#[test]
fn a_lane_with_nothing_but_a_refused_item_makes_an_empty_chain() {
    let mut queue = Queue::new();
    let mut lane = Lane::new();
    let push = AssertUnwindSafe(|| lane.push(COUNTED, TO, 1_u8, &mut queue.pool));
    assert!(catch_unwind(push).is_err());
    let mut chain = lane.take().unwrap_or_default();
    assert!(!chain.settle(&mut queue.pool));
    assert!(all_of(&chain).is_empty());
}

#[test]
fn chunks_are_full() {
    for (tag, bytes) in [(1, 16), (WORD, 16), (2, 16), (COUNTED, 40)] {
        let mut queue = Queue::new();
        let chain = queue.chain_of(&vec![Sent::item(tag, TO, 7); 10_000]);
        let chunks = queue.storage.acquired();
        let most = 10_000 * bytes / (CHUNK_BYTES as u64 - 100) + 2;
        assert!(chunks <= most, "{chunks} chunks");
        drop(chain);
        queue.ends_with(0);
    }
}

#[test]
fn little_takes_little_memory() {
    let mut queue = Queue::new();
    let chains: Vec<Chain> = (0..100)
        .map(|_| queue.chain_of(&[Sent::item(WORD, TO, 7).by(1)]))
        .collect();
    assert!(queue.storage.bytes() <= 100 * CHUNK_BYTES / 8);
    drop(chains);
    queue.ends_with(0);
}
