//! Items that are read where they were saved, against plain vectors.

use std::alloc::Layout;
use std::sync::Arc;

use chunky::raw::Layouts;
use chunky::{
    Chain, Compact, Depot, ItemError, ItemForm, ItemKind, ItemProblem, Lane, Pool, Receiver,
    SavedItem, SavedItems, Storage,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counting, property};

/// Items without padding, so that all their bytes can be looked at.
trait Plain: Compact {
    fn make(value: u8) -> Self;
    fn bytes(&self) -> Vec<u8>;
}

impl<const N: usize> Plain for [u8; N] {
    fn make(value: u8) -> Self {
        [value; N]
    }
    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Plain for u64 {
    fn make(value: u8) -> Self {
        u64::from_ne_bytes([1, 2, 3, 4, 5, 6, 7, value])
    }
    fn bytes(&self) -> Vec<u8> {
        self.to_ne_bytes().to_vec()
    }
}

/// Nothing, but at a special place.
#[derive(Compact)]
#[repr(align(16))]
struct Unit;

#[derive(Compact)]
#[repr(align(64))]
struct Aligned([u8; 128]);

#[derive(Compact)]
#[repr(align(32))]
struct Large([u8; 3200]);

macro_rules! plain {
    ($($item:ident: |$value:ident| $make:expr, |$this:ident| $bytes:expr;)*) => {$(
        impl Plain for $item {
            fn make($value: u8) -> Self {
                $make
            }
            fn bytes(&self) -> Vec<u8> {
                let $this = self;
                $bytes
            }
        }
    )*};
}

plain! {
    Unit: |_value| Unit, |_this| Vec::new();
    Aligned: |value| Aligned([value; _]), |this| this.0.to_vec();
    Large: |value| Large([value; _]), |this| this.0.to_vec();
}

macro_rules! with_plain {
    ($tag:expr, $T:ident => $do:expr) => {
        match $tag {
            1 => {
                type $T = [u8; 1];
                $do
            }
            2 => {
                type $T = [u8; 3];
                $do
            }
            3 => {
                type $T = u64;
                $do
            }
            4 => {
                type $T = Unit;
                $do
            }
            5 => {
                type $T = Aligned;
                $do
            }
            6 => {
                type $T = Large;
                $do
            }
            7 => {
                type $T = [u8; 9000];
                $do
            }
            tag => panic!("nobody has tag {tag}"),
        }
    };
}

const TAGS: u16 = 7;

/// An item, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    sender: u32,
    tag: u16,
    to: Receiver,
    bytes: Vec<u8>,
}

/// Tags, senders, and what bytes consist of.
type Shape = Vec<(u16, u32, u8)>;

fn shape() -> impl Strategy<Value = Shape> {
    let tag = prop_oneof![8 => 1..6_u16, 1 => 6..=TAGS];
    prop::collection::vec((tag, 0..3_u32, any::<u8>()), 0..120)
}

fn layouts() -> Vec<Option<Layout>> {
    let layout = |tag| with_plain!(tag, T => Layout::new::<T>());
    [None]
        .into_iter()
        .chain((1..=TAGS).map(|tag| Some(layout(tag))))
        .collect()
}

struct Queue {
    pool: Pool,
    storage: Arc<Counting>,
}

impl Queue {
    fn new() -> Self {
        let storage = Counting::new();
        let kinds = (1..=TAGS).map(|tag| with_plain!(tag, T => ItemKind::of::<T>()));
        let depot = Depot::new(storage.clone() as Arc<dyn Storage>, kinds);
        Queue {
            pool: Pool::new(&depot),
            storage,
        }
    }

    fn chain_of(&mut self, shape: &Shape) -> (Chain, Vec<Item>) {
        let mut lane = Lane::new();
        let mut items = Vec::new();
        for (at, &(tag, sender, value)) in shape.iter().enumerate() {
            let to = Receiver::new(at as u32 * 7, value.into());
            lane.begin(sender, &mut self.pool);
            with_plain!(tag, T => {
                let item = T::make(value);
                items.push(Item { sender, tag, to, bytes: item.bytes() });
                lane.push(tag, to, item, &mut self.pool);
            });
        }
        (lane.take().unwrap_or_default(), items)
    }

    /// Takes some items out.
    fn pop(&mut self, chain: &mut Chain, items: &mut Vec<Item>, count: usize) {
        for item in items.drain(..count) {
            let popped = with_plain!(item.tag, T => chain.pop::<T>(&mut self.pool).is_some());
            assert!(popped);
        }
    }
}

