//! Work that turns do not wait for.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{self, JoinHandle};

/// What a thread works on that has what turns leave of the cores.
pub(super) struct Background<T> {
    /// What it has made, as soon as it has. The thread ends later: a turn that joined it would wait for one that
    /// is hardly given any time, and wake on its core, which another thread of the turn may need.
    made: Receiver<T>,
    thread: JoinHandle<()>,
}

impl<T: Send + 'static> Background<T> {
    /// Begins the work.
    pub(super) fn begin(work: impl FnOnce() -> T + Send + 'static) -> io::Result<Self> {
        let (sender, made) = channel();
        let thread = thread::Builder::new().name("kay snapshot".to_owned());
        let thread = thread.spawn(move || {
            #[cfg(target_os = "linux")]
            give_way();
            // Nobody may want it any more.
            let _ = sender.send(work());
        })?;
        Ok(Background { made, thread })
    }

    /// What has been made, if it has, or when it has and nothing of the thread is left.
    ///
    /// # Panics
    ///
    /// As the work has panicked.
    pub(super) fn end(self, wait: bool) -> Result<T, Self> {
        let made = if wait {
            self.made.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            self.made.try_recv()
        };
        match made {
            Ok(made) if !wait => return Ok(made),
            Err(TryRecvError::Empty) => return Err(self),
            _ => {}
        }
        match (self.thread.join(), made) {
            (Ok(()), Ok(made)) => Ok(made),
            (Ok(()), Err(_)) => unreachable!("a thread that ends has sent what it has made"),
            (Err(panic), _) => resume_unwind(panic),
        }
    }
}

/// Lets this thread have what others leave of the cores. It has time; turns have not.
///
/// A lower priority alone is not enough: a thread of a turn that wakes is then put behind another one of the same
/// turn rather than in place of this one, and the turn takes twice as long. Elsewhere, priorities are those of whole
/// processes, or there is none that gives way like this.
#[cfg(target_os = "linux")]
fn give_way() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    // Without, turns only take longer.
    let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Tells when the thread that has it ends, which takes it a while.
    struct Last(Arc<AtomicBool>);

    impl Drop for Last {
        fn drop(&mut self) {
            (0..1000).for_each(|_| thread::yield_now());
            self.0.store(true, Ordering::Relaxed);
        }
    }

    thread_local!(static LAST: RefCell<Option<Last>> = const { RefCell::new(None) });

    #[test]
    fn nothing_is_left_of_a_thread_that_was_waited_for() {
        let ended = Arc::new(AtomicBool::new(false));
        let last = Last(Arc::clone(&ended));
        let work = Background::begin(move || {
            LAST.set(Some(last));
            7
        });
        let Ok(made) = work.unwrap().end(true) else {
            unreachable!("it was waited for");
        };
        assert_eq!(made, 7);
        assert!(ended.load(Ordering::Relaxed), "the thread is still there");
    }
}
