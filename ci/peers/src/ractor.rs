//! ractor: an actor is a type without state, which is kept beside it; messages are cast.

use std::marker::PhantomData;

use kay_bench::suite::{Contender, Kind};
use ractor::{ActorProcessingErr, ActorRef, ActorRuntime};
use tokio::runtime::Runtime;

use crate::framework::{Actor, Framework};
use crate::{tokio_tasks, work};

/// Actors of ractor.
pub const CONTENDER: Contender = Contender {
    name: "ractor",
    kind: Kind::Framework,
    threaded: true,
    prepare: work::prepare::<Ractor>,
};

/// ractor on tokio.
struct Ractor {
    runtime: Runtime,
}

struct Behaviour<A>(PhantomData<A>);

impl<A: Actor<Ractor>> ractor::Actor for Behaviour<A> {
    type Msg = A::Message;
    type State = A;
    type Arguments = A;

    async fn pre_start(&self, _: ActorRef<A::Message>, actor: A) -> Result<A, ActorProcessingErr> {
        Ok(actor)
    }

    async fn handle(
        &self,
        myself: ActorRef<A::Message>,
        message: A::Message,
        state: &mut A,
    ) -> Result<(), ActorProcessingErr> {
        if state.handle(message, || myself.clone()).is_break() {
            myself.stop(None);
        }
        Ok(())
    }
}

impl Framework for Ractor {
    type Address<A: Actor<Self>> = ActorRef<A::Message>;

    fn new(threads: usize) -> Self {
        Ractor {
            runtime: tokio_tasks::runtime(threads),
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn spawn<A: Actor<Self>>(actor: A) -> ActorRef<A::Message> {
        let spawned = ActorRuntime::spawn_instant(None, Behaviour(PhantomData), actor);
        spawned.expect("it has no name that another one has").0
    }

    #[inline]
    fn send<A: Actor<Self>>(to: &ActorRef<A::Message>, message: A::Message) {
        // One that has ended misses it.
        let _ = to.cast(message);
    }
}
