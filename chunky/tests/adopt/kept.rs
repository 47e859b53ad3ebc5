//! Maps that are copied as they lie, and made again of that.

use std::sync::Arc;

use chunky::raw::{Form, Layout, Layouts, RawForm};
use chunky::{
    CBox, CString, CVec, ChunkedVec, Compact, Heap, Kept, MapCopy, MapForms, MapParts, Region,
    RestoreError, SlotMap, SlotPage,
};
use proptest::prelude::*;

use super::saved::{Memory, key};
use crate::common::property;

/// Types whose values can be told apart.
trait Value: Compact + PartialEq + std::fmt::Debug {
    fn of(seed: u32) -> Self;
}

#[derive(Compact, Debug, PartialEq)]
struct Plain {
    number: u64,
    flag: bool,
    small: u16,
}

impl Value for Plain {
    fn of(seed: u32) -> Self {
        Plain {
            number: u64::from(seed) << 20,
            flag: seed.is_multiple_of(2),
            small: seed as u16,
        }
    }
}

#[derive(Compact, Debug, PartialEq)]
struct Named {
    name: CString,
    number: Option<u32>,
}

impl Value for Named {
    fn of(seed: u32) -> Self {
        Named {
            name: seed.to_string().into(),
            number: (!seed.is_multiple_of(3)).then_some(seed),
        }
    }
}

#[derive(Compact, Debug, PartialEq)]
struct Wish {
    from: u64,
    kind: u8,
}

/// Has nothing beside it but lists of plain values, which have holes.
#[derive(Compact, Debug, PartialEq)]
struct Lists {
    wishes: CVec<Wish>,
    flag: bool,
    numbers: CVec<u16>,
    apart: CBox<u32>,
}

impl Value for Lists {
    fn of(seed: u32) -> Self {
        let wish = |at| Wish {
            from: u64::from(seed) + 3,
            kind: at as u8,
        };
        Lists {
            wishes: (0..seed % 5).map(wish).collect(),
            flag: seed.is_multiple_of(2),
            numbers: (0..seed % 40).map(|at| at as u16).collect(),
            apart: CBox::new(seed),
        }
    }
}

/// Has lists of lists beside it.
#[derive(Compact, Debug, PartialEq)]
struct Nested {
    names: CVec<CString>,
    lists: Lists,
}

impl Value for Nested {
    fn of(seed: u32) -> Self {
        let name = |at: u32| at.to_string().as_str().into();
        Nested {
            names: (0..seed % 3).map(name).collect(),
            lists: Lists::of(seed),
        }
    }
}

/// A region with these bytes and, behind them, as many others as there is room for.
fn region(bytes: &[u8], room: usize) -> Region {
    let mut all = bytes.to_vec();
    all.resize(bytes.len().max(room), 0x77);
    let memory = Memory::of::<SlotPage>(&all);
    // SAFETY: the memory is written by `Memory::of`, and nobody else uses it.
    unsafe { Region::new(memory.bytes(0, all.len()), memory.clone()) }
}

struct Forms<T> {
    layouts: Box<Layouts>,
    values: RawForm<T>,
    map: MapForms,
}

impl<T: Compact> Forms<T> {
    fn new() -> Self {
        let mut layouts = Layouts::new();
        Forms {
            values: RawForm::new(&mut layouts),
            map: MapForms::new(&mut layouts),
            layouts,
        }
    }

    fn restore(&self, len: usize, copy: &MapCopy) -> Result<SlotMap<T>, RestoreError> {
        fn list<'a, T: Compact>(
            form: &RawForm<T>,
            layouts: &'a Layouts,
            len: usize,
            values: &[u8],
            beside: &'a [u8],
        ) -> Result<ChunkedVec<T>, RestoreError> {
            let kept = Kept {
                len,
                values: region(values, ChunkedVec::<T>::kept_bytes(len.min(20_000))),
                beside,
                layouts: layouts.all(),
                number: form.number(),
            };
            ChunkedVec::restore(form, kept, Arc::new(Heap))
        }
        let (layouts, numbers) = (&self.layouts, &copy.page_numbers);
        let parts = MapParts {
            values: list(&self.values, layouts, len, &copy.values, &copy.beside)?,
            slots: list(&self.map.slots, layouts, len, &copy.slots, &[])?,
            pages: list(&self.map.pages, layouts, numbers.len(), &copy.pages, &[])?,
            page_numbers: numbers,
            page_limit: 1 << 20,
        };
        Ok(SlotMap::adopt(parts)?)
    }
}

/// A map in which values came and went.
fn filled<T: Value>(count: u32, spread: u32, gone: &[u32]) -> SlotMap<T> {
    let mut map = SlotMap::new(Arc::new(Heap));
    for at in 0..count {
        assert!(map.insert(key(at * spread, 1), T::of(at)).is_ok());
    }
    for at in gone {
        map.remove(key(at % count.max(1) * spread, 1));
    }
    map
}

