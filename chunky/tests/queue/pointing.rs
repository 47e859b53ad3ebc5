//! Items that point to something, which is asked for while they are ahead.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chunky::portable::{ReadError, Reader, Writer};
use chunky::{Compact, Depot, Fetch, Heap, ItemKind, Lane, Pool, Stop};

use crate::items::FETCHES;
use crate::values::*;

/// How often each item was told to ask for what it points to.
type Asked = Arc<[AtomicU32]>;

/// An item that points to what it counts in.
struct Pointing {
    number: u32,
    asked: Asked,
}

impl Pointing {
    fn asked(&self) -> u32 {
        self.asked[self.number as usize].load(Ordering::Relaxed)
    }
}

impl Compact for Pointing {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        unreachable!()
    }

    fn hash_state<H: Hasher>(&self, _: &mut H) {
        unreachable!()
    }

    fn describe(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        unreachable!()
    }

    fn prefetch(&self) {
        self.asked[self.number as usize].fetch_add(1, Ordering::Relaxed);
        assert!(self.number != BAD, "this may do no harm");
    }

    fn write(&self, _: &mut Writer) {
        unreachable!()
    }

    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        unreachable!()
    }
}

/// The item that panics when it is told to.
const BAD: u32 = 77;

const POINTING: u16 = 1;
const PLAIN: u16 = 2;

/// Among others, from senders that change, in several chunks.
#[test]
fn each_is_asked_once_and_before_it_is_given() {
    const COUNT: u32 = 1000;
    for (fetch, run) in FETCHES
        .iter()
        .flat_map(|&fetch| [1, 2, 9, 50, COUNT].map(|run| (fetch, run)))
    {
        let kinds = [ItemKind::of_compact::<Pointing>(), ItemKind::of::<u32>()];
        let mut pool = Pool::new(&Depot::new(Arc::new(Heap), kinds));
        let asked: Asked = (0..COUNT).map(|_| AtomicU32::new(0)).collect();
        let mut lane = Lane::new();
        for number in 0..COUNT {
            lane.begin(number / 7 % 3, &mut pool);
            let asked = Arc::clone(&asked);
            lane.push(POINTING, to(number), Pointing { number, asked }, &mut pool);
            if number % run == run - 1 {
                lane.push(PLAIN, to(number), number, &mut pool);
            }
        }
        let mut map = map(0..COUNT);
        let mut chain = lane.take().unwrap();
        let mut delivery =
            chunky::Delivery::new(&mut map, 0, fetch, &mut chain, &mut pool).unwrap();
        let (mut pointing, mut plain) = (0, 0);
        loop {
            let stop = match delivery.tag() {
                Some(POINTING) => delivery.each::<Pointing>(|_, _, to, item| {
                    let item = item.take();
                    assert_eq!((item.number, to.index()), (pointing, pointing));
                    pointing += 1;
                    assert_eq!(item.asked(), u32::from(fetch != Fetch::Nothing));
                    false
                }),
                Some(_) => delivery.each::<u32>(|_, _, to, item| {
                    assert_eq!(*item.look(), to.index());
                    plain += 1;
                    false
                }),
                None if delivery.next_chunk(&mut pool) => continue,
                None => break,
            };
            assert_eq!(stop, Stop::Other);
        }
        assert_eq!((pointing, plain), (COUNT, COUNT / run));
        assert_eq!(Arc::strong_count(&asked), 1);
    }
}
