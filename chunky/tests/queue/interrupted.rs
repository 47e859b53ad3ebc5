//! Deliveries that are leaked, that a panic interrupts, or that have nothing to deliver.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chunky::{Chain, Delivery, Fetch, Lane, Stop};

use crate::common::{Counted, blows};
use crate::items::*;
use crate::values::*;

fn detonate(queue: &Queue) {
    let mut armed = Counted::new(0, &queue.ledger);
    armed.armed = true;
}

#[test]
fn a_leaked_delivery_hands_nothing_out_twice() {
    for taken in 0..=5 {
        let mut queue = Queue::new();
        let mut map = map(0..9);
        let mut chain = queue.chain_of(&numbered(5));
        let later = numbered(9)[5..].to_vec();
        chain.append(queue.chain_of(&later));
        let mut delivery = begin(&mut map, Fetch::All, &mut chain, &mut queue);
        for _ in 0..taken {
            drop(delivery.take::<Counted>().unwrap());
        }
        std::mem::forget(delivery);
        let leaked = 5 - taken;
        assert_eq!(
            all_of(&chain),
            later,
            "what is left of the chunk is lost, no more"
        );
        assert_eq!(queue.ledger.live(), 4 + leaked);
        take_all(
            &mut begin(&mut map, Fetch::All, &mut chain, &mut queue),
            &mut queue,
        );
        assert!(chain.is_empty());
        drop(chain);
        queue.ends_with(leaked);
    }
}

#[test]
fn a_panic_leaves_the_rest_and_what_was_not_taken_in_the_chain() {
    // Many enough for several chunks and windows.
    let count = 150;
    for (fetch, taken) in FETCHES
        .iter()
        .flat_map(|&fetch| [(fetch, false), (fetch, true)])
    {
        for at in [0, 1, 7, 8, 31, 32, 33, 100, 149] {
            let mut queue = Queue::new();
            let mut map = map(0..count);
            let mut chain = queue.chain_of(&numbered(count));
            let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
            let blown = blows(|| {
                while any(&mut delivery, &mut queue) {
                    delivery.each::<Counted>(|_, _, to, item| {
                        let last = to.index() == at;
                        if taken || !last {
                            drop(item.take());
                        }
                        if last {
                            detonate(&queue);
                        }
                        false
                    });
                }
            });
            assert!(blown);
            drop(delivery);
            let rest = &numbered(count)[at as usize + usize::from(taken)..];
            assert_eq!(all_of(&chain), rest);
            assert_eq!(queue.ledger.live(), rest.len());
            drop(chain);
            queue.ends_with(0);
        }
    }
}

/// Each item reaches its own value even after receivers have panicked, whether they took it or not.
#[test]
fn a_delivery_goes_on_after_panics() {
    for way in 0..12 {
        let (fetch, taken, one_by_one) = (FETCHES[way >> 2], way & 1 > 0, way & 2 > 0);
        let mut queue = Queue::new();
        let mut map = map(0..150);
        let mut chain = queue.chain_of(&numbered(150));
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        let mut calls = 0;
        while any(&mut delivery, &mut queue) {
            let next = delivery.to().unwrap();
            let before = calls;
            let mut receive = |given: &mut Given, item: chunky::Given<'_, Counted>| {
                given.push(item.look().value);
                calls += 1;
                let panics = calls % 3 == 0;
                if taken || !panics {
                    drop(item.take());
                }
                if panics {
                    detonate(&queue);
                }
                false
            };
            blows(|| {
                if one_by_one {
                    delivery.give_next(next.key(0), |given, _, item| receive(given, item));
                }
                delivery.each(|given, _, _, item| receive(given, item));
            });
            assert!(calls > before, "{next:?} was not there");
        }
        drop(delivery);
        assert_eq!(calls, if taken { 150 } else { 224 });
        for (key, given) in map.iter() {
            let own = u64::from(key.slot);
            assert!(!given.is_empty() && given.iter().all(|&value| value == own));
        }
        drop(chain);
        queue.ends_with(0);
    }
}

