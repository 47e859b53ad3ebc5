//! Deliveries whose map changes while values are looked up ahead.

use chunky::{Fetch, Lane, Stop};

use crate::common::Counted;
use crate::items::*;
use crate::values::*;

/// What was looked up ahead would lead to other values by now, since the last one takes the gap.
#[test]
fn a_value_that_goes_takes_nobody_elses_items_along() {
    for fetch in FETCHES {
        let mut queue = Queue::new();
        let mut map = map(0..150);
        let mut chain = queue.chain_of(&numbered(150));
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        let mut next = 0;
        loop {
            let stop = delivery.each::<Counted>(|_, counter, to, item| {
                assert_eq!((u64::from(to.index()), *counter), (item.look().value, 0));
                *counter += 1;
                assert_eq!(to.index(), next);
                next += 1;
                to.index() % 2 == 0
            });
            match stop {
                Stop::Remove(to) => {
                    assert!(delivery.remove(to.key(0)).is_some());
                    // It had not been taken, so it is still next, for nobody.
                    assert_eq!(
                        delivery.each::<Counted>(|_, _, _, _| false),
                        Stop::Elsewhere
                    );
                    assert_eq!(
                        delivery.take::<Counted>().unwrap().value,
                        u64::from(to.index())
                    );
                }
                Stop::Other if delivery.to().is_none() && delivery.next_chunk(&mut queue.pool) => {}
                stop => break assert_eq!(stop, Stop::Other),
            }
        }
        drop(delivery);
        assert_eq!((next, map.len()), (150, 75));
        drop(chain);
        queue.ends_with(0);
    }
}

/// Removed by somebody else's item, while items for it are looked up already.
#[test]
fn a_value_that_goes_before_its_item_comes_gets_nothing() {
    for (fetch, gone) in FETCHES
        .iter()
        .flat_map(|&fetch| [6, 12, 20, 36].map(|gone| (fetch, gone)))
    {
        let mut queue = Queue::new();
        let mut map = map((0..5).chain(6..60));
        let mut chain = queue.chain_of(&numbered(60));
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        for missing in [5, gone] {
            assert_eq!(take_all(&mut delivery, &mut queue), Stop::Elsewhere);
            assert_eq!(delivery.to(), Some(to(missing)));
            if missing == 5 {
                assert!(delivery.remove(key(gone)).is_some());
            }
            assert_eq!(
                delivery.take::<Counted>().unwrap().value,
                u64::from(missing)
            );
        }
        assert_eq!(take_all(&mut delivery, &mut queue), Stop::Other);
        drop(delivery);
        assert_eq!(map.len(), 58);
        for (key, given) in map.iter() {
            assert_eq!(given[..], [u64::from(key.slot)]);
        }
        drop(chain);
        queue.ends_with(0);
    }
}

#[test]
fn an_item_finds_a_value_that_comes_while_it_is_on_its_way() {
    for fetch in FETCHES {
        let mut queue = Queue::new();
        // None of the others' slots has even a page yet.
        let mut map = map([0]);
        let sent: Vec<Sent> = (0..80)
            .map(|at| Sent::item(COUNTED, to(at % 40 * 200), u64::from(at)))
            .collect();
        let mut chain = queue.chain_of(&sent);
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        let mut inserted = 0;
        while take_all(&mut delivery, &mut queue) == Stop::Elsewhere {
            let key = delivery.to().unwrap().key(0);
            // It may have been looked up before the value came.
            if delivery.map().get(key).is_none() {
                delivery.insert(key, Vec::new()).unwrap();
                inserted += 1;
            }
            delivery.forget();
            let before = delivery.map().get(key).unwrap().len();
            delivery.each::<Counted>(|given, _, _, item| {
                given.push(item.take().value);
                false
            });
            assert!(delivery.map().get(key).unwrap().len() > before);
        }
        drop(delivery);
        assert_eq!((inserted, map.len()), (39, 40));
        for (key, given) in map.iter() {
            let at = u64::from(key.slot / 200);
            assert_eq!(given[..], [at, at + 40]);
        }
        drop(chain);
        queue.ends_with(0);
    }
}

