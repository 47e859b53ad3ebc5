//! [`Compact`] for tuples, arrays and the generic types of `core`.

use super::portable::{ReadError, Reader, Writer};
use super::raw::{Layouts, TypeNumber};
use super::{Compact, name_hash, with_argument};
use std::any::type_name;
use std::cmp::Reverse;
use std::fmt;
use std::hash::Hasher;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::num::{Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeTo};

macro_rules! tuples {
    ($($name:ident $at:tt)*) => {
        impl<$($name: Compact),*> Compact for ($($name,)*) {
            const NAME_HASH: u64 = {
                let hash = name_hash("tuple");
                $(let hash = with_argument(hash, $name::NAME_HASH);)*
                hash
            };

            #[inline]
            fn duplicate(&self) -> Self {
                ($(self.$at.duplicate(),)*)
            }

            #[inline]
            fn hash_state<__H: Hasher>(&self, _hasher: &mut __H) {
                $(self.$at.hash_state(_hasher);)*
            }

            #[inline]
            fn prefetch(&self) {
                $(self.$at.prefetch();)*
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple("")$(.field(&self.$at.described()))*.finish()
            }

            fn write(&self, to: &mut Writer) {
                $(self.$at.write(to);)*
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                Ok(($(match $name::read(from) {
                    Ok(value) => value,
                    Err(error) => return Err(error),
                },)*))
            }

            fn layout(to: &mut Layouts) -> TypeNumber {
                // SAFETY: these are the fields of a tuple, in the order in which they are read.
                unsafe {
                    to.fields::<Self>("tuple", &[
                        $((stringify!($at), offset_of!(Self, $at), Layouts::of::<$name>)),*
                    ])
                }
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

impl Compact for () {
    const NAME_HASH: u64 = name_hash("tuple");

    #[inline]
    fn duplicate(&self) -> Self {}

    #[inline]
    fn hash_state<H: Hasher>(&self, _: &mut H) {}

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("()")
    }

    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        Ok(())
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: it has no fields.
        unsafe { to.fields::<Self>("tuple", &[]) }
    }
}

impl<T: Compact, const N: usize> Compact for [T; N] {
    const NAME_HASH: u64 = with_argument(with_argument(name_hash("array"), T::NAME_HASH), N as u64);

    #[inline]
    fn duplicate(&self) -> Self {
        std::array::from_fn(|at| self[at].duplicate())
    }

    #[inline]
    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        for value in self {
            value.hash_state(hasher);
        }
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(Compact::described))
            .finish()
    }

    fn write(&self, to: &mut Writer) {
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        if size_of::<Self>() <= SMALL_ARRAY {
            read_small_array(from)
        } else {
            read_large_array(from)
        }
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: it is an array of so many.
        unsafe { to.array::<Self, T>(N) }
    }
}

/// Arrays of up to so many bytes are read on the stack.
const SMALL_ARRAY: usize = 128;

/// Needs no memory.
fn read_small_array<T: Compact, const N: usize>(
    from: &mut Reader<'_>,
) -> Result<[T; N], ReadError> {
    let mut error = None;
    let values = std::array::from_fn(|_| {
        if error.is_some() {
            return None;
        }
        T::read(from).map_err(|found| error = Some(found)).ok()
    });
    match error {
        Some(error) => Err(error),
        None => Ok(values.map(|value: Option<T>| value.expect("there was no error"))),
    }
}

/// Needs little of the stack while elements are read, which may take more of it themselves.
#[inline(never)]
fn read_large_array<T: Compact, const N: usize>(
    from: &mut Reader<'_>,
) -> Result<[T; N], ReadError> {
    let mut values = Vec::new();
    for _ in 0..N {
        values.push(T::read(from)?);
    }
    let whole = <[T; N]>::try_from(values).ok();
    Ok(whole.expect("there are as many values as the array has"))
}

/// Reads a variant. Not by `?`: without optimisations, that has the value on the stack four times.
macro_rules! read {
    ($from:ident, $type:ident $variant:ident $value:ident) => {
        Compact::read($from).map($type::$variant)
    };
    ($from:ident, $type:ident $variant:ident) => {
        Ok($type::$variant)
    };
}

/// The hash of the variant comes first, then the values it holds.
macro_rules! variants {
    (
        $type:ident<$($param:ident),+>, $path:literal, $count:literal,
        { $($index:literal $variant:ident $(($value:ident))?),+ }
    ) => {
        impl<$($param: Compact),+> Compact for $type<$($param),+> {
            const NAME_HASH: u64 = {
                let hash = name_hash($path);
                $(let hash = with_argument(hash, $param::NAME_HASH);)+
                hash
            };

            #[inline]
            fn duplicate(&self) -> Self {
                match self {
                    $($type::$variant $(($value))? => $type::$variant $(($value.duplicate()))?,)+
                }
            }

            #[inline]
            fn hash_state<__H: Hasher>(&self, hasher: &mut __H) {
                match self {
                    $($type::$variant $(($value))? => {
                        hasher.write(&[$index]);
                        $($value.hash_state(hasher);)?
                    })+
                }
            }

            #[inline]
            fn prefetch(&self) {
                match self {
                    $($type::$variant $(($value))? => {
                        $($value.prefetch();)?
                    })+
                }
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($type::$variant $(($value))? => f
                        .debug_tuple(stringify!($variant))
                        $(.field(&$value.described()))?
                        .finish(),)+
                }
            }

            fn write(&self, to: &mut Writer) {
                match self {
                    $($type::$variant $(($value))? => {
                        to.variant($index, $count);
                        $($value.write(to);)?
                    })+
                }
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                match from.variant($count)? {
                    $($index => read!(from, $type $variant $($value)?),)+
                    _ => unreachable!("variants were counted"),
                }
            }

            fn layout(to: &mut Layouts) -> TypeNumber {
                layout!(to, $type, $path)
            }
        }
    };
}

