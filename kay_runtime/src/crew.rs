//! The threads of a system.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

use crossbeam_queue::ArrayQueue;

use crate::outbox::Outbox;
use crate::panic::discard;

/// How often a thread looks for work before it goes to sleep: some ten microseconds, about as
/// long as waking it would take.
const SPINS: usize = 4000;

/// Threads that work off boxes of `T`, each box by one of them.
///
/// Boxes change owners: who holds one can use it freely, without locks, and between two rounds
/// the caller holds them all.
pub(crate) struct Crew<T> {
    common: Arc<Common<T>>,
    threads: Vec<JoinHandle<()>>,
    /// The calling thread works too.
    outbox: Box<Outbox>,
}

/// What a crew does with each box, with the outbox of the thread.
pub(crate) type Work<T> = fn(&mut T, u64, &mut Box<Outbox>);

/// What one thread writes while others do not, in cache lines of its own; processors fetch two at
/// a time.
#[repr(align(128))]
struct Apart<V>(V);

struct Common<T> {
    /// Boxes to be worked off, by thread.
    hands: Vec<ArrayQueue<Box<T>>>,
    /// Boxes that are done, by thread.
    done: Vec<Apart<Mutex<Vec<Box<T>>>>>,
    /// Boxes of this round that are not done.
    left: Apart<AtomicUsize>,
    /// Counts the rounds, so that a thread knows a new one.
    round: AtomicUsize,
    /// Whether a thread that has nothing left may take from the others.
    steal: AtomicBool,
    stop: AtomicBool,
    turn: AtomicU64,
    work: Work<T>,
    /// How often to look before going to sleep.
    spins: usize,
    /// The thread that waits for the round to end.
    caller: Mutex<Option<Thread>>,
    /// A panic of `work`, which is ours, not a handler's.
    failure: Mutex<Option<Box<dyn Any + Send>>>,
}

impl<T: Send + 'static> Crew<T> {
    /// A crew of `threads`, the calling one included, for rounds of at most `most` boxes. Each
    /// thread gets an outbox.
    pub(crate) fn new(
        threads: usize,
        most: usize,
        outbox: impl Fn() -> Box<Outbox>,
        work: Work<T>,
    ) -> Result<Self, (usize, io::Error)> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let common = Arc::new(Common {
            hands: (0..threads).map(|_| ArrayQueue::new(most)).collect(),
            done: (0..threads)
                .map(|_| Apart(Mutex::new(Vec::with_capacity(most))))
                .collect(),
            left: Apart(AtomicUsize::new(0)),
            round: AtomicUsize::new(0),
            steal: AtomicBool::new(true),
            stop: AtomicBool::new(false),
            turn: AtomicU64::new(0),
            work,
            // With fewer cores than threads, who spins keeps others from working.
            spins: if threads <= cores { SPINS } else { 0 },
            caller: Mutex::new(None),
            failure: Mutex::new(None),
        });
        let mut crew = Crew {
            common,
            threads: Vec::new(),
            outbox: outbox(),
        };
        for number in 1..threads {
            let (common, outbox) = (Arc::clone(&crew.common), outbox());
            let thread = thread::Builder::new()
                .name(format!("kay {number}"))
                .spawn(move || common.serve(number, outbox))
                .map_err(|error| (number, error))?;
            crew.threads.push(thread);
        }
        Ok(crew)
    }

    /// The number of threads.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len() + 1
    }

    /// The calling thread's outbox, which is empty between turns.
    pub(crate) fn outbox(&mut self) -> &mut Box<Outbox> {
        &mut self.outbox
    }

    /// Lets the crew work off `boxes`, each first offered to the thread that it comes with, and
    /// gives them back in any order.
    pub(crate) fn round(
        &mut self,
        turn: u64,
        boxes: Vec<(usize, Box<T>)>,
        steal: bool,
        mut give_back: impl FnMut(Box<T>),
    ) {
        let common = &self.common;
        *common
            .caller
            .lock()
            .expect("no thread panics with this lock") = Some(thread::current());
        common.left.0.store(boxes.len(), Ordering::Relaxed);
        common.steal.store(steal, Ordering::Relaxed);
        common.turn.store(turn, Ordering::Relaxed);
        // Pushing and popping a box orders all that was written before, the lines above included.
        for (thread, item) in boxes {
            let hand = &common.hands[thread % common.hands.len()];
            if hand.push(item).is_err() {
                unreachable!("a hand has room for all boxes of a round");
            }
        }
        common.round.fetch_add(1, Ordering::Release);
        for thread in &self.threads {
            thread.thread().unpark();
        }
        common.work_off(0, &mut self.outbox);
        common.wait_until(|| common.left.0.load(Ordering::Acquire) == 0);
        for Apart(done) in &common.done {
            let mut done = done.lock().expect("no thread panics with this lock");
            done.drain(..).for_each(&mut give_back);
        }
        let failure = common
            .failure
            .lock()
            .expect("no thread panics with this lock")
            .take();
        if let Some(failure) = failure {
            resume_unwind(failure);
        }
    }
}

