//! kameo: an actor has handlers for types of messages, which it is told.

use kameo::actor::{ActorRef, Spawn};
use kameo::error::Infallible;
use kameo::mailbox;
use kameo::message::{Context, Message};
use kay_bench::suite::{Contender, Kind};
use tokio::runtime::Runtime;

use crate::framework::{Actor, Framework};
use crate::{tokio_tasks, work};

/// Actors of kameo.
pub const CONTENDER: Contender = Contender {
    name: "kameo",
    kind: Kind::Framework,
    threaded: true,
    prepare: work::prepare::<Kameo>,
};

/// kameo on tokio.
struct Kameo {
    runtime: Runtime,
}

struct Behaviour<A>(A);

impl<A: Actor<Kameo>> kameo::Actor for Behaviour<A> {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(behaviour: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(behaviour)
    }
}

impl<A: Actor<Kameo>> Message<A::Message> for Behaviour<A> {
    type Reply = ();

    async fn handle(&mut self, message: A::Message, context: &mut Context<Self, ()>) {
        let me = || context.actor_ref().clone();
        if self.0.handle(message, me).is_break() {
            context.stop();
        }
    }
}

impl Framework for Kameo {
    type Address<A: Actor<Self>> = ActorRef<Behaviour<A>>;

    fn new(threads: usize) -> Self {
        Kameo {
            runtime: tokio_tasks::runtime(threads),
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// With an unbounded mailbox, since actors that send to each other in circles could wait for
    /// each other for ever at full ones.
    fn spawn<A: Actor<Self>>(actor: A) -> ActorRef<Behaviour<A>> {
        Behaviour::spawn_with_mailbox(Behaviour(actor), mailbox::unbounded())
    }

    #[inline]
    fn send<A: Actor<Self>>(to: &ActorRef<Behaviour<A>>, message: A::Message) {
        // One that has ended misses it.
        let _ = to.tell(message).try_send();
    }
}
