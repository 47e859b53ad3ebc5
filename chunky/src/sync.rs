//! Atomics, cells and thread-locals: those of `std`, or those of the model checker `loom` when
//! the crate is compiled with `--cfg loom`.

#[cfg(loom)]
pub(crate) use loom::cell::Cell;
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
#[cfg(loom)]
pub(crate) use loom::thread_local;
#[cfg(not(loom))]
pub(crate) use std::cell::Cell;
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
#[cfg(not(loom))]
pub(crate) use std::thread_local;

/// Declares a private thread-local whose initial value is a constant expression.
///
/// `std` makes use of that: such a value, if it needs no drop, is one load away and stays
/// accessible while the thread's other locals are destroyed.
#[cfg(not(loom))]
macro_rules! constant_thread_local {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $value:expr) => {
        ::std::thread_local! { $(#[$meta])* static $name: $type = const { $value } }
    };
}
#[cfg(loom)]
macro_rules! constant_thread_local {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $value:expr) => {
        ::loom::thread_local! { $(#[$meta])* static $name: $type = $value }
    };
}
pub(crate) use constant_thread_local;
