//! [`Compact`] for types without type parameters.

use super::portable::{Problem, ReadError, Reader, Writer};
use super::{Compact, name_hash};
use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::hash::Hasher;
use std::num::NonZero;
use std::time::Duration;

/// Implements [`Compact`] for a number, hashed and written in little-endian order.
macro_rules! numbers {
    ($($type:ident),*) => { $(
        impl Compact for $type {
            const NAME_HASH: u64 = name_hash(stringify!($type));

            #[inline]
            fn duplicate(&self) -> Self {
                *self
            }

            #[inline]
            fn hash_state<H: Hasher>(&self, hasher: &mut H) {
                hasher.write(&self.to_le_bytes());
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Debug::fmt(self, f)
            }

            fn write(&self, to: &mut Writer) {
                to.bytes(&self.to_le_bytes());
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                from.array().map(Self::from_le_bytes)
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

/// Implements [`Compact`] for a `Copy` type that implements `Debug` and is hashed and written as
/// another one. `|value| other` makes that of it, `|other| result` makes it of that, or says what is
/// wrong.
macro_rules! leaf {
    (
        $type:ty as $as:ty, $path:expr,
        |$value:ident| $other:expr, |$read:ident| $result:expr
    ) => {
        impl Compact for $type {
            const NAME_HASH: u64 = name_hash($path);

            #[inline]
            fn duplicate(&self) -> Self {
                *self
            }

            #[inline]
            fn hash_state<H: Hasher>(&self, hasher: &mut H) {
                let $value = *self;
                let other: $as = $other;
                other.hash_state(hasher);
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Debug::fmt(self, f)
            }

            fn write(&self, to: &mut Writer) {
                let $value = *self;
                let other: $as = $other;
                other.write(to);
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                let offset = from.offset();
                let $read = <$as>::read(from)?;
                let result: Result<Self, Problem> = $result;
                result.map_err(|problem| ReadError::new(offset, problem))
            }
        }
    };
}

leaf!(usize as u64, "usize", |value| value as u64, |read| {
    read.try_into().map_err(|_| Problem::Size)
});
leaf!(isize as i64, "isize", |value| value as i64, |read| {
    read.try_into().map_err(|_| Problem::Size)
});
leaf!(f32 as u32, "f32", |value| value.to_bits(), |read| {
    Ok(f32::from_bits(read))
});
leaf!(f64 as u64, "f64", |value| value.to_bits(), |read| {
    Ok(f64::from_bits(read))
});
leaf!(bool as u8, "bool", |value| u8::from(value), |read| {
    match read {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Problem::Bool),
    }
});
leaf!(char as u32, "char", |value| u32::from(value), |read| {
    char::from_u32(read).ok_or(Problem::Char)
});
leaf!(
    Ordering as i8,
    "core::cmp::Ordering",
    |value| value as i8,
    |read| match read {
        -1 => Ok(Ordering::Less),
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Greater),
        _ => Err(Problem::Ordering),
    }
);
leaf!(
    Duration as (u64, u32),
    "core::time::Duration",
    |value| (value.as_secs(), value.subsec_nanos()),
    |read| match read {
        (seconds, nanoseconds @ 0..1_000_000_000) => Ok(Duration::new(seconds, nanoseconds)),
        _ => Err(Problem::Nanoseconds),
    }
);

macro_rules! not_zero {
    ($($type:ident),*) => { $(
        leaf!(
            NonZero<$type> as $type,
            concat!("core::num::NonZero<", stringify!($type), ">"),
            |value| value.get(),
            |read| NonZero::new(read).ok_or(Problem::Zero)
        );
    )* };
}

not_zero!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);
