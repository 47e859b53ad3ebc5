//! Very many actors are made by actors, and told to end.

use std::ops::ControlFlow;
use std::sync::Arc;

use kay_bench::suite::{Prepared, Size};

use super::driver::shares;
use crate::framework::{Actor, Countdown, Framework, Host};

/// Has 32 bytes.
struct Mayfly {
    _position: f64,
    _speed: f64,
    _steps: u64,
    countdown: Arc<Countdown>,
}

/// What counts is that it is no more, whether it was told or not.
impl Drop for Mayfly {
    fn drop(&mut self) {
        self.countdown.done();
    }
}

struct End;

impl<F: Framework> Actor<F> for Mayfly {
    type Message = End;

    fn handle(&mut self, _: End, _: impl Fn() -> F::Address<Self>) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

struct Breeder<F: Framework> {
    flies: Vec<F::Address<Mayfly>>,
    countdown: Arc<Countdown>,
}

/// So many.
struct Breed(usize);

impl<F: Framework> Actor<F> for Breeder<F> {
    type Message = Breed;

    fn handle(&mut self, Breed(count): Breed, _: impl Fn() -> F::Address<Self>) -> ControlFlow<()> {
        self.countdown.begin(count);
        for _ in 0..count {
            self.flies.push(F::spawn(Mayfly {
                _position: 0.0,
                _speed: 1.0,
                _steps: 0,
                countdown: self.countdown.clone(),
            }));
        }
        for fly in self.flies.drain(..) {
            F::send(&fly, End);
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let breeders: Vec<_> = host.prepare(|framework| {
        let breeder = |(place, share)| {
            let countdown = Arc::new(host.countdown());
            let flies = Vec::new();
            (
                framework.spawn_at(place, Breeder::<F> { flies, countdown }),
                ExactSizeIterator::len(&share),
            )
        };
        shares(size.many(), size).map(breeder).collect()
    });
    let portion = move |host: &mut Host<F>| {
        host.portion(breeders.len(), || {
            for (breeder, share) in &breeders {
                F::send(breeder, Breed(*share));
            }
        })
    };
    Prepared::new(host, portion, |host| host.total())
}