/// Whoever is passed was perhaps looked up before.
#[test]
fn items_find_their_values_behind_others_that_were_passed_unseen() {
    let ways = (0..10).flat_map(|given| (1..40).map(move |passed| (given, passed)));
    for ((given, passed), fetch) in ways.flat_map(|way| FETCHES.map(|fetch| (way, fetch))) {
        let mut queue = Queue::new();
        let mut map = map(0..50 + passed);
        let mut lane = Lane::new();
        let mut sent = numbered(passed + 50);
        for sent in &mut sent[given as usize..(given + passed) as usize] {
            *sent = Sent::item(WORD, to(sent.to.index()), 1);
        }
        let mut chain = queue.chain_of(&sent);
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        while any(&mut delivery, &mut queue) {
            let before = delivery.to();
            assert_eq!(take_all(&mut delivery, &mut queue), Stop::Other);
            for _ in 0..passed {
                if delivery.to_of::<Word>().is_some() {
                    delivery.put_off(&mut lane, &mut queue.pool);
                }
            }
            assert_ne!(delivery.to(), before);
        }
        drop(delivery);
        for (key, given) in map.iter().filter(|of| !of.1.is_empty()) {
            assert_eq!(given[..], [u64::from(key.slot)]);
        }
        drop((chain, lane));
        queue.ends_with(0);
    }
}

/// What is looked up ahead is void after each removal, so for a while nothing is: values may then
/// even come just before their items. Later they would be too late.
#[test]
fn after_a_removal_the_next_eight_items_find_their_values_directly() {
    for (fetch, removals) in FETCHES.iter().flat_map(|&fetch| [(fetch, 1), (fetch, 5)]) {
        let mut queue = Queue::new();
        let mut map = map(0..removals);
        let mut chain = queue.chain_of(&numbered(removals + 60));
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        for slot in 0..removals {
            let stop = delivery.each::<Counted>(|_, _, _, item| {
                drop(item.take());
                true
            });
            assert_eq!(stop, Stop::Remove(to(slot)));
            assert!(delivery.remove(key(slot)).is_some());
        }
        for nth in 1..=60 {
            assert!(any(&mut delivery, &mut queue));
            let next = delivery.to().unwrap();
            delivery.insert(next.key(0), Vec::new()).unwrap();
            take_all(&mut delivery, &mut queue);
            let found = delivery.to() != Some(next);
            assert_eq!(found, nth <= 8 || fetch == Fetch::Nothing, "item {nth}");
            if !found {
                drop(delivery.take::<Counted>());
            }
        }
        drop(delivery);
        drop(chain);
        queue.ends_with(0);
    }
}

/// All that is delivered is the same, whatever is fetched.
#[test]
fn nothing_but_the_time_of_looking_depends_on_what_is_fetched() {
    for fetch in FETCHES {
        let mut queue = Queue::new();
        let mut map = map(0..200);
        let mut chain = queue.chain_of(&numbered(200));
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        let mut next = 0;
        while any(&mut delivery, &mut queue) {
            // Every 20th goes, just as direct looks are over; and what is ahead of some is forgotten.
            let stop = delivery.each::<Counted>(|given, _, to, item| {
                assert_eq!(to.index(), next);
                next += 1;
                given.push(item.take().value);
                next % 20 == 0
            });
            if let Stop::Remove(to) = stop {
                assert_eq!(delivery.remove(to.key(0)), Some(vec![u64::from(next - 1)]));
            }
            if next % 3 == 0 {
                delivery.forget();
            }
        }
        drop(delivery);
        drop(chain);
        assert_eq!((next, map.len()), (200, 190));
        for (key, given) in map.iter() {
            assert_eq!(given[..], [u64::from(key.slot)]);
        }
        queue.ends_with(0);
    }
}

/// What is ahead has seen the end of a chunk that others write to before anything more is looked up.
#[test]
fn a_chunk_that_is_used_again_leads_nobody_astray() {
    for fetch in FETCHES {
        let mut queue = Queue::new();
        let mut map = map(0..2000);
        let mut chain = queue.chain_of(&numbered(2000));
        let mut others = Vec::new();
        let mut delivery = begin(&mut map, fetch, &mut chain, &mut queue);
        loop {
            let stop = delivery.each::<Counted>(|given, _, _, item| {
                given.push(item.take().value);
                false
            });
            assert_eq!(stop, Stop::Other);
            if !delivery.next_chunk(&mut queue.pool) {
                break;
            }
            let mut lane = Lane::new();
            for _ in 0..600 {
                let item = Counted::new(0, &queue.ledger);
                lane.push(COUNTED, to(7), item, &mut queue.pool);
            }
            others.push(lane.take());
        }
        assert!(others.len() > 3, "there are several chunks");
        drop(delivery);
        for at in 0..2000 {
            assert_eq!(map.get(key(at)), Some(&vec![u64::from(at)]));
        }
        drop((chain, others));
        queue.ends_with(0);
    }
}
