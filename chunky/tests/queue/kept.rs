//! Chains that are copied as they lie, and read again.

use std::alloc::Layout;
use std::sync::Arc;

use chunky::raw::{Layouts, RawReader};
use chunky::{CString, Compact, Depot, Heap, ItemForm, ItemKind, Lane, Pool, Receiver, SavedItems};
use proptest::prelude::*;

use crate::common::property;

#[derive(Compact, Debug, PartialEq)]
struct Padded(u8, u32);

#[derive(Compact, Debug, PartialEq)]
struct Named(Option<u16>, CString);

#[derive(Compact, Debug, PartialEq)]
#[repr(align(64))]
struct Aligned(u8, Option<u8>);

/// What was sent: by whom, to whom, as what.
#[derive(Debug, PartialEq)]
enum Item {
    Padded(Padded),
    Named(Named),
    Aligned(Aligned),
}

fn item(kind: u8, seed: u32) -> Item {
    match kind % 3 {
        0 => Item::Padded(Padded(kind, seed)),
        1 => {
            let number = seed.is_multiple_of(2).then_some(seed as u16);
            Item::Named(Named(number, seed.to_string().into()))
        }
        _ => Item::Aligned(Aligned(seed as u8, Some(kind))),
    }
}

#[test]
fn items_are_read_as_they_were_sent() {
    let sent = prop::collection::vec((any::<u8>(), any::<u32>(), 0_u32..3), 0..400);
    property(60, sent, |sent| {
        let kinds = [
            ItemKind::of::<Padded>(),
            ItemKind::of::<Named>(),
            ItemKind::of::<Aligned>(),
        ];
        let mut pool = Pool::new(&Depot::new(Arc::new(Heap), kinds));
        let mut lane = Lane::new();
        for &(kind, seed, sender) in &sent {
            let to = Receiver::new(seed, kind.into());
            lane.begin(sender, &mut pool);
            match item(kind, seed) {
                Item::Padded(item) => lane.push(1, to, item, &mut pool),
                Item::Named(item) => lane.push(2, to, item, &mut pool),
                Item::Aligned(item) => lane.push(3, to, item, &mut pool),
            }
        }
        let mut chain = lane.take().unwrap_or_default();
        // One that was taken out is not kept.
        let first = usize::from(matches!(sent.first(), Some((kind, ..)) if kind % 3 == 0));
        if first == 1 {
            assert!(chain.pop::<Padded>(&mut pool).is_some());
        }
        let mut layouts = Layouts::new();
        let forms = [
            None,
            Some(ItemForm::new::<Padded>(&mut layouts)),
            Some(ItemForm::new::<Named>(&mut layouts)),
            Some(ItemForm::new::<Aligned>(&mut layouts)),
        ];
        let (mut bytes, mut beside, mut chunks) = (Vec::new(), Vec::new(), Vec::new());
        let copied = chain.copy(&forms, &mut bytes, &mut beside, |chunk| chunks.push(chunk));
        prop_assert_eq!(copied, Ok(()));
        // The same again: nothing but what items hold is in it.
        let (mut twice, mut again) = (Vec::new(), Vec::new());
        chain.copy(&forms, &mut twice, &mut again, |_| ()).unwrap();
        assert_eq!(bytes.len(), chain.copied_bytes());
        prop_assert!(twice == bytes && again == beside);

        let sizes = [
            None,
            Some(Layout::new::<Padded>()),
            Some(Layout::new::<Named>()),
            Some(Layout::new::<Aligned>()),
        ];
        let number = |tag: usize| forms[tag].as_ref().unwrap().number();
        let mut readers: Vec<RawReader<'_>> = (1..4)
            .map(|tag| RawReader::new(layouts.all(), number(tag), &beside).unwrap())
            .collect();
        let (mut rest, mut at, mut left) = (&bytes[..], first, &beside[..]);
        for chunk in chunks {
            let (own, others) = rest.split_at(chunk.bytes);
            rest = others;
            for saved in SavedItems::new(own, chunk.offset, chunk.sender, &sizes) {
                let saved = saved.unwrap();
                let (kind, seed, sender) = sent[at];
                prop_assert_eq!(saved.sender, sender);
                prop_assert_eq!(saved.to, Receiver::new(seed, kind.into()));
                let reader = &mut readers[usize::from(saved.tag) - 1];
                reader.set_beside(left);
                let read = match saved.tag {
                    1 => Item::Padded(reader.read(saved.bytes).unwrap()),
                    2 => Item::Named(reader.read(saved.bytes).unwrap()),
                    _ => Item::Aligned(reader.read(saved.bytes).unwrap()),
                };
                left = reader.beside();
                prop_assert_eq!(read, item(kind, seed));
                at += 1;
            }
        }
        prop_assert_eq!((rest.len(), at), (0, sent.len()));
        prop_assert!(left.is_empty());
        Ok(())
    });
}
