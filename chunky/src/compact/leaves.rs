//! [`Compact`] for types without type parameters.

use super::portable::{Problem, ReadError, Reader, Writer};
use super::raw::{Form, Layouts, TypeNumber};
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

            fn layout(to: &mut Layouts) -> TypeNumber {
                // SAFETY: the portable form of a number is its bytes, if the lowest comes first, as `Layouts`
                // sees to, and any are a number.
                unsafe { to.any_bytes::<$type>(stringify!($type)) }
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

/// Implements [`Compact`] for a `Copy` type that implements `Debug` and is hashed and written as
/// another one. `|value| other` makes that of it, `|other| result` makes it of that, or says what is
/// wrong. The last part says how it lies in memory.
macro_rules! leaf {
    (
        $type:ty as $as:ty, $path:expr,
        |$value:ident| $other:expr, |$read:ident| $result:expr, |$to:ident| $layout:expr
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

            fn layout($to: &mut Layouts) -> TypeNumber {
                $layout
            }
        }
    };
}

/// That of `usize` and `isize`, whose portable form has 64 bits.
#[cfg(target_pointer_width = "64")]
fn layout_of_size<T: Compact>(to: &mut Layouts, name: &str) -> TypeNumber {
    // SAFETY: the type has 64 bits here, and any are a number.
    unsafe { to.any_bytes::<T>(name) }
}
#[cfg(not(target_pointer_width = "64"))]
fn layout_of_size<T: Compact>(to: &mut Layouts, name: &str) -> TypeNumber {
    to.opaque_named::<T>(name)
}

leaf!(
    usize as u64,
    "usize",
    |value| value as u64,
    |read| { read.try_into().map_err(|_| Problem::Size) },
    |to| layout_of_size::<usize>(to, "usize")
);
leaf!(
    isize as i64,
    "isize",
    |value| value as i64,
    |read| { read.try_into().map_err(|_| Problem::Size) },
    |to| layout_of_size::<isize>(to, "isize")
);
leaf!(
    f32 as u32,
    "f32",
    |value| value.to_bits(),
    |read| { Ok(f32::from_bits(read)) },
    |to| {
        // SAFETY: the portable form is the number's bits, and any are a number.
        unsafe { to.any_bytes::<f32>("f32") }
    }
);
leaf!(
    f64 as u64,
    "f64",
    |value| value.to_bits(),
    |read| { Ok(f64::from_bits(read)) },
    |to| {
        // SAFETY: the portable form is the number's bits, and any are a number.
        unsafe { to.any_bytes::<f64>("f64") }
    }
);
leaf!(
    bool as u8,
    "bool",
    |value| u8::from(value),
    |read| {
        match read {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Problem::Bool),
        }
    },
    |to| {
        // SAFETY: a `bool` is a byte, which is 0 or 1.
        unsafe { to.plain::<bool>("bool") }
    }
);
leaf!(
    char as u32,
    "char",
    |value| u32::from(value),
    |read| { char::from_u32(read).ok_or(Problem::Char) },
    |to| {
        // SAFETY: a `char` has the size of a `u32` and is the same number.
        unsafe { to.plain::<char>("char") }
    }
);
leaf!(
    Ordering as i8,
    "core::cmp::Ordering",
    |value| value as i8,
    |read| match read {
        -1 => Ok(Ordering::Less),
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Greater),
        _ => Err(Problem::Ordering),
    },
    |to| {
        // SAFETY: an `Ordering` is laid out as an `i8`, which is -1, 0 or 1.
        unsafe { to.plain::<Ordering>("core::cmp::Ordering") }
    }
);
leaf!(
    Duration as (u64, u32),
    "core::time::Duration",
    |value| (value.as_secs(), value.subsec_nanos()),
    |read| match read {
        (seconds, nanoseconds @ 0..1_000_000_000) => Ok(Duration::new(seconds, nanoseconds)),
        _ => Err(Problem::Nanoseconds),
    },
    |to| to.opaque_named::<Duration>("core::time::Duration")
);

macro_rules! not_zero {
    ($($type:ident),*) => { $(
        leaf!(
            NonZero<$type> as $type,
            concat!("core::num::NonZero<", stringify!($type), ">"),
            |value| value.get(),
            |read| NonZero::new(read).ok_or(Problem::Zero),
            |to| layout_of_nonzero::<$type, NonZero<$type>>(
                to, concat!("core::num::NonZero<", stringify!($type), ">")
            )
        );
    )* };
}

/// That of a `NonZero<N>`, if `N` is plain.
fn layout_of_nonzero<N: Compact, T: Compact>(to: &mut Layouts, name: &str) -> TypeNumber {
    let number = to.of::<N>();
    if to.all()[number as usize].form != Form::Plain {
        return to.opaque_named::<T>(name);
    }
    // SAFETY: a `NonZero` is laid out as its number, and an `Option` of it as the number, or 0 for none.
    unsafe { to.plain_with_niche::<T>(name, 0..size_of::<T>()) }
}

not_zero!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);
