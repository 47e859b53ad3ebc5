//! What is of several depots, each of which has other types for the same tags.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chunky::{
    Chain, Delivery, Depot, Fetch, Heap, ItemKind, Key, Lane, Lanes, Pool, Receiver, SlotMap, Stop,
    Storage,
};

use crate::common::{Counted, Counting, Ledger};
use crate::items::FETCHES;

/// Two depots: what is small in one is large in the other, and only in one of them counted.
struct Two {
    pools: [Pool; 2],
    depots: [Arc<Depot>; 2],
    storages: [Arc<Counting>; 2],
    ledger: Arc<Ledger>,
}

const TO: Receiver = Receiver::new(1, 1);

type Large = [u64; 90];

impl Two {
    fn new() -> Self {
        let kinds = [
            [ItemKind::of::<u8>(), ItemKind::of::<Counted>()],
            [ItemKind::of::<Large>(), ItemKind::of::<u32>()],
        ];
        let storages = [Counting::new(), Counting::new()];
        let depot = |at: usize| Depot::new(storages[at].clone() as Arc<dyn Storage>, kinds[at]);
        let depots = [depot(0), depot(1)];
        Two {
            pools: depots.each_ref().map(Pool::new),
            depots,
            storages,
            ledger: Ledger::new(),
        }
    }

    /// Items of both types of one depot, by turns.
    fn fill(&mut self, lane: &mut Lane, of: usize, count: u64) {
        let pool = &mut self.pools[of];
        for value in 0..count {
            if of == 0 {
                lane.push(1, TO, value as u8, pool);
                lane.push(2, TO, Counted::new(value, &self.ledger), pool);
            } else {
                lane.push(1, TO, [value; 90], pool);
                lane.push(2, TO, value as u32, pool);
            }
        }
    }

    fn chain(&mut self, of: usize, count: u64) -> Chain {
        let mut lane = Lane::new();
        self.fill(&mut lane, of, count);
        lane.take().unwrap_or_default()
    }

    fn check(&self, chain: &Chain, counts: &[(usize, u64)]) {
        let mut seen = Vec::new();
        chain.visit(|item| {
            seen.push(match item.tag() {
                1 => match (item.get::<u8>(), item.get::<Large>()) {
                    (Some(&value), None) => (0, 1, u64::from(value)),
                    (None, Some(values)) => (1, 1, values[89]),
                    other => panic!("{other:?}"),
                },
                _ => match (item.get::<Counted>(), item.get::<u32>()) {
                    (Some(counted), None) => (0, 2, counted.value),
                    (None, Some(&value)) => (1, 2, u64::from(value)),
                    _ => panic!("of another type"),
                },
            });
        });
        let expected: Vec<_> = counts
            .iter()
            .flat_map(|&(of, count)| (0..count).flat_map(move |at| [(of, 1, at), (of, 2, at)]))
            .collect();
        assert_eq!(seen, expected);
    }

    fn finish(self) {
        assert_eq!(self.ledger.live(), 0, "items were kept");
        drop((self.pools, self.depots));
        assert_eq!(self.storages.map(|storage| storage.bytes()), [0, 0]);
    }
}

fn refused(f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
}

/// A value that all items are for.
fn map() -> SlotMap<u64> {
    let mut map = SlotMap::new(Arc::new(Heap));
    for slot in 0..2 {
        let key = Key {
            slot,
            generation: 1,
        };
        map.insert(key, 0).unwrap();
    }
    map
}

#[test]
fn a_lane_takes_only_what_its_chunk_has_a_tag_for() {
    let mut two = Two::new();
    let mut lane = Lane::new();
    two.fill(&mut lane, 0, 3);
    // As long as there is room, that is a chunk of the first depot.
    refused(|| lane.push(2, TO, 7_u32, &mut two.pools[1]));
    lane.push(1, TO, 3_u8, &mut two.pools[1]);
    lane.push(2, TO, Counted::new(3, &two.ledger), &mut two.pools[1]);
    // Then it is one of the second.
    two.fill(&mut lane, 1, 9);
    refused(|| lane.push(2, TO, Counted::new(0, &two.ledger), &mut two.pools[0]));
    assert_eq!(two.ledger.live(), 4);
    let chain = lane.take().unwrap();
    two.check(&chain, &[(0, 4), (1, 9)]);
    drop((chain, lane));
    two.finish();
}

#[test]
fn chunks_go_back_to_their_own_depot_or_storage() {
    let mut two = Two::new();
    for of in [0, 1, 0, 1] {
        let mut chain = two.chain(of, 400);
        let pool = &mut two.pools[1 - of];
        let before = two.storages[of].bytes();
        while chain.settle(pool) {
            chain.pop::<u8>(pool);
            chain.pop::<Counted>(pool);
            chain.pop::<Large>(pool);
            chain.pop::<u32>(pool);
        }
        assert!(two.storages[of].bytes() < before);
        // Were they mixed, this would write where the other depot's types are believed.
        let chains = [two.chain(0, 50), two.chain(1, 50)];
        two.check(&chains[0], &[(0, 50)]);
        two.check(&chains[1], &[(1, 50)]);
    }
    two.finish();
}