/// That of an enum; that of an `Option` depends on what is in it.
macro_rules! layout {
    ($to:ident, Option, $path:literal) => {
        $to.option::<T>()
    };
    ($to:ident, Result, $path:literal) => {
        $to.beside::<Self>(
            $path,
            &[
                ("Ok", &[("0", Layouts::of::<T>)]),
                ("Err", &[("0", Layouts::of::<E>)]),
            ],
        )
    };
    ($to:ident, Bound, $path:literal) => {
        $to.beside::<Self>(
            $path,
            &[
                ("Included", &[("0", Layouts::of::<T>)]),
                ("Excluded", &[("0", Layouts::of::<T>)]),
                ("Unbounded", &[]),
            ],
        )
    };
}

variants!(Option<T>, "core::option::Option", 2, { 0 None, 1 Some(value) });
variants!(Result<T, E>, "core::result::Result", 2, { 0 Ok(value), 1 Err(error) });
variants!(Bound<T>, "core::ops::Bound", 3, { 0 Included(value), 1 Excluded(value), 2 Unbounded });

/// Tuple structs of one public field.
macro_rules! wrappers {
    ($($type:ident, $path:literal;)*) => { $(
        impl<T: Compact> Compact for $type<T> {
            const NAME_HASH: u64 = with_argument(name_hash($path), T::NAME_HASH);

            #[inline]
            fn duplicate(&self) -> Self {
                $type(self.0.duplicate())
            }

            #[inline]
            fn hash_state<H: Hasher>(&self, hasher: &mut H) {
                self.0.hash_state(hasher);
            }

            #[inline]
            fn prefetch(&self) {
                self.0.prefetch();
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($type)).field(&self.0.described()).finish()
            }

            fn write(&self, to: &mut Writer) {
                self.0.write(to);
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                T::read(from).map($type)
            }

            fn layout(to: &mut Layouts) -> TypeNumber {
                // SAFETY: this is its only field.
                unsafe {
                    to.fields::<Self>($path, &[("0", offset_of!(Self, 0), Layouts::of::<T>)])
                }
            }
        }
    )* };
}

wrappers! {
    Wrapping, "core::num::Wrapping";
    Saturating, "core::num::Saturating";
    Reverse, "core::cmp::Reverse";
}

/// Ranges, by their public bounds; shown as they are written in Rust.
macro_rules! ranges {
    ($($type:ident { $($start:ident)? .. $($end:ident)? }, $path:literal;)*) => { $(
        impl<T: Compact> Compact for $type<T> {
            const NAME_HASH: u64 = with_argument(name_hash($path), T::NAME_HASH);

            #[inline]
            fn duplicate(&self) -> Self {
                $type { $($start: self.$start.duplicate(),)? $($end: self.$end.duplicate(),)? }
            }

            #[inline]
            fn hash_state<H: Hasher>(&self, hasher: &mut H) {
                $(self.$start.hash_state(hasher);)?
                $(self.$end.hash_state(hasher);)?
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(self.$start.describe(f)?;)?
                f.write_str("..")?;
                $(self.$end.describe(f)?;)?
                Ok(())
            }

            fn write(&self, to: &mut Writer) {
                $(self.$start.write(to);)?
                $(self.$end.write(to);)?
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
                Ok($type { $($start: T::read(from)?,)? $($end: T::read(from)?,)? })
            }

            fn layout(to: &mut Layouts) -> TypeNumber {
                // SAFETY: these are its only fields, in the order in which they are read.
                unsafe {
                    to.fields::<Self>($path, &[
                        $((stringify!($start), offset_of!(Self, $start), Layouts::of::<T>),)?
                        $((stringify!($end), offset_of!(Self, $end), Layouts::of::<T>),)?
                    ])
                }
            }
        }
    )* };
}

ranges! {
    Range { start..end }, "core::ops::Range";
    RangeFrom { start.. }, "core::ops::RangeFrom";
    RangeTo { ..end }, "core::ops::RangeTo";
}

/// Holds nothing, so nothing is asked of `T` but to be a type that may be named anywhere.
impl<T: ?Sized + 'static> Compact for PhantomData<T>
where
    PhantomData<T>: Send,
{
    const NAME_HASH: u64 = name_hash("core::marker::PhantomData");

    #[inline]
    fn duplicate(&self) -> Self {
        PhantomData
    }

    #[inline]
    fn hash_state<H: Hasher>(&self, _: &mut H) {}

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhantomData<{}>", type_name::<T>())
    }

    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        Ok(PhantomData)
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: it has no fields.
        unsafe { to.fields::<Self>("core::marker::PhantomData", &[]) }
    }
}
