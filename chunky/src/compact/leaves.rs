//! [`Compact`] for types without type parameters.

use super::{Compact, name_hash};
use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::hash::Hasher;
use std::num::NonZero;
use std::time::Duration;

/// Implements [`Compact`] for a `Copy` type that implements `Debug`; `|value, hasher|` feeds it
/// to a hasher.
macro_rules! leaf {
    ($type:ty, $path:expr, |$value:ident, $hasher:ident| $hash:expr) => {
        impl Compact for $type {
            const NAME_HASH: u64 = name_hash($path);

            #[inline]
            fn duplicate(&self) -> Self {
                *self
            }

            #[inline]
            fn hash_state<H: Hasher>(&self, $hasher: &mut H) {
                let $value = *self;
                $hash;
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Debug::fmt(self, f)
            }
        }
    };
}

macro_rules! integers {
    ($($type:ident as $fixed:ident),*) => { $(
        leaf!($type, stringify!($type), |value, hasher| {
            hasher.write(&(value as $fixed).to_le_bytes())
        });
        leaf!(NonZero<$type>, concat!("core::num::NonZero<", stringify!($type), ">"),
            |value, hasher| value.get().hash_state(hasher));
    )* };
}

integers!(
    u8 as u8,
    u16 as u16,
    u32 as u32,
    u64 as u64,
    u128 as u128,
    usize as u64,
    i8 as i8,
    i16 as i16,
    i32 as i32,
    i64 as i64,
    i128 as i128,
    isize as i64
);

leaf!(f32, "f32", |value, hasher| value
    .to_bits()
    .hash_state(hasher));
leaf!(f64, "f64", |value, hasher| value
    .to_bits()
    .hash_state(hasher));
leaf!(bool, "bool", |value, hasher| u8::from(value)
    .hash_state(hasher));
leaf!(char, "char", |value, hasher| u32::from(value)
    .hash_state(hasher));
leaf!(Ordering, "core::cmp::Ordering", |value, hasher| (value
    as i8)
    .hash_state(hasher));
leaf!(Duration, "core::time::Duration", |value, hasher| {
    value.as_secs().hash_state(hasher);
    value.subsec_nanos().hash_state(hasher);
});
