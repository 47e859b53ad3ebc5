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

/// So many times, what comes of dropping what came with a panic is dropped, too.
const DROPS: usize = 10;

/// Drops what came with a panic. Users choose its type (`std::panic::panic_any`), so that may panic as well: what comes
/// with that is dropped, too, and leaked if it goes on like that.
pub fn discard(mut reason: Box<dyn Any + Send>) {
    for _ in 0..DROPS {
        match catch_unwind(AssertUnwindSafe(|| drop(reason))) {
            Ok(()) => return,
            Err(another) => reason = another,
        }
    }
    forget(reason);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;

    /// Panics with another one when it is dropped, so many times.
    struct Bomb(usize, Arc<()>);

    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 > 0 {
                resume_unwind(Box::new(Bomb(self.0 - 1, Arc::clone(&self.1))));
            }
        }
    }

    thread_local! {
        static ENDLESS: Cell<usize> = const { Cell::new(0) };
    }

    /// Always panics with another one when it is dropped. No memory is leaked with it.
    struct Endless;

    impl Drop for Endless {
        fn drop(&mut self) {
            ENDLESS.set(ENDLESS.get() + 1);
            resume_unwind(Box::new(Endless));
        }
    }

    #[test]
    fn what_comes_of_dropping_a_payload_is_dropped_as_long_as_that_leads_anywhere() {
        for bombs in [0, 1, 2, DROPS - 1] {
            let count = Arc::new(());
            discard(Box::new(Bomb(bombs, Arc::clone(&count))));
            assert_eq!(Arc::strong_count(&count), 1, "{bombs}");
        }
        discard(Box::new(Endless));
        assert_eq!(ENDLESS.get(), DROPS);
    }
}
