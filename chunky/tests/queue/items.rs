//! What the queue is filled with, and how it is looked at.

use std::sync::Arc;

use chunky::{Chain, Depot, Fetch, ItemKind, ItemRef, Lane, Pool, Receiver, Storage};
use proptest::prelude::*;

use crate::common::{Counted, Counting, Ledger};

/// What the queue is filled with: types of several sizes and alignments.
pub trait Item: Send + 'static {
    fn make(value: u64, ledger: &Arc<Ledger>) -> Self;
    fn value(&self) -> u64;
}

pub struct Byte(u8);
pub struct Three([u8; 3]);
pub struct Word(u64);
/// Nothing, but at a special place.
#[repr(align(16))]
pub struct Unit;
#[repr(align(64))]
pub struct Aligned(u8, u64);
/// Both what needs care when it moves and what needs care when it is dropped.
#[repr(align(64))]
pub struct AlignedCounted(u8, Counted);
/// More than half a chunk.
pub struct Large([u64; 300]);
/// More than a chunk.
pub struct Huge([u8; 8192]);
/// More than a chunk, and aligned.
#[repr(align(32))]
pub struct HugeCounted(
    #[allow(dead_code, reason = "for its size")] [u8; 5000],
    Counted,
);

macro_rules! items {
    ($($item:ident: |$value:ident, $ledger:ident| $make:expr, |$this:ident| $read:expr;)*) => {$(
        impl Item for $item {
            fn make($value: u64, $ledger: &Arc<Ledger>) -> Self {
                $make
            }
            fn value(&self) -> u64 {
                assert!(std::ptr::from_ref(self).is_aligned());
                let $this = self;
                $read
            }
        }
    )*};
}

items! {
    Byte: |value, _ledger| Byte(value as u8), |this| u64::from(this.0);
    Three: |value, _ledger| Three([value as u8; 3]), |this| u64::from(this.0[2]);
    Word: |value, _ledger| Word(value), |this| this.0;
    Unit: |_value, _ledger| Unit, |_this| 0;
    Aligned: |value, _ledger| Aligned(value as u8, value), |this| {
        assert_eq!(this.0, this.1 as u8);
        this.1
    };
    AlignedCounted: |value, ledger| AlignedCounted(value as u8, Counted::new(value, ledger)),
        |this| {
            assert_eq!(this.0, this.1.value as u8);
            this.1.value
        };
    Large: |value, _ledger| Large([value; 300]), |this| this.0[299];
    Huge: |value, _ledger| Huge([value as u8; 8192]), |this| u64::from(this.0[8191]);
    HugeCounted: |value, ledger| HugeCounted([7; 5000], Counted::new(value, ledger)),
        |this| this.1.value;
    Counted: |value, ledger| Counted::new(value, ledger), |this| this.value;
}

/// Tags run from 1 to this.
pub const TAGS: u16 = 11;

pub const WORD: u16 = 3;
pub const COUNTED: u16 = 7;

/// In a shape, the tag of what is no item: what follows is from the sender of this value.
const SENDER: u16 = 0;

/// All that can be asked for ahead of time.
pub const FETCHES: [Fetch; 3] = [Fetch::Nothing, Fetch::Values, Fetch::All];

/// A depot whose kinds are those of `with_kind!`.
pub fn depot(storage: &Arc<Counting>) -> Arc<Depot> {
    let kinds = (1..=TAGS).map(|tag| with_kind!(tag, T => ItemKind::of::<T>()));
    Depot::new(storage.clone() as Arc<dyn Storage>, kinds)
}

/// What is written to a lane, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub sender: u32,
    pub tag: u16,
    pub to: Receiver,
    pub value: u64,
}

impl Sent {
    /// An item that was found with this sender and tag.
    pub fn of<T: Item>(sender: u32, tag: u16, to: Receiver, item: &T) -> Self {
        Sent {
            sender,
            tag,
            to,
            value: item.value(),
        }
    }

    /// An item with this value, if its type can hold that, from sender 0.
    pub fn item(tag: u16, to: Receiver, value: u64) -> Self {
        let ledger = Ledger::new();
        with_kind!(tag, T => Sent::of(0, tag, to, &T::make(value, &ledger)))
    }

    pub fn by(self, sender: u32) -> Self {
        Sent { sender, ..self }
    }
}

pub fn counted(sent: &[Sent]) -> usize {
    let counts = |sent: &&Sent| matches!(sent.tag, 7 | 8 | 11);
    sent.iter().filter(counts).count()
}

/// Tags, values and how many such items there are in a row; tag 0 says who sends the next ones.
pub type Shape = Vec<(u16, u64, usize)>;

