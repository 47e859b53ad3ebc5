//! Work that turns do not wait for.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{self, JoinHandle};

/// What a thread works on that has what turns leave of the cores.
pub(super) struct Background<T> {
    /// What it has made, as soon as it has. The thread may end later: who joined it would wait for one that
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

    /// What has been made, if it has, or when it has.
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
            Ok(made) => Ok(made),
            Err(TryRecvError::Empty) => Err(self),
            Err(TryRecvError::Disconnected) => match self.thread.join() {
                Ok(()) => unreachable!("a thread that ends has sent what it has made"),
                Err(panic) => resume_unwind(panic),
            },
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
