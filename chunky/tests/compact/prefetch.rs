//! What values point to is asked for through all that they are made of.

use std::cell::Cell;
use std::cmp::Reverse;
use std::fmt;
use std::hash::Hasher;

use chunky::portable::{ReadError, Reader, Writer};
use chunky::{CBox, CMap, CString, CVec, Compact};

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Counts how often it is told to ask.
struct Leaf;

impl Compact for Leaf {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        Leaf
    }

    fn hash_state<H: Hasher>(&self, _: &mut H) {}

    fn describe(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }

    fn prefetch(&self) {
        ASKED.set(ASKED.get() + 1);
    }

    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        Ok(Leaf)
    }
}

#[derive(Compact)]
struct Named<T> {
    first: Leaf,
    number: u32,
    second: T,
}

#[derive(Compact)]
struct Unnamed(Leaf, (Leaf, u8, Leaf));

#[derive(Compact)]
enum Either {
    Nothing,
    One(Leaf),
    Two { one: Leaf, other: Unnamed },
}

#[derive(Compact)]
enum Never {}

fn asked(by: &impl Compact) -> u32 {
    ASKED.set(0);
    by.prefetch();
    ASKED.get()
}

#[test]
fn each_part_is_told_once() {
    let unnamed = || Unnamed(Leaf, (Leaf, 1, Leaf));
    assert_eq!(asked(&7_u32), 0);
    assert_eq!(asked(&unnamed()), 3);
    let (first, number) = (Leaf, 7);
    let second = Some(unnamed());
    assert_eq!(
        asked(&Named {
            first,
            number,
            second
        }),
        4
    );
    assert_eq!(asked(&None::<Leaf>), 0);
    assert_eq!(asked(&Err::<u8, Leaf>(Leaf)), 1);
    assert_eq!(asked(&Reverse(Leaf)), 1);
    let (one, other) = (Leaf, unnamed());
    for (either, parts) in [
        (Either::Nothing, 0),
        (Either::One(Leaf), 1),
        (Either::Two { one, other }, 4),
    ] {
        assert_eq!(asked(&either), parts);
    }
    assert_eq!(asked(&None::<Never>), 0);
}

/// It is what they point to that is asked for, not what that points to: it has not come yet.
#[test]
fn what_is_pointed_to_is_not_looked_at() {
    assert_eq!(asked(&CBox::new(Leaf)), 0);
    assert_eq!(asked(&CVec::from([Leaf, Leaf])), 0);
    assert_eq!(asked(&CVec::<Leaf>::new()), 0);
    assert_eq!(asked(&CVec::from([[7_u64; 100]; 100])), 0);
    assert_eq!(asked(&[(1, Leaf)].into_iter().collect::<CMap<_, _>>()), 0);
    assert_eq!(asked(&CString::from("kay")), 0);
}
