//! Bytes that were changed: an error or a value, and nothing worse.

use super::kept::{Kept, keep};
use super::{Light, Plain, form, plain};
use crate::common::{Random, runner};
use crate::leaves::bytes;
use crate::portable::values::Everything;
use chunky::portable::{Limit, Problem, from_bytes, to_bytes};
use chunky::raw::{Form, Layout, LayoutError, Layouts, RawForm, RawReader, differences};
use chunky::{CString, CVec, Compact};
use proptest::prelude::*;
use std::num::NonZero;

/// Reads what may be anything; a value is one, whatever is done with it.
fn try_to_read<T: Compact>(kept: &Kept) -> bool {
    match kept.read::<T>() {
        Ok(value) => {
            bytes(&value);
            drop(value.duplicate());
            // A value that was read can be written.
            to_bytes(&value).unwrap();
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

#[test]
fn any_byte_may_be_wrong() {
    runner(300)
        .run(&any::<u64>(), |seed| {
            let random = &mut Random(seed);
            let whole = keep(&Everything::random(random, 2));
            for _ in 0..20 {
                let mut kept = whole.clone();
                for _ in 0..=random.below(3) {
                    let part = match random.below(4) {
                        0 => &mut kept.value,
                        _ => &mut kept.beside,
                    };
                    let at = random.below(part.len() as u64 + 1) as usize;
                    match part.get_mut(at) {
                        Some(byte) => *byte ^= 1 << random.below(8),
                        None => part.truncate(random.below(at as u64 + 1) as usize),
                    }
                }
                try_to_read::<Everything>(&kept);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn each_bit_of_a_plain_value_counts_or_does_not() {
    let kept = keep(&plain(Some(3)));
    let form = form::<Plain>();
    for bit in 0..kept.value.len() * 8 {
        let mut value = kept.value.clone();
        value[bit / 8] ^= 1 << (bit % 8);
        let is_value = form.check(&value).is_ok();
        let changed = Kept {
            value,
            ..keep(&plain(Some(3)))
        };
        // What is checked where it lies, and what is read from it, agree.
        assert_eq!(try_to_read::<Plain>(&changed), is_value, "bit {bit}");
    }
    let mut zero = kept.value.clone();
    zero.extend(vec![0; size_of::<Plain>()]);
    assert_eq!(form.check(&zero), Err((1, Problem::Zero)));
    zero.truncate(size_of::<Plain>() + 1);
    assert_eq!(form.check(&zero), Err((1, Problem::End)));
}

/// A check of all values says what reading one after the other says: which is the first that is wrong, and what.
fn agree<T: Compact>(values: &[u8]) {
    let (layouts, size) = (&mut Layouts::new(), size_of::<T>());
    let form = RawForm::<T>::new(layouts);
    let mut reader = RawReader::new(layouts.all(), form.number(), &[]).unwrap();
    let mut pieces = values.chunks(size).enumerate();
    let wrong = pieces.find_map(|(number, value)| {
        let read = reader.read::<T>(value).err()?;
        Some((number, read.problem()))
    });
    assert_eq!(form.check(values), wrong.map_or(Ok(()), Err));
}

/// So they do about many of these values, a few bytes of which are others.
fn agree_on_changed<T: Compact>(samples: [T; 2], random: &mut Random) {
    let samples = samples.map(|sample| keep(&sample).value);
    // More than are looked at at once.
    let count = random.below(20_000) as usize / size_of::<T>();
    let mut values = Vec::new();
    for _ in 0..count {
        values.extend(&samples[random.below(2) as usize]);
    }
    for _ in 0..random.below(4) {
        let byte = match random.below(3) {
            0 => 0,
            1 => 1,
            _ => random.below(256) as u8,
        };
        let at = random.below(values.len() as u64 + 1) as usize;
        match values.get_mut(at) {
            Some(place) => *place = byte,
            None => values.truncate(random.below(at as u64 + 1) as usize),
        }
    }
    agree::<T>(&values);
}

#[derive(Compact)]
#[repr(u16)]
enum Wide {
    Low = 1,
    High = 0x100,
}

#[derive(Clone, Compact, Debug, PartialEq)]
enum Only {
    One,
}

#[test]
fn values_are_checked_as_they_are_read() {
    // All bytes that there are, the right ones first, and each after right ones.
    let all: Vec<u8> = (0..=255).collect();
    for first in 0..=255 {
        let rest = &all[first..];
        agree::<bool>(rest);
        agree::<std::cmp::Ordering>(rest);
        agree::<Light>(rest);
        agree::<NonZero<i8>>(rest);
        agree::<Option<NonZero<u8>>>(rest);
        agree::<(Only, Light)>(rest);
        agree::<Wide>(&[1, 0, first as u8, 0]);
        agree::<Wide>(&[0, 1, first as u8, 1]);
    }
    runner(100)
        .run(&any::<u64>(), |seed| {
            let random = &mut Random(seed);
            agree_on_changed([plain(None), plain(Some(3))], random);
            let one = || NonZero::new(1_u16);
            agree_on_changed([[None, one(), None], [one(), None, one()]], random);
            agree_on_changed(
                [(Wide::Low, 'a', Only::One), (Wide::High, '車', Only::One)],
                random,
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_beside_is_as_much_as_is_read() {
    let with = |beside: &[u8]| {
        let mut kept = keep(&(7_u8, Some(5_u8), 9_u8));
        kept.beside = beside.to_vec();
        kept.read::<(u8, Option<u8>, u8)>()
            .map_err(|error| error.problem())
    };
    assert_eq!(with(&[2, 1, 5]), Ok((7, Some(5), 9)));
    assert_eq!(with(&[255, 2, 0, 0, 0, 1, 5]), Ok((7, Some(5), 9)));
    for short in [
        &[][..],
        &[2],
        &[2, 1],
        &[1, 1],
        &[255, 2, 0, 0],
        &[255, 255, 255, 255, 255],
    ] {
        assert!(with(short).is_err(), "{short:?}");
    }
    // The last number is taken from what is left over.
    assert_eq!(with(&[3, 1, 5, 6]), Err(Problem::Rest { bytes: 1 }));
    assert_eq!(with(&[2, 1, 5, 0]), Err(Problem::Rest { bytes: 1 }));
}

#[test]
fn a_collection_has_no_more_than_there_is() {
    let with = |count: u32, beside: usize| {
        let mut kept = keep(&CVec::from([1_u64, 2, 3]));
        let Form::List { length, .. } = kept.layouts[kept.number as usize].form else {
            panic!("it is a list");
        };
        kept.value[length as usize..][..4].copy_from_slice(&count.to_le_bytes());
        kept.beside.resize(beside, 0);
        kept.read::<CVec<u64>>().map(|list| list.len()).ok()
    };
    assert_eq!(with(3, 24), Some(3));
    assert_eq!(with(0, 0), Some(0));
    assert_eq!(with(2, 16), Some(2));
    for (count, beside) in [
        (4, 24),
        (2, 24),
        (3, 23),
        (1, 0),
        (u32::MAX, 24),
        (1 << 29, 0),
    ] {
        assert_eq!(with(count, beside), None, "{count} of {beside}");
    }
}

#[test]
fn layouts_may_be_anything() {
    let layout = |size, form| Layout {
        name: CString::new(),
        size,
        align: 1,
        form,
    };
    let fields = |offset, of| {
        let name = CString::new();
        Form::Fields([chunky::raw::Field { name, offset, of }; 1].into())
    };
    let open = |layouts: &[Layout]| {
        RawReader::new(layouts, 0, &[]).map(|mut reader| {
            let _ = reader.read::<(u64, CVec<u8>, Option<u8>)>(&[0; 64]);
        })
    };
    let outside = Err(LayoutError::Outside { number: 0 });
    assert_eq!(open(&[]), Err(LayoutError::NoType { number: 0 }));
    assert_eq!(
        open(&[layout(8, fields(0, 1))]),
        Err(LayoutError::NoType { number: 1 })
    );
    assert_eq!(
        open(&[layout(8, fields(1, 1)), layout(8, Form::Plain)]),
        outside
    );
    assert_eq!(
        open(&[layout(8, fields(u32::MAX, 1)), layout(8, Form::Plain)]),
        outside
    );
    assert_eq!(
        open(&[layout(9, Form::Array(1, 1)), layout(8, Form::Plain)]),
        outside
    );
    assert_eq!(open(&[layout(4, Form::Boxed(0))]), outside);
    let list = Form::List {
        of: 0,
        at: 8,
        length: 14,
    };
    assert_eq!(open(&[layout(16, list)]), outside);
    assert_eq!(
        open(&[layout(8, Form::Optional(1)), layout(4, Form::Plain)]),
        outside
    );
    // Types that are in themselves, once or twice, and ever larger arrays.
    let twice = |of| {
        let field = |name: &str| chunky::raw::Field {
            name: name.into(),
            offset: 0,
            of,
        };
        Form::Fields([field("a"), field("b")].into())
    };
    assert_eq!(open(&[layout(8, twice(0))]), Ok(()));
    assert_eq!(open(&[layout(8, fields(0, 0))]), Ok(()));
    let empty = |of| layout(0, Form::Array(of, u32::MAX));
    let nothing = layout(0, Form::Tags(CVec::new()));
    assert_eq!(open(&[empty(1), empty(2), empty(3), nothing]), Ok(()));
    assert_eq!(open(&[layout(u32::MAX - 1, Form::Plain)]), Ok(()));
    let large = Err(LayoutError::TooLarge { number: 0 });
    assert_eq!(open(&[layout(u32::MAX, Form::Plain)]), large);
    let all: CVec<Layout> = [layout(8, twice(0))].into();
    assert!(from_bytes::<CVec<Layout>>(&to_bytes(&all).unwrap()).is_ok());
}

/// Skips a value, which may be anything; says whether all that is beside it was its own.
fn skips(kept: &Kept) -> bool {
    let mut reader = RawReader::new(&kept.layouts, kept.number, &kept.beside).unwrap();
    reader.skip(&kept.value).is_ok() && reader.finish().is_ok()
}

#[test]
fn what_can_be_read_can_be_skipped() {
    runner(100)
        .run(&any::<u64>(), |seed| {
            let random = &mut Random(seed);
            let mut kept = keep(&Everything::random(random, 2));
            prop_assert!(skips(&kept));
            for _ in 0..20 {
                let part = match random.below(4) {
                    0 => &mut kept.value,
                    _ => &mut kept.beside,
                };
                let at = random.below(part.len() as u64 + 1) as usize;
                if let Some(byte) = part.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
                prop_assert!(skips(&kept) || !try_to_read::<Everything>(&kept));
            }
            // If something was missing, this may be it.
            if skips(&kept) {
                kept.beside.push(0);
                prop_assert!(!skips(&kept));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn boxes_lead_to_boxes_only_so_far() {
    let name = CString::new();
    let layouts = [Layout {
        name,
        size: 8,
        align: 8,
        form: Form::Boxed(0),
    }];
    let beside = [0; 100_000];
    let mut reader = RawReader::new(&layouts, 0, &beside).unwrap();
    let error = reader.skip(&[0; 8]).unwrap_err();
    assert_eq!(error.problem(), Problem::Limit(Limit::Levels));
}

#[test]
fn what_has_no_bytes_is_no_longer_than_it_was() {
    let kept = keep(&(CVec::from([Only::One, Only::One]), 7_u8));
    let read = kept.read::<(CVec<Only>, u8)>().unwrap();
    assert_eq!(read.0.len(), 2);
    // A number of a few bytes could claim billions of them, one by one.
    for at in 0..kept.value.len() + kept.beside.len() {
        let mut kept = kept.clone();
        let length = kept.value.len();
        match kept.value.get_mut(at) {
            Some(byte) => *byte ^= 4,
            None => kept.beside[at - length] ^= 4,
        }
        let read = kept.read::<(CVec<Only>, u8)>();
        assert!(read.is_err() || read.unwrap().0.len() == 2, "byte {at}");
    }
}

fn layout(size: u32, form: Form) -> Layout {
    let name = CString::new();
    Layout {
        name,
        size,
        align: 1,
        form,
    }
}

/// So many fields of types with these numbers, at these places.
fn fields(all: impl IntoIterator<Item = (u32, u32)>) -> Form {
    let field = |(offset, of)| {
        let name = CString::new();
        chunky::raw::Field { name, offset, of }
    };
    Form::Fields(all.into_iter().map(field).collect())
}

#[test]
fn no_two_parts_of_a_value_share_any_bytes() {
    // Else a value of few bytes could lead to any number of boxes, each of which takes time.
    let sixteen = |of| fields([(0, of); 16]);
    let many = |size| Form::Array(4, size);
    let layouts = [
        layout(8, sixteen(1)),
        layout(8, sixteen(2)),
        layout(8, Form::Boxed(3)),
        layout(0, many(16)),
        layout(0, Form::Empty),
    ];
    let number = 2;
    let refused = RawReader::new(&layouts, 0, &[]).unwrap_err();
    assert_eq!(refused, LayoutError::Outside { number });
    let apart = [layout(8, fields([(0, 1), (4, 1)])), layout(4, Form::Plain)];
    assert!(RawReader::new(&apart, 0, &[]).is_ok());
    let array = [layout(8, Form::Array(1, 2)), layout(4, Form::Plain)];
    assert!(RawReader::new(&array, 0, &[]).is_ok());
    let both = [
        layout(8, fields([(0, 1), (4, 2)])),
        layout(8, Form::Array(2, 2)),
        layout(4, Form::Plain),
    ];
    assert!(RawReader::new(&both, 0, &[]).is_err());
}

#[test]
fn what_is_not_there_takes_no_program() {
    // Each list could be of another type, whose values have thousands of parts.
    let list = |of| Form::List {
        of,
        at: 0,
        length: 8,
    };
    let layouts = [
        layout(16, list(1)),
        layout(1, fields([(7, 2)])),
        layout(1, Form::Plain),
    ];
    let mut reader = RawReader::new(&layouts, 0, &[0]).unwrap();
    assert!(reader.skip(&[0; 16]).is_ok());
    assert!(reader.skip(&[1; 16]).is_err());
}

#[test]
fn types_that_lead_to_many_others_take_no_longer() {
    // Each leads to the one behind it, and the last has something beside it.
    let boxed = |of| layout(8, Form::Boxed(of));
    let opaque = layout(8, Form::Opaque);
    let layouts: Vec<Layout> = (1..=300_000).map(boxed).chain([opaque]).collect();
    for number in [0, 1, 9, 295_900, 296_000, 299_999, 300_000] {
        let part = [3, 0, 0, 0];
        let mut reader = RawReader::new(&layouts, number, &part).unwrap();
        assert!(reader.skip(&[0; 8]).is_ok() && reader.finish().is_ok());
    }
    // Nor do those that lead to one of many fields, which each of them would look at.
    let many = layout(0, fields((0..300_000).map(|_| (0, 0))));
    let layouts: Vec<Layout> = [many]
        .into_iter()
        .chain((0..20_000).map(|_| boxed(0)))
        .collect();
    for number in 1..=20_000 {
        let mut reader = RawReader::new(&layouts, number, &[0]).unwrap();
        assert!(reader.skip(&[0; 8]).is_ok() && reader.finish().is_ok());
    }
}

#[test]
fn types_that_never_end_are_compared_only_so_far() {
    let boxed = |of| Layout {
        name: CString::new(),
        size: 8,
        align: 8,
        form: Form::Boxed(of),
    };
    let was: Vec<Layout> = (1..=200_000).map(boxed).collect();
    let all = differences((&was, 0), (&[boxed(0)], 0), "it");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].to_string(), "`it` is nested too deep to be compared");
}
