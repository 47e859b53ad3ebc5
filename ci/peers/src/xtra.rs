//! xtra: an actor has handlers for types of messages; whoever sends one need not wait.

use futures::FutureExt;
use kay_bench::suite::{Contender, Kind};
use tokio::runtime::Runtime;
use xtra::{Address, Context, Handler, Mailbox};

use crate::framework::{Actor, Framework};
use crate::{tokio_tasks, work};

/// Actors of xtra.
pub const CONTENDER: Contender = Contender {
    name: "xtra",
    kind: Kind::Framework,
    threaded: true,
    prepare: work::prepare::<Xtra>,
};

/// xtra on tokio.
struct Xtra {
    runtime: Runtime,
}

struct Behaviour<A>(A);

impl<A: Actor<Xtra>> xtra::Actor for Behaviour<A> {
    type Stop = ();

    async fn stopped(self) {}
}

impl<A: Actor<Xtra>> Handler<A::Message> for Behaviour<A> {
    type Return = ();

    async fn handle(&mut self, message: A::Message, context: &mut Context<Self>) {
        let me = || {
            let address = context.mailbox().address().try_upgrade();
            address.expect("others have its address")
        };
        if self.0.handle(message, me).is_break() {
            context.stop_self();
        }
    }
}

impl Framework for Xtra {
    type Address<A: Actor<Self>> = Address<Behaviour<A>>;

    fn new(threads: usize) -> Self {
        Xtra {
            runtime: tokio_tasks::runtime(threads),
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// With an unbounded mailbox, since actors that send to each other in circles could wait for
    /// each other for ever at full ones.
    fn spawn<A: Actor<Self>>(actor: A) -> Address<Behaviour<A>> {
        xtra::spawn_tokio(Behaviour(actor), Mailbox::unbounded())
    }

    #[inline]
    fn send<A: Actor<Self>>(to: &Address<Behaviour<A>>, message: A::Message) {
        // There is always room, so it is sent at once, as in xtra's own benchmark. One that has
        // ended misses it.
        let _ = to.send(message).detach().now_or_never();
    }
}