fn round_trip<T: Value>(count: u32, spread: u32, gone: &[u32]) {
    let mut map = filled::<T>(count, spread, gone);
    let forms = Forms::<T>::new();
    let copied = |map: &mut SlotMap<T>| {
        let mut copy = MapCopy::default();
        map.copy(&forms.values, &forms.map, &mut copy).unwrap();
        copy
    };
    let copy = copied(&mut map);
    let mut again = forms.restore(map.len(), &copy).unwrap();
    assert!(again.iter().eq(map.iter()));
    assert!(copied(&mut again) == copy, "it is copied as the same");
    // Both go on in the same way.
    for at in 0..count / 2 + 3 {
        let (old, new) = (key(at * spread, 1), key((count + at) * spread, 1));
        assert_eq!(again.remove(old), map.remove(old));
        assert_eq!(again.insert(new, T::of(at)), map.insert(new, T::of(at)));
    }
    assert!(again.iter().eq(map.iter()));
}

#[test]
fn a_map_is_made_again_of_what_it_was_copied_as() {
    let counts = prop_oneof![0_u32..40, 500_u32..1100, 4000_u32..9000];
    let gone = prop::collection::vec(any::<u32>(), 0..40);
    property(60, (counts, 1_u32..200, gone), |(count, spread, gone)| {
        round_trip::<Plain>(count, spread, &gone);
        round_trip::<Named>(count, spread, &gone);
        round_trip::<Lists>(count, spread, &gone);
        round_trip::<Nested>(count, spread, &gone);
        round_trip::<u8>(count.min(255), spread, &gone);
        Ok(())
    });
}

#[test]
fn what_is_beside_is_estimated() {
    fn check<T: Value>(count: u32) {
        let map = &mut filled::<T>(count, 1, &[]);
        let forms = Forms::<T>::new();
        let mut copy = MapCopy::default();
        map.copy(&forms.values, &forms.map, &mut copy).unwrap();
        let (bytes, all) = (map.beside_bytes(&forms.values).unwrap(), copy.beside.len());
        assert!(bytes.abs_diff(all) <= all / 4, "{bytes} of {all}");
    }
    for count in [0, 1, 100, 5000] {
        check::<Plain>(count);
        check::<Lists>(count);
        check::<Nested>(count);
    }
}

impl Value for u8 {
    fn of(seed: u32) -> Self {
        seed as u8
    }
}

#[test]
fn plain_values_stay_where_they_lie() {
    let map = &mut filled::<Plain>(2000, 1, &[]);
    let forms = Forms::<Plain>::new();
    let mut copy = MapCopy::default();
    map.copy(&forms.values, &forms.map, &mut copy).unwrap();
    let values = region(&copy.values, ChunkedVec::<Plain>::kept_bytes(2000));
    let start = values.as_ptr().addr();
    let kept = Kept {
        len: 2000,
        values,
        beside: &[],
        layouts: forms.layouts.all(),
        number: forms.values.number(),
    };
    let stays = |len, bytes, number| {
        ChunkedVec::stays(&forms.values, forms.layouts.all(), number, len, bytes)
    };
    let (bytes, number) = (kept.values.len(), kept.number);
    assert!(stays(2000, bytes, number) && stays(2000, 2000 * size_of::<Plain>(), number));
    let again = ChunkedVec::restore(&forms.values, kept, Arc::new(Heap)).unwrap();
    let first = std::ptr::from_ref(again.get(0).unwrap());
    assert_eq!(first.addr(), start);
    // All others are read, or are no values.
    assert!(!stays(2000, 2000 * size_of::<Plain>() - 1, number));
    assert!(!stays(usize::MAX, bytes, number));
    assert!(!stays(ChunkedVec::<Plain>::PER_BLOCK - 1, bytes, number));
    for other in [forms.map.slots.number(), u32::MAX] {
        assert!(!stays(2000, bytes, other));
    }
    let named = Forms::<Named>::new();
    let (form, layouts) = (&named.values, named.layouts.all());
    assert!(!ChunkedVec::stays(
        form,
        layouts,
        form.number(),
        2000,
        1 << 20
    ));
}

