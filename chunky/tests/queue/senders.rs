//! Who has sent what is left when a delivery ends early, or what it puts off.

use chunky::{Delivery, Lane, Stop};

use crate::common::Counted;
use crate::items::*;
use crate::values::*;

/// Items for values that are there, from senders who change after so many.
fn sent_in_turns(count: u32, each: u32) -> Vec<Sent> {
    let all = numbered(count).into_iter().zip(0..);
    all.map(|(sent, at): (Sent, u32)| sent.by(at / each % 3))
        .collect()
}

#[test]
fn wherever_a_delivery_ends_each_item_that_is_left_has_its_sender() {
    for (fetch, each) in FETCHES
        .iter()
        .flat_map(|&fetch| [(fetch, 1), (fetch, 7), (fetch, 50)])
    {
        let all = sent_in_turns(160, each);
        for taken in (0..40).chain([49, 50, 51, 98, 99, 100, 101, 110, 159, 160]) {
            let mut queue = Queue::new();
            let mut map = map(0..160);
            let mut chain = queue.chain_of(&all[..100]);
            chain.append(queue.chain_of(&all[100..]));
            let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
            let mut left = taken;
            while left > 0 && any(&mut delivery, &mut queue) {
                // Until it is up to one that is to go, but does not.
                delivery.each::<Counted>(|_, _, _, item| {
                    drop(item.take());
                    left -= 1;
                    left == 0
                });
            }
            drop(delivery);
            assert_eq!(all_of(&chain), all[taken..]);
            // And so it has after another one that does nothing but go on to the next chunk, or pass a
            // mark.
            if chain.settle(&mut queue.pool) {
                any(
                    &mut begin(&mut map, fetch, &mut chain, &mut queue),
                    &mut queue,
                );
            }
            assert_eq!(all_of(&chain), all[taken..]);
            drop(chain);
            queue.ends_with(0);
        }
    }
}

#[test]
fn what_is_put_off_keeps_its_sender_whatever_is_in_the_lane() {
    for (each, asked) in [1, 2, 7, 90]
        .iter()
        .flat_map(|&each| [(each, false), (each, true)])
    {
        for held in [&[][..], &[Sent::item(WORD, to(0), 3).by(2)]] {
            let mut queue = Queue::new();
            let mut map = map(0..160);
            let all = sent_in_turns(160, each);
            let mut chain = queue.chain_of(&all);
            let mut lane = queue.lane_of(held);
            let mut expected = held.to_vec();
            let mut delivery = begin(&mut map, FETCHES[each as usize % 3], &mut chain, &mut queue);
            let mut nth = 0;
            while any(&mut delivery, &mut queue) {
                // Several in a row, and not every one.
                while delivery.to() == Some(to(nth)) {
                    if asked {
                        assert_eq!(delivery.tag(), Some(COUNTED));
                    }
                    if nth % 5 == 4 {
                        drop(delivery.take::<Counted>().unwrap());
                    } else {
                        delivery.put_off(&mut lane, &mut queue.pool);
                        expected.push(all[nth as usize]);
                    }
                    nth += 1;
                }
            }
            assert_eq!(nth, 160);
            drop(delivery);
            let put_off = lane.take().unwrap();
            assert_eq!(all_of(&put_off), expected);
            drop((chain, put_off));
            queue.ends_with(0);
        }
    }
}

/// That another sender's items begin is none of the next item's business.
#[test]
fn whoever_asks_for_the_next_item_sees_no_mark() {
    let mut queue = Queue::new();
    let mut map = map(0..9);
    let mut lane = Lane::new();
    let all = sent_in_turns(9, 1);
    let mut chain = queue.chain_of(&all);
    let take = |delivery: &mut Delivery<'_, Given>| delivery.take::<Counted>().unwrap().value;
    let mut delivery = begin(&mut map, FETCHES[2], &mut chain, &mut queue);
    assert_eq!(take(&mut delivery), 0);
    // Now a mark is next in the chunk.
    assert_eq!(delivery.to(), Some(to(1)));
    assert_eq!(delivery.to_of::<Counted>(), Some(to(1)));
    assert_eq!(delivery.look::<Counted>().unwrap().value, 1);
    assert_eq!(delivery.slices_and_next::<Counted>(0).2.unwrap().value, 1);
    // It is of that type.
    assert!(delivery.look::<()>().is_none());
    assert!(delivery.take::<()>().is_none());
    assert_eq!(delivery.each::<()>(|_, _, _, _| true), Stop::Other);
    assert!(!delivery.give_next::<()>(key(0), |_, _, _| true));
    drop(delivery);
    assert_eq!(all_of(&chain), all[1..]);

    let mut delivery = begin(&mut map, FETCHES[2], &mut chain, &mut queue);
    assert_eq!(take(&mut delivery), 1);
    delivery.put_off(&mut lane, &mut queue.pool);
    assert_eq!(take(&mut delivery), 3);
    let mut given = 0;
    delivery.give_next::<Counted>(key(8), |_, _, item| {
        given = item.take().value;
        false
    });
    assert_eq!(given, 4);
    let stop = delivery.each::<Counted>(|_, _, _, item| item.take().value == 6);
    assert_eq!(stop, Stop::Remove(to(6)));
    assert_eq!(delivery.to(), Some(to(7)));
    drop(delivery);
    assert_eq!(all_of(&chain), all[7..]);
    let put_off = lane.take().unwrap();
    assert_eq!(all_of(&put_off), all[2..3]);
    drop((chain, put_off));
    queue.ends_with(0);
}

#[test]
fn a_leaked_delivery_leaves_the_senders_of_later_chunks() {
    let mut queue = Queue::new();
    let mut map = map(0..9);
    let all = sent_in_turns(9, 4);
    let mut chain = queue.chain_of(&all[..3]);
    chain.append(queue.chain_of(&all[3..]));
    std::mem::forget(begin(&mut map, FETCHES[0], &mut chain, &mut queue));
    assert_eq!(all_of(&chain), all[3..]);
    drop(chain);
    queue.ends_with(3);
}