/// What chunks are saved as: bytes, offset, sender.
type Saved = Vec<(Vec<u8>, u32, u32)>;

fn saved(chain: &mut Chain) -> Saved {
    let mut layouts = Layouts::new();
    let form = |tag| with_plain!(tag, T => ItemForm::new::<T>(&mut layouts));
    let forms: Vec<_> = [None]
        .into_iter()
        .chain((1..=TAGS).map(form).map(Some))
        .collect();
    let (mut bytes, mut beside, mut chunks) = (Vec::new(), Vec::new(), Vec::new());
    let copied = chain.copy(&forms, &mut bytes, &mut beside, |chunk| chunks.push(chunk));
    assert!(copied.is_ok() && beside.is_empty());
    let mut bytes = bytes.into_iter();
    let chunks = chunks.into_iter().map(|chunk| {
        let own = bytes.by_ref().take(chunk.bytes).collect();
        (own, chunk.offset, chunk.sender)
    });
    chunks.collect()
}

fn owned(item: SavedItem<'_>) -> Item {
    Item {
        sender: item.sender,
        tag: item.tag,
        to: item.to,
        bytes: item.bytes.to_vec(),
    }
}

#[test]
fn items_are_read_as_they_were_sent() {
    let script = (shape(), shape(), any::<prop::sample::Index>());
    property(300, script, |(first, second, taken)| {
        let mut queue = Queue::new();
        let (mut chain, mut items) = queue.chain_of(&first);
        let (behind, more) = queue.chain_of(&second);
        chain.append(behind);
        items.extend(more);
        let count = taken.index(items.len() + 1);
        queue.pop(&mut chain, &mut items, count);

        let layouts = layouts();
        let mut read = Vec::new();
        for (bytes, offset, sender) in saved(&mut chain) {
            prop_assert!(!bytes.is_empty());
            for item in SavedItems::new(&bytes, offset, sender, &layouts) {
                read.push(owned(item.unwrap()));
            }
        }
        prop_assert_eq!(&read, &items);
        // Who looks at the bytes changes nothing.
        let mut left = items.clone();
        queue.pop(&mut chain, &mut left, items.len());
        prop_assert!(left.is_empty() && chain.is_empty());
        chain.settle(&mut queue.pool);
        prop_assert!(saved(&mut chain).is_empty());
        drop((chain, queue.pool));
        prop_assert_eq!(queue.storage.bytes(), 0);
        Ok(())
    });
}

/// Whether what is read of any bytes lies within them, in order, and ends.
fn ends_well(
    bytes: &[u8],
    offset: u32,
    layouts: &[Option<Layout>],
) -> Result<Result<usize, ItemError>, TestCaseError> {
    let mut items = SavedItems::new(bytes, offset, 0, layouts);
    let (mut read, mut last) = (0, bytes.as_ptr().addr());
    let end = bytes.as_ptr_range().end.addr();
    let result = loop {
        match items.next() {
            Some(Ok(item)) => {
                let start = item.bytes.as_ptr().addr();
                let layout = layouts[usize::from(item.tag)].unwrap();
                prop_assert_eq!(item.bytes.len(), layout.size());
                prop_assert!(start >= last + 8 && start + layout.size() <= end);
                let place = start - bytes.as_ptr().addr() + offset as usize;
                prop_assert!(place.is_multiple_of(layout.align()));
                (read, last) = (read + 1, start + layout.size());
            }
            Some(Err(error)) => {
                prop_assert!(error.offset() < bytes.len());
                break Err(error);
            }
            None => break Ok(read),
        }
    };
    prop_assert!(items.next().is_none(), "nothing is behind an error");
    Ok(result)
}

#[test]
fn bytes_that_end_too_early_are_refused_there() {
    property(
        60,
        (shape(), any::<prop::sample::Index>()),
        |(shape, cut)| {
            let mut queue = Queue::new();
            let (mut chain, _) = queue.chain_of(&shape);
            let layouts = layouts();
            for (bytes, offset, sender) in saved(&mut chain) {
                let all = SavedItems::new(&bytes, offset, sender, &layouts).count();
                let cut = cut.index(bytes.len());
                let result = ends_well(&bytes[..cut], offset, &layouts)?;
                match result {
                    // Between two items, or before a mark behind the last.
                    Ok(read) => prop_assert!(read <= all && cut.is_multiple_of(8)),
                    Err(error) => {
                        prop_assert_eq!(error.problem(), ItemProblem::End);
                        // From there on, an item is whole again if nothing is cut.
                        let start = error.offset();
                        let rest =
                            SavedItems::new(&bytes[start..], offset + start as u32, 0, &layouts);
                        prop_assert!(
                            rest.clone().count() <= all && rest.clone().all(|item| item.is_ok())
                        );
                    }
                }
            }
            Ok(())
        },
    );
}