#[test]
fn what_is_wrong_is_refused() {
    let map = &mut filled::<Plain>(1500, 1, &[]);
    let forms = Forms::<Plain>::new();
    let mut right = MapCopy::default();
    map.copy(&forms.values, &forms.map, &mut right).unwrap();
    let with = |len: usize, change: &dyn Fn(&mut MapCopy)| {
        let mut copy = right.clone();
        change(&mut copy);
        forms.restore(len, &copy).err()
    };
    assert_eq!(with(1500, &|_| ()), None);
    // The last byte of the 700th flag.
    let flag = (0..size_of::<Plain>()).find(|at| {
        let wrong = with(1500, &|copy| copy.values[700 * size_of::<Plain>() + at] = 2);
        matches!(wrong, Some(RestoreError::Value { position: 700, .. }))
    });
    assert!(flag.is_some());
    let sizes = [(1501, "values"), (10_000, "values")];
    for (len, what) in sizes {
        let error = with(len, &|_| ()).expect(what);
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(
        with(1500, &|copy| copy.beside.push(0)),
        Some(RestoreError::Rest)
    );
    assert!(with(1500, &|copy| copy.slots[0] ^= 1).is_some());
    assert!(with(1500, &|copy| copy.page_numbers[0] = 7).is_some());
    assert!(with(usize::MAX, &|_| ()).is_some());
}

/// Restores values of a type, of which so many are claimed.
fn values<T: Value>(
    len: usize,
    claimed: usize,
    layouts: impl Fn(&mut [Layout], usize),
    change: impl Fn(&mut Vec<u8>, &mut Vec<u8>),
) -> Result<Vec<T>, RestoreError> {
    let forms = Forms::<T>::new();
    let mut vector = ChunkedVec::new(Arc::new(Heap));
    (0..len).for_each(|at| vector.push(T::of(at as u32)));
    let (mut bytes, mut beside) = (Vec::new(), Vec::new());
    vector.copy(&forms.values, &mut bytes, &mut beside).unwrap();
    change(&mut bytes, &mut beside);
    let number = forms.values.number();
    let mut recorded = forms.layouts.all().to_vec();
    layouts(&mut recorded, number as usize);
    let kept = Kept {
        len: claimed,
        values: region(&bytes, 0),
        beside: &beside,
        layouts: &recorded,
        number,
    };
    let again = ChunkedVec::restore(&forms.values, kept, Arc::new(Heap))?;
    Ok(again.iter().map(Compact::duplicate).collect())
}

#[test]
fn there_are_as_many_values_as_there_should_be() {
    let as_it_is = |_: &mut [Layout], _| ();
    for len in [5, 511] {
        let none = |_: &mut Vec<u8>, _: &mut Vec<u8>| ();
        assert_eq!(
            values::<Plain>(len, len, as_it_is, none).unwrap().len(),
            len
        );
        assert_eq!(
            values::<Named>(len, len, as_it_is, none).unwrap().len(),
            len
        );
        for claimed in [len + 1, 10_000, usize::MAX] {
            assert!(values::<Plain>(len, claimed, as_it_is, none).is_err());
            assert!(values::<Named>(len, claimed, as_it_is, none).is_err());
        }
        let more = |_: &mut Vec<u8>, beside: &mut Vec<u8>| beside.push(0);
        let rest = values::<Named>(len, len, as_it_is, more);
        assert_eq!(rest, Err(RestoreError::Rest));
    }
}

#[test]
fn values_that_lay_in_another_way_are_read() {
    // The number and what is behind it change places.
    let size = size_of::<Plain>();
    let moved = |layouts: &mut [Layout], number: usize| {
        let Form::Fields(fields) = &mut layouts[number].form else {
            panic!("a struct has fields");
        };
        for field in fields.iter_mut() {
            field.offset = (field.offset + 8) % size as u32;
        }
    };
    let move_bytes = |bytes: &mut Vec<u8>, _: &mut Vec<u8>| {
        bytes
            .chunks_exact_mut(size)
            .for_each(|value| value.rotate_right(8));
    };
    for len in [100, 3000] {
        let read = values::<Plain>(len, len, moved, move_bytes).unwrap();
        assert!((0..len).all(|at| read[at] == Plain::of(at as u32)));
    }
}

#[test]
fn any_byte_of_a_small_map_may_be_wrong() {
    let map = &mut filled::<Named>(9, 40, &[3, 5]);
    let forms = Forms::<Named>::new();
    let mut right = MapCopy::default();
    map.copy(&forms.values, &forms.map, &mut right).unwrap();
    let parts: [fn(&mut MapCopy) -> &mut Vec<u8>; 4] = [
        |copy| &mut copy.values,
        |copy| &mut copy.beside,
        |copy| &mut copy.slots,
        |copy| &mut copy.pages,
    ];
    for part in parts {
        let length = part(&mut right.clone()).len();
        for at in 0..length {
            for bit in [0, 3, 7] {
                let mut copy = right.clone();
                part(&mut copy)[at] ^= 1 << bit;
                if let Ok(mut map) = forms.restore(map.len(), &copy) {
                    // It is one; what one can do with it, one can.
                    let keys: Vec<_> = map.iter().map(|(key, _)| key).collect();
                    keys.into_iter().for_each(|key| drop(map.remove(key)));
                    assert!(map.is_empty());
                }
            }
            let mut copy = right.clone();
            part(&mut copy).truncate(at);
            drop(forms.restore(map.len(), &copy));
        }
    }
}
