//! What is lent and what is moved, told to one and to many.

use kay_runtime::portable::{ReadError, Reader, Writer};
use kay_runtime::{CVec, Compact, Fate, World};
use std::fmt;
use std::hash::Hasher;

kay_runtime::kay_auto!();

/// Counts how often it was duplicated on its way. What owns nothing may be copied freely, so it
/// owns something.
pub struct Traveller {
    copies: u32,
    luggage: CVec<u8>,
}

impl Compact for Traveller {
    const NAME_HASH: u64 = kay_runtime::fingerprint("kay_shapes::lent::Traveller");

    fn duplicate(&self) -> Self {
        Self {
            copies: self.copies + 1,
            luggage: self.luggage.clone(),
        }
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        self.copies.hash_state(hasher);
        self.luggage.hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} copies", self.copies)
    }

    fn write(&self, to: &mut Writer) {
        self.copies.write(to);
        self.luggage.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            copies: u32::read(from)?,
            luggage: CVec::read(from)?,
        })
    }
}

/// Notes what reached it.
#[derive(Compact)]
pub struct Receiver {
    id: ReceiverId,
    lent: Option<u32>,
    moved: Option<Traveller>,
}

impl Receiver {
    /// Makes one; spawners are lent things too.
    pub fn spawn(id: ReceiverId, lent: &Traveller, _: &mut World) -> Self {
        Self {
            id,
            lent: Some(lent.copies),
            moved: None,
        }
    }

    /// Is lent one, and given another.
    pub fn both(&mut self, lent: &Traveller, moved: Traveller, _: &mut World) -> Fate {
        self.lent = Some(lent.copies);
        self.moved = Some(moved);
        Fate::Live
    }
}

#[cfg(test)]
mod tests {
    use super::{CVec, Receiver, ReceiverId, Traveller};
    use crate::support::{settle, system};

    fn fresh() -> Traveller {
        Traveller {
            copies: 0,
            luggage: CVec::new(),
        }
    }

    fn seen(receiver: &Receiver) -> (u32, u32) {
        (
            receiver.lent.unwrap(),
            receiver.moved.as_ref().unwrap().copies,
        )
    }

    #[test]
    fn nothing_is_copied_on_the_way_to_one() {
        let mut system = system();
        let world = system.world();
        let receiver = ReceiverId::spawn(fresh(), world);
        settle(&mut system);
        assert_eq!(system.get::<Receiver>(receiver).unwrap().lent, Some(0));
        receiver.both(fresh(), fresh(), system.world());
        settle(&mut system);
        assert_eq!(seen(system.get::<Receiver>(receiver).unwrap()), (0, 0));
    }

    #[test]
    fn only_what_is_moved_is_copied_for_each_of_many() {
        let mut system = system();
        let world = system.world();
        let receivers: Vec<_> = (0..20).map(|_| ReceiverId::spawn(fresh(), world)).collect();
        settle(&mut system);
        let world = system.world();
        ReceiverId::local_broadcast(world).both(fresh(), fresh(), world);
        settle(&mut system);
        let all: Vec<(u32, u32)> = receivers
            .iter()
            .map(|id| seen(system.get::<Receiver>(*id).unwrap()))
            .collect();
        // The message itself may be copied once for each shard, but what it lends is the same for
        // all receivers there, and what it moves is copied once more for each of them.
        assert!(
            all.iter().all(|(lent, moved)| *moved == lent + 1),
            "{all:?}"
        );
    }
}
