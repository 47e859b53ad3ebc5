//! Types with everything in them, and values of them.
#![forbid(unsafe_code)]

use crate::common::Random;
use chunky::{CBox, CMap, CString, CVec, Compact};
use std::cmp::{Ordering, Reverse};
use std::marker::PhantomData;
use std::num::{NonZero, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeTo};
use std::time::Duration;

#[derive(Compact)]
pub struct Unit;

#[derive(Compact)]
pub enum Never {}

#[derive(Compact)]
pub struct Pair<A, B>(pub A, pub B);

/// Its names are those that the macro might use itself.
#[derive(Compact)]
pub struct Named {
    pub to: u8,
    pub from: u16,
    pub value: u8,
    pub error: bool,
    pub r#type: char,
}

#[derive(Compact)]
pub enum Road {
    Closed,
    Open { lanes: u8, name: CString },
    Via(u32, CBox<Road>),
}

#[derive(Compact)]
pub struct Everything {
    pub numbers: (
        u8,
        u16,
        u32,
        u64,
        u128,
        usize,
        i8,
        i16,
        i32,
        i64,
        i128,
        isize,
    ),
    pub floats: CVec<(f32, f64)>,
    pub leaves: (bool, char, Ordering, Duration, ()),
    pub not_zero: [NonZero<i16>; 3],
    pub wrapped: (Wrapping<u32>, Reverse<CString>),
    pub ranges: (Range<u8>, RangeFrom<CString>, RangeTo<u16>, Bound<u16>),
    pub results: CVec<Result<CString, Option<u8>>>,
    pub roads: CVec<Road>,
    pub named: CMap<CString, Named>,
    pub maps: CMap<(u8, bool), CMap<u64, CVec<u8>>>,
    pub generic: Pair<CBox<Pair<Unit, u8>>, PhantomData<Never>>,
    pub children: CVec<Everything>,
    pub large: [u16; 100],
}

fn text(random: &mut Random) -> CString {
    let count = random.below(5);
    (0..count).map(|_| character(random)).collect()
}

fn character(random: &mut Random) -> char {
    let bits = random.next() as u32 >> random.below(32);
    char::from_u32(bits).unwrap_or('a')
}

fn list<T>(random: &mut Random, mut make: impl FnMut(&mut Random) -> T) -> CVec<T> {
    let count = random.below(4);
    (0..count).map(|_| make(random)).collect()
}

fn road(random: &mut Random) -> Road {
    match random.below(4) {
        0 => Road::Closed,
        1 => Road::Open {
            lanes: random.next() as u8,
            name: text(random),
        },
        _ => Road::Via(random.next() as u32, CBox::new(road(random))),
    }
}

fn wide(random: &mut Random) -> u128 {
    u128::from(random.next()) << 64 | u128::from(random.next())
}

