//! actix: an actor has handlers for types of messages, and stays on the arbiter, a thread, where it
//! was started.

use actix::prelude::*;
use actix::{Arbiter, SystemRunner};
use kay_bench::suite::{Contender, Kind};

use crate::framework::{self, Framework};
use crate::work;

/// Actors of actix.
pub const CONTENDER: Contender = Contender {
    name: "actix",
    kind: Kind::Framework,
    threaded: true,
    prepare: work::prepare::<Actix>,
};

/// A system with its own arbiter, on the calling thread, and others.
struct Actix {
    system: SystemRunner,
    others: Vec<Arbiter>,
}

struct Behaviour<A>(A);

struct Letter<M>(M);

impl<M: 'static> Message for Letter<M> {
    type Result = ();
}

impl<A: framework::Actor<Actix>> Actor for Behaviour<A> {
    type Context = Context<Self>;
}

impl<A: framework::Actor<Actix>> Handler<Letter<A::Message>> for Behaviour<A> {
    type Result = ();

    fn handle(&mut self, Letter(message): Letter<A::Message>, context: &mut Context<Self>) {
        if self.0.handle(message, || context.address()).is_break() {
            context.stop();
        }
    }
}

impl Framework for Actix {
    type Address<A: framework::Actor<Self>> = Addr<Behaviour<A>>;

    fn new(threads: usize) -> Self {
        let system = System::new();
        let others = system.block_on(async { (1..threads).map(|_| Arbiter::new()).collect() });
        Actix { system, others }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.system.block_on(future)
    }

    fn spawn<A: framework::Actor<Self>>(actor: A) -> Addr<Behaviour<A>> {
        Behaviour(actor).start()
    }

    fn spawn_at<A: framework::Actor<Self>>(&self, place: usize, actor: A) -> Addr<Behaviour<A>> {
        match place % (self.others.len() + 1) {
            0 => Self::spawn(actor),
            other => {
                let arbiter = self.others[other - 1].handle();
                Behaviour::start_in_arbiter(&arbiter, |_| Behaviour(actor))
            }
        }
    }

    #[inline]
    fn send<A: framework::Actor<Self>>(to: &Addr<Behaviour<A>>, message: A::Message) {
        to.do_send(Letter(message));
    }
}

impl Drop for Actix {
    fn drop(&mut self) {
        for arbiter in self.others.drain(..) {
            arbiter.stop();
            arbiter.join().expect("no actor panics");
        }
    }
}
