//! `#[derive(Compact)]`, in code that forbids what the macro must not emit.
#![forbid(unsafe_code)]
#![warn(clippy::pedantic)]

use crate::leaves::bytes;
use chunky::{CBox, CMap, CString, CVec, Compact};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::marker::PhantomData;

#[derive(Compact)]
struct Unit;

#[derive(Compact)]
struct Empty {}

#[derive(Compact)]
struct Tuple(u8, CString);

/// Its names are those that the macro might use itself.
#[derive(Compact)]
struct Named {
    hasher: u8,
    formatter: CVec<u8>,
    field0: Option<CBox<Named>>,
    r#type: u16,
}

#[derive(Compact)]
enum Kind {
    Unit,
    Tuple(u8, CString),
    Named {
        hasher: u8,
        formatter: u16,
        r#in: bool,
    },
    Empty {},
    None(),
    r#Raw,
}

#[derive(Compact)]
enum Never {}

#[derive(Compact)]
#[repr(u8)]
enum Numbered {
    Ten = 10,
    Twenty = 20,
}

#[derive(Compact)]
struct Generic<T: Clone = u8, U = (), const N: usize = 2, const B: bool = false>
where
    U: Debug,
{
    many: [T; N],
    other: CVec<U>,
}

trait Family {
    type Member;
}

#[derive(Compact)]
struct Projected<F: Family>
where
    F::Member: Compact,
{
    member: F::Member,
    family: PhantomData<F>,
}

#[derive(Compact)]
struct Parent;

impl Family for Parent {
    type Member = CMap<u8, u8>;
}

/// Methods with the names of the trait's, and others that would be found first.
#[derive(Compact)]
struct Confusing {
    value: Inner,
}

#[derive(Compact)]
struct Inner(u8);

impl Inner {
    #[allow(dead_code, clippy::unused_self)]
    fn duplicate(&self) -> u64 {
        panic!("the inherent method was called");
    }

    #[allow(dead_code, clippy::unused_self)]
    fn hash_state(&self) {
        panic!("the inherent method was called");
    }

    #[allow(dead_code, clippy::unused_self)]
    fn described(&self) {
        panic!("the inherent method was called");
    }
}

mod elsewhere {
    /// The trait is not in scope here, and another thing has its name.
    #[derive(chunky::Compact)]
    #[compact(crate = ::chunky)]
    pub struct Qualified<T> {
        pub value: Option<T>,
    }

    #[allow(dead_code)]
    pub struct Compact;

    /// Takes the names of the prelude away.
    #[allow(dead_code, non_camel_case_types)]
    mod hostile {
        struct Result;
        struct Option;
        struct u32;
        struct u64;

        #[derive(chunky::Compact)]
        #[compact(crate = chunky)]
        enum Shadowed {
            One(u8),
            Two,
        }
    }

    /// Same name, another path.
    #[derive(chunky::Compact)]
    #[compact(crate = chunky)]
    pub struct Unit;
}

#[track_caller]
fn check<T: Compact>(value: &T, shown: &str, expected: &[u8]) {
    for value in [value, &value.duplicate()] {
        assert_eq!(format!("{:?}", value.described()), shown);
        assert_eq!(bytes(value), expected);
    }
}

#[test]
fn structs() {
    check(&Unit, "Unit", &[]);
    check(&Empty {}, "Empty", &[]);
    check(
        &Tuple(1, "a".into()),
        r#"Tuple(1, "a")"#,
        &[1, 1, 0, 0, 0, 0, 0, 0, 0, 97],
    );
    let inner = Named {
        hasher: 1,
        formatter: CVec::new(),
        field0: None,
        r#type: 2,
    };
    let inner_bytes = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0];
    let inner_shown = "Named { hasher: 1, formatter: [], field0: None, type: 2 }";
    check(&inner, inner_shown, &inner_bytes);
    let outer = Named {
        hasher: 3,
        formatter: [9].into(),
        field0: Some(inner.into()),
        r#type: 0x0405,
    };
    let outer_bytes = [
        &[3, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1][..],
        &inner_bytes,
        &[5, 4],
    ]
    .concat();
    let outer_shown =
        format!("Named {{ hasher: 3, formatter: [9], field0: Some({inner_shown}), type: 1029 }}");
    check(&outer, &outer_shown, &outer_bytes);
}

#[test]
fn enums() {
    check(&Kind::Unit, "Unit", &[0, 0, 0, 0]);
    let tuple = Kind::Tuple(7, "a".into());
    check(
        &tuple,
        r#"Tuple(7, "a")"#,
        &[1, 0, 0, 0, 7, 1, 0, 0, 0, 0, 0, 0, 0, 97],
    );
    let named = Kind::Named {
        hasher: 1,
        formatter: 2,
        r#in: true,
    };
    check(
        &named,
        "Named { hasher: 1, formatter: 2, in: true }",
        &[2, 0, 0, 0, 1, 2, 0, 1],
    );
    check(&Kind::Empty {}, "Empty", &[3, 0, 0, 0]);
    check(&Kind::None(), "None", &[4, 0, 0, 0]);
    check(&Kind::Raw, "Raw", &[5, 0, 0, 0]);
    // The position of the variant, not its number.
    check(&Numbered::Ten, "Ten", &[0, 0, 0, 0]);
    check(&Numbered::Twenty, "Twenty", &[1, 0, 0, 0]);
    check(&None::<Never>, "None", &[0]);
}

#[test]
fn generics() {
    let generic = Generic::<u8, bool, 2> {
        many: [1, 2],
        other: [true].into(),
    };
    let expected = [1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1];
    check(
        &generic,
        "Generic { many: [1, 2], other: [true] }",
        &expected,
    );
    let projected = Projected::<Parent> {
        member: [(1, 2)].into(),
        family: PhantomData,
    };
    let shown = format!("{:?}", projected.described());
    assert!(
        shown.starts_with("Projected { member: {1: 2}, family: PhantomData<"),
        "{shown}"
    );
    check(
        &elsewhere::Qualified { value: Some(1_u8) },
        "Qualified { value: Some(1) }",
        &[1, 1],
    );
}

#[test]
fn methods_of_the_same_name_do_not_interfere() {
    check(
        &Confusing { value: Inner(7) },
        "Confusing { value: Inner(7) }",
        &[7],
    );
}

#[test]
fn names_tell_types_apart() {
    let names = [
        Unit::NAME_HASH,
        elsewhere::Unit::NAME_HASH,
        Empty::NAME_HASH,
        Kind::NAME_HASH,
        Generic::<u8, bool, 2>::NAME_HASH,
        Generic::<u8, bool, 3>::NAME_HASH,
        Generic::<u8, bool, 2, true>::NAME_HASH,
        Generic::<bool, u8, 2>::NAME_HASH,
        Generic::<Generic, u8>::NAME_HASH,
        Generic::<u8, u8>::NAME_HASH,
        elsewhere::Qualified::<u8>::NAME_HASH,
        elsewhere::Qualified::<Option<u8>>::NAME_HASH,
    ];
    assert_eq!(
        names.into_iter().collect::<BTreeSet<_>>().len(),
        names.len()
    );
}

impl Clone for Generic {
    fn clone(&self) -> Self {
        self.duplicate()
    }
}

/// The name is that of the path, hashed as the documentation of the macro says.
#[test]
fn a_name_is_the_fnv_hash_of_the_path() {
    let path = concat!(module_path!(), "::Unit");
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    assert_eq!(
        Unit::NAME_HASH,
        path.bytes().fold(0xcbf2_9ce4_8422_2325, step)
    );
}
