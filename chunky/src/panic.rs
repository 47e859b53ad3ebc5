//! What is dropped, or looked at, may panic: users write that.

use std::any::Any;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::panicking;

/// Calls `drop_next` until it comes to an end: when something that it drops panics, it is called again for what
/// is left. Only the first panic goes on, unless another one is on its way: two would be the end of the process.
pub(crate) fn drop_each(mut drop_next: impl FnMut()) {
    let mut first = None;
    while let Err(reason) = catch_unwind(AssertUnwindSafe(&mut drop_next)) {
        if first.is_some() || panicking() {
            discard(reason);
        } else {
            first = Some(reason);
        }
    }
    if let Some(reason) = first {
        resume_unwind(reason);
    }
}

/// Drops what came with a panic. Users choose its type, so that may panic as well.
pub(crate) fn discard(reason: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(reason))) {
        // So might go on for ever: that one is leaked.
        forget(another);
    }
}
