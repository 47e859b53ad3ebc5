//! Stakker: actors of one thread, whose calls are closures in a flat queue.
//!
//! With its default features, which it recommends for speed. With these, a process may have one
//! `Stakker` at a time, always on the same thread.

mod many;
mod savina;

use std::time::Instant;

use kay_bench::suite::{Contender, Kind, Prepared, Row, Size};
use stakker::{Actor, ActorOwn, Stakker, actor_new, ret_nop};

/// Stakker.
pub const CONTENDER: Contender = Contender {
    name: "stakker",
    kind: Kind::Framework,
    threaded: false,
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
        Row::RandomAnswer(count) => many::random_answer(count, size),
        Row::Phold => many::phold(size),
        Row::SpawnAndDrop => many::spawn_and_drop(size),
        Row::Resident => many::resident(size),
    }
}

/// Actors of one type, those of another type who tell them what to do, and what runs all.
struct Troupe<T: 'static, L: 'static = T> {
    actors: Vec<ActorOwn<T>>,
    leaders: Vec<ActorOwn<L>>,
    stakker: Stakker,
}

impl<T, L> Troupe<T, L> {
    /// Actors that are not ready before each has got its `init` called.
    fn new(actors: usize, leaders: usize) -> Self {
        let mut stakker = Stakker::new(Instant::now());
        let mut actor = |_| actor_new!(stakker, T, ret_nop!());
        let actors = (0..actors).map(&mut actor).collect();
        let mut leader = |_| actor_new!(stakker, L, ret_nop!());
        let leaders = (0..leaders).map(&mut leader).collect();
        Troupe {
            actors,
            leaders,
            stakker,
        }
    }

    fn addresses(&self) -> Vec<Actor<T>> {
        self.actors.iter().map(|actor| (**actor).clone()).collect()
    }

    /// Runs until nobody has anything to do.
    fn run(&mut self) {
        let now = self.stakker.now();
        self.stakker.run(now, false);
    }

    /// A sum over all actors.
    fn sum(&mut self, of: fn(&T) -> u64) -> u64 {
        let Troupe {
            actors, stakker, ..
        } = self;
        let mut one = |actor: &ActorOwn<T>| actor.query(stakker, |this, _| of(this));
        actors
            .iter()
            .map(|actor| one(actor).expect("it lives"))
            .sum()
    }

    /// What the first leader knows.
    fn leader(&mut self, of: fn(&L) -> u64) -> u64 {
        let number = self.leaders[0].query(&mut self.stakker, |this, _| of(this));
        number.expect("it lives")
    }
}

impl<T, L> Drop for Troupe<T, L> {
    /// Lets all end while there is still something that runs them: they know each other, and
    /// would otherwise never be freed.
    fn drop(&mut self) {
        self.actors.clear();
        self.leaders.clear();
        self.run();
    }
}
