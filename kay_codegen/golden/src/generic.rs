//! A generic actor and a generic trait.

use kay_runtime::{Compact, World};

kay_auto!(generic);

/// Takes things.
pub trait Sink<T: Compact> {
    /// Takes one.
    fn take(&mut self, item: T, world: &mut World);
}

/// Holds things.
#[derive(Compact)]
pub struct Pool<T: Compact, const N: usize = 8> {
    id: PoolId<T, N>,
    items: [T; N],
}

impl<T: Compact + Ord, const N: usize> Pool<T, N> {
    /// Sorts them.
    pub fn tidy(&mut self, _: &mut World) {
        self.items.sort();
    }
}

impl<T: Compact, const N: usize> Sink<T> for Pool<T, N> {
    fn take(&mut self, item: T, _: &mut World) {
        let place = self.id.index() as usize % N;
        self.items[place] = item;
    }
}
