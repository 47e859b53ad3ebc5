//! Bytes that mean nothing: whatever they are, the same values are kept as the same bytes, and read.

use chunky::Compact;
use chunky::raw::{Layouts, RawForm, RawReader};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Keeps a value that has padding there, which is filled with this byte.
fn keep_padded<T: Compact>(value: T, padding: Range<usize>, byte: u8) -> (Vec<u8>, Vec<u8>) {
    assert!(padding.end <= size_of::<T>());
    let mut place = MaybeUninit::new(value);
    let start = place.as_mut_ptr().cast::<u8>();
    for at in padding {
        // SAFETY: so many bytes are there.
        let at = unsafe { start.add(at) };
        // SAFETY: the byte is padding, as whoever calls this says: a value is there whatever it is.
        unsafe { at.write(byte) };
    }
    // SAFETY: likewise.
    let value = unsafe { place.assume_init_ref() };
    let layouts = &mut Layouts::new();
    let form = RawForm::<T>::new(layouts);
    let (mut values, mut beside) = (Vec::new(), Vec::new());
    form.copy(std::slice::from_ref(value), &mut values, &mut beside)
        .unwrap();
    if form.is_plain() {
        assert_eq!(form.check(&values), Ok(()));
    }
    let mut reader = RawReader::new(layouts.all(), form.number(), &beside).unwrap();
    let read: T = reader.read(&values).unwrap();
    reader.finish().unwrap();
    assert_eq!(
        format!("{:?}", read.described()),
        format!("{:?}", value.described())
    );
    (values, beside)
}

/// Says what is beside.
#[track_caller]
fn check<T: Compact>(value: fn() -> T, padding: Range<usize>) -> Vec<u8> {
    let kept = [0, 0xaa, 0xff].map(|byte| keep_padded(value(), padding.clone(), byte));
    assert!(kept[0] == kept[1] && kept[0] == kept[2], "{kept:?}");
    let [(_, beside), ..] = kept;
    beside
}

#[derive(Compact, Debug, PartialEq)]
#[repr(u8, align(8))]
enum Eight {
    A,
    B = 7,
}

#[derive(Compact)]
#[repr(C)]
#[repr(align(16))]
enum OfC {
    _A,
    B,
}

#[derive(Compact)]
#[repr(align(4))]
enum Four<const N: usize> {
    _A,
    B {},
}

/// Nothing tells it from another one.
#[derive(Compact)]
#[repr(align(4))]
enum Only {
    One,
}

/// What a macro has been given looks different to the one that derives.
macro_rules! aligned {
    ($name:ident, $meta:meta) => {
        #[derive(Compact)]
        #[$meta]
        enum $name {
            _A,
            B,
        }
    };
    ($name:ident, $type:ident, $bytes:literal) => {
        aligned!($name, repr($type, align($bytes)));
    };
    ($name:ident; $($repr:tt)*) => {
        #[derive(Compact)]
        #[cfg_attr(all(), repr($($repr)*))]
        enum $name {
            _A,
            B,
        }
    };
}

aligned!(ByMeta, repr(u8, align(8)));
aligned!(ByParts, u16, 8);
aligned!(ByTokens; i8, align(2));

#[test]
fn an_enum_may_have_an_alignment() {
    // Its bytes do not tell what it is, since most of them mean nothing.
    assert_eq!(check(|| Eight::A, 1..8), [1, 0]);
    assert_eq!(check(|| Eight::B, 1..8), [1, 1]);
    assert_eq!(check(|| OfC::B, 4..16), [1, 1]);
    assert_eq!(check(|| Four::<2>::B {}, 1..4), [1, 1]);
    assert_eq!(check(|| Only::One, 0..0), [1, 0]);
    assert_eq!(check(|| ByMeta::B, 1..8), [1, 1]);
    assert_eq!(check(|| ByParts::B, 2..8), [1, 1]);
    assert_eq!(check(|| ByTokens::B, 1..2), [1, 1]);
    assert_eq!(check(|| [Eight::A, Eight::B], 9..16), [1, 0, 1, 1]);
    assert_eq!(check(|| (5_u8, Some(OfC::B)), 0..0), [2, 1, 1]);
}

#[derive(Compact)]
#[repr(C, align(16))]
struct Aligned(u8);

#[derive(Compact)]
#[repr(transparent)]
struct Transparent(Aligned);

#[derive(Compact)]
#[repr(transparent)]
struct Beside(u8, [(); 3], PhantomData<Aligned>);

/// Nothing in it is as large as it is.
#[derive(Compact)]
#[repr(C)]
struct Strict(u8, [Aligned; 0], bool);

#[derive(Compact)]
#[repr(align(8))]
struct Nothing;

#[derive(Compact)]
#[repr(C)]
struct Generic<T, U = Nothing> {
    first: u8,
    of: PhantomData<(T, U)>,
    none: [T; 0],
    second: U,
}

#[test]
fn a_struct_may_have_bytes_that_are_in_no_field() {
    let plain = |beside: Vec<u8>| beside.is_empty();
    assert!(plain(check(|| Aligned(7), 1..16)));
    assert!(plain(check(|| Transparent(Aligned(7)), 1..16)));
    assert!(plain(check(|| Beside(7, [(); 3], PhantomData), 0..0)));
    assert!(plain(check(|| Strict(7, [], true), 2..16)));
    assert!(plain(check(|| [Aligned(7), Aligned(8)], 17..32)));
    let generic = || Generic::<Aligned> {
        first: 7,
        of: PhantomData,
        none: [],
        second: Nothing,
    };
    assert!(plain(check(generic, 1..16)));
    let generic = || Generic::<u32, Strict> {
        first: 7,
        of: PhantomData,
        none: [],
        second: Strict(8, [], true),
    };
    assert!(plain(check(generic, 1..16)));
    assert!(plain(check(generic, 18..32)));
}
