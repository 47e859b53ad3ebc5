//! More types and messages than fit into small numbers.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!();

/// One of many types of actors, each with four messages of its own.
#[derive(Compact)]
pub struct Many<const N: usize> {
    id: ManyId<N>,
    sum: usize,
}

impl<const N: usize> Many<N> {
    /// Makes one.
    pub fn spawn(id: ManyId<N>, _: &mut World) -> Self {
        Self { id, sum: 0 }
    }

    /// A message.
    pub fn one(&mut self, _: &mut World) {
        self.sum += N;
    }

    /// Another.
    pub fn two(&mut self, by: u32, _: &mut World) {
        self.sum += N * by as usize;
    }

    /// Another.
    pub fn three(&mut self, of: ManyId<N>, _: &mut World) {
        self.sum += usize::from(of == self.id);
    }
}

/// Something that all of them are.
pub trait Countable {
    /// The fourth message.
    fn count(&mut self, world: &mut World);
}

impl<const N: usize> Countable for Many<N> {
    fn count(&mut self, _: &mut World) {
        self.sum += 10_000;
    }
}

#[cfg(test)]
mod tests {
    use super::{CountableId, Many, ManyId};
    use crate::support::{settle, system_with};

    macro_rules! each {
        ($run:ident, $($tens:literal)*) => { $( each!(@ $run, $tens; 0 1 2 3 4 5 6 7 8 9); )* };
        (@ $run:ident, $tens:literal; $($ones:literal)*) => { $( $run!({ $tens * 10 + $ones }); )* };
    }

    #[test]
    fn more_than_64_types_and_256_messages() {
        let mut system = system_with(|registry| {
            macro_rules! register {
                ($n:tt) => {
                    registry.register::<Many<$n>>()
                };
            }
            each!(register, 0 1 2 3 4 5 6 7 8 9);
        });
        let world = system.world();
        let mut ids: Vec<CountableId> = Vec::new();
        macro_rules! tell {
            ($n:tt) => {
                let id = ManyId::<$n>::spawn(world);
                id.one(world);
                id.two(2, world);
                id.three(id, world);
                ids.push(id.into());
            };
        }
        each!(tell, 0 1 2 3 4 5 6 7 8 9);
        settle(&mut system);
        let world = system.world();
        CountableId::local_broadcast(world).count(world);
        settle(&mut system);
        assert_eq!(ids.len(), 100);
        macro_rules! check {
            ($n:tt) => {
                let all: Vec<usize> = system.instances::<Many<$n>>().map(|(_, m)| m.sum).collect();
                assert_eq!(all, [3 * $n + 1 + 10_000]);
            };
        }
        each!(check, 0 1 2 3 4 5 6 7 8 9);
    }
}