impl Everything {
    /// A value with children that are up to so many levels deep.
    pub fn random(random: &mut Random, levels: u32) -> Self {
        let number = wide(random);
        let named = |random: &mut Random| Named {
            to: random.next() as u8,
            from: random.next() as u16,
            value: random.next() as u8,
            error: random.below(2) == 0,
            r#type: character(random),
        };
        let bound = random.next() as u16;
        Everything {
            numbers: (
                number as u8,
                number as u16,
                number as u32,
                number as u64,
                number,
                number as usize,
                number as i8,
                number as i16,
                number as i32,
                number as i64,
                number as i128,
                number as isize,
            ),
            floats: list(random, |random| {
                let bits = random.next();
                (f32::from_bits(bits as u32), f64::from_bits(bits))
            }),
            leaves: (
                random.below(2) == 0,
                character(random),
                random.next().cmp(&random.next()),
                Duration::new(random.next(), random.below(1_000_000_000) as u32),
                (),
            ),
            not_zero: [(); 3].map(|()| NonZero::new(random.next() as i16 | 1).unwrap()),
            wrapped: (Wrapping(random.next() as u32), Reverse(text(random))),
            ranges: (
                random.next() as u8..random.next() as u8,
                text(random)..,
                ..random.next() as u16,
                match random.below(3) {
                    0 => Bound::Unbounded,
                    1 => Bound::Included(bound),
                    _ => Bound::Excluded(bound),
                },
            ),
            results: list(random, |random| match random.below(3) {
                0 => Ok(text(random)),
                1 => Err(None),
                _ => Err(Some(random.next() as u8)),
            }),
            roads: list(random, road),
            named: (0..random.below(20))
                .map(|_| (text(random), named(random)))
                .collect(),
            maps: (0..random.below(4))
                .map(|at| {
                    let inner = (0..random.below(20)).map(|_| {
                        let key = random.next();
                        (key, list(random, |random| random.next() as u8))
                    });
                    ((at as u8, at % 2 == 0), inner.collect())
                })
                .collect(),
            generic: Pair(CBox::new(Pair(Unit, random.next() as u8)), PhantomData),
            children: match levels {
                0 => CVec::new(),
                _ => list(random, |random| Everything::random(random, levels - 1)),
            },
            large: std::array::from_fn(|_| random.next() as u16),
        }
    }
}

/// Declares an enum whose variants fit into a byte, and one with a variant too many for that.
macro_rules! variants {
    ($($name:ident)*) => {
        #[derive(Compact)]
        #[allow(dead_code, clippy::enum_variant_names)]
        pub enum Many { $($name),* }

        #[derive(Compact)]
        #[allow(dead_code)]
        pub enum Wide { $($name,)* Last }
    };
}

variants! {
    V00 V01 V02 V03 V04 V05 V06 V07 V08 V09 V0a V0b V0c V0d V0e V0f
    V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V1a V1b V1c V1d V1e V1f
    V20 V21 V22 V23 V24 V25 V26 V27 V28 V29 V2a V2b V2c V2d V2e V2f
    V30 V31 V32 V33 V34 V35 V36 V37 V38 V39 V3a V3b V3c V3d V3e V3f
    V40 V41 V42 V43 V44 V45 V46 V47 V48 V49 V4a V4b V4c V4d V4e V4f
    V50 V51 V52 V53 V54 V55 V56 V57 V58 V59 V5a V5b V5c V5d V5e V5f
    V60 V61 V62 V63 V64 V65 V66 V67 V68 V69 V6a V6b V6c V6d V6e V6f
    V70 V71 V72 V73 V74 V75 V76 V77 V78 V79 V7a V7b V7c V7d V7e V7f
    V80 V81 V82 V83 V84 V85 V86 V87 V88 V89 V8a V8b V8c V8d V8e V8f
    V90 V91 V92 V93 V94 V95 V96 V97 V98 V99 V9a V9b V9c V9d V9e V9f
    Va0 Va1 Va2 Va3 Va4 Va5 Va6 Va7 Va8 Va9 Vaa Vab Vac Vad Vae Vaf
    Vb0 Vb1 Vb2 Vb3 Vb4 Vb5 Vb6 Vb7 Vb8 Vb9 Vba Vbb Vbc Vbd Vbe Vbf
    Vc0 Vc1 Vc2 Vc3 Vc4 Vc5 Vc6 Vc7 Vc8 Vc9 Vca Vcb Vcc Vcd Vce Vcf
    Vd0 Vd1 Vd2 Vd3 Vd4 Vd5 Vd6 Vd7 Vd8 Vd9 Vda Vdb Vdc Vdd Vde Vdf
    Ve0 Ve1 Ve2 Ve3 Ve4 Ve5 Ve6 Ve7 Ve8 Ve9 Vea Veb Vec Ved Vee Vef
    Vf0 Vf1 Vf2 Vf3 Vf4 Vf5 Vf6 Vf7 Vf8 Vf9 Vfa Vfb Vfc Vfd Vfe Vff
}
