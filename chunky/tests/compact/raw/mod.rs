//! The raw form: that a value is read from its own bytes.

mod by_hand;
mod hostile;
mod kept;
mod large;
mod padding;

use crate::leaves::bytes;
use chunky::portable::{Limit, WriteError, from_bytes, to_bytes};
use chunky::raw::{Layout, Layouts, RawForm, RawReader, differences};
use chunky::{CBox, CMap, CString, CVec, Compact};
pub use kept::keep;
use std::cell::Cell;
use std::num::NonZero;
use std::time::Duration;

/// What is read from the raw form is the value. The tests of the portable form do this with all that they
/// write.
#[track_caller]
pub fn raw_round_trip<T: Compact>(value: &T) {
    let kept = keep(value);
    let read: T = kept.read().unwrap();
    assert_eq!(bytes(&read), bytes(value));
    // It holds no addresses, nor anything else that is not in the value.
    let copy = keep(&read);
    assert!(copy.value == kept.value && copy.beside == kept.beside);
    assert_eq!(to_bytes(&read), to_bytes(value));
    let form = RawForm::<T>::new(&mut Layouts::new());
    assert_eq!(form.is_plain(), kept.is_plain);
    if kept.is_plain {
        assert_eq!(form.check(&kept.value), Ok(()));
        assert!(kept.beside.is_empty());
    }
    let layouts = CVec::from(&kept.layouts[..]);
    let layouts: CVec<Layout> = from_bytes(&to_bytes(&layouts).unwrap()).unwrap();
    assert_eq!(layouts, kept.layouts[..]);
}

#[derive(Compact)]
#[repr(transparent)]
struct Name(NonZero<u64>);

#[derive(Compact)]
enum Light {
    Green,
    Red {},
    Yellow(),
}

#[derive(Compact)]
struct Plain {
    name: Name,
    ahead: Option<Name>,
    behind: Option<Name>,
    light: Light,
    brakes: [bool; 3],
    at: (f32, [u16; 5]),
    sign: char,
}

fn plain(ahead: Option<u64>) -> Plain {
    Plain {
        name: Name(NonZero::new(7).unwrap()),
        ahead: ahead.and_then(NonZero::new).map(Name),
        behind: None,
        light: Light::Red {},
        brakes: [true, false, true],
        at: (1.5, [1, 2, 3, 4, 5]),
        sign: '車',
    }
}

fn form<T: Compact>() -> RawForm<T> {
    RawForm::new(&mut Layouts::new())
}

#[test]
fn what_is_in_the_value_is_plain() {
    raw_round_trip(&plain(None));
    raw_round_trip(&plain(Some(1 << 40)));
    for light in [Light::Green, Light::Red {}, Light::Yellow()] {
        raw_round_trip(&light);
    }
    assert!(form::<Plain>().is_plain());
    assert!(form::<[Plain; 100]>().is_plain());
    assert!(form::<()>().is_plain());
    assert!(form::<(u8, [bool; 100_000])>().is_plain());
    assert!(!form::<CVec<u8>>().is_plain());
    assert!(!form::<Option<u8>>().is_plain());
    assert!(!form::<Duration>().is_plain());
    assert!(!form::<CBox<u8>>().is_plain());
}

thread_local! {
    static DROPPED: Cell<u32> = const { Cell::new(0) };
}

#[derive(Compact)]
enum Token {
    One,
    Other,
}

impl Drop for Token {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}

#[test]
fn to_ask_how_values_lie_drops_none() {
    let form = form::<[Token; 2]>();
    assert!(form.is_plain());
    assert_eq!(DROPPED.get(), 0);
    raw_round_trip(&[Token::Other, Token::One]);
}

#[test]
fn what_has_no_layout_is_beside() {
    let beside = |kept: kept::Kept| kept.beside;
    assert_eq!(beside(keep(&(7_u8, Some(5_u16), 9_u8))), [3, 1, 5, 0]);
    assert_eq!(beside(keep(&(None::<u16>, Some(1_u8)))), [1, 0, 2, 1, 1]);
    // A list of what is beside is, too.
    assert_eq!(
        beside(keep(&CVec::from([Some(1_u8)]))),
        [6, 1, 0, 0, 0, 1, 1]
    );
    // One of others lies there as it does in memory.
    assert_eq!(beside(keep(&CVec::from([(1_u8, 2_u16)]))).len(), 4);
    assert_eq!(beside(keep(&CBox::new(CString::from("ab")))).len(), 16 + 2);
    // Maps, and what may have no bytes, are checked as in portable form.
    assert_eq!(
        beside(keep(&CMap::from([(7_u8, 8_u8)]))),
        [6, 1, 0, 0, 0, 7, 8]
    );
    assert_eq!(beside(keep(&CVec::from([(), ()]))), [4, 2, 0, 0, 0]);
    // 255 bytes take five to count.
    for count in [250, 251, 252, 300, 70_000] {
        let long: CVec<Option<()>> = vec![None; count].into();
        let kept = keep(&long);
        let head = if count + 4 < 255 { 1 } else { 5 };
        assert_eq!(kept.beside.len(), head + 4 + count);
        raw_round_trip(&long);
    }
}

