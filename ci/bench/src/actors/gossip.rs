//! Actors that answer others who are as good as random.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!(actors::gossip);

/// Answers each message with one to someone else, who is as good as random.
#[derive(Compact)]
pub struct Gossip {
    id: GossipId,
    other: Option<GossipId>,
    /// How many messages came.
    pub heard: u64,
}

impl Gossip {
    /// A gossip who knows nobody.
    pub fn spawn(id: GossipId, _: &mut World) -> Gossip {
        Gossip {
            id,
            other: None,
            heard: 0,
        }
    }

    /// Meets somebody.
    pub fn meet(&mut self, other: GossipId, _: &mut World) {
        self.other = Some(other);
    }

    /// Tells the one it knows about itself, and knows the one it hears about from then on.
    pub fn tell(&mut self, about: GossipId, world: &mut World) {
        self.heard += 1;
        if let Some(other) = self.other.replace(about) {
            other.tell(self.id, world);
        }
    }
}
