//! The portable form: what it looks like, and that what was written is read.

mod depth;
mod hostile;
pub mod values;

use crate::common::{Random, runner};
use crate::leaves::bytes;
use crate::raw::raw_round_trip;
use chunky::portable::{from_bytes, to_bytes};
use chunky::{CBox, CMap, CString, CVec, Compact};
use proptest::prelude::*;
use std::cmp::{Ordering, Reverse};
use std::marker::PhantomData;
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::time::Duration;
use values::{Everything, Many, Road, Wide};

/// What is read is the value, and is written as the same bytes again.
#[track_caller]
fn round_trip<T: Compact>(value: &T) -> Vec<u8> {
    raw_round_trip(value);
    portable_round_trip(value)
}

#[track_caller]
pub fn portable_round_trip<T: Compact>(value: &T) -> Vec<u8> {
    let written = to_bytes(value).unwrap();
    let read: T = from_bytes(&written).unwrap();
    assert_eq!(bytes(&read), bytes(value));
    assert_eq!(
        format!("{:?}", read.described()),
        format!("{:?}", value.described())
    );
    assert_eq!(to_bytes(&read).unwrap(), written);
    written
}

#[track_caller]
fn golden<T: Compact>(value: T, expected: &[u8]) {
    assert_eq!(round_trip(&value), expected);
}

#[test]
fn numbers_have_a_fixed_width_in_little_endian_order() {
    golden(0x12_u8, &[0x12]);
    golden(-2_i16, &[0xfe, 0xff]);
    golden(0x0102_0304_u32, &[4, 3, 2, 1]);
    golden(1_u64, &[1, 0, 0, 0, 0, 0, 0, 0]);
    golden(2_usize, &[2, 0, 0, 0, 0, 0, 0, 0]);
    golden(-1_isize, &[0xff; 8]);
    golden(-1_i128, &[0xff; 16]);
    golden(NonZero::new(7_u16).unwrap(), &[7, 0]);
    golden(NonZero::new(-1_isize).unwrap(), &[0xff; 8]);
    golden(1.5_f32, &[0, 0, 0xc0, 0x3f]);
    golden(-0.0_f64, &[0, 0, 0, 0, 0, 0, 0, 0x80]);
    golden(f32::from_bits(0x7fc0_1234), &[0x34, 0x12, 0xc0, 0x7f]);
    golden('車', &[0xca, 0x8e, 0, 0]);
    golden((true, false), &[1, 0]);
    golden(Wrapping(3_u8), &[3]);
    golden(Saturating(3_u8), &[3]);
    golden(Reverse(3_u8), &[3]);
    golden(
        [Ordering::Less, Ordering::Equal, Ordering::Greater],
        &[0xff, 0, 1],
    );
    let duration = [1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xc9, 0x9a, 0x3b];
    golden(Duration::new(1, 999_999_999), &duration);
}

#[test]
fn wholes_are_their_parts_with_variants_and_lengths_before_them() {
    golden((), &[]);
    golden(PhantomData::<str>, &[]);
    golden((1_u8, 2_u16), &[1, 2, 0]);
    golden([1_u8, 2], &[1, 2]);
    golden([[7_u16; 2]; 2], &[7, 0, 7, 0, 7, 0, 7, 0]);
    golden(None::<u16>, &[0]);
    golden(Some(7_u16), &[1, 7, 0]);
    golden(Ok::<u8, ()>(7), &[0, 7]);
    golden(Err::<u8, _>([8_u8]), &[1, 8]);
    golden(Bound::Included(7_u8), &[0, 7]);
    golden(Bound::Excluded(7_u8), &[1, 7]);
    golden(Bound::<u8>::Unbounded, &[2]);
    golden((1_u8..2, 3_u8.., ..4_u8), &[1, 2, 3, 4]);
    golden(CVec::from([7_u16, 8]), &[2, 0, 0, 0, 7, 0, 8, 0]);
    golden(CString::from("aß"), &[3, 0, 0, 0, 97, 0xc3, 0x9f]);
    golden(CBox::new(7_u8), &[7]);
    golden(
        CMap::from([(9_u8, 8_u16), (1, 2)]),
        &[2, 0, 0, 0, 9, 8, 0, 1, 2, 0],
    );
    let many = (1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8, 9_u8, 10_u8);
    golden(many, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn derived_types_are_written_as_the_others() {
    golden(values::Unit, &[]);
    golden(Road::Closed, &[0]);
    golden(
        Road::Open {
            lanes: 2,
            name: "A".into(),
        },
        &[1, 2, 1, 0, 0, 0, 65],
    );
    golden(Road::Via(3, CBox::new(Road::Closed)), &[2, 3, 0, 0, 0, 0]);
    golden(values::Pair(1_u8, Some(values::Unit)), &[1, 1]);
    // 256 variants fit into a byte, 257 do not.
    golden(Many::Vff, &[255]);
    golden(Wide::Last, &[0, 1, 0, 0]);
    golden(Wide::V00, &[0; 4]);
}

#[test]
fn large_arrays_are_read_like_small_ones() {
    golden([7_u8; 128], &[7; 128]);
    golden([7_u8; 129], &[7; 129]);
    golden([7_u8; 5000], &[7; 5000]);
    let texts: [CString; 100] = std::array::from_fn(|at| at.to_string().into());
    round_trip(&texts);
}

#[test]
fn a_map_keeps_its_order_and_is_found_in() {
    let mut map: CMap<u32, CString> = (0..1000)
        .map(|at| (at * 7, at.to_string().into()))
        .collect();
    map.remove(&14);
    let read: CMap<u32, CString> = from_bytes(&round_trip(&map)).unwrap();
    assert!(read.iter().eq(map.iter()));
    for (key, value) in &map {
        assert_eq!(read.get(key), Some(value));
    }
    assert_eq!(read.get(&14), None);
}

#[test]
fn what_was_written_is_read() {
    runner(300)
        .run(&any::<u64>(), |seed| {
            let random = &mut Random(seed);
            let value = Everything::random(random, 3);
            round_trip(&value);
            let many: CVec<_> = (0..random.below(9))
                .map(|_| Everything::random(random, 1))
                .collect();
            round_trip(&many);
            Ok(())
        })
        .unwrap();
}
