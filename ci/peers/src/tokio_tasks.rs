//! Tasks of tokio with `mpsc` channels: an actor is a task that receives messages in a loop.
//!
//! As in tokio's documentation and tutorial. The channels are unbounded, since actors that send to
//! each other in circles could wait for each other for ever at full ones.

use kay_bench::suite::{Contender, Kind};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::framework::{Actor, Framework};
use crate::work;

/// Tasks with channels.
pub const CONTENDER: Contender = Contender {
    name: "tokio",
    kind: Kind::Framework,
    threaded: true,
    prepare: work::prepare::<Tokio>,
};

/// A runtime.
struct Tokio {
    runtime: Runtime,
}

impl Framework for Tokio {
    type Address<A: Actor<Self>> = UnboundedSender<A::Message>;

    fn new(threads: usize) -> Self {
        Tokio {
            runtime: runtime(threads),
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn spawn<A: Actor<Self>>(actor: A) -> UnboundedSender<A::Message> {
        let (address, mailbox) = unbounded_channel();
        tokio::spawn(run(actor, mailbox, address.clone()));
        address
    }

    #[inline]
    fn send<A: Actor<Self>>(to: &UnboundedSender<A::Message>, message: A::Message) {
        // One that has ended misses it.
        let _ = to.send(message);
    }
}

/// A runtime as `#[tokio::main]` makes it, with so many threads for tasks.
pub fn runtime(threads: usize) -> Runtime {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().worker_threads(threads).build();
    runtime.expect("the operating system gives threads")
}

async fn run<A: Actor<Tokio>>(
    mut actor: A,
    mut mailbox: UnboundedReceiver<A::Message>,
    me: UnboundedSender<A::Message>,
) {
    while let Some(message) = mailbox.recv().await {
        if actor.handle(message, || me.clone()).is_break() {
            break;
        }
    }
}
