//! What the frameworks on tokio have in common, so that the work of a row is written once for all.
//!
//! Each call here is one call of the framework and is inlined: what is measured is the framework.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

/// An actor framework.
pub trait Framework: Sized + 'static {
    /// How an actor is reached.
    type Address<A: Actor<Self>>: Clone + Send + Sync + Unpin + 'static;

    /// The framework, with so many threads for actors to run on.
    fn new(threads: usize) -> Self;

    /// Lets actors run until `future` is ready.
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;

    /// Makes an actor, from within an actor or [`block_on`](Self::block_on).
    fn spawn<A: Actor<Self>>(actor: A) -> Self::Address<A>;

    /// Makes an actor where those of the same place are, if the framework never moves an actor to
    /// another thread; places are spread over threads in turn.
    fn spawn_at<A: Actor<Self>>(&self, _place: usize, actor: A) -> Self::Address<A> {
        Self::spawn(actor)
    }

    /// Sends a message and expects no answer.
    ///
    /// Apart from the first one ever, messages may be handled in another order than that in which
    /// they were sent: those of xtra are, since its mailbox is a heap.
    fn send<A: Actor<Self>>(to: &Self::Address<A>, message: A::Message);
}

/// What an actor does, whichever framework runs it.
pub trait Actor<F: Framework>: Send + Sync + Unpin + Sized + 'static {
    /// What it is told.
    type Message: Send + 'static;

    /// Handles a message; `me` gives the actor's own address. The actor ends with a `Break`.
    fn handle(
        &mut self,
        message: Self::Message,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()>;
}

/// The side of a benchmark that waits until its actors have done a portion.
pub struct Host<F> {
    /// What runs the actors.
    pub framework: F,
    threads: usize,
    report: mpsc::UnboundedSender<u64>,
    reports: mpsc::UnboundedReceiver<u64>,
    total: u64,
}

impl<F: Framework> Host<F> {
    /// A host for actors that run on so many threads.
    pub fn new(threads: usize) -> Self {
        let (report, reports) = mpsc::unbounded_channel();
        Host {
            framework: F::new(threads),
            threads,
            report,
            reports,
            total: 0,
        }
    }

    /// For actors that know themselves when a portion is over.
    pub fn report(&self) -> Report {
        Report(self.report.clone())
    }

    /// For actors that know only together when a portion is over.
    pub fn countdown(&self) -> Countdown {
        Countdown {
            left: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            alone: self.threads == 1,
            report: self.report(),
        }
    }

    /// Makes actors.
    pub fn prepare<T>(&self, make: impl FnOnce(&F) -> T) -> T {
        self.framework.block_on(async { make(&self.framework) })
    }

    /// What was done since the beginning, as reported.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Starts something and waits for so many reports.
    pub fn portion(&mut self, reports: usize, start: impl FnOnce()) {
        let (inbox, total) = (&mut self.reports, &mut self.total);
        self.framework.block_on(async {
            start();
            for _ in 0..reports {
                *total += inbox.recv().await.expect("the host keeps a sender");
            }
        });
    }
}

/// Tells the host that a portion, or a part of it, is over.
#[derive(Clone)]
pub struct Report(mpsc::UnboundedSender<u64>);

impl Report {
    /// So much was done.
    pub fn send(&self, done: u64) {
        self.0.send(done).expect("the host waits");
    }
}

/// Counts down what is left to be done where no actor can know what comes last.
///
/// There is one for each driver's share of the work, so that threads seldom meet at it. On one
/// thread it does without atomic additions. So it adds a nanosecond or a few to what it counts.
#[repr(align(128))]
pub struct Countdown {
    left: AtomicUsize,
    begun: AtomicUsize,
    alone: bool,
    report: Report,
}

impl Countdown {
    /// So much is to be done, and none of it has begun.
    pub fn begin(&self, count: usize) {
        self.begun.store(count, Ordering::Relaxed);
        self.left.store(count, Ordering::Release);
    }

    /// One of it is done.
    #[inline]
    pub fn done(&self) {
        let left = if self.alone {
            let left = self.left.load(Ordering::Relaxed);
            self.left.store(left - 1, Ordering::Relaxed);
            left
        } else {
            self.left.fetch_sub(1, Ordering::AcqRel)
        };
        if left == 1 {
            self.report.send(self.begun.load(Ordering::Relaxed) as u64);
        }
    }
}
