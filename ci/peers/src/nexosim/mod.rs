//! NeXosim: a framework for discrete-event simulation, whose models are actors.
//!
//! Models talk through ports that are connected before the simulation begins. Whom a model talks
//! to by chance (random answer, PHOLD) could be any of a million: there it uses what a simulator
//! has for that, an event scheduled for another model, by the identity of an event source.

mod many;
mod savina;

use kay_bench::suite::{Contender, Kind, Prepared, Row, Size};
use nexosim::model::{Model, ProtoModel};
use nexosim::ports::{EventSource, QuerySource, Requestor};
use nexosim::simulation::{EventId, Mailbox, QueryId, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// NeXosim.
pub const CONTENDER: Contender = Contender {
    name: "nexosim",
    kind: Kind::Framework,
    threaded: true,
    prepare,
};

fn prepare(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::PingPong => savina::ring(2, size),
        Row::ThreadRing => savina::ring(size.ring(), size),
        Row::Counting => savina::counting(size),
        Row::ForkJoin => savina::fork_join(size),
        Row::Big => savina::big(size),
        Row::Chameneos => savina::chameneos(size),
        Row::Bank => savina::bank(size),
        Row::AddressOrder => many::address_order(size),
        Row::Broadcast => many::broadcast(size),
        Row::RandomAnswer(count @ 10_000) => many::random_answer(count, size),
        // The scheduler is no way to send millions of messages at once: it takes microseconds for
        // each, so that a table would take many minutes.
        Row::RandomAnswer(_) => None,
        Row::Phold => many::phold(size),
        // Models are made before the simulation begins, and end with it.
        Row::SpawnAndDrop => None,
        Row::Resident => many::resident(size),
    }
}

/// A simulation that is being assembled.
struct Bench {
    init: Option<SimInit>,
    models: usize,
    census: Census,
}

impl Bench {
    fn new(size: Size) -> Bench {
        Bench {
            init: Some(SimInit::with_num_threads(size.threads)),
            models: 0,
            census: Census::default(),
        }
    }

    fn add<P: ProtoModel>(&mut self, model: P, mailbox: Mailbox<P::Model>) {
        let name = self.models.to_string();
        let init = self.init.take().expect("it is here between calls");
        self.init = Some(init.add_model(model, mailbox, &name));
        self.models += 1;
    }

    /// Makes a source of events, by which the host begins them.
    fn register<T>(&mut self, source: EventSource<T>) -> EventId<T>
    where
        T: Serialize + DeserializeOwned + Clone + Send + 'static,
    {
        source.register(self.init.as_mut().expect("it is here between calls"))
    }

    fn begin(mut self) -> Running {
        let mailbox = Mailbox::new();
        let count = QuerySource::new().connect(Census::count, &mailbox);
        let mut init = self.init.take().expect("it is here between calls");
        let count = count.register(&mut init);
        let init = init.add_model(self.census, mailbox, "census");
        let simulation = init.init(MonotonicTime::EPOCH);
        let simulation = simulation.expect("all models are connected");
        Running { simulation, count }
    }
}

/// Asks all who know a part of the number that a row defines.
#[derive(Default, Serialize, Deserialize)]
struct Census {
    parts: Requestor<(), u64>,
}

#[Model]
impl Census {
    async fn count(&mut self) -> u64 {
        self.parts.send(()).await.sum()
    }
}

/// A simulation.
struct Running {
    simulation: Simulation,
    count: QueryId<(), u64>,
}

impl Running {
    /// Lets an event happen now, and all that follows from it without a delay.
    fn process<T>(&mut self, event: &EventId<T>, arg: T)
    where
        T: Serialize + DeserializeOwned + Clone + Send + 'static,
    {
        let processed = self.simulation.process_event(event, arg);
        processed.expect("models neither panic nor wait for each other");
    }

    /// The number that the row defines.
    fn number(&mut self) -> u64 {
        let number = self.simulation.process_query(&self.count, ());
        number.expect("all answer")
    }
}
