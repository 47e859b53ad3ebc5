//! What the frameworks on tokio have in common, so that the work of a row is written once for all.
//!
//! Each call here is one call of the framework and is inlined: what is measured is the framework.

use std::ops::ControlFlow;
use std::sync::Arc;
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

    /// Makes an actor. Where a framework does not move actors between threads, actors of the same
    /// (large) place share one.
    ///
    /// Called by actors, or within [`block_on`](Self::block_on).
    fn spawn<A: Actor<Self>>(place: usize, actor: A) -> Self::Address<A>;

    /// Sends a message and expects no answer.
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
    pub fn countdown(&self) -> Arc<Countdown> {
        Arc::new(Countdown {
            left: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            alone: self.threads == 1,
            report: self.report(),
        })
    }

    /// Makes actors.
    pub fn prepare<T>(&self, make: impl FnOnce() -> T) -> T {
        self.framework.block_on(async { make() })
    }

    /// Starts something, waits for so many reports, and returns the sum of all since the beginning.
    pub fn portion(&mut self, reports: usize, start: impl FnOnce()) -> u64 {
        let (inbox, total) = (&mut self.reports, &mut self.total);
        self.framework.block_on(async {
            start();
            for _ in 0..reports {
                *total += inbox.recv().await.expect("the host keeps a sender");
            }
        });
        self.total
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

/// Counts messages where no actor can know which one is the last.
///
/// There is one for each driver's share of the actors, so that threads seldom meet at it. On one
/// thread it does without atomic additions.
#[repr(align(128))]
pub struct Countdown {
    left: AtomicUsize,
    begun: AtomicUsize,
    alone: bool,
    report: Report,
}

impl Countdown {
    /// So many messages are to come, none of which was sent yet.
    pub fn begin(&self, messages: usize) {
        self.begun.store(messages, Ordering::Relaxed);
        self.left.store(messages, Ordering::Release);
    }

    /// One was handled.
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
