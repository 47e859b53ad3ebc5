//! Nesting: as deep as may be, on a stack of half the size that threads have; and deeper.

use super::portable_round_trip;
use crate::common::shrunk;
use crate::raw::keep;
use chunky::portable::{LEVEL_BYTES, LEVELS, Limit, Problem, WriteError, from_bytes, to_bytes};
use chunky::{CBox, CMap, CString, CVec, Compact};
use std::thread;

/// A value that may hold another one, whose bytes are then the last of its own.
trait Nested: Compact {
    /// As how many levels one counts.
    const COST: u32 = 1;

    fn around(inner: Option<Self>) -> Self;
}

#[derive(Compact)]
enum Chain {
    End,
    Next(u32, CBox<Chain>),
}

impl Nested for Chain {
    fn around(inner: Option<Self>) -> Self {
        inner.map_or(Chain::End, |inner| Chain::Next(7, inner.into()))
    }
}

#[derive(Compact)]
struct Tree(CVec<Tree>);

impl Nested for Tree {
    fn around(inner: Option<Self>) -> Self {
        Tree(inner.into_iter().collect())
    }
}

#[derive(Compact)]
struct Maps(CMap<u8, Maps>);

impl Nested for Maps {
    fn around(inner: Option<Self>) -> Self {
        Maps(inner.into_iter().map(|inner| (7, inner)).collect())
    }
}

/// Makes `Large` as large as what counts as one level can be.
const LARGE: usize = (LEVEL_BYTES - 1 - size_of::<CVec<Large>>()) / 8;

const HUGE: usize = LEVEL_BYTES;

#[derive(Compact)]
struct Large {
    data: [u64; LARGE],
    next: CVec<Large>,
}

impl Nested for Large {
    fn around(inner: Option<Self>) -> Self {
        Large {
            data: [7; LARGE],
            next: inner.into_iter().collect(),
        }
    }
}

/// Counts as many levels, and is in several values at once.
#[derive(Compact)]
struct Huge {
    data: [u64; HUGE],
    next: Result<CBox<Inside>, u8>,
}

type Inside = Option<Option<(u8, Huge)>>;

impl Nested for Huge {
    const COST: u32 = 9;

    fn around(inner: Option<Self>) -> Self {
        Huge {
            data: [7; HUGE],
            next: inner
                .map(|inner| CBox::new(Some(Some((7, inner)))))
                .ok_or(1),
        }
    }
}

/// Without optimisations, all variants have a place on the stack each.
macro_rules! syntax {
    ($($variant:ident)*) => {
        #[derive(Compact)]
        #[allow(dead_code)]
        enum Syntax {
            End,
            $($variant(CString, CBox<Syntax>, [u64; 8], CBox<Syntax>),)*
            Last(CBox<Syntax>),
        }
    };
}

syntax!(A B C D E F G H I J K L M N O P Q R S T U V W X);

impl Nested for Syntax {
    fn around(inner: Option<Self>) -> Self {
        let Some(inner) = inner else {
            return Syntax::End;
        };
        Syntax::M("m".into(), Syntax::End.into(), [7; 8], inner.into())
    }
}

fn nested<T: Nested>(levels: u32) -> T {
    (0..levels).fold(T::around(None), |inner, _| T::around(Some(inner)))
}

/// The bytes of a value that is as deep, without making it.
fn bytes_of<T: Nested>(levels: usize) -> Vec<u8> {
    let end = to_bytes(&nested::<T>(0)).unwrap();
    let one = to_bytes(&nested::<T>(1)).unwrap();
    let around = one.strip_suffix(&*end).unwrap();
    [&around.repeat(levels), &*end].concat()
}

/// Values are written and read down to the limit, and no deeper, on half of the stack that threads
/// usually have.
fn check<T: Nested>() {
    // Sanitizers take more of it.
    let size = if shrunk(2) == 2 { 1 << 20 } else { 1 << 23 };
    let thread = thread::Builder::new().stack_size(size);
    let run = || {
        // A collection within the innermost one, such as an empty `CVec`, is a level, too.
        let is_level = to_bytes(&nested::<T>(LEVELS / T::COST)).is_err();
        let most = LEVELS / T::COST - u32::from(is_level);
        let written = portable_round_trip(&nested::<T>(most));
        assert_eq!(written, bytes_of::<T>(most as usize));
        for over in [1, 2, 1000] {
            let error = from_bytes::<T>(&bytes_of::<T>(most as usize + over)).err();
            assert_eq!(error.unwrap().problem(), Problem::Limit(Limit::Levels));
        }
        for over in [1, 2, 200] {
            let written = to_bytes(&nested::<T>(most + over));
            assert_eq!(written, Err(WriteError::Limit(Limit::Levels)));
        }
        // What is side by side is not deep.
        let many: CVec<T> = (0..200).map(|_| nested((most - 1) / 2)).collect();
        portable_round_trip(&many);
        most
    };
    let most = thread.spawn(run).unwrap().join().unwrap();
    // Nor does it take more to read them from where they lie.
    let keep = move || keep(&nested::<T>(most));
    let kept = thread::Builder::new().stack_size(1 << 23).spawn(keep);
    let kept = kept.unwrap().join().unwrap();
    let thread = thread::Builder::new().stack_size(size);
    let read = move || kept.read::<T>().map(drop);
    assert_eq!(thread.spawn(read).unwrap().join().unwrap(), Ok(()));
}

#[test]
fn boxes() {
    check::<Chain>();
}

#[test]
fn arrays() {
    check::<Tree>();
}

#[test]
fn maps() {
    check::<Maps>();
}

#[test]
fn large_elements() {
    check::<Large>();
}

#[test]
fn elements_that_count_as_several_levels() {
    check::<Huge>();
}

#[test]
fn enums_with_many_variants() {
    check::<Syntax>();
}