#[test]
fn a_chain_of_both_depots_is_read_by_their_own_types() {
    let mut two = Two::new();
    let mut all = two.chain(0, 60);
    all.append(two.chain(1, 60));
    all.append(two.chain(0, 60));
    two.check(&all, &[(0, 60), (1, 60), (0, 60)]);
    drop(all);
    two.finish();
}

/// What is ahead may be in a chunk of the other depot when all is forgotten, or not.
#[test]
fn a_delivery_through_chunks_of_both_depots_reads_each_by_its_own_types() {
    for (first, fetch) in FETCHES.iter().flat_map(|&fetch| [(0, fetch), (1, fetch)]) {
        let mut two = Two::new();
        let mut chain = two.chain(first, 9);
        chain.append(two.chain(1 - first, 9));
        chain.append(two.chain(first, 9));
        let mut map = map();
        let mut given = 0;
        let mut delivery =
            Delivery::new(&mut map, 0, fetch, &mut chain, &mut two.pools[0]).unwrap();
        loop {
            while delivery.tag().is_some() {
                let before = given;
                let mut count = |sum: &mut u64, value: u64| {
                    *sum += value;
                    given += 1;
                    false
                };
                let stop =
                    delivery.each::<u8>(|sum, _, _, item| count(sum, u64::from(item.take())));
                assert_eq!(stop, Stop::Other);
                delivery.forget();
                delivery.each::<Counted>(|sum, _, _, item| count(sum, item.take().value));
                delivery.forget();
                delivery.each::<Large>(|sum, _, _, item| count(sum, item.look()[89]));
                delivery.forget();
                delivery.each::<u32>(|sum, _, _, item| count(sum, u64::from(item.take())));
                delivery.forget();
                assert!(given > before, "it is there");
            }
            if !delivery.next_chunk(&mut two.pools[0]) {
                break;
            }
        }
        drop(delivery);
        let key = TO.key(0);
        assert_eq!((given, map.get(key)), (54, Some(&(3 * 2 * 36))));
        drop(chain);
        two.finish();
    }
}

#[test]
fn what_is_moved_keeps_its_type_whatever_is_in_the_lane() {
    for of in [0, 1] {
        let mut two = Two::new();
        let mut lanes = [Lane::new(), Lane::new()];
        // There is room left where the other depot's types are believed.
        two.fill(&mut lanes[0], 1 - of, 1);
        two.fill(&mut lanes[1], 1 - of, 1);
        two.chain(of, 20)
            .divide(&mut lanes[..1], &mut two.pools[of], |_| 0);
        let mut chain = two.chain(of, 20);
        let mut map = map();
        let pool = &mut two.pools[of];
        let mut delivery = Delivery::new(&mut map, 0, Fetch::All, &mut chain, pool).unwrap();
        loop {
            while delivery.to().is_some() {
                delivery.put_off(&mut lanes[1], pool);
            }
            if !delivery.next_chunk(pool) {
                break;
            }
        }
        drop(delivery);
        for mut lane in lanes {
            two.check(&lane.take().unwrap(), &[(1 - of, 1), (of, 20)]);
        }
        drop(chain);
        two.finish();
    }
}

#[test]
fn nothing_is_moved_to_chunks_of_another_depot() {
    let mut two = Two::new();
    let mut lanes = [Lane::new()];
    let chain = two.chain(0, 5);
    refused(|| chain.divide(&mut lanes, &mut two.pools[1], |_| 0));
    assert_eq!(two.ledger.live(), 0, "the chain is dropped");

    let mut chain = two.chain(0, 5);
    let mut map = map();
    let mut delivery =
        Delivery::new(&mut map, 0, Fetch::All, &mut chain, &mut two.pools[1]).unwrap();
    refused(|| delivery.put_off(&mut lanes[0], &mut two.pools[1]));
    drop(delivery);
    two.check(&chain, &[(0, 5)]);
    assert!(lanes[0].is_empty());
    drop((chain, lanes));
    two.finish();
}

#[test]
fn lanes_stay_with_their_depot() {
    let mut two = Two::new();
    let mut lanes = Lanes::new(&two.depots[0], 1);
    lanes.add_route::<u8>(5, 1, 0, 1);
    refused(|| lanes.add_route::<Large>(6, 1, 0, 1));
    refused(|| _ = lanes.push_slowly(5, 0, TO, 9_u8, &mut two.pools[1]));
    assert!(lanes.is_empty());
    lanes
        .push_slowly(5, 0, TO, 9_u8, &mut two.pools[0])
        .unwrap();
    let (_, _, mut chain) = lanes.next_chain().unwrap();
    assert_eq!(chain.pop(&mut two.pools[1]), Some((TO, 9_u8)));
    // There has been one in the lane before, and the pool has a chunk that would do.
    let mut others = Lanes::new(&two.depots[1], 1);
    others.add_route::<u32>(5, 2, 0, 1);
    others
        .push_slowly(5, 0, TO, 7_u32, &mut two.pools[1])
        .unwrap();
    let (_, _, mut other) = others.next_chain().unwrap();
    assert_eq!(other.pop(&mut two.pools[1]), Some((TO, 7_u32)));
    assert!(!other.settle(&mut two.pools[1]));
    refused(|| _ = lanes.push(5, 0, TO, 9_u8, &mut two.pools[1]));
    assert!(lanes.is_empty());
    drop((lanes, chain, others, other));
    two.finish();
}
