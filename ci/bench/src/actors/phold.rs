//! Logical processes with events that lead to others.

use std::sync::Arc;

use kay_runtime::{CVec, Compact, External, World};

use crate::suite::Event;

kay_runtime::kay_auto!(actors::phold);

/// A logical process.
///
/// What an event leads to happens a unit of time (the lookahead) later at the earliest. So all
/// events within one unit can be handled once what was sent before has arrived: in one turn,
/// they are handled, in the next one, what they led to arrives.
#[derive(Compact)]
pub struct Process {
    id: ProcessId,
    number: u32,
    /// How many events were handled.
    pub handled: u32,
    /// The last one is the next to happen.
    events: CVec<Event>,
    /// All processes, by number: a table that all share, since it never changes.
    all: External<Arc<[ProcessId]>>,
}

impl Process {
    /// A process without events, that knows nobody.
    pub fn spawn(id: ProcessId, number: u32, _: &mut World) -> Process {
        Process {
            id,
            number,
            handled: 0,
            events: CVec::new(),
            all: External::empty(),
        }
    }

    /// Gets to know everybody.
    pub fn meet(&mut self, all: External<Arc<[ProcessId]>>, _: &mut World) {
        self.all = all;
    }

    /// An event will happen.
    pub fn event(&mut self, event: Event, _: &mut World) {
        let later = |other: &Event| other.time > event.time;
        let at = self.events.partition_point(later);
        self.events.insert(at, event);
    }

    /// Handles the events before this time.
    pub fn advance(&mut self, until: f64, world: &mut World) {
        let Some(all) = self.all.get() else {
            return;
        };
        while let Some(&event) = self.events.last()
            && event.time < until
        {
            self.events.pop();
            self.handled += 1;
            let (to, event) = event.lead(self.number as usize, all.len());
            all[to].event(event, world);
        }
    }
}