#[test]
fn an_item_whose_drop_panics_is_dropped_once_and_passed() {
    for fetch in FETCHES {
        let mut queue = Queue::new();
        let mut map = map(0..50);
        let mut lane = Lane::new();
        for at in 0..50 {
            let mut item = Counted::new(u64::from(at), &queue.ledger);
            item.armed = at % 3 == 1;
            lane.push(COUNTED, to(at), item, &mut queue.pool);
        }
        let mut chain = lane.take().unwrap();
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        let mut blown = 0;
        while any(&mut delivery, &mut queue) {
            let before = delivery.to();
            blown += u32::from(blows(|| {
                delivery.each::<Counted>(|given, _, _, item| {
                    given.push(item.look().value);
                    false
                });
            }));
            assert_ne!(delivery.to(), before);
        }
        drop(delivery);
        assert_eq!(blown, 17);
        for (key, given) in map.iter() {
            assert_eq!(given[..], [u64::from(key.slot)]);
        }
        drop(chain);
        queue.ends_with(0);
    }
}

#[test]
fn what_is_put_off_takes_over_the_chunks_that_it_leaves() {
    let mut queue = Queue::new();
    let mut map = map([]);
    let mut lane = Lane::new();
    let mut chain = queue.chain_of(&numbered(3000));
    let first = queue.storage.acquired();
    let mut delivery = begin(&mut map, Fetch::All, &mut chain, &mut queue);
    while any(&mut delivery, &mut queue) {
        delivery.put_off(&mut lane, &mut queue.pool);
    }
    drop(delivery);
    assert!(queue.storage.acquired() <= first + 2);
    assert_eq!(all_of(&lane.take().unwrap()), numbered(3000));
    drop(chain);
    queue.ends_with(0);
}

#[test]
fn what_is_not_there_is_not_given() {
    let mut queue = Queue::new();
    let mut map = map(0..3);
    let mut lane = Lane::new();
    let pool = &mut queue.pool;
    assert!(Delivery::new(&mut map, 0, Fetch::All, &mut Chain::default(), pool).is_none());
    let mut chain = queue.chain_of(&[Sent::item(WORD, to(1), 5).by(4)]);
    let mut delivery = begin(&mut map, Fetch::All, &mut chain, &mut queue);
    assert_eq!(delivery.tag(), Some(WORD));
    assert_eq!(delivery.tag(), Some(WORD));
    assert!(
        delivery.next_chunk(&mut queue.pool),
        "this one is not at its end"
    );
    assert_eq!(delivery.each::<Counted>(|_, _, _, _| true), Stop::Other);
    assert_eq!(delivery.to_of::<Counted>(), None);
    assert!(delivery.take::<Counted>().is_none());
    assert!(delivery.look::<Word>().is_some());
    assert_eq!(format!("{delivery:?}"), "Delivery { .. }");
    delivery.put_off(&mut lane, &mut queue.pool);
    assert_eq!((delivery.tag(), delivery.to()), (None, None));
    assert_eq!(delivery.each::<Word>(|_, _, _, _| true), Stop::Other);
    assert!(!delivery.give_next::<Word>(key(1), |_, _, _| true));
    let put_off = AssertUnwindSafe(|| delivery.put_off(&mut lane, &mut queue.pool));
    assert!(catch_unwind(put_off).is_err());
    assert!(!delivery.next_chunk(&mut queue.pool));
    drop(delivery);
    drop((chain, lane));
    queue.ends_with(0);
}

#[test]
fn the_steady_state_takes_nothing_new_from_the_storage() {
    let mut queue = Queue::new();
    let mut map = map(0..3000);
    let mut round = |queue: &mut Queue| {
        let mut chain = queue.chain_of(&numbered(3000));
        let mut delivery = begin(&mut map, Fetch::All, &mut chain, queue);
        assert_eq!(take_all(&mut delivery, queue), Stop::Other);
        drop(delivery);
        assert!(!chain.settle(&mut queue.pool));
    };
    round(&mut queue);
    let first = queue.storage.acquired();
    (0..5).for_each(|_| round(&mut queue));
    assert_eq!(queue.storage.acquired(), first);
    assert!(
        map.iter()
            .all(|(key, given)| given[..] == [u64::from(key.slot); 6])
    );
    queue.ends_with(0);
}