impl<T> Common<T> {
    /// The life of a thread.
    fn serve(&self, number: usize, mut outbox: Box<Outbox>) {
        let mut seen = 0;
        loop {
            self.wait_until(|| {
                self.stop.load(Ordering::Acquire) || self.round.load(Ordering::Acquire) != seen
            });
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            seen = self.round.load(Ordering::Acquire);
            self.work_off(number, &mut outbox);
        }
    }

    fn wait_until(&self, ready: impl Fn() -> bool) {
        for _ in 0..self.spins {
            if ready() {
                return;
            }
            std::hint::spin_loop();
        }
        while !ready() {
            thread::park();
        }
    }

    fn next(&self, number: usize) -> Option<Box<T>> {
        let own = self.hands[number].pop();
        if own.is_some() || !self.steal.load(Ordering::Relaxed) {
            return own;
        }
        let others = (1..self.hands.len()).map(|step| (number + step) % self.hands.len());
        others.into_iter().find_map(|other| self.hands[other].pop())
    }

    /// Works off boxes until there are none left; then says so, and publishes what was sent.
    fn work_off(&self, number: usize, outbox: &mut Box<Outbox>) {
        let Some(mut item) = self.next(number) else {
            return;
        };
        // Read behind the first box, whose way here orders it. No other round begins before
        // this thread has said that it is done.
        let turn = self.turn.load(Ordering::Relaxed);
        let done = self.done[number].0.lock();
        let mut done = done.expect("no thread panics with this lock");
        // A thread that wakes late may get a box of the next round before that has begun, and
        // comes here twice in one round: what it has counted must not be counted again.
        let before = done.len();
        loop {
            let result = catch_unwind(AssertUnwindSafe(|| (self.work)(&mut item, turn, outbox)));
            if let Err(failure) = result {
                self.note_failure(failure);
            }
            done.push(item);
            match self.next(number) {
                Some(next) => item = next,
                None => break,
            }
        }
        let count = done.len() - before;
        drop(done);
        outbox.publish(turn + 1);
        if self.left.0.fetch_sub(count, Ordering::AcqRel) == count {
            let caller = self.caller.lock().expect("no thread panics with this lock");
            if let Some(caller) = &*caller {
                caller.unpark();
            }
        }
    }

    /// Keeps the first panic of a round.
    #[cold]
    fn note_failure(&self, failure: Box<dyn Any + Send>) {
        let mut first = self
            .failure
            .lock()
            .expect("no thread panics with this lock");
        if first.is_none() {
            *first = Some(failure);
        } else {
            drop(first);
            discard(failure);
        }
    }
}

impl<T> Drop for Crew<T> {
    fn drop(&mut self) {
        self.common.stop.store(true, Ordering::Release);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A thread ends without a result; what went wrong in it was reported by `round`.
            let _ = thread.join();
        }
    }
}

impl<T> std::fmt::Debug for Crew<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crew")
            .field("threads", &(self.threads.len() + 1))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use chunky::{Depot, Heap};

    use super::*;
    use crate::mailbox::Mailbox;
    use crate::outbox::Mailboxes;
    use crate::registry::Registry;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            resume_unwind(Box::new("dropped"));
        }
    }

    fn outbox() -> Box<Outbox> {
        let registry = Registry::new().finish().unwrap();
        let depot = Depot::new(Arc::new(Heap), registry.kinds());
        let mailboxes: Mailboxes = [Mailbox::new()].into();
        Outbox::new(&registry, &mailboxes, &depot)
    }

    /// Fact: the second one let the first one go while it had the lock, and no thread came that far again.
    #[test]
    fn of_several_panics_in_a_round_the_first_goes_on_and_the_others_do_no_harm() {
        let (done, wait) = channel();
        thread::spawn(move || {
            let work = |_: &mut usize, _, _: &mut _| resume_unwind(Box::new(Bomb));
            let mut crew = Crew::new(2, 8, outbox, work).unwrap();
            for turn in 1..4 {
                let boxes = (0..8).map(|number| (number, Box::new(number))).collect();
                let mut back = 0;
                let round = || crew.round(turn, boxes, true, |_| back += 1);
                let failure = catch_unwind(AssertUnwindSafe(round)).unwrap_err();
                let is_bomb = failure.is::<Bomb>();
                discard(failure);
                done.send((is_bomb, back)).unwrap();
            }
        });
        for _ in 1..4 {
            let round = wait.recv_timeout(Duration::from_secs(60));
            assert_eq!(round, Ok((true, 8)));
        }
    }
}