#[test]
fn a_type_of_too_many_parts_is_beside_as_a_whole() {
    type Parts = [(u8, u32); 10_000];
    let form = form::<Parts>();
    assert!(!form.is_plain());
    let value: Parts = std::array::from_fn(|at| (at as u8, at as u32));
    raw_round_trip(&value);
}

#[test]
fn values_follow_each_other_with_what_is_beside_them() {
    let mut layouts = Layouts::new();
    let form = RawForm::<(u32, Option<CString>)>::new(&mut layouts);
    let all: Vec<(u32, Option<CString>)> = (0..10_u32)
        .map(|at| (at, (at % 3 > 0).then(|| at.to_string().into())))
        .collect();
    let (mut values, mut beside) = (Vec::new(), Vec::new());
    form.copy(&all[..4], &mut values, &mut beside).unwrap();
    form.copy(&all[4..], &mut values, &mut beside).unwrap();
    let mut reader = RawReader::new(layouts.all(), form.number(), &beside).unwrap();
    assert_eq!(values.len(), 10 * reader.size());
    for (at, value) in values.chunks(reader.size()).enumerate() {
        let read: (u32, Option<CString>) = reader.read(value).unwrap();
        assert_eq!(read, all[at]);
        assert_eq!(reader.finish().is_ok(), at == 9);
    }
    assert!(reader.read::<(u32, Option<CString>)>(&values).is_err());
}

#[test]
fn what_cannot_be_read_is_not_kept() {
    #[derive(Compact)]
    struct Chain(u64, CVec<Chain>);
    let chain =
        |levels| (0..levels).fold(Chain(0, CVec::new()), |inner, at| Chain(at, [inner].into()));
    let mut layouts = Layouts::new();
    let form = RawForm::<Chain>::new(&mut layouts);
    let copy = |levels| form.copy(&[chain(levels)], &mut Vec::new(), &mut Vec::new());
    assert_eq!(copy(63), Ok(()));
    assert_eq!(copy(64), Err(WriteError::Limit(Limit::Levels)));
    assert!(keep(&chain(63)).read::<Chain>().is_ok());
    let many: CVec<()> = vec![(); 70_000].into();
    let form = RawForm::<CVec<()>>::new(&mut layouts);
    let copied = form.copy(&[many], &mut Vec::new(), &mut Vec::new());
    assert_eq!(copied, Err(WriteError::Limit(Limit::Empty)));
}

/// Compared with a type that has other fields, or lies in another way.
mod other {
    use super::*;

    #[derive(Compact)]
    pub struct Car {
        pub speed: u16,
        pub name: CString,
        pub light: Light,
        pub lanes: CMap<u8, Option<u16>>,
    }

    #[derive(Compact)]
    pub enum Light {
        Green,
        Yellow,
        Red,
    }
}

#[derive(Compact)]
struct Car {
    speed: u8,
    light: other::Light,
    lanes: CMap<u8, Option<u32>>,
    trip: CVec<Plain>,
}

#[test]
fn differences_are_named() {
    let (mut was, mut is) = (Layouts::new(), Layouts::new());
    let (old, new) = (was.of::<other::Car>(), is.of::<Car>());
    let found = differences((was.all(), old), (is.all(), new), "Car");
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "`Car` has got a field `trip`",
            "`Car` has lost its field `name`",
            "`Car.speed` was a `u16`, and is a `u8`",
            "`Car.lanes::entry.value::Some.0` was a `u16`, and is a `u32`",
        ]
    );
    assert_eq!(differences((was.all(), old), (was.all(), old), "Car"), []);
}

/// What `other::Light` may be called later.
#[derive(Compact)]
#[compact(name = "compact::raw::other::Light")]
enum OldLight {
    Green,
    Yellow,
    Red,
}

#[test]
fn a_type_is_known_by_the_name_that_it_is_given() {
    let (mut was, mut is) = (Layouts::new(), Layouts::new());
    let (old, new) = (was.of::<[other::Light; 3]>(), is.of::<[OldLight; 3]>());
    let found = differences((was.all(), old), (is.all(), new), "lights");
    assert_eq!(found, []);
    assert_eq!(OldLight::NAME_HASH, other::Light::NAME_HASH);
    raw_round_trip(&[OldLight::Green, OldLight::Yellow, OldLight::Red]);
}

/// What was written by a build in which fields lay elsewhere is read by the layout that it recorded.
#[test]
fn another_layout_is_read_by_what_was_recorded() {
    let mut kept = keep(&(0x0102_u16, 7_u8, CString::from("here")));
    let whole = kept.number as usize;
    let chunky::raw::Form::Fields(fields) = &mut kept.layouts[whole].form else {
        panic!("a tuple has fields");
    };
    let (first, second) = (fields[0].offset as usize, fields[1].offset as usize);
    // The first one moves to the end.
    fields[0].offset = kept.value.len() as u32;
    kept.layouts[whole].size += 8;
    kept.value.extend([2, 1, 0, 0, 0, 0, 0, 0]);
    kept.value[first..first + 2].fill(0xee);
    assert_eq!(kept.value[second], 7);
    let read: (u16, u8, CString) = kept.read().unwrap();
    assert_eq!(read, (0x0102, 7, "here".into()));
}
