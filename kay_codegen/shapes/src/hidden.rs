//! Names that everyone else takes for granted mean something else here, or nothing.
#![no_implicit_prelude]
#![allow(unused_macros)]

use ::kay_runtime::{Compact, World};

macro_rules! not_the_usual {
    ($($name:ident)*) => {
        $(macro_rules! $name { ($any:tt) => { ::core::compile_error!("not the usual one"); }; })*
    };
}

not_the_usual! { cfg concat env include module_path stringify }

::kay_runtime::kay_auto!();

/// Counts.
#[derive(Compact)]
pub struct Counter {
    id: CounterId,
    count: u32,
}

impl Counter {
    /// Makes one.
    pub fn spawn(id: CounterId, count: u32, _: &mut World) -> Self {
        Self { id, count }
    }

    /// Is essential on one side.
    #[cfg_attr(feature = "right", ::kay_runtime::essential)]
    pub fn add(&mut self, by: u32, _: &mut World) {
        self.count += by;
    }
}

/// Something that can be told to begin anew.
pub trait Renewed {
    /// Begins anew.
    fn renew(&mut self, _: &mut World);
}

impl Renewed for Counter {
    fn renew(&mut self, _: &mut World) {
        self.count = self.id.index();
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, CounterId, RenewedId};
    use crate::support::{settle, system};
    use ::std::prelude::rust_2024::*;
    use ::std::{assert_eq, assert_ne};

    #[test]
    fn generated_code_takes_nothing_for_granted() {
        let mut system = system();
        let counter = CounterId::spawn(40, system.world());
        counter.add(2, system.world());
        settle(&mut system);
        assert_eq!(system.get::<Counter>(counter).unwrap().count, 42);
        RenewedId::from(counter).renew(system.world());
        settle(&mut system);
        assert_ne!(system.get::<Counter>(counter).unwrap().count, 42);
    }
}