/// Labels that are likely, and bytes that are not.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        6 => (0..TAGS + 3, any::<u32>()).prop_map(|(tag, to)| {
            u64::from(tag) << 48 | u64::from(to) << 16 | 1
        }),
        1 => any::<u64>(),
    ];
    let words = prop::collection::vec(word, 0..80);
    (words, prop::collection::vec(any::<u8>(), 0..8)).prop_map(|(words, rest)| {
        let words = words.into_iter().flat_map(u64::to_ne_bytes);
        words.chain(rest).collect()
    })
}

#[test]
fn any_bytes_are_items_or_refused() {
    let layout = prop_oneof![
        1 => Just(None),
        4 => (0..100_usize, 0..8_u32).prop_map(|(size, log)| {
            Layout::from_size_align(size.next_multiple_of(1 << log), 1 << log).ok()
        }),
        1 => Just(Layout::from_size_align(isize::MAX as usize & !63, 64).ok()),
    ];
    let layouts = prop::collection::vec(layout, 0..TAGS as usize + 2);
    let offset = prop_oneof![6 => (0..600_u32).prop_map(|word| word * 8), 1 => any::<u32>()];
    property(
        2000,
        (noise(), offset, layouts),
        |(bytes, offset, layouts)| {
            let result = ends_well(&bytes, offset, &layouts)?;
            prop_assert_eq!(&result, &ends_well(&bytes, offset % 64, &layouts)?);
            let Err(error) = result else { return Ok(()) };
            match error.problem() {
                ItemProblem::Start => {
                    prop_assert!(!offset.is_multiple_of(8) && error.offset() == 0)
                }
                ItemProblem::End => prop_assert!(offset.is_multiple_of(8)),
                ItemProblem::Tag(tag) => {
                    let label = bytes[error.offset()..].first_chunk().unwrap();
                    prop_assert_eq!(tag, (u64::from_ne_bytes(*label) >> 48) as u16);
                    let layout = layouts.get(usize::from(tag)).copied().flatten();
                    prop_assert!(layout.is_none_or(|layout| layout.align() > 64) && tag > 0);
                }
                problem => return Err(TestCaseError::fail(format!("{problem:?}"))),
            }
            Ok(())
        },
    );
}

#[test]
fn what_is_wrong_with_items_is_named() -> TestCaseResult {
    let number = |tag: u64, to: u64| (tag << 48 | to << 16).to_ne_bytes();
    let bytes = [
        number(0, 9),
        number(1, 4),
        [7; 8],
        number(2, 4),
        number(1, 1),
    ]
    .concat();
    let layouts = [None, Some(Layout::new::<[u8; 5]>()), None, None];
    let mut items = SavedItems::new(&bytes, 40, 3, &layouts);
    let item = owned(items.next().unwrap().unwrap());
    let expected = Item {
        sender: 9,
        tag: 1,
        to: Receiver::new(4, 0),
        bytes: vec![7; 5],
    };
    assert_eq!(item, expected);
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.offset(), error.problem()), (24, ItemProblem::Tag(2)));
    assert_eq!(
        error.to_string(),
        "at byte 24: no items with tag 2 are known"
    );
    assert!(items.next().is_none());

    let error = ends_well(&bytes[..20], 0, &layouts)?.unwrap_err();
    assert_eq!(error.to_string(), "at byte 8: the bytes end within an item");
    let error = ends_well(&bytes[..23], 0, &layouts)?.unwrap_err();
    assert_eq!(error.to_string(), "at byte 8: the bytes end within an item");
    let error = ends_well(&bytes[..12], 0, &layouts)?.unwrap_err();
    assert_eq!(error.to_string(), "at byte 8: the bytes end within an item");
    let error = ends_well(&bytes, 4, &layouts)?.unwrap_err();
    assert_eq!(
        error.to_string(),
        "at byte 0: no item begins at such an offset"
    );
    assert_eq!(ends_well(&[], 3, &layouts)?, Ok(0));
    assert_eq!(ends_well(&bytes[..24], 8, &layouts)?, Ok(1));
    Ok(())
}