/// Many of one kind in a row, as in life.
pub fn shape(bursts: usize) -> impl Strategy<Value = Shape> {
    let tag = prop_oneof![2 => Just(SENDER), 8 => 1..7_u16, 4 => 7..9_u16, 1 => 9..=TAGS];
    let len = prop_oneof![6 => 1..4_usize, 3 => 1..40_usize, 1 => 1..300_usize];
    // Values that the smallest kinds can hold too.
    let burst = (tag, 0..256_u64, len).prop_map(|(tag, value, len)| match tag {
        // Few enough that some go on, or come back.
        SENDER => (tag, value % 8, 1),
        9.. => (tag, value, len.min(4)),
        _ => (tag, value, len),
    });
    prop::collection::vec(burst, 0..bursts)
}

/// What there is in such a shape, with receivers that `to` chooses.
pub fn sent_in(shape: &Shape, mut to: impl FnMut() -> Receiver) -> Vec<Sent> {
    let burst = |&(tag, value, len): &(u16, u64, usize)| {
        (0..len as u64).map(move |at| (tag, (value + at) % 256))
    };
    let mut sender = 0;
    let all = shape.iter().flat_map(burst);
    all.filter_map(|(tag, value)| {
        if tag == SENDER {
            sender = value as u32;
            return None;
        }
        Some(Sent::item(tag, to(), value).by(sender))
    })
    .collect()
}

/// What items are made, written and dropped with.
pub struct Queue {
    pub pool: Pool,
    pub depot: Arc<Depot>,
    pub ledger: Arc<Ledger>,
    pub storage: Arc<Counting>,
    sent: u32,
}

impl Queue {
    pub fn new() -> Self {
        let storage = Counting::new();
        let depot = depot(&storage);
        Queue {
            pool: Pool::new(&depot),
            depot,
            ledger: Ledger::new(),
            storage,
            sent: 0,
        }
    }

    /// Appends items to a lane. Some senders say that they begin only to have nothing to send.
    pub fn write(&mut self, lane: &mut Lane, all: &[Sent]) {
        let pool = &mut self.pool;
        let mut last = None;
        for &sent in all {
            let Sent {
                sender,
                tag,
                to,
                value,
            } = sent;
            if last != Some(sender) {
                if value % 4 == 1 {
                    lane.begin(sender + 1, pool);
                }
                // Whoever says nothing is sender 0.
                if sender > 0 || !lane.is_empty() {
                    lane.begin(sender, pool);
                }
                last = Some(sender);
            }
            with_kind!(tag, T => lane.push(tag, to, T::make(value, &self.ledger), pool));
        }
        if let Some(last) = all.last().filter(|last| last.value % 4 == 2) {
            lane.begin(last.sender + 1, pool);
        }
    }

    pub fn lane_of(&mut self, sent: &[Sent]) -> Lane {
        let mut lane = Lane::new();
        self.write(&mut lane, sent);
        lane
    }

    pub fn chain_of(&mut self, sent: &[Sent]) -> Chain {
        self.lane_of(sent).take().unwrap_or_default()
    }

    /// How many chunks are taken to write that.
    pub fn chunks_of(mut self, sent: &[Sent]) -> u64 {
        drop(self.chain_of(sent));
        self.storage.acquired()
    }

    /// What is in such a shape. Each item has another receiver.
    pub fn numbered(&mut self, shape: &Shape) -> Vec<Sent> {
        sent_in(shape, || {
            self.sent += 1;
            Receiver::new(self.sent * 3, self.sent as u16)
        })
    }

    /// Writes over the chunks that were given back.
    pub fn scribble(&mut self) {
        let noise = Sent::item(WORD, Receiver::new(u32::MAX, u16::MAX), u64::MAX).by(77);
        for count in [20, 600] {
            let mut chain = self.chain_of(&vec![noise; count]);
            while pop(&mut chain, &mut self.pool, WORD).is_some() {}
        }
    }

    /// Whether all items are gone but those that were leaked, and then all memory.
    pub fn ends_with(self, leaked: usize) {
        assert_eq!(self.ledger.live(), leaked, "items were kept");
        self.ledger.forget(leaked);
        let storage = Arc::clone(&self.storage);
        drop(self);
        assert_eq!(storage.bytes(), 0, "memory was kept");
    }
}

/// What an item in a chain is.
pub fn seen(item: ItemRef<'_>) -> Sent {
    assert!(item.get::<Counting>().is_none(), "an item knows its type");
    with_kind!(item.tag(), T => {
        Sent::of(item.sender(), item.tag(), item.to(), item.get::<T>().unwrap())
    })
}

pub fn all_of(chain: &Chain) -> Vec<Sent> {
    let mut all = Vec::new();
    chain.visit(|item| all.push(seen(item)));
    assert_eq!((chain.len(), chain.is_empty()), (all.len(), all.is_empty()));
    assert_eq!(chain.first().map(seen).as_ref(), all.first());
    assert_eq!(chain.sender(), all.first().map(|sent| sent.sender));
    all
}

/// Takes out the next item, if its type is that of the tag.
pub fn pop(chain: &mut Chain, pool: &mut Pool, tag: u16) -> Option<Sent> {
    with_kind!(tag, T => {
        let sender = chain.sender();
        let (to, item) = chain.pop::<T>(pool)?;
        Some(Sent::of(sender.unwrap(), tag, to, &item))
    })
}
