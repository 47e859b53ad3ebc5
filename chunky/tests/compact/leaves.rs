//! `Compact` for the types of `core`.

use chunky::{CBox, CMap, CString, CVec, Compact};
use std::cmp::Reverse;
use std::hash::Hasher;
use std::marker::PhantomData;
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::time::Duration;

/// A hasher that keeps what it is fed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        panic!("hash_state does not finish the hasher");
    }
}

pub fn bytes<T: Compact>(value: &T) -> Vec<u8> {
    let mut bytes = Bytes::default();
    value.hash_state(&mut bytes);
    bytes.0
}

/// The bytes and the description are as given, for the value and for its copy.
#[track_caller]
fn check<T: Compact>(value: T, expected: &[u8], shown: &str) {
    for value in [&value, &value.duplicate()] {
        assert_eq!(bytes(value), expected);
        assert_eq!(format!("{:?}", value.described()), shown);
    }
}

#[test]
fn numbers_are_written_in_little_endian_order_with_fixed_width() {
    check(0x12_u8, &[0x12], "18");
    check(-2_i16, &[0xfe, 0xff], "-2");
    check(0x0102_0304_u32, &[4, 3, 2, 1], "16909060");
    check(1_u64, &[1, 0, 0, 0, 0, 0, 0, 0], "1");
    check(1_usize, &[1, 0, 0, 0, 0, 0, 0, 0], "1");
    check(-1_isize, &[0xff; 8], "-1");
    check(-1_i128, &[0xff; 16], "-1");
    check(NonZero::new(7_u16).unwrap(), &[7, 0], "7");
    check(1.5_f32, &[0, 0, 0xc0, 0x3f], "1.5");
    check(-0.0_f64, &[0, 0, 0, 0, 0, 0, 0, 0x80], "-0.0");
    check('車', &[0xca, 0x8e, 0, 0], "'車'");
    check(true, &[1], "true");
    check(Wrapping(3_u8), &[3], "Wrapping(3)");
    check(Saturating(3_u8), &[3], "Saturating(3)");
    check(Reverse(3_u8), &[3], "Reverse(3)");
    check(std::cmp::Ordering::Less, &[0xff], "Less");
    check(
        Duration::new(1, 2),
        &[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0],
        "1.000000002s",
    );
    check((), &[], "()");
    check(PhantomData::<str>, &[], "PhantomData<str>");
}

#[test]
fn wholes_are_written_part_by_part_with_variants_and_lengths_first() {
    check((1_u8, true, 'a'), &[1, 1, 97, 0, 0, 0], "(1, true, 'a')");
    check((1_u8,), &[1], "(1,)");
    check([1_u8, 2], &[1, 2], "[1, 2]");
    check(None::<u8>, &[0], "None");
    check(Some(7_u8), &[1, 7], "Some(7)");
    check(Ok::<u8, ()>(7), &[0, 7], "Ok(7)");
    check(Err::<u8, _>([8_u8]), &[1, 8], "Err([8])");
    check(Bound::Excluded(7_u8), &[1, 7], "Excluded(7)");
    check(Bound::<u8>::Unbounded, &[2], "Unbounded");
    check(1_u8..2, &[1, 2], "1..2");
    check(1_u8.., &[1], "1..");
    check(..2_u8, &[2], "..2");
    check(
        CVec::from([7_u8, 8]),
        &[2, 0, 0, 0, 0, 0, 0, 0, 7, 8],
        "[7, 8]",
    );
    check(
        CString::from("ab"),
        &[2, 0, 0, 0, 0, 0, 0, 0, 97, 98],
        "\"ab\"",
    );
    check(CBox::new(7_u8), &[7], "7");
    check(
        CMap::from([(7_u8, 8_u8)]),
        &[1, 0, 0, 0, 0, 0, 0, 0, 7, 8],
        "{7: 8}",
    );
    check(
        (
            1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8, 9_u8, 10_u8, 11_u8, 12_u8,
        ),
        &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)",
    );
}

#[test]
fn different_values_write_different_bytes() {
    let texts =
        |texts: &[&str]| -> CVec<CString> { texts.iter().map(|&text| text.into()).collect() };
    assert_ne!(bytes(&texts(&["a", "b"])), bytes(&texts(&["ab", ""])));
    assert_ne!(
        bytes(&(texts(&["a"]), texts(&[]))),
        bytes(&(texts(&[]), texts(&["a"])))
    );
    assert_ne!(
        bytes(&(Some(1_u8), None::<u8>)),
        bytes(&(None::<u8>, Some(1_u8)))
    );
    assert_ne!(bytes(&0.0_f32), bytes(&-0.0_f32));
}

#[test]
fn names_tell_types_apart() {
    let names = [
        u8::NAME_HASH,
        i8::NAME_HASH,
        usize::NAME_HASH,
        u64::NAME_HASH,
        NonZero::<u8>::NAME_HASH,
        <()>::NAME_HASH,
        <(u8,)>::NAME_HASH,
        <(u8, i8)>::NAME_HASH,
        <(i8, u8)>::NAME_HASH,
        <((u8,), i8)>::NAME_HASH,
        <[u8; 2]>::NAME_HASH,
        <[u8; 3]>::NAME_HASH,
        Option::<u8>::NAME_HASH,
        Option::<Option<u8>>::NAME_HASH,
        Option::<CVec<u8>>::NAME_HASH,
        CVec::<Option<u8>>::NAME_HASH,
        Result::<u8, i8>::NAME_HASH,
        Result::<i8, u8>::NAME_HASH,
        CMap::<u8, i8>::NAME_HASH,
        CBox::<u8>::NAME_HASH,
        CString::NAME_HASH,
    ];
    let different: std::collections::BTreeSet<u64> = names.into_iter().collect();
    assert_eq!(different.len(), names.len());
    // The same in every build.
    assert_eq!(u8::NAME_HASH, 0x08c4_8207_b567_53d8);
    assert_eq!(CVec::<u8>::NAME_HASH, 0xd1e6_e74a_23c4_6c52);
}
